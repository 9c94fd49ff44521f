//! Many rtnetlink messages in one send, and which of them failed.

use std::borrow::Cow;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_ROUTE;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{setsockopt, sockopt};

use super::cost;

/// What one send takes: the kernel copies it into one buffer of its own.
const CHUNK: usize = 256 * 1024;

/// What an answer is at most: the kernel makes parts of a list of at most 32 KiB, and none of our links, nor any that a user
/// might add, takes as much alone.
const DATAGRAM: usize = 64 * 1024;

/// Room for what the kernel answers to one send in which it refuses every message: some thousands of them, each in a buffer
/// of its own (768 bytes and more). It is a limit, and takes nothing. By default there is room for 277, and what came after
/// was lost: it looked as if the host had no memory.
const ANSWERS: usize = 8 << 20;

/// An rtnetlink socket: it works in the namespace in which it was opened, from whichever thread.
#[derive(Debug)]
pub(super) struct RouteSocket(Socket);

/// A message that the kernel refused.
#[derive(Debug)]
pub(super) struct Refused {
    /// The tag it was added with.
    pub(super) tag: usize,
    /// Why.
    pub(super) errno: Errno,
    /// The kernel's own words, where it has some.
    pub(super) words: String,
}

/// Why a batch did not go through.
#[derive(Debug)]
pub(super) enum Failure {
    /// The kernel refused messages: the first of them.
    Refused(Refused),
    /// The socket itself failed.
    Socket(Errno),
}

/// Messages, in the order in which they are carried out. One that fails does not keep the kernel from the next.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// By sequence number (from 1).
    messages: Vec<Tag>,
}

#[derive(Debug)]
struct Tag {
    start: usize,
    tag: usize,
    forgiven: &'static [Errno],
}

impl Batch {
    /// Adds a message. `tag` comes back if it is refused, but for the reasons that are `forgiven`.
    pub(super) fn push(&mut self, tag: usize, flags: u16, message: RouteNetlinkMessage, forgiven: &'static [Errno]) {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        let start = self.bytes.len();
        self.messages.push(Tag { start, tag, forgiven });
        header.sequence_number = self.messages.len() as u32;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(message));
        message.finalize();
        self.bytes.resize(start + message.buffer_len().next_multiple_of(4), 0);
        message.serialize(&mut self.bytes[start..]);
    }

    /// Sends all of it. The kernel has carried it out when this returns.
    pub(super) fn send(mut self, socket: &RouteSocket) -> Result<(), Failure> {
        socket.make_room().map_err(Failure::Socket)?;
        let mut first = None;
        let mut from = 0;
        while from < self.messages.len() {
            let begin = self.messages[from].start;
            let fits = self.messages[from..].partition_point(|it| it.start - begin < CHUNK);
            let last = from + fits - 1;
            let end = self.messages.get(last + 1).map_or(self.bytes.len(), |it| it.start);
            // One ack for the last of them: the kernel answers in order, so it closes the list of what failed.
            let flags = self.messages[last].start + 6;
            self.bytes[flags] |= NLM_F_ACK as u8;
            socket.send(&self.bytes[begin..end]).map_err(Failure::Socket)?;
            let refused = self.answers(socket, last).map_err(Failure::Socket)?;
            first = first.or(refused);
            from = last + 1;
        }
        first.map_or(Ok(()), |refused| Err(Failure::Refused(refused)))
    }

    /// Reads answers up to that of message `last`; gives the first that counts.
    fn answers(&self, socket: &RouteSocket, last: usize) -> Result<Option<Refused>, Errno> {
        let mut first = None;
        let mut buffer = Vec::with_capacity(DATAGRAM);
        loop {
            socket.receive(&mut buffer)?;
            for answer in Answers(&buffer) {
                let Some(sequence) = answer.sequence.checked_sub(1).map(|it| it as usize) else { continue };
                let Some(message) = self.messages.get(sequence) else { continue };
                if answer.kind == NLMSG_ERROR
                    && let Some((errno, words)) = refusal(answer.payload)
                    && !message.forgiven.contains(&errno)
                {
                    first.get_or_insert(Refused { tag: message.tag, errno, words });
                }
                if sequence == last {
                    return Ok(first);
                }
            }
        }
    }
}

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;

/// What is dumped changed since the dump began.
const NLM_F_DUMP_INTR: u16 = 0x10;

/// Raw messages of one datagram.
struct Answers<'a>(&'a [u8]);

struct Answer<'a> {
    kind: u16,
    flags: u16,
    sequence: u32,
    whole: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Iterator for Answers<'a> {
    type Item = Answer<'a>;

    fn next(&mut self) -> Option<Answer<'a>> {
        let length = u32::from_ne_bytes(*self.0.first_chunk()?) as usize;
        let whole = self.0.get(..length).filter(|it| it.len() >= 16)?;
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Answer {
            kind: u16::from_ne_bytes([whole[4], whole[5]]),
            flags: u16::from_ne_bytes([whole[6], whole[7]]),
            sequence: u32::from_ne_bytes([whole[8], whole[9], whole[10], whole[11]]),
            whole,
            payload: &whole[16..],
        })
    }
}

/// The error of an NLMSG_ERROR's payload and the kernel's words; `None`: it is an ack.
fn refusal(payload: &[u8]) -> Option<(Errno, String)> {
    const WORDS: u16 = 1;
    let code = i32::from_ne_bytes(*payload.first_chunk()?);
    if code == 0 {
        return None;
    }
    // The refused message's header, then attributes (with NETLINK_CAP_ACK).
    let words = attributes(payload.get(20..).unwrap_or_default()).filter(|it| it.kind == WORDS).last();
    let words = words.map(|it| String::from_utf8_lossy(it.value).trim_end_matches('\0').to_owned());
    Some((Errno::from_raw(code.wrapping_neg()), words.unwrap_or_default()))
}

/// An attribute of a message.
pub(super) struct Attribute<'a> {
    pub(super) kind: u16,
    pub(super) value: &'a [u8],
    /// With its header, and without what fills up to the next.
    pub(super) whole: &'a [u8],
}

/// Attributes as far as they can be told apart.
pub(super) fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    std::iter::from_fn(move || {
        let [a, b, c, d] = *bytes.first_chunk()?;
        let (length, kind) = (u16::from_ne_bytes([a, b]) as usize, u16::from_ne_bytes([c, d]));
        let (whole, value) = (bytes.get(..length)?, bytes.get(4..length)?);
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Attribute { kind, value, whole })
    })
}

impl RouteSocket {
    /// Opens one in the calling thread's namespace.
    pub(super) fn open() -> io::Result<Self> {
        let socket = RouteSocket::for_questions()?;
        socket.0.set_cap_ack(true)?;
        socket.0.set_ext_ack(true)?;
        Ok(socket)
    }

    /// One that is only asked, and needs no reasons for what it is refused.
    pub(super) fn for_questions() -> io::Result<Self> {
        cost::socket();
        let socket = Socket::new(NETLINK_ROUTE)?;
        socket.set_netlink_get_strict_chk(true)?;
        Ok(RouteSocket(socket))
    }

    /// For a batch and all that may be said to it. Questions need none.
    fn make_room(&self) -> Result<(), Errno> {
        // SAFETY: the socket is open for as long as this borrow of it.
        let fd = unsafe { BorrowedFd::borrow_raw(self.0.as_raw_fd()) };
        setsockopt(&fd, sockopt::SndBufForce, &(2 * CHUNK))?;
        setsockopt(&fd, sockopt::RcvBufForce, &ANSWERS)
    }

    fn send(&self, bytes: &[u8]) -> Result<(), Errno> {
        cost::send();
        self.0.send(bytes, 0).map(drop).map_err(errno)
    }

    /// One datagram, whole. The kernel has handled what is sent before `send` returns, and makes the next part of a list while
    /// one is received: what is not there now will not come, be it for want of memory (`EAGAIN` here).
    fn receive(&self, buffer: &mut Vec<u8>) -> Result<(), Errno> {
        cost::read();
        loop {
            buffer.clear();
            buffer.reserve(DATAGRAM);
            match self.0.recv(buffer, libc::MSG_TRUNC | libc::MSG_DONTWAIT).map_err(errno) {
                Ok(length) if length > buffer.len() => return Err(Errno::EMSGSIZE),
                Ok(_) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    /// All that the kernel lists in answer to `message`, as it was at one moment, each given to `take`.
    ///
    /// # Errors
    /// The kernel refuses, or something kept changing what it lists (`EINTR`).
    pub(super) fn dump(
        &self,
        message: RouteNetlinkMessage,
        take: impl FnMut(RouteNetlinkMessage),
    ) -> Result<(), Errno> {
        self.dump_sifted(message, |whole| Some(Cow::Borrowed(whole)), take)
    }

    /// The same of a list of which little is wanted. `sift` leaves of each message what is: reading the rest would take longer
    /// than the kernel takes to list it.
    pub(super) fn dump_sifted(
        &self,
        message: RouteNetlinkMessage,
        sift: impl Fn(&[u8]) -> Option<Cow<'_, [u8]>>,
        take: impl FnMut(RouteNetlinkMessage),
    ) -> Result<(), Errno> {
        let question = question(message, NLM_F_DUMP);
        for _ in 0..ATTEMPTS {
            let heard = self.ask(&question)?;
            if !heard.interrupted {
                heard.messages().filter_map(sift).filter_map(|it| read(&it)).for_each(take);
                return Ok(());
            }
        }
        Err(Errno::EINTR)
    }

    /// The one answer to `message`.
    pub(super) fn get(&self, message: RouteNetlinkMessage) -> Result<Option<RouteNetlinkMessage>, Errno> {
        Ok(read(&self.get_raw(&question(message, 0))?))
    }

    /// The same as bytes, of a message that the library does not know.
    pub(super) fn get_raw(&self, question: &[u8]) -> Result<Vec<u8>, Errno> {
        Ok(self.ask(question)?.bytes)
    }

    /// Asks, and once more where an answer was lost for want of buffers.
    fn ask(&self, question: &[u8]) -> Result<Heard, Errno> {
        let mut buffer = Vec::with_capacity(DATAGRAM);
        for _ in 0..ATTEMPTS {
            match self.ask_once(question, &mut buffer) {
                // What is left of the answer goes first: it would be taken for the next one's.
                Err(Errno::ENOBUFS | Errno::EAGAIN) => while self.receive(&mut buffer) != Err(Errno::EAGAIN) {},
                heard => return heard,
            }
        }
        Err(Errno::ENOBUFS)
    }

    /// A list ends with a message of its own, what is not listed with the answer.
    fn ask_once(&self, question: &[u8], buffer: &mut Vec<u8>) -> Result<Heard, Errno> {
        self.send(question)?;
        let listed = Answers(question).any(|it| it.flags & NLM_F_DUMP != 0);
        let mut heard = Heard::default();
        loop {
            self.receive(buffer)?;
            match heard.take_in(buffer) {
                Some(end) => return end.map(|()| heard),
                None if !listed => return Ok(heard),
                None => {}
            }
        }
    }
}

/// So often a list is asked for that something keeps changing, or that is lost.
const ATTEMPTS: usize = 20;

/// A message that asks.
fn question(message: RouteNetlinkMessage, flags: u16) -> Vec<u8> {
    let mut batch = Batch::default();
    batch.push(0, flags, message, &[]);
    batch.bytes
}

/// What was answered so far.
#[derive(Default)]
struct Heard {
    /// Its messages, one behind the other.
    bytes: Vec<u8>,
    /// What is listed changed between two datagrams: something may be missing, or told twice.
    interrupted: bool,
}

impl Heard {
    /// Takes in a datagram; `Some` where it ends the answer.
    fn take_in(&mut self, datagram: &[u8]) -> Option<Result<(), Errno>> {
        for answer in Answers(datagram) {
            self.interrupted |= answer.flags & NLM_F_DUMP_INTR != 0;
            match answer.kind {
                NLMSG_DONE => return Some(Ok(())),
                NLMSG_ERROR => return Some(refusal(answer.payload).map_or(Ok(()), |(errno, _)| Err(errno))),
                _ => {
                    self.bytes.extend(answer.whole);
                    self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
                }
            }
        }
        None
    }

    /// Each with its header.
    fn messages(&self) -> impl Iterator<Item = &[u8]> {
        Answers(&self.bytes).map(|answer| answer.whole)
    }
}

/// `None`: what cannot be read is of a sort that is none of ours.
fn read(message: &[u8]) -> Option<RouteNetlinkMessage> {
    match NetlinkMessage::deserialize(message).ok()?.payload {
        NetlinkPayload::InnerMessage(message) => Some(message),
        _ => None,
    }
}

fn errno(error: io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO))
}

#[cfg(test)]
mod tests;
