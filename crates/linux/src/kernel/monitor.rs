//! Notices changes of a lab's namespaces when they happen.
//!
//! The kernel reports changes of links, addresses, permanent neighbours, routes, rules, queueing disciplines and rulesets
//! to multicast groups of netlink. A socket with `NETLINK_LISTEN_ALL_NSID` also receives the reports of every namespace
//! that has a number in its own. So one namespace of peerlab's, without a name, and two sockets in it hear a lab of any
//! size, and nothing changes in the host's namespace.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use netlink_sys::protocols::{NETLINK_NETFILTER, NETLINK_ROUTE};
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};

use super::batch::{Batch, Failure, RouteSocket};
use super::messages::Said;
use super::netlink::{self, Message, Messages};
use super::{netns, threads};
use crate::error::{Error, Result};
use crate::msg;
use crate::network::model::NamespaceName;

/// The groups of rtnetlink (`RTNLGRP_…`): link, neighbour, tc, address, route, rule and forwarding settings of IPv4, and the
/// numbers of namespaces, of which one is reported when its namespace ends.
const ROUTE_GROUPS: [u32; 8] = [1, 3, 4, 5, 7, 8, 24, 28];

/// `NFNLGRP_NFTABLES`.
const RULESETS: u32 = 7;

const RTM_NEWNEIGH: u16 = 28;
const RTM_DELNEIGH: u16 = 29;
const RTM_NEWNSID: u16 = 88;

/// `NUD_PERMANENT`, and the place of a neighbour's state in its message.
const PERMANENT: u16 = 0x80;
const STATE_OF_NEIGHBOUR: usize = 8;

/// Changes seldom come alone: how long [`Monitor::wait`] waits for the next one.
const QUIET: Duration = Duration::from_millis(20);

/// How long it waits at most, if changes keep coming.
const LONGEST: Duration = Duration::from_millis(100);

/// The number of namespaces that are open at the same time.
const OPEN_AT_ONCE: usize = 64;

/// Hears changes of namespaces.
#[derive(Debug)]
pub struct Monitor {
    /// For giving numbers to namespaces.
    ask: RouteSocket,
    heard: [Socket; 2],
}

impl Monitor {
    /// A monitor that hears no namespace yet.
    ///
    /// # Errors The kernel permits no further namespace or socket.
    pub fn new() -> Result<Self> {
        let open = || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            Ok(Monitor {
                ask: RouteSocket::open()?,
                heard: [hearing(NETLINK_ROUTE, &ROUTE_GROUPS)?, hearing(NETLINK_NETFILTER, &[RULESETS])?],
            })
        };
        threads::apart(open)?.map_err(|error: io::Error| cannot(&error))
    }

    /// Hears these namespaces of a lab from now on. One that does not exist is left out.
    pub fn hear(&self, lab: &str, names: &[NamespaceName]) -> Result<()> {
        names.chunks(OPEN_AT_ONCE).try_for_each(|names| self.hear_some(lab, names))
    }

    fn hear_some(&self, lab: &str, names: &[NamespaceName]) -> Result<()> {
        let files = names.iter().map(|name| netns::find(lab, name)).collect::<Result<Vec<_>>>()?;
        let mut batch = Batch::default();
        for file in files.iter().flatten() {
            let mut message = NsidMessage::default();
            // -1: any number that is free.
            message.attributes = vec![NsidAttribute::Fd(file.as_raw_fd() as u32), NsidAttribute::Id(-1)];
            batch.push(0, 0, RouteNetlinkMessage::NewNsId(message), &[Errno::EEXIST]);
        }
        batch.send(&self.ask).map_err(|failure| match failure {
            Failure::Refused(refused) => cannot(&refused.errno.into()),
            Failure::Socket(errno) => cannot(&errno.into()),
        })
    }

    /// Waits until something changes, at most for this time. Returns whether it did, once changes no longer follow one
    /// another closely. One that happened before the call counts too.
    pub fn wait(&self, most: Duration) -> bool {
        if !self.changes_within(most) {
            return false;
        }
        let begun = Instant::now();
        while begun.elapsed() < LONGEST && self.changes_within(QUIET) {}
        true
    }

    /// Whether nothing has changed since the last call but by this process, over the sockets that the kernel gives the
    /// process's number: of each family, the first in a namespace.
    pub fn is_undisturbed(&self) -> bool {
        let own = std::process::id();
        let is_foreign = |message: &Message<'_>| message.port != own && is_a_change(message);
        // Not `all`: every socket is emptied.
        self.heard.iter().filter(|socket| reports(socket, is_foreign)).count() == 0
    }

    fn changes_within(&self, most: Duration) -> bool {
        let ends = Instant::now() + most;
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            let mut polled = self.heard.each_ref().map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN));
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let arrived = poll(&mut polled, timeout);
            // Not `any`: every socket is emptied.
            let changed = self.heard.iter().filter(|socket| reports(socket, is_a_change)).count() > 0;
            if changed || matches!(arrived, Ok(0)) || left.is_zero() {
                return changed;
            }
        }
    }
}

fn cannot(error: &io::Error) -> Error {
    Error::host(msg!(Said::CannotMonitor { error }))
}

/// A socket that hears these groups.
fn hearing(family: isize, groups: &[u32]) -> io::Result<Socket> {
    let mut socket = Socket::new(family)?;
    socket.set_non_blocking(true)?;
    socket.set_listen_all_namespaces(true)?;
    socket.bind(&SocketAddr::new(0, 0))?;
    groups.iter().try_for_each(|group| socket.add_membership(*group))?;
    Ok(socket)
}

/// Reads everything that a socket has received; returns whether such a change was among it.
fn reports(socket: &Socket, is_one: impl Fn(&Message<'_>) -> bool) -> bool {
    let mut changed = false;
    loop {
        match netlink::receive(socket, |datagram| Messages(datagram).any(|message| is_one(&message))) {
            Ok(is_one) => changed |= is_one,
            Err(Errno::EAGAIN) => return changed,
            // Reports were lost.
            Err(Errno::ENOBUFS | Errno::EMSGSIZE) => changed = true,
            Err(_) => return changed,
        }
    }
}

/// Neighbours that the kernel learned come and go, and a number is given to a namespace that is heard; all else is somebody's
/// doing.
fn is_a_change(message: &Message<'_>) -> bool {
    let is_permanent = || {
        let state = message.payload.get(STATE_OF_NEIGHBOUR..).and_then(<[u8]>::first_chunk);
        state.is_none_or(|state| u16::from_ne_bytes(*state) & PERMANENT != 0)
    };
    match message.kind {
        // The report of an entry that somebody deletes does not say that it was permanent.
        RTM_NEWNEIGH | RTM_DELNEIGH => is_permanent() || message.port != 0,
        kind => kind != RTM_NEWNSID,
    }
}
