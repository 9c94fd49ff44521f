//! RTM_GETNETCONF: some of a namespace's sysctls, over the socket that is open anyway. A fifth of reading an instance was
//! opening two files of /proc/sys.

use std::collections::BTreeMap;

use netlink_packet_core::NLM_F_REQUEST;
use nix::errno::Errno;
use nix::libc;

use super::batch::RouteSocket;
use super::netlink::{Attributes, HEADER};

/// Of all links together, or of one that is yet to be (linux/netconf.h).
const ALL: i32 = -1;
const DEFAULT: i32 = -2;

const IFINDEX: u16 = 1;
const FORWARDING: u16 = 2;
const RP_FILTER: u16 = 3;

/// Those that are told so.
const ALL_FORWARDING: &str = "ipv4/ip_forward";
const ALL_RP_FILTER: &str = "ipv4/conf/all/rp_filter";
const DEFAULT_RP_FILTER: &str = "ipv4/conf/default/rp_filter";

/// What is told of one of the two. `None`: the kernel does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Netconf {
    forwarding: Option<i32>,
    rp_filter: Option<i32>,
}

/// The values of those of `keys` (`ipv4/ip_forward`) that are told so, in the namespace of a socket.
pub(super) fn get<'a>(
    socket: &RouteSocket,
    keys: impl Iterator<Item = &'a str> + Clone,
) -> Result<BTreeMap<&'a str, i32>, Errno> {
    let of = |key: &str| match key {
        ALL_FORWARDING | ALL_RP_FILTER => Some(ALL),
        DEFAULT_RP_FILTER => Some(DEFAULT),
        _ => None,
    };
    let asked: Vec<_> =
        [ALL, DEFAULT].into_iter().filter(|which| keys.clone().any(|key| of(key) == Some(*which))).collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let questions: Vec<_> = asked.iter().flat_map(|which| question(*which)).collect();
    let answers = socket.get_raw(&questions)?;
    let told: BTreeMap<_, _> = asked.into_iter().zip(answers.messages().map(Netconf::listed)).collect();
    let value = |key: &str| {
        let told = told.get(&of(key)?)?;
        if key == ALL_FORWARDING { told.forwarding } else { told.rp_filter }
    };
    Ok(keys.filter_map(|key| Some((key, value(key)?))).collect())
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
        let mut found = Netconf::default();
        for (kind, value) in Attributes(message.get(HEADER + 4..).unwrap_or_default()) {
            let value = value.first_chunk().map(|it| i32::from_ne_bytes(*it));
            match kind {
                FORWARDING => found.forwarding = value,
                RP_FILTER => found.rp_filter = value,
                _ => {}
            }
        }
        found
    }
}
