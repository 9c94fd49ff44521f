//! The keys of a lab file's tables, and the tables for a family's resources (docs/lab-format.md §1).

mod keys;
mod messages;

use super::{Call, Provider, ResourceKind, peering, peering_connection, router_interface};
use crate::message::Message;

pub use keys::*;
pub use messages::Example;

/// A kind of table.
#[derive(Clone, Copy)]
pub struct TableKind {
    /// Its name (`vpc`, `route_entry`).
    pub name: &'static str,
    /// Its description, for the schema.
    pub about: &'static str,
    /// Its keys, in the order in which hints list them.
    pub keys: &'static [Key],
}

/// A key: its name, its type, whether it is required, and its description.
#[derive(Clone, Copy)]
pub struct Key(pub &'static str, pub Takes, pub Needed, pub &'static str);

/// Whether a key is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Required.
    Required,
    /// Optional.
    Optional,
}

/// The type of a key.
#[derive(Clone, Copy)]
pub enum Takes {
    /// A string.
    Text,
    /// A string that matches.
    Matching(&'static str),
    /// One of these words, in upper or lower case.
    Word(&'static [&'static str]),
    /// A provider's name, in upper or lower case.
    Provider,
    /// A reason (docs/explain.md), in upper or lower case.
    Reason,
    /// A whole number, or a string.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An array of strings.
    Texts,
    /// A string, or an array of them.
    TextOrTexts,
    /// Some of these words, in upper or lower case.
    Some(&'static [&'static str]),
    /// An inline table.
    Table(&'static str),
    /// An array of tables.
    Tables(&'static str),
    /// Tables by name.
    Named(&'static str),
}

/// A table for a family's resources.
pub struct FamilyTable {
    /// The table itself: `[NAME.…]`.
    pub table: TableKind,
    /// Its description in the file's list of keys.
    pub listed: &'static str,
    /// The tables inside it.
    pub inner: &'static [TableKind],
    /// Example values for hints about missing keys.
    pub examples: &'static [(&'static str, Example)],
    /// The kind of resource that it creates.
    pub kind: ResourceKind,
    /// The key of the VPC whose owner makes the calls.
    pub vpc: &'static str,
    /// The suffixes of its name in the names of all that it creates.
    pub ends: &'static [&'static str],
    /// The provider's exceptions to the table's keys.
    pub varies: fn(&Provider) -> Varies,
    /// Its calls of a phase. Reports what is missing, and returns `None`.
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

/// A family's exceptions to a table's keys.
#[derive(Clone, Copy, Default)]
pub struct Varies {
    /// Required keys.
    pub required: &'static [&'static str],
    /// Unknown keys.
    pub unknown: &'static [&'static str],
}

/// The phase of a table's calls: each phase of all tables comes before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Creates the resource.
    Create,
    /// Refers to others, all of which exist now.
    Bind,
    /// Activates it.
    Finish,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Phase; 3] = [Phase::Create, Phase::Bind, Phase::Finish];
}

/// A call from a table.
pub struct Made {
    /// The call.
    pub call: Call,
    /// The account that calls, by name; `None`: the owner of the table's VPC.
    pub caller: Option<String>,
    /// Its key; `None`: the table as a whole.
    pub at: Option<&'static str>,
    /// Its arguments, each with its key (`name`: the table's own name).
    pub arguments: &'static [(&'static str, &'static str)],
}

/// A table as written, with access to the rest of the file. A key of an inner table is `opposite.account`.
pub trait Written {
    /// The table's name.
    fn name(&self) -> String;
    /// The text at a key.
    fn text(&self, key: &str) -> Option<String>;
    /// Whether a key has a table or `true`.
    fn is_set(&self, key: &str) -> bool;
    /// The VPC of an end with this name or id, if the file creates it.
    fn vpc_of_end(&self, end: &str) -> Option<String>;
    /// Whether the file creates a VPC.
    fn is_vpc(&self, vpc: &str) -> bool {
        self.region_of_vpc(vpc).is_some()
    }
    /// The region of a VPC that the file creates.
    fn region_of_vpc(&self, vpc: &str) -> Option<String>;
    /// The owner of a VPC.
    fn owner_of_vpc(&self, vpc: &str) -> String;
    /// The lab's only account; if there are several, reports `what` at a key.
    fn only_account(&mut self, key: &str, what: Message) -> Option<String>;
}

impl FamilyTable {
    /// All tables, in the order of their calls in a phase.
    pub const ALL: [&'static FamilyTable; 3] = [&router_interface::TABLE, &peering::TABLE, &peering_connection::TABLE];

    /// An example value for a key.
    pub fn example(&self, key: &str) -> &'static Example {
        self.examples.iter().find(|(name, _)| *name == key).map_or(&Example::Text, |(_, example)| example)
    }
}
