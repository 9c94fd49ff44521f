//! `peerlab next`

use clap::Args;
use serde::{Serialize, Serializer};

use super::context::Context;
use super::interrupt::Hold;
use super::messages::steps::Said;
use super::target::{LabChoice, look, running_lab};
use super::verify::{self, checks_of};
use super::{Ending, addressed};
use crate::cloud::State as StateWord;
use crate::cloud::{Binding, Transition};
use crate::error::Errors;
use crate::lab::{Done, DoneResult, Lab, Step};
use crate::language::Language;
use crate::message::{Message, Of as _};
use crate::msg;
use crate::report::matrix;
use crate::report::messages::Said as Words;
use crate::session::{self, OperationSeen, Remake, Run, Scope, Session, State, StepDone};
use crate::target;
use crate::terminal::{Table, Terminal, Tone};
use crate::verify::{Options, Report};

/// Do the next step of a running lab and show its text, operations and checks
#[derive(Debug, Args)]
#[command(after_help = "\
Skips a step, or a part of it, that was already done by hand with `peerlab api`, under any names and ids; the \
lab's later lines then use what was created. If something made by hand differs from what the step creates, `next` \
says so and gives the command that resolves it.

Examples:
  peerlab next
  peerlab next --diff                 what differs from what the next step would create
  peerlab next --skip                 the next step counts as done
  peerlab next --all                  all remaining steps")]
pub(super) struct Arguments {
    #[command(flatten)]
    lab: LabChoice,
    /// Do all remaining steps
    #[arg(long)]
    all: bool,
    /// Count the next step as done
    #[arg(long, conflicts_with_all = ["all", "diff"])]
    skip: bool,
    /// Show what differs from what the next step would create, and do nothing
    #[arg(long, conflicts_with = "all")]
    diff: bool,
}

/// A step of the lab, done or not.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StepReport {
    pub number: usize,
    pub title: String,
    /// In the reader's language.
    #[serde(skip)]
    pub shown: String,
    pub account: Option<String>,
    pub done: bool,
    /// Whether it was skipped and counts as done.
    #[serde(skip_serializing_if = "is_false")]
    pub skipped: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Every step of a run's lab.
pub(super) fn step_reports(run: &Run, language: Language) -> Vec<StepReport> {
    let report = |(index, step): (usize, &crate::lab::Step)| StepReport {
        number: index + 1,
        title: step.title.clone(),
        shown: step.title_in(language).to_owned(),
        account: step.account.as_ref().map(ToString::to_string),
        done: index < run.steps_done(),
        skipped: run.is_skipped(index),
    };
    run.lab().steps.iter().enumerate().map(report).collect()
}

/// The steps with their marks; of those that are not done, only the next.
pub(super) fn render_steps(steps: &[StepReport], out: &Terminal) -> String {
    let mut table = Table::new();
    let ahead = steps.iter().filter(|step| !step.done).count();
    for step in steps.iter().take(steps.len() - ahead) {
        table.row([
            if step.skipped { (Tone::Faint, "-".to_owned()) } else { (Tone::Good, "✓".to_owned()) },
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
            (Tone::Notice, out.say(msg!(Said::ToGo { title: &step.shown, ahead }))),
        ]);
    }
    table.render(out, 2)
}

/// The result of `next`. The JSON of `next` is a list of these under `steps`.
#[derive(Serialize)]
struct Walked {
    number: usize,
    title: String,
    account: Option<String>,
    text: String,
    ran: Vec<Ran>,
    /// The bindings to resources made by hand under other names or ids, which the lab's lines mean from now on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bound: Vec<BoundReport>,
    /// Whether later steps end what the failed checks of this one show, too, so that they do not count.
    ahead: bool,
    /// The operations by hand because of which checks fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by_hand: Vec<Deed>,
    verify: Report,
}

/// An operation done by hand.
#[derive(Serialize)]
struct Deed {
    account: String,
    operation: String,
}

impl Deed {
    fn of((account, operation): (String, String)) -> Self {
        Deed { account, operation }
    }
}

/// A resource made by hand under another name or id.
#[derive(Clone, Debug, Serialize)]
pub(super) struct BoundReport {
    kind: Message,
    /// The lab's name and id for it.
    lab: Vec<String>,
    /// Its own name.
    made: String,
}

impl BoundReport {
    pub(super) fn of(bound: &Binding) -> Self {
        BoundReport { kind: (&bound.kind).into(), lab: bound.lab.clone(), made: bound.made.clone() }
    }

    /// A sentence about it; `None` if only a derived id differs.
    pub(super) fn sentence(&self) -> Option<Message> {
        let BoundReport { kind, lab, made } = self;
        let name = lab.first().filter(|name| *name != made)?;
        Some(msg!(Said::MadeByHand { made: (kind, made), name }))
    }
}

/// An operation of a step.
#[derive(Serialize)]
struct Ran {
    operation: String,
    /// `done`, `already`, `past`, or the code of an expected refusal.
    result: String,
    /// The name of the resource made by hand in place of the operation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    made: Option<String>,
    transitions: Vec<Passing>,
    warnings: Vec<Message>,
    /// The remedy for a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<Message>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    target::check()?;
    let name = running_lab(arguments.lab.lab.as_deref())?;
    if arguments.diff {
        return diff(arguments, context);
    }
    if arguments.skip {
        return skip(&name, context);
    }
    let interrupts = Hold::new();
    let (mut session, before) = Session::open_running(&name, context.waiting(&name, &interrupts))?;
    let mut interrupts = Some(interrupts);
    let mut run = before.run;
    let (mut walked, mut failed) = (Vec::new(), false);
    let next = run.steps_done() + 1;
    let remakes: Vec<_> = run.remakes().into_iter().filter(|it| arguments.all || it.deleted == next).collect();
    remakes.iter().for_each(|remake| context.caution(said(remake)));
    while let Some(done) = run.step()? {
        let held = interrupts.take().unwrap_or_else(Hold::new);
        let settled = session.settle(&run, Scope::Change, &context.progress())?;
        held.heed_settled(&name);
        drop(held);
        settled.notes.iter().for_each(|note| context.warn(note));
        context.show_changes(&settled.changes);
        let step = &run.lab().steps[done.index];
        let report = verify::held(&run, &run.checks(&step.checks), Options::default(), &context.progress())?;
        let against = if report.summary.checks_failed > 0 { run.against(done.index) } else { None };
        let ahead = against.as_ref().is_some_and(|it| it.is_ahead);
        failed |= report.summary.wrong() > 0 || report.summary.checks_failed > 0 && !ahead;
        let one = Walked {
            number: done.index + 1,
            title: step.title.clone(),
            account: step.account.as_ref().map(ToString::to_string),
            text: step.text.clone(),
            ran: done.done.iter().map(ran).collect(),
            bound: done.bound.iter().map(BoundReport::of).collect(),
            ahead,
            by_hand: against.map(|it| it.operations.into_iter().map(Deed::of).collect()).unwrap_or_default(),
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
    let left = run.lab().steps.len().saturating_sub(run.steps_done());
    if context.json {
        let text = &run.lab().text;
        let mut json = serde_json::json!({ "lab": name, "text": text, "steps": walked, "left": left });
        if !remakes.is_empty() {
            json["remakes"] = serde_json::json!(remakes);
        }
        context.print_json(&json);
    } else if walked.is_empty() {
        let said = msg!(Said::AllStepsDone { steps: run.lab().steps.len(), lab: name });
        context.print(&context.out.say(said));
    } else if left == 0 {
        context.talk(Said::ThatWasTheLast);
    }
    Ok(Ending::failed_if(failed))
}

/// Says that a step deletes a resource made by hand.
fn said(remake: &Remake) -> Message {
    let Remake { kind, name, deleted, made } = remake;
    msg!(Said::StepRemakes { deleted, what: (kind, name), made })
}

/// The lab's text, before its first step.
fn about(lab: &Lab, step: usize, out: &Terminal) -> String {
    match lab.text_in(out.language).filter(|_| step == 0) {
        Some(text) => out.wrap(text, 0) + "\n",
        None => String::new(),
    }
}

/// Counts the next step as done.
fn skip(name: &str, context: &Context) -> Result<Ending, Errors> {
    let interrupts = Hold::new();
    let (mut session, before) = Session::open_running(name, context.waiting(name, &interrupts))?;
    let mut run = before.run;
    let skipped = run.skip();
    let of = run.lab().steps.len();
    let title = |index: usize, out: &Terminal| {
        let title = run.lab().steps[index].title_in(out.language);
        out.say(msg!(Said::StepOf { number: index + 1, of, title }))
    };
    let Some(index) = skipped else {
        if context.json {
            context.print_json(&serde_json::json!({ "lab": name, "skipped": null, "left": 0 }));
        } else {
            let said = msg!(Said::AllStepsDone { steps: run.lab().steps.len(), lab: name });
            context.print(&context.out.say(said));
        }
        return Ok(Ending::Done);
    };
    let settled = session.settle(&run, Scope::Change, &context.progress())?;
    interrupts.heed_settled(name);
    settled.notes.iter().for_each(|note| context.warn(note));
    let step = &run.lab().steps[index];
    let bound: Vec<_> = run.bound_by(index).iter().map(BoundReport::of).collect();
    let skipped = serde_json::json!({ "number": index + 1, "title": step.title, "bound": bound });
    let left = of.saturating_sub(run.steps_done());
    context.show(&serde_json::json!({ "lab": name, "skipped": skipped, "left": left }), |out| {
        let mut text = format!("- {}{}\n", title(index, out), out.say(Said::SkippedStep));
        for sentence in bound.iter().filter_map(BoundReport::sentence) {
            text += &out.wrap(&out.say(sentence), 2);
        }
        text
    });
    Ok(Ending::Done)
}

/// Shows what differs from what the next step would create.
fn diff(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (name, run) = look(&arguments.lab, context)?;
    let Some(seen) = run.next_seen() else {
        if context.json {
            context.print_json(&serde_json::json!({ "lab": name, "step": null }));
        } else {
            let said = msg!(Said::AllStepsDone { steps: run.lab().steps.len(), lab: name });
            context.print(&context.out.say(said));
        }
        return Ok(Ending::Done);
    };
    let step = &run.lab().steps[seen.index];
    let (number, of) = (seen.index + 1, run.lab().steps.len());
    let json = serde_json::json!({
        "number": number,
        "title": step.title,
        "account": step.account.as_ref().map(ToString::to_string),
        "operations": seen.operations,
        "command": seen.command.as_deref().map(addressed::in_full),
    });
    context.show(&serde_json::json!({ "lab": name, "step": json }), |out| {
        let title = step.title_in(out.language);
        let title = out.say(msg!(Said::StepOf { number, of, title }));
        let mut text = format!("{}\n", out.paint(Tone::Strong, title));
        for operation in &seen.operations {
            text += &render_seen(operation, out);
        }
        if step.operations.is_empty() {
            text += &format!("  {}\n", out.say(Said::RunsNothing));
        }
        if let Some(command) = &seen.command {
            text += &format!("\n{}\n  {command}\n", out.say(Said::ToContinue));
        }
        text
    });
    Ok(Ending::Done)
}

/// An operation of a step that is not done yet.
fn render_seen(seen: &OperationSeen, out: &Terminal) -> String {
    let (tone, mark, remark) = match (seen.state, &seen.made) {
        (State::Done, Some(made)) => (Tone::Faint, "=", msg!(Said::DoneAlreadyAs { made })),
        (State::Done, None) => (Tone::Faint, "=", msg!(Said::DoneAlready)),
        (State::Missing, _) => (Tone::Good, "+", msg!(Said::ToBeDone)),
        (State::Refused, _) => (Tone::Notice, "✗", msg!(Said::WillBeRefused)),
        (State::Past, _) => (Tone::Faint, "=", msg!(Said::RefusedAndPast)),
        (State::Differs, Some(made)) => (Tone::Bad, "≠", msg!(Said::MadeByHandDiffers { made })),
        (State::Differs | State::Blocked, _) => (Tone::Bad, "✗", msg!(Said::WouldBeRefused)),
    };
    // An operation is never broken: it will be copied.
    let mut text = format!("  {} {}{}\n", out.paint(tone, mark), seen.operation, out.say(remark));
    for difference in &seen.differences {
        text += &out.wrap(&out.say(session::difference(difference)), 6);
    }
    if let Some(message) = &seen.message {
        text += &out.wrap(&out.say(message), 6);
    }
    text
}

fn ran(done: &Done) -> Ran {
    let made = match &done.result {
        DoneResult::Already(made) => made.clone(),
        _ => None,
    };
    let (result, transitions, warnings, hint) = match &done.result {
        DoneResult::Applied(outcome) => (
            "done".into(),
            transitions(&outcome.transitions),
            outcome.warnings.iter().map(Message::from).collect(),
            None,
        ),
        DoneResult::Already(_) => ("already".into(), Vec::new(), Vec::new(), None),
        DoneResult::Past => ("past".into(), Vec::new(), Vec::new(), None),
        DoneResult::Refused(refusal) => {
            let (message, hint) = (refusal.message.clone(), refusal.hint.clone());
            (refusal.code.to_string(), Vec::new(), vec![message], Some(hint))
        }
    };
    Ran { operation: done.operation.call.to_string(), result, made, transitions, warnings, hint }
}

/// A transition, for programs `ri-a: Idle → Connecting → Active`.
#[derive(Clone, Debug)]
pub(super) struct Passing(Transition);

impl Serialize for Passing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}: {}", self.0.name, self.0.states.join(" → ")))
    }
}

impl Passing {
    /// For people, each state in their language.
    pub(super) fn render(&self, out: &Terminal) -> String {
        let states: Vec<_> = self.0.states.iter().map(|state| out.say(StateWord::of(state))).collect();
        format!("{}{}{}", self.0.name, out.say(Words::Colon), states.join(" → "))
    }
}

pub(super) fn transitions(transitions: &[Transition]) -> Vec<Passing> {
    transitions.iter().cloned().map(Passing).collect()
}

/// A line that the step was done, with what is wrong.
fn in_short(step: &Walked, written: &Step, of: usize, out: &Terminal) -> String {
    let title = written.title_in(out.language);
    let title = out.say(msg!(Said::StepOf { number: step.number, of, title }));
    let failed = step.verify.failed() && !step.ahead;
    let (tone, mark) = if failed { (Tone::Bad, "✗") } else { (Tone::Good, "✓") };
    let wrong = if failed { matrix::outcome(&step.verify, out) } else { String::new() };
    format!("{} {title}\n{wrong}", out.paint(tone, mark))
}

fn render(step: &Walked, written: &Step, of: usize, out: &Terminal) -> String {
    let (title, account) = (written.title_in(out.language), &step.account);
    let title = out.paint(Tone::Strong, out.say(msg!(Said::StepOf { number: step.number, of, title })));
    let mut text = format!("{title}\n");
    if let Some(account) = account {
        text += &format!("{}\n", out.paint(Tone::Faint, out.say(msg!(Said::AccountActs { account }))));
    }
    if !written.text.is_empty() {
        text += &out.wrap(written.text_in(out.language), 2);
        text += if step.ran.is_empty() { "" } else { "\n" };
    }
    for ran in &step.ran {
        let (mark, remark) = match ran.result.as_str() {
            "done" => (out.paint(Tone::Good, "✓"), String::new()),
            "already" => match &ran.made {
                Some(made) => (out.paint(Tone::Faint, "="), out.say(msg!(Said::DoneAlreadyAs { made }))),
                None => (out.paint(Tone::Faint, "="), out.say(Said::DoneAlready)),
            },
            "past" => (out.paint(Tone::Faint, "="), out.say(Said::RefusedAndPast)),
            code => (out.paint(Tone::Notice, "✗"), out.say(msg!(Said::RefusedAsItMust { code }))),
        };
        text += &format!("  {mark} {}{remark}\n", ran.operation);
        for transition in &ran.transitions {
            text += &format!("      {}\n", out.paint(Tone::Notice, transition.render(out)));
        }
        for warning in &ran.warnings {
            text += &out.wrap(&out.say(warning), 6);
        }
        if let Some(hint) = &ran.hint {
            text += &out.wrap(&out.say(msg!(Said::HelpOf { hint })), 6);
        }
    }
    for sentence in step.bound.iter().filter_map(BoundReport::sentence) {
        text += &out.wrap(&out.say(sentence), 2);
    }
    text += &format!("\n{}", checks_of(&step.verify, out));
    let deeds =
        || step.by_hand.iter().map(|it| format!("    {}{}{}\n", it.account, out.say(Words::Colon), it.operation));
    if step.ahead {
        text += &format!("  {}\n", out.paint(Tone::Notice, out.say(Said::WhatItShowsIsPast)));
        return text + &deeds().collect::<String>();
    }
    if step.verify.failed() || step.verify.checks.is_empty() {
        text += &matrix::render(&step.verify, out);
    }
    if !step.by_hand.is_empty() {
        text += &format!("{}\n", out.paint(Tone::Notice, out.say(Said::FailsByHand)));
        text.extend(deeds());
    }
    text
}

impl StepDone {
    /// The warnings of its operations.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &Message> {
        let outcomes = self.done.iter().filter_map(|done| match &done.result {
            DoneResult::Applied(outcome) => Some(outcome),
            _ => None,
        });
        outcomes.flat_map(|outcome| &outcome.warnings)
    }
}
