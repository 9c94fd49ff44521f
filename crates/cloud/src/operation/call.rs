//! Calls by their operations: found by name, read and written text by text.

use super::argument::{Argument, ArgumentKind};
use super::kind::Kind;
use super::table::Call;
use crate::ResourceKind;

/// An operation as data.
pub type OperationKind = Kind<Call>;

impl OperationKind {
    /// The operation of this name or alias.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|kind| kind.name == name || kind.aliases.contains(&name))
    }

    /// The operation that deletes a resource.
    pub fn that_deletes(kind: ResourceKind) -> Option<&'static Self> {
        let deletes = |argument: &Argument| argument.kind == ArgumentKind::Deleted(kind);
        Self::ALL.iter().copied().find(|operation| operation.arguments().any(deletes))
    }
}

impl Call {
    /// The operation's name in the grammar: `create-vpc`.
    pub fn name(&self) -> &'static str {
        self.kind().name
    }

    /// Its arguments in order, each with its texts.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static Argument, &[String])> {
        self.kind().arguments().zip(self.texts())
    }

    /// The text of the argument of this kind.
    pub fn text_of(&self, kind: ArgumentKind) -> Option<&str> {
        let (_, texts) = self.arguments().find(|(argument, _)| argument.kind == kind)?;
        texts.first().map(String::as_str)
    }

    /// Visits each text, with its argument.
    pub fn each_text(&mut self, visit: &mut dyn FnMut(&'static Argument, &mut String)) {
        for (argument, texts) in self.kind().arguments().zip(self.texts_mut()) {
            texts.iter_mut().for_each(|text| visit(argument, text));
        }
    }

    /// The same operation with other texts. `None` if a required one is missing.
    pub fn with(&self, mut texts: impl FnMut(&'static Argument, &[String]) -> Vec<String>) -> Option<Call> {
        let mut written = self.texts().into_iter();
        self.kind().call(|argument| texts(argument, written.next().unwrap_or_default()))
    }

    /// The same call without one text of an argument. `None` if the text is required.
    pub fn without(&self, argument: &Argument, place: usize) -> Option<Call> {
        self.with(|other, texts| {
            let left_out = |at: usize| other.field == argument.field && at == place;
            texts.iter().enumerate().filter(|(at, _)| !left_out(*at)).map(|(_, text)| text.clone()).collect()
        })
    }
}
