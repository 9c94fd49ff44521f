//! Errors that many actions have.

use peerlab_cloud::Fault;

use crate::Refused;
use crate::action::Asked;

/// The error for a required parameter that is missing.
pub(super) fn missing(name: &str) -> Refused {
    let message = format!("The input parameter {name} that is mandatory for processing this request is not supplied.");
    Refused::new(400, "MissingParameter", message)
}

/// The error for what something uses that the Cloud does not have yet.
pub(super) fn in_use(asked: &Asked<'_>, fault: Fault, operation: &str, message: String) -> Refused {
    Refused::new(400, asked.cloud.provider().code(fault, operation).to_string(), message)
}
