//! Which tracked flows a change makes a router forget.

use std::net::Ipv4Addr;

use super::{cloud, then};
use crate::compile::compile;
use crate::tracked::{Flow, is_stale, translates};

/// A VPC that reaches the internet by an entry, joined with another.
const JD: &str = "
    A: create-vpc V --region cn-north-1 --cidr 10.1.0.0/16
    A: create-subnet s --vpc V --cidr 10.1.1.0/24
    A: create-instance i --subnet V/s --ip 10.1.1.10 --public-ip 203.0.113.5
    A: create-instance private --subnet V/s --ip 10.1.1.11
    A: create-vpc W --region cn-north-1 --cidr 10.2.0.0/16
    A: create-vpc-peering p --vpc V --peer-vpc-id W
    A: create-vpc-peering q --vpc W --peer-vpc-id V
";

/// The table leads to the internet from the beginning.
const OUT: &str = "";
const ACROSS: &str = "
    A: delete-route-entry --vpc V --destination 0.0.0.0/0
    A: create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop p
";

/// As conntrack lists it: source and destination of the first packet, then of the answer.
fn flow(text: &str) -> Flow {
    let addresses: Vec<Ipv4Addr> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let [source, destination, answers_from, answers_to] = addresses[..] else { panic!("four addresses: {text}") };
    Flow { source, destination, answers_from, answers_to }
}

fn stale(lines: &str, flows: &[&str]) -> Vec<bool> {
    let mut cloud = cloud("jdcloud", JD);
    then(&mut cloud, lines);
    let network = compile(&cloud);
    let router = &network.namespaces["V"];
    assert!(translates(router));
    flows.iter().map(|text| is_stale(router, flow(text))).collect()
}

/// Untranslated as by a peering, with the public address, and with one that it had before.
const OUTWARD: [&str; 3] = [
    "10.1.1.10 198.51.100.1 198.51.100.1 10.1.1.10",
    "10.1.1.10 198.51.100.1 198.51.100.1 203.0.113.5",
    "10.1.1.10 198.51.100.1 198.51.100.1 203.0.113.9",
];

#[test]
fn what_leaves_for_the_internet_now_has_the_public_address_of_now() {
    assert_eq!(stale(OUT, &OUTWARD), [true, false, true]);
    assert_eq!(stale(ACROSS, &OUTWARD), [false, true, true]);
}

#[test]
fn flows_that_no_change_concerns_go_on() {
    let flows = [
        "10.1.1.10 10.2.0.10 10.2.0.10 10.1.1.10",
        "10.2.0.10 10.1.1.10 10.1.1.10 10.2.0.10",
        "10.1.1.11 198.51.100.1 198.51.100.1 10.1.1.11",
        "198.51.100.1 203.0.113.5 10.1.1.10 198.51.100.1",
    ];
    let own = "A: create-route-entry --vpc V --destination 10.2.0.0/16 --next-hop p";
    assert_eq!(stale(own, &flows), [false; 4]);
}

#[test]
fn what_comes_in_by_a_public_address_goes_to_who_has_it_now() {
    let flows = ["198.51.100.1 203.0.113.5 10.1.1.11 198.51.100.1", "198.51.100.1 203.0.113.9 10.1.1.10 198.51.100.1"];
    assert_eq!(stale(OUT, &flows), [true, true]);
}
