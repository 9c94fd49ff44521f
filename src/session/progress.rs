//! Which steps are done, by whichever door their effect came.

use super::behind::making;
use super::{Run, State};
use crate::cloud::Operation;
use crate::verify::holds;

impl Run {
    /// Whether each step is done: in the journal, or by hand, as `next` would find. A step of which nothing stays is done
    /// when those before it are.
    pub fn progress(&self) -> Vec<bool> {
        let mut run = self.clone();
        while let Some(seen) = run.next_seen() {
            let done = |state: State| matches!(state, State::Done | State::Past | State::Refused);
            let operations = seen.operations.iter().zip(&run.lab().steps[seen.index].operations);
            // What can be called twice is missing as long as it can be called.
            let is_there = operations.into_iter().all(|(seen, operation)| done(seen.state) || run.is_there(operation));
            // A step without operations is a test: its checks say whether it is done.
            let holds = !seen.operations.is_empty() || run.holds(seen.index);
            if !(is_there && holds && run.step().is_ok()) {
                break;
            }
        }
        let done = run.steps_done();
        let steps = run.lab().steps.iter().enumerate();
        let is_done = |(at, step)| at < done || making(step).count() > 0 && making(step).all(|it| run.is_there(it));
        steps.map(is_done).collect()
    }

    /// Whether an operation's effect is there, under any name.
    fn is_there(&self, operation: &Operation) -> bool {
        let bindings = self.foreseen();
        let call = bindings.resolve(self.cloud(), &operation.call);
        bindings.creation(self.cloud(), &operation.call).is_some()
            || self.cloud().already(&Operation { call, ..operation.clone() })
    }

    /// Whether what a step's checks want is predicted.
    fn holds(&self, step: usize) -> bool {
        self.checks(&self.lab().steps[step].checks).iter().all(|check| holds(self.cloud(), check))
    }

    /// The operations of a step that have an effect, with the names of what was made by hand.
    pub fn operations_of(&self, step: usize) -> Vec<Operation> {
        let bindings = self.foreseen();
        let meant = |it: &Operation| Operation { call: bindings.references(self.cloud(), &it.call), ..it.clone() };
        self.lab().steps.get(step).map(|step| making(step).map(meant).collect()).unwrap_or_default()
    }
}
