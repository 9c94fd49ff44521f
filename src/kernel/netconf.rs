//! RTM_GETNETCONF: some of a namespace's sysctls, over the socket that is open anyway. A fifth of reading an instance was
//! opening two files of /proc/sys.

use netlink_packet_core::NLM_F_REQUEST;
use nix::errno::Errno;
use nix::libc;

use super::batch::{Attribute, RouteSocket, attributes};

/// The sysctls that are told so, by key.
pub(super) const KEYS: [&str; 3] = ["ipv4/ip_forward", "ipv4/conf/all/rp_filter", "ipv4/conf/default/rp_filter"];

/// Of all links together, or of one that is yet to be (linux/netconf.h).
const ALL: i32 = -1;
const DEFAULT: i32 = -2;

const IFINDEX: u16 = 1;
const FORWARDING: u16 = 2;
const RP_FILTER: u16 = 3;

/// What is told of one of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Netconf {
    forwarding: i32,
    rp_filter: i32,
}

/// The value of one of the [`KEYS`] in the namespace of a socket.
pub(super) fn get(socket: &RouteSocket, key: &str) -> Result<i32, Errno> {
    match key {
        "ipv4/ip_forward" => Ok(of(socket, ALL)?.forwarding),
        "ipv4/conf/all/rp_filter" => Ok(of(socket, ALL)?.rp_filter),
        _ => Ok(of(socket, DEFAULT)?.rp_filter),
    }
}

fn of(socket: &RouteSocket, which: i32) -> Result<Netconf, Errno> {
    Ok(Netconf::listed(&socket.get_raw(&question(which))?))
}

/// The message that asks: a header, the family filled up to four bytes, whose settings.
fn question(which: i32) -> Vec<u8> {
    const GET: u16 = 82;
    let parts: [&[u8]; 8] = [
        &28u32.to_ne_bytes(),
        &GET.to_ne_bytes(),
        &NLM_F_REQUEST.to_ne_bytes(),
        &[0; 8],
        &[libc::AF_INET as u8, 0, 0, 0],
        &8u16.to_ne_bytes(),
        &IFINDEX.to_ne_bytes(),
        &which.to_ne_bytes(),
    ];
    parts.concat()
}

impl Netconf {
    /// Reads an answer, a message with its header.
    pub(super) fn listed(message: &[u8]) -> Self {
        const HEADERS: usize = 16 + 4;
        let mut found = Netconf::default();
        for Attribute { kind, value, .. } in attributes(message.get(HEADERS..).unwrap_or_default()) {
            let Some(value) = value.first_chunk().map(|it| i32::from_ne_bytes(*it)) else { continue };
            match kind {
                FORWARDING => found.forwarding = value,
                RP_FILTER => found.rp_filter = value,
                _ => {}
            }
        }
        found
    }
}
