//! Checks that a lab fits on the host before anything is created, so that nothing is left half done.
//!
//! A kernel without free memory does not refuse a namespace: it ends the largest processes until there is memory.

use std::fs;
use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::messages::Said;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::msg;

/// The kernel's memory per namespace of a lab, with its content, in KiB (docs/performance.md). It cannot be swapped
/// out.
pub const NAMESPACE: u64 = 400;

/// A resource of which each namespace takes one.
pub struct Supply {
    /// Its name in `doctor`.
    pub what: Message,
    /// Its use in a lab.
    of: Message,
    /// How many are left; `None`: unknown.
    pub left: Option<u64>,
    /// How many a new lab takes in addition to its namespaces.
    beside: u64,
    /// How to get more of them.
    pub remedy: Message,
}

/// The supplies of this host. Namespaces without a name are not counted.
pub fn supplies() -> [Supply; 3] {
    let used = |limit: Option<u64>, used: u64| limit.map(|limit| limit.saturating_sub(used));
    let mounts = fs::read_to_string("/proc/self/mountinfo").map_or(0, |text| text.lines().count() as u64);
    let has_names = Path::new(NAMES).exists();
    [
        Supply {
            what: msg!(Said::Namespaces),
            of: msg!(Said::NetworkNamespaces),
            left: used(most_namespaces(), named_namespaces()),
            beside: 0,
            remedy: msg!(Said::RaiseProcSysUserMax),
        },
        Supply {
            what: msg!(Said::Mounts),
            of: msg!(Said::Mounts),
            left: used(number("/proc/sys/fs/mount-max"), mounts),
            beside: 0,
            remedy: msg!(Said::RaiseProcSysFsMount),
        },
        Supply {
            what: msg!(Said::FilesInRun),
            of: msg!(Said::FilesInRun),
            left: files_left(if has_names { NAMES } else { "/run" }),
            beside: FILES_BESIDE + u64::from(!has_names),
            remedy: msg!(Said::MakeRoomInRunMount),
        },
    ]
}

/// The directory of namespaces' names.
const NAMES: &str = "/run/netns";

/// The files of a new lab except its lock: its text, journal, list of namespaces and Cloud, and one while it is
/// written.
const FILES_BESIDE: u64 = 5;

/// Refuses a lab whose new namespaces do not fit.
pub fn room_for(lab: &str, namespaces: usize) -> Result<()> {
    let namespaces = namespaces as u64;
    if namespaces == 0 {
        return Ok(());
    }
    memory().map_or(Ok(()), |there| fits(lab, namespaces, there))?;
    supplies().iter().try_for_each(|supply| enough(lab, namespaces, supply))
}

fn enough(lab: &str, namespaces: u64, supply: &Supply) -> Result<()> {
    let Supply { of, left, beside, remedy, .. } = supply;
    let needed = namespaces + beside;
    match left {
        Some(left) if *left < needed => {
            let message = msg!(Said::LabNeedsMoreHostHas { lab, needed, of, left });
            Err(Error::host(message).code("ENOSPC").hint(remedy))
        }
        _ => Ok(()),
    }
}

/// How many more files a file system can hold; `None`: unknown or unlimited.
fn files_left(path: &str) -> Option<u64> {
    let there = statvfs(path).ok().filter(|there| there.files() > 0)?;
    Some(there.files_available())
}

/// The number in a file of /proc; `None` if there is none.
pub fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The limit here, and the host's: in a user's own namespaces both apply.
fn most_namespaces() -> Option<u64> {
    let here = number("/proc/sys/user/max_net_namespaces");
    [here, crate::rootless::namespaces_outside()].into_iter().flatten().min()
}

fn named_namespaces() -> u64 {
    fs::read_dir(NAMES).map_or(0, |entries| entries.count() as u64)
}

fn fits(lab: &str, namespaces: u64, there: u64) -> Result<()> {
    let needed = namespaces * NAMESPACE;
    if needed <= there {
        return Ok(());
    }
    let (room, needed, there) = (there / NAMESPACE, needed >> 10, there >> 10);
    let message = msg!(Said::LabNeedsAboutMbMemory { lab, needed, namespaces, there });
    let hint = msg!(Said::MakeSmallerRoomForAbout { room });
    Err(Error::host(message).code("NotEnoughMemory").hint(hint))
}

/// Memory available without ending processes, in KiB: free memory, caches, and what can be swapped out.
pub fn memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let of = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    Some(of("MemAvailable:")? + of("SwapFree:").unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_too_little_of_is_refused_with_what_there_is() {
        let files = |left| Supply {
            what: msg!(Said::FilesInRun),
            of: msg!(Said::FilesInRun),
            left,
            beside: 5,
            remedy: Message::text("make room"),
        };
        assert_eq!(enough("small", 5, &files(Some(10))), Ok(()));
        assert_eq!(enough("small", 5, &files(None)), Ok(()));
        let error = enough("large", 6, &files(Some(10))).unwrap_err();
        assert_eq!(error.message, "lab large needs 11 more files in /run, and this host has room for 10");
        assert_eq!((error.kind.exit_status(), error.code.as_deref()), (4, Some("ENOSPC")));
    }

    #[test]
    fn what_does_not_fit_into_memory_is_refused_with_what_would() {
        let there = 100 * NAMESPACE;
        assert_eq!(fits("small", 100, there), Ok(()));
        let error = fits("large", 101, there).unwrap_err();
        assert_eq!(error.kind.exit_status(), 4);
        assert!(
            error.message.to_string().contains("for 101 more instances and VPCs, and this host has 39 MB"),
            "{error}"
        );
        assert!(error.hint.unwrap().to_string().contains("room for about 100 of them"));
        assert!(memory().is_some_and(|there| there > 0));
        assert_eq!(room_for("large", 1_000_000_000).unwrap_err().code.as_deref(), Some("NotEnoughMemory"));
    }
}
