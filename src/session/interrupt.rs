//! Ctrl-C while the kernel and the journal disagree: it waits.

use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// Holds back SIGINT, SIGTERM and SIGHUP for this thread and those that it starts, until it is released or dropped.
#[derive(Debug)]
pub struct Hold {
    held: SigSet,
    before: Option<SigSet>,
}

impl Hold {
    /// From now on they wait.
    pub fn new() -> Self {
        let held = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
        Hold { held, before: held.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok() }
    }

    /// One that came meanwhile; it is given once.
    pub fn arrived(&self) -> Option<Signal> {
        SignalFd::with_flags(&self.held, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
            .and_then(|pending| pending.read_signal())
            .ok()
            .flatten()
            .and_then(|info| Signal::try_from(info.ssi_signo as i32).ok())
    }

    /// Lets them through again. If one came meanwhile, says `message` on standard error and ends the process by it.
    /// Where whoever called held them back before, it is for them to see to that.
    pub fn release(self, message: &str) {
        if self.before.is_some_and(|before| before.contains(Signal::SIGINT)) {
            return;
        }
        if let Some(signal) = self.arrived() {
            eprintln!("{message}");
            self.end_by(signal);
        }
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

impl Drop for Hold {
    fn drop(&mut self) {
        self.let_through();
    }
}
