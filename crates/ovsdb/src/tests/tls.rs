//! TLS, against a real ovsdb-server, with keys and certificates by `ovs-pki`.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::server::{NEEDS, Server, insert, row};
use crate::error::Error;
use crate::value::Datum;
use crate::{Client, Identity, Remote, UNREACHABLE, Watch};

/// Runs `ovs-pki` in a folder.
fn pki(folder: &Path, words: &str) {
    let mut command = Command::new("ovs-pki");
    command.arg(format!("--dir={}/pki", folder.display())).arg(format!("--log={}/log", folder.display()));
    let done = command
        .args(words.split(' '))
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success(), "ovs-pki {words}");
}

/// A port that is free.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server with TLS at the first port and without at the second, and the keys of a client.
struct Secured {
    server: Server,
    ports: [u16; 2],
    identity: Identity,
}

impl Secured {
    fn start(test: &str) -> Option<Self> {
        let mut server = Server::start(test)?;
        server.kill();
        let folder = server.folder.clone();
        pki(&folder, "init");
        pki(&folder, "req+sign server");
        pki(&folder, "req+sign client");
        let ports = [port(), port()];
        let file = |name: &str| folder.join(name);
        let options = [
            format!("--private-key={}", file("server-privkey.pem").display()),
            format!("--certificate={}", file("server-cert.pem").display()),
            format!("--ca-cert={}", file("pki/switchca/cacert.pem").display()),
            format!("--remote=pssl:{}:127.0.0.1", ports[0]),
            format!("--remote=ptcp:{}:127.0.0.1", ports[1]),
        ];
        server.arguments = options.into();
        server.run();
        // It listens with TLS a little later.
        let until = Instant::now() + Duration::from_secs(10);
        while ports.iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            assert!(Instant::now() < until, "ovsdb-server does not listen with TLS");
            std::thread::sleep(Duration::from_millis(10));
        }
        let identity = Identity {
            private_key: Some(file("client-privkey.pem")),
            certificate: Some(file("client-cert.pem")),
            ca_cert: Some(file("pki/switchca/cacert.pem")),
        };
        Some(Secured { server, ports, identity })
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.server.folder.join(name))
    }

    fn remote(&self) -> Remote {
        format!("ssl:127.0.0.1:{}", self.ports[0]).parse().unwrap()
    }

    fn refused(&self, identity: Identity) -> Error {
        Client::connect(&self.remote().by(identity), "Test", NEEDS).unwrap_err()
    }
}

#[test]
fn a_server_with_tls_is_used_as_one_without() {
    let Some(mut secured) = Secured::start("tls") else { return };
    let remote = secured.remote().by(secured.identity.clone());
    let mut client = Client::connect(&remote, "Test", NEEDS).unwrap();
    let mut other = Client::connect(&remote, "Test", NEEDS).unwrap();
    client.watch(vec![Watch::all("Box", &["name"])]).unwrap();
    assert!(client.wait(Duration::ZERO));
    let large = "0123456789abcdef".repeat(1 << 18);
    other.transact(&[insert("Box", None, row([("name", Datum::one(large.as_str()))]))]).unwrap();
    assert!(client.wait(Duration::from_secs(10)));
    let names = |client: &Client| {
        client.replica().rows("Box").map(|(_, row)| row["name"].text().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&client), [large]);
    // Nothing comes: it waits no longer than it says.
    let begun = Instant::now();
    assert!(!client.wait(Duration::from_millis(200)) && begun.elapsed() < Duration::from_secs(5));

    // It outlives the server.
    secured.server.kill();
    secured.server.run();
    other.transact(&[insert("Box", None, row([("name", Datum::one("small"))]))]).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while names(&client).len() < 2 {
        assert!(Instant::now() < until, "{:?}", names(&client).len());
        client.wait(Duration::from_secs(1));
    }

    // A certificate that is trusted itself needs no CA.
    let pinned = Identity { ca_cert: secured.file("server-cert.pem"), ..secured.identity.clone() };
    Client::connect(&secured.remote().by(pinned), "Test", NEEDS).unwrap();
}

#[test]
fn each_fault_of_tls_is_an_error_that_says_what_to_do() {
    let Some(secured) = Secured::start("faults") else { return };
    let good = || secured.identity.clone();
    let says = |error: &Error, code: &str, words: &str| {
        assert_eq!(error.code.as_deref(), Some(code), "{error}");
        assert!(error.message.to_string().contains(words), "{error}");
        assert!(error.hint.is_some(), "{error}");
    };
    // What the client lacks.
    says(
        &secured.refused(Identity::default()),
        "InvalidIdentity",
        "--private-key, --certificate, --ca-cert is missing",
    );
    says(&secured.refused(Identity { ca_cert: None, ..good() }), "InvalidIdentity", ": --ca-cert is missing");
    let nowhere = secured.file("nowhere.pem");
    for identity in [
        Identity { private_key: nowhere.clone(), ..good() },
        Identity { certificate: nowhere.clone(), ..good() },
        Identity { ca_cert: nowhere, ..good() },
    ] {
        says(&secured.refused(identity), "InvalidIdentity", "nowhere.pem");
    }
    let empty = Identity { certificate: secured.file("schema"), ..good() };
    says(&secured.refused(empty), "InvalidIdentity", "no usable key or certificate");
    let others = Identity { private_key: secured.file("server-privkey.pem"), ..good() };
    says(&secured.refused(others), "InvalidIdentity", "is not that of the certificate");

    // A server of another CA, and a client of another CA.
    let foreign = Identity { ca_cert: secured.file("pki/controllerca/cacert.pem"), ..good() };
    says(&secured.refused(foreign), "ServerNotTrusted", "controllerca/cacert.pem");
    let folder = &secured.server.folder;
    pki(folder, "req+sign stranger controller");
    let stranger = Identity {
        private_key: secured.file("stranger-privkey.pem"),
        certificate: secured.file("stranger-cert.pem"),
        ..good()
    };
    says(&secured.refused(stranger), "CertificateRefused", "stranger-cert.pem");

    // TLS with a server without, and the other way round.
    let plain: Remote = format!("ssl:127.0.0.1:{}", secured.ports[1]).parse().unwrap();
    says(&Client::connect(&plain.by(good()), "Test", NEEDS).unwrap_err(), "NotTls", "does not speak TLS");
    let without: Remote = format!("tcp:127.0.0.1:{}", secured.ports[0]).parse().unwrap();
    let error = Client::connect(&without, "Test", NEEDS).unwrap_err();
    assert!(error.hint.as_ref().unwrap().to_string().contains("write `ssl:`"), "{error}");
    // Nobody there.
    let nobody: Remote = format!("ssl:127.0.0.1:{}", port()).parse().unwrap();
    says(&Client::connect(&nobody.by(good()), "Test", NEEDS).unwrap_err(), UNREACHABLE, "no server answers");
}

#[test]
fn a_server_that_talks_nonsense_instead_of_tls_is_an_error() {
    let Some(secured) = Secured::start("nonsense") else { return };
    let record = b"\x16\x03\x03\x00\x04\x02\x00\x00\x00";
    for bytes in [
        &b""[..],
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"{\"id\":null}",
        b"\x15\x03\x03\x00\x02\x02\x28",
        record,
        &[0; 40000],
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let bytes = bytes.to_vec();
        let served = std::thread::spawn(move || listener.accept().unwrap().0.write_all(&bytes));
        let remote: Remote = format!("ssl:127.0.0.1:{port}").parse().unwrap();
        let error = Client::connect(&remote.by(secured.identity.clone()), "Test", NEEDS).unwrap_err();
        assert!(matches!(error.code.as_deref(), Some("NotTls" | "TlsFailed")), "{error:?}");
        let _ = served.join().unwrap();
    }
}
