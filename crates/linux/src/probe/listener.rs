//! Listeners in the targets of TCP and UDP probes, which send back what they receive.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Socket, Type};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, UdpSocket};

use super::host::trouble;
use super::messages::Said;
use super::question::Probe;
use crate::error::Result;
use crate::flow::Protocol;
use crate::kernel::{buffers, enter};
use crate::msg;
use crate::network::model::NamespaceName;

/// The place of a listener.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    namespace: NamespaceName,
    address: Ipv4Addr,
    protocol: Protocol,
}

impl Place {
    /// The places where a probe may arrive: its listener, and all others with the address.
    pub(super) fn all_of(probe: &Probe) -> impl Iterator<Item = Self> {
        let namespaces: BTreeSet<_> = probe.listener.iter().chain(&probe.claimants).collect();
        namespaces.into_iter().map(|namespace| Place::of(probe, namespace))
    }

    fn of(probe: &Probe, namespace: &NamespaceName) -> Self {
        // A probe may use an instance's public address, which the router translates to the private one. On the internet
        // every address is local, like 127/8 in each namespace, and a UDP answer must come from the address of the
        // question.
        let own = namespace.as_str() == "internet" || probe.to.is_loopback();
        let address = if own { probe.to } else { Ipv4Addr::UNSPECIFIED };
        Place { namespace: namespace.clone(), address, protocol: probe.protocol }
    }
}

/// The listeners of a run. They end with the runtime that serves them.
pub(super) struct Listeners {
    own: Vec<(Protocol, Socket)>,
    foreign: Foreign,
}

/// The places where another program listens already, such as a user's server in an instance. It does not send back the
/// token, so a completed connection, or any answer to a datagram, counts.
#[derive(Clone, Default)]
pub(super) struct Foreign(BTreeSet<Place>);

impl Foreign {
    /// Whether another program's server answers, or may answer, a probe.
    pub(super) fn answers(&self, probe: &Probe) -> bool {
        Place::all_of(probe).any(|place| self.0.contains(&place))
    }
}

impl Listeners {
    /// Opens a listener at each probe's places where the port is free.
    pub(super) fn open(lab: &str, probes: &[Probe]) -> Result<Self> {
        let mut places: BTreeMap<NamespaceName, BTreeSet<Place>> = BTreeMap::new();
        for place in probes.iter().filter(|probe| probe.protocol != Protocol::Icmp).flat_map(Place::all_of) {
            places.entry(place.namespace.clone()).or_default().insert(place);
        }
        // A probe may be sent from the port of a listener in its namespace.
        let asked = |probe: &Probe| Some((probe.from.clone(), probe.source_port.as_ref()?.port));
        let asked: BTreeSet<_> = probes.iter().filter_map(asked).collect();
        let shares = |place: &Place| match place.protocol {
            Protocol::Icmp => false,
            Protocol::Tcp(port) | Protocol::Udp(port) => asked.contains(&(place.namespace.clone(), port)),
        };
        let mut listeners = Listeners { own: Vec::new(), foreign: Foreign::default() };
        for (namespace, places) in places {
            let opened =
                enter(lab, &namespace, || places.iter().map(|place| listen(place, shares(place))).collect::<Vec<_>>())?;
            for (place, socket) in places.into_iter().zip(opened) {
                match socket {
                    Ok(socket) => listeners.own.push((place.protocol, socket)),
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => drop(listeners.foreign.0.insert(place)),
                    Err(error) => {
                        let what = msg!(Said::NoListener { protocol: place.protocol });
                        return Err(trouble(lab, &namespace, what, error));
                    }
                }
            }
        }
        Ok(listeners)
    }

    /// Starts the listeners on the calling task's runtime. Returns the places where other programs listen.
    pub(super) fn serve(self) -> io::Result<Foreign> {
        for (protocol, socket) in self.own {
            match protocol {
                Protocol::Icmp => {}
                Protocol::Tcp(_) => drop(tokio::spawn(serve_tcp(TcpListener::from_std(socket.into())?))),
                Protocol::Udp(_) => drop(tokio::spawn(serve_udp(UdpSocket::from_std(socket.into())?))),
            }
        }
        Ok(self.foreign)
    }
}

/// Opens a listener. One that shares its port lets probes be sent from it, too.
fn listen(place: &Place, shares: bool) -> io::Result<Socket> {
    let (kind, port) = match place.protocol {
        Protocol::Icmp => return Err(io::ErrorKind::InvalidInput.into()),
        Protocol::Tcp(port) => (Type::STREAM, port),
        Protocol::Udp(port) => (Type::DGRAM, port),
    };
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, sockopt::IpFreebind, &true)?;
    if shares {
        socket.set_reuse_port(true)?;
    }
    if kind == Type::STREAM {
        // The last run's connections are in TIME_WAIT; this option still fails if a server listens.
        socket.set_reuse_address(true)?;
    } else {
        // Buffer space for all probes at once, with the kernel's overhead per datagram.
        buffers::to_receive(&socket, 1 << 23)?;
    }
    socket.bind(&SocketAddrV4::new(place.address, port).into())?;
    if kind == Type::STREAM {
        socket.listen(4096)?;
    }
    Ok(socket)
}

async fn serve_tcp(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((mut stream, _)) => drop(tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                // The end of the stream tells the other side about a failure.
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            })),
            // The connection closed before it was accepted, or there are no descriptors at the moment.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
        }
    }
}

async fn serve_udp(socket: UdpSocket) {
    let mut buffer = [0; 64];
    loop {
        // An ICMP error about an answer is not a datagram; continue.
        if let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let _ = socket.send_to(&buffer[..length], from).await;
        }
    }
}
