//! A lab in a long-lived process, which takes the operations of several accounts in order, and answers each.
//!
//! One thread owns the lab. For each operation it takes the lab's lock, applies the events that others appended to its
//! own Cloud, then does the operation as a command would. So other commands can change the same lab, and the thread
//! always works on the current state. A reader of the Cloud waits neither for the lock nor for the kernel.

use std::cell::OnceCell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::behind::making;
use super::{Scope, Session, Settled, Standing, look};
use crate::cloud::{Call, Cloud, Id, Operation, Outcome};
use crate::error::{Error, Errors, Source};
use crate::journal::{Journal, LabFile, Store, shared};
use crate::lab::{self, Lab};
use crate::message::Message;
use crate::msg;
use crate::progress::Unwatched;
use crate::session::messages::Said;
use crate::target::Memory;

/// How many entries of a Cloud may differ from its last kept form: more cost more to copy, before each operation, than to
/// decode again.
const RENEWED: usize = 256;

/// A lab that this process uses until this value is dropped. The lab itself stays up.
#[derive(Debug)]
pub struct Held {
    lab: String,
    store: Store,
    /// The copy for readers.
    seen: Arc<Mutex<Option<Copy>>>,
    jobs: Option<Sender<Job>>,
    owner: Option<JoinHandle<()>>,
}

/// A requested operation.
#[derive(Clone, Debug)]
pub struct Request {
    /// The calling account, by name or id.
    pub account: String,
    /// The operation.
    pub call: Call,
    /// The caller's name for the request, for the journal.
    pub id: Option<String>,
}

/// The result of an operation that has taken effect in the kernel.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The cloud's result.
    pub outcome: Outcome,
    /// The created resources, by name, with their ids.
    pub made: Vec<(Message, Id)>,
    /// The number of changes to the kernel.
    pub changes: usize,
    /// Missing kernel features, and their replacements.
    pub notes: Vec<Message>,
}

/// A lab according to its journal.
#[derive(Clone, Debug)]
pub struct View {
    /// Its Cloud.
    pub cloud: Arc<Cloud>,
    /// Whether the kernel agrees with it; false during an operation, and after an interrupted one.
    pub settled: bool,
}

/// What the owner of a lab is to do.
type Job = Box<dyn FnOnce(&mut Owner) + Send>;

/// A lab whose turn it is for one caller, who sees the current state, and whose operations take effect together.
#[derive(Debug)]
pub struct Turn<'o> {
    store: &'o Store,
    file: LabFile,
    /// The lab of the file, once it was needed.
    lab: &'o mut Option<(LabFile, Lab)>,
    standing: Standing,
    operated: bool,
}

impl Turn<'_> {
    /// The state, with what was operated.
    pub fn cloud(&self) -> &Cloud {
        self.standing.cloud()
    }

    /// The number of steps and operations until now.
    pub fn number(&self) -> usize {
        self.standing.history().count()
    }

    /// Does an operation as the account of this name or id; the kernel follows when the turn is over.
    pub fn operate(&mut self, account: &str, call: Call) -> Result<Outcome, Error> {
        let outcome = self.standing.operate(account, call)?;
        self.operated = true;
        Ok(outcome)
    }

    /// The operations of the lab's steps that are not done yet, with the names of what was made by hand. Empty if the
    /// lab's file cannot be read.
    pub fn awaited(&mut self) -> Vec<Operation> {
        let done = self.standing.history().steps().count();
        if self.lab.as_ref().is_none_or(|(file, _)| *file != self.file) {
            let text = self.store.text(self.file.text).unwrap_or_default();
            let source = Source::new(self.file.path.to_string_lossy(), text);
            let lab = crate::kernel::privilege::lowered(|| lab::read_as(source, Some(self.store.lab())));
            *self.lab = lab.ok().map(|lab| (self.file.clone(), lab));
        }
        let Some((_, lab)) = self.lab else { return Vec::new() };
        let (cloud, bindings) = (self.standing.cloud(), self.standing.bindings());
        let meant = |operation: &Operation| {
            let call = bindings.references(cloud, &operation.call);
            Operation { call, ..operation.clone() }
        };
        lab.steps.iter().skip(done).flat_map(making).map(meant).collect()
    }
}

/// A Cloud, and the point in the log up to which it includes the events.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    journal: Journal,
    standing: Standing,
}

impl Held {
    /// Opens a running lab.
    pub fn open(lab: &str) -> Result<Self, Errors> {
        let seen = Arc::new(Mutex::new(None));
        let (store, memory) = (Store::of(lab), OnceCell::new());
        let mut owner = Owner { lab: lab.into(), store, copy: None, file: None, seen: seen.clone(), memory };
        owner.read()?;
        let (jobs, called) = channel();
        let started = Builder::new().name(format!("lab {lab}")).spawn(move || owner.work(&called));
        let thread = started.map_err(|error| Error::host(msg!(Said::NoThread { error })).hint(Said::RaiseThreads))?;
        Ok(Held { lab: lab.into(), store: Store::of(lab), seen, jobs: Some(jobs), owner: Some(thread) })
    }

    /// The lab's name.
    pub fn lab(&self) -> &str {
        &self.lab
    }

    /// Does an operation, after all that were requested before it. It has taken effect in the kernel when this returns.
    /// A refused operation changes nothing.
    pub fn operate(&self, request: Request) -> Result<Answer, Errors> {
        let Request { account, call, id } = request;
        let work = move |turn: &mut Turn<'_>| {
            let outcome = turn.operate(&account, call.clone())?;
            Ok((outcome, turn.cloud().made_by(&call)))
        };
        let ((outcome, made), settled) = self.turn(id, work, |_| ())?.map_err(|error: Error| Errors::from(error))?;
        Ok(Answer { outcome, made, changes: settled.changes.len(), notes: settled.notes })
    }

    /// Does `work` when all that was requested before is done; what it operates has taken effect in the kernel when this
    /// returns. If it is an error, nothing is changed. `after` is called before the next turn begins. If somebody on another host
    /// was faster, `work` is done again, with what is there then.
    pub fn turn<T: Send + 'static, E: Send + 'static>(
        &self,
        id: Option<String>,
        work: impl Fn(&mut Turn<'_>) -> Result<T, E> + Send + 'static,
        after: impl FnOnce(&T) + Send + 'static,
    ) -> Result<Result<(T, Settled), E>, Errors> {
        self.answered(move |owner| owner.turns(id.as_deref(), &work, after))
    }

    /// Reads all of the lab's kernel state, and repairs differences from the lab.
    pub fn reconcile(&self) -> Result<Settled, Errors> {
        self.answered(Owner::reconcile)
    }

    /// The lab's current state, with all changes until now, by any process. Does not wait for processes that change it.
    pub fn view(&self) -> Result<View, Errors> {
        self.store.refresh();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let caught_up = seen.take().and_then(|copy| copy.catch_up(&self.store));
        let copy = match caught_up {
            Some(copy) => copy,
            None => Copy::read(&self.lab)?,
        };
        if copy.standing.is_due() {
            // The kernel follows first.
            drop(seen);
            return self.answered(Owner::look);
        }
        let view = View { cloud: copy.standing.held_cloud(), settled: copy.journal.settled };
        *seen = Some(copy);
        Ok(view)
    }

    fn answered<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Owner) -> Result<T, Errors> + Send + 'static,
    ) -> Result<T, Errors> {
        let (answer, answered) = channel();
        // The caller may be gone when the job is done.
        let job = move |owner: &mut Owner| _ = answer.send(job(owner));
        let called = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Box::new(job)).is_ok());
        let result = answered.recv().ok().filter(|_| called);
        result.unwrap_or_else(|| {
            let message = msg!(Said::NotHeld { lab: &self.lab });
            Err(Error::host(message).code("NotHeld").hint(Said::Defect).into())
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(owner) = self.owner.take() {
            // A panic was reported when it happened.
            let _ = owner.join();
        }
    }
}

/// The thread that changes a lab.
struct Owner {
    lab: String,
    store: Store,
    /// The lab of its file, once it was needed.
    file: Option<(LabFile, Lab)>,
    /// The state after the last operation; `None` if it must be read.
    copy: Option<Copy>,
    seen: Arc<Mutex<Option<Copy>>>,
    /// What is remembered of the kernel, once there was a change; `None` inside: nothing can be.
    memory: OnceCell<Option<Arc<Memory>>>,
}

impl Owner {
    fn work(mut self, jobs: &Receiver<Job>) {
        for job in jobs {
            job(&mut self);
        }
    }

    /// Takes the lab's lock briefly, and reads the lab.
    fn read(&mut self) -> Result<(), Errors> {
        let (session, standing) = self.begin()?;
        self.end(session, standing);
        Ok(())
    }

    /// Has turns until one is not too late.
    fn turns<T, E>(
        &mut self,
        id: Option<&str>,
        work: &dyn Fn(&mut Turn<'_>) -> Result<T, E>,
        after: impl FnOnce(&T),
    ) -> Result<Result<(T, Settled), E>, Errors> {
        let done = shared::until_current(|turn| {
            if turn > 0 {
                *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
            }
            self.turn(id, work)
        });
        done.inspect(|done| _ = done.as_ref().map(|(done, _)| after(done)))
    }

    fn turn<T, E>(
        &mut self,
        id: Option<&str>,
        work: &dyn Fn(&mut Turn<'_>) -> Result<T, E>,
    ) -> Result<Result<(T, Settled), E>, Errors> {
        let (mut session, before) = self.begin()?;
        let file =
            session.journal.as_ref().map(|journal| journal.file.clone()).ok_or_else(|| look::not_up(&self.lab))?;
        let standing = before.clone();
        let mut turn = Turn { store: &self.store, file, lab: &mut self.file, standing, operated: false };
        let done = match work(&mut turn) {
            Ok(done) => done,
            Err(error) => {
                self.end(session, before);
                return Ok(Err(error));
            }
        };
        let Turn { standing, operated, .. } = turn;
        let settled = match operated {
            true => {
                session.of_request(id);
                session.memory = self.memory.get_or_init(|| session.target.memory(&self.lab)).clone();
                self.settle(session, standing, Scope::Change)?
            }
            false => {
                self.end(session, before);
                Settled::default()
            }
        };
        Ok(Ok((done, settled)))
    }

    /// Reads the lab, and brings what ended by the clock into the kernel.
    fn look(&mut self) -> Result<View, Errors> {
        let (session, standing) = self.begin()?;
        let settled = session.journal.as_ref().is_some_and(|journal| journal.settled);
        let view = View { cloud: standing.held_cloud(), settled };
        self.end(session, standing);
        Ok(view)
    }

    fn reconcile(&mut self) -> Result<Settled, Errors> {
        let (session, standing) = self.begin()?;
        self.settle(session, standing, Scope::Whole)
    }

    /// Takes the lab's lock, and reads the changes until then.
    fn begin(&mut self) -> Result<(Session, Standing), Errors> {
        let mut session = Session::lock_running(&self.lab, |_| ())?;
        let caught_up = self.copy.take().and_then(|copy| copy.catch_up(&session.store));
        let standing = match caught_up {
            Some(Copy { journal, mut standing, .. }) => {
                let (known, is_due) = standing.catch_up(&journal);
                session.known = journal.settled.then_some(known);
                (session.journal, session.is_due) = (Some(journal), is_due);
                Some(standing)
            }
            None => session.standing()?,
        };
        let (mut session, standing) = session.unless_gone(standing)?;
        session.end_what_is_due(&standing)?;
        Ok((session, standing))
    }

    /// If it is interrupted, the next job reads the lab anew.
    fn settle(&mut self, mut session: Session, standing: Standing, scope: Scope) -> Result<Settled, Errors> {
        let mut settled = session.settle_standing(&standing, scope, &Unwatched)?;
        let (kept, journal) = (settled.kept.take(), session.journal.take());
        let (standing, journal) = match (kept, journal) {
            // The copy continues the snapshot, so that memory does not grow with the history.
            (Some(kept), Some(journal)) => {
                let (journal, cloud) = (journal.rebased(), standing.held_cloud());
                let is_grown = cloud.renewed() > RENEWED;
                let cloud = is_grown.then(|| Cloud::from_kept(kept)).flatten().map_or(cloud, Arc::new);
                (Standing::new(&self.lab, cloud, journal.history.clone()), Some(journal))
            }
            (_, journal) => (standing, journal),
        };
        session.journal = journal;
        self.end(session, standing);
        Ok(settled)
    }

    /// Releases the lock, and keeps the state for the next operation and for readers.
    fn end(&mut self, session: Session, standing: Standing) {
        self.copy = session.journal.map(|journal| Copy { journal, standing });
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = self.copy.clone();
    }
}

impl Copy {
    /// A running lab, read without its lock.
    fn read(lab: &str) -> Result<Self, Errors> {
        let (journal, before) = look::read(lab, None)?;
        Ok(Copy { standing: before.run.standing().clone(), journal })
    }

    /// Applies the changes since; `None` if the lab must be read anew.
    fn catch_up(mut self, store: &Store) -> Option<Self> {
        let events = store.catch_up(&mut self.journal)?;
        crate::kernel::privilege::lowered(|| self.standing.redo(&events))?;
        Some(self)
    }
}
