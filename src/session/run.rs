//! A lab's file, what was done with it, and the Cloud that follows. Nothing here touches the kernel.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Standing;
use crate::cloud::{Call, Cloud, Operation, Outcome};
use crate::error::{Error, Errors};
use crate::journal::Event;
use crate::lab::{self, Done, Lab};

/// A lab that was walked some way.
#[derive(Clone, Debug)]
pub struct Run {
    lab: Lab,
    path: PathBuf,
    standing: Standing,
    warnings: Vec<String>,
}

/// A step that was done.
#[derive(Clone, Debug)]
pub struct StepDone {
    /// Its index in the lab, from 0.
    pub index: usize,
    /// What it ran, with what came of it.
    pub done: Vec<Done>,
}

impl Run {
    /// The tables done, and no step. `path` is where the file is.
    pub fn begin(lab: Lab, path: PathBuf) -> Result<Self, Errors> {
        let (cloud, warnings) = lab.build()?;
        let standing = Standing::new(&lab.name, cloud, Vec::new());
        Ok(Run { lab, path, standing, warnings })
    }

    /// The same things done again.
    pub fn replay(lab: Lab, path: PathBuf, events: &[Event]) -> Result<Self, Errors> {
        let mut run = Run::begin(lab, path)?;
        for event in events {
            match event {
                Event::Step(index) => _ = run.play(*index)?,
                Event::Operation { account, line } => {
                    let call = lab::parse_operation(line)?;
                    run.operate(account, call)?;
                }
            }
        }
        Ok(run)
    }

    /// The run before the last so many steps and operations.
    pub fn undone(&self, number: usize) -> Result<Self, Errors> {
        let left = self.events().len().saturating_sub(number);
        Run::replay(self.lab.clone(), self.path.clone(), &self.events()[..left])
    }

    /// Does the next step; `None` where all are done. A step that the cloud refuses changes nothing.
    pub fn step(&mut self) -> Result<Option<StepDone>, Error> {
        let index = self.steps_done();
        if index == self.lab.steps.len() {
            return Ok(None);
        }
        let done = self.play(index)?;
        Ok(Some(StepDone { index, done }))
    }

    /// Does a step, beside what was done by hand until then.
    pub(super) fn play(&mut self, index: usize) -> Result<Vec<Done>, Error> {
        let Standing { cloud, events, .. } = &mut self.standing;
        let by_hand = |operation: &Operation| {
            let line = operation.call.to_string();
            events.iter().any(|event| {
                matches!(event, Event::Operation { account, line: done } if *account == *operation.caller.as_str() && *done == line)
            })
        };
        let done = self.lab.play_beside(Arc::make_mut(cloud), index, by_hand)?;
        events.push(Event::Step(index));
        Ok(done)
    }

    /// Does one operation by hand, called by the account of this name or id.
    pub fn operate(&mut self, account: &str, call: Call) -> Result<Outcome, Error> {
        self.standing.operate(account, call)
    }

    /// How many steps are done.
    pub fn steps_done(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, Event::Step(_))).count()
    }

    /// The operations that were done by hand, in order: who called, and the call.
    pub fn by_hand(&self) -> impl Iterator<Item = (&str, &str)> {
        self.standing.by_hand()
    }

    /// The operations by hand that `wanted`, in the place of this run, has in no table nor step: they are lost.
    pub fn lost_by(&self, wanted: &Run) -> Vec<(&str, &str)> {
        if self.by_hand().next().is_none() {
            return Vec::new();
        }
        let lab = &wanted.lab;
        let operations =
            lab.base.iter().chain(lab.steps[..wanted.steps_done()].iter().flat_map(|step| &step.operations));
        let mut had: BTreeMap<_, usize> = BTreeMap::new();
        for operation in operations {
            *had.entry((operation.caller.to_string(), operation.call.to_string())).or_default() += 1;
        }
        let is_lost = |(account, line): &(&str, &str)| match had.get_mut(&((*account).to_owned(), (*line).to_owned())) {
            Some(left @ 1..) => {
                *left -= 1;
                false
            }
            _ => true,
        };
        self.by_hand().filter(is_lost).collect()
    }

    /// Whether operations by hand have done a part of a later step already: what a step's checks say of the way there
    /// need not hold any more.
    pub fn is_ahead(&self) -> bool {
        let later = self.lab.steps.iter().skip(self.steps_done());
        // An operation that must be refused has no effect that could be there.
        let mut operations =
            later.flat_map(|step| step.operations.iter().rev().skip(usize::from(step.refused.is_some())));
        self.by_hand().next().is_some() && operations.any(|operation| self.cloud().already(operation))
    }

    /// The lab.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Where its file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The Cloud as it stands, without the lab's file.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The Cloud.
    pub fn cloud(&self) -> &Cloud {
        self.standing.cloud()
    }

    /// What was done after the tables.
    pub fn events(&self) -> &[Event] {
        self.standing.events()
    }

    /// What the tables gave warning of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests;
