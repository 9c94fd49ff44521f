//! Errors that many actions have.

use crate::Refused;

/// The error for a required parameter that is missing.
pub(super) fn missing(name: &str) -> Refused {
    Refused::new(400, "INVALID_ARGUMENT", format!("Missing required parameter '{name}'"))
}

/// The error for a value that is not valid.
pub(super) fn invalid(name: &str) -> Refused {
    Refused::new(400, "INVALID_ARGUMENT", format!("The value of '{name}' is not valid"))
}
