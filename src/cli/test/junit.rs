//! What was found as a JUnit file: a suite for each lab, a case for each stage and for each check at its stage.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::walk::{Outcome, Stage, Tested};
use crate::error::{Error, Result};
use crate::report::terminal::Terminal;
use crate::report::{diagnostics, explain, matrix};
use crate::verify::{self, CheckResult};

/// The labs' suites, in the order of the files.
pub(super) fn report(tested: &[Tested], elapsed: Duration) -> Report {
    let mut report = Report::new("peerlab");
    report.set_time(elapsed);
    report.add_test_suites(tested.iter().map(suite));
    report
}

fn suite(lab: &Tested) -> TestSuite {
    let mut suite = TestSuite::new(&lab.file);
    suite.set_time(Duration::from_secs_f64(lab.seconds));
    suite.add_test_cases(lab.stages.iter().flat_map(|stage| cases(lab, stage)));
    suite
}

/// The stage itself, what was seen of every pair then, and its checks.
///
/// A verification asks all at once: each of its cases has an equal share of its time, so that a suite's times add up.
fn cases(lab: &Tested, stage: &Stage) -> Vec<TestCase> {
    let case = |name: String, status, seconds| {
        let mut case = TestCase::new(name, status);
        case.set_classname(lab.lab.as_ref().unwrap_or(&lab.file)).set_time(Duration::from_secs_f64(seconds));
        case.extra.insert("file".into(), lab.file.as_str().into());
        case
    };
    let mut cases = vec![case(stage.title.clone(), status(stage), stage.seconds)];
    let Some(report) = &stage.verify else { return cases };
    let share = stage.verified_in / (report.checks.len() + 1) as f64;
    cases.push(case(format!("{}: as predicted", stage.title), as_predicted(report), share));
    for (number, check) in report.checks.iter().enumerate() {
        let CheckResult { from, to, expected, line, .. } = check;
        let name = format!("{}: {from} → {to} {}: {expected} (line {line})", stage.title, asked(check));
        let why = stage.failures.iter().find(|failure| failure.check == number);
        let why = why.map(|failure| failure.text.clone()).unwrap_or_default();
        let mut case = case(name, held(check, why), share);
        case.extra.insert("line".into(), line.to_string().into());
        cases.push(case);
    }
    cases
}

fn status(stage: &Stage) -> TestCaseStatus {
    match stage.outcome {
        // What failed is told by the cases of its checks.
        Outcome::Passed | Outcome::Failed => TestCaseStatus::success(),
        Outcome::Skipped => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message("not reached");
            skipped
        }
        Outcome::Error => {
            let mut error = TestCaseStatus::non_success(NonSuccessKind::Error);
            if let [first, rest @ ..] = stage.errors.0.as_slice() {
                let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
                error
                    .set_type(first.code.as_deref().unwrap_or("error"))
                    .set_message(format!("{}{more}", first.message));
            }
            error.set_description(diagnostics::render(&stage.errors, &Terminal::PLAIN));
            error
        }
    }
}

fn as_predicted(report: &verify::Report) -> TestCaseStatus {
    if report.summary.disagree == 0 {
        return TestCaseStatus::success();
    }
    let mut text = matrix::render(report, &Terminal::PLAIN);
    for disagreement in &report.disagreements {
        text += &format!("\n{}", explain::evidence(disagreement, &Terminal::PLAIN));
    }
    failed("disagreement", format!("{} not as predicted", report.summary.disagree), text)
}

fn held(check: &CheckResult, why: String) -> TestCaseStatus {
    if check.passed {
        return TestCaseStatus::success();
    }
    let CheckResult { from, to, expected, predicted, observed, .. } = check;
    let message =
        format!("{from} → {to} {}: expected {expected}, predicted {predicted}, observed {observed}", asked(check));
    failed("check", message, why)
}

fn failed(kind: &str, message: String, text: String) -> TestCaseStatus {
    let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
    failed.set_type(kind).set_message(message).set_description(text);
    failed
}

fn asked(check: &CheckResult) -> String {
    match check.expected {
        crate::lab::Expect::Bandwidth(_) => "bandwidth".into(),
        _ => check.protocol.to_string(),
    }
}

/// A file that is there as a whole or not at all. Whatever stood there stays until then.
pub(super) struct Output {
    path: PathBuf,
    /// Where it is written; `None`: `path` is no regular file (`/dev/stdout`, a pipe), and is written to itself.
    beside: Option<PathBuf>,
    file: File,
}

impl Output {
    /// Opened before the first lab is brought up, so that nobody waits for a report that cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let special = fs::metadata(path).is_ok_and(|found| !found.is_file());
        if path.is_dir() {
            return Err(cannot(path, "it is a directory"));
        }
        let name = path.file_name().ok_or_else(|| cannot(path, "it names no file"))?;
        let beside = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
        let file = match special {
            true => OpenOptions::new().write(true).open(path),
            false => OpenOptions::new().write(true).create_new(true).open(&beside),
        };
        let file = file.map_err(|error| cannot(path, reason(&error)))?;
        Ok(Output { path: path.to_owned(), beside: (!special).then_some(beside), file })
    }

    pub fn write(mut self, report: &Report) -> Result<()> {
        let text = report.to_string().map_err(|error| cannot(&self.path, error.to_string()))?;
        let Some(beside) = &self.beside else {
            return self.file.write_all(text.as_bytes()).map_err(|error| cannot(&self.path, reason(&error)));
        };
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all());
        let placed = written.and_then(|()| fs::rename(beside, &self.path));
        placed.map_err(|error| cannot(&self.path, reason(&error)))?;
        self.beside = None;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such directory".into(),
        _ => error.to_string(),
    }
}

fn cannot(path: &Path, why: impl Into<String>) -> Error {
    Error::input(format!("cannot write {}: {}", path.display(), why.into()))
        .code("FileUnwritable")
        .hint("give --junit a file in a directory that is there")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Errors};

    fn stage(title: &str, outcome: Outcome, errors: Vec<Error>) -> Stage {
        Stage { errors: Errors(errors), ..Stage::new(title, outcome) }
    }

    #[test]
    fn a_stage_that_could_not_be_done_is_an_error_and_those_behind_it_are_skipped() {
        let errors =
            vec![Error::host("no room").code("ENOSPC").hint("make room"), Error::host("and\u{1b}[31m more \0")];
        let stages = vec![
            stage("the tables", Outcome::Passed, vec![]),
            stage("step 1: <first> & \"last\"", Outcome::Error, errors),
            stage("the finished lab", Outcome::Skipped, vec![]),
        ];
        let lab = Tested { file: "a.toml".into(), lab: Some("a".into()), passed: false, stages, seconds: 1.5 };
        let text = report(&[lab], Duration::from_secs(2)).to_string().unwrap();
        let xml = roxmltree::Document::parse(&text).unwrap();
        let suite = xml.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
        let counts = ["tests", "errors", "failures", "skipped", "time"].map(|name| suite.attribute(name).unwrap());
        assert_eq!(counts, ["3", "1", "0", "1", "1.500"]);
        let error = xml.descendants().find(|node| node.has_tag_name("error")).unwrap();
        assert_eq!(error.attribute("type"), Some("ENOSPC"));
        assert_eq!(error.attribute("message"), Some("no room (and 1 more)"));
        assert!(error.text().unwrap().contains("help: make room"), "{text}");
        let names: Vec<_> = suite.children().filter_map(|node| node.attribute("name")).collect();
        assert_eq!(names, ["the tables", "step 1: <first> & \"last\"", "the finished lab"]);
    }
}
