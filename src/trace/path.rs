//! The walk of a packet through the Cloud, there and back: with [`carry`](super::carry) the one place where the
//! precedence of reasons stands (docs/explain.md).

use std::net::Ipv4Addr;

use super::carry::Arrival;
use super::groups::{self, Judgement, Seen};
use super::hop::{Decision, Place};
use super::route;
use super::walk::{Cause, Flow, Mode, Toward, Walk};
use crate::cloud::{Cloud, Direction, Instance, InstanceName, Policy, VpcName};
use crate::flow::{Endpoint, INTERNET_HOST, Protocol, Reason};

/// Walks the way there and back.
pub(super) fn walk<'a>(cloud: &'a Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol, mode: Mode) -> Walk<'a> {
    let mut walk = Walk::new(cloud, protocol, mode);
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

    /// In the sender's VPC its egress groups are asked first, then the routes; then the receiver's side.
    fn send(&mut self, sender: &'a Instance, to: &Endpoint, destination: Ipv4Addr) -> Flow {
        if destination == sender.ip || destination.is_loopback() {
            self.receiver = Some(Endpoint::Instance(sender.name.clone()));
            return self.pass(|| (Decision::OwnAddress, None));
        }
        let (meant, toward) = self.goal(sender, to, destination);
        let route = self.lookup(sender, destination);
        let other = self.private_receiver(sender, route, destination);
        let seen = Seen { direction: Direction::Egress, protocol: self.protocol, address: destination, other };
        let asked = self.blocks.len();
        self.ask_groups(sender, seen, meant)?;
        // A drop that waits for the routes to lead where the packet is meant to go is met behind what is wrong with these.
        let waits = self.blocks.len() > asked && groups::judge(self.cloud, sender, seen).policy() == Policy::Accept;
        let arrival = self.carry(sender, route, destination, &toward)?;
        if waits {
            self.blocks[asked..].rotate_left(1);
        }
        match arrival {
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
            (Some(owner), Some(source)) => self.come_in(owner, destination, source),
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
            self.come_in(receiver, address, INTERNET_HOST)
        } else {
            self.receiver = Some(Endpoint::Address(address));
            self.pass(|| (Decision::Delivered { address }, None))
        }
    }

    /// A packet for the public address of an instance, at the border of its VPC.
    fn come_in(&mut self, receiver: &'a Instance, public: Ipv4Addr, source: Ipv4Addr) -> Flow {
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

    fn no_instance(&mut self, name: &InstanceName) -> Flow {
        self.block(Reason::NoSuchAddress, || {
            (Decision::NoInstance { name: name.clone() }, None, Cause::NoInstance { name: name.clone() })
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
