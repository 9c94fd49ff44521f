//! Echo requests in namespaces wired by hand.

use std::net::Ipv4Addr;

use super::super::testbed::{Testbed, address, instance};
use super::super::{Lane, Probe, Sweep, TIMEOUT, run, run_beside, uncounted};
use super::*;
use crate::flow::Protocol;
use crate::kernel::enter;
use crate::progress::Unwatched;

fn ping(from: usize, to: Ipv4Addr) -> Probe {
    Probe {
        from: instance(from),
        source: None,
        source_port: None,
        to,
        protocol: Protocol::Icmp,
        size: None,
        listener: None,
        received: None,
        expected: true,
        lane: None,
        claimants: Vec::new(),
    }
}

fn pairs(n: usize) -> Vec<Probe> {
    let pairs = (0..n).flat_map(|a| (0..n).filter(move |b| *b != a).map(move |b| (a, b)));
    pairs.map(|(a, b)| ping(a, address(b))).collect()
}

fn reached(lab: &str, probes: &[Probe]) -> Vec<bool> {
    run(lab, probes, TIMEOUT, &uncounted).unwrap().iter().map(|seen| seen.reached).collect()
}

#[test]
fn the_pinged_answer_and_the_dropped_do_not() {
    let bed = Testbed::new("icmp", 3);
    bed.forward("ip saddr 10.0.0.11 ip daddr 10.0.0.10 icmp type echo-request counter name dropped drop");
    let probes = pairs(3);
    let began = Instant::now();
    let mut expected = vec![true; 6];
    let from_1_to_0 = probes.iter().position(|it| (&it.from, it.to) == (&instance(1), address(0))).unwrap();
    expected[from_1_to_0] = false;
    assert_eq!(reached(&bed.lab, &probes), expected);
    assert_eq!(bed.dropped(), 2, "what was expected and lost is sent once more");
    assert!(began.elapsed() < 2 * TIMEOUT);
}

#[test]
fn the_answer_is_timed_and_nothing_is_sent_twice() {
    let bed = Testbed::new("rtt", 2);
    for seen in run(&bed.lab, &pairs(2), TIMEOUT, &uncounted).unwrap() {
        assert!(seen.rtt.is_some_and(|rtt| rtt > Duration::ZERO && rtt < TIMEOUT), "{seen:?}");
        assert!(!seen.resent);
    }
}

#[test]
fn drops_wait_for_one_time_together() {
    let bed = Testbed::new("drops", 10);
    bed.forward("icmp type echo-request counter name dropped drop");
    let mut probes = pairs(10);
    probes.iter_mut().for_each(|probe| probe.expected = false);
    let began = Instant::now();
    assert_eq!(reached(&bed.lab, &probes), [false; 90]);
    assert!(began.elapsed() < TIMEOUT, "{:?}", began.elapsed());
    assert_eq!(bed.dropped(), 90, "what is expected to be dropped is sent once");
}

#[test]
fn what_the_kernel_has_dropped_is_not_waited_for() {
    let bed = Testbed::new("counted", 4);
    bed.forward("ip daddr 10.0.0.11 counter name dropped drop");
    // A path whose answers may take long: without knowledge of the drops, the run waits for them.
    let slow = Lane { id: 0, bandwidth: None, latency: Duration::from_secs(60) };
    let mut probes: Vec<_> = pairs(4).into_iter().filter(|probe| probe.from != instance(1)).collect();
    let tcp = probes.iter().map(|probe| Probe { protocol: Protocol::Tcp(22), listener: None, ..probe.clone() });
    let udp = probes.iter().map(|probe| Probe { protocol: Protocol::Udp(53), listener: None, ..probe.clone() });
    probes = probes.iter().cloned().chain(tcp).chain(udp).collect();
    for probe in &mut probes {
        probe.lane = Some(slow);
        // One of the pings was expected to arrive, so it is sent again, and dropped again.
        probe.expected = probe.to != address(1) || probe.protocol == Protocol::Icmp && probe.from == instance(0);
    }
    let dropped = || Some(bed.dropped());
    let began = Instant::now();
    let (_, seen) = run_beside(&bed.lab, Sweep::default(), &probes, TIMEOUT, &dropped, &Unwatched).unwrap();
    assert!(began.elapsed() < slow.latency / 2, "{:?}", began.elapsed());
    assert_eq!(bed.dropped(), 10);
    for (probe, seen) in probes.iter().zip(seen) {
        assert_eq!(seen.reached, probe.to != address(1) && probe.protocol == Protocol::Icmp, "{probe:?}");
    }
}

#[test]
fn a_lost_ping_that_was_expected_is_sent_once_more() {
    let bed = Testbed::new("lost", 2);
    // The first packet is within the quota, the second is not.
    bed.forward("ip daddr 10.0.0.11 icmp type echo-request quota 60 bytes counter name dropped drop");
    let seen = run(&bed.lab, &[ping(0, address(1))], TIMEOUT, &uncounted).unwrap();
    assert!(seen[0].reached && seen[0].resent, "{seen:?}");
    assert_eq!(bed.dropped(), 1);
}

#[test]
fn an_icmp_error_is_no_answer() {
    let bed = Testbed::new("error", 2);
    bed.forward("icmp type echo-request counter name dropped reject with icmp type host-unreachable");
    assert_eq!(reached(&bed.lab, &[ping(0, address(1))]), [false]);
    assert!(bed.dropped() > 0);
}

#[test]
fn pings_through_a_narrow_peering_are_not_lost_in_its_queue() {
    let bed = Testbed::new("narrow", 2);
    // Room for some forty pings.
    bed.exec(
        "vpc",
        &["tc", "qdisc", "add", "dev", "p1", "root", "tbf", "rate", "1mbit", "burst", "2kb", "limit", "2kb"],
    );
    let lane = Lane { id: 0, bandwidth: Some(crate::cloud::Bandwidth(1_000_000)), latency: Duration::ZERO };
    let mut probes: Vec<_> = (0..500).map(|_| ping(0, address(1))).collect();
    let unpaced = run(&bed.lab, &probes, TIMEOUT, &uncounted).unwrap();
    assert!(unpaced.iter().any(|seen| seen.resent), "the queue is too wide for this test");
    probes.iter_mut().for_each(|probe| probe.lane = Some(lane));
    let paced = run(&bed.lab, &probes, TIMEOUT, &uncounted).unwrap();
    assert_eq!(paced.iter().filter(|seen| !seen.reached || seen.resent).count(), 0);
}

#[test]
fn from_a_namespace_that_is_gone_nothing_comes_and_there_nothing_arrives() {
    let bed = Testbed::new("gone", 3);
    bed.delete(1);
    let of = |protocol, from, to| Probe {
        protocol,
        listener: (protocol != Protocol::Icmp).then(|| instance(to)),
        claimants: vec![instance(to)],
        ..ping(from, address(to))
    };
    let mut probes = Vec::new();
    for (from, to) in [(0, 1), (1, 2), (0, 2)] {
        probes.extend([Protocol::Icmp, Protocol::Tcp(22), Protocol::Udp(53)].map(|protocol| of(protocol, from, to)));
    }
    let expected = [[false; 3], [false; 3], [true; 3]].concat();
    assert_eq!(reached(&bed.lab, &probes), expected);
}

/// Wall-clock time and CPU time per probe.
fn rate(what: &str, probes: usize, work: impl FnOnce() -> usize) {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let cpu = || {
        let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
    };
    let (began, before) = (Instant::now(), cpu());
    let reached = work();
    let (took, each) = (began.elapsed(), (cpu() - before) as f64 / probes as f64);
    let per_second = probes as f64 / took.as_secs_f64();
    println!("{what}: {reached} of {probes} in {took:.1?}, {per_second:.0} a second, {each:.1} us CPU each");
}

#[test]
#[ignore = "figures, on an idle machine: cargo test --release figures -- --ignored --nocapture"]
fn figures() {
    let bed = Testbed::new("figures", 100);
    let probes = pairs(100);
    for _ in 0..3 {
        rate("raw sockets", probes.len(), || {
            run(&bed.lab, &probes, TIMEOUT, &uncounted).unwrap().iter().filter(|seen| seen.reached).count()
        });
    }
}

/// i1 and i2 have the same address; the router decides where it leads.
fn twins(test: &str) -> (Testbed, Ipv4Addr) {
    let bed = Testbed::new(test, 4);
    let shared = Ipv4Addr::new(10, 0, 9, 9);
    for i in 1..3 {
        let only = format!("addr add {shared}/32 dev eth0\naddr del {}/16 dev eth0\n", address(i));
        bed.ip(instance(i).as_str(), &only);
    }
    (bed, shared)
}

/// Makes the router send packets for `shared` to this instance.
fn lead(bed: &Testbed, shared: Ipv4Addr, to: usize) {
    bed.ip("vpc", &format!("route replace {shared}/32 via {} dev br0 onlink\n", address(to)));
}

#[test]
fn who_gets_a_packet_is_the_packets_own_word() {
    let (bed, shared) = twins("twins");
    let probe = |protocol: Protocol| Probe {
        protocol,
        listener: (protocol != Protocol::Icmp).then(|| instance(1)),
        claimants: vec![instance(1), instance(2)],
        ..ping(0, shared)
    };
    let probes = [Protocol::Icmp, Protocol::Tcp(22), Protocol::Udp(53)].map(probe);
    for led in [1, 2, 1] {
        lead(&bed, shared, led);
        let seen = run(&bed.lab, &probes, TIMEOUT, &uncounted).unwrap();
        assert!(seen.iter().all(|seen| seen.reached && seen.got_by == Some(instance(led))), "{led}: {seen:?}");
    }
    // An instance that has the address itself never sends the packet out.
    let own = Probe { from: instance(2), ..probe(Protocol::Icmp) };
    assert_eq!(run(&bed.lab, &[own], TIMEOUT, &uncounted).unwrap()[0].got_by, Some(instance(2)));
    // A sweep also reports the receiver of pings with several possible ones.
    let sender = Sender { namespace: instance(0), source: None, size: None };
    let pings = vec![Ping::new(0, address(3), None, true), Ping::new(0, shared, None, true)];
    let claimants = [instance(1), instance(2), instance(3)].into();
    let sweep = Sweep { senders: vec![sender], lanes: vec![], pings, claimants };
    let (swept, _) = run_beside(&bed.lab, sweep, &[], TIMEOUT, &uncounted, &Unwatched).unwrap();
    assert!(swept.pings.iter().all(|ping| ping.rtt().is_some()));
    assert_eq!([swept.got_by.get(0), swept.got_by.get(1)], [Some(&instance(3)), Some(&instance(1))]);
}

/// A probe that names i1.
fn named(protocol: Protocol, from: usize) -> Probe {
    let listener = (protocol != Protocol::Icmp).then(|| instance(1));
    Probe { protocol, listener, claimants: vec![instance(1)], ..ping(from, address(1)) }
}

#[test]
fn whoever_took_an_address_by_hand_is_found() {
    let bed = Testbed::new("thief", 3);
    let probes = [Protocol::Icmp, Protocol::Tcp(22), Protocol::Udp(53)].map(|protocol| named(protocol, 0));
    let got_by = || {
        let seen = run(&bed.lab, &probes, TIMEOUT, &uncounted).unwrap();
        assert!(seen.iter().all(|seen| seen.reached), "{seen:?}");
        seen.into_iter().map(|seen| seen.got_by).collect::<Vec<_>>()
    };
    assert_eq!(got_by(), [Some(instance(1)), Some(instance(1)), Some(instance(1))]);
    let shared = address(1);
    // Another instance, the router, the sender itself.
    bed.ip("i2", &format!("addr add {shared}/32 dev eth0\n"));
    bed.ip("vpc", &format!("route add {shared}/32 via {} dev br0 onlink\n", address(2)));
    assert_eq!(got_by(), [Some(instance(2)), Some(instance(2)), Some(instance(2))]);
    bed.ip("vpc", &format!("route del {shared}/32\naddr add {shared}/32 dev lo\n"));
    assert_eq!(got_by(), [Some("vpc".into()), Some("vpc".into()), Some("vpc".into())]);
    bed.ip("i0", &format!("addr add {shared}/32 dev lo\n"));
    assert_eq!(got_by(), [Some(instance(0)), Some(instance(0)), Some(instance(0))]);
    // In a sweep too, where nobody but the senders and the named receiver listens at first.
    let sender = |i| Sender { namespace: instance(i), source: None, size: None };
    let sweep = |to: usize, from: usize| Sweep {
        senders: vec![sender(from)],
        pings: vec![Ping::new(0, address(to), None, true)],
        claimants: [instance(to)].into(),
        ..Sweep::default()
    };
    for (from, got_by) in [(0, "i0"), (2, "vpc")] {
        bed.ip("i2", if from == 2 { "addr del 10.0.0.11/32 dev eth0\n" } else { "" });
        let (swept, _) = run_beside(&bed.lab, sweep(1, from), &[], TIMEOUT, &uncounted, &Unwatched).unwrap();
        assert_eq!(swept.got_by.get(0), Some(&got_by.into()));
    }
}

#[test]
fn many_requests_to_one_receiver_are_all_heard() {
    let bed = Testbed::new("crowd", 3);
    let sender = |i| Sender { namespace: instance(i), source: None, size: None };
    let pings = (0..20_000).map(|at| Ping::new(at % 2, address(2), None, true)).collect();
    let senders = vec![sender(0), sender(1), sender(2)];
    let sweep = Sweep { senders, pings, claimants: [instance(2)].into(), ..Sweep::default() };
    let (swept, _) = run_beside(&bed.lab, sweep, &[], TIMEOUT, &uncounted, &Unwatched).unwrap();
    let others = (0..20_000).filter(|at| swept.got_by.number(*at) != Some(2)).count();
    assert_eq!((others, swept.pings.iter().filter(|ping| ping.rtt().is_none()).count()), (0, 0));
}

#[test]
fn a_server_of_the_users_own_is_known_by_its_namespace() {
    let (bed, shared) = twins("server-twins");
    let server = enter(&bed.lab, &instance(2), || std::net::TcpListener::bind("0.0.0.0:22")).unwrap().unwrap();
    lead(&bed, shared, 2);
    let protocol = Protocol::Tcp(22);
    let claimants = vec![instance(1), instance(2)];
    let probe = Probe { protocol, listener: Some(instance(1)), claimants, ..ping(0, shared) };
    let seen = run(&bed.lab, &[probe], TIMEOUT, &uncounted).unwrap();
    assert!(seen[0].reached && seen[0].got_by == Some(instance(2)), "{seen:?}");
    drop(server);
}
