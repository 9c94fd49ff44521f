//! Plays a lab against a Cloud: its tables, then its steps, with the Cloud's answers.

pub(super) mod messages;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::broken::Broken;
use super::lab::{Lab, Step};
use super::reader::sort;
use crate::cloud::*;
use crate::error::{Error, Errors, Kind, Source, Span};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// A refusal as an error at the argument at fault. `source` is the lab's file; a typed operation is its own source.
pub fn refused(operation: &Operation, refusal: &Refusal, source: &Source) -> Error {
    match &operation.origin {
        Origin::File { span, values } => at_fault(refusal, values, source, span),
        Origin::Api(line) => refused_as_typed(line, refusal),
        Origin::Provider => bare(refusal),
    }
}

/// A refusal of a typed operation, as an error at the argument at fault.
pub fn refused_as_typed(line: &Arc<str>, refusal: &Refusal) -> Error {
    let values = read(line).map(|line| line.values).unwrap_or_default();
    at_fault(refusal, &values, &Source::new("api", line.clone()), &(0..line.len()))
}

/// Resolves a reference of the command line to one of several kinds ([`Cloud::reference`]).
pub fn resolve_reference(
    cloud: &Cloud,
    bindings: &Bindings,
    kinds: &[ResourceKind],
    text: &str,
) -> Result<Option<(ResourceKind, String)>, Error> {
    cloud.reference(bindings, kinds, text).map_err(|refusal| bare(&refusal))
}

/// A refusal as an error without a place.
fn bare(refusal: &Refusal) -> Error {
    // The cloud never sees an ambiguous reference that was typed.
    let kind = if refusal.fault == Fault::AmbiguousReference { Kind::Input } else { Kind::Refused };
    Error::new(kind, &refusal.message).code(refusal.code.0).hint(&refusal.hint)
}

/// A refusal as an error at the argument at fault, with what is written there; at the `whole` operation if no argument is at
/// fault, or it was left out. Of several values of an argument, the refused one.
fn at_fault(refusal: &Refusal, values: &[WrittenValue], source: &Source, whole: &Span) -> Error {
    let mut given = values.iter().filter(|value| Some(value.argument) == refusal.argument);
    match given.nth(refusal.value) {
        Some(value) => bare(refusal).argument(value.argument, &value.text).at(source, value.span.clone()),
        None => bare(refusal).at(source, whole.clone()),
    }
}

/// The refusals so far, and the resources that they make unreliable.
pub(super) struct Refusals {
    source: Source,
    spoiled: Broken,
    errors: Vec<Error>,
}

impl Refusals {
    /// No refusals yet; `spoiled` contains what faults of the file make unreliable.
    pub(super) fn new(source: &Source, spoiled: Broken) -> Self {
        Refusals { source: source.clone(), spoiled, errors: Vec::new() }
    }

    /// Records a refusal, with all of the operation's faults, unless it follows from an earlier one.
    fn add(&mut self, cloud: &Cloud, operation: &Operation, refusal: &Refusal) {
        let follows = self.follows(&operation.call) || self.is_half_a_pair(cloud, &operation.call);
        // The other provider's operations are refused with any arguments.
        if !follows || refusal.fault == Fault::UnsupportedOperation {
            let faults = cloud.faults(operation);
            self.errors.extend(faults.iter().map(|fault| refused(operation, fault, &self.source)));
        }
        self.spoil(cloud, &operation.call);
    }

    fn follows(&self, call: &Call) -> bool {
        let words = words(call);
        words.subject.iter().chain(&words.mentions).any(|(kind, name)| self.spoiled.contains(*kind, name))
    }

    /// Whether the call connects an end whose other end is unreliable.
    fn is_half_a_pair(&self, cloud: &Cloud, call: &Call) -> bool {
        let Some((kind, end)) = call.connects() else { return false };
        cloud.written_opposite(kind, end).is_some_and(|far| self.spoiled.contains(kind, far))
    }

    /// Marks what the call would have created or changed as unreliable.
    fn spoil(&mut self, cloud: &Cloud, call: &Call) {
        for (kind, name) in words(call).subject {
            // A pair of ends is spoiled together.
            if let Some(far) = cloud.written_opposite(kind, &name) {
                self.spoiled.insert(kind, far);
            }
            self.spoiled.insert(kind, name);
        }
    }

    /// All recorded refusals, unsorted.
    pub(super) fn taken_down(self) -> Vec<Error> {
        self.errors
    }

    /// The recorded refusals in the order of the file; if there are very many, only the first.
    pub(super) fn into_errors(mut self) -> Vec<Error> {
        sort(&mut self.errors);
        self.errors
    }
}

/// Adds new warnings: each unknown region is reported once.
fn warn(warnings: &mut Vec<Message>, more: Vec<Message>) {
    for warning in more {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
}

/// The names in a call, each with its kind.
#[derive(Default)]
struct Words {
    /// The resource that it creates or changes as a whole: by name, and by id if one is given.
    subject: Vec<(ResourceKind, String)>,
    /// The other names.
    mentions: Vec<(ResourceKind, String)>,
}

fn words(call: &Call) -> Words {
    let mut words = Words::default();
    for (argument, texts) in call.arguments() {
        let texts = || texts.iter().cloned();
        let said = |kind: ResourceKind| texts().map(move |text| (kind, text));
        match argument.kind {
            ArgumentKind::New(kind) => {
                let Some(created) = call.created_as_written() else { continue };
                let (things, names) = created.things();
                words.subject.push((kind, created.name));
                words.subject.extend(names.into_iter().map(|name| (things, name)));
            }
            ArgumentKind::NewId(kind) | ArgumentKind::Deleted(kind) | ArgumentKind::Changed(kind) => {
                words.subject.extend(said(kind));
            }
            // An entry, a rule, an association: one of many, without which its resource is still usable.
            ArgumentKind::Thing(kinds) | ArgumentKind::NextHop(kinds) => {
                words.mentions.extend(kinds.iter().copied().flat_map(said));
            }
            _ => {}
        }
    }
    words
}

impl Lab {
    /// The Cloud after the tables, with its warnings; or every refusal that does not follow from another.
    pub fn build(&self) -> Result<(Cloud, Vec<Message>), Errors> {
        let mut refusals = Refusals::new(&self.source, Broken::default());
        let built = self.build_with(&mut refusals);
        Errors(refusals.into_errors()).into_result().map(|()| built)
    }

    /// The Cloud after the tables and every step, with its warnings; or every refusal that does not follow from
    /// another, and every expected refusal that does not occur. This finds all errors of a file. A refusal of a step after
    /// `until` is a warning.
    pub fn rehearse(&self) -> Result<(Cloud, Vec<Message>), Errors> {
        let mut refusals = Refusals::new(&self.source, Broken::default());
        let rehearsed = self.rehearse_with(&mut refusals);
        Errors(refusals.into_errors()).into_result().map(|()| rehearsed)
    }

    fn build_with(&self, refusals: &mut Refusals) -> (Cloud, Vec<Message>) {
        if let Some(built) = self.built.get() {
            return built.clone();
        }
        let mut all_done = true;
        let mut cloud = Cloud::new(self.provider, self.allow, self.accounts.clone()).at_pace(self.pace);
        let mut warnings = Vec::new();
        for operation in self.base.iter() {
            match cloud.apply(operation) {
                Ok(outcome) => warn(&mut warnings, outcome.warnings),
                Err(refusal) => {
                    all_done = false;
                    refusals.add(&cloud, operation, &refusal);
                }
            }
        }
        if self.exercise.is_some() {
            // Neither a warning nor the order of rules says what was done last.
            warnings.clear();
            cloud.forget_order();
        }
        if all_done {
            let _ = self.built.set((cloud.clone(), warnings.clone()));
        }
        (cloud, warnings)
    }

    pub(super) fn rehearse_with(&self, refusals: &mut Refusals) -> (Cloud, Vec<Message>) {
        let (mut cloud, mut warnings) = self.build_with(refusals);
        let until = self.until.unwrap_or(self.steps.len()).min(self.steps.len());
        let (steps, later) = self.steps.split_at(until);
        steps.iter().for_each(|step| self.rehearse_step(step, &mut cloud, &mut warnings, refusals));
        // `export` keeps a later step that the operations by hand got in the way of. They can be reversed before it is done.
        for (step, number) in later.iter().zip(until + 1..) {
            let mut refused = Refusals::new(&self.source, refusals.spoiled.clone());
            self.rehearse_step(step, &mut cloud, &mut warnings, &mut refused);
            if let Some(error) = refused.errors.into_iter().next() {
                warnings.push(msg!(Said::StepWouldBeRefused { step: number, why: error.message }));
                break;
            }
        }
        if self.exercise.is_none() {
            let mut broken = cloud.clone();
            for operation in self.faults.iter().flat_map(|fault| &fault.operations) {
                if let Err(refusal) = broken.apply(operation) {
                    refusals.add(&broken, operation, &refusal);
                }
            }
        }
        (cloud, warnings)
    }

    fn rehearse_step(&self, step: &Step, cloud: &mut Cloud, warnings: &mut Vec<Message>, refusals: &mut Refusals) {
        for (index, operation) in step.operations.iter().enumerate() {
            let expected = step.refused.as_ref().filter(|_| index + 1 == step.operations.len());
            let result = self.attempt(step, index, cloud, operation);
            match (result, expected) {
                (Ok(outcome), None) => warn(warnings, outcome.warnings),
                (Err(refusal), None) => refusals.add(cloud, operation, &refusal),
                (result, Some((code, span))) => {
                    let unmet = unmet(code, span, operation, result.as_ref().err(), &self.source);
                    if let Some(error) = unmet.filter(|_| !refusals.follows(&operation.call)) {
                        refusals.errors.push(error);
                    }
                }
            }
        }
        cloud.settle();
    }

    /// Tries one operation of a step, by its index. What a step with a refusal did before may still be under way when the
    /// operation that must be refused is called, which then changes nothing.
    fn attempt(&self, step: &Step, at: usize, cloud: &mut Cloud, operation: &Operation) -> Result<Outcome, Refusal> {
        let Some((code, _)) = &step.refused else { return cloud.apply(operation) };
        if at + 1 < step.operations.len() {
            cloud.settle();
            return cloud.begin(operation, 0);
        }
        match cloud.clone().begin(operation, 0) {
            Err(refusal) if means(code, refusal.code) => Err(refusal),
            _ => cloud.clone().apply(operation),
        }
    }

    /// Does step `index` (from 0) on `cloud`; returns each operation with its outcome. Skips an operation whose effect
    /// exists already because a learner did it by hand. An unexpected refusal, or an expected one that does not occur,
    /// is an error at its line and leaves `cloud` unchanged.
    pub fn play(&self, cloud: &mut Cloud, index: usize) -> Result<Vec<Done>, Error> {
        self.play_beside(cloud, index, &Beside::nobody(), &BTreeSet::new())
    }

    /// The same in addition to a learner's operations.
    ///
    /// `behind` contains the operations, by step and index, that the learner has behind them. They are skipped even if a
    /// later one has reversed their effect, because repeating them would undo the learner's work.
    pub fn play_beside(
        &self,
        cloud: &mut Cloud,
        index: usize,
        beside: &Beside<'_>,
        behind: &BTreeSet<(usize, usize)>,
    ) -> Result<Vec<Done>, Error> {
        let Some(step) = self.steps.get(index) else {
            let message = msg!(Said::NoSuchStep { lab: &self.name, step: index.saturating_add(1) });
            return Err(Error::input(message).hint(msg!(Said::HasSteps { steps: self.steps.len() })));
        };
        let mut after = cloud.clone();
        let done = (0..step.operations.len()).map(|at| match behind.contains(&(index, at)) {
            true => Ok(Done { operation: step.operations[at].clone(), result: DoneResult::Already(None) }),
            false => self.play_one(step, at, &mut after, beside).0,
        });
        let done = done.collect::<Result<_, _>>()?;
        after.settle();
        *cloud = after;
        Ok(done)
    }

    /// Does one operation of a step, by its index; on failure, returns the resolved operation.
    pub fn play_one(
        &self,
        step: &Step,
        at: usize,
        cloud: &mut Cloud,
        beside: &Beside<'_>,
    ) -> (Result<Done, Error>, Operation) {
        let written = &step.operations[at];
        let operation = Operation { call: beside.bindings.resolve(cloud, &written.call), ..written.clone() };
        let expected = step.refused.as_ref().filter(|_| at + 1 == step.operations.len());
        let bound = beside.bindings.creation(cloud, &written.call);
        let result = match (bound, expected) {
            (Some(made), None) => {
                let own = beside.bindings.references(cloud, &written.call).created(cloud);
                Ok(DoneResult::Already(Some(made).filter(|made| own.is_none_or(|own| own.name != *made))))
            }
            (_, Some((code, span))) => {
                let result = self.attempt(step, at, cloud, &operation);
                match unmet(code, span, &operation, result.as_ref().err(), &self.source) {
                    Some(_) if beside.is_there => Ok(DoneResult::Past),
                    Some(error) => Err(error),
                    None => result.map(DoneResult::Applied).or_else(|refusal| Ok(DoneResult::Refused(refusal))),
                }
            }
            // What a learner did is not repeated, even if the cloud would accept it once more.
            (None, None) if beside.is_there && cloud.already(&operation) => Ok(DoneResult::Already(None)),
            (None, None) => match self.attempt(step, at, cloud, &operation) {
                Ok(outcome) => Ok(DoneResult::Applied(outcome)),
                Err(_) if cloud.already(&operation) || (beside.did)(cloud, &operation) => Ok(DoneResult::Already(None)),
                Err(refusal) => Err(refused(&operation, &refusal, &self.source)),
            },
        };
        (result.map(|result| Done { operation: operation.clone(), result }), operation)
    }
}

/// One operation of a step that was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// The operation.
    pub operation: Operation,
    /// The outcome.
    pub result: DoneResult,
}

/// The outcome of a step's operation.
#[derive(Clone, Debug)]
pub enum DoneResult {
    /// It was done.
    Applied(Outcome),
    /// Its effect existed already, or it was done by hand before: under the lab's own names, or under this one.
    Already(Option<String>),
    /// An expected refusal that no longer occurs because of what was done by hand; it is skipped.
    Past,
    /// It was refused, as the step expects.
    Refused(Refusal),
}

/// The context of a learner's operations for a step.
pub struct Beside<'a> {
    /// The bindings of the lab's names to the learner's resources.
    pub bindings: Bindings,
    /// Whether the learner did this operation before. If the Cloud refuses to repeat it, it is skipped, even if a later
    /// operation has reversed its effect.
    pub did: &'a dyn Fn(&Cloud, &Operation) -> bool,
    /// Whether a learner did anything by hand.
    pub is_there: bool,
}

impl Beside<'_> {
    /// No learner did anything.
    pub fn nobody() -> Self {
        Beside { bindings: Bindings::default(), did: &|_, _| false, is_there: false }
    }
}

impl Step {
    /// Whether this is the expected refusal of its last operation; `None`: it was not refused.
    pub fn expects(&self, refusal: Option<&Refusal>) -> bool {
        let expected = self.refused.as_ref().zip(refusal);
        expected.is_some_and(|((code, _), refusal)| means(code, refusal.code))
    }
}

/// The error for an expected refusal that did not occur, or had another code.
fn unmet(code: &str, at: &Span, operation: &Operation, came: Option<&Refusal>, source: &Source) -> Option<Error> {
    let error = match came {
        Some(refusal) if means(code, refusal.code) => return None,
        Some(refusal) => {
            let message = msg!(Said::RefusedOtherwise { wanted: code, code: &refusal.code });
            Error::input(message).hint(msg!(Said::MessageAndHint { message: &refusal.message, hint: &refusal.hint }))
        }
        None => {
            let message = msg!(Said::NotRefused { code });
            Error::input(message).hint(msg!(Said::LeaveRefusedOut))
        }
    };
    let error = error.code("NotRefused").at(source, at.clone());
    Some(match &operation.origin {
        Origin::File { span, .. } => error.related(source, span.clone(), msg!(Said::ThisWasCalled)),
        _ => error,
    })
}

/// Whether a lab that expects `written` means `code`: with or without its HTTP status, or the status alone
/// (docs/cloud.md §2).
fn means(written: &str, code: Code) -> bool {
    let (status, name) = match written.split_once(' ') {
        Some((status, name)) => (status, name.trim()),
        None if written.starts_with(|c: char| c.is_ascii_digit()) => (written, ""),
        None => ("", written),
    };
    let by_status = match status {
        "404" | "409" | "429" => code.has_status(status),
        _ => status.is_empty(),
    };
    by_status && (name.is_empty() && !status.is_empty() || code.is(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_meant_with_and_without_its_status() {
        for written in ["AlreadyExists", "409 AlreadyExists", "409"] {
            assert!(means(written, Code("AlreadyExists")), "{written}");
        }
        for written in ["QuotaExceeded", "404 AlreadyExists", "404", "", " ", "409 NotFound"] {
            assert!(!means(written, Code("AlreadyExists")), "{written}");
        }
    }
}
