//! Finds the running lab that is meant: by name, by file, by `PEERLAB_LAB`, or as the only one.

use super::lab_file::own_name;
use super::messages::target::Said;
use crate::error::{Error, Result};
use crate::journal::{self, Store};
use crate::lab;
use crate::msg;
use crate::session;
use std::path::{Path, PathBuf};

/// The selected lab: given by name or file; else named by `PEERLAB_LAB` (empty: unset); else the only one that is up.
pub(super) fn meant_lab(named: Option<&str>) -> Result<String> {
    match named {
        Some(named) => lab_named(named),
        None => match std::env::var("PEERLAB_LAB").ok().filter(|value| !value.is_empty()) {
            Some(named) => lab_of_environment(&named),
            None => only_lab(),
        },
    }
}

fn lab_named(text: &str) -> Result<String> {
    if names_a_file(text) { lab_of_file(Path::new(text)) } else { Ok(text.into()) }
}

/// The lab that the environment names. The user may have forgotten the variable, so an error says where the name comes
/// from.
fn lab_of_environment(named: &str) -> Result<String> {
    let lab = lab_named(named).and_then(|lab| match Store::of(&lab).exists() {
        true => Ok(lab),
        false => Err(session::not_up(&lab)),
    });
    lab.map_err(|error| Error { message: msg!(Said::NamedByVariable { why: error.message }), ..error })
}

/// The error if no lab is named and none is up.
pub(super) const NONE_UP: Said = Said::NoneUp;

fn only_lab() -> Result<String> {
    match journal::labs()?.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Error::input(NONE_UP).code("LabNotUp").hint(Said::UpBringsOne)),
        several => Err(Error::input(msg!(Said::LabsUp { n: several.len() }))
            .code("LabAmbiguous")
            .hint(msg!(Said::SayWhich { labs: several }))),
    }
}

/// Whether a lab argument can only be a file's path, because no lab can have this name.
pub(super) fn names_a_file(text: &str) -> bool {
    text.contains('/') || text.ends_with(".toml")
}

/// The file of a running lab.
fn file_of(lab: &str) -> Option<PathBuf> {
    let store = lab::is_lab_name(lab).then(|| Store::of(lab))?;
    store.read().ok().flatten().map(|journal| journal.file.path)
}

/// The labs that were brought up from exactly this file, which may no longer exist.
pub(super) fn labs_of_file(path: &Path) -> Result<Vec<String>> {
    let file = session::absolute(path);
    Ok(journal::labs()?.into_iter().filter(|lab| file_of(lab).is_some_and(|it| it == file)).collect())
}

/// The lab that was brought up from exactly this file. Of several, the one with the file's lab name.
pub(super) fn lab_of_file(path: &Path) -> Result<String> {
    let labs = labs_of_file(path)?;
    let own = || own_name(path).filter(|name| labs.contains(name));
    match labs.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let namesake = own_name(path).filter(|name| Store::of(name).exists());
            let hint = match namesake.as_ref().and_then(|lab| Some((lab, file_of(lab)?))) {
                Some((lab, from)) => msg!(Said::UpFrom { lab, file: from.display() }),
                None => msg!(Said::ListShows),
            };
            Err(Error::input(msg!(Said::NotUpFrom { path: path.display() })).code("LabNotUp").hint(hint))
        }
        _ if let Some(own) = own() => Ok(own),
        several => Err(Error::input(msg!(Said::UpTimes { path: path.display(), n: several.len() }))
            .code("LabAmbiguous")
            .hint(msg!(Said::NameLab { labs: several }))),
    }
}
