//! A lab that a long-lived process holds: it takes the operations of several accounts in order, and answers each.
//!
//! One thread owns the lab. For each operation it takes the lab's lock, reads what others appended to the log meanwhile and does it on
//! its own Cloud, then does the operation as a command would. So commands beside it stay right, and what it holds is never older than
//! the lock. Whoever looks at the Cloud waits neither for the lock nor for the kernel.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::{Scope, Session, Settled, Standing, not_up};
use crate::cloud::{Call, Cloud, Id, Outcome};
use crate::error::{Error, Errors};
use crate::journal::{Journal, Store};
use crate::message::Message;
use crate::progress::Unwatched;

/// A lab that this process holds, until it is dropped. The lab itself stays up.
#[derive(Debug)]
pub struct Held {
    lab: String,
    store: Store,
    /// For those who look.
    seen: Arc<Mutex<Option<Copy>>>,
    jobs: Option<Sender<Job>>,
    owner: Option<JoinHandle<()>>,
}

/// An operation that somebody calls.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who calls, by name or id.
    pub account: String,
    /// The operation.
    pub call: Call,
    /// What the caller calls the request by, for the journal.
    pub id: Option<String>,
}

/// What came of an operation that is done, and in the kernel.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the cloud says.
    pub outcome: Outcome,
    /// What it created, by name, with its id.
    pub made: Vec<(String, Id)>,
    /// How many things the kernel was told to change.
    pub changes: usize,
    /// What the kernel could not do, and what was done instead.
    pub notes: Vec<Message>,
}

/// A lab as its journal has it.
#[derive(Clone, Debug)]
pub struct View {
    /// Its Cloud.
    pub cloud: Arc<Cloud>,
    /// Whether the kernel holds all of it; false while an operation is on its way there, and where one was cut short.
    pub settled: bool,
}

enum Job {
    Operate(Box<Request>, Sender<Result<Answer, Errors>>),
    Reconcile(Sender<Result<Settled, Errors>>),
}

/// A Cloud, and the place in the log as far as which it includes what was done.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    journal: Journal,
    standing: Standing,
}

impl Held {
    /// Holds a lab that is up.
    pub fn open(lab: &str) -> Result<Self, Errors> {
        let seen = Arc::new(Mutex::new(None));
        let mut owner = Owner { lab: lab.into(), copy: None, seen: seen.clone() };
        owner.read()?;
        let (jobs, called) = channel();
        let started = Builder::new().name(format!("lab {lab}")).spawn(move || owner.work(&called));
        let thread = started.map_err(|error| {
            Error::host(format!("no thread can be started: {error}"))
                .hint("raise the limit of threads: `ulimit -u`, or pids.max of the container or service")
        })?;
        Ok(Held { lab: lab.into(), store: Store::of(lab), seen, jobs: Some(jobs), owner: Some(thread) })
    }

    /// The lab's name.
    pub fn lab(&self) -> &str {
        &self.lab
    }

    /// Does an operation, behind all that were called before it; it is in the kernel when this returns. One that the cloud refuses
    /// changes nothing.
    pub fn operate(&self, request: Request) -> Result<Answer, Errors> {
        self.answered(|answer| Job::Operate(request.into(), answer))
    }

    /// Reads all of the lab's kernel, and mends what is not as the lab says.
    pub fn reconcile(&self) -> Result<Settled, Errors> {
        self.answered(Job::Reconcile)
    }

    /// The lab as it is, with all that was done to it until now, by whomever. Waits for nobody who changes it.
    pub fn view(&self) -> Result<View, Errors> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let caught_up = seen.take().and_then(|copy| copy.catch_up(&self.store));
        let copy = match caught_up {
            Some(copy) => copy,
            None => Copy::read(&self.lab, &self.store)?,
        };
        let view = View { cloud: copy.standing.held_cloud(), settled: copy.journal.settled };
        *seen = Some(copy);
        Ok(view)
    }

    fn answered<T>(&self, job: impl FnOnce(Sender<Result<T, Errors>>) -> Job) -> Result<T, Errors> {
        let (answer, answered) = channel();
        let called = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job(answer)).is_ok());
        let result = answered.recv().ok().filter(|_| called);
        result.unwrap_or_else(|| {
            let message = format!("lab {} is not held any more", self.lab);
            Err(Error::host(message).code("NotHeld").hint("this is a defect of peerlab: please report it").into())
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(owner) = self.owner.take() {
            // What it panicked of was said when it did.
            let _ = owner.join();
        }
    }
}

/// The thread that changes a lab.
struct Owner {
    lab: String,
    /// As it was left; `None` where it is to be read.
    copy: Option<Copy>,
    seen: Arc<Mutex<Option<Copy>>>,
}

impl Owner {
    fn work(mut self, jobs: &Receiver<Job>) {
        for job in jobs {
            // Whoever called may have gone away.
            let _ = match job {
                Job::Operate(request, answer) => answer.send(self.operate(*request)).is_ok(),
                Job::Reconcile(answer) => answer.send(self.reconcile()).is_ok(),
            };
        }
    }

    /// Takes the lab's lock for a moment, and reads it.
    fn read(&mut self) -> Result<(), Errors> {
        let (session, standing) = self.begin()?;
        self.end(session, standing);
        Ok(())
    }

    fn operate(&mut self, request: Request) -> Result<Answer, Errors> {
        let (mut session, before) = self.begin()?;
        let mut standing = before.clone();
        let outcome = match standing.operate(&request.account, request.call.clone()) {
            Ok(outcome) => outcome,
            Err(error) => {
                self.end(session, before);
                return Err(error.into());
            }
        };
        session.of_request(request.id.as_deref());
        let made = standing.cloud().made_by(&request.call);
        let settled = self.settle(session, standing, Scope::Change)?;
        Ok(Answer { outcome, made, changes: settled.changes.len(), notes: settled.notes })
    }

    fn reconcile(&mut self) -> Result<Settled, Errors> {
        let (session, standing) = self.begin()?;
        self.settle(session, standing, Scope::Whole)
    }

    /// Takes the lab's lock, and what was done until then.
    fn begin(&mut self) -> Result<(Session, Standing), Errors> {
        let mut session = Session::lock_running(&self.lab, |_| ())?;
        let caught_up = self.copy.take().and_then(|copy| copy.catch_up(&session.store));
        let standing = match caught_up {
            Some(Copy { journal, standing }) => {
                session.known = journal.settled.then(|| standing.held_cloud());
                session.journal = Some(journal);
                Some(standing)
            }
            None => session.standing()?,
        };
        session.unless_gone(standing)
    }

    /// Where it is cut short, the lab is read anew by the next.
    fn settle(&mut self, mut session: Session, standing: Standing, scope: Scope) -> Result<Settled, Errors> {
        let mut settled = session.settle_standing(&standing, scope, &Unwatched)?;
        let kept = settled.kept.take().and_then(Cloud::from_kept);
        let standing = match (kept, session.journal.take()) {
            // From the snapshot on, so that what is in memory does not grow with what was done.
            (Some(cloud), Some(journal)) => {
                let journal = journal.rebased();
                let standing = Standing::new(&self.lab, cloud, journal.history.clone());
                session.journal = Some(journal);
                standing
            }
            (_, journal) => {
                session.journal = journal;
                standing
            }
        };
        self.end(session, standing);
        Ok(settled)
    }

    /// Leaves the lab to others.
    fn end(&mut self, session: Session, standing: Standing) {
        self.copy = session.journal.map(|journal| Copy { journal, standing });
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = self.copy.clone();
    }
}

impl Copy {
    /// A lab that is up, read without its lock.
    fn read(lab: &str, store: &Store) -> Result<Self, Errors> {
        let there = if store.exists() { store.read_with_text()? } else { None };
        let (journal, cloud, text) = there.ok_or_else(|| not_up(lab))?;
        let before = super::look::replay(lab, &journal, cloud, text, None)?;
        Ok(Copy { standing: before.run.standing().clone(), journal })
    }

    /// With what was done since; `None` where it is to be read anew.
    fn catch_up(mut self, store: &Store) -> Option<Self> {
        let events = store.catch_up(&mut self.journal)?;
        crate::kernel::privilege::lowered(|| self.standing.redo(&events))?;
        Some(self)
    }
}
