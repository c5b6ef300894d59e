//! E-mail through an external server with encryption and login, and none through a server with an untrusted certificate.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;

use crate::{
    client::Client,
    server::{Place, end, wait_until},
    skip,
};

/// Where Python finds aiosmtpd; the one in the path unless named.
const PYTHON: &str = "AIOSMTPD_PYTHON";

struct MailServer {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    ports: [u16; 2],
}

impl Drop for MailServer {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl MailServer {
    fn start(python: &str, certificate: &Path, key: &Path) -> Self {
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let ports = [free(), free()];
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/smtp.py");
        let mut command = Command::new(python);
        command.arg(script).args([certificate, key]).args(ports.map(|port| port.to_string()));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (lines, out) = (Arc::<Mutex<Vec<String>>>::default(), child.stdout.take().unwrap());
        let kept = Arc::clone(&lines);
        thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line));
        });
        let server = Self { child, lines, ports };
        wait_until("the mail server is ready", || !server.lines.lock().unwrap().is_empty());
        server
    }

    fn messages(&self) -> Vec<Value> {
        self.lines.lock().unwrap().iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

pub fn run() {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let has = |command: &mut Command| command.output().is_ok_and(|ran| ran.status.success());
    if !has(Command::new(&python).args(["-c", "import aiosmtpd"])) || !has(Command::new("openssl").arg("version")) {
        return skip("mail", &format!("{python} has no aiosmtpd, or there is no openssl"));
    }
    let mut place = Place::with_pairs();
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| place.folder.path().join(name));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
    openssl.args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]);
    assert!(has(openssl.arg("-out").arg(&certificate).arg("-keyout").arg(&key)));
    let mail = MailServer::start(&python, &certificate, &key);
    let secret = place.folder.path().join("password");
    std::io::Write::write_all(&mut File::create(&secret).unwrap(), b"a secret\n").unwrap();
    let settings = [
        ("TANDEM_MAIL_SERVER", "localhost"),
        ("TANDEM_MAIL_USERNAME", "tandem"),
        ("TANDEM_MAIL_PASSWORD_FILE", secret.to_str().unwrap()),
        ("TANDEM_MAIL_SENDER", "tandem@example.com"),
        ("TANDEM_ALERT_EMAILS", "[\"ana@example.com\"]"),
        ("TANDEM_INTEGRITY_AT", "off"),
    ];
    let own = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect::<Vec<_>>()
    };
    for (security, port) in ["starttls", "tls"].into_iter().zip(mail.ports) {
        let port = port.to_string();
        let here = [("TANDEM_MAIL_SECURITY", security), ("TANDEM_MAIL_PORT", port.as_str())];
        let trusted = [("SSL_CERT_FILE", certificate.to_str().unwrap())];
        place.settings = own(&[settings.as_slice(), &here].concat());
        let server = place.serve();
        Client::of(&server).press("/integrity/test/mail");
        wait_until("the certificate is refused", || Client::of(&server).get("/integrity").1.contains("retrying"));
        let before = mail.messages().len();
        server.stop();

        place.settings = own(&[settings.as_slice(), &here, &trusted].concat());
        let server = place.serve();
        Client::of(&server).press("/integrity/test/mail");
        wait_until("the mail arrives", || mail.messages().len() > before);
        let message = mail.messages().pop().unwrap();
        assert_eq!(message["to"], serde_json::json!(["ana@example.com"]));
        assert_eq!((&message["tls"], &message["login"]), (&Value::Bool(true), &Value::Bool(true)));
        assert!(message["text"].as_str().unwrap().contains("Subject: Tandem: a test"), "{message}");
        assert!(!server.log().contains("a secret"));
        server.stop();
        println!("mail: delivered with {security} and a login; an unknown certificate gets nothing");
    }
}
