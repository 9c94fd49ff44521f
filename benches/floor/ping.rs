//! A sweep of pings: a raw socket in each instance sends all its echo requests with one system call.

use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::socket::{
    AddressFamily, MsgFlags, MultiHeaders, SockFlag, SockProtocol, SockType, SockaddrIn, recv, sendmmsg, setsockopt,
    socket, sockopt,
};

/// How many times a sweep repeats unanswered pings, and how long it waits each time: a new link may lose its first
/// packet.
const TIMES: usize = 20;
const PATIENCE: Duration = Duration::from_millis(50);

/// An instance that pings.
pub struct Source {
    socket: OwnedFd,
    identifier: u16,
    targets: Vec<Ipv4Addr>,
    answered: Vec<bool>,
}

impl Source {
    /// Opens its socket in the calling thread's namespace.
    pub fn open(identifier: u16) -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Icmp)?;
        setsockopt(&socket, sockopt::RcvBufForce, &(1 << 20))?;
        answers_only(&socket)?;
        Ok(Source { socket, identifier, targets: Vec::new(), answered: Vec::new() })
    }

    pub fn aim(&mut self, targets: Vec<Ipv4Addr>) {
        self.answered = vec![false; targets.len()];
        self.targets = targets;
    }

    fn missing(&self) -> bool {
        self.answered.iter().any(|answered| !answered)
    }

    /// Sends the unanswered pings.
    fn send(&self) -> io::Result<()> {
        let missing = || (0..self.targets.len()).filter(|sequence| !self.answered[*sequence]);
        let echoes: Vec<_> = missing().map(|sequence| echo(self.identifier, sequence as u16)).collect();
        let slices: Vec<_> = echoes.iter().map(|echo| [IoSlice::new(echo)]).collect();
        let address = |sequence: usize| Some(SockaddrIn::from(SocketAddrV4::new(self.targets[sequence], 0)));
        let addresses: Vec<_> = missing().map(address).collect();
        let mut sent = 0;
        while sent < echoes.len() {
            let mut headers = MultiHeaders::preallocate(echoes.len() - sent, None);
            let socket = self.socket.as_raw_fd();
            let results = sendmmsg(socket, &mut headers, &slices[sent..], &addresses[sent..], [], MsgFlags::empty())?;
            sent += results.count();
        }
        Ok(())
    }

    fn receive(&mut self) {
        let mut packet = [0; 64];
        // The answer to a packet without options has none, so the ICMP header is at byte 20.
        while let Ok(length) = recv(self.socket.as_raw_fd(), &mut packet, MsgFlags::empty()) {
            let word = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
            let from = Ipv4Addr::new(packet[12], packet[13], packet[14], packet[15]);
            let sequence = usize::from(word(26));
            let is_answer = length >= 28 && packet[20] == 0 && word(24) == self.identifier;
            if is_answer && self.targets.get(sequence) == Some(&from) {
                self.answered[sequence] = true;
            }
        }
    }
}

/// Filters other instances' requests out of the socket (ICMP_FILTER: a set bit drops that type).
fn answers_only(socket: &OwnedFd) -> io::Result<()> {
    let filter = !1_u32;
    // SAFETY: the option's value is a u32 that lives for the call.
    let failed = unsafe { libc::setsockopt(socket.as_raw_fd(), libc::SOL_RAW, 1, (&raw const filter).cast(), 4) };
    if failed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Pings every target of every source; returns the number of answers.
pub fn sweep(sources: &mut [&mut Source]) -> io::Result<usize> {
    for _ in 0..TIMES {
        for source in sources.iter_mut() {
            source.send()?;
            source.receive();
        }
        let end = Instant::now() + PATIENCE;
        while sources.iter().any(|source| source.missing()) && Instant::now() < end {
            sources.iter_mut().for_each(|source| source.receive());
            std::thread::yield_now();
        }
        if !sources.iter().any(|source| source.missing()) {
            break;
        }
    }
    Ok(sources.iter().flat_map(|source| &source.answered).filter(|answered| **answered).count())
}

/// An echo request of eight bytes.
fn echo(identifier: u16, sequence: u16) -> [u8; 8] {
    let sum = 0x0800 + u32::from(identifier) + u32::from(sequence);
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !((folded & 0xffff) + (folded >> 16)) as u16;
    let [[a, b], [c, d], [e, f]] = [checksum.to_be_bytes(), identifier.to_be_bytes(), sequence.to_be_bytes()];
    [8, 0, a, b, c, d, e, f]
}
