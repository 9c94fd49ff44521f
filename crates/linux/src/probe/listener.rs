//! Listeners in the targets of TCP and UDP probes, which send back what they receive.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex};

use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, sendmsg, setsockopt, sockopt,
};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::host::{Token, place_in, trouble};
use super::messages::Said;
use super::question::Probe;
use crate::error::Result;
use crate::flow::Protocol;
use crate::kernel::{buffers, enter, exists};
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
        // every address is local, like 127/8 in each namespace.
        let own = namespace.as_str() == "internet" || probe.to.is_loopback();
        let address = if own { probe.to } else { Ipv4Addr::UNSPECIFIED };
        let arrives = probe.received.filter(|_| probe.listener.as_ref() == Some(namespace));
        Place { namespace: namespace.clone(), address, protocol: arrives.unwrap_or(probe.protocol) }
    }
}

/// The listeners of a run. They end with the runtime that serves them.
pub(super) struct Listeners {
    own: Vec<(Place, Socket)>,
    foreign: Foreign,
}

/// Who received probes of a run here, by the probe's place.
pub(super) type Received = Vec<(usize, NamespaceName)>;

/// The tokens that listeners received, each with the namespace of the listener.
#[derive(Clone, Default)]
pub(super) struct Noted(Arc<Mutex<BTreeMap<Token, NamespaceName>>>);

impl Noted {
    /// The namespace whose listener received the token; `None`: none of them.
    pub(super) fn by(&self, token: &Token) -> Option<NamespaceName> {
        self.0.lock().ok()?.get(token).cloned()
    }

    /// The places of the run's probes that were received here, with the receivers.
    pub(super) fn of_run(&self, run: u32) -> Received {
        let Ok(noted) = self.0.lock() else { return Vec::new() };
        let places = noted.iter().filter_map(|(token, namespace)| Some((place_in(token, run)?, namespace.clone())));
        places.collect()
    }

    fn note(&self, token: Token, namespace: &NamespaceName) {
        if let Ok(mut noted) = self.0.lock() {
            noted.insert(token, namespace.clone());
        }
    }
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

    /// The namespaces of all of them, with the protocols.
    pub(super) fn places(&self) -> impl Iterator<Item = (&NamespaceName, Protocol)> {
        self.0.iter().map(|place| (&place.namespace, place.protocol))
    }
}

impl Listeners {
    /// Opens a listener at each probe's places where the port is free, and no namespace is gone.
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
        for (namespace, places) in places.into_iter().filter(|(namespace, _)| exists(lab, namespace)) {
            let opened =
                enter(lab, &namespace, || places.iter().map(|place| listen(place, shares(place))).collect::<Vec<_>>())?;
            for (place, socket) in places.into_iter().zip(opened) {
                match socket {
                    Ok(socket) => listeners.own.push((place, socket)),
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

    /// The places where other programs listen.
    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        !self.own.is_empty()
    }

    pub(super) fn foreign(&self) -> &Foreign {
        &self.foreign
    }

    /// Starts the listeners on the calling task's runtime. Returns the places where other programs listen.
    pub(super) fn serve(self, noted: &Noted) -> io::Result<Foreign> {
        for (Place { namespace, protocol, .. }, socket) in self.own {
            let noted = noted.clone();
            match protocol {
                Protocol::Icmp => {}
                Protocol::Tcp(_) => {
                    drop(tokio::spawn(serve_tcp(TcpListener::from_std(socket.into())?, namespace, noted)));
                }
                Protocol::Udp(_) => {
                    drop(tokio::spawn(serve_udp(UdpSocket::from_std(socket.into())?, namespace, noted)))
                }
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
        setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
        // Buffer space for all probes at once, with the kernel's overhead per datagram.
        buffers::to_receive(&socket, 1 << 23)?;
    }
    socket.bind(&SocketAddrV4::new(place.address, port).into())?;
    if kind == Type::STREAM {
        socket.listen(4096)?;
    }
    Ok(socket)
}

async fn serve_tcp(listener: TcpListener, namespace: NamespaceName, noted: Noted) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (namespace, noted) = (namespace.clone(), noted.clone());
                drop(tokio::spawn(async move {
                    // The end of the stream tells the other side about a failure.
                    let _ = answer(stream, &namespace, &noted).await;
                }));
            }
            // The connection closed before it was accepted, or there are no descriptors at the moment.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
        }
    }
}

async fn answer(mut stream: TcpStream, namespace: &NamespaceName, noted: &Noted) -> io::Result<()> {
    let mut token = Token::default();
    stream.read_exact(&mut token).await?;
    noted.note(token, namespace);
    stream.write_all(&token).await?;
    // Until the other side closes, so that the port is free there at once.
    let _ = stream.read(&mut [0]).await;
    stream.shutdown().await
}

async fn serve_udp(socket: UdpSocket, namespace: NamespaceName, noted: Noted) {
    loop {
        // An ICMP error about an answer is not a datagram; continue.
        let _ = socket.async_io(Interest::READABLE, || answer_datagram(&socket, &namespace, &noted)).await;
    }
}

/// Sends a datagram back, from the address to which it came: a namespace may have several.
fn answer_datagram(socket: &UdpSocket, namespace: &NamespaceName, noted: &Noted) -> io::Result<()> {
    let mut buffer = [0; 64];
    let mut space = nix::cmsg_space!(nix::libc::in_pktinfo);
    let mut parts = [io::IoSliceMut::new(&mut buffer)];
    let received = recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::empty())?;
    let to = received.cmsgs()?.find_map(|message| match message {
        ControlMessageOwned::Ipv4PacketInfo(info) => Some(info),
        _ => None,
    });
    let (length, from) = (received.bytes, received.address);
    if let Ok(token) = buffer[..length].try_into() {
        noted.note(token, namespace);
    }
    let back = to.map(|info| nix::libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: info.ipi_addr, ..info });
    let control: Vec<_> = back.iter().map(ControlMessage::Ipv4PacketInfo).collect();
    let parts = [io::IoSlice::new(&buffer[..length])];
    sendmsg(socket.as_raw_fd(), &parts, &control, MsgFlags::empty(), from.as_ref())?;
    Ok(())
}
