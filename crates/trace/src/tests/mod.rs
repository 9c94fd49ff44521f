//! Small clouds, and the expected results of packets in them.

mod acls;
mod aws;
mod clouds;
mod dispositions;
mod forward;
mod nat;
mod random;
mod sizes;

pub(super) use clouds::{JD_PEERED, PEERED, build, empty, endpoint, flow, operation};

use crate::cloud::Cloud;

/// How a flow ends, as text.
pub(super) fn ends(cloud: &Cloud, text: &str) -> String {
    let (from, to, protocol) = flow(text);
    let disposition = super::predict(cloud, &from, &to, protocol);
    let trace = super::trace(cloud, &from, &to, protocol);
    assert_eq!(trace.disposition, disposition, "{text}: a trace ends as the prediction does");
    assert_eq!(trace.last_word().is_none(), disposition.reaches(), "{text}: a trace ends at what drops");
    disposition.to_string()
}
