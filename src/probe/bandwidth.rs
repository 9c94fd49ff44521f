//! How much gets through: a TCP flow, measured where it arrives.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};
use nix::{getsockopt_impl, libc, setsockopt_impl, sockopt_impl};
use socket2::{Domain, Socket, Type};

use super::host::trouble;
use super::job::TIMEOUT;
use super::schedule::Lane;
use crate::cloud::Bandwidth;
use crate::error::Result;
use crate::kernel::enter;
use crate::network::model::NamespaceName;

/// How long the flow runs before it is measured: what tbf lets through at once after a pause, and TCP's beginning, are
/// over by then.
const WARM_UP: Duration = Duration::from_millis(400);

/// How long it is measured: at 2 Mbit/s some 130 segments.
const MEASURED: Duration = Duration::from_millis(800);

/// What may be on its way through a narrow lane: it fits in tbf's queue, which holds 64 KiB and more. A lost segment would
/// keep back all that comes after it, and 64 KiB that arrive at once are a third of what 2 Mbit/s carry meanwhile.
const ON_ITS_WAY: u32 = 40 * 1024;

/// What either end holds of a flow through a narrow lane: more than a second of it, so that a host that keeps the sender's or
/// the reader's thread waiting does not slow it.
const BUFFER: usize = 200 * 1024;

/// The congestion control of the flow, which every kernel has: it sends what the receiver's window allows. The host's own
/// choice may pace by what it believes of the path (BBR, behind a tbf: 1.34 of 2 Mbit/s, now and then).
const CONGESTION_CONTROL: &str = "reno";

sockopt_impl!(
    /// `TCP_WINDOW_CLAMP`: the most that a receiver lets be on its way to it, in bytes.
    WindowClamp,
    Both,
    libc::IPPROTO_TCP,
    libc::TCP_WINDOW_CLAMP,
    u32
);

/// Lanes that are at least so wide have a queue that does not fill in the time, and need more on its way.
const WIDE: Bandwidth = Bandwidth(20_000_000);

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
    /// Where it should arrive. A listener is put up there on the port.
    pub listener: NamespaceName,
    /// Every namespace that has the address, where it is not one alone: each has a listener.
    pub claimants: Vec<NamespaceName>,
    /// What narrows its way, if anything does.
    pub lane: Option<Lane>,
}

/// What got through, and where it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The TCP goodput.
    pub goodput: Bandwidth,
    /// Who accepted the connection.
    pub got_by: NamespaceName,
}

/// The TCP goodput of a flow, without what tbf's burst lets through at its beginning; `None` where no connection comes
/// about. Takes a little over a second.
pub fn bandwidth(lab: &str, flow: &Flow) -> Result<Option<Measured>> {
    let port = flow.port;
    let mut listeners = Vec::new();
    let others = flow.claimants.iter().filter(|namespace| **namespace != flow.listener);
    for namespace in std::iter::once(&flow.listener).chain(others) {
        let listener = enter(lab, namespace, || listen(port, flow.lane.and_then(on_its_way)))?.map_err(|error| {
            let what = format!("no listener on tcp/{port} could be put up to measure the bandwidth");
            trouble(lab, namespace, &what, error)
        })?;
        listeners.push((namespace, listener));
    }
    let connected = enter(lab, &flow.from, || connect(flow))?;
    let Ok(sender) = connected else { return Ok(None) };
    let Some((got_by, accepted)) = accept(&listeners) else { return Ok(None) };
    let measured = std::thread::scope(|scope| {
        let receiver = accepted?;
        std::thread::Builder::new().spawn_scoped(scope, || fill(&sender))?;
        let measured = measure(&receiver);
        // Both ends at once: what still stands in the queues is not waited for.
        let _ = (receiver.shutdown(Shutdown::Both), sender.shutdown(Shutdown::Both));
        measured
    });
    let goodput = measured.map_err(|error| trouble(lab, got_by, "the flow broke off", error))?;
    Ok(Some(Measured { goodput, got_by: got_by.clone() }))
}

/// The connection, where it came to; `None`: to nobody who listens here.
fn accept<'a>(listeners: &[(&'a NamespaceName, TcpListener)]) -> Option<(&'a NamespaceName, io::Result<TcpStream>)> {
    let given_up = Instant::now() + TIMEOUT;
    while Instant::now() < given_up {
        for (namespace, listener) in listeners {
            match listener.accept() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                accepted => {
                    let blocking = |(stream, _): (TcpStream, _)| stream.set_nonblocking(false).map(|()| stream);
                    return Some((*namespace, accepted.and_then(blocking)));
                }
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}

fn listen(port: u16, on_its_way: Option<u32>) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if let Some(bytes) = on_its_way {
        // With a buffer of its own size the kernel leaves the window alone.
        socket.set_recv_buffer_size(BUFFER)?;
        setsockopt(&socket, WindowClamp, &bytes)?;
    }
    // The last flow's connection lingers in TIME_WAIT; a server that listens is noticed all the same.
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
    socket.listen(1)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn connect(flow: &Flow) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if let Some(source) = flow.source {
        socket.bind(&SocketAddrV4::new(source, 0).into())?;
    }
    if flow.lane.and_then(on_its_way).is_some() {
        socket.set_send_buffer_size(BUFFER)?;
    }
    setsockopt(&socket, sockopt::TcpCongestion, &OsString::from(CONGESTION_CONTROL))?;
    socket.connect_timeout(&SocketAddr::from((flow.to, flow.port)).into(), 3 * TIMEOUT)?;
    Ok(socket.into())
}

/// Sends until the other end is gone.
fn fill(mut sender: &TcpStream) {
    let block = [0; 1 << 16];
    while sender.write_all(&block).is_ok() {}
}

/// How much may be on its way in a lane that would lose more; `None`: as much as TCP likes.
fn on_its_way(lane: Lane) -> Option<u32> {
    let rate = lane.bandwidth.filter(|rate| *rate < WIDE)?;
    let in_the_air = u128::from(rate.0 / 8) * lane.latency.as_nanos() / 1_000_000_000;
    Some(ON_ITS_WAY + u32::try_from(in_the_air).ok()?)
}

/// What arrives per second, after the warm-up.
fn measure(mut receiver: &TcpStream) -> io::Result<Bandwidth> {
    receiver.set_read_timeout(Some(WARM_UP + MEASURED))?;
    receiver.read_exact(&mut [0])?;
    let (_, began) = drain(receiver, Instant::now() + WARM_UP)?;
    let (bytes, ended) = drain(receiver, began + MEASURED)?;
    Ok(Bandwidth((bytes as f64 * 8.0 / (ended - began).as_secs_f64()) as u64))
}

/// Reads until then, and at the end whatever has arrived: a reader that the host kept waiting must not count
/// before's bytes as after's. How many bytes, and when the last was read.
fn drain(mut receiver: &TcpStream, until: Instant) -> io::Result<(u64, Instant)> {
    let (mut block, mut bytes) = (vec![0; 1 << 18], 0);
    while Instant::now() < until {
        match receiver.read(&mut block)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => bytes += length as u64,
        }
    }
    receiver.set_nonblocking(true)?;
    loop {
        match receiver.read(&mut block) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => bytes += length as u64,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
        // A flow without a cap may never let the socket run empty.
        if Instant::now() > until + MEASURED {
            break;
        }
    }
    let now = Instant::now();
    receiver.set_nonblocking(false)?;
    Ok((bytes, now))
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{Testbed, address, instance};
    use super::*;

    fn flow(port: u16) -> Flow {
        Flow {
            from: instance(0),
            source: None,
            to: address(1),
            port,
            listener: instance(1),
            claimants: Vec::new(),
            lane: None,
        }
    }

    #[test]
    fn the_goodput_is_what_tbf_lets_through() {
        let bed = Testbed::new("tbf", 2);
        let tbf =
            ["tc", "qdisc", "add", "dev", "p1", "root", "tbf", "rate", "10mbit", "burst", "15kb", "latency", "50ms"];
        bed.exec("vpc", &tbf);
        let lane = Lane { id: 0, bandwidth: Some(Bandwidth(10_000_000)), latency: Duration::ZERO };
        let flow = Flow { lane: Some(lane), ..flow(5201) };
        let Bandwidth(bits) = bandwidth(&bed.lab, &flow).unwrap().expect("the flow gets through").goodput;
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
