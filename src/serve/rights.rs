//! The thread with the server's rights, and what it does for those without.

use std::process::{Child, Command};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::error::Errors;

/// How often labs that came up or went down are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Starts a command in an instance, by lab and the instance's id, on a thread with the server's rights.
pub type Starter = fn(&str, &str, &mut Command) -> Result<Child, Errors>;

/// What the thread does.
enum Job {
    /// Looks for labs, and says when it has.
    Look(Sender<()>),
    /// Does something else.
    Do(Box<dyn FnOnce(Starter) + Send>),
}

/// The thread, once it is started.
#[derive(Debug, Default)]
pub(super) struct Rights(Mutex<Option<Sender<Job>>>);

impl Rights {
    /// Starts the thread, with this thread's rights. It calls `look` on request and once a second, until it is closed or
    /// `look` returns false.
    pub fn start(&self, starter: Starter, look: impl Fn() -> bool + Send + 'static) -> std::io::Result<()> {
        let (jobs, asked) = channel();
        *self.jobs() = Some(jobs);
        let work = move || {
            loop {
                let answer = match asked.recv_timeout(LOOK) {
                    Ok(Job::Look(answer)) => Some(answer),
                    Ok(Job::Do(work)) => {
                        work(starter);
                        continue;
                    }
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                if !look() {
                    return;
                }
                if let Some(answer) = answer {
                    let _ = answer.send(());
                }
            }
        };
        Builder::new().name("labs".into()).spawn(work).map(drop)
    }

    /// Has the thread look for labs.
    pub fn look(&self) {
        let _ = self.job(Job::Look);
    }

    /// Does `work` on the thread.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce(Starter) -> T + Send + 'static) -> Option<T> {
        self.job(|answer| Job::Do(Box::new(move |starter| _ = answer.send(work(starter)))))
    }

    /// Starts a thread of its own for `work`, with the same rights.
    pub fn spawn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<JoinHandle<T>> {
        self.run(|_| Builder::new().spawn(work))?.ok()
    }

    /// Ends the thread.
    pub fn close(&self) {
        *self.jobs() = None;
    }

    fn job<T>(&self, job: impl FnOnce(Sender<T>) -> Job) -> Option<T> {
        let jobs = self.jobs().clone()?;
        let (answer, answered) = channel();
        jobs.send(job(answer)).ok()?;
        answered.recv().ok()
    }

    fn jobs(&self) -> MutexGuard<'_, Option<Sender<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
