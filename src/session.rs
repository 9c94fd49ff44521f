//! A running lab: what was done with its file, and the one way in which that reaches the kernel.
//!
//! `up`, `next`, `api` and `explain --fix` differ only in how they come to a [`Run`]; [`Session::settle`] does the rest:
//!
//! ```text
//! Run ─compile→ Network ─diff against what is read→ [Change] ─apply→ kernel, with the journal before and after
//! ```
//!
//! How much is read is the one thing in which they differ: see [`Scope`].
#![allow(clippy::disallowed_methods)]

mod follow;
pub(crate) mod interrupt;
mod run;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::libc;

use crate::cloud::Cloud;
use crate::doctor;
use crate::error::{Error, Errors, Source};
use crate::journal::{Journal, LabFile, Lock, Store};
use crate::kernel;
use crate::lab::{self, Lab};
use crate::network::compile::{Difference, compile};
use crate::network::diff::{Change, diff};
use crate::network::model::{NamespaceName, Network};
use crate::progress::{Progress, Watched};

pub use follow::{Follower, News};
pub use run::{Run, StepDone};

/// The largest lab file that is read, in bytes: room for some twenty thousand instances.
const LARGEST_FILE: u64 = 4 << 20;

/// How long a verb waits for another that changes the same lab.
const PATIENCE: Duration = Duration::from_secs(20);

/// A lab that only this process changes.
#[derive(Debug)]
pub struct Session {
    lab: String,
    store: Store,
    lock: Lock,
    /// From the lock to the end of the first change.
    interrupts: Option<interrupt::Hold>,
    /// What the journal said when the session began; `None` for a lab that is not up.
    before: Option<Before>,
    /// What the kernel holds, by the journal; `None` where it does not know: the lab is not up, or a change was cut short.
    known: Option<Arc<Cloud>>,
    /// The journal as it stands.
    journal: Option<Journal>,
}

/// How much of the kernel is read, and so mended, when it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that the lab has.
    Whole,
    /// The namespaces that the change concerns: it costs the same in a lab of any size. Where these are not as the last
    /// change left them, or the journal does not know how that was, all is read.
    Change,
}

/// A lab as the journal has it.
#[derive(Debug)]
pub struct Before {
    /// Its file and what was done with it.
    pub run: Run,
    /// Whether the kernel holds all of it, as far as the journal knows.
    pub settled: bool,
}

/// What is to be done in the kernel.
struct Plan {
    /// All namespaces that the lab is to have.
    names: BTreeSet<NamespaceName>,
    /// Those that change, among others.
    desired: Network,
    changes: Vec<Change>,
}

/// What [`Session::settle`] did.
#[derive(Debug)]
pub struct Settled {
    /// The changes to the kernel, in order.
    pub changes: Vec<Change>,
    /// What the kernel could not do, and what was done instead.
    pub notes: Vec<String>,
    /// Held back until it is dropped; none had come when the lab was settled.
    interrupts: interrupt::Hold,
}

impl Settled {
    /// Verifies the lab, as [`verifying`], with no moment in between in which an interrupt would say nothing.
    pub fn verifying<T>(&self, lab: &str, work: impl FnOnce() -> T) -> T {
        self.interrupts.saying(&not_verified(lab), work)
    }
}

/// Reads a lab file from disk.
pub fn read_file(path: &Path) -> Result<Source, Error> {
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut text))
        .map_err(|error| unreadable(path, &error))?;
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

/// Reads a lab's text, and plays its steps: everything that is wrong with it is found. No capability is in effect
/// meanwhile: the text may be anybody's.
pub fn parse(source: Source) -> Result<Lab, Errors> {
    kernel::privilege::lowered(|| {
        let lab = lab::read(source)?;
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

/// Somebody who leaves `.toml` out, or gives the name of a lab that is up.
fn meant_instead(path: &Path) -> String {
    let with_ending = PathBuf::from(format!("{}.toml", path.display()));
    let name = path.to_str().filter(|name| lab::is_lab_name(name) && Store::of(name).exists());
    match name {
        _ if with_ending.is_file() => {
            let near = with_ending.display();
            format!("did you mean {near}?")
        }
        Some(name) => {
            format!("{name} is a lab that is up; give the path of its file: `peerlab status {name}` shows it")
        }
        None => "give the path of a lab file".to_owned(),
    }
}

/// The run of a lab that is up, to look at and not to change.
pub fn look(lab: &str) -> Result<Before, Errors> {
    look_beside(lab, None)
}

/// The same, where the lab may be up from a file that was read already.
pub fn look_beside(lab: &str, file: Option<&Lab>) -> Result<Before, Errors> {
    let store = Store::of(lab);
    let journal = if store.exists() { store.read()? } else { None };
    replay(lab, &journal.ok_or_else(|| not_up(lab))?, file)
}

/// The error that a lab is not up, with those that are.
pub fn not_up(lab: &str) -> Error {
    if let Err(error) = Store::of(lab).check_place() {
        return error;
    }
    let hint = match crate::journal::labs().unwrap_or_default() {
        labs if labs.is_empty() => "no lab is up: `peerlab up FILE` brings one up".to_owned(),
        labs => format!("up are: {}", labs.join(", ")),
    };
    Error::input(format!("lab {lab} is not up")).code("LabNotUp").hint(hint)
}

/// Does again what was done. A file that was read already, by this name, is not read once more.
fn replay(lab: &str, journal: &Journal, file: Option<&Lab>) -> Result<Before, Errors> {
    let LabFile { path, text } = &journal.file;
    let source = Source::new(shown(path), text.clone());
    let run = kernel::privilege::lowered(|| {
        let file = match file.filter(|it| it.source.text == source.text && it.name == lab) {
            Some(file) => Lab { source, ..file.clone() },
            None => lab::read(source)?,
        };
        Run::replay(Lab { name: lab.into(), ..file }, path.clone(), &journal.events)
    });
    let run = run.map_err(|mut errors| {
        let hint =
            format!("the journal of lab {lab} is of another peerlab: `peerlab down {lab}`, then bring it up anew");
        errors.0.push(Error::host(format!("lab {lab} cannot be replayed")).hint(hint));
        errors
    })?;
    Ok(Before { run, settled: journal.settled })
}

/// A path as the user would type it here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_string_lossy().into_owned()
}

impl Session {
    /// Takes the lock of a lab, up or not. `waiting` is told, once, who holds it.
    ///
    /// A lab whose journal cannot be read is an error: only `down` deals with it. Where the journal's file is one that was read
    /// already, that is not done again.
    pub fn open(lab: &str, file: Option<&Lab>, waiting: impl FnOnce(&str)) -> Result<Self, Errors> {
        let store = Store::of(lab);
        let mut interrupts = Some(interrupt::Hold::new());
        let lock = store.lock(PATIENCE, |holder| {
            // Nothing of ours is there that an interrupt could leave behind.
            interrupts = None;
            waiting(holder);
        })?;
        interrupts.get_or_insert_with(interrupt::Hold::new);
        let journal = store.read()?;
        let before = journal.as_ref().map(|journal| replay(lab, journal, file)).transpose()?;
        let known = before.as_ref().filter(|it| it.settled).map(|it| it.run.keep_cloud());
        Ok(Session { lab: lab.into(), store, lock, interrupts, before, known, journal })
    }

    /// Takes the lock of a lab that is up, with its run.
    pub fn open_running(lab: &str, waiting: impl FnOnce(&str)) -> Result<(Self, Before), Errors> {
        if !Store::of(lab).exists() {
            return Err(not_up(lab).into());
        }
        let mut session = Session::open(lab, None, waiting)?;
        match session.before.take() {
            Some(before) => Ok((session, before)),
            None => {
                session.give_up()?;
                Err(not_up(lab).into())
            }
        }
    }

    fn watched<'a>(&'a self, progress: &'a dyn Progress) -> Watched<'a> {
        Watched { lab: &self.lab, progress }
    }

    /// The lab as it is, where it is up.
    pub fn before(&self) -> Option<&Before> {
        self.before.as_ref()
    }

    /// What is to be done so that the kernel is as the run says.
    fn plan(&self, run: &Run, scope: Scope, progress: &dyn Progress) -> Result<Plan, Errors> {
        if scope == Scope::Change
            && let Some(known) = &self.known
        {
            let Difference { before, after, names } = Difference::between(known, run.cloud());
            let touched: BTreeSet<_> = before.namespaces.keys().chain(after.namespaces.keys()).collect();
            let touched: Vec<_> = touched.into_iter().cloned().collect();
            let found = kernel::read(self.watched(progress), &touched, &before)?;
            if found == before {
                return Ok(Plan { changes: diff(&found, &after), desired: after, names });
            }
        }
        let desired = compile(run.cloud());
        let changes = diff(&read_kernel(self.watched(progress), &desired)?, &desired);
        Ok(Plan { names: desired.namespaces.keys().cloned().collect(), desired, changes })
    }

    /// Brings the kernel to what the run says, and the journal with it. Where both are so already, nothing is touched.
    ///
    /// A process killed in between leaves a journal that says so and lists every namespace that was made. An interrupt
    /// (Ctrl-C) waits until the kernel and the journal agree again, then ends the process.
    pub fn settle(&mut self, run: &Run, scope: Scope, progress: &dyn Progress) -> Result<Settled, Errors> {
        let interrupts = self.interrupts.take().unwrap_or_else(interrupt::Hold::new);
        let owned = self.store.namespaces()?;
        // One that has a journal and no list has lost it, and is no new one.
        let is_new = owned.is_empty() && self.journal.is_none();
        let Plan { names, desired, changes } = self.judged(run, scope, &owned, progress).or_else(|errors| {
            // Nothing was made yet: of a lab that is new, nothing stays.
            if is_new {
                self.give_up().map_err(Errors::from)?
            }
            Err(errors)
        })?;
        let file = LabFile { path: run.path().to_owned(), text: run.lab().source.text.to_string() };
        let mut journal = Journal::new(file, run.events().to_vec());
        if changes.is_empty() && owned == names && self.journal.as_ref().is_some_and(|it| it.settled_as(&journal)) {
            interrupts.heed(&not_verified(&self.lab));
            return Ok(Settled { changes, notes: Vec::new(), interrupts });
        }
        let all = owned.union(&names).cloned().collect();
        self.store.own(&all).and_then(|()| self.store.write(&journal)).or_else(|error| {
            if is_new {
                self.give_up()?
            }
            Err(error)
        })?;
        self.known = None;
        self.journal = None;
        let applied = self.apply(run, desired, &changes, progress).map_err(|errors| self.half_done(errors))?;
        // A run that was killed as it removed a namespace may have left the name alone, which no reading sees.
        let gone: Vec<_> = owned.difference(&names).cloned().collect();
        kernel::remove(&self.lab, &gone).map_err(|errors| self.half_done(errors))?;
        self.store.own(&names)?;
        journal.settled = true;
        self.store.write(&journal)?;
        self.journal = Some(journal);
        self.known = Some(run.keep_cloud());
        interrupts.heed(&not_verified(&self.lab));
        Ok(Settled { changes, notes: applied.notes, interrupts })
    }

    /// Makes the changes. An answer of the kernel's that was lost for want of buffers says nothing of what was done: then the
    /// kernel is read, and what is missing is made.
    fn apply(
        &self,
        run: &Run,
        desired: Network,
        changes: &[Change],
        progress: &dyn Progress,
    ) -> Result<kernel::Applied, Errors> {
        match kernel::apply(self.watched(progress), &desired, changes) {
            Err(errors) if kernel::lost_answers(&errors) => {
                let desired = compile(run.cloud());
                let missing = diff(&read_kernel(self.watched(progress), &desired)?, &desired);
                kernel::apply(self.watched(progress), &desired, &missing)
            }
            applied => applied,
        }
    }

    /// All that can be found wrong before anything is made.
    fn judged(
        &self,
        run: &Run,
        scope: Scope,
        owned: &BTreeSet<NamespaceName>,
        progress: &dyn Progress,
    ) -> Result<Plan, Errors> {
        let plan = self.plan(run, scope, progress)?;
        self.refuse_taken(plan.names.difference(owned))?;
        kernel::fits(&self.lab, &plan.desired)?;
        let new = plan.changes.iter().filter(|change| matches!(change, Change::CreateNamespace { .. })).count();
        doctor::room_for(&self.lab, new)?;
        Ok(plan)
    }

    /// A namespace that exists and is not the lab's own is somebody else's.
    fn refuse_taken<'a>(&self, names: impl Iterator<Item = &'a NamespaceName>) -> Result<(), Errors> {
        let taken = names.filter(|name| kernel::is_taken(&self.lab, name)).map(|name| {
            Error::host(format!("namespace {}.{name} exists and is not this lab's", self.lab)).code("NameTaken").hint(
                format!(
                    "bring the lab up under another name with --name, or remove it with `ip netns del {}.{name}`",
                    self.lab
                ),
            )
        });
        Errors(taken.collect()).into_result()
    }

    fn half_done(&self, mut errors: Errors) -> Errors {
        let way_out = format!("`peerlab up --lab {0}` tries again, `peerlab down {0}` removes what is there", self.lab);
        errors.0.push(Error::host(format!("lab {} is not as it should be", self.lab)).code("Incomplete").hint(way_out));
        errors
    }

    /// Forgets a lab of which nothing was made.
    pub fn give_up(&self) -> Result<(), Error> {
        self.store.remove(&self.lock)
    }
}

/// What is said of a lab at an interrupt.
fn not_verified(lab: &str) -> String {
    format!("interrupted: lab {lab} is up, not verified; `peerlab verify --lab {lab}` or `peerlab down {lab}`")
}

/// Verifies a lab that is up. An interrupt ends the process, and says how the lab is.
pub fn verifying<T>(lab: &str, work: impl FnOnce() -> T) -> T {
    interrupt::Hold::new().saying(&not_verified(lab), work)
}

/// Takes a lab down: ends the processes in its namespaces, removes these, forgets the lab. Goes on past errors, and
/// then keeps the lab so that `down` can be tried again. Asks nothing of the journal, which from the beginning says that the
/// lab is not whole.
pub fn take_down<'a>(lab: impl Into<Watched<'a>>, waiting: impl FnOnce(&str)) -> Result<usize, Errors> {
    let watched @ Watched { lab, .. } = lab.into();
    let store = Store::of(lab);
    if !store.exists() {
        return Err(not_up(lab).into());
    }
    let lock = store.lock(PATIENCE, waiting)?;
    let interrupts = interrupt::Hold::new();
    if let Ok(Some(mut journal)) = store.read() {
        journal.settled = false;
        // On a full /run it goes down all the same.
        let _ = store.write(&journal);
    }
    let names: Vec<_> = made(lab, &store)?.into_iter().collect();
    kernel::remove(watched, &names)?;
    store.remove(&lock)?;
    interrupts.heed(&format!("interrupted: lab {lab} is down"));
    Ok(names.len())
}

/// The namespaces that were made: their list, and where that is lost or cannot be read, those that the journal asks for.
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

/// What the kernel holds of a lab, as far as that compares with what is desired.
pub fn read_kernel<'a>(lab: impl Into<Watched<'a>>, desired: &Network) -> Result<Network, Errors> {
    let watched = lab.into();
    let owned: Vec<_> = namespaces(watched.lab)?.into_iter().collect();
    kernel::read(watched, &owned, desired)
}

/// The namespaces of a lab that is up, or half up.
pub fn namespaces(lab: &str) -> Result<BTreeSet<NamespaceName>, Error> {
    Store::of(lab).namespaces()
}

/// The absolute path of a lab file.
pub fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
