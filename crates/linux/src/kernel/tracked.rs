//! Makes a router forget tracked flows (conntrack) whose addresses it would translate otherwise now.

use std::net::Ipv4Addr;

use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_NETFILTER;
use nix::errno::Errno;
use nix::libc::AF_INET;

use super::netlink::{Attributes, Messages, attribute, put, receive};
use super::{cost, netns};
use crate::error::Result;
use crate::network::model::{Namespace, NamespaceName};
use crate::network::tracked::{Flow, is_stale};

/// `NFNL_SUBSYS_CTNETLINK`, with `IPCTNL_MSG_CT_GET` and `IPCTNL_MSG_CT_DELETE`.
const GET: u16 = 0x101;
const DELETE: u16 = 0x102;

/// `CTA_TUPLE_ORIG` and `CTA_TUPLE_REPLY`.
const ORIGINAL: u16 = 1;
const REPLY: u16 = 2;
/// `CTA_TUPLE_IP`, and in it `CTA_IP_V4_SRC` and `CTA_IP_V4_DST`.
const ADDRESSES: u16 = 1;
const SOURCE: u16 = 1;
const DESTINATION: u16 = 2;
/// `NLA_F_NESTED`.
const NESTED: u16 = 1 << 15;

/// Forgets the stale flows of a router; the calling worker thread stays in its namespace. A kernel without `nf_conntrack_netlink` has no such list: there they stay until
/// they time out.
pub(super) fn forget(lab: &str, name: &NamespaceName, router: &Namespace) -> Result<()> {
    netns::visit(lab, name)?;
    let _ = forget_here(router);
    Ok(())
}

fn forget_here(router: &Namespace) -> std::result::Result<(), Errno> {
    cost::socket();
    let errno = |error: std::io::Error| Errno::from_raw(error.raw_os_error().unwrap_or(Errno::EIO as i32));
    let socket = Socket::new(NETLINK_NETFILTER).map_err(errno)?;
    let send = |bytes: &[u8]| socket.send(bytes, 0).map(drop).map_err(errno);
    send(&request(GET, NLM_F_DUMP, None))?;
    let mut stale = Vec::new();
    let mut ended = false;
    while !ended {
        ended = receive(&socket, |bytes| {
            let mut ended = false;
            for message in Messages(bytes) {
                ended |= message.answer().is_some();
                let attributes = Attributes(message.payload.get(4..).unwrap_or_default());
                let tuple = attribute(attributes, ORIGINAL);
                if let (Some(tuple), Some(flow)) = (tuple, flow(attributes))
                    && is_stale(router, flow)
                {
                    stale.push(tuple.to_vec());
                }
            }
            ended
        })?;
    }
    stale.iter().try_for_each(|tuple| send(&request(DELETE, 0, Some(tuple))))
}

fn flow(attributes: Attributes<'_>) -> Option<Flow> {
    let (source, destination) = addresses(attributes, ORIGINAL)?;
    let (answers_from, answers_to) = addresses(attributes, REPLY)?;
    Some(Flow { source, destination, answers_from, answers_to })
}

fn addresses(attributes: Attributes<'_>, tuple: u16) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let addresses = Attributes(attribute(Attributes(attribute(attributes, tuple)?), ADDRESSES)?);
    let address = |kind| attribute(addresses, kind)?.first_chunk::<4>().copied().map(Ipv4Addr::from);
    Some((address(SOURCE)?, address(DESTINATION)?))
}

/// A request of IPv4 flows: a header, then `nfgenmsg`.
fn request(kind: u16, flags: u16, tuple: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(kind.to_ne_bytes());
    bytes.extend((NLM_F_REQUEST | flags).to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([AF_INET as u8, 0, 0, 0]);
    if let Some(tuple) = tuple {
        put(&mut bytes, ORIGINAL | NESTED, tuple);
    }
    let length = bytes.len() as u32;
    bytes[..4].copy_from_slice(&length.to_ne_bytes());
    bytes
}
