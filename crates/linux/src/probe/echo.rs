//! An echo request and its reply (RFC 792): header, the run's token, and the flight's number.

use std::net::Ipv4Addr;

use nix::libc;
use nix::{setsockopt_impl, sockopt_impl};

sockopt_impl!(
    /// The ICMP types that a raw socket filters out, one bit each.
    IcmpFilter,
    SetOnly,
    libc::SOL_RAW,
    ICMP_FILTER,
    u32
);

/// From linux/icmp.h.
const ICMP_FILTER: libc::c_int = 1;
pub(super) const ECHO_REPLY: u8 = 0;
pub(super) const ECHO_REQUEST: u8 = 8;

/// The size of an IP header without options.
const IP_HEADER: usize = 20;

/// The size of a packet: header, the run's token, and the flight's number.
const PACKET: usize = 16;

/// An echo request. Zeros behind it do not change its checksum.
pub(super) fn request(identifier: u16, token: u32, flight: u32) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = ECHO_REQUEST;
    packet[4..6].copy_from_slice(&identifier.to_be_bytes());
    packet[6..8].copy_from_slice(&(flight as u16).to_be_bytes());
    packet[8..12].copy_from_slice(&token.to_be_bytes());
    packet[12..16].copy_from_slice(&flight.to_be_bytes());
    let checksum = checksum(&packet);
    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// An echo request with zeros behind it, of this size with the IP header.
pub(super) fn filled(request: &[u8; PACKET], size: u16) -> Vec<u8> {
    let mut packet = request.to_vec();
    packet.resize(usize::from(size).saturating_sub(IP_HEADER).max(PACKET), 0);
    packet
}

/// The sender of an echo reply with this token, its identifier, and the flight it answers. The kernel has checked the
/// checksum.
pub(super) fn reply(packet: &[u8], token: u32) -> Option<(Ipv4Addr, u16, u32)> {
    let header = usize::from(packet.first()? & 0xf) * 4;
    let source: [u8; 4] = packet.get(12..16)?.try_into().ok()?;
    let echo = packet.get(header..)?;
    let flight = flight_of(echo, ECHO_REPLY, token)?;
    let identifier = u16::from_be_bytes([echo[4], echo[5]]);
    Some((source.into(), identifier, flight))
}

/// The flight number in an echo request or reply with this token.
pub(super) fn flight_of(echo: &[u8], kind: u8, token: u32) -> Option<u32> {
    let echo: &[u8; PACKET] = echo.get(..PACKET)?.try_into().ok()?;
    let word = |at: usize| u32::from_be_bytes([echo[at], echo[at + 1], echo[at + 2], echo[at + 3]]);
    let sequence = u16::from_be_bytes([echo[6], echo[7]]);
    let flight = word(12);
    (echo[0] == kind && word(8) == token && sequence == flight as u16).then_some(flight)
}

/// The internet checksum (RFC 1071) of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An echo reply to `request`, as a raw socket receives it.
    fn answer(request: [u8; PACKET]) -> Vec<u8> {
        let mut packet = vec![0; 20];
        packet[0] = 0x45;
        packet[12..16].copy_from_slice(&[10, 0, 0, 9]);
        packet.extend(request);
        packet[20] = ECHO_REPLY;
        packet
    }

    #[test]
    fn a_reply_is_known_by_its_token_and_sequence() {
        let packet = answer(request(7, 0xabcd, 70_000));
        assert_eq!(reply(&packet, 0xabcd), Some(([10, 0, 0, 9].into(), 7, 70_000)));
        assert_eq!(reply(&packet, 0xabce), None, "another run's");
        assert_eq!(reply(&packet[..35], 0xabcd), None, "cut short");
        let mut other = packet.clone();
        other[27] ^= 1;
        assert_eq!(reply(&other, 0xabcd), None, "another sequence number");
        let mut error = packet;
        error[20] = 3;
        assert_eq!(reply(&error, 0xabcd), None, "no echo reply");
    }

    #[test]
    fn the_checksum_of_a_request_is_right() {
        assert_eq!(checksum(&request(7, 0xffff_abcd, 70_000)), 0);
    }

    proptest! {
        /// Among arbitrary packets, only an answer to a request of this process counts as a reply.
        #[test]
        fn whatever_arrives_is_read_and_only_a_reply_with_the_token_is_one(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            header in 5usize..=15,
            token: u32,
            flight: u32,
            damage in prop::option::of((any::<prop::sample::Index>(), 1u8..)),
        ) {
            prop_assert_eq!(reply(&bytes, token).is_some_and(|_| bytes.len() < 20), false);
            let mut packet = vec![0; header * 4];
            packet[0] = 0x40 | header as u8;
            packet.extend(request(7, token, flight));
            packet[header * 4] = ECHO_REPLY;
            prop_assert_eq!(reply(&packet, token), Some((Ipv4Addr::UNSPECIFIED, 7, flight)));
            prop_assert_eq!(reply(&packet, token.wrapping_add(1)), None);
            if let Some((at, bit)) = damage {
                let at = at.index(packet.len());
                packet[at] ^= bit;
                let _ = reply(&packet, token);
            }
            packet.pop();
            prop_assert_eq!(reply(&packet, token), None);
        }
    }
}
