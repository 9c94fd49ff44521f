//! The record of a running lab: `/run/peerlab/<lab>`, which only root may read.
//!
//! | file | what |
//! |---|---|
//! | `journal` | the log: the lab file, and what was done since; together they give the Cloud: `log.rs` |
//! | `lab-1.toml` | the lab file's text; after `up` of an edited file the next number, which the journal names |
//! | `snapshot` | the Cloud as bytes at some point of the log, so that only later events are replayed: `snapshot.rs` |
//! | `namespaces` | the lab's own namespaces, one per line, written *before* they are created, so that `down` works after a killed `up` or with a torn journal |
//! | `lock` | locked by the process that changes the lab, and names it: `lock.rs` |
//! | `exercise` | of an exercise: when it began, and the hints given: `exercise.rs` |
//! | `hosts` | the `/etc/hosts` that `exec` shows |
//! | `keys` | the access keys of its accounts: `beside.rs` |
//! | `placement` | of a lab over several hosts: the hosts, and what is pinned to them |
//! | `notes` | what `serve` keeps beside the Cloud, appended to: labels, and answers to requests that may be repeated |
//!
//! The log is appended to. Every other file is replaced as a whole, by writing a new file and renaming it. Nothing is synced,
//! because a power cut also removes the namespaces that these files describe. Anything else in the place of a file or of the
//! directory, such as a link, is not followed: it is an error that says what to remove.
//!
//! Over several hosts, the directory is this process's copy of what lies in OVN's database: `shared.rs`.
#![allow(clippy::disallowed_methods)]

mod beside;
mod event;
mod exercise;
mod former;
mod history;
mod lock;
mod log;
mod messages;
mod record;
pub mod shared;
mod snapshot;

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::journal::messages::Said;
use crate::lab::is_lab_name;
use crate::message::Message;
use crate::msg;
use crate::network::model::NamespaceName;
use crate::rootless;

pub use event::Event;
pub use exercise::Exercise;
pub use history::History;
pub use lock::Lock;
pub use log::Journal;
pub(crate) use log::Kept;
#[cfg(test)]
pub(crate) use log::by_hand;
pub use record::{Record, What, now};

/// The directory of all running labs' directories.
pub const ROOT: &str = rootless::LABS;

/// The file of a lab's placement.
const PLACEMENT: &str = "placement";

/// The directory of all running labs' directories, as this process sees them.
fn root() -> &'static Path {
    shared::shared().map_or(Path::new(ROOT), |shared| shared.root())
}

/// Whether the labs of this process's user can be seen from here. Those over several hosts are its own copy.
fn sees_labs() -> bool {
    shared::shared().is_some() || rootless::sees_labs()
}

/// The largest accepted file of a lab, in bytes; a lab file has at most 4 MiB.
const LARGEST: u64 = 64 << 20;

/// The lab file as it was when the lab was brought up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabFile {
    /// Its absolute path at that time.
    pub path: PathBuf,
    /// The number of the file that contains its text.
    pub text: u64,
    /// The CRC-32 of the text.
    #[serde(default)]
    pub checksum: u32,
}

impl LabFile {
    /// The file with this text.
    pub fn new(path: PathBuf, number: u64, text: &str) -> Self {
        LabFile { path, text: number, checksum: crc32fast::hash(text.as_bytes()) }
    }

    /// Whether this is its text.
    pub fn is_of(&self, text: &str) -> bool {
        self.checksum == crc32fast::hash(text.as_bytes())
    }
}

/// A lab's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    lab: String,
    directory: PathBuf,
}

/// The identity and length of a journal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    inode: u64,
    /// In bytes.
    length: u64,
    /// Seconds and nanoseconds.
    written: (i64, i64),
}

impl Stamp {
    /// When it was last written, in seconds since 1970.
    pub fn seconds(&self) -> u64 {
        u64::try_from(self.written.0).unwrap_or_default()
    }
}

/// The names of all labs of this user that have a directory, sorted.
pub fn labs() -> Result<Vec<String>> {
    if !sees_labs() {
        return rootless::refusal().map_or(Ok(Vec::new()), |refusal| Err(refusal.error()));
    }
    shared::refresh();
    labs_under(root())
}

/// The names of all labs whose directories can be seen from here, this user's or root's.
pub fn labs_in_sight() -> Result<Vec<String>> {
    labs_under(root())
}

fn labs_under(root: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(host(Said::Read, root, error)),
    };
    let mut labs = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| host(Said::Read, root, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_lab_name(&name) && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            labs.push(name);
        }
    }
    labs.sort();
    Ok(labs)
}

impl Store {
    /// The directory of a lab, whether it exists or not.
    pub fn of(lab: &str) -> Self {
        Store::under(root(), lab)
    }

    fn under(root: &Path, lab: &str) -> Self {
        Store { lab: lab.into(), directory: root.join(lab) }
    }

    /// The lab's name.
    pub fn lab(&self) -> &str {
        &self.lab
    }

    /// Whether the lab is up, completely or in part. Needs no privilege. An invalid name (`../../etc`), or a name whose
    /// directory is elsewhere, is never up.
    pub fn exists(&self) -> bool {
        sees_labs() && is_lab_name(&self.lab) && fs::symlink_metadata(&self.directory).is_ok_and(|it| it.is_dir())
    }

    /// Checks that nothing else is in the place of the lab's directory.
    pub fn check_place(&self) -> Result<()> {
        match fs::symlink_metadata(&self.directory) {
            Ok(there) if !there.is_dir() && is_lab_name(&self.lab) => {
                let place = self.directory.display();
                Err(Error::host(msg!(Said::NotPeerlabs { place })).code("ForeignFile").hint(self.last_way_out()))
            }
            _ => Ok(()),
        }
    }

    /// The identity and length of the current journal; `None` if there is none.
    pub fn stamp(&self) -> Option<Stamp> {
        self.refresh();
        let metadata = self.journals().iter().find_map(|path| fs::metadata(path).ok())?;
        let written = (metadata.mtime(), metadata.mtime_nsec());
        Some(Stamp { inode: metadata.ino(), length: metadata.len(), written })
    }

    /// The placement of a lab over several hosts, as text; `None` if it has none yet.
    pub fn placement(&self) -> Option<String> {
        String::from_utf8(content(&self.directory.join(PLACEMENT), LARGEST).ok()?).ok()
    }

    /// Writes the placement.
    pub fn write_placement(&self, text: &str) -> Result<()> {
        self.replace(PLACEMENT, text.as_bytes(), 0o600)
    }

    /// Writes the `/etc/hosts` that `exec` shows; returns its path.
    pub fn write_hosts(&self, text: &str) -> Result<PathBuf> {
        self.replace("hosts", text.as_bytes(), 0o644)?;
        Ok(self.directory.join("hosts"))
    }

    /// The journal, the Cloud of its snapshot, and the matching text of the lab file.
    pub fn read_with_text(&self) -> Result<Option<(Journal, Kept, String)>> {
        let mut tried = None;
        loop {
            let Some((journal, cloud)) = self.read_whole()? else { return Ok(None) };
            match self.text(journal.file.text) {
                Ok(text) => return Ok(Some((journal, cloud, text))),
                // An `up` of an edited file came between the two.
                Err(_) if tried != Some(journal.file.text) => tried = Some(journal.file.text),
                Err(error) => return Err(error),
            }
        }
    }

    /// The lab file's text of this number.
    pub fn text(&self, number: u64) -> Result<String> {
        let path = self.text_path(number);
        let bytes = content(&path, LARGEST).map_err(|error| self.unreadable(&path, error))?;
        String::from_utf8(bytes).map_err(|_| self.unreadable(&path, ErrorKind::InvalidData.into()))
    }

    /// Writes the lab file's text under this number.
    pub fn write_text(&self, number: u64, text: &str) -> Result<()> {
        self.replace(&text_name(number), text.as_bytes(), 0o600)
    }

    /// Removes the lab file's text of this number, if it is there.
    pub fn remove_text(&self, number: u64) {
        // A leftover file does no harm, and is removed with the lab.
        let _ = fs::remove_file(self.text_path(number));
    }

    fn text_path(&self, number: u64) -> PathBuf {
        self.directory.join(text_name(number))
    }

    fn unreadable(&self, path: &Path, error: std::io::Error) -> Error {
        let denied = error.kind() == ErrorKind::PermissionDenied;
        let error = host(Said::Read, path, error);
        if denied { error } else { error.hint(self.way_out()) }
    }

    fn way_out(&self) -> Message {
        msg!(Said::DownRemovesAnyway { lab: &self.lab })
    }

    /// The remedy if not even `down` can find the lab's namespaces.
    pub fn last_way_out(&self) -> Message {
        let (place, lab) = (self.directory.display(), &self.lab);
        msg!(Said::RemoveDirectory { place, lab })
    }

    /// The lab's own namespaces, created or about to be. Ignores lines that cannot be a namespace's name, such as
    /// `../x`.
    pub fn namespaces(&self) -> Result<BTreeSet<NamespaceName>> {
        let list = self.list()?;
        let list = String::from_utf8_lossy(&list);
        Ok(list.lines().filter(|line| is_namespace_name(line)).map(NamespaceName::from).collect())
    }

    /// Whether the list of the lab's own namespaces exists.
    pub fn has_list(&self) -> Result<bool> {
        self.list().map(|list| !list.is_empty())
    }

    /// The list of the lab's own namespaces, as text, so that adding or removing one name in a large lab need not parse
    /// it. Empty if there is none.
    fn list(&self) -> Result<Vec<u8>> {
        let path = self.directory.join("namespaces");
        match content(&path, LARGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            list => list.map_err(|error| self.unreadable(&path, error)),
        }
    }

    /// Adds to the list of the lab's own namespaces.
    pub fn own(&self, new: &BTreeSet<NamespaceName>) -> Result<()> {
        let mut list = self.list()?;
        if list.last().is_some_and(|last| *last != b'\n') {
            list.push(b'\n');
        }
        list.extend(new.iter().flat_map(|name| [name.as_str().as_bytes(), b"\n"]).flatten());
        self.replace("namespaces", &list, 0o600)
    }

    /// Removes names from the list of the lab's own namespaces.
    pub fn disown(&self, gone: &BTreeSet<NamespaceName>) -> Result<()> {
        let is_gone = |line: &[u8]| std::str::from_utf8(line.trim_ascii_end()).is_ok_and(|line| gone.contains(line));
        let list = self.list()?;
        let left: Vec<u8> =
            list.split_inclusive(|byte| *byte == b'\n').filter(|line| !is_gone(line)).flatten().copied().collect();
        self.replace("namespaces", &left, 0o600)
    }

    fn replace(&self, name: &str, text: &[u8], mode: u32) -> Result<()> {
        let (path, beside) = (self.directory.join(name), self.directory.join(format!(".{name}.new")));
        let written = ours(OpenOptions::new().write(true).create(true).truncate(true).mode(mode))
            .open(&beside)
            .and_then(|mut file| file.write_all(text));
        written.and_then(|()| fs::rename(&beside, &path)).map_err(|error| {
            // A partial file is useless; report the first error.
            let _ = fs::remove_file(&beside);
            host(Said::Write, &path, error)
        })
    }

    fn make_directory(&self) -> Result<()> {
        if !is_lab_name(&self.lab) {
            return Err(Error::input(msg!(Said::NoLabName { lab: &self.lab })).code("InvalidName"));
        }
        self.check_place()?;
        let root = self.directory.parent().unwrap_or(Path::new("/"));
        let make = |mode, path| DirBuilder::new().mode(mode).recursive(true).create(path);
        let made = make(0o755, root).and_then(|()| make(0o700, &self.directory));
        made.map_err(|error| host(Said::Make, &self.directory, error))
    }

    /// Removes the lab's directory. The lock is removed last, so that no other process takes the name before.
    pub fn remove(&self, _lock: &Lock) -> Result<()> {
        let entries = fs::read_dir(&self.directory).map_err(|error| host(Said::Read, &self.directory, error))?;
        let lock_file = self.directory.join("lock");
        let rest = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| *path != lock_file);
        for path in rest.chain([lock_file.clone()]) {
            let removed = fs::remove_file(&path).or_else(|error| match error.kind() {
                ErrorKind::IsADirectory => fs::remove_dir_all(&path),
                ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            });
            removed.map_err(|error| host(Said::Remove, &path, error))?;
        }
        match fs::remove_dir(&self.directory) {
            // A process that waited for the lock is already creating the lab again.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => Ok(()),
            Err(error) => Err(host(Said::Remove, &self.directory, error)),
            Ok(()) => Ok(()),
        }
    }
}

fn text_name(number: u64) -> String {
    format!("lab-{number}.toml")
}

/// The longest accepted name: longer than any name with its digits, and shorter than the limit of file names.
const LONGEST_NAMESPACE: usize = 200;

/// Whether a namespace of a lab may have this name: a file name that does not lead elsewhere.
fn is_namespace_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let says_something = text.chars().any(|c| c.is_ascii_alphanumeric());
    says_something && text.len() <= LONGEST_NAMESPACE && text.chars().all(fits)
}

/// Options for opening a lab's file: does not follow a link, and does not wait for a pipe.
fn ours(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

/// The content of a lab's file, up to this many bytes.
fn content(path: &Path, largest: u64) -> std::io::Result<Vec<u8>> {
    let file = ours(OpenOptions::new().read(true)).open(path)?;
    let metadata = file.metadata()?;
    let kind = metadata.file_type();
    if !kind.is_file() {
        return Err(if kind.is_dir() { Errno::EISDIR } else { Errno::ENXIO }.into());
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(largest) as usize + 1);
    file.take(largest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > largest { Err(Errno::EFBIG.into()) } else { Ok(bytes) }
}

fn host(what: Said, path: &Path, error: std::io::Error) -> Error {
    let path = path.display();
    let foreign = match error.raw_os_error() {
        Some(libc::ELOOP) => Some(Said::IsALink),
        Some(libc::EISDIR) => Some(Said::IsADirectory),
        Some(libc::ENXIO) => Some(Said::IsADevice),
        Some(libc::EFBIG) => Some(Said::TooLarge),
        _ => None,
    };
    if let Some(why) = foreign {
        let hint = msg!(Said::RemoveForeign { path });
        return Error::host(msg!(Said::Cannot { what, path, why })).code("ForeignFile").hint(hint);
    }
    let hint = match error.kind() {
        ErrorKind::PermissionDenied => Said::RunAsRoot,
        ErrorKind::StorageFull => Said::MakeRoom,
        ErrorKind::ReadOnlyFilesystem => Said::RunMustBeWritable,
        _ => match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EMFILE | Errno::ENFILE) => Said::RaiseOpenFiles,
            _ => Said::SeeWhatIsThere,
        },
    };
    let code = error.raw_os_error().map(|number| format!("{:?}", Errno::from_raw(number)));
    let error = Error::host(msg!(Said::Cannot { what, path, why: msg!(Said::System { why: error }) })).hint(hint);
    match code {
        Some(code) => error.code(code),
        None => error,
    }
}

/// The error for a damaged journal.
fn torn(store: &Store, name: &str, why: impl Into<Message>) -> Error {
    let path = store.directory.join(name);
    Error::host(msg!(Said::Unreadable { lab: &store.lab, path: path.display(), why: why.into() }))
        .code("JournalTorn")
        .hint(store.way_out())
}

#[cfg(test)]
mod tests;
