//! `peerlab verify`

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::interrupt::Hold;
use super::messages::steps::Said;
use super::target::{LabChoice, look};
use crate::error::Errors;
use crate::lab::Check;
use crate::msg;
use crate::progress::{Progress, Watched};
use crate::report::count::{Thing, count};
use crate::report::matrix;
use crate::session::{self, Run};
use crate::terminal::{Table, Terminal, Tone};
use crate::verify::{self, CheckResult, Options, Report};

/// Ping every pair of instances and compare the results with the checks and the prediction
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab verify
  peerlab verify --final              a grade: the finished lab's checks, whichever steps were done
  peerlab verify --full               every pair; the default is one probe for each class of pairs")]
pub(super) struct Arguments {
    #[command(flatten)]
    lab: LabChoice,
    /// Run the finished lab's checks, whichever steps were done; exit status 1 if one fails
    #[arg(long = "final")]
    finished: bool,
    /// Probe every pair
    #[arg(long)]
    full: bool,
}

/// The JSON of `verify`.
#[derive(Serialize)]
struct Verified<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// Where the checks come from.
    held: Held,
}

/// Where the checks come from, and their number; one with `both_ways` counts as two.
#[derive(Clone, Debug, Serialize)]
struct Held {
    checks: usize,
    /// `lab`, `step` or `none`.
    of: &'static str,
    /// The step's number, from 1.
    step: Option<usize>,
}

impl Held {
    /// The checks of the finished lab, or of its current step.
    fn of(run: &Run, finished: bool, report: &Report) -> Self {
        let (lab, done) = (run.lab(), run.steps_done());
        let of_step = |index: usize| Held { checks: report.checks.len(), of: "step", step: Some(index + 1) };
        let last = lab.steps.iter().rposition(|step| !step.checks.is_empty());
        match (finished, last) {
            (true, Some(last)) if lab.checks.is_empty() => of_step(last),
            (false, _) if done < lab.steps.len() && done > 0 => of_step(done - 1),
            _ if report.checks.is_empty() => Held { checks: 0, of: "none", step: None },
            _ => Held { checks: report.checks.len(), of: "lab", step: None },
        }
    }

    fn render(&self, run: &Run, finished: bool, out: &Terminal) -> String {
        let (steps, done) = (run.lab().steps.len(), run.steps_done());
        let checks = count(self.checks, Thing::Check);
        let said = match (self.step, self.checks) {
            (None, 0) if finished || done == steps => msg!(Said::HeldNone { checks }),
            (None, 0) => {
                msg!(Said::HeldNoStepDone { checks })
            }
            (Some(step), 0) if run.is_skipped(step - 1) => msg!(Said::HeldStepSkipped { checks, step }),
            (Some(step), 0) => {
                msg!(Said::HeldStepHasNone { checks, step })
            }
            (Some(step), _) if finished => msg!(Said::HeldThoseOfStep { checks, step }),
            (None, _) if finished => msg!(Said::HeldThoseOfFinished { checks }),
            _ => return String::new(),
        };
        out.say(said) + "\n"
    }
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (_, run) = look(&arguments.lab, context)?;
    let checks = if arguments.finished { run.lab().final_checks() } else { run.checks_now() };
    let mut report = held(&run, &run.checks(checks), Options { full: arguments.full }, &context.progress())?;
    if report.drift.is_empty() {
        report.drift = session::drift_at_a_glance(&run, None).unwrap_or_default();
    }
    let held = Held::of(&run, arguments.finished, &report);
    context.show(&Verified { report: &report, held: held.clone() }, |out| {
        let text = if context.quiet { matrix::outcome(&report, out) } else { matrix::render(&report, out) };
        text + &held.render(&run, arguments.finished, out)
    });
    if arguments.finished && held.checks == 0 {
        context.warn(Said::NothingGraded);
    }
    Ok(Ending::failed_if(report.failed()))
}

/// Pings every pair of a running lab and runs these checks. If something is not as predicted, looks for drift.
pub(super) fn held(run: &Run, checks: &[Check], options: Options, progress: &dyn Progress) -> Result<Report, Errors> {
    let lab = Watched { lab: &run.lab().name, progress };
    Hold::new().verifying(lab.lab, || {
        let mut report = verify::verify(lab, run.cloud(), checks, &run.lab().source, options)?;
        // Only then, because it reads the whole lab from the kernel.
        if report.summary.wrong() > 0 {
            report.drift = session::drift(run)?;
        }
        if !report.drift.is_empty() {
            // One is enough to see the effect of the drift.
            report.disagreements.truncate(1);
        }
        Ok(report)
    })
}

/// The checks of a report, one per line; many consecutive passed checks of the same kind share a line.
pub(super) fn checks_of(report: &Report, out: &Terminal) -> String {
    let mut table = Table::new();
    let same = |one: &CheckResult, other: &CheckResult| {
        one.passed && other.passed && (one.traffic(), one.expected) == (other.traffic(), other.expected)
    };
    for alike in report.checks.chunk_by(same) {
        if alike.len() > ALIKE {
            table.row(row_of(&alike[0], out.say(count(alike.len(), Thing::Check)), out));
        } else {
            let pair = |check: &CheckResult| format!("{} → {}", check.from, check.to);
            alike.iter().for_each(|check| table.row(row_of(check, pair(check), out)));
        }
    }
    table.render(out, 2)
}

/// The number of similar checks that are listed one per line.
const ALIKE: usize = 8;

fn row_of(check: &CheckResult, whose: String, out: &Terminal) -> [(Tone, String); 4] {
    let (mark, tone) = if check.passed { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
    [
        (tone, mark.to_owned()),
        (Tone::Plain, whose),
        (Tone::Faint, out.say(check.asked())),
        (Tone::Plain, out.say(verify::expected(&check.expected))),
    ]
}
