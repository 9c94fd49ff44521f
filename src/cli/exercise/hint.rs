//! `peerlab exercise hint [LAB]`

use clap::Args;
use serde::Serialize;

use super::{Context, Ending, Open, Said, Which};
use crate::error::Errors;
use crate::exercise::hints;
use crate::journal::{Exercise as Counted, Store};
use crate::message::Say as _;
use crate::msg;
use crate::terminal::Tone;

/// Give a hint, one step more at each call: direction, hop, thing, operation; each costs points
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
}

#[derive(Serialize)]
struct Hint {
    lab: String,
    /// `null`: everything is mended.
    hint: Option<String>,
    /// Which of how many steps it is.
    step: usize,
    of: usize,
    /// The hints so far, with those that `explain` counts for.
    hints: usize,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (open, held) = Open::hold(&arguments.which, context)?;
    let name = open.name.clone();
    let language = context.language();
    let hint = match hints(open.run.lab(), &open.healthy, open.run.cloud(), language) {
        None => Hint { lab: name, hint: None, step: 0, of: 0, hints: open.counted.hints },
        Some(hints) => {
            let counted = open.counted.hinted(hints.fault, hints.steps.len());
            Store::of(&name).write_exercise(&counted)?;
            let Counted { hints: given, step, .. } = counted;
            let said = step.checked_sub(1).and_then(|index| hints.steps.get(index));
            let said = said.map(|step| step.in_language(language).to_string());
            Hint { lab: name, hint: said, step, of: hints.steps.len(), hints: given }
        }
    };
    drop(held);
    context.show(&hint, |out| match &hint.hint {
        None => out.say(Said::NothingLeft) + "\n",
        Some(text) => {
            let head = out.paint(Tone::Strong, out.say(msg!(Said::HintOf { step: hint.step, of: hint.of })));
            format!(
                "{head}\n  {text}\n{}\n",
                out.paint(Tone::Faint, out.say(msg!(Said::HintsSoFar { hints: hint.hints })))
            )
        }
    });
    Ok(Ending::Done)
}
