//! How a packet ended and who answered it, compared with the prediction.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::ends::{Answerer, namespace, who};
use super::messages::Said;
use crate::cloud::{Bandwidth, Cloud};
use crate::flow::{Disposition, Endpoint};
use crate::message::Message;
use crate::msg;
use crate::probe::{Observation, Probe};

/// The observed result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Observed {
    /// The packet arrived, and the answer came back.
    Reach,
    /// The packet or its answer did not arrive.
    Drop,
    /// An answer came back, but another instance received the packet.
    AnsweredByAnother,
    /// TCP goodput.
    Bandwidth(Bandwidth),
    /// Nothing is known: the host of an instance did not answer.
    Unknown,
}

/// The one that answers instead of the named receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnsweredBy {
    /// The predicted one; `None`: nobody else.
    pub predicted: Option<Answerer>,
    /// The observed one; `None`: nobody else, or unknown.
    pub seen: Option<Answerer>,
}

impl AnsweredBy {
    /// A prediction.
    pub fn predicted(who: Option<Endpoint>) -> Self {
        AnsweredBy { predicted: who.map(Answerer::Endpoint), seen: None }
    }

    /// The observed one, else the predicted one.
    pub fn who(&self) -> Option<&Answerer> {
        self.seen.as_ref().or(self.predicted.as_ref())
    }
}

impl Serialize for AnsweredBy {
    /// Writes `answered_by`, and `predicted_answered_by` if it differs; nothing if nobody else answers.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(who) = self.who() {
            map.serialize_entry("answered_by", &who.to_string())?;
        }
        if let (Some(seen), Some(predicted)) = (&self.seen, &self.predicted)
            && seen != predicted
        {
            map.serialize_entry("predicted_answered_by", &predicted.to_string())?;
        }
        map.end()
    }
}

impl Observed {
    /// How a packet for `to` ended, and who answered instead, if known.
    pub(crate) fn of(cloud: &Cloud, to: &Endpoint, probe: &Probe, seen: &Observation) -> (Self, Option<Answerer>) {
        match &seen.got_by {
            _ if !seen.reached => (Observed::Drop, None),
            _ if probe.claimants.is_empty() => (Observed::Reach, None),
            Some(got_by) if Some(got_by) == namespace(cloud, to).as_ref() => (Observed::Reach, None),
            got_by => (Observed::AnsweredByAnother, got_by.as_ref().and_then(|got_by| who(cloud, got_by))),
        }
    }

    /// Whether it is as predicted, including who answered. (Throughput is not predicted.)
    pub(crate) fn agrees(self, predicted: Disposition, by: &AnsweredBy) -> bool {
        match self {
            Observed::Reach | Observed::Bandwidth(_) => predicted.reaches(),
            Observed::Drop => !predicted.is_answered(),
            Observed::Unknown => false,
            Observed::AnsweredByAnother => {
                predicted == Disposition::ANSWERED_BY_ANOTHER && by.seen.is_some() && by.seen == by.predicted
            }
        }
    }

    /// In a word or two, as in `answered-by-another (b-2)`.
    pub fn told(self, by: &AnsweredBy) -> Message {
        match (self, &by.seen) {
            (Observed::Reach, _) => msg!(Said::Reach),
            (Observed::Drop, _) => msg!(Said::Drop),
            (Observed::Unknown, _) => msg!(Said::Unknown),
            (Observed::AnsweredByAnother, Some(who)) => msg!(Said::AnsweredBy { who }),
            (Observed::AnsweredByAnother, None) => msg!(Said::AnsweredByAnother),
            (Observed::Bandwidth(_), _) => msg!(Said::Bandwidth { bandwidth: self }),
        }
    }
}

/// A prediction in a word or two, as in `answered-by-another (b-2)`.
pub fn foretold(predicted: Disposition, by: &AnsweredBy) -> Message {
    match &by.predicted {
        Some(who) if predicted == Disposition::ANSWERED_BY_ANOTHER => msg!(Said::AnsweredBy { who }),
        _ => predicted.into(),
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Observed::Reach => f.pad("reach"),
            Observed::Drop => f.pad("drop"),
            Observed::Unknown => f.pad("unknown"),
            Observed::AnsweredByAnother => f.pad("answered-by-another"),
            Observed::Bandwidth(Bandwidth(bits)) => {
                let bits = *bits as f64;
                let (value, unit) = match bits {
                    _ if bits >= 1e9 => (bits / 1e9, "Gbit/s"),
                    _ if bits >= 1e6 => (bits / 1e6, "Mbit/s"),
                    _ => (bits / 1e3, "kbit/s"),
                };
                f.pad(&format!("{value:.2} {unit}"))
            }
        }
    }
}
