//! Which signals end the process.

use std::fs;

use nix::sys::signal::{SigSet, Signal};

/// Those of SIGINT, SIGTERM and SIGHUP that end the process: whoever started it may have had it ignore some (`nohup`, a job
/// that a script puts into the background), and then it does.
pub(crate) fn ending() -> SigSet {
    let ignored = ignored();
    let ends = |signal: &Signal| ignored & (1 << (*signal as u64 - 1)) == 0;
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().filter(ends).collect()
}

/// The signals that the process ignores, a bit each, the first for signal 1 (proc(5), `SigIgn`); none where it cannot be read.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
