//! Exports a running lab as a lab file whose `up` makes the same Cloud.

use super::Run;
use crate::cloud::Binding;
use crate::error::{Error, Errors, Source};
use crate::journal::Event;
use crate::lab::{self, Check, Done, DoneResult, Entry, Exported, Lab};
use crate::msg;
use crate::session::messages::Said;
use crate::verify::holds;

impl Run {
    /// The lab's current state as a file: operations by hand are steps in their places, and `until` in `[lab]` says how
    /// many steps are done. What was made by hand has its own name in every line and check.
    pub fn export(&self) -> Result<Exported, Errors> {
        let mut again = Run::begin(self.lab().clone(), self.path().to_owned())?;
        let mut entries = Vec::new();
        for event in self.events() {
            entries.push(match event {
                Event::Step(index) => again.done(*index, Vec::new())?,
                Event::Bound { step, bound } => again.done(*step, bound.clone())?,
                Event::Skipped { step: index, .. } => {
                    again.standing.history.push(event.clone());
                    let step = &self.lab().steps[*index];
                    let ran = vec![None; step.operations.len()];
                    Entry::Step { index: *index, ran, checks: again.step_checks(&step.checks) }
                }
                Event::Operation { account, line, .. } => {
                    let call = lab::parse_operation(line)?;
                    again.operate(account, call.clone())?;
                    Entry::ByHand { account: account.clone(), call }
                }
            });
        }
        let done = entries.len();
        for index in self.steps_done()..self.lab().steps.len() {
            entries.push(match again.try_step(index) {
                Ok(done) => again.entry(index, &done.done),
                Err(_) => Entry::Refused { index },
            });
        }
        let exported =
            lab::export(self.lab(), &entries, done, &again.checks_as_made(&self.lab().checks), self.cloud())?;
        self.check(&exported.text, done)?;
        Ok(exported)
    }

    /// Repeats a step.
    fn done(&mut self, index: usize, bound: Vec<Binding>) -> Result<Entry, Errors> {
        let done = self.play(index, bound)?;
        Ok(self.entry(index, &done))
    }

    /// The entry of a step that was just done.
    fn entry(&self, index: usize, done: &[Done]) -> Entry {
        let ran = |done: &Done| match done.result {
            DoneResult::Already(_) | DoneResult::Past => None,
            DoneResult::Applied(_) | DoneResult::Refused(_) => Some(done.operation.call.to_string()),
        };
        let checks = self.step_checks(&self.lab().steps[index].checks);
        Entry::Step { index, ran: done.iter().map(ran).collect(), checks }
    }

    /// Checks of the lab, with the instances made by hand; none if there are none.
    fn checks_as_made(&self, checks: &[Check]) -> Vec<Check> {
        if self.is_beside_a_learner() { self.checks(checks) } else { Vec::new() }
    }

    /// The same for a step that was just done. If a later one was begun by hand, what this one shows may be past; if one was
    /// skipped, it may never come.
    fn step_checks(&self, checks: &[Check]) -> Vec<Option<Check>> {
        let is_sure = !self.is_ahead() && !self.has_skipped();
        let made = self.checks_as_made(checks).into_iter();
        made.map(|check| Some(check).filter(|check| is_sure || holds(self.cloud(), check))).collect()
    }

    /// Checks that the lab of this text, with this many steps done, is the same.
    fn check(&self, text: &str, steps: usize) -> Result<(), Errors> {
        let source = Source::new(&*self.lab().source.name, text);
        let lab: Lab = lab::read_as(source, Some(&self.lab().name))?;
        lab.rehearse()?;
        let mut run = Run::begin(lab, self.path().to_owned())?;
        while run.steps_done() < steps && run.step()?.is_some() {}
        // The file's steps wait until each change is done.
        let settled = self.cloud().settled();
        if run.cloud() == settled.as_ref().unwrap_or(self.cloud()) {
            return Ok(());
        }
        let message = msg!(Said::ExportDiffers { lab: &self.lab().name });
        Err(Error::host(message).code("NotExported").hint(Said::Defect).into())
    }
}

#[cfg(test)]
mod tests;
