//! HTTP/1.1: connections, limits, and the requests as the dialects take them.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use peerlab_api::{Reply, Request};
use tokio::sync::{Semaphore, oneshot};

use super::answer::answer;
use super::console::{self, Body as Written, Consoles};
use super::labs::Labs;
use super::log::Log;
use super::messages::Said;
use super::metrics::Metrics;
use super::rights::Starter;
use crate::error::{Error, Result};
use crate::msg;

/// The largest body, in bytes: a request for a hundred rules has ten thousand.
const LARGEST_BODY: usize = 1 << 20;
/// The largest head, in bytes; queries of former generations hold all parameters.
const LARGEST_HEAD: usize = 256 << 10;
/// The most headers.
const MOST_HEADERS: usize = 100;
/// How many connections are served at once; more wait.
const CONNECTIONS: usize = 256;
/// How long a client may take for a head, or be silent between two requests.
const HEAD: Duration = Duration::from_secs(30);
/// How long a client may take for a body.
const BODY: Duration = Duration::from_secs(30);
/// How long requests may still take when the server ends.
const END: Duration = Duration::from_secs(10);

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    labs: Arc<Labs>,
    consoles: Arc<Consoles>,
}

/// What all connections share.
struct Shared {
    labs: Arc<Labs>,
    log: Log,
    metrics: Metrics,
    consoles: Arc<Consoles>,
    /// Held for reading by each request, so that the end waits for them.
    busy: RwLock<()>,
}

/// Starts the server. The calling thread's rights are those with which labs are opened; the threads that read requests
/// give theirs up.
pub(super) fn start(listener: TcpListener, labs: Arc<Labs>, log: Log, starter: Starter) -> Result<Server> {
    let cannot = |error: std::io::Error| {
        Error::host(msg!(Said::CannotServe { error })).code("ServeFailed").hint(Said::FreeResources)
    };
    let address = listener.local_addr().map_err(cannot)?;
    listener.set_nonblocking(true).map_err(cannot)?;
    labs.keep_looking(log.clone(), starter).map_err(cannot)?;
    let (end, ended) = oneshot::channel();
    let consoles: Arc<Consoles> = Arc::default();
    let shared = Shared {
        labs: labs.clone(),
        log,
        metrics: Metrics::default(),
        consoles: consoles.clone(),
        busy: RwLock::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().map_err(cannot)?;
    let thread = Builder::new().name("http".into()).spawn(move || {
        give_up_rights();
        let shared = Arc::new(shared);
        runtime.block_on(async {
            match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => tokio::select! {
                    () = accept(&listener, &shared) => {}
                    _ = ended => {}
                },
                Err(error) => shared.log.say(&msg!(Said::CannotServe { error })),
            }
        });
        runtime.shutdown_timeout(END);
        // What a client was promised is done.
        drop(shared.busy.write().unwrap_or_else(PoisonError::into_inner));
        shared.log.flush();
    });
    let thread = Some(thread.map_err(cannot)?);
    Ok(Server { address, end: Some(end), thread, labs, consoles })
}

/// No capability is needed to read requests; threads that this one starts have none either.
fn give_up_rights() {
    use caps::CapSet::{Ambient, Effective, Inheritable, Permitted};
    for set in [Ambient, Inheritable, Effective, Permitted] {
        // This fails only if there is nothing to give up.
        let _ = caps::clear(None, set);
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address, below its own, by which a teacher sees all labs, once.
    pub fn teacher(&self) -> Result<String> {
        self.consoles.teacher()
    }

    /// Ends it: no new requests, and those under way are answered.
    pub fn end(mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.labs.close();
    }
}

async fn accept(listener: &tokio::net::TcpListener, shared: &Arc<Shared>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // No descriptor is free: those that end make room.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| serve(shared.clone(), request));
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(LARGEST_HEAD)
                .max_headers(MOST_HEADERS);
            // What a client does wrong on its connection concerns nobody else.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}

async fn serve(
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> std::result::Result<Response<Written>, Infallible> {
    let (head, body) = request.into_parts();
    if console::is_asked(&head) {
        return Ok(console::serve(&shared.labs, &shared.consoles, head, body).await);
    }
    let plain = |status: u16, content_type: &'static str, body: String| {
        written(Reply { status, content_type, headers: Vec::new(), body })
    };
    match (&head.method, head.uri.path()) {
        (&Method::GET | &Method::HEAD, "/healthz") => {
            return Ok(plain(200, "text/plain; charset=utf-8", "ok\n".into()));
        }
        (&Method::GET, "/metrics") => {
            let text = shared.metrics.text(shared.labs.count());
            return Ok(plain(200, "text/plain; version=0.0.4; charset=utf-8", text));
        }
        // Where aliyuncli reports what it does.
        (_, "/cli/descriptor") => return Ok(plain(200, "application/json", "{}".into())),
        _ => {}
    }
    if body.size_hint().lower() > LARGEST_BODY as u64 {
        return Ok(unread(Reply::OVER_LIMIT.into()));
    }
    let limited = tokio::time::timeout(BODY, Limited::new(body, LARGEST_BODY).collect()).await;
    let body = match limited {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(_)) => return Ok(unread(Reply::OVER_LIMIT.into())),
        Err(_) => return Ok(unread(Reply::TOO_SLOW.into())),
    };
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let request = Request::new(
        head.method.as_str().to_ascii_uppercase(),
        head.uri.path().to_owned(),
        head.uri.query().unwrap_or_default().to_owned(),
        head.headers.iter().map(header).collect(),
        body,
    );
    let answered = tokio::task::spawn_blocking(move || {
        let _busy = shared.busy.read().unwrap_or_else(PoisonError::into_inner);
        let (reply, record, served) = answer(&shared.labs, &request);
        shared.metrics.count(&record, served);
        shared.log.call(&record);
        if let Some((lab, account)) = record.caller.as_ref().filter(|_| record.changes) {
            shared.consoles.did(lab, account, record.code.clone().filter(|code| code != "DryRunOperation"));
        }
        reply
    });
    Ok(match answered.await {
        Ok(reply) => written(reply),
        Err(_) => unread(Reply::FAILED.into()),
    })
}

/// The reply to a request that could not be read; what is left of it is not read.
fn unread(reply: Reply) -> Response<Written> {
    let mut response = written(reply);
    response.headers_mut().insert(hyper::header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn written(reply: Reply) -> Response<Written> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)).boxed());
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
