//! Starts threads, which can fail, and works on many namespaces at once on threads that end with the work.

use std::fs::File;
use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder, Scope, ScopedJoinHandle};

use nix::sched::{CloneFlags, setns};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::unistd::{getpid, gettid};

use super::messages::Said;
use crate::error::{Error, Errors, Result};
use crate::msg;

/// `up` spends its time on the kernel's single RTNL mutex: a second thread gains a third of the time, a third thread
/// nothing.
const THREADS: usize = 2;

/// Starts a thread.
pub fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().spawn_scoped(scope, work).map_err(|error| none(&error))
}

/// Starts a thread that nobody awaits, with a stack of this size in bytes.
pub fn detach(stack: usize, work: impl FnOnce() + Send + 'static) -> Result<()> {
    Builder::new().stack_size(stack).spawn(work).map(drop).map_err(|error| none(&error))
}

/// Does `work` on a separate thread, so that only that thread changes its namespaces or rights.
pub fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    thread::scope(|scope| Ok(join(start(scope, work)?)))
}

/// The least stack with which the process works on its main thread, and the stack of a separate thread if it has less
/// (`ulimit -s`).
const STACK: u64 = 1 << 20;
const OWN_STACK: usize = 8 << 20;

/// Does all the work of a process, on a separate thread if the stack is too small. Only that thread then receives
/// signals.
pub fn with_enough_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match getrlimit(Resource::RLIMIT_STACK) {
        Ok((limit, _)) if limit < STACK => {}
        _ => return work(),
    }
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let work = || {
        if let Ok(before) = before {
            // This is the mask that the process had before.
            let _ = before.thread_set_mask();
        }
        work()
    };
    thread::scope(|scope| match Builder::new().stack_size(OWN_STACK).spawn_scoped(scope, work) {
        Ok(thread) => join(thread),
        Err(error) => panic!("{}", none(&error)),
    })
}

/// The result of a thread.
pub(crate) fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

fn none(error: &io::Error) -> Error {
    let hint = msg!(Said::RaiseThreads);
    super::fault::host(msg!(Said::NoThread), super::fault::errno(error), hint)
}

/// Does `work` on each of `items`, on threads that may change their namespaces. Tries all items; results and errors are in
/// the items' order.
pub(super) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>, Errors> {
    // A thread costs more than most of what is done to one namespace.
    if let [item] = items
        && let Some(_home) = Home::of_this_thread()
    {
        return Ok(vec![work(item)?]);
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let mut done: Vec<(usize, Result<R>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS.min(items.len())).map(|_| start(scope, run)).collect();
        // One thread is enough.
        let (threads, mut none): (Vec<_>, Vec<_>) = threads.into_iter().partition(Result::is_ok);
        match none.pop() {
            Some(Err(error)) if threads.is_empty() => Err(error),
            _ => Ok(threads.into_iter().flatten().flat_map(join).collect()),
        }
    })?;
    done.sort_by_key(|it| it.0);
    let mut errors = Errors::default();
    let mut results = Vec::with_capacity(done.len());
    for (_, result) in done {
        match result {
            Ok(result) => results.push(result),
            Err(error) => errors.0.push(error),
        }
    }
    Errors(told_once(errors.0)).into_result().map(|()| results)
}

/// The same for work that stays in its namespace: one item needs no thread.
pub(super) fn spread<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>, Errors> {
    match items {
        [item] => Ok(vec![work(item)?]),
        items => each(items, work),
    }
}

/// The network namespace of a thread, to which it returns when this is dropped.
struct Home(File);

impl Home {
    /// `None` for the main thread, whose namespace counts as the process's, and for one that may not return: the user of a
    /// user namespace does not own the host's.
    fn of_this_thread() -> Option<Self> {
        if gettid() == getpid() {
            return None;
        }
        let home = File::open("/proc/thread-self/ns/net").ok()?;
        setns(&home, CloneFlags::CLONE_NEWNET).ok()?;
        Some(Home(home))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        setns(&self.0, CloneFlags::CLONE_NEWNET).expect("it was permitted before");
    }
}

/// One cause may affect many namespaces: of errors with the same hint, keeps the first, with the number of others.
fn told_once(errors: Vec<Error>) -> Vec<Error> {
    let mut told: Vec<(Error, usize)> = Vec::new();
    for error in errors {
        match told.iter_mut().find(|(first, _)| (&first.code, &first.hint) == (&error.code, &error.hint)) {
            Some((_, more)) => *more += 1,
            None => told.push((error, 0)),
        }
    }
    let with_number = |(mut error, more): (Error, usize)| {
        match more {
            0 => {}
            1 => error.message = msg!(Said::AndAnother { message: error.message }),
            more => error.message = msg!(Said::AndMore { message: error.message, more }),
        }
        error
    };
    told.into_iter().map(with_number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[test]
    fn what_strikes_many_alike_is_told_once() {
        let items: Vec<usize> = (0..300).collect();
        let work = |at: &usize| match at {
            7 => Err(Error::host(Message::text("7 is busy")).hint(Message::text("wait"))),
            0..=9 => Ok(()),
            _ => Err(Error::host(Message::text(format_args!("{at} cannot be opened")))
                .hint(Message::text("raise the limit"))),
        };
        let errors = each(&items, work).unwrap_err();
        let told: Vec<_> = errors.0.iter().map(|error| error.message.to_string()).collect();
        assert_eq!(told, ["7 is busy", "10 cannot be opened (and 289 more like it)"]);
    }
}
