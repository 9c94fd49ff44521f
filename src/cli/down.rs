//! `peerlab down [LAB|FILE] [--all]`

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::interrupt::Hold;
use super::lab_file::own_name;
use super::messages::steps::Said;
use super::target::{LabChoice, running_lab};
use super::which_lab::{NONE_UP, lab_of_file, names_a_file};
use crate::error::{Error, Errors};
use crate::journal::{self, Store};
use crate::kernel;
use crate::msg;
use crate::progress::Watched;
use crate::report::count::{Thing, count};
use crate::session;
use crate::target;
use crate::terminal::Tone;

/// Take a lab down: end its processes, remove its namespaces and its journal
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab down                        the only lab that is up
  peerlab down cross-account
  peerlab down labs/cross-account.toml
  peerlab down --all")]
pub(super) struct Arguments {
    /// A running lab or its file; optional while one lab is up
    #[arg(value_name = "LAB|FILE", conflicts_with_all = ["all", "lab"])]
    which: Option<String>,
    #[command(flatten)]
    lab: LabChoice,
    /// Take down all running labs
    #[arg(long, conflicts_with = "lab")]
    all: bool,
    /// Also wait until the kernel has dismantled the namespaces, about 1.5 ms each
    #[arg(long)]
    wait: bool,
}

#[derive(Serialize)]
struct Removed {
    lab: String,
    namespaces: usize,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let labs = if arguments.all { journal::labs()? } else { vec![meant(arguments, context)?] };
    if !labs.is_empty() {
        target::check()?;
    }
    let (mut removed, mut errors) = (Vec::new(), Errors::default());
    for lab in labs {
        let interrupts = Hold::new();
        let waiting = context.waiting(&lab, &interrupts);
        match session::take_down(Watched { lab: &lab, progress: &context.progress() }, waiting) {
            Ok(target::Removed { parts: namespaces, notes }) => {
                for note in notes {
                    context.caution(note);
                }
                interrupts.heed(&msg!(Said::InterruptedDown { lab }));
                removed.push(Removed { lab, namespaces });
            }
            Err(found) => errors.0.extend(found.0),
        }
    }
    context.show(&serde_json::json!({ "removed": removed }), |out| {
        let line = |lab: &Removed| {
            let mark = out.paint(Tone::Good, "✓");
            let said = msg!(Said::Down { lab: &lab.lab, count: count(lab.namespaces, Thing::Namespace) });
            format!("{mark} {}\n", out.say(said))
        };
        removed.iter().map(line).collect()
    });
    if arguments.all && removed.is_empty() && errors.0.is_empty() {
        context.talk(NONE_UP);
    }
    if arguments.wait && !removed.is_empty() {
        context.talk(Said::WaitingForKernel);
        match kernel::wait_until_dismantled() {
            Ok(took) => context.talk(msg!(Said::TakenApart { seconds: format!("{:.1}", took.as_secs_f64()) })),
            Err(error) => errors.0.push(error),
        }
    } else if removed.iter().map(|lab| lab.namespaces).sum::<usize>() > MANY {
        context.talk(Said::StillTakingApart);
    }
    errors.into_result().map(|()| Ending::Done)
}

/// Above this many namespaces the kernel's work to dismantle them is noticeable.
const MANY: usize = 200;

/// The lab given by name or file; else the only one that is up.
fn meant(arguments: &Arguments, context: &Context) -> Result<String, Error> {
    let Some(which) = &arguments.which else { return running_lab(arguments.lab.lab.as_deref()) };
    let path = Path::new(which);
    let is_file = names_a_file(which) || (!Store::of(which).exists() && (path.is_file() || lab_of_file(path).is_ok()));
    if !is_file {
        return Ok(which.clone());
    }
    let lab = lab_of_file(path)?;
    if own_name(path).is_some_and(|own| own != lab) {
        context.talk(msg!(Said::UpUnderAnotherName { path: path.display(), lab }));
    }
    Ok(lab)
}
