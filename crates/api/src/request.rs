//! Requests and replies, apart from their transport.

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
}

impl Request {
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
