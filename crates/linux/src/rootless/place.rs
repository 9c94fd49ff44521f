//! The meeting point of a user's commands: a folder with three lock files.
//!
//! | file | locked |
//! |---|---|
//! | `gate` | by a process while it looks for the holder, makes it or terminates it |
//! | `inside` | shared by all processes in the namespaces, as long as they are inside |
//! | `pause` | by the holder, as long as it lives; the kernel reports who has the lock |
//!
//! So no file can be out of date, as a file with a process id would be after a kill.

use std::fs::{DirBuilder, File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, geteuid};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, fcntl_lock, flock, openat};
use rustix::process::{Flock, FlockType, fcntl_getlk};

/// The open folder. Its path may no longer exist (the user logged out, or it is below another `/run`).
pub(super) struct Place {
    path: PathBuf,
    folder: OwnedFd,
}

impl Place {
    /// The folder in which a holder has its lock.
    pub(super) fn with_holder() -> Option<Self> {
        candidates(geteuid())
            .into_iter()
            .filter_map(|path| Place::open(path).ok())
            .find(|place| place.holder().is_some())
    }

    /// The folder; makes it if it does not exist.
    pub(super) fn make() -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for path in candidates(geteuid()) {
            let made = DirBuilder::new().mode(0o700).create(&path);
            match made.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) }) {
                Ok(()) => match Place::open(path) {
                    Ok(place) => return Ok(place),
                    Err(error) => last = error,
                },
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Opens a folder that belongs to the user and that nobody else can change.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let how = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = File::from(openat(CWD, &path, how, Mode::empty())?);
        let is_own = |it: &Metadata| it.uid() == geteuid().as_raw() && it.mode() & 0o022 == 0;
        match is_own(&folder.metadata()?) {
            true => Ok(Place { path, folder: folder.into() }),
            false => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn file(&self, name: &str) -> io::Result<File> {
        let how = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.folder, name, how, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// Waits for the gate's lock, and holds it until the file is closed.
    pub(super) fn shut_gate(&self) -> io::Result<File> {
        self.locked("gate", FlockOperation::LockExclusive)
    }

    /// Shows that a process is inside, until the file is closed.
    pub(super) fn presence(&self) -> io::Result<File> {
        self.locked("inside", FlockOperation::LockShared)
    }

    fn locked(&self, name: &str, how: FlockOperation) -> io::Result<File> {
        let file = self.file(name)?;
        while let Err(error) = flock(&file, how) {
            if error != rustix::io::Errno::INTR {
                return Err(error.into());
            }
        }
        Ok(file)
    }

    /// The file that the holder locks.
    pub(super) fn pause(&self) -> io::Result<File> {
        self.file("pause")
    }

    /// The process that has the holder's lock.
    pub(super) fn holder(&self) -> Option<i32> {
        let lock = fcntl_getlk(self.pause().ok()?, &Flock::from(FlockType::WriteLock)).ok()??;
        // No process id: it is in a process namespace that is not visible from this one.
        Some(lock.pid.map_or(0, |pid| pid.as_raw_nonzero().get()))
    }
}

/// Locks the holder's file for this process, as long as it lives and closes no descriptor of that file.
pub(super) fn lock(pause: &File) -> io::Result<()> {
    Ok(fcntl_lock(pause, FlockOperation::NonBlockingLockExclusive)?)
}

/// Stops showing that this process is inside.
pub(super) fn leave(presence: &File) {
    // This fails only for a closed descriptor, and this one is open.
    let _ = flock(presence, FlockOperation::Unlock);
}

/// Whether no process is inside. If so, none can show that it is until the file is closed.
pub(super) fn nobody_is_inside(presence: &File) -> bool {
    flock(presence, FlockOperation::NonBlockingLockExclusive).is_ok()
}

/// Two fixed places, because `XDG_RUNTIME_DIR` differs or is unset under su, cron, ssh or CI, and all of a user's commands
/// must meet.
fn candidates(user: Uid) -> Vec<PathBuf> {
    let session = PathBuf::from(format!("/run/user/{user}"));
    let is_own = |path: &Path| path.symlink_metadata().is_ok_and(|it| it.is_dir() && it.uid() == user.as_raw());
    let in_session = is_own(&session).then(|| session.join("peerlab"));
    in_session.into_iter().chain([PathBuf::from(format!("/tmp/peerlab-{user}"))]).collect()
}
