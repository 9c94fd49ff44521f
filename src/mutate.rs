//! Finds the parts of a lab that no check covers: leaves out each part in turn, plays the lab again, and evaluates
//! every check at its place (docs/lab-format.md §1).
//!
//! Uses predictions only, so it needs neither kernel features nor root.

mod element;
mod event;
mod messages;
mod suggestion;

use crate::cloud::{Cloud, Operation, Part};
use crate::error::{Error, Errors, Kind, Span};
use crate::lab::{Lab, Unchecked};
use crate::verify::holds;

use crate::message::Message;
use crate::msg;
use crate::mutate::messages::Said;
use element::Element;
use event::{Event, events};
use suggestion::Suggestion;

/// The result of leaving out every part of a lab.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The number of parts left out in turn.
    pub parts: usize,
    /// The parts that no check covers.
    pub missed: Vec<Finding>,
    /// The parts that no check covers, with the lab's reason.
    pub excused: Vec<Finding>,
    /// Tables that the lab calls unchecked although checks cover every part of them.
    pub needless: Vec<Unchecked>,
}

/// A part of a lab that no check covers.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its kind, as in `this route entry`.
    pub what: &'static Part,
    /// Its operation, or the operation that it belongs to.
    pub operation: Operation,
    /// Its place in the file.
    pub span: Span,
    /// A check that would cover it; `None`: no packet depends on it.
    pub check: Option<Message>,
    /// The lab's reason, if it gives one.
    pub why: Option<String>,
}

impl Report {
    /// Whether the checks cover everything that the lab does not excuse.
    pub fn passed(&self) -> bool {
        self.missed.is_empty() && self.needless.is_empty()
    }

    /// The necessary corrections, each with its place in the lab's file.
    pub fn errors(&self, lab: &Lab) -> Errors {
        let missed = self.missed.iter().map(|finding| {
            let message = msg!(Said::Unchecked { what: finding.what, lab: &lab.name });
            let hint = match &finding.check {
                Some(check) => msg!(Said::AddCheck { check }),
                None => msg!(Said::NobodyDepends),
            };
            Error::new(Kind::Check, message).code("Unchecked").at(&lab.source, finding.span.clone()).hint(hint)
        });
        let needless = self.needless.iter().map(|unchecked| {
            let message = msg!(Said::Needless);
            let error = Error::new(Kind::Check, message).code("NotUnchecked");
            error.at(&lab.source, unchecked.said.clone()).hint(Said::LeaveOut)
        });
        Errors(missed.chain(needless).collect())
    }
}

/// Leaves out every part of a lab in turn. [`Lab::rehearse`] must report no errors for the lab.
pub fn mutate(lab: &Lab) -> Report {
    let events = events(lab);
    let mut report = Report::default();
    let mut used = vec![false; lab.unchecked.len()];
    let mut cloud = Cloud::new(lab.provider, lab.allow, lab.accounts.clone());
    for (index, event) in events.iter().enumerate() {
        let &Event::Operation(operation) = event else { continue };
        for element in Element::of(operation) {
            report.parts += 1;
            let mutant = element.leave_out(&cloud);
            let rest = &events[index + 1..];
            if noticed(mutant.clone(), rest) {
                continue;
            }
            let marker = innermost(&lab.unchecked, &element.span);
            let why = marker.map(|marker| lab.unchecked[marker].why.clone());
            let check = match marker {
                Some(_) => None,
                None => {
                    let mut whole = cloud.clone();
                    let _ = whole.apply(operation);
                    Suggestion::find(whole, mutant, rest).map(|found| found.message())
                }
            };
            let finding = Finding { what: element.what, operation: operation.clone(), span: element.span, check, why };
            match marker {
                Some(marker) => {
                    used[marker] = true;
                    report.excused.push(finding);
                }
                None => report.missed.push(finding),
            }
        }
        // The lab has no errors, so the cloud does not refuse this.
        let _ = cloud.apply(operation);
    }
    let needless = lab.unchecked.iter().zip(used).filter(|(_, used)| !used);
    report.needless = needless.map(|(unchecked, _)| unchecked.clone()).collect();
    report
}

/// Whether a check fails, or an expected refusal does not occur. If the cloud refuses an operation because of the
/// missing part, the operation is left out too.
fn noticed(mut cloud: Cloud, rest: &[Event<'_>]) -> bool {
    rest.iter().any(|event| match event {
        Event::Operation(operation) => {
            let _ = cloud.apply(operation);
            false
        }
        Event::Refused(operation, step) => !step.expects(cloud.clone().apply(operation).err().as_ref()),
        Event::Checks(checks, _) => checks.iter().any(|check| !holds(&cloud, check)),
    })
}

/// The smallest unchecked table that contains a span.
fn innermost(all: &[Unchecked], written: &Span) -> Option<usize> {
    let around = |unchecked: &Unchecked| unchecked.span.start <= written.start && written.end <= unchecked.span.end;
    let around = all.iter().enumerate().filter(|(_, unchecked)| around(unchecked));
    around.min_by_key(|(_, unchecked)| unchecked.span.len()).map(|(index, _)| index)
}

#[cfg(test)]
mod tests;
