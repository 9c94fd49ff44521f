//! Reads lab files, with a guess of what a wrong path means.

use super::messages::target::Said;
use crate::error::{Error, Errors, Result};
use crate::lab::{self, Lab};
use crate::message::Message;
use crate::msg;
use crate::session;
use crate::shipped;
use std::fs;
use std::path::{Path, PathBuf};

/// Reads a lab file, and renames the lab if requested. Finds all errors of the file, including those of the last step.
pub(super) fn read_lab(file: &Path, name: Option<&str>) -> Result<Lab, Errors> {
    let source = session::read_file(file).map_err(|error| match error.code.as_deref() {
        Some("FileUnreadable") => meant(file).map_or(error.clone(), |hint| error.hint(hint)),
        _ => error,
    })?;
    if let Some(name) = name.filter(|name| !lab::is_lab_name(name)) {
        return Err(no_lab_name(name).into());
    }
    session::parse(source, name)
}

/// A guess of what was meant by the path of a file that cannot be read.
fn meant(path: &Path) -> Option<Message> {
    if path.is_dir() {
        let example = lab_files(path).into_iter().next()?;
        return Some(msg!(Said::GivePathInIt { example: example.display() }));
    }
    let typed = path.to_str()?;
    let with_ending = PathBuf::from(format!("{typed}.toml"));
    let in_labs = Path::new("labs").join(path.file_name()?);
    let candidates = [with_ending.clone(), in_labs.clone(), in_labs.with_file_name(with_ending.file_name()?)];
    if let Some(file) = candidates.iter().find(|file| file.is_file()) {
        return Some(msg!(Said::DidYouMean { near: file.display() }));
    }
    let folder = path.parent().filter(|folder| folder != &Path::new("")).unwrap_or(Path::new("."));
    let beside = lab_files(folder);
    // Without their ending, which would make short names similar.
    let names = beside.iter().filter_map(|file| file.file_stem()?.to_str());
    let stem = path.file_name()?.to_str()?.trim_end_matches(".toml");
    match lab::nearest(stem, names) {
        Some(near) => Some(msg!(Said::DidYouMean { near: path.with_file_name(format!("{near}.toml")).display() })),
        None => shipped::instead_of(path),
    }
}

/// The files in a folder that may be labs, by name; empty if the folder cannot be read.
fn lab_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    files.sort();
    files
}

/// The error for an invalid lab name.
pub(super) fn no_lab_name(name: &str) -> Error {
    Error::input(msg!(Said::NoLabName { name })).code("InvalidName").hint(Said::NameOfLab)
}

/// The name of a file's lab; `None` if the file is missing or invalid.
pub(super) fn own_name(path: &Path) -> Option<String> {
    read_lab(path, None).map(|lab| lab.name).ok()
}
