//! An argument of an operation: its syntax and its possible values.

use super::Part;
use crate::ResourceKind;

/// An argument in the table of operations.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// The field with its value (`peer_vpc_id`).
    pub field: &'static str,
    /// Its option, without dashes (`peer-vpc-id`). `None`: it is positional.
    pub option: Option<&'static str>,
    /// The kind of its values.
    pub kind: ArgumentKind,
    /// Whether it is required.
    pub required: bool,
    /// Whether it may be given more than once.
    pub several: bool,
    /// The field of its alternative: exactly one of the two must be given.
    pub or: Option<&'static str>,
    /// The field of the argument that it requires.
    pub with: Option<&'static str>,
    /// Whether omitting it means a default value ([`Provider::default_for`](crate::Provider::default_for)).
    pub has_default: bool,
    /// Its name as a part of a lab that can be left out, as in `this membership`.
    pub part: Option<&'static Part>,
    help: &'static str,
}

/// The kind of an argument's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// The name of the resource that the operation creates.
    New(ResourceKind),
    /// An id for the resource that it creates, or for its router.
    NewId(ResourceKind),
    /// The resource that it deletes.
    Deleted(ResourceKind),
    /// The resource that it changes as a whole.
    Changed(ResourceKind),
    /// A resource of one of these kinds that it needs, or of which it changes a part.
    Thing(&'static [ResourceKind]),
    /// A resource that need not exist yet.
    Awaited(ResourceKind),
    /// A next hop: a resource of one of these kinds, or `internet`.
    NextHop(&'static [ResourceKind]),
    /// An account.
    Account,
    /// A region.
    Region,
    /// An availability zone.
    Zone,
    /// The role of an end of a peering.
    Role,
    /// A bandwidth class, or its bandwidth.
    Spec,
    /// A CIDR block.
    Block,
    /// A CIDR block, or one address.
    BlockOrAddress,
    /// An address.
    Address,
    /// A delay, as in `30ms`.
    Time,
    /// A time that passes, as in `7d`.
    Duration,
    /// A bandwidth, as in `100Mbit`.
    Bandwidth,
    /// The size of a packet in bytes.
    Bytes,
    /// Nothing: the option alone.
    Flag,
    /// A protocol of a rule.
    Protocol,
    /// One port.
    Port,
    /// A port, or a range of them.
    Ports,
    /// Accept or drop, of a rule.
    Policy,
    /// Whether members of a group reach each other without a rule.
    InnerAccess,
    /// The priority of a rule.
    RulePriority,
    /// The priority of a route entry.
    EntryPriority,
    /// `true` or `false`.
    Boolean,
    /// The number of an entry of a network ACL.
    AclNumber,
    /// The direction of an entry of a network ACL.
    Direction,
    /// What a new network ACL does.
    AclDefault,
    /// What a new group does with outbound packets.
    GroupEgress,
}

impl Argument {
    pub(super) const fn new(kind: ArgumentKind) -> Self {
        Argument {
            field: "",
            option: None,
            kind,
            required: false,
            several: false,
            or: None,
            with: None,
            has_default: false,
            part: None,
            help: "",
        }
    }

    /// The argument with its field and option; the option is given with its dashes.
    pub(super) const fn at(self, field: &'static str, option: Option<&'static str>, help: &'static str) -> Self {
        let option = match option {
            Some(option) => Some(option.split_at(2).1),
            None => None,
        };
        Argument { field, option, help, ..self }
    }

    /// The argument for a field of this type.
    pub(super) const fn of<V: Value>(self) -> Self {
        Argument { required: self.required || V::REQUIRED, several: V::SEVERAL, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Argument { required: true, ..self }
    }

    pub(super) const fn or(self, field: &'static str) -> Self {
        Argument { or: Some(field), ..self }
    }

    pub(super) const fn with(self, field: &'static str) -> Self {
        Argument { with: Some(field), ..self }
    }

    pub(super) const fn default(self) -> Self {
        Argument { has_default: true, ..self }
    }

    pub(super) const fn part(self, part: &'static Part) -> Self {
        Argument { part: Some(part), ..self }
    }

    /// Its name in refusals and places: the option, or a positional argument's field.
    pub fn name(&self) -> &'static str {
        self.option.unwrap_or(self.field)
    }

    /// The placeholder for its value in a usage (`PEER_VPC_ID`).
    pub fn placeholder(&self) -> String {
        self.field.to_uppercase()
    }

    /// Its description, one line without a full stop.
    pub fn help(&self) -> &'static str {
        in_a_line(self.help)
    }

    /// The kinds of existing resources to which it may refer.
    pub fn names(&'static self) -> &'static [ResourceKind] {
        use ArgumentKind::{Awaited, Changed, Deleted, NextHop, Thing};
        match &self.kind {
            Deleted(kind) | Changed(kind) | Awaited(kind) => std::slice::from_ref(kind),
            Thing(kinds) | NextHop(kinds) => kinds,
            _ => &[],
        }
    }
}

impl ArgumentKind {
    /// Whether a value may begin with a dash, as in `-1/-1`.
    pub fn may_begin_with_a_dash(self) -> bool {
        matches!(
            self,
            ArgumentKind::Ports | ArgumentKind::RulePriority | ArgumentKind::EntryPriority | ArgumentKind::AclNumber
        )
    }
}

/// Converts a doc comment to help.
pub(super) fn in_a_line(doc: &'static str) -> &'static str {
    let doc = doc.trim();
    doc.strip_suffix('.').unwrap_or(doc)
}

/// A field of a call: texts as written.
pub trait Value: Sized {
    /// Whether there is always a text.
    const REQUIRED: bool;
    /// Whether there may be several texts.
    const SEVERAL: bool;

    /// The texts.
    fn texts(&self) -> &[String];

    /// The same, mutable.
    fn texts_mut(&mut self) -> &mut [String];

    /// Creates it from the given texts; `None` if a required one is missing.
    fn from_texts(texts: Vec<String>) -> Option<Self>;
}

impl Value for String {
    const REQUIRED: bool = true;
    const SEVERAL: bool = false;

    fn texts(&self) -> &[String] {
        std::slice::from_ref(self)
    }

    fn texts_mut(&mut self) -> &mut [String] {
        std::slice::from_mut(self)
    }

    fn from_texts(texts: Vec<String>) -> Option<Self> {
        texts.into_iter().next()
    }
}

impl Value for Option<String> {
    const REQUIRED: bool = false;
    const SEVERAL: bool = false;

    fn texts(&self) -> &[String] {
        self.as_slice()
    }

    fn texts_mut(&mut self) -> &mut [String] {
        self.as_mut_slice()
    }

    fn from_texts(texts: Vec<String>) -> Option<Self> {
        Some(texts.into_iter().next())
    }
}

impl Value for Vec<String> {
    const REQUIRED: bool = false;
    const SEVERAL: bool = true;

    fn texts(&self) -> &[String] {
        self
    }

    fn texts_mut(&mut self) -> &mut [String] {
        self
    }

    fn from_texts(texts: Vec<String>) -> Option<Self> {
        Some(texts)
    }
}
