//! What a process that holds a lab knows of its kernel: a change need not read what the last one left.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::cloud::Cloud;
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
    /// What the namespaces were compiled from.
    cloud: Option<Arc<Cloud>>,
    left: BTreeMap<NamespaceName, Namespace>,
}

impl Memory {
    /// A memory without content; `None` if this process may have no monitor.
    pub(super) fn of(lab: &str) -> Option<Self> {
        let monitor = kernel::Monitor::new().ok()?;
        Some(Memory(
            Known { lab: lab.into(), monitor, heard: BTreeSet::new(), cloud: None, left: BTreeMap::new() }.into(),
        ))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out all that is known, if the kernel is as this very Cloud, and nobody else has changed it. This process too may
    /// have changed the lab without this memory: then its Cloud is another.
    pub(super) fn take(&self, cloud: &Arc<Cloud>) -> BTreeMap<NamespaceName, Namespace> {
        let mut known = self.known();
        known.forget_if_disturbed();
        let left = mem::take(&mut known.left);
        if known.cloud.take().is_some_and(|of| Arc::ptr_eq(&of, cloud)) { left } else { BTreeMap::new() }
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

    /// Keeps namespaces that are now as this Cloud, beside those that were kept for it; forgets those that are gone.
    pub(super) fn keep(
        &self,
        cloud: &Arc<Cloud>,
        left: BTreeMap<NamespaceName, Namespace>,
        gone: &BTreeSet<NamespaceName>,
    ) {
        let mut known = self.known();
        known.heard.retain(|name| !gone.contains(name));
        known.forget_if_disturbed();
        let heard = left.into_iter().filter(|(name, _)| known.heard.contains(name)).collect::<Vec<_>>();
        known.left.extend(heard);
        known.cloud = Some(cloud.clone());
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
