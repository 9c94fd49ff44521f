//! The process's privileges.

use caps::{CapSet, Capability};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, geteuid, setfsgid, setfsuid};
use rustix::thread::set_thread_groups;

use crate::error::{Error, Result};
use crate::kernel::messages::Said;
use crate::msg;

/// Checks that the process may create and program namespaces: as root, or in a user's own namespaces.
pub fn check() -> Result<()> {
    const NEEDED: [Capability; 2] = [Capability::CAP_NET_ADMIN, Capability::CAP_SYS_ADMIN];
    let has = |capability: &Capability| caps::has_cap(None, CapSet::Effective, *capability).unwrap_or(false);
    let missing: Vec<_> = NEEDED.iter().filter(|it| !has(it)).map(ToString::to_string).collect();
    if missing.is_empty() {
        let has_proc = std::fs::exists("/proc/self/ns/net").unwrap_or(false);
        // As in a chroot of a folder.
        let lacks = || Error::host(msg!(Said::LabsNeedProc)).code("ENOENT").hint(msg!(Said::MountProc));
        return if has_proc { Ok(()) } else { Err(lacks()) };
    }
    if !geteuid().is_root() {
        return Err(crate::rootless::why_outside());
    }
    Err(Error::host(msg!(Said::NetworkNamespacesNeedMoreThan { missing }))
        .code("EPERM")
        .hint(msg!(Said::InContainerStartWithPrivileged)))
}

/// Checks in advance that a lab with this many new namespaces has enough open files and threads.
pub fn check_limits(namespaces: usize) -> Result<()> {
    super::threads::apart(|| ())?;
    let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return Ok(()) };
    let open = std::fs::read_dir("/proc/self/fd").map_or(3, |entries| entries.count().saturating_sub(1)) as u64;
    let needed = open + DESCRIPTORS * namespaces as u64 + DESCRIPTORS_BESIDE;
    if needed <= hard {
        return Ok(());
    }
    let message = msg!(Said::NamespacesNeedAboutOpenFiles { namespaces, needed, hard });
    Err(Error::host(message).code("EMFILE").hint(msg!(Said::RaiseHardLimitOpenFiles)))
}

/// Open files per new namespace while a lab is brought up, and in addition (measured: 5 namespaces take 18 files in
/// total, 26 take 62, 71 take 150; 4 of these are open before).
const DESCRIPTORS: u64 = 2;
const DESCRIPTORS_BESIDE: u64 = 5;

/// Runs `work`, which reads untrusted input, on this thread without effective capabilities, and restores them
/// afterwards.
pub fn lowered<T>(work: impl FnOnce() -> T) -> T {
    let before = caps::read(None, CapSet::Effective);
    // A process without capabilities loses none, and need not restore any.
    let lowered = caps::clear(None, CapSet::Effective);
    let result = work();
    if let (Ok(before), Ok(())) = (before, lowered) {
        // Permitted capabilities can be made effective; this fails only if none were lowered.
        let _ = caps::set(None, CapSet::Effective, &before);
    }
    result
}

/// Runs `work` on a separate thread with a user's file permissions only.
pub fn as_user<T: Send>(
    user: Uid,
    group: Gid,
    groups: &[Gid],
    work: impl FnOnce() -> std::io::Result<T> + Send,
) -> std::io::Result<T> {
    let run = || {
        let ids: Vec<_> = groups.iter().map(|group| rustix::thread::Gid::from_raw(group.as_raw())).collect();
        // libc's function would change all threads.
        set_thread_groups(&ids)?;
        setfsgid(group);
        // This also drops the file capabilities. The call does not report errors; the next call shows the result.
        setfsuid(user);
        if setfsuid(user) != user {
            return Err(Errno::EPERM.into());
        }
        work()
    };
    super::threads::apart(run).unwrap_or_else(|_| Err(Errno::EAGAIN.into()))
}

/// Makes the program that replaces this process keep its capabilities. Root's program keeps them anyway.
pub fn pass_on() {
    if geteuid().is_root() {
        return;
    }
    let permitted = caps::read(None, CapSet::Permitted).unwrap_or_default();
    // Each call fails only if there is no capability to pass on.
    for set in [CapSet::Inheritable, CapSet::Ambient] {
        let _ = caps::set(None, set, &permitted);
    }
}

/// Permanently drops all privileges except reading files, for verbs that only read files. Root can still read any file,
/// for example in a private home directory.
pub fn keep_reading_only() {
    const READ: Capability = Capability::CAP_DAC_READ_SEARCH;
    // These fail only if there is nothing to drop.
    let _ = prctl::set_no_new_privs();
    for capability in caps::all().into_iter().filter(|it| *it != READ) {
        let _ = caps::drop(None, CapSet::Bounding, capability);
    }
    for set in [CapSet::Ambient, CapSet::Inheritable] {
        let _ = caps::clear(None, set);
    }
    let kept = caps::read(None, CapSet::Permitted).unwrap_or_default().into_iter().filter(|it| *it == READ).collect();
    for set in [CapSet::Effective, CapSet::Permitted] {
        let _ = caps::set(None, set, &kept);
    }
}

/// Raises the limit of open files as far as possible, and makes room for `count` of them, because a large lab needs
/// some per namespace. Call it before starting threads: the kernel's file table doubles as it fills, and if threads
/// share it, the kernel waits each time until none can be reading the old one (an RCU grace period: at least 10 ms,
/// four times for 1000 instances).
pub(crate) fn make_room_for_descriptors(count: usize) {
    // If the limit cannot be raised, smaller labs still work, and a larger one reports the error when it occurs.
    let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    // Closed again at once; the table keeps its size.
    let last = i32::try_from(hard.saturating_sub(1).min(count as u64)).unwrap_or(i32::MAX);
    if let Ok(descriptor) = fcntl(std::io::stderr(), FcntlArg::F_DUPFD_CLOEXEC(last)) {
        let _ = nix::unistd::close(descriptor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The capabilities of the calling thread; other threads are not changed.
    fn effective() -> Vec<String> {
        let mut found: Vec<_> =
            caps::read(None, CapSet::Effective).unwrap().into_iter().map(|it| it.to_string()).collect();
        found.sort();
        found
    }

    #[test]
    fn what_is_lowered_is_raised_again() {
        let before = effective();
        assert!(!before.is_empty(), "this test lowers capabilities: run it as root, as `cargo test` does by sudo");
        assert_eq!(lowered(effective), [] as [&str; 0]);
        assert_eq!(effective(), before);
        check().unwrap();
    }

    #[test]
    fn what_only_reads_can_do_nothing_else_any_more() {
        keep_reading_only();
        assert_eq!(effective(), ["CAP_DAC_READ_SEARCH"]);
        assert_eq!(lowered(effective), [] as [&str; 0]);
        assert_eq!(check().unwrap_err().code.as_deref(), Some("EPERM"));
        assert!(prctl::get_no_new_privs().unwrap());
        assert!(caps::raise(None, CapSet::Effective, Capability::CAP_NET_ADMIN).is_err());
    }
}
