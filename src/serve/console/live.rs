//! What happens while somebody looks: a line for each change, by whichever door it came.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::{Body as _, Bytes, Frame};
use hyper::{StatusCode, header};
use tokio::sync::mpsc;

use peerlab_console::Given;

use super::seen::mark;
use super::{Answer, Asked, Body, locked};
use crate::journal::Store;
use crate::watch::Guard;

/// How often a lab's journal is looked at.
const LOOK: Duration = Duration::from_millis(40);
/// How soon a guard ends when nobody looks any more.
const BLINK: Duration = Duration::from_millis(200);
/// How often something is sent, so that both ends know of each other.
const ALIVE: Duration = Duration::from_secs(15);

/// A body that goes on.
struct Stream(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// The stream of a reader's page.
pub(super) async fn events(asked: &Asked<'_>) -> Answer {
    let reader = match asked.reader() {
        Ok(reader) => reader,
        Err(answer) => return answer,
    };
    let (sender, receiver) = mpsc::channel::<Bytes>(16);
    let consoles = asked.consoles.clone();
    let given = Given::read(asked.head.uri.query().unwrap_or_default());
    // A page knows what it shows: what changed before its stream began is told at once.
    let shown = given.get("mark").map(str::to_owned);
    let to = sender.clone();
    let from = reader.clone();
    let begin = move |it: &Asked<'_>| {
        if given.get("packets").is_some() {
            it.send_packets(&from, &given, &to);
        }
        it.guarded(&from.key.lab)
    };
    let guarded = asked.apart(begin).await;
    tokio::spawn(async move {
        // The guard is at work as long as somebody has a share of it.
        let _guarded = guarded;
        let lab = reader.key.lab;
        let store = Store::of(&lab);
        let version = || locked(&consoles.seen).memory(&lab).version;
        let current = || mark(store.stamp(), version());
        let mut last = shown.unwrap_or_else(current);
        let mut number = 0u64;
        let mut sent = Instant::now();
        if sender.send(Bytes::from_static(b": peerlab\nretry: 1000\n\n")).await.is_err() {
            return;
        }
        loop {
            tokio::time::sleep(LOOK).await;
            let now = current();
            let line = match now != last {
                true => {
                    number += 1;
                    Some(format!("id: {number}\nevent: changed\ndata: {{}}\n\n"))
                }
                false if sent.elapsed() > ALIVE => Some(": alive\n\n".to_owned()),
                false => None,
            };
            last = now;
            if let Some(line) = line {
                sent = Instant::now();
                if sender.send(Bytes::from(line)).await.is_err() {
                    return;
                }
            }
            if sender.is_closed() {
                return;
            }
        }
    });
    let body: Body = Stream(receiver).boxed();
    debug_assert!(!body.is_end_stream());
    let headers = vec![(header::CONTENT_TYPE, "text/event-stream".to_owned())];
    Answer { status: StatusCode::OK, headers, body }
}

impl Asked<'_> {
    /// A share of the guard of a lab's kernel. It hears there what somebody changes by hand, as `peerlab watch` does.
    fn guarded(&self, lab: &str) -> Arc<()> {
        let (share, is_new) = locked(&self.consoles.seen).memory(lab).guarded();
        if is_new {
            let (consoles, lab, shares) = (self.consoles.clone(), lab.to_owned(), Arc::downgrade(&share));
            let keep = move || {
                // Without a monitor, a page shows drift only when it is loaded again.
                let Ok(mut guard) = Guard::new(&lab) else { return };
                while shares.strong_count() > 0 {
                    match guard.wait(BLINK) {
                        Ok(Some(drift)) => locked(&consoles.seen).memory(&lab).drifted(drift),
                        Ok(None) => {}
                        Err(_) => std::thread::sleep(BLINK),
                    }
                }
            };
            self.labs.rights.spawn(keep);
        }
        share
    }
}
