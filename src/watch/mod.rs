//! Watches a running lab: pings it repeatedly, and reports changes with their causes.
//!
//! A [`Picture`] says who reaches whom at one time, the difference of two pictures is a list of [`Change`]s, and each
//! has a [`Cause`]. A [`Watcher`] takes the pictures, without the lab's lock; a [`Guard`] notices at once what somebody
//! changes in the kernel; a [`Board`] shows both on a terminal.
#![allow(clippy::disallowed_methods)]

mod board;
mod cause;
mod guard;
mod messages;
mod picture;
mod view;

use std::collections::BTreeSet;
use std::time::Duration;

pub use board::{Board, Entry};
pub use cause::{Cause, happened};
pub use guard::Guard;
pub use picture::{Change, Picture, State};
pub use view::draw;

use crate::cloud::InstanceName;
use crate::error::Errors;
use crate::flow::{Endpoint, Protocol};
use crate::journal::Store;
use crate::language::Language;
use crate::message::Message;
use crate::network::compile;
use crate::probe::{self, Batch, Probe};
use crate::progress::Unwatched;
use crate::session::{self, Before, Follower, News, Run};
use crate::target::{self, Sent};
use crate::verify::{self, AnsweredBy, Answerer, Observed};

/// Up to this many pairs, all are pinged in every round.
const ALL: usize = 500;

/// How many times in a row pings may be impossible, for example while a lab is changing, before that is an error.
const PATIENCE: u32 = 3;

/// Takes pictures of a lab.
#[derive(Debug)]
pub struct Watcher {
    lab: String,
    language: Language,
    follower: Follower,
    /// The lab, as the journal has it.
    now: Option<Before>,
    /// The last picture, and the lab's state at that time.
    last: Option<(Picture, Run)>,
    /// What somebody had changed in the kernel when a pair was not as predicted.
    drift: Vec<Message>,
    /// Whether the journal was written since the last picture.
    touched: bool,
    /// The turn: which pairs of a large lab are pinged in addition to one per class.
    turn: usize,
    failed: u32,
}

/// The result of a look.
#[derive(Debug)]
pub enum Sight {
    /// A picture, with the changes since the previous one.
    Picture(Box<Seen>),
    /// Somebody is changing the lab, so nothing is known.
    Busy,
    /// What somebody changed in the kernel by hand, as facts; none if nothing is left of it. Only a [`Guard`] sees it.
    Drift(Vec<Message>),
    /// The lab is no longer up.
    Down,
}

/// A picture and its changes.
#[derive(Debug)]
pub struct Seen {
    /// The reachability of all pairs.
    pub picture: Picture,
    /// The lab.
    pub run: Run,
    /// The changes, each with its cause and why its first pair ends as predicted. For the first picture: the pairs that
    /// are not as predicted.
    pub changes: Vec<(Change, Cause, Option<Message>)>,
    /// What ended that takes a moment, and operations and steps done, since the last picture.
    pub done: Vec<Message>,
    /// Whether the last change of the lab was interrupted.
    pub unsettled: bool,
}

impl Watcher {
    /// A watcher of a running lab, for a reader of this language.
    pub fn new(lab: &str, language: Language) -> Self {
        Watcher {
            lab: lab.into(),
            language,
            follower: Follower::new(lab),
            now: None,
            last: None,
            drift: Vec::new(),
            touched: false,
            turn: 0,
            failed: 0,
        }
    }

    /// Pings, and returns the changes since the last time.
    pub fn look(&mut self) -> Result<Sight, Errors> {
        match self.follower.news()? {
            News::Down => return Ok(Sight::Down),
            News::Changed(before) => {
                self.touched = self.last.is_some();
                self.now = Some(*before);
            }
            News::None => {}
        }
        let Some(Before { run, settled, .. }) = &self.now else { return Ok(Sight::Busy) };
        if !settled && Store::of(&self.lab).is_locked() {
            return Ok(Sight::Busy);
        }
        let (run, unsettled) = (run.clone(), !settled);
        let picture = match self.picture(&run) {
            Ok(Some(picture)) => picture,
            Ok(None) => return Ok(Sight::Busy),
            // Namespaces come and go while a lab changes, and are removed first when it goes down.
            Err(errors) => {
                self.failed += 1;
                return match Store::of(&self.lab).stamp() {
                    None => Ok(Sight::Down),
                    Some(_) if self.failed < PATIENCE || Store::of(&self.lab).is_locked() => Ok(Sight::Busy),
                    Some(_) => Err(errors),
                };
            }
        };
        self.failed = 0;
        let predicted = || (Picture::predicted(run.cloud()), run.clone());
        let (old, old_run) = self.last.take().unwrap_or_else(predicted);
        let done = happened(&old_run, &run, self.language);
        let same = done.is_empty() && old.wrong == picture.wrong;
        let changes = if same { Vec::new() } else { picture.since(&old) };
        if changes.iter().any(|change| change.now.as_ref().is_some_and(|now| !now.agrees())) {
            self.drift = session::drift(&run)?;
        }
        let told = |change: Change| {
            let cause = Cause::of(&change, &done, self.touched, &self.drift);
            let why = change.why(run.cloud());
            (change, cause, why)
        };
        let changes = changes.into_iter().map(told).collect();
        self.touched = false;
        self.last = Some((picture.clone(), run.clone()));
        Ok(Sight::Picture(Box::new(Seen { picture, run, changes, done, unsettled })))
    }

    /// Pings the pairs of this round. `None`: the lab changed meanwhile, so the result is void.
    fn picture(&mut self, run: &Run) -> Result<Option<Picture>, Errors> {
        let mut picture = Picture::predicted(run.cloud());
        let pairs = self.pairs(&picture);
        let seen = ping(&self.lab, run, &picture, &pairs)?;
        let before = |pair: &Pair| self.last.as_ref().is_some_and(|(last, _)| last.wrong.contains_key(pair));
        // Ping a pair with a new result twice, because one of very many pings may be lost without a cause.
        let is_wrong = |seen: &Option<Pinged>| seen.as_ref().is_some_and(|it| it.wrong.is_some());
        let doubtful = pairs.iter().zip(&seen).filter(|(_, seen)| is_wrong(seen));
        let doubtful: Vec<_> = doubtful.map(|(pair, _)| pair.clone()).filter(|pair| !before(pair)).collect();
        if !self.follower.is_current() {
            return Ok(None);
        }
        let again = if doubtful.is_empty() { Vec::new() } else { ping(&self.lab, run, &picture, &doubtful)? };
        if !self.follower.is_current() {
            return Ok(None);
        }
        let good: BTreeSet<_> = doubtful
            .iter()
            .zip(again)
            .filter(|(_, seen)| seen.as_ref().is_some_and(|it| it.wrong.is_none()))
            .map(|(pair, _)| pair)
            .collect();
        for (pair, seen) in pairs.iter().zip(seen) {
            let Some(Pinged { wrong, rtt }) = seen else { continue };
            if let Some(wrong) = wrong.filter(|_| !good.contains(pair)) {
                picture.wrong.insert(pair.clone(), wrong);
            }
            if let Some(rtt) = rtt {
                picture.rtts.insert(pair.clone(), rtt);
            }
        }
        self.turn += 1;
        Ok(Some(picture))
    }

    /// The pairs of this round: all of them, or in a large lab one of every class, those that were not as predicted,
    /// and some of the others in turn.
    fn pairs(&self, picture: &Picture) -> Vec<Pair> {
        let names = picture.matrix.instances();
        let many = names.len();
        let pair = |(from, to): (usize, usize)| (names[from].clone(), names[to].clone());
        if many * many.saturating_sub(1) <= ALL {
            return picture.matrix.pairs().map(pair).collect();
        }
        let distance = 1 + self.turn % (many - 1);
        let ring = (0..many).map(|from| (from, (from + distance) % many));
        let mut chosen: BTreeSet<_> =
            ring.chain(picture.matrix.classes().iter().map(|it| it.first)).map(pair).collect();
        if let Some((last, _)) = &self.last {
            let there = |(from, to): &&Pair| picture.matrix.get(from, to).is_some();
            chosen.extend(last.wrong.keys().filter(there).cloned());
        }
        chosen.into_iter().collect()
    }
}

/// A sender and a receiver.
type Pair = (InstanceName, InstanceName);

/// The result of a ping.
#[derive(Clone, Debug)]
struct Pinged {
    /// If it was not as predicted: how it ended, and who answered instead of the receiver.
    wrong: Option<(Observed, Option<Answerer>)>,
    rtt: Option<Duration>,
}

/// The result of each pair's ping; `None` if the pair cannot be pinged.
fn ping(lab: &str, run: &Run, picture: &Picture, pairs: &[Pair]) -> Result<Vec<Option<Pinged>>, Errors> {
    let ends = pairs.iter().map(|(from, to)| (Endpoint::Instance(from.clone()), Endpoint::Instance(to.clone())));
    let probes = verify::probes(run.cloud(), ends, Protocol::Icmp);
    let sent: Vec<Probe> = probes.iter().flatten().cloned().collect();
    let batch = Batch { probes: sent, ..Batch::default() };
    let Sent { seen, lost, .. } = target::of(lab).send(lab, batch, &probe::uncounted, &Unwatched)?;
    let mut seen = seen.into_iter();
    let judge = |((from, to), probe): (&Pair, &Option<Probe>)| {
        let probe = probe.as_ref()?;
        let seen = seen.next()?;
        let state = picture.of(from, to)?;
        let (mut observed, by) = Observed::of(run.cloud(), &Endpoint::Instance(to.clone()), probe, &seen);
        let is_lost = |name| lost.contains(&compile::of_instance(run.cloud(), name));
        if !seen.reached && (is_lost(from) || is_lost(to)) {
            observed = Observed::Unknown;
        }
        let answered_by = AnsweredBy { seen: by.clone(), ..state.answered_by };
        let agrees = observed.agrees(state.predicted, &answered_by);
        Some(Pinged { wrong: (!agrees).then_some((observed, by)), rtt: seen.rtt })
    };
    Ok(pairs.iter().zip(&probes).map(judge).collect())
}
