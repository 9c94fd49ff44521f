//! Expected × predicted × observed: every ordered pair of instances is pinged, every check's packets are sent, and the
//! kernel's counters are held against the reasons that were predicted.
#![allow(clippy::disallowed_methods)]

mod counters;
pub(crate) mod goodput;
mod prober;
mod report;
mod selection;
mod sighting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::cloud::Cloud;
use crate::error::{Errors, Source};
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::lab::{Check, Expect};
use crate::probe::{self, Observation, Probe};
use crate::trace;

use prober::Prober;
pub(crate) use report::Place;
pub use report::{CheckResult, CounterResult, Disagreement, EVIDENCE, Observed, PairResult, Report, Summary};
pub use sighting::{Moved, Sighting, sight};

/// How thorough it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Really ping every pair, also where there are more than 100,000 of them.
    pub full: bool,
}

/// A flow that was asked about, with what came of it.
#[derive(Clone, Debug)]
struct Flow {
    from: Endpoint,
    to: Endpoint,
    protocol: Protocol,
    predicted: Disposition,
    /// How many pairs of instances it speaks for; 0 where only a check asks.
    stands_for: usize,
    /// `None`: there is nobody to send it, or no address to send it to.
    probe: Option<Probe>,
    seen: Observation,
}

impl Flow {
    fn agrees(&self) -> bool {
        self.predicted.reaches() == self.seen.reached
    }

    fn observed(&self) -> Observed {
        if self.seen.reached { Observed::Reach } else { Observed::Drop }
    }
}

/// Verifies a lab that is up and in the state of `cloud`: which pairs and checks are as predicted and as expected.
///
/// `source` is the text that the checks' spans point into.
pub fn verify(lab: &str, cloud: &Cloud, checks: &[Check], source: &Source, options: Options) -> Result<Report, Errors> {
    let prober = Prober::new(cloud);
    let mut flows = pairs(cloud, &prober, options);
    let claims = claims(checks);
    let asked = ask(cloud, &prober, &claims, &mut flows);

    let before = counters::read(lab, cloud)?;
    observe(lab, &mut flows)?;
    let counters = counters::hold(lab, cloud, &before, &flows)?;

    let disagreements = disagreements(lab, cloud, source, &flows, &counters)?;

    let mut results = Vec::with_capacity(claims.len());
    for (claim, flow) in claims.iter().zip(asked) {
        let line = source.line(claim.check.span.start);
        results.push(match claim.check.expect {
            Expect::Bandwidth(bandwidth) => goodput::hold(lab, &prober, claim, bandwidth, line)?,
            expect => judge(claim, expect, &flows[flow], &counters, line),
        });
    }
    let places = cloud.instances().map(|it| Place { instance: it.name.clone(), vpc: it.subnet.vpc.clone() }).collect();
    Ok(Report::new(lab, &flows, results, counters, disagreements, places))
}

/// The probe for a flow: from where, to which address, with a listener where it should arrive. `None` where an
/// instance that it names does not exist.
pub fn probe(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> Option<Probe> {
    Prober::new(cloud).probe(from, to, protocol, trace::predict(cloud, from, to, protocol))
}

/// A check, in one of its directions.
struct Claim<'a> {
    check: &'a Check,
    from: Endpoint,
    to: Endpoint,
}

/// The checks, those that hold both ways as two.
fn claims(checks: &[Check]) -> Vec<Claim<'_>> {
    let mut claims = Vec::with_capacity(checks.len());
    for check in checks {
        let Check { from, to, both_ways, .. } = check;
        claims.push(Claim { check, from: from.clone(), to: to.clone() });
        if *both_ways {
            claims.push(Claim { check, from: to.clone(), to: from.clone() });
        }
    }
    claims
}

/// A ping for every ordered pair of instances, or for those that stand for all of them.
fn pairs(cloud: &Cloud, prober: &Prober<'_>, options: Options) -> Vec<Flow> {
    let matrix = trace::matrix(cloud, Protocol::Icmp);
    let endpoint = |index: usize| Endpoint::Instance(matrix.instances()[index].clone());
    let flow = |selection::Selected { from, to, stands_for }| {
        let (predicted, from, to) = (matrix.at(from, to), endpoint(from), endpoint(to));
        let probe = prober.probe(&from, &to, Protocol::Icmp, predicted);
        Flow { from, to, protocol: Protocol::Icmp, predicted, stands_for, probe, seen: Observation::default() }
    };
    selection::select(&matrix, options.full).into_iter().map(flow).collect()
}

/// Adds the flows that only checks ask about. For each claim, the place of its flow.
fn ask(cloud: &Cloud, prober: &Prober<'_>, claims: &[Claim<'_>], flows: &mut Vec<Flow>) -> Vec<usize> {
    let key = |flow: &Flow| (flow.from.clone(), flow.to.clone(), flow.protocol);
    let mut places: BTreeMap<_, _> = flows.iter().map(key).zip(0..).collect();
    let mut add = |claim: &Claim<'_>| {
        let Claim { from, to, check } = claim;
        *places.entry((from.clone(), to.clone(), check.protocol)).or_insert_with(|| {
            let predicted = trace::predict(cloud, from, to, check.protocol);
            // A bandwidth is measured by a flow of its own.
            let probe = match check.expect {
                Expect::Bandwidth(_) => None,
                _ => prober.probe(from, to, check.protocol, predicted),
            };
            let (from, to, protocol) = (from.clone(), to.clone(), check.protocol);
            flows.push(Flow { from, to, protocol, predicted, stands_for: 0, probe, seen: Observation::default() });
            flows.len() - 1
        })
    };
    claims.iter().map(&mut add).collect()
}

/// Sends everything at once.
fn observe(lab: &str, flows: &mut [Flow]) -> Result<(), Errors> {
    let probes: Vec<_> = flows.iter().filter_map(|flow| flow.probe.clone()).collect();
    let seen = probe::run(lab, &probes, probe::TIMEOUT)?;
    for (flow, seen) in flows.iter_mut().filter(|flow| flow.probe.is_some()).zip(seen) {
        flow.seen = seen;
    }
    Ok(())
}

/// Of what did not come out as predicted, the first flows, each with its trace and a packet of it sent alone: those that
/// reached or did not, against the prediction, and for each reason with too few drops one that is to blame.
fn disagreements(
    lab: &str,
    cloud: &Cloud,
    source: &Source,
    flows: &[Flow],
    counters: &[CounterResult],
) -> Result<Vec<Disagreement>, Errors> {
    let mut wrong: Vec<_> = flows.iter().filter(|flow| flow.probe.is_some() && !flow.agrees()).cloned().collect();
    wrong.truncate(EVIDENCE);
    for it in counters.iter().filter(|it| it.counted < it.predicted).take(EVIDENCE - wrong.len()) {
        wrong.extend(counters::culprit(lab, cloud, it.reason, flows)?);
    }
    let look = |Flow { from, to, protocol, .. }: &Flow| {
        Ok(Disagreement {
            trace: trace::trace(cloud, from, to, *protocol),
            sighting: sight(lab, cloud, from, to, *protocol)?,
            source: source.clone(),
        })
    };
    wrong.iter().map(look).collect()
}

/// Whether a check holds. A reason is the predicted one of a packet that was dropped, unless the kernel counted fewer
/// drops for that reason than were predicted.
fn judge(claim: &Claim<'_>, expect: Expect, flow: &Flow, counters: &[CounterResult], line: usize) -> CheckResult {
    let vouched = |reason| !counters.iter().any(|it| Some(it.reason) == reason && it.counted < it.predicted);
    let passed = match expect {
        Expect::Reach => flow.seen.reached,
        Expect::Drop(None) => !flow.seen.reached,
        Expect::Drop(Some(because)) => {
            !flow.seen.reached && flow.predicted == because && vouched(counters::reason(because))
        }
        Expect::Bandwidth(_) => false,
    };
    CheckResult {
        from: flow.from.clone(),
        to: flow.to.clone(),
        protocol: claim.check.protocol,
        expected: expect,
        predicted: flow.predicted,
        observed: flow.observed(),
        passed,
        line,
    }
}
