//! `verify` notices anything missing from the kernel: for each element of the compiled Network, `verify` notices if it
//! is left out, or the element is on the list of those on which no packet of a lab depends. Needs root.
//!
//! Elements that the compiler writes in the same way are a family. A family is noticed if one of its members is.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod mutants;
#[path = "../world/mod.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mutants::{KINDS, Mutant};
use peerlab::cloud::Cloud;
use peerlab::flow::Disposition;
use peerlab::kernel;
use peerlab::lab::Check;
use peerlab::network::compile::compile;
use peerlab::network::model::{NamespaceName, Route, RouteTo};
use peerlab::verify::Observed;
use world::{ACCOUNTS, Line, Story, World, agree, isolate, questions};

/// All features of Alibaba Cloud: VPCs in a chain, a separate one with the same block; tables, longest prefixes, an
/// inactive peering, an instance as next hop; public addresses in two VPCs; groups of all kinds.
const ALIBABA: &str = "
A: create-vpc V0 --region r1 --cidr 10.1.0.0/16
A: create-vpc V1 --region r1 --cidr 10.2.0.0/16
B: create-vpc V2 --region r2 --cidr 10.3.0.0/16
A: create-vpc V3 --region r1 --cidr 10.1.0.0/16
A: create-subnet s0 --vpc V0 --cidr 10.1.1.0/24
A: create-subnet s1 --vpc V0 --cidr 10.1.2.0/24
A: create-subnet s0 --vpc V1 --cidr 10.2.1.0/24
B: create-subnet a-subnet-with-a-long-name --vpc V2 --cidr 10.3.1.0/24
A: create-subnet s0 --vpc V3 --cidr 10.1.1.0/24
A: create-security-group far --vpc V1
A: create-security-group open --vpc V0
A: authorize-security-group open --protocol all --cidr 0.0.0.0/0
A: create-security-group inner --vpc V0
A: create-security-group shut --vpc V0 --inner-access drop
A: authorize-security-group shut --protocol tcp --port 1/100 --cidr 10.2.0.0/16
A: authorize-security-group shut --protocol icmp --group far --group-account A
A: authorize-security-group shut --protocol udp --port 53 --cidr 10.1.1.0/24
A: authorize-security-group-egress shut --protocol tcp --port 22 --cidr 10.1.0.0/16 --policy drop --priority 2
A: authorize-security-group-egress shut --protocol tcp --port 22 --group inner --group-account A --priority 1
A: authorize-security-group-egress shut --protocol udp --cidr 0.0.0.0/0 --policy drop --priority 3
A: authorize-security-group-egress shut --protocol icmp --cidr 10.2.1.0/24 --policy drop
A: authorize-security-group far --protocol all --cidr 0.0.0.0/0 --priority 5
A: authorize-security-group far --protocol tcp --cidr 10.1.2.0/24 --policy drop
A: authorize-security-group-egress far --protocol icmp --group inner --group-account A --policy drop
A: create-instance i1 --subnet V0/s0 --public-ip 203.0.113.1 --security-group open
A: create-instance i2 --subnet V0/s0 --security-group inner
A: create-instance i3 --subnet V0/s1 --security-group inner --security-group shut
A: create-instance i4 --subnet V0/s1 --public-ip 203.0.113.4 --security-group shut
A: create-instance i5 --subnet V1/s0 --security-group far
A: create-instance an-instance-with-a-long-name --subnet V1/s0 --public-ip 203.0.113.6 --security-group far
B: create-instance i7 --subnet V2/a-subnet-with-a-long-name
A: create-instance i8 --subnet V3/s0
A: create-router-interface e01 --vpc V0 --role initiator --spec Large.5 --opposite-region r1
A: create-router-interface e10 --vpc V1 --role acceptor --opposite-region r1
A: modify-router-interface-attribute e01 --opposite-account A --opposite-interface e10 --opposite-router V1
A: modify-router-interface-attribute e10 --opposite-account A --opposite-interface e01 --opposite-router V0
A: connect-router-interface e01
A: create-router-interface e12 --vpc V1 --role initiator --spec Large.5 --opposite-region r2
B: create-router-interface e21 --vpc V2 --role acceptor --opposite-region r1
A: modify-router-interface-attribute e12 --opposite-account B --opposite-interface e21 --opposite-router V2
B: modify-router-interface-attribute e21 --opposite-account A --opposite-interface e12 --opposite-router V1
A: connect-router-interface e12
A: create-router-interface e13 --vpc V1 --role initiator --spec Large.5 --opposite-region r1
A: create-router-interface e31 --vpc V3 --role acceptor --opposite-region r1
A: modify-router-interface-attribute e13 --opposite-account A --opposite-interface e31 --opposite-router V3
A: modify-router-interface-attribute e31 --opposite-account A --opposite-interface e13 --opposite-router V1
A: connect-router-interface e13
A: create-router-interface e03 --vpc V0 --role initiator --spec Large.5 --opposite-region r1
A: create-route-table t0 --vpc V0
A: associate-route-table t0 --subnet V0/s1
A: create-route-entry --vpc V0 --destination 10.2.0.0/16 --next-hop e01
A: create-route-entry --table t0 --destination 10.2.0.0/16 --next-hop e01
A: create-route-entry --vpc V0 --destination 10.3.0.0/16 --next-hop e01
A: create-route-entry --vpc V0 --destination 8.8.0.0/16 --next-hop i2
A: create-route-entry --vpc V1 --destination 10.1.0.0/16 --next-hop e10
A: create-route-entry --vpc V1 --destination 10.3.0.0/16 --next-hop e12
A: create-route-entry --vpc V1 --destination 203.0.113.1/32 --next-hop e10
A: create-route-entry --vpc V1 --destination 172.16.0.0/12 --next-hop e12
A: create-route-entry --vpc V0 --destination 203.0.113.4/32 --next-hop e03
A: create-route-entry --vpc V3 --destination 10.2.0.0/16 --next-hop e31
B: create-route-entry --vpc V2 --destination 10.2.0.0/16 --next-hop e21
";

/// JD Cloud's additional features: a VPC's whole block is local, a default route to the internet, halves; an answer
/// that takes a peering instead of the internet.
const JDCLOUD: &str = "
A: create-vpc V0 --region r1 --cidr 10.1.0.0/16
B: create-vpc V1 --region r1 --cidr 10.2.0.0/16
A: create-subnet s0 --vpc V0 --cidr 10.1.1.0/24
B: create-subnet s0 --vpc V1 --cidr 10.2.1.0/24
A: create-instance i1 --subnet V0/s0 --public-ip 203.0.113.1
A: create-instance i2 --subnet V0/s0
B: create-instance i3 --subnet V1/s0
B: create-security-group open --vpc V1
B: authorize-security-group open --protocol all --cidr 0.0.0.0/0
B: create-instance i4 --subnet V1/s0 --public-ip 203.0.113.4 --security-group open
A: create-vpc-peering h01 --vpc V0 --peer-vpc-id V1
B: create-vpc-peering h10 --vpc V1 --peer-vpc-id V0
A: create-route-entry --vpc V0 --destination 10.2.0.0/16 --next-hop h01
B: create-route-entry --vpc V1 --destination 10.1.0.0/16 --next-hop h10
B: create-route-entry --vpc V1 --destination 203.0.113.0/24 --next-hop h10
";

/// A VPC of jumbo frames and one without, with an instance that may not send to it, and one whose subnet may not.
const JUMBO: &str = "
A: create-vpc V0 --region r1 --cidr 10.1.0.0/16 --mtu 8500
A: create-vpc V1 --region r1 --cidr 10.2.0.0/16
A: create-subnet s0 --vpc V0 --cidr 10.1.1.0/24
A: create-subnet s1 --vpc V0 --cidr 10.1.2.0/24
A: create-subnet s0 --vpc V1 --cidr 10.2.1.0/24
A: create-security-group mute --vpc V0
A: authorize-security-group mute --protocol all --cidr 0.0.0.0/0
A: authorize-security-group-egress mute --protocol all --cidr 10.2.0.0/16 --policy drop
A: create-instance i1 --subnet V0/s0 --public-ip 203.0.113.1
A: create-instance i2 --subnet V0/s0 --security-group mute
A: create-instance i3 --subnet V0/s1
A: create-instance i5 --subnet V0/s1
A: create-instance i4 --subnet V1/s0
A: create-network-acl n0 --vpc V0
A: create-network-acl-entry n0 --number 1 --direction egress --protocol icmp --cidr 10.2.0.0/16 --policy drop
A: create-network-acl-entry n0 --number 2 --direction egress --protocol icmp --cidr 0.0.0.0/0
A: create-network-acl-entry n0 --number 3 --direction egress --protocol tcp --cidr 10.0.0.0/8
A: create-network-acl-entry n0 --number 1 --direction ingress --protocol icmp --cidr 0.0.0.0/0
A: delete-network-acl-entry n0 --number 32766 --direction egress
A: delete-network-acl-entry n0 --number 32766 --direction ingress
A: associate-network-acl n0 --subnet V0/s1
A: create-vpc-peering-connection c01 --vpc V0 --peer-vpc V1
A: create-route-entry --vpc V0 --destination 10.2.0.0/16 --next-hop c01
A: create-route-entry --vpc V1 --destination 10.1.0.0/16 --next-hop c01
";

/// The number of labs at once; they spend most of their time waiting for packets that do not come.
const AT_ONCE: usize = 10;

/// The number of elements of a family that are left out, one after the other, until one is noticed: not every VPC has
/// traffic of every kind.
const TRIES: usize = 6;

/// Families of elements on which no probe depends: their prefix, and why. The tests below, or those named, show that
/// they work.
const SILENT: [(&str, &str); 21] = [
    ("chain's policy, router,", "no packet comes to the end of these chains: it is for the day when one does"),
    ("table, router, guard", GUARD),
    ("chain, router, guard prerouting", GUARD),
    ("rule, router, guard prerouting", GUARD),
    ("chain, router, guard input", GUARD),
    ("rule, router, guard input", GUARD),
    ("counter, router, spoofed", GUARD),
    ("counter, router, multicast", GUARD),
    ("counter, router, not-ipv4", GUARD),
    ("rule, router, vpc forward 3", "errors about a flow: probes do not read them"),
    ("link's address, router, group 1", "the gateway's: neighbours are permanent, so it is seen in errors only"),
    ("link's address, internet, group 0", "every address is local there: it is for whoever looks"),
    ("link's altname,", "for whoever looks"),
    ("link's group, internet, group 3", "for whoever looks: no rule asks for it there"),
    ("link's group, router, group 4", "for whoever looks: no rule asks for it"),
    ("link's MTU, router, group 1", "a bridge takes that of its ports: for when it loses the last one"),
    ("link's rate,", "only a check of bandwidth sees it: src/verify/tests.rs has one"),
    ("forwarding entry,", "a bridge floods what it does not know: for speed"),
    ("neighbour, router, group 1", ARP),
    ("neighbour, instance,", ARP),
    ("sysctl, ", HOST),
];

const GUARD: &str = "probes do not lie about where they come from";
const ARP: &str = "ARP would find it: permanent, because the kernel's table of neighbours is one for all labs";
const HOST: &str = "what this host has by default: set for hosts that do not, or for what is seen of redirects";

/// Silent families that are noticed nevertheless.
const HEARD: [&str; 2] = ["sysctl, router, ipv4/ip_forward", "sysctl, internet, ipv4/ip_forward"];

/// A lab from which elements are left out.
struct Subject {
    cloud: Cloud,
    checks: Vec<Check>,
}

impl Subject {
    /// The Cloud of these lines, which is as predicted if nothing is missing.
    fn new(provider: &'static str, text: &str) -> Self {
        let mut cloud = Story::beginning(provider);
        for line in text.trim().lines() {
            let (caller, text) = line.split_once(": ").expect("a caller");
            let caller = ACCOUNTS.into_iter().find(|name| *name == caller).expect("an account");
            assert!(Story::does(&mut cloud, &Line { caller, text: text.to_owned() }), "refused: {line}");
        }
        agree(&mut World::new(format!("whole-{provider}-{}", text.len())), &cloud)
            .unwrap_or_else(|why| panic!("{why}"));
        Subject { checks: questions(&cloud), cloud }
    }

    /// Whether the kernel refuses a mutant, or `verify` notices it.
    fn notices(&self, name: String, mutant: &Mutant) -> bool {
        let mut world = World::new(name);
        world.raise(&mutant.network).is_err()
            || world.verify(&self.cloud, &self.checks).map_or(true, |report| report.failed())
    }
}

/// Similar mutants of all labs.
type Family<'a> = Vec<(&'a Subject, Mutant)>;

#[test]
fn nothing_goes_missing_in_silence() {
    isolate();
    let subjects = [Subject::new("alibaba", ALIBABA), Subject::new("jdcloud", JDCLOUD), Subject::new("alibaba", JUMBO)];
    let mut families: BTreeMap<String, Family<'_>> = BTreeMap::new();
    for subject in &subjects {
        for mutant in mutants::of(&compile(&subject.cloud)) {
            families.entry(mutant.family.clone()).or_default().push((subject, mutant));
        }
    }
    let kinds: BTreeSet<_> = families.values().flatten().map(|(_, mutant)| mutant.kind).collect();
    assert_eq!(kinds, BTreeSet::from(KINDS));
    for (silent, _) in SILENT {
        assert!(families.keys().any(|family| family.starts_with(silent)), "no element is of {silent:?}");
    }
    let silent = |family: &str| SILENT.iter().any(|(silent, _)| family.starts_with(silent));
    let heard = |family: &str| HEARD.iter().any(|heard| family.starts_with(heard));
    // As on a host with Docker or libvirt. This thread's namespace is a new one.
    let forwards = std::fs::read_to_string("/proc/sys/net/ipv4/ip_forward").unwrap().trim() == "1";
    if forwards {
        println!("NOT TESTED, as this host's new namespaces forward by themselves: {HEARD:?}");
    }
    families.retain(|family, _| !silent(family) || heard(family) && !forwards);

    let (next, missed) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
    let all: Vec<_> = families.iter().collect();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some((name, members)) = all.get(number) else { break };
                    let mut tried = members.iter().take(TRIES);
                    if !tried.any(|(subject, mutant)| subject.notices(format!("mutant-{number}"), mutant)) {
                        let what = &members[0].1.what;
                        missed.lock().unwrap().insert(format!("{name} ({}), as in: {what}", members.len()));
                    }
                }
            });
        }
    });
    let missed: Vec<_> = missed.into_inner().unwrap().into_iter().collect();
    println!("{} families", all.len());
    assert!(missed.is_empty(), "{} families went missing in silence:\n{}", missed.len(), missed.join("\n"));
}

/// Nothing is missing and everything is answered, but by another instance: V1's route to V0 leads to V3, which has the
/// same block, where i8 has i1's address.
#[test]
fn a_route_that_leads_to_another_with_the_same_block_is_noticed() {
    isolate();
    let subject = Subject::new("alibaba", ALIBABA);
    let mut network = compile(&subject.cloud);
    let router = network.namespaces.get_mut(&NamespaceName::from("V1")).unwrap();
    let astray = |route: &Route| {
        let mut astray = route.clone();
        if let RouteTo::Gateway { link, .. } = &mut astray.to
            && link.as_str() == "e10"
        {
            *link = "e13".into();
        }
        astray
    };
    router.routes = router.routes.iter().map(astray).collect();
    let mut world = World::new("astray");
    world.raise(&network).unwrap();
    let report = world.verify(&subject.cloud, &subject.checks).unwrap();
    assert!(report.failed());
    let pair = report.pairs.iter().find(|it| it.from.to_string() == "i5" && it.to.to_string() == "i1").unwrap();
    assert_eq!((pair.predicted, pair.observed), (Disposition::Reach, Observed::AnsweredByAnother), "{pair:?}");
    assert_eq!(pair.answered_by.seen.as_ref().map(ToString::to_string).as_deref(), Some("i8"));
    let other_protocols = report.checks.iter().filter(|it| it.from == pair.from && it.to == pair.to);
    let astray: Vec<_> = other_protocols.filter(|it| it.observed == Observed::AnsweredByAnother).collect();
    assert!(astray.len() >= 2 && astray.iter().all(|it| !it.passed && !it.agrees()), "{astray:?}");
}

/// Runs a program in a namespace.
fn inside(namespace: &str, line: &str) -> String {
    let line = format!("ip netns exec whole.{namespace} {line}");
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The elements above that probes do not see.
#[test]
fn what_no_probe_depends_on_is_there_too() {
    isolate();
    let subject = Subject::new("alibaba", ALIBABA);
    let mut world = World::new("whole");
    world.settle(&compile(&subject.cloud)).unwrap();
    let count = |counter: &str| kernel::counters("whole", &["V0".into()]).unwrap()[&NamespaceName::from("V0")][counter];

    // i2 takes i1's address, then a hardware address, then IPv6.
    assert_eq!((count("spoofed"), count("not-ipv4")), (0, 0));
    inside("i2", "ip address add 10.1.1.1/32 dev lo");
    let lying = inside("i2", "ping -n -c 1 -W 1 -I 10.1.1.1 10.2.1.1");
    assert!(lying.contains("100% packet loss"), "{lying}");
    assert_eq!(count("spoofed"), 1);
    // With its address the instance loses its neighbours. It must not send ARP for the gateway, which would count too.
    let gateway = inside("i1", "ip neigh show 10.1.1.253");
    let gateway = gateway.split_whitespace().skip_while(|word| *word != "lladdr").nth(1).unwrap();
    inside("i2", "ip link set eth0 address 02:00:00:00:00:99");
    inside("i2", &format!("ip neigh replace 10.1.1.253 lladdr {gateway} dev eth0"));
    let lying = inside("i2", "ping -n -c 1 -W 1 10.2.1.1");
    assert!(lying.contains("100% packet loss"), "{lying}");
    assert_eq!(count("spoofed"), 2);
    inside("i2", "ip -6 address add fe80::2/64 dev eth0 nodad");
    inside("i2", "ping -n -c 1 -W 1 ff02::1%eth0");
    assert!(count("not-ipv4") > 0);

    // A sender to an unused port gets an error, which the router sends from the gateway's address.
    let refused = kernel::enter("whole", &"i1".into(), || {
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        socket.connect("10.2.1.1:9").unwrap();
        socket.send(b"anybody").unwrap();
        socket.recv(&mut [0; 16]).unwrap_err().kind()
    });
    assert_eq!(refused.unwrap(), ErrorKind::ConnectionRefused);
    let near = inside("i1", "ping -n -c 1 -W 1 -t 1 10.2.1.1");
    assert!(near.contains("From 10.1.1.253 icmp_seq=1 Time to live exceeded"), "{near}");
}
