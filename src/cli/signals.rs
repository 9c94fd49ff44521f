//! Ctrl-C as the normal end of a verb that runs until then.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use nix::sys::signal::Signal;
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::messages::host::Said;
use crate::error::{Error, Result};
use crate::kernel::signals::{ending, ignored};
use crate::msg;

/// SIGINT, SIGTERM and SIGHUP, unless they are ignored, as a readable descriptor.
pub(super) struct Signals(SignalFd);

impl Signals {
    /// From now on the signals do not end this thread and threads that it starts.
    pub fn take() -> Result<Self> {
        let set = ending();
        let taken = set
            .thread_block()
            .and_then(|()| SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC));
        taken.map(Signals).map_err(|errno| {
            Error::host(msg!(Said::CannotReadSignals { why: errno.desc() })).hint(Said::FreeDescriptors)
        })
    }

    /// From now on, programs that this one starts can be interrupted, also if this one cannot: a background job of a script
    /// ignores Ctrl-C, `nohup` hang-ups, and what is ignored stays so in a new program, what is caught does not.
    pub fn are_not_inherited(&self) {
        let ignored = ignored();
        let theirs = [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGHUP];
        for signal in theirs.into_iter().filter(|signal| ignored.contains(*signal)) {
            // It fails for none of these.
            let _ = signal_hook::flag::register(signal as i32, Arc::default());
        }
    }

    /// Whether a signal arrived since the last call.
    pub fn arrived(&self) -> bool {
        matches!(self.0.read_signal(), Ok(Some(_)))
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
