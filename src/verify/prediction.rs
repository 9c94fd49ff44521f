//! Whether a check passes, by the prediction alone.

use super::goodput::{port, within};
use crate::cloud::{Bandwidth, Cloud};
use crate::flow::{Endpoint, Protocol};
use crate::lab::{Check, Expect};
use crate::trace::{self, Place};

/// Whether a check is predicted to pass.
pub fn holds(cloud: &Cloud, check: &Check) -> bool {
    let one_way = |from, to| match check.expect {
        Expect::Bandwidth(expected) => {
            let port = port(cloud, from, to, check.protocol);
            bandwidth(cloud, from, to, Protocol::Tcp(port)).is_some_and(|found| within(found, expected))
        }
        expect => expect.is_met_by(trace::predict(cloud, from, to, check.traffic())),
    };
    check.ways().all(|(from, to)| one_way(from, to))
}

/// The bandwidth of the peerings on the path there; `None` if the flow does not reach, or no peering caps it.
pub fn bandwidth(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> Option<Bandwidth> {
    let trace = trace::trace(cloud, from, to, protocol);
    let crossed = trace.there.iter().filter_map(|hop| match &hop.place {
        Place::Peering { near, .. } => cloud.peering(near)?.bandwidth, // that of both ends
        _ => None,
    });
    crossed.min().filter(|_| trace.disposition.reaches())
}
