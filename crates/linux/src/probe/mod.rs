//! Sends real packets from inside the lab's namespaces.
//!
//! Threads that enter a namespace and end there open the sockets; any thread can use them, because a socket stays in
//! the namespace where it was opened.

mod account;
pub mod bandwidth;
mod conversation;
mod echo;
mod host;
mod icmp;
mod job;
mod listener;
mod messages;
mod part;
mod ping;
mod question;
mod schedule;
mod sweep;
mod tcp;
#[cfg(test)]
mod testbed;
mod udp;
mod witness;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::flow::Protocol;
use crate::kernel::exists;
use crate::kernel::threads::{join, start};
use crate::progress::{Progress, Unwatched};

use account::Account;
pub use account::{Dropped, uncounted};
use host::nonce;
pub use job::TIMEOUT;
use job::{Job, Patience};
use listener::{Listeners, Received};
pub use part::{Batch, Part, Together};
pub use ping::{Reply, ping};
pub use question::{Flow, Measured, Observation, Probe, SourcePort};
pub use schedule::Lane;
use schedule::Schedule;
pub use sweep::{GotBy, Ping, Rtt, Sender, Sweep, Swept};
use witness::{Kind, Witness};

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
///
/// A named receiver listens, and so does every sender of pings. If a probe that names somebody is answered by none of
/// them, or is refused, it is sent again, and now every namespace of the lab listens.
pub fn run_beside(
    lab: &str,
    sweep: Sweep,
    probes: &[Probe],
    timeout: Duration,
    dropped: &Dropped<'_>,
    progress: &dyn Progress,
) -> Result<(Swept, Vec<Observation>)> {
    let (senders, lanes, names_receivers) = (sweep.senders.clone(), sweep.lanes.clone(), !sweep.claimants.is_empty());
    let (mut swept, mut seen, _) = once(lab, sweep, probes, timeout, (dropped, progress), None)?;
    let answered = swept.pings.iter().enumerate().filter(|(_, ping)| names_receivers && ping.is_answered());
    let stray_pings: Vec<_> = answered.map(|(at, _)| at).filter(|at| swept.got_by.get(*at).is_none()).collect();
    let is_stray = |(at, probe): &(usize, &Probe)| {
        let seen = &seen[*at];
        !probe.claimants.is_empty() && (seen.refused || seen.reached && seen.got_by.is_none())
    };
    let stray_probes: Vec<_> = probes.iter().enumerate().filter(is_stray).map(|(at, _)| at).collect();
    if stray_pings.is_empty() && stray_probes.is_empty() {
        return Ok((swept, seen));
    }
    let everybody = crate::kernel::all_of(lab);
    let again = Sweep {
        senders,
        lanes,
        pings: stray_pings.iter().map(|at| swept.pings[*at].again()).collect(),
        claimants: everybody.iter().cloned().collect(),
    };
    let again_probes: Vec<_> = stray_probes
        .iter()
        .map(|at| Probe { claimants: everybody.clone(), expected: false, ..probes[*at].clone() })
        .collect();
    let (swept_again, seen_again, _) = once(lab, again, &again_probes, timeout, (dropped, &Unwatched), None)?;
    for (again, at) in stray_pings.into_iter().enumerate() {
        if let Some(namespace) = swept_again.got_by.get(again) {
            swept.got_by.set(at, namespace);
        }
    }
    for (again, at) in seen_again.into_iter().zip(stray_probes) {
        if again.got_by.is_some() {
            seen[at] = again;
        }
    }
    Ok((swept, seen))
}

/// Does this host's part of a run: sends what is to be sent from namespaces that are here, and listens in those that are here.
pub fn part(lab: &str, batch: Batch, together: &Together<'_>) -> Result<Part> {
    let Batch { sweep, probes } = batch;
    let here = |name| exists(lab, name);
    let senders: Vec<_> = sweep.senders.iter().map(|sender| here(&sender.namespace)).collect();
    let sent_here: Vec<_> = sweep.pings.iter().map(|ping| senders[ping.sender as usize]).collect();
    let probed_here: Vec<_> = probes.iter().map(|probe| here(&probe.from)).collect();
    let (swept, seen, noted) = once(lab, sweep, &probes, TIMEOUT, (&uncounted, &Unwatched), Some(together))?;
    let mut part = Part { got_probes: noted, ..Part::default() };
    for (at, ping) in swept.pings.iter().enumerate() {
        if let Some(rtt) = ping.rtt().filter(|_| sent_here[at]) {
            part.pings.push((at, rtt.into()));
        }
        part.got.extend(swept.got_by.get(at).map(|name| (at, name.clone())));
    }
    for (at, mut seen) in seen.into_iter().enumerate() {
        part.got_probes.extend(seen.got_by.take().map(|name| (at, name)));
        if probed_here[at] {
            part.seen.push((at, seen));
        }
    }
    Ok(part)
}

fn once(
    lab: &str,
    mut sweep: Sweep,
    probes: &[Probe],
    timeout: Duration,
    (dropped, progress): (&Dropped<'_>, &dyn Progress),
    together: Option<&Together<'_>>,
) -> Result<(Swept, Vec<Observation>, Received)> {
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
    // Nothing can be sent from a namespace that is gone.
    let conversations: Vec<_> = probes
        .iter()
        .enumerate()
        .filter(|(_, probe)| probe.protocol != Protocol::Icmp && exists(lab, &probe.from))
        .map(|(index, probe)| Job { index, probe, due: probe.lane.map_or(Duration::ZERO, |it| schedule.due(&it)) })
        .collect();
    sweep.pings.sort_by_key(|ping| ping.sender);
    let listeners = Listeners::open(lab, probes)?;
    let token = together.map_or_else(|| nonce() as u32, |together| together.token);
    let witness = {
        let mut sends = vec![false; sweep.senders.len()];
        sweep.pings.iter().for_each(|ping| sends[ping.sender as usize] = true);
        let senders: Vec<_> = sweep.senders.iter().zip(sends).collect();
        let icmp = probes.iter().filter(|probe| probe.protocol == Protocol::Icmp).flat_map(|probe| &probe.claimants);
        let mut listening: BTreeSet<_> =
            sweep.claimants.iter().chain(icmp).map(|namespace| (namespace.clone(), Kind::Icmp)).collect();
        listening
            .extend(listeners.foreign().places().map(|(namespace, protocol)| (namespace.clone(), protocol.into())));
        Witness::open(lab, token, &senders, sweep.pings.len(), &listening)?
    };
    let account = Account::new(dropped);
    let [over, all_listen, spoke, all_sent] = [(); 4].map(|()| AtomicBool::new(false));
    // All that arrives here is heard, before anything is sent elsewhere.
    let await_ears = || {
        if let Some(together) = together {
            (together.listening)();
            all_listen.store(true, Ordering::SeqCst);
        }
    };
    // Those elsewhere may still send to what is here.
    let await_others = || {
        if let Some(together) = together {
            while !spoke.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            (together.sent)();
            all_sent.store(true, Ordering::SeqCst);
        }
    };
    let spoken = std::thread::scope(|scope| {
        let ends = Over(&over);
        let listening = witness.has_ears().then(|| start(scope, || witness.listen(&over))).transpose()?;
        let must_speak = !conversations.is_empty() || together.is_some() && listeners.any();
        let speak = || {
            let sending = account.send();
            start(scope, || {
                // Also if it fails, nobody waits for it.
                let _spoke = Over(&spoke);
                let serving = together.map(|_| [&all_listen, &spoke, &all_sent]);
                conversation::run(lab, (token, &conversations), listeners, patience, &account, (sending, serving))
            })
        };
        let spoken = must_speak.then(speak).transpose()?;
        if spoken.is_none() {
            spoke.store(true, Ordering::SeqCst);
        }
        let swept = icmp::run(
            lab,
            &sweep.senders,
            &mut sweep.pings,
            (token, &witness),
            patience,
            &account,
            (progress, &await_ears, &await_others),
        );
        // Also if it failed, the conversations end.
        all_listen.store(true, Ordering::SeqCst);
        all_sent.store(true, Ordering::SeqCst);
        let spoken = spoken.map_or(Ok((Vec::new(), Vec::new())), join)?;
        swept?;
        drop(ends);
        listening.map(join);
        Ok::<_, Error>(spoken)
    })?;
    let (spoken, noted) = spoken;
    let mut observations = vec![Observation::default(); probes.len()];
    for conversation::Spoken { index, mut observation, mark } in spoken {
        observation.got_by = observation.got_by.or_else(|| witness.got(mark?));
        observations[index] = observation;
    }
    let mut got_by = witness.echoes(|flight| sweep.pings[flight].place as usize);
    sweep.pings.sort_unstable_by_key(|ping| ping.place);
    let got_by_probes = got_by.split_off(swept);
    for (place, (index, ping)) in echoes.into_iter().zip(sweep.pings.drain(swept..)).enumerate() {
        observations[index] = Observation { got_by: got_by_probes.get(place).cloned(), ..ping.seen() };
    }
    Ok((Swept { pings: sweep.pings, got_by }, observations, noted))
}
