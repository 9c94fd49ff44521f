//! When the kernel has taken apart what was removed.
//!
//! It does so in one queue, long after the names are gone, and tells nobody. So a namespace is sent after them, with a veth
//! to one that stays: when that veth is gone, the batch of the queue in which the namespace was has lost its links. What
//! else there is of it goes before the next batch begins, for which a second namespace is sent. (/proc/slabinfo does not
//! tell: the slabs stay. How many are left, nobody is told.)

use std::fs::File;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

use super::batch::{Batch, Failure, RouteSocket};
use super::{fault, link, threads};
use crate::error::{Error, Result};
use crate::network::model::{Link, LinkKind, Shaping};

/// How often is looked.
const INTERVAL: Duration = Duration::from_millis(5);

/// How long is waited for room for one more namespace: while the kernel takes apart some ten thousand.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until the kernel has taken apart every namespace that nobody was in any more when this was called; says how long
/// that took. One that somebody keeps open (a process, a mount, a descriptor) is none of them.
pub fn wait_until_dismantled() -> Result<Duration> {
    let began = Instant::now();
    let wait = || -> Result<(), Errno> {
        new_namespace()?;
        let here = RouteSocket::open().map_err(|error| fault::errno(&error))?;
        for _ in 0..2 {
            send_after(&here)?;
            while here.get(link::get(NEAR)) != Err(Errno::ENODEV) {
                thread::sleep(INTERVAL);
            }
        }
        Ok(())
    };
    threads::apart(wait)?.map(|()| began.elapsed()).map_err(cannot)
}

/// The index of the veth that stays behind.
const NEAR: u32 = 1_000;

/// Takes the thread to a namespace of its own. Where there were as many as there may be, those that are being taken apart
/// count until they are gone.
fn new_namespace() -> Result<(), Errno> {
    let until = Instant::now() + PATIENCE;
    loop {
        match unshare(CloneFlags::CLONE_NEWNET) {
            Err(Errno::ENOSPC) if Instant::now() < until => thread::sleep(INTERVAL),
            done => return done,
        }
    }
}

/// Makes a namespace at the other end of a veth, and lets go of it.
fn send_after(here: &RouteSocket) -> Result<(), Errno> {
    let make = || -> Result<File, Errno> {
        new_namespace()?;
        File::open("/proc/thread-self/ns/net").map_err(|error| fault::errno(&error))
    };
    let there = threads::apart(make).unwrap_or(Err(Errno::EAGAIN))?;
    let end = |index| Link {
        index,
        kind: LinkKind::Other("veth".into()),
        mac: None,
        altname: None,
        group: 0,
        addresses: Default::default(),
        shaping: Shaping::default(),
        up: false,
        plain: true,
    };
    let veth = link::create_veth((&"near".into(), &end(NEAR)), None, (&"far".into(), &end(NEAR)), there.as_raw_fd());
    let mut batch = Batch::default();
    batch.push(0, NLM_F_CREATE | NLM_F_EXCL, veth, &[]);
    batch.send(here).map_err(|failure| match failure {
        Failure::Refused(refused) => refused.errno,
        Failure::Socket(errno) => errno,
    })
}

fn cannot(errno: Errno) -> Error {
    let hint = "the lab is down all the same: the kernel takes it apart in its own time";
    fault::host("it cannot be seen when the kernel has taken the namespaces apart", errno, hint)
}
