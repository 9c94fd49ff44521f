//! Things that an API creates before the Cloud has them, or that it still has afterwards: a gateway that is attached to
//! nothing, a NAT gateway without an address. They are kept beside the Cloud, by account.

use std::collections::BTreeMap;

use peerlab_cloud::{Call, Id, ResourceKind};

use crate::action::{Asked, Change};

/// The things of a kind; the text says what they are.
pub(crate) struct Aside(pub &'static str);

/// A thing that is to be created in the Cloud later.
pub(crate) struct Waiting<'a> {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: &'a str,
    /// What it will be in, by id.
    pub place: &'a str,
}

impl Aside {
    fn key(&self, asked: &Asked<'_>) -> String {
        format!("{} of {}", self.0, asked.caller.account)
    }

    /// The caller's, by id, each with what is kept of it.
    pub(crate) fn all<'a>(&self, asked: &Asked<'a>) -> BTreeMap<&'a str, &'a str> {
        asked.kept.words(&self.key(asked), "")
    }

    /// The caller's that are to be created in the Cloud later, and are not there yet.
    pub(crate) fn waiting<'a>(&self, asked: &Asked<'a>, kind: ResourceKind) -> impl Iterator<Item = Waiting<'a>> {
        let cloud = asked.cloud;
        let free = self.all(asked).into_iter().filter(move |(id, _)| cloud.with_id(kind, id).is_none());
        free.filter_map(|(id, text)| {
            let (name, place) = text.split_once(' ')?;
            Some(Waiting { id: Id(id.into()), name, place })
        })
    }

    /// Reserves a name and an id for a thing to create in the Cloud later, by a call without them, at a place. Returns the id.
    pub(crate) fn reserve(
        &self,
        change: &mut Change<'_>,
        kind: ResourceKind,
        unnamed: impl Fn(String) -> Call,
        place: &str,
    ) -> Id {
        let taken: Vec<_> = self.all(&change.asked()).into_keys().map(str::to_owned).collect();
        let (name, id) = change.reserve(kind, unnamed, |id| taken.iter().any(|taken| taken == id));
        self.put_named(change, &id.0, &name, place);
        id
    }

    /// Puts a thing aside that is to be created in the Cloud later, or again.
    pub(crate) fn put_named(&self, change: &mut Change<'_>, id: &str, name: &str, place: &str) {
        self.put(change, id, &format!("{name} {place}"));
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
