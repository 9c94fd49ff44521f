//! Random clouds of both providers: the answers are consistent for any content.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::{empty, operation};
use crate::cloud::{Cloud, Operation};
use crate::flow::{Endpoint, Protocol};
use crate::{Explanation, answerer, explain, matrix, predict, trace};

/// One random choice: an operation, and three numbers for its arguments.
type Draw = (u8, u8, u8, u8);

const OWNERS: [&str; 4] = ["A", "B", "C", "A"];
/// The fourth overlaps the first.
const BLOCKS: [&str; 4] = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.1.0.0/16"];
/// Blocks of the third VPC with alibaba, which are not private. The second contains public addresses of the cloud's own
/// instances.
const ABROAD: [(&str, [&str; 2]); 2] =
    [("30.3.0.0/16", ["30.3.1.0/24", "30.3.2.0/24"]), ("203.0.112.0/20", ["203.0.113.0/24", "203.0.115.0/24"])];
const SUBNETS: [[&str; 2]; 4] = [
    ["10.1.1.0/24", "10.1.2.0/24"],
    ["10.2.1.0/24", "10.2.2.0/24"],
    ["10.3.1.0/24", "10.3.2.0/24"],
    ["10.1.1.0/24", "10.1.7.0/24"],
];
const DESTINATIONS: [&str; 11] = [
    "30.3.0.0/16",
    "30.0.0.0/8",
    "10.1.0.0/16",
    "10.2.0.0/16",
    "10.3.0.0/16",
    "0.0.0.0/0",
    "10.2.1.0/24",
    "10.1.1.0/24",
    "10.0.0.0/8",
    "10.1.7.0/24",
    "203.0.113.0/25",
];
const PEERS: [&str; 9] = [
    "30.3.0.0/16",
    "10.1.0.0/16",
    "10.2.0.0/16",
    "0.0.0.0/0",
    "10.1.1.0/25",
    "10.3.1.0/24",
    "203.0.113.0/24",
    "198.51.100.1/32",
    "10.0.0.0/8",
];
const PROTOCOLS: [&str; 4] = ["icmp", "all", "tcp --port 22", "tcp --port 1/1000"];

fn draws() -> impl Strategy<Value = (bool, Vec<Draw>)> {
    (any::<bool>(), prop::collection::vec(any::<Draw>(), 10..70))
}

fn pick<T>(things: &[T], index: u8) -> &T {
    &things[usize::from(index) % things.len()]
}

/// A cloud: four VPCs, then all random operations that are not refused.
fn cloud(alibaba: bool, draws: &[Draw]) -> Cloud {
    let mut cloud = empty(if alibaba { "alibaba" } else { "jdcloud" });
    let mut run = |line: String| drop(cloud.apply(&operation(&line)));
    for v in 0..4 {
        let owner = OWNERS[v];
        let (block, subnets) = if alibaba && v == 2 { ABROAD[draws.len() % 2] } else { (BLOCKS[v], SUBNETS[v]) };
        run(format!("{owner}: create-vpc V{v} --region r1 --cidr {block}"));
        for (s, cidr) in subnets.iter().enumerate() {
            run(format!("{owner}: create-subnet s{s} --vpc V{v} --cidr {cidr}"));
            run(format!("{owner}: create-instance i{v}{s} --subnet V{v}/s{s}"));
        }
        run(format!("{owner}: create-route-table t{v} --vpc V{v}"));
        let default = if v % 2 == 0 && alibaba { " --default accept" } else { "" };
        run(format!("{owner}: create-network-acl n{v} --vpc V{v}{default}"));
        for g in 0..2 {
            let inner = if (g + v) % 3 == 0 { " --inner-access drop" } else { "" };
            run(format!("{owner}: create-security-group g{v}{g} --vpc V{v}{inner}"));
        }
    }
    for (n, (kind, x, y, z)) in draws.iter().enumerate() {
        step(&mut run, n, alibaba, *kind, (*x, *y, *z));
    }
    cloud
}

fn step(run: &mut impl FnMut(String), n: usize, alibaba: bool, kind: u8, (x, y, z): (u8, u8, u8)) {
    let v = x % 4;
    let owner = OWNERS[usize::from(v)];
    let end = |v: u8, w: u8| if alibaba { format!("e{v}{w}") } else { format!("h{v}{w}") };
    match kind % 17 {
        0 | 1 => {
            let public = if z & 1 == 0 { format!(" --public-ip 203.0.113.{}", n + 1) } else { String::new() };
            let group = if z & 2 == 0 { format!(" --security-group g{v}{}", z >> 7) } else { String::new() };
            let passes = ["", " --forwards true", " --forwards true --masquerade true", " --masquerade true"]
                [usize::from((z >> 2) % 4)];
            run(format!("{owner}: create-instance x{n} --subnet V{v}/s{}{public}{group}{passes}", y % 2));
        }
        2..=5 => {
            let table = if z & 1 == 0 { format!("--vpc V{v}") } else { format!("--table t{v}") };
            let peer = end(v, (z >> 3) % 4);
            let hop = match (z >> 1) % 4 {
                0 => "internet".to_string(),
                1 => format!("i{v}0"),
                _ => peer,
            };
            let destination = pick(&DESTINATIONS, y);
            run(format!("{owner}: create-route-entry {table} --destination {destination} --next-hop {hop}"));
        }
        6 => run(format!("{owner}: associate-route-table t{v} --subnet V{v}/s{}", y % 2)),
        7 | 8 => {
            let w = y % 4;
            let far = OWNERS[usize::from(w)];
            if alibaba {
                run(format!(
                    "{owner}: create-router-interface e{v}{w} --vpc V{v} --role initiator --spec Mini.2 --opposite-region r1"
                ));
                run(format!("{far}: create-router-interface e{w}{v} --vpc V{w} --role acceptor --opposite-region r1"));
                run(format!(
                    "{owner}: modify-router-interface-attribute e{v}{w} --opposite-account {far} --opposite-interface e{w}{v} --opposite-router V{w}"
                ));
                if z & 7 != 0 {
                    run(format!(
                        "{far}: modify-router-interface-attribute e{w}{v} --opposite-account {owner} --opposite-interface e{v}{w} --opposite-router V{v}"
                    ));
                }
                if z & 56 != 0 {
                    run(format!("{owner}: connect-router-interface e{v}{w}"));
                }
            } else {
                run(format!("{owner}: create-vpc-peering h{v}{w} --vpc V{v} --peer-vpc-id V{w}"));
                if z & 3 != 0 {
                    run(format!("{far}: create-vpc-peering h{w}{v} --vpc V{w} --peer-vpc-id V{v}"));
                }
            }
            if z & 64 != 0 {
                run(format!(
                    "{owner}: create-route-entry --vpc V{v} --destination {} --next-hop {}",
                    BLOCKS[usize::from(w)],
                    end(v, w)
                ));
            }
            if z & 128 != 0 {
                run(format!(
                    "{far}: create-route-entry --vpc V{w} --destination {} --next-hop {}",
                    BLOCKS[usize::from(v)],
                    end(w, v)
                ));
            }
        }
        9 => {
            let (direction, policy) =
                [("", "accept"), ("", "drop"), ("-egress", "drop"), ("-egress", "accept")][usize::from(z % 4)];
            let group = if z & 4 == 0 { format!("g{v}{}", z >> 7) } else { format!("V{v}/default") };
            let w = y % 4;
            let peer = match z & 24 {
                0 => format!("--group g{w}{} --group-account {}", y >> 7, OWNERS[usize::from(w)]),
                _ => format!("--cidr {}", pick(&PEERS, y)),
            };
            let priority = format!(" --policy {policy} --priority {}", 1 + (z >> 5) % 3);
            run(format!(
                "{owner}: authorize-security-group{direction} {group} --protocol {} {peer}{priority}",
                pick(&PROTOCOLS, y >> 2)
            ));
        }
        15 if z & 7 == 0 => run(format!("{owner}: stop-instance i{v}{}", y % 2)),
        15 => run(format!("{owner}: modify-instance i{v}{} --forwards {}", y % 2, z & 8 != 0)),
        16 => run(format!(
            "{owner}: create-route-entry --vpc V{v} --destination {} --next-hop x{}",
            pick(&DESTINATIONS, y),
            z % 40
        )),
        12 if z & 3 != 0 => run(format!("{owner}: associate-network-acl n{v} --subnet V{v}/s{}", y % 2)),
        12 => run(format!("{owner}: unassociate-network-acl n{v} --subnet V{v}/s{}", y % 2)),
        13 | 14 => {
            let (direction, policy) =
                (["ingress", "egress"][usize::from(z & 1)], ["accept", "accept", "drop"][usize::from(z % 3)]);
            let protocol =
                ["icmp", "all", "all", "tcp --port 22", "tcp --port 1024/65535", "udp"][usize::from((y >> 3) % 6)];
            let (cidr, number) = (pick(&PEERS, y), 1 + (z >> 2) % 8);
            run(format!(
                "{owner}: create-network-acl-entry n{v} --number {number} --direction {direction} --protocol {protocol} --cidr {cidr} --policy {policy}"
            ));
        }
        10 => run(format!("{owner}: join-security-group i{v}{} --group g{v}{}", y % 2, z % 2)),
        _ if alibaba => run(format!("{owner}: deactivate-router-interface e{v}{}", y % 4)),
        _ => run(format!("{owner}: delete-vpc-peering h{v}{}", y % 4)),
    }
}

/// Every instance, the internet, and addresses of every kind.
fn endpoints(cloud: &Cloud) -> Vec<Endpoint> {
    let instances = cloud.instances().map(|instance| Endpoint::Instance(instance.name.clone()));
    let public = cloud.instances().filter_map(|instance| instance.public_ip).map(Endpoint::Address);
    let others =
        ["10.1.1.253", "10.1.9.9", "10.3.2.77", "30.3.2.77", "30.9.9.9", "8.8.8.8", "172.16.0.1"].map(super::endpoint);
    instances.chain([Endpoint::Internet]).chain(public).chain(others).collect()
}

const ASKED: [Protocol; 3] = [Protocol::Icmp, Protocol::Tcp(22), Protocol::Udp(53)];

fn apply_all(cloud: &Cloud, operations: impl IntoIterator<Item = Operation>) -> Option<Cloud> {
    let mut changed = cloud.clone();
    operations.into_iter().all(|operation| changed.apply(&operation).is_ok()).then_some(changed)
}

proptest! {
    // PROPTEST_CASES sets the number of cases; every property takes a quarter.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_matrix_says_what_predict_says((alibaba, draws) in draws()) {
        let cloud = cloud(alibaba, &draws);
        for protocol in ASKED {
            let matrix = matrix(&cloud, protocol);
            let answerers = matrix.answerers(&cloud, protocol, matrix.pairs());
            for (from, to) in matrix.pairs() {
                let ends = [from, to].map(|index| Endpoint::Instance(matrix.instances()[index].clone()));
                let predicted = predict(&cloud, &ends[0], &ends[1], protocol);
                prop_assert_eq!(matrix.at(from, to), predicted, "{} {} {}", ends[0], ends[1], protocol);
                let answerer = answerer(&cloud, &ends[0], &ends[1], protocol);
                prop_assert_eq!(answerers.get(&(from, to)), answerer.as_ref(), "{} {} {}", ends[0], ends[1], protocol);
            }
            let classes = matrix.classes();
            let all = matrix.instances().len();
            prop_assert_eq!(classes.iter().map(|class| class.pairs).sum::<usize>(), all * (all - 1));
            for (from, to) in matrix.pairs() {
                let class = matrix.class_of(from, to);
                let members = classes.iter().find(|members| members.class == class).expect("every pair has a class");
                prop_assert_eq!(members.disposition, matrix.at(from, to));
            }
        }
    }

    #[test]
    fn a_trace_and_its_blockers_end_as_predicted((alibaba, draws) in draws(), pick in any::<[prop::sample::Index; 8]>()) {
        let cloud = cloud(alibaba, &draws);
        let all = endpoints(&cloud);
        for pair in pick.chunks(2) {
            let (from, to) = (pair[0].get(&all), pair[1].get(&all));
            for protocol in ASKED {
                let predicted = predict(&cloud, from, to, protocol);
                let trace = trace(&cloud, from, to, protocol);
                prop_assert_eq!(trace.disposition, predicted, "{} {} {}", from, to, protocol);
                let explanation = explain(&cloud, from, to, protocol);
                let first = explanation.blockers.first().map(|blocker| blocker.disposition());
                prop_assert_eq!(first.is_none(), predicted.reaches());
                prop_assert_eq!(first.unwrap_or(predicted), predicted);
            }
        }
    }

    #[test]
    fn a_fix_makes_it_reach_and_nothing_of_it_can_be_left_out((alibaba, draws) in draws(), pick in any::<[prop::sample::Index; 12]>()) {
        let cloud = cloud(alibaba, &draws);
        let all = endpoints(&cloud);
        for pair in pick.chunks(2) {
            let (from, to, protocol) = (pair[0].get(&all), pair[1].get(&all), ASKED[pair[0].index(3)]);
            let explanation = explain(&cloud, from, to, protocol);
            let Some(fix) = explanation.fix else { continue };
            let done = apply_all(&cloud, fix.iter().cloned());
            prop_assert!(done.is_some(), "{} {} {}: refused, {:?}", from, to, protocol, fix);
            prop_assert!(fix.len() <= 12, "{} {} {}: {:?}", from, to, protocol, fix);
            for kept in 0..1_u32 << fix.len() {
                let subset = fix.iter().enumerate().filter(|(index, _)| kept >> index & 1 == 1).map(|(_, operation)| operation.clone());
                let reaches = apply_all(&cloud, subset).is_some_and(|changed| predict(&changed, from, to, protocol).reaches());
                let whole = kept.count_ones() as usize == fix.len();
                prop_assert_eq!(reaches, whole, "{} {} {}: {:b} of {:?}", from, to, protocol, kept, fix);
            }
        }
    }
}

/// Explains a flow from each endpoint of as many random clouds, which are always the same.
fn each_explained(clouds: usize, mut look: impl FnMut(&Cloud, [&Endpoint; 2], Explanation)) {
    let mut runner = TestRunner::deterministic();
    for _ in 0..clouds {
        let (alibaba, draws) = draws().new_tree(&mut runner).unwrap().current();
        let cloud = cloud(alibaba, &draws);
        let all = endpoints(&cloud);
        for (index, from) in all.iter().enumerate() {
            let to = &all[(index * 7 + 3) % all.len()];
            look(&cloud, [from, to], explain(&cloud, from, to, Protocol::Tcp(22)));
        }
    }
}

/// Where nothing that can be done makes it reach, it is said what to build instead, or why nothing helps.
#[test]
fn where_there_is_no_fix_it_is_said_why() {
    let mut hopeless = 0;
    each_explained(200, |_, [from, to], explanation| {
        if explanation.fix.is_none() {
            let says_why = explanation.blockers.iter().any(|blocker| blocker.instead.is_some());
            assert!(says_why, "{from} → {to}: {:#?}", explanation.blockers);
            hopeless += 1;
        }
    });
    assert!(hopeless > 100, "{hopeless} flows cannot be fixed");
}

/// The properties above would also hold for clouds in which nothing happens; these are not such clouds.
#[test]
fn the_random_clouds_show_every_way_to_end() {
    let (mut ends, mut fixed, mut hopeless) = (BTreeSet::new(), 0, 0);
    each_explained(1000, |cloud, [from, _], explanation| {
        match explanation.fix {
            Some(fix) => fixed += usize::from(!fix.is_empty()),
            None => hopeless += 1,
        }
        ends.extend(endpoints(cloud).iter().map(|to| predict(cloud, from, to, Protocol::Tcp(22)).to_string()));
    });
    let expected = [
        "answered-by-another",
        "egress-network-acl",
        "egress-security-group",
        "ingress-network-acl",
        "ingress-security-group",
        "instance-stopped",
        "next-hop-gone",
        "no-public-ip",
        "no-route",
        "no-such-address",
        "not-forwarded",
        "not-transitive",
        "peering-inactive",
        "reach",
        "return:egress-network-acl",
        "return:ingress-network-acl",
        "return:next-hop-gone",
        "return:no-public-ip",
        "return:no-route",
        "return:no-such-address",
        "return:not-forwarded",
        "return:not-transitive",
        "return:peering-inactive",
    ];
    assert_eq!(ends.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert!(fixed > 50 && hopeless > 50, "{fixed} flows can be fixed, {hopeless} cannot");
}

/// Ten VPCs in a ring of peerings, a hundred instances in each, in twenty groups: the size for which the speed is
/// promised. Prints the time; run it with --release.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::disallowed_methods)]
fn a_thousand_instances() {
    let mut cloud = empty("alibaba");
    let mut run =
        |line: String| drop(cloud.apply(&operation(&line)).unwrap_or_else(|refusal| panic!("{line}: {refusal:?}")));
    for v in 0..10 {
        run(format!("A: create-vpc V{v} --region r1 --cidr 10.{v}.0.0/16"));
        for s in 0..4 {
            run(format!("A: create-subnet s{s} --vpc V{v} --cidr 10.{v}.{s}.0/24"));
        }
        for g in 0..20 {
            run(format!("A: create-security-group g{v}-{g} --vpc V{v}"));
            for r in 0..10 {
                run(format!(
                    "A: authorize-security-group g{v}-{g} --protocol tcp --port {} --cidr 10.{r}.0.0/16 --priority {}",
                    20 + r,
                    1 + r
                ));
            }
            run(format!("A: authorize-security-group g{v}-{g} --protocol icmp --cidr 10.0.0.0/8"));
        }
        for i in 0..100 {
            run(format!("A: create-instance i{v}-{i} --subnet V{v}/s{} --security-group g{v}-{}", i % 4, i % 20));
        }
    }
    for v in 0..10 {
        let w = (v + 1) % 10;
        run(format!("A: create-peering p{v} --vpc V{v} --peer-vpc V{w} --spec Mini.2"));
        run(format!("A: create-route-entry --vpc V{v} --destination 10.{w}.0.0/16 --next-hop p{v}.initiator"));
        run(format!("A: create-route-entry --vpc V{w} --destination 10.{v}.0.0/16 --next-hop p{v}.acceptor"));
    }
    run("A: deactivate-router-interface p0.acceptor".into());
    run("A: delete-route-entry --vpc V1 --destination 10.0.0.0/16".into());
    run("A: revoke-security-group g1-7 --protocol tcp --port 20 --cidr 10.0.0.0/16".into());
    let begun = std::time::Instant::now();
    let all = matrix(&cloud, Protocol::Tcp(20));
    println!("matrix: {:?}, {} classes", begun.elapsed(), all.classes().len());
    let begun = std::time::Instant::now();
    let copy = cloud.clone();
    println!("clone: {:?}", begun.elapsed());
    for to in ["i1-7", "i5-3", "internet"] {
        let begun = std::time::Instant::now();
        let explanation = explain(&copy, &super::endpoint("i0-0"), &super::endpoint(to), Protocol::Tcp(20));
        println!(
            "explain {to}: {:?}, {} blockers, fix {:?}",
            begun.elapsed(),
            explanation.blockers.len(),
            explanation.fix.map(|fix| fix.len())
        );
    }
    let begun = std::time::Instant::now();
    let (from, to) = (super::endpoint("i0-0"), super::endpoint("i9-9"));
    for _ in 0..1000 {
        predict(&copy, &from, &to, Protocol::Tcp(20));
    }
    println!("predict: {:?}", begun.elapsed() / 1000);
}
