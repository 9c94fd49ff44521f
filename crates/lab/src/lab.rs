//! A resolved lab: what its file says, with operations in place of tables and `run` lines.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};

use crate::cloud::{Account, AccountName, Allow, Bandwidth, Cloud, Operation, Provider};
use crate::error::{Source, Span};
use crate::flow::{Disposition, Endpoint, Protocol, Traffic};
use crate::language::Language;
use crate::message::Message;

/// A resolved lab; only the operations' arguments are still as written.
#[derive(Clone, Debug)]
pub struct Lab {
    /// The file.
    pub source: Source,
    /// Its name, `[a-z0-9][a-z0-9-]{0,31}`, unless the user gives another.
    pub name: String,
    /// Its title, in English.
    pub title: Option<String>,
    /// Its prerequisites and what it teaches, in English.
    pub text: Option<String>,
    /// Title and text in other languages.
    pub wordings: Wordings,
    /// The provider.
    pub provider: &'static Provider,
    /// The relaxations it names.
    pub allow: Allow,
    /// How long a change of a peering takes, if its caller does not wait for it; `None`: no time.
    pub pace: Option<std::time::Duration>,
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// The access keys that the file gives.
    pub access_keys: Vec<AccessKey>,
    /// The default number of steps to do; `None`: all.
    pub until: Option<usize>,
    /// The operations of the tables, in order.
    pub base: Arc<[Operation]>,
    /// The checks of the finished lab.
    pub checks: Vec<Check>,
    /// The tutorial, in order.
    pub steps: Vec<Step>,
    /// What an exercise breaks. In an exercise, `base` has it too.
    pub faults: Vec<Fault>,
    /// If this is an exercise: tables, steps and faults are all in `base`, without a trace of which is which.
    pub exercise: Option<Exercise>,
    /// Its `unchecked` reasons.
    pub unchecked: Vec<Unchecked>,
    /// The result of `base`, computed on demand: the Cloud and its warnings.
    pub built: Arc<OnceLock<(Cloud, Vec<Message>)>>,
}

/// An access key of an account, by which the providers' own clients call.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The account.
    pub account: AccountName,
    /// Its id.
    pub id: String,
    /// Its secret; nothing prints it but `credentials` and `serve`.
    pub secret: String,
}

impl fmt::Debug for AccessKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("account", &self.account).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why no check covers a table (`peerlab test --mutate`).
#[derive(Clone, Debug)]
pub struct Unchecked {
    /// The whole table.
    pub span: Span,
    /// The reason.
    pub why: String,
    /// The reason's place.
    pub said: Span,
}

/// A step of the tutorial.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its title, in English.
    pub title: String,
    /// The calling account; `None` if nothing is run and the lab has several accounts.
    pub account: Option<AccountName>,
    /// The instructions, in English.
    pub text: String,
    /// Title and text in other languages.
    pub wordings: Wordings,
    /// The operations.
    pub operations: Vec<Operation>,
    /// The code with which the last operation must be refused.
    pub refused: Option<(String, Span)>,
    /// The checks after it.
    pub checks: Vec<Check>,
    /// The whole table.
    pub span: Span,
}

/// What makes an exercise of a lab (docs/lab-format.md §8).
#[derive(Clone, Debug)]
pub struct Exercise {
    /// The seed that its faults were made by; `None`: an author wrote them.
    pub seed: Option<u64>,
    /// Who does it.
    pub learner: Option<String>,
    /// How many operations of `base` are the author's; the faults follow.
    written: usize,
}

impl Exercise {
    pub(super) fn new(seed: Option<u64>, learner: Option<String>, written: usize) -> Self {
        Exercise { seed, learner, written }
    }
}

/// A fault of an exercise.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// The operations that make it.
    pub operations: Vec<Operation>,
    /// Ticket and hints, in English.
    pub told: FaultWording,
    /// The same in other languages.
    pub wordings: BTreeMap<Language, FaultWording>,
}

impl Fault {
    /// Its ticket in this language, or in English if the file has no other.
    pub fn ticket_in(&self, language: Language) -> Option<&str> {
        let wording = self.wordings.get(&language).and_then(|wording| wording.ticket.as_deref());
        wording.or(self.told.ticket.as_deref())
    }

    /// Its hints in this language, or in English if the file has no others.
    pub fn hints_in(&self, language: Language) -> &[String] {
        let wording = self.wordings.get(&language).filter(|wording| !wording.hints.is_empty());
        &wording.unwrap_or(&self.told).hints
    }
}

/// What an author says about a fault, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultWording {
    /// The symptom as somebody reports it.
    pub ticket: Option<String>,
    /// The hints, one step more each.
    pub hints: Vec<String>,
}

macro_rules! fault_kinds {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// The kind of a fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultKind {
            $($(#[$doc])* $name,)*
        }

        impl FaultKind {
            /// Every kind.
            pub const ALL: [FaultKind; Self::WORDS.len()] = [$(FaultKind::$name),*];
            /// Every kind's word.
            pub const WORDS: &[&str] = &[$($word),*];

            /// The kind of this word, in any case.
            pub fn named(word: &str) -> Option<Self> {
                FaultKind::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word))
            }

            /// As the file and the command line write it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(FaultKind::$name => $word,)*
                }
            }
        }
    };
}

fault_kinds! {
    /// An entry is missing, leads elsewhere, or a longer prefix is in its way.
    Route "route",
    /// A subnet uses another table.
    Association "association",
    /// A peering does not carry, or not where it should.
    Peering "peering",
    /// A security group drops what it should accept.
    Group "group",
    /// A network ACL drops what it should accept.
    Acl "acl",
    /// An address has moved, or is there twice.
    Address "address",
    /// Things were done in the wrong order.
    Order "order",
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Title and text of a lab or a step in other languages than English.
pub type Wordings = BTreeMap<Language, Wording>;

/// A title and a text in another language, if the file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// The title.
    pub title: Option<String>,
    /// The text.
    pub text: Option<String>,
}

impl Step {
    /// Its title in this language, or in English if the file has no other.
    pub fn title_in(&self, language: Language) -> &str {
        self.wordings.get(&language).and_then(|wording| wording.title.as_deref()).unwrap_or(&self.title)
    }

    /// Its text in this language.
    pub fn text_in(&self, language: Language) -> &str {
        self.wordings.get(&language).and_then(|wording| wording.text.as_deref()).unwrap_or(&self.text)
    }
}

/// A check: what must be true of packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The sender; never an address.
    pub from: Endpoint,
    /// The destination.
    pub to: Endpoint,
    /// The protocol.
    pub protocol: Protocol,
    /// The port from which the flow is opened, if the check gives one.
    pub source_port: Option<u16>,
    /// The size of its packets, if the check gives one.
    pub size: Option<u16>,
    /// The expected result.
    pub expect: Expect,
    /// Whether to check from `to` to `from` as well.
    pub both_ways: bool,
    /// The whole table.
    pub span: Span,
}

impl Check {
    /// From whom to whom it asks: one way, or both.
    pub fn ways(&self) -> impl Iterator<Item = (&Endpoint, &Endpoint)> {
        let back = self.both_ways.then_some((&self.to, &self.from));
        [(&self.from, &self.to)].into_iter().chain(back)
    }

    /// The packets that it asks about.
    pub fn traffic(&self) -> Traffic {
        Traffic::of(self.protocol, self.source_port).sized(self.size)
    }
}

/// The expectation of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The flow reaches.
    Reach,
    /// The flow does not reach, for this reason if one is given ([`Disposition::Drop`], never [`Disposition::Reach`]).
    Drop(Option<Disposition>),
    /// TCP goodput within 15 % of this.
    Bandwidth(Bandwidth),
}

impl Expect {
    /// Whether this prediction is as expected. A bandwidth is measured, not predicted: here the flow only has to reach.
    pub fn is_met_by(self, predicted: Disposition) -> bool {
        match self {
            Expect::Reach | Expect::Bandwidth(_) => predicted.reaches(),
            Expect::Drop(None) => !predicted.reaches(),
            Expect::Drop(Some(because)) => predicted == because,
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expect::Reach => f.pad("reach"),
            Expect::Drop(None) => f.pad("drop"),
            Expect::Drop(Some(because)) => because.fmt(f),
            Expect::Bandwidth(bandwidth) => bandwidth.fmt(f),
        }
    }
}

/// Whether `text` may be a lab's name: `[a-z0-9][a-z0-9-]{0,31}`.
pub fn is_lab_name(text: &str) -> bool {
    let fitting = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=32).contains(&text.len()) && !text.starts_with('-') && text.chars().all(fitting)
}

impl Lab {
    /// Its title in this language, or in English if the file has no other.
    pub fn title_in(&self, language: Language) -> Option<&str> {
        let wording = self.wordings.get(&language).and_then(|wording| wording.title.as_deref());
        wording.or(self.title.as_deref())
    }

    /// Its text in this language, or in English if the file has no other.
    pub fn text_in(&self, language: Language) -> Option<&str> {
        let wording = self.wordings.get(&language).and_then(|wording| wording.text.as_deref());
        wording.or(self.text.as_deref())
    }

    /// The lab as its author wrote it, without the faults of the exercise that it is.
    pub fn healthy(&self) -> Lab {
        let Some(exercise) = &self.exercise else { return self.clone() };
        Lab { base: self.base[..exercise.written].into(), built: Default::default(), ..self.clone() }
    }

    /// The checks after `done` steps: the lab's own if all are done, else those of the last step done.
    pub fn checks_after(&self, done: usize) -> &[Check] {
        if done >= self.steps.len() {
            &self.checks
        } else {
            done.checked_sub(1).map_or(&[], |last| &self.steps[last].checks)
        }
    }

    /// The checks that grade a lab: its own, or if it has none, those of the last step that has any.
    pub fn final_checks(&self) -> &[Check] {
        let last = self.steps.iter().rev().map(|step| &step.checks).find(|checks| !checks.is_empty());
        if self.checks.is_empty() { last.map_or(&[], |checks| checks) } else { &self.checks }
    }

    /// The number of checks that `peerlab test` runs: the lab's own and those of its steps; one with `both_ways` counts
    /// as two.
    pub fn count_checks(&self) -> usize {
        let all = self.checks.iter().chain(self.steps.iter().flat_map(|step| &step.checks));
        all.map(|check| check.ways().count()).sum()
    }

    /// The internet addresses to which checks send.
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        let checks = self.checks.iter().chain(self.steps.iter().flat_map(|step| &step.checks));
        checks.filter_map(|check| match check.to {
            Endpoint::Address(address) => Some(address),
            _ => None,
        })
    }
}
