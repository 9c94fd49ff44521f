//! Finds resources made by hand that the remaining steps would delete and recreate.

use serde::Serialize;

use crate::message::Message;

use super::Run;
use crate::cloud::ResourceKind;

/// A resource that one step deletes and a later one recreates under the same name, with another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remake {
    /// Its kind.
    pub kind: Message,
    /// Its name.
    pub name: String,
    /// The number of the step that deletes it, from 1.
    pub deleted: usize,
    /// The number of the step that makes it again.
    pub made: usize,
}

impl Run {
    /// The resources made by hand that the remaining steps would replace, as far as those steps can be done.
    pub fn remakes(&self) -> Vec<Remake> {
        let mut there = self.cloud().made_by_hand();
        let deletes = |step: &crate::lab::Step| step.operations.iter().any(|it| it.call.name().starts_with("delete-"));
        if there.is_empty() || !self.lab().steps.iter().skip(self.steps_done()).any(deletes) {
            return Vec::new();
        }
        let (mut run, mut remakes) = (self.clone(), Vec::new());
        let mut gone: Vec<(ResourceKind, String, usize)> = Vec::new();
        while let Ok(Some(step)) = run.step() {
            let number = step.index + 1;
            gone.retain(|(kind, name, deleted)| {
                let is_back = run.cloud().id_of_name(*kind, name).is_some();
                if is_back {
                    let (kind, name) = (Message::from(kind), name.clone());
                    remakes.push(Remake { kind, name, deleted: *deleted, made: number });
                }
                !is_back
            });
            there.retain(|(kind, name, id)| match run.cloud().id_of_name(*kind, name) {
                Some(now) if now == *id => true,
                Some(_) => {
                    let (kind, name) = (Message::from(kind), name.clone());
                    remakes.push(Remake { kind, name, deleted: number, made: number });
                    false
                }
                None => {
                    gone.push((*kind, name.clone(), number));
                    false
                }
            });
        }
        remakes
    }
}
