//! The process's privileges.

use std::fs;

use caps::{CapSet, Capability};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{AccessFlags, access, geteuid};

use super::{Area, Finding, State};
use crate::doctor::messages::Said;
use crate::message::Message;
use crate::msg;
use crate::rootless;

/// Capabilities, what they are for, and whether labs work without them.
const CAPABILITIES: [(Capability, Said, bool); 6] = [
    (Capability::CAP_NET_ADMIN, Said::LinksRoutesNftables, false),
    (Capability::CAP_SYS_ADMIN, Said::NamespacesTheirMounts, false),
    (Capability::CAP_NET_RAW, Said::Pings, false),
    (Capability::CAP_NET_BIND_SERVICE, Said::ChecksPortsBelow, true),
    (Capability::CAP_KILL, Said::EndingWhatOthersRunInside, true),
    (Capability::CAP_SYS_PTRACE, Said::FindingWhatOthersRunInside, true),
];

const NOT_UP: Said = Said::OnlyReadingVerbsWork;

pub(super) fn look() -> Vec<Finding> {
    let mut findings = vec![capabilities()];
    if findings[0].state != State::Bad {
        findings.push(namespaces());
    }
    findings.extend(user_namespace());
    findings.push(run_folder());
    findings
}

fn finding(what: impl Into<Message>, state: State, found: impl Into<Message>) -> Finding {
    Finding::new(Area::Privileges, what, state, found)
}

pub(super) fn more_rights() -> Message {
    if let Some(refusal) = rootless::refusal() {
        return refusal.remedy();
    }
    match (geteuid().is_root(), rootless::container()) {
        (false, None) => msg!(Said::RunWithSudo),
        (false, Some(container)) => msg!(Said::RunRoot { container }),
        (true, Some(container)) => msg!(Said::StartContainerWithPrivileged { container }),
        (true, None) => msg!(Said::GiveBackWhatServiceManager),
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
    if let Some(refusal) = rootless::refusal() {
        return finding(msg!(Said::Capabilities), State::Bad, refusal.what()).means(NOT_UP).remedy(refusal.remedy());
    }
    let has = |capability| caps::has_cap(None, CapSet::Effective, capability).unwrap_or(false);
    let missing: Vec<_> = CAPABILITIES.into_iter().filter(|(capability, ..)| !has(*capability)).collect();
    let who = match (geteuid().is_root(), rootless::is_inside()) {
        (true, _) => Message::text("root"),
        (false, true) => msg!(Said::UserInOwnNamespaces),
        (false, false) => msg!(Said::NotRoot),
    };
    if missing.len() == CAPABILITIES.len() {
        let finding = finding(msg!(Said::Capabilities), State::Bad, msg!(Said::WithNoneThoseLabsNeed { who }));
        return finding.means(NOT_UP).remedy(more_rights());
    }
    if missing.is_empty() {
        return finding(msg!(Said::Capabilities), State::Good, msg!(Said::WithAllLabsNeed { who }));
    }
    let needed = missing.iter().any(|(.., optional)| !optional);
    let names: Vec<_> = missing
        .into_iter()
        .map(|(capability, use_of_it, _)| msg!(Said::CapabilityFor { capability, use_of_it }))
        .collect();
    let (state, means) = match needed {
        true => (State::Bad, NOT_UP),
        false => (State::Notice, Said::LabsRunButFor),
    };
    finding(msg!(Said::Capabilities), state, msg!(Said::Without { who, names })).means(means).remedy(more_rights())
}

/// Creates namespaces and mounts for real, on a thread that takes them with it. In containers, seccomp and AppArmor may
/// forbid them even to root with the capabilities.
fn namespaces() -> Finding {
    match crate::kernel::threads::apart(make).unwrap_or(Err((Said::Made, Errno::EAGAIN))) {
        Ok(()) => finding(msg!(Said::Namespaces), State::Good, msg!(Said::CanMadeMountedEntered)),
        Err((what, errno)) => {
            let filtered = rootless::is_filtered() && errno == Errno::EPERM;
            let remedy = match (errno, &what) {
                (Errno::ENOSPC, _) => msg!(Said::RaiseNetNamespaces),
                (Errno::EROFS, Said::SetForward) => msg!(Said::StartWithSystemPaths),
                (Errno::EINVAL, Said::Mounted) => msg!(Said::ChrootNoMount),
                _ => more_rights(),
            };
            let why = system(errno);
            let found = match filtered {
                true => msg!(Said::CannotSeccompFilterInForce { what, why }),
                false => msg!(Said::Cannot { what, why }),
            };
            finding(msg!(Said::Namespaces), State::Bad, found).means(msg!(Said::NoLabCanComeUp)).remedy(remedy)
        }
    }
}

fn make() -> Result<(), (Said, Errno)> {
    let none = None::<&str>;
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).map_err(|errno| (Said::Made, errno))?;
    let private = mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none);
    let folder = private.and_then(|()| mount(Some("peerlab"), "/run", Some("tmpfs"), MsFlags::empty(), none));
    folder.map_err(|errno| (Said::Mounted, errno))?;
    let file = "/run/try";
    fs::write(file, "").map_err(|_| (Said::Mounted, Errno::EROFS))?;
    let bound = mount(Some("/proc/thread-self/ns/net"), file, none, MsFlags::MS_BIND, none);
    bound.map_err(|errno| (Said::MountedName, errno))?;
    // Labs give each instance its own view of /sys.
    let sys = mount(Some("peerlab"), "/sys", Some("sysfs"), MsFlags::empty(), none);
    sys.map_err(|errno| (Said::GivenSys, errno))?;
    let writable = fs::OpenOptions::new().write(true).open("/proc/sys/net/ipv4/ip_forward");
    writable.map(drop).map_err(|error| {
        let errno = error.raw_os_error().unwrap_or_default();
        (Said::SetForward, Errno::from_raw(errno))
    })
}

/// Root of a user namespace: that is enough for labs.
fn user_namespace() -> Option<Finding> {
    let map = uid_map().filter(|_| is_user_namespace() && !rootless::is_inside())?;
    Some(finding(msg!(Said::UserNamespace), State::Good, msg!(Said::NotHost { map })))
}

/// The system's text for an error.
fn system(errno: Errno) -> Message {
    msg!(Said::System { words: errno.desc().to_lowercase() })
}

fn run_folder() -> Finding {
    let read_only = statvfs("/run").map(|found| found.flags().contains(FsFlags::ST_RDONLY));
    let trouble = match read_only {
        Err(errno) => Some(system(errno)),
        Ok(true) => Some(msg!(Said::MountedReadOnly)),
        Ok(false) if geteuid().is_root() => access("/run", AccessFlags::W_OK).err().map(system),
        Ok(false) => None,
    };
    match trouble {
        None => finding(Message::text("/run"), State::Good, msg!(Said::LabsKeptInRunPeerlab)),
        Some(why) => finding(Message::text("/run"), State::Bad, msg!(Said::CannotWritten { why }))
            .means(msg!(Said::NoLabCanBeKept))
            .remedy(msg!(Said::MountWritableMountTTmpfs)),
    }
}
