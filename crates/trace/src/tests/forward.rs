//! Instances that forward, or are stopped.

use super::{JD_PEERED, PEERED, build, ends, flow};
use crate::cloud::Cloud;
use crate::explain;

/// The way of subnet s1 to V2 is by `fw`, in a subnet of its own that uses the default table.
const FIREWALL: &str = "
    A: create-subnet edge --vpc V1 --cidr 10.1.3.0/24
    A: create-security-group gf --vpc V1
    A: authorize-security-group gf --protocol tcp --port 22 --cidr 10.1.1.0/24
    A: create-instance fw --subnet V1/edge --ip 10.1.3.10 --security-group gf
    A: create-route-table t --vpc V1
    A: create-route-entry --table t --destination 10.2.0.0/16 --next-hop fw
    A: associate-route-table t --subnet V1/s1";
const FORWARDS: &str = "A: modify-instance fw --forwards true";

fn firewall(texts: &[&str]) -> Cloud {
    build("alibaba", &[&[PEERED, FIREWALL], texts].concat())
}

fn fix(cloud: &Cloud, text: &str) -> Vec<String> {
    let (from, to, protocol) = flow(text);
    let fix = explain(cloud, &from, &to, protocol).fix.expect("a fix");
    fix.iter().map(|it| format!("{} {}", it.caller, it.call)).collect()
}

#[test]
fn an_instance_as_next_hop_passes_on_what_its_groups_accept() {
    assert_eq!(ends(&firewall(&[]), "a b tcp/22"), "not-forwarded");
    let cloud = firewall(&[FORWARDS]);
    assert_eq!(ends(&cloud, "a b tcp/22"), "reach");
    assert_eq!(ends(&cloud, "a b tcp/80"), "ingress-security-group");
    assert_eq!(ends(&cloud, "a2 b tcp/80"), "reach");
    // An answer goes by it too, and no group is asked.
    assert_eq!(ends(&cloud, "b a tcp/80"), "reach");
    let out = "A: authorize-security-group-egress gf --protocol all --cidr 10.2.0.0/16 --policy drop";
    assert_eq!(ends(&firewall(&[FORWARDS, out]), "a b tcp/22"), "egress-security-group");
    assert_eq!(ends(&firewall(&[FORWARDS, out]), "b a tcp/80"), "reach");
}

#[test]
fn masquerading_is_not_forwarding() {
    let nat = FIREWALL.replace("--security-group gf", "--security-group gf --masquerade true");
    let cloud = build("alibaba", &[PEERED, &nat]);
    assert_eq!(ends(&cloud, "a b tcp/22"), "not-forwarded");
    let cloud = build("alibaba", &[PEERED, &nat, FORWARDS]);
    assert_eq!(ends(&cloud, "a b tcp/22"), "reach");
    // It did not see this flow begin.
    assert_eq!(ends(&cloud, "b a tcp/80"), "return:not-forwarded");
    // b sees its address, which this rule does not accept.
    let cloud = build(
        "alibaba",
        &[PEERED, &nat, FORWARDS, "B: authorize-security-group g2 --protocol all --cidr 10.1.3.10 --policy drop"],
    );
    assert_eq!(ends(&cloud, "a b tcp/22"), "ingress-security-group");
}

#[test]
fn a_stopped_end_and_a_stopped_next_hop_are_two_things() {
    let cloud = firewall(&[FORWARDS, "A: stop-instance fw"]);
    assert_eq!(ends(&cloud, "a b tcp/22"), "next-hop-gone");
    assert_eq!(ends(&cloud, "b a tcp/80"), "return:next-hop-gone");
    assert_eq!(ends(&cloud, "a2 fw tcp/22"), "instance-stopped");
    assert_eq!(ends(&cloud, "fw a2"), "instance-stopped");
    assert_eq!(fix(&cloud, "a b tcp/22"), ["A start-instance fw"]);
    assert_eq!(ends(&firewall(&[FORWARDS, "A: stop-instance fw\nA: start-instance fw"]), "a b tcp/22"), "reach");
    assert_eq!(fix(&firewall(&[]), "a b tcp/22"), ["A modify-instance fw --forwards true"]);
}

#[test]
fn routes_that_lead_round_end_where_the_packet_was_before() {
    let round = "A: create-route-entry --vpc V1 --destination 10.2.1.0/24 --next-hop fw";
    assert_eq!(ends(&firewall(&[FORWARDS, round]), "a b tcp/22"), "not-forwarded");
}

#[test]
fn the_border_translates_only_what_an_instance_sends_itself() {
    let nat = "
        A: create-subnet s2 --vpc V1 --cidr 10.1.2.0/24
        A: create-instance nat --subnet V1/s2 --public-ip 203.0.113.5 --forwards true --masquerade true
        A: create-instance router --subnet V1/s2 --public-ip 203.0.113.6 --forwards true
        A: create-route-entry --table t1 --destination 0.0.0.0/0 --next-hop nat
        A: create-route-entry --table t1 --destination 8.0.0.0/8 --next-hop router";
    let cloud = build("jdcloud", &[JD_PEERED, nat]);
    assert_eq!(ends(&cloud, "a internet"), "reach");
    assert_eq!(ends(&cloud, "a 8.8.8.8"), "no-public-ip");
    assert_eq!(ends(&cloud, "a internet tcp/443"), "ingress-security-group");
    assert_eq!(ends(&cloud, "nat internet tcp/443"), "reach");
}

/// What comes by a peering is delivered or dropped: no instance of the other VPC passes it on.
#[test]
fn a_peering_stays_not_transitive() {
    let hub = "
        B: create-instance hub --subnet V2/s1 --ip 10.2.1.20 --public-ip 203.0.113.7 --forwards true --masquerade true
        B: create-route-entry --vpc V2 --destination 0.0.0.0/0 --next-hop hub
        A: create-route-entry --vpc V1 --destination 0.0.0.0/0 --next-hop ri-a";
    assert_eq!(ends(&build("alibaba", &[PEERED, hub]), "a internet"), "not-transitive");
}
