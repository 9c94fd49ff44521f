//! What a fault of the file, or a refusal, keeps from being as it should: what names it is not judged.

use std::collections::BTreeSet;

use crate::cloud::ResourceKind;

/// Things that are not as they should be, by kind and name or id.
#[derive(Clone, Debug, Default)]
pub(super) struct Broken {
    things: BTreeSet<(ResourceKind, String)>,
    /// Of whatever kind.
    names: BTreeSet<String>,
}

impl Broken {
    /// Takes down a thing, by a name or an id; a subnet as `VPC/SUBNET`.
    pub(super) fn insert(&mut self, kind: ResourceKind, text: impl Into<String>) {
        self.things.insert((kind_of_table(kind), text.into()));
    }

    /// Takes down whatever has this name.
    pub(super) fn insert_whatever(&mut self, text: impl Into<String>) {
        self.names.insert(text.into());
    }

    /// Whether a reference to a thing of this kind means one of them, or what is in a VPC of them.
    pub(super) fn contains(&self, kind: ResourceKind, text: &str) -> bool {
        let Some(text) = kind.strip(text) else { return false };
        let known = |kind, text: &str| {
            self.names.contains(text) || self.things.contains(&(kind_of_table(kind), text.to_owned()))
        };
        known(kind, text) || text.split_once('/').is_some_and(|(vpc, _)| known(ResourceKind::Vpc, vpc))
    }
}

/// Whatever a peering is, a table or an operation makes it by the one name.
fn kind_of_table(kind: ResourceKind) -> ResourceKind {
    match kind {
        kind if ResourceKind::PEERINGS.contains(&kind) => ResourceKind::PEERINGS[0],
        ResourceKind::Router => ResourceKind::Vpc,
        kind => kind,
    }
}
