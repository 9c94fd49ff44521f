//! Listeners in the targets of TCP and UDP probes: whatever they hear, they send back.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Socket, Type};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, UdpSocket};

use super::host::trouble;
use super::question::Probe;
use crate::error::Result;
use crate::flow::Protocol;
use crate::kernel::enter;
use crate::network::model::NamespaceName;

/// Where a listener is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    namespace: NamespaceName,
    address: Ipv4Addr,
    protocol: Protocol,
}

impl Place {
    /// Where the probe is listened for: at its listener, and at whoever else has the address.
    pub(super) fn all_of(probe: &Probe) -> impl Iterator<Item = Self> {
        let namespaces: BTreeSet<_> = probe.listener.iter().chain(&probe.claimants).collect();
        namespaces.into_iter().map(|namespace| Place::of(probe, namespace))
    }

    fn of(probe: &Probe, namespace: &NamespaceName) -> Self {
        // An instance may be spoken to by its public address, which the router turns into its private one. Out there
        // every address is the namespace's own, as 127/8 is in each, and a UDP answer must come from the one that was asked.
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

/// Where somebody else listens already, such as a server that the user runs in an instance: it does not know to send
/// back what it hears, so that a completed connection, or any answer to a datagram, counts.
#[derive(Clone, Default)]
pub(super) struct Foreign(BTreeSet<Place>);

impl Foreign {
    /// Whether a probe is answered, or may be, by somebody else's server.
    pub(super) fn answers(&self, probe: &Probe) -> bool {
        Place::all_of(probe).any(|place| self.0.contains(&place))
    }
}

impl Listeners {
    /// Opens a listener wherever a probe wants one and the port is free.
    pub(super) fn open(lab: &str, probes: &[Probe]) -> Result<Self> {
        let mut places: BTreeMap<NamespaceName, BTreeSet<Place>> = BTreeMap::new();
        for place in probes.iter().filter(|probe| probe.protocol != Protocol::Icmp).flat_map(Place::all_of) {
            places.entry(place.namespace.clone()).or_default().insert(place);
        }
        let mut listeners = Listeners { own: Vec::new(), foreign: Foreign::default() };
        for (namespace, places) in places {
            let opened = enter(lab, &namespace, || places.iter().map(listen).collect::<Vec<_>>())?;
            for (place, socket) in places.into_iter().zip(opened) {
                match socket {
                    Ok(socket) => listeners.own.push((place.protocol, socket)),
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => drop(listeners.foreign.0.insert(place)),
                    Err(error) => {
                        let what = format!("no listener on {} could be put up", place.protocol);
                        return Err(trouble(lab, &namespace, &what, error));
                    }
                }
            }
        }
        Ok(listeners)
    }

    /// Lets them answer, on the runtime of the calling task. Says where somebody else does.
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

fn listen(place: &Place) -> io::Result<Socket> {
    let (kind, port) = match place.protocol {
        Protocol::Icmp => return Err(io::ErrorKind::InvalidInput.into()),
        Protocol::Tcp(port) => (Type::STREAM, port),
        Protocol::Udp(port) => (Type::DGRAM, port),
    };
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, sockopt::IpFreebind, &true)?;
    if kind == Type::STREAM {
        // The last run's connections linger in TIME_WAIT; a server that listens is noticed all the same.
        socket.set_reuse_address(true)?;
    } else {
        // All probes at once, each datagram with the kernel's bookkeeping.
        setsockopt(&socket, sockopt::RcvBufForce, &(1 << 23))?;
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
                // The other side hears of a failure by the end of the stream.
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            })),
            // The connection went before it was accepted, or descriptors ran out for now.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
        }
    }
}

async fn serve_udp(socket: UdpSocket) {
    let mut buffer = [0; 64];
    loop {
        // An ICMP error from an answer's way is no datagram, and no reason to stop.
        if let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let _ = socket.send_to(&buffer[..length], from).await;
        }
    }
}
