//! An answer that is an error.

/// An error of the provider's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The provider's code.
    pub code: String,
    /// The message.
    pub message: String,
}

/// What is said of a thing that is not there, of any code.
pub(crate) fn not_there(_: &str, id: &str) -> String {
    format!("The specified {id} does not exist.")
}

impl Refused {
    /// An error with this status, code and message.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Refused { status, code: code.into(), message: message.into() }
    }
}
