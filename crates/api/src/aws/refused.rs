//! Errors that many actions have.

use crate::Refused;

/// The error for a required parameter that is missing.
pub(super) fn missing(name: &str) -> Refused {
    Refused::new(400, "MissingParameter", format!("The request must contain the parameter {name}"))
}

/// An error of a value.
pub(super) fn invalid(value: &str, parameter: &str, why: &str) -> Refused {
    let message = format!("Value ({value}) for parameter {parameter} is invalid. {why}");
    Refused::new(400, "InvalidParameterValue", message)
}
