//! Network ACLs: which packets they filter, answers too, and the fix.

use super::{JD_PEERED, PEERED, build, ends, flow};
use crate::cloud::{Cloud, Operation};
use crate::flow::Traffic;
use crate::{explain, predict, trace};

/// ACLs that drop everything at both subnets of the pair; `a2` is in another subnet, without one.
const SHUT: &str = "
    A: create-network-acl n1 --vpc V1 --default drop
    B: create-network-acl n2 --vpc V2 --default drop
    A: associate-network-acl n1 --subnet V1/s1
    B: associate-network-acl n2 --subnet V2/s1
    A: create-instance a3 --subnet V1/s1 --ip 10.1.1.30 --security-group g1";

/// The entries of the way there, for ssh.
const THERE: &str = "
    A: create-network-acl-entry n1 --number 10 --direction egress --protocol tcp --port 22 --cidr 10.2.0.0/16
    B: create-network-acl-entry n2 --number 10 --direction ingress --protocol tcp --port 22 --cidr 10.1.0.0/16";

const OUT: &str =
    "B: create-network-acl-entry n2 --number 10 --direction egress --protocol tcp --port 1024/65535 --cidr 10.1.0.0/16";
const IN: &str = "A: create-network-acl-entry n1 --number 10 --direction ingress --protocol tcp --port 1024/65535 --cidr 10.2.0.0/16";

fn command(operation: &Operation) -> String {
    format!("{} {}", operation.caller, operation.call)
}

fn cloud(texts: &[&str]) -> Cloud {
    build("alibaba", &[&[PEERED, SHUT], texts].concat())
}

#[test]
fn each_edge_has_its_say_there_and_back() {
    assert_eq!(ends(&cloud(&[]), "a b tcp/22"), "egress-network-acl");
    let out = THERE.lines().filter(|line| line.contains("n1")).collect::<String>();
    assert_eq!(ends(&cloud(&[&out]), "a b tcp/22"), "ingress-network-acl");
    assert_eq!(ends(&cloud(&[THERE]), "a b tcp/22"), "return:egress-network-acl");
    assert_eq!(ends(&cloud(&[THERE, OUT]), "a b tcp/22"), "return:ingress-network-acl");
    assert_eq!(ends(&cloud(&[THERE, OUT, IN]), "a b tcp/22"), "reach");
}

#[test]
fn the_answer_goes_to_the_port_that_the_flow_was_opened_from() {
    let cloud = cloud(&[THERE, OUT, IN]);
    let (from, to, protocol) = flow("a b tcp/22");
    let from_port = |port| predict(&cloud, &from, &to, Traffic::of(protocol, Some(port))).to_string();
    assert_eq!((from_port(1024), from_port(1023)), ("reach".into(), "return:egress-network-acl".into()));
}

#[test]
fn nothing_is_asked_within_a_subnet() {
    let open = "A: authorize-security-group g1 --protocol all --cidr 10.1.0.0/16";
    let cloud = cloud(&[open]);
    assert_eq!(ends(&cloud, "a a3"), "reach");
    assert_eq!(ends(&cloud, "a a2"), "egress-network-acl");
    assert_eq!(ends(&cloud, "a2 a"), "ingress-network-acl");
    // Nobody is at an unused address of the own subnet, or at its gateway.
    assert_eq!(ends(&cloud, "a 10.1.1.99"), "no-such-address");
    assert_eq!(ends(&cloud, "a 10.1.1.253"), "no-such-address");
    assert_eq!(ends(&cloud, "a2 10.1.1.99"), "ingress-network-acl");
    assert_eq!(ends(&cloud, "a2 10.1.1.253"), "no-such-address");
}

#[test]
fn the_senders_group_is_asked_first_and_the_receivers_last() {
    let egress = "A: authorize-security-group-egress g1 --protocol all --cidr 0.0.0.0/0 --policy drop";
    assert_eq!(ends(&cloud(&[egress]), "a b tcp/22"), "egress-security-group");
    let ingress = "-B: authorize-security-group g2 --protocol all --cidr 10.1.0.0/16";
    assert_eq!(ends(&cloud(&[ingress, THERE]), "a b tcp/22"), "ingress-security-group");
    // A route's reason comes after the edge.
    let lost = "-A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a";
    assert_eq!(ends(&cloud(&[lost]), "a b tcp/22"), "egress-network-acl");
    assert_eq!(ends(&cloud(&[lost, THERE]), "a b tcp/22"), "no-route");
}

#[test]
fn the_lowest_number_that_matches_decides() {
    let drop =
        "B: create-network-acl-entry n2 --number 5 --direction ingress --protocol all --cidr 10.1.1.10 --policy drop";
    let open = "A: create-network-acl-entry n1 --number 10 --direction egress --protocol all --cidr 0.0.0.0/0
                A: create-network-acl-entry n1 --number 10 --direction ingress --protocol all --cidr 0.0.0.0/0
                B: create-network-acl-entry n2 --number 10 --direction ingress --protocol all --cidr 0.0.0.0/0
                B: create-network-acl-entry n2 --number 10 --direction egress --protocol all --cidr 0.0.0.0/0";
    assert_eq!(
        (ends(&cloud(&[open]), "a b"), ends(&cloud(&[open, drop]), "a b")),
        ("reach".into(), "ingress-network-acl".into())
    );
    assert_eq!(ends(&cloud(&[open, drop]), "a2 b"), "reach");
}

#[test]
fn what_goes_out_to_the_internet_and_comes_in_crosses_the_edge_too() {
    let web = "A: create-subnet s3 --vpc V1 --cidr 10.1.3.0/24
        A: create-instance web --subnet V1/s3 --public-ip 203.0.113.1
        A: create-instance peer --subnet V1/s2 --public-ip 203.0.113.2
        A: create-network-acl n --vpc V1
        A: associate-network-acl n --subnet V1/s3";
    let with = |entry: &str| {
        let entry =
            format!("A: create-network-acl-entry n --number 1 --protocol all --cidr 0.0.0.0/0 --policy drop {entry}");
        build(
            "jdcloud",
            &[
                JD_PEERED
                    .replace("10.1.1.0/24", "10.1.1.0/24\nA: create-subnet s2 --vpc V1 --cidr 10.1.2.0/24")
                    .as_str(),
                web,
                "A: create-network-acl-entry n --number 9 --direction ingress --protocol all --cidr 0.0.0.0/0
             A: create-network-acl-entry n --number 9 --direction egress --protocol all --cidr 0.0.0.0/0",
                &entry,
            ],
        )
    };
    let (shut_in, shut_out) = (with("--direction ingress"), with("--direction egress"));
    assert_eq!(ends(&shut_in, "internet web tcp/22"), "ingress-network-acl");
    assert_eq!(ends(&shut_in, "web internet tcp/443"), "return:ingress-network-acl");
    assert_eq!(ends(&shut_out, "internet web tcp/22"), "return:egress-network-acl");
    assert_eq!(ends(&shut_out, "web internet tcp/443"), "egress-network-acl");
    // By the public address of an instance, which is in the same VPC.
    assert_eq!(ends(&shut_in, "web 203.0.113.2"), "return:ingress-network-acl");
    assert_eq!(ends(&shut_out, "peer 203.0.113.1"), "return:egress-network-acl");
}

#[test]
fn a_fix_adds_the_entries_that_are_missing_at_both_edges_and_for_the_answer() {
    let cloud = cloud(&[]);
    let (from, to, protocol) = flow("a b tcp/22");
    let explanation = explain(&cloud, &from, &to, protocol);
    let reasons: Vec<_> = explanation.blockers.iter().map(|blocker| blocker.disposition().to_string()).collect();
    assert_eq!(
        reasons,
        ["egress-network-acl", "ingress-network-acl", "return:egress-network-acl", "return:ingress-network-acl"]
    );
    let fix: Vec<_> = explanation.fix.expect("a fix").iter().map(command).collect();
    assert_eq!(
        fix,
        [
            "A create-network-acl-entry n1 --number 100 --direction egress --protocol tcp --port 22 --cidr 10.2.0.0/16",
            "B create-network-acl-entry n2 --number 100 --direction ingress --protocol tcp --port 22 --cidr 10.1.0.0/16",
            "B create-network-acl-entry n2 --number 100 --direction egress --protocol tcp --port 1024/65535 --cidr 10.1.0.0/16",
            "A create-network-acl-entry n1 --number 100 --direction ingress --protocol tcp --port 1024/65535 --cidr 10.2.0.0/16",
        ]
    );
}

#[test]
fn a_fix_comes_before_the_entry_that_drops_or_takes_it_away() {
    let of = |number: u16| {
        let drop = format!(
            "A: create-network-acl-entry n1 --number {number} --direction egress --protocol tcp --cidr 10.2.0.0/16 --policy drop"
        );
        let open = THERE.replace("--number 10", "--number 20");
        let cloud = cloud(&[&drop, &open, OUT, IN]);
        let (from, to, protocol) = flow("a b tcp/22");
        let fix = explain(&cloud, &from, &to, protocol).fix.expect("a fix");
        fix.iter().map(command).collect::<Vec<_>>()
    };
    assert_eq!(
        of(5),
        ["A create-network-acl-entry n1 --number 4 --direction egress --protocol tcp --port 22 --cidr 10.2.0.0/16"]
    );
    assert_eq!(of(1), ["A delete-network-acl-entry n1 --number 1 --direction egress"]);
}

#[test]
fn a_trace_shows_the_entry_and_the_edge() {
    let cloud = cloud(&[THERE, OUT, IN]);
    let (from, to, protocol) = flow("a b tcp/22");
    let trace = trace(&cloud, &from, &to, protocol);
    let steps = |hops: &[crate::Hop]| -> Vec<String> {
        let said = |hop: &crate::Hop| {
            hop.steps.iter().map(|step| hop.place.with(&step.decision).to_string()).collect::<Vec<_>>()
        };
        hops.iter().flat_map(said).filter(|text| text.contains("network ACL")).collect()
    };
    assert_eq!(
        steps(&trace.there),
        [
            "V1: n1, the network ACL of V1/s1: 10 accept tcp 22/22 to 10.2.0.0/16",
            "V2: n2, the network ACL of V2/s1: 10 accept tcp 22/22 from 10.1.0.0/16",
        ]
    );
    assert_eq!(
        steps(&trace.back),
        [
            "V2: n2, the network ACL of V2/s1: 10 accept tcp 1024/65535 to 10.1.0.0/16",
            "V1: n1, the network ACL of V1/s1: 10 accept tcp 1024/65535 from 10.2.0.0/16",
        ]
    );
}
