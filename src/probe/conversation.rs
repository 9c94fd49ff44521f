//! TCP and UDP probes: a token is sent to a listener, and must come back.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit};
use socket2::Socket;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::listener::{Foreign, Listeners};
use super::{Job, Observation, Patience, Probe, enter, nonce, runtime, tcp, trouble, udp};
use crate::error::{Error, Result};
use crate::flow::Protocol;
use crate::network::model::NamespaceName;

/// What is sent, and must come back.
pub(super) type Token = [u8; 16];

/// The kernel sends a SYN again after one second. A probe that should be dropped has ended by then, so that the
/// counter of its drop moves by one.
const ONE_SYN: Duration = Duration::from_millis(900);

/// Sends all, and answers where a listener is asked for.
pub(super) fn run(
    lab: &str,
    jobs: &[Job<'_>],
    listeners: Listeners,
    patience: Patience,
) -> Result<Vec<(usize, Observation)>> {
    runtime()?.block_on(async {
        let foreign = listeners
            .serve()
            .map_err(|error| Error::host(format!("the listeners of the probes cannot be served: {error}")))?;
        let mut seen = Vec::with_capacity(jobs.len());
        for jobs in jobs.chunks(at_once()) {
            // A connection takes a second round trip for the token.
            let quiet = (patience.quiet + patience.latency).min(ONE_SYN);
            let first = round(lab, jobs, &foreign, quiet).await?;
            let lost = |job: &Job<'_>, answer| job.probe.expected && answer == Answer::Silent;
            let again: Vec<_> = jobs.iter().zip(&first).filter(|(job, answer)| lost(job, **answer)).collect();
            let again: Vec<_> = again.into_iter().map(|(job, _)| Job { due: Duration::ZERO, ..*job }).collect();
            let mut second = round(lab, &again, &foreign, patience.timeout + patience.latency).await?.into_iter();
            for (job, answer) in jobs.iter().zip(first) {
                let resent = lost(job, answer);
                let answer = if resent { second.next().unwrap_or(answer) } else { answer };
                let rtt = if let Answer::Back(rtt) = answer { Some(rtt) } else { None };
                seen.push((job.index, Observation { reached: rtt.is_some(), rtt, resent }));
            }
        }
        Ok(seen)
    })
}

/// What came of one sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The answer, and the time it took.
    Back(Duration),
    /// A refusal: nobody listens, or there is no way out of the own namespace.
    Refused,
    /// Nothing.
    Silent,
}

/// Sends each once, and waits for each at most `wait` from its sending.
async fn round(lab: &str, jobs: &[Job<'_>], foreign: &Foreign, wait: Duration) -> Result<Vec<Answer>> {
    let mut flights = JoinSet::new();
    let sockets = open(lab, jobs)?;
    let began = tokio::time::Instant::now();
    for (at, (job, socket)) in jobs.iter().zip(sockets).enumerate() {
        let (protocol, to, due) = (job.probe.protocol, job.probe.to, began + job.due);
        let echoes = !foreign.answers(job.probe);
        flights.spawn(async move {
            sleep_until(due).await;
            let token: Token = std::array::from_fn(|_| nonce() as u8);
            let sent = Instant::now();
            let exchange = async {
                match protocol {
                    Protocol::Icmp => Ok(false),
                    Protocol::Tcp(port) => tcp::exchange(socket, SocketAddrV4::new(to, port), &token, echoes).await,
                    Protocol::Udp(port) => udp::exchange(socket, SocketAddrV4::new(to, port), &token, echoes).await,
                }
            };
            let answer = match timeout(wait, exchange).await {
                Ok(Ok(true)) => Answer::Back(sent.elapsed()),
                Ok(Ok(false) | Err(_)) => Answer::Refused,
                Err(_) => Answer::Silent,
            };
            (at, answer)
        });
    }
    let mut answers = vec![Answer::Silent; jobs.len()];
    for (at, answer) in flights.join_all().await {
        answers[at] = answer;
    }
    Ok(answers)
}

/// A socket for each job, in its namespace.
fn open(lab: &str, jobs: &[Job<'_>]) -> Result<Vec<Socket>> {
    let mut by_namespace: BTreeMap<&NamespaceName, Vec<usize>> = BTreeMap::new();
    for (at, job) in jobs.iter().enumerate() {
        by_namespace.entry(&job.probe.from).or_default().push(at);
    }
    let mut sockets: Vec<_> = jobs.iter().map(|_| None).collect();
    for (namespace, places) in by_namespace {
        let opened =
            enter(lab, namespace, || places.iter().map(|at| socket(jobs[*at].probe)).collect::<io::Result<Vec<_>>>())?;
        let opened = opened.map_err(|error| trouble(lab, namespace, "no socket for a probe could be opened", error))?;
        for (at, socket) in places.into_iter().zip(opened) {
            sockets[at] = Some(socket);
        }
    }
    Ok(sockets.into_iter().flatten().collect())
}

fn socket(probe: &Probe) -> io::Result<Socket> {
    match probe.protocol {
        Protocol::Udp(_) => udp::socket(probe.source),
        Protocol::Tcp(_) | Protocol::Icmp => tcp::socket(probe.source),
    }
}

/// How many may be out at once: each takes a descriptor here, and one in the listener.
fn at_once() -> usize {
    let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
    usize::try_from(soft / 4).unwrap_or(usize::MAX).max(64)
}
