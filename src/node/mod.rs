//! `peerlab node`: makes what labs over several hosts ask of this one.
//!
//! Switch ports of OVN that request this host's chassis become links of `br-int`: an instance is a namespace with one link, as on
//! one host; a wire is a pair of links. What was made is written in the host's own Open vSwitch database, with what it was made
//! from. So a node keeps no state: it compares what is asked for with what is there, after every change and when it starts.
#![allow(clippy::disallowed_methods)]

mod desired;
mod messages;
mod openflow;
mod switch;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use peerlab_ovsdb::{Client, Condition, Datum, Remote, Watch};

use crate::error::{Error, Errors, Result};
use crate::journal::shared::{KIND, Shared, TABLE, begin};
use crate::kernel;
use crate::message::Message;
use crate::msg;
use crate::network::model::NamespaceName;
use crate::target::ovn::hosts::{BEAT, HostState, now};
use crate::target::ovn::requests;

use desired::{Desired, Part, Thing};
use messages::Said;
use switch::Made;
pub(crate) use switch::{Counting, Switch};

/// The stack of a thread that answers, in bytes: it replays labs.
const STACK: usize = 8 << 20;

/// A host's node.
#[derive(Debug)]
pub struct Node {
    shared: &'static Shared,
    /// The northbound database, monitored.
    asked: Client,
    switch: Switch,
    desired: Desired,
    state: HostState,
    /// When the host last said that it is there.
    beaten: Option<Instant>,
    /// The requests that it has answered.
    answered: BTreeSet<String>,
}

/// What a pass did.
#[derive(Debug, Default)]
pub struct Passed {
    /// The parts that were made, `lab.name`.
    pub made: Vec<String>,
    /// Those that were removed.
    pub removed: Vec<String>,
    /// What could not be done; it is tried again.
    pub errors: Vec<Error>,
    /// What is left out.
    pub notes: Vec<Message>,
}

impl Passed {
    /// Whether there was nothing to do.
    pub fn is_idle(&self) -> bool {
        self.made.is_empty() && self.removed.is_empty() && self.errors.is_empty()
    }
}

impl Node {
    /// The node of this host, by its chassis or this name, for the labs of a northbound database. If that does not answer, or
    /// the host's own, the error's code is [`peerlab_ovsdb::UNREACHABLE`].
    pub fn new(asked: &Remote, ovs: &Remote, name: Option<&str>) -> Result<Self> {
        kernel::privilege::check()?;
        let shared = begin(asked)?;
        let switch = Switch::open(ovs)?;
        let name = match name {
            Some(name) => name.to_owned(),
            None => {
                switch.chassis().ok_or_else(|| Error::host(Said::NoChassis).code("NoChassis").hint(Said::SetChassis))?
            }
        };
        let mut asked = Client::connect(shared.remote(), "OVN_Northbound", peerlab_ovn::NEEDS)?;
        let here = Condition::includes("options", Datum::map([("requested-chassis", &*name)]));
        let of_kind = |kind| Condition::includes("external_ids", Datum::map([(KIND, kind)]));
        let known = vec![of_kind("journal"), of_kind(requests::REQUEST)];
        asked.watch(vec![
            Watch::any("Logical_Switch_Port", &["name", "options", "external_ids"], vec![here]),
            Watch::any(TABLE, &["external_ids"], known),
        ])?;
        let weight = std::thread::available_parallelism().map_or(1, |it| u32::try_from(it.get()).unwrap_or(1));
        let state = HostState {
            name,
            weight,
            memory: memory(),
            version: env!("PEERLAB_VERSION").to_owned(),
            ..HostState::default()
        };
        Ok(Node { shared, asked, switch, desired: Desired::default(), state, beaten: None, answered: BTreeSet::new() })
    }

    /// The name of the host.
    pub fn name(&self) -> &str {
        &self.state.name
    }

    /// Waits for a change of what is asked, at most this long.
    pub fn wait(&mut self, most: Duration) {
        let beat = self.beaten.map_or(Duration::ZERO, |at| BEAT.saturating_sub(at.elapsed()));
        self.asked.wait(most.min(beat));
    }

    /// Makes what is asked for and is not there, and removes what is not asked for.
    pub fn pass(&mut self) -> Result<Passed> {
        let wanted = self.desired.of(self.shared, &self.asked, &self.switch)?;
        let there = self.switch.parts()?;
        let mut passed = Passed::default();
        let is_kept = |made: &Made| {
            let same = wanted.parts.get(&made.port).is_some_and(|part| part.from == made.from);
            same && made.links.iter().all(|link| kernel::plug::is_here(link))
                && made.namespace.as_ref().is_none_or(|name| kernel::exists(&made.lab, &NamespaceName::from(&**name)))
        };
        let (kept, gone): (Vec<_>, Vec<_>) = there.into_iter().partition(is_kept);
        for made in &gone {
            passed.errors.extend(unmake(made).err().into_iter().flat_map(|errors| errors.0));
            passed.removed.push(made.told());
            self.report(false)?;
        }
        if !gone.is_empty() {
            passed.errors.extend(self.switch.change(&gone, &[]).err());
            // The switch must have let go of a link before another one has its name.
            if gone.iter().any(|made| wanted.parts.contains_key(&made.port)) {
                self.switch.await_settled()?;
            }
        }
        let kept: BTreeSet<_> = kept.into_iter().map(|made| made.port).collect();
        let mut new: Vec<(&Part, Made)> = Vec::new();
        for (port, part) in wanted.parts.iter().filter(|(port, _)| !kept.contains(*port)) {
            match self.make(port, part) {
                Ok(made) => {
                    passed.made.push(made.told());
                    new.push((part, made));
                }
                // One that fails does not stop the others.
                Err(errors) => passed.errors.extend(errors.0),
            }
            // Who makes a thousand says meanwhile that it is there, and the first are connected while the last are made.
            if self.is_due() {
                self.connect(&mut new, &mut passed);
                self.report(false)?;
            }
        }
        self.connect(&mut new, &mut passed);
        let mut labs: BTreeMap<String, (u64, usize)> = BTreeMap::new();
        for part in wanted.parts.values() {
            let lab = labs.entry(part.lab.clone()).or_default();
            *lab = (wanted.versions.get(&part.lab).copied().unwrap_or_default(), lab.1 + 1);
        }
        if passed.errors.is_empty() {
            self.state.labs = labs;
        }
        self.state.trouble = passed.errors.first().map(ToString::to_string);
        self.report(!passed.is_idle() || self.desired.is_news())?;
        self.answer()?;
        Ok(passed)
    }

    /// Gives what was made to the switch, in one transaction, and shapes its wires.
    fn connect(&self, new: &mut Vec<(&Part, Made)>, passed: &mut Passed) {
        let new = std::mem::take(new);
        if !new.is_empty() {
            let all: Vec<_> = new.iter().map(|(_, made)| made).collect();
            passed.errors.extend(self.switch.change(&[], &all).err());
        }
        for (part, made) in &new {
            match self.shape(part, made) {
                Ok(note) => passed.notes.extend(note),
                Err(error) => {
                    // Without its links it is made anew.
                    let _ = unmake(made);
                    passed.errors.push(error);
                }
            }
        }
    }

    /// Whether OVN has connected everything that this host must have.
    pub fn is_connected(&self) -> Result<bool> {
        let here = Condition::includes("options", Datum::map([("requested-chassis", self.name())]));
        let rows = self.shared.client().select("Logical_Switch_Port", vec![here], &["up"])?;
        Ok(rows.iter().all(|row| row.get("up").and_then(Datum::boolean) == Some(true)))
    }

    /// Does this host's part of each request. Each gets a thread, because several requests arrive at once, and the process that
    /// sent one may have been killed since.
    fn answer(&mut self) -> Result<()> {
        let request = |row: &peerlab_ovsdb::Row| {
            let ids = row.get("external_ids")?;
            Some((ids.get("request")?.to_owned(), ids.get("lab")?.to_owned()))
        };
        let all: BTreeSet<_> = self.asked.replica().rows(TABLE).filter_map(|(_, row)| request(row)).collect();
        self.answered.retain(|id| all.iter().any(|(it, _)| it == id));
        for (id, lab) in all {
            if self.state.has(&lab) && self.answered.insert(id.clone()) {
                let (shared, host, counting) = (self.shared, self.state.name.clone(), self.switch.counting());
                let work = move || {
                    // What fails shows as a host that does not answer.
                    let _ = requests::answer(shared, &counting, &host, &id, &lab);
                };
                kernel::threads::detach(STACK, work)?;
            }
        }
        Ok(())
    }

    fn make(&self, port: &str, part: &Part) -> Result<Made, Errors> {
        let links = switch::links_of(port);
        let mut made = Made {
            port: port.to_owned(),
            lab: part.lab.clone(),
            namespace: None,
            from: part.from.clone(),
            links: vec![links[0].clone()],
            other: None,
        };
        match &part.thing {
            Thing::Namespace(name, namespace) => {
                kernel::plug::plug(&kernel::plug::Plug {
                    lab: &part.lab,
                    name,
                    namespace,
                    outside: &links[0],
                    checksums: self.switch.is_userspace(),
                })?;
                made.namespace = Some(name.to_string());
            }
            Thing::Wire { peer, mtu, .. } => {
                kernel::plug::wire([&links[0], &links[1]], *mtu, self.switch.is_userspace())?;
                made.links.push(links[1].clone());
                made.other = Some(peer.clone());
            }
        }
        Ok(made)
    }

    /// Shapes a wire, once the switch has its ends: it deletes queueing disciplines of ports that it takes.
    fn shape(&self, part: &Part, made: &Made) -> Result<Option<Message>> {
        let Thing::Wire { mtu, shaping, .. } = &part.thing else { return Ok(None) };
        let mut lacks = false;
        for link in &made.links {
            lacks |= kernel::plug::shape(link, *mtu, *shaping)?;
        }
        Ok(lacks.then(|| msg!(Said::LatencyLeftOut { port: &made.port })))
    }

    /// Whether it is time to say that the host is there.
    fn is_due(&self) -> bool {
        self.beaten.is_none_or(|at| at.elapsed() >= BEAT)
    }

    /// Writes the host's row, if something is new or it is time to say that it is there.
    fn report(&mut self, is_news: bool) -> Result<()> {
        let former = self.state.clone();
        if is_news || self.is_due() {
            self.state.seen = now();
            let written = self.shared.client().transact(&self.state.written());
            if written.is_err() {
                self.state = former;
            }
            written?;
            self.beaten = Some(Instant::now());
        }
        Ok(())
    }
}

/// Removes what was made.
fn unmake(made: &Made) -> Result<(), Errors> {
    for link in &made.links {
        kernel::plug::unplug(link)?;
    }
    match &made.namespace {
        Some(name) => kernel::remove(&*made.lab, &[NamespaceName::from(&**name)]),
        None => Ok(()),
    }
}

/// The host's memory in MiB.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() >> 10
}
