//! Converts routes and policy rules to rtnetlink messages and back.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleFlags, RuleMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::libc;

use super::netlink::{Attributes, Message, Messages};
use crate::network::model::{LOCAL_TABLE, LinkName, MAIN_TABLE, PolicyRule, Route, RouteTo};

pub(super) fn add(route: &Route, index: u32) -> RouteNetlinkMessage {
    let mut message = message(route, index);
    message.header.protocol = RouteProtocol::Static;
    message.header.scope = match route.to {
        RouteTo::Link(_) => RouteScope::Link,
        RouteTo::Local(_) => RouteScope::Host,
        RouteTo::Gateway { .. } | RouteTo::Other(_) => RouteScope::Universe,
    };
    if matches!(route.to, RouteTo::Local(_)) && route.destination.prefix_len() == 32 {
        // As the kernel adds it, so that the kernel removes it together with its address.
        message.header.protocol = RouteProtocol::Kernel;
        message.attributes.push(RouteAttribute::PrefSource(RouteAddress::Inet(route.destination.addr())));
    }
    RouteNetlinkMessage::NewRoute(message)
}

pub(super) fn remove(route: &Route, index: u32) -> RouteNetlinkMessage {
    let mut message = message(route, index);
    message.header.scope = RouteScope::NoWhere;
    RouteNetlinkMessage::DelRoute(message)
}

/// Removes the broadcast route that the kernel adds with an address. With it a host refuses to send to the broadcast
/// address (EACCES); in the cloud it is an ordinary unused address, and the router drops the packet.
pub(super) fn remove_broadcast(address: Ipv4Addr, index: u32) -> RouteNetlinkMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    message.header.destination_prefix_length = 32;
    message.header.table = LOCAL_TABLE as u8;
    message.header.scope = RouteScope::NoWhere;
    message.header.kind = RouteType::Broadcast;
    message.attributes = vec![RouteAttribute::Destination(RouteAddress::Inet(address)), RouteAttribute::Oif(index)];
    RouteNetlinkMessage::DelRoute(message)
}

fn message(route: &Route, index: u32) -> RouteMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    message.header.destination_prefix_length = route.destination.prefix_len();
    // The header has only a byte for the table; the attribute counts.
    message.header.table = u8::try_from(route.table).unwrap_or(RouteHeader::RT_TABLE_UNSPEC);
    message.attributes.push(RouteAttribute::Table(route.table));
    if route.destination.prefix_len() > 0 {
        message.attributes.push(RouteAttribute::Destination(RouteAddress::Inet(route.destination.network())));
    }
    message.header.kind = match &route.to {
        RouteTo::Link(_) => RouteType::Unicast,
        RouteTo::Gateway { gateway, .. } => {
            message.header.flags = RouteFlags::Onlink;
            message.attributes.push(RouteAttribute::Gateway(RouteAddress::Inet(*gateway)));
            RouteType::Unicast
        }
        RouteTo::Local(_) => RouteType::Local,
        RouteTo::Other(kind) => (*kind).into(),
    };
    if !matches!(route.to, RouteTo::Other(_)) {
        message.attributes.push(RouteAttribute::Oif(index));
    }
    message
}

/// Asks for all routes of all tables.
pub(super) fn list() -> RouteNetlinkMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    RouteNetlinkMessage::GetRoute(message)
}

/// A route of the list, whose link has an index only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    table: u32,
    destination: Ipv4Net,
    kind: u8,
    index: Option<u32>,
    gateway: Option<Ipv4Addr>,
    /// Whether it has a property that peerlab never sets: a metric, a sender of its own, several next hops.
    foreign: bool,
}

impl Listed {
    /// Parses a message of the list (linux/rtnetlink.h). A table has hundreds of routes, and the library takes longer for
    /// each than the kernel.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        const DESTINATION: u16 = 1;
        const OIF: u16 = 4;
        const GATEWAY: u16 = 5;
        const PREFERRED_SOURCE: u16 = 7;
        const METRICS: u16 = 8;
        const MULTIPATH: u16 = 9;
        const TABLE: u16 = 15;
        let Message { kind, payload, .. } = Messages(message).next()?;
        let [family, length, _, _, table, protocol, _, of, flags @ ..] = *payload.first_chunk::<12>()?;
        let is_cloned = RouteFlags::from_bits_retain(u32::from_ne_bytes(flags)).contains(RouteFlags::Cloned);
        if kind != libc::RTM_NEWROUTE || i32::from(family) != libc::AF_INET || is_cloned {
            return None;
        }
        let (mut table, mut network) = (u32::from(table), Ipv4Addr::UNSPECIFIED);
        let (mut index, mut gateway, mut foreign) = (None, None, false);
        let number = |value: &[u8]| Some(u32::from_ne_bytes(*value.first_chunk()?));
        let address = |value: &[u8]| Some(Ipv4Addr::from(*value.first_chunk::<4>()?));
        for (kind, value) in Attributes(&payload[12..]) {
            match kind {
                TABLE => table = number(value)?,
                DESTINATION => network = address(value)?,
                OIF => index = number(value),
                GATEWAY => gateway = address(value),
                // The kernel sets the sender of its own.
                PREFERRED_SOURCE => foreign |= RouteProtocol::from(protocol) != RouteProtocol::Kernel,
                METRICS | MULTIPATH => foreign = true,
                _ => {}
            }
        }
        let destination = Ipv4Net::new(network, length).ok()?;
        Some(Listed { table, destination, kind: of, index, gateway, foreign })
    }

    /// The route; `name` returns the name of a link.
    pub(super) fn route(self, name: impl Fn(u32) -> Option<LinkName>) -> Route {
        let to = match (RouteType::from(self.kind), self.index.and_then(name), self.gateway) {
            _ if self.foreign => RouteTo::Other(self.kind),
            (RouteType::Unicast, Some(link), Some(gateway)) => RouteTo::Gateway { gateway, link },
            (RouteType::Unicast, Some(link), None) => RouteTo::Link(link),
            (RouteType::Local, Some(link), None) => RouteTo::Local(link),
            _ => RouteTo::Other(self.kind),
        };
        Route { table: self.table, destination: self.destination, to }
    }
}

/// The local routes that the kernel adds with an address.
pub(super) fn of_address(link: &LinkName, address: Ipv4Net) -> impl Iterator<Item = Route> {
    let block = address.addr().is_loopback().then(|| address.trunc());
    let local = [Some(Ipv4Net::from(address.addr())), block].into_iter().flatten();
    local.map(|destination| Route { table: LOCAL_TABLE, destination, to: RouteTo::Local(link.clone()) })
}

/// The routes that the kernel may add with an address beside its local ones: to its block, and for broadcasts.
pub(super) fn beside_address(link: &LinkName, address: Ipv4Net) -> [Route; 3] {
    let broadcast = |address: Ipv4Addr| Route {
        table: LOCAL_TABLE,
        destination: address.into(),
        to: RouteTo::Other(RouteType::Broadcast.into()),
    };
    let block = Route { table: MAIN_TABLE, destination: address.trunc(), to: RouteTo::Link(link.clone()) };
    [block, broadcast(address.network()), broadcast(address.broadcast())]
}

pub(super) fn add_rule(rule: &PolicyRule) -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewRule(rule_message(rule))
}

pub(super) fn remove_rule(rule: &PolicyRule) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelRule(rule_message(rule))
}

fn rule_message(rule: &PolicyRule) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = AddressFamily::Inet;
    message.attributes.push(RuleAttribute::Priority(rule.priority));
    // A rule without a link or a table is foreign, and is identified by its priority.
    if rule.table != 0 {
        message.header.action = RuleAction::ToTable;
        message.attributes.push(RuleAttribute::Table(rule.table));
    }
    if let Some(source) = rule.source {
        message.header.src_len = 32;
        message.attributes.push(RuleAttribute::Source(source.into()));
    }
    if !rule.input.as_str().is_empty() {
        message.attributes.push(RuleAttribute::Iifname(rule.input.as_str().to_owned()));
    }
    message
}

/// Asks for all policy rules.
pub(super) fn list_rules() -> RouteNetlinkMessage {
    let mut message = RuleMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetRule(message)
}

/// Parses a rule of the list. One with a condition or an action that peerlab never sets has the table 0.
pub(super) fn listed_rule(message: RouteNetlinkMessage) -> Option<PolicyRule> {
    let RouteNetlinkMessage::NewRule(RuleMessage { header, attributes, .. }) = message else { return None };
    let mut rule = PolicyRule { priority: 0, source: None, input: "".into(), table: u32::from(header.table) };
    let invert = header.flags.contains(RuleFlags::Invert);
    let mut foreign = header.action != RuleAction::ToTable || header.dst_len != 0 || header.tos != 0 || invert;
    for attribute in attributes {
        match attribute {
            RuleAttribute::Priority(priority) => rule.priority = priority,
            RuleAttribute::Source(IpAddr::V4(source)) if header.src_len == 32 => rule.source = Some(source),
            RuleAttribute::Iifname(name) => rule.input = name.as_str().into(),
            RuleAttribute::Table(table) => rule.table = table,
            // The kernel says them of every rule: no suppression.
            RuleAttribute::SuppressPrefixLen(u32::MAX) | RuleAttribute::Protocol(_) => {}
            _ => foreign = true,
        }
    }
    if foreign {
        rule.table = 0;
    }
    Some(rule)
}
