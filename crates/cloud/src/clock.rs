//! The lab's clock. The Cloud reads no other: time passes by an operation, like everything else (docs/cloud.md §11).

mod messages;

use serde::{Deserialize, Serialize};

use self::messages::{Hints, Refusals};
use super::{Cloud, Fault, Operation, Outcome, PassTime, Refusal, value};
use crate::msg;

/// The lab's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Clock {
    /// The time since the lab began, in milliseconds.
    pub(super) now: u64,
}

impl Cloud {
    /// The time since the lab began, in milliseconds, as far as operations let it pass.
    pub fn now(&self) -> u64 {
        self.clock.now
    }

    /// Lets time pass; what is over then, ends.
    pub(super) fn pass_time(&mut self, _: &Operation, call: &PassTime) -> Result<Outcome, Refusal> {
        let time = value::time(&call.time).ok_or_else(|| {
            let said = msg!(Refusals::NoTime { text: &call.time });
            Refusal::new(Fault::InvalidTime, said, Hints::WriteATime).at("time")
        })?;
        self.clock.now = self.clock.now.saturating_add(time);
        let transitions = self.expire_requests();
        Ok(Outcome { transitions, ..Outcome::default() })
    }

    /// Time that passed once passes again.
    pub(super) fn is_over(&self, _: &Operation, _: &PassTime) -> Option<bool> {
        Some(false)
    }
}
