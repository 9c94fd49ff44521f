//! Compares expected, predicted and observed: pings every ordered pair of instances, sends every check's packets, and
//! compares the kernel's counters with the predicted reasons.
#![allow(clippy::disallowed_methods)]

mod account;
mod claim;
mod counters;
mod ends;
mod flows;
mod goodput;
mod messages;
mod outcome;
mod pairs;
mod prediction;
mod prober;
mod report;
mod results;
mod selection;
mod sighting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::cloud::Cloud;
use crate::error::{Errors, Source};
use crate::flow::{Disposition, Protocol};
use crate::lab::{Check, Expect};
use crate::progress::Watched;
use crate::target;
use crate::trace;

use claim::{Claim, claims};
pub use ends::Answerer;
use flows::{Flow, Flows};
pub use outcome::{AnsweredBy, Observed, foretold};
pub use pairs::Pairs;
pub use prediction::{bandwidth, holds};
use prober::Prober;
pub(crate) use prober::answerer;
pub use prober::{probe, probes};
pub(crate) use report::Place;
pub use report::{Disagreement, EVIDENCE, Report, Summary};
pub(crate) use results::expected;
pub use results::{CheckResult, CounterResult, PairResult};
pub use sighting::{Moved, Sighting, sight};

/// Options of a verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Ping every pair, even if there are more than 100,000.
    pub full: bool,
}

/// Verifies a running lab in the state of `cloud`: whether pairs are as predicted and checks pass.
///
/// `source` is the text to which the checks' spans refer.
pub fn verify<'a>(
    lab: impl Into<Watched<'a>>,
    cloud: &Cloud,
    checks: &[Check],
    source: &Source,
    options: Options,
) -> Result<Report, Errors> {
    let Watched { lab, progress } = lab.into();
    let prober = Prober::new(cloud);
    let matrix = trace::matrix(cloud, Protocol::Icmp);
    let mut flows = Flows::of(lab, &prober, &matrix, selection::select(&matrix, options.full));
    let claims = claims(checks);
    let asked = ask(lab, cloud, &prober, &claims, &mut flows);

    let before = counters::read(lab, cloud)?;
    flows.observe(lab, before.as_ref(), progress)?;
    let counters = match &before {
        Some(before) => account::hold(lab, cloud, before, &flows, progress)?,
        None => Vec::new(),
    };

    let disagreements = disagreements(lab, cloud, source, &flows, &counters)?;

    let mut results = Vec::with_capacity(claims.len());
    for (claim, flow) in claims.iter().zip(asked) {
        let line = source.line(claim.check.span.start);
        results.push(match claim.check.expect {
            Expect::Bandwidth(bandwidth) => goodput::hold(lab, &prober, claim, bandwidth, line)?,
            expect => judge(claim, expect, &flows.at(flow), &counters, line),
        });
    }
    let places = cloud.instances().map(|it| Place { instance: it.name.clone(), vpc: it.subnet.vpc.clone() }).collect();
    Ok(Report::new(lab, &flows, results, counters, disagreements, places))
}

/// Adds the flows that only checks need. Returns the index of each claim's flow.
fn ask(lab: &str, cloud: &Cloud, prober: &Prober<'_>, claims: &[Claim<'_>], flows: &mut Flows<'_>) -> Vec<usize> {
    let mut places = BTreeMap::new();
    let mut add = |claim: &Claim<'_>| {
        let Claim { from, to, check } = claim;
        let traffic = check.traffic();
        if let (Some(pair), true) = (flows.pair(from, to), traffic == Protocol::Icmp.into()) {
            return pair;
        }
        *places.entry((from.clone(), to.clone(), traffic)).or_insert_with(|| {
            let predicted = trace::predict(cloud, from, to, traffic);
            // A bandwidth is measured with a separate flow.
            let probe = match check.expect {
                Expect::Bandwidth(_) => None,
                _ => prober
                    .probe(from, to, traffic, predicted)
                    .filter(|probe| target::of(lab).is_there(lab, &probe.from)),
            };
            let answered_by = AnsweredBy::predicted(answerer(cloud, from, to, traffic, predicted));
            let (from, to) = (from.clone(), to.clone());
            let observed = Observed::Drop;
            let unsent = false;
            flows.others.push(Flow { from, to, traffic, predicted, pair: false, probe, observed, answered_by, unsent });
            flows.len() - 1
        })
    };
    claims.iter().map(&mut add).collect()
}

/// The first flows that were not as predicted, each with its trace and the result of a packet sent alone: flows that
/// contradict the prediction, and for each reason with too few drops one responsible flow.
fn disagreements(
    lab: &str,
    cloud: &Cloud,
    source: &Source,
    flows: &Flows<'_>,
    counters: &[CounterResult],
) -> Result<Vec<Disagreement>, Errors> {
    let mut wrong: Vec<_> = flows.iter().filter(|flow| flow.is_sent() && !flow.agrees()).take(EVIDENCE).collect();
    for it in counters.iter().filter(|it| it.is_too_few()).take(EVIDENCE - wrong.len()) {
        wrong.extend(account::culprit(lab, cloud, it.reason, flows)?);
    }
    let look = |Flow { from, to, traffic, .. }: &Flow| {
        Ok(Disagreement {
            trace: trace::trace(cloud, from, to, *traffic),
            sighting: sight(lab, cloud, from, to, *traffic)?,
            source: source.clone(),
        })
    };
    wrong.iter().map(look).collect()
}

/// Whether a check passes. The reason of a dropped packet is the predicted one, unless the kernel counted fewer drops
/// for that reason than predicted. A check of an instance that does not exist never passes.
fn judge(claim: &Claim<'_>, expect: Expect, flow: &Flow, counters: &[CounterResult], line: usize) -> CheckResult {
    let vouched = |reason| !counters.iter().any(|it| Some(it.reason) == reason && it.is_too_few());
    let passed = match expect {
        Expect::Reach => flow.observed == Observed::Reach,
        Expect::Drop(None) => flow.observed != Observed::Reach,
        Expect::Drop(Some(Disposition::ANSWERED_BY_ANOTHER)) => flow.observed == Observed::AnsweredByAnother,
        Expect::Drop(Some(because)) => {
            flow.observed == Observed::Drop && flow.predicted == because && vouched(counters::reason(because))
        }
        Expect::Bandwidth(_) => false,
    };
    CheckResult {
        from: flow.from.clone(),
        to: flow.to.clone(),
        protocol: claim.check.protocol,
        source_port: claim.check.source_port,
        size: claim.check.size,
        expected: expect,
        predicted: flow.predicted,
        observed: flow.observed,
        answered_by: flow.answered_by.clone(),
        passed: passed && flow.is_sent(),
        line,
    }
}
