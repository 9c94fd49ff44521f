//! NAT gateways: what a route leads to one leaves with its address, and what comes in for its ports is led on
//! (docs/cloud.md §14).

use std::net::Ipv4Addr;

use super::carry::{Arrival, Packet};
use super::hop::{Decision, Place};
use super::route::{self, Route};
use super::walk::{Cause, Flow, Toward, Walk};
use crate::cloud::{Direction, INTERNET_HOST, Instance, NatGateway, Origin, Vpc};
use crate::flow::Reason;

impl<'a> Walk<'a> {
    /// An entry leads to a NAT gateway. It must have a way out itself, and an SNAT entry for the source. The network ACL of
    /// its subnet judges what passes; it has no groups.
    pub(super) fn translate(
        &mut self,
        nat: &'a NatGateway,
        packet: Packet<'a>,
        destination: Ipv4Addr,
        toward: &Toward,
        entry: &'a Origin,
        cause: &dyn Fn() -> Cause,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let host = &nat.host;
        if !self.cloud.nat_leads_out(nat) {
            let cloud = self.cloud;
            self.block(Reason::NextHopGone, || {
                let used = cloud.subnet(&host.subnet).and_then(|subnet| subnet.association.as_ref());
                let entry = entry.or_later(used.map(|used| &used.origin));
                let (subnet, sender) = (host.subnet.clone(), host.ip);
                let cause = Cause::Route { subnet, sender, address: INTERNET_HOST, toward: Toward::Internet };
                (Decision::NoWayOut { nat: nat.name.clone() }, Some(entry), cause)
            })?;
        }
        if self.is_answer() && self.came_by.is_some_and(|(by, _)| by.name == nat.name) {
            return self.lead_back(nat, packet, destination, toward);
        }
        self.must_go_back_by_nat(packet, destination)?;
        let from = packet.carrier.subnet.clone();
        if !self.visit(host, &from, packet.source.ip) {
            let round = || (Decision::Loops { instance: host.name.clone() }, Some(entry), cause());
            self.block(Reason::NotForwarded, round)?;
            return self.go_on(packet, destination, toward);
        }
        if from != host.subnet {
            self.ask_acl(&host.subnet, Direction::Ingress, packet.source.ip)?;
        }
        self.enter(|| Place::NatGateway(nat.name.clone()));
        if self.is_answer() {
            self.block(Reason::NotForwarded, || {
                (Decision::UnknownToNat { nat: nat.name.clone() }, Some(entry), cause())
            })?;
            return self.go_on(packet, destination, toward);
        }
        let source = packet.source;
        if self.cloud.translates(nat, source.ip) {
            let becomes = (source.ip, host.ip);
            self.pass(|| (Decision::Nat { from: becomes.0, to: becomes.1 }, Some(&nat.origin)))?;
        } else {
            self.block(Reason::NoPublicIp, || {
                let (nat, subnet) = (nat.name.clone(), source.subnet.clone());
                let cause = Cause::Snat { nat: nat.clone(), subnet, address: source.ip };
                (Decision::NoSnat { nat, address: source.ip }, None, cause)
            })?;
        }
        self.translated.push((host, source));
        self.leave_host(nat, destination, toward)
    }

    /// The answer to a packet that the NAT gateway led to an instance comes back to it, and has its address again.
    fn lead_back(
        &mut self,
        nat: &'a NatGateway,
        packet: Packet<'a>,
        destination: Ipv4Addr,
        toward: &Toward,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let host = &nat.host;
        if packet.carrier.subnet != host.subnet {
            self.ask_acl(&host.subnet, Direction::Ingress, packet.source.ip)?;
        }
        self.enter(|| Place::NatGateway(nat.name.clone()));
        let (from, to) = (packet.source.ip, host.ip);
        self.pass(|| (Decision::Nat { from, to }, Some(&nat.origin)))?;
        if let Some((_, asked)) = self.came_by.take() {
            self.traffic.protocol = asked;
        }
        self.leave_host(nat, destination, toward)
    }

    /// What a NAT gateway translated, out of its subnet.
    fn leave_host(
        &mut self,
        nat: &'a NatGateway,
        destination: Ipv4Addr,
        toward: &Toward,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let passed = Packet::of(&nat.host);
        let found = self.lookup(passed, destination);
        self.fit_route(&nat.host, found)?;
        if !found.stays_in(self.cloud, &nat.host.subnet) {
            self.ask_acl(&nat.host.subnet, Direction::Egress, destination)?;
        }
        self.carry(passed, found, destination, toward)
    }

    /// An answer to what a NAT gateway led in, on a way around it: out there nobody waits for an answer from its sender's
    /// address.
    pub(super) fn must_go_back_by_nat(&mut self, packet: Packet<'a>, address: Ipv4Addr) -> Flow {
        let Some((nat, _)) = self.came_by.filter(|_| self.is_answer()) else { return Flow::Continue(()) };
        let sender = packet.carrier;
        self.block(Reason::NoSuchAddress, || {
            let (nat, subnet) = (nat.name.clone(), sender.subnet.clone());
            let cause = Cause::Back { nat: nat.clone(), subnet, sender: sender.ip, address };
            (Decision::AroundNat { nat, address }, None, cause)
        })
    }

    /// A packet for the public address of a NAT gateway: its entries lead a port of it to an instance.
    pub(super) fn come_in_by_nat(&mut self, nat: &'a NatGateway, public: Ipv4Addr, source: Ipv4Addr) -> Flow {
        let (host, vpc) = (&nat.host, &nat.host.subnet.vpc);
        self.enter(|| Place::Vpc(vpc.clone()));
        self.pass(|| (Decision::Nat { from: public, to: host.ip }, Some(&nat.origin)))?;
        self.ask_acl(&host.subnet, Direction::Ingress, source)?;
        self.enter(|| Place::NatGateway(nat.name.clone()));
        let asked = self.traffic.protocol;
        let found = nat.dnat_for(asked).and_then(|entry| Some((entry, entry.leads(asked)?)));
        let Some((entry, leads)) = found else {
            return self.block(Reason::NoSuchAddress, || {
                let decision = Decision::NoDnat { nat: nat.name.clone(), packet: asked };
                let cause = Cause::Dnat { nat: nat.name.clone(), packet: asked };
                (decision, Some(&nat.origin), cause)
            });
        };
        let decision = || Decision::Dnat { nat: nat.name.clone(), from: asked, to: entry.to, packet: leads };
        self.pass(|| (decision(), Some(&entry.origin)))?;
        self.traffic.protocol = leads;
        self.came_by = Some((nat, asked));
        self.enter(|| Place::Vpc(vpc.clone()));
        let Route::Local(subnet) = route::lookup_passing(self.cloud, host, entry.to) else {
            return self.block(Reason::NoSuchAddress, || {
                (Decision::Nobody { address: entry.to }, Some(&entry.origin), Cause::Nobody { address: entry.to })
            });
        };
        self.pass(|| (Decision::local(subnet), Some(&subnet.origin)))?;
        if subnet.name != host.subnet {
            self.ask_acl(&host.subnet, Direction::Egress, entry.to)?;
        }
        match self.cloud.instance_at(vpc, entry.to) {
            Some(receiver) => self.deliver(receiver, source, None),
            None => self.absent(vpc, entry.to, &host.subnet, source),
        }
    }

    /// What leads from a VPC to the internet: its gateway and its NAT gateways, if the address is there.
    pub(super) fn edges_of(&self, vpc: &Vpc, address: Ipv4Addr) -> Vec<String> {
        if route::is_reserved(address) {
            return Vec::new();
        }
        let gateway = self.cloud.gateway_of(&vpc.name).map(|gateway| gateway.name.to_string());
        let nats = self.cloud.nat_gateways_of(&vpc.name).map(|nat| nat.name.to_string());
        gateway.into_iter().chain(nats).collect()
    }

    /// Where a host is: an instance, or a NAT gateway's.
    pub(super) fn place_of(&self, host: &Instance) -> Place {
        match self.cloud.nat_gateway_behind(&host.name) {
            Some(nat) => Place::NatGateway(nat.name.clone()),
            None => Place::Instance(host.name.clone()),
        }
    }

    /// The host that has a public address.
    pub(super) fn host_at_public(&self, address: Ipv4Addr) -> Option<&'a Instance> {
        let nat = || self.cloud.nat_gateway_at_public(address).map(|nat| &nat.host);
        self.cloud.instance_at_public(address).or_else(nat)
    }
}
