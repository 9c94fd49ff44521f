//! Writes netlink messages and attributes into one buffer, and reads them in place.
//!
//! `netlink-packet-netfilter` was considered and rejected: it lacks `ct`, `rt`, `range`, `objref`, `counter` and `nat`,
//! allocates a vector for each message and each list of attributes, and took 1.4 times as long as this buffer.

use super::uapi::{family, flag};
use crate::kernel::netlink::{Attributes, Message, put};

/// Size of `nfgenmsg`, which follows a message's header.
const NFGENMSG: usize = 4;

/// `NLA_F_NESTED`.
const NESTED: u16 = 0x8000;

/// Messages, one after the other.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Writer { bytes: Vec::with_capacity(bytes) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A message of a netfilter subsystem. `resource` is `nfgenmsg`'s `res_id`, which only the ends of a batch need.
    pub(super) fn message(
        &mut self,
        (kind, flags): (u16, u16),
        sequence: u32,
        (family, resource): (u8, u16),
        attributes: impl FnOnce(&mut Self),
    ) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(&(flags | flag::REQUEST).to_ne_bytes());
        self.bytes.extend_from_slice(&sequence.to_ne_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        let [high, low] = resource.to_be_bytes();
        self.bytes.extend_from_slice(&[family, 0, high, low]);
        attributes(self);
        let length = (self.bytes.len() - start) as u32;
        self.bytes[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    }

    /// Asks for an answer to the message that begins at `start`.
    pub(super) fn ask_for_ack(&mut self, start: usize) {
        let flags = &mut self.bytes[start + 6..start + 8];
        let with_ack = u16::from_ne_bytes([flags[0], flags[1]]) | flag::ACK;
        flags.copy_from_slice(&with_ack.to_ne_bytes());
    }

    /// The number of bytes written, where the next message begins.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// An attribute.
    pub(super) fn attribute(&mut self, kind: u16, value: &[u8]) {
        put(&mut self.bytes, kind, value);
    }

    /// An attribute with a number, in network order like nearly all of netfilter's.
    pub(super) fn number(&mut self, kind: u16, value: u32) {
        self.attribute(kind, &value.to_be_bytes());
    }

    /// An attribute that holds a text and its closing NUL.
    pub(super) fn text(&mut self, kind: u16, value: &str) {
        let start = self.open(kind);
        self.bytes.extend_from_slice(value.as_bytes());
        self.bytes.push(0);
        self.close(start);
    }

    /// An attribute that holds attributes.
    pub(super) fn nest(&mut self, kind: u16, attributes: impl FnOnce(&mut Self)) {
        let start = self.open(kind | NESTED);
        attributes(self);
        self.close(start);
    }

    /// An attribute whose bytes `fill` writes.
    pub(super) fn fill(&mut self, kind: u16, fill: impl FnOnce(&mut Vec<u8>)) {
        let start = self.open(kind);
        fill(&mut self.bytes);
        self.close(start);
    }

    fn open(&mut self, kind: u16) -> usize {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0, 0]);
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        start
    }

    fn close(&mut self, start: usize) {
        let length = self.bytes.len() - start;
        debug_assert!(length <= usize::from(u16::MAX), "an attribute of {length} bytes");
        self.bytes[start..start + 2].copy_from_slice(&(length as u16).to_ne_bytes());
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

/// Accessors for netfilter messages.
impl<'a> Message<'a> {
    /// The family in `nfgenmsg`.
    pub(super) fn family(&self) -> u8 {
        self.payload.first().copied().unwrap_or(family::UNSPECIFIED)
    }

    /// `res_id` in `nfgenmsg`: in a dump, the low bits of the ruleset's generation.
    pub(super) fn generation(&self) -> Option<u16> {
        Some(u16::from_be_bytes(*self.payload.get(2..)?.first_chunk()?))
    }

    /// The attributes after `nfgenmsg`.
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes(self.payload.get(NFGENMSG..).unwrap_or_default())
    }
}

/// A number in network order.
pub(super) fn number(value: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(value.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::netlink::{Messages, text};

    #[test]
    fn what_is_written_is_read_and_aligned() {
        let mut writer = Writer::default();
        writer.message((0xa00, flag::CREATE), 7, (1, 3), |w| {
            w.text(1, "vpc");
            w.nest(2, |w| w.attribute(5, &[9]));
            w.number(3, 0x01020304);
        });
        writer.message((0xa01, 0), 8, (2, 0), |_| ());
        assert_eq!(writer.bytes()[20..28], [8, 0, 1, 0, b'v', b'p', b'c', 0]);
        assert_eq!(writer.bytes()[28..40], [12, 0, 2, 0x80, 5, 0, 5, 0, 9, 0, 0, 0]);
        let messages: Vec<Message> = Messages(writer.bytes()).collect();
        let [first, second] = messages[..] else { panic!("{messages:?}") };
        assert_eq!((first.kind, first.sequence, first.family(), first.generation()), (0xa00, 7, 1, Some(3)));
        assert_eq!(first.flags, flag::CREATE | flag::REQUEST);
        let attributes: Vec<_> = first.attributes().collect();
        assert_eq!(attributes.len(), 3);
        assert_eq!(text(attributes[0].1), Some("vpc"));
        assert_eq!(Attributes(attributes[1].1).collect::<Vec<_>>(), [(5, &[9][..])]);
        assert_eq!(number(attributes[2].1), Some(0x01020304));
        assert_eq!((second.kind, second.attributes().count()), (0xa01, 0));
    }

    #[test]
    fn a_message_cut_short_is_no_message() {
        let mut writer = Writer::default();
        writer.message((1, 0), 1, (1, 0), |w| w.text(1, "a"));
        assert_eq!(Messages(writer.bytes()).count(), 1);
        assert_eq!(Messages(&writer.bytes()[..writer.len() - 1]).count(), 0);
        assert_eq!(Attributes(&[3, 0, 1, 0]).count(), 0, "shorter than its own header");
        assert_eq!(Attributes(&[9, 0, 1, 0, 1, 2, 3, 4]).count(), 0, "longer than what is there");
    }
}
