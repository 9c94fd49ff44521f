//! Limits on the size of labs.

use nix::sys::resource::{Resource, getrlimit};

use super::{Area, Finding, State, room};

/// A limit below this many instances is reported as a notice; the largest shipped lab has about thirty.
const ENOUGH: u64 = 100;

/// Open files: two per instance while a lab is brought up (700 are too few for 400 instances, 900 are enough).
const FILES: u64 = 2;

/// Conntrack entries per instance, if some neighbours ping it.
const FLOWS: u64 = 16;

pub(super) fn look() -> Vec<Finding> {
    let files = getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(_, hard)| hard);
    let remedy = "raise the hard limit (`ulimit -Hn`, LimitNOFILE=, nofile in limits.conf)";
    let mut findings = vec![limit("open files", files, FILES, remedy)];
    findings.extend(room::supplies().iter().map(|supply| limit(supply.what, supply.left, 1, supply.remedy)));
    findings.push(limit("memory in KiB", room::memory(), room::NAMESPACE, "free memory, or build smaller labs"));
    // If connection tracking is not in use, its module and its limit do not exist yet.
    if let Some(flows) = room::number("/proc/sys/net/netfilter/nf_conntrack_max") {
        let remedy = "raise /proc/sys/net/netfilter/nf_conntrack_max";
        findings.push(limit("tracked flows", Some(flows), FLOWS, remedy));
    }
    findings
}

/// A limit, and for how many instances it is enough.
fn limit(what: &str, there: Option<u64>, each: u64, remedy: &str) -> Finding {
    let finding = |state, found: String| Finding::new(Area::Limits, what, state, found);
    let Some(there) = there else { return finding(State::Unknown, "this kernel does not tell".into()) };
    let instances = there / each;
    let enough = match instances {
        n if n >= 100_000 => format!("{there}"),
        n => format!("{there}: enough for about {n} instances"),
    };
    match instances {
        0 => finding(State::Bad, format!("{there}")).means("no lab can be brought up").remedy(remedy),
        n if n < ENOUGH => finding(State::Notice, enough).means("larger labs do not come up").remedy(remedy),
        _ => finding(State::Good, enough),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_says_for_how_many_instances_it_is_enough() {
        let of = |there| limit("open files", there, 2, "raise it");
        assert_eq!((of(Some(1)).state, of(None).state), (State::Bad, State::Unknown));
        let few = of(Some(100));
        assert_eq!((few.state, few.found.as_str()), (State::Notice, "100: enough for about 50 instances"));
        assert_eq!(few.remedy.as_deref(), Some("raise it"));
        assert_eq!(of(Some(1024)).state, State::Good);
        assert_eq!(of(Some(u64::MAX)).found, u64::MAX.to_string());
    }
}
