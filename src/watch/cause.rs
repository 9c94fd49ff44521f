//! Finds the causes of changes. No I/O here.

use crate::cloud::{Cloud, Transition};
use crate::journal::Event;
use crate::language::Language;
use crate::session::Run;

use super::picture::Change;
use crate::message::Message;
use crate::msg;
use crate::watch::messages::Said;

/// Why pairs changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// What took a moment and ended, and operations and steps done to the lab, in order.
    Done(Vec<Message>),
    /// Somebody changed the kernel by hand; contains what, as facts.
    Kernel(Vec<Message>),
    /// The kernel is as it should be, but the packet did something else.
    Unknown,
    /// `peerlab up` repaired the kernel.
    Mended,
    /// The pair is as predicted again, although nothing was done to the lab.
    Ceased,
}

/// A change by hand, in JSON.
pub(super) const KERNEL: &str = "kernel";

/// What took a moment and ended between two looks at a lab, then the operations and steps done, with titles in this
/// language.
pub fn happened(old: &Run, new: &Run, language: Language) -> Vec<Message> {
    let (before, now) = (old.standing().history(), new.standing().history());
    let of = |event: &Event| match event {
        Event::Operation { account, line, .. } => msg!(Said::Operation { account, line }),
        Event::Step(step) | Event::Bound { step, .. } | Event::Skipped { step, .. } => {
            let title = new.lab().steps.get(*step).map_or("", |step| step.title_in(language));
            msg!(Said::Step { step: step + 1, title })
        }
    };
    let is_same_file = old.lab().source.text == new.lab().source.text;
    let mut told = Vec::new();
    match now.more_than(before) {
        more if !is_same_file => {
            told.push(msg!(Said::UpWithChangedFile));
            told.extend(more.unwrap_or_default().iter().map(of));
        }
        Some(more) => {
            told.extend(ended(old.cloud(), new.cloud().named_time()));
            told.extend(more.iter().map(of));
        }
        None => match before.more_than(now) {
            Some(undone) => told.extend(undone.iter().rev().map(|event| msg!(Said::Undone { what: of(event) }))),
            None => told.push(msg!(Said::UpWhereFileLeads)),
        },
    }
    told
}

/// The changes under way that were done by this time, in milliseconds since 1970.
fn ended(old: &Cloud, time: u64) -> Vec<Message> {
    if !old.is_due(time) {
        return Vec::new();
    }
    let said = |Transition { name, states }| {
        let (was, now) = (states.first()?, states.last()?);
        Some(msg!(Said::Ended { name, was, now }))
    };
    old.clone().pass(time).into_iter().filter_map(said).collect()
}

impl Cause {
    /// The cause of a change. `done`: operations and steps since the last look; `touched`: whether the lab's journal
    /// was written; `drift`: what somebody changed in the kernel.
    pub fn of(change: &Change, done: &[Message], touched: bool, drift: &[Message]) -> Self {
        match &change.now {
            Some(now) if !now.agrees() && drift.is_empty() => Cause::Unknown,
            Some(now) if !now.agrees() => Cause::Kernel(drift.to_vec()),
            _ if !done.is_empty() => Cause::Done(done.to_vec()),
            _ if touched => Cause::Mended,
            _ => Cause::Ceased,
        }
    }

    /// The cause in a few words, for this lab.
    pub fn text(&self, lab: &str, language: Language) -> String {
        language.say(match self {
            Cause::Done(done) => msg!(Said::Done { done }),
            Cause::Kernel(drift) => {
                let (first, others) = drift.split_at(drift.len().min(1));
                let more = (!others.is_empty()).then(|| msg!(Said::AndMore { more: others.len() }));
                msg!(Said::KernelChangedByHand { lab, drift: first, more })
            }
            Cause::Unknown => msg!(Said::KernelAsItShouldBe { lab }),
            Cause::Mended => msg!(Said::UpRepairedKernel),
            Cause::Ceased => msg!(Said::PredictedAgain),
        })
    }

    /// In one word, for JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Cause::Done(_) => "done",
            Cause::Kernel(_) => KERNEL,
            Cause::Unknown => "unknown",
            Cause::Mended => "mended",
            Cause::Ceased => "ceased",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Source;
    use crate::lab;

    const LAB: &str = r#"
[lab]
provider = "jdcloud"
[account.A]
[vpc.V]
region = "r"
cidr = "10.0.0.0/16"
[[step]]
title = "A subnet"
zh.title = "一个子网"
account = "A"
run = ["create-subnet s --vpc V --cidr 10.0.1.0/24"]
"#;

    fn run(text: &str) -> Run {
        Run::begin(lab::read(Source::new("lab.toml", text)).unwrap(), "lab.toml".into()).unwrap()
    }

    #[test]
    fn what_was_done_is_told_in_order() {
        let old = run(LAB);
        let mut new = old.clone();
        new.step().unwrap();
        new.operate("A", lab::parse_operation("create-subnet t --vpc V --cidr 10.0.2.0/24").unwrap()).unwrap();
        let expected = ["step 1: A subnet", "A: create-subnet t --vpc V --cidr 10.0.2.0/24"];
        assert_eq!(happened(&old, &new, Language::English), expected);
        let in_chinese = Cause::Done(happened(&old, &new, Language::Chinese)).text("lab", Language::Chinese);
        assert_eq!(in_chinese, "步骤1：一个子网；A：create-subnet t --vpc V --cidr 10.0.2.0/24");
        assert_eq!(happened(&new, &new, Language::English), [] as [&str; 0]);
        let taken_back = ["undone: A: create-subnet t --vpc V --cidr 10.0.2.0/24", "undone: step 1: A subnet"];
        assert_eq!(happened(&new, &old, Language::English), taken_back);
        let in_chinese = Cause::Done(happened(&new, &old, Language::Chinese)).text("lab", Language::Chinese);
        assert_eq!(in_chinese, "已撤销：A：create-subnet t --vpc V --cidr 10.0.2.0/24；已撤销：步骤1：一个子网");
        let mut other = old.clone();
        other.operate("A", lab::parse_operation("create-subnet u --vpc V --cidr 10.0.3.0/24").unwrap()).unwrap();
        assert_eq!(happened(&new, &other, Language::English), ["up, to where the file leads"]);
        assert_eq!(
            happened(&old, &run(&LAB.replace("A subnet", "Another")), Language::English),
            ["up with a changed file"]
        );
    }
}
