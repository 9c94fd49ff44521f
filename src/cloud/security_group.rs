//! Security groups and their rules (docs/cloud.md §4).

use std::fmt;

use ipnet::Ipv4Net;

use super::{AccountName, GroupName, Id, Origin, VpcName};

/// A security group. Its members are the instances whose [`groups`](super::Instance::groups) name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its name.
    pub name: GroupName,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// The VPC whose instances may join.
    pub vpc: VpcName,
    /// Whether members reach each other where no ingress rule matches.
    pub inner_access: Policy,
    /// In the order in which they were authorized.
    pub rules: Vec<Rule>,
    /// Where it was written.
    pub origin: Origin,
}

/// A rule of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which way it looks.
    pub direction: Direction,
    /// What it does.
    pub policy: Policy,
    /// 1 is asked first; 1 where the provider has no priorities.
    pub priority: u8,
    /// What it matches.
    pub protocol: RuleProtocol,
    /// The destination ports it matches; `None`: all, or none to speak of.
    pub ports: Option<PortRange>,
    /// The other side: the source of an ingress rule, the destination of an egress rule.
    pub peer: RulePeer,
    /// Where it was written.
    pub origin: Origin,
}

/// Which way a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Toward the instance.
    Ingress,
    /// From the instance.
    Egress,
}

/// What a rule does. `Drop` is less than `Accept`: it wins a tie of priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Do not let it pass.
    Drop,
    /// Let it pass.
    Accept,
}

/// A protocol in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleProtocol {
    /// Any.
    All,
    /// IP protocol 1.
    Icmp,
    /// IP protocol 6.
    Tcp,
    /// IP protocol 17.
    Udp,
    /// IP protocol 47.
    Gre,
}

/// Ports from `low` to `high`, both included, low ≤ high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The lowest.
    pub low: u16,
    /// The highest.
    pub high: u16,
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RulePeer {
    /// A CIDR block.
    Cidr(Ipv4Net),
    /// The private addresses of a group's members, while [`Cloud::stale`](super::Cloud::stale) does not say otherwise.
    Group {
        /// Whose group.
        account: AccountName,
        /// The group.
        group: GroupName,
    },
}

/// Why a rule by group matches nothing (docs/cloud.md §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stale {
    /// The group is no more.
    GroupGone,
    /// The group's VPC is another, and no active peering joins the two.
    NoActivePeering,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Policy::Accept => "accept",
            Policy::Drop => "drop",
        })
    }
}

impl fmt::Display for RuleProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RuleProtocol::All => "all",
            RuleProtocol::Icmp => "icmp",
            RuleProtocol::Tcp => "tcp",
            RuleProtocol::Udp => "udp",
            RuleProtocol::Gre => "gre",
        })
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.low, self.high))
    }
}

impl fmt::Display for Rule {
    /// As in `accept tcp 22/22 from 10.0.0.0/16 priority 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.policy, self.protocol)?;
        if let Some(ports) = self.ports {
            write!(f, " {ports}")?;
        }
        f.write_str(match self.direction {
            Direction::Ingress => " from ",
            Direction::Egress => " to ",
        })?;
        match &self.peer {
            RulePeer::Cidr(cidr) => write!(f, "{cidr}")?,
            RulePeer::Group { group, .. } => write!(f, "{group}")?,
        }
        write!(f, " priority {}", self.priority)
    }
}
