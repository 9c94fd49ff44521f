//! /proc/sys/net, as the calling thread's namespace has it.
//!
//! Through the host's own /proc each opening would cost time in proportion to the namespaces there are, since all their entries
//! `net/ipv4` are of one name in one directory, and so in one chain of the kernel's cache of names: at 1000 instances that
//! was 40 % of `up`. So each thread has a procfs of its own, mounted nowhere, and takes a new one now and then.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

/// So many openings a procfs serves: some dozens of namespaces. Its chains stay short, and to make one costs as much as a
/// few openings.
const OPENINGS: u32 = 128;

/// A value is a few numbers.
const LONGEST: usize = 256;

thread_local! {
    /// This thread's procfs, and how many openings it has left.
    static OWN: RefCell<Option<(OwnedFd, u32)>> = const { RefCell::new(None) };
}

/// The value of `key` (`ipv4/ip_forward`); `None` where this kernel has no such thing.
pub(super) fn get(key: &str) -> io::Result<Option<String>> {
    match open(key, OFlags::RDONLY) {
        Ok(mut file) => {
            // At once: the kernel gives a value whole.
            let mut value = [0; LONGEST];
            let length = file.read(&mut value)?;
            let value = String::from_utf8_lossy(&value[..length]);
            Ok(Some(value.split_whitespace().collect::<Vec<_>>().join("\t")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sets `key`. What this kernel does not have needs no setting: without IPv6 or br_netfilter there is nothing to turn off.
pub(super) fn set(key: &str, value: &str) -> io::Result<()> {
    match open(key, OFlags::WRONLY) {
        Ok(mut file) => file.write_all(value.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn open(key: &str, how: OFlags) -> io::Result<File> {
    let how = how | OFlags::CLOEXEC;
    OWN.with_borrow_mut(|own| {
        if own.as_ref().is_none_or(|(_, left)| *left == 0) {
            *own = procfs().ok().map(|procfs| (procfs, OPENINGS));
        }
        let opened = match own {
            Some((procfs, left)) => {
                *left -= 1;
                openat(procfs, format!("sys/net/{key}"), how, Mode::empty())
            }
            // A container may not mount one (its own /proc is masked), and a kernel before 5.2 knows none that is mounted nowhere.
            None => openat(CWD, format!("/proc/sys/net/{key}"), how, Mode::empty()),
        };
        Ok(File::from(opened?))
    })
}

/// A procfs that is mounted nowhere, and gone when it is closed.
fn procfs() -> rustix::io::Result<OwnedFd> {
    let new = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&new)?;
    fsmount(&new, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())
}
