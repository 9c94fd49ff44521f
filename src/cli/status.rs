//! `peerlab status [LAB]`

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::steps::Said;
use super::next::{BoundReport, StepReport, render_steps, step_reports};
use super::target::{LabChoice, look_at};
use crate::error::Errors;
use crate::journal::Event;
use crate::message::Message;
use crate::msg;
use crate::report::drift;
use crate::report::status::CloudStatus;
use crate::session;
use crate::terminal::Tone;

/// Show peerings, route tables, groups and instances, and what is missing
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab status
  peerlab status cross-account --json")]
pub(super) struct Arguments {
    /// The lab or its file; optional while one lab is up
    #[arg(value_name = "LAB", conflicts_with = "lab")]
    name: Option<String>,
    #[command(flatten)]
    lab: LabChoice,
}

#[derive(Serialize)]
struct LabStatus<'a> {
    lab: &'a str,
    title: Option<&'a str>,
    provider: &'a str,
    file: String,
    steps: Vec<StepReport>,
    /// The operations done by hand, in order.
    operations: Vec<ByHand<'a>>,
    /// Changes made in the kernel by hand.
    drift: Vec<Message>,
    /// Resources made by hand under other names or ids, with the lab's names for them.
    bound: Vec<BoundReport>,
    #[serde(flatten)]
    cloud: CloudStatus,
}

#[derive(Serialize)]
struct ByHand<'a> {
    account: &'a str,
    operation: &'a str,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let named = arguments.name.as_deref().or(arguments.lab.lab.as_deref());
    let (name, run) = look_at(named, context)?;
    let status = LabStatus {
        lab: &name,
        title: run.lab().title.as_deref(),
        provider: run.cloud().provider().name,
        file: run.lab().source.name.to_string(),
        steps: step_reports(&run, context.out.language),
        operations: run.by_hand().map(|(account, operation)| ByHand { account, operation }).collect(),
        drift: session::drift_at_a_glance(&run, None).unwrap_or_default(),
        bound: run
            .standing()
            .history()
            .steps()
            .filter_map(Event::step)
            .flat_map(|(_, bound)| bound)
            .filter(|it| run.cloud().name_of(it.kind, &it.made).is_some())
            .map(BoundReport::of)
            .collect(),
        cloud: CloudStatus::of(&name, run.cloud()),
    };
    context.show(&status, |out| {
        let lab = out.paint(Tone::Strong, status.lab);
        let about = out.paint(Tone::Faint, format!("{}, {}", status.provider, status.file));
        let title = format!("{lab}  {}", run.lab().title_in(out.language).unwrap_or_default());
        let drift = drift::line(status.lab, &status.drift, out);
        let mut text = format!("{drift}{}\n{}\n", out.fit(title.trim_end(), 2), out.fit(&format!("  {about}"), 2));
        text += &render_steps(&status.steps, out);
        for by_hand in &status.operations {
            let said = msg!(Said::ByHand { account: by_hand.account, operation: by_hand.operation });
            text += &(out.say(said) + "\n");
        }
        for sentence in status.bound.iter().filter_map(BoundReport::sentence) {
            text += &out.say(msg!(Said::Equal { what: sentence }));
            text.push('\n');
        }
        text + "\n" + &status.cloud.render(out)
    });
    Ok(Ending::Done)
}
