//! A check that would miss what no check of the lab does.

use std::collections::BTreeSet;
use std::fmt;

use super::{Event, bandwidth};
use crate::cloud::{Bandwidth, Cloud, RuleProtocol};
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::trace;

/// As many instances as are asked about.
const MANY: usize = 24;

/// A check as its author would write it.
pub(super) struct Suggestion {
    from: Endpoint,
    to: Endpoint,
    protocol: Protocol,
    claim: Claim,
    /// After which step (from 1); `None`: of the finished lab.
    step: Option<usize>,
}

enum Claim {
    Ends(Disposition),
    Carries(Bandwidth),
}

impl Suggestion {
    /// The last place in a lab where a flow ends otherwise in the whole cloud than in the one without the part.
    pub(super) fn find(mut whole: Cloud, mut without: Cloud, rest: &[Event<'_>]) -> Option<Self> {
        let mut last = None;
        for event in rest {
            match event {
                Event::Operation(operation) => {
                    let _ = whole.apply(operation);
                    let _ = without.apply(operation);
                }
                Event::Refused(..) => {}
                Event::Checks(_, step) => last = difference(&whole, &without, *step).or(last),
            }
        }
        last
    }
}

fn difference(whole: &Cloud, without: &Cloud, step: Option<usize>) -> Option<Suggestion> {
    let names = whole.instances().take(MANY).map(|instance| Endpoint::Instance(instance.name.clone()));
    let ends: Vec<_> = names.chain([Endpoint::Internet]).collect();
    let pairs = || ends.iter().flat_map(|from| ends.iter().map(move |to| (from, to))).filter(|(from, to)| from != to);
    for protocol in protocols(whole) {
        for (from, to) in pairs() {
            let ends = trace::predict(whole, from, to, protocol);
            if ends != trace::predict(without, from, to, protocol) {
                let (from, to) = (from.clone(), to.clone());
                return Some(Suggestion { from, to, protocol, claim: Claim::Ends(ends), step });
            }
        }
    }
    let carries = |cloud, from, to| bandwidth(cloud, from, to, Protocol::Icmp);
    let slower = pairs().find_map(|(from, to)| {
        let bandwidth = carries(whole, from, to)?;
        (carries(without, from, to) != Some(bandwidth)).then(|| (from.clone(), to.clone(), bandwidth))
    });
    let (from, to, bandwidth) = slower?;
    Some(Suggestion { from, to, protocol: Protocol::Icmp, claim: Claim::Carries(bandwidth), step })
}

/// A ping, ssh, and one of each that a rule of a group speaks of.
fn protocols(cloud: &Cloud) -> BTreeSet<Protocol> {
    let rules = cloud.security_groups().flat_map(|group| &group.rules);
    let named = rules.filter_map(|rule| {
        let port = rule.ports.map(|ports| ports.low).filter(|port| *port != 0);
        match rule.protocol {
            RuleProtocol::Tcp => port.map(Protocol::Tcp),
            RuleProtocol::Udp => port.map(Protocol::Udp),
            _ => None,
        }
    });
    named.chain([Protocol::Icmp, Protocol::Tcp(22)]).collect()
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Suggestion { from, to, protocol, claim, step } = self;
        match step {
            Some(_) => f.write_str("[[step.check]]")?,
            None => f.write_str("[[check]]")?,
        }
        write!(f, " from = \"{from}\", to = \"{to}\"")?;
        if *protocol != Protocol::Icmp {
            write!(f, ", protocol = \"{protocol}\"")?;
        }
        match claim {
            Claim::Ends(Disposition::Reach) => f.write_str(", expect = \"reach\"")?,
            Claim::Ends(drop) => write!(f, ", expect = \"drop\", because = \"{drop}\"")?,
            Claim::Carries(bandwidth) => {
                let written = bandwidth.to_string().replace(' ', "").replace("/s", "");
                write!(f, ", bandwidth = \"{written}\"")?;
            }
        }
        match step {
            Some(step) => write!(f, " in step {step}"),
            None => Ok(()),
        }
    }
}
