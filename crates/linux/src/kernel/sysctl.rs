//! Reads and writes /proc/sys/net of the calling thread's namespace.
//!
//! Through the host's /proc, each opening would take time proportional to the number of namespaces, because all their
//! entries `net/ipv4` have the same name in one directory, and so are in one chain of the kernel's dentry cache: at
//! 1000 instances that was 40 % of `up`. So each thread has its own procfs, not mounted anywhere, and replaces it from
//! time to time.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

use super::groups;

/// The number of openings per procfs, which serve some dozens of namespaces. Its chains stay short, and creating one
/// takes as long as a few openings.
const OPENINGS: u32 = 128;

/// The longest value, which is a few numbers.
const LONGEST: usize = 256;

thread_local! {
    /// This thread's procfs, and how many openings it has left.
    static OWN: RefCell<Option<(OwnedFd, u32)>> = const { RefCell::new(None) };
}

/// The value of `key` (`ipv4/ip_forward`); `None` if this kernel does not have it.
pub(super) fn get(key: &str) -> io::Result<Option<String>> {
    match open(key, OFlags::RDONLY) {
        Ok(mut file) => {
            // One read: the kernel returns the whole value.
            let mut value = [0; LONGEST];
            let length = file.read(&mut value)?;
            let value = String::from_utf8_lossy(&value[..length]);
            Ok(Some(groups::from_kernel(key, value.split_whitespace().collect::<Vec<_>>().join("\t"))))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sets `key`. A missing key is not an error: without IPv6 or br_netfilter there is nothing to turn off.
pub(super) fn set(key: &str, value: &str) -> io::Result<()> {
    match open(key, OFlags::WRONLY) {
        Ok(mut file) => file.write_all(groups::to_kernel(key, value).as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn open(key: &str, how: OFlags) -> io::Result<File> {
    let how = how | OFlags::CLOEXEC;
    OWN.with_borrow_mut(|own| {
        if own.as_ref().is_none_or(|(_, left)| *left == 0) {
            *own = procfs().map(|procfs| (procfs, OPENINGS));
        }
        let opened = match own {
            Some((procfs, left)) => {
                *left -= 1;
                openat(procfs, format!("sys/net/{key}"), how, Mode::empty())
            }
            // A container may not mount a procfs (its own /proc is masked), nor may an ordinary user; kernels before 5.2 do
            // not support unmounted ones.
            None => openat(CWD, format!("/proc/sys/net/{key}"), how, Mode::empty()),
        };
        Ok(File::from(opened?))
    })
}

/// A procfs that is not mounted anywhere and ends when it is closed; `None` if this process may not have one, which it tries
/// once.
fn procfs() -> Option<OwnedFd> {
    static REFUSED: AtomicBool = AtomicBool::new(false);
    let mounted = || {
        let new = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_create(&new)?;
        fsmount(&new, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())
    };
    let refused = |error: &Errno| matches!(*error, Errno::PERM | Errno::ACCESS | Errno::NOSYS);
    match REFUSED.load(Ordering::Relaxed) {
        true => None,
        false => mounted().inspect_err(|error| REFUSED.store(refused(error), Ordering::Relaxed)).ok(),
    }
}
