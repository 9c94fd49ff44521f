//! Finds the causes of changes. No I/O here.

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
    /// Operations and steps done to the lab, in order.
    Done(Vec<Message>),
    /// Somebody changed the kernel by hand; contains what `peerlab up` would change.
    Kernel(Vec<String>),
    /// The kernel is as it should be, but the packet did something else.
    Unknown,
    /// `peerlab up` repaired the kernel.
    Mended,
    /// The pair is as predicted again, although nothing was done to the lab.
    Ceased,
}

/// A change by hand, in JSON.
pub(super) const KERNEL: &str = "kernel";

/// The operations and steps done between two looks at a lab, with titles in this language.
pub fn happened(old: &Run, new: &Run, language: Language) -> Vec<Message> {
    let mut told = Vec::new();
    let more = new.standing().history().more_than(old.standing().history());
    if old.lab().source.text != new.lab().source.text {
        told.push(msg!(Said::UpWithChangedFile));
    } else if more.is_none() {
        told.push(msg!(Said::UpWhereFileLeads));
    }
    told.extend(more.unwrap_or_default().iter().map(|event| match event {
        Event::Operation { account, line } => Message::text(format!("{account}: {line}")),
        Event::Step(step) | Event::Bound { step, .. } | Event::Skipped { step, .. } => {
            let title = new.lab().steps.get(*step).map_or("", |step| step.title_in(language));
            msg!(Said::Step { step: step + 1, title })
        }
    }));
    told
}

impl Cause {
    /// The cause of a change. `done`: operations and steps since the last look; `touched`: whether the lab's journal
    /// was written; `undo`: what `up` would change in the kernel.
    pub fn of(change: &Change, done: &[Message], touched: bool, undo: &[String]) -> Self {
        match &change.now {
            Some(now) if !now.agrees() && undo.is_empty() => Cause::Unknown,
            Some(now) if !now.agrees() => Cause::Kernel(undo.to_vec()),
            _ if !done.is_empty() => Cause::Done(done.to_vec()),
            _ if touched => Cause::Mended,
            _ => Cause::Ceased,
        }
    }

    /// The cause in a few words, for this lab.
    pub fn text(&self, lab: &str, language: Language) -> String {
        language.say(match self {
            Cause::Done(done) => msg!(Said::Done { done }),
            Cause::Kernel(undo) => {
                let more = (undo.len() > 1).then(|| msg!(Said::AndMore { more: undo.len() - 1 }));
                msg!(Said::KernelChangedByHand { lab, undo: &undo[0], more })
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
        assert_eq!(in_chinese, "步骤1：一个子网；A: create-subnet t --vpc V --cidr 10.0.2.0/24");
        assert_eq!(happened(&new, &new, Language::English), [] as [&str; 0]);
        assert_eq!(happened(&new, &old, Language::English), ["up, to where the file leads"]);
        assert_eq!(
            happened(&old, &run(&LAB.replace("A subnet", "Another")), Language::English),
            ["up with a changed file"]
        );
    }
}
