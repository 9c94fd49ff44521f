//! A lab's file, its events, and the resulting Cloud. Does not touch the kernel.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::Standing;
use super::behind::Deeds;
use super::behind::making;
use crate::cloud::{Binding, Bindings, Call, Cloud, Operation, Outcome};
use crate::error::{Error, Errors};
use crate::journal::{Event, History};
use crate::lab::{self, Beside, Check, Done, DoneResult, Lab};
use crate::message::Message;

/// A lab of which some steps are done.
#[derive(Clone, Debug)]
pub struct Run {
    lab: Lab,
    path: PathBuf,
    pub(super) standing: Standing,
    /// The operations done after the tables, by hand and by steps; unset if only a snapshot of them is known.
    pub(super) deeds: OnceLock<Deeds>,
    /// The warnings of the tables, once requested.
    warnings: OnceLock<Vec<Message>>,
}

/// A done step.
#[derive(Clone, Debug)]
pub struct StepDone {
    /// Its index in the lab, from 0.
    pub index: usize,
    /// Its operations, with their outcomes.
    pub done: Vec<Done>,
    /// The bindings to resources made by hand under other names or ids, which the lab's lines mean from now on.
    pub bound: Vec<Binding>,
}

impl Run {
    /// The lab after its tables, before any step. `path` is the file's path.
    pub fn begin(lab: Lab, path: PathBuf) -> Result<Self, Errors> {
        let (cloud, warnings) = lab.build()?;
        let standing = Standing::new(&lab.name, cloud, History::default());
        Ok(Run { lab, path, standing, deeds: Deeds::new().into(), warnings: warnings.into() })
    }

    /// The same with the Cloud of a snapshot, which the history continues.
    pub(super) fn resume(lab: Lab, path: PathBuf, cloud: Cloud, history: &History) -> Result<Self, Errors> {
        let standing = Standing::new(&lab.name, cloud, history.at_snapshot());
        let mut run = Run { lab, path, standing, deeds: OnceLock::new(), warnings: OnceLock::new() };
        history.since().iter().try_for_each(|event| run.redo(event))?;
        Ok(run)
    }

    /// Replays events.
    pub fn replay(lab: Lab, path: PathBuf, events: &[Event]) -> Result<Self, Errors> {
        let mut run = Run::begin(lab, path)?;
        events.iter().try_for_each(|event| run.redo(event))?;
        Ok(run)
    }

    /// Replays an event.
    pub(super) fn redo(&mut self, event: &Event) -> Result<(), Errors> {
        match event {
            Event::Step(index) => _ = self.play(*index, Vec::new())?,
            Event::Bound { step, bound } => _ = self.play(*step, bound.clone())?,
            Event::Skipped { step, .. } if *step < self.lab.steps.len() => self.standing.history.push(event.clone()),
            Event::Skipped { step, .. } => _ = self.lab.play(&mut self.cloud().clone(), *step)?,
            Event::Operation { account, line, at } => {
                let call = lab::parse_operation(line)?;
                self.operate_at(account, call, *at)?;
            }
        }
        Ok(())
    }

    /// The run before the last `number` steps and operations.
    pub fn undone(&self, number: usize) -> Result<Self, Errors> {
        let left = self.standing.history.count().saturating_sub(number);
        let mut run = Run::replay(self.lab.clone(), self.path.clone(), &self.events()[..left])?;
        run.standing.pass_until_now();
        Ok(run)
    }

    /// Does the next step; `None` if all are done. A step that the cloud refuses changes nothing.
    ///
    /// Skips what was done by hand, under any names and ids. If the step is not possible after what was done by hand,
    /// the error has the command that resolves it.
    pub fn step(&mut self) -> Result<Option<StepDone>, Error> {
        let index = self.steps_done();
        if index >= self.lab.steps.len() {
            return Ok(None);
        }
        match self.try_step(index) {
            Ok(done) => Ok(Some(done)),
            Err(error) if self.is_beside_a_learner() => Err(self.with_way_on(error, index)),
            Err(error) => Err(error),
        }
    }

    pub(super) fn try_step(&mut self, index: usize) -> Result<StepDone, Error> {
        let bound = if self.is_beside_a_learner() { self.recognize(index)? } else { Vec::new() };
        let done = self.play(index, bound.clone())?;
        Ok(StepDone { index, done, bound })
    }

    /// Counts the next step as done; returns its index, or `None` if all are done.
    pub fn skip(&mut self) -> Option<usize> {
        let step = self.steps_done();
        if step >= self.lab.steps.len() {
            return None;
        }
        let bound = self.recognize_any(step);
        self.standing.history.push(Event::Skipped { step, bound });
        Some(step)
    }

    /// Does a step, taking into account what was done by hand before.
    pub(super) fn play(&mut self, index: usize, bound: Vec<Binding>) -> Result<Vec<Done>, Error> {
        let mut cloud = self.standing.cloud.clone();
        let behind = self.behind(&bound);
        let play = |beside: &Beside<'_>| self.lab.play_beside(Arc::make_mut(&mut cloud), index, beside, &behind);
        let done = self.beside(&bound, play)?;
        let before = std::mem::replace(&mut self.standing.cloud, cloud);
        let cloud = self.standing.cloud.clone();
        if let Some(deeds) = self.deeds.get_mut() {
            for done in done.iter().filter(|done| matches!(done.result, DoneResult::Applied(_))) {
                let call = cloud.in_names(&before.in_names(&done.operation.call));
                deeds.push((done.operation.caller.to_string(), call));
            }
        }
        self.standing.history.push(match bound.is_empty() {
            true => Event::Step(index),
            false => Event::Bound { step: index, bound },
        });
        Ok(done)
    }

    /// The bindings of the lab's lines.
    pub(super) fn bindings(&self) -> Bindings {
        let bindings = self.standing.bindings();
        if !self.is_beside_a_learner() {
            return bindings;
        }
        let steps = self.lab.steps.iter().flat_map(|step| &step.operations);
        bindings.of_lab(self.cloud(), self.lab.base.iter().chain(steps))
    }

    /// Runs `work` in the context of the learner's operations in the journal, with these additional bindings.
    pub(super) fn beside<T>(&self, bound: &[Binding], work: impl FnOnce(&Beside<'_>) -> T) -> T {
        let mut bindings = self.bindings();
        bindings.extend(bound.iter().cloned());
        let did = |cloud: &Cloud, operation: &Operation| self.did(cloud, operation);
        work(&Beside { bindings, did: &did, is_there: self.is_beside_a_learner() })
    }

    /// Whether the learner did this operation by hand, with the same names or ids or others of the same resources.
    pub(super) fn did(&self, cloud: &Cloud, operation: &Operation) -> bool {
        let wanted = cloud.in_names(&operation.call);
        let same = |line: &str| {
            line == operation.call.to_string()
                || lab::parse_operation(line).is_ok_and(|done| cloud.in_names(&done) == wanted)
        };
        self.by_hand().any(|(account, line)| *account == *operation.caller.as_str() && same(line))
    }

    /// Whether anything was done by hand, or skipped.
    pub(super) fn is_beside_a_learner(&self) -> bool {
        let history = &self.standing.history;
        history.by_hand() > 0 || self.has_skipped()
    }

    /// Does one operation by hand, called by the account of this name or id, and waits until it is done.
    pub fn operate(&mut self, account: &str, call: Call) -> Result<Outcome, Error> {
        self.operate_at(account, call, None)
    }

    fn operate_at(&mut self, account: &str, call: Call, at: Option<u64>) -> Result<Outcome, Error> {
        let deed = self.deeds.get().map(|_| self.cloud().in_names(&self.standing.meant(&call)));
        let outcome = self.standing.operate_at(account, call, at)?;
        if let (Some(deeds), Some(deed), Some(Event::Operation { account, .. })) =
            (self.deeds.get_mut(), deed, self.standing.history.since().last())
        {
            deeds.push((account.clone(), deed));
        }
        Ok(outcome)
    }

    /// How many steps are done.
    pub fn steps_done(&self) -> usize {
        self.standing.history.steps().count()
    }

    /// Whether any step was skipped.
    pub(super) fn has_skipped(&self) -> bool {
        self.standing.history.steps().any(|event| matches!(event, Event::Skipped { .. }))
    }

    /// The checks that must hold now: those of the last step that is done, or of the finished lab; of a step that was skipped,
    /// none.
    pub fn checks_now(&self) -> &[Check] {
        let done = self.steps_done();
        match done < self.lab.steps.len() && done.checked_sub(1).is_some_and(|last| self.is_skipped(last)) {
            true => &[],
            false => self.lab.checks_after(done),
        }
    }

    /// Whether a step was skipped and counts as done.
    pub fn is_skipped(&self, index: usize) -> bool {
        self.standing.history.steps().any(|event| matches!(event, Event::Skipped { step, .. } if *step == index))
    }

    /// The bindings of a step.
    pub fn bound_by(&self, index: usize) -> &[Binding] {
        let mut steps = self.standing.history.steps().filter_map(Event::step);
        steps.find(|(step, _)| *step == index).map_or(&[], |(_, bound)| bound)
    }

    /// The operations done by hand, in order: account and call.
    pub fn by_hand(&self) -> impl Iterator<Item = (&str, &str)> {
        self.events().iter().filter_map(|event| match event {
            Event::Operation { account, line, .. } => Some((account.as_str(), line.as_str())),
            _ => None,
        })
    }

    /// The operations by hand that would be lost if `wanted` replaced this run: those that it has in no table or step.
    pub fn lost_by(&self, wanted: &Run) -> Vec<(&str, &str)> {
        if self.standing.history.by_hand() == 0 {
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

    /// Whether operations by hand have already done a part of a later step, so that the checks of earlier steps may
    /// fail.
    pub fn is_ahead(&self) -> bool {
        let later = self.lab.steps.iter().skip(self.steps_done());
        // An operation that must be refused has no effect.
        let mut operations = later.flat_map(|step| making(step).rev());
        let bindings = self.foreseen();
        let is_there = |operation: &Operation| {
            let call = bindings.resolve(self.cloud(), &operation.call);
            bindings.creation(self.cloud(), &operation.call).is_some()
                || self.cloud().already(&Operation { call, ..operation.clone() })
        };
        self.standing.history.by_hand() > 0 && operations.any(is_there)
    }

    /// The lab.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Where its file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The current Cloud, without the lab's file.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The Cloud.
    pub fn cloud(&self) -> &Cloud {
        self.standing.cloud()
    }

    /// The events after the tables.
    pub fn events(&self) -> &[Event] {
        &self.standing.history
    }

    /// The warnings of the tables.
    pub fn warnings(&self) -> &[Message] {
        self.warnings.get_or_init(|| self.lab.build().map(|(_, warnings)| warnings).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
