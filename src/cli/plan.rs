//! `peerlab plan FILE`

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::exercise;
use super::export;
use super::lab_file::read_lab;
use super::messages::steps::Said;
use super::target::{Until, step_number, walk_on};
use super::{Ending, addressed};
use crate::cloud::Cloud;
use crate::error::{Error, Errors};
use crate::journal::Store;
use crate::message::Message;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::report::messages::Said as Words;
use crate::report::plan::{self, ResourceChange};
use crate::session::{self, Run};
use crate::target;
use crate::terminal::{Terminal, Tone};

/// Show what `up` would change, by resource of the cloud
#[derive(Debug, Args)]
#[command(after_help = "\
Needs no privilege if the lab is not up.

Examples:
  peerlab plan lab.toml
  peerlab plan lab.toml -v            with the kernel's objects
  peerlab plan lab.toml --until 3")]
pub(super) struct Arguments {
    /// The lab file, or a shipped lab; -: standard input
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    until: Until,
    /// The name under which the lab runs, or would run
    #[arg(long)]
    name: Option<String>,
}

#[derive(Serialize)]
struct Planned {
    lab: String,
    running: bool,
    resources: Vec<ResourceChange>,
    /// What `up` would warn of.
    warnings: Vec<Message>,
    /// Operations by hand that `up` would drop.
    dropped: Vec<Message>,
    /// The command that keeps them in a file, if there are any.
    keep: Option<String>,
    /// Changes that bring the kernel back to the lab's current state, after a change by hand or an interrupted change.
    drift: Vec<String>,
    /// All changes to the kernel.
    kernel: Vec<String>,
}

/// The number of lines of drift shown without `-v`.
const SHOWN: usize = 8;

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let lab = read_lab(&arguments.file, arguments.name.as_deref())?;
    let name = lab.name.clone();
    addressed::speak_of(&name);
    let until = step_number(&lab, &arguments.until)?;
    let mut warnings = Vec::new();
    let desired = walk_on(Run::begin(lab, session::absolute(&arguments.file))?, until, |warning| {
        context.warn(warning);
        warnings.push(warning.clone());
    })?;
    let running = Store::of(&name).exists();
    if running {
        target::check().map_err(|error| up_needs_root(&name, error))?;
    }
    let before = if running { Some(session::look_beside(&name, Some(desired.lab()))?) } else { None };
    let current = before.as_ref().map(|before| &before.run);
    exercise::refuse(&name, current.map(|run| run.lab()))?;
    let kernel = changes_to(&name, current.is_some(), desired.cloud())?;
    let drift = match current.map(|run| run.cloud()) {
        Some(now) if now == desired.cloud() => kernel.clone(),
        Some(now) => changes_to(&name, true, now)?,
        None => Vec::new(),
    };
    let dropped = current.map(|run| run.lost_by(&desired)).unwrap_or_default();
    let dropped: Vec<_> =
        dropped.into_iter().map(|(account, operation)| msg!(Said::Did { account, operation })).collect();
    let planned = Planned {
        resources: plan::changes(current.map(|run| run.cloud()), desired.cloud()),
        keep: (!dropped.is_empty()).then(|| export::command(&name)),
        warnings,
        dropped,
        drift,
        kernel,
        lab: name,
        running,
    };
    context.show(&planned, |out| {
        if planned.kernel.is_empty() && planned.resources.is_empty() && planned.dropped.is_empty() {
            return out.say(msg!(Said::UpToDate { lab: &planned.lab })) + "\n";
        }
        let mut text = match planned.resources.as_slice() {
            [] => out.say(Said::NothingChanges) + "\n",
            resources => plan::render(resources, out),
        };
        for line in &planned.dropped {
            // An operation is never broken: it will be copied.
            text += &(out.say(msg!(Said::DroppedByHand { line })) + "\n");
        }
        if let Some(keep) = &planned.keep {
            let many = count(planned.dropped.len(), Thing::Operation);
            let said = msg!(Said::UpDrops { many, keep });
            text += &(fitted(out.say(said), 2, out) + "\n");
        }
        if !planned.drift.is_empty() {
            let why = match &before {
                Some(before) if !before.settled => msg!(Said::LastChangeCutShort),
                _ => msg!(Said::SomebodyChangedKernel),
            };
            let said = out.say(msg!(Said::UpRepairs { why }));
            text += &format!("{}{said}\n", out.paint(Tone::Bad, out.say(Said::Drift)));
            let shown = if context.verbose { planned.drift.len() } else { SHOWN };
            let lines = planned.drift.iter().take(shown).flat_map(|change| change.lines());
            text.extend(lines.map(|line| out.fit(&format!("  {line}"), 6) + "\n"));
            if let Some(more @ 1..) = planned.drift.len().checked_sub(shown) {
                text += &format!("  {}\n", out.say(msg!(Said::AndMore { more })));
            }
        }
        text += &out.say(msg!(Said::ChangesOfKernel { count: count(planned.kernel.len(), Thing::Change) }));
        if planned.drift == planned.kernel && (context.verbose || planned.drift.len() <= SHOWN) {
            return text + "\n";
        }
        if !context.verbose {
            return text + &out.paint(Tone::Faint, out.say(Said::VerboseShows)) + "\n";
        }
        let shown = |change: &String| fitted(format!("  {change}"), 6, out) + "\n";
        planned.kernel.iter().fold(text + out.say(Words::Colon).trim_end() + "\n", |text, change| text + &shown(change))
    });
    Ok(Ending::Done)
}

/// A line wrapped to the terminal; elsewhere a single line.
fn fitted(line: String, indent: usize, out: &Terminal) -> String {
    if std::io::stdout().is_terminal() { out.fit(&line, indent) } else { line }
}

/// The changes that bring a lab, up or not, to this Cloud.
fn changes_to(lab: &str, is_up: bool, cloud: &Cloud) -> Result<Vec<String>, Errors> {
    Ok(target::of(lab).changes(lab.into(), is_up, cloud)?.texts().collect())
}

fn up_needs_root(lab: &str, error: Error) -> Error {
    let message = msg!(Said::OnlyRootReads { lab, why: error.message });
    Error { message, ..error }
}
