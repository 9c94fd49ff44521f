//! NAT gateways, public addresses that move, and gateways to the internet (docs/cloud.md §14).

use super::{build, endpoint, flow, operation};
use crate::cloud::Cloud;
use crate::flow::Endpoint;
use crate::{explain, predict, trace};

/// A private subnet with a server, a public one, and a NAT gateway.
const NAT: &str = "
    A: create-vpc V --region cn-north-1 --cidr 10.1.0.0/16
    A: create-subnet public --vpc V --cidr 10.1.1.0/24
    A: create-subnet private --vpc V --cidr 10.1.2.0/24
    A: create-route-table t --vpc V
    A: associate-route-table t --subnet V/private
    A: create-security-group open --vpc V
    A: authorize-security-group open --protocol all --cidr 0.0.0.0/0
    A: create-instance db --subnet V/private --ip 10.1.2.10 --security-group open
    A: create-nat-gateway ngw --subnet V/public --public-ip 203.0.113.20";
const ROUTE: &str = "A: create-route-entry --table t --destination 0.0.0.0/0 --next-hop ngw";
const SNAT: &str = "A: create-snat-entry ngw --cidr 10.1.2.0/24";
const DNAT: &str = "A: create-dnat-entry ngw --protocol tcp --port 8022 --to 10.1.2.10 --to-port 22";
const SHUT: &str = "A: delete-route-entry --vpc V --destination 0.0.0.0/0";

fn ends(cloud: &Cloud, text: &str) -> String {
    let (from, to, protocol) = flow(text);
    predict(cloud, &from, &to, protocol).to_string()
}

fn fix(cloud: &Cloud, text: &str) -> Vec<String> {
    let (from, to, protocol) = flow(text);
    let fix = explain(cloud, &from, &to, protocol).fix.expect("a fix");
    fix.iter().map(|it| it.call.to_string()).collect()
}

#[test]
fn a_private_subnet_needs_a_route_an_entry_and_a_gateway_with_a_way_out() {
    let cloud = |lines: &[&str]| build("jdcloud", &[&[NAT], lines].concat());
    assert_eq!(ends(&cloud(&[]), "db internet"), "no-route");
    assert_eq!(ends(&cloud(&[ROUTE]), "db internet"), "no-public-ip");
    assert_eq!(ends(&cloud(&[ROUTE, SNAT]), "db internet tcp/443"), "reach");
    assert_eq!(ends(&cloud(&[ROUTE, SNAT, SHUT]), "db internet"), "next-hop-gone");
    assert_eq!(fix(&cloud(&[ROUTE]), "db internet"), [SNAT.trim_start_matches("A: ")]);
    let shut = cloud(&[ROUTE, SNAT, SHUT]);
    assert_eq!(fix(&shut, "db internet"), ["create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop internet"]);
    assert_eq!(ends(&cloud(&[ROUTE, SNAT]), "db 10.1.1.254"), "no-such-address");
}

#[test]
fn the_internet_sees_the_gateways_address() {
    let seen = |cloud: &Cloud, from: &str| trace(cloud, &endpoint(from), &Endpoint::Internet, flow("a b").2).seen_from;
    let cloud = build("jdcloud", &[NAT, ROUTE, SNAT]);
    assert_eq!(seen(&cloud, "db"), Some([203, 0, 113, 20].into()));
    assert_eq!(seen(&build("jdcloud", &[NAT, ROUTE]), "db"), None);
}

#[test]
fn what_a_nat_gateway_sends_comes_from_no_member_of_a_group() {
    let cloud = build(
        "alibaba",
        &["
        A: create-vpc V --region r1 --cidr 10.1.0.0/16
        A: create-subnet public --vpc V --cidr 10.1.1.0/24
        A: create-subnet private --vpc V --cidr 10.1.2.0/24
        A: create-route-table t --vpc V
        A: associate-route-table t --subnet V/private
        A: create-instance firewall --subnet V/public --ip 10.1.1.10 --forwards true
        A: create-instance web --subnet V/public --ip 10.1.1.11
        A: create-instance db --subnet V/private --ip 10.1.2.10
        A: create-nat-gateway ngw --subnet V/public --public-ip 203.0.113.20
        A: create-snat-entry ngw --cidr 10.1.2.0/24
        A: create-route-entry --table t --destination 0.0.0.0/0 --next-hop ngw
        A: create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop firewall"],
    );
    // The firewall's own entry leads back to it; members of its group get as far as that.
    assert_eq!(ends(&cloud, "web 172.16.0.9 udp/53"), "not-forwarded");
    assert_eq!(ends(&cloud, "db 172.16.0.9 udp/53"), "ingress-security-group");
}

#[test]
fn an_answer_leaves_a_nat_gateway_by_the_table_of_its_subnet() {
    let cloud = |entries: &[&str]| {
        let vpc = "
        A: create-vpc V --region r1 --cidr 10.1.0.0/16
        A: create-subnet s1 --vpc V --cidr 10.1.1.0/24
        A: create-subnet s7 --vpc V --cidr 10.1.7.0/24
        A: create-security-group open --vpc V
        A: authorize-security-group open --protocol all --cidr 10.0.0.0/8
        A: create-instance a --subnet V/s7 --ip 10.1.7.4 --security-group open
        A: create-instance b --subnet V/s1 --ip 10.1.1.4 --security-group open
        A: create-gateway igw --vpc V
        A: create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop igw
        A: create-nat-gateway ngw --subnet V/s1 --public-ip 203.0.113.20
        A: create-route-entry --vpc V --destination 10.1.1.0/24 --next-hop nat_gateway:ngw";
        build("aws", &[&[vpc], entries].concat())
    };
    assert_eq!(ends(&cloud(&[]), "a b"), "reach");
    // Both subnets use one table: the answer to a comes to the NAT gateway again.
    let round = cloud(&["A: create-route-entry --vpc V --destination 10.1.7.0/24 --next-hop nat_gateway:ngw"]);
    assert_eq!(ends(&round, "a b"), "return:not-forwarded");
    assert_eq!(fix(&round, "a b"), ["delete-route-entry --vpc V --destination 10.1.7.0/24 --next-hop ngw"]);
}

#[test]
fn one_port_leads_in_and_the_group_judges_the_port_there() {
    let cloud = |lines: &[&str]| build("jdcloud", &[&[NAT, ROUTE, DNAT], lines].concat());
    assert_eq!(ends(&cloud(&[]), "internet 203.0.113.20 tcp/8022"), "reach");
    assert_eq!(ends(&cloud(&[]), "internet 203.0.113.20 tcp/22"), "no-such-address");
    assert_eq!(ends(&cloud(&[]), "internet 203.0.113.20"), "no-such-address");
    assert_eq!(ends(&cloud(&[]), "internet db tcp/22"), "no-public-ip");
    let closed = cloud(&["A: authorize-security-group open --protocol tcp --port 22 --cidr 0.0.0.0/0 --policy drop"]);
    assert_eq!(ends(&closed, "internet 203.0.113.20 tcp/8022"), "ingress-security-group");
    assert_eq!(
        fix(&closed, "internet 203.0.113.20 tcp/8022"),
        ["revoke-security-group open --protocol tcp --port 22/22 --cidr 0.0.0.0/0 --policy drop"]
    );
    let arrives = trace(&cloud(&[]), &endpoint("internet"), &endpoint("203.0.113.20"), flow("a b tcp/8022").2);
    assert_eq!((arrives.received.to_string(), arrives.receiver), ("tcp/22".to_owned(), Some(endpoint("db"))));
}

#[test]
fn the_answer_goes_back_by_the_gateway_that_led_the_packet_in() {
    assert_eq!(ends(&build("jdcloud", &[NAT, DNAT]), "internet 203.0.113.20 tcp/8022"), "return:no-route");
    let around = build(
        "jdcloud",
        &[
            NAT,
            ROUTE,
            DNAT,
            "A: associate-public-ip db --public-ip 203.0.113.9
        A: delete-route-entry --table t --destination 0.0.0.0/0
        A: create-route-entry --table t --destination 0.0.0.0/0 --next-hop internet",
        ],
    );
    assert_eq!(ends(&around, "internet 203.0.113.20 tcp/8022"), "return:no-such-address");
    let strange = build("jdcloud", &[NAT, ROUTE, SNAT, "A: associate-public-ip db --public-ip 203.0.113.9"]);
    assert_eq!(ends(&strange, "internet db tcp/22"), "return:not-forwarded");
}

#[test]
fn a_public_address_moves() {
    let two = "
        A: create-vpc V --region cn-beijing --cidr 10.1.0.0/16
        A: create-subnet s --vpc V --cidr 10.1.1.0/24
        A: create-instance a --subnet V/s --public-ip 203.0.113.5
        A: create-instance b --subnet V/s";
    let before = build("alibaba", &[two]);
    assert_eq!((ends(&before, "internet a"), ends(&before, "b internet")), ("reach".into(), "no-route".into()));
    assert_eq!(fix(&before, "b internet"), ["associate-public-ip b"]);
    let mut after = before;
    for line in ["A: release-public-ip a", "A: associate-public-ip b --public-ip 203.0.113.5"] {
        after.apply(&operation(line)).unwrap();
    }
    assert_eq!((ends(&after, "internet a"), ends(&after, "b internet")), ("no-public-ip".into(), "reach".into()));
    let gateway = "A: create-gateway gw --vpc V";
    let behind = build("alibaba", &[two, gateway]);
    assert_eq!(
        (ends(&behind, "a internet"), ends(&behind, "internet a")),
        ("no-route".into(), "return:no-route".into())
    );
    assert_eq!(fix(&behind, "a internet"), ["create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop gw"]);
}
