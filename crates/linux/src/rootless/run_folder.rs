//! The user's own `/run`: the entries of the host's, without root's labs.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use rustix::fs::{CWD, Mode, OFlags, openat};

const RUN: &str = "/run";

/// The source of this mount in a list of mounts.
const SOURCE: &str = "peerlab";

/// The folder of all running labs. It is in `/run`, so inside the namespaces it is the user's own.
pub const LABS: &str = "/run/peerlab";

/// The folder of all namespaces with a name.
pub(super) const NAMES: &str = "/run/netns";

/// Mounts it in this mount namespace. Later mounts of the host below its own entries appear there too.
pub(super) fn cover() -> Result<(), Errno> {
    let old = openat(CWD, RUN, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let old = old.map_err(|error| Errno::from_raw(error.raw_os_error()))?;
    mount(Some(SOURCE), RUN, Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, Some("mode=755"))?;
    let host = PathBuf::from(format!("/proc/self/fd/{}", old.as_raw_fd()));
    let Ok(entries) = fs::read_dir(&host) else { return Ok(()) };
    for name in entries.flatten().map(|entry| entry.file_name()) {
        let here = Path::new(RUN).join(&name);
        if ![LABS, NAMES].iter().any(|own| here == Path::new(own)) {
            // An entry that cannot be shown is not needed for a lab.
            let _ = show(&host.join(&name), &here);
        }
    }
    Ok(())
}

/// Whether this process has such a `/run`.
pub(super) fn is_covered() -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let is_ours = |line: &str| line.split(' ').nth(4) == Some(RUN) && line.contains(&format!(" - tmpfs {SOURCE} "));
    mounts.lines().any(is_ours)
}

/// Shows a file, a folder with all mounts in it, or a link.
fn show(host: &Path, here: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(host)?.file_type();
    if kind.is_symlink() {
        return symlink(fs::read_link(host)?, here);
    }
    match kind.is_dir() {
        true => fs::create_dir(here)?,
        false => fs::write(here, "")?,
    }
    let shown = mount(Some(host), here, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>);
    Ok(shown?)
}
