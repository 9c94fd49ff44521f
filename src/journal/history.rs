//! The changes to a lab after its tables, in order. Events that a snapshot includes are parsed only on demand.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::record::{events_between, events_of};

/// All events of a lab, in order.
///
/// It dereferences to a slice of them. Their number, and the steps among them, are known without reading the events
/// that a snapshot includes.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The events that its snapshot includes.
    base: Option<Arc<Base>>,
    /// Later events.
    since: Vec<Event>,
    /// The steps among the later events: few, and needed by every operation.
    steps: Vec<Event>,
    /// All events, once requested.
    whole: OnceLock<Vec<Event>>,
}

/// The events that a snapshot includes.
#[derive(Debug)]
pub(super) struct Base {
    /// The snapshot's description of them.
    pub about: About,
    /// The part of the log that the snapshot includes, if it was read.
    pub log: Option<Vec<u8>>,
}

/// A snapshot's description of the events that it includes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// The log's generation.
    pub generation: u64,
    /// The log's length when it was created or compacted, in bytes.
    pub begun: u64,
    /// The length of the included part of the log, in bytes.
    pub end: u64,
    /// The checksum of that part.
    pub checksum: u32,
    /// The number of events.
    pub count: usize,
    /// The steps among them.
    pub steps: Vec<Event>,
}

impl History {
    /// A history of these events.
    pub fn new(events: Vec<Event>) -> Self {
        let steps = steps_of(&events);
        History { base: None, since: events, steps, whole: OnceLock::new() }
    }

    /// A history of the events that a snapshot includes and of later ones.
    pub(super) fn after(base: Base, since: Vec<Event>) -> Self {
        let steps = steps_of(&since);
        History { base: Some(base.into()), since, steps, whole: OnceLock::new() }
    }

    /// The events that its snapshot includes.
    pub fn at_snapshot(&self) -> Self {
        History { base: self.base.clone(), ..History::default() }
    }

    /// Adds an event.
    pub fn push(&mut self, event: Event) {
        if let Some(whole) = self.whole.get_mut() {
            whole.push(event.clone());
        }
        if event.step().is_some() {
            self.steps.push(event.clone());
        }
        self.since.push(event);
    }

    /// The number of events.
    pub fn count(&self) -> usize {
        self.base.as_ref().map_or(0, |base| base.about.count) + self.since.len()
    }

    /// The steps.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Event> {
        let base = self.base.iter().flat_map(|base| &base.about.steps);
        base.chain(&self.steps)
    }

    /// The number of operations done by hand.
    pub fn by_hand(&self) -> usize {
        self.count() - self.steps().count()
    }

    /// The events after its snapshot.
    pub fn since(&self) -> &[Event] {
        &self.since
    }

    /// The events that it adds to another history; `None` if it does not continue that history.
    pub fn more_than(&self, other: &History) -> Option<Vec<Event>> {
        let rest = |new: &[Event], old: &[Event]| new.strip_prefix(old).map(<[Event]>::to_vec);
        if self.is_kin(other) {
            return rest(&self.since, &other.since);
        }
        // With a later snapshot of the same log, only the part between the two is parsed.
        if let (Some(new), Some(old)) = (self.log(), other.log())
            && let Some(between) = new.strip_prefix(old)
            && let Some(mut events) = events_between(between)
        {
            events.extend(self.since.iter().cloned());
            return rest(&events, &other.since);
        }
        rest(self, other)
    }

    fn log(&self) -> Option<&[u8]> {
        self.base.as_ref()?.log.as_deref()
    }

    /// Whether both continue the same snapshot, so that they differ only in later events.
    fn is_kin(&self, other: &History) -> bool {
        match (&self.base, &other.base) {
            (Some(one), Some(other)) => one.about == other.about,
            (None, None) => true,
            _ => false,
        }
    }
}

fn steps_of(events: &[Event]) -> Vec<Event> {
    events.iter().filter(|event| event.step().is_some()).cloned().collect()
}

impl Deref for History {
    type Target = [Event];

    fn deref(&self) -> &[Event] {
        let Some(base) = &self.base else { return &self.since };
        self.whole.get_or_init(|| {
            let log = base.log.as_ref().expect("whoever asks for all events has read the log");
            let mut events = events_of(log).expect("the snapshot has the checksum of what peerlab itself wrote");
            events.extend(self.since.iter().cloned());
            events
        })
    }
}
