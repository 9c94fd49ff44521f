//! A walk: how far it goes, what stops it, and what it records.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::ControlFlow;

use super::hop::{Decision, Hop, Place, Step};
use crate::cloud::{
    Cloud, Direction, Instance, InstanceName, NatGateway, NatGatewayName, NetworkAclName, Origin, PeeringName,
    SubnetName, VpcName,
};
use crate::flow::{Disposition, Endpoint, Protocol, Reason, Traffic};

/// How far a walk goes, and what it records.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// To the first drop, without a record.
    Verdict,
    /// To the first drop, with every hop.
    Record,
    /// Past every drop, as if it were fixed, with every hop and every drop.
    Lift,
}

/// A walk and its result.
pub(super) struct Walk<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) traffic: Traffic,
    pub(super) mode: Mode,
    on_return: bool,
    pub(super) there: Vec<Hop>,
    pub(super) back: Vec<Hop>,
    pub(super) blocks: Vec<Block>,
    pub(super) source: Option<Ipv4Addr>,
    pub(super) destination: Option<Ipv4Addr>,
    pub(super) receiver: Option<Endpoint>,
    pub(super) disposition: Disposition,
    /// The instances that passed the packet on, with the subnet it came from and its source; anew for the answer.
    pub(super) visited: BTreeSet<(InstanceName, SubnetName, Ipv4Addr)>,
    /// Whether the answer is for the internet.
    pub(super) outside: bool,
    /// The instances that put their own address on the packet, each with the one whose address it had.
    pub(super) translated: Vec<(&'a Instance, &'a Instance)>,
    /// The NAT gateway that led the packet in, with what was asked of its public address.
    pub(super) came_by: Option<(&'a NatGateway, Protocol)>,
    /// What arrives at the receiver: a NAT gateway may change the port.
    pub(super) received: Protocol,
    /// The address by which the internet knows the sender.
    pub(super) seen_from: Option<Ipv4Addr>,
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
    /// The packet as it was there: a NAT gateway may have changed its port.
    pub(super) traffic: Traffic,
}

/// The change that fixes a drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The groups of an instance, for packets from or to an address.
    Groups { instance: InstanceName, direction: Direction, address: Ipv4Addr },
    /// The network ACL of a subnet, for packets from or to an address there, and to a port.
    Acl { acl: NetworkAclName, direction: Direction, address: Ipv4Addr, answer: bool },
    /// The table that serves a subnet, for packets of a sender there to an address elsewhere.
    Route { subnet: SubnetName, sender: Ipv4Addr, address: Ipv4Addr, toward: Toward },
    /// The peering by which the table leads, or would lead, correctly: its state, or its absence.
    Peering { end: Option<PeeringName>, subnet: SubnetName, sender: Ipv4Addr, address: Ipv4Addr, peer: VpcName },
    /// An instance is stopped.
    Stopped { instance: InstanceName },
    /// An instance does not forward.
    Forwards { instance: InstanceName },
    /// A VPC has no gateway to the internet.
    Gateway { vpc: VpcName },
    /// A NAT gateway does not translate a source.
    Snat { nat: NatGatewayName, subnet: SubnetName, address: Ipv4Addr },
    /// A NAT gateway leads a port of its public address nowhere.
    Dnat { nat: NatGatewayName, packet: Protocol },
    /// An answer does not go back by the NAT gateway that led the packet in.
    Back { nat: NatGatewayName, subnet: SubnetName, sender: Ipv4Addr, address: Ipv4Addr },
    /// An instance has no public address.
    PublicIp { instance: InstanceName },
    /// An instance passes on to the internet what another sent, with that one's address.
    PassedOn { by: InstanceName },
    /// The address is local to the VPC, but meant in another; `None`: on the internet.
    Overlap { vpc: VpcName, meant: Option<VpcName>, address: Ipv4Addr },
    /// The packet is too big for a link on its way.
    Size { mtu: u16 },
    /// Nothing has the address anywhere.
    Nobody { address: Ipv4Addr },
    /// The instance does not exist.
    NoInstance { name: InstanceName },
}

impl Cause {
    /// Whether one change fixes both: the two ends of a peering are one peering.
    pub(super) fn is(&self, other: &Cause) -> bool {
        match (self, other) {
            (Cause::Peering { subnet: a, peer: b, .. }, Cause::Peering { subnet: c, peer: d, .. }) => {
                (&a.vpc, b) == (&c.vpc, d) || (&a.vpc, b) == (d, &c.vpc)
            }
            // The smallest link decides what can be sent.
            (Cause::Size { .. }, Cause::Size { .. }) => true,
            _ => self == other,
        }
    }
}

/// Where a packet should go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Toward {
    Vpc(VpcName),
    Internet,
    /// Unknown: the address does not exist.
    Nowhere,
}

pub(super) type Flow<T = ()> = ControlFlow<(), T>;

impl<'a> Walk<'a> {
    pub(super) fn new(cloud: &'a Cloud, traffic: Traffic, mode: Mode) -> Self {
        Walk {
            cloud,
            traffic,
            mode,
            on_return: false,
            there: Vec::new(),
            back: Vec::new(),
            blocks: Vec::new(),
            source: None,
            destination: None,
            receiver: None,
            disposition: Disposition::Reach,
            visited: BTreeSet::new(),
            outside: false,
            translated: Vec::new(),
            came_by: None,
            received: traffic.protocol,
            seen_from: None,
        }
    }

    fn hops(&mut self) -> &mut Vec<Hop> {
        if self.on_return { &mut self.back } else { &mut self.there }
    }

    /// Whether the packet is the answer.
    pub(super) fn is_answer(&self) -> bool {
        self.on_return
    }

    pub(super) fn turn(&mut self) {
        self.on_return = true;
        self.visited.clear();
    }

    pub(super) fn enter(&mut self, place: impl FnOnce() -> Place) {
        if self.mode == Mode::Verdict {
            return;
        }
        let place = place();
        if self.hops().last().is_none_or(|hop| hop.place != place) {
            self.hops().push(Hop { place, steps: Vec::new() });
        }
    }

    pub(super) fn push(&mut self, step: Step) {
        let hop = self.hops().last_mut().expect("a place is entered before anything is decided there");
        hop.steps.push(step);
    }

    pub(super) fn pass<'o>(&mut self, say: impl FnOnce() -> (Decision, Option<&'o Origin>)) -> Flow {
        if self.mode != Mode::Verdict {
            let (decision, origin) = say();
            self.push(Step { decision, drop: None, origin: origin.cloned() });
        }
        Flow::Continue(())
    }

    pub(super) fn block<'o>(
        &mut self,
        reason: Reason,
        say: impl FnOnce() -> (Decision, Option<&'o Origin>, Cause),
    ) -> Flow {
        self.block_at(reason, || {
            let (decision, origin, cause) = say();
            (decision, origin.cloned(), cause)
        })
    }

    /// The next link's MTU, which a packet that must not be fragmented may exceed.
    pub(super) fn fit(&mut self, mtu: u16, origin: Option<&Origin>) -> Flow {
        match self.traffic.size {
            Some(size) if self.traffic.is_too_big(mtu, self.on_return) => {
                self.block(Reason::TooBig, || (Decision::TooBig { size, mtu }, origin, Cause::Size { mtu }))
            }
            _ => Flow::Continue(()),
        }
    }

    /// The packet ends here; a lifted walk continues.
    pub(super) fn block_at(&mut self, reason: Reason, say: impl FnOnce() -> (Decision, Option<Origin>, Cause)) -> Flow {
        let on_return = self.on_return;
        if self.disposition.reaches() {
            self.disposition = Disposition::Drop { reason, on_return };
        }
        if self.mode == Mode::Verdict {
            return Flow::Break(());
        }
        let (decision, origin, cause) = say();
        self.push(Step { decision: decision.clone(), drop: Some(reason), origin: origin.clone() });
        let place = self.hops().last().map(|hop| hop.place.clone()).unwrap_or(Place::Internet);
        let traffic = self.traffic;
        self.meet(Block { reason, on_return, place, decision, origin, cause, traffic });
        if self.mode == Mode::Lift { Flow::Continue(()) } else { Flow::Break(()) }
    }

    /// Keeps one block per cause.
    pub(super) fn meet(&mut self, block: Block) {
        let cause = &block.cause;
        if let Some(known) = self.blocks.iter_mut().find(|known| known.cause.is(cause))
            && let (Cause::Size { mtu: known }, Cause::Size { mtu }) = (&mut known.cause, cause)
        {
            *known = (*known).min(*mtu);
        }
        if !self.blocks.iter().any(|other| other.cause.is(&block.cause)) {
            self.blocks.push(block);
        }
    }
}
