//! Sends many rtnetlink messages at once, and reports which of them failed.

use std::borrow::Cow;
use std::io;

use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_ROUTE;
use nix::errno::Errno;
use nix::libc;

use super::netlink::{Answer, Message, Messages};
use super::{buffers, cost, netlink};

/// The most bytes of one send; the kernel copies them into one buffer.
const CHUNK: usize = 256 * 1024;

/// Receive buffer for the kernel's answers to one send in which it refuses every message: some thousands of answers,
/// each in a separate kernel buffer (768 bytes and more). This is a limit and allocates nothing. The default has room
/// for 277 answers; later ones were lost, which looked like a host without memory.
const ANSWERS: usize = 8 << 20;

/// An rtnetlink socket. It works in the namespace where it was opened, from any thread.
#[derive(Debug)]
pub(super) struct RouteSocket(Socket);

/// A message that the kernel refused.
#[derive(Debug)]
pub(super) struct Refused {
    /// The message's tag.
    pub(super) tag: usize,
    /// Why.
    pub(super) errno: Errno,
    /// The kernel's text, or empty.
    pub(super) words: String,
}

/// Why a batch failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The kernel refused messages: the first of them.
    Refused(Refused),
    /// The socket itself failed.
    Socket(Errno),
}

/// Messages, in the order of execution. The kernel continues after a message that fails.
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
    /// Adds a message. If the kernel refuses it, the error has its `tag`, except for the errnos in `forgiven`.
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

    /// Sends all messages. When this returns, the kernel has executed them.
    pub(super) fn send(mut self, socket: &RouteSocket) -> Result<(), Failure> {
        socket.make_room().map_err(Failure::Socket)?;
        let mut first = None;
        let mut from = 0;
        while from < self.messages.len() {
            let begin = self.messages[from].start;
            let fits = self.messages[from..].partition_point(|it| it.start - begin < CHUNK);
            let last = from + fits - 1;
            let end = self.messages.get(last + 1).map_or(self.bytes.len(), |it| it.start);
            // Ask for one ack, for the last message: the kernel answers in order, so this ack ends the list of
            // failures.
            let flags = self.messages[last].start + 6;
            self.bytes[flags] |= NLM_F_ACK as u8;
            socket.send(&self.bytes[begin..end]).map_err(Failure::Socket)?;
            let refused = self.answers(socket, last).map_err(Failure::Socket)?;
            first = first.or(refused);
            from = last + 1;
        }
        first.map_or(Ok(()), |refused| Err(Failure::Refused(refused)))
    }

    /// Reads answers up to that of message `last`; returns the first that is not forgiven.
    fn answers(&self, socket: &RouteSocket, last: usize) -> Result<Option<Refused>, Errno> {
        let mut first = None;
        let mut take = |answered: Message| {
            let Some(sequence) = answered.sequence.checked_sub(1).map(|it| it as usize) else { return false };
            let Some(message) = self.messages.get(sequence) else { return false };
            if let Some(Answer { errno: Some(errno), words }) = answered.answer()
                && !message.forgiven.contains(&errno)
            {
                first.get_or_insert(Refused { tag: message.tag, errno, words: words.unwrap_or_default().to_owned() });
            }
            sequence == last
        };
        while !socket.receive(|datagram| Messages(datagram).any(&mut take))? {}
        Ok(first)
    }
}

impl RouteSocket {
    /// Opens a socket in the calling thread's namespace.
    pub(super) fn open() -> io::Result<Self> {
        let socket = RouteSocket::for_questions()?;
        socket.0.set_cap_ack(true)?;
        socket.0.set_ext_ack(true)?;
        Ok(socket)
    }

    /// Opens a socket for questions only, without extended error texts.
    pub(super) fn for_questions() -> io::Result<Self> {
        cost::socket();
        let socket = Socket::new(NETLINK_ROUTE)?;
        socket.set_netlink_get_strict_chk(true)?;
        Ok(RouteSocket(socket))
    }

    /// Enlarges the buffers for a batch and its answers, if permitted: root of a user namespace has only the limits of
    /// ordinary users. Questions do not need larger buffers.
    fn make_room(&self) -> Result<(), Errno> {
        let (send, receive) = (2 * CHUNK, ANSWERS);
        buffers::to_send(&self.0, send)?;
        buffers::to_receive(&self.0, receive)
    }

    fn send(&self, bytes: &[u8]) -> Result<(), Errno> {
        cost::send();
        self.0.send(bytes, 0).map(drop).map_err(errno)
    }

    /// Receives one whole datagram (see [`netlink::receive`]).
    fn receive<T>(&self, take: impl FnOnce(&[u8]) -> T) -> Result<T, Errno> {
        netlink::receive(&self.0, take)
    }

    /// Passes each message that the kernel lists in answer to `message` to `take`: a consistent list of one moment.
    ///
    /// # Errors The kernel refuses, or the list kept changing (`EINTR`).
    pub(super) fn dump(
        &self,
        message: RouteNetlinkMessage,
        take: impl FnMut(RouteNetlinkMessage),
    ) -> Result<(), Errno> {
        self.dump_sifted(message, |whole| Some(Cow::Borrowed(whole)), take)
    }

    /// The same for a list of which peerlab uses little. `sift` keeps the used part of each message: parsing the rest
    /// would take longer than the kernel takes to list it.
    pub(super) fn dump_sifted(
        &self,
        message: RouteNetlinkMessage,
        sift: impl Fn(&[u8]) -> Option<Cow<'_, [u8]>>,
        take: impl FnMut(RouteNetlinkMessage),
    ) -> Result<(), Errno> {
        let heard = self.list(message)?;
        heard.messages().filter_map(sift).filter_map(|it| read(&it)).for_each(take);
        Ok(())
    }

    /// The same list as bytes.
    pub(super) fn list(&self, message: RouteNetlinkMessage) -> Result<Heard, Errno> {
        let question = question(message, NLM_F_DUMP);
        for _ in 0..ATTEMPTS {
            let heard = self.ask(&question)?;
            if !heard.interrupted {
                return Ok(heard);
            }
        }
        Err(Errno::EINTR)
    }

    /// The one answer to `message`.
    pub(super) fn get(&self, message: RouteNetlinkMessage) -> Result<Option<RouteNetlinkMessage>, Errno> {
        Ok(self.ask(&question(message, 0))?.messages().find_map(read))
    }

    /// The answer as bytes, because the library does not know all messages. Asks again if an answer was lost for lack
    /// of buffers.
    pub(super) fn ask(&self, question: &[u8]) -> Result<Heard, Errno> {
        for _ in 0..ATTEMPTS {
            match self.ask_once(question) {
                // First discard the rest of this answer, which would be taken for the next one.
                Err(Errno::ENOBUFS | Errno::EAGAIN) => while self.receive(|_| ()) != Err(Errno::EAGAIN) {},
                heard => return heard,
            }
        }
        Err(Errno::ENOBUFS)
    }

    /// Asks once. A list ends with a special message; a single answer ends with itself.
    fn ask_once(&self, question: &[u8]) -> Result<Heard, Errno> {
        self.send(question)?;
        let is_list = Messages(question).any(|it| it.is_dump());
        let mut heard = Heard::default();
        loop {
            match self.receive(|datagram| heard.take_in(datagram))? {
                Some(end) => return end.map(|()| heard),
                None if !is_list => return Ok(heard),
                None => {}
            }
        }
    }
}

/// Attempts to get a list that keeps changing, or whose answers are lost.
const ATTEMPTS: usize = 20;

/// The bytes of a question.
fn question(message: RouteNetlinkMessage, flags: u16) -> Vec<u8> {
    let mut batch = Batch::default();
    batch.push(0, flags, message, &[]);
    batch.bytes
}

/// The answer so far.
#[derive(Default)]
pub(super) struct Heard {
    /// The answer's messages, one after the other.
    bytes: Vec<u8>,
    /// The list changed between two datagrams, so entries may be missing or duplicated.
    interrupted: bool,
}

impl Heard {
    /// Adds a datagram; `Some` if it ends the answer.
    fn take_in(&mut self, datagram: &[u8]) -> Option<Result<(), Errno>> {
        for message in Messages(datagram) {
            self.interrupted |= message.is_interrupted();
            if let Some(answer) = message.answer() {
                return Some(answer.errno.map_or(Ok(()), Err));
            }
            self.bytes.extend(message.whole);
            self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        }
        None
    }

    /// The messages, each with its header.
    pub(super) fn messages(&self) -> impl Iterator<Item = &[u8]> {
        Messages(&self.bytes).map(|it| it.whole)
    }
}

/// Parses a message; `None` for one that the library cannot parse, which is of a kind that peerlab does not use.
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
