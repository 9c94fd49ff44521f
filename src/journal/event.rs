//! A change to a running lab.

use serde::{Deserialize, Serialize};

use crate::cloud::Binding;

/// A change to a running lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A step of the tutorial, by its index from 0.
    Step(usize),
    /// A step that was partly done by hand under other names or ids, to which the lab's lines refer from then on.
    Bound {
        /// Its index from 0.
        step: usize,
        /// The resources made by hand.
        bound: Vec<Binding>,
    },
    /// A step that was counted as done.
    Skipped {
        /// Its index from 0.
        step: usize,
        /// The resources made by hand.
        bound: Vec<Binding>,
    },
    /// An operation by hand.
    Operation {
        /// The calling account.
        account: String,
        /// The call, as in a `run` line.
        line: String,
        /// When it was called, in milliseconds since 1970, in a lab whose changes take time; `None`: its caller waited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
    },
}

impl Event {
    /// The index of its step, from 0, and the bindings.
    pub fn step(&self) -> Option<(usize, &[Binding])> {
        match self {
            Event::Step(step) => Some((*step, &[])),
            Event::Bound { step, bound } | Event::Skipped { step, bound } => Some((*step, bound)),
            Event::Operation { .. } => None,
        }
    }
}
