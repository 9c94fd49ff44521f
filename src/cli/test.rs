//! `peerlab test FILE…`

mod junit;
mod mutate;
mod walk;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;

use self::walk::{Outcome, Stage, Tested};
use super::Ending;
use super::context::Context;
use super::interrupt::Hold;
use super::messages::test::Said;
use super::output::Output;
use super::side_by_side::{Stop, side_by_side};
use crate::error::Errors;
use crate::journal::shared::shared;
use crate::message::Message;
use crate::msg;
use crate::progress::Work;
use crate::report::count::{Thing, count};
use crate::report::matrix;
use crate::report::messages::Said as Words;
use crate::target;
use crate::terminal::{Terminal, Tone};
use crate::verify::Report;

/// Bring labs up under temporary names, do every step, run every check, take them down
#[derive(Debug, Args)]
#[command(after_help = "\
Ctrl-C takes down what is up and still writes the report of the results so far.

Examples:
  peerlab test labs/*.toml
  peerlab test labs/*.toml --junit peerlab.xml
                                      a report for CI: a case for each step and each check
  peerlab test --mutate labs/*.toml   which parts no check covers; no privilege")]
pub(super) struct Arguments {
    /// Lab files, or shipped labs; -: standard input
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Test the checks instead: leave out each route, rule, association, … in turn, and list those that no check covers
    #[arg(long, conflicts_with_all = ["junit", "jobs"])]
    mutate: bool,
    /// Write the results to a JUnit file
    #[arg(long, value_name = "OUT", value_hint = clap::ValueHint::FilePath)]
    junit: Option<PathBuf>,
    /// Number of labs at a time; default: two per processor
    #[arg(short, long, value_name = "N", value_parser = number_of_jobs)]
    jobs: Option<std::num::NonZeroUsize>,
}

impl Arguments {
    pub(super) fn only_reads_files(&self) -> bool {
        self.mutate
    }
}

/// Tests every file, even after failures. The gravest error determines the exit status. Ctrl-C takes down what is up;
/// the results so far are still written.
pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    if arguments.mutate {
        return mutate::run(&arguments.files, context);
    }
    target::check()?;
    let output = arguments.junit.as_deref().map(Output::create).transpose()?;
    let begun = Instant::now();
    // Before any other thread starts, so that all hold back the same signals.
    let signals = Hold::new();
    // Several hosts do one lab's packets after the other.
    let usual = || if shared().is_some() { 1 } else { jobs() };
    let jobs = arguments.jobs.map_or_else(usual, usize::from);
    let (tested, interrupted) = test_all(&arguments.files, jobs, &signals, context);
    if let (Some(output), Some(path)) = (output, &arguments.junit) {
        output.write(junit::text(&tested, begun.elapsed())?.as_bytes())?;
        let [cases, stages, verifications, checks] = junit::counted(&tested);
        let (cases, stages) = (count(cases, Thing::Case), count(stages, Thing::Stage));
        let (verifications, checks) = (count(verifications, Thing::Verification), count(checks, Thing::Check));
        context.talk(msg!(Said::JunitWritten { file: path.display(), cases, stages, verifications, checks }));
    }
    if context.json {
        context.print_json(&serde_json::json!({ "labs": tested }));
    } else {
        context.print(&summary(&tested, begun.elapsed(), &context.out));
    }
    if let Some(signal) = interrupted {
        signals.end_by(signal);
    }
    let errors = tested.iter().flat_map(|lab| &lab.stages).flat_map(|stage| stage.errors.0.iter().cloned());
    Errors(errors.collect()).into_result()?;
    Ok(Ending::failed_if(tested.iter().any(|lab| !lab.passed)))
}

fn number_of_jobs(text: &str) -> std::result::Result<std::num::NonZeroUsize, Message> {
    text.parse().map_err(|_| msg!(Said::GiveNumberFromOne))
}

/// Labs spend most of their time waiting, for answers that must not come and for flows to be measured. On 2 processors
/// the shipped labs take 48 s one by one, 26 s two at a time, 16 s four at a time, 14 s eight at a time.
fn jobs() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// Tests several labs at once; shows each as soon as all before it are shown. Returns the signal that interrupted it,
/// if any.
fn test_all(
    files: &[PathBuf],
    jobs: usize,
    signals: &Hold,
    context: &Context,
) -> (Vec<Tested>, Option<nix::sys::signal::Signal>) {
    let stop = Stop::new(signals);
    let stops = &stop.stops;
    let progress = context.progress();
    let mut tested = Vec::new();
    side_by_side(
        files,
        jobs,
        (&progress, Work::Testing),
        |file| walk::test(file, stops, context),
        |lab| {
            if let Some(lab) = lab {
                if !context.json && (!context.quiet || !lab.passed) {
                    progress.aside(|| context.print(&render(&lab, context)));
                }
                tested.push(lab);
            }
            stop.heed(Said::InterruptedTest, context);
        },
    );
    (tested, stop.by())
}

fn mark(outcome: Outcome, out: &Terminal) -> String {
    match outcome {
        Outcome::Passed => out.paint(Tone::Good, "✓"),
        Outcome::Failed | Outcome::Error => out.paint(Tone::Bad, "✗"),
        Outcome::Skipped => out.paint(Tone::Faint, "-"),
    }
}

/// A lab: a line for each stage, and below a failed one what was observed.
fn render(lab: &Tested, context: &Context) -> String {
    let out = &context.out;
    let outcome = if lab.passed { Outcome::Passed } else { Outcome::Failed };
    let mut text = format!("{} {}  {:.1} s\n", mark(outcome, out), lab.file, lab.seconds);
    for stage in &lab.stages {
        let found = out.paint(Tone::Faint, out.say(found(stage)));
        text += format!("  {} {}  {found}", mark(stage.outcome, out), stage.shown).trim_end();
        text += "\n";
        if let (Outcome::Failed, Some(report)) = (stage.outcome, &stage.verify) {
            let width = out.width.saturating_sub(4);
            let shown = matrix::render(report, &Terminal { width, ..*out });
            text.extend(shown.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n"));
        }
    }
    if let Some(why) = lab.asks_why() {
        text += &format!("  {}\n", out.paint(Tone::Faint, out.say(msg!(Said::SaysWhyFirstFailed { why }))));
    }
    text
}

fn found(stage: &Stage) -> Message {
    match (&stage.verify, stage.outcome) {
        (Some(report), _) => {
            msg!(Said::ChecksAndPairs {
                checks: count(report.checks.len(), Thing::Check),
                pairs: count(report.summary.pairs, Thing::Pair)
            })
        }
        (None, Outcome::Error) => match stage.errors.0.as_slice() {
            [only] => only.message.clone(),
            several => count(several.len(), Thing::Error),
        },
        (None, Outcome::Skipped) => msg!(Said::NotReached),
        (None, _) => Message::text(""),
    }
}

fn summary(tested: &[Tested], elapsed: Duration, out: &Terminal) -> String {
    let checks: usize = tested.iter().flat_map(Tested::reports).map(|report: &Report| report.checks.len()).sum();
    let of = |outcome| tested.iter().filter(|lab| lab.outcome() == outcome).count();
    let mut parts =
        vec![out.say(count(tested.len(), Thing::Lab)) + &out.say(Words::Comma) + &out.say(count(checks, Thing::Check))];
    let trouble = [Outcome::Failed, Outcome::Error, Outcome::Skipped].map(|outcome| (outcome, of(outcome)));
    let trouble = trouble.into_iter().filter(|(_, labs)| *labs > 0).map(|(outcome, labs)| {
        let labs = count(labs, Thing::Lab);
        out.say(match outcome {
            Outcome::Error => msg!(Said::NotToTheEnd { labs }),
            Outcome::Skipped => msg!(Said::CutShort { labs }),
            Outcome::Failed | Outcome::Passed => msg!(Said::Failed { labs }),
        })
    });
    let trouble: Vec<_> = trouble.collect();
    let trouble = if trouble.is_empty() { out.say(Said::AllHold) } else { trouble.join(&out.say(Words::Comma)) };
    parts.push(trouble + &out.say(msg!(Said::InSeconds { seconds: format!("{:.1}", elapsed.as_secs_f64()) })));
    parts.join(&out.say(Words::Colon)) + "\n"
}
