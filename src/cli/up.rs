//! `peerlab up FILE`

use std::path::{Path, PathBuf};

use clap::Args;
use peerlab_ovn::Pin;
use serde::Serialize;

use super::context::Context;
use super::exercise;
use super::export;
use super::interrupt::Hold;
use super::lab_file::read_lab;
use super::messages::hosts::Said as Words;
use super::messages::steps::Said;
use super::next::{self, StepReport};
use super::target::{Until, running_lab, step_number, walk_on};
use super::verify;
use super::which_lab::NONE_UP;
use super::{Ending, addressed};
use crate::error::{Error, Errors};
use crate::journal::shared::shared;
use crate::lab::Lab;
use crate::message::Message;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::report::matrix;
use crate::report::status::CloudStatus;
use crate::session::{Run, Scope, Session, Settled, absolute, called};
use crate::target::{self, ovn};
use crate::terminal::{Terminal, Tone};
use crate::verify::{Options, Report};

/// Build a lab, or update a running lab to its file, then verify it
#[derive(Debug, Args)]
#[command(after_help = "\
With FILE, drops the operations that were done by hand since the last `up FILE`. Without FILE, repairs a running lab and keeps them: use it after an \
interrupted `up`, or if somebody changed the kernel.

Examples:
  peerlab up lab.toml
  peerlab up cross-account            a lab that ships with peerlab
  peerlab up lab.toml --until 0       the tables only; then `peerlab next`, step by step
  peerlab up lab.toml --name second   the same lab again under another name")]
pub(super) struct Arguments {
    /// The lab file, a shipped lab, or - (standard input); without it, a running lab is repaired
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    #[command(flatten)]
    until: Until,
    /// Do not ping
    #[arg(long)]
    no_verify: bool,
    /// Give the lab this name instead of its file's
    #[arg(long)]
    name: Option<String>,
    /// Over several hosts: run the instances whose names match on this host; `*` is for any characters. Can be given several times
    #[arg(long, value_name = "INSTANCE=HOST")]
    place: Vec<String>,
    /// Without FILE: the running lab to repair
    #[arg(long, conflicts_with_all = ["file", "name"])]
    lab: Option<String>,
}

/// The result of `up`, which is its JSON.
#[derive(Serialize)]
struct Reached<'a> {
    lab: &'a str,
    title: Option<&'a str>,
    text: Option<&'a str>,
    /// The number of changes in the kernel.
    changes: usize,
    steps: Vec<StepReport>,
    #[serde(flatten)]
    cloud: CloudStatus,
    /// The warnings.
    warnings: &'a [Message],
    /// Operations by hand that were dropped.
    dropped: Vec<Message>,
    /// The result of the verification; `null` with `--no-verify`.
    verify: Option<&'a Report>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    ovn::pin(pins(&arguments.place)?);
    match &arguments.file {
        Some(file) => from_file(file, arguments, context),
        None => again(arguments, context),
    }
}

/// Reads which instances are to be on which hosts.
fn pins(texts: &[String]) -> Result<Vec<Pin>, Error> {
    if !texts.is_empty() && shared().is_none() {
        return Err(Error::input(Words::PlaceNeedsOn).code("CommandLine").hint(Words::GiveOn));
    }
    let pin = |text: &String| {
        let wrong = |()| Error::input(msg!(Words::NoPin { text })).code("InvalidPlace").hint(Words::WritePin);
        text.parse().map_err(wrong)
    };
    texts.iter().map(pin).collect()
}

/// Brings the lab to what its file says: tables and steps.
fn from_file(file: &Path, arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let lab = read_lab(file, arguments.name.as_deref())?;
    let until = step_number(&lab, &arguments.until)?;
    let name = lab.name.clone();
    addressed::speak_of(&name);
    let (run, warnings) = walk(Run::begin(lab, absolute(file))?, until, context)?;
    target::check()?;
    let interrupts = Hold::new();
    let session = Session::open(&name, Some(run.lab()), context.waiting(&name, &interrupts))?;
    exercise::refuse(&name, session.before().map(|before| before.run.lab()).filter(|_| run.lab().exercise.is_none()))?;
    if let Some(before) = session.before()
        && before.run.path() != run.path()
    {
        let (from, to) = (before.run.path().display(), called(file).display());
        context.caution(msg!(Said::WasUpFrom { name, from, to }));
    }
    let dropped = session.before().map(|before| dropped(&before.run, &run, context)).unwrap_or_default();
    settle(session, &run, Told { dropped, warnings }, &interrupts, arguments, context)
}

/// Brings the lab to what its journal says: completes an interrupted `up`, repairs a changed kernel.
fn again(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    target::check()?;
    let name = running_lab(arguments.lab.as_deref()).map_err(|mut error| {
        if error.message == Message::from(NONE_UP) {
            error = Error::input(Said::NoLabNoFile).code("LabNotUp").hint(Said::GiveLabFile);
        }
        error
    })?;
    let interrupts = Hold::new();
    let (session, before) = Session::open_running(&name, context.waiting(&name, &interrupts))?;
    let mut told = Told::default();
    let run = match &arguments.until {
        Until { until: None } => {
            told.warnings = before.run.warnings().to_vec();
            before.run
        }
        until => {
            let steps = step_number(before.run.lab(), until)?;
            let anew = Run::begin(before.run.lab().clone(), before.run.path().to_owned())?;
            let (run, warnings) = walk(anew, steps, context)?;
            told = Told { dropped: dropped(&before.run, &run, context), warnings };
            run
        }
    };
    settle(session, &run, told, &interrupts, arguments, context)
}

/// Warns of operations by hand that will be dropped, before that happens, with the commands that keep them and that
/// repeat them.
fn dropped(before: &Run, wanted: &Run, context: &Context) -> Vec<Message> {
    let (lab, lost) = (&wanted.lab().name, before.lost_by(wanted));
    if !lost.is_empty() {
        let (many, keep) = (count(lost.len(), Thing::Operation), export::command(lab));
        context.caution(msg!(Said::UpDrops { many, keep }));
    }
    for (account, line) in &lost {
        let again = format!("peerlab api --lab {lab} --as {} {line}", shell_words::quote(account));
        context.caution(msg!(Said::DoesItAgain { again }));
    }
    lost.into_iter().map(|(account, operation)| msg!(Said::Did { account, operation })).collect()
}

/// Does the steps up to `until`, and shows the cloud's warnings.
fn walk(run: Run, until: usize, context: &Context) -> Result<(Run, Vec<Message>), Errors> {
    let mut warnings = Vec::new();
    let run = walk_on(run, until, |warning| {
        context.warn(warning);
        warnings.push(warning.clone());
    })?;
    Ok((run, warnings))
}

fn settle(
    mut session: Session,
    run: &Run,
    told: Told,
    interrupts: &Hold,
    arguments: &Arguments,
    context: &Context,
) -> Result<Ending, Errors> {
    let Settled { changes, notes, .. } = &session.settle(run, Scope::Whole, &context.progress())?;
    interrupts.heed_settled(&run.lab().name);
    for note in notes {
        context.warn(note);
    }
    context.show_changes(changes);
    context.talk(match changes.len() {
        0 => msg!(Said::NothingToDo),
        n => msg!(Said::MadeInKernel { count: count(n, Thing::Change) }),
    });
    drop(session);
    let checks = &run.checks(run.checks_now());
    let report = (!arguments.no_verify).then(|| {
        let held = || verify::held(run, checks, Options::default(), &context.progress());
        interrupts.verifying(&run.lab().name, held)
    });
    let report = report.transpose()?;
    let reached = Reached {
        lab: &run.lab().name,
        title: run.lab().title.as_deref(),
        text: run.lab().text.as_deref(),
        changes: changes.len(),
        steps: next::step_reports(run, context.out.language),
        cloud: CloudStatus::of(&run.lab().name, run.cloud()),
        warnings: &told.warnings,
        dropped: told.dropped,
        verify: report.as_ref(),
    };
    context.show(&reached, |out| match reached.verify {
        Some(report) if context.quiet => matrix::outcome(report, out),
        None if context.quiet => String::new(),
        _ => picture(&reached, run.lab(), context.verbose, out),
    });
    Ok(Ending::failed_if(report.is_some_and(|report| report.failed())))
}

/// What the user was warned of before the change; also in the JSON.
#[derive(Default)]
struct Told {
    dropped: Vec<Message>,
    warnings: Vec<Message>,
}

/// Shows the lab's text, the steps done, the peerings with their states, the matrix.
fn picture(reached: &Reached<'_>, lab: &Lab, verbose: bool, out: &Terminal) -> String {
    let title = format!("{}  {}", out.paint(Tone::Strong, reached.lab), lab.title_in(out.language).unwrap_or_default());
    let mut text = out.fit(title.trim_end(), 2) + "\n";
    if let Some(about) = lab.text_in(out.language).filter(|_| verbose) {
        text += &(out.wrap(about, 2) + "\n");
    }
    text += &next::render_steps(&reached.steps, out);
    let peerings = reached.cloud.render_peerings_in_short(out);
    if !peerings.is_empty() {
        text += &format!("\n{peerings}");
    }
    if let Some(report) = reached.verify {
        text += &format!("\n{}", matrix::render(report, out));
    }
    text
}
