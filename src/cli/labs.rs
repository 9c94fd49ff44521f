//! `peerlab labs [NAME]`

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::exercise::Said;
use crate::error::{Error, Errors, Source};
use crate::lab::{self, Lab};
use crate::language::Language;
use crate::message::Say;
use crate::msg;
use crate::shipped::{self, Shipped};
use crate::terminal::{Table, Tone};

/// List the labs and exercises that ship with peerlab, or print one's file
#[derive(Debug, Args)]
#[command(after_help = "\
A verb that takes a lab file takes the name of a shipped lab as well, unless there is a file of that name.

Examples:
  peerlab labs
  peerlab up cross-account
  peerlab exercise start night-shift
  peerlab labs cross-account > mine.toml      a file of your own, to change")]
pub(super) struct Arguments {
    /// Print the file of this lab
    name: Option<String>,
}

/// A lab of the list.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    provider: &'static str,
    #[serde(flatten)]
    story: Story,
    zh: Story,
    steps: usize,
    /// As `peerlab test` counts them: one with `both_ways` is two.
    checks: usize,
    /// The file's text, if one lab was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'static str>,
}

/// What a lab is about, in one language.
#[derive(Serialize)]
struct Story {
    title: Option<String>,
    /// The first line of the lab's text.
    story: Option<String>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    match &arguments.name {
        Some(name) => print(name, context)?,
        None => list(context)?,
    }
    Ok(Ending::Done)
}

/// Prints a lab's file.
fn print(name: &str, context: &Context) -> Result<(), Errors> {
    let lab = shipped::named(name).ok_or_else(|| {
        let (message, hint) = shipped::unknown(name);
        Error::input(message).code("LabNotFound").hint(hint)
    })?;
    if context.json {
        context.print_json(&Listed { text: Some(lab.text), ..listed(lab)? });
    } else {
        context.print_file(lab.text);
    }
    Ok(())
}

fn list(context: &Context) -> Result<(), Errors> {
    let all = |shipped: &[Shipped]| shipped.iter().copied().map(listed).collect::<Result<Vec<_>, _>>();
    let (labs, exercises) = (all(shipped::ALL)?, all(shipped::EXERCISES)?);
    context.show(&serde_json::json!({ "labs": labs, "exercises": exercises }), |out| {
        let mut table = Table::new();
        for (index, lab) in labs.iter().chain(&exercises).enumerate() {
            if index == labs.len() {
                table.note(Tone::Plain, "");
                table.note(Tone::Strong, msg!(Said::ForExercise).in_language(out.language).to_string());
            }
            let Story { title, story } = match out.language {
                Language::English => &lab.story,
                Language::Chinese => &lab.zh,
            };
            let title = title.clone().unwrap_or_default();
            table.row([
                (Tone::Strong, lab.name.to_owned()),
                (Tone::Faint, lab.provider.to_owned()),
                (Tone::Plain, title),
            ]);
            if let Some(story) = story {
                table.note(Tone::Faint, story);
            }
        }
        table.render(out, 0)
    });
    Ok(())
}

fn listed(Shipped { name, text }: Shipped) -> Result<Listed, Errors> {
    let lab = lab::read(Source::new(name, text))?;
    Ok(Listed {
        name,
        provider: lab.provider.name,
        story: story(&lab, Language::English),
        zh: story(&lab, Language::Chinese),
        steps: lab.steps.len(),
        checks: lab.count_checks(),
        text: None,
    })
}

fn story(lab: &Lab, language: Language) -> Story {
    let first_line = |text: &str| text.trim_start().lines().next().unwrap_or_default().to_owned();
    Story { title: lab.title_in(language).map(str::to_owned), story: lab.text_in(language).map(first_line) }
}
