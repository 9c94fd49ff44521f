//! The changes that bring the kernel to a Cloud's state: planned, checked, and made.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Memory, read};
use crate::cloud::Cloud;
use crate::error::{Error, Errors, Result};
use crate::journal::Store;
use crate::kernel;
use crate::msg;
use crate::network::compile::{Difference, compile};
use crate::network::diff::{Change, diff};
use crate::network::model::{NamespaceName, Network};
use crate::progress::{Progress, Watched};
use crate::target::linux::messages::Said;
use crate::target::{self, Changes, Goal, Made};

/// The changes to make in the kernel.
#[derive(Debug)]
pub(super) struct Plan {
    lab: String,
    cloud: Arc<Cloud>,
    /// The namespaces to create.
    new: BTreeSet<NamespaceName>,
    /// The namespaces to remove.
    gone: BTreeSet<NamespaceName>,
    /// The desired state of the namespaces that were read.
    desired: Network,
    changes: Vec<Change>,
    memory: Option<Arc<Memory>>,
}

/// Plans the changes, and finds everything that can be wrong before anything is created.
pub(super) fn judged(lab: Watched<'_>, goal: Goal<'_>) -> Result<Plan, Errors> {
    let is_new = goal.is_new;
    let plan = Plan::of(lab, goal)?;
    refuse_taken(lab.lab, &plan.new, is_new)?;
    kernel::fits(lab.lab, &plan.desired)?;
    let new = plan.changes.iter().filter(|change| matches!(change, Change::CreateNamespace { .. })).count();
    if new > 0 {
        kernel::privilege::check_limits(new)?;
    }
    kernel::room::room_for(lab.lab, new)?;
    Ok(plan)
}

impl Plan {
    /// If the difference alone is to be read and is not as it should be, the whole lab is read.
    fn of(lab: Watched<'_>, goal: Goal<'_>) -> Result<Self, Errors> {
        let (store, Goal { cloud, known, memory, .. }) = (Store::of(lab.lab), goal);
        if let Some(known) = known {
            let mut left = memory.as_ref().map(|memory| memory.take(known)).unwrap_or_default();
            let remembered: BTreeSet<_> = left.keys().cloned().collect();
            let Difference { before, after } = Difference::from_compiled(known, &cloud, &mut left);
            let names = |network: &Network| network.namespaces.keys().cloned().collect::<BTreeSet<_>>();
            let (had, has) = (names(&before), names(&after));
            let unknown: Vec<_> = had.union(&has).filter(|name| !remembered.contains(*name)).cloned().collect();
            if let Some(memory) = &memory {
                memory.keep(known, left, &BTreeSet::new());
                memory.hear(&unknown);
            }
            let found = kernel::read(lab, &unknown, &before)?;
            let expected = before.namespaces.iter().filter(|(name, _)| !remembered.contains(*name));
            // Do not add names to a lost list, because a reader would take them for the complete list.
            if found.namespaces.iter().eq(expected) && (had == has || store.has_list()?) {
                let (new, gone) = (&has - &had, &had - &has);
                let changes = diff(&before, &after);
                return Ok(Plan { lab: lab.lab.into(), cloud, new, gone, changes, desired: after, memory });
            }
        }
        let (owned, desired) = (store.namespaces()?, compile(&cloud));
        let changes = diff(&read(lab, &desired)?, &desired);
        let names: BTreeSet<_> = desired.namespaces.keys().cloned().collect();
        let (new, gone) = (&names - &owned, &owned - &names);
        Ok(Plan { lab: lab.lab.into(), cloud, new, gone, desired, changes, memory: None })
    }

    /// Applies the changes. If an answer of the kernel was lost for lack of buffers, the outcome is unknown, so this
    /// reads the kernel and creates what is missing.
    fn apply(&self, lab: Watched<'_>) -> Result<kernel::Applied, Errors> {
        match kernel::apply(lab, &self.desired, &self.changes) {
            Err(errors) if kernel::lost_answers(&errors) => {
                let desired = compile(&self.cloud);
                let missing = diff(&read(lab, &desired)?, &desired);
                kernel::apply(lab, &desired, &missing)
            }
            applied => applied,
        }
    }
}

impl target::Plan for Plan {
    fn count(&self) -> usize {
        self.changes.len() + self.new.len() + self.gone.len()
    }

    fn announce(&self) -> Result<()> {
        if self.new.is_empty() { Ok(()) } else { Store::of(&self.lab).own(&self.new) }
    }

    fn make(self: Box<Self>, progress: &dyn Progress) -> Result<Made, Errors> {
        let notes = self.apply(Watched { lab: &self.lab, progress })?.notes;
        if !self.gone.is_empty() {
            // A process that was killed while it removed a namespace may have left only its name, which no reading
            // shows.
            kernel::remove(&self.lab, &self.gone.iter().cloned().collect::<Vec<_>>())?;
            Store::of(&self.lab).disown(&self.gone)?;
        }
        if let Some(memory) = self.memory {
            memory.keep(&self.cloud, self.desired.namespaces, &self.gone);
        }
        Ok(Made { changes: Changes::new(self.changes), notes })
    }
}

/// A namespace that exists and is not the lab's own is somebody else's.
fn refuse_taken(lab: &str, names: &BTreeSet<NamespaceName>, is_new: bool) -> Result<(), Errors> {
    let taken: Vec<_> = names.iter().filter(|name| kernel::is_taken(lab, name)).collect();
    // `doctor --clean` leaves a lab with a journal alone.
    if let [first, ..] = taken[..]
        && is_new
        && taken.iter().all(|name| kernel::is_of_a_lab(lab, name))
    {
        let there = taken.len();
        let hint = msg!(Said::CleanOrRename);
        let message = msg!(Said::LeftBehind { lab, there, first });
        return Err(Error::host(message).code("NameTaken").hint(hint).into());
    }
    let taken = taken.into_iter().map(|name| {
        Error::host(msg!(Said::Taken { lab, name })).code("NameTaken").hint(msg!(Said::RenameOrRemove { lab, name }))
    });
    Errors(taken.collect()).into_result()
}
