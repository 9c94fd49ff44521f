//! `peerlab exercise …`: a file for each of its verbs.

mod class;
mod grade;
mod hint;
mod solution;
mod start;
mod ticket;

use clap::{Args, Subcommand};

use super::Ending;
use super::context::Context;
use super::interrupt::Hold;
use super::messages::exercise::Said;
use super::target::{look_at, running_lab};
use crate::cloud::Cloud;
use crate::error::{Error, Errors, Result};
use crate::journal::{Exercise as Counted, Store};
use crate::lab::Lab;
use crate::msg;
use crate::session::{Run, Session};
use crate::target;

/// Break a lab, hand out the ticket, give hints, and grade the repair
#[derive(Debug, Args)]
#[command(after_help = "\
The learner gets a lab that does not work, and mends it with `peerlab api`. Nothing in the running lab says what was broken; \
root can read it in the lab's directory.

Examples:
  peerlab exercise start cross-account --name ada --seed 7
  peerlab exercise ticket
  peerlab exercise hint
  peerlab exercise grade
  peerlab exercise solution")]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Start(start::Arguments),
    Ticket(ticket::Arguments),
    Hint(hint::Arguments),
    Grade(grade::Arguments),
    Solution(solution::Arguments),
    Class(class::Arguments),
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    match &arguments.verb {
        Verb::Start(arguments) => start::run(arguments, context),
        Verb::Ticket(arguments) => ticket::run(arguments, context),
        Verb::Hint(arguments) => hint::run(arguments, context),
        Verb::Grade(arguments) => grade::run(arguments, context),
        Verb::Solution(arguments) => solution::run(arguments, context),
        Verb::Class(arguments) => class::run(arguments, context),
    }
}

/// The lab of a verb.
#[derive(Clone, Debug, Default, Args)]
struct Which {
    /// The exercise: a running lab; optional while one lab is up, or if PEERLAB_LAB names one
    #[arg(value_name = "LAB", conflicts_with = "lab")]
    name: Option<String>,
    #[command(flatten)]
    lab: super::target::LabChoice,
}

impl Which {
    fn named(&self) -> Option<&str> {
        self.name.as_deref().or(self.lab.lab.as_deref())
    }
}

/// How many labs of a class are built or graded at once. They spend most of their time waiting: for answers that must not come,
/// and for flows to be measured.
const AT_ONCE: usize = 32;

/// The hints that show as much as `explain` does.
pub(super) const EXPLAIN: usize = crate::journal::Exercise::EXPLANATION;

/// A running exercise.
struct Open {
    name: String,
    run: Run,
    /// As its author wrote it.
    healthy: Cloud,
    /// As it was when it began.
    broken: Cloud,
    counted: Counted,
}

impl Open {
    fn look(named: Option<&str>, context: &Context) -> Result<Self, Errors> {
        let (name, run) = look_at(named, context)?;
        Open::of(name, run)
    }

    /// The exercise with its lab's lock, so that two calls count as two.
    fn hold(which: &Which, context: &Context) -> Result<(Self, (Session, Hold)), Errors> {
        target::check()?;
        let name = running_lab(which.named())?;
        let interrupts = Hold::new();
        let (session, before) = Session::open_running(&name, context.waiting(&name, &interrupts))?;
        Ok((Open::of(name, before.run)?, (session, interrupts)))
    }

    fn of(name: String, run: Run) -> Result<Self, Errors> {
        let lab = run.lab();
        let counted = counted(&name, lab)?;
        let (healthy, broken) = (lab.healthy().build()?.0, lab.build()?.0);
        Ok(Open { name, run, healthy, broken, counted })
    }

    fn learner(&self) -> Option<&str> {
        self.run.lab().exercise.as_ref()?.learner.as_deref()
    }

    fn seed(&self) -> Option<u64> {
        self.run.lab().exercise.as_ref()?.seed
    }
}

/// What an exercise counts; an error if the lab is none.
fn counted(name: &str, lab: &Lab) -> Result<Counted> {
    let counted = Store::of(name).read_exercise()?;
    match (&lab.exercise, counted) {
        (Some(_), Some(counted)) => Ok(counted),
        (Some(_), None) => {
            let error = Error::input(msg!(Said::NotStarted { lab: name })).code("NotAnExercise");
            Err(error.hint(Said::StartIt))
        }
        (None, _) => {
            Err(Error::input(msg!(Said::NotAnExercise { lab: name })).code("NotAnExercise").hint(Said::StartOne))
        }
    }
}

/// Counts what `explain` showed of an exercise as hints, and says so. The caller holds the lab's lock, so that two
/// explanations at once count as two.
pub(super) fn count_explanation(name: &str, lab: &Lab, context: &Context) -> Result<()> {
    if lab.exercise.is_none() {
        return Ok(());
    }
    let store = Store::of(name);
    let Some(counted) = store.read_exercise()? else { return Ok(()) };
    store.write_exercise(&counted.explained(1))?;
    context.caution(msg!(Said::ExplainCounts { hints: EXPLAIN }));
    Ok(())
}

/// Refuses what would replace or show an exercise: its learner's work, or its faults.
pub(super) fn refuse(name: &str, lab: Option<&Lab>) -> Result<()> {
    match lab.is_some_and(|lab| lab.exercise.is_some()) {
        true => Err(Error::input(msg!(Said::IsAnExercise { lab: name }))
            .code("Exercise")
            .hint(msg!(Said::DownFirst { lab: name }))),
        false => Ok(()),
    }
}
