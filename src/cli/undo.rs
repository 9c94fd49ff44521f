//! `peerlab undo [LAB] [N]`

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::interrupt::Hold;
use super::messages::steps::Said;
use super::number::number;
use super::target::{LabChoice, running_lab};
use crate::error::{Error, Errors};
use crate::journal::Event;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::session::{Run, Scope, Session};
use crate::target;
use crate::terminal::Tone;

/// Undo the last operations or steps of a running lab, in the kernel too
#[derive(Debug, Args)]
#[command(after_help = "\
Each operation by hand counts as one, and so does each step, by `up` or by `next`. Ids are restored. Operations \
that `up FILE` dropped do not come back.

Examples:
  peerlab undo                        the last one
  peerlab undo 3
  peerlab undo cross-account 3")]
pub(super) struct Arguments {
    /// The lab or its file; optional while one lab is up. A single number is N
    #[arg(value_name = "LAB")]
    name: Option<String>,
    /// Number of operations and steps [default: 1]
    #[arg(value_name = "N", value_parser = number(1, u32::MAX))]
    number: Option<u32>,
    #[command(flatten)]
    lab: LabChoice,
}

impl Arguments {
    /// The named lab, and the number of operations and steps.
    fn meant(&self) -> Result<(Option<&str>, usize), Error> {
        let wrong = |message: Said, hint: Said| Err(Error::input(message).code("CommandLine").hint(hint));
        let (named, number) = match (self.name.as_deref(), self.number) {
            (Some(word), None) if word.chars().all(|c| c.is_ascii_digit()) => match word.parse() {
                Ok(0) => return wrong(Said::NoneToTakeBack, Said::GiveNumberFromOne),
                Ok(number) => (None, number),
                Err(_) => (None, usize::MAX),
            },
            (named, number) => (named, number.map_or(1, |number| number as usize)),
        };
        match (named, self.lab.lab.as_deref()) {
            (Some(_), Some(_)) => wrong(Said::LabNamedTwice, Said::NameOnce),
            (named, lab) => Ok((named.or(lab), number)),
        }
    }
}

#[derive(Serialize)]
struct Undone {
    lab: String,
    /// The undone changes, the last first.
    undone: Vec<Taken>,
    /// The number of operations and steps left.
    left: usize,
    /// The number of changes in the kernel.
    changes: usize,
}

/// A step or an operation that was undone.
#[derive(Serialize)]
#[serde(untagged)]
enum Taken {
    Step {
        step: usize,
        title: String,
        #[serde(skip)]
        shown: String,
    },
    Operation {
        account: String,
        operation: String,
    },
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    target::check()?;
    let (named, number) = arguments.meant()?;
    let name = running_lab(named)?;
    let interrupts = Hold::new();
    let (mut session, before) = Session::open_running(&name, context.waiting(&name, &interrupts))?;
    let run = before.run;
    let done = run.events().len();
    if number > done {
        let (message, hint) = match done {
            0 => (msg!(Said::NothingDone { name }), msg!(Said::DownRemovesLab { name })),
            1 => (msg!(Said::OnlyOneToTakeBack { name, number }), msg!(Said::UndoTakesItBack { name })),
            _ => (msg!(Said::FewerToTakeBack { name, done, number }), msg!(Said::UndoTakesAllBack { name, done })),
        };
        return Err(Error::input(message).code("NothingToUndo").hint(hint).into());
    }
    let undone = run.events()[done - number..].iter().rev().map(|event| taken(&run, event, context)).collect();
    let run = run.undone(number)?;
    let settled = session.settle(&run, Scope::Change, &context.progress())?;
    interrupts.heed_settled(&name);
    drop(interrupts);
    settled.notes.iter().for_each(|note| context.warn(note));
    let undone = Undone { lab: name, undone, left: done - number, changes: settled.changes.len() };
    context.show(&undone, |out| {
        let line = |taken: &Taken| {
            let what = match taken {
                Taken::Step { step, shown, .. } => msg!(Said::TookBackStep { step, title: shown }),
                Taken::Operation { account, operation } => msg!(Said::TookBackOperation { account, operation }),
            };
            format!("{} {}\n", out.paint(Tone::Good, "✓"), out.say(what))
        };
        undone.undone.iter().map(line).collect()
    });
    context.talk(msg!(Said::MadeInKernel { count: count(undone.changes, Thing::Change) }));
    context.show_changes(&settled.changes);
    Ok(Ending::Done)
}

fn taken(run: &Run, event: &Event, context: &Context) -> Taken {
    match event {
        Event::Operation { account, line, .. } => {
            Taken::Operation { account: account.clone(), operation: line.clone() }
        }
        Event::Step(index) | Event::Bound { step: index, .. } | Event::Skipped { step: index, .. } => {
            let step = &run.lab().steps[*index];
            let shown = step.title_in(context.out.language).to_owned();
            Taken::Step { step: index + 1, title: step.title.clone(), shown }
        }
    }
}
