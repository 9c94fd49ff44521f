//! Proposes fixes for a blocker: alternatives, with the one that a provider would advise first. [`Cloud::apply`]
//! decides whether the cloud accepts them.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::acls::{self, Crossing};
use super::hop::Decision;
use super::route::{self, Route};
use super::walk::{Block, Cause, Toward};
pub(super) use crate::cloud::typed as call;
use crate::cloud::{
    AccountName, AclEntry, AssociatePublicIp, AssociateRouteTable, AuthorizeSecurityGroup,
    AuthorizeSecurityGroupEgress, Call, Cloud, CreateNetworkAclEntry, CreateRouteEntry, CreateSnatEntry,
    DeleteNetworkAclEntry, Direction, INTERNET_HOST, Instance, InstanceName, ModifyInstance, NatGatewayName,
    NetworkAcl, NextHop, Operation, Peering, Policy, PortRange, RevokeSecurityGroup, RevokeSecurityGroupEgress,
    RouteEntry, RouteTable, Rule, RuleArguments, SecurityGroup, StartInstance, SubnetName, Vpc, VpcName,
};
use crate::flow::{Endpoint, Protocol, Traffic};

/// The flow in question.
pub(super) struct Asked<'a> {
    pub(super) from: &'a Endpoint,
    pub(super) to: &'a Endpoint,
    pub(super) traffic: Traffic,
}

/// Alternatives that fix a blocker or a part of it, the preferred first.
pub(super) fn proposals(cloud: &Cloud, asked: &Asked, block: &Block) -> Vec<Vec<Operation>> {
    let asked = &Asked { traffic: block.traffic, ..*asked };
    let alternatives = match &block.cause {
        Cause::Groups { instance, direction, address } => {
            by_rule(cloud, asked, &block.decision, instance, *direction, *address)
        }
        Cause::Acl { acl, direction, address, answer } => {
            cloud.network_acl(acl).and_then(|acl| by_acl_entry(cloud, asked, acl, (*direction, *address, *answer)))
        }
        Cause::Stopped { instance } => cloud.instance(instance).map(|it| {
            let start = StartInstance { name: it.name.to_string() };
            vec![vec![call(&it.account, Call::StartInstance(start))]]
        }),
        Cause::Forwards { instance } => cloud.instance(instance).map(|it| {
            let modify = ModifyInstance { name: it.name.to_string(), forwards: true.to_string() };
            vec![vec![call(&it.account, Call::ModifyInstance(modify))]]
        }),
        Cause::Gateway { vpc } => cloud.vpc(vpc).map(|vpc| vec![vec![call(&vpc.account, cloud.gateway_call(vpc))]]),
        Cause::Route { subnet, toward: Toward::Internet, .. } if cloud.lacks_gateway(&subnet.vpc) => {
            cloud.vpc(&subnet.vpc).map(|vpc| vec![vec![call(&vpc.account, cloud.gateway_call(vpc))]])
        }
        Cause::Route { subnet, sender, address, toward: Toward::Internet } => {
            // A route to the host that represents the internet does not help a flow to the internet.
            let alone = (*address != INTERNET_HOST).then(|| Ipv4Net::from(*address));
            let blocks = std::iter::once(Ipv4Net::default()).chain(alone).collect();
            by_route(cloud, (subnet, *sender), *address, &cloud.way_out(&subnet.vpc), blocks)
        }
        Cause::Route { subnet, sender, address, toward: Toward::Vpc(own) } if *own == subnet.vpc => {
            by_local_route(cloud, subnet, *sender, *address)
        }
        Cause::Route { subnet, sender, address, toward: Toward::Vpc(peer) } => match pair(cloud, subnet, peer.as_str())
        {
            Some((own, peer)) => match end_between(cloud, own, peer) {
                Some(end) => {
                    let blocks = blocks_of(cloud, peer, *address);
                    by_route(cloud, (subnet, *sender), *address, &NextHop::Peering(end.name), blocks)
                }
                None => Some(cloud.ways_to_join(own, peer)),
            },
            None => None,
        },
        Cause::Peering { subnet, sender, address, peer, .. } => match pair(cloud, subnet, peer.as_str()) {
            Some((own, peer)) => match end_between(cloud, own, peer) {
                Some(joined) if joined.carries => {
                    let blocks = blocks_of(cloud, peer, *address);
                    by_route(cloud, (subnet, *sender), *address, &NextHop::Peering(joined.name), blocks)
                }
                _ => Some(cloud.ways_to_join(own, peer)),
            },
            None => None,
        },
        Cause::Snat { nat, subnet, address } => by_snat(cloud, nat, subnet, *address),
        Cause::Back { nat, subnet, sender, address } => {
            let alone = (*address != INTERNET_HOST).then(|| Ipv4Net::from(*address));
            let blocks = std::iter::once(Ipv4Net::default()).chain(alone).collect();
            by_route(cloud, (subnet, *sender), *address, &NextHop::NatGateway(nat.clone()), blocks)
        }
        Cause::PublicIp { instance } => cloud.instance(instance).map(|it| {
            let associate = AssociatePublicIp { instance: it.name.to_string(), public_ip: None };
            vec![vec![call(&it.account, Call::AssociatePublicIp(associate))]]
        }),
        Cause::Route { toward: Toward::Nowhere, .. }
        | Cause::Dnat { .. }
        | Cause::PassedOn { .. }
        | Cause::Overlap { .. }
        | Cause::Size { .. }
        | Cause::Nobody { .. }
        | Cause::NoInstance { .. } => None,
    };
    alternatives.unwrap_or_default()
}

type Alternatives = Option<Vec<Vec<Operation>>>;

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
    let mut blocks: Vec<_> =
        [vpc.block_of(address).or(Some(vpc.cidr)), subnet, Some(address.into())].into_iter().flatten().collect();
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
    let in_the_way = match route::lookup_in(cloud, subnet, table, sender, address) {
        Route::Entry(_, entry) => Some(entry),
        _ => None,
    };

    let serves = |table: &RouteTable| cloud.subnets_of(&table.vpc).any(|own| cloud.table_of(own).name == table.name);
    let leads = |other: &&RouteTable| matches!(route::lookup_in(cloud, subnet, other, sender, address), Route::Entry(_, entry) if entry.next_hop == *hop);
    let custom = cloud.route_tables().filter(|other| other.vpc == table.vpc && other.name != table.name);
    let loses_nothing = table.entries.is_empty();
    let fitting = custom.filter(|other| other.name != cloud.main_table_of(&other.vpc).name);
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
    // A part of the internet is no destination of its own: a fix makes no halves of 0.0.0.0/0.
    let mended = |entry: &RouteEntry| if block.prefix_len() == 0 { block } else { entry.destination };
    let before = in_the_way.filter(|entry| entry.priority.is_some() && mended(entry) == entry.destination);
    let before = before.map(|entry| entry.destination);
    let add = blocks.into_iter().filter(wins).chain(before).filter_map(|block| Some(vec![create(block, None)?]));

    let delete = |entry: &RouteEntry| delete_entry(owner, table, entry);
    if let Some(wrong) =
        in_the_way.filter(|entry| block.contains(&entry.destination) && !serves_somebody(cloud, table, entry))
    {
        return Some(associate.chain([vec![delete(wrong)]]).collect());
    }
    let replace = in_the_way.into_iter().flat_map(|entry| {
        let delete = delete(entry);
        let create = create(mended(entry), Some(entry));
        [Some(vec![delete.clone()]), create.map(|create| vec![delete, create])].into_iter().flatten()
    });
    Some(associate.chain(add).chain(replace).collect())
}

/// Deletes the entry that precedes the local route.
fn by_local_route(cloud: &Cloud, subnet: &SubnetName, sender: Ipv4Addr, address: Ipv4Addr) -> Alternatives {
    let subnet = cloud.subnet(subnet)?;
    let table = cloud.table_of(subnet);
    let owner = &cloud.vpc(&table.vpc)?.account;
    match route::lookup_in(cloud, subnet, table, sender, address) {
        Route::Entry(_, entry) => Some(vec![vec![delete_entry(owner, table, entry)]]),
        _ => None,
    }
}

pub(super) fn delete_entry(owner: &AccountName, table: &RouteTable, entry: &RouteEntry) -> Operation {
    call(owner, Call::DeleteRouteEntry(table.deletion_of(entry)))
}

/// The priority with which a new entry precedes the others of its destination: `Some(None)` if the default is enough,
/// `None` if no priority precedes them.
fn winning<'a>(cloud: &Cloud, others: impl Iterator<Item = &'a RouteEntry>) -> Option<Option<u8>> {
    let Some(best) = others.map(|other| other.priority).min() else { return Some(None) };
    if best > cloud.provider().entry_priority() {
        Some(None)
    } else {
        best?.checked_sub(1).filter(|it| *it > 0).map(Some)
    }
}

/// Whether an entry leads by a peering that carries traffic to an instance with an address in the entry's block.
pub(super) fn serves_somebody(cloud: &Cloud, table: &RouteTable, entry: &RouteEntry) -> bool {
    let NextHop::Peering(end) = &entry.next_hop else { return false };
    let far = cloud.end_in(&table.vpc, end).filter(|end| end.carries).and_then(|end| end.far);
    let is_there = |it: &Instance, far: &VpcName| it.subnet.vpc == *far && entry.destination.contains(&it.ip);
    // A default route leads to no particular VPC.
    entry.destination.prefix_len() > 0
        && far.is_some_and(|far| cloud.instances().any(|instance| is_there(instance, &far.vpc)))
}

/// Adds an SNAT entry for the sender's subnet.
fn by_snat(cloud: &Cloud, nat: &NatGatewayName, subnet: &SubnetName, address: Ipv4Addr) -> Alternatives {
    let nat = cloud.nat_gateway(nat)?;
    let block = cloud.subnet(subnet).map(|subnet| subnet.cidr).filter(|block| block.contains(&address));
    let create = |cidr: Ipv4Net| {
        let entry = CreateSnatEntry { nat_gateway: nat.name.to_string(), cidr: cidr.to_string() };
        vec![call(&nat.account, Call::CreateSnatEntry(entry))]
    };
    Some(block.into_iter().chain([address.into()]).map(create).collect())
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
    let cidr = block_of(cloud, if direction == Direction::Ingress { asked.from } else { asked.to }, address);
    match decision {
        Decision::Rule { group, rule } => {
            let group = cloud.security_group(group)?;
            // In a list, the new rule takes the place of the one that it precedes.
            let place = match cloud.provider().groups().ordered {
                true => Some(rule.priority),
                false => (rule.priority > 1).then(|| rule.priority - 1),
            };
            let before = place.map(|place| authorize(group, direction, asked.traffic.protocol, cidr, Some(place)));
            let revoke = revoke(group, rule);
            Some(before.into_iter().map(|before| vec![before]).chain([vec![revoke]]).collect())
        }
        _ => {
            let groups = cloud.groups_of(instance).into_iter();
            Some(groups.map(|group| vec![authorize(group, direction, asked.traffic.protocol, cidr, None)]).collect())
        }
    }
}

/// The block for the other side: its VPC's block; a single public address; or everything, for the internet.
fn block_of(cloud: &Cloud, other: &Endpoint, address: Ipv4Addr) -> Ipv4Net {
    if address == INTERNET_HOST {
        return Ipv4Net::default();
    }
    let instance: Option<&Instance> = match other {
        Endpoint::Instance(name) => cloud.instance(name),
        _ => cloud.instances().find(|instance| instance.ip == address),
    };
    let vpc = instance.filter(|instance| instance.ip == address).and_then(|instance| cloud.vpc(&instance.subnet.vpc));
    vpc.and_then(|vpc| vpc.block_of(address)).unwrap_or(address.into())
}

fn authorize(
    group: &SecurityGroup,
    direction: Direction,
    protocol: Protocol,
    cidr: Ipv4Net,
    priority: Option<u8>,
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
        priority: priority.map(|priority| priority.to_string()),
    };
    let security_group = group.name.to_string();
    let authorize = match direction {
        Direction::Ingress => Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule }),
        Direction::Egress => Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule }),
    };
    call(&group.account, authorize)
}

/// The ports from which clients open flows, as the providers' pages advise to accept for answers.
const EPHEMERAL: PortRange = PortRange { low: 1024, high: u16::MAX };

/// Adds an accepting entry that precedes the dropping one; or deletes the dropping one.
fn by_acl_entry(
    cloud: &Cloud,
    asked: &Asked,
    acl: &NetworkAcl,
    (direction, address, answer): (Direction, Ipv4Addr, bool),
) -> Alternatives {
    let traffic = asked.traffic;
    let decides = acls::judge(acl, Crossing { direction, traffic, answer, address });
    let ports = traffic.port(answer).map(|port| match answer && EPHEMERAL.contains(port) {
        true => EPHEMERAL.to_string(),
        false => port.to_string(),
    });
    let protocol = match traffic.protocol {
        Protocol::Icmp => "icmp",
        Protocol::Tcp(_) => "tcp",
        Protocol::Udp(_) => "udp",
    };
    // An answer comes from where the flow went.
    let other = if (direction == Direction::Ingress) != answer { asked.from } else { asked.to };
    let cidr = block_of(cloud, other, address);
    let create = number_before(cloud, acl, direction, decides).map(|number| {
        let entry = CreateNetworkAclEntry {
            acl: acl.name.to_string(),
            number: number.to_string(),
            direction: direction.to_string(),
            protocol: protocol.to_owned(),
            port: ports,
            cidr: cidr.to_string(),
            policy: None,
        };
        vec![call(&acl.account, Call::CreateNetworkAclEntry(entry))]
    });
    let delete = decides.filter(|entry| entry.policy == Policy::Drop).map(|entry| {
        let (acl_name, number) = (acl.name.to_string(), entry.number.to_string());
        let entry = DeleteNetworkAclEntry { acl: acl_name, number, direction: direction.to_string() };
        vec![call(&acl.account, Call::DeleteNetworkAclEntry(entry))]
    });
    Some(create.into_iter().chain(delete).collect())
}

/// The number of a new entry that precedes this one, or comes after all.
fn number_before(cloud: &Cloud, acl: &NetworkAcl, direction: Direction, before: Option<&AclEntry>) -> Option<u16> {
    const STEP: u16 = 100;
    let numbers = &cloud.provider().acls()?.numbers;
    let is_free = |number: &u16| numbers.contains(number) && acl.entry(direction, *number).is_none();
    match before {
        Some(entry) => (*numbers.start()..entry.number).rev().find(is_free),
        None => {
            let last = acl.entries(direction).last().map_or(0, |entry| entry.number);
            let next = (last / STEP + 1).checked_mul(STEP).filter(is_free);
            next.or_else(|| (*numbers.start()..=*numbers.end()).rev().find(is_free))
        }
    }
}

fn revoke(group: &SecurityGroup, rule: &Rule) -> Operation {
    let arguments = rule.arguments();
    let (security_group, rule_arguments) = (group.name.to_string(), arguments);
    let revoke = match rule.direction {
        Direction::Ingress => Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule: rule_arguments }),
        Direction::Egress => {
            Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule: rule_arguments })
        }
    };
    call(&group.account, revoke)
}
