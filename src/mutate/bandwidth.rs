//! The bandwidth of a flow.

use crate::cloud::{Bandwidth, Cloud};
use crate::flow::{Endpoint, Protocol};
use crate::trace::{self, Place};

/// The bandwidth of the peerings on the path there; `None` if the flow does not reach, or no peering caps it.
pub(super) fn bandwidth(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> Option<Bandwidth> {
    let trace = trace::trace(cloud, from, to, protocol);
    let crossed = trace.there.iter().filter_map(|hop| match &hop.place {
        Place::Peering { near, .. } => cloud.peering(near)?.bandwidth, // that of both ends
        _ => None,
    });
    crossed.min().filter(|_| trace.disposition.reaches())
}
