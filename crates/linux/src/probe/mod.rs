//! Sends real packets from inside the lab's namespaces.
//!
//! Threads that enter a namespace and end there open the sockets; any thread can use them, because a socket stays in
//! the namespace where it was opened.

mod account;
pub mod bandwidth;
mod conversation;
mod host;
mod icmp;
mod job;
mod listener;
mod messages;
mod ping;
mod question;
mod schedule;
mod sweep;
mod tcp;
#[cfg(test)]
mod testbed;
mod udp;
mod witness;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::flow::Protocol;
use crate::kernel::threads::{join, start};
use crate::progress::{Progress, Unwatched};

use account::Account;
pub use account::{Dropped, uncounted};
use host::nonce;
pub use job::TIMEOUT;
use job::{Job, Patience};
use listener::Listeners;
pub use ping::{Reply, ping};
pub use question::{Observation, Probe, SourcePort};
pub use schedule::Lane;
use schedule::Schedule;
pub use sweep::{Ping, Rtt, Sender, Sweep, Swept};
use witness::{Mark, Witness};

/// Sends all probes at once, and returns their results in the same order.
///
/// All drops share one wait: 200 ms in which nothing arrives, plus the longest latency. If an expected probe is
/// missing, it is sent again and waited for longer, at most `timeout`.
///
/// With counters (`dropped`), the wait ends once the kernel has dropped all outstanding packets.
pub fn run(lab: &str, probes: &[Probe], timeout: Duration, dropped: &Dropped<'_>) -> Result<Vec<Observation>> {
    run_beside(lab, Sweep::default(), probes, timeout, dropped, &Unwatched).map(|(_, seen)| seen)
}

/// Ends the listening when dropped.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The same together with a sweep, all at once; returns the pings in their order.
pub fn run_beside(
    lab: &str,
    mut sweep: Sweep,
    probes: &[Probe],
    timeout: Duration,
    dropped: &Dropped<'_>,
    progress: &dyn Progress,
) -> Result<(Swept, Vec<Observation>)> {
    // One descriptor per sender, two per probe.
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
