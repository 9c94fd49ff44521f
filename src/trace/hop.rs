//! A path as data: hops of steps, each step with what decided and where that was written.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::cloud::{
    Cloud, Direction, GroupName, InstanceName, NextHop, Origin, PeeringName, Policy, RouteEntry, RouteTable,
    RouteTableName, Rule, Stale, Subnet, SubnetName, VpcName,
};
use crate::flow::{Disposition, Endpoint, Protocol, Reason};

/// What becomes of a flow, there and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Who asks.
    pub from: Endpoint,
    /// Who is asked.
    pub to: Endpoint,
    /// With what.
    pub protocol: Protocol,
    /// The sender's address as it leaves the sender; `None` where there is no such sender.
    pub source: Option<Ipv4Addr>,
    /// The address that is asked for; `None` where nobody out there could name one.
    pub destination: Option<Ipv4Addr>,
    /// The way there, up to where it ends.
    pub there: Vec<Hop>,
    /// The way back; empty where the flow does not get there, or asks itself.
    pub back: Vec<Hop>,
    /// Who got the packet: with overlapping VPCs not always who was meant. `None`: nobody did.
    pub receiver: Option<Endpoint>,
    /// How it ends.
    pub disposition: Disposition,
}

impl Trace {
    /// Who gets the packet in place of who was named, if so: the address is another's where the packet goes.
    pub fn impostor(&self) -> Option<&Endpoint> {
        self.receiver.as_ref().filter(|receiver| self.to.names_another(receiver))
    }

    /// Who answers in place of who was named, if so.
    pub fn answered_by(&self) -> Option<&Endpoint> {
        self.impostor().filter(|_| self.disposition.is_answered())
    }

    /// The step because of which it does not reach, with its place; `None` where it reaches.
    pub fn last_word(&self) -> Option<(&Place, &Step)> {
        let steps = |hop: &'_ Hop| hop.steps.iter().position(|step| step.drop.is_some());
        let hops = self.there.iter().chain(&self.back);
        hops.filter_map(|hop| steps(hop).map(|at| (&hop.place, &hop.steps[at]))).next()
    }
}

/// A place that a packet passes, and what was decided there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Where.
    pub place: Place,
    /// What was decided there, in order; the last of a path may drop.
    pub steps: Vec<Step>,
}

/// Where something is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an instance: its groups.
    Instance(InstanceName),
    /// At a VPC's router.
    Vpc(VpcName),
    /// On a peering.
    Peering {
        /// The end it goes in by.
        near: PeeringName,
        /// The end it comes out by, where there is one.
        far: Option<PeeringName>,
    },
    /// Out there.
    Internet,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What decided, and on what ground.
    pub decision: Decision,
    /// Why the packet ends here, or why its answer is not the one that was asked for; `None`: it goes on.
    pub drop: Option<Reason>,
    /// Where the deciding thing was written; `None` where nobody wrote one.
    pub origin: Option<Origin>,
}

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The sender asks for its own address: the packet never leaves it.
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
        /// Which way.
        direction: Direction,
        /// The groups that were asked.
        groups: Vec<GroupName>,
        /// What is done then.
        policy: Policy,
        /// A rule that would have matched, were its group not stale.
        stale: Option<(GroupName, Rule, Stale)>,
    },
    /// The answer to an accepted flow: no group is asked.
    Stateful,
    /// Another has the address where the packet went, and answers.
    Another {
        /// Who was to answer.
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
    /// In the VPC's block and in none of its subnets: nobody's (docs/cloud.md §3).
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
        /// Whether its priority is worth a word: it is not the one that an entry has anyway, or the destination has others.
        ranked: bool,
        /// How many entries of its priority share the destination's packets with it, it included.
        sharing: usize,
        /// The first of the destination's entries, where that one does not carry and this one stands in.
        standby_for: Option<NextHop>,
    },
    /// No entry matched.
    NoEntry {
        /// The table.
        table: RouteTableName,
        /// The subnet it serves.
        subnet: SubnetName,
        /// What was looked up.
        address: Ipv4Addr,
    },
    /// The sender's public address leads out there without an entry.
    PublicAddress {
        /// The sender.
        instance: InstanceName,
        /// What is out there.
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
        /// The far end and its state: the one that it is, or is meant to be, one pair with.
        far: Option<(PeeringName, &'static str)>,
        /// The far end is deleted, which what it lacks says.
        gone: bool,
        /// What it lacks to carry traffic, a clause each.
        missing: Vec<String>,
    },
    /// Nothing joins two VPCs.
    NoPeering {
        /// The one.
        vpc: VpcName,
        /// The other.
        peer: VpcName,
    },
    /// It came in by a peering and is for none of this VPC's subnets.
    Transit {
        /// The VPC's block.
        cidr: Ipv4Net,
        /// The address.
        address: Ipv4Addr,
    },
    /// An address is rewritten at the border of the VPC.
    Nat {
        /// The address it had.
        from: Ipv4Addr,
        /// The address it has now.
        to: Ipv4Addr,
    },
    /// There is no public address to rewrite to.
    NoPublicIp {
        /// The instance.
        instance: Option<InstanceName>,
    },
    /// A private or reserved address, unknown out there.
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
    /// The address is local here, and the one that is meant lives in another VPC.
    Elsewhere {
        /// Where the packet stays.
        vpc: VpcName,
        /// The address.
        address: Ipv4Addr,
    },
    /// It got there.
    Delivered {
        /// By this address.
        address: Ipv4Addr,
    },
}

impl Decision {
    /// An entry by which packets go, and what it is among those of its destination.
    pub(super) fn entry(cloud: &Cloud, table: &RouteTable, entry: &RouteEntry) -> Self {
        let all = table.entries_for(entry.destination);
        let first = all.first().filter(|first| first.priority != entry.priority);
        Decision::Entry {
            table: table.name.clone(),
            entry: entry.clone(),
            ranked: all.len() > 1 || entry.priority != cloud.provider().entry_priority,
            sharing: cloud.in_use(all).len(),
            standby_for: first.map(|first| first.next_hop.clone()),
        }
    }

    pub(super) fn local(subnet: &Subnet) -> Self {
        Decision::Local { subnet: subnet.name.clone(), cidr: subnet.cidr }
    }

    /// What kind of thing decided, in one word: the left column of a trace.
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
