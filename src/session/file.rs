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
        let message = format!("{} is larger than a lab file may be ({} MiB)", path.display(), LARGEST_FILE >> 20);
        return Err(Error::input(message).code("FileTooLarge").hint("give the path of a lab file"));
    }
    let text = String::from_utf8(text).map_err(|_| {
        Error::input(format!("{} is not UTF-8 text", path.display()))
            .code("FileNotText")
            .hint("give the path of a lab file, or save it as UTF-8 in your editor")
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
    let what = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::IsADirectory => "it is a directory".into(),
        _ => error.to_string(),
    };
    let message = format!("cannot read {}: {what}", path.display());
    if let Some(libc::EMFILE | libc::ENFILE) = error.raw_os_error() {
        return Error::host(message).hint("raise the limit of open files (`ulimit -Hn`)");
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
            format!("did you mean {near}?").into()
        }
        Some(name) => {
            format!("{name} is a lab that is up; give the path of its file: `peerlab status {name}` shows it").into()
        }
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
