//! Encrypted connections to the database server.
//!
//! The certificate of the server is always verified, with its name: a connection that anyone may answer protects nothing.

use std::{
    fs,
    future::Future,
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Socket,
    config::Host,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream},
};
use tokio_rustls::client;

const MODE: &str = "sslmode";
const ROOTS: &str = "sslrootcert";

/// What an address says about encryption.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    mode: Option<String>,
    /// A file with the certificates that are trusted; none for those of the system.
    roots: Option<String>,
}

/// Takes what is said about encryption out of an address.
///
/// # Errors
/// A sentence, without the address.
pub(super) fn split(url: &str) -> Result<(String, Wanted), String> {
    let Some((base, options)) = url.split_once('?') else { return Ok((url.to_owned(), Wanted::default())) };
    let (mut wanted, mut others) = (Wanted::default(), Vec::new());
    for option in options.split('&') {
        match option.split_once('=') {
            Some((MODE, mode)) => wanted.mode = Some(mode.to_owned()),
            Some((ROOTS, path)) => {
                let path = percent_encoding::percent_decode_str(path).decode_utf8();
                wanted.roots = Some(path.map_err(|_| format!("{ROOTS} is not UTF-8"))?.into_owned());
            }
            _ => others.push(option),
        }
    }
    let rest = if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) };
    Ok((rest, wanted))
}

impl Wanted {
    /// How to encrypt; none for no encryption, which is the default on this machine only.
    pub fn connector(&self, hosts: &[Host], addresses: &[IpAddr]) -> Result<Option<Connector>, String> {
        let encrypted = match self.mode.as_deref() {
            None => !(hosts.iter().all(is_here) && addresses.iter().all(IpAddr::is_loopback)),
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            Some(other) => {
                return Err(format!(
                    "{MODE}={other} is not allowed; allowed: disable, require or verify-full, which both verify the \
                     certificate and its name"
                ));
            }
        };
        if encrypted { Connector::new(self.roots.as_deref()).map(Some) } else { Ok(None) }
    }
}

/// Tells if a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[derive(Clone)]
pub(super) struct Connector(Arc<ClientConfig>);

impl Connector {
    fn new(roots: Option<&str>) -> Result<Self, String> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = match roots {
            Some(path) => builder.with_root_certificates(read_roots(path)?),
            None => builder.with_platform_verifier().map_err(|error| error.to_string())?,
        };
        Ok(Self(Arc::new(builder.with_no_client_auth())))
    }
}

fn read_roots(path: &str) -> Result<RootCertStore, String> {
    let unusable = |why: String| format!("the certificates in {path} ({ROOTS}) cannot be used: {why}");
    let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() { Err(unusable("there is none in it".to_owned())) } else { Ok(roots) }
}

impl MakeTlsConnect<Socket> for Connector {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, io::Error> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Handshake { config: Arc::clone(&self.0), name })
    }
}

/// The handshake with one server.
pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        let connect = tokio_rustls::TlsConnector::from(self.config).connect(self.name, socket);
        Box::pin(async move { Ok(Encrypted(Box::new(connect.await?))) })
    }
}

pub(super) struct Encrypted(Box<client::TlsStream<Socket>>);

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_says_about_encryption_is_taken_out_of_it() {
        let found = split("postgres://u:p@h/d?sslmode=require&connect_timeout=3&sslrootcert=/etc/a%20b.pem");
        let wanted = Wanted { mode: Some("require".to_owned()), roots: Some("/etc/a b.pem".to_owned()) };
        assert_eq!(found, Ok(("postgres://u:p@h/d?connect_timeout=3".to_owned(), wanted)));
        assert_eq!(split("postgres://h/d"), Ok(("postgres://h/d".to_owned(), Wanted::default())));
    }

    #[test]
    fn only_connections_on_this_machine_are_not_encrypted_by_default() {
        let host = |name: &str| Host::Tcp(name.to_owned());
        let encrypts = |mode: Option<&str>, host: Host| {
            let wanted = Wanted { mode: mode.map(str::to_owned), roots: None };
            wanted.connector(&[host], &[]).map(|connector| connector.is_some())
        };
        assert_eq!(encrypts(None, host("127.0.0.1")), Ok(false));
        let elsewhere = Wanted::default().connector(&[host("localhost")], &[IpAddr::from([10, 0, 0, 5])]);
        assert!(!matches!(elsewhere, Ok(None)), "an address beside the name of this machine");
        assert_eq!(encrypts(Some("disable"), host("db.example.org")), Ok(false));
        assert!(encrypts(Some("prefer"), host("db.example.org")).is_err_and(|why| why.contains("verify-full")));
        // Without certificates of the system this is an error, and never a plain connection.
        assert_ne!(encrypts(None, host("db.example.org")), Ok(false));
        assert_ne!(encrypts(Some("require"), host("localhost")), Ok(false));
    }
}
