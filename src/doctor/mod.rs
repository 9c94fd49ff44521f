//! Checks what this host can do: everything that labs need, with consequences and remedies.
//!
//! Features are tried for real, in namespaces that end with their thread; nothing on the host changes.
#![allow(clippy::disallowed_methods)]

mod hosts;
mod leftovers;
mod limits;
mod messages;
mod privileges;

use peerlab_ovsdb::Remote;
use serde::Serialize;

use crate::doctor::messages::Said;
use crate::kernel::features::{self, Feature};
use crate::kernel::privilege;
use crate::message::Message;
use crate::msg;
use crate::rootless;

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its area.
    pub area: Area,
    /// The subject of the check.
    pub what: Message,
    /// Its state.
    pub state: State,
    /// The finding.
    pub found: Message,
    /// The consequence for labs; `None` if all is well.
    pub consequence: Option<Message>,
    /// The remedy.
    pub remedy: Option<Message>,
}

/// The area of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The process's privileges.
    Privileges,
    /// The kernel's features.
    Kernel,
    /// Limits.
    Limits,
    /// Leftovers of labs.
    Leftovers,
    /// What labs over several hosts need.
    Hosts,
}

/// The state of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everything is as it should be.
    Good,
    /// Labs can run, with the limitation of the consequence.
    Notice,
    /// No lab can run.
    Bad,
    /// It could not be checked.
    Unknown,
}

/// All findings.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether labs can run.
    pub ready: bool,
    /// Whether they run without root, in namespaces of the user who calls.
    pub rootless: bool,
    /// The findings, in the order of their areas.
    pub findings: Vec<Finding>,
}

/// Runs all checks. With the addresses of OVN's database and of this host's own Open vSwitch, also those for labs over several hosts.
pub fn examine(several: Option<(&Remote, &Remote)>) -> Report {
    let mut findings = privileges::look();
    findings.extend(kernel());
    findings.extend(limits::look());
    findings.extend(leftovers::look());
    findings.extend(several.map(|(on, ovs)| hosts::look(on, ovs)).unwrap_or_default());
    let ready = findings.iter().all(|finding| finding.state != State::Bad);
    Report { ready, rootless: rootless::is_inside(), findings }
}

fn kernel() -> Vec<Finding> {
    let rights = privilege::check();
    let (state, error) = match (features::features(), rights) {
        (Ok(features), Ok(())) => return features.iter().map(feature).collect(),
        (Err(error), Ok(())) => (State::Bad, error),
        // Without the privileges every feature would seem to be missing.
        (Err(error), Err(_)) | (Ok(_), Err(error)) => (State::Unknown, error),
    };
    let finding = Finding::new(Area::Kernel, msg!(Said::Features), state, error.message);
    vec![finding.means(msg!(Said::TheyTriedInNamespaceTheir)).remedy(privileges::more_rights())]
}

fn feature(feature: &Feature) -> Finding {
    let finding = |state, found: Message| Finding::new(Area::Kernel, &feature.name, state, found);
    match (&feature.lacking, feature.optional) {
        (None, _) => finding(State::Good, (&feature.use_of_it).into()),
        (Some(why), true) => {
            finding(State::Notice, why.clone()).means(msg!(Said::LeftOutUpSays { use_of_it: &feature.use_of_it }))
        }
        (Some(why), false) => {
            finding(State::Bad, why.clone()).means(msg!(Said::NoLabCanRun { use_of_it: &feature.use_of_it }))
        }
    }
    .remedy_if(feature.lacking.is_some(), || feature.remedy())
}

impl Finding {
    fn new(area: Area, what: impl Into<Message>, state: State, found: impl Into<Message>) -> Self {
        Finding { area, what: what.into(), state, found: found.into(), consequence: None, remedy: None }
    }

    fn means(mut self, consequence: impl Into<Message>) -> Self {
        self.consequence = Some(consequence.into());
        self
    }

    fn remedy(mut self, remedy: impl Into<Message>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn remedy_if(self, needed: bool, remedy: impl FnOnce() -> Message) -> Self {
        if needed { self.remedy(remedy()) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking(optional: bool) -> Finding {
        feature(&Feature {
            name: Message::text("netem"),
            use_of_it: features::DELAY,
            module: "sch_netem",
            optional,
            lacking: Some(Message::text("no such file")),
        })
    }

    #[test]
    fn what_labs_cannot_do_without_is_told_from_what_they_can() {
        assert_eq!(lacking(false).state, State::Bad);
        let wished_for = lacking(true);
        assert_eq!(wished_for.state, State::Notice);
        assert!(wished_for.consequence.unwrap().to_string().contains("left out"));
        assert!(wished_for.remedy.unwrap().to_string().contains("modprobe sch_netem"));
    }
}
