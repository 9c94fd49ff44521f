//! Whether a request may come from a page of this server: other sites' requests, and names that another site made mean
//! this server, are refused.

use std::net::IpAddr;

use hyper::Method;
use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use peerlab_console::Said;

fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// `Host` is an address or `localhost`: a name can be made to mean this server by whoever owns it. What changes something
/// comes from a page of this server.
pub(super) fn check(head: &Parts) -> Result<(), Said> {
    let host = text(&head.headers, header::HOST).unwrap_or_default();
    if !is_own(host) {
        return Err(Said::Forged);
    }
    if matches!(head.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    if text(&head.headers, header::ORIGIN).is_some_and(|origin| origin != format!("http://{host}")) {
        return Err(Said::Forged);
    }
    match text(&head.headers, "sec-fetch-site") {
        None | Some("same-origin") => Ok(()),
        Some(_) => Err(Said::Forged),
    }
}

fn is_own(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || address.parse::<IpAddr>().is_ok()
}

/// Whether two secrets are the same, in a time that does not depend on where they differ.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_not_this_server() {
        for host in ["127.0.0.1:8765", "localhost:1", "localhost", "[::1]:8765", "192.0.2.1:80"] {
            assert!(is_own(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:8765", "localhost.evil.example:8765", "127.0.0.1.evil.example"] {
            assert!(!is_own(host), "{host}");
        }
    }

    #[test]
    fn requests_of_other_pages_change_nothing() {
        let head = |method: Method, headers: &[(&str, &str)]| {
            let mut request = hyper::Request::builder().method(method).header("host", "127.0.0.1:8765");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.body(()).unwrap().into_parts().0
        };
        let own = ("origin", "http://127.0.0.1:8765");
        assert!(check(&head(Method::POST, &[own, ("sec-fetch-site", "same-origin")])).is_ok());
        assert!(check(&head(Method::POST, &[])).is_ok(), "the token decides");
        for wrong in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "https://127.0.0.1:8765")],
            &[("origin", "http://127.0.0.1:8766")],
            &[own, ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
        ] {
            assert!(check(&head(Method::POST, wrong)).is_err(), "{wrong:?}");
        }
        assert!(check(&head(Method::GET, &[("sec-fetch-site", "cross-site")])).is_ok());
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
