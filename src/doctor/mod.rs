//! What this host can do: each thing that labs need, with its consequence and the remedy.
//!
//! Features are really tried, in namespaces that go with their thread; nothing of the host is changed.
#![allow(clippy::disallowed_methods)]

mod leftovers;
mod limits;
mod privileges;
mod room;

use serde::Serialize;

use crate::kernel::features::{self, Feature};
use crate::kernel::privilege;

pub use room::room_for;

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it belongs to.
    pub area: Area,
    /// What was looked at.
    pub what: String,
    /// How it is.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What that means for labs; `None` where all is well.
    pub consequence: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// What a finding belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// What this process may do.
    Privileges,
    /// What the kernel has.
    Kernel,
    /// How much of it.
    Limits,
    /// What labs have left behind.
    Leftovers,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Good,
    /// Labs can run, but for what the consequence says.
    Notice,
    /// No lab can run.
    Bad,
    /// It could not be looked at.
    Unknown,
}

/// Everything that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether labs can run.
    pub ready: bool,
    /// In the order of their areas.
    pub findings: Vec<Finding>,
}

/// Looks at everything.
pub fn examine() -> Report {
    let mut findings = privileges::look();
    findings.extend(kernel());
    findings.extend(limits::look());
    findings.extend(leftovers::look());
    let ready = findings.iter().all(|finding| finding.state != State::Bad);
    Report { ready, findings }
}

fn kernel() -> Vec<Finding> {
    let rights = privilege::check().and_then(|()| privilege::check_host());
    let (state, error) = match (features::features(), rights) {
        (Ok(features), Ok(())) => return features.iter().map(feature).collect(),
        (Err(error), Ok(())) => (State::Bad, error),
        // Without the rights each of them would seem to be missing.
        (Err(error), Err(_)) | (Ok(_), Err(error)) => (State::Unknown, error),
    };
    let finding = Finding::new(Area::Kernel, "features", state, error.message.to_string());
    vec![finding.means("they are tried in a namespace of their own").remedy(privileges::more_rights())]
}

fn feature(feature: &Feature) -> Finding {
    let finding = |state, found: &str| Finding::new(Area::Kernel, feature.name, state, found);
    match (&feature.lacking, feature.optional) {
        (None, _) => finding(State::Good, feature.use_of_it),
        (Some(why), true) => {
            finding(State::Notice, why).means(format!("it {}: left out, and `up` says so", feature.use_of_it))
        }
        (Some(why), false) => finding(State::Bad, why).means(format!("it {}: no lab can run", feature.use_of_it)),
    }
    .remedy_if(feature.lacking.is_some(), || feature.remedy())
}

impl Finding {
    fn new(area: Area, what: impl Into<String>, state: State, found: impl Into<String>) -> Self {
        Finding { area, what: what.into(), state, found: found.into(), consequence: None, remedy: None }
    }

    fn means(mut self, consequence: impl Into<String>) -> Self {
        self.consequence = Some(consequence.into());
        self
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn remedy_if(self, needed: bool, remedy: impl FnOnce() -> String) -> Self {
        if needed { self.remedy(remedy()) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking(optional: bool) -> Finding {
        feature(&Feature {
            name: "netem",
            use_of_it: "delays packets",
            module: "sch_netem",
            optional,
            lacking: Some("no such file".into()),
        })
    }

    #[test]
    fn what_labs_cannot_do_without_is_told_from_what_they_can() {
        assert_eq!(lacking(false).state, State::Bad);
        let wished_for = lacking(true);
        assert_eq!(wished_for.state, State::Notice);
        assert!(wished_for.consequence.unwrap().contains("left out"));
        assert!(wished_for.remedy.unwrap().contains("modprobe sch_netem"));
    }
}
