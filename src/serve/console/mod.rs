//! The consoles over HTTP: sign-in, pages, forms, what happens while somebody looks.
//!
//! ```text
//! request ─Host, Origin→ ─cookie→ lab, account ─┬─ GET: a page of the lab as it is (`peerlab_console`)
//!                                               └─ POST, token: a turn of the lab's owner, then 303; or the page again
//! ```

mod deeds;
mod guard;
mod live;
mod packets;
mod pages;
mod seen;
mod sign_in;
mod teacher;
mod terminal;

use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full, Limited, combinators::BoxBody};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::labs::Labs;
use crate::language::Language;
use peerlab_console::{Asset, Given, PICTURE_IS_STYLED_BY, Said, Theme};

pub use sign_in::link;

/// The body of an answer.
pub(super) type Body = BoxBody<Bytes, std::convert::Infallible>;

/// The largest form, in bytes.
const LARGEST: usize = 64 << 10;

/// What all consoles share.
#[derive(Debug, Default)]
pub(super) struct Consoles {
    sign_ins: Mutex<sign_in::SignIns>,
    seen: Mutex<seen::AllSeen>,
    terminals: Mutex<terminal::Terminals>,
    teacher: Mutex<teacher::Desk>,
}

impl Consoles {
    /// A new link for a teacher.
    pub fn teacher(&self) -> crate::error::Result<String> {
        locked(&self.teacher).open()
    }

    /// An account did something in a lab, or was refused with a code: who is stuck where.
    pub fn did(&self, lab: &str, account: &str, refused: Option<String>) {
        let mut all = locked(&self.seen);
        let refusals = &mut all.memory(lab).refusals;
        match refused {
            Some(code) => refusals.insert(account.to_owned(), code),
            None => refusals.remove(account),
        };
    }
}

/// A request, without its body.
struct Asked<'a> {
    labs: &'a Arc<Labs>,
    consoles: &'a Arc<Consoles>,
    head: &'a Parts,
}

/// An answer.
struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Body,
}

impl Answer {
    fn page(status: StatusCode, text: String) -> Self {
        let headers = vec![(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned())];
        Answer { status, headers, body: Full::new(Bytes::from(text)).boxed() }
    }

    fn see(to: String) -> Self {
        Answer { status: StatusCode::SEE_OTHER, headers: vec![(header::LOCATION, to)], body: Full::default().boxed() }
    }

    fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Whether a request is for a console, and not for an API.
pub(super) fn is_asked(head: &Parts) -> bool {
    let path = head.uri.path();
    let is_front = path == "/" && head.uri.query().is_none() && !head.headers.contains_key(header::AUTHORIZATION);
    let reads = head.headers.get(header::ACCEPT).is_some_and(|it| it.to_str().is_ok_and(|it| it.contains("text/html")));
    path.starts_with("/c/")
        || path.starts_with("/t/")
        || path.starts_with("/static/")
        || is_front && head.method == Method::GET && reads
}

/// Answers a request.
pub(super) async fn serve(labs: &Arc<Labs>, consoles: &Arc<Consoles>, head: Parts, body: Incoming) -> Response<Body> {
    let asked = Asked { labs, consoles, head: &head };
    let answer = match guard::check(&head) {
        Err(why) => asked.problem(StatusCode::FORBIDDEN, why, None),
        Ok(()) => match (head.method.clone(), head.uri.path()) {
            (Method::GET | Method::HEAD, path) if path.starts_with("/static/") => file(path),
            (Method::GET | Method::HEAD, "/") => asked.front(),
            (Method::GET | Method::HEAD, path) if path.starts_with("/t/") => asked.in_thread(|it| it.teacher()).await,
            (Method::GET, path) if path.ends_with("/events") => live::events(&asked).await,
            (Method::GET | Method::HEAD, _) => {
                let given = Given::read(head.uri.query().unwrap_or_default());
                asked.in_thread(move |it| it.get(&given)).await
            }
            (Method::POST, _) => match Limited::new(body, LARGEST).collect().await {
                Ok(body) => {
                    let given = Given::read(&String::from_utf8_lossy(&body.to_bytes()));
                    asked.in_thread(move |it| it.post(&given)).await
                }
                Err(_) => asked.problem(StatusCode::PAYLOAD_TOO_LARGE, Said::Forged, None),
            },
            _ => asked.problem(StatusCode::METHOD_NOT_ALLOWED, Said::NoSuchPage, None),
        },
    };
    written(answer)
}

/// The style, the script and the icons.
fn file(path: &str) -> Answer {
    let Some(Asset { content_type, body }) = peerlab_console::asset(path) else {
        return Answer::page(StatusCode::NOT_FOUND, String::new());
    };
    let body = body.replace(PICTURE_IS_STYLED_BY, crate::report::graph::STYLE);
    Answer::page(StatusCode::OK, body)
        .with(header::CONTENT_TYPE, content_type.to_owned())
        .with(header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())
}

/// The scripts, styles and forms of this server only, and nothing written into a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn written(answer: Answer) -> Response<Body> {
    let mut response = Response::new(answer.body);
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With `no-referrer`, browsers send forms with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

impl Asked<'_> {
    /// Answers on a thread that may wait.
    async fn in_thread(&self, work: impl FnOnce(&Asked<'_>) -> Answer + Send + 'static) -> Answer {
        let failed = || Answer::page(StatusCode::INTERNAL_SERVER_ERROR, String::new());
        self.apart(work).await.unwrap_or_else(failed)
    }

    /// Does `work` on a thread that may wait; `None` if it panics.
    async fn apart<T: Send + 'static>(&self, work: impl FnOnce(&Asked<'_>) -> T + Send + 'static) -> Option<T> {
        let (labs, consoles, head) = (self.labs.clone(), self.consoles.clone(), self.head.clone());
        let work = move || work(&Asked { labs: &labs, consoles: &consoles, head: &head });
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// A page of a few sentences.
    fn problem(&self, status: StatusCode, said: Said, link: Option<(&str, &str)>) -> Answer {
        let language = language_of(&self.head.headers);
        let heading = language.say(said);
        let more = match status {
            StatusCode::UNAUTHORIZED => vec![language.say(Said::AnotherLink)],
            _ => Vec::new(),
        };
        Answer::page(status, peerlab_console::problem(language, Theme::System, &heading, &more, link))
    }

    /// The first page: how to sign in.
    fn front(&self) -> Answer {
        self.problem(StatusCode::OK, Said::NoLabHere, None)
    }
}

/// The first of the reader's languages that peerlab speaks.
fn language_of(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let first = wanted.split(',').find_map(|tag| match tag.trim().get(..2)? {
        "zh" => Some(Language::Chinese),
        "en" => Some(Language::English),
        _ => None,
    });
    first.unwrap_or_default()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
