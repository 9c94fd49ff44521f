//! Real packets that requests ask for.

use peerlab_api::Flow;

use super::rights::Rights;
use crate::cloud::Cloud;
use crate::probe::{self, Batch};
use crate::progress::Unwatched;
use crate::verify::Observed;
use crate::{target, verify};

/// Sends a packet of a lab, on a thread with the server's rights, and says whether the named receiver answered it. `None`: it could
/// not be sent.
pub(super) fn is_answered(rights: &Rights, lab: &str, cloud: &Cloud, flow: &Flow) -> Option<bool> {
    let probe = verify::probe(cloud, &flow.from, &flow.to, flow.protocol)?;
    let (lab, sent) = (lab.to_owned(), probe.clone());
    let batch = Batch { probes: vec![sent], ..Batch::default() };
    let run = move || target::of(&lab).send(&lab, batch, &probe::uncounted, &Unwatched).ok();
    // Others wait for the thread with the rights, but not for the answer.
    let sender = rights.spawn(run)?;
    let seen = sender.join().ok().flatten()?;
    let (observed, _) = Observed::of(cloud, &flow.to, &probe, seen.seen.first()?);
    Some(observed == Observed::Reach)
}
