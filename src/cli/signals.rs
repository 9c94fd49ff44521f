//! Ctrl-C as the ordinary end of a verb that goes on until then.

use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::error::{Error, Result};
use crate::kernel::signals::ending;

/// SIGINT, SIGTERM and SIGHUP, those that are not ignored, as something to be read.
pub(super) struct Signals(SignalFd);

impl Signals {
    /// From now on they do not end this thread, nor those that it starts.
    pub fn take() -> Result<Self> {
        let set = ending();
        let taken = set
            .thread_block()
            .and_then(|()| SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC));
        taken.map(Signals).map_err(|errno| {
            Error::host(format!("signals cannot be read: {}", errno.desc())).hint("free some descriptors")
        })
    }

    /// Whether one came since this was asked last.
    pub fn arrived(&self) -> bool {
        matches!(self.0.read_signal(), Ok(Some(_)))
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
