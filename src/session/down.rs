//! Takes labs down.

use super::{PATIENCE, look, not_up};
use crate::error::Errors;
use crate::journal::Store;
use crate::message::Message;
use crate::progress::Watched;
use crate::target::{self, Removed};

/// Takes a lab down: ends the processes in its namespaces, removes the namespaces and the lab's record. Continues after
/// errors, and then keeps the record so that `down` can be repeated. Does not depend on the journal, which says from
/// the beginning that the lab is incomplete.
pub fn take_down<'a, Waiting>(
    lab: impl Into<Watched<'a>>,
    waiting: impl FnOnce(&Message) -> Waiting,
) -> Result<Removed, Errors> {
    let watched @ Watched { lab, .. } = lab.into();
    let store = Store::of(lab);
    if !store.exists() {
        return Err(not_up(lab).into());
    }
    let lock = store.lock(PATIENCE, waiting)?;
    if let Ok(Some(journal)) = store.read() {
        // On a full /run, `down` must still work.
        let _ = store.unsettle(&journal);
    }
    let cloud = || Some(look(lab).ok()?.run.standing().held_cloud());
    let removed = target::of(lab).remove(watched, &cloud)?;
    store.remove(&lock)?;
    Ok(removed)
}
