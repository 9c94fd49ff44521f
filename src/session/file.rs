//! Lab files on disk.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use nix::libc;

use crate::error::{Error, Errors, Source};
use crate::journal::Store;
use crate::kernel;
use crate::lab::{self, Lab};
use crate::message::Message;
use crate::msg;
use crate::session::messages::Said;
use crate::shipped::{self, Shipped};

/// The largest accepted lab file, in bytes: enough for some twenty thousand instances.
const LARGEST_FILE: u64 = 4 << 20;

/// The path that means standard input.
const DASH: &str = "-";

/// The name of a lab file that was read from standard input.
const STANDARD_INPUT: &str = "<stdin>";

/// The shipped lab that an argument names: one of its names, unless there is such a file. (A path with `/` or `.toml` is no
/// such name.)
pub fn shipped(path: &Path) -> Option<Shipped> {
    let lab = path.to_str().and_then(shipped::named)?;
    fs::metadata(path).map_or(true, |there| there.is_dir()).then_some(lab)
}

/// Reads a lab file from disk, or from standard input (`-`), or a shipped lab.
pub fn read_file(path: &Path) -> Result<Source, Error> {
    if let Some(lab) = shipped(path) {
        return Ok(Source::new(lab.name, lab.text));
    }
    let mut text = Vec::new();
    let read = if path == Path::new(DASH) {
        std::io::stdin().lock().take(LARGEST_FILE + 1).read_to_end(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut text))
    };
    let path = called(path);
    read.map_err(|error| unreadable(path, &error))?;
    if text.len() as u64 > LARGEST_FILE {
        let message = msg!(Said::TooLarge { path: path.display(), mib: LARGEST_FILE >> 20 });
        return Err(Error::input(message).code("FileTooLarge").hint(Said::GivePath));
    }
    let text = String::from_utf8(text).map_err(|_| {
        Error::input(msg!(Said::NotUtf8 { path: path.display() })).code("FileNotText").hint(Said::GivePathOrSave)
    })?;
    Ok(Source::new(path.to_string_lossy(), text))
}

/// The displayed name of a lab file: its path, unless it is standard input.
pub fn called(path: &Path) -> &Path {
    if path == Path::new(DASH) { Path::new(STANDARD_INPUT) } else { path }
}

/// Reads a lab's text and plays its steps, so that all errors are found. The lab's name is `name`, if given. Runs
/// without effective capabilities, because the text is untrusted.
pub fn parse(source: Source, name: Option<&str>) -> Result<Lab, Errors> {
    kernel::privilege::lowered(|| {
        let lab = lab::read_as(source, name)?;
        lab.rehearse()?;
        Ok(lab)
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => msg!(Said::NoSuchFile),
        std::io::ErrorKind::IsADirectory => msg!(Said::IsADirectory),
        _ => msg!(Said::System { why: error }),
    };
    let message = msg!(Said::CannotRead { path: path.display(), why });
    if let Some(libc::EMFILE | libc::ENFILE) = error.raw_os_error() {
        return Error::host(message).hint(Said::RaiseOpenFiles);
    }
    Error::input(message).code("FileUnreadable").hint(meant_instead(path))
}

/// A hint for a path without `.toml`, or for the name of a running lab.
fn meant_instead(path: &Path) -> Message {
    let with_ending = PathBuf::from(format!("{}.toml", path.display()));
    let name = path.to_str().filter(|name| lab::is_lab_name(name) && Store::of(name).exists());
    match name {
        _ if with_ending.is_file() => {
            let near = with_ending.display();
            msg!(Said::DidYouMean { near })
        }
        Some(name) => msg!(Said::IsALab { name }),
        None => shipped::what_to_give(),
    }
}

/// The absolute path of a lab file, even if it no longer exists. Standard input and a shipped lab have none: they keep
/// their names.
pub fn absolute(path: &Path) -> PathBuf {
    let path = called(path);
    if path == Path::new(STANDARD_INPUT) || shipped(path).is_some() {
        return path.to_owned();
    }
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let gone = || Some(fs::canonicalize(folder).ok()?.join(path.file_name()?));
    fs::canonicalize(path)
        .ok()
        .or_else(gone)
        .or_else(|| std::path::absolute(path).ok())
        .unwrap_or_else(|| path.to_owned())
}
