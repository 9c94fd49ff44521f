//! Properties of every Cloud, made by random operations, some of which are refused.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::super::diff::diff;
use super::super::super::model::Network;
use super::super::names::{LinkId, Links};
use super::super::{Difference, compile};
use super::{MORE, PAIR, cloud, empty, operation, then, well_formed};
use crate::cloud::Cloud;

/// Names that fit in 15 bytes, that do not, that begin alike, and that mean something else to the kernel.
const NAMES: [&str; 6] =
    ["a", "lo", "all", "a-subnet-with-a-long-name-1", "a-subnet-with-a-long-name-2", "fifteen-bytes-x"];

fn name(kind: &'static str) -> impl Strategy<Value = String> {
    (0..NAMES.len()).prop_map(move |i| format!("{kind}{}", NAMES[i]))
}

/// Subnets and instances have no prefix, so their names may be those of other resources.
fn line() -> impl Strategy<Value = String> {
    let vpc = || prop::sample::select(vec!["V1", "V2", "V3"]);
    let n = || 0..4u8;
    prop_oneof![
        3 => (vpc(), n(), name("")).prop_map(|(v, n, s)| format!("A: create-subnet {s} --vpc {v} --cidr 10.{n}.1.0/24")),
        4 => (vpc(), name(""), name("")).prop_map(|(v, s, i)| format!("A: create-instance {i} --subnet {v}/{s}")),
        2 => (vpc(), name(""), name(""), n())
            .prop_map(|(v, s, i, n)| format!("A: create-instance {i} --subnet {v}/{s} --public-ip 203.0.113.{n}")),
        1 => (vpc(), name("g")).prop_map(|(v, g)| format!("A: create-security-group {g} --vpc {v}")),
        2 => (name(""), name("g")).prop_map(|(i, g)| format!("A: join-security-group {i} --group {g}")),
        2 => (name("g"), name("g"), prop::sample::select(vec!["", "-egress"]), 1..4u8).prop_map(|(g, h, way, p)| {
            format!("A: authorize-security-group{way} {g} --protocol all --group {h} --priority {p}")
        }),
        1 => (name("g"), n()).prop_map(|(g, n)| {
            format!("A: authorize-security-group {g} --protocol tcp --port 2{n}/30 --cidr 10.{n}.0.0/16 --policy drop")
        }),
        2 => (vpc(), vpc(), name("p"))
            .prop_map(|(v, w, p)| format!("A: create-peering {p} --vpc {v} --peer-vpc {w} --spec Small.1")),
        1 => name("p").prop_map(|p| format!("A: deactivate-router-interface {p}.initiator")),
        1 => (vpc(), n(), name("p"), name("")).prop_map(|(v, n, p, i)| {
            format!("A: create-route-entry --vpc {v} --destination 10.{n}.0.0/16 --next-hop {p} --next-hop {i}")
        }),
        2 => (vpc(), n(), name("p"))
            .prop_map(|(v, n, p)| format!("A: create-route-entry --vpc {v} --destination 10.{n}.0.0/16 --next-hop {p}")),
        1 => (vpc(), name(""))
            .prop_map(|(v, i)| format!("A: create-route-entry --vpc {v} --destination 0.0.0.0/0 --next-hop {i}")),
        1 => (vpc(), name("t")).prop_map(|(v, t)| format!("A: create-route-table {t} --vpc {v}")),
        1 => (vpc(), name("t"), name(""))
            .prop_map(|(v, t, s)| format!("A: associate-route-table {t} --subnet {v}/{s}")),
        1 => name("").prop_map(|i| format!("A: delete-instance {i}")),
    ]
}

const BASE: &str = "
    A: create-vpc V1 --region r --cidr 10.0.0.0/16
    A: create-vpc V2 --region r --cidr 10.1.0.0/16
    A: create-vpc V3 --region r --cidr 10.2.0.0/16
";

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_network_is_well_formed(lines in prop::collection::vec(line(), 0..60)) {
        let mut cloud = empty("alibaba");
        then(&mut cloud, BASE);
        for line in &lines {
            let _refused = cloud.apply(&operation(line));
        }
        let network = compile(&cloud);
        well_formed::check(&network);
        prop_assert_eq!(compile(&cloud.clone()), network);
    }

    #[test]
    fn the_changes_between_two_clouds_are_those_of_the_namespaces_that_differ(
        lines in prop::collection::vec(line(), 0..60),
        more in prop::collection::vec(line(), 0..8),
    ) {
        let mut before = empty("alibaba");
        then(&mut before, BASE);
        for line in &lines {
            let _refused = before.apply(&operation(line));
        }
        let mut after = before.clone();
        for line in &more {
            let _refused = after.apply(&operation(line));
        }
        for (one, other) in [(&before, &after), (&after, &before)] {
            let parts = Difference::between(one, other);
            let (one, other) = (compile(one), compile(other));
            prop_assert_eq!(diff(&parts.before, &parts.after), diff(&one, &other));
            let names = |network: &Network| network.namespaces.keys().cloned().collect::<BTreeSet<_>>();
            let (had, has) = (names(&parts.before), names(&parts.after));
            prop_assert_eq!(&has - &had, &names(&other) - &names(&one));
            prop_assert_eq!(&had - &has, &names(&one) - &names(&other));
        }
    }
}

#[test]
fn a_pair_that_is_made_anew_concerns_both_of_its_namespaces() {
    // Two names whose ports hash to the same index: the one with the lower address gets it.
    let mut seen = BTreeMap::new();
    let names = (0..).map(|n| format!("i{n}"));
    let (one, other) =
        names.map(|name| (seen.insert(port(&name).index, name.clone()), name)).find(|it| it.0.is_some()).unwrap();
    let mut before = empty("alibaba");
    then(&mut before, BASE);
    then(&mut before, "A: create-subnet s --vpc V1 --cidr 10.0.1.0/24");
    then(&mut before, &format!("A: create-instance {other} --subnet V1/s --ip 10.0.1.20"));
    let mut after = before.clone();
    then(&mut after, &format!("A: create-instance {} --subnet V1/s --ip 10.0.1.10", one.unwrap()));
    let parts = Difference::between(&before, &after);
    assert!(parts.after.namespaces.contains_key(other.as_str()), "its eth0 is made anew");
    assert_eq!(diff(&parts.before, &parts.after), diff(&compile(&before), &compile(&after)));
}

#[test]
fn a_vpc_that_comes_to_the_internet_concerns_another_whose_link_there_has_its_index() {
    let mut seen = BTreeMap::new();
    let names = (0..).map(|n| format!("v{n}"));
    let (one, other) =
        names.map(|name| (seen.insert(port(&name).index, name.clone()), name)).find(|it| it.0.is_some()).unwrap();
    // The first by name has the index.
    let (first, second) = (one.clone().unwrap().min(other.clone()), one.unwrap().max(other));
    let mut before = empty("alibaba");
    for (vpc, net) in [(&first, "10.1"), (&second, "10.2")] {
        then(&mut before, &format!("A: create-vpc {vpc} --region r --cidr {net}.0.0/16"));
        then(&mut before, &format!("A: create-subnet s --vpc {vpc} --cidr {net}.1.0/24"));
    }
    then(&mut before, &format!("A: create-instance i2 --subnet {second}/s --public-ip 8.8.8.2"));
    let mut after = before.clone();
    then(&mut after, &format!("A: create-instance i1 --subnet {first}/s --public-ip 8.8.8.1"));
    for (one, other) in [(&before, &after), (&after, &before)] {
        let parts = Difference::between(one, other);
        assert!(parts.after.namespaces.contains_key(second.as_str()), "its link is made anew");
        assert_eq!(diff(&parts.before, &parts.after), diff(&compile(one), &compile(other)));
    }
}

/// Compiling a change reads as much of a kept Cloud in a large lab as in a small one.
#[test]
fn the_difference_of_clouds_that_were_kept_reads_what_it_concerns() {
    let decoded = |vpcs: usize, change: &str| {
        let mut ring = empty("alibaba");
        for n in 0..vpcs {
            let vpc = format!(
                "A: create-vpc v{n:02} --region r --cidr 10.{n}.0.0/16
                 A: create-subnet s --vpc v{n:02} --cidr 10.{n}.1.0/24
                 A: create-security-group g{n:02} --vpc v{n:02}
                 A: create-instance i{n:02} --subnet v{n:02}/s --security-group g{n:02}
                 A: create-instance j{n:02} --subnet v{n:02}/s"
            );
            then(&mut ring, &vpc);
        }
        for n in 0..vpcs {
            let next = (n + 1) % vpcs;
            let joined = format!(
                "A: create-peering p{n:02} --vpc v{n:02} --peer-vpc v{next:02} --spec Small.1
                 A: create-route-entry --vpc v{n:02} --destination 10.{next}.0.0/16 --next-hop p{n:02}
                 A: authorize-security-group g{n:02} --protocol all --group g{next:02}"
            );
            then(&mut ring, &joined);
        }
        let before = Cloud::from_kept(ring.to_kept()).unwrap();
        let mut after = before.clone();
        then(&mut after, change);
        let parts = Difference::between(&before, &after);
        assert!(!diff(&parts.before, &parts.after).is_empty(), "{change}");
        after.decoded()
    };
    for change in [
        "A: deactivate-router-interface p04.initiator",
        "A: delete-route-entry --vpc v04 --destination 10.5.0.0/16",
        "A: authorize-security-group g04 --protocol tcp --port 22 --cidr 10.0.0.0/8",
        "A: create-instance new --subnet v04/s --security-group g04",
        "A: delete-instance i04",
        "A: create-instance new --subnet v04/s --public-ip 8.8.8.8",
    ] {
        let (small, large) = (decoded(10, change), decoded(40, change));
        assert_eq!(small, large, "{change}");
    }
}

fn port(name: &str) -> LinkId {
    Links::new().claim(name, name)
}

#[test]
fn the_full_pair_is_well_formed() {
    let mut cloud = cloud("alibaba", PAIR);
    well_formed::check(&compile(&cloud));
    then(&mut cloud, MORE);
    well_formed::check(&compile(&cloud));
}

#[test]
fn nothing_can_be_taken_from_the_cloud_without_the_network_changing() {
    let mut full = cloud("alibaba", PAIR);
    then(&mut full, MORE);
    let before = compile(&full);
    let removals = [
        "A: unassociate-route-table rtb-1 --subnet VPC1/vsw-2",
        "A: delete-route-entry --table rtb-1 --destination 172.16.1.0/24",
        "A: delete-route-entry --vpc VPC1 --destination 172.16.0.0/16",
        "A: delete-dnat-entry ngw --protocol tcp --port 8022",
        "A: delete-snat-entry ngw --cidr 192.168.1.0/24",
        "A: delete-route-entry --vpc VPC1 --destination 0.0.0.0/0",
        "A: delete-nat-gateway ngw",
        "B: delete-route-entry --vpc VPC2 --destination 192.168.0.0/16",
        "A: revoke-security-group sg-a --protocol tcp --port 22/22 --cidr 172.16.0.0/16",
        "A: revoke-security-group sg-a --protocol icmp --group sg-b --group-account B",
        "A: revoke-security-group-egress sg-a --protocol tcp --port 25/25 --cidr 0.0.0.0/0 --policy drop",
        "A: leave-security-group ecs-a --group sg-a",
        "B: leave-security-group ecs-b --group sg-b",
        "A: delete-instance ecs-a",
        "B: delete-instance ecs-b",
        "A: deactivate-router-interface ri-a",
        "B: deactivate-router-interface ri-b",
        "A: modify-router-interface-spec ri-a --spec Mini.5",
        "A: delete-instance ecs-a2
         A: delete-nat-gateway ngw
         A: delete-subnet VPC1/vsw-2",
    ];
    for lines in removals {
        let mut cloud = full.clone();
        if lines.contains("delete-subnet") {
            then(&mut cloud, "A: unassociate-route-table rtb-1 --subnet VPC1/vsw-2");
        }
        if lines.contains("delete-subnet") || lines.contains("delete-nat-gateway") {
            then(&mut cloud, "A: delete-route-entry --vpc VPC1 --destination 0.0.0.0/0");
        }
        then(&mut cloud, lines);
        let after = compile(&cloud);
        well_formed::check(&after);
        assert_ne!(after, before, "{lines}");
        assert_ne!(after.to_string(), before.to_string(), "{lines}: the text does not show it");
    }
}

#[test]
fn the_same_cloud_by_another_way_is_the_same_network() {
    let mut direct = cloud("alibaba", PAIR);
    let mut detour = cloud("alibaba", PAIR);
    then(&mut direct, MORE);
    then(
        &mut detour,
        "B: deactivate-router-interface ri-b
         A: create-instance another --subnet VPC1/vsw-1
         B: create-route-entry --vpc VPC2 --destination 10.0.0.0/8 --next-hop ri-b",
    );
    then(&mut detour, MORE);
    then(
        &mut detour,
        "B: activate-router-interface ri-b
         A: delete-instance another
         B: delete-route-entry --vpc VPC2 --destination 10.0.0.0/8",
    );
    assert_eq!(compile(&detour), compile(&direct));
}

#[test]
fn another_vpc_leaves_what_is_there_as_it_is() {
    let mut cloud = cloud("alibaba", PAIR);
    let before = compile(&cloud);
    then(
        &mut cloud,
        "A: create-vpc A-VPC --region cn-qingdao --cidr 192.168.0.0/16
         A: create-subnet vsw-1 --vpc A-VPC --cidr 192.168.1.0/24
         A: create-instance an-ecs --subnet A-VPC/vsw-1 --ip 192.168.1.10 --public-ip 203.0.113.30",
    );
    let after = compile(&cloud);
    for name in ["VPC1", "VPC2", "ecs-a", "ecs-a2", "ecs-b"] {
        assert_eq!(after.namespaces[name], before.namespaces[name], "{name}");
    }
}
