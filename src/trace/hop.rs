//! A path as data: hops of steps, each step with its decision and where that is written.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::cloud::{
    Cloud, Direction, GroupName, InstanceName, NextHop, Origin, PeeringName, Policy, RouteEntry, RouteTable,
    RouteTableName, Rule, Stale, Subnet, SubnetName, VpcName,
};
use crate::flow::{Disposition, Endpoint, Protocol, Reason};

/// The path and the result of a flow, there and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The sender.
    pub from: Endpoint,
    /// The destination.
    pub to: Endpoint,
    /// The protocol.
    pub protocol: Protocol,
    /// The source address as it leaves the sender; `None` if the sender does not exist.
    pub source: Option<Ipv4Addr>,
    /// The destination address; `None` if the internet has no address for it.
    pub destination: Option<Ipv4Addr>,
    /// The path there, up to its end.
    pub there: Vec<Hop>,
    /// The path back; empty if the flow does not arrive, or is from an instance to itself.
    pub back: Vec<Hop>,
    /// Who receives the packet: with overlapping VPCs not always the intended instance. `None`: nobody.
    pub receiver: Option<Endpoint>,
    /// The result.
    pub disposition: Disposition,
}

impl Trace {
    /// Who receives the packet instead of the named instance, if another has the address where the packet goes.
    pub fn impostor(&self) -> Option<&Endpoint> {
        self.receiver.as_ref().filter(|receiver| self.to.names_another(receiver))
    }

    /// Who answers instead of the named instance, if another does.
    pub fn answered_by(&self) -> Option<&Endpoint> {
        self.impostor().filter(|_| self.disposition.is_answered())
    }

    /// The step because of which the flow does not reach, with its place; `None` if it reaches.
    pub fn last_word(&self) -> Option<(&Place, &Step)> {
        let steps = |hop: &'_ Hop| hop.steps.iter().position(|step| step.drop.is_some());
        let hops = self.there.iter().chain(&self.back);
        hops.filter_map(|hop| steps(hop).map(|at| (&hop.place, &hop.steps[at]))).next()
    }
}

/// A place that a packet passes, with the decisions there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The place.
    pub place: Place,
    /// The decisions there, in order; the last of a path may drop.
    pub steps: Vec<Step>,
}

/// A place of decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an instance: its groups.
    Instance(InstanceName),
    /// At a VPC's router.
    Vpc(VpcName),
    /// On a peering.
    Peering {
        /// The end by which the packet enters.
        near: PeeringName,
        /// The end by which it leaves, if there is one.
        far: Option<PeeringName>,
    },
    /// The internet.
    Internet,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The decision and its ground.
    pub decision: Decision,
    /// Why the packet ends here, or why its answer comes from another; `None`: it continues.
    pub drop: Option<Reason>,
    /// Where the deciding rule, entry or resource is written; `None` for the provider's defaults.
    pub origin: Option<Origin>,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The destination is the sender's own address, so the packet never leaves.
    OwnAddress,
    /// A rule of a group.
    Rule {
        /// The group.
        group: GroupName,
        /// The rule.
        rule: Rule,
    },
    /// No rule matched, and sender and receiver share a group whose members reach each other.
    InnerAccess {
        /// The group.
        group: GroupName,
    },
    /// No rule of any group matched.
    NoRule {
        /// The direction.
        direction: Direction,
        /// The groups that were evaluated.
        groups: Vec<GroupName>,
        /// The default policy.
        policy: Policy,
        /// A rule that would match if it were not stale.
        stale: Option<(GroupName, Rule, Stale)>,
    },
    /// The answer to an accepted flow: groups do not apply.
    Stateful,
    /// Another instance has the address where the packet went, and answers.
    Another {
        /// The named receiver.
        named: Endpoint,
        /// The address.
        address: Ipv4Addr,
    },
    /// A subnet of the VPC.
    Local {
        /// The subnet.
        subnet: SubnetName,
        /// Its block.
        cidr: Ipv4Net,
    },
    /// In the VPC's block but in none of its subnets: no instance has it (docs/cloud.md §3).
    BetweenSubnets {
        /// The VPC's block.
        cidr: Ipv4Net,
        /// The address.
        address: Ipv4Addr,
    },
    /// An entry of a route table.
    Entry {
        /// The table.
        table: RouteTableName,
        /// The entry.
        entry: RouteEntry,
        /// Whether to show its priority: it is not the default, or the destination has other entries.
        ranked: bool,
        /// The number of entries with its priority that share the destination's packets, including itself.
        sharing: usize,
        /// The destination's first entry, if it does not carry traffic and this one is its standby.
        standby_for: Option<NextHop>,
    },
    /// No entry matched.
    NoEntry {
        /// The table.
        table: RouteTableName,
        /// The subnet it serves.
        subnet: SubnetName,
        /// The address looked up.
        address: Ipv4Addr,
    },
    /// The sender's public address reaches the internet without an entry.
    PublicAddress {
        /// The sender.
        instance: InstanceName,
        /// The destination on the internet.
        address: Ipv4Addr,
    },
    /// The next hop is an instance, an ordinary host that forwards nothing.
    ForwardsNothing {
        /// The instance.
        instance: InstanceName,
    },
    /// The states of a peering's two ends.
    Peering {
        /// The near end and its state.
        near: (PeeringName, &'static str),
        /// The far end and its state: the end with which it forms a pair, or is meant to.
        far: Option<(PeeringName, &'static str)>,
        /// Whether the far end was deleted, as `missing` says.
        gone: bool,
        /// What is missing before it carries traffic, a clause each.
        missing: Vec<String>,
    },
    /// No peering joins two VPCs.
    NoPeering {
        /// One VPC.
        vpc: VpcName,
        /// The other VPC.
        peer: VpcName,
    },
    /// The packet came in by a peering and is not for one of this VPC's subnets.
    Transit {
        /// The VPC's block.
        cidr: Ipv4Net,
        /// The address.
        address: Ipv4Addr,
    },
    /// An address is translated at the VPC's border.
    Nat {
        /// The address before.
        from: Ipv4Addr,
        /// The address after.
        to: Ipv4Addr,
    },
    /// There is no public address to translate to.
    NoPublicIp {
        /// The instance.
        instance: Option<InstanceName>,
    },
    /// A private or reserved address, unknown on the internet.
    Reserved {
        /// The address.
        address: Ipv4Addr,
    },
    /// The router's own address in a subnet: no instance has it.
    Gateway {
        /// The subnet.
        subnet: SubnetName,
        /// The address.
        address: Ipv4Addr,
    },
    /// There is no instance of this name.
    NoInstance {
        /// The name.
        name: InstanceName,
    },
    /// No instance has the address.
    Nobody {
        /// The address.
        address: Ipv4Addr,
    },
    /// The address is local here, but the named instance is in another VPC.
    Elsewhere {
        /// The VPC where the packet stays.
        vpc: VpcName,
        /// The address.
        address: Ipv4Addr,
    },
    /// The packet arrived.
    Delivered {
        /// At this address.
        address: Ipv4Addr,
    },
}

impl Decision {
    /// The decision for an entry in use, with its role among those of its destination.
    pub(super) fn entry(cloud: &Cloud, table: &RouteTable, entry: &RouteEntry) -> Self {
        let all = table.entries_for(entry.destination);
        let first = all.first().filter(|first| first.priority != entry.priority);
        Decision::Entry {
            table: table.name.clone(),
            entry: entry.clone(),
            ranked: all.len() > 1 || entry.priority != cloud.provider().entry_priority(),
            sharing: cloud.in_use(all).len(),
            standby_for: first.map(|first| first.next_hop.clone()),
        }
    }

    pub(super) fn local(subnet: &Subnet) -> Self {
        Decision::Local { subnet: subnet.name.clone(), cidr: subnet.cidr }
    }

    /// The kind of the decision in one word: the left column of a trace.
    pub fn kind(&self) -> &'static str {
        match self {
            Decision::OwnAddress | Decision::Delivered { .. } => "deliver",
            Decision::Rule { rule, .. } => direction(rule.direction),
            Decision::InnerAccess { .. } => "ingress",
            Decision::NoRule { direction: way, .. } => direction(*way),
            Decision::Stateful => "state",
            Decision::Local { .. } => "local",
            Decision::BetweenSubnets { .. } => "local",
            Decision::Entry { .. }
            | Decision::NoEntry { .. }
            | Decision::PublicAddress { .. }
            | Decision::ForwardsNothing { .. } => "route",
            Decision::Peering { .. } | Decision::NoPeering { .. } => "peering",
            Decision::Transit { .. } => "transit",
            Decision::Nat { .. } | Decision::NoPublicIp { .. } => "nat",
            Decision::NoInstance { .. }
            | Decision::Reserved { .. }
            | Decision::Gateway { .. }
            | Decision::Nobody { .. }
            | Decision::Another { .. }
            | Decision::Elsewhere { .. } => "address",
        }
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Instance(name) => f.pad(name.as_str()),
            Place::Vpc(name) => f.pad(name.as_str()),
            Place::Peering { near, far: Some(far) } => f.pad(&format!("{near} → {far}")),
            Place::Peering { near, far: None } => f.pad(near.as_str()),
            Place::Internet => f.pad("internet"),
        }
    }
}

impl fmt::Display for Decision {
    /// One clause, without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decision::OwnAddress => f.write_str("it is its own address"),
            Decision::Rule { group, rule } => write!(f, "{group}: {rule}"),
            Decision::InnerAccess { group } => write!(f, "both are in {group}, whose members reach each other"),
            Decision::NoRule { groups, policy, stale, .. } => {
                write!(f, "no rule of {} matches: {policy}", list(groups))?;
                if let Some((group, rule, stale)) = stale {
                    let why = match stale {
                        Stale::GroupGone => "its group is gone",
                        Stale::NoActivePeering => "no active peering leads to its group's VPC",
                    };
                    write!(f, " ({group}: {rule} is stale, {why})")?;
                }
                Ok(())
            }
            Decision::Stateful => f.write_str("answer to an accepted flow: no group is asked"),
            Decision::Local { subnet, cidr } => write!(f, "subnet {subnet} {cidr}"),
            Decision::BetweenSubnets { cidr, address } => {
                write!(f, "{address} is in the VPC's {cidr} and in none of its subnets")
            }
            Decision::Entry { table, entry, ranked, sharing, standby_for } => {
                let (to, hop) = (entry.destination, &entry.next_hop);
                let priority = entry.priority.filter(|_| *ranked).map(|priority| format!("priority {priority}"));
                let sharing = (*sharing > 1).then(|| format!("one of {} that share", *sharing));
                let standby = standby_for.as_ref().map(|hop| format!("standby for {hop}"));
                let notes: Vec<_> = [priority, sharing, standby].into_iter().flatten().collect();
                match &notes[..] {
                    [] => write!(f, "{table}: {to} → {hop}"),
                    notes => write!(f, "{table}: {to} → {hop} ({})", notes.join(", ")),
                }
            }
            Decision::NoEntry { table, subnet, address } => {
                write!(f, "{table}, the table of {subnet}, has no entry for {address}")
            }
            Decision::PublicAddress { instance, address } => {
                write!(f, "{address} is out there, and {instance}'s public address leads there without an entry")
            }
            Decision::ForwardsNothing { instance } => write!(f, "{instance} is an instance and forwards nothing"),
            Decision::Peering { near: (near, state), far, gone, missing } => {
                write!(f, "{near} {state}")?;
                match far {
                    Some((far, state)) => write!(f, ", {far} {state}")?,
                    None if *gone => {}
                    None => f.write_str(", no other end yet")?,
                }
                if missing.is_empty() { Ok(()) } else { write!(f, " ({})", missing.join("; ")) }
            }
            Decision::NoPeering { vpc, peer } => write!(f, "no peering joins {vpc} and {peer}"),
            Decision::NoInstance { name } => write!(f, "there is no instance {name}"),
            Decision::Transit { cidr, address } => {
                write!(f, "{address} is not in this VPC's {cidr}, and a peering leads no further")
            }
            Decision::Nat { from, to } => write!(f, "{from} becomes {to}"),
            Decision::NoPublicIp { instance: Some(instance) } => write!(f, "{instance} has no public address"),
            Decision::NoPublicIp { instance: None } => f.write_str("a private address is nobody's out there"),
            Decision::Reserved { address } => write!(f, "{address} is private or reserved: unknown out there"),
            Decision::Gateway { subnet, address } => write!(f, "{address} is the gateway of {subnet}, no instance"),
            Decision::Nobody { address } => write!(f, "no instance has {address}"),
            Decision::Another { named, address } => {
                write!(f, "it has {address} as well, and answers in place of {named}")
            }
            Decision::Elsewhere { vpc, address } => {
                write!(f, "{address} is in a subnet of {vpc} itself: the packet stays there")
            }
            Decision::Delivered { address } => write!(f, "delivered to {address}"),
        }
    }
}

/// `sg-a`, `sg-a and sg-b`, `sg-a, sg-b and sg-c`.
fn list(names: &[GroupName]) -> String {
    match names {
        [] => "no group".into(),
        [name] => name.to_string(),
        [init @ .., last] => {
            let init: Vec<_> = init.iter().map(GroupName::as_str).collect();
            format!("{} and {last}", init.join(", "))
        }
    }
}
