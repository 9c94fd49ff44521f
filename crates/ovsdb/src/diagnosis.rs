//! What the end of a connection is to a user.

use std::io::ErrorKind;

use rustls::{AlertDescription, CertificateError, Error as Tls};

use crate::broken::Broken;
use crate::error::Error;
use crate::messages::Said;
use crate::msg;
use crate::remote::{Address, Remote};
use crate::tls;

/// The code of the error that no server of a database answers.
pub const UNREACHABLE: &str = "DatabaseUnreachable";

impl Broken {
    /// The error for a user, of a connection to this one of the addresses.
    pub(crate) fn error(self, remote: &Remote, address: &Address, database: &str) -> Error {
        match self {
            Broken::Hopeless(error) => error,
            Broken::Io(why) => match tls::fault(&why) {
                Some(fault) => of_tls(fault, remote),
                None => {
                    let is_ended = matches!(why.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset);
                    let hint = match address {
                        Address::Ssl(..) if is_ended => Said::TrustsIt,
                        Address::Tcp(..) if is_ended => Said::IsItTls,
                        _ => Said::StartServer,
                    };
                    Error::host(msg!(Said::NoServer { remote, why })).code(UNREACHABLE).hint(hint)
                }
            },
            Broken::NotTls => Error::host(msg!(Said::NotTls { remote })).code("NotTls").hint(Said::ListenWithTls),
            Broken::NotOvsdb => {
                let hint =
                    if matches!(address, Address::Tcp(..)) { Said::NorthboundOrTls } else { Said::NorthboundAddress };
                Error::host(msg!(Said::NotOvsdb { remote })).code("NotOvsdb").hint(hint)
            }
            Broken::Unfit => {
                let message = msg!(Said::NoDatabase { remote, database });
                Error::host(message).code("NoDatabase").hint(Said::NorthboundAddress)
            }
        }
    }
}

fn of_tls(fault: &Tls, remote: &Remote) -> Error {
    let file = |path: &Option<std::path::PathBuf>| path.as_deref().unwrap_or("".as_ref()).display().to_string();
    match fault {
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => {
            let ca = file(&remote.identity.ca_cert);
            Error::host(msg!(Said::OtherCa { remote, ca })).code("ServerNotTrusted").hint(Said::GiveItsCa)
        }
        Tls::InvalidCertificate(why) => {
            Error::host(msg!(Said::BadCertificate { remote, why })).code("ServerNotTrusted").hint(Said::LookAtIt)
        }
        Tls::AlertReceived(why) if is_of_certificate(*why) => {
            let certificate = file(&remote.identity.certificate);
            let message = msg!(Said::NotTaken { remote, certificate, why: format!("{why:?}") });
            Error::host(message).code("CertificateRefused").hint(Said::TrustsIt)
        }
        why => Error::host(msg!(Said::NoHandshake { remote, why })).code("TlsFailed").hint(Said::ListenWithTls),
    }
}

/// Whether a server refuses a client's certificate.
fn is_of_certificate(alert: AlertDescription) -> bool {
    use AlertDescription as Alert;
    matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError
    )
}
