//! The result: the object of `verify --json` (docs/lab-format.md §4).

use serde::Serialize;

use super::flows::Flows;
use super::pairs::Pairs;
use super::results::{CheckResult, CounterResult};
use super::sighting::Sighting;
use crate::cloud::{InstanceName, VpcName};
use crate::error::Source;
use crate::message::Message;
use crate::trace::Trace;

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The lab.
    pub lab: String,
    /// The summary.
    pub summary: Summary,
    /// The pinged pairs of instances, by name.
    pub pairs: Pairs,
    /// The checks, in the order of the file; those with `both_ways` count as two.
    pub checks: Vec<CheckResult>,
    /// The reasons for which the kernel's count of drops differs from the prediction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<CounterResult>,
    /// Up to [`EVIDENCE`] flows that were not as predicted, each with its hops and a packet sent alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement>,
    /// Changes made in the kernel by hand, if the caller looked for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<Message>,
    /// The instances' VPCs, by name.
    #[serde(skip)]
    pub(crate) places: Vec<Place>,
}

/// The number of disagreeing flows that are examined one by one; each takes another packet and its wait.
pub const EVIDENCE: usize = 5;

/// A flow that was not as predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The trace's prediction.
    pub trace: Trace,
    /// The result of one packet sent alone.
    pub sighting: Sighting,
    /// The text to which the trace's origins refer.
    pub(crate) source: Source,
}

/// The VPC of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) instance: InstanceName,
    pub(crate) vpc: VpcName,
}

/// The numbers of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The number of pinged pairs of instances.
    pub pairs: usize,
    /// The number of those that were as predicted.
    pub agree: usize,
    /// The number of those that were not.
    pub disagree: usize,
    /// The number of other disagreements: flows that only checks need, and counters.
    #[serde(skip_serializing_if = "is_zero")]
    pub others_disagree: usize,
    /// The number of checks that passed; one with `both_ways` counts as two.
    pub checks_passed: usize,
    /// The number of checks that failed.
    pub checks_failed: usize,
    /// The number of pairs that the pinged ones represent, if it is larger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_for: Option<usize>,
}

impl Report {
    /// Assembles the result; the first flows are the pairs.
    pub(super) fn new(
        lab: &str,
        flows: &Flows<'_>,
        checks: Vec<CheckResult>,
        counters: Vec<CounterResult>,
        disagreements: Vec<Disagreement>,
        places: Vec<Place>,
    ) -> Self {
        let pairs = &flows.pairs;
        let agree = pairs.iter().filter(|pair| flows.answered.agrees(pair)).count();
        let others_disagree = flows.others.iter().filter(|flow| flow.is_sent() && !flow.agrees()).count();
        let passed = checks.iter().filter(|check| check.passed).count();
        let all = pairs.iter().map(|pair| pair.stands_for as usize).sum();
        let summary = Summary {
            pairs: pairs.len(),
            agree,
            disagree: pairs.len() - agree,
            others_disagree: others_disagree + counters.len(),
            checks_passed: passed,
            checks_failed: checks.len() - passed,
            stands_for: (all != pairs.len()).then_some(all),
        };
        let (lab, pairs, drift) = (lab.into(), flows.pairs(), Vec::new());
        Report { lab, summary, pairs, checks, counters, disagreements, drift, places }
    }

    /// Whether a check failed or something was not as predicted.
    pub fn failed(&self) -> bool {
        self.summary.checks_failed > 0 || self.summary.wrong() > 0
    }
}

impl Summary {
    /// The number of all disagreements.
    pub fn wrong(&self) -> usize {
        self.disagree + self.others_disagree
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cloud::Bandwidth;
    use crate::flow::{Disposition, Endpoint, Protocol, Reason};
    use crate::lab::Expect;
    use crate::verify::{AnsweredBy, Observed, PairResult};

    fn endpoint(name: &str) -> Endpoint {
        Endpoint::Instance(name.parse().unwrap())
    }

    #[test]
    fn the_json_is_that_of_the_reference() {
        let dropped = Disposition::Drop { reason: Reason::NoRoute, on_return: true };
        let pair = |from: &str, to: &str, predicted, observed, rtt| PairResult {
            from: endpoint(from),
            to: endpoint(to),
            protocol: Protocol::Icmp,
            predicted,
            observed,
            answered_by: AnsweredBy::default(),
            rtt,
            stands_for: 1,
        };
        let report = Report {
            lab: "two".into(),
            summary: Summary { pairs: 2, agree: 2, checks_passed: 1, checks_failed: 1, ..Summary::default() },
            pairs: [
                pair("a", "b", Disposition::Reach, Observed::Reach, Some(Duration::from_nanos(61_550))),
                pair("b", "a", dropped, Observed::Drop, None),
            ]
            .into_iter()
            .collect(),
            checks: vec![
                CheckResult {
                    from: endpoint("b"),
                    to: Endpoint::Internet,
                    protocol: Protocol::Tcp(22),
                    source_port: None,
                    size: None,
                    expected: Expect::Drop(Some(dropped)),
                    predicted: dropped,
                    observed: Observed::Drop,
                    answered_by: AnsweredBy::default(),
                    passed: true,
                    line: 7,
                },
                CheckResult {
                    from: endpoint("a"),
                    to: Endpoint::Address([8, 8, 8, 8].into()),
                    protocol: Protocol::Icmp,
                    source_port: None,
                    size: None,
                    expected: Expect::Bandwidth(Bandwidth(2_000_000)),
                    predicted: Disposition::Reach,
                    observed: Observed::Bandwidth(Bandwidth(1_449_900)),
                    answered_by: AnsweredBy::default(),
                    passed: false,
                    line: 12,
                },
            ],
            counters: vec![],
            disagreements: vec![],
            drift: vec![],
            places: vec![],
        };
        let expected = serde_json::json!({
            "lab": "two",
            "summary": {"pairs": 2, "agree": 2, "disagree": 0, "checks_passed": 1, "checks_failed": 1},
            "pairs": [
                {"from": "a", "to": "b", "protocol": "icmp", "predicted": "reach", "observed": "reach", "rtt_ms": 0.061},
                {"from": "b", "to": "a", "protocol": "icmp", "predicted": "return:no-route", "observed": "drop",
                 "rtt_ms": null},
            ],
            "checks": [
                {"from": "b", "to": "internet", "protocol": "tcp/22", "expected": "return:no-route",
                 "predicted": "return:no-route", "observed": "drop", "passed": true, "line": 7},
                {"from": "a", "to": "8.8.8.8", "protocol": "icmp", "expected": "2 Mbit/s", "predicted": "reach",
                 "observed": "1.45 Mbit/s", "passed": false, "line": 12},
            ],
        });
        assert_eq!(serde_json::to_value(&report).unwrap(), expected);
        assert!(report.failed());
    }
}
