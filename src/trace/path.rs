//! The walk of a packet through the Cloud, there and back: the one place where the precedence of reasons stands
//! (docs/explain.md).

use std::net::Ipv4Addr;
use std::ops::ControlFlow;

use super::groups::{self, Judgement, Seen};
use super::hop::{Decision, Hop, Place, Step};
use super::route::{self, Route};
use crate::cloud::{
    Cloud, Direction, Instance, InstanceName, NextHop, Origin, PeeringName, Policy, SubnetName, VpcName,
};
use crate::flow::{Disposition, Endpoint, INTERNET_HOST, Protocol, Reason};

/// How far a walk goes, and what it writes down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// To the first drop; nothing is written down.
    Verdict,
    /// To the first drop, with every hop.
    Record,
    /// On past every drop, as if it were lifted, with every hop and every drop.
    Lift,
}

/// A walk, and what came of it.
pub(super) struct Walk<'a> {
    cloud: &'a Cloud,
    protocol: Protocol,
    mode: Mode,
    on_return: bool,
    pub(super) there: Vec<Hop>,
    pub(super) back: Vec<Hop>,
    pub(super) blocks: Vec<Block>,
    pub(super) source: Option<Ipv4Addr>,
    pub(super) destination: Option<Ipv4Addr>,
    pub(super) receiver: Option<Endpoint>,
    pub(super) disposition: Disposition,
}

/// A drop that a walk met.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) reason: Reason,
    pub(super) on_return: bool,
    pub(super) place: Place,
    pub(super) decision: Decision,
    pub(super) origin: Option<Origin>,
    pub(super) cause: Cause,
}

/// What would have to change for a drop to be lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The groups of an instance, about packets from or to an address.
    Groups { instance: InstanceName, direction: Direction, address: Ipv4Addr },
    /// The table that serves a subnet, about an address that lives elsewhere.
    Route { subnet: SubnetName, address: Ipv4Addr, toward: Toward },
    /// The state of a peering, by which the table leads the right way, or would.
    Peering { end: PeeringName, subnet: SubnetName, address: Ipv4Addr, peer: VpcName },
    /// An instance has no public address.
    PublicIp { instance: InstanceName },
    /// The address is local to the VPC, and meant in another.
    Overlap { vpc: VpcName, meant: VpcName, address: Ipv4Addr },
    /// Nobody has the address anywhere.
    Nobody { address: Ipv4Addr },
}

impl Cause {
    /// Whether one change lifts both: the two ends of a peering are one peering.
    pub(super) fn is(&self, other: &Cause) -> bool {
        match (self, other) {
            (Cause::Peering { subnet: a, peer: b, .. }, Cause::Peering { subnet: c, peer: d, .. }) => {
                (&a.vpc, b) == (&c.vpc, d) || (&a.vpc, b) == (d, &c.vpc)
            }
            _ => self == other,
        }
    }
}

/// Where a packet should go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Toward {
    Vpc(VpcName),
    Internet,
    /// Nobody knows: there is no such address.
    Nowhere,
}

/// Where a packet got by the routes.
enum Arrival<'a> {
    /// In a subnet of this VPC, by private ways.
    Vpc(&'a VpcName),
    /// Out there, with an address that may be somebody's there.
    Internet,
    /// It is not known where it would have got.
    Nowhere,
}

type Flow<T = ()> = ControlFlow<(), T>;

/// Walks the way there and back.
pub(super) fn walk<'a>(cloud: &'a Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol, mode: Mode) -> Walk<'a> {
    let mut walk = Walk {
        cloud,
        protocol,
        mode,
        on_return: false,
        there: Vec::new(),
        back: Vec::new(),
        blocks: Vec::new(),
        source: None,
        destination: None,
        receiver: None,
        disposition: Disposition::Reach,
    };
    let _ = walk.run(from, to);
    walk
}

impl<'a> Walk<'a> {
    fn run(&mut self, from: &Endpoint, to: &Endpoint) -> Flow {
        self.destination = match to {
            Endpoint::Instance(name) => self.cloud.instance(name).map(|instance| instance.ip),
            Endpoint::Internet => Some(INTERNET_HOST),
            Endpoint::Address(address) => Some(*address),
        };
        let sender = match from {
            Endpoint::Instance(name) => self.cloud.instance(name),
            Endpoint::Internet => {
                self.source = Some(INTERNET_HOST);
                return self.from_internet(to);
            }
            Endpoint::Address(address) => {
                self.enter(|| Place::Internet);
                return self.nobody(*address);
            }
        };
        self.source = sender.map(|sender| sender.ip);
        match (sender, self.destination) {
            (Some(sender), Some(destination)) => {
                self.enter(|| Place::Instance(sender.name.clone()));
                self.from_instance(sender, to, destination)
            }
            _ => {
                self.enter(|| Place::Internet);
                self.nobody(Ipv4Addr::UNSPECIFIED)
            }
        }
    }

    // ── there ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// In the sender's VPC its egress groups are asked first, then the routes; then the receiver's side.
    fn from_instance(&mut self, sender: &'a Instance, to: &Endpoint, destination: Ipv4Addr) -> Flow {
        if destination == sender.ip || destination.is_loopback() {
            self.receiver = Some(Endpoint::Instance(sender.name.clone()));
            return self.pass(|| (Decision::OwnAddress, None));
        }
        let (meant, toward) = self.goal(sender, to, destination);
        let route = self.lookup(sender, destination);
        let other = self.private_receiver(sender, route, destination);
        let seen = Seen { direction: Direction::Egress, protocol: self.protocol, address: destination, other };
        self.ask_groups(sender, seen, meant)?;
        match self.carry(sender, route, destination, &toward)? {
            Arrival::Vpc(vpc) => {
                let receiver = match self.cloud.instance_at(vpc, destination) {
                    Some(receiver) => Some(receiver),
                    None => {
                        self.absent(vpc, destination, meant)?;
                        meant
                    }
                };
                match receiver {
                    Some(receiver) => self.deliver(receiver, sender.ip, Some(sender)),
                    None => Flow::Continue(()),
                }
            }
            Arrival::Internet => self.out_there(sender, destination),
            Arrival::Nowhere => Flow::Continue(()),
        }
    }

    /// A packet of an instance that has left its VPC, its source rewritten.
    fn out_there(&mut self, sender: &'a Instance, destination: Ipv4Addr) -> Flow {
        let owner = if destination == INTERNET_HOST { None } else { self.cloud.instance_at_public(destination) };
        self.enter(|| Place::Internet);
        match (owner, sender.public_ip) {
            (Some(owner), Some(source)) => self.from_outside(owner, destination, source),
            // Only a lifted walk comes here without a public address: what the receiver would see is not known.
            (Some(_), None) => Flow::Continue(()),
            (None, source) => {
                self.receiver = Some(match destination {
                    INTERNET_HOST => Endpoint::Internet,
                    address => Endpoint::Address(address),
                });
                self.pass(|| (Decision::Delivered { address: destination }, None))?;
                self.turn();
                if let Some(source) = source {
                    self.enter(|| Place::Vpc(sender.subnet.vpc.clone()));
                    self.pass(|| (Decision::Nat { from: source, to: sender.ip }, None))?;
                    self.enter(|| Place::Instance(sender.name.clone()));
                    self.pass(|| (Decision::Stateful, None))?;
                }
                Flow::Continue(())
            }
        }
    }

    fn from_internet(&mut self, to: &Endpoint) -> Flow {
        self.enter(|| Place::Internet);
        let address = match to {
            Endpoint::Internet => INTERNET_HOST,
            Endpoint::Address(address) => *address,
            Endpoint::Instance(name) => {
                let Some(receiver) = self.cloud.instance(name) else {
                    return self.nobody(Ipv4Addr::UNSPECIFIED);
                };
                self.destination = receiver.public_ip;
                if let Some(public) = receiver.public_ip {
                    return self.from_outside(receiver, public, INTERNET_HOST);
                }
                self.block(Reason::NoPublicIp, || {
                    let instance = receiver.name.clone();
                    (Decision::NoPublicIp { instance: Some(instance.clone()) }, None, Cause::PublicIp { instance })
                })?;
                return self.deliver(receiver, INTERNET_HOST, None);
            }
        };
        if address == INTERNET_HOST || address.is_loopback() {
            self.receiver = Some(Endpoint::Internet);
            self.pass(|| (Decision::OwnAddress, None))
        } else if route::is_reserved(address) {
            self.block(Reason::NoPublicIp, || {
                (Decision::NoPublicIp { instance: None }, None, Cause::Nobody { address })
            })
        } else if let Some(receiver) = self.cloud.instance_at_public(address) {
            self.from_outside(receiver, address, INTERNET_HOST)
        } else {
            self.receiver = Some(Endpoint::Address(address));
            self.pass(|| (Decision::Delivered { address }, None))
        }
    }

    /// A packet for the public address of an instance, at the border of its VPC.
    fn from_outside(&mut self, receiver: &'a Instance, public: Ipv4Addr, source: Ipv4Addr) -> Flow {
        self.enter(|| Place::Vpc(receiver.subnet.vpc.clone()));
        self.pass(|| (Decision::Nat { from: public, to: receiver.ip }, Some(&receiver.origin)))?;
        self.deliver(receiver, source, None)
    }

    /// At the receiver: its groups, then the way back. `private` is the sender, where the packet came by private ways.
    fn deliver(&mut self, receiver: &'a Instance, source: Ipv4Addr, private: Option<&'a Instance>) -> Flow {
        self.enter(|| Place::Instance(receiver.name.clone()));
        self.receiver = Some(Endpoint::Instance(receiver.name.clone()));
        let seen = Seen { direction: Direction::Ingress, protocol: self.protocol, address: source, other: private };
        self.ask_groups(receiver, seen, None)?;
        self.answer(receiver, source, private)
    }

    // ── back ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The answer asks no group, and needs a way back by the table of the answering subnet.
    fn answer(&mut self, receiver: &'a Instance, source: Ipv4Addr, private: Option<&'a Instance>) -> Flow {
        self.turn();
        self.enter(|| Place::Instance(receiver.name.clone()));
        self.pass(|| (Decision::Stateful, None))?;
        let toward = match private {
            Some(sender) if self.mode == Mode::Lift => Toward::Vpc(sender.subnet.vpc.clone()),
            Some(_) => Toward::Nowhere,
            None => Toward::Internet,
        };
        let route = self.lookup(receiver, source);
        match (self.carry(receiver, route, source, &toward)?, private) {
            (Arrival::Vpc(vpc), Some(sender)) if sender.subnet.vpc == *vpc => {
                self.enter(|| Place::Instance(sender.name.clone()));
                self.pass(|| (Decision::Delivered { address: source }, None))
            }
            (Arrival::Vpc(vpc), _) => self.block(Reason::NoSuchAddress, || {
                let meant = private.map_or(vpc, |sender| &sender.subnet.vpc).clone();
                let cause = Cause::Overlap { vpc: vpc.clone(), meant, address: source };
                (Decision::Elsewhere { vpc: vpc.clone(), address: source }, None, cause)
            }),
            (Arrival::Internet, _) => {
                self.enter(|| Place::Internet);
                self.pass(|| (Decision::Delivered { address: source }, None))
            }
            (Arrival::Nowhere, _) => Flow::Continue(()),
        }
    }

    // ── the routes ─────────────────────────────────────────────────────────────────────────────────────────────────

    fn lookup(&self, sender: &'a Instance, destination: Ipv4Addr) -> Route<'a> {
        let subnet = self.cloud.subnet(&sender.subnet).expect("an instance is in a subnet of the cloud");
        route::lookup(self.cloud, subnet, destination)
    }

    /// Which instance gets the packet, if it gets there by private ways.
    fn private_receiver(&self, sender: &'a Instance, route: Route<'a>, destination: Ipv4Addr) -> Option<&'a Instance> {
        match route {
            Route::Local(_) => self.cloud.instance_at(&sender.subnet.vpc, destination),
            Route::Entry(_, entry) => {
                let NextHop::Peering(end) = &entry.next_hop else { return None };
                let peering = self.cloud.peering(end).filter(|peering| peering.carries)?;
                self.cloud.instance_at(&peering.far?.vpc, destination)
            }
            Route::Nobody(_) | Route::None(_) => None,
        }
    }

    /// By `route` out of the sender's subnet, over a peering or to the border, up to where the receiver's side begins.
    fn carry(
        &mut self,
        sender: &'a Instance,
        route: Route<'a>,
        destination: Ipv4Addr,
        toward: &Toward,
    ) -> Flow<Arrival<'a>> {
        let vpc = &sender.subnet.vpc;
        let cause = || match toward {
            Toward::Vpc(meant) if meant == vpc => Cause::Nobody { address: destination },
            Toward::Nowhere => Cause::Nobody { address: destination },
            toward => Cause::Route { subnet: sender.subnet.clone(), address: destination, toward: toward.clone() },
        };
        self.enter(|| Place::Vpc(vpc.clone()));
        let (table, entry) = match route {
            Route::Local(subnet) => {
                self.pass(|| (Decision::local(subnet), Some(&subnet.origin)))?;
                return Flow::Continue(Arrival::Vpc(vpc));
            }
            Route::Nobody(own) => {
                self.block(Reason::NoSuchAddress, || {
                    let decision = Decision::BetweenSubnets { cidr: own.cidr, address: destination };
                    let cause = match toward {
                        Toward::Vpc(meant) if meant != vpc => {
                            Cause::Overlap { vpc: vpc.clone(), meant: meant.clone(), address: destination }
                        }
                        _ => Cause::Nobody { address: destination },
                    };
                    (decision, Some(&own.origin), cause)
                })?;
                return self.go_on(sender, destination, toward);
            }
            Route::None(table) => {
                self.block(Reason::NoRoute, || {
                    let subnet = sender.subnet.clone();
                    let decision = Decision::NoEntry { table: table.name.clone(), subnet, address: destination };
                    (decision, Some(&table.origin), cause())
                })?;
                return self.go_on(sender, destination, toward);
            }
            Route::Entry(table, entry) => (table, entry),
        };
        self.pass(|| (Decision::Entry { table: table.name.clone(), entry: entry.clone() }, Some(&entry.origin)))?;
        match &entry.next_hop {
            NextHop::Peering(end) => self.cross(sender, end, destination, toward, &entry.origin, cause),
            NextHop::Instance(instance) => {
                self.block(Reason::NoSuchAddress, || {
                    (Decision::ForwardsNothing { instance: instance.clone() }, Some(&entry.origin), cause())
                })?;
                self.go_on(sender, destination, toward)
            }
            NextHop::Internet => self.leave(sender, destination, toward, cause),
        }
    }

    /// Over a peering: what comes in by one is delivered to the VPC's own subnets, or dropped.
    fn cross(
        &mut self,
        sender: &'a Instance,
        end: &PeeringName,
        destination: Ipv4Addr,
        toward: &Toward,
        entry: &'a Origin,
        cause: impl Fn() -> Cause,
    ) -> Flow<Arrival<'a>> {
        let peering = self.cloud.peering(end);
        let far = peering.as_ref().filter(|peering| peering.carries).and_then(|peering| peering.far.as_ref());
        // The far VPC by reference of the cloud, which outlives the peering's own copy of its name.
        let far = far.and_then(|far| self.cloud.vpc(&far.vpc));
        if self.mode != Mode::Verdict {
            let far = peering.as_ref().and_then(|peering| peering.far.as_ref()).map(|far| far.name.clone());
            self.enter(|| Place::Peering { near: end.clone(), far });
        }
        let states = || {
            let state = |name: &PeeringName| self.cloud.peering(name).map_or("gone", |peering| peering.status);
            let far = peering.as_ref().and_then(|peering| peering.far.as_ref());
            Decision::Peering {
                near: (end.clone(), state(end)),
                far: far.map(|far| (far.name.clone(), state(&far.name))),
            }
        };
        let Some(vpc) = far else {
            let decision = if self.mode == Mode::Verdict { Decision::Stateful } else { states() };
            let origin = peering.as_ref().map(|peering| peering.origin.clone());
            self.block_at(Reason::PeeringInactive, || {
                let cause = match toward {
                    Toward::Vpc(peer) if *peer != sender.subnet.vpc => Cause::Peering {
                        end: end.clone(),
                        subnet: sender.subnet.clone(),
                        address: destination,
                        peer: peer.clone(),
                    },
                    _ => cause(),
                };
                (decision, Some(origin.unwrap_or_else(|| entry.clone())), cause)
            })?;
            return self.go_on(sender, destination, toward);
        };
        if self.mode != Mode::Verdict {
            let step = Step { decision: states(), drop: None, origin: peering.as_ref().map(|p| p.origin.clone()) };
            self.push(step);
        }
        self.enter(|| Place::Vpc(vpc.name.clone()));
        if let Some(subnet) = route::subnet_at(self.cloud, &vpc.name, destination) {
            self.pass(|| (Decision::local(subnet), Some(&subnet.origin)))?;
            return Flow::Continue(Arrival::Vpc(&vpc.name));
        }
        if vpc.cidr.contains(&destination) {
            self.block(Reason::NoSuchAddress, || {
                let decision = Decision::BetweenSubnets { cidr: vpc.cidr, address: destination };
                let meant_here = matches!(toward, Toward::Vpc(meant) if *meant == vpc.name);
                let cause = if meant_here { Cause::Nobody { address: destination } } else { cause() };
                (decision, Some(&vpc.origin), cause)
            })?;
        } else {
            self.block(Reason::NotTransitive, || {
                (Decision::Transit { cidr: vpc.cidr, address: destination }, Some(&vpc.origin), cause())
            })?;
        }
        self.go_on(sender, destination, toward)
    }

    /// Out of the VPC to the internet.
    fn leave(
        &mut self,
        sender: &'a Instance,
        destination: Ipv4Addr,
        toward: &Toward,
        cause: impl Fn() -> Cause,
    ) -> Flow<Arrival<'a>> {
        let astray = *toward != Toward::Internet;
        match sender.public_ip {
            Some(public) => self.pass(|| (Decision::Nat { from: sender.ip, to: public }, Some(&sender.origin)))?,
            None => {
                self.block(Reason::NoPublicIp, || {
                    let instance = sender.name.clone();
                    let decision = Decision::NoPublicIp { instance: Some(instance.clone()) };
                    let cause = if astray { cause() } else { Cause::PublicIp { instance } };
                    (decision, Some(&sender.origin), cause)
                })?;
                // What is private is not looked for out there: the entry is the wrong one.
                if route::is_reserved(destination) {
                    return self.go_on(sender, destination, toward);
                }
            }
        }
        if route::is_reserved(destination) {
            self.enter(|| Place::Internet);
            self.block(Reason::NoSuchAddress, || (Decision::Reserved { address: destination }, None, cause()))?;
            return self.go_on(sender, destination, toward);
        }
        Flow::Continue(Arrival::Internet)
    }

    /// Past a drop on the routes, as if the packet had been led to where it should go; what would stop it there stops
    /// it too.
    fn go_on(&mut self, sender: &'a Instance, destination: Ipv4Addr, toward: &Toward) -> Flow<Arrival<'a>> {
        let vpc = &sender.subnet.vpc;
        match toward {
            Toward::Nowhere => Flow::Continue(Arrival::Nowhere),
            Toward::Internet => {
                if sender.public_ip.is_none() {
                    self.block(Reason::NoPublicIp, || {
                        let instance = sender.name.clone();
                        let decision = Decision::NoPublicIp { instance: Some(instance.clone()) };
                        (decision, Some(&sender.origin), Cause::PublicIp { instance })
                    })?;
                }
                Flow::Continue(Arrival::Internet)
            }
            Toward::Vpc(meant) => {
                let Some(meant) = self.cloud.vpc(meant).map(|vpc| &vpc.name) else {
                    return Flow::Continue(Arrival::Nowhere);
                };
                let joins = |peering: &crate::cloud::Peering| {
                    peering.vpc == *vpc && peering.far.as_ref().is_some_and(|far| far.vpc == *meant)
                };
                if let Some(peering) = self.cloud.peerings().find(joins).filter(|peering| !peering.carries) {
                    let end = peering.name.clone();
                    let far = peering.far.as_ref().map(|far| far.name.clone());
                    let status = |name: &PeeringName| self.cloud.peering(name).map_or("gone", |end| end.status);
                    let far_state = far.clone().map(|far| (far.clone(), status(&far)));
                    self.enter(|| Place::Peering { near: end.clone(), far });
                    self.block_at(Reason::PeeringInactive, || {
                        let cause = Cause::Peering {
                            end: end.clone(),
                            subnet: sender.subnet.clone(),
                            address: destination,
                            peer: meant.clone(),
                        };
                        let decision = Decision::Peering { near: (end, peering.status), far: far_state };
                        (decision, Some(peering.origin), cause)
                    })?;
                }
                Flow::Continue(Arrival::Vpc(meant))
            }
        }
    }

    // ── what is asked on the way ───────────────────────────────────────────────────────────────────────────────────

    /// `meant` is asked about as well by a lifted walk, where the routes do not lead there yet.
    fn ask_groups(&mut self, instance: &'a Instance, seen: Seen<'_>, meant: Option<&'a Instance>) -> Flow {
        let mut judgement = groups::judge(self.cloud, instance, seen);
        if self.mode == Mode::Lift && seen.other.is_none() && judgement.policy() == Policy::Accept {
            judgement = groups::judge(self.cloud, instance, Seen { other: meant, ..seen });
        }
        let cloud = self.cloud;
        let say = || match &judgement {
            Judgement::Rule(group, rule) => {
                (Decision::Rule { group: group.name.clone(), rule: (*rule).clone() }, Some(&rule.origin))
            }
            Judgement::InnerAccess(group) => (Decision::InnerAccess { group: group.name.clone() }, Some(&group.origin)),
            Judgement::NoRule(policy) => {
                let stale = groups::stale_rule(cloud, instance, seen);
                let origin = stale.map(|(_, rule, _)| &rule.origin);
                let groups = cloud.groups_of(instance);
                let decision = Decision::NoRule {
                    direction: seen.direction,
                    groups: groups.iter().map(|group| group.name.clone()).collect(),
                    policy: *policy,
                    stale: stale.map(|(group, rule, stale)| (group.name.clone(), rule.clone(), stale)),
                };
                (decision, origin.or(groups.first().map(|group| &group.origin)))
            }
        };
        match judgement.policy() {
            Policy::Accept => self.pass(say),
            Policy::Drop => {
                let reason = match seen.direction {
                    Direction::Egress => Reason::EgressSecurityGroup,
                    Direction::Ingress => Reason::IngressSecurityGroup,
                };
                self.block(reason, || {
                    let (decision, origin) = say();
                    let instance = instance.name.clone();
                    let cause = Cause::Groups { instance, direction: seen.direction, address: seen.address };
                    (decision, origin, cause)
                })
            }
        }
    }

    /// In a subnet of `vpc`, and no instance has it.
    fn absent(&mut self, vpc: &'a VpcName, address: Ipv4Addr, meant: Option<&'a Instance>) -> Flow {
        let subnet = route::subnet_at(self.cloud, vpc, address);
        self.block(Reason::NoSuchAddress, || {
            let decision = match subnet.filter(|subnet| subnet.gateway == address) {
                Some(subnet) => Decision::Gateway { subnet: subnet.name.clone(), address },
                None => Decision::Nobody { address },
            };
            let cause = match meant {
                Some(meant) => Cause::Overlap { vpc: vpc.clone(), meant: meant.subnet.vpc.clone(), address },
                None => Cause::Nobody { address },
            };
            (decision, subnet.map(|subnet| &subnet.origin), cause)
        })
    }

    fn nobody(&mut self, address: Ipv4Addr) -> Flow {
        self.block(Reason::NoSuchAddress, || (Decision::Nobody { address }, None, Cause::Nobody { address }))
    }

    /// Whom a lifted walk heads for: the instance that is meant, and where the packet should go.
    fn goal(&self, sender: &'a Instance, to: &Endpoint, destination: Ipv4Addr) -> (Option<&'a Instance>, Toward) {
        if self.mode != Mode::Lift {
            // Nothing asks but to tell a private destination from one out there.
            return (None, if route::is_reserved(destination) { Toward::Nowhere } else { Toward::Internet });
        }
        let home = &sender.subnet.vpc;
        let found = match to {
            Endpoint::Instance(name) => self.cloud.instance(name),
            Endpoint::Internet => None,
            Endpoint::Address(_) if !route::is_reserved(destination) => None,
            Endpoint::Address(_) if route::subnet_at(self.cloud, home, destination).is_some() => {
                return (self.cloud.instance_at(home, destination), Toward::Vpc(home.clone()));
            }
            Endpoint::Address(_) => {
                let peers = self.cloud.peerings().filter(|peering| peering.vpc == *home);
                let mut peers = peers.filter_map(|peering| self.cloud.vpc(&peering.far?.vpc));
                let near = peers.find_map(|vpc| self.cloud.instance_at(&vpc.name, destination));
                near.or_else(|| self.cloud.instances().find(|instance| instance.ip == destination))
            }
        };
        let toward = match found {
            Some(instance) => Toward::Vpc(instance.subnet.vpc.clone()),
            None if route::is_reserved(destination) => Toward::Nowhere,
            None => Toward::Internet,
        };
        (found, toward)
    }

    // ── what is written down ───────────────────────────────────────────────────────────────────────────────────────

    fn hops(&mut self) -> &mut Vec<Hop> {
        if self.on_return { &mut self.back } else { &mut self.there }
    }

    fn turn(&mut self) {
        self.on_return = true;
    }

    fn enter(&mut self, place: impl FnOnce() -> Place) {
        if self.mode == Mode::Verdict {
            return;
        }
        let place = place();
        if self.hops().last().is_none_or(|hop| hop.place != place) {
            self.hops().push(Hop { place, steps: Vec::new() });
        }
    }

    fn push(&mut self, step: Step) {
        let hop = self.hops().last_mut().expect("a place is entered before anything is decided there");
        hop.steps.push(step);
    }

    fn pass<'o>(&mut self, say: impl FnOnce() -> (Decision, Option<&'o Origin>)) -> Flow {
        if self.mode != Mode::Verdict {
            let (decision, origin) = say();
            self.push(Step { decision, drop: None, origin: origin.cloned() });
        }
        Flow::Continue(())
    }

    fn block<'o>(&mut self, reason: Reason, say: impl FnOnce() -> (Decision, Option<&'o Origin>, Cause)) -> Flow {
        self.block_at(reason, || {
            let (decision, origin, cause) = say();
            (decision, origin.cloned(), cause)
        })
    }

    /// The packet ends here; a lifted walk goes on.
    fn block_at(&mut self, reason: Reason, say: impl FnOnce() -> (Decision, Option<Origin>, Cause)) -> Flow {
        let on_return = self.on_return;
        if self.disposition.reaches() {
            self.disposition = Disposition::Drop { reason, on_return };
        }
        if self.mode == Mode::Verdict {
            return Flow::Break(());
        }
        let (decision, origin, cause) = say();
        self.push(Step { decision: decision.clone(), drop: Some(reason), origin: origin.clone() });
        if !self.blocks.iter().any(|block| block.cause.is(&cause)) {
            let place = self.hops().last().map(|hop| hop.place.clone()).unwrap_or(Place::Internet);
            self.blocks.push(Block { reason, on_return, place, decision, origin, cause });
        }
        if self.mode == Mode::Lift { Flow::Continue(()) } else { Flow::Break(()) }
    }
}
