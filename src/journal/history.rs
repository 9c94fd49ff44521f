//! What was done to a lab after its tables, in order. What a snapshot includes is parsed only when somebody asks for it.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::log;
use crate::cloud::Binding;

/// Something that was done to a running lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A step of the tutorial, by its index from 0.
    Step(usize),
    /// A step of which a part was done by hand under other names or ids, which the lab's lines mean from then on.
    Bound {
        /// Its index from 0.
        step: usize,
        /// What was made by hand.
        bound: Vec<Binding>,
    },
    /// A step that counts as done.
    Skipped {
        /// Its index from 0.
        step: usize,
        /// What was made by hand.
        bound: Vec<Binding>,
    },
    /// An operation by hand.
    Operation {
        /// Who called.
        account: String,
        /// The call, as in a `run` line.
        line: String,
    },
}

impl Event {
    /// The step that it is, by its index from 0; what was bound with it.
    pub fn step(&self) -> Option<(usize, &[Binding])> {
        match self {
            Event::Step(step) => Some((*step, &[])),
            Event::Bound { step, bound } | Event::Skipped { step, bound } => Some((*step, bound)),
            Event::Operation { .. } => None,
        }
    }
}

/// All events of a lab, in order.
///
/// It is read as a slice of them. How many there are, and which of them are steps, is known without reading those that a snapshot
/// includes.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Those that the snapshot includes from which it came.
    base: Option<Arc<Base>>,
    /// Those after it.
    since: Vec<Event>,
    /// Those of the later ones that are steps: few, and asked for by every operation.
    steps: Vec<Event>,
    /// All, once somebody asked for them.
    whole: OnceLock<Vec<Event>>,
}

/// The events that a snapshot includes.
#[derive(Debug)]
pub(super) struct Base {
    /// What the snapshot says of them.
    pub about: About,
    /// The log as far as the snapshot includes it, where that was read.
    pub log: Option<Vec<u8>>,
}

/// What a snapshot says of the events that it includes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// Which log it is.
    pub generation: u64,
    /// How long the log was when it was begun or cut, in bytes.
    pub begun: u64,
    /// Where the log ends for it, in bytes.
    pub end: u64,
    /// The checksum of the log until there.
    pub checksum: u32,
    /// How many events there are.
    pub count: usize,
    /// Those of them that are steps.
    pub steps: Vec<Event>,
}

impl History {
    /// These events.
    pub fn new(events: Vec<Event>) -> Self {
        let steps = steps_of(&events);
        History { base: None, since: events, steps, whole: OnceLock::new() }
    }

    /// What a snapshot includes, and what came after it.
    pub(super) fn after(base: Base, since: Vec<Event>) -> Self {
        let steps = steps_of(&since);
        History { base: Some(base.into()), since, steps, whole: OnceLock::new() }
    }

    /// Those that the snapshot includes from which it came.
    pub fn at_snapshot(&self) -> Self {
        History { base: self.base.clone(), ..History::default() }
    }

    /// Adds one.
    pub fn push(&mut self, event: Event) {
        if let Some(whole) = self.whole.get_mut() {
            whole.push(event.clone());
        }
        if event.step().is_some() {
            self.steps.push(event.clone());
        }
        self.since.push(event);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.base.as_ref().map_or(0, |base| base.about.count) + self.since.len()
    }

    /// Those that are steps.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Event> {
        let base = self.base.iter().flat_map(|base| &base.about.steps);
        base.chain(&self.steps)
    }

    /// How many operations were done by hand.
    pub fn by_hand(&self) -> usize {
        self.count() - self.steps().count()
    }

    /// Those after the snapshot from which it came.
    pub fn since(&self) -> &[Event] {
        &self.since
    }

    /// The events with which it goes on from another history; `None` where it does not.
    pub fn more_than(&self, other: &History) -> Option<Vec<Event>> {
        let rest = |new: &[Event], old: &[Event]| new.strip_prefix(old).map(<[Event]>::to_vec);
        if self.is_kin(other) {
            return rest(&self.since, &other.since);
        }
        // A later snapshot of the same log: what lies between the two is all that is parsed.
        if let (Some(new), Some(old)) = (self.log(), other.log())
            && let Some(between) = new.strip_prefix(old)
            && let Some(mut events) = log::events_between(between)
        {
            events.extend(self.since.iter().cloned());
            return rest(&events, &other.since);
        }
        rest(self, other)
    }

    fn log(&self) -> Option<&[u8]> {
        self.base.as_ref()?.log.as_deref()
    }

    /// Whether both go on from the same snapshot, so that they differ in what came after it alone.
    pub fn is_kin(&self, other: &History) -> bool {
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
            let mut events = log::events_of(log).expect("the snapshot has the checksum of what peerlab itself wrote");
            events.extend(self.since.iter().cloned());
            events
        })
    }
}
