//! Converts routes and policy rules to rtnetlink messages and back.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use crate::network::model::{LinkName, PolicyRule, Route, RouteTo};

/// The kernel's table of local addresses.
const LOCAL_TABLE: u32 = 255;

pub(super) fn add(route: &Route, index: u32) -> RouteNetlinkMessage {
    let mut message = message(route, index);
    message.header.protocol = RouteProtocol::Static;
    message.header.scope = match route.to {
        RouteTo::Link(_) => RouteScope::Link,
        RouteTo::Local => RouteScope::Host,
        RouteTo::Gateway { .. } | RouteTo::Other(_) => RouteScope::Universe,
    };
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
        RouteTo::Local => RouteType::Local,
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

/// The routes that [`listed`] may use: without the kernel's own in its table of local addresses, which are most of an
/// instance's.
pub(super) fn sift(message: &[u8]) -> Option<Cow<'_, [u8]>> {
    const TABLE: usize = 16 + 4;
    let [table, protocol] = *message.get(TABLE..)?.first_chunk()?;
    let is_own = u32::from(table) == LOCAL_TABLE && RouteProtocol::from(protocol) == RouteProtocol::Kernel;
    (!is_own).then_some(message.into())
}

/// Parses a route of the list, except those that the kernel adds by itself. `name` returns the name of a link.
pub(super) fn listed(message: &RouteNetlinkMessage, name: impl Fn(u32) -> Option<LinkName>) -> Option<Route> {
    let RouteNetlinkMessage::NewRoute(RouteMessage { header, attributes, .. }) = message else { return None };
    let (mut table, mut network) = (u32::from(header.table), Ipv4Addr::UNSPECIFIED);
    let (mut index, mut next_hop) = (None, None);
    for attribute in attributes {
        match attribute {
            RouteAttribute::Table(number) => table = *number,
            RouteAttribute::Destination(RouteAddress::Inet(address)) => network = *address,
            RouteAttribute::Oif(number) => index = Some(*number),
            RouteAttribute::Gateway(RouteAddress::Inet(address)) => next_hop = Some(*address),
            _ => {}
        }
    }
    if header.protocol == RouteProtocol::Kernel || header.flags.contains(RouteFlags::Cloned) {
        return None;
    }
    let destination = Ipv4Net::new(network, header.destination_prefix_length).ok()?;
    let to = match (header.kind, index.and_then(name), next_hop) {
        (kind, ..) if table == LOCAL_TABLE => RouteTo::Other(kind.into()),
        (RouteType::Unicast, Some(link), Some(gateway)) => RouteTo::Gateway { gateway, link },
        (RouteType::Unicast, Some(link), None) => RouteTo::Link(link),
        (RouteType::Local, Some(_), None) => RouteTo::Local,
        (kind, ..) => RouteTo::Other(kind.into()),
    };
    Some(Route { table, destination, to })
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

/// Parses a rule of the list, except the kernel's own three.
pub(super) fn listed_rule(message: RouteNetlinkMessage) -> Option<PolicyRule> {
    const KERNELS: [(u32, u32); 3] = [(0, 255), (32766, 254), (32767, 253)];
    let RouteNetlinkMessage::NewRule(RuleMessage { header, attributes, .. }) = message else { return None };
    let mut rule = PolicyRule { priority: 0, source: None, input: "".into(), table: u32::from(header.table) };
    for attribute in attributes {
        match attribute {
            RuleAttribute::Priority(priority) => rule.priority = priority,
            RuleAttribute::Source(IpAddr::V4(source)) if header.src_len == 32 => rule.source = Some(source),
            RuleAttribute::Iifname(name) => rule.input = name.as_str().into(),
            RuleAttribute::Table(table) => rule.table = table,
            _ => {}
        }
    }
    let kernels = rule.input.as_str().is_empty() && KERNELS.contains(&(rule.priority, rule.table));
    (!kernels).then_some(rule)
}
