//! Flows: the subject of every check, prediction and probe.

mod messages;

use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::message::Message;
use crate::msg;
use crate::{InstanceName, number, without_leading_zeros};
use messages::Said;

/// An end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// An instance of the lab.
    Instance(InstanceName),
    /// The host on the internet, [`INTERNET_HOST`](crate::INTERNET_HOST).
    Internet,
    /// Whichever instance or host has this address (only as a destination).
    Address(Ipv4Addr),
}

impl Endpoint {
    /// Whether this names an instance or the internet (an address names nobody), and `answers` is another.
    pub fn names_another(&self, answers: &Endpoint) -> bool {
        !matches!(self, Endpoint::Address(_)) && self != answers
    }
}

/// Whether a single host can have an address: not 0.0.0.0, and not a multicast or broadcast address.
pub fn is_of_a_host(address: Ipv4Addr) -> bool {
    !(address.is_unspecified() || address.is_multicast() || address.is_broadcast())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Instance(name) => f.pad(name.as_str()),
            Endpoint::Internet => f.pad("internet"),
            Endpoint::Address(address) => f.pad(&address.to_string()),
        }
    }
}

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// An echo request, answered by an echo reply.
    Icmp,
    /// A TCP connection to this port.
    Tcp(u16),
    /// A UDP datagram to this port, answered.
    Udp(u16),
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Protocol::Icmp => f.pad("icmp"),
            Protocol::Tcp(port) => f.pad(&format!("tcp/{port}")),
            Protocol::Udp(port) => f.pad(&format!("udp/{port}")),
        }
    }
}

/// The port from which a flow's packets are sent, if it names none (docs/cloud.md §9).
pub const SOURCE_PORT: u16 = 50_000;

/// The packets of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traffic {
    /// Their protocol, with the port to which they are sent.
    pub protocol: Protocol,
    /// The port from which they are sent, and to which the answers are; without meaning for ICMP.
    pub source_port: u16,
    /// The size of its packets in bytes, with the IP header, if it matters; they are sent with "don't fragment", and
    /// their answers without.
    pub size: Option<u16>,
}

/// The sizes of a flow's packets: an echo request with 8 bytes of data at least, and what IPv4 can carry.
pub const SIZES: RangeInclusive<u16> = 36..=65535;

/// The bytes of the headers of IP and ICMP, which `ping -s` does not count.
pub const PING_HEADERS: u16 = 28;

impl Traffic {
    /// Packets from this port, or from the usual one.
    pub fn of(protocol: Protocol, source_port: Option<u16>) -> Self {
        Traffic { protocol, source_port: source_port.unwrap_or(SOURCE_PORT), size: None }
    }

    /// With packets of this size.
    pub fn sized(self, size: Option<u16>) -> Self {
        Traffic { size, ..self }
    }

    /// Whether a packet is too big for a link with this MTU. An answer may be fragmented.
    pub fn is_too_big(self, mtu: u16, answer: bool) -> bool {
        !answer && self.size.is_some_and(|size| size > mtu)
    }

    /// What is sent: the flow's own packets, or its answers, which go to the other port.
    pub fn packet(self, answer: bool) -> Protocol {
        match self.protocol {
            Protocol::Tcp(_) if answer => Protocol::Tcp(self.source_port),
            Protocol::Udp(_) if answer => Protocol::Udp(self.source_port),
            protocol => protocol,
        }
    }

    /// The port to which its packets are sent, or its answers; `None`: the protocol has no ports.
    pub fn port(self, answer: bool) -> Option<u16> {
        match self.packet(answer) {
            Protocol::Icmp => None,
            Protocol::Tcp(port) | Protocol::Udp(port) => Some(port),
        }
    }
}

/// The protocol, with the size or the port from which it is sent if they matter: `icmp 8500 B`, `tcp/443→50000`.
impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.protocol, self.size, self.source_port) {
            (protocol, Some(size), _) => f.pad(&format!("{protocol} {size} B")),
            (protocol, None, SOURCE_PORT) => protocol.fmt(f),
            (Protocol::Tcp(port), None, from) => f.pad(&format!("tcp/{from}→{port}")),
            (Protocol::Udp(port), None, from) => f.pad(&format!("udp/{from}→{port}")),
            (Protocol::Icmp, ..) => Protocol::Icmp.fmt(f),
        }
    }
}

impl From<Protocol> for Traffic {
    fn from(protocol: Protocol) -> Self {
        Traffic::of(protocol, None)
    }
}

/// Text in place of a protocol that is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoProtocol {
    text: String,
    /// The one that is meant, as other programs write it.
    meant: Option<Protocol>,
}

impl NoProtocol {
    /// The problem.
    pub fn message(&self) -> Message {
        msg!(Said::NoProtocol { text: &self.text })
    }

    /// The correct text.
    pub fn hint(&self) -> Message {
        self.meant.map_or_else(|| msg!(Said::WriteProtocol), |meant| msg!(Said::DidYouMean { meant }))
    }
}

/// Both in one.
impl From<&NoProtocol> for Message {
    fn from(wrong: &NoProtocol) -> Self {
        let text = &wrong.text;
        match wrong.meant {
            Some(meant) => msg!(Said::NoProtocolButMeant { text, meant }),
            None => msg!(Said::NoProtocolWrite { text }),
        }
    }
}

impl fmt::Display for NoProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(f)
    }
}

impl std::error::Error for NoProtocol {}

impl FromStr for Protocol {
    type Err = NoProtocol;

    fn from_str(text: &str) -> Result<Self, NoProtocol> {
        let wrong = || {
            // Accepts other programs' spellings.
            let usual = without_leading_zeros(&text.replace(':', "/"));
            let meant = (usual != text).then(|| usual.parse().ok()).flatten();
            NoProtocol { text: text.to_owned(), meant }
        };
        if text.eq_ignore_ascii_case("icmp") {
            return Ok(Protocol::Icmp);
        }
        let (name, port) = text.split_once('/').ok_or_else(wrong)?;
        let port = number(port).filter(|port| *port != 0).ok_or_else(wrong)?;
        match &*name.to_ascii_lowercase() {
            "tcp" => Ok(Protocol::Tcp(port)),
            "udp" => Ok(Protocol::Udp(port)),
            _ => Err(wrong()),
        }
    }
}

/// Why a flow does not reach: the closed set of `docs/lab-format.md`, in a VPC's order of evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The packet is larger than the next link's MTU, and must not be fragmented.
    TooBig,
    /// The sender or the receiver is stopped.
    InstanceStopped,
    /// No group of the sender accepts the packet.
    EgressSecurityGroup,
    /// The network ACL of the subnet that the packet leaves does not accept it.
    EgressNetworkAcl,
    /// No entry of the subnet's route table matches.
    NoRoute,
    /// The entry's next hop is stopped or gone.
    NextHopGone,
    /// The entry's next hop is an instance that does not forward.
    NotForwarded,
    /// The entry's peering does not carry traffic.
    PeeringInactive,
    /// The packet came in by a peering and is not for one of the VPC's own subnets.
    NotTransitive,
    /// The packet is for or from the internet, and the VPC has no gateway there, or the entry's gateway is gone.
    NoInternetGateway,
    /// The packet is for or from the internet, and the instance has no public address.
    NoPublicIp,
    /// No instance has the destination address.
    NoSuchAddress,
    /// The network ACL of the subnet that the packet enters does not accept it.
    IngressNetworkAcl,
    /// No group of the receiver accepts the packet.
    IngressSecurityGroup,
    /// Nothing is dropped, but another instance has the address where the packet goes, and answers. Never on the path
    /// back.
    AnsweredByAnother,
}

impl Reason {
    /// Every reason; the last one drops nothing.
    pub const ALL: [Reason; 15] = [
        Reason::TooBig,
        Reason::InstanceStopped,
        Reason::EgressSecurityGroup,
        Reason::EgressNetworkAcl,
        Reason::NoRoute,
        Reason::NextHopGone,
        Reason::NotForwarded,
        Reason::PeeringInactive,
        Reason::NotTransitive,
        Reason::NoInternetGateway,
        Reason::NoPublicIp,
        Reason::NoSuchAddress,
        Reason::IngressNetworkAcl,
        Reason::IngressSecurityGroup,
        Reason::AnsweredByAnother,
    ];

    /// The reasons of drops; the kernel counts each.
    pub const DROPS: [Reason; 14] = match Reason::ALL.first_chunk() {
        Some(drops) => *drops,
        None => panic!("there are more reasons than drops"),
    };

    /// As labs, JSON and counters spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::TooBig => "too-big",
            Reason::EgressSecurityGroup => "egress-security-group",
            Reason::EgressNetworkAcl => "egress-network-acl",
            Reason::NoRoute => "no-route",
            Reason::InstanceStopped => "instance-stopped",
            Reason::NextHopGone => "next-hop-gone",
            Reason::NotForwarded => "not-forwarded",
            Reason::PeeringInactive => "peering-inactive",
            Reason::NotTransitive => "not-transitive",
            Reason::NoInternetGateway => "no-internet-gateway",
            Reason::NoPublicIp => "no-public-ip",
            Reason::NoSuchAddress => "no-such-address",
            Reason::IngressNetworkAcl => "ingress-network-acl",
            Reason::IngressSecurityGroup => "ingress-security-group",
            Reason::AnsweredByAnother => "answered-by-another",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The result of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// The packet arrives, and the answer comes back.
    Reach,
    /// The first drop, on the path there or else on the path back; or another instance answers.
    Drop {
        /// The reason.
        reason: Reason,
        /// Whether the answer was dropped (`return:` in text).
        on_return: bool,
    },
}

impl Disposition {
    /// A drop on the path there.
    pub fn drop(reason: Reason) -> Self {
        Disposition::Drop { reason, on_return: false }
    }

    /// Whether the flow reaches, there and back.
    pub fn reaches(self) -> bool {
        self == Disposition::Reach
    }

    /// Another instance has the address where the packet goes, and its answer comes back.
    pub const ANSWERED_BY_ANOTHER: Self = Disposition::Drop { reason: Reason::AnsweredByAnother, on_return: false };

    /// Whether an answer comes back, from any instance.
    pub fn is_answered(self) -> bool {
        self.reaches() || self == Disposition::ANSWERED_BY_ANOTHER
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Disposition::Reach => f.pad("reach"),
            Disposition::Drop { reason, on_return: false } => f.pad(reason.as_str()),
            Disposition::Drop { reason, on_return: true } => f.pad(&format!("return:{reason}")),
        }
    }
}

impl FromStr for Disposition {
    type Err = Message;

    /// Reads it in any case.
    fn from_str(text: &str) -> Result<Self, Message> {
        let lower = text.to_ascii_lowercase();
        if lower == "reach" {
            return Ok(Disposition::Reach);
        }
        let (name, on_return) = match lower.strip_prefix("return:") {
            Some(name) => (name, true),
            None => (&*lower, false),
        };
        let reason = Reason::ALL.into_iter().find(|reason| reason.as_str() == name);
        let reason =
            reason.filter(|reason| !on_return || !matches!(reason, Reason::AnsweredByAnother | Reason::TooBig));
        reason
            .map(|reason| Disposition::Drop { reason, on_return })
            .ok_or_else(|| msg!(Said::NoReason { text, all: Reason::ALL }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_taken_in_any_case_and_shown_in_one() {
        for (text, shown) in
            [("icmp", "icmp"), ("ICMP", "icmp"), ("TCP/22", "tcp/22"), ("Tcp/65535", "tcp/65535"), ("uDp/53", "udp/53")]
        {
            assert_eq!(text.parse::<Protocol>().map(|protocol| protocol.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for (text, meant) in [("TCP:22", "tcp/22"), ("tcp/022", "tcp/22"), ("udp/0053", "udp/53")] {
            let said = text.parse::<Protocol>().unwrap_err();
            assert!(said.to_string().ends_with(&format!("did you mean {meant}?")), "{said}");
        }
        for text in ["", "tcp", "tcp/", "tcp/0", "tcp/65536", "tcp/+22", "icmp/8", "sctp/1", "tcp/22/22", "tcp/000"] {
            assert!(text.parse::<Protocol>().is_err(), "{text}");
        }
    }
}
