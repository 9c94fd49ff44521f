//! `peerlab list`

use serde::Serialize;

use super::Ending;
use super::context::Context;
use crate::error::Errors;
use crate::journal;
use crate::kernel;
use crate::report::terminal::{Table, Tone};
use crate::session;

#[derive(Serialize)]
struct Listed {
    lab: String,
    /// `up`, `incomplete` or `unreadable`.
    state: &'static str,
    title: Option<String>,
    file: Option<String>,
    steps_done: Option<usize>,
    steps: Option<usize>,
    namespaces: usize,
}

pub(super) fn run(context: &Context) -> Result<Ending, Errors> {
    let names = journal::labs()?;
    if !names.is_empty() {
        kernel::privilege::check()?;
    }
    let labs: Vec<_> = names.into_iter().map(listed).collect();
    context.show(&serde_json::json!({ "labs": labs }), |out| {
        let mut table = Table::new();
        for lab in &labs {
            let tone = if lab.state == "up" { Tone::Good } else { Tone::Bad };
            let steps = match (lab.steps_done, lab.steps) {
                (Some(done), Some(steps)) if steps > 0 => format!("step {done} of {steps}"),
                _ => String::new(),
            };
            table.row([
                (Tone::Strong, lab.lab.clone()),
                (tone, lab.state.to_owned()),
                (Tone::Plain, steps),
                (Tone::Faint, format!("{} namespaces", lab.namespaces)),
                (Tone::Plain, lab.title.clone().unwrap_or_default()),
            ]);
            match lab.state {
                "incomplete" => table.note(
                    Tone::Notice,
                    format!("`peerlab up --lab {0}` completes it, `peerlab down {0}` removes it", lab.lab),
                ),
                "unreadable" => table.note(Tone::Notice, format!("`peerlab down {}` removes it", lab.lab)),
                _ => {}
            }
        }
        table.render(out, 0)
    });
    if labs.is_empty() {
        context.talk("no lab is up: `peerlab up FILE` brings one up");
    }
    Ok(Ending::Done)
}

fn listed(lab: String) -> Listed {
    let namespaces = session::namespaces(&lab).map_or(0, |names| names.len());
    match session::look(&lab) {
        Ok(before) => Listed {
            state: if before.settled { "up" } else { "incomplete" },
            title: before.run.lab().title.clone(),
            file: Some(before.run.lab().source.name.to_string()),
            steps_done: Some(before.run.steps_done()),
            steps: Some(before.run.lab().steps.len()),
            namespaces,
            lab,
        },
        Err(_) => {
            Listed { lab, state: "unreadable", title: None, file: None, steps_done: None, steps: None, namespaces }
        }
    }
}
