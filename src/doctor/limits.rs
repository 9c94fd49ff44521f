//! Limits on the size of labs.

use nix::sys::resource::{Resource, getrlimit};

use super::{Area, Finding, State};
use crate::doctor::messages::Said;
use crate::kernel::room;
use crate::message::Message;
use crate::msg;

/// A limit below this many instances is reported as a notice; the largest shipped lab has about thirty.
const ENOUGH: u64 = 100;

/// Open files: two per instance while a lab is brought up (700 are too few for 400 instances, 900 are enough).
const FILES: u64 = 2;

/// Conntrack entries per instance, if some neighbours ping it.
const FLOWS: u64 = 16;

pub(super) fn look() -> Vec<Finding> {
    let files = getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(_, hard)| hard);
    let remedy = msg!(Said::RaiseHardLimitUlimitHn);
    let mut findings = vec![limit(msg!(Said::OpenFiles), files, FILES, remedy)];
    findings.extend(
        room::supplies().iter().map(|supply| limit(supply.what.clone(), supply.left, 1, supply.remedy.clone())),
    );
    findings.push(limit(
        msg!(Said::MemoryInKib),
        room::memory(),
        room::NAMESPACE,
        msg!(Said::FreeMemoryBuildSmallerLabs),
    ));
    // If connection tracking is not in use, its module and its limit do not exist yet.
    if let Some(flows) = room::number("/proc/sys/net/netfilter/nf_conntrack_max") {
        let remedy = msg!(Said::RaiseProcSysNetNetfilter);
        findings.push(limit(msg!(Said::TrackedFlows), Some(flows), FLOWS, remedy));
    }
    findings
}

/// A limit, and for how many instances it is enough.
fn limit(what: Message, there: Option<u64>, each: u64, remedy: Message) -> Finding {
    let finding = |state, found: Message| Finding::new(Area::Limits, what, state, found);
    let Some(there) = there else { return finding(State::Unknown, msg!(Said::KernelDoesNotTell)) };
    let instances = there / each;
    let enough = match instances {
        n if n >= 100_000 => Message::text(there),
        n => msg!(Said::EnoughForAboutInstances { there, n }),
    };
    match instances {
        0 => finding(State::Bad, Message::text(there)).means(msg!(Said::NoLabCanComeUp)).remedy(remedy),
        n if n < ENOUGH => finding(State::Notice, enough).means(msg!(Said::LargerLabsDoNotCome)).remedy(remedy),
        _ => finding(State::Good, enough),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_says_for_how_many_instances_it_is_enough() {
        let of = |there| limit(Message::text("open files"), there, 2, Message::text("raise it"));
        assert_eq!((of(Some(1)).state, of(None).state), (State::Bad, State::Unknown));
        let few = of(Some(100));
        assert_eq!((few.state, &*few.found.to_string()), (State::Notice, "100: enough for about 50 instances"));
        assert_eq!(few.remedy.unwrap(), "raise it");
        assert_eq!(of(Some(1024)).state, State::Good);
        assert_eq!(of(Some(u64::MAX)).found, *u64::MAX.to_string());
    }
}
