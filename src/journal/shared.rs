//! Labs over several hosts: their journals lie in OVN's northbound database, and here is this process's copy.
//!
//! A lab's journal is a row of the table `DNS` that no switch refers to, which OVN ignores: `external_ids` has the lab's name and a
//! version, `records` the journal's files. A process keeps a copy in a directory of its own, in which everything that reads or
//! writes a lab's directory works as on one host. When it takes a lab's lock, it fetches the row if the version is another; a
//! change is one transaction with the lab's rows, which is refused if the version is not that one any more. So there is no state
//! outside the database, and of two writers the second does nothing: it fetches, and does its work again ([`OUTDATED`]).
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use peerlab_ovsdb::{Client, Condition, Datum, Failure, Operation, Remote, Row};

use super::Store;
use super::messages::Said;
use crate::error::{Error, Errors, Result};
use crate::lab::is_lab_name;
use crate::msg;

/// The table of the journals.
pub const TABLE: &str = "DNS";

/// The key in `external_ids` that says what a row of the table is for, and its value for journals.
pub const KIND: &str = "peerlab-kind";
const JOURNAL: &str = "journal";

/// The keys of the lab's name and of the version.
const LAB: &str = "peerlab-lab";
const VERSION: &str = "version";

/// The key in `records` by which a writer knows what it has written.
const WRITER: &str = "writer";

/// The key in `records` of the time of the last change, in seconds since 1970.
const CHANGED: &str = "changed";

/// The code of the error that somebody else changed the lab meanwhile.
pub const OUTDATED: &str = "Outdated";

/// How often a change begins again if somebody else was faster.
pub const TRIES: u32 = 20;

/// Whether nothing was done because somebody else was faster.
pub fn is_outdated(errors: &Errors) -> bool {
    errors.0.iter().any(|error| error.code.as_deref() == Some(OUTDATED))
}

/// Does something, and again with what is there now while somebody else was faster. `work` gets how often it was done.
pub fn until_current<T>(mut work: impl FnMut(u32) -> Result<T, Errors>) -> Result<T, Errors> {
    let mut turn = 0;
    loop {
        let done = work(turn);
        turn += 1;
        if turn == TRIES || !done.as_ref().is_err_and(is_outdated) {
            return done;
        }
    }
}

/// The database, and this process's copy of its journals.
#[derive(Debug)]
pub struct Shared {
    remote: Remote,
    client: Mutex<Client>,
    root: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The versions of the copies, by lab.
    versions: BTreeMap<String, u64>,
    /// The labs that this process is changing: their copies are not replaced.
    held: BTreeSet<String>,
}

static SHARED: OnceLock<Shared> = OnceLock::new();

/// The database in which the labs of this process are; `None`: they are on this host.
pub fn shared() -> Option<&'static Shared> {
    SHARED.get()
}

/// Connects to the database in which all labs of this process are, if that is not done.
pub fn begin(remote: &Remote) -> Result<&'static Shared> {
    if let Some(shared) = shared() {
        return Ok(shared);
    }
    let client = Client::connect(remote, "OVN_Northbound", peerlab_ovn::NEEDS)?;
    let root = own_folder()?;
    let (client, state) = (Mutex::new(client), Mutex::default());
    let shared = SHARED.get_or_init(|| Shared { remote: remote.clone(), client, root, state });
    shared.fetch(None)?;
    Ok(shared)
}

/// Removes this process's copy.
pub fn end() {
    if let Some(shared) = shared() {
        // What is left in the folder for temporary files does no harm.
        let _ = fs::remove_dir_all(&shared.root);
    }
}

/// A new directory that only this user may read.
fn own_folder() -> Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let path = std::env::temp_dir().join(format!("peerlab-{}-{number}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
            Err(error) => return Err(super::host(Said::Make, &path, error)),
        }
    }
}

/// A lab that this process is changing.
#[derive(Debug)]
pub struct Held(String);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(shared) = shared() {
            shared.state().held.remove(&self.0);
        }
    }
}

impl Shared {
    /// The directory of all labs' directories.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The addresses of the database.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// The version of a lab's copy.
    pub fn version_of(&self, lab: &str) -> Option<u64> {
        self.state().versions.get(lab).copied()
    }

    /// The connection to the database.
    pub fn client(&self) -> MutexGuard<'_, Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches a lab's journal, or all, where the copy is not of the current version.
    pub fn fetch(&self, lab: Option<&str>) -> Result<()> {
        let rows = self.client().select(TABLE, vec![of(lab)], &["external_ids"])?;
        let mut there = BTreeSet::new();
        for ids in rows.iter().filter_map(|row| row.get("external_ids")) {
            let (Some(name), Some(version)) = (ids.get(LAB), ids.get(VERSION).and_then(|it| it.parse().ok())) else {
                continue;
            };
            if !is_lab_name(name) {
                continue;
            }
            there.insert(name.to_owned());
            let mut state = self.state();
            if !state.held.contains(name) && state.versions.get(name) != Some(&version) {
                self.copy(name)?;
                state.versions.insert(name.to_owned(), version);
            }
        }
        let mut state = self.state();
        let gone = |name: &&String| lab.is_none_or(|lab| lab == **name) && !there.contains(*name);
        let gone: Vec<_> = state.versions.keys().filter(gone).filter(|it| !state.held.contains(*it)).cloned().collect();
        for name in gone {
            state.versions.remove(&name);
            let _ = fs::remove_dir_all(self.root.join(&name));
        }
        Ok(())
    }

    /// Writes the files of a lab's journal.
    fn copy(&self, lab: &str) -> Result<()> {
        let rows = self.client().select(TABLE, vec![of(Some(lab))], &["records"])?;
        let Some(Datum::Map(records)) = rows.into_iter().next().and_then(|mut row| row.remove("records")) else {
            return Ok(());
        };
        let folder = self.root.join(lab);
        let made = DirBuilder::new().mode(0o700).recursive(true).create(&folder);
        made.map_err(|error| super::host(Said::Make, &folder, error))?;
        let files: BTreeMap<_, _> = records
            .iter()
            .filter_map(|(name, text)| Some((name.text().filter(|name| is_kept(name))?, text.text()?)))
            .collect();
        // Other threads read meanwhile: each file is replaced as a whole, and the log, which names the others, last.
        let is_log = |(name, _): &(&&str, &&str)| **name == super::log::NAME;
        let (log, others): (Vec<_>, Vec<_>) = files.iter().partition(is_log);
        let of_key = |key: &str| records.iter().find(|(name, _)| name.text() == Some(key)).and_then(|it| it.1.text());
        let changed = of_key(CHANGED).and_then(|text| Some(UNIX_EPOCH + Duration::from_secs(text.parse().ok()?)));
        for (name, text) in others.into_iter().chain(log) {
            let (path, new) = (folder.join(name), folder.join(format!("{name}.new")));
            // A file that is the same stays, with its time.
            if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
                continue;
            }
            let write = || {
                let mut file = File::create(&new)?;
                file.write_all(text.as_bytes())?;
                changed.map_or(Ok(()), |changed| file.set_modified(changed))?;
                fs::rename(&new, &path)
            };
            write().map_err(|error| super::host(Said::Write, &path, error))?;
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_kept(&name) && !files.contains_key(&*name) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }

    /// Takes a lab for changes: fetches it, and keeps the copy from now on.
    pub(super) fn hold(&self, lab: &str) -> Result<Held> {
        self.fetch(Some(lab))?;
        self.state().held.insert(lab.to_owned());
        Ok(Held(lab.to_owned()))
    }

    /// Forgets the copy of a lab, so that it is fetched anew.
    pub fn forget(&self, lab: &str) {
        let mut state = self.state();
        state.held.remove(lab);
        state.versions.insert(lab.to_owned(), u64::MAX);
    }

    /// Makes a change of a lab: these operations, and the journal as its copy has it now, in one transaction.
    pub fn commit(&self, lab: &str, operations: Vec<Operation>) -> Result<()> {
        let version = self.state().versions.get(lab).copied();
        let next = version.map_or_else(first, |version| version + 1);
        let mut records = Vec::new();
        let folder = self.root.join(lab);
        let entries = fs::read_dir(&folder).map_err(|error| super::host(Said::Read, &folder, error))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_kept(&name) {
                let text = fs::read_to_string(entry.path());
                records.push((name, text.map_err(|error| super::host(Said::Read, &entry.path(), error))?));
            }
        }
        let writer = format!("{:016x}", RandomState::new().build_hasher().finish());
        records.push((WRITER.to_owned(), writer.clone()));
        let changed = fs::metadata(folder.join(super::log::NAME)).and_then(|it| it.modified());
        let changed = changed.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        records.extend(changed.map(|time| (CHANGED.to_owned(), time.as_secs().to_string())));
        let row = Row::from([("external_ids".to_owned(), ids(lab, next)), ("records".to_owned(), Datum::map(records))]);
        let write = match version {
            Some(_) => Operation::Update { table: TABLE.into(), conditions: vec![of(Some(lab))], row },
            None => Operation::Insert { table: TABLE.into(), row, name: None },
        };
        let is_made = || {
            let mine = Condition::includes("external_ids", ids(lab, next));
            let rows = self.client().select(TABLE, vec![mine], &["records"])?;
            Ok(rows.iter().any(|row| row.get("records").and_then(|it| it.get(WRITER)) == Some(&*writer)))
        };
        self.transact(lab, version, operations.into_iter().chain([write]), is_made)?;
        self.state().versions.insert(lab.to_owned(), next);
        Ok(())
    }

    /// Ends a lab: these operations, and its journal's removal, in one transaction.
    pub fn remove(&self, lab: &str, operations: Vec<Operation>) -> Result<()> {
        let version = self.state().versions.get(lab).copied();
        let delete = Operation::Delete { table: TABLE.into(), conditions: vec![of(Some(lab))] };
        let is_made = || Ok(self.client().select(TABLE, vec![of(Some(lab))], &["external_ids"])?.is_empty());
        self.transact(lab, version, operations.into_iter().chain([delete]), is_made)?;
        self.state().versions.remove(lab);
        Ok(())
    }

    /// Makes a transaction if the lab's journal is of this version. If the connection broke, it was sent twice, and the second
    /// time it is outdated by the first: `is_made` says whether it was.
    fn transact(
        &self,
        lab: &str,
        version: Option<u64>,
        operations: impl Iterator<Item = Operation>,
        is_made: impl Fn() -> Result<bool>,
    ) -> Result<()> {
        let rows = version.map(|version| Row::from([("external_ids".to_owned(), ids(lab, version))]));
        let wait = Operation::Wait {
            table: TABLE.into(),
            conditions: vec![of(Some(lab))],
            columns: vec!["external_ids".into()],
            rows: rows.into_iter().collect(),
        };
        let all: Vec<_> = [wait].into_iter().chain(operations).collect();
        let done = self.client().transact(&all);
        match done {
            Ok(_) => Ok(()),
            Err(Failure::Outdated) if is_made()? => Ok(()),
            Err(Failure::Outdated) => {
                Err(Error::host(msg!(Said::Outdated { lab })).code(OUTDATED).hint(Said::TryOnceMore))
            }
            Err(Failure::Error(error)) => Err(error),
        }
    }
}

/// Over several hosts: fetches all labs. What cannot be fetched is as it was.
pub(super) fn refresh() {
    if let Some(shared) = shared() {
        let _ = shared.fetch(None);
    }
}

impl Store {
    /// Of a lab over several hosts: fetches it. What cannot be fetched is as it was.
    pub fn refresh(&self) {
        if let Some(shared) = shared() {
            let _ = shared.fetch(Some(&self.lab));
        }
    }

    /// Of a lab over several hosts: writes to the database what is beside the log. A lab that is not there yet comes with it.
    pub(super) fn share(&self) -> Result<()> {
        let Some(shared) = shared().filter(|shared| shared.version_of(&self.lab).is_some()) else { return Ok(()) };
        let done = shared.commit(&self.lab, Vec::new());
        if done.is_err() {
            self.forget();
        }
        done
    }

    /// Of a lab over several hosts: the copy is not what the database has, and is fetched anew.
    pub fn forget(&self) {
        if let Some(shared) = shared() {
            shared.forget(&self.lab);
        }
    }
}

/// The row of a lab's journal, or those of all labs.
fn of(lab: Option<&str>) -> Condition {
    let pairs = [(KIND, JOURNAL)].into_iter().chain(lab.map(|lab| (LAB, lab)));
    Condition::includes("external_ids", Datum::map(pairs))
}

fn ids(lab: &str, version: u64) -> Datum {
    Datum::map([(KIND, JOURNAL), (LAB, lab), (VERSION, &version.to_string())])
}

/// The first version of a lab: microseconds since 1970, so that it is later than those of a former lab of that name, however many
/// changes that had. Each change adds 1 and takes longer than a microsecond.
fn first() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |it| u64::try_from(it.as_micros()).unwrap_or(u64::MAX))
}

/// Whether a file of a lab's directory is in the database. The others are caches, locks, and the notes of `serve`.
fn is_kept(name: &str) -> bool {
    let others = [super::log::NAME, super::PLACEMENT, super::beside::KEYS, super::exercise::NAME];
    others.contains(&name) || name.starts_with("lab-") && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_that_comes_up_again_at_once_is_of_a_later_version() {
        let former = first() + 20;
        std::thread::sleep(Duration::from_millis(1));
        assert!(first() > former);
    }
}
