//! What an exercise counts beside the journal.

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use super::{LARGEST, Store, content};
use crate::error::Result;

/// What an exercise counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// When it began, in seconds since 1970.
    pub began: u64,
    /// The hints given, with those that `explain` counts for.
    pub hints: usize,
    /// The fault that the last hint was about.
    pub fault: usize,
    /// How many steps of its hints were shown.
    pub step: usize,
}

pub(super) const NAME: &str = "exercise";

impl Exercise {
    /// As how many hints an explanation counts.
    pub const EXPLANATION: usize = 4;

    /// After one hint more, of so many steps of a fault. The last one again costs nothing.
    #[must_use]
    pub fn hinted(self, fault: usize, steps: usize) -> Self {
        let shown = if self.fault == fault { self.step } else { 0 };
        let step = (shown + 1).min(steps);
        Exercise { hints: self.hints + usize::from(step > shown), fault, step, ..self }
    }

    /// After so many explanations more.
    #[must_use]
    pub fn explained(self, times: usize) -> Self {
        Exercise { hints: self.hints + times * Self::EXPLANATION, ..self }
    }
}

impl Store {
    /// What the exercise counts; `None`: the lab is none, or was brought up otherwise.
    pub fn read_exercise(&self) -> Result<Option<Exercise>> {
        let path = self.directory.join(NAME);
        let bytes = match content(&path, LARGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| self.unreadable(&path, error))?,
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|_| self.unreadable(&path, ErrorKind::InvalidData.into()))
    }

    /// Writes it.
    pub fn write_exercise(&self, exercise: &Exercise) -> Result<()> {
        let text = serde_json::to_vec(exercise).expect("it has numbers only");
        self.replace(NAME, &text, 0o600)?;
        self.share()
    }
}
