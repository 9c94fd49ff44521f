//! How a pair, a check and a counter came out.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::outcome::{AnsweredBy, Observed};
use crate::flow::{Disposition, Endpoint, Protocol, Reason};
use crate::lab::Expect;

/// A pair of instances, or of classes of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairResult {
    /// The sender.
    #[serde(serialize_with = "text")]
    pub from: Endpoint,
    /// The receiver.
    #[serde(serialize_with = "text")]
    pub to: Endpoint,
    /// What was sent.
    #[serde(serialize_with = "text")]
    pub protocol: Protocol,
    /// What the trace says.
    #[serde(serialize_with = "text")]
    pub predicted: Disposition,
    /// What the packets say.
    #[serde(serialize_with = "text")]
    pub observed: Observed,
    /// Who answers in the receiver's place.
    #[serde(flatten)]
    pub answered_by: AnsweredBy,
    /// The round trip, in milliseconds.
    #[serde(rename = "rtt_ms", serialize_with = "milliseconds")]
    pub rtt: Option<Duration>,
    /// How many pairs, this one included, this one stands for.
    #[serde(skip_serializing_if = "is_one")]
    pub stands_for: usize,
}

impl PairResult {
    /// Whether it came out as predicted.
    pub fn agrees(&self) -> bool {
        self.observed.agrees(self.predicted, &self.answered_by)
    }
}

/// A check, in one direction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckResult {
    /// The sender.
    #[serde(serialize_with = "text")]
    pub from: Endpoint,
    /// The receiver.
    #[serde(serialize_with = "text")]
    pub to: Endpoint,
    /// What was sent.
    #[serde(serialize_with = "text")]
    pub protocol: Protocol,
    /// What the lab says.
    #[serde(serialize_with = "text")]
    pub expected: Expect,
    /// What the trace says.
    #[serde(serialize_with = "text")]
    pub predicted: Disposition,
    /// What the packets say.
    #[serde(serialize_with = "text")]
    pub observed: Observed,
    /// Who answers in the receiver's place.
    #[serde(flatten)]
    pub answered_by: AnsweredBy,
    /// Whether it holds.
    pub passed: bool,
    /// Where it is written.
    pub line: usize,
}

/// The drops for a reason, in the whole lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CounterResult {
    /// The reason.
    #[serde(serialize_with = "text")]
    pub reason: Reason,
    /// How many packets of the verification should have been dropped for it.
    pub predicted: u64,
    /// By how much the kernel's counters for it rose.
    pub counted: u64,
}

impl CheckResult {
    /// Whether the packets did as predicted. (Bandwidth is not predicted.)
    pub fn agrees(&self) -> bool {
        self.observed.agrees(self.predicted, &self.answered_by)
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expect::Reach => f.pad("reach"),
            Expect::Drop(None) => f.pad("drop"),
            Expect::Drop(Some(because)) => because.fmt(f),
            Expect::Bandwidth(bandwidth) => bandwidth.fmt(f),
        }
    }
}

pub(super) fn text<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(super) fn milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    // To the microsecond: below that is the scheduler's mood.
    time.map(|time| time.as_micros() as f64 / 1000.0).serialize(serializer)
}

fn is_one(number: &usize) -> bool {
    *number == 1
}
