//! Which signals end the process.

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SigSet, Signal};

/// Those of SIGINT, SIGTERM and SIGHUP that end the process: whoever started it may have had it ignore some (`nohup`, a job
/// that a script puts into the background), and then it does.
pub(crate) fn ending() -> SigSet {
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)).collect()
}

fn is_ignored(signal: Signal) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action the call only writes the present one, to memory that is there for it.
    let asked = Errno::result(unsafe { libc::sigaction(signal as i32, std::ptr::null(), action.as_mut_ptr()) });
    // SAFETY: a call that succeeds has written it.
    asked.is_ok() && unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}
