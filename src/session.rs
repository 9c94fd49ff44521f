//! A running lab: its file, its events, and the single path by which they reach the kernel.
//!
//! `up`, `next`, `api` and `explain --fix` differ only in how they get a [`Standing`]: from a [`Run`] of the lab's
//! file, or for `api` without reading the file. [`Session::settle`] does the rest:
//!
//! ```text
//! Standing ─compile→ Network ─diff against what is read→ [Change] ─apply→ kernel, with the journal before and after
//! ```
//!
//! They also differ in how much of the kernel they read: see [`Scope`].
#![allow(clippy::disallowed_methods)]

mod against;
mod behind;
mod down;
mod export;
mod file;
mod follow;
mod held;
mod leftovers;
mod look;
mod messages;
mod progress;
mod recognize;
mod remake;
mod run;
mod settle;
mod standing;

use std::sync::Arc;
use std::time::Duration;

use crate::cloud::Cloud;
use crate::error::{Error, Errors};
use crate::journal::{Journal, Lock, Store};
use crate::kernel;
use crate::lab::Lab;
use crate::message::Message;
use crate::progress::{Progress, Unwatched, Watched};
use crate::target::{self, Memory, Target};
use crate::trace::Trace;

pub use against::Against;
pub use down::take_down;
pub use file::{absolute, called, parse, read_file, shipped};
pub use follow::{Follower, News};
pub use held::{Answer, Held, Request, Turn, View};
pub use leftovers::{Leftover, clean, leftover_of, leftovers};
pub use look::{Before, look, look_beside, look_now, not_up};
pub use recognize::{OperationSeen, State, StepSeen, difference};
pub use remake::Remake;
pub use run::{Run, StepDone};
pub use settle::{Scope, Settled};
pub use standing::Standing;

/// How long a verb waits for another that changes the same lab.
const PATIENCE: Duration = Duration::from_secs(20);

/// A lab that only this process changes.
#[derive(Debug)]
pub struct Session {
    lab: String,
    target: &'static dyn Target,
    store: Store,
    lock: Lock,
    /// The journal's content when the session began; `None` for a lab that is not up.
    before: Option<Before>,
    /// The kernel's state according to the journal; `None` if unknown: the lab is not up, or a change was interrupted.
    known: Option<Arc<Cloud>>,
    /// The current journal.
    journal: Option<Journal>,
    /// The matching text of the lab file, if it was read or written.
    text: Option<Arc<str>>,
    /// The caller's name for the request, for the journal.
    request: Option<String>,
    /// Whether a change ended of which the kernel does not know yet.
    is_due: bool,
    /// What this process remembers of the lab's kernel, if it holds the lab.
    memory: Option<Arc<Memory>>,
}

impl Session {
    /// Takes the lock of a lab, up or not. If it must wait, calls `waiting` once with the lock's owner, and drops the
    /// result when the wait is over.
    ///
    /// A lab whose journal cannot be read is an error; only `down` works on it. A lab file that was read already is not
    /// read again.
    pub fn open<Waiting>(
        lab: &str,
        file: Option<&Lab>,
        waiting: impl FnOnce(&Message) -> Waiting,
    ) -> Result<Self, Errors> {
        let mut session = Session::lock(lab, waiting)?;
        session.before = session.replay(file)?;
        Ok(session)
    }

    /// Takes the lock of a running lab, and returns its run.
    pub fn open_running<Waiting>(
        lab: &str,
        waiting: impl FnOnce(&Message) -> Waiting,
    ) -> Result<(Self, Before), Errors> {
        let mut session = Session::lock_running(lab, waiting)?;
        let before = session.replay(None)?;
        let (mut session, before) = session.unless_gone(before)?;
        session.end_what_is_due(before.run.standing())?;
        Ok((session, before))
    }

    /// Takes the lock of a running lab, and returns its Cloud for operations. The lab's file is not read, unless the last
    /// change was interrupted.
    pub fn open_standing<Waiting>(
        lab: &str,
        waiting: impl FnOnce(&Message) -> Waiting,
    ) -> Result<(Self, Standing), Errors> {
        let mut session = Session::lock_running(lab, waiting)?;
        let standing = session.standing()?;
        let (mut session, standing) = session.unless_gone(standing)?;
        session.end_what_is_due(&standing)?;
        Ok((session, standing))
    }

    /// Brings what ended by the clock since the last command into the kernel.
    fn end_what_is_due(&mut self, standing: &Standing) -> Result<(), Errors> {
        if self.is_due {
            self.settle_standing(standing, Scope::Change, &Unwatched)?;
        }
        Ok(())
    }

    /// The lab's Cloud for operations; `None` if it has no journal.
    fn standing(&mut self) -> Result<Option<Standing>, Errors> {
        Ok(match self.recall()? {
            Some(standing) => Some(standing),
            None => self.replay(None)?.map(|before| before.run.standing().clone()),
        })
    }

    /// Takes the lock without reading anything.
    fn lock<Waiting>(lab: &str, waiting: impl FnOnce(&Message) -> Waiting) -> Result<Self, Errors> {
        let (target, store) = (target::of(lab), Store::of(lab));
        target.check()?;
        let lock = store.lock(PATIENCE, waiting)?;
        let (before, known, journal, text, request, is_due, memory) = (None, None, None, None, None, false, None);
        Ok(Session { lab: lab.into(), target, store, lock, before, known, journal, text, request, is_due, memory })
    }

    /// Takes only the lock of a running lab, for what lies beside its journal.
    pub fn lock_only(lab: &str) -> Result<Self, Errors> {
        Session::lock_running(lab, |_| ())
    }

    fn lock_running<Waiting>(lab: &str, waiting: impl FnOnce(&Message) -> Waiting) -> Result<Self, Errors> {
        if Store::of(lab).exists() { Session::lock(lab, waiting) } else { Err(not_up(lab).into()) }
    }

    /// The session with the lab that was read; if there was nothing to read, the lab went down before this process had
    /// the lock.
    fn unless_gone<T>(self, read: Option<T>) -> Result<(Self, T), Errors> {
        match read {
            Some(read) => Ok((self, read)),
            None => {
                self.give_up()?;
                Err(not_up(&self.lab).into())
            }
        }
    }

    /// Replays the lab's events; `None` if it has no journal.
    fn replay(&mut self, file: Option<&Lab>) -> Result<Option<Before>, Errors> {
        let Some((journal, cloud, text)) = self.store.read_with_text()? else { return Ok(None) };
        let before = look::replay(&self.lab, &journal, cloud, text, file)?;
        self.known = before.settled.then(|| before.known.clone());
        self.is_due = before.is_due;
        self.journal = Some(journal);
        self.text = Some(before.run.lab().source.text.clone());
        Ok(Some(before))
    }

    /// The Cloud of the snapshot, with later operations applied. `None` if that needs the lab's file: there is no snapshot, a
    /// step was done since, or the last change was interrupted.
    fn recall(&mut self) -> Result<Option<Standing>, Error> {
        let Some((journal, cloud)) = self.store.read_kept()? else { return Ok(None) };
        let cloud = cloud.filter(|_| journal.settled);
        let standing = kernel::privilege::lowered(|| {
            let cloud = Cloud::from_kept(cloud?)?;
            let mut standing = Standing::new(&self.lab, cloud, journal.history.at_snapshot());
            standing.redo(journal.history.since())?;
            Some(standing)
        });
        let mut standing = standing;
        if let Some(standing) = &mut standing {
            let (known, is_due) = standing.catch_up(&journal);
            (self.known, self.is_due) = (Some(known), is_due);
            self.journal = Some(journal);
        }
        Ok(standing)
    }

    /// Sets the name of the request to which further changes belong; the journal records it.
    pub fn of_request(&mut self, request: Option<&str>) {
        self.request = request.map(str::to_owned);
    }

    fn watched<'a>(&'a self, progress: &'a dyn Progress) -> Watched<'a> {
        Watched { lab: &self.lab, progress }
    }

    /// The lab's current state, if it is up.
    pub fn before(&self) -> Option<&Before> {
        self.before.as_ref()
    }

    /// Removes the record of a lab of which nothing was created.
    pub fn give_up(&self) -> Result<(), Error> {
        self.store.remove(&self.lock)
    }
}

/// What somebody changed in a lab's kernel by hand, as facts: `VPC1: link eth0 is down`. Reads the whole lab from the kernel.
pub fn drift(run: &Run) -> Result<Vec<Message>, Errors> {
    target::of(&run.lab().name).drift(&run.lab().name, run.cloud())
}

/// The same for verbs that only show something: in a large lab, looks only for missing namespaces, and along the path of
/// a flow.
pub fn drift_at_a_glance(run: &Run, flow: Option<&Trace>) -> Result<Vec<Message>, Errors> {
    target::of(&run.lab().name).drift_at_a_glance(&run.lab().name, run.cloud(), flow)
}
