//! What every provider's peering is to a route and a packet: one end in one VPC, that carries traffic or does not.
//!
//! Providers have objects of their own for it ([`RouterInterface`](super::RouterInterface),
//! [`VpcPeering`](super::VpcPeering)); whatever lies downstream of the Cloud sees only this.

use std::fmt;
use std::time::Duration;

use super::{AccountName, Id, Origin, PeeringName, VpcName};

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
