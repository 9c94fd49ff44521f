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

    /// Lets them through again. If one came meanwhile, says `message` on standard error and ends the process by it.
    pub fn release(self, message: &str) {
        let arrived = SignalFd::with_flags(&self.held, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
            .and_then(|pending| pending.read_signal())
            .ok()
            .flatten()
            .and_then(|info| Signal::try_from(info.ssi_signo as i32).ok());
        drop(self);
        if let Some(signal) = arrived {
            eprintln!("{message}");
            let _ = raise(signal);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            let _ = before.thread_set_mask();
        }
    }
}
