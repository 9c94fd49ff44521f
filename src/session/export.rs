//! Exports a running lab as a lab file whose `up` makes the same Cloud.

use super::Run;
use crate::error::{Error, Errors, Source};
use crate::journal::Event;
use crate::lab::{self, Done, DoneResult, Entry, Exported, Lab};

impl Run {
    /// The lab's current state as a file: operations by hand are steps in their places, and `until` in `[lab]` says how
    /// many steps are done.
    pub fn export(&self) -> Result<Exported, Errors> {
        let mut again = Run::begin(self.lab().clone(), self.path().to_owned())?;
        let mut entries = Vec::new();
        for event in self.events() {
            entries.push(match event {
                Event::Step(index) => step(*index, &again.play(*index, Vec::new())?),
                Event::Bound { step: index, bound } => step(*index, &again.play(*index, bound.clone())?),
                Event::Skipped { step: index, .. } => {
                    again.standing.history.push(event.clone());
                    let ran = vec![None; self.lab().steps[*index].operations.len()];
                    Entry::Step { index: *index, ran }
                }
                Event::Operation { account, line } => {
                    let call = lab::parse_operation(line)?;
                    again.operate(account, call.clone())?;
                    Entry::ByHand { account: account.clone(), call }
                }
            });
        }
        let done = entries.len();
        for index in self.steps_done()..self.lab().steps.len() {
            entries.push(match again.try_step(index) {
                Ok(done) => step(index, &done.done),
                Err(_) => Entry::Refused { index },
            });
        }
        let exported = lab::export(self.lab(), &entries, done)?;
        self.check(&exported.text, done)?;
        Ok(exported)
    }

    /// Checks that the lab of this text, with this many steps done, is the same.
    fn check(&self, text: &str, steps: usize) -> Result<(), Errors> {
        let source = Source::new(&*self.lab().source.name, text);
        let lab: Lab = lab::read_as(source, Some(&self.lab().name))?;
        lab.rehearse()?;
        let mut run = Run::begin(lab, self.path().to_owned())?;
        while run.steps_done() < steps && run.step()?.is_some() {}
        if run.cloud() == self.cloud() {
            return Ok(());
        }
        let message = format!("lab {} as a file is not the lab that is up", self.lab().name);
        Err(Error::host(message).code("NotExported").hint("this is a defect of peerlab: please report it").into())
    }
}

/// A step of the file with what it ran.
fn step(index: usize, done: &[Done]) -> Entry {
    let ran = |done: &Done| match done.result {
        DoneResult::Already(_) | DoneResult::Past => None,
        DoneResult::Applied(_) | DoneResult::Refused(_) => Some(done.operation.call.to_string()),
    };
    Entry::Step { index, ran: done.iter().map(ran).collect() }
}

#[cfg(test)]
mod tests;
