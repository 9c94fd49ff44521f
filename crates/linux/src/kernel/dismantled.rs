//! Waits until the kernel has dismantled removed namespaces.
//!
//! The kernel dismantles namespaces in one queue, long after their names are gone, and reports nothing. So this module
//! creates a namespace with a veth to one that stays, and removes it: when the veth disappears, the batch that
//! contained the namespace has lost its links. The rest of the batch is dismantled before the next batch begins, so a
//! second namespace is sent for that. (/proc/slabinfo does not help, because the slabs stay; and the kernel has no
//! count of the namespaces that are left.)

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
use crate::kernel::messages::Said;
use crate::network::model::{Link, LinkKind, Shaping, USUAL_MTU};

/// The interval between two looks.
const INTERVAL: Duration = Duration::from_millis(5);

/// How long to wait for room for one more namespace: enough for the kernel to dismantle some ten thousand.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until the kernel has dismantled every namespace that was unused when this was called; returns the time it
/// took. A namespace that a process, a mount or a descriptor keeps open does not count.
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

/// Moves the thread to a new namespace. Waits for room if the limit is reached: namespaces count until they are
/// dismantled.
fn new_namespace() -> Result<(), Errno> {
    let until = Instant::now() + PATIENCE;
    loop {
        match unshare(CloneFlags::CLONE_NEWNET) {
            Err(Errno::ENOSPC) if Instant::now() < until => thread::sleep(INTERVAL),
            done => return done,
        }
    }
}

/// Creates a namespace at the other end of a veth, and drops it.
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
        mtu: USUAL_MTU,
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
    fault::host(Said::CannotSeeItsEnd, errno, Said::DownAllTheSame)
}
