//! Tests one lab: brings it up under a unique name, runs every step and check, takes it down.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::interrupt::Hold;
use crate::cli::lab_file::read_lab;
use crate::cli::messages::steps;
use crate::cli::messages::test::Said;
use crate::cli::verify::held;
use crate::error::{Errors, Kind};
use crate::flow::PING_HEADERS;
use crate::journal::Store;
use crate::lab::{Check, Lab};
use crate::message::Message;
use crate::msg;
use crate::progress::Unwatched;
use crate::report::explain;
use crate::session::{self, Run, Scope, Session};
use crate::terminal::Terminal;
use crate::trace;
use crate::verify::{CheckResult, Options, Report};

/// The result of a file.
#[derive(Debug, Serialize)]
pub(super) struct Tested {
    /// The file's name as given.
    pub file: String,
    /// The lab's name; `None` if the file could not be read.
    pub lab: Option<String>,
    pub passed: bool,
    pub stages: Vec<Stage>,
    pub seconds: f64,
}

/// A stage: the file, the tables, a step, or the finished lab.
#[derive(Debug, Serialize)]
pub(super) struct Stage {
    pub title: String,
    /// The title in the reader's language.
    #[serde(skip)]
    pub shown: String,
    pub outcome: Outcome,
    pub passed: bool,
    /// The time to bring the lab to this stage.
    pub seconds: f64,
    /// The time to verify it, with all its checks at once.
    pub verified_in: f64,
    pub verify: Option<Report>,
    /// The failed checks, explained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// The errors that prevented it.
    #[serde(skip)]
    pub errors: Errors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Passed,
    /// A check failed, or something was not as predicted.
    Failed,
    /// It could not be done.
    Error,
    /// It was not reached.
    Skipped,
}

/// A failed check, with the output of `explain`.
#[derive(Debug, Serialize)]
pub(super) struct Failure {
    /// The index of the verification's check.
    #[serde(skip)]
    pub check: usize,
    #[serde(flatten)]
    pub explanation: explain::Json,
    #[serde(skip)]
    pub text: String,
}

impl Tested {
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.stages.iter().filter_map(|stage| stage.verify.as_ref())
    }

    /// The outcome of the worst stage.
    pub fn outcome(&self) -> Outcome {
        let worst = [Outcome::Error, Outcome::Failed, Outcome::Skipped];
        let met = |outcome: &Outcome| self.stages.iter().any(|stage| stage.outcome == *outcome);
        worst.into_iter().find(met).unwrap_or(Outcome::Passed)
    }

    /// The command that explains the first failed check; none for a lab from standard input.
    pub fn asks_why(&self) -> Option<String> {
        if session::called(Path::new("-")) == Path::new(&self.file) {
            return None;
        }
        let (index, stage) = self.stages.iter().enumerate().find(|(_, stage)| stage.outcome == Outcome::Failed)?;
        let CheckResult { from, to, protocol, source_port, size, .. } =
            stage.verify.as_ref()?.checks.iter().find(|check| !check.passed)?;
        // The tables come first, the finished lab last.
        let until = if index + 1 < self.stages.len() { format!(" --until {index}") } else { String::new() };
        let port = source_port.map_or_else(String::new, |port| format!(" --source-port {port}"));
        let size = size.map_or_else(String::new, |size| format!(" -s {}", size - PING_HEADERS));
        Some(format!("peerlab explain {from} {to} {protocol}{port}{size} -f {}{until}", shell_words::quote(&self.file)))
    }
}

impl Stage {
    pub fn new(title: impl ToString, outcome: Outcome) -> Self {
        let title = title.to_string();
        Stage {
            shown: title.clone(),
            title,
            outcome,
            passed: outcome == Outcome::Passed,
            seconds: 0.0,
            verified_in: 0.0,
            verify: None,
            failures: Vec::new(),
            errors: Errors::default(),
        }
    }

    fn broken(title: impl ToString, errors: Errors) -> Self {
        Stage { errors, ..Stage::new(title, Outcome::Error) }
    }
}

/// Tests the lab of a file until `stop`; always takes it down.
pub(super) fn test(file: &Path, stop: &AtomicBool, context: &Context) -> Tested {
    let begun = Instant::now();
    let (lab, stages) = match read_lab(file, None) {
        Ok(lab) => (Some(lab.name.clone()), walk(file, lab, stop, context)),
        Err(errors) => (None, vec![Stage::broken(Message::from(Said::TheFile), errors)]),
    };
    let passed = stages.iter().all(|stage| stage.passed);
    Tested {
        file: session::called(file).display().to_string(),
        lab,
        passed,
        stages,
        seconds: begun.elapsed().as_secs_f64(),
    }
}

fn walk(file: &Path, lab: Lab, stop: &AtomicBool, context: &Context) -> Vec<Stage> {
    let name = free_name(&lab.name);
    let steps = lab
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| msg!(Said::StageOfStep { number: index + 1, title: &step.title }));
    let titles: Vec<_> = [msg!(Said::TheTables)].into_iter().chain(steps).chain([msg!(Said::TheFinishedLab)]).collect();
    let language = context.out.language;
    let mut shown: Vec<_> = titles.iter().map(|title| context.out.say(title)).collect();
    for (index, step) in lab.steps.iter().enumerate() {
        shown[index + 1] =
            context.out.say(msg!(Said::StageOfStep { number: index + 1, title: step.title_in(language) }));
    }
    let mut walk = Walk { file, up: None, warned: BTreeSet::new(), context };
    let mut lab = Some(Lab { name: name.clone(), ..lab });
    let (mut stages, mut broken) = (Vec::new(), false);
    for (index, title) in titles.iter().enumerate() {
        let shown = shown[index].clone();
        if broken || stop.load(Ordering::Relaxed) {
            stages.push(Stage { shown, ..Stage::new(title, Outcome::Skipped) });
            continue;
        }
        let begun = Instant::now();
        let stage = match lab.take() {
            Some(lab) => walk.begin(title, lab),
            None => walk.go_on(title, index > walk.steps()),
        };
        let mut stage = stage.unwrap_or_else(|errors| Stage::broken(title, errors));
        stage.seconds = begun.elapsed().as_secs_f64() - stage.verified_in;
        broken = stage.outcome == Outcome::Error;
        stages.push(Stage { shown, ..stage });
    }
    drop(walk);
    match session::take_down(&name, context.waiting(&name, &Hold::new())) {
        // A lab that never came up cannot be taken down.
        Err(not_up) if not_up.kind() == Some(Kind::Input) => {}
        Err(errors) => stages.push(Stage::broken(Message::from(Said::TakingDown), errors)),
        Ok(_) => {}
    }
    stages
}

/// A lab during its test.
struct Walk<'a> {
    file: &'a Path,
    up: Option<(Run, Session)>,
    warned: BTreeSet<String>,
    context: &'a Context,
}

impl Walk<'_> {
    fn steps(&self) -> usize {
        self.up.as_ref().map_or(0, |(run, _)| run.lab().steps.len())
    }

    /// Does the tables.
    fn begin(&mut self, title: &Message, lab: Lab) -> Result<Stage, Errors> {
        let name = lab.name.clone();
        let run = Run::begin(lab, session::absolute(self.file))?;
        let interrupts = Hold::new();
        let session = Session::open(&name, None, self.context.waiting(&name, &interrupts))?;
        let (run, session) = self.up.insert((run, session));
        let notes = session.settle(run, Scope::Whole, &Unwatched)?.notes;
        self.warn(&notes);
        Ok(Stage::new(title, Outcome::Passed))
    }

    /// Does the next step, or the final checks.
    fn go_on(&mut self, title: &Message, at_the_end: bool) -> Result<Stage, Errors> {
        let Some((run, session)) = &mut self.up else { return Ok(Stage::new(title, Outcome::Skipped)) };
        if at_the_end {
            return verified(title, run, &run.lab().checks);
        }
        let Some(done) = run.step()? else { return Ok(Stage::new(title, Outcome::Skipped)) };
        let notes = session.settle(run, Scope::Change, &Unwatched)?.notes;
        let stage = verified(title, run, &run.lab().steps[done.index].checks);
        self.warn(&notes);
        stage
    }

    /// Prints each limitation of the kernel once.
    fn warn(&mut self, notes: &[Message]) {
        for note in notes {
            if self.warned.insert(note.to_string()) {
                self.context.warn(msg!(steps::Said::OfFile { file: self.file.display(), warning: note }));
            }
        }
    }
}

fn verified(title: &Message, run: &Run, checks: &[Check]) -> Result<Stage, Errors> {
    let begun = Instant::now();
    let report = held(run, checks, Options::default(), &Unwatched)?;
    let failed = report.checks.iter().enumerate().filter(|(_, check)| !check.passed);
    let outcome = if report.failed() { Outcome::Failed } else { Outcome::Passed };
    Ok(Stage {
        failures: failed.map(|(number, check)| failure(run, number, check)).collect(),
        verified_in: begun.elapsed().as_secs_f64(),
        verify: Some(report),
        ..Stage::new(title, outcome)
    })
}

fn failure(run: &Run, number: usize, check: &CheckResult) -> Failure {
    let source = Some(&run.lab().source);
    let explanation = trace::explain(run.cloud(), &check.from, &check.to, check.traffic());
    Failure {
        check: number,
        text: explain::render(&explanation, source, &Terminal::PLAIN),
        explanation: explain::to_json(&explanation, None, source),
    }
}

/// An unused lab name of at most 32 bytes: not a running lab's, another test's, or another file's of this test.
fn free_name(lab: &str) -> String {
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    loop {
        let name = name_for_test(lab, TAKEN.fetch_add(1, Ordering::Relaxed));
        if !Store::of(&name).exists() {
            return name;
        }
    }
}

fn name_for_test(lab: &str, number: usize) -> String {
    let mut name = format!("test-{}-{number}-{lab}", std::process::id());
    name.truncate(32);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_test_fits_however_long_the_lab_is_called() {
        let name = name_for_test(&"x".repeat(32), 1234);
        assert_eq!(name.len(), 32);
        assert!(crate::lab::is_lab_name(&name));
        assert_ne!(free_name("lab"), free_name("lab"));
    }
}
