//! Requests and replies, apart from their transport.

use std::cell::OnceCell;

use crate::encoding::pairs;

/// A request as received.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path as sent, with its percent signs.
    pub path: String,
    /// The query as sent, without the `?`.
    pub query: String,
    /// The headers in order; names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    pub(crate) read: Read,
}

/// The names and values of query and form, once they were read.
#[derive(Debug, Default)]
pub(crate) struct Read(OnceCell<Vec<(String, String)>>);

impl Clone for Read {
    /// What is cloned is usually changed then.
    fn clone(&self) -> Self {
        Read::default()
    }
}

impl Request {
    /// A request with these parts.
    pub fn new(method: String, path: String, query: String, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Request { method, path, query, headers, body, read: Read::default() }
    }

    /// The decoded names and values of query and form, which are one set.
    pub(crate) fn parameters(&self) -> &[(String, String)] {
        self.read.0.get_or_init(|| {
            let mut all = pairs(&self.query);
            if self.has_form() {
                all.extend(pairs(&String::from_utf8_lossy(&self.body)));
            }
            all
        })
    }

    /// The first value of a name in query or form.
    pub(crate) fn parameter(&self, wanted: &str) -> Option<&str> {
        self.parameters().iter().find(|(name, _)| name == wanted).map(|(_, value)| &**value)
    }

    /// The value of a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// Whether the body is a form.
    pub(crate) fn has_form(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        !self.body.is_empty() && kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
    }
}

/// An error that belongs to no dialect: its status, its code, and what is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Plain(u16, &'static str, &'static str);

impl From<Plain> for Reply {
    /// As every dialect's clients read an error.
    fn from(Plain(status, code, message): Plain) -> Self {
        let body = serde_json::json!({
            "RequestId": "-", "Code": code, "Message": message,
            "requestId": "-", "error": {"code": status, "status": code, "message": message},
        });
        Reply { status, content_type: "application/json", headers: Vec::new(), body: body.to_string() }
    }
}

impl Reply {
    /// The body is too large.
    pub const OVER_LIMIT: Plain = Plain(413, "RequestTooLarge", "The body is larger than 1 MiB, or was cut short.");
    /// The body took too long.
    pub const TOO_SLOW: Plain = Plain(408, "RequestTimeout", "The body did not come in time.");
    /// The server could not answer.
    pub const FAILED: Plain = Plain(500, "InternalError", "The server could not answer.");

    /// The reply to what is no request of a provider's API.
    pub fn to_nobody() -> Self {
        let message =
            "This is no signed request of a provider's API. `peerlab credentials` shows how clients are pointed here.";
        Plain(404, "NotAnApiCall", message).into()
    }
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}
