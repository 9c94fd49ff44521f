//! How a pair, a check and a counter came out.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::messages::Said;
use super::outcome::{AnsweredBy, Observed};
use crate::flow::{Disposition, Endpoint, Protocol, Reason, Traffic};
use crate::lab::Expect;
use crate::message::Message;

/// The result of a pair of instances, which may represent a class of pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairResult {
    /// The sender.
    #[serde(serialize_with = "text")]
    pub from: Endpoint,
    /// The receiver.
    #[serde(serialize_with = "text")]
    pub to: Endpoint,
    /// The protocol.
    #[serde(serialize_with = "text")]
    pub protocol: Protocol,
    /// The trace's prediction.
    #[serde(serialize_with = "text")]
    pub predicted: Disposition,
    /// The observed result.
    #[serde(serialize_with = "text")]
    pub observed: Observed,
    /// The one that answers instead of the receiver.
    #[serde(flatten)]
    pub answered_by: AnsweredBy,
    /// The round trip, in milliseconds.
    #[serde(rename = "rtt_ms", serialize_with = "milliseconds")]
    pub rtt: Option<Duration>,
    /// The number of pairs that it represents, including itself.
    #[serde(skip_serializing_if = "is_one")]
    pub stands_for: usize,
}

impl PairResult {
    /// Whether it was as predicted.
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
    /// The protocol.
    #[serde(serialize_with = "text")]
    pub protocol: Protocol,
    /// The port from which it is sent, if the check gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_port: Option<u16>,
    /// The size of its packets, if the check gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u16>,
    /// The lab's expectation.
    #[serde(serialize_with = "text")]
    pub expected: Expect,
    /// The trace's prediction.
    #[serde(serialize_with = "text")]
    pub predicted: Disposition,
    /// The observed result.
    #[serde(serialize_with = "text")]
    pub observed: Observed,
    /// The one that answers instead of the receiver.
    #[serde(flatten)]
    pub answered_by: AnsweredBy,
    /// Whether it passes.
    pub passed: bool,
    /// Its line in the file.
    pub line: usize,
}

/// The drops for a reason, in the whole lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CounterResult {
    /// The reason.
    #[serde(serialize_with = "text")]
    pub reason: Reason,
    /// The number of packets that should have been dropped for it.
    pub predicted: u64,
    /// The increase of the kernel's counters for it.
    pub counted: u64,
}

impl CounterResult {
    /// Whether fewer packets were dropped for it than should have been.
    pub(super) fn is_too_few(&self) -> bool {
        self.counted < self.predicted
    }
}

impl CheckResult {
    /// The packets that it asks about.
    pub fn traffic(&self) -> Traffic {
        Traffic::of(self.protocol, self.source_port).sized(self.size)
    }

    /// What it asks about, in a word or two.
    pub(crate) fn asked(&self) -> Message {
        match self.expected {
            Expect::Bandwidth(_) => Said::OfBandwidth.into(),
            Expect::Reach | Expect::Drop(_) => Message::text(self.traffic()),
        }
    }

    /// Whether the packets were as predicted. (Bandwidth is not predicted.)
    pub fn agrees(&self) -> bool {
        self.observed.agrees(self.predicted, &self.answered_by)
    }
}

/// An expectation in a word or two.
pub(crate) fn expected(expect: &Expect) -> Message {
    match expect {
        Expect::Reach => Disposition::Reach.into(),
        Expect::Drop(None) => Observed::Drop.told(&AnsweredBy::default()),
        Expect::Drop(Some(because)) => because.into(),
        Expect::Bandwidth(bandwidth) => Message::text(bandwidth),
    }
}

pub(super) fn text<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(super) fn milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    // To the microsecond; digits below that are scheduling noise.
    time.map(|time| time.as_micros() as f64 / 1000.0).serialize(serializer)
}

fn is_one(number: &usize) -> bool {
    *number == 1
}
