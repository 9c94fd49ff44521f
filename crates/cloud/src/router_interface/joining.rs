//! The ways of connecting a router interface in each of two VPCs (docs/cloud.md §1).

use super::handshake::{Obstacle, Remedy};
use super::{Opposite, Role, RouterInterface, Status};
use crate::joining::Way;
use crate::missing::{activation, binding, connection};
use crate::{AccountName, Call, Cloud, CreatePeering, CreateRouterInterface, NextHop, PeeringName, Vpc};

/// The number of ways to return, the shortest first.
const MOST: usize = 6;

/// A pair of ends to create or complete.
struct Pair<'a>([Side<'a>; 2]);

/// One end of the pair.
#[derive(Clone)]
struct Side<'a> {
    vpc: &'a Vpc,
    name: PeeringName,
    /// The existing end. If it was made for another peering, it is deleted and recreated under its name.
    end: Option<&'a RouterInterface>,
}

impl Cloud {
    /// Uses the ends that are meant for this peering, if any; else Idle ends, new ends or create-peering.
    pub(crate) fn ways_by_interfaces(&self, own: &Vpc, peer: &Vpc) -> Vec<Way> {
        if let Some((end, far)) = self.pair_between(&own.name, &peer.name) {
            return vec![self.way(own, peer, (Some(end), Some(far)))];
        }
        let meant = [self.meant_for(own, peer), self.meant_for(peer, own)];
        let free = [self.free_for(own, peer), self.free_for(peer, own)];
        let mut ways = Vec::new();
        if meant.iter().any(|meant| !meant.is_empty()) {
            let either = |at: usize| if meant[at].is_empty() { &free[at] } else { &meant[at] };
            ways = self.ways_of(own, peer, either(0), either(1));
        }
        if !ways.iter().any(|(_, carries)| *carries) {
            ways.extend(self.ways_of(own, peer, &free[0], &free[1]));
        }
        ways.sort_by_key(|(way, carries)| (!carries, way.len()));
        ways.truncate(MOST);
        if own.account == peer.account {
            // If one account has both VPCs, create-peering is one call, but no better than ends that are bound already.
            let new = ways.iter().position(|(way, _)| way.len() > 1).unwrap_or(ways.len());
            let compound = Call::CreatePeering(CreatePeering {
                name: self.fresh_name(&format!("{}-{}", own.name, peer.name)),
                vpc: own.name.to_string(),
                peer_vpc: peer.name.to_string(),
                spec: self.provider.ends().specs[0].name.to_owned(),
                latency: None,
                mtu: None,
            });
            let caller = own.account.clone();
            let compound = self.walk(|cloud| {
                let joined = cloud.pair_between(&own.name, &peer.name).is_some();
                (!joined).then(|| (caller.clone(), compound.clone()))
            });
            ways.insert(new, compound);
        }
        ways
    }

    fn ways_of(
        &self,
        own: &Vpc,
        peer: &Vpc,
        ends: &[Option<&RouterInterface>],
        others: &[Option<&RouterInterface>],
    ) -> Vec<Way> {
        let pairs = ends.iter().flat_map(|end| others.iter().map(move |other| (*end, *other)));
        pairs.map(|pair| self.way(own, peer, pair)).collect()
    }

    fn way(&self, own: &Vpc, peer: &Vpc, (end, other): (Option<&RouterInterface>, Option<&RouterInterface>)) -> Way {
        let side = |vpc, end: Option<_>, toward: &Vpc, other: Option<&RouterInterface>| {
            let to_come = || other.and_then(|other| self.named_to_come(other, vpc)).map(str::to_owned);
            let name = || to_come().unwrap_or_else(|| self.fresh_name(&format!("ri-{}-{}", vpc.name, toward.name)));
            let name = end.map_or_else(|| PeeringName::trusted(name()), |end: &RouterInterface| end.name.clone());
            Side { vpc, name, end }
        };
        let pair = Pair([side(own, end, peer, other), side(peer, other, own, end)]);
        self.walk(|cloud| cloud.next_of_pair(&pair))
    }

    /// The unconnected ends of a VPC that are meant for another VPC: their opposite is there, an end there names them, or a route
    /// by them leads there.
    fn meant_for(&self, vpc: &Vpc, other: &Vpc) -> Vec<Option<&RouterInterface>> {
        let named = |end: &&RouterInterface| {
            self.counterpart_of(end).is_some_and(|it| it.vpc == other.name)
                || self.pointing_at(end).any(|it| it.vpc == other.name)
        };
        let routed = |end: &&RouterInterface| {
            let hop = NextHop::Peering(end.name.clone());
            self.entries_naming(&vpc.name, &hop).any(|(_, entry)| other.block_around(entry.destination).is_some())
        };
        let meant = self.unconnected_of(vpc).filter(|end| named(end) || routed(end));
        let mut meant: Vec<_> = meant.collect();
        meant.sort_by_key(|end| !named(end));
        meant.into_iter().map(Some).collect()
    }

    /// The Idle ends of a VPC that can be bound to an end in another VPC, and a new end.
    fn free_for(&self, vpc: &Vpc, other: &Vpc) -> Vec<Option<&RouterInterface>> {
        let free = self.unconnected_of(vpc).filter(|end| {
            let elsewhere = self.counterpart_of(end).is_some_and(|it| it.vpc != other.name);
            end.status == Status::Idle && end.opposite_region == other.region && !elsewhere
        });
        free.map(Some).chain([None]).collect()
    }

    fn unconnected_of(&self, vpc: &Vpc) -> impl Iterator<Item = &RouterInterface> {
        self.interfaces_of(&vpc.name).filter(|end| end.connected.is_none())
    }

    fn counterpart_of(&self, end: &RouterInterface) -> Option<&RouterInterface> {
        self.router_interfaces.get(&self.counterpart(&end.name)?)
    }

    /// The next call toward this pair; `None` once it carries traffic.
    fn next_of_pair(&self, pair: &Pair<'_>) -> Option<(AccountName, Call)> {
        let Pair([own, peer]) = pair;
        let there = |side: &Side<'_>| self.router_interfaces.get(&side.name);
        for (side, other) in [(own, peer), (peer, own)] {
            if let Some(end) = there(side).filter(|end| !self.is_fit_for(end, other)) {
                return Some((end.account.clone(), self.removal(end)));
            }
        }
        let (end, other) = match (there(own), there(peer)) {
            (Some(end), Some(other)) => (end, other),
            (Some(end), None) => return Some(self.creation_in(peer, own, end.role.opposite())),
            (None, Some(other)) => return Some(self.creation_in(own, peer, other.role.opposite())),
            (None, None) => {
                let before = own.end.map(|end| end.role).or(peer.end.map(|end| end.role.opposite()));
                return Some(self.creation_in(own, peer, before.unwrap_or(Role::Initiator)));
            }
        };
        if end.connected.is_some() {
            let off = [end, other].into_iter().find(|end| end.status != Status::Active)?;
            return Some((off.account.clone(), activation(off)));
        }
        let unbound = [(end, other), (other, end)].into_iter().find(|(end, other)| {
            let points = self.opposite_of(end).is_ok_and(|it| it.name == other.name);
            !points
        });
        Some(match unbound {
            Some((end, other)) => (end.account.clone(), binding(end, other)),
            None => {
                let initiator = if end.role == Role::Initiator { end } else { other };
                (initiator.account.clone(), connection(initiator))
            }
        })
    }

    /// Whether an end can form a pair with the other side's; if not, it must be deleted.
    fn is_fit_for(&self, end: &RouterInterface, other: &Side<'_>) -> bool {
        if end.status != Status::Idle {
            return end.connected.as_ref() == Some(&other.name);
        }
        let Some(there) = self.router_interfaces.get(&other.name) else {
            return end.opposite_region == other.vpc.region;
        };
        let opposite = Opposite {
            account: Some(there.account.to_string()),
            router: Some(there.vpc.to_string()),
            interface: Some(there.name.to_string()),
        };
        let bound = RouterInterface { opposite: Some(opposite), ..end.clone() };
        let fault = self.opposite_of(&bound).and_then(|there| self.check_can_pair(&bound, there)).err();
        !matches!(fault, Some(Obstacle { remedy: Remedy::Rebuild(wrong), .. }) if wrong.name == end.name)
    }

    fn creation_in(&self, side: &Side<'_>, toward: &Side<'_>, role: Role) -> (AccountName, Call) {
        let spec = side.end.and_then(|end| end.spec).map_or(self.provider.ends().specs[0].name, |spec| spec.name);
        let call = Call::CreateRouterInterface(CreateRouterInterface {
            name: side.name.to_string(),
            vpc: side.vpc.name.to_string(),
            role: role.to_string(),
            spec: (role == Role::Initiator).then(|| spec.to_owned()),
            opposite_region: toward.vpc.region.to_string(),
            latency: side.end.and_then(|end| end.latency).map(|latency| format!("{}us", latency.as_micros())),
            mtu: side.end.and_then(|end| end.mtu).map(|mtu| mtu.to_string()),
            id: None,
        });
        (side.vpc.account.clone(), call)
    }
}
