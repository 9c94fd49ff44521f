//! The results as a JUnit file: a suite for each lab, a case for each stage and for each check at its stage.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::walk::{Outcome, Stage, Tested};
use crate::cli::messages::test::Said;
use crate::error::{Error, Result};
use crate::msg;
use crate::report::{diagnostics, explain, matrix};
use crate::terminal::Terminal;
use crate::verify::{self, CheckResult};

/// The report as XML.
pub(super) fn text(tested: &[Tested], elapsed: Duration) -> Result<String> {
    let text = report(tested, elapsed).to_string();
    text.map_err(|error| Error::host(msg!(Said::NoJunit { error })))
}

/// The labs' suites, in the order of the files.
fn report(tested: &[Tested], elapsed: Duration) -> Report {
    let mut report = Report::new("peerlab");
    report.set_time(elapsed);
    report.add_test_suites(tested.iter().map(suite));
    report
}

/// The numbers of a report's cases, stages, verifications and checks.
pub(super) fn counted(tested: &[Tested]) -> [usize; 4] {
    let stages = tested.iter().map(|lab| lab.stages.len()).sum();
    let (verifications, checks) = verified(tested);
    [stages + verifications + checks, stages, verifications, checks]
}

/// The numbers of verifications and of their checks.
fn verified(tested: &[Tested]) -> (usize, usize) {
    let reports = || tested.iter().flat_map(Tested::reports);
    (reports().count(), reports().map(|report| report.checks.len()).sum())
}

fn suite(lab: &Tested) -> TestSuite {
    let mut suite = TestSuite::new(&lab.file);
    let [_, stages, verifications, checks] = counted(std::slice::from_ref(lab));
    for (name, number) in [("stages", stages), ("verifications", verifications), ("checks", checks)] {
        suite.add_property((name, number.to_string().as_str()));
    }
    suite.set_time(Duration::from_secs_f64(lab.seconds));
    suite.add_test_cases(lab.stages.iter().flat_map(|stage| cases(lab, stage)));
    suite
}

/// The cases of a stage: the stage itself, its verification of every pair, and its checks.
///
/// A verification probes all checks at once, so each of its cases gets an equal share of its time, and a suite's times
/// add up.
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
        let name = format!("{}: {from} → {to} {}: {expected} (line {line})", stage.title, check.asked());
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
        // The cases of its checks report failures.
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
    if report.summary.wrong() == 0 {
        return TestCaseStatus::success();
    }
    let mut text = matrix::render(report, &Terminal::PLAIN);
    for disagreement in &report.disagreements {
        text += &format!("\n{}", explain::evidence(disagreement, !report.drift.is_empty(), &Terminal::PLAIN));
    }
    failed("disagreement", format!("{} not as predicted", report.summary.wrong()), text)
}

fn held(check: &CheckResult, why: String) -> TestCaseStatus {
    if check.passed {
        return TestCaseStatus::success();
    }
    let CheckResult { from, to, expected, answered_by, .. } = check;
    let (predicted, observed) = (verify::foretold(check.predicted, answered_by), check.observed.told(answered_by));
    let message =
        format!("{from} → {to} {}: expected {expected}, predicted {predicted}, observed {observed}", check.asked());
    failed("check", message, why)
}

fn failed(kind: &str, message: String, text: String) -> TestCaseStatus {
    let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
    failed.set_type(kind).set_message(message).set_description(text);
    failed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Errors;
    use crate::message::Message;

    fn stage(title: &str, outcome: Outcome, errors: Vec<Error>) -> Stage {
        Stage { errors: Errors(errors), ..Stage::new(title, outcome) }
    }

    #[test]
    fn a_stage_that_could_not_be_done_is_an_error_and_those_behind_it_are_skipped() {
        let errors = vec![
            Error::host(Message::text("no room")).code("ENOSPC").hint(Message::text("make room")),
            Error::host(Message::text("and\u{1b}[31m more \0")),
        ];
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

    #[test]
    fn who_answered_in_the_place_of_another_is_named() {
        let endpoint = |name: &str| crate::flow::Endpoint::Instance(crate::cloud::InstanceName::trusted(name));
        let check = CheckResult {
            from: endpoint("a"),
            to: endpoint("b"),
            protocol: crate::flow::Protocol::Icmp,
            source_port: None,
            size: None,
            expected: crate::lab::Expect::Reach,
            predicted: crate::flow::Disposition::Reach,
            observed: verify::Observed::AnsweredByAnother,
            answered_by: verify::AnsweredBy {
                seen: Some(verify::Answerer::Endpoint(endpoint("b-2"))),
                predicted: None,
            },
            passed: false,
            line: 7,
        };
        let TestCaseStatus::NonSuccess { message, .. } = held(&check, "why".into()) else { panic!("it did not hold") };
        let message = message.unwrap();
        let said = "a → b icmp: expected reach, predicted reach, observed answered-by-another (b-2)";
        assert_eq!(message.as_str(), said);
    }
}
