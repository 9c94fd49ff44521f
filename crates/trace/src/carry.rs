//! Follows the routes: out of the sender's subnet, over a peering or to the VPC's border, up to the receiver's side.

use std::net::Ipv4Addr;

use super::hop::{Decision, Place, Step};
use super::route::{self, Route};
use super::walk::{Cause, Flow, Mode, Toward, Walk};
use crate::cloud::{Cloud, Instance, NextHop, Origin, Peering, PeeringName, RouteEntry, VpcName};
use crate::flow::Reason;

/// A packet on its way: who sent it last, and whose address it has.
#[derive(Clone, Copy)]
pub(super) struct Packet<'a> {
    /// The sender, or the last instance that passed it on.
    pub(super) carrier: &'a Instance,
    /// The instance whose address it has.
    pub(super) source: &'a Instance,
}

impl<'a> Packet<'a> {
    /// A packet as its sender sends it.
    pub(super) fn of(sender: &'a Instance) -> Self {
        Packet { carrier: sender, source: sender }
    }

    /// Whether the instance whose address it has sent it last.
    fn is_own(self) -> bool {
        self.carrier.name == self.source.name
    }
}

/// Where the routes led a packet.
#[derive(Clone, Copy)]
pub(super) enum Arrival<'a> {
    /// A subnet of this VPC, on a private path.
    Vpc(&'a VpcName),
    /// The internet, with an address that a host there may have.
    Internet,
    /// Unknown.
    Nowhere,
}

/// Whether an entry leads elsewhere what would be led to the internet without it: not to a VPC that has the address.
fn is_misled(cloud: &Cloud, route: Route<'_>, destination: Ipv4Addr) -> bool {
    let Route::Entry(table, entry) = route else { return false };
    let far = match &entry.next_hop {
        NextHop::Peering(end) => cloud.end_in(&table.vpc, end).and_then(|end| end.far),
        _ => None,
    };
    let far = far.and_then(|far| cloud.vpc(&far.vpc));
    far.is_none_or(|far| far.block_of(destination).is_none())
}

impl<'a> Walk<'a> {
    /// The route of a packet where its carrier sends it.
    pub(super) fn lookup(&self, packet: Packet<'a>, destination: Ipv4Addr) -> Route<'a> {
        let Packet { carrier, source } = packet;
        // Another subnet knows the source as no instance of its own.
        match source.subnet == carrier.subnet {
            true => route::lookup_of(self.cloud, source, destination),
            false => route::lookup_passing(self.cloud, carrier, destination),
        }
    }

    /// The instance that receives the packet, if it arrives on a private path.
    pub(super) fn private_receiver(
        &self,
        sender: &'a Instance,
        route: Route<'a>,
        destination: Ipv4Addr,
    ) -> Option<&'a Instance> {
        match route {
            Route::Local(_) => self.cloud.instance_at(&sender.subnet.vpc, destination),
            Route::Entry(_, RouteEntry { next_hop: NextHop::Instance(hop), .. }) => {
                let hop = self.cloud.instance(hop).filter(|hop| hop.passes_on())?;
                self.neighbour(hop, destination)
            }
            Route::Entry(_, RouteEntry { next_hop: NextHop::NatGateway(nat), .. }) => {
                let nat = self.cloud.nat_gateway(nat).filter(|nat| self.cloud.nat_leads_out(nat))?;
                self.neighbour(&nat.host, destination)
            }
            Route::Entry(_, entry) => {
                let NextHop::Peering(end) = &entry.next_hop else { return None };
                let peering = self.cloud.end_in(&sender.subnet.vpc, end).filter(|peering| peering.carries)?;
                self.cloud.instance_at(&peering.far?.vpc, destination)
            }
            Route::Nobody(_) | Route::PublicAddress | Route::None(_) => None,
        }
    }

    /// The instance with an address in the subnet of one that passes packets on: its link is the same.
    fn neighbour(&self, hop: &Instance, address: Ipv4Addr) -> Option<&'a Instance> {
        self.cloud.instance_at(&hop.subnet.vpc, address).filter(|receiver| receiver.subnet == hop.subnet)
    }

    /// Whether the packet is too big for the link by which a route leads out of the VPC. The router finds that out before it
    /// asks who may send (docs/cloud.md §13).
    pub(super) fn fit_route(&mut self, carrier: &'a Instance, route: Route<'a>) -> Flow {
        if self.traffic.size.is_none() || self.is_answer() {
            return Flow::Continue(());
        }
        let (cloud, vpc) = (self.cloud, &carrier.subnet.vpc);
        let hop = match route {
            Route::Entry(_, entry) => Some(&entry.next_hop),
            Route::PublicAddress => Some(&NextHop::Internet),
            Route::Local(_) | Route::Nobody(_) | Route::None(_) => None,
        };
        match hop {
            Some(NextHop::Peering(end)) => {
                let Some(peering) = cloud.end_in(vpc, end).filter(|peering| peering.carries) else {
                    return Flow::Continue(());
                };
                if self.traffic.is_too_big(peering.mtu, false) {
                    self.enter(|| Place::peering(end, peering.far.as_ref().map(|far| far.name.clone())));
                }
                self.fit(peering.mtu, Some(&peering.origin))
            }
            // A VPC without public addresses has no link to the internet.
            Some(NextHop::Internet | NextHop::Gateway(_)) if cloud.has_public_addresses(vpc) => {
                let mtu = cloud.mtu_to_internet(vpc);
                if self.traffic.is_too_big(mtu, false) {
                    self.enter(|| Place::Vpc(vpc.clone()));
                }
                self.fit(mtu, None)
            }
            _ => Flow::Continue(()),
        }
    }

    /// Follows `route` out of the sender's subnet, over a peering or to the VPC's border, up to the receiver's side.
    pub(super) fn carry(
        &mut self,
        packet: Packet<'a>,
        route: Route<'a>,
        destination: Ipv4Addr,
        toward: &Toward,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let sender = packet.carrier;
        let vpc = &sender.subnet.vpc;
        let cause = || match toward {
            Toward::Vpc(meant) if meant == vpc && !matches!(route, Route::Entry(..)) => {
                Cause::Nobody { address: destination }
            }
            Toward::Nowhere => Cause::Nobody { address: destination },
            Toward::Internet
                if self.cloud.needs_no_entry_to_internet(vpc) && !is_misled(self.cloud, route, destination) =>
            {
                match sender.public_ip {
                    None => Cause::PublicIp { instance: sender.name.clone() },
                    // The address would be on the internet if no joined VPC had it.
                    Some(_) => Cause::Nobody { address: destination },
                }
            }
            toward => Cause::Route {
                subnet: sender.subnet.clone(),
                sender: sender.ip,
                address: destination,
                toward: toward.clone(),
            },
        };
        self.enter(|| Place::Vpc(vpc.clone()));
        let (table, entry) = match route {
            Route::Local(subnet) => {
                self.must_go_back_by_nat(packet, destination)?;
                self.pass(|| (Decision::local(subnet), Some(&subnet.origin)))?;
                return Flow::Continue((Arrival::Vpc(vpc), packet));
            }
            Route::Nobody(own) => {
                self.block(Reason::NoSuchAddress, || {
                    let decision = Decision::BetweenSubnets {
                        cidr: own.block_of(destination).unwrap_or(own.cidr),
                        address: destination,
                    };
                    let cause = match toward {
                        Toward::Vpc(meant) if meant != vpc => {
                            Cause::Overlap { vpc: vpc.clone(), meant: Some(meant.clone()), address: destination }
                        }
                        _ => Cause::Nobody { address: destination },
                    };
                    (decision, Some(&own.origin), cause)
                })?;
                return self.go_on(packet, destination, toward);
            }
            Route::None(_) if self.cloud.lacks_gateway(vpc) && !route::is_private(self.cloud, vpc, destination) => {
                self.block_without_gateway(vpc)?;
                return self.go_on(packet, destination, toward);
            }
            Route::None(table) => {
                // The default table came with its VPC, so it has no place in the file.
                let of_vpc = self.cloud.vpc(vpc).filter(|_| table.is_default()).map(|vpc| &vpc.origin);
                let origin = of_vpc.unwrap_or(&table.origin);
                let cloud = self.cloud;
                self.block(Reason::NoRoute, || {
                    let used = cloud.subnet(&sender.subnet).and_then(|subnet| subnet.association.as_ref());
                    let origin = origin.or_later(used.map(|used| &used.origin));
                    // A public address would lead out, but with a gateway everything that is not private needs an entry.
                    let origin = match route::is_private(cloud, vpc, destination) {
                        true => origin,
                        false if cloud.needs_no_entry_to_internet(vpc) => origin.or_later(&sender.addressed),
                        false => origin.or_later(cloud.gateway_of(vpc).map(|gateway| &gateway.origin)),
                    };
                    let subnet = sender.subnet.clone();
                    let decision = Decision::NoEntry { table: table.name.clone(), subnet, address: destination };
                    (decision, Some(origin), cause())
                })?;
                return self.go_on(packet, destination, toward);
            }
            Route::PublicAddress => {
                self.must_go_back_by_nat(packet, destination)?;
                self.pass(|| {
                    let instance = sender.name.clone();
                    (Decision::PublicAddress { instance, address: destination }, Some(&sender.addressed))
                })?;
                return self.leave(packet, destination, toward, cause);
            }
            Route::Entry(table, entry) => (table, entry),
        };
        let cloud = self.cloud;
        self.pass(|| (Decision::entry(cloud, table, entry), Some(&entry.origin)))?;
        match &entry.next_hop {
            NextHop::Peering(end) => self.cross(packet, end, destination, toward, &entry.origin, cause),
            NextHop::Instance(name) => {
                let hop = cloud.instance(name).expect("an entry names an instance of the cloud");
                self.pass_on(hop, packet, destination, toward, &entry.origin, &cause)
            }
            NextHop::NatGateway(name) => {
                let nat = cloud.nat_gateway(name).expect("an entry names a NAT gateway of the cloud");
                self.translate(nat, packet, destination, toward, &entry.origin, &cause)
            }
            NextHop::Internet | NextHop::Gateway(_) => {
                self.must_go_back_by_nat(packet, destination)?;
                self.leave(packet, destination, toward, cause)
            }
            NextHop::Gone(gone) if gone.reason() != Reason::PeeringInactive => {
                self.block(gone.reason(), || {
                    let decision = Decision::HopGone { name: gone.name.to_string(), kind: gone.kind };
                    (decision, Some(&gone.origin), cause())
                })?;
                self.go_on(packet, destination, toward)
            }
            NextHop::Gone(gone) => {
                let near = PeeringName::trusted(gone.name.clone());
                self.enter(|| Place::Peering { near: near.clone(), far: None });
                self.block(Reason::PeeringInactive, || {
                    let cause = match toward {
                        Toward::Vpc(peer) if peer != vpc => Cause::Peering {
                            end: None,
                            subnet: sender.subnet.clone(),
                            sender: sender.ip,
                            address: destination,
                            peer: peer.clone(),
                        },
                        _ => cause(),
                    };
                    let decision =
                        Decision::Peering { near: (near.clone(), "gone"), far: None, gone: false, missing: Vec::new() };
                    (decision, Some(&gone.origin), cause)
                })?;
                self.go_on(packet, destination, toward)
            }
        }
    }

    /// Over a peering: packets that come in by one are delivered to the VPC's own subnets, or dropped.
    fn cross(
        &mut self,
        packet: Packet<'a>,
        end: &PeeringName,
        destination: Ipv4Addr,
        toward: &Toward,
        entry: &'a Origin,
        cause: impl Fn() -> Cause,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let sender = packet.carrier;
        let peering = self.cloud.end_in(&sender.subnet.vpc, end);
        let far = peering.as_ref().filter(|peering| peering.carries).and_then(|peering| peering.far.as_ref());
        // A reference to the cloud's far VPC, because the peering's copy of its name does not live long enough.
        let far = far.and_then(|far| self.cloud.vpc(&far.vpc));
        if self.mode != Mode::Verdict {
            let far = peering.as_ref().and_then(|peering| peering.far.as_ref()).map(|far| far.name.clone());
            self.enter(|| Place::peering(end, far));
        }
        let Some(vpc) = far else {
            let decision = (self.mode != Mode::Verdict).then(|| self.states(end, peering.as_ref()));
            let origin = peering.as_ref().map(|peering| peering.origin.clone());
            self.block_at(Reason::PeeringInactive, || {
                let cause = match toward {
                    Toward::Vpc(peer) if *peer != sender.subnet.vpc => Cause::Peering {
                        end: Some(end.clone()),
                        subnet: sender.subnet.clone(),
                        sender: sender.ip,
                        address: destination,
                        peer: peer.clone(),
                    },
                    _ => cause(),
                };
                let decision = decision.unwrap_or(Decision::Stateful);
                (decision, Some(origin.unwrap_or_else(|| entry.clone())), cause)
            })?;
            return self.go_on(packet, destination, toward);
        };
        self.must_go_back_by_nat(packet, destination)?;
        if self.mode != Mode::Verdict {
            let step = Step {
                decision: self.states(end, peering.as_ref()),
                drop: None,
                origin: peering.as_ref().map(|p| p.origin.clone()),
            };
            self.push(step);
        }
        self.enter(|| Place::Vpc(vpc.name.clone()));
        if let Some(subnet) = route::subnet_at(self.cloud, &vpc.name, destination) {
            self.pass(|| (Decision::local(subnet), Some(&subnet.origin)))?;
            return Flow::Continue((Arrival::Vpc(&vpc.name), packet));
        }
        if let Some(cidr) = vpc.block_of(destination) {
            self.block(Reason::NoSuchAddress, || {
                let decision = Decision::BetweenSubnets { cidr, address: destination };
                let meant_here = matches!(toward, Toward::Vpc(meant) if *meant == vpc.name);
                let cause = if meant_here { Cause::Nobody { address: destination } } else { cause() };
                (decision, Some(&vpc.origin), cause)
            })?;
        } else {
            let edges = self.edges_of(vpc, destination);
            self.block(Reason::NotTransitive, || {
                let decision = match edges {
                    edges if edges.is_empty() => Decision::Transit { cidr: vpc.cidr, address: destination },
                    edges => Decision::Edge { vpc: vpc.name.clone(), edges },
                };
                (decision, Some(&vpc.origin), cause())
            })?;
        }
        self.go_on(packet, destination, toward)
    }

    /// Out of the VPC to the internet.
    fn leave(
        &mut self,
        packet: Packet<'a>,
        destination: Ipv4Addr,
        toward: &Toward,
        cause: impl Fn() -> Cause,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let sender = packet.source;
        let astray = *toward != Toward::Internet;
        match sender.public_ip.filter(|_| packet.is_own()) {
            Some(public) => self.pass(|| (Decision::Nat { from: sender.ip, to: public }, Some(&sender.addressed)))?,
            None => {
                self.block(Reason::NoPublicIp, || {
                    let instance = sender.name.clone();
                    let decision = match sender.public_ip {
                        Some(_) => Decision::PassedOn { source: instance.clone() },
                        None => Decision::NoPublicIp { instance: Some(instance.clone()) },
                    };
                    let cause = match packet.is_own() {
                        _ if astray => cause(),
                        true => Cause::PublicIp { instance },
                        false => Cause::PassedOn { by: packet.carrier.name.clone() },
                    };
                    (decision, Some(&sender.addressed), cause)
                })?;
                // Private addresses are not on the internet, so the entry is wrong.
                if route::is_reserved(destination) {
                    return self.go_on(packet, destination, toward);
                }
            }
        }
        if route::is_reserved(destination) {
            self.enter(|| Place::Internet);
            self.block(Reason::NoSuchAddress, || (Decision::Reserved { address: destination }, None, cause()))?;
            return self.go_on(packet, destination, toward);
        }
        Flow::Continue((Arrival::Internet, packet))
    }

    /// No gateway joins a VPC with the internet.
    pub(super) fn block_without_gateway(&mut self, vpc: &'a VpcName) -> Flow {
        let origin = self.cloud.vpc(vpc).map(|vpc| &vpc.origin);
        self.block(Reason::NoInternetGateway, || {
            (Decision::NoGateway { vpc: vpc.clone() }, origin, Cause::Gateway { vpc: vpc.clone() })
        })
    }

    /// Continues after a drop on the routes, as if the packet had been led to its destination; drops there apply too.
    pub(super) fn go_on(
        &mut self,
        packet: Packet<'a>,
        destination: Ipv4Addr,
        toward: &Toward,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let sender = packet.source;
        let vpc = &sender.subnet.vpc;
        match toward {
            Toward::Nowhere => Flow::Continue((Arrival::Nowhere, packet)),
            Toward::Internet => {
                if sender.public_ip.is_none() {
                    self.block(Reason::NoPublicIp, || {
                        let instance = sender.name.clone();
                        let decision = Decision::NoPublicIp { instance: Some(instance.clone()) };
                        (decision, Some(&sender.addressed), Cause::PublicIp { instance })
                    })?;
                }
                Flow::Continue((Arrival::Internet, packet))
            }
            Toward::Vpc(meant) => {
                let Some(meant) = self.cloud.vpc(meant).map(|vpc| &vpc.name) else {
                    return Flow::Continue((Arrival::Nowhere, packet));
                };
                if meant != vpc {
                    self.expect_peering(sender, destination, meant)?;
                }
                Flow::Continue((Arrival::Vpc(meant), packet))
            }
        }
    }
    /// Checks that a peering that carries traffic joins two VPCs, regardless of the routes.
    fn expect_peering(&mut self, sender: &'a Instance, destination: Ipv4Addr, meant: &'a VpcName) -> Flow {
        let vpc = &sender.subnet.vpc;
        let peering = self.cloud.end_toward(vpc, meant);
        if peering.as_ref().is_some_and(|peering| peering.carries) {
            return Flow::Continue(());
        }
        let end = peering.as_ref().map(|peering| peering.name.clone());
        match &peering {
            Some(Peering { name, far, .. }) => {
                let far = far.as_ref().map(|far| far.name.clone());
                self.enter(|| Place::peering(name, far));
            }
            None => self.enter(|| Place::Vpc(vpc.clone())),
        }
        let decision = match &peering {
            Some(end) => self.states(&end.name, Some(end)),
            None => Decision::NoPeering { vpc: vpc.clone(), peer: meant.clone() },
        };
        self.block_at(Reason::PeeringInactive, || {
            let (subnet, peer) = (sender.subnet.clone(), meant.clone());
            let cause = Cause::Peering { end, subnet, sender: sender.ip, address: destination, peer };
            (decision, peering.map(|peering| peering.origin), cause)
        })
    }

    /// The states of a peering's ends, and what it lacks.
    fn states(&self, name: &PeeringName, end: Option<&Peering>) -> Decision {
        let far = end.and_then(|end| self.cloud.opposite_end(end));
        let missing = self.cloud.missing(name);
        Decision::Peering {
            near: (name.clone(), end.map_or("gone", |end| end.status)),
            far: far.map(|far| (far.name, far.status)),
            gone: missing.iter().any(|missing| missing.lack.is_of_deleted_end()),
            missing: missing.iter().map(crate::message::Message::from).collect(),
        }
    }
}
