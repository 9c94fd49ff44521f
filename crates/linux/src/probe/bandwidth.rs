//! Measures the throughput of a TCP flow at the receiver.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};
use nix::{getsockopt_impl, libc, setsockopt_impl, sockopt_impl};
use socket2::{Domain, Socket, Type};

use super::host::{nonce, trouble};
use super::job::{QUIET, TIMEOUT};
use super::messages::Said;
use super::part::Together;
use super::question::{Flow, Measured};
use super::schedule::Lane;
use crate::cloud::Bandwidth;
use crate::error::Result;
use crate::kernel::{self, enter};
use crate::msg;
use crate::network::model::NamespaceName;

/// How long the flow runs before it is measured: longer than tbf's burst after a pause and TCP's slow start.
const WARM_UP: Duration = Duration::from_millis(400);

/// The duration of a period of the measurement: some 130 segments at 2 Mbit/s.
const MEASURED: Duration = Duration::from_millis(800);

/// The most periods of a measurement, see [`measure`].
const PERIODS: u32 = 5;

/// The most bytes in flight in a narrow lane. They fit in tbf's queue, which holds at least 64 KiB. A lost segment
/// would delay all that follow it, and 64 KiB that arrive at once are a third of what 2 Mbit/s carry during the
/// measurement.
const ON_ITS_WAY: u32 = 40 * 1024;

/// The buffer at each end of a flow through a narrow lane: more than a second of data, so that a busy host that delays
/// the sender's or reader's thread does not slow the flow.
const BUFFER: usize = 200 * 1024;

/// The flow's congestion control, which every kernel has: it sends what the receiver's window allows. The host's
/// default may pace by its estimate of the path (BBR behind a tbf: sometimes 1.34 of 2 Mbit/s).
const CONGESTION_CONTROL: &str = "reno";

sockopt_impl!(
    /// `TCP_WINDOW_CLAMP`: the most bytes in flight that a receiver allows.
    WindowClamp,
    Both,
    libc::IPPROTO_TCP,
    libc::TCP_WINDOW_CLAMP,
    u32
);

/// Lanes that are at least so wide have a queue that does not fill in the time, and need more on its way.
const WIDE: Bandwidth = Bandwidth(20_000_000);

/// The TCP goodput of a flow, without tbf's initial burst; `None` if there is no connection. Takes a little over a
/// second, and up to five if the flow is faster than its lane.
pub fn bandwidth(lab: &str, flow: &Flow) -> Result<Option<Measured>> {
    match measured(lab, flow)? {
        // Somebody answers, but none of those who listen.
        Attempt::Refused if !flow.claimants.is_empty() => {
            match measured(lab, &Flow { claimants: kernel::all_of(lab), ..flow.clone() })? {
                Attempt::Measured(measured) => Ok(Some(measured)),
                Attempt::Refused | Attempt::Silent => Ok(None),
            }
        }
        Attempt::Refused | Attempt::Silent => Ok(None),
        Attempt::Measured(measured) => Ok(Some(measured)),
    }
}

/// Does this host's part of measuring a flow: sends, if the sender is here, and measures, if the receiver is.
pub fn part(lab: &str, flow: &Flow, together: &Together<'_>) -> Result<Option<Measured>> {
    let listeners = listen_all(lab, flow)?;
    (together.listening)();
    let sender = match kernel::exists(lab, &flow.from) {
        true => enter(lab, &flow.from, || connect(flow))?.ok(),
        false => None,
    };
    let measured = std::thread::scope(|scope| {
        let filling = sender.as_ref().map(|sender| std::thread::Builder::new().spawn_scoped(scope, || fill(sender)));
        let accepted = if listeners.is_empty() { None } else { accept(&listeners) };
        let measured = match accepted {
            Some((got_by, accepted)) => {
                let receiver = accepted?;
                let goodput = measure(&receiver, flow.lane).unwrap_or(Bandwidth(0));
                let _ = receiver.shutdown(Shutdown::Both);
                Some(Measured { goodput, got_by: got_by.clone() })
            }
            None => None,
        };
        (together.sent)();
        if let Some(sender) = &sender {
            let _ = sender.shutdown(Shutdown::Both);
        }
        drop(filling);
        Ok::<_, io::Error>(measured)
    });
    measured.map_err(|error| trouble(lab, &flow.listener, Said::FlowBrokeOff, error))
}

enum Attempt {
    Measured(Measured),
    /// Somebody refused the connection, or accepted it without being a listener of the run.
    Refused,
    Silent,
}

/// Listens in each namespace that may get the flow and is here.
fn listen_all<'f>(lab: &str, flow: &'f Flow) -> Result<Vec<(&'f NamespaceName, TcpListener)>> {
    let port = flow.port;
    let mut listeners = Vec::new();
    let others = flow.claimants.iter().filter(|namespace| **namespace != flow.listener);
    for namespace in std::iter::once(&flow.listener).chain(others).filter(|namespace| kernel::exists(lab, namespace)) {
        match enter(lab, namespace, || listen(port, flow.lane.and_then(on_its_way)))? {
            Ok(listener) => listeners.push((namespace, listener)),
            // A server of the user.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && *namespace != flow.listener => {}
            Err(error) => {
                let what = msg!(Said::NoListenerForBandwidth { port });
                return Err(trouble(lab, namespace, what, error));
            }
        }
    }
    Ok(listeners)
}

fn measured(lab: &str, flow: &Flow) -> Result<Attempt> {
    let listeners = listen_all(lab, flow)?;
    if !kernel::exists(lab, &flow.from) {
        return Ok(Attempt::Silent);
    }
    let sender = match enter(lab, &flow.from, || connect(flow))? {
        Ok(sender) => sender,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(Attempt::Refused),
        Err(_) => return Ok(Attempt::Silent),
    };
    let Some((got_by, accepted)) = accept(&listeners) else { return Ok(Attempt::Refused) };
    let measured = std::thread::scope(|scope| {
        let receiver = accepted?;
        std::thread::Builder::new().spawn_scoped(scope, || fill(&sender))?;
        let measured = measure(&receiver, flow.lane);
        // Both ends at once, without waiting for queued data.
        let _ = (receiver.shutdown(Shutdown::Both), sender.shutdown(Shutdown::Both));
        // Nothing more arrives, for example because the path drops large packets.
        Ok(measured.unwrap_or(Bandwidth(0)))
    });
    let goodput = measured.map_err(|error| trouble(lab, got_by, Said::FlowBrokeOff, error))?;
    Ok(Attempt::Measured(Measured { goodput, got_by: got_by.clone() }))
}

/// The connection and the namespace that accepted it; `None`: none of these listeners.
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
        // With a fixed buffer size the kernel does not tune the window.
        socket.set_recv_buffer_size(BUFFER)?;
        setsockopt(&socket, WindowClamp, &bytes)?;
    }
    // The last flow's connection is in TIME_WAIT; this option still fails if a server listens.
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
    socket.listen(1)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn connect(flow: &Flow) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let port = flow.source_port.as_ref().map(|wanted| wanted.any(nonce()));
    if flow.source.is_some() || port.is_some() {
        let source = flow.source.unwrap_or(Ipv4Addr::UNSPECIFIED);
        socket.set_reuse_address(port.is_some())?;
        socket.bind(&SocketAddrV4::new(source, port.unwrap_or(0)).into())?;
    }
    if flow.lane.and_then(on_its_way).is_some() {
        socket.set_send_buffer_size(BUFFER)?;
    }
    setsockopt(&socket, sockopt::TcpCongestion, &OsString::from(CONGESTION_CONTROL))?;
    let latency = flow.lane.map(|lane| lane.latency).unwrap_or_default();
    let patience = if flow.expected { 3 * TIMEOUT } else { QUIET + latency };
    socket.connect_timeout(&SocketAddr::from((flow.to, flow.port)).into(), patience)?;
    Ok(socket.into())
}

/// Sends until the other end closes.
fn fill(mut sender: &TcpStream) {
    let block = [0; 1 << 16];
    while sender.write_all(&block).is_ok() {}
}

/// The most bytes in flight in a lane that would lose more; `None`: unlimited.
fn on_its_way(lane: Lane) -> Option<u32> {
    let rate = lane.bandwidth.filter(|rate| *rate < WIDE)?;
    let in_the_air = u128::from(rate.0 / 8) * lane.latency.as_nanos() / 1_000_000_000;
    Some(ON_ITS_WAY + u32::try_from(in_the_air).ok()?)
}

/// The bits that arrive per second, after the warm-up. On a busy host, data that waited before the measurement (behind a
/// lost segment, or for the bucket of tbf to be looked at again) may arrive in it: at most [`ON_ITS_WAY`] and a bucket, a
/// quarter of what 2 Mbit/s carry in a period. So a flow that is faster than its lane is measured for further periods,
/// over which that evens out; where the cap itself is too wide, it does not.
fn measure(mut receiver: &TcpStream, lane: Option<Lane>) -> io::Result<Bandwidth> {
    receiver.set_read_timeout(Some(WARM_UP + MEASURED))?;
    receiver.read_exact(&mut [0])?;
    let (_, began) = drain(receiver, Instant::now() + WARM_UP)?;
    let mut bytes = 0;
    let mut goodput = Bandwidth(0);
    for period in 1..=PERIODS {
        let (more, ended) = drain(receiver, began + period * MEASURED)?;
        bytes += more;
        goodput = Bandwidth((bytes as f64 * 8.0 / (ended - began).as_secs_f64()) as u64);
        if lane.and_then(|lane| lane.bandwidth).is_none_or(|cap| goodput <= cap) {
            break;
        }
    }
    Ok(goodput)
}

/// Reads until this time, and then everything that has arrived, so that a delayed reader does not count earlier bytes
/// as later ones. Returns the number of bytes and the time of the last read.
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
        // In a flow without a cap the socket may never be empty.
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
            source_port: None,
            to: address(1),
            port,
            listener: instance(1),
            claimants: Vec::new(),
            lane: None,
            expected: true,
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
    fn a_cap_that_is_too_wide_is_seen_however_long_it_is_measured() {
        let bed = Testbed::new("wide", 2);
        let tbf =
            ["tc", "qdisc", "add", "dev", "p1", "root", "tbf", "rate", "5mbit", "burst", "15kb", "latency", "50ms"];
        bed.exec("vpc", &tbf);
        let lane = Lane { id: 0, bandwidth: Some(Bandwidth(2_000_000)), latency: Duration::ZERO };
        let flow = Flow { lane: Some(lane), ..flow(5201) };
        let Bandwidth(bits) = bandwidth(&bed.lab, &flow).unwrap().expect("the flow gets through").goodput;
        assert!((4_200_000..=5_500_000).contains(&bits), "{bits} bit/s");
    }

    #[test]
    fn a_flow_that_stalls_has_no_goodput() {
        let bed = Testbed::new("stall", 2);
        // The handshake passes, full segments do not.
        bed.forward("tcp dport 5201 meta length > 1000 counter name dropped drop");
        let measured = bandwidth(&bed.lab, &flow(5201)).unwrap();
        assert_eq!(measured.map(|it| it.goodput), Some(Bandwidth(0)));
        assert!(bed.dropped() > 0);
    }

    #[test]
    fn the_goodput_is_that_of_whoever_took_the_address() {
        let bed = Testbed::new("flow-thief", 3);
        bed.ip("i2", &format!("addr add {}/32 dev eth0\n", address(1)));
        bed.ip("vpc", &format!("route add {}/32 via {} dev br0 onlink\n", address(1), address(2)));
        let named = Flow { claimants: vec![instance(1)], ..flow(5201) };
        assert_eq!(bandwidth(&bed.lab, &named).unwrap().unwrap().got_by, instance(2));
        // Also where a server of the user has the port.
        let server = enter(&bed.lab, &instance(2), || {
            // Children that other tests have just forked still have the last listener.
            std::iter::repeat_with(|| TcpListener::bind("0.0.0.0:5201")).find(Result::is_ok).unwrap().unwrap()
        });
        let server = server.unwrap();
        assert_eq!(bandwidth(&bed.lab, &named).unwrap(), None);
        drop(server);
    }

    #[test]
    fn no_connection_is_no_bandwidth() {
        let bed = Testbed::new("shut", 2);
        bed.forward("tcp dport 5201 counter name dropped drop");
        assert_eq!(bandwidth(&bed.lab, &flow(5201)).unwrap(), None);
        assert!(bed.dropped() > 1, "the kernel sends it again");
        // As predicted: one packet proves it.
        let (before, begun) = (bed.dropped(), Instant::now());
        assert_eq!(bandwidth(&bed.lab, &Flow { expected: false, ..flow(5201) }).unwrap(), None);
        assert_eq!(bed.dropped(), before + 1);
        assert!(begun.elapsed() < TIMEOUT, "{:?}", begun.elapsed());
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
