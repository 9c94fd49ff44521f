//! Real packets from inside the lab's namespaces.
//!
//! Sockets are opened on threads that enter a namespace and end there, and are used from anywhere: a socket stays in
//! the namespace in which it was opened.
#![allow(clippy::disallowed_methods)]

mod account;
pub mod bandwidth;
mod conversation;
mod icmp;
mod listener;
mod ping;
mod schedule;
mod sweep;
mod tcp;
#[cfg(test)]
mod testbed;
mod udp;
mod witness;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::libc;

use crate::error::{Error, Result};
use crate::flow::Protocol;
use crate::kernel::enter;
use crate::kernel::threads::{join, start};
use crate::network::model::NamespaceName;
use crate::progress::{Progress, Unwatched};

use account::Account;
pub use account::{Dropped, uncounted};
use listener::Listeners;
pub use ping::{Reply, ping};
pub use schedule::Lane;
use schedule::Schedule;
pub use sweep::{Ping, Rtt, Sender, Sweep};
use witness::{Mark, Witness};

/// How long to wait in all for those that were expected to arrive and did not.
pub const TIMEOUT: Duration = Duration::from_secs(1);

/// For so long nothing must have arrived before what is still out counts as dropped, plus the longest latency. A
/// packet that no qdisc holds back has gone its way, and its answer the way back, before `sendto` returns; this is for
/// a host that is busy with other things.
const QUIET: Duration = Duration::from_millis(200);

/// One question put to the kernel: does this get there, and does the answer come back?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Where it is sent from.
    pub from: NamespaceName,
    /// The address to send from; `None`: the one that the kernel chooses.
    pub source: Option<Ipv4Addr>,
    /// The address to send to.
    pub to: Ipv4Addr,
    /// What is sent.
    pub protocol: Protocol,
    /// Where a listener is put up while the probes run (TCP and UDP). Where the port is taken there, whoever has it is
    /// spoken with. `None`: nobody listens.
    pub listener: Option<NamespaceName>,
    /// It should arrive: if it does not, it is sent once more.
    pub expected: bool,
    /// What narrows its way, if anything does: it is sent no faster than that allows.
    pub lane: Option<Lane>,
    /// Every namespace that has the address, where it is not one alone: it is found out which of them gets the packet.
    pub claimants: Vec<NamespaceName>,
}

/// What became of a probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// The answer came back: an echo reply, or the listener's.
    pub reached: bool,
    /// From sending to the answer; `None` where there was none.
    pub rtt: Option<Duration>,
    /// It was sent twice.
    pub resent: bool,
    /// Which of the claimants got it; `None`: none of them, or there are none.
    pub got_by: Option<NamespaceName>,
}

/// What became of a sweep.
#[derive(Debug, Default)]
pub struct Swept {
    /// The pings, in their order.
    pub pings: Vec<Ping>,
    /// By place among them: which of the sweep's claimants got it.
    pub got_by: BTreeMap<usize, NamespaceName>,
}

/// Sends all probes at once, and says of each, in their order, what became of it.
///
/// All drops wait for one time together: 200 ms in which nothing arrives, and the longest latency. Only if an expected
/// one is missing is it sent again and waited for longer, for `timeout` at most.
///
/// Where it is known how many packets the kernel has `dropped`, nothing is waited for once that is all that is out.
pub fn run(lab: &str, probes: &[Probe], timeout: Duration, dropped: &Dropped<'_>) -> Result<Vec<Observation>> {
    run_beside(lab, Sweep::default(), probes, timeout, dropped, &Unwatched).map(|(_, seen)| seen)
}

/// Ends the listening, whatever happens.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The same beside a sweep, all at once: the pings come back in their order.
pub fn run_beside(
    lab: &str,
    mut sweep: Sweep,
    probes: &[Probe],
    timeout: Duration,
    dropped: &Dropped<'_>,
    progress: &dyn Progress,
) -> Result<(Swept, Vec<Observation>)> {
    // A sender takes one, a probe one at each end.
    crate::kernel::privilege::make_room_for_descriptors(64 + sweep.senders.len() + 2 * probes.len());
    let swept = sweep.pings.len();
    let echoes = sweep.join(probes);
    let patience = Patience::new(sweep.lanes.iter().chain(probes.iter().filter_map(|it| it.lane.as_ref())), timeout);
    let mut schedule = Schedule::default();
    for (place, ping) in sweep.pings.iter_mut().enumerate() {
        ping.place = place as u32;
        if let Some(lane) = ping.lane(&sweep.lanes) {
            ping.put_off(schedule.due(lane));
        }
    }
    let conversations: Vec<_> = probes
        .iter()
        .enumerate()
        .filter(|(_, probe)| probe.protocol != Protocol::Icmp)
        .map(|(index, probe)| Job { index, probe, due: probe.lane.map_or(Duration::ZERO, |it| schedule.due(&it)) })
        .collect();
    sweep.pings.sort_by_key(|ping| ping.sender);
    let listeners = Listeners::open(lab, probes)?;
    let token = nonce() as u32;
    let witness = Witness::open(lab, token, &sweep.claimants, probes)?;
    let account = Account::new(dropped);
    let over = AtomicBool::new(false);
    let (spoken, heard) = std::thread::scope(|scope| {
        let ends = Over(&over);
        let listening = witness.is_needed().then(|| start(scope, || witness.listen(&over))).transpose()?;
        let speak = || {
            let sending = account.send();
            start(scope, || conversation::run(lab, &conversations, listeners, patience, &account, sending))
        };
        let spoken = (!conversations.is_empty()).then(speak).transpose()?;
        icmp::run(lab, &sweep.senders, &mut sweep.pings, token, patience, &account, progress)?;
        let spoken = spoken.map_or(Ok(Vec::new()), join)?;
        drop(ends);
        Ok::<_, Error>((spoken, listening.map(join).unwrap_or_default()))
    })?;
    let flights = sweep.pings.iter().enumerate();
    let got = flights.filter_map(|(flight, ping)| Some((ping.place as usize, heard.by(Mark::Echo(flight as u32))?)));
    let mut got_by: BTreeMap<_, _> = got.map(|(place, namespace)| (place, namespace.clone())).collect();
    sweep.pings.sort_unstable_by_key(|ping| ping.place);
    let mut observations = vec![Observation::default(); probes.len()];
    let mut got_by_probes = got_by.split_off(&swept);
    for (place, (index, ping)) in echoes.into_iter().zip(sweep.pings.drain(swept..)).enumerate() {
        observations[index] = Observation { got_by: got_by_probes.remove(&(swept + place)), ..ping.seen() };
    }
    for conversation::Spoken { index, observation, marks } in spoken {
        let got_by = marks.into_iter().rev().find_map(|mark| heard.by(mark).cloned());
        observations[index] = Observation { got_by, ..observation };
    }
    Ok((Swept { pings: sweep.pings, got_by }, observations))
}

/// A probe that is to be sent.
#[derive(Clone, Copy, Debug)]
struct Job<'a> {
    /// Its place among the probes of the run.
    index: usize,
    probe: &'a Probe,
    /// When, from the run's beginning.
    due: Duration,
}

/// How long is waited, and for what.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Silence after which what is still out is dropped, or, where it was expected, sent again.
    quiet: Duration,
    /// From the second sending to giving up.
    timeout: Duration,
    /// The longest that a lane adds to a round trip; the other two have it in them.
    latency: Duration,
}

impl Patience {
    fn new<'a>(lanes: impl Iterator<Item = &'a Lane>, timeout: Duration) -> Self {
        let latency = lanes.map(|lane| lane.latency).max().unwrap_or_default();
        Patience { quiet: QUIET.min(timeout) + latency, timeout: timeout + latency, latency }
    }
}

/// An error of the host, in terms of the lab.
fn trouble(lab: &str, namespace: &NamespaceName, what: &str, error: io::Error) -> Error {
    let message = format!("namespace {lab}.{namespace}: {what}: {error}");
    let hint = match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => "run as root, or with CAP_NET_RAW and CAP_NET_ADMIN",
        Some(libc::EMFILE | libc::ENFILE) => "raise the limit of open files (`ulimit -Hn`)",
        Some(libc::EADDRNOTAVAIL) => "the namespace lacks that address: `peerlab up` brings it up to date",
        _ => "`peerlab doctor` says what the host lacks",
    };
    Error::host(message).hint(hint)
}

/// A runtime for the calling thread, which is in the host's namespace and stays there.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::host(format!("no event loop for the probes: {error}")).hint("free some descriptors"))
}

/// A number that no earlier run had: identifiers and tokens.
fn nonce() -> u64 {
    // Each RandomState has keys of its own.
    RandomState::new().build_hasher().finish()
}
