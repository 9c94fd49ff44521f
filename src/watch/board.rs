//! The state of the screen: the last picture, and the changes. No I/O here; times count from the beginning of the
//! watch.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Serialize;

use super::Seen;
use super::cause::{Cause, KERNEL};
use super::picture::{Picture, State};
use crate::cloud::{Cloud, InstanceName, VpcName};
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::report::order::{distinct, natural};
use crate::terminal::{Terminal, Tone};
use crate::watch::messages::Said;

/// How long a change is highlighted.
pub(super) const LIT: Duration = Duration::from_secs(6);

/// The number of changes kept.
const KEPT: usize = 200;

/// The number of facts of a drift in one line.
const FACTS: usize = 3;

/// With more instances than this, the first view is by VPC.
const INSTANCES: usize = 40;

/// A change, or an operation that changed no pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The time of the change.
    #[serde(skip)]
    pub at: Duration,
    /// The sender: an instance, or a VPC for several pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The number of pairs.
    pub pairs: usize,
    /// The old state; `null`: the pair did not exist.
    pub was: Option<State>,
    /// The new state; `null`: the pair no longer exists.
    pub now: Option<State>,
    /// `done`, `kernel`, `unknown`, `mended` or `ceased`.
    pub cause: &'static str,
    /// The cause in words.
    pub because: String,
    /// Why the first pair ends as predicted, if it does not reach.
    pub why: Option<Message>,
    /// As in `ecs-a → ecs-b`.
    #[serde(skip)]
    pub who: String,
    /// As in `reach → no-route`.
    #[serde(skip)]
    pub what: String,
}

impl Entry {
    /// The entries of all changes, in this language.
    pub fn of(seen: &Seen, at: Duration, language: Language) -> Vec<Entry> {
        let lab = &*seen.run.lab().name;
        let mut entries: Vec<_> = seen
            .changes
            .iter()
            .map(|(change, cause, why)| {
                let (from, to) = match &change.pairs[..] {
                    [(from, to)] => (from.to_string(), to.to_string()),
                    _ => (change.vpcs.0.to_string(), change.vpcs.1.to_string()),
                };
                Entry {
                    at,
                    from: Some(from),
                    to: Some(to),
                    pairs: change.pairs.len(),
                    was: change.was.clone(),
                    now: change.now.clone(),
                    cause: cause.kind(),
                    because: cause.text(lab, language),
                    why: why.clone(),
                    who: change.who(language),
                    what: change.what(language),
                }
            })
            .collect();
        if entries.is_empty() && !seen.done.is_empty() {
            let done = Cause::Done(seen.done.clone());
            entries.push(Entry {
                at,
                from: None,
                to: None,
                pairs: 0,
                was: None,
                now: None,
                cause: done.kind(),
                because: done.text(lab, language),
                why: None,
                who: String::new(),
                what: language.say(msg!(Said::NoPairChanged)),
            });
        }
        entries
    }

    /// What somebody changed in the kernel, or that it is as it should be again.
    pub fn of_drift(drift: &[Message], at: Duration, language: Language) -> Entry {
        let because = language.say(said_of(drift));
        let cause = if drift.is_empty() { Cause::Mended.kind() } else { KERNEL };
        let (who, what) = Default::default();
        Entry { at, from: None, to: None, pairs: 0, was: None, now: None, cause, because, why: None, who, what }
    }

    /// Its tone.
    pub fn tone(&self) -> Tone {
        match &self.now {
            None if self.pairs == 0 && self.cause == KERNEL => Tone::Bad,
            Some(now) if !now.agrees() => Tone::Bad,
            Some(now) if now.reaches() => Tone::Good,
            Some(_) => Tone::Notice,
            None => Tone::Faint,
        }
    }

    /// In one line.
    pub fn line(&self) -> String {
        let said = [&self.who, &self.what, &self.because].into_iter().filter(|it| !it.is_empty());
        said.cloned().collect::<Vec<_>>().join("  ")
    }
}

/// The drift in words.
fn said_of(drift: &[Message]) -> Message {
    if drift.is_empty() {
        return msg!(Said::NoDrift);
    }
    let (first, others) = drift.split_at(drift.len().min(FACTS));
    let more = (!others.is_empty()).then(|| msg!(Said::AndMore { more: others.len() }));
    msg!(Said::Drift { drift: first, more })
}

/// A cell of the matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// The state of all its pairs; `None`: there are none, or they differ.
    pub(super) state: Option<State>,
    /// Whether its pairs have different states.
    pub(super) mixed: bool,
    /// The round trip, for a single pair.
    pub(super) rtt: Option<Duration>,
    /// Whether it changed a short time ago.
    pub(super) lit: bool,
}

/// The content of the terminal.
#[derive(Debug)]
pub struct Board {
    pub(super) lab: String,
    pub(super) title: String,
    pub(super) picture: Picture,
    pub(super) counts: (usize, usize, usize),
    /// The instances, by their index in the picture, in natural order.
    order: Vec<usize>,
    /// The VPCs, and the state between each two of them, by index.
    vpcs: Vec<VpcName>,
    between: BTreeMap<(usize, usize), Cell>,
    lit: BTreeMap<(InstanceName, InstanceName), Duration>,
    lit_vpcs: BTreeMap<(VpcName, VpcName), Duration>,
    /// The changes, newest first.
    pub(super) log: VecDeque<Entry>,
    /// What somebody changed in the kernel.
    drift: Vec<Message>,
    /// A notice about the lab.
    pub(super) notice: Option<Message>,
    /// Its colours, and the reader's language; the size is that of the frame.
    pub(super) terminal: Terminal,
    pub(super) by_vpc: bool,
    pub(super) now: Duration,
    /// The scroll offset in rows and columns.
    pub(super) scrolled: (usize, usize),
}

impl Board {
    /// The board before the first ping.
    pub fn new(lab: &str, title: &str, cloud: &Cloud, terminal: Terminal) -> Self {
        let picture = Picture::predicted(cloud);
        let mut board = Board {
            lab: lab.into(),
            title: title.into(),
            counts: picture.counts(),
            order: Vec::new(),
            vpcs: Vec::new(),
            between: BTreeMap::new(),
            lit: BTreeMap::new(),
            lit_vpcs: BTreeMap::new(),
            log: VecDeque::new(),
            drift: Vec::new(),
            notice: Some(msg!(Said::PingingForFirstTime)),
            terminal,
            by_vpc: picture.matrix.instances().len() > INSTANCES,
            now: Duration::ZERO,
            scrolled: (0, 0),
            picture,
        };
        board.sum_up();
        board
    }

    /// Adds a picture.
    pub fn see(&mut self, seen: Seen, at: Duration) {
        for entry in Entry::of(&seen, at, self.terminal.language) {
            self.log.push_front(entry);
        }
        self.log.truncate(KEPT);
        for (change, ..) in &seen.changes {
            self.lit_vpcs.insert(change.vpcs.clone(), at);
            self.lit.extend(change.pairs.iter().cloned().map(|pair| (pair, at)));
        }
        let changed = !seen.changes.is_empty()
            || !seen.done.is_empty()
            || seen.picture.matrix.instances() != self.picture.matrix.instances();
        let unsettled = seen.unsettled.then(|| msg!(Said::LastChangeCutShort { lab: &self.lab }));
        self.notice = unsettled.or_else(|| self.drift.get(..1).map(said_of));
        self.picture = seen.picture;
        if changed {
            self.counts = self.picture.counts();
            self.sum_up();
        }
        self.pass(at);
    }

    /// Adds what somebody changed in the kernel.
    pub fn drifted(&mut self, drift: Vec<Message>, at: Duration) {
        self.log.push_front(Entry::of_drift(&drift, at, self.terminal.language));
        self.log.truncate(KEPT);
        self.notice = drift.get(..1).map(said_of);
        self.drift = drift;
    }

    /// Shows that somebody is changing the lab.
    pub fn busy(&mut self) {
        self.notice = Some(msg!(Said::LabBeingChanged));
    }

    /// Updates the time.
    pub fn pass(&mut self, now: Duration) {
        self.now = now;
        self.lit.retain(|_, at| now.saturating_sub(*at) < LIT);
        self.lit_vpcs.retain(|_, at| now.saturating_sub(*at) < LIT);
    }

    /// Switches between VPCs and instances.
    pub fn turn(&mut self) {
        self.by_vpc = !self.by_vpc;
        self.scrolled = (0, 0);
    }

    /// Scrolls by rows and columns.
    pub fn scroll(&mut self, down: isize, right: isize) {
        let most = self.names().len().saturating_sub(1);
        self.scrolled.0 = self.scrolled.0.saturating_add_signed(down).min(most);
        self.scrolled.1 = self.scrolled.1.saturating_add_signed(right).min(most);
    }

    /// The heads of rows and columns.
    pub(super) fn names(&self) -> Vec<&str> {
        match self.by_vpc {
            true => self.vpcs.iter().map(VpcName::as_str).collect(),
            false => self.order.iter().map(|at| self.picture.matrix.instances()[*at].as_str()).collect(),
        }
    }

    pub(super) fn cell(&self, from: usize, to: usize) -> Cell {
        if self.by_vpc {
            let mut cell = self.between.get(&(from, to)).cloned().unwrap_or_default();
            cell.lit = self.lit_vpcs.contains_key(&(self.vpcs[from].clone(), self.vpcs[to].clone()));
            return cell;
        }
        if from == to {
            return Cell::default();
        }
        let names = self.picture.matrix.instances();
        let (from, to) = (self.order[from], self.order[to]);
        let pair = (names[from].clone(), names[to].clone());
        let state = Some(self.picture.at(from, to));
        Cell { state, mixed: false, rtt: self.picture.rtts.get(&pair).copied(), lit: self.lit.contains_key(&pair) }
    }

    /// Computes the lists of instances and VPCs, and the states between VPCs.
    fn sum_up(&mut self) {
        let names = self.picture.matrix.instances();
        self.order = (0..names.len()).collect();
        self.order.sort_by(|a, b| natural(names[*a].as_str(), names[*b].as_str()));
        let (vpcs, places) = distinct(&self.picture.vpcs);
        self.vpcs = vpcs;
        self.between.clear();
        for (from, to) in self.picture.matrix.pairs() {
            let state = self.picture.at(from, to).alike();
            let cell = self
                .between
                .entry((places[from], places[to]))
                .or_insert_with(|| Cell { state: Some(state.clone()), ..Cell::default() });
            if cell.state.as_ref() != Some(&state) {
                // Show a state that is not as predicted rather than others.
                let wrong = [cell.state.take(), Some(state)].into_iter().flatten().find(|it| !it.agrees());
                cell.mixed = wrong.is_none();
                cell.state = wrong;
            }
        }
    }
}
