//! `peerlab verify`

use clap::Args;

use super::Ending;
use super::context::Context;
use super::target::{LabChoice, look};
use super::validate::count;
use crate::error::Errors;
use crate::lab::{Check, Expect};
use crate::progress::{Progress, Watched};
use crate::report::matrix;
use crate::report::terminal::{Table, Terminal, Tone};
use crate::session::{self, Run};
use crate::verify::{self, CheckResult, Options, Report};

/// Ping every pair of instances and hold it against the checks and the prediction
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab verify
  peerlab verify --full               every pair, where the default sends one probe for each class of equal pairs")]
pub(super) struct Arguments {
    #[command(flatten)]
    lab: LabChoice,
    /// Probe every pair
    #[arg(long)]
    full: bool,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (_, run) = look(&arguments.lab, context)?;
    let report =
        held(&run, run.lab().checks_after(run.steps_done()), Options { full: arguments.full }, &context.progress())?;
    context.show(
        &report,
        |out| {
            if context.quiet { matrix::outcome(&report, out) } else { matrix::render(&report, out) }
        },
    );
    Ok(Ending::failed_if(report.failed()))
}

/// Pings every pair of a lab that is up, and holds these checks of its file.
pub(super) fn held(run: &Run, checks: &[Check], options: Options, progress: &dyn Progress) -> Result<Report, Errors> {
    let lab = Watched { lab: &run.lab().name, progress };
    session::verifying(lab.lab, || verify::verify(lab, run.cloud(), checks, &run.lab().source, options))
}

/// The checks of a report, a line each; where many that asked the same passed one behind the other, one for all of them.
pub(super) fn checks_of(report: &Report, out: &Terminal) -> String {
    let mut table = Table::new();
    let same = |one: &CheckResult, other: &CheckResult| {
        one.passed && other.passed && (one.protocol, one.expected) == (other.protocol, other.expected)
    };
    for alike in report.checks.chunk_by(same) {
        if alike.len() > ALIKE {
            table.row(row_of(&alike[0], out.word(count(alike.len(), "check")), out));
        } else {
            let pair = |check: &CheckResult| format!("{} → {}", check.from, check.to);
            alike.iter().for_each(|check| table.row(row_of(check, pair(check), out)));
        }
    }
    table.render(out, 2)
}

/// So many checks that asked the same are worth a line each.
const ALIKE: usize = 8;

fn row_of(check: &CheckResult, whose: String, out: &Terminal) -> [(Tone, String); 4] {
    let asked = match check.expected {
        Expect::Bandwidth(_) => out.word("bandwidth"),
        Expect::Reach | Expect::Drop(_) => check.protocol.to_string(),
    };
    let (mark, tone) = if check.passed { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
    [(tone, mark.to_owned()), (Tone::Plain, whose), (Tone::Faint, asked), (Tone::Plain, out.word(check.expected))]
}
