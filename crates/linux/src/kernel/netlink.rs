//! Reads received netlink of any family: datagrams of messages, messages of attributes, and the kernel's answers. Reads
//! in place, without copies.

use std::cell::RefCell;
use std::io;

use netlink_packet_core::{
    NLA_TYPE_MASK, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR,
};
use netlink_sys::Socket;
use nix::errno::Errno;
use nix::libc::{MSG_DONTWAIT, MSG_TRUNC};

use super::cost;

/// Size of a message's header.
pub(super) const HEADER: usize = 16;

/// Size of an attribute's header.
const ATTRIBUTE_HEADER: usize = 4;

/// The largest datagram. The kernel splits a list into parts of at most 32 KiB, and no single link of ours, or one that
/// a user might add, is larger.
const DATAGRAM: usize = 64 * 1024;

/// `NLMSGERR_ATTR_MSG`: the kernel's error text.
const WORDS: u16 = 1;

thread_local! {
    /// This thread's receive buffer. A new buffer for each of some thousand questions would cause a page fault each.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Passes the next datagram to `take`. The kernel handles a message before its `send` returns, and produces the next
/// part of a list while one is received. So a datagram that is not there now will never come, perhaps for lack of
/// memory.
///
/// `take` must not call `receive`.
///
/// # Errors `EAGAIN`: there is no datagram. `ENOBUFS`: one was lost. `EMSGSIZE`: it is longer than [`DATAGRAM`].
pub(super) fn receive<T>(socket: &Socket, take: impl FnOnce(&[u8]) -> T) -> Result<T, Errno> {
    cost::read();
    BUFFER.with_borrow_mut(|buffer| {
        loop {
            buffer.clear();
            buffer.reserve(DATAGRAM);
            match socket.recv(buffer, MSG_TRUNC | MSG_DONTWAIT) {
                Ok(length) if length > buffer.len() => return Err(Errno::EMSGSIZE),
                Ok(_) => return Ok(take(buffer)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Errno::from_raw(error.raw_os_error().unwrap_or(Errno::EIO as i32))),
            }
        }
    })
}

/// The messages of a datagram. Ends at the first that is malformed.
pub(super) struct Messages<'a>(pub(super) &'a [u8]);

/// A message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    pub(super) flags: u16,
    pub(super) sequence: u32,
    /// The port of the socket that caused it; 0: the kernel's own.
    pub(super) port: u32,
    /// The message with its header.
    pub(super) whole: &'a [u8],
    /// Everything after the header.
    pub(super) payload: &'a [u8],
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let header: &[u8; HEADER] = self.0.first_chunk()?;
        let [a, b, c, d, e, f, g, h, i, j, k, l, port @ ..] = *header;
        let length = u32::from_ne_bytes([a, b, c, d]) as usize;
        let (whole, payload) = (self.0.get(..length)?, self.0.get(HEADER..length)?);
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        let (kind, flags) = (u16::from_ne_bytes([e, f]), u16::from_ne_bytes([g, h]));
        let (sequence, port) = (u32::from_ne_bytes([i, j, k, l]), u32::from_ne_bytes(port));
        Some(Message { kind, flags, sequence, port, whole, payload })
    }
}

impl<'a> Message<'a> {
    /// Whether the message asks for a list.
    pub(super) fn is_dump(&self) -> bool {
        self.flags & NLM_F_DUMP != 0
    }

    /// Whether the list changed since it began, so that entries may be missing or duplicated.
    pub(super) fn is_interrupted(&self) -> bool {
        self.flags & NLM_F_DUMP_INTR != 0
    }

    /// The kernel's answer to a message, or at the end of a list; `None` for other messages.
    pub(super) fn answer(&self) -> Option<Answer<'a>> {
        if self.kind != NLMSG_ERROR && self.kind != NLMSG_DONE {
            return None;
        }
        let code = self.payload.first_chunk().map_or(0, |code| i32::from_ne_bytes(*code));
        let errno = (code != 0).then(|| Errno::from_raw(code.wrapping_neg()));
        // The refused message's header follows the error.
        let has_words = self.kind == NLMSG_ERROR && self.flags & (NLM_F_CAPPED | NLM_F_ACK_TLVS) != 0;
        let words = self.payload.get(4 + HEADER..).filter(|_| has_words).unwrap_or_default();
        let words = attribute(Attributes(words), WORDS).and_then(text);
        Some(Answer { errno, words })
    }
}

/// The kernel's answer to a message, or at the end of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Answer<'a> {
    /// `None`: success.
    pub(super) errno: Option<Errno>,
    /// The kernel's error text, if any.
    pub(super) words: Option<&'a str>,
}

/// Attributes, each with its type and value. Ends at the first that is malformed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Attributes<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [a, b, c, d] = *self.0.first_chunk()?;
        let (length, kind) = (usize::from(u16::from_ne_bytes([a, b])), u16::from_ne_bytes([c, d]));
        let value = self.0.get(ATTRIBUTE_HEADER..length)?;
        self.0 = self.0.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind & NLA_TYPE_MASK, value))
    }
}

/// The value of the first attribute of a type.
pub(super) fn attribute<'a>(mut attributes: Attributes<'a>, kind: u16) -> Option<&'a [u8]> {
    attributes.find(|(of, _)| *of == kind).map(|(_, value)| value)
}

/// Appends an attribute to these bytes, with its padding.
pub(super) fn put(bytes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = ATTRIBUTE_HEADER + value.len();
    debug_assert!(length <= usize::from(u16::MAX), "an attribute of {length} bytes");
    bytes.extend((length as u16).to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// A text up to its closing NUL.
pub(super) fn text(value: &[u8]) -> Option<&str> {
    let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    std::str::from_utf8(&value[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_malformed_ends_what_is_read() {
        // Lengths: of a header alone, past the end, below the header.
        for length in [4u16, 5, 8] {
            let bytes = [&length.to_ne_bytes()[..], &[1, 0x80, 7, 7, 7, 7]].concat();
            let expected = &[7; 4][..usize::from(length) - 4];
            assert_eq!(Attributes(&bytes).next(), Some((1, expected)));
        }
        for length in [0u16, 3, 9] {
            let bytes = [&length.to_ne_bytes()[..], &[1, 0, 7, 7, 7, 7]].concat();
            assert_eq!(Attributes(&bytes).next(), None, "{length}");
        }
        for length in [0u32, 15, 21] {
            let bytes = [&length.to_ne_bytes()[..], &[0; 16]].concat();
            assert_eq!(Messages(&bytes).next(), None, "{length}");
        }
    }

    #[test]
    fn a_refusal_has_words_only_where_its_flags_say_so() {
        let words = [&9u16.to_ne_bytes()[..], &WORDS.to_ne_bytes(), b"busy\0"].concat();
        let code = (-(Errno::EBUSY as i32)).to_ne_bytes();
        let payload = [&code[..], &[0; HEADER], &words].concat();
        for (flags, words) in [(0, None), (NLM_F_CAPPED | NLM_F_ACK_TLVS, Some("busy"))] {
            let message = Message { kind: NLMSG_ERROR, flags, sequence: 1, port: 0, whole: &[], payload: &payload };
            assert_eq!(message.answer(), Some(Answer { errno: Some(Errno::EBUSY), words }));
        }
        let done = Message { kind: NLMSG_DONE, flags: 0, sequence: 1, port: 0, whole: &[], payload: &[0; 4] };
        assert_eq!(done.answer(), Some(Answer { errno: None, words: None }));
        assert_eq!(Message { kind: 16, ..done }.answer(), None);
    }
}
