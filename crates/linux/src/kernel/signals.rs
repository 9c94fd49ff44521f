//! The signals that end the process.

use std::fs;

use nix::sys::signal::{SigSet, Signal};

/// SIGINT, SIGTERM and SIGHUP, except those that the process inherited as ignored (`nohup`, a background job of a
/// script).
pub fn ending() -> SigSet {
    let ignored = ignored();
    let ends = |signal: &Signal| ignored & (1 << (*signal as u64 - 1)) == 0;
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().filter(ends).collect()
}

/// The ignored signals, one bit each, the first for signal 1 (proc(5), `SigIgn`); none if it cannot be read.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
