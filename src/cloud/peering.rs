//! What every provider's peering is to a route and a packet: one end in one VPC, that carries traffic or does not.
//!
//! Providers have objects of their own for it ([`RouterInterface`](super::RouterInterface),
//! [`VpcPeering`](super::VpcPeering)); whatever lies downstream of the Cloud sees only this.

use std::fmt;
use std::time::Duration;

use super::vpc::overlap;
use super::{AccountName, Cloud, Code, Disjoint, Id, Origin, PeeringName, Refusal, Vpc, VpcName};

/// Bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bandwidth(pub u64);

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0;
        let text = match bits {
            _ if bits >= 1_000_000_000 && bits.is_multiple_of(1_000_000_000) => {
                format!("{} Gbit/s", bits / 1_000_000_000)
            }
            _ if bits >= 1_000_000 && bits.is_multiple_of(1_000_000) => format!("{} Mbit/s", bits / 1_000_000),
            _ if bits >= 1_000 && bits.is_multiple_of(1_000) => format!("{} kbit/s", bits / 1_000),
            _ => format!("{bits} bit/s"),
        };
        f.pad(&text)
    }
}

/// One VPC's end of a peering, derived from the provider's own object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// The end's name.
    pub name: PeeringName,
    /// The end's id.
    pub id: Id,
    /// Whose it is.
    pub account: AccountName,
    /// The VPC it is in.
    pub vpc: VpcName,
    /// The provider's word for its state.
    pub status: &'static str,
    /// The other end, once the two belong together (whether they carry traffic or not).
    pub far: Option<FarEnd>,
    /// Whether packets pass: both ends are there and in the state that carries traffic.
    pub carries: bool,
    /// The cap on each direction.
    pub bandwidth: Option<Bandwidth>,
    /// One way delay, added in each direction.
    pub latency: Option<Duration>,
    /// Where it was written.
    pub origin: Origin,
}

/// The other end of a peering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FarEnd {
    /// Its name.
    pub name: PeeringName,
    /// Its VPC.
    pub vpc: VpcName,
}

/// What a peering lacks to carry traffic: one thing that one account must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A router interface has no other end set.
    OppositeNotSet {
        /// The interface.
        interface: PeeringName,
        /// Who must set it.
        account: AccountName,
    },
    /// A router interface points at what is not there, or not its other end.
    WrongOpposite {
        /// The interface.
        interface: PeeringName,
        /// Who must set it anew.
        account: AccountName,
        /// What is wrong.
        why: String,
    },
    /// Both ends point at each other; nobody has connected them.
    NotConnected {
        /// The end that connects.
        initiator: PeeringName,
        /// Who must connect.
        account: AccountName,
    },
    /// A connected end is switched off.
    Deactivated {
        /// The end.
        interface: PeeringName,
        /// Who must activate it.
        account: AccountName,
    },
    /// The other end was deleted: this one cannot be bound again.
    OtherEndGone {
        /// The end that is left.
        interface: PeeringName,
        /// Who must delete it.
        account: AccountName,
    },
    /// The other side has no half.
    OtherHalf {
        /// The half that is there.
        half: PeeringName,
        /// The VPC that has none.
        vpc: VpcName,
        /// The VPC that it must be toward.
        peer: VpcName,
        /// Who must create it, where the VPC is still there.
        account: Option<AccountName>,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::OppositeNotSet { interface, account } => {
                write!(f, "{interface} has no other end set: account {account} must say which it is")
            }
            Missing::WrongOpposite { interface, account, why } => {
                write!(f, "{why}: account {account} must set the other end of {interface}")
            }
            Missing::NotConnected { initiator, account } => {
                write!(f, "it is not connected: account {account} must connect {initiator}")
            }
            Missing::Deactivated { interface, account } => {
                write!(f, "{interface} is deactivated: account {account} must activate it")
            }
            Missing::OtherEndGone { interface, account } => {
                write!(f, "the other end is deleted: account {account} must delete {interface} and build the pair anew")
            }
            Missing::OtherHalf { half, vpc, peer, account: Some(account) } => {
                write!(f, "{half} has no other half: account {account} must create it, from {vpc} to {peer}")
            }
            Missing::OtherHalf { half, vpc, account: None, .. } => {
                write!(f, "{half} has no other half, and VPC {vpc} is deleted")
            }
        }
    }
}

impl Cloud {
    /// What an end of a peering lacks to carry traffic; nothing where it does, or where there is no such end.
    pub fn missing(&self, name: &PeeringName) -> Vec<Missing> {
        match (self.router_interfaces.get(name), self.vpc_peerings.get(name)) {
            (Some(interface), _) => self.missing_of_interface(interface),
            (None, Some(half)) => self.missing_of_half(half),
            (None, None) => Vec::new(),
        }
    }

    /// As many ends as the provider allows a VPC (docs/cloud.md §1, §2).
    pub(super) fn check_peering_quota(&self, vpc: &Vpc, argument: &'static str) -> Result<(), Refusal> {
        let most = self.provider.peerings_per_vpc;
        let names = &self.contents[&vpc.name].peerings;
        if names.len() < most {
            return Ok(());
        }
        let all: Vec<_> = names.iter().map(PeeringName::as_str).collect();
        let message = format!("VPC {} has {most} peerings, as many as it can: {}", vpc.name, all.join(", "));
        Err(Refusal::new(Code::QUOTA_EXCEEDED, message, "delete one that is not needed").at(argument))
    }

    /// Whether two VPCs can be joined as far as their addresses go (docs/cloud.md §3): warnings, or a refusal.
    pub(super) fn check_disjoint(&self, a: &Vpc, b: &Vpc) -> Result<Vec<String>, Refusal> {
        if !overlap(a.cidr, b.cidr) {
            return Ok(Vec::new());
        }
        let vpcs = format!("VPC {} ({}) overlaps VPC {} ({})", a.name, a.cidr, b.name, b.cidr);
        let hint = "build one of them anew with another block: no route can tell the two apart";
        if self.provider.disjoint == Disjoint::WholeVpcs {
            return Err(Refusal::new(Code::INVALID_CIDR, vpcs, hint));
        }
        for own in self.subnets_of(&a.name) {
            if let Some(theirs) = self.subnets_of(&b.name).find(|theirs| overlap(own.cidr, theirs.cidr)) {
                let message =
                    format!("subnet {} ({}) overlaps subnet {} ({})", own.name, own.cidr, theirs.name, theirs.cidr);
                return Err(Refusal::new(Code::INVALID_CIDR, message, hint));
            }
        }
        Ok(vec![format!("{vpcs}: route by the subnets' blocks, not the VPCs'")])
    }
}
