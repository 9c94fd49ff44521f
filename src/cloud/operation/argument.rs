//! An argument of an operation: how it is written, and what may be written there.

use crate::cloud::ResourceKind;

/// An argument, as the table of operations has it.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// The field that has its value (`peer_vpc_id`).
    pub field: &'static str,
    /// Its option, without dashes (`peer-vpc-id`). `None`: it is positional.
    pub option: Option<&'static str>,
    /// What may be written there.
    pub kind: ArgumentKind,
    /// Whether the operation cannot be without it.
    pub required: bool,
    /// Whether it may be given more than once.
    pub several: bool,
    /// The field of the argument in whose place it stands: one of the two is given, and only one.
    pub or: Option<&'static str>,
    /// The field of the argument without which it says nothing.
    pub with: Option<&'static str>,
    /// The value that it has where it is left out.
    pub default: Option<&'static str>,
    /// As a part of a lab that can be left out, as in `this membership`.
    pub part: Option<&'static str>,
    help: &'static str,
}

/// What may be written as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// The name of the thing that the operation creates.
    New(ResourceKind),
    /// An id for the thing that it creates, or for the router that comes with it.
    NewId(ResourceKind),
    /// The thing that it deletes.
    Deleted(ResourceKind),
    /// The thing that it changes as a whole.
    Changed(ResourceKind),
    /// A thing of one of these kinds that it needs, or of which it changes a part.
    Thing(&'static [ResourceKind]),
    /// A thing that need not be there yet.
    Awaited(ResourceKind),
    /// Where a route entry leads: a thing of one of these kinds, or `internet`.
    NextHop(&'static [ResourceKind]),
    /// An account.
    Account,
    /// A region.
    Region,
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
    /// A time, as in `30ms`.
    Time,
    /// A protocol of a rule.
    Protocol,
    /// A port, or a range of them.
    Ports,
    /// Whether a rule lets pass.
    Policy,
    /// A number from the first to the second.
    Number(u8, u8),
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
            default: None,
            part: None,
            help: "",
        }
    }

    /// With its place in the grammar. An option is written with its dashes.
    pub(super) const fn at(self, field: &'static str, option: Option<&'static str>, help: &'static str) -> Self {
        let option = match option {
            Some(option) => Some(option.split_at(2).1),
            None => None,
        };
        Argument { field, option, help, ..self }
    }

    /// Of a field of this type.
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

    pub(super) const fn default(self, value: &'static str) -> Self {
        Argument { default: Some(value), ..self }
    }

    pub(super) const fn part(self, phrase: &'static str) -> Self {
        Argument { part: Some(phrase), ..self }
    }

    /// Its name in refusals and in the places of values: the option, or the field of a positional one.
    pub fn name(&self) -> &'static str {
        self.option.unwrap_or(self.field)
    }

    /// What stands for its value in a usage (`PEER_VPC_ID`).
    pub fn placeholder(&self) -> String {
        self.field.to_uppercase()
    }

    /// What it is, in a line without a full stop.
    pub fn help(&self) -> &'static str {
        in_a_line(self.help)
    }

    /// The kinds of which the thing may be that it names, where it names what was there before.
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
        matches!(self, ArgumentKind::Ports | ArgumentKind::Number(..))
    }
}

/// A doc comment as help.
pub(super) fn in_a_line(doc: &'static str) -> &'static str {
    let doc = doc.trim();
    doc.strip_suffix('.').unwrap_or(doc)
}

/// A field of a call: texts as they were written.
pub trait Value: Sized {
    /// Whether there is always one.
    const REQUIRED: bool;
    /// Whether there may be more than one.
    const SEVERAL: bool;

    /// The texts.
    fn texts(&self) -> &[String];

    /// The same, to be changed.
    fn texts_mut(&mut self) -> &mut [String];

    /// From as many texts as were given; `None` where one is lacking.
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
