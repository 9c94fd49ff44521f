//! Whether an operation's effect exists already, because a learner did the tutorial's step by hand.

use super::reference::Resource;
use super::{ArgumentKind, Cloud, Operation};

impl Cloud {
    /// Whether the operation's effect exists already, so that `next` skips it.
    ///
    /// For operations that [`Cloud::apply`] refuses or would repeat. A deletion's effect is that the name refers to
    /// nothing; the Cloud does not remember whether it ever did.
    pub fn already(&self, operation: &Operation) -> bool {
        self.is_done(operation).unwrap_or(false)
    }

    /// The caller's own resource.
    pub(super) fn mine<R: Resource>(&self, operation: &Operation, text: &str) -> Option<&R> {
        R::find(self, text).filter(|resource| *resource.owner(self) == operation.caller)
    }

    /// Whether the resource that the call deletes does not exist.
    pub(super) fn is_gone<C>(&self, operation: &Operation, _: &C) -> Option<bool> {
        operation.call.arguments().find_map(|(argument, texts)| match argument.kind {
            ArgumentKind::Deleted(kind) => Some(self.name_of(kind, texts.first()?).is_none()),
            _ => None,
        })
    }
}

/// Whether two texts are the same, or refer to the same resource.
pub(super) fn same<T: PartialEq>(a: &str, b: &str, thing: impl Fn(&str) -> Option<T>) -> bool {
    a == b || thing(a).is_some_and(|it| thing(b) == Some(it))
}

/// Whether a resource has the requested id, if one was given.
pub(super) fn is_given(wanted: &Option<String>, id: &str) -> bool {
    wanted.as_deref().is_none_or(|wanted| wanted == id)
}
