//! `peerlab test FILE…`

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::context::Context;
use super::target::read_lab;
use super::validate::count;
use super::verify::held;
use super::{Ending, Test};
use crate::error::{Errors, Kind};
use crate::kernel;
use crate::lab::{Check, Lab};
use crate::report::matrix;
use crate::report::terminal::{Terminal, Tone};
use crate::session::{self, Run, Scope, Session};
use crate::verify::{Options, Report};

/// What came of a file.
#[derive(Serialize)]
struct Tested {
    file: String,
    lab: String,
    passed: bool,
    stages: Vec<Stage>,
    seconds: f64,
}

/// The tables, a step, or the finished lab.
#[derive(Serialize)]
struct Stage {
    title: String,
    passed: bool,
    verify: Option<Report>,
}

/// Every file is tested, whatever came of the one before. The gravest trouble decides the exit status.
pub(super) fn run(arguments: &Test, context: &Context) -> Result<Ending, Errors> {
    let labs: Vec<_> = arguments.files.iter().map(|file| (file, read_lab(file, None))).collect();
    kernel::privilege::check()?;
    let (mut tested, mut errors) = (Vec::new(), Errors::default());
    for (file, lab) in labs {
        match lab.and_then(|lab| test(file, lab, context)) {
            Ok(result) => tested.push(result),
            Err(found) => {
                if !context.json {
                    context.print(&format!("{} {}: not tested\n", context.out.paint(Tone::Bad, "✗"), file.display()));
                }
                errors.0.extend(found.0);
            }
        }
    }
    if context.json {
        context.print_json(&serde_json::json!({ "labs": tested }));
    } else {
        context.print(&summary(&tested, errors.0.len()));
    }
    errors.into_result()?;
    Ok(Ending::failed_if(tested.iter().any(|lab| !lab.passed)))
}

/// Brings a lab up under a name of its own, walks it, takes it down whatever happened.
fn test(file: &Path, lab: Lab, context: &Context) -> Result<Tested, Errors> {
    let (begun, own_name) = (Instant::now(), lab.name.clone());
    let name = name_for_test(&own_name);
    let walked = walk(file, Lab { name: name.clone(), ..lab }, context);
    let removed = session::take_down(&name, context.waiting(&name));
    let stages = match (walked, removed) {
        (Ok(stages), Ok(_)) => stages,
        (Ok(_), Err(errors)) => return Err(errors),
        (Err(errors), Ok(_)) => return Err(errors),
        // A lab that never came up cannot be taken down.
        (Err(errors), Err(not_up)) if not_up.kind() == Some(Kind::Input) => return Err(errors),
        (Err(mut errors), Err(more)) => {
            errors.0.extend(more.0);
            return Err(errors);
        }
    };
    let passed = stages.iter().all(|stage| stage.passed);
    let tested = Tested {
        file: file.display().to_string(),
        lab: own_name,
        passed,
        stages,
        seconds: begun.elapsed().as_secs_f64(),
    };
    if !context.json {
        context.print(&render(&tested, &context.out));
    }
    Ok(tested)
}

/// A name that no lab of a user has, in 32 bytes.
fn name_for_test(lab: &str) -> String {
    let process = format!("test-{}-", std::process::id());
    let kept = lab.len().min(32 - process.len());
    format!("{process}{}", &lab[..kept])
}

fn walk(file: &Path, lab: Lab, context: &Context) -> Result<Vec<Stage>, Errors> {
    let name = lab.name.clone();
    let mut run = Run::begin(lab, session::absolute(file))?;
    let mut session = Session::open(&name, context.waiting(&name))?;
    session.settle(&run, Scope::Whole)?;
    let mut stages = vec![Stage { title: "the tables".into(), passed: true, verify: None }];
    while let Some(done) = run.step()? {
        session.settle(&run, Scope::Change)?;
        let step = &run.lab().steps[done.index];
        stages.push(stage(format!("step {}: {}", done.index + 1, step.title), &run, &step.checks)?);
    }
    stages.push(stage("the finished lab".into(), &run, &run.lab().checks)?);
    Ok(stages)
}

fn stage(title: String, run: &Run, checks: &[Check]) -> Result<Stage, Errors> {
    let report = held(run, checks, Options::default())?;
    Ok(Stage { title, passed: !report.failed(), verify: Some(report) })
}

fn render(tested: &Tested, out: &Terminal) -> String {
    let mark = |passed| if passed { out.paint(Tone::Good, "✓") } else { out.paint(Tone::Bad, "✗") };
    let mut text = format!("{} {}  {:.1} s\n", mark(tested.passed), tested.file, tested.seconds);
    for stage in &tested.stages {
        let found = stage.verify.as_ref().map(|report| {
            let summary = &report.summary;
            format!("{}, {}", count(report.checks.len(), "check"), count(summary.pairs, "pair"))
        });
        let found = out.paint(Tone::Faint, found.unwrap_or_default());
        text += format!("  {} {}  {found}", mark(stage.passed), stage.title).trim_end();
        text += "\n";
        if let (false, Some(report)) = (stage.passed, &stage.verify) {
            text += &matrix::render(report, out.width, out.colour);
        }
    }
    text
}

fn summary(tested: &[Tested], not_tested: usize) -> String {
    let stages = tested.iter().flat_map(|lab| &lab.stages).filter_map(|stage| stage.verify.as_ref());
    let checks: usize = stages.map(|report| report.checks.len()).sum();
    let failed = tested.iter().filter(|lab| !lab.passed).count();
    let mut text = format!("{}, {}", count(tested.len(), "lab"), count(checks, "check"));
    text += &match (failed, not_tested) {
        (0, 0) => ": all hold".to_owned(),
        (failed, 0) => format!(": {} failed", count(failed, "lab")),
        (failed, not_tested) => format!(": {} failed, {not_tested} not tested", count(failed, "lab")),
    };
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_test_fits_however_long_the_lab_is_called() {
        let name = name_for_test(&"x".repeat(32));
        assert_eq!(name.len(), 32);
        assert!(crate::lab::is_lab_name(&name));
    }
}
