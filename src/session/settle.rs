//! Brings a changed Cloud into the kernel and the journal; the only code that does.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Run, Session, Standing, not_up, read_kernel};
use crate::cloud::Cloud;
use crate::doctor;
use crate::error::{Error, Errors};
use crate::journal::{Journal, LabFile};
use crate::kernel;
use crate::network::compile::{Difference, compile};
use crate::network::diff::{Change, diff};
use crate::network::model::{NamespaceName, Network};
use crate::progress::Progress;

/// The number of operations replayed on a kept Cloud before it is kept again.
const AGAIN: usize = 8;

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
        let file = LabFile { path: run.path().to_owned(), text: number };
        self.settle_as(file, (!is_held).then_some(text), run.standing(), scope, progress)
    }

    /// The same for a lab whose Cloud alone changed.
    pub fn settle_standing(&mut self, standing: &Standing, progress: &dyn Progress) -> Result<Settled, Errors> {
        let file = self.journal.as_ref().map(|journal| journal.file.clone()).ok_or_else(|| not_up(&self.lab))?;
        self.settle_as(file, None, standing, Scope::Change, progress)
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
        let mut journal = Journal::new(file, standing.events().to_vec());
        let same_names = new.is_empty() && gone.is_empty();
        if changes.is_empty() && same_names && self.journal.as_ref().is_some_and(|it| it.settled_as(&journal)) {
            return Ok(Settled { changes, notes: Vec::new() });
        }
        self.announce(&new, text.as_deref(), &journal).or_else(|error| {
            if is_new {
                self.give_up()?
            }
            Err(error)
        })?;
        self.known = None;
        self.journal = Some(journal.clone());
        let applied =
            self.apply(standing.cloud(), desired, &changes, progress).map_err(|errors| self.half_done(errors))?;
        if !gone.is_empty() {
            // A run that was killed as it removed a namespace may have left the name alone, which no reading sees.
            kernel::remove(&self.lab, &gone.iter().cloned().collect::<Vec<_>>())
                .map_err(|errors| self.half_done(errors))?;
            self.store.disown(&gone)?;
        }
        journal.settled = true;
        journal.kept = self.keep(standing);
        self.store.write(&journal)?;
        if text.is_some() {
            self.store.remove_text(journal.file.text.wrapping_sub(1));
            self.text = text;
        }
        self.journal = Some(journal);
        self.known = Some(standing.held_cloud());
        Ok(Settled { changes, notes: applied.notes })
    }

    /// Writes down what is about to be made.
    fn announce(&self, new: &BTreeSet<NamespaceName>, text: Option<&str>, journal: &Journal) -> Result<(), Error> {
        if !new.is_empty() {
            self.store.own(new)?;
        }
        if let Some(text) = text {
            self.store.write_text(journal.file.text, text)?;
        }
        self.store.write(journal)
    }

    /// Keeps the Cloud, unless what was kept is near enough to go on from; how many of the events it has behind it.
    fn keep(&self, standing: &Standing) -> Option<usize> {
        let all = standing.events().len();
        match self.kept {
            Some(kept) if all - kept <= AGAIN => Some(kept),
            _ => self.store.keep(standing.cloud().to_kept()).then_some(all),
        }
    }

    /// Makes the changes. An answer of the kernel's that was lost for want of buffers says nothing of what was done: then the
    /// kernel is read, and what is missing is made.
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
