//! Probes whose senders and receivers are on several hosts: each does its part, at the same time, and the parts together are what
//! [`run_beside`](super::run_beside) returns on one host.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::str::FromStr;
use std::time::Duration;

use super::question::{Flow, Observation, Probe, SourcePort};
use super::schedule::Lane;
use super::sweep::{GotBy, Ping, Rtt, Sender, Sweep, Swept};
use crate::cloud::Bandwidth;
use crate::flow::Protocol;
use crate::network::model::NamespaceName;

/// How the hosts keep together.
pub struct Together<'a> {
    /// The token of the run, by which a receiver knows its packets.
    pub token: u32,
    /// Called once everything here listens; returns when it does everywhere.
    pub listening: &'a (dyn Fn() + Sync),
    /// Called once everything here is sent and waited for; returns when it is everywhere.
    pub sent: &'a (dyn Fn() + Sync),
}

/// All that is sent in a run.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Echo requests by the million.
    pub sweep: Sweep,
    /// Other probes.
    pub probes: Vec<Probe>,
}

/// A part of a run that is done again.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What is sent.
    pub batch: Batch,
    /// The places in the whole run of its pings and of its probes.
    pings: Vec<usize>,
    probes: Vec<usize>,
}

impl Missing {
    /// What a host has seen of it, as of the whole run.
    pub fn placed(&self, part: Part) -> Part {
        fn at<T>(all: Vec<(usize, T)>, places: &[usize]) -> Vec<(usize, T)> {
            all.into_iter().filter_map(|(at, it)| Some((*places.get(at)?, it))).collect()
        }
        Part {
            pings: at(part.pings, &self.pings),
            got: at(part.got, &self.pings),
            seen: at(part.seen, &self.probes),
            got_probes: at(part.got_probes, &self.probes),
        }
    }
}

/// What a host has seen of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The round trips of pings sent here, by the ping's place.
    pub(super) pings: Vec<(usize, Duration)>,
    /// Who received echo requests here.
    pub(super) got: Vec<(usize, NamespaceName)>,
    /// The results of probes sent here.
    pub(super) seen: Vec<(usize, Observation)>,
    /// Who received probes here.
    pub(super) got_probes: Vec<(usize, NamespaceName)>,
}

/// A value in one word.
fn word<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Reads what [`word`] wrote.
#[expect(clippy::option_option, reason = "no value, and no such word, are two things")]
fn read<T: FromStr>(word: Option<&str>) -> Option<Option<T>> {
    match word? {
        "-" => Some(None),
        word => word.parse().ok().map(Some),
    }
}

fn lane_word(lane: Option<Lane>) -> String {
    word(lane.map(|it| format!("{}/{}/{}", it.id, word(it.bandwidth.map(|it| it.0)), it.latency.as_micros())))
}

#[expect(clippy::option_option, reason = "as above")]
fn read_lane(text: Option<&str>) -> Option<Option<Lane>> {
    let text = text?;
    if text == "-" {
        return Some(None);
    }
    let mut words = text.split('/');
    let id = words.next()?.parse().ok()?;
    let bandwidth = read(words.next())?.map(Bandwidth);
    let latency = Duration::from_micros(words.next()?.parse().ok()?);
    Some(Some(Lane { id, bandwidth, latency }))
}

fn port_word(port: Option<&SourcePort>) -> String {
    word(port.map(|it| format!("{}/{}/{}/{}", it.port, it.alike.start(), it.alike.end(), it.alone)))
}

#[expect(clippy::option_option, reason = "as above")]
fn read_port(text: Option<&str>) -> Option<Option<SourcePort>> {
    let text = text?;
    if text == "-" {
        return Some(None);
    }
    let mut words = text.split('/');
    let mut number = || words.next()?.parse().ok();
    let (port, first, last) = (number()?, number()?, number()?);
    let alone = words.next()?.parse().ok()?;
    (first <= last).then_some(Some(SourcePort { port, alike: first..=last, alone }))
}

fn protocol_word(protocol: Protocol) -> String {
    protocol.to_string()
}

fn read_protocol(text: Option<&str>) -> Option<Protocol> {
    text?.parse().ok()
}

fn names(names: &[NamespaceName]) -> String {
    let all: Vec<_> = names.iter().map(NamespaceName::as_str).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(",") }
}

fn read_names(text: Option<&str>) -> Option<Vec<NamespaceName>> {
    match text? {
        "-" => Some(Vec::new()),
        text => Some(text.split(',').map(NamespaceName::from).collect()),
    }
}

impl Batch {
    /// The batch as text, a line for each sender, lane, ping, receiver and probe.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Sender { namespace, source, size } in &self.sweep.senders {
            _ = writeln!(text, "sender {} {} {}", namespace.as_str(), word(*source), word(*size));
        }
        for lane in &self.sweep.lanes {
            _ = writeln!(text, "lane {}", lane_word(Some(*lane)));
        }
        for ping in &self.sweep.pings {
            _ = writeln!(text, "ping {} {} {} {}", ping.sender, ping.to, word(ping.lane_number()), ping.expected);
        }
        for name in &self.sweep.claimants {
            _ = writeln!(text, "claimant {}", name.as_str());
        }
        for it in &self.probes {
            let listener = word(it.listener.as_ref().map(NamespaceName::as_str));
            let (port, protocol, lane) =
                (port_word(it.source_port.as_ref()), protocol_word(it.protocol), lane_word(it.lane));
            let head =
                format!("{} {} {port} {} {protocol} {}", it.from.as_str(), word(it.source), it.to, word(it.size));
            let received = word(it.received);
            _ = writeln!(text, "probe {head} {listener} {received} {} {lane} {}", it.expected, names(&it.claimants));
        }
        text
    }

    /// Reads what [`Batch::text`] wrote; `None` if the text is none.
    pub fn read(text: &str) -> Option<Self> {
        let mut batch = Batch::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next()? {
                "sender" => {
                    let namespace = words.next()?.into();
                    let (source, size) = (read(words.next())?, read(words.next())?);
                    batch.sweep.senders.push(Sender { namespace, source, size });
                }
                "lane" => batch.sweep.lanes.push(read_lane(words.next())??),
                "ping" => {
                    let sender: usize = words.next()?.parse().ok()?;
                    let (to, lane) = (words.next()?.parse().ok()?, read::<usize>(words.next())?);
                    let is_known = sender < batch.sweep.senders.len();
                    let is_known = is_known && lane.is_none_or(|lane| lane < batch.sweep.lanes.len());
                    let expected = words.next()?.parse().ok()?;
                    batch.sweep.pings.push(is_known.then(|| Ping::new(sender, to, lane, expected))?);
                }
                "claimant" => _ = batch.sweep.claimants.insert(words.next()?.into()),
                "probe" => {
                    let from = words.next()?.into();
                    let source = read(words.next())?;
                    let source_port = read_port(words.next())?;
                    let (to, protocol) = (words.next()?.parse().ok()?, read_protocol(words.next())?);
                    let size = read(words.next())?;
                    let listener = read::<String>(words.next())?.map(|name| NamespaceName::from(&*name));
                    let received = read(words.next())?;
                    let expected = words.next()?.parse().ok()?;
                    let lane = read_lane(words.next())?;
                    let claimants = read_names(words.next())?;
                    batch.probes.push(Probe {
                        from,
                        source,
                        source_port,
                        to,
                        protocol,
                        size,
                        listener,
                        received,
                        expected,
                        lane,
                        claimants,
                    });
                }
                _ => return None,
            }
        }
        Some(batch)
    }

    /// What is expected to arrive, and was not seen to: to be sent again. `None` if there is nothing.
    pub fn missing(&self, parts: &[Part]) -> Option<Missing> {
        let (swept, seen) = self.clone().joined(parts);
        let is_missing = |(at, ping): (usize, &Ping)| (ping.expected && !ping.is_answered()).then_some(at);
        let pings: Vec<_> = swept.pings.iter().enumerate().filter_map(is_missing).collect();
        let outcomes = self.probes.iter().zip(&seen).enumerate();
        let probes = outcomes.filter(|(_, (probe, seen))| probe.expected && !seen.reached && !seen.unsent);
        let probes: Vec<_> = probes.map(|(at, _)| at).collect();
        if pings.is_empty() && probes.is_empty() {
            return None;
        }
        let sweep = Sweep { pings: pings.iter().map(|at| self.sweep.pings[*at]).collect(), ..self.sweep.clone() };
        let batch = Batch { sweep, probes: probes.iter().map(|at| self.probes[*at].clone()).collect() };
        Some(Missing { batch, pings, probes })
    }

    /// What the hosts have seen together.
    pub fn joined(mut self, parts: &[Part]) -> (Swept, Vec<Observation>) {
        let places = self.sweep.senders.iter().map(|sender| sender.namespace.clone()).collect();
        let mut got_by = GotBy::new(places, vec![0; self.sweep.pings.len()]);
        let mut seen = vec![Observation::default(); self.probes.len()];
        for part in parts {
            for (at, rtt) in &part.pings {
                if let Some(ping) = self.sweep.pings.get_mut(*at) {
                    ping.took(Rtt::from(*rtt));
                }
            }
            for (at, name) in part.got.iter().filter(|(at, _)| *at < self.sweep.pings.len()) {
                got_by.set(*at, name);
            }
            for (at, observation) in &part.seen {
                if let Some(seen) = seen.get_mut(*at) {
                    *seen = observation.clone();
                }
            }
        }
        for (at, name) in parts.iter().flat_map(|part| &part.got_probes) {
            if let Some(seen) = seen.get_mut(*at) {
                seen.got_by = Some(name.clone());
            }
        }
        (Swept { pings: self.sweep.pings, got_by }, seen)
    }
}

impl Part {
    /// The part as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (at, rtt) in &self.pings {
            _ = writeln!(text, "ping {at} {}", rtt.as_nanos());
        }
        // Each receiver once, with all that it received.
        let mut got: BTreeMap<&NamespaceName, Vec<String>> = BTreeMap::new();
        for (at, name) in &self.got {
            got.entry(name).or_default().push(at.to_string());
        }
        for (name, all) in got {
            _ = writeln!(text, "got {} {}", name.as_str(), all.join(","));
        }
        for (at, it) in &self.seen {
            let rtt = word(it.rtt.map(|rtt| rtt.as_nanos()));
            _ = writeln!(text, "seen {at} {} {rtt} {} {} {}", it.reached, it.resent, it.refused, it.unsent);
        }
        for (at, name) in &self.got_probes {
            _ = writeln!(text, "took {at} {}", name.as_str());
        }
        text
    }

    /// Reads what [`Part::text`] wrote; `None` if the text is none.
    pub fn read(text: &str) -> Option<Self> {
        let mut part = Part::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next()? {
                "ping" => {
                    let at = words.next()?.parse().ok()?;
                    part.pings.push((at, Duration::from_nanos(words.next()?.parse().ok()?)));
                }
                "got" => {
                    let name = NamespaceName::from(words.next()?);
                    for at in words.next()?.split(',') {
                        part.got.push((at.parse().ok()?, name.clone()));
                    }
                }
                "seen" => {
                    let at = words.next()?.parse().ok()?;
                    let reached = words.next()?.parse().ok()?;
                    let rtt = read(words.next())?.map(Duration::from_nanos);
                    let mut flag = || words.next()?.parse().ok();
                    let (resent, refused, unsent) = (flag()?, flag()?, flag()?);
                    part.seen.push((at, Observation { reached, rtt, resent, refused, unsent, got_by: None }));
                }
                "took" => part.got_probes.push((words.next()?.parse().ok()?, words.next()?.into())),
                _ => return None,
            }
        }
        Some(part)
    }
}

impl Flow {
    /// The flow as text.
    pub fn text(&self) -> String {
        let (port, lane) = (port_word(self.source_port.as_ref()), lane_word(self.lane));
        let head = format!("{} {} {port} {} {}", self.from.as_str(), word(self.source), self.to, self.port);
        format!("flow {head} {} {lane} {} {}", self.listener.as_str(), names(&self.claimants), self.expected)
    }

    /// Reads what [`Flow::text`] wrote; `None` if the text is none.
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        (words.next()? == "flow").then_some(())?;
        let from = words.next()?.into();
        let source = read(words.next())?;
        let source_port = read_port(words.next())?;
        let (to, port) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let listener = words.next()?.into();
        let lane = read_lane(words.next())?;
        let claimants = read_names(words.next())?;
        let expected = words.next()?.parse().ok()?;
        Some(Flow { from, source, source_port, to, port, listener, claimants, lane, expected })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    fn batch() -> Batch {
        let name = NamespaceName::from;
        let lane = Lane { id: 3, bandwidth: Some(Bandwidth(2_000_000)), latency: Duration::from_millis(60) };
        let address = Ipv4Addr::new(10, 0, 0, 7);
        let senders = vec![
            Sender { namespace: name("a"), source: None, size: None },
            Sender { namespace: name("internet"), source: Some(address), size: Some(1400) },
        ];
        let pings = vec![Ping::new(0, address, Some(0), true), Ping::new(1, address, None, false)];
        let sweep = Sweep { senders, lanes: vec![lane], pings, claimants: [name("a"), name("b")].into() };
        let port = SourcePort { port: 50_000, alike: 1024..=65_535, alone: true };
        let probe = |protocol, lane| Probe {
            from: name("a"),
            source: None,
            source_port: Some(port.clone()),
            to: address,
            protocol,
            size: None,
            listener: Some(name("b")),
            received: None,
            expected: true,
            lane,
            claimants: vec![name("b"), name("c")],
        };
        Batch { sweep, probes: vec![probe(Protocol::Tcp(22), Some(lane)), probe(Protocol::Icmp, None)] }
    }

    #[test]
    fn texts_are_read_as_they_were_written() {
        let text = batch().text();
        let read = Batch::read(&text).unwrap();
        assert_eq!((read.text(), read.probes), (text, batch().probes));
        let seen = Observation { reached: true, rtt: Some(Duration::from_micros(7)), ..Observation::default() };
        let part = Part {
            pings: vec![(1, Duration::from_nanos(700))],
            got: vec![(0, "b".into()), (1, "b".into())],
            seen: vec![(0, seen)],
            got_probes: vec![(0, "c".into())],
        };
        assert_eq!(Part::read(&part.text()), Some(part));
        let Probe { from, source, source_port, to, lane, claimants, expected, .. } = batch().probes.remove(0);
        let listener = "b".into();
        let flow = Flow { from, source, source_port, to, port: 5201, listener, claimants, lane, expected };
        assert_eq!(Flow::read(&flow.text()), Some(flow));
    }

    #[test]
    fn what_was_expected_and_did_not_come_is_sent_again() {
        let reached = Observation { reached: true, ..Observation::default() };
        let part = Part { seen: vec![(0, reached.clone())], ..Part::default() };
        let missing = batch().missing(std::slice::from_ref(&part)).unwrap();
        // The first ping, and the second probe; nobody expects the second ping.
        assert_eq!((missing.batch.sweep.pings.len(), missing.batch.probes.len()), (1, 1));
        assert_eq!(missing.batch.probes[0].protocol, Protocol::Icmp);
        let seen = Part { pings: vec![(0, Duration::from_micros(9))], seen: vec![(0, reached)], ..Part::default() };
        let parts = [part, missing.placed(seen)];
        let (swept, seen) = batch().joined(&parts);
        assert!(swept.pings[0].rtt().is_some() && seen.iter().all(|seen| seen.reached));
        assert!(batch().missing(&parts).is_none());
    }

    #[test]
    fn the_parts_of_two_hosts_are_one_run() {
        let sent = Part {
            pings: vec![(0, Duration::from_micros(9))],
            seen: vec![(0, Observation { reached: true, ..Observation::default() })],
            ..Part::default()
        };
        let received = Part { got: vec![(0, "b".into())], got_probes: vec![(0, "c".into())], ..Part::default() };
        let (swept, seen) = batch().joined(&[sent, received]);
        assert!(swept.pings[0].rtt().is_some() && swept.pings[1].rtt().is_none());
        assert_eq!(swept.got_by.get(0), Some(&"b".into()));
        assert_eq!((seen[0].reached, seen[0].got_by.clone()), (true, Some("c".into())));
        assert_eq!(seen[1], Observation::default());
    }

    proptest! {
        #[test]
        fn readers_take_any_lines(lines in prop::collection::vec("(sender|lane|ping|claimant|probe|got|seen|took|flow)?( [a-z0-9/.,-]{0,9}){0,12}", 0..6)) {
            let text = lines.join("\n");
            let _ = (Batch::read(&text), Part::read(&text), Flow::read(&text));
        }

        #[test]
        fn parts_that_do_not_fit_are_taken(at in 0..9_usize) {
            let part = Part {
                pings: vec![(at, Duration::ZERO)],
                got: vec![(at, "x".into())],
                seen: vec![(at, Observation::default())],
                got_probes: vec![(at, "x".into())],
            };
            let _ = batch().joined(&[part]);
        }
    }
}
