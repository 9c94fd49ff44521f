//! Turns off checksums that hardware would finish: a switch in user space passes packets on as they are, so a receiver drops them,
//! and every TCP connection hangs.

use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_GENERIC;
use nix::errno::Errno;

use super::netlink::{self, Attributes, HEADER, Messages, attribute, put};

/// GENL_ID_CTRL, and its command that finds a family.
const CONTROL: u16 = 0x10;
const GET_FAMILY: u8 = 3;
/// CTRL_ATTR_FAMILY_ID and CTRL_ATTR_FAMILY_NAME.
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;

/// ETHTOOL_MSG_FEATURES_SET (linux/ethtool_netlink.h).
const SET_FEATURES: u8 = 12;
/// ETHTOOL_A_FEATURES_HEADER with ETHTOOL_A_HEADER_DEV_NAME, and ETHTOOL_A_FEATURES_WANTED.
const TO: u16 = 1;
const NAME: u16 = 2;
const WANTED: u16 = 3;
/// ETHTOOL_A_BITSET_BITS, a bit of it, and the bit's name. A bit without a value is off.
const BITS: u16 = 3;
const BIT: u16 = 1;
const BIT_NAME: u16 = 2;
/// The kernel requires nested attributes to be marked.
const NESTED: u16 = 0x8000;

/// What ethtool(8) calls it.
const CHECKSUMS: &[u8] = b"tx-checksum-ip-generic\0";

/// Lets a link of the calling thread's namespace leave no checksum unfinished.
pub(super) fn none(link: &str) -> Result<(), Errno> {
    let socket = Socket::new(NETLINK_GENERIC).map_err(|error| super::fault::errno(&error))?;
    let mut name = Vec::new();
    put(&mut name, FAMILY_NAME, b"ethtool\0");
    let family = ask(&socket, CONTROL, GET_FAMILY, &name)?.ok_or(Errno::EOPNOTSUPP)?;
    let nest = |kind: u16, content: &[u8]| {
        let mut bytes = Vec::new();
        put(&mut bytes, kind | NESTED, content);
        bytes
    };
    let (mut to, mut bit) = (Vec::new(), Vec::new());
    put(&mut to, NAME, format!("{link}\0").as_bytes());
    put(&mut bit, BIT_NAME, CHECKSUMS);
    let wanted = nest(WANTED, &nest(BITS, &nest(BIT, &bit)));
    ask(&socket, family, SET_FEATURES, &[nest(TO, &to), wanted].concat()).map(drop)
}

/// Sends a request, and waits for its acknowledgement; returns the id of a family, if the answer has one.
fn ask(socket: &Socket, kind: u16, command: u8, attributes: &[u8]) -> Result<Option<u16>, Errno> {
    const VERSION: u8 = 1;
    const GENERIC: usize = 4;
    let mut message = Vec::with_capacity(HEADER + GENERIC + attributes.len());
    message.extend(((HEADER + GENERIC + attributes.len()) as u32).to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend((NLM_F_REQUEST | NLM_F_ACK).to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message.extend([command, VERSION, 0, 0]);
    message.extend(attributes);
    socket.send(&message, 0).map_err(|error| super::fault::errno(&error))?;
    let (mut family, mut ended) = (None, None);
    while ended.is_none() {
        netlink::receive(socket, |datagram| {
            for message in Messages(datagram) {
                match message.answer() {
                    Some(answer) => ended = Some(answer.errno),
                    None => {
                        let attributes = message.payload.get(GENERIC..).unwrap_or_default();
                        let id = attribute(Attributes(attributes), FAMILY_ID).filter(|_| command == GET_FAMILY);
                        family = id.and_then(|id| Some(u16::from_ne_bytes(*id.first_chunk()?)));
                    }
                }
            }
        })?;
    }
    match ended.flatten() {
        Some(errno) => Err(errno),
        None => Ok(family),
    }
}
