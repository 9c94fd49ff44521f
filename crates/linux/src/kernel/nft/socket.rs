//! A nfnetlink socket: batches, dumps, and what the kernel answers.
//!
//! The kernel has handled what is sent before `send` returns, and makes the next part of a dump while one is received. So
//! nothing is ever waited for: all answers are there to be read, and one that is not there will not come.

use std::cell::Cell;
use std::io;

use netlink_packet_core::NLMSG_NOOP;
use netlink_sys::protocols::NETLINK_NETFILTER;
use nix::errno::Errno;

use super::encode::Batch;
use super::failure;
use super::message::Writer;
use super::messages::Said;
use super::uapi::{family, flag};
use crate::error::{Error, Result};
use crate::kernel::netlink::{Message, Messages};
use crate::kernel::{buffers, cost, netlink};

/// Data that the kernel needs in addition to a batch's bytes.
const OVERHEAD: usize = 4096;

/// The request of a dump.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) kind: u16,
    pub(super) family: u8,
    /// Attributes that hold a name.
    pub(super) names: &'a [(u16, &'a str)],
}

impl Request<'_> {
    /// Asks for all objects of a kind, of all families.
    pub(super) fn all(kind: u16) -> Self {
        Request { kind, family: family::UNSPECIFIED, names: &[] }
    }
}

/// Why a dump failed.
pub(super) enum Interrupted {
    /// The ruleset changed meanwhile, or the kernel ran out of room: ask again.
    Again,
    /// It failed permanently.
    Failed(crate::error::Error),
}

/// The socket. Only one thread at a time may use it, because answers go to the last request.
pub(super) struct Socket {
    socket: netlink_sys::Socket,
    sequence: Cell<u32>,
    /// The largest batch that the socket is known to take.
    room: Cell<usize>,
}

impl Socket {
    /// Opens a socket in the calling thread's namespace.
    pub(super) fn open() -> Result<Self> {
        cost::socket();
        let socket =
            netlink_sys::Socket::new(NETLINK_NETFILTER).map_err(|error| failure::socket(Said::Open, &error))?;
        Ok(Socket { socket, sequence: Cell::new(1), room: Cell::new(0) })
    }

    /// Sends a batch, and reads what became of it.
    pub(super) fn commit<'a>(&self, batch: impl FnOnce(u32) -> Batch<'a>) -> Result<()> {
        let batch = batch(self.sequence.get());
        self.sequence.set(batch.end_sequence().wrapping_add(1));
        self.want_words()?;
        self.make_room(batch.bytes().len())?;
        self.send(batch.bytes())?;
        let (mut refusal, mut done) = (None, false);
        let lost = self.receive(|message| {
            let Some(answer) = message.answer() else { return false };
            done |= message.sequence == batch.last_sequence();
            if let Some(errno) = answer.errno
                && refusal.is_none()
            {
                refusal = Some(failure::refused(batch.subject(message.sequence), errno, answer.words));
            }
            done
        })?;
        refusal.map_or(Ok(()), Err)?;
        match (lost, done) {
            (true, _) => Err(failure::socket(Said::ReadFrom, &Errno::ENOBUFS.into())),
            (false, true) => Ok(()),
            (false, false) => Err(no_answer()),
        }
    }

    /// Reads a dump, and gives each of its messages to `add`. Returns the generation of the ruleset that they tell of, if
    /// there was any message.
    pub(super) fn dump(
        &self,
        request: Request,
        mut add: impl FnMut(&Message),
    ) -> std::result::Result<Option<u16>, Interrupted> {
        let sequence = self.next_sequence();
        let mut writer = Writer::with_capacity(256);
        writer.message((request.kind, flag::DUMP), sequence, (request.family, 0), |w| {
            request.names.iter().for_each(|(kind, name)| w.text(*kind, name));
        });
        self.send(writer.bytes())?;
        let (mut generation, mut interrupted, mut ended) = (None, false, None);
        let lost = self.receive(|message| {
            if message.sequence != sequence {
                return false;
            }
            interrupted |= message.is_interrupted();
            if let Some(answer) = message.answer() {
                ended = Some(answer.errno);
            } else if message.kind != NLMSG_NOOP {
                interrupted |= generation.is_some_and(|first| Some(first) != message.generation());
                generation = message.generation();
                add(message);
            }
            ended.is_some()
        })?;
        match ended {
            // A set that is gone, a dump that is still under way, no memory for a part.
            Some(Some(
                Errno::ENOENT | Errno::EBUSY | Errno::EINTR | Errno::EAGAIN | Errno::ENOBUFS | Errno::EMSGSIZE,
            )) => Err(Interrupted::Again),
            Some(Some(errno)) => Err(Interrupted::Failed(failure::unreadable(errno))),
            Some(None) if !interrupted && !lost => Ok(generation),
            Some(None) | None => Err(Interrupted::Again),
        }
    }

    /// Refusals come without a copy of what was refused, and with the kernel's words where it has some. Dumps need neither.
    fn want_words(&self) -> Result<()> {
        let wanted = self.socket.set_cap_ack(true).and_then(|()| self.socket.set_ext_ack(true));
        wanted.map_err(|error| failure::socket(Said::SetUp, &error))
    }

    fn next_sequence(&self) -> u32 {
        let sequence = self.sequence.get();
        self.sequence.set(sequence.wrapping_add(1));
        sequence
    }

    /// A batch is one datagram, and must fit into the socket's buffer as a whole.
    fn make_room(&self, bytes: usize) -> Result<()> {
        if bytes > self.room.get() {
            let wanted = bytes + OVERHEAD;
            buffers::to_send(&self.socket, wanted)
                .map_err(|errno| failure::socket(Said::EnlargeBufferOf, &errno.into()))?;
            self.room.set(bytes);
        }
        Ok(())
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        cost::send();
        self.socket.send(bytes, 0).map(drop).map_err(|error| failure::socket(Said::WriteTo, &error))
    }

    /// Reads the pending messages, up to the one that `each` calls the last. Returns whether messages were lost for
    /// lack of buffers.
    fn receive(&self, mut each: impl FnMut(&Message) -> bool) -> Result<bool> {
        let mut lost = false;
        loop {
            match netlink::receive(&self.socket, |datagram| Messages(datagram).any(|message| each(&message))) {
                Ok(true) | Err(Errno::EAGAIN) => return Ok(lost),
                Ok(false) => {}
                Err(Errno::ENOBUFS) => lost = true,
                Err(errno) => return Err(failure::socket(Said::ReadFrom, &errno.into())),
            }
        }
    }
}

fn no_answer() -> Error {
    failure::socket(Said::Use, &io::Error::from(Errno::EAGAIN))
}

impl From<Error> for Interrupted {
    fn from(error: Error) -> Self {
        Interrupted::Failed(error)
    }
}
