//! What happens while somebody looks: a line for each change, by whichever door it came.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::{Body as _, Bytes, Frame};
use hyper::{StatusCode, header};
use tokio::sync::mpsc;

use super::{Answer, Asked, Body, locked};
use crate::journal::Store;

/// How often a lab's journal is looked at.
const LOOK: Duration = Duration::from_millis(40);
/// How often the kernel is compared with the lab.
const DRIFT: Duration = Duration::from_secs(3);
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
    let (labs, consoles, head) = (asked.labs.clone(), asked.consoles.clone(), asked.head.clone());
    tokio::spawn(async move {
        let lab = reader.key.lab;
        let store = Store::of(&lab);
        let version = || locked(&consoles.seen).memory(&lab).version;
        let mut last = (store.stamp(), version());
        let mut number = 0u64;
        let mut sent = Instant::now();
        if sender.send(Bytes::from_static(b": peerlab\nretry: 1000\n\n")).await.is_err() {
            return;
        }
        loop {
            tokio::time::sleep(LOOK).await;
            if locked(&consoles.seen).memory(&lab).is_looked_for(DRIFT) {
                let lab = lab.clone();
                let asked = Asked { labs: &labs, consoles: &consoles, head: &head };
                asked.apart(move |it| it.look_for_drift(&lab)).await;
            }
            let now = (store.stamp(), version());
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
