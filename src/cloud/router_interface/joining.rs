//! The ways of connecting a router interface in each of two VPCs (docs/cloud.md §1).

use super::{Role, RouterInterface, Status};
use crate::cloud::joining::typed;
use crate::cloud::{
    Call, Cloud, ConnectRouterInterface, CreatePeering, CreateRouterInterface, DeactivateRouterInterface,
    DeleteRouterInterface, ModifyRouterInterfaceAttribute, NextHop, Operation, RouteEntry, RouteTable, Vpc,
};

/// The most calls that repair an existing pair; if more are necessary, the fix creates another.
const LONGEST: usize = 8;

/// The number of ways to try for joining two VPCs with existing ends.
const JOINS: usize = 6;

impl Cloud {
    pub(in crate::cloud) fn ways_by_interfaces(&self, own: &Vpc, peer: &Vpc) -> Vec<Vec<Operation>> {
        let mut ways = by_interfaces(self, own, peer);
        ways.sort_by_key(Vec::len);
        ways.truncate(JOINS);
        // If one account has both VPCs, create-peering is one call, but no better than ends that are bound already.
        let new = ways.iter().position(|operations| operations.len() > 1).unwrap_or(ways.len());
        if own.account == peer.account {
            let name = self.fresh_name(&format!("{}-{}", own.name, peer.name));
            let (vpc, peer_vpc) = (own.name.to_string(), peer.name.to_string());
            let compound = CreatePeering { name, vpc, peer_vpc, spec: narrowest(self).into(), latency: None };
            ways.insert(new, vec![typed(&own.account, Call::CreatePeering(compound))]);
        }
        ways
    }
}

/// The bandwidth class of an initiator that a fix creates: the tutorials' own.
fn narrowest(cloud: &Cloud) -> &'static str {
    cloud.provider().ends().specs[0].name
}

/// An end of a pair to be.
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

/// Every way of connecting an end in each VPC: those that are meant for it, where there are such; else any
/// that is Idle, or a new one.
fn by_interfaces(cloud: &Cloud, own: &Vpc, peer: &Vpc) -> Vec<Vec<Operation>> {
    let meant = [meant_for(cloud, own, peer), meant_for(cloud, peer, own)];
    let free = |vpc, other, meant: &[_]| if meant.is_empty() { free_for(cloud, vpc, other) } else { meant.to_vec() };
    let mended = ways(cloud, &free(own, peer, &meant[0]), &free(peer, own, &meant[1]));
    let mut mended: Vec<_> = mended.into_iter().filter(|way| cloud.would_do(way)).collect();
    mended.retain(|way| way.len() <= LONGEST);
    if !mended.is_empty() && meant.iter().any(|meant| !meant.is_empty()) {
        return mended;
    }
    ways(cloud, &free_for(cloud, own, peer), &free_for(cloud, peer, own))
}

fn ways(cloud: &Cloud, own: &[Side], peer: &[Side]) -> Vec<Vec<Operation>> {
    let pairs = own.iter().flat_map(|own| peer.iter().map(move |peer| (*own, *peer)));
    let each = pairs.flat_map(|(own, peer)| match (own.role(), peer.role()) {
        // One of them gives way.
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
            let spec = side.end.and_then(|end| end.spec).map_or(narrowest(cloud), |spec| spec.name);
            operations.push(typed(
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
            operations.push(typed(
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
    operations.push(typed(&initiator.account, Call::ConnectRouterInterface(ConnectRouterInterface { name })));
    operations
}

/// The calls that remove an end.
fn removal(cloud: &Cloud, end: &RouterInterface) -> Vec<Operation> {
    let name = end.name.to_string();
    let mut operations = Vec::new();
    if end.status == Status::Active {
        let off = DeactivateRouterInterface { name: name.clone() };
        operations.push(typed(&end.account, Call::DeactivateRouterInterface(off)));
    }
    operations.extend(
        entries_by(cloud, end)
            .map(|(table, entry)| typed(&end.account, Call::DeleteRouteEntry(table.deletion_of(entry)))),
    );
    operations.push(typed(&end.account, Call::DeleteRouterInterface(DeleteRouterInterface { name })));
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
