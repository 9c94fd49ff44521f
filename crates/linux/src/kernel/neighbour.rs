//! Converts permanent neighbours and static bridge entries to rtnetlink messages and back.

use std::net::Ipv4Addr;

use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use crate::network::model::Mac;

pub(super) fn add(index: u32, ip: Ipv4Addr, mac: Mac) -> RouteNetlinkMessage {
    let mut message = message(AddressFamily::Inet, index, mac);
    message.header.state = NeighbourState::Permanent;
    message.attributes.push(NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)));
    RouteNetlinkMessage::NewNeighbour(message)
}

pub(super) fn remove(index: u32, ip: Ipv4Addr) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelNeighbour(at(index, ip))
}

/// Asks for the neighbour with this address.
pub(super) fn get(index: u32, ip: Ipv4Addr) -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetNeighbour(at(index, ip))
}

fn at(index: u32, ip: Ipv4Addr) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.ifindex = index;
    message.attributes.push(NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)));
    message
}

/// A static entry in the table of the port's bridge.
pub(super) fn add_forwarding(port: u32, mac: Mac) -> RouteNetlinkMessage {
    let mut message = message(AddressFamily::Bridge, port, mac);
    message.header.state = NeighbourState::Noarp;
    message.header.flags = NeighbourFlags::Controller;
    RouteNetlinkMessage::NewNeighbour(message)
}

pub(super) fn remove_forwarding(port: u32, mac: Mac) -> RouteNetlinkMessage {
    let mut message = message(AddressFamily::Bridge, port, mac);
    message.header.flags = NeighbourFlags::Controller;
    RouteNetlinkMessage::DelNeighbour(message)
}

fn message(family: AddressFamily, index: u32, mac: Mac) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = family;
    message.header.ifindex = index;
    message.attributes.push(NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()));
    message
}

/// Asks for all neighbours.
pub(super) fn list() -> RouteNetlinkMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetNeighbour(message)
}

/// Parses a permanent neighbour of the list: the link's index, address, hardware address.
pub(super) fn listed(message: RouteNetlinkMessage) -> Option<(u32, Ipv4Addr, Mac)> {
    let RouteNetlinkMessage::NewNeighbour(message) = message else { return None };
    if message.header.state != NeighbourState::Permanent {
        return None;
    }
    let ip = message.attributes.iter().find_map(|it| match it {
        NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => Some(*ip),
        _ => None,
    })?;
    Some((message.header.ifindex, ip, mac(&message)?))
}

/// Asks for all entries of all bridges.
pub(super) fn list_forwarding() -> RouteNetlinkMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Bridge;
    RouteNetlinkMessage::GetNeighbour(message)
}

/// Parses a static entry of the list: the port's index, hardware address. Entries outside bridge tables are left out.
pub(super) fn listed_forwarding(message: RouteNetlinkMessage) -> Option<(u32, Mac)> {
    let RouteNetlinkMessage::NewNeighbour(message) = message else { return None };
    let of_bridge = message.attributes.iter().any(|it| matches!(it, NeighbourAttribute::Controller(_)));
    if message.header.state != NeighbourState::Noarp || !of_bridge {
        return None;
    }
    Some((message.header.ifindex, mac(&message)?))
}

fn mac(message: &NeighbourMessage) -> Option<Mac> {
    message.attributes.iter().find_map(|it| match it {
        NeighbourAttribute::LinkLayerAddress(bytes) => bytes.as_slice().try_into().ok().map(Mac),
        _ => None,
    })
}
