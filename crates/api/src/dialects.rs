//! Every dialect, and which one a request is in.

use crate::{Dialect, Request, alibaba, aws, jdcloud};

/// Every dialect; the first that recognizes a request answers it.
pub const DIALECTS: [&Dialect; 3] = [&jdcloud::DIALECT, &aws::DIALECT, &alibaba::DIALECT];

impl Dialect {
    /// The dialect of a request.
    pub fn of(request: &Request) -> Option<&'static Dialect> {
        DIALECTS.into_iter().find(|dialect| (dialect.recognizes)(request))
    }

    /// The dialect of a provider.
    pub fn of_provider(name: &str) -> Option<&'static Dialect> {
        DIALECTS.into_iter().find(|dialect| dialect.provider == name)
    }
}
