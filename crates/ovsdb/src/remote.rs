//! The addresses of a database.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::broken::Broken;
use crate::error::Error;
use crate::messages::Said;
use crate::msg;
use crate::tls::{Identity, Secured};

/// The servers of one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Their addresses, at least one, as written after `--on`: `tcp:C1:6641,tcp:C2:6641`.
    pub addresses: Vec<Address>,
    /// Who the client is to those that speak TLS.
    pub identity: Identity,
}

impl Remote {
    /// The same for this client.
    pub fn by(self, identity: Identity) -> Self {
        Remote { identity, ..self }
    }
}

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `unix:PATH`.
    Unix(PathBuf),
    /// `tcp:HOST:PORT`.
    Tcp(String, u16),
    /// `ssl:HOST:PORT`: TLS.
    Ssl(String, u16),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, host, port) = match self {
            Address::Unix(path) => return write!(f, "unix:{}", path.display()),
            Address::Tcp(host, port) => ("tcp", host, port),
            Address::Ssl(host, port) => ("ssl", host, port),
        };
        if host.contains(':') { write!(f, "{method}:[{host}]:{port}") } else { write!(f, "{method}:{host}:{port}") }
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.addresses.iter().enumerate() {
            write!(f, "{}{address}", if index > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

impl FromStr for Remote {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let addresses = text.split(',').map(|address| address.trim().parse()).collect::<Result<_, _>>()?;
        Ok(Remote { addresses, identity: Identity::default() })
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::input(msg!(Said::NoAddress { text })).code("InvalidAddress").hint(Said::WriteAddress);
        match text.split_once(':') {
            Some(("unix", path)) if !path.is_empty() => Ok(Address::Unix(path.into())),
            Some((method @ ("tcp" | "ssl"), rest)) => {
                let (host, port) = rest.rsplit_once(':').ok_or_else(invalid)?;
                let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
                let host = match bare {
                    Some(bare) => bare.parse::<Ipv6Addr>().map_err(|_| invalid())?.to_string(),
                    None if host.is_empty() || host.contains([':', '[', ']', '/']) => return Err(invalid()),
                    None => host.to_owned(),
                };
                let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(invalid)?;
                Ok(if method == "ssl" { Address::Ssl(host, port) } else { Address::Tcp(host, port) })
            }
            _ => Err(invalid()),
        }
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
    Tls(Box<Secured>),
}

impl Address {
    /// Connects, waiting at most this long for each step.
    pub(crate) fn connect(&self, identity: &Identity, most: Duration) -> Result<Stream, Broken> {
        match self {
            Address::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_write_timeout(Some(most))?;
                Ok(Stream::Unix(stream))
            }
            Address::Tcp(host, port) => Ok(Stream::Tcp(connect(host, *port, most)?)),
            Address::Ssl(host, port) => {
                let secured = identity.secure(connect(host, *port, most)?, most)?;
                Ok(Stream::Tls(Box::new(secured)))
            }
        }
    }
}

fn connect(host: &str, port: u16, most: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, most) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(most))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Stream {
    /// Limits how long a read waits.
    pub(crate) fn patience(&self, most: Duration) -> io::Result<()> {
        let most = Some(most.max(Duration::from_millis(1)));
        match self {
            Stream::Unix(stream) => stream.set_read_timeout(most),
            Stream::Tcp(stream) => stream.set_read_timeout(most),
            Stream::Tls(stream) => stream.sock.set_read_timeout(most),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => stream.read(bytes),
            Stream::Tcp(stream) => stream.read(bytes),
            Stream::Tls(stream) => stream.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => stream.write(bytes),
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Unix(stream) => stream.flush(),
            Stream::Tcp(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}
