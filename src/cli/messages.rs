//! Messages of the verbs, in both languages, a family for each theme.

pub(super) mod exercise;
pub(super) mod explain;
pub(super) mod files;
pub(super) mod host;
pub(super) mod hosts;
pub(super) mod packets;
pub(super) mod steps;
pub(super) mod target;
pub(super) mod test;
pub(super) mod usage;
