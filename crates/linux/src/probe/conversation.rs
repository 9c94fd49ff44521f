//! TCP and UDP probes: send a token to a listener, which must send it back.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit};
use socket2::Socket;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::account::{Account, Sending};
use super::host::{Token, nonce, runtime, token_of, trouble};
use super::job::{Job, Patience};
use super::listener::{Foreign, Listeners, Noted, Received};
use super::messages::Said;
use super::question::{Observation, Probe, SourcePort};
use super::witness::Mark;
use super::{tcp, udp};
use crate::error::{Error, Result};
use crate::flow::Protocol;
use crate::kernel::enter;
use crate::msg;
use crate::network::model::NamespaceName;

/// The kernel retransmits a SYN after one second. A probe that should be dropped ends before that, so that its drop is
/// counted once.
const ONE_SYN: Duration = Duration::from_millis(900);

/// The result of a probe, and the mark by which a witness recognizes its packet, if its listener did not.
pub(super) struct Spoken {
    pub(super) index: usize,
    pub(super) observation: Observation,
    pub(super) mark: Option<Mark>,
}

/// By what an attempt is recognized: its token, and its mark for another program's server.
#[derive(Clone, Copy, Debug)]
struct Key {
    token: Token,
    mark: Option<Mark>,
}

/// Sends all probes, and runs the requested listeners. With `serving`, begins once all listen, says when all is sent, and runs the
/// listeners until that is so elsewhere, too. Returns also who received probes of the run here.
pub(super) fn run(
    lab: &str,
    (run, jobs): (u32, &[Job<'_>]),
    listeners: Listeners,
    patience: Patience,
    account: &Account<'_>,
    (sending, serving): (Sending, Option<[&AtomicBool; 3]>),
) -> Result<(Vec<Spoken>, Received)> {
    let mut ports = Ports::new();
    // Until the first round has begun.
    let mut beginning = Some(sending);
    runtime()?.block_on(async {
        let noted = Noted::default();
        let foreign = listeners.serve(&noted).map_err(|error| Error::host(msg!(Said::CannotServe { why: error })))?;
        let mut seen = Vec::with_capacity(jobs.len());
        if let Some([all_listen, ..]) = serving {
            until(all_listen).await;
        }
        for jobs in jobs.chunks(at_once()) {
            // A connection takes a second round trip for the token.
            let quiet = (patience.quiet + patience.latency).min(ONE_SYN);
            let sending = beginning.take().unwrap_or_else(|| account.send());
            let first = round(lab, (run, jobs), &foreign, &mut ports, quiet, account, sending).await?;
            let lost = |job: &Job<'_>, answer| job.probe.expected && answer == Answer::Silent;
            let again: Vec<_> = jobs.iter().zip(&first).filter(|(job, (answer, _))| lost(job, *answer)).collect();
            let again: Vec<_> = again.into_iter().map(|(job, _)| Job { due: Duration::ZERO, ..*job }).collect();
            let timeout = patience.timeout + patience.latency;
            let second = match again.as_slice() {
                [] => Vec::new(),
                again => round(lab, (run, again), &foreign, &mut ports, timeout, account, account.send()).await?,
            };
            let mut second = second.into_iter();
            for (job, (answer, key)) in jobs.iter().zip(first) {
                let resent = lost(job, answer);
                let (answer, key) = resent.then(|| second.next()).flatten().unwrap_or((answer, key));
                let rtt = if let Answer::Back(rtt) = answer { Some(rtt) } else { None };
                let (refused, got_by) = (answer == Answer::Refused, noted.by(&key.token));
                let observation =
                    Observation { reached: rtt.is_some(), rtt, resent, refused, got_by, ..Observation::default() };
                seen.push(Spoken { index: job.index, observation, mark: key.mark });
            }
        }
        drop(beginning);
        if let Some([_, spoke, all_sent]) = serving {
            spoke.store(true, Ordering::SeqCst);
            until(all_sent).await;
        }
        Ok((seen, noted.of_run(run)))
    })
}

/// Waits until it is so elsewhere, too; the listeners go on meanwhile.
async fn until(is_so: &AtomicBool) {
    while !is_so.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The result of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The answer, and the time it took.
    Back(Duration),
    /// A refusal: no listener, or no route out of the sender's namespace.
    Refused,
    /// No answer.
    Silent,
}

/// Sends each once, and waits for each at most `wait`, or until all outstanding packets are known to be dropped.
async fn round(
    lab: &str,
    (run, jobs): (u32, &[Job<'_>]),
    foreign: &Foreign,
    ports: &mut Ports,
    wait: Duration,
    account: &Account<'_>,
    sending: Sending,
) -> Result<Vec<(Answer, Key)>> {
    let mut flights = JoinSet::new();
    let sockets = open(lab, jobs, foreign, ports)?;
    let mut done = Vec::with_capacity(jobs.len());
    // Until the last one has been sent.
    let sending = Arc::new(sending);
    let began = tokio::time::Instant::now();
    for (at, (job, (socket, mark))) in jobs.iter().zip(sockets).enumerate() {
        let (protocol, to, due) = (job.probe.protocol, job.probe.to, began + job.due);
        let echoes = !foreign.answers(job.probe);
        let sending = sending.clone();
        let token = token_of(run, job.index);
        done.push((Answer::Silent, Key { token, mark }));
        flights.spawn(async move {
            sleep_until(due).await;
            sending.leave(1);
            drop(sending);
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
    drop(sending);
    loop {
        match timeout(account.pause(), flights.join_next()).await {
            Ok(None) => return Ok(done),
            Ok(Some(landed)) => {
                let (at, answer) = landed.expect("no flight panics, and none was aborted");
                done[at].0 = answer;
                account.back(usize::from(answer != Answer::Silent));
            }
            // Dropping the tasks ends the outstanding ones.
            Err(_) if account.balances() => return Ok(done),
            Err(_) => {}
        }
    }
}

/// The source ports of a run.
///
/// A probe that asks for no port gets the kernel's choice, unless another program's server may answer it: a witness knows
/// the packet by its port. Each of those is used once, in any namespace, and none is one that the kernel assigns to another
/// probe (those begin at 32768). Each run begins at a different port, because routers may still track a flow of the
/// previous run.
struct Ports {
    next: u16,
    left: u16,
    /// The ports that probes ask for, each in use once for a receiver's port; by all senders alike, or by each alone.
    asked: BTreeSet<(Option<NamespaceName>, Ipv4Addr, Protocol, u16)>,
    /// Other ports, used once in any namespace.
    others: BTreeSet<u16>,
}

impl Ports {
    const FIRST: u16 = 1024;
    const ALL: u16 = 32768 - Ports::FIRST;

    fn new() -> Self {
        let next = u16::try_from(nonce() % u64::from(Ports::ALL)).unwrap_or_default();
        Ports { next, left: Ports::ALL, asked: BTreeSet::new(), others: BTreeSet::new() }
    }

    /// A port that this run has not tried; 0, for the kernel's choice, if all have been tried.
    fn next(&mut self) -> u16 {
        if self.left == 0 {
            return 0;
        }
        self.left -= 1;
        self.next = (self.next + 1) % Ports::ALL;
        Ports::FIRST + self.next
    }
}

impl Ports {
    /// The port that the probe asks for, else another that the lab does not tell apart from it. A probe that must be `known`
    /// by its port always gets another, which no other probe has.
    fn asked(&mut self, probe: &Probe, wanted: &SourcePort, known: bool) -> u16 {
        let sender = (!wanted.alone).then(|| probe.from.clone());
        let place = (sender, probe.to, probe.protocol, wanted.port);
        if !known && self.asked.insert(place) {
            return wanted.port;
        }
        let (first, last) = (u32::from(*wanted.alike.start()), u32::from(*wanted.alike.end()));
        let count = last - first + 1;
        let begin = u32::try_from(nonce() % u64::from(count)).unwrap_or_default();
        let all = (0..count).filter_map(|step| u16::try_from(first + (begin + step) % count).ok());
        let mut free = all.filter(|port| *port != wanted.port && self.others.insert(*port));
        free.next().unwrap_or(wanted.port)
    }
}

/// Opens a socket for each job, in its namespace, with its packets' marks.
fn open(lab: &str, jobs: &[Job<'_>], foreign: &Foreign, ports: &mut Ports) -> Result<Vec<(Socket, Option<Mark>)>> {
    let mut by_namespace: BTreeMap<&NamespaceName, Vec<usize>> = BTreeMap::new();
    for (at, job) in jobs.iter().enumerate() {
        by_namespace.entry(&job.probe.from).or_default().push(at);
    }
    let mut sockets: Vec<_> = jobs.iter().map(|_| None).collect();
    for (namespace, places) in by_namespace {
        let mut open =
            || places.iter().map(|at| socket(jobs[*at].probe, foreign, ports)).collect::<io::Result<Vec<_>>>();
        let opened = enter(lab, namespace, &mut open)?;
        let opened = opened.map_err(|error| trouble(lab, namespace, Said::NoSocket, error))?;
        for (at, socket) in places.into_iter().zip(opened) {
            sockets[at] = Some(socket);
        }
    }
    Ok(sockets.into_iter().flatten().collect())
}

fn socket(probe: &Probe, foreign: &Foreign, ports: &mut Ports) -> io::Result<(Socket, Option<Mark>)> {
    let known = !probe.claimants.is_empty() && foreign.answers(probe);
    let open = |source| match probe.protocol {
        Protocol::Udp(_) => udp::socket(source, probe.source_port.is_some()),
        Protocol::Tcp(_) | Protocol::Icmp => tcp::socket(source, probe.source_port.is_some()),
    };
    let address = probe.source.unwrap_or(Ipv4Addr::UNSPECIFIED);
    let mark = |port| match probe.protocol {
        Protocol::Tcp(to) => Some(Mark::Tcp(port, to)),
        Protocol::Udp(to) => Some(Mark::Udp(port, to)),
        Protocol::Icmp => None,
    };
    if let Some(wanted) = &probe.source_port {
        // A listener, or a program of the user, may have the port.
        const TRIES: usize = 8;
        let mut taken = None;
        for _ in 0..TRIES {
            let port = ports.asked(probe, wanted, known);
            match open(Some(SocketAddrV4::new(address, port))) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => taken = Some(error),
                opened => return Ok((opened?, mark(port).filter(|_| known))),
            }
        }
        return Err(taken.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()));
    }
    if !known {
        return Ok((open(probe.source.map(|source| SocketAddrV4::new(source, 0)))?, None));
    }
    loop {
        let source = SocketAddrV4::new(address, ports.next());
        let socket = match open(Some(source)) {
            // A program of the user has this port.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && source.port() != 0 => continue,
            opened => opened?,
        };
        let port = socket.local_addr()?.as_socket_ipv4().map_or(0, |own| own.port());
        return Ok((socket, mark(port)));
    }
}

/// How many probes may be outstanding: each takes a descriptor here and one in the listener.
fn at_once() -> usize {
    let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
    usize::try_from(soft / 4).unwrap_or(usize::MAX).max(64)
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{Testbed, address, instance};
    use super::super::{Probe, TIMEOUT, run, uncounted};
    use crate::flow::Protocol;
    use crate::kernel::enter;

    fn probe(protocol: Protocol, to: usize, listens: bool) -> Probe {
        Probe {
            from: instance(0),
            source: None,
            source_port: None,
            to: address(to),
            protocol,
            size: None,
            listener: listens.then(|| instance(to)),
            received: None,
            expected: true,
            lane: None,
            claimants: Vec::new(),
        }
    }

    fn reached(lab: &str, probes: &[Probe]) -> Vec<bool> {
        run(lab, probes, TIMEOUT, &uncounted).unwrap().iter().map(|seen| seen.reached).collect()
    }

    #[test]
    fn a_listener_answers_on_its_port_and_nobody_where_none_is() {
        let bed = Testbed::new("talk", 3);
        let probes = [
            probe(Protocol::Tcp(22), 1, true),
            probe(Protocol::Udp(53), 1, true),
            probe(Protocol::Tcp(22), 2, false),
            probe(Protocol::Udp(53), 2, false),
        ];
        assert_eq!(reached(&bed.lab, &probes), [true, true, false, false]);
    }

    #[test]
    fn what_should_be_dropped_is_dropped_once() {
        let bed = Testbed::new("syn", 2);
        bed.forward("tcp dport 22 counter name dropped drop; udp dport 53 counter name dropped drop");
        let mut probes = [probe(Protocol::Tcp(22), 1, true), probe(Protocol::Udp(53), 1, true)];
        probes.iter_mut().for_each(|probe| probe.expected = false);
        assert_eq!(reached(&bed.lab, &probes), [false, false]);
        assert_eq!(bed.dropped(), 2);
    }

    #[test]
    fn a_datagram_that_was_lost_is_sent_once_more() {
        let bed = Testbed::new("datagram", 2);
        // 16 bytes of token, 28 of headers: the first is within the quota, the second is not.
        bed.forward("udp dport 53 quota 60 bytes counter name dropped drop");
        let seen = run(&bed.lab, &[probe(Protocol::Udp(53), 1, true)], TIMEOUT, &uncounted).unwrap();
        assert!(seen[0].reached && seen[0].resent, "{seen:?}");
        assert_eq!(bed.dropped(), 1);
    }

    #[test]
    fn a_connection_without_an_answer_is_not_enough() {
        let bed = Testbed::new("mute", 2);
        // The handshake passes, the token (with its 16 bytes of payload) does not.
        bed.forward("tcp dport 22 meta length > 60 counter name dropped drop");
        assert_eq!(reached(&bed.lab, &[probe(Protocol::Tcp(22), 1, true)]), [false]);
        assert!(bed.dropped() > 0);
    }

    #[test]
    fn a_server_of_the_users_own_counts_when_it_is_connected_to() {
        let bed = Testbed::new("server", 2);
        let server = enter(&bed.lab, &instance(1), || std::net::TcpListener::bind("0.0.0.0:22")).unwrap().unwrap();
        assert_eq!(reached(&bed.lab, &[probe(Protocol::Tcp(22), 1, true)]), [true]);
        drop(server);
    }

    #[test]
    fn the_internet_answers_from_the_address_that_was_asked() {
        let bed = Testbed::new("outside", 1);
        bed.uplink();
        let outside = |protocol| Probe {
            to: [203, 0, 113, 53].into(),
            listener: Some("internet".into()),
            ..probe(protocol, 0, false)
        };
        let probes = [outside(Protocol::Icmp), outside(Protocol::Tcp(443)), outside(Protocol::Udp(53))];
        assert_eq!(reached(&bed.lab, &probes), [true, true, true]);
    }
}
