//! A lab's file, what was done with it, and the Cloud that follows. Nothing here touches the kernel.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cloud::{AccountName, Call, Cloud, Operation, Origin, Outcome, Refusal};
use crate::error::{Error, Errors, Kind, Source, Span};
use crate::journal::Event;
use crate::lab::{self, Done, Lab};

/// A lab that was walked some way.
#[derive(Clone, Debug)]
pub struct Run {
    lab: Lab,
    path: PathBuf,
    cloud: Cloud,
    events: Vec<Event>,
    warnings: Vec<String>,
}

/// A step that was done.
#[derive(Clone, Debug)]
pub struct StepDone {
    /// Its index in the lab, from 0.
    pub index: usize,
    /// What it ran, with what came of it.
    pub done: Vec<Done>,
}

impl Run {
    /// The tables done, and no step. `path` is where the file is.
    pub fn begin(lab: Lab, path: PathBuf) -> Result<Self, Errors> {
        let (cloud, warnings) = lab.build()?;
        Ok(Run { lab, path, cloud, events: Vec::new(), warnings })
    }

    /// The same things done again.
    pub fn replay(lab: Lab, path: PathBuf, events: &[Event]) -> Result<Self, Errors> {
        let mut run = Run::begin(lab, path)?;
        for event in events {
            match event {
                Event::Step(index) => {
                    run.lab.play(&mut run.cloud, *index)?;
                    run.events.push(event.clone());
                }
                Event::Operation { account, line } => {
                    let call = lab::parse_operation(line)?;
                    run.operate(account, call)?;
                }
            }
        }
        Ok(run)
    }

    /// Does the next step; `None` where all are done. A step that the cloud refuses changes nothing.
    pub fn step(&mut self) -> Result<Option<StepDone>, Error> {
        let index = self.steps_done();
        if index == self.lab.steps.len() {
            return Ok(None);
        }
        let mut cloud = self.cloud.clone();
        let done = self.lab.play(&mut cloud, index)?;
        self.cloud = cloud;
        self.events.push(Event::Step(index));
        Ok(Some(StepDone { index, done }))
    }

    /// Does one operation by hand, called by the account of this name or id.
    pub fn operate(&mut self, account: &str, call: Call) -> Result<Outcome, Error> {
        let caller = self.account(account)?;
        let line: Arc<str> = call.to_string().into();
        let operation = Operation { caller: caller.clone(), call, origin: Origin::Api(line.clone()) };
        let outcome = self.cloud.apply(&operation).map_err(|refusal| refused(&line, refusal))?;
        self.events.push(Event::Operation { account: caller.to_string(), line: line.to_string() });
        Ok(outcome)
    }

    /// The account of this name or id.
    pub fn account(&self, wanted: &str) -> Result<AccountName, Error> {
        let found = self.cloud.accounts().find(|account| account.name.as_str() == wanted || &*account.id.0 == wanted);
        found.map(|account| account.name.clone()).ok_or_else(|| {
            let all: Vec<_> = self.cloud.accounts().map(|account| account.name.to_string()).collect();
            Error::input(format!("lab {} has no account {wanted}", self.lab.name))
                .code("AccountNotFound")
                .hint(format!("its accounts are: {}", all.join(", ")))
        })
    }

    /// How many steps are done.
    pub fn steps_done(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Step(_))).count()
    }

    /// The operations that were done by hand, in order: who called, and the call.
    pub fn by_hand(&self) -> impl Iterator<Item = (&str, &str)> {
        self.events.iter().filter_map(|event| match event {
            Event::Operation { account, line } => Some((account.as_str(), line.as_str())),
            Event::Step(_) => None,
        })
    }

    /// The lab.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Where its file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The Cloud.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// What was done after the tables.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What the tables gave warning of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// A refusal of an operation that was typed, with a caret under the argument at fault.
fn refused(line: &Arc<str>, refusal: Refusal) -> Error {
    let span = refusal.argument.and_then(|argument| argument_span(line, argument)).unwrap_or(0..line.len());
    Error::new(Kind::Refused, refusal.message)
        .code(refusal.code.0)
        .at(&Source::new("api", line.clone()), span)
        .hint(refusal.hint)
}

/// Where the value of an argument stands in a run line: behind `--ARGUMENT`, else it is the positional one.
fn argument_span(line: &str, argument: &str) -> Option<Span> {
    let mut words = words(line).skip(1);
    let mut positional = None;
    while let Some(span) = words.next() {
        match line[span.clone()].strip_prefix("--") {
            Some(name) if name == argument => return words.next(),
            Some(_) => drop(words.next()),
            None => positional = positional.or(Some(span)),
        }
    }
    positional
}

/// The words of a line, as spans.
fn words(line: &str) -> impl Iterator<Item = Span> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(|c: char| !c.is_whitespace())?;
        let end = line[start..].find(char::is_whitespace).map_or(line.len(), |length| start + length);
        at = end;
        Some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn underlined(argument: &str) -> Option<&'static str> {
        let line = "create-route-entry rtb-1 --destination 10.0.0.0/8 --next-hop ri-a";
        argument_span(line, argument).map(|span| &line[span])
    }

    #[test]
    fn an_option_is_underlined_by_its_value() {
        assert_eq!(underlined("destination"), Some("10.0.0.0/8"));
        assert_eq!(underlined("next-hop"), Some("ri-a"));
    }

    #[test]
    fn any_other_argument_is_the_positional_one() {
        assert_eq!(underlined("table"), Some("rtb-1"));
    }
}
