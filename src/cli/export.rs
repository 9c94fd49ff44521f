//! `peerlab export [LAB] [-o FILE]`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::messages::exercise::Said as Exercises;
use super::messages::steps::Said;
use super::target::{LabChoice, look_at};
use super::{Ending, output};
use crate::error::{Error, Errors};
use crate::lab::Exported;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::terminal::Tone;

/// Write a running lab as a lab file; operations done by hand become steps, in their places
#[derive(Debug, Args)]
#[command(after_help = "\
`up` with this file builds the same cloud, including ids. It is the lab's own file with its comments; steps that \
are not done yet stay in it, `until` in [lab] says how many are done, and `next` does the rest. Checks that \
cannot hold after what was done by hand (those of a deleted instance, say) become comments.

Examples:
  peerlab export -o mine.toml         then, at any time: peerlab up mine.toml
  peerlab export cross-account        on standard output")]
pub(super) struct Arguments {
    /// The lab or its file; optional while one lab is up
    #[arg(value_name = "LAB", conflicts_with = "lab")]
    name: Option<String>,
    /// Output file; default: standard output
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    lab: LabChoice,
}

#[derive(Serialize)]
struct Written<'a> {
    lab: &'a str,
    /// The path of the file; `None`: it was only shown.
    file: Option<String>,
    /// The number of steps in the file.
    steps: usize,
    /// The number of those that are done.
    done: usize,
    /// The number of operations by hand that became steps.
    by_hand: usize,
    /// The number of checks that became comments.
    left_out: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let out = arguments.out.as_deref().filter(|out| *out != Path::new("-"));
    let named = arguments.name.as_deref().or(arguments.lab.lab.as_deref());
    let (lab, run) = look_at(named, context)?;
    if run.lab().exercise.is_some() {
        let error = Error::input(Exercises::ExerciseKeepsItsFaults).code("Exercise");
        return Err(error.hint(Exercises::ExportWhenDone).into());
    }
    let Exported { text, steps, done, left_out } = run.export()?;
    let by_hand = run.standing().history().by_hand();
    let mut written = Written { lab: &lab, file: None, steps, done, by_hand, left_out, text: None };
    if left_out > 0 {
        let n = left_out;
        context.caution(msg!(Said::LeftOut { n }));
    }
    match out {
        None => {
            written.text = Some(&text);
            context.show(&written, |_| text.clone());
        }
        Some(out) => {
            let write = if arguments.force { output::write } else { output::write_new };
            write(out, text.as_bytes())?;
            let file = out.display().to_string();
            written.file = Some(file.clone());
            context.show(&written, |terminal| {
                let steps = count(steps, Thing::Step);
                let said = msg!(Said::Exported { file: &file, steps, done, by_hand });
                format!("{} {}\n", terminal.paint(Tone::Good, "✓"), terminal.say(said))
            });
        }
    }
    Ok(Ending::Done)
}

/// The command that exports a lab's current state to a new file.
pub(super) fn command(lab: &str) -> String {
    let name = |number: u32| if number == 1 { format!("{lab}-kept.toml") } else { format!("{lab}-kept-{number}.toml") };
    let free = (1..).map(name).find(|name| !Path::new(name).exists()).unwrap_or_default();
    format!("peerlab export --lab {lab} -o {free}")
}
