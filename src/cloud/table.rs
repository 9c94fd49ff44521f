//! What the tables of a lab file take, and the tables in which a family's objects are written (docs/lab-format.md §1).

mod keys;

use super::{Call, Provider, ResourceKind, peering, router_interface};

pub use keys::*;

/// A kind of table.
#[derive(Clone, Copy)]
pub struct TableKind {
    /// As it is called (`vpc`, `route_entry`).
    pub name: &'static str,
    /// What it is, for the schema.
    pub about: &'static str,
    /// Its keys, in the order in which hints list them.
    pub keys: &'static [Key],
}

/// A key: its name, its type, whether it is required, and its description.
#[derive(Clone, Copy)]
pub struct Key(pub &'static str, pub Takes, pub Needed, pub &'static str);

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// What a key takes.
#[derive(Clone, Copy)]
pub enum Takes {
    /// A string.
    Text,
    /// A string that matches.
    Matching(&'static str),
    /// One of these words.
    One(&'static [&'static str]),
    /// One of these words, in upper or lower case: the provider's keywords.
    Word(&'static [&'static str]),
    /// A provider's name.
    Provider,
    /// A reason (docs/explain.md).
    Reason,
    /// A whole number, or a string.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An array of strings.
    Texts,
    /// A string, or an array of them.
    TextOrTexts,
    /// Some of these words.
    Some(&'static [&'static str]),
    /// An inline table.
    Table(&'static str),
    /// An array of tables.
    Tables(&'static str),
    /// Tables by name.
    Named(&'static str),
}

/// A table in which a family's objects are written.
pub struct FamilyTable {
    /// The table itself: `[NAME.…]`.
    pub table: TableKind,
    /// What all of them are, in the file's own list of keys.
    pub listed: &'static str,
    /// The tables inside it.
    pub inner: &'static [TableKind],
    /// What to write at a key, for the hint where it is missing.
    pub examples: &'static [(&'static str, &'static str)],
    /// What a table of it makes.
    pub kind: ResourceKind,
    /// The key of the VPC whose owner makes the calls.
    pub vpc: &'static str,
    /// What stands behind its name in the names of all that it makes.
    pub ends: &'static [&'static str],
    /// What the provider's family takes otherwise than the table's keys say.
    pub varies: fn(&Provider) -> Varies,
    /// Its calls of a phase; `None` where something is missing, which is reported.
    pub calls: fn(&Provider, Phase, &mut dyn Written) -> Option<Vec<Made>>,
    /// The end that a call of this family creates.
    pub creates: fn(&Call) -> Option<NewEnd<'_>>,
}

/// An end that a call creates, as written.
#[derive(Clone, Copy, Debug)]
pub struct NewEnd<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its id, if the call gives one.
    pub id: Option<&'a str>,
    /// Its VPC, by name or id.
    pub vpc: &'a str,
}

/// What a family takes otherwise than a table's keys say.
#[derive(Clone, Copy, Default)]
pub struct Varies {
    /// Keys that must be there.
    pub required: &'static [&'static str],
    /// Keys that it does not know.
    pub unknown: &'static [&'static str],
}

/// When a table's calls are made: each phase of all tables before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its object is created.
    Create,
    /// It is told of others, all of which are there now.
    Bind,
    /// It is put to use.
    Finish,
}

impl Phase {
    /// All, in order.
    pub const ALL: [Phase; 3] = [Phase::Create, Phase::Bind, Phase::Finish];
}

/// A call that a table makes.
pub struct Made {
    /// The call.
    pub call: Call,
    /// The key that it comes from; `None`: the table as a whole.
    pub at: Option<&'static str>,
    /// Its arguments, each with the key at which it is written (`name`: the table's own name).
    pub arguments: &'static [(&'static str, &'static str)],
}

/// A table as its author wrote it, and what the rest of the file says. A key of an inner table is `opposite.account`.
pub trait Written {
    /// The table's name.
    fn name(&self) -> String;
    /// The text at a key.
    fn text(&self, key: &str) -> Option<String>;
    /// Whether a table, or `true`, stands at a key.
    fn is_set(&self, key: &str) -> bool;
    /// The VPC of an end that is referred to by its name or id, where the file makes such an end.
    fn vpc_of_end(&self, end: &str) -> Option<String>;
    /// The owner of a VPC.
    fn owner_of_vpc(&self, vpc: &str) -> String;
    /// The lab's only account; where there are several, that `what` is what is wrong is reported at a key.
    fn only_account(&mut self, key: &str, what: &str) -> Option<String>;
}

impl FamilyTable {
    /// All of them, in the order in which a phase makes them.
    pub const ALL: [&'static FamilyTable; 2] = [&router_interface::TABLE, &peering::TABLE];

    /// What to write at a key.
    pub fn example(&self, key: &str) -> &'static str {
        self.examples.iter().find(|(name, _)| *name == key).map_or("\"…\"", |(_, example)| example)
    }
}
