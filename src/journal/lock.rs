//! The lab's lock: one process changes the lab at a time, and others get the lock in the order of arrival.
//!
//! The file `lock` contains the last ticket and the process that has the lock. A process draws the next ticket and
//! locks the byte of that number (an open file description lock). Then it waits for the byte of the previous ticket,
//! which its owner keeps until it is done, and takes the lock itself (`flock`). So every wait is in the kernel, for one
//! predecessor, and if a process is killed, its successor continues: only the `flock` excludes, the tickets only order.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, Flock, FlockArg, fcntl};
use nix::libc;

use super::shared::{self, shared};
use super::{Store, host, ours};
use crate::error::{Error, Result};
use crate::journal::messages::Said;
use crate::message::Message;
use crate::msg;

/// The exclusive right to change the lab, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Of a lab over several hosts: its copy is not replaced while it changes.
    _held: Option<shared::Held>,
    _file: Flock<File>,
}

impl Store {
    /// Whether a process is changing the lab at this moment.
    pub fn is_locked(&self) -> bool {
        let file = ours(OpenOptions::new().read(true)).open(self.directory.join("lock"));
        file.is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
    }

    /// Waits until no other process changes the lab, and excludes others. Creates the directory if it is missing.
    ///
    /// If it must wait, calls `waiting` once with the process that has the lock, and drops the result when the wait is
    /// over. Gives up after `patience`.
    pub fn lock<Waiting>(&self, patience: Duration, waiting: impl FnOnce(&Message) -> Waiting) -> Result<Lock> {
        let (path, until) = (self.directory.join("lock"), Instant::now() + patience);
        let (mut waiting, mut waits) = (Some(waiting), None);
        loop {
            self.make_directory()?;
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
            let file = match ours(options).open(&path) {
                Ok(file) => file,
                // The previous owner took the lab down between the two calls.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => {
                    // The directory of a lab that was about to be created: without a lock no verb could remove it.
                    let _ = fs::remove_dir(&self.directory);
                    return Err(host(Said::Open, &path, error));
                }
            };
            let taken = match InLine::up(file).at_once() {
                Taken::Lock(file) => Ok(file),
                Taken::Error(errno) => Err(host(Said::Lock, &path, errno.into())),
                Taken::Wait(in_line) => {
                    let holder = in_line.holder();
                    waits = waits.or_else(|| waiting.take().map(|waiting| waiting(&holder)));
                    match in_line.wait(until) {
                        Some(taken) => taken.map_err(|errno| host(Said::Lock, &path, errno.into())),
                        None => Err(Error::host(msg!(Said::Locked { lab: &self.lab, holder }))
                            .code("LabLocked")
                            .hint(Said::TryAgainOrEndIt)),
                    }
                }
            };
            let file = taken?;
            // Only now, because another thread of this process may have had it. If the lab is gone, so is the file.
            let held = shared().map(|shared| shared.hold(&self.lab)).transpose()?;
            if is_still(&file, &path) {
                drop(waits);
                // Only information for waiting processes; on a full /run, `down` must still work.
                let _ = file.write_all_at(format!("{:>DIGITS$}\n", std::process::id()).as_bytes(), HOLDER);
                return Ok(Lock { _held: held, _file: file });
            }
        }
    }
}

/// The digits of a number in the file: the last ticket, then the process that has the lock, a line each.
const DIGITS: usize = 20;

/// The position of that process in the file.
const HOLDER: u64 = DIGITS as u64 + 1;

/// A place in the queue for a lock.
struct InLine {
    file: File,
    /// The byte of the previous ticket; `None` if no ticket could be drawn (`/run` is full): then only the kernel
    /// orders.
    before: Option<i64>,
}

/// The result of an attempt.
enum Taken {
    Lock(Flock<File>),
    Wait(InLine),
    Error(Errno),
}

impl InLine {
    /// Draws a ticket.
    fn up(file: File) -> Self {
        // Each process holds this for a few microseconds.
        let alone = byte(&file, DRAWING, libc::F_WRLCK, true);
        let drawn = alone.is_ok().then(|| {
            let last = number_at(&file, 0).unwrap_or_default();
            let own = last.checked_add(1)?;
            let mine = byte(&file, FIRST.checked_add(own)?, libc::F_WRLCK, false);
            let written = mine.is_ok() && file.write_all_at(format!("{own:>DIGITS$}\n").as_bytes(), 0).is_ok();
            written.then_some(FIRST + last)
        });
        let _ = byte(&file, DRAWING, libc::F_UNLCK, false);
        InLine { file, before: drawn.flatten() }
    }

    /// Takes the lock if no process is ahead in the queue.
    fn at_once(self) -> Taken {
        let alone = self.before.is_none_or(|before| byte(&self.file, before, libc::F_WRLCK, false).is_ok());
        if !alone {
            return Taken::Wait(self);
        }
        match Flock::lock(self.file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => Taken::Lock(file),
            // An older peerlab, or one that drew no ticket, has the lock.
            Err((file, Errno::EWOULDBLOCK)) => Taken::Wait(InLine { file, before: None }),
            Err((_, errno)) => Taken::Error(errno),
        }
    }

    /// Waits in the kernel, on a separate thread, so that the caller still receives signals and can time out. `None` after a
    /// timeout; the thread then passes its turn on when it comes.
    fn wait(self, until: Instant) -> Option<nix::Result<Flock<File>>> {
        let (told, taken) = channel();
        let started = Builder::new().name("lock".into()).stack_size(STACK).spawn(move || {
            // Dropped when no longer needed.
            let _ = told.send(self.block());
        });
        if let Err(error) = started {
            return Some(Err(Errno::from_raw(error.raw_os_error().unwrap_or(libc::EAGAIN))));
        }
        match taken.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(taken) => Some(taken),
            Err(RecvTimeoutError::Timeout) => None,
            // Impossible: the thread sends before it ends.
            Err(RecvTimeoutError::Disconnected) => Some(Err(Errno::EAGAIN)),
        }
    }

    fn block(self) -> nix::Result<Flock<File>> {
        if let Some(before) = self.before {
            byte(&self.file, before, libc::F_WRLCK, true)?;
        }
        let mut file = self.file;
        loop {
            match Flock::lock(file, FlockArg::LockExclusive) {
                Ok(file) => return Ok(file),
                Err((again, Errno::EINTR)) => file = again,
                Err((_, errno)) => return Err(errno),
            }
        }
    }

    /// The process that has the lock, according to the file.
    fn holder(&self) -> Message {
        match number_at(&self.file, HOLDER) {
            Some(process) => msg!(Said::Process { process }),
            None => msg!(Said::AnotherPeerlab),
        }
    }
}

/// The byte that is locked while a ticket is drawn.
const DRAWING: i64 = 0;

/// The byte of ticket 0.
const FIRST: i64 = 1;

/// The stack of a thread that waits, in bytes.
const STACK: usize = 64 << 10;

/// Locks or unlocks a byte of a file, waiting for it or not.
fn byte(file: &File, at: i64, kind: i32, wait: bool) -> nix::Result<()> {
    let lock = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: at,
        l_len: 1,
        l_pid: 0,
    };
    loop {
        let done = fcntl(file, if wait { FcntlArg::F_OFD_SETLKW(&lock) } else { FcntlArg::F_OFD_SETLK(&lock) });
        match done {
            Err(Errno::EINTR) => {}
            done => return done.map(drop),
        }
    }
}

/// The number in a line of the file.
fn number_at(file: &File, at: u64) -> Option<i64> {
    let mut digits = [0; DIGITS];
    file.read_exact_at(&mut digits, at).ok()?;
    std::str::from_utf8(&digits).ok()?.trim().parse().ok().filter(|number| *number >= 0)
}

/// Whether the file that was locked is the one that is at `path`, and not one that `down` removed meanwhile.
fn is_still(file: &File, path: &Path) -> bool {
    let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    file.metadata().and_then(|held| fs::metadata(path).map(|there| same(held, there))).unwrap_or(false)
}
