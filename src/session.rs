//! A running lab: what was done with its file, and the one way in which that reaches the kernel.
//!
//! `up`, `next`, `api` and `explain --fix` differ only in how they come to a [`Standing`]: by a [`Run`] of the lab's file, `api`
//! without reading that. [`Session::settle`] does the rest:
//!
//! ```text
//! Standing ─compile→ Network ─diff against what is read→ [Change] ─apply→ kernel, with the journal before and after
//! ```
//!
//! How much is read is the one thing in which they differ: see [`Scope`].
#![allow(clippy::disallowed_methods)]

mod follow;
pub(crate) mod interrupt;
mod run;
mod standing;

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
use crate::journal::{Event, Journal, LabFile, Lock, Store};
use crate::kernel;
use crate::lab::{self, Lab};
use crate::network::compile::{Difference, compile};
use crate::network::diff::{Change, diff};
use crate::network::model::{NamespaceName, Network};
use crate::progress::{Progress, Watched};

pub use follow::{Follower, News};
pub use run::{Run, StepDone};
pub use standing::Standing;

/// The largest lab file that is read, in bytes: room for some twenty thousand instances.
const LARGEST_FILE: u64 = 4 << 20;

/// How many operations are done again on a Cloud that was kept, before it is kept anew.
const AGAIN: usize = 8;

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
    /// How many of the events the Cloud has behind it that is kept; `None` where there is none that the session came from.
    kept: Option<usize>,
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
    /// The namespaces that the lab is to have, and has not.
    new: BTreeSet<NamespaceName>,
    /// Those that it has, and is not to have.
    gone: BTreeSet<NamespaceName>,
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
    let journal = if store.exists() { store.read_with_text()? } else { None };
    let (journal, text) = journal.ok_or_else(|| not_up(lab))?;
    replay(lab, &journal, text, file)
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
fn replay(lab: &str, journal: &Journal, text: String, file: Option<&Lab>) -> Result<Before, Errors> {
    let path = &journal.file.path;
    let source = Source::new(shown(path), text);
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
        let mut session = Session::lock(lab, waiting)?;
        session.before = session.replay(file)?;
        Ok(session)
    }

    /// Takes the lock of a lab that is up, with its run.
    pub fn open_running(lab: &str, waiting: impl FnOnce(&str)) -> Result<(Self, Before), Errors> {
        let mut session = Session::lock_running(lab, waiting)?;
        let before = session.replay(None)?;
        session.unless_gone(before)
    }

    /// Takes the lock of a lab that is up, with its Cloud to operate on. Where that was kept the lab's file is not read: it costs
    /// the same in a lab of any size.
    pub fn open_standing(lab: &str, waiting: impl FnOnce(&str)) -> Result<(Self, Standing), Errors> {
        let mut session = Session::lock_running(lab, waiting)?;
        let standing = match session.recall()? {
            Some(standing) => Some(standing),
            None => session.replay(None)?.map(|before| before.run.standing().clone()),
        };
        session.unless_gone(standing)
    }

    /// Takes the lock, and reads nothing.
    fn lock(lab: &str, waiting: impl FnOnce(&str)) -> Result<Self, Errors> {
        let store = Store::of(lab);
        let mut interrupts = Some(interrupt::Hold::new());
        let lock = store.lock(PATIENCE, |holder| {
            // Nothing of ours is there that an interrupt could leave behind.
            interrupts = None;
            waiting(holder);
        })?;
        interrupts.get_or_insert_with(interrupt::Hold::new);
        let (before, known, journal, kept) = (None, None, None, None);
        Ok(Session { lab: lab.into(), store, lock, interrupts, before, known, journal, kept })
    }

    fn lock_running(lab: &str, waiting: impl FnOnce(&str)) -> Result<Self, Errors> {
        if Store::of(lab).exists() { Session::lock(lab, waiting) } else { Err(not_up(lab).into()) }
    }

    /// The session with what was read of the lab; where there was nothing to read, it went down before the lock was ours.
    fn unless_gone<T>(self, read: Option<T>) -> Result<(Self, T), Errors> {
        match read {
            Some(read) => Ok((self, read)),
            None => {
                self.give_up()?;
                Err(not_up(&self.lab).into())
            }
        }
    }

    /// Does again what was done to the lab; `None` where it has no journal.
    fn replay(&mut self, file: Option<&Lab>) -> Result<Option<Before>, Errors> {
        let Some((journal, text)) = self.store.read_with_text()? else { return Ok(None) };
        let before = replay(&self.lab, &journal, text, file)?;
        self.known = before.settled.then(|| before.run.standing().held_cloud());
        self.journal = Some(journal);
        Ok(Some(before))
    }

    /// The Cloud that was kept, and on it what was done since. `None` where the lab is to be replayed: there is none, or it is
    /// not of this lab as it is.
    fn recall(&mut self) -> Result<Option<Standing>, Error> {
        let Some(journal) = self.store.read()?.filter(|journal| journal.settled) else { return Ok(None) };
        let kept = journal.kept.and_then(|behind| Some((behind, self.store.kept()?)));
        let standing = kernel::privilege::lowered(|| {
            let (behind, cloud) = kept?;
            let (behind, since) = journal.events.split_at_checked(behind)?;
            let mut standing = Standing::new(&self.lab, Cloud::from_kept(cloud)?, behind.to_vec());
            for event in since {
                let Event::Operation { account, line } = event else { return None };
                standing.operate(account, lab::parse_operation(line).ok()?).ok()?;
            }
            Some(standing)
        });
        if let Some(standing) = &standing {
            self.known = Some(standing.held_cloud());
            self.kept = journal.kept;
            self.journal = Some(journal);
        }
        Ok(standing)
    }

    fn watched<'a>(&'a self, progress: &'a dyn Progress) -> Watched<'a> {
        Watched { lab: &self.lab, progress }
    }

    /// The lab as it is, where it is up.
    pub fn before(&self) -> Option<&Before> {
        self.before.as_ref()
    }

    /// What is to be done so that the kernel is as the Cloud says.
    fn plan(&self, cloud: &Cloud, scope: Scope, progress: &dyn Progress) -> Result<Plan, Errors> {
        if scope == Scope::Change
            && let Some(known) = &self.known
        {
            let Difference { before, after } = Difference::between(known, cloud);
            let names = |network: &Network| network.namespaces.keys().cloned().collect::<BTreeSet<_>>();
            let (had, has) = (names(&before), names(&after));
            let touched: Vec<_> = had.union(&has).cloned().collect();
            let found = kernel::read(self.watched(progress), &touched, &before)?;
            if found == before {
                let (new, gone) = (&has - &had, &had - &has);
                return Ok(Plan { new, gone, changes: diff(&found, &after), desired: after });
            }
        }
        let (owned, desired) = (self.store.namespaces()?, compile(cloud));
        let changes = diff(&read_kernel(self.watched(progress), &desired)?, &desired);
        let names = desired.namespaces.keys().cloned().collect();
        Ok(Plan { new: &names - &owned, gone: &owned - &names, desired, changes })
    }

    /// Brings the kernel to what the run says, and the journal with it. Where both are so already, nothing is touched.
    ///
    /// A process killed in between leaves a journal that says so and lists every namespace that was made. An interrupt
    /// (Ctrl-C) waits until the kernel and the journal agree again, then ends the process.
    pub fn settle(&mut self, run: &Run, scope: Scope, progress: &dyn Progress) -> Result<Settled, Errors> {
        let text = &*run.lab().source.text;
        let held = self.journal.as_ref().map(|journal| journal.file.text);
        let is_held = held.is_some_and(|number| self.store.text(number).is_ok_and(|held| held == text));
        let number = held.map_or(1, |number| if is_held { number } else { number.wrapping_add(1) });
        let file = LabFile { path: run.path().to_owned(), text: number };
        self.settle_as(file, (!is_held).then_some(text), run.standing(), scope, progress)
    }

    /// The same for a lab of which only the Cloud changed.
    pub fn settle_standing(&mut self, standing: &Standing, progress: &dyn Progress) -> Result<Settled, Errors> {
        let file = self.journal.as_ref().map(|journal| journal.file.clone()).ok_or_else(|| not_up(&self.lab))?;
        self.settle_as(file, None, standing, Scope::Change, progress)
    }

    /// `text` is what is to be written as the file's.
    fn settle_as(
        &mut self,
        file: LabFile,
        text: Option<&str>,
        standing: &Standing,
        scope: Scope,
        progress: &dyn Progress,
    ) -> Result<Settled, Errors> {
        let interrupts = self.interrupts.take().unwrap_or_else(interrupt::Hold::new);
        // One that has a journal and no list has lost it, and is no new one.
        let is_new = self.journal.is_none() && self.store.namespaces()?.is_empty();
        let Plan { new, gone, desired, changes } =
            self.judged(standing.cloud(), scope, progress).or_else(|errors| {
                // Nothing was made yet: of a lab that is new, nothing stays.
                if is_new {
                    self.give_up().map_err(Errors::from)?
                }
                Err(errors)
            })?;
        let mut journal = Journal::new(file, standing.events().to_vec());
        let same_names = new.is_empty() && gone.is_empty();
        if changes.is_empty() && same_names && self.journal.as_ref().is_some_and(|it| it.settled_as(&journal)) {
            interrupts.heed(&not_verified(&self.lab));
            return Ok(Settled { changes, notes: Vec::new(), interrupts });
        }
        self.announce(&new, text, &journal).or_else(|error| {
            if is_new {
                self.give_up()?
            }
            Err(error)
        })?;
        self.known = None;
        self.journal = Some(journal.clone());
        let applied =
            self.apply(standing.cloud(), desired, &changes, progress).map_err(|errors| self.half_done(errors))?;
        if !gone.is_empty() {
            // A run that was killed as it removed a namespace may have left the name alone, which no reading sees.
            kernel::remove(&self.lab, &gone.iter().cloned().collect::<Vec<_>>())
                .map_err(|errors| self.half_done(errors))?;
            self.store.disown(&gone)?;
        }
        journal.settled = true;
        journal.kept = self.keep(standing);
        self.store.write(&journal)?;
        if text.is_some() {
            self.store.remove_text(journal.file.text.wrapping_sub(1));
        }
        self.journal = Some(journal);
        self.known = Some(standing.held_cloud());
        interrupts.heed(&not_verified(&self.lab));
        Ok(Settled { changes, notes: applied.notes, interrupts })
    }

    /// Writes down what is about to be made.
    fn announce(&self, new: &BTreeSet<NamespaceName>, text: Option<&str>, journal: &Journal) -> Result<(), Error> {
        if !new.is_empty() {
            self.store.own(new)?;
        }
        if let Some(text) = text {
            self.store.write_text(journal.file.text, text)?;
        }
        self.store.write(journal)
    }

    /// Keeps the Cloud, unless what was kept is near enough to go on from; how many of the events it has behind it.
    fn keep(&self, standing: &Standing) -> Option<usize> {
        let all = standing.events().len();
        match self.kept {
            Some(kept) if all - kept <= AGAIN => Some(kept),
            _ => self.store.keep(standing.cloud().to_kept()).then_some(all),
        }
    }

    /// Makes the changes. An answer of the kernel's that was lost for want of buffers says nothing of what was done: then the
    /// kernel is read, and what is missing is made.
    fn apply(
        &self,
        cloud: &Cloud,
        desired: Network,
        changes: &[Change],
        progress: &dyn Progress,
    ) -> Result<kernel::Applied, Errors> {
        match kernel::apply(self.watched(progress), &desired, changes) {
            Err(errors) if kernel::lost_answers(&errors) => {
                let desired = compile(cloud);
                let missing = diff(&read_kernel(self.watched(progress), &desired)?, &desired);
                kernel::apply(self.watched(progress), &desired, &missing)
            }
            applied => applied,
        }
    }

    /// All that can be found wrong before anything is made.
    fn judged(&self, cloud: &Cloud, scope: Scope, progress: &dyn Progress) -> Result<Plan, Errors> {
        let plan = self.plan(cloud, scope, progress)?;
        self.refuse_taken(&plan.new)?;
        kernel::fits(&self.lab, &plan.desired)?;
        let new = plan.changes.iter().filter(|change| matches!(change, Change::CreateNamespace { .. })).count();
        doctor::room_for(&self.lab, new)?;
        Ok(plan)
    }

    /// A namespace that exists and is not the lab's own is somebody else's.
    fn refuse_taken(&self, names: &BTreeSet<NamespaceName>) -> Result<(), Errors> {
        let taken = names.iter().filter(|name| kernel::is_taken(&self.lab, name)).map(|name| {
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
        (journal.settled, journal.kept) = (false, None);
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
