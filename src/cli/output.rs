//! A file that a verb writes completely or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use super::messages::files::Said;
use crate::error::{Error, Kind, Result};
use crate::msg;

/// A file to be written. An existing file stays until the new content is complete.
pub(super) struct Output {
    path: PathBuf,
    /// The temporary path; `None`: `path` is not a regular file (`/dev/stdout`, a pipe) and is written directly.
    beside: Option<PathBuf>,
    file: File,
}

impl Output {
    /// Opens the file before the work begins, so that nobody waits for a file that cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        // A link stays a link.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let there = fs::metadata(&target).ok();
        if there.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(unwritable(path, &ErrorKind::IsADirectory.into()));
        }
        let special = there.as_ref().is_some_and(|found| !found.is_file());
        let name = target.file_name().ok_or_else(|| unwritable(path, &ErrorKind::IsADirectory.into()))?;
        let beside = target.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
        let file = match special {
            true => OpenOptions::new().write(true).open(&target),
            false => OpenOptions::new().write(true).create_new(true).open(&beside),
        };
        let file = file.map_err(|error| unwritable(path, &error))?;
        if let Some(there) = there.filter(|_| !special) {
            // Keep the owner; if that is not possible, the file belongs to the writer.
            let _ = fchown(&file, Some(there.uid()), Some(there.gid()));
            let _ = file.set_permissions(there.permissions());
        }
        Ok(Output { path: target, beside: (!special).then_some(beside), file })
    }

    /// Writes the content and moves the file into place.
    pub fn write(mut self, content: &[u8]) -> Result<()> {
        self.place(content).map_err(|error| unwritable(&self.path, &error))?;
        self.beside = None;
        Ok(())
    }

    fn place(&mut self, content: &[u8]) -> io::Result<()> {
        self.file.write_all(content)?;
        let Some(beside) = &self.beside else { return Ok(()) };
        self.file.sync_all()?;
        fs::rename(beside, &self.path)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

/// Writes a file completely or not at all.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<()> {
    Output::create(path)?.write(content)
}

/// Writes a new file completely or not at all.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Error::input(msg!(Said::Already { path: path.display() })).code("FileExists").hint(Said::ForceOverwrites)
        }
        ErrorKind::NotFound => Error::input(msg!(Said::NoSuchFolder { path: path.display() }))
            .code("FileUnwritable")
            .hint(Said::MakeItFirst),
        _ => unwritable(path, &error),
    })?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| {
        // A partial lab file is useless.
        let _ = fs::remove_file(path);
        unwritable(path, &error)
    })
}

/// The error for a file that cannot be written: an input error if the path is wrong, else a host error.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Error {
    let file = path.display();
    let (kind, why, hint) = match error.kind() {
        ErrorKind::NotFound => (Kind::Input, msg!(Said::NoDirectory), Said::MakeItFirst),
        ErrorKind::IsADirectory => (Kind::Input, msg!(Said::IsADirectory), Said::NameFileInIt),
        ErrorKind::PermissionDenied => (Kind::Input, msg!(Said::MayNotWrite), Said::GiveOwnFile),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            (Kind::Host, msg!(Said::System { why: error }), Said::MakeRoom)
        }
        _ => (Kind::Host, msg!(Said::System { why: error }), Said::GiveAnotherFile),
    };
    Error::new(kind, msg!(Said::CannotWrite { file, why })).code("FileUnwritable").hint(hint)
}
