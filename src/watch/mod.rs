//! A running lab, watched: it is pinged again and again, and what changes is told with its cause.
//!
//! [`Picture`] is who reaches whom at one time, the difference of two of them is a list of [`Change`]s, and [`Cause`] says
//! why. [`Watcher`] takes the pictures, without the lab's lock; [`Board`] is what a terminal shows of them.
#![allow(clippy::disallowed_methods)]

mod board;
mod cause;
mod picture;
mod view;

use std::collections::BTreeSet;
use std::time::Duration;

pub use board::{Board, Entry};
pub use cause::{Cause, happened};
pub use picture::{Change, Picture, State};
pub use view::draw;

use crate::cloud::InstanceName;
use crate::error::Errors;
use crate::flow::{Endpoint, Protocol};
use crate::journal::Store;
use crate::kernel;
use crate::language::Language;
use crate::network::compile::compile;
use crate::network::diff::diff;
use crate::probe::{self, Observation, Probe};
use crate::session::{self, Before, Follower, News, Run};
use crate::verify::{self, AnsweredBy, Observed};

/// Up to so many pairs are all pinged every time.
const ALL: usize = 500;

/// So often in a row may pings be impossible, as while a lab is being changed, before that is an error.
const PATIENCE: u32 = 3;

/// Takes pictures of a lab.
#[derive(Debug)]
pub struct Watcher {
    lab: String,
    language: Language,
    follower: Follower,
    /// As the journal has it.
    now: Option<Before>,
    /// What was seen last, and of what.
    last: Option<(Picture, Run)>,
    /// What `up` would do about the kernel, as it was when a pair was not as predicted.
    undo: Vec<String>,
    /// The journal was written since the last picture.
    touched: bool,
    /// Which pairs of a large lab are pinged beside those that stand for classes.
    turn: usize,
    failed: u32,
}

/// What a watcher saw.
#[derive(Debug)]
pub enum Sight {
    /// A picture, with what is different since the one before.
    Picture(Box<Seen>),
    /// Somebody is changing the lab: nothing can be said.
    Busy,
    /// It is not up any more.
    Down,
}

/// A picture, and what is different.
#[derive(Debug)]
pub struct Seen {
    /// Who reaches whom.
    pub picture: Picture,
    /// The lab.
    pub run: Run,
    /// What changed, each with its cause and why its first pair ends as predicted. Of the first picture: what is not as
    /// predicted.
    pub changes: Vec<(Change, Cause, Option<String>)>,
    /// What was done to the lab since the last picture.
    pub done: Vec<String>,
    /// The last change of the lab was cut short.
    pub unsettled: bool,
}

impl Watcher {
    /// Of a lab that is up, for a reader of this language.
    pub fn new(lab: &str, language: Language) -> Self {
        Watcher {
            lab: lab.into(),
            language,
            follower: Follower::new(lab),
            now: None,
            last: None,
            undo: Vec::new(),
            touched: false,
            turn: 0,
            failed: 0,
        }
    }

    /// Pings, and says what is different since the last time.
    pub fn look(&mut self) -> Result<Sight, Errors> {
        match self.follower.news()? {
            News::Down => return Ok(Sight::Down),
            News::Changed(before) => {
                self.touched = self.last.is_some();
                self.now = Some(*before);
            }
            News::None => {}
        }
        let Some(Before { run, settled }) = &self.now else { return Ok(Sight::Busy) };
        if !settled && Store::of(&self.lab).is_locked() {
            return Ok(Sight::Busy);
        }
        let (run, unsettled) = (run.clone(), !settled);
        let picture = match self.picture(&run) {
            Ok(Some(picture)) => picture,
            Ok(None) => return Ok(Sight::Busy),
            // Namespaces come and go while a lab is changed, and go first when it goes down.
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
            self.undo = self.drift(&run)?;
        }
        let told = |change: Change| {
            let cause = Cause::of(&change, &done, self.touched, &self.undo);
            let why = change.why(run.cloud());
            (change, cause, why)
        };
        let changes = changes.into_iter().map(told).collect();
        self.touched = false;
        self.last = Some((picture.clone(), run.clone()));
        Ok(Sight::Picture(Box::new(Seen { picture, run, changes, done, unsettled })))
    }

    /// Pings what is pinged this time. `None`: the lab was changed meanwhile, so that it is not known what was pinged.
    fn picture(&mut self, run: &Run) -> Result<Option<Picture>, Errors> {
        let mut picture = Picture::predicted(run.cloud());
        let pairs = self.pairs(&picture);
        let seen = ping(&self.lab, run, &picture, &pairs)?;
        let before = |pair: &Pair| self.last.as_ref().is_some_and(|(last, _)| last.wrong.contains_key(pair));
        // One that is new is asked for twice: of very many pings, one is lost without a cause.
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

    /// The pairs that are pinged this time: all; in a large lab one of every class, those that were not as predicted, and in
    /// turn every instance with another, so that every pair has its turn.
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

    /// What `up` would do about the kernel.
    fn drift(&self, run: &Run) -> Result<Vec<String>, Errors> {
        let desired = compile(run.cloud());
        let changes = diff(&session::read_kernel(&self.lab, &desired)?, &desired);
        Ok(changes.iter().map(ToString::to_string).collect())
    }
}

/// Two instances: who sends, and to whom.
type Pair = (InstanceName, InstanceName);

/// How a ping came out.
#[derive(Clone, Debug)]
struct Pinged {
    /// Not as predicted: how it ended, and who answered in the receiver's place.
    wrong: Option<(Observed, Option<Endpoint>)>,
    rtt: Option<Duration>,
}

/// How each pair's ping came out; `None` where it cannot be pinged.
fn ping(lab: &str, run: &Run, picture: &Picture, pairs: &[Pair]) -> Result<Vec<Option<Pinged>>, Errors> {
    let ends = pairs.iter().map(|(from, to)| (Endpoint::Instance(from.clone()), Endpoint::Instance(to.clone())));
    let probes = verify::probes(run.cloud(), ends, Protocol::Icmp);
    // Nothing can be sent from a namespace that somebody removed: to whoever watches, that is a ping without an answer.
    let there: BTreeSet<_> = probes.iter().flatten().map(|probe| &probe.from).collect();
    let there: BTreeSet<_> = there.into_iter().filter(|name| kernel::exists(lab, name)).cloned().collect();
    let listens = |probe: &Probe| {
        let claimants = probe.claimants.iter().filter(|name| kernel::exists(lab, name)).cloned().collect();
        Probe { claimants, ..probe.clone() }
    };
    let sent: Vec<Probe> = probes.iter().flatten().filter(|probe| there.contains(&probe.from)).map(listens).collect();
    let mut seen = probe::run(lab, &sent, probe::TIMEOUT, &probe::uncounted)?.into_iter();
    let judge = |((from, to), probe): (&Pair, &Option<Probe>)| {
        let probe = probe.as_ref()?;
        let seen = if there.contains(&probe.from) { seen.next()? } else { Observation::default() };
        let state = picture.of(from, to)?;
        let (observed, by) = Observed::of(run.cloud(), &Endpoint::Instance(to.clone()), probe, &seen);
        let answered_by = AnsweredBy { seen: by.clone(), ..state.answered_by };
        let agrees = observed.agrees(state.predicted, &answered_by);
        Some(Pinged { wrong: (!agrees).then_some((observed, by)), rtt: seen.rtt })
    };
    Ok(pairs.iter().zip(&probes).map(judge).collect())
}
