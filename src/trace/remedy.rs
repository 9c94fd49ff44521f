//! Proposes fixes for a blocker: alternatives, with the one that a provider would advise first. [`Cloud::apply`]
//! decides whether the cloud accepts them; it also refuses the other provider's operations.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::fix::{Asked, apply_all};
use super::hop::Decision;
use super::route::{self, Route};
use super::walk::{Block, Cause, Toward};
use crate::cloud::{
    AccountName, ActivateRouterInterface, AssociateRouteTable, AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress,
    Call, Cloud, ConnectRouterInterface, CreatePeering, CreateRouteEntry, CreateRouterInterface, CreateVpcPeering,
    DeactivateRouterInterface, DeleteRouterInterface, Direction, INTERNET_HOST, Instance, InstanceName,
    ModifyRouterInterfaceAttribute, NextHop, Operation, Origin, Peering, RevokeSecurityGroup,
    RevokeSecurityGroupEgress, Role, RouteEntry, RouteTable, RouteTableName, RouterInterface, Rule, RuleArguments,
    RulePeer, SecurityGroup, Status, SubnetName, Vpc,
};
use crate::flow::{Endpoint, Protocol};

/// The bandwidth class of a router interface that a fix creates, as in the tutorials.
const SPEC: &str = "Mini.2";

/// The most calls that repair an existing pair; if more are necessary, the fix creates another.
const LONGEST: usize = 8;

/// The number of ways to try for joining two VPCs with existing ends.
const JOINS: usize = 6;

/// Alternatives that fix a blocker or a part of it, the preferred first.
pub(super) fn proposals(cloud: &Cloud, asked: &Asked, block: &Block) -> Vec<Vec<Operation>> {
    let alternatives = match &block.cause {
        Cause::Groups { instance, direction, address } => {
            by_rule(cloud, asked, &block.decision, instance, *direction, *address)
        }
        Cause::Route { subnet, sender, address, toward: Toward::Internet } => {
            // A route to the host that represents the internet does not help a flow to the internet.
            let alone = (*address != INTERNET_HOST).then(|| Ipv4Net::from(*address));
            let blocks = std::iter::once(Ipv4Net::default()).chain(alone).collect();
            by_route(cloud, (subnet, *sender), *address, &NextHop::Internet, blocks)
        }
        Cause::Route { subnet, sender, address, toward: Toward::Vpc(peer) } => match pair(cloud, subnet, peer.as_str())
        {
            Some((own, peer)) => match end_between(cloud, own, peer) {
                Some(end) => {
                    let blocks = blocks_of(cloud, peer, *address);
                    by_route(cloud, (subnet, *sender), *address, &NextHop::Peering(end.name), blocks)
                }
                None => by_joining(cloud, own, peer),
            },
            None => None,
        },
        Cause::Peering { subnet, sender, address, peer, .. } => match pair(cloud, subnet, peer.as_str()) {
            Some((own, peer)) => match end_between(cloud, own, peer) {
                None => by_joining(cloud, own, peer),
                Some(joined) if joined.carries => {
                    let blocks = blocks_of(cloud, peer, *address);
                    by_route(cloud, (subnet, *sender), *address, &NextHop::Peering(joined.name), blocks)
                }
                Some(joined) => by_activating(cloud, &joined),
            },
            None => None,
        },
        Cause::Route { toward: Toward::Nowhere, .. }
        | Cause::PublicIp { .. }
        | Cause::Overlap { .. }
        | Cause::Nobody { .. }
        | Cause::NoInstance { .. } => None,
    };
    alternatives.unwrap_or_default()
}

type Alternatives = Option<Vec<Vec<Operation>>>;

pub(super) fn call(caller: &AccountName, call: Call) -> Operation {
    let text = call.to_string();
    Operation { caller: caller.clone(), call, origin: Origin::Api(text.into()) }
}

// ── routes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The VPC of a subnet, and another.
fn pair<'a>(cloud: &'a Cloud, subnet: &SubnetName, peer: &str) -> Option<(&'a Vpc, &'a Vpc)> {
    Some((cloud.vpc(&subnet.vpc)?, cloud.vpcs().find(|vpc| vpc.name.as_str() == peer)?))
}

/// The end in `own` of the pair that joins two VPCs.
fn end_between(cloud: &Cloud, own: &Vpc, peer: &Vpc) -> Option<Peering> {
    cloud.peerings().find(|end| end.vpc == own.name && end.far.as_ref().is_some_and(|far| far.vpc == peer.name))
}

/// The blocks for a route to an address of a VPC: the whole VPC, the subnet, the single address.
fn blocks_of(cloud: &Cloud, vpc: &Vpc, address: Ipv4Addr) -> Vec<Ipv4Net> {
    let subnet = route::subnet_at(cloud, &vpc.name, address).map(|subnet| subnet.cidr);
    let mut blocks: Vec<_> = [Some(vpc.cidr), subnet, Some(address.into())].into_iter().flatten().collect();
    blocks.dedup();
    blocks
}

/// Associates a table that leads to `hop`, if the subnet loses nothing or no other subnet uses it. Or replaces the
/// entry for the first of `blocks`, or a part of it, that leads nowhere or elsewhere, so that it misleads no other
/// instance. Or adds an entry for the first of `blocks` that wins over the existing entries, deleting or replacing
/// those in the way.
fn by_route(
    cloud: &Cloud,
    (subnet, sender): (&SubnetName, Ipv4Addr),
    address: Ipv4Addr,
    hop: &NextHop,
    blocks: Vec<Ipv4Net>,
) -> Alternatives {
    let subnet = cloud.subnet(subnet)?;
    let table = cloud.table_of(subnet);
    let owner = &cloud.vpc(&table.vpc)?.account;
    let in_the_way = match route::lookup_in(cloud, table, sender, address) {
        Route::Entry(_, entry) => Some(entry),
        _ => None,
    };

    let serves = |table: &RouteTable| cloud.subnets_of(&table.vpc).any(|own| cloud.table_of(own).name == table.name);
    let leads = |other: &&RouteTable| matches!(route::lookup_in(cloud, other, sender, address), Route::Entry(_, entry) if entry.next_hop == *hop);
    let custom = cloud.route_tables().filter(|other| other.vpc == table.vpc && other.name != table.name);
    let loses_nothing = table.entries.is_empty();
    let fitting = custom.filter(|other| other.name != RouteTableName::default_of(&other.vpc));
    let fitting = fitting.filter(|other| loses_nothing || !serves(other));
    let associate = fitting.filter(leads).map(|other| {
        let (table, subnet) = (other.name.to_string(), subnet.name.to_string());
        vec![call(owner, Call::AssociateRouteTable(AssociateRouteTable { table, subnet }))]
    });

    let create = |destination: Ipv4Net, instead_of: Option<&RouteEntry>| {
        let others = table.entries_for(destination).iter().filter(|other| Some(*other) != instead_of);
        let priority = winning(cloud, others)?.map(|priority| priority.to_string());
        let (table, vpc) = table.named();
        let (destination, next_hop) = (destination.to_string(), vec![cloud.reference_to(hop)]);
        Some(call(owner, Call::CreateRouteEntry(CreateRouteEntry { table, vpc, destination, next_hop, priority })))
    };
    let longest = in_the_way.map(|entry| entry.destination.prefix_len());
    let wins = |block: &Ipv4Net| longest.is_none_or(|longest| block.prefix_len() > longest);
    let block = blocks.first().copied().unwrap_or_default();
    let before = in_the_way.filter(|entry| entry.priority.is_some()).map(|entry| entry.destination);
    let add = blocks.into_iter().filter(wins).chain(before).filter_map(|block| Some(vec![create(block, None)?]));

    let delete = |entry: &RouteEntry| delete_entry(owner, table, entry);
    if let Some(wrong) = in_the_way.filter(|entry| block.contains(&entry.destination) && !serves_a_vpc(cloud, entry)) {
        return Some(associate.chain([vec![delete(wrong)]]).collect());
    }
    let replace = in_the_way.into_iter().flat_map(|entry| {
        let delete = delete(entry);
        let create = create(entry.destination, Some(entry));
        [Some(vec![delete.clone()]), create.map(|create| vec![delete, create])].into_iter().flatten()
    });
    Some(associate.chain(add).chain(replace).collect())
}

fn delete_entry(owner: &AccountName, table: &RouteTable, entry: &RouteEntry) -> Operation {
    call(owner, Call::DeleteRouteEntry(table.deletion_of(entry)))
}

/// The priority with which a new entry precedes the others of its destination: `Some(None)` if the default is enough,
/// `None` if no priority precedes them.
fn winning<'a>(cloud: &Cloud, others: impl Iterator<Item = &'a RouteEntry>) -> Option<Option<u8>> {
    let Some(best) = others.map(|other| other.priority).min() else { return Some(None) };
    if best > cloud.provider().entry_priority {
        Some(None)
    } else {
        best?.checked_sub(1).filter(|it| *it > 0).map(Some)
    }
}

/// Whether an entry leads by a peering that carries traffic to a VPC with addresses in the entry's block.
fn serves_a_vpc(cloud: &Cloud, entry: &RouteEntry) -> bool {
    let NextHop::Peering(end) = &entry.next_hop else { return false };
    let far = cloud.peering(end).filter(|end| end.carries).and_then(|end| end.far);
    let far = far.and_then(|far| cloud.vpc(&far.vpc));
    // A default route leads to no particular VPC.
    far.is_some_and(|far| entry.destination.prefix_len() > 0 && overlaps(far.cidr, entry.destination))
}

fn overlaps(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

// ── peerings ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// Activates each inactive end, as its own account.
fn by_activating(cloud: &Cloud, end: &Peering) -> Alternatives {
    let far = cloud.peering(&end.far.as_ref()?.name);
    let ends = [Some(end.clone()), far].into_iter().flatten();
    let off = ends
        .filter(|end| cloud.router_interface(&end.name).is_some_and(|interface| interface.status == Status::Inactive));
    let activate = off.map(|end| {
        call(&end.account, Call::ActivateRouterInterface(ActivateRouterInterface { name: end.name.to_string() }))
    });
    Some(vec![activate.collect()])
}

/// Joins two VPCs, with existing ends first.
fn by_joining(cloud: &Cloud, own: &Vpc, peer: &Vpc) -> Alternatives {
    let mut alternatives = vec![by_halves(cloud, own, peer)];
    let mut interfaces = by_interfaces(cloud, own, peer);
    interfaces.sort_by_key(Vec::len);
    interfaces.truncate(JOINS);
    // If one account has both VPCs, create-peering is one call, but no better than ends that are bound already.
    let new = interfaces.iter().position(|operations| operations.len() > 1).unwrap_or(interfaces.len());
    if own.account == peer.account {
        let name = cloud.fresh_name(&format!("{}-{}", own.name, peer.name));
        let (vpc, peer_vpc) = (own.name.to_string(), peer.name.to_string());
        let compound = CreatePeering { name, vpc, peer_vpc, spec: SPEC.into(), latency: None };
        interfaces.insert(new, vec![call(&own.account, Call::CreatePeering(compound))]);
    }
    alternatives.append(&mut interfaces);
    alternatives.retain(|operations| !operations.is_empty());
    Some(alternatives)
}

/// Creates the missing halves (jdcloud).
fn by_halves(cloud: &Cloud, own: &Vpc, peer: &Vpc) -> Vec<Operation> {
    let sides = [(own, peer), (peer, own)];
    let missing = sides.into_iter().filter(|(vpc, other)| cloud.half_between(&vpc.name, &other.name).is_none());
    let create = missing.map(|(vpc, other)| {
        let name = cloud.fresh_name(&format!("{}-to-{}", vpc.name, other.name));
        let (own, peer_vpc_id) = (vpc.name.to_string(), other.id.to_string());
        let half = CreateVpcPeering { name, vpc: own, peer_vpc_id, latency: None, id: None };
        call(&vpc.account, Call::CreateVpcPeering(half))
    });
    create.collect()
}

/// An end of a future pair.
#[derive(Clone, Copy)]
struct Side<'a> {
    vpc: &'a Vpc,
    /// The existing end.
    end: Option<&'a RouterInterface>,
    /// Whether it was made for another peering, and must be deleted and recreated under its name.
    anew: bool,
}

impl Side<'_> {
    fn role(&self) -> Option<Role> {
        self.end.map(|end| end.role)
    }
}

/// All ways of connecting an end in each VPC (alibaba): ends meant for this pair, if any; else any Idle one, or a new
/// one.
fn by_interfaces(cloud: &Cloud, own: &Vpc, peer: &Vpc) -> Vec<Vec<Operation>> {
    let meant = [meant_for(cloud, own, peer), meant_for(cloud, peer, own)];
    let free = |vpc, other, meant: &[_]| if meant.is_empty() { free_for(cloud, vpc, other) } else { meant.to_vec() };
    let mended = ways(cloud, &free(own, peer, &meant[0]), &free(peer, own, &meant[1]));
    let mut mended: Vec<_> = mended.into_iter().filter(|way| apply_all(&mut cloud.clone(), way).is_ok()).collect();
    mended.retain(|way| way.len() <= LONGEST);
    if !mended.is_empty() && meant.iter().any(|meant| !meant.is_empty()) {
        return mended;
    }
    ways(cloud, &free_for(cloud, own, peer), &free_for(cloud, peer, own))
}

fn ways(cloud: &Cloud, own: &[Side], peer: &[Side]) -> Vec<Vec<Operation>> {
    let pairs = own.iter().flat_map(|own| peer.iter().map(move |peer| (*own, *peer)));
    let each = pairs.flat_map(|(own, peer)| match (own.role(), peer.role()) {
        // One of them must change its role.
        (Some(role), Some(other)) if role == other => vec![
            connect(cloud, own, Side { anew: true, ..peer }, role == Role::Initiator),
            connect(cloud, Side { anew: true, ..own }, peer, role == Role::Acceptor),
        ],
        (Some(role), _) => vec![connect(cloud, own, peer, role == Role::Initiator)],
        (None, Some(other)) => vec![connect(cloud, own, peer, other == Role::Acceptor)],
        (None, None) => vec![connect(cloud, own, peer, true)],
    });
    each.collect()
}

/// The unconnected ends of a VPC that are meant for another VPC: their opposite is there, or a route by them leads
/// there.
fn meant_for<'a>(cloud: &'a Cloud, vpc: &'a Vpc, other: &Vpc) -> Vec<Side<'a>> {
    let ends = cloud.router_interfaces().filter(|end| end.vpc == vpc.name && end.connected.is_none());
    let named = |end: &RouterInterface| {
        let counterpart = cloud.counterpart(&end.name).and_then(|name| cloud.router_interface(&name));
        counterpart.is_some_and(|counterpart| counterpart.vpc == other.name)
    };
    let routed =
        |end: &RouterInterface| entries_by(cloud, end).any(|(_, entry)| other.cidr.contains(&entry.destination));
    let meant = ends.filter(|end| named(end) || routed(end));
    meant.map(|end| Side { vpc, end: Some(end), anew: !fits(end, other) }).collect()
}

/// The Idle ends of a VPC that can be bound to an end in another VPC, and a new end.
fn free_for<'a>(cloud: &'a Cloud, vpc: &'a Vpc, other: &Vpc) -> Vec<Side<'a>> {
    let ends = cloud.router_interfaces().filter(|end| end.vpc == vpc.name && fits(end, other));
    ends.map(Some).chain([None]).map(|end| Side { vpc, end, anew: false }).collect()
}

/// Whether an end can be bound to an end in another VPC.
fn fits(end: &RouterInterface, other: &Vpc) -> bool {
    end.status == Status::Idle && end.opposite_region == other.region
}

/// The entries that lead to an end, each with its table.
fn entries_by<'a>(
    cloud: &'a Cloud,
    end: &'a RouterInterface,
) -> impl Iterator<Item = (&'a RouteTable, &'a RouteEntry)> {
    let hop = NextHop::Peering(end.name.clone());
    let tables = cloud.route_tables_of(&end.vpc);
    let entries = tables.flat_map(|table| table.entries.iter().map(move |entry| (table, entry)));
    entries.filter(move |(_, entry)| entry.next_hop == hop)
}

/// Deletes ends that must be recreated, creates missing ones, binds those that point elsewhere, and connects from the
/// initiator.
fn connect(cloud: &Cloud, own: Side, peer: Side, own_initiates: bool) -> Vec<Operation> {
    let name = |side: Side, other: Side| match side.end {
        Some(end) => end.name.to_string(),
        None => cloud.fresh_name(&format!("ri-{}-{}", side.vpc.name, other.vpc.name)),
    };
    let names = (name(own, peer), name(peer, own));
    let sides = [(own, &names.0, peer, &names.1, own_initiates), (peer, &names.1, own, &names.0, !own_initiates)];
    let mut operations = Vec::new();
    for (side, ..) in sides {
        operations.extend(side.end.filter(|_| side.anew).into_iter().flat_map(|end| removal(cloud, end)));
    }
    for (side, name, other, _, initiates) in sides {
        if side.end.is_none() || side.anew {
            let spec = side.end.and_then(|end| end.spec).map_or(SPEC, |spec| spec.name);
            operations.push(call(
                &side.vpc.account,
                Call::CreateRouterInterface(CreateRouterInterface {
                    name: name.clone(),
                    vpc: side.vpc.name.to_string(),
                    role: if initiates { Role::Initiator } else { Role::Acceptor }.to_string(),
                    spec: initiates.then(|| spec.to_string()),
                    opposite_region: other.vpc.region.to_string(),
                    latency: None,
                    id: None,
                }),
            ));
        }
    }
    for (side, name, other, other_name, _) in sides {
        let bound =
            side.end.filter(|_| !side.anew).zip(other.end).is_some_and(|(end, other)| points_at(cloud, end, other));
        if !bound {
            operations.push(call(
                &side.vpc.account,
                Call::ModifyRouterInterfaceAttribute(ModifyRouterInterfaceAttribute {
                    name: name.clone(),
                    opposite_account: Some(other.vpc.account.to_string()),
                    opposite_interface: Some(other_name.clone()),
                    opposite_router: Some(other.vpc.name.to_string()),
                }),
            ));
        }
    }
    let (initiator, name) = if own_initiates { (own.vpc, names.0) } else { (peer.vpc, names.1) };
    operations.push(call(&initiator.account, Call::ConnectRouterInterface(ConnectRouterInterface { name })));
    operations
}

/// The calls that remove an end.
fn removal(cloud: &Cloud, end: &RouterInterface) -> Vec<Operation> {
    let name = end.name.to_string();
    let mut operations = Vec::new();
    if end.status == Status::Active {
        let off = DeactivateRouterInterface { name: name.clone() };
        operations.push(call(&end.account, Call::DeactivateRouterInterface(off)));
    }
    operations.extend(entries_by(cloud, end).map(|(table, entry)| delete_entry(&end.account, table, entry)));
    operations.push(call(&end.account, Call::DeleteRouterInterface(DeleteRouterInterface { name })));
    operations
}

/// Whether an end names another as its opposite, by name or id.
fn points_at(cloud: &Cloud, end: &RouterInterface, other: &RouterInterface) -> bool {
    let Some(opposite) = &end.opposite else { return false };
    let is = |text: &Option<String>, names: &[&str]| text.as_deref().is_some_and(|text| names.contains(&text));
    let account = cloud.accounts().find(|account| account.name == other.account);
    let vpc = cloud.vpc(&other.vpc);
    is(&opposite.interface, &[other.name.as_str(), &other.id.0])
        && account.is_some_and(|account| is(&opposite.account, &[account.name.as_str(), &account.id.0]))
        && vpc.is_some_and(|vpc| is(&opposite.router, &[vpc.name.as_str(), &vpc.id.0, &vpc.router_id.0]))
}

// ── rules ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Adds an accepting rule by CIDR that precedes the dropping one; or revokes the dropping one.
fn by_rule(
    cloud: &Cloud,
    asked: &Asked,
    decision: &Decision,
    instance: &InstanceName,
    direction: Direction,
    address: Ipv4Addr,
) -> Alternatives {
    let instance = cloud.instance(instance)?;
    let cidr = block_of(cloud, asked, direction, address);
    match decision {
        Decision::Rule { group, rule } => {
            let group = cloud.security_group(group)?;
            let before =
                (rule.priority > 1).then(|| authorize(group, direction, asked.protocol, cidr, rule.priority - 1));
            let revoke = revoke(group, rule);
            Some(before.into_iter().map(|before| vec![before]).chain([vec![revoke]]).collect())
        }
        _ => {
            let groups = cloud.groups_of(instance).into_iter();
            Some(groups.map(|group| vec![authorize(group, direction, asked.protocol, cidr, 1)]).collect())
        }
    }
}

/// The block for the other side: its VPC's block; a single public address; or everything, for the internet.
fn block_of(cloud: &Cloud, asked: &Asked, direction: Direction, address: Ipv4Addr) -> Ipv4Net {
    if address == INTERNET_HOST {
        return Ipv4Net::default();
    }
    let other = match direction {
        Direction::Ingress => asked.from,
        Direction::Egress => asked.to,
    };
    let instance: Option<&Instance> = match other {
        Endpoint::Instance(name) => cloud.instance(name),
        _ => cloud.instances().find(|instance| instance.ip == address),
    };
    let vpc = instance.filter(|instance| instance.ip == address).and_then(|instance| cloud.vpc(&instance.subnet.vpc));
    vpc.map_or(address.into(), |vpc| vpc.cidr)
}

fn authorize(
    group: &SecurityGroup,
    direction: Direction,
    protocol: Protocol,
    cidr: Ipv4Net,
    priority: u8,
) -> Operation {
    let (protocol, port) = match protocol {
        Protocol::Icmp => ("icmp", None),
        Protocol::Tcp(port) => ("tcp", Some(port.to_string())),
        Protocol::Udp(port) => ("udp", Some(port.to_string())),
    };
    let rule = RuleArguments {
        protocol: protocol.into(),
        port,
        cidr: Some(cidr.to_string()),
        group: None,
        group_account: None,
        policy: None,
        priority: (priority != 1).then(|| priority.to_string()),
    };
    let security_group = group.name.to_string();
    let authorize = match direction {
        Direction::Ingress => Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule }),
        Direction::Egress => Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule }),
    };
    call(&group.account, authorize)
}

fn revoke(group: &SecurityGroup, rule: &Rule) -> Operation {
    let (cidr, named) = match &rule.peer {
        RulePeer::Cidr(cidr) => (Some(cidr.to_string()), None),
        RulePeer::Group { account, group, .. } => (None, Some((account.to_string(), group.to_string()))),
    };
    let (group_account, named) = named.unzip();
    let arguments = RuleArguments {
        protocol: rule.protocol.to_string(),
        port: rule.ports.map(|ports| ports.to_string()),
        cidr,
        group: named,
        group_account,
        policy: Some(rule.policy.to_string()),
        priority: (rule.priority != 1).then(|| rule.priority.to_string()),
    };
    let (security_group, rule_arguments) = (group.name.to_string(), arguments);
    let revoke = match rule.direction {
        Direction::Ingress => Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule: rule_arguments }),
        Direction::Egress => {
            Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule: rule_arguments })
        }
    };
    call(&group.account, revoke)
}
