//! A lab as its consoles show it: read again when its journal is another.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use crate::cloud::{AccountName, Cloud, Operation, fnv};
use crate::error::Errors;
use crate::flow::{Endpoint, Protocol};
use crate::journal::{Event, Stamp, Store};
use crate::lab::Check;
use crate::language::Language;
use crate::message::{Message, Say as _};
use crate::report::graph::{Caption, Format, draw};
use crate::session::{self, Run};
use peerlab_console::{CheckSeen, Done, Pinged, StepSeen, Tutorial};

/// How many pings of a lab are remembered.
const PINGS: usize = 512;

/// A lab, at one moment.
#[derive(Debug)]
pub(super) struct Seen {
    stamp: Option<Stamp>,
    pub cloud: Arc<Cloud>,
    pub run: Run,
    /// What its steps still do.
    pub awaited: Vec<Operation>,
    /// How many operations and steps were done.
    pub number: usize,
    pub done: Vec<bool>,
    /// Of an exercise: the lab as its author wrote it, and as it began.
    exercise: Option<(Cloud, Cloud)>,
    /// The picture, by language.
    pictures: BTreeMap<&'static str, String>,
}

/// How much of what was done is shown.
const LOG: usize = 500;

/// Something that was done; what was done last can be undone.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// The number of operations and steps with it.
    pub number: usize,
    /// The account that did it; `None`: a step of no account.
    account: Option<String>,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// A step, from 0.
    Step(usize),
    /// An operation, as a line.
    Operation(String),
}

impl Deed {
    pub fn of(run: &Run) -> Option<Self> {
        Self::latest(run, 1).last()
    }

    /// The last of what was done, at most so much.
    fn latest(run: &Run, most: usize) -> impl Iterator<Item = Self> {
        let events = run.events();
        let before = events.len().saturating_sub(most);
        events[before..].iter().zip(before + 1..).map(|(event, number)| Self::at(run, number, event))
    }

    fn at(run: &Run, number: usize, event: &Event) -> Self {
        let (account, what) = match event {
            Event::Operation { account, line, .. } => (Some(account.clone()), What::Operation(line.clone())),
            Event::Step(step) | Event::Bound { step, .. } | Event::Skipped { step, .. } => {
                let account = run.lab().steps.get(*step).and_then(|step| step.account.as_ref());
                (account.map(ToString::to_string), What::Step(*step))
            }
        };
        Deed { number, account, what }
    }

    /// Whether this account may undo it.
    pub fn is_of(&self, account: &AccountName) -> bool {
        self.account.as_ref().is_none_or(|it| it == account.as_str())
    }

    /// For a reader.
    fn shown(&self, run: &Run, account: &AccountName, language: Language) -> Done {
        let title = |step: usize| run.lab().steps.get(step).map_or("", |step| step.title_in(language));
        Done {
            account: self.account.clone(),
            what: match &self.what {
                What::Step(step) => title(*step).to_owned(),
                What::Operation(line) => line.clone(),
            },
            is_step: matches!(self.what, What::Step(_)),
            number: self.number,
            is_own: self.is_of(account),
        }
    }
}

/// What is remembered of a lab beside its journal.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub pings: Vec<Pinged>,
    /// The number of operations when each was sent.
    pub pinged_at: Vec<usize>,
    /// The hints that were given of each step.
    pub hints: BTreeMap<usize, usize>,
    pub drift: Vec<Message>,
    /// Held by the captures of pages that are open.
    captures: Vec<Weak<()>>,
    /// Held by all who look at it while its kernel is guarded.
    guarded: Weak<()>,
    /// By account, the code of the last refusal by the console or the API, until it does something by either.
    pub refusals: BTreeMap<String, String>,
    /// Counts what changed here.
    pub version: u64,
}

/// All labs.
#[derive(Debug, Default)]
pub(super) struct AllSeen {
    labs: BTreeMap<String, Arc<Seen>>,
    memories: BTreeMap<String, Memory>,
}

impl AllSeen {
    /// What was seen of a lab, if nothing was done since.
    pub fn current(&self, lab: &str) -> Option<Arc<Seen>> {
        let stamp = Store::of(lab).stamp();
        self.labs.get(lab).filter(|seen| seen.stamp == stamp && stamp.is_some()).cloned()
    }

    pub fn keep(&mut self, lab: &str, seen: &Arc<Seen>) {
        self.labs.insert(lab.to_owned(), seen.clone());
    }

    pub fn memory(&mut self, lab: &str) -> &mut Memory {
        self.memories.entry(lab.to_owned()).or_default()
    }
}

impl Memory {
    /// A share for one capture more, unless there are so many.
    pub fn captures(&mut self, most: usize) -> Option<Arc<()>> {
        self.captures.retain(|it| it.strong_count() > 0);
        if self.captures.len() >= most {
            return None;
        }
        let share = Arc::new(());
        self.captures.push(Arc::downgrade(&share));
        Some(share)
    }

    /// Whether a guard says what changes in the kernel.
    pub fn is_guarded(&self) -> bool {
        self.guarded.strong_count() > 0
    }

    /// A share of the guard, and whether it must be set up; it lasts until the last share is dropped.
    pub fn guarded(&mut self) -> (Arc<()>, bool) {
        match self.guarded.upgrade() {
            Some(share) => (share, false),
            None => {
                let share = Arc::new(());
                self.guarded = Arc::downgrade(&share);
                (share, true)
            }
        }
    }

    /// Somebody changed this in the kernel.
    pub fn drifted(&mut self, drift: Vec<Message>) {
        if self.drift != drift {
            self.drift = drift;
            self.version += 1;
        }
    }

    pub fn pinged(&mut self, pinged: Pinged, number: usize) {
        self.pings.push(pinged);
        self.pinged_at.push(number);
        if self.pings.len() > PINGS {
            self.pings.remove(0);
            self.pinged_at.remove(0);
        }
        self.version += 1;
    }

    /// The pings, each with whether something was done since.
    pub fn pings(&self, number: usize) -> Vec<Pinged> {
        let all = self.pings.iter().zip(&self.pinged_at);
        all.map(|(pinged, at)| Pinged { old: *at != number, ..pinged.clone() }).collect()
    }
}

/// The mark of what a page shows: another one, once something is changed.
pub(super) fn mark(stamp: Option<Stamp>, version: u64) -> String {
    format!("{:x}", fnv::hash(fnv::SEED, format!("{stamp:?} {version}").as_bytes()))
}

impl Seen {
    /// The mark of a page of this, and of what is remembered.
    pub fn mark(&self, memory: &Memory) -> String {
        mark(self.stamp, memory.version)
    }

    /// Reads a lab.
    pub fn read(lab: &str) -> Result<Self, Errors> {
        let stamp = Store::of(lab).stamp();
        let run = session::look(lab)?.run;
        let done = run.progress();
        let awaited = (0..run.lab().steps.len()).filter(|at| !done.get(*at).is_some_and(|done| *done));
        let awaited = awaited.flat_map(|step| run.operations_of(step)).collect();
        let (cloud, number) = (run.standing().held_cloud(), run.standing().history().count());
        let pictures = [Language::English, Language::Chinese];
        let pictures = pictures.map(|language| (language.tag(), picture(&run, language, Some(LINKS.to_owned()))));
        let lab = run.lab();
        let exercise = match lab.exercise.is_some() {
            true => Some((lab.healthy().build()?.0, lab.build()?.0)),
            false => None,
        };
        Ok(Seen { stamp, cloud, awaited, number, done, exercise, pictures: pictures.into(), run })
    }

    /// The last of what was done, for a reader.
    pub fn log(&self, account: &AccountName, language: Language) -> Vec<Done> {
        Deed::latest(&self.run, LOG).map(|it| it.shown(&self.run, account, language)).collect()
    }

    /// The picture in a language, without its style, with links to an account's page of pairs.
    pub fn picture(&self, language: Language, base: &str) -> String {
        let picture = self.pictures.get(language.tag()).map_or("", String::as_str);
        // Nothing but an attribute has a quotation mark.
        picture.replace(&format!("href=\"{LINKS}?"), &format!("href=\"{base}/network?"))
    }

    /// The same without links.
    pub fn plain_picture(&self, language: Language) -> String {
        picture(&self.run, language, None)
    }

    /// The steps, for a reader.
    pub fn tutorial(&self, language: Language, memory: &Memory) -> Tutorial {
        let lab = self.run.lab();
        let current = self.done.iter().position(|done| !done);
        let step = |(at, step): (usize, &crate::lab::Step)| {
            let operations = if Some(at) == current { self.run.operations_of(at) } else { Vec::new() };
            StepSeen {
                title: step.title_in(language).to_owned(),
                text: step.text_in(language).trim().to_owned(),
                account: step.account.clone(),
                done: self.done.get(at).copied().unwrap_or_default(),
                checks: self.run.checks(&step.checks).iter().flat_map(|check| self.checks(check, language)).collect(),
                lines: operations.iter().map(|it| format!("peerlab api --as {} {}", it.caller, it.call)).collect(),
                operations,
            }
        };
        Tutorial {
            title: lab.title_in(language).map(str::to_owned),
            text: lab.text_in(language).map(|text| text.trim().to_owned()),
            steps: lab.steps.iter().enumerate().map(step).collect(),
            hints: current.and_then(|at| memory.hints.get(&at).copied()).unwrap_or_default(),
            exercise: self.exercise.as_ref().map(|(healthy, broken)| self.ticket(healthy, broken, language)),
        }
    }

    /// Of an exercise: its ticket, and the hints that were given.
    fn ticket(&self, healthy: &Cloud, broken: &Cloud, language: Language) -> (String, Vec<String>) {
        let lab = self.run.lab();
        let story = lab.faults.iter().filter_map(|fault| fault.ticket_in(language).map(str::to_owned));
        let symptoms = crate::exercise::symptoms(lab, broken, None).into_iter();
        let symptoms = symptoms.map(|it| it.message().in_language(language).to_string());
        let ticket = story.chain(symptoms).collect::<Vec<_>>().join("\n\n");
        let counted = Store::of(&lab.name).read_exercise().ok().flatten();
        let hints = crate::exercise::hints(lab, healthy, &self.cloud, language);
        let given = counted.zip(hints).filter(|(counted, hints)| counted.fault == hints.fault);
        let given = given.map(|(counted, hints)| {
            hints.steps.iter().take(counted.step).map(|it| it.in_language(language).to_string()).collect()
        });
        (ticket, given.unwrap_or_default())
    }

    /// One hint more of an exercise, counted as `peerlab exercise hint` counts it. The lab's lock is held.
    pub fn count_hint(&self) -> Option<()> {
        let (healthy, _) = self.exercise.as_ref()?;
        let lab = self.run.lab();
        let store = Store::of(&lab.name);
        let counted = store.read_exercise().ok()??;
        let hints = crate::exercise::hints(lab, healthy, &self.cloud, Language::English)?;
        store.write_exercise(&counted.hinted(hints.fault, hints.steps.len())).ok()
    }

    /// The step that comes next.
    pub fn current(&self) -> Option<usize> {
        self.done.iter().position(|done| !done)
    }

    fn checks(&self, check: &Check, language: Language) -> Vec<CheckSeen> {
        let seen = |(from, to): (&Endpoint, &Endpoint)| {
            let predicted = crate::trace::predict(&self.cloud, from, to, check.traffic());
            let traffic = check.traffic();
            let expect = match check.expect {
                crate::lab::Expect::Drop(Some(because)) => Message::from(because).in_language(language).to_string(),
                other => other.to_string(),
            };
            CheckSeen {
                wanted: format!("{from} → {to} {traffic}: {expect}"),
                now: Message::from(predicted),
                passes: check.expect.is_met_by(predicted),
            }
        };
        check.ways().map(seen).collect()
    }
}

/// The page of pairs, before a picture is an account's.
const LINKS: &str = "network";

fn picture(run: &Run, language: Language, links: Option<String>) -> String {
    let lab = run.lab();
    let caption = Caption {
        lab: lab.name.clone(),
        title: lab.title_in(language).map(str::to_owned),
        provider: run.cloud().provider().name.to_owned(),
        state: String::new(),
        ask: String::new(),
        links,
        language,
    };
    let drawn = draw(run.cloud(), Protocol::Icmp, caption, None, Format::Svg);
    let (before, rest) = drawn.split_once("<style>").unwrap_or((&drawn, ""));
    let after = rest.split_once("</style>\n").map_or(rest, |(_, after)| after);
    format!("{before}{after}")
}
