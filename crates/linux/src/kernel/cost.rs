//! Counts this process's requests to the kernel, which are the same on every machine, regardless of load.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

static NAMESPACES: AtomicU64 = AtomicU64::new(0);
static SOCKETS: AtomicU64 = AtomicU64::new(0);
static SENDS: AtomicU64 = AtomicU64::new(0);
static READS: AtomicU64 = AtomicU64::new(0);

/// Counts since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Namespaces made or opened.
    pub namespaces: u64,
    /// Sockets opened inside them: netlink's, and the probes'.
    pub sockets: u64,
    /// Netlink requests sent, a batch counted as one.
    pub sends: u64,
    /// Netlink answers asked for.
    pub reads: u64,
}

/// The counts so far.
pub fn spent() -> Cost {
    let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    Cost { namespaces: of(&NAMESPACES), sockets: of(&SOCKETS), sends: of(&SENDS), reads: of(&READS) }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost { namespaces, sockets, sends, reads } = self;
        write!(f, "asked of the kernel: {namespaces} namespaces, {sockets} sockets, {sends} sends, {reads} reads")
    }
}

pub(super) fn namespace() {
    NAMESPACES.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn socket() {
    SOCKETS.fetch_add(1, Ordering::Relaxed);
}

pub(super) fn send() {
    SENDS.fetch_add(1, Ordering::Relaxed);
}

pub(super) fn read() {
    READS.fetch_add(1, Ordering::Relaxed);
}
