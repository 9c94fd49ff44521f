//! Delays Ctrl-C while the kernel and the journal disagree.

use std::io::Write as _;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::messages::steps::Said;
use crate::kernel::signals::ending;
use crate::kernel::threads::start;
use crate::message::Message;
use crate::msg;
use crate::rootless;

/// Holds back SIGINT, SIGTERM and SIGHUP, unless they are ignored, for this thread and threads that it starts, until it
/// is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    held: SigSet,
    before: Option<SigSet>,
}

/// Lets the signals through until it is dropped.
pub(super) struct Pause<'h>(&'h Hold);

impl Hold {
    /// Holds the signals back from now on.
    pub fn new() -> Self {
        let held = ending();
        Hold { held, before: held.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok() }
    }

    /// Lets the signals through while there is nothing that an interrupt could leave behind.
    pub fn pause(&self) -> Pause<'_> {
        self.let_through();
        Pause(self)
    }

    /// A signal that arrived meanwhile; returned once.
    pub fn arrived(&self) -> Option<Signal> {
        self.arrivals().ok().as_ref().and_then(read_from)
    }

    fn arrivals(&self) -> nix::Result<SignalFd> {
        SignalFd::with_flags(&self.held, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
    }

    /// If a signal arrived meanwhile, prints `message` to standard error and ends the process by the signal. If the
    /// caller already held signals back, leaves that to the caller.
    pub fn heed(&self, message: &Message) {
        if self.is_within_another() {
            return;
        }
        if let Some(signal) = self.arrived() {
            say(message);
            self.end_by(signal);
        }
    }

    /// As [`Hold::heed`], for a lab whose kernel agrees with its journal.
    pub fn heed_settled(&self, lab: &str) {
        self.heed(&not_verified(lab));
    }

    /// Verifies a running lab. A signal, also an earlier one, reports the lab's state and ends the process at once.
    pub fn verifying<T>(&self, lab: &str, work: impl FnOnce() -> T) -> T {
        self.saying(&not_verified(lab), work)
    }

    /// Does `work` on this thread. A signal, also an earlier one, prints `message` to standard error and ends the
    /// process at once.
    fn saying<T>(&self, message: &Message, work: impl FnOnce() -> T) -> T {
        let (Ok((end, done)), Ok(arrivals), false) = (std::io::pipe(), self.arrivals(), self.is_within_another())
        else {
            return work();
        };
        std::thread::scope(|scope| {
            // Without this thread, no message is printed.
            let _ = start(scope, || {
                let polled = |fd| PollFd::new(fd, PollFlags::POLLIN);
                let mut polled = [polled(arrivals.as_fd()), polled(end.as_fd())];
                while poll(&mut polled, PollTimeout::NONE) == Err(Errno::EINTR) {}
                if let Some(signal) = read_from(&arrivals) {
                    say(message);
                    self.end_by(signal);
                }
            });
            let result = work();
            drop(done);
            result
        })
    }

    fn is_within_another(&self) -> bool {
        self.before.is_none_or(|before| self.held.iter().any(|signal| before.contains(signal)))
    }

    /// Ends the process by this signal.
    pub fn end_by(&self, signal: Signal) {
        rootless::end();
        self.let_through();
        let _ = raise(signal);
    }

    fn let_through(&self) {
        if let Some(before) = self.before {
            let _ = before.thread_set_mask();
        }
    }
}

/// The message about a lab at an interrupt.
fn not_verified(lab: &str) -> Message {
    msg!(Said::InterruptedNotVerified { lab })
}

/// Writes to standard error; a failure cannot be reported anywhere.
fn say(message: &Message) {
    let _ = writeln!(std::io::stderr(), "{message}");
}

fn read_from(arrivals: &SignalFd) -> Option<Signal> {
    let info = arrivals.read_signal().ok().flatten();
    info.and_then(|info| Signal::try_from(info.ssi_signo as i32).ok())
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.let_through();
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        // If the signals cannot be held back again, they end the process, as they would have before.
        let _ = self.0.held.thread_block();
    }
}
