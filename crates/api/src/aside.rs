//! Things that an API creates before the Cloud has them, or that it still has afterwards: a gateway that is attached to
//! nothing, a NAT gateway without an address. They are kept beside the Cloud, by account.

use std::collections::BTreeMap;

use crate::action::{Asked, Change};

/// The things of a kind; the text says what they are.
pub(crate) struct Aside(pub &'static str);

impl Aside {
    fn key(&self, asked: &Asked<'_>) -> String {
        format!("{} of {}", self.0, asked.caller.account)
    }

    /// The caller's, by id, each with what is kept of it.
    pub(crate) fn all<'a>(&self, asked: &Asked<'a>) -> BTreeMap<&'a str, &'a str> {
        asked.kept.words(&self.key(asked), "")
    }

    /// Puts a thing aside, with a text that is not empty.
    pub(crate) fn put(&self, change: &mut Change<'_>, id: &str, text: &str) {
        let key = self.key(&change.asked());
        change.keep_word(&key, id, text);
    }

    /// Takes a thing away from there.
    pub(crate) fn take(&self, change: &mut Change<'_>, id: &str) {
        self.put(change, id, "");
    }
}
