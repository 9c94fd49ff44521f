//! The lab file: what its author wrote, as operations and checks.

mod broken;
mod check;
mod export;
mod file;
mod keys;
mod line;
mod play;
mod reader;
mod reference;
mod resolve;
mod schema;
mod step;
mod syntax;
mod tables;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};

pub use self::export::{Entry, Exported, export};
use self::file::File;
use self::play::Refusals;
pub use self::play::{Beside, refused, refused_as_typed, resolve_reference};
use self::reader::Faults;
pub(crate) use self::reader::nearest;
pub use self::reference::{parts, reference};
pub use self::schema::schema;
pub use self::step::parse_operation;
use crate::cloud::{Account, AccountName, Allow, Bandwidth, Cloud, Operation, Outcome, Provider};
use crate::error::{Errors, Source, Span};
use crate::flow::{Disposition, Endpoint, Protocol};
use crate::language::Language;

/// A lab, resolved: nothing of it is as written any more but the operations' arguments.
#[derive(Clone, Debug)]
pub struct Lab {
    /// The file.
    pub source: Source,
    /// Its name, unless the user gives another: `[a-z0-9][a-z0-9-]{0,31}`.
    pub name: String,
    /// Its title, in English.
    pub title: Option<String>,
    /// What its reader needs beforehand, and what it teaches, in English.
    pub text: Option<String>,
    /// Both in other languages.
    pub wordings: Wordings,
    /// Whose cloud.
    pub provider: &'static Provider,
    /// The relaxations it names.
    pub allow: Allow,
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// How many steps are done where nobody says; `None`: all.
    pub until: Option<usize>,
    /// What the tables do, in order.
    pub base: Arc<[Operation]>,
    /// What must be true of the finished lab.
    pub checks: Vec<Check>,
    /// The tutorial, in order.
    pub steps: Vec<Step>,
    /// What it says of what no check would miss.
    pub unchecked: Vec<Unchecked>,
    /// What came of `base`, once it was asked: the Cloud and its warnings.
    pub(crate) built: Arc<OnceLock<(Cloud, Vec<String>)>>,
}

/// Why no check would miss what stands in a table (`peerlab test --mutate`).
#[derive(Clone, Debug)]
pub struct Unchecked {
    /// The whole table.
    pub span: Span,
    /// Why.
    pub why: String,
    /// Where that is said.
    pub said: Span,
}

/// A step of the tutorial.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is called, in English.
    pub title: String,
    /// Who calls; `None` where nothing is run and the lab has several accounts.
    pub account: Option<AccountName>,
    /// What the tutorial has its reader do, in English.
    pub text: String,
    /// Both in other languages.
    pub wordings: Wordings,
    /// What is run.
    pub operations: Vec<Operation>,
    /// The code with which the last operation must be refused.
    pub refused: Option<(String, Span)>,
    /// What is true when it is done.
    pub checks: Vec<Check>,
    /// The whole table.
    pub span: Span,
}

/// What a lab or a step says in other languages than English.
pub type Wordings = BTreeMap<Language, Wording>;

/// A title and a text in another language; each where the file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// What it is called.
    pub title: Option<String>,
    /// What the tutorial has its reader do.
    pub text: Option<String>,
}

impl Step {
    /// Its title for a reader of this language: English where the file has no other.
    pub fn title_in(&self, language: Language) -> &str {
        self.wordings.get(&language).and_then(|wording| wording.title.as_deref()).unwrap_or(&self.title)
    }

    /// Its text for a reader of this language.
    pub fn text_in(&self, language: Language) -> &str {
        self.wordings.get(&language).and_then(|wording| wording.text.as_deref()).unwrap_or(&self.text)
    }
}

/// A claim about packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// From where; never an address.
    pub from: Endpoint,
    /// To where.
    pub to: Endpoint,
    /// With what.
    pub protocol: Protocol,
    /// What must be seen.
    pub expect: Expect,
    /// Whether it must be seen from `to` to `from` as well.
    pub both_ways: bool,
    /// The whole table.
    pub span: Span,
}

/// What a check expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It gets there and back.
    Reach,
    /// It does not; for this reason, where one is given ([`Disposition::Drop`], never [`Disposition::Reach`]).
    Drop(Option<Disposition>),
    /// TCP goodput within 15 % of this.
    Bandwidth(Bandwidth),
}

/// Reads a lab file: all of its errors in one run, each with its place.
///
/// Operations are parsed, not judged: see [`Lab::build`] and [`Lab::rehearse`]. Where the file has faults, though, what
/// the cloud would refuse of the rest is reported with them.
pub fn read(source: Source) -> Result<Lab, Errors> {
    read_as(source, None)
}

/// The same for a lab that the user gives a name: its file need not have one, nor a stem that could be one.
pub fn read_as(source: Source, name: Option<&str>) -> Result<Lab, Errors> {
    let mut faults = Faults::new(&source);
    let document = syntax::parse(&source.text, &mut faults);
    let broken_lines = syntax::BrokenLines::of(&source, &faults);
    let file = File::read(&document, &mut faults);
    let resolved = resolve::resolve(file, name, &mut faults);
    if !faults.any()
        && let Some(resolved) = resolved
    {
        return Ok(resolved.lab);
    }
    if let Some(broken) = broken_lines {
        // What the parser could not make out may be missing below: only what is wrong in itself is sure.
        faults.retain(|error| broken.keeps(error));
    } else if let Some(resolved) = resolved {
        let mut refusals = Refusals::new(&source, resolved.broken);
        resolved.lab.rehearse_with(&mut refusals);
        refusals.taken_down().into_iter().for_each(|error| faults.push(error));
    }
    Err(faults.into_errors())
}

/// Whether `text` may name a lab: `[a-z0-9][a-z0-9-]{0,31}`.
pub fn is_lab_name(text: &str) -> bool {
    let fitting = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=32).contains(&text.len()) && !text.starts_with('-') && text.chars().all(fitting)
}

impl Lab {
    /// Its title for a reader of this language: English where the file has no other.
    pub fn title_in(&self, language: Language) -> Option<&str> {
        let wording = self.wordings.get(&language).and_then(|wording| wording.title.as_deref());
        wording.or(self.title.as_deref())
    }

    /// Its text for a reader of this language: English where the file has no other.
    pub fn text_in(&self, language: Language) -> Option<&str> {
        let wording = self.wordings.get(&language).and_then(|wording| wording.text.as_deref());
        wording.or(self.text.as_deref())
    }

    /// The checks that hold once `done` steps are done: the lab's own when all are, else those of the last step done.
    pub fn checks_after(&self, done: usize) -> &[Check] {
        if done >= self.steps.len() {
            &self.checks
        } else {
            done.checked_sub(1).map_or(&[], |last| &self.steps[last].checks)
        }
    }

    /// The checks that grade a lab: its own; where it has none, those of its last step that has any.
    pub fn final_checks(&self) -> &[Check] {
        let last = self.steps.iter().rev().map(|step| &step.checks).find(|checks| !checks.is_empty());
        if self.checks.is_empty() { last.map_or(&[], |checks| checks) } else { &self.checks }
    }

    /// How many checks `peerlab test` holds: the lab's own and those of its steps, one that holds both ways as two.
    pub fn count_checks(&self) -> usize {
        let all = self.checks.iter().chain(self.steps.iter().flat_map(|step| &step.checks));
        all.map(|check| 1 + usize::from(check.both_ways)).sum()
    }

    /// The addresses out there that checks ask for.
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        let checks = self.checks.iter().chain(self.steps.iter().flat_map(|step| &step.checks));
        checks.filter_map(|check| match check.to {
            Endpoint::Address(address) => Some(address),
            _ => None,
        })
    }
}

/// One operation of a step that was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// The operation.
    pub operation: Operation,
    /// What came of it.
    pub result: DoneResult,
}

/// What came of an operation of a step.
#[derive(Clone, Debug)]
pub enum DoneResult {
    /// It was done.
    Applied(Outcome),
    /// Its effect was there already, or it was done by hand before: under the lab's own names, or this one.
    Already(Option<String>),
    /// It was to be refused, and after what was done by hand it would not be, or otherwise: it is passed over.
    Past,
    /// It was refused, as the step says it must be.
    Refused(crate::cloud::Refusal),
}

#[cfg(test)]
mod tests;
