//! Enters the user's namespaces.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::unistd::{Gid, fchdir, getegid, setegid};
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::holder::{self, Holder};
use super::place::Place;
use super::refusal::{Refusal, Step};
use super::{Inside, Wish, run_folder};

/// Enters them; `None` if there are none and none should be made.
pub(super) fn enter(wish: Wish) -> Result<Option<Inside>, Refusal> {
    let cwd = Folder::current();
    // Inside, the file contains the namespace's own limit, which is more than the host permits.
    let namespaces = fs::read_to_string("/proc/sys/user/max_net_namespaces").ok();
    let namespaces = namespaces.and_then(|text| text.trim().parse().ok());
    holder::made_in();
    let place = match Place::with_holder() {
        Some(place) => place,
        // The folder and the lock file in it vanished when the user logged out, but the holder may still run.
        None if wish == Wish::Make || !holder::all().is_empty() => Place::make().map_err(Step::Folder.failed())?,
        None => return Ok(None),
    };
    let gate = place.shut_gate().map_err(Step::Folder.failed())?;
    let there = match place.holder() {
        Some(pid) => Some(Holder::of(pid)?),
        None => holder::all().into_iter().next(),
    };
    let (holder, is_new) = match there {
        Some(holder) => (holder, false),
        None if wish == Wish::Make => (Holder::make(&place)?, true),
        None => return Ok(None),
    };
    let presence = place.presence().map_err(Step::Folder.failed())?;
    join(&holder, &place).inspect_err(|_| {
        if is_new {
            holder.end(&place);
        }
    })?;
    drop(gate);
    if let Some(cwd) = &cwd {
        cwd.return_to();
    }
    Ok(Some(Inside { place, holder, presence, namespaces, _cwd: cwd.map(|folder| folder.open) }))
}

fn join(holder: &Holder, place: &Place) -> Result<(), Refusal> {
    let failed = Step::Enter.failed();
    let of = |kind: &str| File::open(format!("/proc/{}/ns/{kind}", holder.pid()));
    let opened = of("user").and_then(|user| Ok((user, of("mnt")?)));
    let (user, mounts) = opened.map_err(|error| match run_folder::is_covered() {
        // A process without capabilities there may not inspect one that has them.
        true => Refusal { step: Step::Inside, errno: Errno::EPERM },
        false => failed(error),
    })?;
    if !holder.is_still(place) {
        return Err(failed(Errno::ESRCH.into()));
    }
    setns(user.as_fd(), CloneFlags::CLONE_NEWUSER).map_err(|errno| failed(errno.into()))?;
    setns(mounts.as_fd(), CloneFlags::CLONE_NEWNS).map_err(|errno| failed(errno.into()))?;
    take_known_group();
    Ok(())
}

/// A process whose group is not mapped, as after `newgrp`, cannot make files in `/run`, so this takes a mapped group.
fn take_known_group() {
    const UNKNOWN: u32 = 65534;
    if getegid().as_raw() == UNKNOWN
        && let Some((first, _)) = super::groups::known_groups()
    {
        // If this fails, files cannot be made, and the error says so.
        let _ = setegid(Gid::from_raw(first));
    }
}

/// A folder: its path and an open descriptor.
struct Folder {
    path: PathBuf,
    open: OwnedFd,
}

impl Folder {
    fn current() -> Option<Self> {
        let open = openat(CWD, ".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
        Some(Folder { path: std::env::current_dir().ok()?, open })
    }

    /// Makes it the current folder again: by its path, or by the open descriptor if the path leads elsewhere.
    fn return_to(&self) {
        let by_path = || -> io::Result<()> {
            let there = |path: &Path| fs::metadata(path).map(|it| (it.dev(), it.ino()));
            let open = File::from(self.open.try_clone()?).metadata()?;
            match there(&self.path)? == (open.dev(), open.ino()) {
                true => std::env::set_current_dir(&self.path),
                false => Err(io::ErrorKind::NotFound.into()),
            }
        };
        if by_path().is_err() {
            // If this fails, a lab file's relative path is not found, and peerlab reports that.
            let _ = fchdir(&self.open);
        }
    }
}
