//! What becomes of a packet, read from the Cloud alone: never from the Network or nftables, so that a disagreement
//! with a real ping is a finding and not an echo.
//!
//! [`predict`] says how a flow ends, [`trace`] by which hops, [`explain`] every blocker and the operations that lift
//! them, and [`matrix`](matrix()) how every pair of instances ends. The reasons and their precedence: docs/explain.md.

mod carry;
mod explain;
mod fix;
mod groups;
mod hop;
mod matrix;
mod path;
mod remedy;
mod route;
mod walk;

pub use explain::{Blocker, Change, Explanation, explain, side_effects};
pub use hop::{Decision, Hop, Place, Step, Trace};
pub use matrix::{Class, Matrix, Members, matrix};
pub(crate) use route::is_reserved;

use crate::cloud::Cloud;
use crate::flow::{Disposition, Endpoint, Protocol};
use path::walk;
use walk::Mode;

/// How a flow ends: the first drop on the way there, else the first on the way back, else reach; where another than the
/// one that is named has the address and answers, answered-by-another.
///
/// An [`Endpoint::Instance`] as the destination means its private address where an instance asks, and its public one
/// where the internet does. An endpoint that does not exist is dropped as no-such-address.
pub fn predict(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> Disposition {
    walk(cloud, from, to, protocol, Mode::Verdict).disposition
}

/// Who answers in place of the one that is named; `None` where that is not how the flow ends.
pub fn answerer(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> Option<Endpoint> {
    let walk = walk(cloud, from, to, protocol, Mode::Verdict);
    walk.receiver.filter(|_| walk.disposition == Disposition::ANSWERED_BY_ANOTHER)
}

/// The hops of a flow, up to where it ends.
pub fn trace(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> Trace {
    let walk = walk(cloud, from, to, protocol, Mode::Record);
    Trace {
        from: from.clone(),
        to: to.clone(),
        protocol,
        source: walk.source,
        destination: walk.destination,
        there: walk.there,
        back: walk.back,
        receiver: walk.receiver,
        disposition: walk.disposition,
    }
}

#[cfg(test)]
mod tests;
