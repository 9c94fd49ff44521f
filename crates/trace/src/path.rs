//! Walks a packet through the Cloud, there and back. Together with [`carry`](super::carry) this is the only code that
//! defines the precedence of reasons (docs/explain.md).

use std::net::Ipv4Addr;

use super::acls::{self, Crossing};
use super::carry::{Arrival, Packet};
use super::groups::{self, Judgement, Seen};
use super::hop::{Decision, Place, Step};
use super::route::{self, Route};
use super::walk::{Block, Cause, Flow, Mode, Toward, Walk};
use crate::cloud::{
    Cloud, Direction, INTERNET_HOST, Instance, InstanceName, Layer, Origin, Policy, SecurityGroup, Subnet, SubnetName,
    VpcName,
};
use crate::flow::{Disposition, Endpoint, Reason, Traffic};

/// Walks the path there and back.
pub(super) fn walk<'a>(cloud: &'a Cloud, from: &Endpoint, to: &Endpoint, traffic: Traffic, mode: Mode) -> Walk<'a> {
    let mut walk = Walk::new(cloud, traffic, mode);
    let _ = walk.run(from, to);
    walk.see_who_answers(to);
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
                return self.send_from_internet(to);
            }
            Endpoint::Address(address) => {
                self.enter(|| Place::Internet);
                return self.nobody(*address);
            }
        };
        self.source = sender.map(|sender| sender.ip);
        let (Some(sender), Some(destination)) = (sender, self.destination) else {
            let name = [from, to].into_iter().find_map(|end| match end {
                Endpoint::Instance(name) if self.cloud.instance(name).is_none() => Some(name),
                _ => None,
            });
            self.enter(|| Place::Internet);
            return match name {
                Some(name) => self.no_instance(name),
                None => Flow::Continue(()),
            };
        };
        self.enter(|| Place::Instance(sender.name.clone()));
        self.send(sender, to, destination)
    }

    // ── there ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// In the sender's VPC, evaluates its egress groups first, then the routes; then the receiver's side.
    fn send(&mut self, sender: &'a Instance, to: &Endpoint, destination: Ipv4Addr) -> Flow {
        if destination == sender.ip || destination.is_loopback() {
            self.ask_power(sender)?;
            self.receiver = Some(Endpoint::Instance(sender.name.clone()));
            return self.pass(|| (Decision::OwnAddress, None));
        }
        self.fit_own_link(sender)?;
        let (meant, toward) = self.goal(sender, to, destination);
        let packet = Packet::of(sender);
        let route = self.lookup(packet, destination);
        self.fit_route(sender, route)?;
        self.enter(|| Place::Instance(sender.name.clone()));
        self.ask_power(sender)?;
        let other = self.private_receiver(sender, route, destination);
        let seen = Seen { direction: Direction::Egress, protocol: self.traffic.protocol, address: destination, other };
        let asked = self.blocks.len();
        let is_named = |other: &Instance| !to.names_another(&Endpoint::Instance(other.name.clone()));
        let crosses = !route.stays_in(self.cloud, &sender.subnet);
        self.ask_layers(sender, seen, meant.filter(|_| !other.is_some_and(is_named)), crosses)?;
        // A drop that occurs only once the routes are right comes after the faults of the routes.
        let by_groups = self.blocks.get(asked).is_some_and(|block| block.reason == Reason::EgressSecurityGroup);
        let waits = by_groups && groups::judge(self.cloud, sender, seen).policy() == Policy::Accept;
        let arrived = self.carry(packet, route, destination, &toward)?;
        let (arrival, packet) = match self.mode {
            Mode::Lift => self.set_right(packet, to, destination, route, arrived, &toward)?,
            Mode::Verdict | Mode::Record => arrived,
        };
        if waits {
            self.blocks[asked..].rotate_left(1);
        }
        self.arrive(packet, destination, arrival)
    }

    /// The sender's own link, whose kernel sends nothing that it cannot carry.
    fn fit_own_link(&mut self, sender: &'a Instance) -> Flow {
        self.cloud.vpc(&sender.subnet.vpc).map_or(Flow::Continue(()), |vpc| self.fit(vpc.mtu, Some(&vpc.origin)))
    }

    /// The receiver's side, where the routes led.
    fn arrive(&mut self, packet: Packet<'a>, destination: Ipv4Addr, arrival: Arrival<'a>) -> Flow {
        match arrival {
            Arrival::Vpc(vpc) => match self.cloud.instance_at(vpc, destination) {
                Some(receiver) => self.deliver(receiver, packet.source.ip, Some(packet)),
                None => self.absent(vpc, destination, &packet.carrier.subnet, packet.source.ip),
            },
            Arrival::Internet => self.out_there(packet.source, destination),
            Arrival::Nowhere => Flow::Continue(()),
        }
    }

    /// For a lifted walk that reached another instance than the named one, or nobody. Records first what happens there,
    /// then continues as if the routes had led to the named instance.
    fn set_right(
        &mut self,
        sent: Packet<'a>,
        to: &Endpoint,
        destination: Ipv4Addr,
        route: Route<'a>,
        (arrival, packet): (Arrival<'a>, Packet<'a>),
        toward: &Toward,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        if matches!((&arrival, toward), (Arrival::Vpc(vpc), Toward::Vpc(meant)) if *vpc == meant) {
            return Flow::Continue((arrival, packet));
        }
        let mut there = Walk::new(self.cloud, self.traffic, Mode::Record);
        there.destination = Some(destination);
        there.enter(|| match arrival {
            Arrival::Vpc(vpc) => Place::Vpc(vpc.clone()),
            Arrival::Internet | Arrival::Nowhere => Place::Internet,
        });
        there.translated.clone_from(&self.translated);
        let _ = there.arrive(packet, destination, arrival);
        there.see_who_answers(to);
        let is_right = there.receiver.as_ref().is_some_and(|receiver| !to.names_another(receiver));
        let met = there.blocks.pop().filter(|_| !is_right && *toward != Toward::Nowhere);
        let Some(met) = met else { return Flow::Continue((arrival, packet)) };
        let cause = self.astray(sent.source, route, destination, toward);
        // If another answers, the entry that led there must change.
        let origin = if met.reason == Reason::AnsweredByAnother { self.what_led() } else { met.origin };
        if self.disposition.reaches() {
            self.disposition = Disposition::Drop { reason: met.reason, on_return: met.on_return };
        }
        self.meet(Block { cause, origin, ..met });
        self.go_on(sent, destination, toward)
    }

    /// Why a packet or an answer goes astray: an entry leads elsewhere, or the address is in the VPC itself.
    fn astray(&self, sender: &Instance, route: Route<'_>, address: Ipv4Addr, toward: &Toward) -> Cause {
        let subnet = sender.subnet.clone();
        match (route, toward) {
            (Route::Entry(..) | Route::PublicAddress | Route::None(_), _) => {
                Cause::Route { subnet, sender: sender.ip, address, toward: toward.clone() }
            }
            (Route::Local(_) | Route::Nobody(_), Toward::Vpc(meant)) => {
                Cause::Overlap { vpc: subnet.vpc, meant: Some(meant.clone()), address }
            }
            (Route::Local(_) | Route::Nobody(_), _) => Cause::Overlap { vpc: subnet.vpc, meant: None, address },
        }
    }

    /// Where the entry or subnet that led the packet here is written.
    fn what_led(&self) -> Option<Origin> {
        let mut steps = self.there.iter().flat_map(|hop| &hop.steps);
        let led = steps.find(|step| matches!(step.decision, Decision::Entry { .. } | Decision::Local { .. }));
        led.and_then(|step| step.origin.clone())
    }

    /// Handles a flow that is not dropped, but that another instance answers.
    fn see_who_answers(&mut self, to: &Endpoint) {
        // On the internet, the host answers for every address.
        let out_there = matches!(self.receiver, Some(Endpoint::Address(_))) && !matches!(to, Endpoint::Address(_));
        if out_there {
            self.receiver = Some(Endpoint::Internet);
        }
        let receiver = self.receiver.as_ref().filter(|receiver| to.names_another(receiver)).cloned();
        let Some(receiver) = receiver.filter(|_| self.disposition.reaches()) else { return };
        self.disposition = Disposition::ANSWERED_BY_ANOTHER;
        let (origin, address, reason) = (self.what_led(), self.destination, Reason::AnsweredByAnother);
        let (Some(hop), Some(address)) = (self.there.last_mut(), address) else { return };
        let decision = Decision::Another { named: to.clone(), address };
        hop.steps.push(Step { decision: decision.clone(), drop: Some(reason), origin: origin.clone() });
        let place = hop.place.clone();
        let vpc = |end: &Endpoint| match end {
            Endpoint::Instance(name) => self.cloud.instance(name).map(|instance| instance.subnet.vpc.clone()),
            Endpoint::Internet | Endpoint::Address(_) => None,
        };
        // A lifted walk gets here only if the destination is the sender's own address.
        let cause = match vpc(&receiver) {
            Some(own) => Cause::Overlap { vpc: own, meant: vpc(to), address },
            None => Cause::Nobody { address },
        };
        let traffic = self.traffic;
        self.meet(Block { reason, on_return: false, place, decision, origin, cause, traffic });
    }

    /// A packet of an instance that has left its VPC, with its source translated.
    fn out_there(&mut self, sender: &'a Instance, destination: Ipv4Addr) -> Flow {
        let owner = if destination == INTERNET_HOST { None } else { self.host_at_public(destination) };
        self.enter(|| Place::Internet);
        self.seen_from = sender.public_ip;
        match (owner, sender.public_ip) {
            (Some(owner), Some(source)) => self.come_in(owner, destination, source),
            // Only a lifted walk gets here without a public address; the address that the receiver would see is
            // unknown.
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
                    self.ask_acl(&sender.subnet, Direction::Ingress, destination)?;
                    self.translate_back(destination)?;
                    let opener = self.opener(sender);
                    self.enter(|| Place::Instance(opener.name.clone()));
                    self.pass(|| (Decision::Stateful, None))?;
                }
                Flow::Continue(())
            }
        }
    }

    fn send_from_internet(&mut self, to: &Endpoint) -> Flow {
        self.enter(|| Place::Internet);
        let address = match to {
            Endpoint::Internet => INTERNET_HOST,
            Endpoint::Address(address) => *address,
            Endpoint::Instance(name) => {
                let Some(receiver) = self.cloud.instance(name) else {
                    return self.no_instance(name);
                };
                self.destination = receiver.public_ip;
                if let Some(public) = receiver.public_ip {
                    return self.come_in(receiver, public, INTERNET_HOST);
                }
                self.block(Reason::NoPublicIp, || {
                    let instance = receiver.name.clone();
                    let decision = Decision::NoPublicIp { instance: Some(instance.clone()) };
                    (decision, Some(&receiver.addressed), Cause::PublicIp { instance })
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
        } else if let Some(receiver) = self.host_at_public(address) {
            self.come_in(receiver, address, INTERNET_HOST)
        } else {
            self.receiver = Some(Endpoint::Address(address));
            self.pass(|| (Decision::Delivered { address }, None))
        }
    }

    /// A packet for the public address of an instance, at the border of its VPC.
    fn come_in(&mut self, receiver: &'a Instance, public: Ipv4Addr, source: Ipv4Addr) -> Flow {
        self.fit(self.cloud.mtu_to_internet(&receiver.subnet.vpc), None)?;
        if self.cloud.lacks_gateway(&receiver.subnet.vpc) {
            self.enter(|| Place::Vpc(receiver.subnet.vpc.clone()));
            self.block_without_gateway(&receiver.subnet.vpc)?;
        }
        if let Some(nat) = self.cloud.nat_gateway_behind(&receiver.name) {
            return self.come_in_by_nat(nat, public, source);
        }
        self.enter(|| Place::Vpc(receiver.subnet.vpc.clone()));
        self.pass(|| (Decision::Nat { from: public, to: receiver.ip }, Some(&receiver.addressed)))?;
        self.deliver(receiver, source, None)
    }

    /// At the receiver's side: the edge of its subnet, its groups, then the path back. `private` is the packet, if it
    /// took a private path.
    pub(super) fn deliver(&mut self, receiver: &'a Instance, source: Ipv4Addr, private: Option<Packet<'a>>) -> Flow {
        self.receiver = Some(Endpoint::Instance(receiver.name.clone()));
        self.received = self.traffic.protocol;
        let other = private.and_then(|packet| self.member(packet, &receiver.subnet.vpc));
        let seen = Seen { direction: Direction::Ingress, protocol: self.traffic.protocol, address: source, other };
        let from = private.map(|packet| packet.carrier).or(self.came_by.map(|(nat, _)| &nat.host));
        let crosses = from.is_none_or(|from| from.subnet != receiver.subnet);
        self.ask_layers(receiver, seen, None, crosses)?;
        self.answer(receiver, source, private)
    }

    // ── back ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The answer passes all groups, but not the network ACLs at the edges of both subnets, and needs a route back in the
    /// table of the answering subnet.
    fn answer(&mut self, receiver: &'a Instance, source: Ipv4Addr, private: Option<Packet<'a>>) -> Flow {
        let private = private.map(|packet| packet.source);
        self.outside = private.is_none();
        self.turn();
        self.enter(|| Place::Instance(receiver.name.clone()));
        self.pass(|| (Decision::Stateful, None))?;
        let toward = match private {
            Some(sender) if self.mode == Mode::Lift => Toward::Vpc(sender.subnet.vpc.clone()),
            Some(_) => Toward::Nowhere,
            None => Toward::Internet,
        };
        let packet = Packet::of(receiver);
        let route = self.lookup(packet, source);
        if !route.stays_in(self.cloud, &receiver.subnet) {
            self.ask_acl(&receiver.subnet, Direction::Egress, source)?;
        }
        let (arrival, packet) = self.carry(packet, route, source, &toward)?;
        match (arrival, private) {
            (Arrival::Vpc(vpc), Some(sender)) if sender.subnet.vpc == *vpc => {
                if sender.subnet != packet.carrier.subnet {
                    self.ask_acl(&sender.subnet, Direction::Ingress, receiver.ip)?;
                }
                self.translate_back(receiver.ip)?;
                let opener = self.opener(sender);
                self.enter(|| Place::Instance(opener.name.clone()));
                self.pass(|| (Decision::Delivered { address: opener.ip }, None))
            }
            (Arrival::Vpc(vpc), _) => {
                let cause = self.astray(receiver, route, source, &toward);
                self.block(Reason::NoSuchAddress, || {
                    (Decision::Elsewhere { vpc: vpc.clone(), address: source }, None, cause)
                })?;
                self.go_on(packet, source, &toward).map_continue(drop)
            }
            // Who asked is in a VPC, and waits for no answer from the internet.
            (Arrival::Internet, Some(_)) => {
                let cause = self.astray(receiver, route, source, &toward);
                self.block(Reason::NoSuchAddress, || (Decision::Outside { address: source }, None, cause))?;
                self.go_on(packet, source, &toward).map_continue(drop)
            }
            (Arrival::Internet, None) => {
                self.enter(|| Place::Internet);
                self.pass(|| (Decision::Delivered { address: source }, None))?;
                // The sender may be an instance too, whose public address this is.
                match (self.host_at_public(source), self.destination) {
                    (Some(sender), Some(from)) => {
                        self.ask_acl(&sender.subnet, Direction::Ingress, from)?;
                        self.translate_back(from)
                    }
                    _ => Flow::Continue(()),
                }
            }
            (Arrival::Nowhere, _) => Flow::Continue(()),
        }
    }

    // ── what is asked on the way ───────────────────────────────────────────────────────────────────────────────────

    /// Everything that filters what an instance sends or receives, in the provider's order. `crosses`: whether the packet
    /// crosses the edge of the instance's subnet.
    fn ask_layers(
        &mut self,
        instance: &'a Instance,
        seen: Seen<'_>,
        meant: Option<&'a Instance>,
        crosses: bool,
    ) -> Flow {
        let layers = self.cloud.provider().layers;
        let mut ask = |layer: &Layer| match layer {
            Layer::SecurityGroups(_) => {
                self.enter(|| Place::Instance(instance.name.clone()));
                if seen.direction == Direction::Ingress {
                    self.ask_power(instance)?;
                }
                self.ask_groups(instance, seen, meant)
            }
            Layer::NetworkAcls(_) if crosses => self.ask_acl(&instance.subnet, seen.direction, seen.address),
            Layer::NetworkAcls(_) => Flow::Continue(()),
        };
        match seen.direction {
            Direction::Egress => layers.iter().try_for_each(&mut ask),
            Direction::Ingress => layers.iter().rev().try_for_each(&mut ask),
        }
    }

    /// Whom a packet on a private path comes from for a rule by group: over a peering, a member comes by the link of its VPC;
    /// in its own VPC, by that of its subnet. A NAT gateway is in no group.
    pub(super) fn member(&self, packet: Packet<'a>, at: &VpcName) -> Option<&'a Instance> {
        let Packet { carrier, source } = packet;
        let by_its_link = carrier.subnet == source.subnet || carrier.subnet.vpc != *at;
        (by_its_link && self.cloud.nat_gateway_behind(&source.name).is_none()).then_some(source)
    }

    /// The instance that opened the flow, if this one's address was put on its packets.
    fn opener(&self, sender: &'a Instance) -> &'a Instance {
        match &self.source {
            Some(ip) if *ip != sender.ip => self.cloud.instance_at(&sender.subnet.vpc, *ip).unwrap_or(sender),
            _ => sender,
        }
    }

    /// Whether the instance runs.
    fn ask_power(&mut self, instance: &'a Instance) -> Flow {
        if instance.runs() {
            return Flow::Continue(());
        }
        self.block(Reason::InstanceStopped, || {
            let name = || instance.name.clone();
            (Decision::Stopped { instance: name() }, Some(&instance.switched), Cause::Stopped { instance: name() })
        })
    }

    /// Evaluates groups. A lifted walk also evaluates them for `meant`, to which the routes do not lead yet.
    pub(super) fn ask_groups(&mut self, instance: &'a Instance, seen: Seen<'_>, meant: Option<&'a Instance>) -> Flow {
        let mut judgement = groups::judge(self.cloud, instance, seen);
        if self.mode == Mode::Lift && meant.is_some() && judgement.policy() == Policy::Accept {
            judgement = groups::judge(self.cloud, instance, Seen { other: meant, ..seen });
        }
        let cloud = self.cloud;
        let say = || match &judgement {
            Judgement::Rule(group, rule) => {
                (Decision::Rule { group: group.name.clone(), rule: (*rule).clone() }, Some(&rule.origin))
            }
            Judgement::InnerAccess(group) => {
                (Decision::InnerAccess { group: group.name.clone() }, Some(&group.modified))
            }
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
                // Its members would reach each other by its inner access.
                let joins = |group: &&&SecurityGroup| {
                    let joined = seen.other.map(|other| cloud.groups_of(other)).unwrap_or_default();
                    group.inner_access == Policy::Drop && joined.iter().any(|it| it.name == group.name)
                };
                let closed = groups.iter().find(joins).map(|group| &group.modified);
                let origin = origin.or(groups.first().map(|group| &group.origin));
                (decision, origin.map(|origin| origin.or_later(closed)))
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

    /// Evaluates the network ACL of a subnet, if it has one, for a packet that crosses its edge.
    pub(super) fn ask_acl(&mut self, subnet: &SubnetName, direction: Direction, address: Ipv4Addr) -> Flow {
        let found = self.cloud.subnet(subnet).and_then(|subnet| Some((subnet, self.cloud.acl_of(subnet)?)));
        let Some((subnet, acl)) = found else { return Flow::Continue(()) };
        self.enter(|| Place::Vpc(subnet.name.vpc.clone()));
        let (traffic, answer) = (self.traffic, self.is_answer());
        let entry = acls::judge(acl, Crossing { direction, traffic, answer, address });
        let say = || match entry {
            Some(entry) => {
                let (acl, subnet) = (acl.name.clone(), subnet.name.clone());
                (Decision::AclEntry { acl, subnet, entry: entry.clone() }, Some(&entry.origin))
            }
            None => {
                let packet = traffic.packet(answer);
                let (name, subnet) = (acl.name.clone(), subnet.name.clone());
                (Decision::NoAclEntry { acl: name, subnet, direction, packet }, Some(&acl.origin))
            }
        };
        if entry.is_some_and(|entry| entry.policy == Policy::Accept) {
            return self.pass(say);
        }
        let reason = match direction {
            Direction::Egress => Reason::EgressNetworkAcl,
            Direction::Ingress => Reason::IngressNetworkAcl,
        };
        let used = subnet.acl.as_ref().map(|association| &association.origin);
        self.block(reason, || {
            let (decision, origin) = say();
            let origin = origin.map(|origin| origin.or_later(used));
            (decision, origin, Cause::Acl { acl: acl.name.clone(), direction, address, answer })
        })
    }

    /// The address is in a subnet of `vpc`, and no instance has it.
    pub(super) fn absent(&mut self, vpc: &'a VpcName, address: Ipv4Addr, from: &SubnetName, source: Ipv4Addr) -> Flow {
        let subnet = route::subnet_at(self.cloud, vpc, address);
        // The router itself answers for its own address and for the broadcast address: these are not in the subnet.
        let is_routers = |subnet: &&Subnet| [subnet.gateway, subnet.cidr.broadcast()].contains(&address);
        if let Some(subnet) = subnet.filter(|subnet| subnet.name != *from && !is_routers(subnet)) {
            self.ask_acl(&subnet.name, Direction::Ingress, source)?;
        }
        self.block(Reason::NoSuchAddress, || {
            let decision = match subnet.filter(|subnet| subnet.gateway == address) {
                Some(subnet) => Decision::Gateway { subnet: subnet.name.clone(), address },
                None => Decision::Nobody { address },
            };
            (decision, subnet.map(|subnet| &subnet.origin), Cause::Nobody { address })
        })
    }

    fn no_instance(&mut self, name: &InstanceName) -> Flow {
        self.block(Reason::NoSuchAddress, || {
            (Decision::NoInstance { name: name.clone() }, None, Cause::NoInstance { name: name.clone() })
        })
    }

    fn nobody(&mut self, address: Ipv4Addr) -> Flow {
        self.block(Reason::NoSuchAddress, || (Decision::Nobody { address }, None, Cause::Nobody { address }))
    }

    /// The goal of a lifted walk: the named instance, and where the packet should go.
    fn goal(&self, sender: &'a Instance, to: &Endpoint, destination: Ipv4Addr) -> (Option<&'a Instance>, Toward) {
        if self.mode != Mode::Lift {
            // A verdict only needs to distinguish private destinations from those on the internet.
            return (None, if route::is_reserved(destination) { Toward::Nowhere } else { Toward::Internet });
        }
        let home = &sender.subnet.vpc;
        let found = match to {
            Endpoint::Instance(name) => self.cloud.instance(name),
            Endpoint::Internet => None,
            Endpoint::Address(_) if route::subnet_at(self.cloud, home, destination).is_some() => {
                return (self.cloud.instance_at(home, destination), Toward::Vpc(home.clone()));
            }
            Endpoint::Address(_) => {
                let peers = self.cloud.peerings().filter(|peering| peering.vpc == *home);
                let mut peers = peers.filter_map(|peering| self.cloud.vpc(&peering.far?.vpc));
                let near = peers.find_map(|vpc| self.cloud.instance_at(&vpc.name, destination));
                near.or_else(|| {
                    let mut all = self.cloud.instances().filter(|_| route::is_reserved(destination));
                    all.find(|instance| instance.ip == destination)
                })
            }
        };
        let toward = match found {
            Some(instance) => Toward::Vpc(instance.subnet.vpc.clone()),
            None if route::is_reserved(destination) => Toward::Nowhere,
            None => Toward::Internet,
        };
        (found, toward)
    }
}
