//! Predicts what happens to packets, from the Cloud alone and never from the Network or nftables, so that a
//! disagreement with a real ping is meaningful.
//!
//! [`predict`] returns a flow's result, [`trace`] its hops, [`explain`] every blocker and the operations that fix them,
//! and [`matrix`](matrix()) the results of all pairs of instances. For the reasons and their precedence, see
//! docs/explain.md.

#![forbid(unsafe_code)]

mod acls;
mod carry;
mod explain;
mod fix;
mod forward;
mod groups;
mod hop;
mod instead;
mod matrix;
mod messages;
mod nat;
mod path;
mod remedy;
mod route;
mod walk;

pub use explain::{Blocker, Change, Explanation, explain, left_behind, side_effects};
pub use hop::{Decision, Hop, Place, Step, Trace};
pub use matrix::{Class, Matrix, Members, matrix};
pub use messages::What;
pub use route::is_reserved;

use peerlab_cloud::{self as cloud, flow};
use peerlab_message as message;
use peerlab_message::{messages, msg, words};

use crate::cloud::Cloud;
use crate::flow::{Disposition, Endpoint, Traffic};
use path::walk;
use walk::Mode;

/// The result of a flow: the first drop on the path there, else the first on the path back, else reach; or
/// answered-by-another, if another instance has the address and answers.
///
/// As the destination, an [`Endpoint::Instance`] means its private address if the sender is an instance, and its public
/// one if it is the internet. A flow to an endpoint that does not exist ends in no-such-address.
pub fn predict(cloud: &Cloud, from: &Endpoint, to: &Endpoint, traffic: impl Into<Traffic>) -> Disposition {
    walk(cloud, from, to, traffic.into(), Mode::Verdict).disposition
}

/// The one that answers instead of the named receiver; `None` if the flow does not end in answered-by-another.
pub fn answerer(cloud: &Cloud, from: &Endpoint, to: &Endpoint, traffic: impl Into<Traffic>) -> Option<Endpoint> {
    let walk = walk(cloud, from, to, traffic.into(), Mode::Verdict);
    walk.receiver.filter(|_| walk.disposition == Disposition::ANSWERED_BY_ANOTHER)
}

/// The hops of a flow, up to its end.
pub fn trace(cloud: &Cloud, from: &Endpoint, to: &Endpoint, traffic: impl Into<Traffic>) -> Trace {
    let traffic = traffic.into();
    let walk = walk(cloud, from, to, traffic, Mode::Record);
    Trace {
        from: from.clone(),
        to: to.clone(),
        protocol: traffic.protocol,
        source_port: traffic.source_port,
        size: traffic.size,
        source: walk.source,
        destination: walk.destination,
        there: walk.there,
        back: walk.back,
        receiver: walk.receiver,
        received: walk.received,
        seen_from: walk.seen_from,
        disposition: walk.disposition,
    }
}

#[cfg(test)]
mod tests;
