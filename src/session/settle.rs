//! Brings a changed Cloud into the kernel and the journal; the only code that does.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Run, Session, Standing, not_up, read_kernel};
use crate::cloud::Cloud;
use crate::doctor;
use crate::error::{Error, Errors};
use crate::journal::{History, LabFile, What};
use crate::kernel;
use crate::network::compile::{Difference, compile};
use crate::network::diff::{Change, diff};
use crate::network::model::{NamespaceName, Network};
use crate::progress::Progress;

/// How much of the kernel is read, and so repaired, by a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole lab.
    Whole,
    /// Only the namespaces that the change concerns. If they are not as the last change left them, or the journal does
    /// not know their state, the whole lab is read.
    Change,
}

/// The changes to make in the kernel.
struct Plan {
    /// The namespaces to create.
    new: BTreeSet<NamespaceName>,
    /// The namespaces to remove.
    gone: BTreeSet<NamespaceName>,
    /// The desired state of the namespaces that were read.
    desired: Network,
    changes: Vec<Change>,
}

/// The result of [`Session::settle`].
#[derive(Debug)]
pub struct Settled {
    /// The changes to the kernel, in order.
    pub changes: Vec<Change>,
    /// Missing kernel features, and their replacements.
    pub notes: Vec<crate::message::Message>,
    /// The kept Cloud, if a snapshot was due.
    pub(super) kept: Option<Vec<u8>>,
}

impl Session {
    /// The changes that bring the kernel to the Cloud's state.
    fn plan(&self, cloud: &Cloud, scope: Scope, progress: &dyn Progress) -> Result<Plan, Errors> {
        if scope == Scope::Change
            && let Some(known) = &self.known
        {
            let Difference { before, after } = Difference::between(known, cloud);
            let names = |network: &Network| network.namespaces.keys().cloned().collect::<BTreeSet<_>>();
            let (had, has) = (names(&before), names(&after));
            let touched: Vec<_> = had.union(&has).cloned().collect();
            let found = kernel::read(self.watched(progress), &touched, &before)?;
            // Do not add names to a lost list, because a reader would take them for the complete list.
            if found == before && (had == has || self.store.has_list()?) {
                let (new, gone) = (&has - &had, &had - &has);
                return Ok(Plan { new, gone, changes: diff(&found, &after), desired: after });
            }
        }
        let (owned, desired) = (self.store.namespaces()?, compile(cloud));
        let changes = diff(&read_kernel(self.watched(progress), &desired)?, &desired);
        let names = desired.namespaces.keys().cloned().collect();
        Ok(Plan { new: &names - &owned, gone: &owned - &names, desired, changes })
    }

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
        // A lab with a journal but without a list has lost the list, and is not new.
        let is_new = self.journal.is_none() && self.store.namespaces()?.is_empty();
        let Plan { new, gone, desired, changes } =
            self.judged(standing.cloud(), scope, progress).or_else(|errors| {
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
        if changes.is_empty() && new.is_empty() && gone.is_empty() && is_there && is_settled {
            return Ok(Settled { changes, notes: Vec::new(), kept: None });
        }
        self.announce(&new, text.as_deref(), file, way, history, request.as_deref()).or_else(|error| {
            if is_new {
                self.give_up()?
            }
            Err(error)
        })?;
        self.known = None;
        let made = self.make(standing.cloud(), desired, &changes, &gone, progress);
        let journal = self.journal.as_mut().expect("it was announced");
        let applied = match made {
            Ok(applied) => applied,
            Err(errors) => {
                let why = errors.0.first().map(ToString::to_string).unwrap_or_default();
                self.store.fail(journal, why, request.as_deref());
                return Err(self.half_done(errors));
            }
        };
        self.store.settle(journal, changes.len(), request.as_deref())?;
        let kept = self.store.keep_where_due(journal, || standing.cloud().to_kept());
        if text.is_some() {
            self.store.remove_text(journal.file.text.wrapping_sub(1));
            self.text = text;
        }
        self.known = Some(standing.held_cloud());
        Ok(Settled { changes, notes: applied.notes, kept })
    }

    /// Writes down what is about to be made.
    fn announce(
        &mut self,
        new: &BTreeSet<NamespaceName>,
        text: Option<&str>,
        file: LabFile,
        way: Option<What>,
        history: &History,
        request: Option<&str>,
    ) -> Result<(), Error> {
        if !new.is_empty() {
            self.store.own(new)?;
        }
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

    /// Applies the changes, and removes the namespaces that no longer belong to the lab.
    fn make(
        &self,
        cloud: &Cloud,
        desired: Network,
        changes: &[Change],
        gone: &BTreeSet<NamespaceName>,
        progress: &dyn Progress,
    ) -> Result<kernel::Applied, Errors> {
        let applied = self.apply(cloud, desired, changes, progress)?;
        if !gone.is_empty() {
            // A process that was killed while it removed a namespace may have left only its name, which no reading
            // shows.
            kernel::remove(&self.lab, &gone.iter().cloned().collect::<Vec<_>>())?;
            self.store.disown(gone)?;
        }
        Ok(applied)
    }

    /// Applies the changes. If an answer of the kernel was lost for lack of buffers, the outcome is unknown, so this
    /// reads the kernel and creates what is missing.
    fn apply(
        &self,
        cloud: &Cloud,
        desired: Network,
        changes: &[Change],
        progress: &dyn Progress,
    ) -> Result<kernel::Applied, Errors> {
        match kernel::apply(self.watched(progress), &desired, changes) {
            Err(errors) if kernel::lost_answers(&errors) => {
                let desired = compile(cloud);
                let missing = diff(&read_kernel(self.watched(progress), &desired)?, &desired);
                kernel::apply(self.watched(progress), &desired, &missing)
            }
            applied => applied,
        }
    }

    /// All that can be found wrong before anything is made.
    fn judged(&self, cloud: &Cloud, scope: Scope, progress: &dyn Progress) -> Result<Plan, Errors> {
        let plan = self.plan(cloud, scope, progress)?;
        self.refuse_taken(&plan.new)?;
        kernel::fits(&self.lab, &plan.desired)?;
        let new = plan.changes.iter().filter(|change| matches!(change, Change::CreateNamespace { .. })).count();
        if new > 0 {
            kernel::privilege::check_limits(new)?;
        }
        doctor::room_for(&self.lab, new)?;
        Ok(plan)
    }

    /// A namespace that exists and is not the lab's own is somebody else's.
    fn refuse_taken(&self, names: &BTreeSet<NamespaceName>) -> Result<(), Errors> {
        let taken: Vec<_> = names.iter().filter(|name| kernel::is_taken(&self.lab, name)).collect();
        // `doctor --clean` leaves a lab with a journal alone.
        if let [first, ..] = taken[..]
            && self.journal.is_none()
            && taken.iter().all(|name| kernel::is_of_a_lab(&self.lab, name))
        {
            let (lab, there) = (&self.lab, taken.len());
            let hint = "`peerlab doctor --clean` removes them, or bring the lab up under another name with --name";
            let message = format!("an earlier lab {lab} left {there} namespaces behind, such as {lab}.{first}");
            return Err(Error::host(message).code("NameTaken").hint(hint).into());
        }
        let taken = taken.into_iter().map(|name| {
            Error::host(format!("namespace {}.{name} exists and is not this lab's", self.lab)).code("NameTaken").hint(
                format!(
                    "bring the lab up under another name with --name, or remove it with `ip netns del {}.{name}`",
                    self.lab
                ),
            )
        });
        Errors(taken.collect()).into_result()
    }

    fn half_done(&self, mut errors: Errors) -> Errors {
        let way_out = format!("`peerlab up --lab {0}` tries again, `peerlab down {0}` removes what is there", self.lab);
        errors.0.push(Error::host(format!("lab {} is not as it should be", self.lab)).code("Incomplete").hint(way_out));
        errors
    }
}
