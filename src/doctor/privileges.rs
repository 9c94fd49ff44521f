//! The process's privileges.

use std::fs;
use std::path::Path;

use caps::{CapSet, Capability};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{AccessFlags, access, geteuid};

use super::{Area, Finding, State};

/// Capabilities, what they are for, and whether labs work without them.
const CAPABILITIES: [(Capability, &str, bool); 6] = [
    (Capability::CAP_NET_ADMIN, "links, routes, nftables", false),
    (Capability::CAP_SYS_ADMIN, "namespaces and their mounts", false),
    (Capability::CAP_NET_RAW, "pings", false),
    (Capability::CAP_NET_BIND_SERVICE, "checks of ports below 1024", true),
    (Capability::CAP_KILL, "ending what others run inside", true),
    (Capability::CAP_SYS_PTRACE, "finding what others run inside", true),
];

const NOT_UP: &str = "no lab can be brought up; validate, plan, explain -f and test --mutate work";

pub(super) fn look() -> Vec<Finding> {
    let mut findings = vec![capabilities()];
    if findings[0].state != State::Bad {
        findings.push(namespaces());
    }
    findings.extend(user_namespace());
    findings.push(run_folder());
    findings
}

fn finding(what: &str, state: State, found: impl Into<String>) -> Finding {
    Finding::new(Area::Privileges, what, state, found)
}

/// The kind of container that this runs in, if any.
fn container() -> Option<&'static str> {
    let marks = [("/.dockerenv", "Docker "), ("/run/.containerenv", "Podman ")];
    let mark = marks.into_iter().find(|(path, _)| Path::new(path).exists()).map(|(_, name)| name);
    mark.or_else(|| std::env::var_os("container").map(|_| ""))
}

pub(super) fn more_rights() -> String {
    match (geteuid().is_root(), container()) {
        (false, None) => "run it with sudo".into(),
        (false, Some(container)) => format!("run it as root; start the {container}container with --privileged"),
        (true, _) if is_user_namespace() => "run it as the host's root, outside of this user namespace".into(),
        (true, Some(container)) => format!("start the {container}container with --privileged"),
        (true, None) => "give back what a service manager or a sandbox has taken".into(),
    }
}

fn is_user_namespace() -> bool {
    uid_map().is_some_and(|map| map != "0 0 4294967295")
}

fn uid_map() -> Option<String> {
    let map = fs::read_to_string("/proc/self/uid_map").ok()?;
    Some(map.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn capabilities() -> Finding {
    let has = |capability| caps::has_cap(None, CapSet::Effective, capability).unwrap_or(false);
    let missing: Vec<_> = CAPABILITIES.into_iter().filter(|(capability, ..)| !has(*capability)).collect();
    let who = if geteuid().is_root() { "root" } else { "not root" };
    if missing.len() == CAPABILITIES.len() {
        let finding = finding("capabilities", State::Bad, format!("{who}, with none of those that labs need"));
        return finding.means(NOT_UP).remedy(more_rights());
    }
    if missing.is_empty() {
        return finding("capabilities", State::Good, format!("{who}, with all that labs need"));
    }
    let names: Vec<_> =
        missing.iter().map(|(capability, use_of_it, _)| format!("{capability} ({use_of_it})")).collect();
    let needed = missing.iter().any(|(.., optional)| !optional);
    let (state, means) = match needed {
        true => (State::Bad, NOT_UP),
        false => (State::Notice, "labs run, but for that"),
    };
    finding("capabilities", state, format!("{who}, without {}", names.join("; "))).means(means).remedy(more_rights())
}

/// Creates namespaces and mounts for real, on a thread that takes them with it. In containers, seccomp and AppArmor may
/// forbid them even to root with the capabilities.
fn namespaces() -> Finding {
    match crate::kernel::threads::apart(make).unwrap_or(Err(("made", nix::errno::Errno::EAGAIN))) {
        Ok(()) => finding("namespaces", State::Good, "can be made, mounted and entered"),
        Err((what, errno)) => {
            let filtered = seccomp() && errno == nix::errno::Errno::EPERM;
            let why = errno.desc().to_lowercase();
            let found = match filtered {
                true => format!("cannot be {what}: {why} (a seccomp filter is in force)"),
                false => format!("cannot be {what}: {why}"),
            };
            finding("namespaces", State::Bad, found).means("no lab can be brought up").remedy(more_rights())
        }
    }
}

fn make() -> Result<(), (&'static str, nix::errno::Errno)> {
    let none = None::<&str>;
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).map_err(|errno| ("made", errno))?;
    let private = mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none);
    let folder = private.and_then(|()| mount(Some("peerlab"), "/run", Some("tmpfs"), MsFlags::empty(), none));
    folder.map_err(|errno| ("mounted", errno))?;
    let file = "/run/try";
    fs::write(file, "").map_err(|_| ("mounted", nix::errno::Errno::EROFS))?;
    let bound = mount(Some("/proc/thread-self/ns/net"), file, none, MsFlags::MS_BIND, none);
    bound.map_err(|errno| ("mounted by name", errno))?;
    // Labs give each instance its own view of /sys.
    let sys = mount(Some("peerlab"), "/sys", Some("sysfs"), MsFlags::empty(), none);
    sys.map_err(|errno| ("given a /sys", errno))?;
    let writable = fs::OpenOptions::new().write(true).open("/proc/sys/net/ipv4/ip_forward");
    writable.map(drop).map_err(|error| {
        let errno = error.raw_os_error().unwrap_or_default();
        ("set to forward", nix::errno::Errno::from_raw(errno))
    })
}

fn seccomp() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
}

/// Root of a user namespace is not enough (see [`crate::kernel::privilege::check_host`]).
fn user_namespace() -> Option<Finding> {
    let map = uid_map().filter(|_| is_user_namespace())?;
    let state = if geteuid().is_root() { State::Bad } else { State::Good };
    let found = finding("user namespace", state, format!("not the host's: its users are mapped ({map})"));
    Some(match state {
        State::Bad => found.means(NOT_UP).remedy(more_rights()),
        _ => found,
    })
}

fn run_folder() -> Finding {
    let read_only = statvfs("/run").map(|found| found.flags().contains(FsFlags::ST_RDONLY));
    let trouble = match read_only {
        Err(errno) => Some(errno.desc().to_lowercase()),
        Ok(true) => Some("it is mounted read-only".into()),
        Ok(false) if geteuid().is_root() => {
            access("/run", AccessFlags::W_OK).err().map(|errno| errno.desc().to_lowercase())
        }
        Ok(false) => None,
    };
    match trouble {
        None => finding("/run", State::Good, "labs are kept in /run/peerlab, their namespaces in /run/netns"),
        Some(why) => finding("/run", State::Bad, format!("cannot be written: {why}"))
            .means("no lab can be brought up: it is kept there")
            .remedy("mount it writable (`mount -t tmpfs tmpfs /run`)"),
    }
}
