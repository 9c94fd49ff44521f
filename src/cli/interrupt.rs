//! Ctrl-C while the kernel and the journal disagree: it waits.

use std::io::Write as _;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::kernel::signals::ending;
use crate::kernel::threads::start;

/// Holds back SIGINT, SIGTERM and SIGHUP, those that are not ignored, for this thread and those that it starts, until it is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    held: SigSet,
    before: Option<SigSet>,
}

/// They are let through, until it is dropped.
pub(super) struct Pause<'h>(&'h Hold);

impl Hold {
    /// From now on they wait.
    pub fn new() -> Self {
        let held = ending();
        Hold { held, before: held.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok() }
    }

    /// Lets them through for as long as there is nothing of ours that one could leave behind.
    pub fn pause(&self) -> Pause<'_> {
        self.let_through();
        Pause(self)
    }

    /// One that came meanwhile; it is given once.
    pub fn arrived(&self) -> Option<Signal> {
        self.arrivals().ok().as_ref().and_then(read_from)
    }

    fn arrivals(&self) -> nix::Result<SignalFd> {
        SignalFd::with_flags(&self.held, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
    }

    /// If one came meanwhile, says `message` on standard error and ends the process by it. Where whoever called held them
    /// back before, it is for them to see to that.
    pub fn heed(&self, message: &str) {
        if self.is_within_another() {
            return;
        }
        if let Some(signal) = self.arrived() {
            say(message);
            self.end_by(signal);
        }
    }

    /// As [`Hold::heed`] for a lab that was brought to what its journal says.
    pub fn heed_settled(&self, lab: &str) {
        self.heed(&not_verified(lab));
    }

    /// Verifies a lab that is up. One that comes meanwhile, or came before, says how the lab is and ends the process at once.
    pub fn verifying<T>(&self, lab: &str, work: impl FnOnce() -> T) -> T {
        self.saying(&not_verified(lab), work)
    }

    /// Does `work` on this thread. One that comes meanwhile, or came before, says `message` on standard error and ends the
    /// process at once.
    fn saying<T>(&self, message: &str, work: impl FnOnce() -> T) -> T {
        let (Ok((end, done)), Ok(arrivals), false) = (std::io::pipe(), self.arrivals(), self.is_within_another())
        else {
            return work();
        };
        std::thread::scope(|scope| {
            // Without it nothing is said.
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
        self.let_through();
        let _ = raise(signal);
    }

    fn let_through(&self) {
        if let Some(before) = self.before {
            let _ = before.thread_set_mask();
        }
    }
}

/// What is said of a lab at an interrupt.
fn not_verified(lab: &str) -> String {
    format!("interrupted: lab {lab} is up, not verified; `peerlab verify --lab {lab}` or `peerlab down {lab}`")
}

/// On standard error, where nobody can be told that it cannot be written.
fn say(message: &str) {
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
        // Where they cannot be held back again they end the process, as they would have before.
        let _ = self.0.held.thread_block();
    }
}
