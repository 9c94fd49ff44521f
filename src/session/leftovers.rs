//! Leftovers of dead labs: namespaces of labs without a record, and labs that never came up.

use std::collections::BTreeMap;
use std::fs;

use super::PATIENCE;
use crate::error::{Error, Errors};
use crate::journal::{self, Store};
use crate::kernel;
use crate::lab::is_lab_name;
use crate::network::model::NamespaceName;
use crate::progress::Watched;

/// A dead lab and what it left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The lab.
    pub lab: String,
    /// Its namespaces; none if only its directory is left.
    pub namespaces: Vec<NamespaceName>,
}

/// Everything that dead labs left behind, by name. Does not include labs with a journal, labs that somebody is
/// changing, and namespaces that peerlab did not create.
pub fn leftovers() -> Result<Vec<Leftover>, Error> {
    let labs = journal::labs()?;
    let mut dead = BTreeMap::new();
    for lab in &labs {
        let store = Store::of(lab);
        if matches!(store.read(), Ok(None)) && !store.is_locked() {
            dead.insert(lab.clone(), store.namespaces()?.into_iter().collect());
        }
    }
    for entry in fs::read_dir(FOLDER).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((lab, name)) = name.split_once('.') else { continue };
        let name = NamespaceName::from(name);
        if is_lab_name(lab) && !labs.iter().any(|it| it == lab) && kernel::is_of_a_lab(lab, &name) {
            dead.entry(lab.to_owned()).or_insert_with(Vec::new).push(name);
        }
    }
    let mut leftovers: Vec<_> = dead.into_iter().map(|(lab, namespaces)| Leftover { lab, namespaces }).collect();
    leftovers.iter_mut().for_each(|it| it.namespaces.sort());
    Ok(leftovers)
}

const FOLDER: &str = "/run/netns";

/// Leftovers of a lab of this name, if it is dead.
pub fn leftover_of(lab: &str) -> Option<Leftover> {
    leftovers().ok()?.into_iter().find(|it| it.lab == lab)
}

/// Removes what a dead lab left behind, with the processes inside, unless somebody brought the lab up meanwhile.
pub fn clean<'a>(leftover: &Leftover, watched: impl Into<Watched<'a>>) -> Result<(), Errors> {
    let store = Store::of(&leftover.lab);
    let lock = store.lock(PATIENCE, |_| ())?;
    if store.read()?.is_some() {
        return Ok(());
    }
    kernel::remove(watched, &leftover.namespaces)?;
    store.remove(&lock)?;
    Ok(())
}
