//! `peerlab exercise ticket [LAB]`

use clap::Args;
use serde::Serialize;

use super::{Context, Ending, Open, Said, Which};
use crate::cloud::AccountName;
use crate::error::Errors;
use crate::exercise::symptoms;
use crate::language::Language;
use crate::message::Say as _;
use crate::msg;
use crate::terminal::{Terminal, Tone};

/// Show the ticket: what the users of the lab report
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab exercise ticket
  peerlab exercise ticket --as B      what account B sees of it")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Only what this account's own instances see
    #[arg(long = "as", value_name = "ACCOUNT")]
    account: Option<String>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let open = Open::look(arguments.which.named(), context)?;
    let account = arguments.account.as_deref().map(|account| open.run.standing().account(account)).transpose()?;
    let ticket = Ticket::of(&open, account.as_ref(), context.language());
    context.show(&ticket, |out| ticket.render(out));
    Ok(Ending::Done)
}

/// What a learner knows at the start.
#[derive(Serialize)]
pub(super) struct Ticket {
    lab: String,
    learner: Option<String>,
    account: Option<String>,
    /// When it began, in seconds since 1970.
    since: u64,
    /// What the author has somebody report.
    story: Vec<String>,
    symptoms: Vec<Symptom>,
}

/// A flow, as it was when the exercise began.
#[derive(Serialize)]
struct Symptom {
    from: String,
    to: String,
    protocol: String,
    /// Whether it should reach.
    wanted: bool,
    /// Whether it is as it should be.
    holds: bool,
    /// The accounts of its ends.
    accounts: Vec<String>,
    says: String,
}

impl Ticket {
    pub(super) fn of(open: &Open, account: Option<&AccountName>, language: Language) -> Self {
        let lab = open.run.lab();
        let story = lab.faults.iter().filter_map(|fault| fault.ticket_in(language)).map(str::to_owned);
        let symptoms = symptoms(lab, &open.broken, account).into_iter().map(|it| Symptom {
            says: it.message().in_language(language).to_string(),
            from: it.from.to_string(),
            to: it.to.to_string(),
            protocol: it.protocol.to_string(),
            wanted: it.wanted,
            holds: it.holds,
            accounts: it.accounts.iter().map(ToString::to_string).collect(),
        });
        Ticket {
            lab: open.name.clone(),
            learner: open.learner().map(str::to_owned),
            account: account.map(ToString::to_string),
            since: open.counted.began,
            story: story.collect(),
            symptoms: symptoms.collect(),
        }
    }

    pub(super) fn render(&self, out: &Terminal) -> String {
        let head = match &self.learner {
            Some(learner) => msg!(Said::TicketFor { lab: &self.lab, learner }),
            None => msg!(Said::Ticket { lab: &self.lab }),
        };
        let mut text = format!("{}\n", out.paint(Tone::Strong, out.say(head)));
        for story in &self.story {
            text += &out.wrap(story, 2);
        }
        if self.story.is_empty() {
            text += &out.wrap(&out.say(Said::SinceLastNight), 2);
        }
        for symptom in &self.symptoms {
            let (tone, mark) = if symptom.holds { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
            let accounts = symptom.accounts.join(", ");
            let accounts = if accounts.is_empty() { String::new() } else { format!(" ({accounts})") };
            text += &format!("  {} {}{accounts}\n", out.paint(tone, mark), symptom.says);
        }
        text + &out.paint(Tone::Faint, out.say(Said::MendIt)) + "\n"
    }
}
