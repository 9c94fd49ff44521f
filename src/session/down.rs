//! Takes labs down.

use std::collections::BTreeSet;

use super::{PATIENCE, look, not_up};
use crate::error::{Error, Errors};
use crate::journal::Store;
use crate::kernel;
use crate::network::compile::compile;
use crate::network::model::NamespaceName;
use crate::progress::Watched;

/// Takes a lab down: ends the processes in its namespaces, removes the namespaces and the lab's record. Continues after
/// errors, and then keeps the record so that `down` can be repeated. Does not depend on the journal, which says from
/// the beginning that the lab is incomplete.
pub fn take_down<'a, Waiting>(
    lab: impl Into<Watched<'a>>,
    waiting: impl FnOnce(&str) -> Waiting,
) -> Result<usize, Errors> {
    let watched @ Watched { lab, .. } = lab.into();
    let store = Store::of(lab);
    if !store.exists() {
        return Err(not_up(lab).into());
    }
    let lock = store.lock(PATIENCE, waiting)?;
    if let Ok(Some((journal, _))) = store.read_whole() {
        // On a full /run, `down` must still work.
        let _ = store.unsettle(&journal);
    }
    let names: Vec<_> = made(lab, &store)?.into_iter().collect();
    kernel::remove(watched, &names)?;
    store.remove(&lock)?;
    Ok(names.len())
}

/// The namespaces that were created: from their list, or if that is lost or unreadable, from the journal.
fn made(lab: &str, store: &Store) -> Result<BTreeSet<NamespaceName>, Error> {
    let listed = store.namespaces();
    if listed.as_ref().is_ok_and(|names| !names.is_empty()) {
        return listed;
    }
    match look(lab) {
        Ok(before) => Ok(compile(before.run.cloud()).namespaces.into_keys().collect()),
        Err(_) => listed.map_err(|error| error.hint(store.last_way_out())),
    }
}
