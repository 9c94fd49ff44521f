//! Brings a changed Cloud into the kernel and the journal; the only code that does.

use std::sync::Arc;

use super::{Run, Session, Standing, not_up};
use crate::error::{Error, Errors};
use crate::journal::{History, LabFile, What};
use crate::message::Message;
use crate::msg;
use crate::progress::Progress;
use crate::session::messages::Said;
use crate::target::{Changes, Goal, Made, Plan};

/// How much of the kernel is read, and so repaired, by a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole lab.
    Whole,
    /// Only the namespaces that the change concerns. If they are not as the last change left them, or the journal does
    /// not know their state, the whole lab is read.
    Change,
}

/// The result of [`Session::settle`].
#[derive(Debug, Default)]
pub struct Settled {
    /// The changes to the kernel, in order.
    pub changes: Changes,
    /// Missing kernel features, and their replacements.
    pub notes: Vec<Message>,
    /// The kept Cloud, if a snapshot was due.
    pub(super) kept: Option<Vec<u8>>,
}

impl Session {
    /// Brings the kernel and the journal to the run's state. Changes nothing if both agree already.
    ///
    /// If the process is killed in between, the journal says so, and the list contains every namespace that was
    /// created. The caller must hold back signals meanwhile.
    pub fn settle(&mut self, run: &Run, scope: Scope, progress: &dyn Progress) -> Result<Settled, Errors> {
        let text = run.lab().source.text.clone();
        let is_held = self.text.as_ref() == Some(&text);
        let held = self.journal.as_ref().map(|journal| journal.file.text);
        let number = held.map_or(1, |number| if is_held { number } else { number.wrapping_add(1) });
        let file = LabFile::new(run.path().to_owned(), number, &text);
        self.settle_as(file, (!is_held).then_some(text), run.standing(), scope, progress)
    }

    /// The same for a lab whose Cloud alone changed.
    pub fn settle_standing(
        &mut self,
        standing: &Standing,
        scope: Scope,
        progress: &dyn Progress,
    ) -> Result<Settled, Errors> {
        let file = self.journal.as_ref().map(|journal| journal.file.clone()).ok_or_else(|| not_up(&self.lab))?;
        self.settle_as(file, None, standing, scope, progress)
    }

    /// `text` is the new text of the lab file, if it changed.
    fn settle_as(
        &mut self,
        file: LabFile,
        text: Option<Arc<str>>,
        standing: &Standing,
        scope: Scope,
        progress: &dyn Progress,
    ) -> Result<Settled, Errors> {
        // A lab without a journal of which there is something has lost the journal, and is not new.
        let is_new = self.journal.is_none() && !self.target.has(&self.lab)?;
        let known = self.known.as_ref().filter(|_| scope == Scope::Change);
        let memory = self.memory.clone();
        let goal = Goal { cloud: standing.held_cloud(), known, memory, is_new: self.journal.is_none() };
        let plan = self.target.plan(self.watched(progress), goal).or_else(|errors| {
            // Nothing was created yet, so remove the record of a new lab.
            if is_new {
                self.give_up().map_err(Errors::from)?
            }
            Err(errors)
        })?;
        let (history, request) = (standing.history(), self.request.take());
        let way = self.journal.as_ref().and_then(|journal| journal.way_to(&file, history));
        let is_there = matches!(&way, Some(What::Do(events)) if events.is_empty());
        let is_settled = self.journal.as_ref().is_some_and(|journal| journal.settled);
        if plan.count() == 0 && is_there && is_settled && !self.is_due {
            return Ok(Settled { changes: Changes::default(), notes: Vec::new(), kept: None });
        }
        self.announce(&*plan, text.as_deref(), file, way, history, request.as_deref()).or_else(|error| {
            if is_new {
                self.give_up()?
            }
            Err(error)
        })?;
        self.known = None;
        let (is_atomic, count) = (self.target.is_atomic(), plan.count());
        let until = standing.cloud().has_pace().then(|| standing.cloud().named_time());
        let journal = self.journal.as_mut().expect("it was announced");
        if is_atomic {
            // The changes are made with what is in the journal then.
            self.store.settle(journal, count, until, request.as_deref())?;
        }
        let Made { changes, notes } = match plan.make(progress) {
            Ok(made) => made,
            Err(errors) if is_atomic => {
                self.store.forget();
                return Err(errors);
            }
            Err(errors) => {
                let why = errors.0.first().map(ToString::to_string).unwrap_or_default();
                self.store.fail(journal, why, request.as_deref());
                return Err(self.half_done(errors));
            }
        };
        if !is_atomic {
            self.store.settle(journal, changes.len(), until, request.as_deref())?;
        }
        self.is_due = false;
        let kept = self.store.keep_where_due(journal, || standing.cloud().to_kept());
        if text.is_some() {
            self.store.remove_text(journal.file.text.wrapping_sub(1));
            self.text = text;
        }
        self.known = Some(standing.held_cloud());
        Ok(Settled { changes, notes, kept })
    }

    /// Writes down what is about to be made.
    fn announce(
        &mut self,
        plan: &dyn Plan,
        text: Option<&str>,
        file: LabFile,
        way: Option<What>,
        history: &History,
        request: Option<&str>,
    ) -> Result<(), Error> {
        plan.announce()?;
        if let Some(text) = text {
            self.store.write_text(file.text, text)?;
        }
        match (way, &mut self.journal) {
            (Some(way), Some(journal)) => self.store.announce(journal, way, history, request),
            (_, journal) => {
                *journal = Some(self.store.begin(journal.as_ref(), file, history.clone(), request)?);
                Ok(())
            }
        }
    }

    fn half_done(&self, mut errors: Errors) -> Errors {
        let way_out = msg!(Said::TryAgainOrRemove { lab: &self.lab });
        errors.0.push(Error::host(msg!(Said::NotAsItShouldBe { lab: &self.lab })).code("Incomplete").hint(way_out));
        errors
    }
}
