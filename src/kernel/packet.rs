//! Packets as they pass a namespace's links: a packet socket (packet(7)).

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::libc;
use nix::sys::socket::{ControlMessageOwned, LinkAddr, MsgFlags, getsockopt, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use nix::{getsockopt_impl, sockopt_impl};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use super::fault;
use super::netns::enter;
use crate::error::Result;
use crate::network::model::NamespaceName;

sockopt_impl!(
    /// Packets and drops since they were asked for last.
    PacketStatistics,
    GetOnly,
    libc::SOL_PACKET,
    libc::PACKET_STATISTICS,
    libc::tpacket_stats
);

/// Room for packets that arrive faster than they are read: about 50,000 pings, as the kernel counts them.
const ROOM: usize = 64 << 20;

/// More of a packet is not read: more than any has, those that the kernel has not cut into segments yet among them.
pub const SNAPLEN: usize = 1 << 18;

/// No longer list of links can be told to the kernel: a filter has 4096 instructions, two for each.
const MOST_LINKS: usize = 2000;

/// A socket that gets a copy of every packet that passes a namespace's links, as long as it is open; also while the
/// namespace's name is gone.
#[derive(Debug)]
pub struct PacketSocket(Socket);

/// A packet that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The index of the link.
    pub link: u32,
    /// Whether it left the namespace by the link.
    pub outgoing: bool,
    /// To whom its frame was sent.
    pub cast: Cast,
    /// When, since 1970, UTC.
    pub time: Duration,
    /// How much of it was read.
    pub captured: usize,
    /// How long it is.
    pub length: usize,
}

/// To whom a frame is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// One.
    Unicast,
    /// Some.
    Multicast,
    /// All.
    Broadcast,
}

impl PacketSocket {
    /// Opens one in a namespace of a lab. It gets what passes any link, those that come later too.
    pub fn open(lab: &str, namespace: &NamespaceName) -> Result<Self> {
        let opened = enter(lab, namespace, || {
            let all = Protocol::from(i32::from((libc::ETH_P_ALL as u16).to_be()));
            let socket = Socket::new(Domain::PACKET, Type::RAW, Some(all))?;
            socket.set_nonblocking(true)?;
            setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
            // Past the host's limit where that is allowed.
            let forced = setsockopt(&socket, sockopt::RcvBufForce, &ROOM);
            forced.or_else(|_| setsockopt(&socket, sockopt::RcvBuf, &ROOM))?;
            Ok(PacketSocket(socket))
        })?;
        opened.map_err(|error: io::Error| {
            let hint = match error.raw_os_error() {
                Some(libc::EPERM | libc::EACCES) => "run as root, or with CAP_NET_RAW",
                Some(libc::EAFNOSUPPORT | libc::ESOCKTNOSUPPORT) => "load it: `modprobe af_packet`",
                _ => "look at `dmesg`",
            };
            fault::host(format!("packets of namespace {lab}.{namespace} cannot be read"), fault::errno(&error), hint)
        })
    }

    /// Has the kernel pass on what passes these links only; all of them where none is given. What has been received
    /// already stays.
    pub fn accept_only(&self, links: &[u32]) -> io::Result<()> {
        if links.is_empty() || links.len() > MOST_LINKS {
            return match self.0.detach_filter() {
                // There is none.
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

    /// The next packet, if one is there: the beginning of `buffer`.
    pub fn receive(&self, buffer: &mut [u8]) -> io::Result<Option<Passed>> {
        let mut control = nix::cmsg_space!(TimeSpec);
        loop {
            let mut parts = [IoSliceMut::new(buffer)];
            // MSG_TRUNC: the length is the packet's own, whatever fits.
            let read = recvmsg::<LinkAddr>(self.0.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::MSG_TRUNC);
            let read = match read {
                Ok(read) => read,
                Err(nix::Error::EINTR) => continue,
                // A link that went away: the others go on.
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

    /// How many packets found no room since this was asked last.
    pub fn lost(&self) -> u64 {
        getsockopt(&self.0, PacketStatistics).map_or(0, |statistics| u64::from(statistics.tp_drops))
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
