//! A path as data: hops of steps, each step with its decision and where that is written.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::messages::{Said, What};
use crate::cloud::{
    AclEntry, Cloud, Direction, GroupName, InstanceName, NatGatewayName, NetworkAclName, NextHop, Origin, PeeringName,
    Policy, ResourceKind, RouteEntry, RouteTable, RouteTableName, Rule, Stale, Subnet, SubnetName, VpcName,
};
use crate::flow::{Disposition, Endpoint, Protocol, Reason, Traffic};
use crate::message::Message;
use crate::msg;

/// The path and the result of a flow, there and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The sender.
    pub from: Endpoint,
    /// The destination.
    pub to: Endpoint,
    /// The protocol.
    pub protocol: Protocol,
    /// The port from which it is opened; without meaning for ICMP.
    pub source_port: u16,
    /// The size of its packets, if it matters.
    pub size: Option<u16>,
    /// The source address as it leaves the sender; `None` if the sender does not exist.
    pub source: Option<Ipv4Addr>,
    /// The destination address; `None` if the internet has no address for it.
    pub destination: Option<Ipv4Addr>,
    /// The path there, up to its end.
    pub there: Vec<Hop>,
    /// The path back; empty if the flow does not arrive, or is from an instance to itself.
    pub back: Vec<Hop>,
    /// The receiver of the packet: with overlapping VPCs not always the intended instance. `None`: nobody.
    pub receiver: Option<Endpoint>,
    /// What arrives there: a NAT gateway may change the port.
    pub received: Protocol,
    /// The address by which the internet knows the sender, if the packet goes there.
    pub seen_from: Option<Ipv4Addr>,
    /// The result.
    pub disposition: Disposition,
}

impl Trace {
    /// The one that receives the packet instead of the named instance, if another has the address.
    pub fn impostor(&self) -> Option<&Endpoint> {
        self.receiver.as_ref().filter(|receiver| self.to.names_another(receiver))
    }

    /// The one that answers instead of the named instance, if another does.
    pub fn answered_by(&self) -> Option<&Endpoint> {
        self.impostor().filter(|_| self.disposition.is_answered())
    }

    /// The packets that it is about.
    pub fn traffic(&self) -> Traffic {
        Traffic::of(self.protocol, Some(self.source_port)).sized(self.size)
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
    /// A NAT gateway.
    NatGateway(NatGatewayName),
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

impl Place {
    /// On a peering; a connection is one thing, with one name for both ends.
    pub(super) fn peering(near: &PeeringName, far: Option<PeeringName>) -> Self {
        Place::Peering { near: near.clone(), far: far.filter(|far| far != near) }
    }

    /// The decision here, with the place before it: `VPC1: no entry …`.
    pub fn with(&self, decision: &Decision) -> Message {
        msg!(Said::At { place: self, decision })
    }
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
    /// An entry of a network ACL, at a subnet's edge.
    AclEntry {
        /// The network ACL.
        acl: NetworkAclName,
        /// The subnet.
        subnet: SubnetName,
        /// The entry.
        entry: AclEntry,
    },
    /// No entry of a network ACL matched.
    NoAclEntry {
        /// The network ACL.
        acl: NetworkAclName,
        /// The subnet.
        subnet: SubnetName,
        /// The direction.
        direction: Direction,
        /// The protocol, with the port to which the packet goes.
        packet: Protocol,
    },
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
        /// The provider's word for its state, if it leads nowhere.
        nowhere: Option<&'static str>,
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
    /// The instance is stopped.
    Stopped {
        /// The instance.
        instance: InstanceName,
    },
    /// The next hop is an instance that is stopped.
    NextHopStopped {
        /// The instance.
        instance: InstanceName,
    },
    /// The packet came back to an instance that passed it on before.
    Loops {
        /// The instance.
        instance: InstanceName,
    },
    /// The next hop translates addresses, and the answer belongs to no flow that it knows.
    UnknownFlow {
        /// The instance.
        instance: InstanceName,
    },
    /// The next hop forwards, but the answer is for the internet.
    AnswerOut {
        /// The instance.
        instance: InstanceName,
    },
    /// The instance passes the packet on.
    Forwards {
        /// The instance.
        instance: InstanceName,
        /// The address before and after, if it changes one.
        becomes: Option<(Ipv4Addr, Ipv4Addr)>,
    },
    /// The next hop was deleted.
    HopGone {
        /// The name it had.
        name: String,
        /// Its kind.
        kind: ResourceKind,
    },
    /// The VPC has no gateway to the internet.
    NoGateway {
        /// The VPC.
        vpc: VpcName,
    },
    /// The packet came in by a peering and is for the internet: whatever leads there serves only the VPC's own subnets.
    Edge {
        /// The VPC.
        vpc: VpcName,
        /// Its gateway and its NAT gateways, by name.
        edges: Vec<String>,
    },
    /// A NAT gateway whose own subnet has no way to the internet.
    NoWayOut {
        /// The NAT gateway.
        nat: NatGatewayName,
    },
    /// A NAT gateway has no SNAT entry for the source.
    NoSnat {
        /// The NAT gateway.
        nat: NatGatewayName,
        /// The source.
        address: Ipv4Addr,
    },
    /// An answer to no flow that went through the NAT gateway.
    UnknownToNat {
        /// The NAT gateway.
        nat: NatGatewayName,
    },
    /// A NAT gateway leads a port of its public address to an address of the VPC.
    Dnat {
        /// The NAT gateway.
        nat: NatGatewayName,
        /// What was asked of the public address.
        from: Protocol,
        /// The address to which it leads.
        to: Ipv4Addr,
        /// The packet that comes to its public address.
        packet: Protocol,
    },
    /// A NAT gateway has no DNAT entry for the packet.
    NoDnat {
        /// The NAT gateway.
        nat: NatGatewayName,
        /// What was asked of its public address.
        packet: Protocol,
    },
    /// An answer takes a way around the NAT gateway that led the packet in.
    AroundNat {
        /// The NAT gateway.
        nat: NatGatewayName,
        /// To whom the answer goes.
        address: Ipv4Addr,
    },
    /// The border translates addresses of what their instance sends itself, not of what another passes on.
    PassedOn {
        /// The instance whose address the packet has.
        source: InstanceName,
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
        /// The problems that keep it from carrying traffic, a clause each.
        missing: Vec<Message>,
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
    /// The answer leaves for the internet, and who asked is not there.
    Outside {
        /// The address of who asked.
        address: Ipv4Addr,
    },
    /// The packet is too big for the next link.
    TooBig {
        /// Its size in bytes.
        size: u16,
        /// The link's MTU.
        mtu: u16,
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
            nowhere: cloud
                .route_state(&table.vpc, &entry.next_hop)
                .filter(|_| cloud.leads_nowhere(&table.vpc, &entry.next_hop)),
        }
    }

    pub(super) fn local(subnet: &Subnet) -> Self {
        Decision::Local { subnet: subnet.name.clone(), cidr: subnet.cidr }
    }

    /// The kind of the decision in one word: the left column of a trace.
    pub fn kind(&self) -> What {
        match self {
            Decision::OwnAddress | Decision::Delivered { .. } => What::Deliver,
            Decision::Rule { rule, .. } => direction(rule.direction),
            Decision::InnerAccess { .. } => What::Ingress,
            Decision::NoRule { direction: way, .. } => direction(*way),
            Decision::AclEntry { .. } | Decision::NoAclEntry { .. } => What::Acl,
            Decision::Stateful => What::State,
            Decision::Local { .. } => What::Local,
            Decision::BetweenSubnets { .. } => What::Local,
            Decision::Entry { .. }
            | Decision::NoEntry { .. }
            | Decision::PublicAddress { .. }
            | Decision::NextHopStopped { .. }
            | Decision::NoWayOut { .. }
            | Decision::HopGone { .. }
            | Decision::NoGateway { .. }
            | Decision::AroundNat { .. }
            | Decision::Loops { .. }
            | Decision::ForwardsNothing { .. } => What::Route,
            Decision::Forwards { .. } | Decision::UnknownFlow { .. } | Decision::AnswerOut { .. } => What::Forward,
            Decision::Stopped { .. } => What::State,
            Decision::Peering { .. } | Decision::NoPeering { .. } => What::Peering,
            Decision::Transit { .. } | Decision::Edge { .. } => What::Transit,
            Decision::Nat { .. } | Decision::NoPublicIp { .. } | Decision::PassedOn { .. } => What::Nat,
            Decision::TooBig { .. } => What::Size,
            Decision::NoSnat { .. }
            | Decision::UnknownToNat { .. }
            | Decision::Dnat { .. }
            | Decision::NoDnat { .. } => What::Nat,
            Decision::NoInstance { .. }
            | Decision::Reserved { .. }
            | Decision::Gateway { .. }
            | Decision::Nobody { .. }
            | Decision::Another { .. }
            | Decision::Elsewhere { .. }
            | Decision::Outside { .. } => What::Address,
        }
    }
}

fn direction(direction: Direction) -> What {
    match direction {
        Direction::Ingress => What::Ingress,
        Direction::Egress => What::Egress,
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Instance(name) => f.pad(name.as_str()),
            Place::NatGateway(name) => f.pad(name.as_str()),
            Place::Vpc(name) => f.pad(name.as_str()),
            Place::Peering { near, far: Some(far) } => f.pad(&format!("{near} → {far}")),
            Place::Peering { near, far: None } => f.pad(near.as_str()),
            Place::Internet => f.pad("internet"),
        }
    }
}

/// One clause, without a full stop.
impl From<&Decision> for Message {
    fn from(decision: &Decision) -> Self {
        match decision {
            Decision::OwnAddress => msg!(Said::OwnAddress),
            Decision::Rule { group, rule } => msg!(Said::Rule { group, rule }),
            Decision::InnerAccess { group } => msg!(Said::InnerAccess { group }),
            Decision::NoRule { groups, policy, stale: None, .. } if groups.is_empty() => msg!(Said::NoGroup { policy }),
            Decision::NoRule { groups, policy, stale: None, .. } => msg!(Said::NoRule { groups, policy }),
            Decision::NoRule { groups, policy, stale: Some((group, rule, why)), .. } => match why {
                Stale::GroupGone => msg!(Said::NoRuleAsGroupIsGone { groups, policy, group, rule }),
                Stale::NoActivePeering => msg!(Said::NoRuleAsNoPeeringLeads { groups, policy, group, rule }),
            },
            Decision::AclEntry { acl, subnet, entry } => msg!(Said::AclEntry { acl, subnet, entry }),
            Decision::NoAclEntry { acl, subnet, direction, packet } => {
                msg!(Said::NoAclEntry { acl, subnet, direction: *direction, packet })
            }
            Decision::Stateful => msg!(Said::Stateful),
            Decision::Local { subnet, cidr } => msg!(Said::Local { subnet, cidr }),
            Decision::BetweenSubnets { cidr, address } => msg!(Said::BetweenSubnets { cidr, address }),
            Decision::Entry { table, entry, ranked, sharing, standby_for, nowhere } => {
                let (to, hop) = (entry.destination, &entry.next_hop);
                let priority = entry.priority.filter(|_| *ranked).map(|priority| msg!(Said::Priority { priority }));
                let sharing = (*sharing > 1).then(|| msg!(Said::OneThatShares { sharing }));
                let standby = standby_for.as_ref().map(|hop| msg!(Said::StandbyFor { hop }));
                let nowhere = nowhere.map(|state| msg!(Said::RouteState { state }));
                let notes: Vec<_> = [nowhere, priority, sharing, standby].into_iter().flatten().collect();
                match notes.is_empty() {
                    true => msg!(Said::Entry { table, to, hop }),
                    false => msg!(Said::EntryWithNotes { table, to, hop, notes }),
                }
            }
            Decision::NoEntry { table, subnet, address } => msg!(Said::NoEntry { table, subnet, address }),
            Decision::PublicAddress { instance, address } => msg!(Said::PublicAddress { instance, address }),
            Decision::Stopped { instance } => msg!(Said::Stopped { instance }),
            Decision::NextHopStopped { instance } => msg!(Said::Stopped { instance }),
            Decision::Loops { instance } => msg!(Said::Loops { instance }),
            Decision::UnknownFlow { instance } => msg!(Said::UnknownFlow { instance }),
            Decision::AnswerOut { instance } => msg!(Said::AnswerOut { instance }),
            Decision::Forwards { instance, becomes: None } => msg!(Said::Forwards { instance }),
            Decision::Forwards { becomes: Some((from, to)), .. } => msg!(Said::Nat { from, to }),
            Decision::NoWayOut { nat } => msg!(Said::NoWayOut { nat }),
            Decision::HopGone { name, kind } => msg!(Said::HopGone { name, kind: *kind }),
            Decision::NoGateway { vpc } => msg!(Said::NoGateway { vpc }),
            Decision::Edge { vpc, edges } => msg!(Said::Edge { vpc, edges: edges.clone() }),
            Decision::NoSnat { nat, address } => msg!(Said::NoSnat { nat, address }),
            Decision::UnknownToNat { nat } => msg!(Said::UnknownToNat { nat }),
            Decision::Dnat { nat, from, to, packet } => msg!(Said::Dnat { nat, from, to, packet }),
            Decision::NoDnat { nat, packet } => msg!(Said::NoDnat { nat, packet }),
            Decision::AroundNat { nat, address } => msg!(Said::AroundNat { nat, address }),
            Decision::PassedOn { source } => msg!(Said::PassedOn { source }),
            Decision::ForwardsNothing { instance } => msg!(Said::ForwardsNothing { instance }),
            Decision::Peering { near: (near, state), far, gone, missing } => {
                let states = match far {
                    // A connection is one thing, with one state.
                    Some((far, _)) if far == near => msg!(Said::State { near, state: *state }),
                    Some((far, other)) => msg!(Said::States { near, state: *state, far, other: *other }),
                    None if *gone => msg!(Said::State { near, state: *state }),
                    None => msg!(Said::NoOtherEndYet { near, state: *state }),
                };
                match missing.is_empty() {
                    true => states,
                    false => msg!(Said::StatesAndMissing { states, missing }),
                }
            }
            Decision::NoPeering { vpc, peer } => msg!(Said::NoPeering { vpc, peer }),
            Decision::NoInstance { name } => msg!(Said::NoInstance { instance: name }),
            Decision::Transit { cidr, address } => msg!(Said::Transit { cidr, address }),
            Decision::Nat { from, to } => msg!(Said::Nat { from, to }),
            Decision::NoPublicIp { instance: Some(instance) } => msg!(Said::NoPublicIp { instance }),
            Decision::NoPublicIp { instance: None } => msg!(Said::PrivateAddress),
            Decision::Reserved { address } => msg!(Said::Reserved { address }),
            Decision::Gateway { subnet, address } => msg!(Said::Gateway { subnet, address }),
            Decision::Nobody { address } => msg!(Said::Nobody { address }),
            Decision::Another { named, address } => msg!(Said::Another { named, address }),
            Decision::Elsewhere { vpc, address } => msg!(Said::Elsewhere { vpc, address }),
            Decision::Outside { address } => msg!(Said::Outside { address }),
            Decision::TooBig { size, mtu } => msg!(Said::TooBig { size: *size, mtu: *mtu }),
            Decision::Delivered { address } => msg!(Said::Delivered { address }),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(f)
    }
}
