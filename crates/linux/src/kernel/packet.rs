//! Captures the packets that pass a namespace's links, with a packet socket (packet(7)).

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::libc;
use nix::sys::socket::{ControlMessageOwned, LinkAddr, MsgFlags, getsockopt, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use nix::{getsockopt_impl, sockopt_impl};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use super::netns::enter;
use super::{buffers, fault};
use crate::error::Result;
use crate::kernel::messages::Said;
use crate::msg;
use crate::network::model::NamespaceName;

sockopt_impl!(
    /// Packets and drops since the last call.
    PacketStatistics,
    GetOnly,
    libc::SOL_PACKET,
    libc::PACKET_STATISTICS,
    libc::tpacket_stats
);

/// The buffer for packets that arrive faster than they are read: about 50,000 pings, with the kernel's overhead.
const ROOM: usize = 64 << 20;

/// The most bytes read of a packet: larger than any packet, including those that the kernel has not segmented yet.
pub const SNAPLEN: usize = 1 << 18;

/// The most links in a filter, which has 4096 instructions, two for each link.
const MOST_LINKS: usize = 2000;

/// A socket that receives a copy of every packet that passes a namespace's links, even after the namespace's name is
/// removed.
#[derive(Debug)]
pub struct PacketSocket(Socket);

/// A captured packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The index of the link.
    pub link: u32,
    /// Whether it left the namespace by the link.
    pub outgoing: bool,
    /// The type of its destination address.
    pub cast: Cast,
    /// The time since 1970, UTC.
    pub time: Duration,
    /// The number of bytes read.
    pub captured: usize,
    /// Its length.
    pub length: usize,
}

/// The type of a frame's destination address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// One host.
    Unicast,
    /// A group.
    Multicast,
    /// All hosts.
    Broadcast,
}

impl PacketSocket {
    /// Opens a socket in a namespace of a lab. It receives the packets of all links, including later ones.
    pub fn open(lab: &str, namespace: &NamespaceName) -> Result<Self> {
        let opened = enter(lab, namespace, || {
            let all = Protocol::from(i32::from((libc::ETH_P_ALL as u16).to_be()));
            let socket = Socket::new(Domain::PACKET, Type::RAW, Some(all))?;
            socket.set_nonblocking(true)?;
            setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
            buffers::to_receive(&socket, ROOM)?;
            Ok(PacketSocket(socket))
        })?;
        opened.map_err(|error: io::Error| {
            let hint = match error.raw_os_error() {
                Some(libc::EPERM | libc::EACCES) => Said::RunWithNetRaw,
                Some(libc::EAFNOSUPPORT | libc::ESOCKTNOSUPPORT) => Said::LoadAfPacket,
                _ => Said::SeeDmesg,
            };
            fault::host(msg!(Said::CannotReadPackets { lab, name: namespace }), fault::errno(&error), hint)
        })
    }

    /// Sets a filter for these links; an empty list means all links. Packets received before stay.
    pub fn accept_only(&self, links: &[u32]) -> io::Result<()> {
        if links.is_empty() || links.len() > MOST_LINKS {
            return match self.0.detach_filter() {
                // There is no filter.
                Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(()),
                result => result,
            };
        }
        let index = (libc::SKF_AD_OFF + libc::SKF_AD_IFINDEX) as u32;
        let mut program = vec![SockFilter::new((libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, 0, 0, index)];
        for link in links {
            program.push(SockFilter::new((libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, 0, 1, *link));
            program.push(SockFilter::new((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, u32::MAX));
        }
        program.push(SockFilter::new((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, 0));
        self.0.attach_filter(&program)
    }

    /// Reads the next packet, if there is one, to the beginning of `buffer`.
    pub fn receive(&self, buffer: &mut [u8]) -> io::Result<Option<Passed>> {
        let mut control = nix::cmsg_space!(TimeSpec);
        loop {
            let mut parts = [IoSliceMut::new(buffer)];
            // MSG_TRUNC: returns the packet's real length.
            let read = recvmsg::<LinkAddr>(self.0.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::MSG_TRUNC);
            let read = match read {
                Ok(read) => read,
                Err(nix::Error::EINTR) => continue,
                // A link was removed; the others continue.
                Err(nix::Error::ENETDOWN) => continue,
                Err(nix::Error::EAGAIN) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let Some(from) = read.address else { continue };
            let time = read.cmsgs()?.find_map(|message| match message {
                ControlMessageOwned::ScmTimestampns(time) => Some(Duration::from(time)),
                _ => None,
            });
            let length = read.bytes;
            let kind = from.pkttype();
            let cast = match kind {
                libc::PACKET_BROADCAST => Cast::Broadcast,
                libc::PACKET_MULTICAST => Cast::Multicast,
                _ => Cast::Unicast,
            };
            return Ok(Some(Passed {
                link: from.ifindex() as u32,
                outgoing: kind == libc::PACKET_OUTGOING,
                cast,
                time: time.unwrap_or_default(),
                captured: length.min(buffer.len()),
                length,
            }));
        }
    }

    /// The number of packets lost for lack of buffer space since the last call.
    pub fn lost(&self) -> u64 {
        getsockopt(&self.0, PacketStatistics).map_or(0, |statistics| u64::from(statistics.tp_drops))
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
