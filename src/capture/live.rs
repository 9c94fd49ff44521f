//! Captures at a place of a running lab: sockets in its namespaces, the links that are meant, and both as the lab changes.
#![allow(clippy::disallowed_methods)] // it has sockets, and a clock

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;
use std::time::{Duration, Instant};

use super::{Filter, Names, Packet, Place, Record, Teller};
use crate::capture::messages::Said;
use crate::cloud::Cloud;
use crate::error::{Error, Errors, Result};
use crate::kernel;
use crate::kernel::packet::{PacketSocket, Passed, SNAPLEN};
use crate::message::Message;
use crate::msg;
use crate::network::compile::compile;
use crate::network::model::NamespaceName;
use crate::session::{self, Follower, News, Run};
use crate::target;

/// How soon a change of the lab is noticed if no packet arrives.
pub const BLINK: Duration = Duration::from_millis(200);

/// How long a change under way is waited for, to know whether it is the lab's end.
const CHANGE: Duration = Duration::from_secs(2);

/// The most packets read from a socket before others are served.
const BATCH: usize = 256;

/// A capture at a place. To open it takes the right to enter namespaces; afterwards, that to read the lab's journal.
#[derive(Debug)]
pub struct Capture {
    lab: String,
    place: Place,
    filter: Filter,
    taps: Vec<Tap>,
    buffer: Vec<u8>,
    follower: Follower,
    /// The time of the last check for changes.
    looked: Instant,
    teller: Teller,
    learned: Learned,
    /// The last reported reason for missing links.
    missing: Option<Vec<Message>>,
    /// The number of packets that matched.
    pub captured: u64,
    /// The number of packets that passed, matching or not.
    pub passed: u64,
}

/// What a capture learned of its place.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    /// Whether addresses have other names now.
    pub names: bool,
    /// Why there are no links yet; empty: packets can pass now.
    pub missing: Option<Vec<Message>>,
}

/// A packet as it was read, of one of the capture's sockets.
#[derive(Clone, Debug)]
pub struct Read {
    tap: usize,
    /// Where and when.
    pub passed: Passed,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a packet is to a capture.
#[derive(Clone, Debug)]
pub enum Taken {
    /// It matches.
    Packet(Box<Record>),
    /// It does not.
    Other,
    /// The lab or the place no longer exists.
    Gone,
}

/// A socket in a namespace.
#[derive(Debug)]
struct Tap {
    namespace: NamespaceName,
    /// The identity of the namespace.
    identity: Option<u64>,
    socket: PacketSocket,
    /// The captured links, current and former, by index.
    links: BTreeMap<u32, String>,
    /// Other links.
    others: BTreeSet<u32>,
}

impl Tap {
    fn open(lab: &str, namespace: NamespaceName) -> Result<Self> {
        let socket = PacketSocket::open(lab, &namespace)?;
        let identity = kernel::identity(lab, &namespace);
        Ok(Tap { namespace, identity, socket, links: BTreeMap::new(), others: BTreeSet::new() })
    }
}

impl Capture {
    /// Opens one at the place of this name, for packets that match these terms.
    ///
    /// # Errors The lab has no such place, a term is none, or the sockets cannot be opened.
    pub fn open(run: &Run, place: &str, filter: &[String]) -> Result<Self> {
        let (lab, cloud, bindings) = (run.lab().name.clone(), run.cloud(), run.foreseen());
        let place = Place::find(cloud, &bindings, place)?;
        let filter = Filter::parse(filter, cloud, &bindings)?;
        for part in place.parts(cloud) {
            target::of(&lab).check_here(&lab, cloud, &part, "capture", "")?;
        }
        let taps = place.namespaces(cloud).into_iter().map(|name| Tap::open(&lab, name)).collect::<Result<Vec<_>>>()?;
        let names = Names::of(cloud, place.vpc(cloud).as_ref());
        let several = taps.len() > 1 || matches!(place, Place::Vpc(_) | Place::Internet);
        Ok(Capture {
            follower: Follower::new(&lab),
            looked: Instant::now(),
            buffer: vec![0; SNAPLEN],
            teller: Teller::new(names, several),
            learned: Learned::default(),
            missing: None,
            captured: 0,
            passed: 0,
            lab,
            place,
            filter,
            taps,
        })
    }

    /// What becomes readable when packets pass.
    pub fn sockets(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.taps.iter().map(|tap| tap.socket.as_fd())
    }

    /// Formats packets as lines.
    pub fn teller(&mut self) -> &mut Teller {
        &mut self.teller
    }

    /// The names of addresses.
    pub fn names(&self) -> &Names {
        self.teller.names()
    }

    /// What was learned since the last call.
    pub fn learned(&mut self) -> Learned {
        std::mem::take(&mut self.learned)
    }

    /// The packets that passed, in the order of time.
    pub fn read(&mut self) -> Result<Vec<Read>> {
        let mut batch = Vec::new();
        for (place, tap) in self.taps.iter().enumerate() {
            for _ in 0..BATCH {
                let passed = tap.socket.receive(&mut self.buffer).map_err(|error| {
                    Error::host(msg!(Said::CannotReadPackets { lab: &self.lab, namespace: &tap.namespace, error }))
                })?;
                let Some(passed) = passed else { break };
                batch.push(Read { tap: place, passed, bytes: self.buffer[..passed.captured].to_vec() });
            }
        }
        batch.sort_by_key(|read| read.passed.time);
        Ok(batch)
    }

    /// Whether a packet matches, and what it is then.
    pub fn take(&mut self, read: &Read) -> Result<Taken, Errors> {
        let Read { tap, passed, bytes } = read;
        let known = |tap: &Tap| tap.links.contains_key(&passed.link) || tap.others.contains(&passed.link);
        // Packets of a new link may arrive before the news of the link.
        if !known(&self.taps[*tap]) && !self.catch_up()? {
            return Ok(Taken::Gone);
        }
        let Some(name) = self.taps[*tap].links.get(&passed.link).cloned() else {
            self.taps[*tap].others.insert(passed.link);
            return Ok(Taken::Other);
        };
        self.passed += 1;
        let packet = Packet::read(bytes);
        if !self.filter.wants(&packet, passed.outgoing) {
            return Ok(Taken::Other);
        }
        self.captured += 1;
        let record = self.teller.record(&name, passed.outgoing, passed.time, &packet, passed.length);
        Ok(Taken::Packet(Box::new(record)))
    }

    /// Follows changes of the lab, unless it has just done so; returns whether the place still exists.
    pub fn keep_up(&mut self) -> Result<bool, Errors> {
        if self.looked.elapsed() < BLINK { Ok(true) } else { self.catch_up() }
    }

    /// Follows changes of the lab; returns whether the place still exists.
    pub fn catch_up(&mut self) -> Result<bool, Errors> {
        self.looked = Instant::now();
        if self.gone().is_some() {
            return Ok(false);
        }
        match self.follower.news()? {
            News::None => {}
            News::Down => return Ok(false),
            News::Changed(before) => self.learn(before.run.cloud())?,
        }
        Ok(true)
    }

    /// Whether the lab is no longer up. `down` removes the namespaces first, so a change under way is waited for, up to two
    /// seconds.
    pub fn is_down(&self) -> bool {
        let until = Instant::now() + CHANGE;
        loop {
            match session::look(&self.lab) {
                Err(_) => return true,
                Ok(before) if before.settled || Instant::now() >= until => return false,
                Ok(_) => thread::sleep(BLINK / 10),
            }
        }
    }

    /// A namespace of the place that is gone.
    pub fn gone(&self) -> Option<&NamespaceName> {
        let gone = |tap: &&Tap| tap.identity != kernel::identity(&self.lab, &tap.namespace);
        self.taps.iter().find(gone).map(|tap| &tap.namespace)
    }

    /// The number of packets lost for lack of buffer space since the last call.
    pub fn lost(&self) -> u64 {
        self.taps.iter().map(|tap| tap.socket.lost()).sum()
    }

    fn learn(&mut self, cloud: &Cloud) -> Result<()> {
        let is_spread = target::of(&self.lab).is_spread();
        let interfaces = self.place.interfaces(cloud, &compile(cloud), is_spread);
        for tap in &mut self.taps {
            let links = interfaces.iter().filter(|it| it.namespace == tap.namespace);
            let links: BTreeMap<u32, String> = links.map(|it| (it.index, it.name.clone())).collect();
            // A router may get more links at any time, and a peering has none while it carries no traffic. Then capture
            // all links, so that no packet is missed, and select here.
            let only: Vec<u32> = match self.place {
                Place::Instance(_) | Place::NatGateway(_) | Place::Peering(_) => links.keys().copied().collect(),
                Place::Vpc(_) | Place::Internet => Vec::new(),
            };
            tap.socket
                .accept_only(&only)
                .map_err(|error| Error::host(msg!(Said::CannotChoosePackets { namespace: &tap.namespace, error })))?;
            links.values().for_each(|name| self.teller.expect(name));
            tap.links.extend(links);
            tap.others.clear();
        }
        let names = Names::of(cloud, self.place.vpc(cloud).as_ref());
        self.learned.names |= names != *self.teller.names();
        self.teller.rename(names);
        let missing = self.place.missing(cloud);
        let was = self.missing.as_ref();
        if !missing.is_empty() && was != Some(&missing) || missing.is_empty() && was.is_some_and(|it| !it.is_empty()) {
            self.learned.missing = Some(missing.clone());
        }
        self.missing = Some(missing);
        Ok(())
    }
}
