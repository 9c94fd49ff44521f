//! The forwarding rules of a VPC's router: the table `vpc`.
//!
//! | packet | checks, in this order |
//! |---|---|
//! | its route leads nowhere | the sender's egress groups; then the route's reason |
//! | out to the internet | the sender's egress groups; a public address; a destination that is not private |
//! | an answer to what came in from the internet or by a peering, to a subnet | nobody there has asked |
//! | an answer, or an error about a flow | nothing more |
//! | from a subnet | the sender's egress groups |
//! | to a subnet | the receiver's ingress groups |
//! | to a peering | nothing more: the other VPC checks |
//! | in by a peering, for an address that is not the VPC's | nothing more, and before it can count as an answer |
//! | to the router itself | the sender's egress groups; no instance has a gateway's address |
//!
//! A subnet's network ACL comes after the sender's egress groups, and before the receiver's ingress groups. It is
//! stateless: an answer meets the ACLs of both subnets, and only then "nothing more". A VPC without ACLs has none of these
//! rules.
//!
//! The rules recognize an answer by its direction, not by the state "established": groups check every packet from the
//! side that opened a flow. So a changed rule applies to existing flows without flushing conntrack. Flushing would
//! stall flows that are still allowed, because the first packet afterwards may be an answer, which then counts as a new
//! flow (observed: 10 of 10 downloads over a peering of 2 Mbit/s).
//!
//! The family is `ip`, not `inet`: a VPC carries IPv4 only (`guard` drops all else), so no rule needs to match the
//! family.

use ipnet::Ipv4Net;

use super::super::model::{group, sink};
use super::super::ruleset::{
    Chain, ChainKind, Data, DataType, Family, Field, Hook, HookPoint, KeyType, Policy, Rule, Set, Statement, Table,
    Value, Verdict,
};
use super::super::ruleset_text::{conntrack_state, conntrack_status};
use super::groups::{self, EGRESS, INGRESS};
use super::layout::{Layout, VpcLayout, next_hops};
use super::names::LO_INDEX;
use super::packet::{FRAGMENTATION_NEEDED, ORIGINAL, REPLY, UNREACHABLE, asks, because, from, is_direction, to};
use super::{acls, forward, nat};
use crate::cloud::{Direction, NextHop, Vpc};
use crate::flow::Reason;

/// Destinations that no host on the internet has (docs/cloud.md §3). Loopback is not among them: no router forwards it,
/// and the internet host has its own.
pub const PRIVATE: [Ipv4Net; 8] = [
    net([0, 0, 0, 0], 8),
    net([10, 0, 0, 0], 8),
    net([172, 16, 0, 0], 12),
    net([192, 168, 0, 0], 16),
    net([100, 64, 0, 0], 10),
    net([169, 254, 0, 0], 16),
    net([192, 0, 2, 0], 24),
    net([224, 0, 0, 0], 3),
];

/// The map from a route's next hop to the chain of its reason.
const SINK: &str = "sink";
/// The chain for packets to the internet.
const OUT: &str = "to-internet";
/// The private addresses that have a public one.
const PUBLIC: &str = "public";
/// The map from private to public addresses.
pub const TO_PUBLIC: &str = "to-public";
/// The map from public to private addresses.
pub const TO_PRIVATE: &str = "to-private";

/// `raw`, before conntrack at -200.
const BEFORE_CONNTRACK: Hook =
    Hook { kind: ChainKind::Filter, at: HookPoint::Prerouting, priority: -300, policy: Policy::Accept };

const fn net(address: [u8; 4], bits: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), bits)
}

/// The table `vpc` of a VPC's router.
pub fn table(layout: &Layout, vpc: &VpcLayout) -> ((Family, String), Table) {
    let mut table = Table::default();
    let used = |reason: &Reason| !only_where_used(*reason) || uses(layout, vpc, *reason);
    let counters = Reason::DROPS.into_iter().filter(used);
    table.counters.extend(counters.map(|reason| reason.as_str().to_owned()));
    sink_routes(&mut table, layout, vpc);
    table.chain("forward", Chain::base(filter(HookPoint::Forward), forward(layout, vpc)));
    table.chain("input", Chain::base(filter(HookPoint::Input), input(vpc)));
    if vpc.uplink.is_some() {
        internet(&mut table, layout, vpc);
    }
    groups::add(&mut table, layout, vpc);
    acls::add(&mut table, layout, vpc);
    forward::add(&mut table, vpc);
    if has_smaller_link(layout, vpc) {
        count_too_big(&mut table);
    }
    nat::add(&mut table, layout.cloud, vpc);
    ((Family::Ip, "vpc".to_owned()), table)
}

/// Whether only those VPCs count a reason that have what it is about.
fn only_where_used(reason: Reason) -> bool {
    use Reason::{
        EgressNetworkAcl, IngressNetworkAcl, InstanceStopped, NextHopGone, NoInternetGateway, NotForwarded, TooBig,
    };
    matches!(
        reason,
        EgressNetworkAcl
            | IngressNetworkAcl
            | InstanceStopped
            | NextHopGone
            | NoInternetGateway
            | NotForwarded
            | TooBig
    )
}

/// Whether the VPC has what one of these reasons is about.
fn uses(layout: &Layout, vpc: &VpcLayout, reason: Reason) -> bool {
    let mut hops = next_hops(layout.cloud, vpc.vpc);
    match reason {
        Reason::InstanceStopped => vpc.instances.iter().any(|home| !home.instance.runs()),
        Reason::NextHopGone => nat::any(vpc) || hops.any(|hop| !hop.runs()) || has_dead_entry(layout, vpc, reason),
        Reason::NoInternetGateway => layout.cloud.lacks_gateway(&vpc.vpc.name) || has_dead_entry(layout, vpc, reason),
        // One that forwards counts what comes round, and answers that it does not know.
        Reason::NotForwarded => nat::any(vpc) || hops.any(|hop| hop.runs()),
        Reason::TooBig => has_smaller_link(layout, vpc),
        _ => acls::any(vpc),
    }
}

/// Whether an entry leads to something deleted, for which packets end for this reason.
fn has_dead_entry(layout: &Layout, vpc: &VpcLayout, reason: Reason) -> bool {
    let mut entries = layout.cloud.route_tables_of(&vpc.vpc.name).flat_map(|table| &table.entries);
    entries.any(|entry| matches!(&entry.next_hop, NextHop::Gone(gone) if gone.reason() == reason))
}

/// Whether a link by which packets leave the VPC is smaller than the VPC's own links.
fn has_smaller_link(layout: &Layout, vpc: &VpcLayout) -> bool {
    let peerings = vpc.peerings.values().map(|end| end.peering.mtu);
    let uplink = vpc.uplink.as_ref().map(|_| layout.cloud.mtu_to_internet(&vpc.vpc.name));
    peerings.chain(uplink).any(|mtu| mtu < vpc.vpc.mtu)
}

/// Counts packets that are too big for the next link: the kernel drops each before the forward hook, but tells its sender
/// so, without a limit of the rate.
pub fn count_too_big(table: &mut Table) {
    let reason = Reason::TooBig.as_str();
    table.counters.insert(reason.to_owned());
    let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Output, priority: 0, policy: Policy::Accept };
    let tells = [
        Statement::is(Field::TransportProtocol, Value::Byte(1)),
        Statement::is(Field::IcmpType, Value::Byte(UNREACHABLE)),
        Statement::is(Field::IcmpCode, Value::Byte(FRAGMENTATION_NEEDED)),
        Statement::counter(reason),
    ];
    table.chain(reason, Chain::base(hook, [Rule::of(tells)]));
}

fn filter(at: HookPoint) -> Hook {
    Hook { kind: ChainKind::Filter, at, priority: 0, policy: Policy::Drop }
}

/// Whether somebody outside may have an address of the VPC's own block: a host on the internet, or an instance of a
/// joined VPC. An answer to such an address stays in the VPC, where the instance with that address sent no request.
pub(super) fn may_hold_who_asks(layout: &Layout, vpc: &VpcLayout) -> bool {
    let mut joined = layout.joined_with(vpc);
    vpc.uplink.is_some() && has_public_block(vpc.vpc) || joined.any(|far| vpc.vpc.overlap_with(far).is_some())
}

/// Whether a peering leads to a VPC with a block that internet hosts have too.
fn asked_from_public_blocks(layout: &Layout, vpc: &VpcLayout) -> bool {
    layout.joined_with(vpc).any(has_public_block)
}

/// Whether a VPC has a block that internet hosts have too.
fn has_public_block(vpc: &Vpc) -> bool {
    !vpc.blocks().all(|block| PRIVATE.iter().any(|private| private.contains(&block)))
}

/// The mark of flows that came in from outside.
const OUTSIDE: u32 = 1;

/// An answer to what came in from outside must leave again, unless an instance passes it on.
fn to_nobody(vpc: &VpcLayout) -> Vec<Rule> {
    let opened = |by| [is_direction(ORIGINAL), from(by), Statement::MarkFlow(OUTSIDE)];
    let marks = [
        Rule::of(opened(group::PEERING)).comment("another VPC asks"),
        Rule::of(opened(group::INTERNET)).comment("the internet asks"),
    ];
    let answer = |condition: Option<Statement>| {
        let answer = [is_direction(REPLY), Statement::is(Field::ConntrackMark, OUTSIDE), to(group::SUBNET)];
        Rule::of(answer.into_iter().chain(condition).chain([because(Reason::NoSuchAddress)]))
            .comment("who asked is outside, and the answer does not go there")
    };
    marks.into_iter().chain(forward::not_passed_on(vpc).into_iter().map(answer)).collect()
}

/// Forwarded packets.
fn forward(layout: &Layout, vpc: &VpcLayout) -> Vec<Rule> {
    let to_internet = vpc.uplink.is_some().then(|| Rule::of([to(group::INTERNET), Statement::goto(OUT)]));
    let to_nobody = may_hold_who_asks(layout, vpc).then(|| to_nobody(vpc));
    let answers = [
        Rule::of([is_direction(REPLY), Statement::accept()]).comment("answers ask no group"),
        Rule::of([Statement::is(Field::ConntrackState, conntrack_state::RELATED), Statement::accept()])
            .comment("errors about a flow"),
        Rule::of([Statement::is(Field::ConntrackState, conntrack_state::INVALID), because(Reason::NoSuchAddress)])
            .comment("an answer that nobody here waits for"),
    ];
    let asks_egress = Rule::of([from(group::SUBNET), asks(forward::sender(vpc), EGRESS)]);
    let rest = [
        Rule::of([to(group::SUBNET), asks(forward::receiver(vpc), INGRESS)]),
        Rule::of([to(group::SUBNET), because(Reason::NoSuchAddress)]),
        Rule::of([to(group::PEERING), Statement::accept()]).comment("the other VPC asks its own groups"),
    ];
    let nowhere = Rule::of([Statement::is(Field::OutputInterface, LO_INDEX), Statement::goto(SINK)]);
    let acl = |direction| acls::any(vpc).then(|| Rule::of([acls::asks(direction)]));
    let acl_of_answers = |direction| acls::any(vpc).then(|| Rule::of([is_direction(REPLY), acls::asks(direction)]));
    nat::marks(vpc)
        .into_iter()
        .chain([nowhere])
        .chain(to_internet)
        .chain(forward::rounds(vpc))
        .chain(acl_of_answers(Direction::Egress))
        .chain(to_nobody.into_iter().flatten())
        .chain(nat::answers_around(vpc))
        .chain(acl_of_answers(Direction::Ingress))
        .chain(nat::answers_back(vpc))
        .chain(forward::strange_answers(vpc))
        .chain(answers)
        .chain([asks_egress])
        .chain(acl(Direction::Egress))
        .chain(acl(Direction::Ingress))
        .chain(rest)
        .collect()
}

/// Packets to the router itself. The router has addresses, but no instance of the cloud has them.
fn input(vpc: &VpcLayout) -> Vec<Rule> {
    let nobody = Rule::of([because(Reason::NoSuchAddress)]).comment("nobody answers at a gateway's address");
    leaving(vpc).into_iter().chain([nobody]).collect()
}

/// Routes that lead nowhere: their chain, and for each of their reasons a chain that counts and drops.
fn sink_routes(table: &mut Table, layout: &Layout, vpc: &VpcLayout) {
    let mut map = Set::map([KeyType::Ipv4Address], DataType::Verdict);
    for reason in Reason::DROPS.into_iter().filter(|reason| !only_where_used(*reason) || uses(layout, vpc, *reason)) {
        let name = reason.as_str();
        let next_hop = sink::next_hop(reason);
        if let Some(next_hop) = next_hop {
            map.elements.insert(vec![next_hop.into()], Data::Verdict(Verdict::Goto(name.to_owned())));
        }
        if next_hop.is_some() || reason == Reason::InstanceStopped {
            table.chain(name, Chain::of([Rule::of([Statement::counter(name), Statement::drop()])]));
        }
    }
    table.sets.insert(SINK.to_owned(), map);
    let reasons = Rule::of([asks(Field::NextHop, SINK)]);
    table.chain(SINK, Chain::of(leaving(vpc).into_iter().chain([reasons])));
}

/// Packets to and from the internet: public addresses, mapped one to one.
fn internet(table: &mut Table, layout: &Layout, vpc: &VpcLayout) {
    // What an instance passes on is not its own: only what comes from an address's own instance is translated.
    let passing = forward::any(vpc);
    let mut public = match passing {
        true => Set::of([KeyType::EtherAddress, KeyType::Ipv4Address]),
        false => Set::of([KeyType::Ipv4Address]),
    };
    let mut to_public = Set::map([KeyType::Ipv4Address], DataType::Ipv4Address);
    let mut to_private = Set::map([KeyType::Ipv4Address], DataType::Ipv4Address);
    for instance in vpc.instances.iter().map(|home| home.instance) {
        let Some(address) = instance.public_ip else { continue };
        let sender = passing.then(|| forward::sender_key(vpc, instance));
        public.elements.insert(sender.into_iter().chain([instance.ip.into()]).collect(), Data::None);
        to_public.elements.insert(vec![instance.ip.into()], Data::Ip(address));
        to_private.elements.insert(vec![address.into()], Data::Ip(instance.ip));
    }
    table.sets.insert(PUBLIC.to_owned(), public);
    table.sets.insert(TO_PUBLIC.to_owned(), to_public);
    table.sets.insert(TO_PRIVATE.to_owned(), to_private);

    // This applies to answers too: an answer to a peer whose route leads here is not translated, and would be lost
    // uncounted on the internet.
    let sender: Vec<_> = passing.then_some(Field::EtherSource).into_iter().chain([Field::IpSource]).collect();
    let no_public_ip = Rule::of([Statement::without(sender, PUBLIC), because(Reason::NoPublicIp)]);
    let private = PRIVATE
        .iter()
        .map(|private| Rule::of([Statement::prefix(Field::IpDestination, *private), because(Reason::NoSuchAddress)]));
    // The answer to another VPC, which a route leads to the internet: who asked is not there.
    let astray = asked_from_public_blocks(layout, vpc).then(|| {
        let (field, value) = (Field::ConntrackStatus, conntrack_status::DNAT.into());
        let not_from_here = Statement::Is { field, value, negated: true };
        Rule::of([is_direction(REPLY), not_from_here, because(Reason::NoSuchAddress)])
    });
    let rules =
        leaving(vpc).into_iter().chain(nat::answers_out(vpc)).chain([no_public_ip]).chain(private).chain(astray);
    table.chain(OUT, Chain::of(rules.chain([Rule::of([Statement::accept()])])));

    let nat = |at, priority| Hook { kind: ChainKind::Nat, at, priority, policy: Policy::Accept };
    let inward = Statement::DestinationNat { field: Field::IpDestination, map: TO_PRIVATE.to_owned() };
    let outward = Statement::SourceNat { field: Field::IpSource, map: TO_PUBLIC.to_owned() };
    let (dstnat, srcnat) = (nat(HookPoint::Prerouting, -100), nat(HookPoint::Postrouting, 100));
    table.chain("prerouting", Chain::base(dstnat, [Rule::of([from(group::INTERNET), inward])]));
    table.chain("postrouting", Chain::base(srcnat, [Rule::of([to(group::INTERNET), outward])]));
    if layout.cloud.lacks_gateway(&vpc.vpc.name) {
        let nothing = Rule::of([from(group::INTERNET), because(Reason::NoInternetGateway)]);
        table.chain("from-internet", Chain::base(BEFORE_CONNTRACK, [nothing.comment("no gateway lets it in")]));
    }
    table.chain("from-peerings", Chain::base(BEFORE_CONNTRACK, from_peerings(vpc)));
}

/// Packets from a peering must be for one of the VPC's own addresses. The route ensures this too, but conntrack sees
/// the packet first: an answer that takes a peering instead of the internet would have its public address translated,
/// as if it had come from the internet.
fn from_peerings(vpc: &VpcLayout) -> Vec<Rule> {
    let own = vpc.vpc.blocks().map(|block| {
        let own = Statement::prefix(Field::IpDestination, block);
        Rule::of([from(group::PEERING), own, Statement::accept()])
    });
    let others = Rule::of([from(group::PEERING), because(Reason::NotTransitive)])
        .comment("public addresses are mapped where the internet comes in");
    own.chain([others]).collect()
}

/// The checks of a packet that leaves its subnet, before a drop for another reason: the sender's egress groups, except for
/// answers; and the subnet's network ACL.
fn leaving(vpc: &VpcLayout) -> Vec<Rule> {
    let groups = Rule::of([is_direction(ORIGINAL), from(group::SUBNET), asks(forward::sender(vpc), EGRESS)]);
    let acl = acls::any(vpc).then(|| Rule::of([acls::asks(Direction::Egress)]));
    [groups].into_iter().chain(acl).collect()
}
