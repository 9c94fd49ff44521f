//! `peerlab list`

use std::thread;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::steps::Said;
use crate::error::Errors;
use crate::journal::{self, Store};
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::report::drift;
use crate::session;
use crate::target::{self, Parts};
use crate::terminal::{Table, Tone};

/// List the labs that are up
#[derive(Debug, Args)]
pub(super) struct Arguments;

#[derive(Serialize)]
struct Listed {
    lab: String,
    /// `up`, `incomplete` or `unreadable`.
    state: &'static str,
    title: Option<String>,
    /// In the reader's language.
    #[serde(skip)]
    shown: String,
    file: Option<String>,
    steps_done: Option<usize>,
    steps: Option<usize>,
    namespaces: usize,
    /// The missing namespaces, for example after a restart of the container.
    gone: Vec<String>,
    /// Changes made in the kernel by hand. In a large lab, only missing namespaces.
    drift: Vec<Message>,
}

impl Listed {
    /// Its state, in words.
    fn word(&self) -> Said {
        match self.state {
            "up" => Said::Up,
            "incomplete" => Said::Incomplete,
            _ => Said::Unreadable,
        }
    }
}

pub(super) fn run(context: &Context) -> Result<Ending, Errors> {
    let names = journal::labs()?;
    if !names.is_empty() {
        target::check()?;
    }
    let labs: Vec<_> = names.into_iter().filter_map(|name| listed(&name, context.out.language)).collect();
    context.show(&serde_json::json!({ "labs": labs }), |out| {
        let mut table = Table::new();
        for lab in &labs {
            let tone = if lab.state == "up" { Tone::Good } else { Tone::Bad };
            let steps = match (lab.steps_done, lab.steps) {
                (Some(done), Some(steps)) if steps > 0 => out.say(msg!(Said::StepsDone { done, steps })),
                _ => String::new(),
            };
            table.row([
                (Tone::Strong, lab.lab.clone()),
                (tone, out.say(lab.word())),
                (Tone::Plain, steps),
                match lab.gone.len() {
                    0 => (Tone::Faint, out.say(msg!(Said::Namespaces { namespaces: lab.namespaces }))),
                    gone => (Tone::Bad, out.say(msg!(Said::NamespacesGone { gone, namespaces: lab.namespaces }))),
                },
                (Tone::Plain, lab.shown.clone()),
            ]);
            if let Some(line) = drift::text(&lab.lab, &lab.drift) {
                table.note(Tone::Bad, out.say(line));
            }
            match lab.state {
                "incomplete" => table.note(Tone::Notice, out.say(msg!(Said::CompletesOrRemoves { lab: &lab.lab }))),
                "unreadable" => table.note(Tone::Notice, out.say(msg!(Said::DownRemovesIt { lab: &lab.lab }))),
                _ => {}
            }
        }
        table.render(out, 0)
    });
    if labs.is_empty() {
        context.talk(Said::NoLabUp);
    }
    Ok(Ending::Done)
}

/// How often a lab is read that another command seems to bring up or down, and how long apart.
const LOOKS: (usize, Duration) = (6, Duration::from_millis(40));

/// A lab as it is listed; `None` if it went meanwhile.
fn listed(lab: &str, language: Language) -> Option<Listed> {
    for _ in 1..LOOKS.0 {
        let listed = read(lab.to_owned(), language);
        let is_sure = match listed.state {
            "unreadable" => false,
            // What is missing may be on its way down.
            "up" if !(listed.gone.is_empty() && listed.drift.is_empty()) => {
                session::look(lab).is_ok_and(|again| again.settled)
            }
            _ => true,
        };
        if is_sure {
            return Some(listed);
        }
        if !Store::of(lab).exists() {
            return None;
        }
        thread::sleep(LOOKS.1);
    }
    Some(read(lab.to_owned(), language))
}

fn read(lab: String, language: Language) -> Listed {
    let Parts { count: namespaces, gone } = target::of(&lab).parts(&lab).unwrap_or_default();
    match session::look(&lab) {
        Ok(before) => Listed {
            // For an incomplete lab, report only that.
            drift: match before.settled {
                true => session::drift_at_a_glance(&before.run, None).unwrap_or_default(),
                false => Vec::new(),
            },
            gone,
            state: if before.settled { "up" } else { "incomplete" },
            title: before.run.lab().title.clone(),
            shown: before.run.lab().title_in(language).unwrap_or_default().to_owned(),
            file: Some(before.run.lab().source.name.to_string()),
            steps_done: Some(before.run.steps_done()),
            steps: Some(before.run.lab().steps.len()),
            namespaces,
            lab,
        },
        Err(_) => Listed {
            lab,
            state: "unreadable",
            title: None,
            shown: String::new(),
            file: None,
            steps_done: None,
            steps: None,
            gone,
            drift: Vec::new(),
            namespaces,
        },
    }
}
