//! What a page shows beside the Cloud: the lab's steps, what was pinged, what was done, why a call was refused.

use crate::cloud::{AccountName, Operation};
use crate::message::Message;
use crate::messages::Said;

/// The panels beside the provider's page.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The picture that `graph` draws, without its style.
    pub picture: &'a str,
    /// What was pinged, the latest last.
    pub pings: &'a [Pinged],
    /// What somebody changed in the kernel.
    pub drift: &'a [Message],
}

/// A ping, as it went.
#[derive(Clone, Debug, PartialEq)]
pub enum Ping {
    /// Answered, in milliseconds.
    Answered(f64),
    /// Another instance answered.
    ByAnother,
    /// Nobody answered.
    Silent,
}

/// A ping of a pair.
#[derive(Clone, Debug)]
pub struct Pinged {
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// How it went.
    pub ping: Ping,
    /// Whether that was predicted.
    pub agrees: bool,
    /// The time of day.
    pub when: String,
    /// Whether something was changed since.
    pub old: bool,
}

impl Pinged {
    /// How it went, as a cell says it.
    pub(crate) fn said(&self) -> Message {
        match &self.ping {
            Ping::Answered(ms) => crate::msg!(Said::PingAnswered { ms: format!("{ms:.1}") }),
            Ping::ByAnother => Said::PingAnsweredByAnother.into(),
            Ping::Silent => Said::PingSilent.into(),
        }
    }
}

/// What was done, by whichever door.
#[derive(Clone, Debug)]
pub struct Done {
    /// The account that did it; `None`: a step of no account.
    pub account: Option<String>,
    /// The operation, or the step's title in the reader's language.
    pub what: String,
    /// Whether it is a step.
    pub is_step: bool,
    /// The number of operations and steps with it.
    pub number: usize,
    /// Whether the reader may undo it, once it is the last.
    pub is_own: bool,
}

/// The lab's steps, as they are now.
#[derive(Clone, Debug, Default)]
pub struct Tutorial {
    /// The lab's title, in the reader's language.
    pub title: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// Its steps.
    pub steps: Vec<StepSeen>,
    /// How many hints of the step were given.
    pub hints: usize,
    /// Of an exercise: the ticket and the hints that were given.
    pub exercise: Option<(String, Vec<String>)>,
}

impl Tutorial {
    /// The step that comes next.
    pub fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| !step.done)
    }

    /// Whether there is something left to do.
    pub fn is_open(&self) -> bool {
        self.current().is_some() || self.exercise.is_some()
    }
}

/// A step.
#[derive(Clone, Debug)]
pub struct StepSeen {
    /// Its title, in the reader's language.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Who does it.
    pub account: Option<AccountName>,
    /// Whether its effect is there.
    pub done: bool,
    /// Its checks.
    pub checks: Vec<CheckSeen>,
    /// Its operations that are not done.
    pub operations: Vec<Operation>,
    /// The lines that do it.
    pub lines: Vec<String>,
}

/// A check of a step.
#[derive(Clone, Debug)]
pub struct CheckSeen {
    /// The pair, and what is to come of it.
    pub wanted: String,
    /// What is predicted now.
    pub now: Message,
    /// Whether that is what is wanted.
    pub passes: bool,
}

/// Why a call was refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The code.
    pub code: Option<String>,
    /// What is wrong.
    pub message: Message,
    /// What to do.
    pub hint: Option<Message>,
    /// The argument at fault.
    pub argument: Option<String>,
    /// The call's place among those of the form.
    pub call: usize,
}

impl Refused {
    pub(crate) fn is_of(&self, arguments: &[&str]) -> bool {
        self.argument.as_deref().is_some_and(|argument| arguments.contains(&argument))
    }
}
