//! Instances that forward: what a route leads to one goes in, and out again (docs/cloud.md §12).

use std::net::Ipv4Addr;

use super::carry::{Arrival, Packet};
use super::groups::Seen;
use super::hop::{Decision, Place};
use super::route::{self, Route};
use super::walk::{Cause, Flow, Mode, Toward, Walk};
use crate::cloud::{Direction, Instance, Origin, SubnetName};
use crate::flow::Reason;

impl<'a> Walk<'a> {
    /// An entry leads to an instance. It must run and forward; its groups and the network ACL of its subnet judge what it
    /// passes, except answers, which pass the groups.
    pub(super) fn pass_on(
        &mut self,
        hop: &'a Instance,
        packet: Packet<'a>,
        destination: Ipv4Addr,
        toward: &Toward,
        entry: &'a Origin,
        cause: &dyn Fn() -> Cause,
    ) -> Flow<(Arrival<'a>, Packet<'a>)> {
        let name = || hop.name.clone();
        if !hop.runs() {
            self.block(Reason::NextHopGone, || {
                (
                    Decision::NextHopStopped { instance: name() },
                    Some(entry.or_later(&hop.switched)),
                    Cause::Stopped { instance: name() },
                )
            })?;
        }
        if !hop.forwards {
            self.block(Reason::NotForwarded, || {
                (
                    Decision::ForwardsNothing { instance: name() },
                    Some(entry.or_later(&hop.modified)),
                    Cause::Forwards { instance: name() },
                )
            })?;
            return self.go_on(packet, destination, toward);
        }
        self.must_go_back_by_nat(packet, destination)?;
        let from = packet.carrier.subnet.clone();
        if !self.visit(hop, &from, packet.source.ip) {
            self.block(Reason::NotForwarded, || (Decision::Loops { instance: name() }, Some(entry), cause()))?;
            return self.go_on(packet, destination, toward);
        }
        if from != hop.subnet {
            self.ask_acl(&hop.subnet, Direction::Ingress, packet.source.ip)?;
        }
        self.enter(|| Place::Instance(name()));
        if self.is_answer() {
            if hop.masquerade || self.outside {
                self.block(Reason::NotForwarded, || {
                    let decision = match hop.masquerade {
                        true => Decision::UnknownFlow { instance: name() },
                        false => Decision::AnswerOut { instance: name() },
                    };
                    (decision, Some(entry), cause())
                })?;
                return self.go_on(packet, destination, toward);
            }
        } else {
            let other = self.member(packet, &hop.subnet.vpc);
            let (protocol, address) = (self.traffic.protocol, packet.source.ip);
            self.ask_groups(hop, Seen { direction: Direction::Ingress, protocol, address, other }, None)?;
        }
        let source = if hop.masquerade { hop } else { packet.source };
        if source.name != packet.source.name {
            self.translated.push((hop, packet.source));
        }
        let becomes = (source.ip != packet.source.ip).then_some((packet.source.ip, source.ip));
        self.pass(|| (Decision::Forwards { instance: name(), becomes }, Some(&hop.modified)))?;
        let passed = Packet { carrier: hop, source };
        let found = self.lookup(passed, destination);
        self.fit_route(hop, found)?;
        if !self.is_answer() {
            let other = self.private_receiver(hop, found, destination);
            let protocol = self.traffic.protocol;
            let seen = Seen { direction: Direction::Egress, protocol, address: destination, other };
            self.ask_groups(hop, seen, None)?;
        }
        if !found.stays_in(self.cloud, &hop.subnet) {
            self.ask_acl(&hop.subnet, Direction::Egress, destination)?;
        }
        self.carry(passed, found, destination, toward)
    }

    /// Whether the packet comes to this instance for the first time from there with this source.
    pub(super) fn visit(&mut self, hop: &Instance, from: &SubnetName, source: Ipv4Addr) -> bool {
        self.visited.insert((hop.name.clone(), from.clone(), source))
    }

    /// The answer came to the instance whose address the packet had. Those that translated it pass it back, the last one
    /// first.
    pub(super) fn translate_back(&mut self, from: Ipv4Addr) -> Flow {
        while let Some((hop, source)) = self.translated.pop() {
            let place = self.place_of(hop);
            self.enter(|| place);
            self.pass(|| {
                let (instance, becomes) = (hop.name.clone(), Some((hop.ip, source.ip)));
                (Decision::Forwards { instance, becomes }, Some(&hop.modified))
            })?;
            let carrier = self.send_back(hop, source, from)?;
            if carrier.subnet != source.subnet {
                self.ask_acl(&source.subnet, Direction::Ingress, from)?;
            }
        }
        Flow::Continue(())
    }

    /// Sends an answer on from the host that passes it back. Where the table of its subnet has an entry for a part of the VPC, that
    /// entry leads, and may lead to the same host again. Returns who sent it last.
    fn send_back(&mut self, hop: &'a Instance, source: &'a Instance, from: Ipv4Addr) -> Flow<&'a Instance> {
        let route = route::lookup_passing(self.cloud, hop, source.ip);
        if !route.stays_in(self.cloud, &hop.subnet) {
            self.ask_acl(&hop.subnet, Direction::Egress, source.ip)?;
        }
        if !matches!(route, Route::Entry(..)) {
            return Flow::Continue(hop);
        }
        let toward = match self.mode {
            Mode::Lift => Toward::Vpc(source.subnet.vpc.clone()),
            Mode::Verdict | Mode::Record => Toward::Nowhere,
        };
        let answering = self.cloud.instance_at(&hop.subnet.vpc, from).unwrap_or(hop);
        let (_, sent) = self.carry(Packet { carrier: hop, source: answering }, route, source.ip, &toward)?;
        Flow::Continue(sent.carrier)
    }
}
