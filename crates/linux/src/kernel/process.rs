//! Ends the processes inside namespaces.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// How long a process has to end by itself.
const GRACE: Duration = Duration::from_millis(500);

/// A handle to a process, which a later process with the same number cannot take.
struct Process {
    pid: i32,
    handle: OwnedFd,
}

/// Ends all processes, except this one, whose network namespace is one of these (by inode): sends SIGTERM, waits,
/// kills. Returns the numbers of those that did not end.
pub(super) fn end_inside(inodes: &BTreeSet<u64>) -> Vec<i32> {
    let inside = inside(inodes);
    inside.iter().for_each(|it| it.signal(Signal::TERM));
    let left = wait(inside);
    left.iter().for_each(|it| it.signal(Signal::KILL));
    wait(left).into_iter().map(|it| it.pid).collect()
}

fn inside(inodes: &BTreeSet<u64>) -> Vec<Process> {
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = folder.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let here = |pid: i32| fs::metadata(format!("/proc/{pid}/ns/net")).is_ok_and(|it| inodes.contains(&it.ino()));
    pids.filter(|pid| *pid != own && here(*pid))
        .filter_map(Process::open)
        // Check again with the handle, because another process may have taken the number meanwhile.
        .filter(|it| here(it.pid))
        .collect()
}

impl Process {
    fn open(pid: i32) -> Option<Self> {
        let handle = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
        Some(Process { pid, handle })
    }

    fn signal(&self, signal: Signal) {
        // If the process has ended meanwhile, that is the wanted result, so ignore errors.
        let _ = pidfd_send_signal(&self.handle, signal);
    }
}

/// Waits for them to end; returns those that have not.
fn wait(mut running: Vec<Process>) -> Vec<Process> {
    let end = Instant::now() + GRACE;
    while !running.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        let mut polled: Vec<_> = running.iter().map(|it| PollFd::new(it.handle.as_fd(), PollFlags::POLLIN)).collect();
        match poll(&mut polled, PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO)) {
            Ok(0) => break,
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(_) => break,
        }
        let ended: Vec<bool> = polled.iter().map(|it| it.any().unwrap_or(true)).collect();
        let mut ended = ended.into_iter();
        running.retain(|_| !ended.next().unwrap_or(false));
    }
    running
}
