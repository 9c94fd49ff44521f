//! How much gets through: a TCP flow, measured where it arrives.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::{TIMEOUT, trouble};
use crate::cloud::Bandwidth;
use crate::error::Result;
use crate::kernel::enter;
use crate::network::model::NamespaceName;

/// How long the flow runs before it is measured: what tbf lets through at once after a pause, and TCP's beginning, are
/// over by then.
const WARM_UP: Duration = Duration::from_millis(500);

/// How long it is measured.
const MEASURED: Duration = Duration::from_millis(1500);

/// A flow to be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Where it is sent from.
    pub from: NamespaceName,
    /// The address to send from; `None`: the one that the kernel chooses.
    pub source: Option<Ipv4Addr>,
    /// The address to send to.
    pub to: Ipv4Addr,
    /// The TCP port to send to.
    pub port: u16,
    /// Where it arrives. A listener is put up there on the port.
    pub listener: NamespaceName,
}

/// The TCP goodput of a flow, without what tbf's burst lets through at its beginning; `None` where no connection comes
/// about. Takes about two seconds.
pub fn bandwidth(lab: &str, flow: &Flow) -> Result<Option<Bandwidth>> {
    let port = flow.port;
    let listener = enter(lab, &flow.listener, || listen(port))?.map_err(|error| {
        let what = format!("no listener on tcp/{port} could be put up to measure the bandwidth");
        trouble(lab, &flow.listener, &what, error)
    })?;
    let connected = enter(lab, &flow.from, || connect(flow))?;
    let Ok(sender) = connected else { return Ok(None) };
    let accepted = listener.accept();
    let measured = std::thread::scope(|scope| {
        let (receiver, _) = accepted?;
        scope.spawn(|| fill(&sender));
        let measured = measure(&receiver);
        // Both ends at once: what still stands in the queues is not waited for.
        let _ = (receiver.shutdown(Shutdown::Both), sender.shutdown(Shutdown::Both));
        measured
    });
    let measured = measured.map_err(|error| trouble(lab, &flow.listener, "the flow broke off", error))?;
    Ok(Some(measured))
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // The last flow's connection lingers in TIME_WAIT; a server that listens is noticed all the same.
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
    socket.listen(1)?;
    Ok(socket.into())
}

fn connect(flow: &Flow) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if let Some(source) = flow.source {
        socket.bind(&SocketAddrV4::new(source, 0).into())?;
    }
    socket.connect_timeout(&SocketAddr::from((flow.to, flow.port)).into(), 3 * TIMEOUT)?;
    Ok(socket.into())
}

/// Sends until the other end is gone.
fn fill(mut sender: &TcpStream) {
    let block = [0; 1 << 16];
    while sender.write_all(&block).is_ok() {}
}

/// What arrives per second, after the warm-up.
fn measure(mut receiver: &TcpStream) -> io::Result<Bandwidth> {
    receiver.set_read_timeout(Some(WARM_UP + MEASURED))?;
    let mut block = vec![0; 1 << 18];
    receiver.read_exact(&mut block[..1])?;
    let began = Instant::now();
    while began.elapsed() < WARM_UP {
        if receiver.read(&mut block)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let (began, mut bytes) = (Instant::now(), 0);
    loop {
        let length = receiver.read(&mut block)?;
        bytes += length as u64;
        let elapsed = began.elapsed();
        if elapsed >= MEASURED || length == 0 {
            return Ok(Bandwidth((bytes as f64 * 8.0 / elapsed.as_secs_f64()) as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{Testbed, address, instance};
    use super::*;

    fn flow(port: u16) -> Flow {
        Flow { from: instance(0), source: None, to: address(1), port, listener: instance(1) }
    }

    #[test]
    fn the_goodput_is_what_tbf_lets_through() {
        let bed = Testbed::new("tbf", 2);
        let tbf =
            ["tc", "qdisc", "add", "dev", "p1", "root", "tbf", "rate", "10mbit", "burst", "15kb", "latency", "50ms"];
        bed.exec("vpc", &tbf);
        let Bandwidth(bits) = bandwidth(&bed.lab, &flow(5201)).unwrap().expect("the flow gets through");
        assert!((8_500_000..=11_500_000).contains(&bits), "{bits} bit/s");
    }

    #[test]
    fn no_connection_is_no_bandwidth() {
        let bed = Testbed::new("shut", 2);
        bed.forward("tcp dport 5201 counter name dropped drop");
        assert_eq!(bandwidth(&bed.lab, &flow(5201)).unwrap(), None);
        assert!(bed.dropped() > 0);
    }

    #[test]
    fn a_taken_port_is_named() {
        let bed = Testbed::new("taken", 2);
        let server = enter(&bed.lab, &instance(1), || TcpListener::bind("0.0.0.0:5201")).unwrap().unwrap();
        let error = bandwidth(&bed.lab, &flow(5201)).unwrap_err();
        assert!(error.to_string().contains("tcp/5201"), "{error}");
        drop(server);
    }
}
