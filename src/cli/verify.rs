//! `peerlab verify`

use clap::Args;

use super::Ending;
use super::context::Context;
use super::target::{LabChoice, look};
use crate::error::Errors;
use crate::lab::{Check, Expect};
use crate::progress::{Progress, Watched};
use crate::report::matrix;
use crate::report::terminal::{Table, Terminal, Tone};
use crate::session::{self, Run};
use crate::verify::{self, Options, Report};

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
    context.show(&report, |out| matrix::render(&report, out));
    Ok(Ending::failed_if(report.failed()))
}

/// Pings every pair of a lab that is up, and holds these checks of its file.
pub(super) fn held(run: &Run, checks: &[Check], options: Options, progress: &dyn Progress) -> Result<Report, Errors> {
    let lab = Watched { lab: &run.lab().name, progress };
    session::verifying(lab.lab, || verify::verify(lab, run.cloud(), checks, &run.lab().source, options))
}

/// The checks of a report, a line each.
pub(super) fn checks_of(report: &Report, out: &Terminal) -> String {
    let mut table = Table::new();
    for check in &report.checks {
        let asked = match check.expected {
            Expect::Bandwidth(_) => out.word("bandwidth"),
            Expect::Reach | Expect::Drop(_) => check.protocol.to_string(),
        };
        let (mark, tone) = if check.passed { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
        table.row([
            (tone, mark.to_owned()),
            (Tone::Plain, format!("{} → {}", check.from, check.to)),
            (Tone::Faint, asked),
            (Tone::Plain, out.word(check.expected)),
        ]);
    }
    table.render(out, 2)
}
