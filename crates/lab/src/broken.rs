//! Names that a fault of the file or a refusal makes unreliable: references to them are not checked.

use std::collections::BTreeSet;

use crate::cloud::ResourceKind;

/// Broken resources, by kind and name or id.
#[derive(Clone, Debug, Default)]
pub(super) struct Broken {
    things: BTreeSet<(ResourceKind, String)>,
    /// Broken names of unknown kind.
    names: BTreeSet<String>,
}

impl Broken {
    /// Records a resource, by a name or an id; a subnet as `VPC/SUBNET`.
    pub(super) fn insert(&mut self, kind: ResourceKind, text: impl Into<String>) {
        self.things.insert((kind_of_table(kind), text.into()));
    }

    /// Records everything with this name.
    pub(super) fn insert_whatever(&mut self, text: impl Into<String>) {
        self.names.insert(text.into());
    }

    /// Whether a reference to a resource of this kind means a broken one, or one in a broken VPC.
    pub(super) fn contains(&self, kind: ResourceKind, text: &str) -> bool {
        let Some(text) = kind.strip(text) else { return false };
        let known = |kind, text: &str| {
            self.names.contains(text) || self.things.contains(&(kind_of_table(kind), text.to_owned()))
        };
        known(kind, text) || text.split_once('/').is_some_and(|(vpc, _)| known(ResourceKind::Vpc, vpc))
    }
}

/// Maps all kinds of peerings to one, because a table or an operation creates them under one name.
fn kind_of_table(kind: ResourceKind) -> ResourceKind {
    match kind {
        kind if ResourceKind::PEERINGS.contains(&kind) => ResourceKind::PEERINGS[0],
        ResourceKind::Router => ResourceKind::Vpc,
        kind => kind,
    }
}
