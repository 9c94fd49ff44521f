//! The verdict of a network ACL on a packet that crosses its subnet's edge (docs/cloud.md §9).

use std::net::Ipv4Addr;

use crate::cloud::{AclEntry, Direction, NetworkAcl, RuleProtocol};
use crate::flow::{Protocol, Traffic};

/// A packet at a subnet's edge.
#[derive(Clone, Copy)]
pub(super) struct Crossing {
    /// Its direction, as seen from the subnet.
    pub(super) direction: Direction,
    pub(super) traffic: Traffic,
    /// Whether it is an answer, so that it goes to the port from which the flow was opened.
    pub(super) answer: bool,
    /// The other side's address.
    pub(super) address: Ipv4Addr,
}

/// The entry that decides; `None`: no entry matches, and the packet is dropped.
pub(super) fn judge(acl: &NetworkAcl, packet: Crossing) -> Option<&AclEntry> {
    acl.entries(packet.direction).find(|entry| {
        is_of(entry.protocol, packet.traffic.protocol)
            && entry.cidr.contains(&packet.address)
            && entry
                .ports
                .is_none_or(|ports| packet.traffic.port(packet.answer).is_some_and(|port| ports.contains(port)))
    })
}

fn is_of(protocol: RuleProtocol, sent: Protocol) -> bool {
    match protocol {
        RuleProtocol::All => true,
        RuleProtocol::Icmp => sent == Protocol::Icmp,
        RuleProtocol::Tcp => matches!(sent, Protocol::Tcp(_)),
        RuleProtocol::Udp => matches!(sent, Protocol::Udp(_)),
        RuleProtocol::Gre => false,
    }
}
