//! `peerlab test --mutate FILE…`

use std::path::PathBuf;

use serde::Serialize;

use super::super::Ending;
use super::super::context::Context;
use super::super::lab_file::read_lab;
use crate::cli::messages::test::Said;
use crate::error::Errors;
use crate::lab::Lab;
use crate::message::Message;
use crate::msg;
use crate::mutate::{Finding, Report, mutate};
use crate::report::count::{Thing, count};
use crate::session;
use crate::terminal::{Terminal, Tone};

/// The result of a file.
#[derive(Serialize)]
struct Mutated {
    file: String,
    lab: String,
    passed: bool,
    /// The number of parts left out in turn.
    parts: usize,
    /// The parts that no check covers.
    missed: Vec<Part>,
    /// The parts that no check covers, with the lab's reason.
    unchecked: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    line: usize,
    what: Message,
    operation: String,
    /// A check that would cover it.
    check: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Part {
    fn new(finding: &Finding, lab: &Lab) -> Self {
        Part {
            line: lab.source.line(finding.span.start),
            what: Message::from(finding.what),
            operation: finding.operation.call.to_string(),
            check: finding.check.clone(),
            why: finding.why.clone(),
        }
    }
}

/// Examines every file, even after failures. Reports missing checks as errors.
pub(super) fn run(files: &[PathBuf], context: &Context) -> Result<Ending, Errors> {
    let (mut mutated, mut errors) = (Vec::new(), Errors::default());
    for file in files {
        match read_lab(file, None) {
            Ok(lab) => {
                let report = mutate(&lab);
                errors.0.extend(report.errors(&lab).0);
                mutated.push(result(session::called(file).display().to_string(), &lab, &report));
            }
            Err(found) => errors.0.extend(found.0),
        }
    }
    context.show(&serde_json::json!({ "labs": mutated }), |out| {
        mutated.iter().map(|lab| render(lab, out, context.verbose)).collect()
    });
    errors.into_result().map(|()| Ending::Done)
}

fn result(file: String, lab: &Lab, report: &Report) -> Mutated {
    let parts = |findings: &[Finding]| findings.iter().map(|finding| Part::new(finding, lab)).collect();
    Mutated {
        file,
        lab: lab.name.clone(),
        passed: report.passed(),
        parts: report.parts,
        missed: parts(&report.missed),
        unchecked: parts(&report.excused),
    }
}

fn render(lab: &Mutated, out: &Terminal, verbose: bool) -> String {
    let Mutated { file, parts, missed, unchecked, passed, .. } = lab;
    let mark = if *passed { out.paint(Tone::Good, "✓") } else { out.paint(Tone::Bad, "✗") };
    let found = match missed.len() {
        0 => msg!(Said::EachWouldBeMissed),
        n => msg!(Said::NobodyWouldMiss { n }),
    };
    let mut text =
        format!("{mark} {}", out.say(msg!(Said::Mutated { file, parts: count(*parts, Thing::Part), found })));
    if !unchecked.is_empty() {
        text += &out.say(msg!(Said::Unchecked { unchecked: unchecked.len() }));
    }
    text += "\n";
    for part in unchecked.iter().filter(|_| verbose) {
        let why = part.why.as_deref().unwrap_or_default();
        text += &out.paint(Tone::Faint, format!("  {file}:{}: {}: {why}", part.line, part.operation));
        text += "\n";
    }
    text
}
