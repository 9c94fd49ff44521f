//! What a process that holds a lab knows of its kernel: a change need not read what the last one left.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::kernel;
use crate::network::model::{Namespace, NamespaceName};

/// The namespaces of a lab as this process left them, while a monitor hears that nobody else changes them.
///
/// The kernel does not report all sysctls: one that somebody changes by hand is found by whatever reads the lab.
#[derive(Debug)]
pub struct Memory(Mutex<Known>);

#[derive(Debug)]
struct Known {
    lab: String,
    monitor: kernel::Monitor,
    heard: BTreeSet<NamespaceName>,
    left: BTreeMap<NamespaceName, Namespace>,
}

impl Memory {
    /// A memory without content; `None` if this process may have no monitor.
    pub(super) fn of(lab: &str) -> Option<Self> {
        let monitor = kernel::Monitor::new().ok()?;
        Some(Memory(Known { lab: lab.into(), monitor, heard: BTreeSet::new(), left: BTreeMap::new() }.into()))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out all that is known, which is nothing if anybody else changed anything.
    pub(super) fn take(&self) -> BTreeMap<NamespaceName, Namespace> {
        let mut known = self.known();
        known.forget_if_disturbed();
        mem::take(&mut known.left)
    }

    /// Hears these namespaces from now on. To be called before they are read.
    pub(super) fn hear(&self, names: &[NamespaceName]) {
        let mut known = self.known();
        let is_new = |name: &&NamespaceName| !known.heard.contains(*name) && kernel::exists(&known.lab, name);
        let new: Vec<_> = names.iter().filter(is_new).cloned().collect();
        if known.monitor.hear(&known.lab, &new).is_ok() {
            known.heard.extend(new);
        }
    }

    /// Keeps what is not changed, or was changed by this process and is now so; and forgets those that are gone.
    pub(super) fn keep(&self, left: BTreeMap<NamespaceName, Namespace>, gone: &BTreeSet<NamespaceName>) {
        let mut known = self.known();
        known.heard.retain(|name| !gone.contains(name));
        known.forget_if_disturbed();
        let heard = left.into_iter().filter(|(name, _)| known.heard.contains(name)).collect::<Vec<_>>();
        known.left.extend(heard);
    }
}

impl Known {
    fn forget_if_disturbed(&mut self) {
        if !self.monitor.is_undisturbed() {
            self.heard.clear();
            self.left.clear();
        }
    }
}
