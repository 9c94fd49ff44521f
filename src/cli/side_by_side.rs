//! Work on several labs at once.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::context::Context;
use super::interrupt::Hold;
use super::messages::test::Said;
use crate::kernel::threads::start;
use crate::message::Message;
use crate::progress::{Progress, Work};

/// How soon Ctrl-C is noticed.
const BLINK: Duration = Duration::from_millis(50);

/// Does `work` on every item, on so many at a time. Passes each result on as soon as those of all items before it are there,
/// and `None` while there is no result, so that the caller can look after an interrupt.
pub(super) fn side_by_side<I: Sync, R: Send>(
    items: &[I],
    jobs: usize,
    (progress, kind): (&dyn Progress, Work),
    work: impl Fn(&I) -> R + Sync,
    mut pass_on: impl FnMut(Option<R>),
) {
    let next = AtomicUsize::new(0);
    let (done, results) = mpsc::channel();
    std::thread::scope(|scope| {
        let (next, work) = (&next, &work);
        let begin = |done: Sender<_>| {
            move || {
                let take = || {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    Some((number, items.get(number)?))
                };
                while let Some((number, item)) = take() {
                    // The receiver is gone only if the process is about to end.
                    let _ = done.send((number, work(item)));
                }
            }
        };
        for job in 0..jobs.min(items.len()) {
            match start(scope, begin(done.clone())) {
                Ok(_) => {}
                // Continue with the existing threads, or with this one.
                Err(_) if job > 0 => break,
                Err(_) => begin(done.clone())(),
            }
        }
        drop(done);
        progress.begin(kind, items.len());
        let (mut early, mut passed) = (BTreeMap::new(), 0);
        loop {
            match results.recv_timeout(BLINK) {
                Ok((number, result)) => {
                    early.insert(number, result);
                    progress.advance(1);
                }
                Err(RecvTimeoutError::Timeout) => progress.advance(0),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Some(result) = early.remove(&passed) {
                passed += 1;
                pass_on(Some(result));
            }
            pass_on(None);
        }
    });
}

/// Work on several labs that ends in order at the first signal, and at once at the second.
pub(super) struct Stop<'h> {
    signals: &'h Hold,
    /// Whether nothing more is to begin.
    pub stops: AtomicBool,
    first: Cell<Option<Signal>>,
}

impl<'h> Stop<'h> {
    pub fn new(signals: &'h Hold) -> Self {
        Stop { signals, stops: AtomicBool::new(false), first: Cell::new(None) }
    }

    /// Looks for a signal. At the first one, says `message`; the second one ends the process.
    pub fn heed(&self, message: impl Into<Message>, context: &Context) {
        let Some(signal) = self.signals.arrived() else { return };
        if self.first.get().is_some() {
            context.warn(Said::EndedAtOnce);
            self.signals.end_by(signal);
        }
        context.talk(message);
        self.stops.store(true, Ordering::Relaxed);
        self.first.set(Some(signal));
    }

    /// The signal that ends it, if one arrived.
    pub fn by(&self) -> Option<Signal> {
        self.first.get()
    }
}
