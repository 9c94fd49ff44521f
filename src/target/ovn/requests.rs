//! Packets that several hosts send and receive together.
//!
//! Who wants it writes a row with all that is to be sent (`ask`). Each host that has instances of the lab does its part
//! (`answer`): it listens, sends once all listen, stops once all have sent, and writes what it has seen. Each step is a word in
//! the rows: `listening`, `go`, `sent`, `end`, `done`. A host that does not answer in time is left out, and what it would have
//! seen is unknown.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use peerlab_ovn::counters;
use peerlab_ovsdb::{Client, Condition, Datum, Operation, Row, Watch};

use super::hosts::{HostState, hosts, now};
use super::{database, follow, ports};
use crate::cloud::VpcName;
use crate::error::{Error, Errors, Result};
use crate::flow::Reason;
use crate::journal::shared::{KIND, Shared, TABLE};
use crate::kernel;
use crate::msg;
use crate::network::compile as network;
use crate::network::model::NamespaceName;
use crate::node::Counting;
use crate::probe::{self, Batch, Part, Together};
use crate::probe::{Flow, Measured, bandwidth};
use crate::progress::{Progress, Work};
use crate::session;
use crate::target::{Drops, Sent};

use super::messages::Said;

/// The kinds of the two rows.
pub const REQUEST: &str = "request";
const ANSWER: &str = "answer";

/// How long a host may take until it listens.
const READY: Duration = Duration::from_secs(5);

/// How long all may take to send.
const SENDING: Duration = Duration::from_secs(120);

/// How long a host may take to write what it has seen.
const WRITING: Duration = Duration::from_secs(10);

/// Rows that are older than this, in seconds, are of processes that were ended.
const OLD: u64 = 600;

/// A row's `external_ids`.
fn ids(kind: &str, id: &str, host: &str, phase: &str, lab: &str) -> Datum {
    Datum::map([(KIND, kind), ("request", id), ("host", host), ("phase", phase), ("lab", lab)])
}

fn of(kind: &str, id: &str) -> Condition {
    Condition::includes("external_ids", Datum::map([(KIND, kind), ("request", id)]))
}

fn row(ids: Datum, records: Vec<(&str, String)>) -> Row {
    let records = records.into_iter().chain([("time", now().to_string())]);
    Row::from([("external_ids".to_owned(), ids), ("records".to_owned(), Datum::map(records))])
}

/// What the hosts answered, and those that did not.
struct Answers {
    parts: Vec<String>,
    lost: BTreeSet<NamespaceName>,
}

/// Asks all hosts of a lab to do something, together or each for itself.
fn ask(lab: &str, what: String, together: bool) -> Result<Answers> {
    let shared = database()?;
    let ports = ports(lab)?;
    let alive: BTreeSet<_> = hosts()?.into_iter().filter(|host| host.is_alive()).map(|host| host.name).collect();
    let mut expected: BTreeSet<_> =
        ports.iter().map(|it| it.host.clone()).filter(|host| alive.contains(host)).collect();
    let id = format!("{:016x}", RandomState::new().build_hasher().finish());
    clear_old(shared)?;
    let inserted = row(ids(REQUEST, &id, "", "listen", lab), vec![("what", what)]);
    shared.client().transact(&[Operation::Insert { table: TABLE.into(), row: inserted, name: None }])?;
    let turn = |phase: &str| {
        let row = Row::from([("external_ids".to_owned(), ids(REQUEST, &id, "", phase, lab))]);
        let update = Operation::Update { table: TABLE.into(), conditions: vec![of(REQUEST, &id)], row };
        shared.client().transact(&[update]).map(drop)
    };
    let asked = (|| {
        let mut answers = follow(shared, vec![Watch::any(TABLE, &["external_ids", "records"], vec![of(ANSWER, &id)])])?;
        if together {
            expected = reached(&mut answers, &expected, &["listening"], READY);
            turn("go")?;
            expected = reached(&mut answers, &expected, &["sent", "done"], SENDING);
            turn("end")?;
        }
        expected = reached(&mut answers, &expected, &["done"], WRITING);
        let mut parts = Vec::new();
        for (_, row) in answers.replica().rows(TABLE) {
            let (Some(host), Some(records)) =
                (row.get("external_ids").and_then(|it| it.get("host")), row.get("records"))
            else {
                continue;
            };
            if let Some(why) = records.get("error") {
                let message = msg!(Said::HostTrouble { host, why });
                return Err(Error::host(message).code("HostFailed"));
            }
            parts.extend(records.get("part").filter(|_| expected.contains(host)).map(str::to_owned));
        }
        Ok(parts)
    })();
    let delete = |kind| Operation::Delete { table: TABLE.into(), conditions: vec![of(kind, &id)] };
    let cleared = shared.client().transact(&[delete(REQUEST), delete(ANSWER)]);
    let parts = asked?;
    cleared?;
    let lost = ports.iter().filter(|port| !expected.contains(&port.host));
    let before = session::look(lab).map_err(|mut errors| errors.0.remove(0))?;
    let cloud = before.run.cloud();
    Ok(Answers { parts, lost: lost.map(|port| port.namespace(cloud)).collect() })
}

/// The hosts, of those that are expected, that have come so far in this time.
fn reached(answers: &mut Client, expected: &BTreeSet<String>, phases: &[&str], most: Duration) -> BTreeSet<String> {
    let until = Instant::now() + most;
    loop {
        let host = |(_, row): (_, &Row)| {
            let ids = row.get("external_ids")?;
            phases.contains(&ids.get("phase")?).then(|| ids.get("host").map(str::to_owned))?
        };
        let rows = answers.replica().rows(TABLE);
        let there: BTreeSet<_> = rows.filter_map(host).filter(|host| expected.contains(host)).collect();
        let left = until.saturating_duration_since(Instant::now());
        if there.len() == expected.len() || left.is_zero() {
            return there;
        }
        answers.wait(left);
    }
}

/// Removes what ended processes left behind.
fn clear_old(shared: &Shared) -> Result<()> {
    for kind in [REQUEST, ANSWER] {
        let of_kind = Condition::includes("external_ids", Datum::map([(KIND, kind)]));
        let rows = shared.client().select(TABLE, vec![of_kind], &["_uuid", "records"])?;
        let is_old = |row: &&Row| {
            let time = row.get("records").and_then(|it| it.get("time")?.parse::<u64>().ok());
            time.is_none_or(|time| now().abs_diff(time) > OLD)
        };
        let old: Vec<_> = rows.iter().filter(is_old).filter_map(|row| row.get("_uuid")?.uuid().cloned()).collect();
        let delete = |uuid| Operation::Delete { table: TABLE.into(), conditions: vec![Condition::row(&uuid)] };
        if !old.is_empty() {
            shared.client().transact(&old.into_iter().map(delete).collect::<Vec<_>>())?;
        }
    }
    Ok(())
}

/// How often what is expected and did not arrive is sent again. A switch in user space loses packets while it has much to do, as
/// after `up`.
const AGAIN: usize = 3;

/// Sends probes from and to all hosts of a lab.
pub(super) fn send(lab: &str, batch: Batch, progress: &dyn Progress) -> Result<Sent> {
    let count = batch.sweep.pings.len();
    progress.begin(Work::Pinging, count);
    let Answers { parts, lost } = ask(lab, batch.text(), true)?;
    let mut parts: Vec<_> = parts.iter().filter_map(|text| Part::read(text)).collect();
    for _ in 0..AGAIN {
        let Some(missing) = batch.missing(&parts).filter(|_| lost.is_empty()) else { break };
        let again = ask(lab, missing.batch.text(), true)?;
        parts.extend(again.parts.iter().filter_map(|text| Some(missing.placed(Part::read(text)?))));
    }
    progress.advance(count);
    let (swept, seen) = batch.joined(&parts);
    Ok(Sent { swept, seen, lost })
}

/// Measures a flow between two hosts.
pub(super) fn goodput(lab: &str, flow: &Flow) -> Result<Option<Measured>> {
    let Answers { parts, .. } = ask(lab, flow.text(), true)?;
    let measured = |text: &String| {
        let (bits, name) = text.strip_prefix("goodput ")?.split_once(' ')?;
        let goodput = crate::cloud::Bandwidth(bits.parse().ok()?);
        Some(Measured { goodput, got_by: name.into() })
    };
    Ok(parts.iter().find_map(measured))
}

/// The request to count.
const COUNT: &str = "count";

/// Packets dropped so far on all hosts of a lab; `None` if one of them does not say.
pub(super) fn drops(lab: &str) -> Result<Option<Drops>> {
    let is_whole = |hosts: &[HostState]| {
        ports(lab)
            .map(|ports| ports.iter().all(|port| hosts.iter().any(|host| host.name == port.host && host.is_alive())))
    };
    if !is_whole(&hosts()?)? {
        return Ok(None);
    }
    let Answers { parts, lost } = ask(lab, COUNT.into(), false)?;
    let mut drops = Drops::new();
    for text in parts {
        for line in text.lines() {
            let mut words = line.split(' ');
            let (Some(place), Some(reason), Some(packets)) = (words.next(), words.next(), words.next()) else {
                return Ok(None);
            };
            let reason = Reason::DROPS.into_iter().find(|it| it.as_str() == reason);
            let (Some(reason), Ok(packets)) = (reason, packets.parse::<u64>()) else { return Ok(None) };
            let place =
                if place == network::INTERNET { place.into() } else { network::of_vpc(&VpcName::trusted(place)) };
            *drops.entry((place, reason)).or_default() += packets;
        }
    }
    Ok(lost.is_empty().then_some(drops))
}

/// When this host last took part in sending: its switch counts a little later.
static SENT: Mutex<Option<Instant>> = Mutex::new(None);

/// What this host has dropped of a lab, a line for each place and reason; one word if that cannot be known.
fn counted(shared: &Shared, counting: &Counting, lab: &str) -> Result<String> {
    let sent = *SENT.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::sleep(sent.map_or(Duration::ZERO, |at| counting.lag().saturating_sub(at.elapsed())));
    let reasons = shared.client().transact(&counters::reading_reasons(lab))?;
    let Some(drops) = counting.drops(lab, &reasons) else { return Ok("unknown".into()) };
    let mut lines = String::new();
    for ((place, reason), packets) in drops {
        _ = writeln!(lines, "{place} {reason} {packets}");
    }
    // What is dropped in a namespace: what the internet does not take, and what a stopped instance sends to its own address.
    let one = |mut errors: Errors| errors.0.remove(0);
    let before = session::look(lab).map_err(one)?;
    let cloud = before.run.cloud();
    let stopped = cloud.instances().filter(|it| !it.runs()).map(|it| network::of_instance(cloud, &it.name));
    let names: Vec<_> = stopped.chain([network::INTERNET.into()]).collect();
    for (place, counters) in kernel::counters(lab, &names).map_err(one)? {
        for (reason, packets) in counters {
            _ = writeln!(lines, "{place} {reason} {packets}");
        }
    }
    Ok(lines)
}

/// Does this host's part of a request.
pub(crate) fn answer(shared: &Shared, counting: &Counting, host: &str, id: &str, lab: &str) -> Result<()> {
    let asked = follow(shared, vec![Watch::any(TABLE, &["external_ids", "records"], vec![of(REQUEST, id)])])?;
    let request = |asked: &Client| asked.replica().rows(TABLE).next().map(|(_, row)| row.clone());
    let Some(what) = request(&asked).and_then(|row| row.get("records")?.get("what").map(str::to_owned)) else {
        return Ok(());
    };
    let asked = Mutex::new(asked);
    let write = |phase: &str, more: Vec<(&str, String)>| {
        let mine = Condition::includes("external_ids", Datum::map([(KIND, ANSWER), ("request", id), ("host", host)]));
        let row = row(ids(ANSWER, id, host, phase, lab), more);
        shared.client().transact(&[
            Operation::Delete { table: TABLE.into(), conditions: vec![mine] },
            Operation::Insert { table: TABLE.into(), row, name: None },
        ])
    };
    // What cannot be written now shows as a host that does not answer.
    let say_and_await = |phase: &str, turns: &[&str], most: Duration| {
        let _ = write(phase, Vec::new());
        let until = Instant::now() + most;
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let phase = request(&asked).and_then(|row| row.get("external_ids")?.get("phase").map(str::to_owned));
            let left = until.saturating_duration_since(Instant::now());
            if phase.is_none_or(|phase| turns.contains(&&*phase)) || left.is_zero() {
                return;
            }
            asked.wait(left);
        }
    };
    let together = Together {
        token: id.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default(),
        listening: &|| say_and_await("listening", &["go", "end"], READY + WRITING),
        sent: &|| say_and_await("sent", &["end"], SENDING + WRITING),
    };
    let done = match (Flow::read(&what), Batch::read(&what)) {
        _ if what == COUNT => counted(shared, counting, lab),
        (Some(flow), _) => bandwidth::part(lab, &flow, &together).map(|measured| {
            measured.map_or_else(String::new, |it| format!("goodput {} {}", it.goodput.0, it.got_by.as_str()))
        }),
        (None, Some(batch)) => probe::part(lab, batch, &together).map(|part| part.text()),
        (None, None) => return Ok(()),
    };
    if what != COUNT {
        *SENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
    let record = match done {
        Ok(part) => ("part", part),
        Err(error) => ("error", error.to_string()),
    };
    write("done", vec![record])?;
    Ok(())
}
