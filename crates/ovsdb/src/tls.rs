//! TLS (`ssl:`) as Open vSwitch and OVN use it: each side shows a certificate, and has the certificate of the CA that signed the
//! other's. Names are not compared, as theirs are not: who has a certificate of the CA is the server.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme, StreamOwned};

use crate::broken::Broken;
use crate::error::Error;
use crate::messages::Said;
use crate::msg;

/// The code of errors of a client's own key and certificates.
const INVALID_IDENTITY: &str = "InvalidIdentity";

/// Who a client is, and whom it trusts: files in PEM. They are read at every connection, so that they may be renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The private key.
    pub private_key: Option<PathBuf>,
    /// Its certificate, and after it those between it and the CA's.
    pub certificate: Option<PathBuf>,
    /// The certificates of the CAs that sign servers' certificates, or those themselves.
    pub ca_cert: Option<PathBuf>,
}

/// A connection with TLS.
pub(crate) type Secured = StreamOwned<ClientConnection, TcpStream>;

impl Identity {
    /// Shakes hands with a server, in at most this time.
    pub(crate) fn secure(&self, mut stream: TcpStream, most: Duration) -> Result<Secured, Broken> {
        // The server's name is its address: none is sent, and none is compared.
        let name = ServerName::from(stream.peer_addr()?.ip());
        let config = self.config().map_err(Broken::Hopeless)?;
        let mut connection = ClientConnection::new(config, name).map_err(invalid)?;
        let until = Instant::now() + most;
        while connection.is_handshaking() {
            while connection.wants_write() {
                connection.write_tls(&mut stream)?;
            }
            let left = until.saturating_duration_since(Instant::now());
            stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            match connection.read_tls(&mut stream) {
                Ok(0) => return Err(Broken::NotTls),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Err(Broken::NotTls),
                Err(error) => return Err(error.into()),
            }
            if let Err(error) = connection.process_new_packets() {
                // The server learns why, if it listens.
                let _ = connection.write_tls(&mut stream);
                return Err(match error {
                    rustls::Error::InvalidMessage(_) => Broken::NotTls,
                    error => invalid(error).into(),
                });
            }
        }
        while connection.wants_write() {
            connection.write_tls(&mut stream)?;
        }
        Ok(StreamOwned::new(connection, stream))
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let (private_key, certificate, ca_cert) = match self {
            Identity { private_key: Some(private_key), certificate: Some(certificate), ca_cert: Some(ca_cert) } => {
                (private_key, certificate, ca_cert)
            }
            Identity { private_key, certificate, ca_cert } => {
                let given = [("--private-key", private_key), ("--certificate", certificate), ("--ca-cert", ca_cert)];
                let lacking = given.into_iter().filter(|(_, path)| path.is_none()).map(|(option, _)| option.to_owned());
                let lacking = lacking.collect::<Vec<_>>().join(", ");
                return Err(Error::input(msg!(Said::NoIdentity { lacking }))
                    .code(INVALID_IDENTITY)
                    .hint(Said::GiveIdentity));
            }
        };
        let key = PrivateKeyDer::from_pem_file(private_key).map_err(|why| unreadable(private_key, &why))?;
        let provider = Arc::new(ring::default_provider());
        let trusted = certificates(ca_cert)?;
        let mut roots = RootCertStore::empty();
        for authority in &trusted {
            roots.add(authority.clone()).map_err(|why| unusable(ca_cert, &why))?;
        }
        let verifier = SignedBy { trusted, roots, algorithms: provider.signature_verification_algorithms };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| unusable(certificate, &why))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_auth_cert(certificates(certificate)?, key);
        match config {
            Ok(config) => Ok(Arc::new(config)),
            Err(rustls::Error::InconsistentKeys(_)) => {
                let (key, certificate) = (private_key.display(), certificate.display());
                Err(Error::input(msg!(Said::OtherKey { key, certificate }))
                    .code(INVALID_IDENTITY)
                    .hint(Said::GiveIdentity))
            }
            Err(why) => Err(unusable(private_key, &why)),
        }
    }
}

/// The certificates of a file, of which there is at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let all = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match all.map_err(|why| unreadable(path, &why))? {
        none if none.is_empty() => Err(unreadable(path, &pem::Error::NoItemsFound)),
        all => Ok(all),
    }
}

fn unreadable(path: &Path, why: &pem::Error) -> Error {
    let path = path.display();
    let message = match why {
        pem::Error::Io(why) => msg!(Said::CannotRead { path, why }),
        why => msg!(Said::NotPem { path, why }),
    };
    Error::input(message).code(INVALID_IDENTITY).hint(Said::GiveIdentity)
}

fn unusable(path: &Path, why: &rustls::Error) -> Error {
    Error::input(msg!(Said::NotPem { path: path.display(), why })).code(INVALID_IDENTITY).hint(Said::GiveIdentity)
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

/// What TLS found wrong with a connection, if it was that.
pub(crate) fn fault(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// Takes a server whose certificate is trusted, or signed by one that is.
#[derive(Debug)]
struct SignedBy {
    trusted: Vec<CertificateDer<'static>>,
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for SignedBy {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.trusted.contains(end_entity) {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            let (roots, algorithms) = (&self.roots, self.algorithms.all);
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
