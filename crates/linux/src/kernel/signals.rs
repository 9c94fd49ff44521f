//! The signals that end the process.

use std::fs;

use nix::sys::signal::{SigSet, Signal};

/// SIGINT, SIGTERM and SIGHUP, except those that the process inherited as ignored (`nohup`, a background job of a
/// script).
pub fn ending() -> SigSet {
    let ignored = ignored();
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().filter(|signal| !ignored.contains(*signal)).collect()
}

/// The signals that the process ignores (proc(5), `SigIgn`); none if it cannot be read.
pub fn ignored() -> SigSet {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // One bit each, the first for signal 1.
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    Signal::iterator().filter(|signal| mask & (1 << (*signal as u64 - 1)) != 0).collect()
}
