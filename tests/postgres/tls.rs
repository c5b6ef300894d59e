//! Encrypted connections: the certificate is verified, with its name.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    cluster::Cluster,
    server::{Server, generate, run, wait_until},
};

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let output = output.expect("openssl is missing: install the package openssl");
    assert!(output.status.success(), "{output:?}");
}

/// A certificate for 127.0.0.1, signed by an authority in `ca.pem`.
fn certificates(folder: &Path) {
    openssl(folder, "req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 2 -keyout ca.key -out ca.pem");
    openssl(folder, "req -newkey rsa:2048 -nodes -subj /CN=database -keyout server.key -out server.csr");
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(
        folder,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
}

#[test]
fn an_encrypted_connection_is_made_and_its_certificate_and_name_are_verified() {
    let folder = TempDir::new().unwrap();
    certificates(folder.path());
    let cluster = Cluster::start("");
    cluster.encrypt(folder.path());
    let roots = folder.path().join("ca.pem").display().to_string();
    let encrypted = format!("{}?sslmode=verify-full&sslrootcert={roots}", cluster.url());

    generate(&encrypted, "encrypted", 5);
    let server = Server::start(&encrypted, "encrypted");
    let asked = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
        WHERE a.application_name = 'tandem'";
    wait_until("every connection is encrypted", 10, || cluster.sql(asked) == "t");
    assert_eq!(server.get("/health/ready").unwrap().0, 200);

    for (url, says) in [
        (format!("{}?sslmode=require", cluster.url()), "certificate"),
        (encrypted.replace("127.0.0.1", "localhost"), "certificate"),
        (format!("{}?sslmode=require&sslrootcert=/nowhere", cluster.url()), "/nowhere"),
        (format!("{}?sslmode=prefer", cluster.url()), "verify-full"),
    ] {
        let ran = run(&url, "encrypted", &["check"]);
        let error = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.code() == Some(2) && error.contains(says), "{url}: {error}");
        assert!(!error.contains("hidden"), "{error}");
    }
}
