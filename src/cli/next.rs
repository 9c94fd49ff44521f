//! `peerlab next`

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::target::{LabChoice, running_lab};
use super::verify::{self, checks_of};
use super::{Ending, addressed};
use crate::cloud::Transition;
use crate::error::Errors;
use crate::kernel;
use crate::lab::{Done, DoneResult, Lab, Step};
use crate::language::Language;
use crate::report::matrix;
use crate::report::terminal::{Table, Terminal, Tone};
use crate::session::{Run, Scope, Session, StepDone};
use crate::verify::{Options, Report};

/// Do the next step of a lab that is up: its text, what ran, its checks
#[derive(Debug, Args)]
#[command(after_help = "\
A step, or a part of it, that was done by hand with `peerlab api` already is passed over.

Examples:
  peerlab next
  peerlab next --all                  all steps that are left")]
pub(super) struct Arguments {
    #[command(flatten)]
    lab: LabChoice,
    /// Do all steps that are left
    #[arg(long)]
    all: bool,
}

/// A step of the lab, done or not.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StepReport {
    pub number: usize,
    pub title: String,
    /// As the reader reads it.
    #[serde(skip)]
    pub shown: String,
    pub account: Option<String>,
    pub done: bool,
}

/// Every step of a run's lab.
pub(super) fn step_reports(run: &Run, language: Language) -> Vec<StepReport> {
    let report = |(index, step): (usize, &crate::lab::Step)| StepReport {
        number: index + 1,
        title: step.title.clone(),
        shown: step.title_in(language).to_owned(),
        account: step.account.as_ref().map(ToString::to_string),
        done: index < run.steps_done(),
    };
    run.lab().steps.iter().enumerate().map(report).collect()
}

/// The steps with a mark each; of those that are not done, only the next.
pub(super) fn render_steps(steps: &[StepReport], out: &Terminal) -> String {
    let mut table = Table::new();
    let ahead = steps.iter().filter(|step| !step.done).count();
    for step in steps.iter().take(steps.len() - ahead) {
        table.row([
            (Tone::Good, "✓".to_owned()),
            (Tone::Faint, step.number.to_string()),
            (Tone::Faint, step.account.clone().unwrap_or_default()),
            (Tone::Plain, step.shown.clone()),
        ]);
    }
    if let Some(step) = steps.iter().find(|step| !step.done) {
        table.row([
            (Tone::Notice, "·".to_owned()),
            (Tone::Faint, step.number.to_string()),
            (Tone::Faint, step.account.clone().unwrap_or_default()),
            (Tone::Notice, out.word(format!("{} ({ahead} to go: peerlab next)", step.shown))),
        ]);
    }
    table.render(out, 2)
}

/// What `next` did. The JSON of `next` is a list of these under `steps`.
#[derive(Serialize)]
struct Walked {
    number: usize,
    title: String,
    account: Option<String>,
    text: String,
    ran: Vec<Ran>,
    /// A later step was begun by hand: that checks of this one fail is no failure.
    ahead: bool,
    verify: Report,
}

/// An operation of a step.
#[derive(Serialize)]
struct Ran {
    operation: String,
    /// `done`, `already` or the code with which it was refused, as it must be.
    result: String,
    transitions: Vec<String>,
    warnings: Vec<String>,
    /// What to do about a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    kernel::privilege::check()?;
    let name = running_lab(arguments.lab.lab.as_deref())?;
    addressed::speak_of(&name);
    let (mut session, before) = Session::open_running(&name, context.waiting(&name))?;
    let mut run = before.run;
    let (mut walked, mut failed) = (Vec::new(), false);
    while let Some(done) = run.step()? {
        let settled = session.settle(&run, Scope::Change, &context.progress())?;
        settled.notes.iter().for_each(|note| context.warn(note));
        context.show_changes(&settled.changes);
        let step = &run.lab().steps[done.index];
        let report = verify::held(&run, &step.checks, Options::default(), &context.progress())?;
        let ahead = report.summary.checks_failed > 0 && run.is_ahead();
        failed |= report.summary.disagree > 0 || report.summary.checks_failed > 0 && !ahead;
        let one = Walked {
            number: done.index + 1,
            title: step.title.clone(),
            account: step.account.as_ref().map(ToString::to_string),
            text: step.text.clone(),
            ran: done.done.iter().map(ran).collect(),
            ahead,
            verify: report,
        };
        if context.quiet && !context.json {
            context.print(&in_short(&one, step, run.lab().steps.len(), &context.out));
        } else if !context.json {
            let before = if walked.is_empty() { about(run.lab(), done.index, &context.out) } else { "\n".to_owned() };
            context.print(&format!("{before}{}", render(&one, step, run.lab().steps.len(), &context.out)));
        }
        walked.push(one);
        if !arguments.all || failed {
            break;
        }
    }
    let left = run.lab().steps.len() - run.steps_done();
    if context.json {
        context.print_json(&serde_json::json!({ "lab": name, "text": run.lab().text, "steps": walked, "left": left }));
    } else if walked.is_empty() {
        let said = format!("all {} steps of lab {name} are done", run.lab().steps.len());
        context.print(&context.out.translate(&said));
    } else if left == 0 {
        context.talk("that was the last step");
    }
    Ok(Ending::failed_if(failed))
}

/// What the lab is about, before its first step.
fn about(lab: &Lab, step: usize, out: &Terminal) -> String {
    match lab.text_in(out.language).filter(|_| step == 0) {
        Some(text) => out.wrap(text, 0) + "\n",
        None => String::new(),
    }
}

fn ran(done: &Done) -> Ran {
    let (result, transitions, warnings, hint) = match &done.result {
        DoneResult::Applied(outcome) => {
            ("done".into(), transitions(&outcome.transitions), outcome.warnings.clone(), None)
        }
        DoneResult::Already => ("already".into(), Vec::new(), Vec::new(), None),
        DoneResult::Refused(refusal) => {
            let (message, hint) = (refusal.message.to_string(), refusal.hint.to_string());
            (refusal.code.to_string(), Vec::new(), vec![message], Some(hint))
        }
    };
    Ran { operation: done.operation.call.to_string(), result, transitions, warnings, hint }
}

/// As in `ri-a: Idle → Connecting → Active`.
pub(super) fn transitions(transitions: &[Transition]) -> Vec<String> {
    transitions.iter().map(|transition| format!("{}: {}", transition.name, transition.states.join(" → "))).collect()
}

/// A transition, each state in the reader's language.
pub(super) fn states(transition: &str, out: &Terminal) -> String {
    let Some((name, states)) = transition.split_once(": ") else { return transition.to_owned() };
    let states: Vec<_> = states.split(" → ").map(|state| out.translate(state)).collect();
    format!("{name}: {}", states.join(" → "))
}

/// That it was done, and what of it is not as it should be.
fn in_short(step: &Walked, written: &Step, of: usize, out: &Terminal) -> String {
    let title = written.title_in(out.language);
    let title = out.word(format!("Step {} of {of}: {title}", step.number));
    let failed = step.verify.failed() && !step.ahead;
    let (tone, mark) = if failed { (Tone::Bad, "✗") } else { (Tone::Good, "✓") };
    let wrong = if failed { matrix::outcome(&step.verify, out) } else { String::new() };
    format!("{} {title}\n{wrong}", out.paint(tone, mark))
}

fn render(step: &Walked, written: &Step, of: usize, out: &Terminal) -> String {
    let (title, account) = (written.title_in(out.language), &step.account);
    let title = out.paint(Tone::Strong, out.word(format!("Step {} of {of}: {title}", step.number)));
    let mut text = format!("{title}\n");
    if let Some(account) = account {
        text += &format!("{}\n", out.paint(Tone::Faint, out.word(format!("account {account} acts"))));
    }
    if !written.text.is_empty() {
        text += &out.wrap(written.text_in(out.language), 2);
        text += if step.ran.is_empty() { "" } else { "\n" };
    }
    for ran in &step.ran {
        let (mark, remark) = match ran.result.as_str() {
            "done" => (out.paint(Tone::Good, "✓"), String::new()),
            "already" => (out.paint(Tone::Faint, "="), out.word(" (done already)")),
            code => (out.paint(Tone::Notice, "✗"), out.word(format!(" (refused, as it must be: {code})"))),
        };
        let mut line = Table::new();
        line.row([(Tone::Plain, format!("{}{remark}", ran.operation))]);
        text += &line.render(out, 4).replacen("   ", &format!("  {mark}"), 1);
        for transition in &ran.transitions {
            text += &format!("      {}\n", out.paint(Tone::Notice, states(transition, out)));
        }
        for warning in &ran.warnings {
            text += &out.wrap(&out.translate(warning), 6);
        }
        if let Some(hint) = &ran.hint {
            text += &out.wrap(&out.word(format!("help: {hint}")), 6);
        }
    }
    text += &format!("\n{}", checks_of(&step.verify, out));
    if step.ahead {
        let remark = "a later step was begun by hand already: what this one was to show is past";
        return text + &format!("  {}\n", out.paint(Tone::Notice, out.translate(remark)));
    }
    if step.verify.failed() || step.verify.checks.is_empty() {
        text += &matrix::render(&step.verify, out);
    }
    text
}

impl StepDone {
    /// What its operations gave warning of.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &str> {
        let outcomes = self.done.iter().filter_map(|done| match &done.result {
            DoneResult::Applied(outcome) => Some(outcome),
            _ => None,
        });
        outcomes.flat_map(|outcome| outcome.warnings.iter().map(String::as_str))
    }
}
