//! How the cloud says no.

use std::fmt;

/// The cloud refused an operation and changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The provider's error code.
    pub code: Code,
    /// What it means here: which object, whose it is, in which state.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The argument at fault, by its name in the grammar (`cidr`, `next-hop`; a positional one by its field's name).
    pub argument: Option<&'static str>,
}

/// A provider's error code, as in `IncorrectStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}
