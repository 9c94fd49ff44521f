//! The lab file: what its author wrote, as operations and checks.

use std::net::Ipv4Addr;

use crate::cloud::{Account, AccountName, Allow, Bandwidth, Cloud, Operation, Outcome, Provider};
use crate::error::{Error, Errors, Source, Span};
use crate::flow::{Disposition, Endpoint, Protocol};

/// A lab, resolved: nothing of it is as written any more but the operations' arguments.
#[derive(Clone, Debug)]
pub struct Lab {
    /// The file.
    pub source: Source,
    /// Its name, unless the user gives another: `[a-z0-9][a-z0-9-]{0,31}`.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Whose cloud.
    pub provider: &'static Provider,
    /// The relaxations it names.
    pub allow: Allow,
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// What the tables do, in order.
    pub base: Vec<Operation>,
    /// What must be true of the finished lab.
    pub checks: Vec<Check>,
    /// The tutorial, in order.
    pub steps: Vec<Step>,
}

/// A step of the tutorial.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is called.
    pub title: String,
    /// Who calls.
    pub account: AccountName,
    /// What the tutorial has its reader do.
    pub text: String,
    /// What is run.
    pub operations: Vec<Operation>,
    /// The code with which the last operation must be refused.
    pub refused: Option<(String, Span)>,
    /// What is true when it is done.
    pub checks: Vec<Check>,
    /// The whole table.
    pub span: Span,
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
/// Operations are parsed, not judged: see [`Lab::build`].
pub fn read(source: Source) -> Result<Lab, Errors> {
    let _ = source;
    todo!("lab helper")
}

/// Parses one operation, as in a `run` line. `origin` says where it stands.
pub fn parse_operation(line: &str) -> Result<crate::cloud::Call, Error> {
    let _ = line;
    todo!("lab helper")
}

impl Lab {
    /// The Cloud after the tables, with the warnings it gave; else every refusal that does not follow from another.
    pub fn build(&self) -> Result<(Cloud, Vec<String>), Errors> {
        todo!("lab helper")
    }

    /// Does step `index` (from 0) on `cloud`: each operation with what it did. An operation whose effect is there
    /// already (a learner did it by hand) is passed over. A refusal that the step does not expect, or an expected one
    /// that does not come, is an error at its line.
    pub fn play(&self, cloud: &mut Cloud, index: usize) -> Result<Vec<Done>, Error> {
        let _ = (cloud, index);
        todo!("lab helper")
    }

    /// The checks that hold once `done` steps are done: the lab's own when all are, else those of the last step done.
    pub fn checks_after(&self, done: usize) -> &[Check] {
        if done >= self.steps.len() {
            &self.checks
        } else {
            done.checked_sub(1).map_or(&[], |last| &self.steps[last].checks)
        }
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
    /// Its effect was there already.
    Already,
    /// It was refused, as the step says it must be.
    Refused(crate::cloud::Refusal),
}
