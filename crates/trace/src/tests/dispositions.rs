//! Every reason, every precedence, and every path back.

use super::{JD_PEERED, PEERED, build, ends, flow};
use crate::flow::Endpoint;

/// Asserts how flows end in an alibaba cloud: `(flow, disposition)`.
fn alibaba(texts: &[&str], expected: &[(&str, &str)]) {
    check("alibaba", texts, expected);
}

fn jdcloud(texts: &[&str], expected: &[(&str, &str)]) {
    check("jdcloud", texts, expected);
}

fn check(provider: &str, texts: &[&str], expected: &[(&str, &str)]) {
    let cloud = build(provider, texts);
    for (flow, disposition) in expected {
        assert_eq!(ends(&cloud, flow), *disposition, "{flow} after {:?}", &texts[1..]);
    }
}

#[test]
fn peered_vpcs_reach_each_other() {
    alibaba(&[PEERED], &[("a b", "reach"), ("b a tcp/22", "reach"), ("a a2 udp/53", "reach"), ("a a", "reach")]);
    jdcloud(&[JD_PEERED], &[("a b", "reach"), ("b a tcp/22", "reach")]);
}

#[test]
fn without_an_entry_there_is_no_route_there_or_back() {
    let there = "-A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a";
    let back = "-B: create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b";
    alibaba(&[PEERED, there], &[("a b", "no-route"), ("b a", "return:no-route")]);
    alibaba(&[PEERED, back], &[("a b", "return:no-route"), ("b a", "no-route")]);
    alibaba(&[PEERED, there, back], &[("a b", "no-route"), ("b a", "no-route")]);
}

#[test]
fn an_entry_whose_peering_does_not_carry_is_dead() {
    let idle = "-A: connect-router-interface ri-a";
    alibaba(&[PEERED, idle], &[("a b", "peering-inactive"), ("b a", "peering-inactive")]);
    let off = "B: deactivate-router-interface ri-b";
    alibaba(&[PEERED, off], &[("a b", "peering-inactive"), ("a a2", "reach")]);
    jdcloud(
        &[
            JD_PEERED,
            "-B: create-vpc-peering p2 --vpc V2 --peer-vpc-id V1",
            "-B: create-route-entry --table t2 --destination 10.1.0.0/16 --next-hop p2",
        ],
        &[("a b", "peering-inactive"), ("b a", "no-route")],
    );
    jdcloud(&[JD_PEERED, "A: delete-vpc-peering p1"], &[("b a", "peering-inactive"), ("a b", "peering-inactive")]);
}

#[test]
fn a_custom_table_does_nothing_until_its_subnet_uses_it() {
    // jdcloud's default table leads to the internet, where no host has the private address.
    jdcloud(
        &[JD_PEERED, "-A: associate-route-table t1 --subnet V1/s1"],
        &[("a b", "no-public-ip"), ("b a", "return:no-public-ip")],
    );
}

#[test]
fn egress_comes_before_the_route_and_the_route_before_ingress() {
    let closed = "A: authorize-security-group-egress g1 --protocol all --cidr 0.0.0.0/0 --policy drop";
    let no_route = "-A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a";
    let shut = "-B: authorize-security-group g2 --protocol all --cidr 10.1.0.0/16";
    alibaba(&[PEERED, closed, no_route, shut], &[("a b", "egress-security-group")]);
    alibaba(&[PEERED, closed], &[("a 10.1.1.77", "egress-security-group"), ("a 10.1.1.253", "egress-security-group")]);
    alibaba(&[PEERED, no_route, shut], &[("a b", "no-route")]);
    alibaba(&[PEERED, shut], &[("a b", "ingress-security-group")]);
    alibaba(&[PEERED, shut, "A: deactivate-router-interface ri-a"], &[("a b", "peering-inactive")]);
    // The receiver's group applies before the path back.
    let no_way_back = "-B: create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b";
    alibaba(&[PEERED, shut, no_way_back], &[("a b", "ingress-security-group")]);
}

#[test]
fn an_address_that_nobody_has_is_dropped_by_who_should_know_it() {
    alibaba(
        &[PEERED],
        &[
            ("a 10.1.1.77", "no-such-address"),
            ("a 10.1.1.253", "no-such-address"), // the gateway
            ("a 10.1.9.9", "no-route"),          // between the subnets: looked up in the table
            ("a 10.2.1.77", "no-such-address"),
            ("a 10.2.1.253", "no-such-address"),
            ("a 10.2.9.9", "no-such-address"), // in the peer's block and in no subnet
            ("a 10.9.9.9", "no-route"),
            ("a 10.1.1.10", "reach"),
            ("a 10.2.1.10", "reach"),
        ],
    );
    jdcloud(
        &[JD_PEERED],
        &[("a 10.1.9.9", "no-such-address"), ("a 10.1.1.1", "no-such-address"), ("a 10.9.9.9", "no-route")],
    );
}

#[test]
fn the_longest_prefix_wins_and_local_comes_first() {
    let worse = "A: create-route-entry --vpc V1 --destination 10.2.1.0/24 --next-hop a2";
    alibaba(&[PEERED, worse], &[("a b", "not-forwarded"), ("b a", "return:not-forwarded")]);
    let wider = "A: create-route-entry --vpc V1 --destination 10.0.0.0/8 --next-hop a2";
    alibaba(&[PEERED, wider], &[("a b", "reach"), ("a a2", "reach"), ("a 10.9.9.9", "not-forwarded")]);
}

/// V1 – V2 – V3 in a chain, each with routes to both others by its only peering.
const CHAIN: &str = "
    C: create-vpc V3 --region r1 --cidr 10.3.0.0/16
    C: create-subnet s1 --vpc V3 --cidr 10.3.1.0/24
    C: create-security-group g3 --vpc V3
    C: authorize-security-group g3 --protocol all --cidr 0.0.0.0/0
    C: create-instance c --subnet V3/s1 --ip 10.3.1.10 --security-group g3
    B: authorize-security-group g2 --protocol all --cidr 10.3.0.0/16
    B: create-router-interface ri-bc --vpc V2 --role initiator --spec Mini.2 --opposite-region r1
    C: create-router-interface ri-cb --vpc V3 --role acceptor --opposite-region r1
    B: modify-router-interface-attribute ri-bc --opposite-account C --opposite-interface ri-cb --opposite-router V3
    C: modify-router-interface-attribute ri-cb --opposite-account B --opposite-interface ri-bc --opposite-router V2
    B: connect-router-interface ri-bc
    B: create-route-entry --vpc V2 --destination 10.3.0.0/16 --next-hop ri-bc
    C: create-route-entry --vpc V3 --destination 10.0.0.0/8 --next-hop ri-cb
    A: create-route-entry --vpc V1 --destination 10.3.0.0/16 --next-hop ri-a
";

#[test]
fn peering_is_not_transitive() {
    alibaba(
        &[PEERED, CHAIN],
        &[("a b", "reach"), ("b c", "reach"), ("a c", "not-transitive"), ("c a", "not-transitive")],
    );
}

#[test]
fn an_answer_by_the_wrong_peering_does_not_come_back() {
    // b's answer to a goes to V3, where a is not.
    let astray = "B: create-route-entry --vpc V2 --destination 10.1.1.0/24 --next-hop ri-bc";
    alibaba(&[PEERED, CHAIN, astray], &[("a b", "return:not-transitive"), ("a2 b", "reach")]);
    let dead = "C: deactivate-router-interface ri-cb";
    alibaba(&[PEERED, CHAIN, astray, dead], &[("a b", "return:peering-inactive")]);
    let to_host = "B: create-route-entry --vpc V2 --destination 10.1.1.10/32 --next-hop b";
    alibaba(&[PEERED, to_host], &[("a b", "return:not-forwarded")]);
    let to_internet = "B: create-route-entry --table t2 --destination 10.1.1.10/32 --next-hop internet";
    jdcloud(&[JD_PEERED, to_internet], &[("a b", "return:no-public-ip")]);
}

/// a and a3 in V1 with public addresses, d in V4 with one; b without.
const PUBLIC: &str = "
    A: create-instance a3 --subnet V1/s1 --ip 10.1.1.30 --public-ip 203.0.113.30 --security-group g1
    A: create-instance a4 --subnet V1/s2 --ip 10.1.2.40 --public-ip 203.0.113.40 --security-group g1
    C: create-vpc V4 --region r2 --cidr 10.4.0.0/16
    C: create-subnet s1 --vpc V4 --cidr 10.4.1.0/24
    C: create-security-group g4 --vpc V4
    C: create-instance d --subnet V4/s1 --ip 10.4.1.10 --public-ip 203.0.113.60 --security-group g4
    C: authorize-security-group g4 --protocol tcp --port 80 --cidr 0.0.0.0/0
    C: authorize-security-group g4 --protocol icmp --cidr 203.0.113.30/32
";

#[test]
fn the_internet_needs_a_public_address_and_no_entry_on_alibaba() {
    alibaba(
        &[PEERED, PUBLIC],
        &[
            ("a3 internet", "reach"),
            ("a internet", "no-route"),
            ("b internet", "no-route"),
            ("a3 8.8.8.8", "reach"),
            ("a3 172.16.0.1", "no-route"),
            ("a3 192.0.2.7", "no-route"),
            ("a3 100.64.0.1", "no-route"),
            ("a3 d", "no-route"), // its private address
            ("a3 b", "reach"),
        ],
    );
    // With a public address, entries do not apply to destinations on the internet, and do apply to all others.
    let elsewhere = "
        A: create-route-entry --vpc V1 --destination 0.0.0.0/0 --next-hop ri-a
        A: create-route-entry --vpc V1 --destination 8.8.8.8/32 --next-hop a2";
    alibaba(
        &[PEERED, PUBLIC, elsewhere],
        &[
            ("a3 internet", "reach"),
            ("a3 8.8.8.8", "reach"),
            ("internet a3", "ingress-security-group"),
            ("a3 d", "not-transitive"),
            ("a internet", "not-transitive"),
            ("a 8.8.8.8", "not-forwarded"),
        ],
    );
    let closed = "A: authorize-security-group-egress g1 --protocol tcp --port 25 --cidr 0.0.0.0/0 --policy drop";
    alibaba(
        &[PEERED, PUBLIC, closed],
        &[("a internet tcp/25", "egress-security-group"), ("a3 internet tcp/26", "reach")],
    );
}

#[test]
fn the_internet_reaches_public_addresses_that_let_it_in_and_can_answer() {
    alibaba(
        &[PEERED, PUBLIC],
        &[
            ("internet d tcp/80", "reach"),
            ("internet d tcp/81", "ingress-security-group"),
            ("internet d", "ingress-security-group"),
            ("internet b tcp/80", "no-public-ip"),
            ("internet 203.0.113.60 tcp/80", "reach"),
            ("internet 10.4.1.10 tcp/80", "no-public-ip"),
            ("internet 8.8.8.8", "reach"),
            ("internet internet", "reach"),
        ],
    );
}

/// The internet's part of JD Cloud: a3 has a public address, and V1's custom table an entry.
const JD_PUBLIC: &str = "
    A: create-instance a3 --subnet V1/s1 --ip 10.1.1.30 --public-ip 203.0.113.30
    A: create-route-entry --table t1 --destination 0.0.0.0/0 --next-hop internet
";

#[test]
fn the_internet_needs_an_entry_and_a_public_address_on_jd_cloud() {
    jdcloud(
        &[JD_PEERED, JD_PUBLIC],
        &[
            ("a3 internet", "reach"),
            ("internet a3", "reach"),
            ("a internet", "no-public-ip"),
            ("b internet", "no-route"),
            ("a3 8.8.8.8", "reach"),
            ("a3 172.16.0.1", "no-such-address"),
            ("a 172.16.0.1", "no-public-ip"),
            ("a3 192.0.2.7", "no-such-address"),
            ("a3 100.64.0.1", "no-such-address"),
        ],
    );
    let mute = "-A: create-route-entry --table t1 --destination 0.0.0.0/0 --next-hop internet";
    jdcloud(&[JD_PEERED, JD_PUBLIC, mute], &[("internet a3", "return:no-route"), ("a3 internet", "no-route")]);
}

/// V1 is 30.0.0.0/8, which internet hosts have too; V2 and V3 are private, V2 is joined with V1, all have public
/// addresses.
const ABROAD: &str = "
    A: create-vpc V1 --region r --cidr 30.0.0.0/8
    A: create-subnet s --vpc V1 --cidr 30.1.1.0/24
    A: create-instance a --subnet V1/s --ip 30.1.1.10 --public-ip 203.0.113.1
    A: create-vpc V2 --region r --cidr 10.2.0.0/16
    A: create-subnet s --vpc V2 --cidr 10.2.1.0/24
    A: create-instance b --subnet V2/s --ip 10.2.1.10 --public-ip 203.0.113.2
    A: create-instance b2 --subnet V2/s --ip 10.2.1.20
    A: create-vpc V3 --region r --cidr 10.3.0.0/16
    A: create-subnet s --vpc V3 --cidr 10.3.1.0/24
    A: create-instance c --subnet V3/s --ip 10.3.1.10 --public-ip 203.0.113.3
    A: create-peering p --vpc V1 --peer-vpc V2 --spec Mini.2
    A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop p
    A: create-route-entry --vpc V2 --destination 30.0.0.0/8 --next-hop p
";

#[test]
fn a_vpc_s_block_that_is_not_private_is_its_own_inside_it_and_where_it_is_joined() {
    alibaba(
        &[ABROAD],
        &[
            ("a b", "reach"),
            ("b a", "reach"),
            ("b2 a", "reach"),
            ("a internet", "reach"),
            ("a 30.1.1.77", "no-such-address"),
            ("a 30.9.9.9", "no-route"),
            ("b 30.9.9.9", "no-such-address"),
            ("b 31.0.0.1", "reach"),
            ("c 30.1.1.77", "reach"), // somebody's out there
            ("b2 31.0.0.1", "no-route"),
        ],
    );
    let off = "A: deactivate-router-interface p.acceptor";
    alibaba(&[ABROAD, off], &[("b2 a", "peering-inactive"), ("a b", "peering-inactive"), ("b 30.9.9.9", "reach")]);
}

#[test]
fn public_addresses_reach_each_other_by_their_public_source() {
    alibaba(
        &[PEERED, PUBLIC],
        &[
            ("a3 203.0.113.60", "reach"), // its public source is authorized
            ("a4 203.0.113.60", "ingress-security-group"),
            ("a4 203.0.113.60 tcp/80", "reach"),
            ("a 203.0.113.60", "no-route"),
            // Hairpin: the packet goes out and in again, and its source is no longer a member of g1.
            ("a3 203.0.113.40", "ingress-security-group"),
            ("a3 a4", "reach"),
        ],
    );
    let open = "A: authorize-security-group g1 --protocol icmp --cidr 203.0.113.0/24";
    alibaba(&[PEERED, PUBLIC, open], &[("a3 203.0.113.40", "reach"), ("a3 203.0.113.30", "reach")]);
}

#[test]
fn priorities_decide_and_drop_wins_a_tie() {
    let base = "-B: authorize-security-group g2 --protocol all --cidr 10.1.0.0/16";
    let accept = |priority: u8| {
        format!("B: authorize-security-group g2 --protocol icmp --cidr 10.1.0.0/16 --priority {priority}")
    };
    let drop = |priority: u8| {
        format!("B: authorize-security-group g2 --protocol icmp --cidr 10.1.1.0/24 --policy drop --priority {priority}")
    };
    for (accepting, dropping, expected) in
        [(1, 2, "reach"), (2, 1, "ingress-security-group"), (5, 5, "ingress-security-group")]
    {
        alibaba(&[PEERED, base, &accept(accepting), &drop(dropping)], &[("a b", expected), ("a2 b", "reach")]);
    }
}

#[test]
fn the_rules_of_all_groups_are_one_list() {
    let second = "
        B: create-security-group g2b --vpc V2
        B: join-security-group b --group g2b
        B: authorize-security-group g2b --protocol tcp --port 20/22 --cidr 10.1.0.0/16 --policy drop --priority 1";
    alibaba(
        &[PEERED, second],
        &[("a b tcp/22", "ingress-security-group"), ("a b tcp/23", "reach"), ("a b udp/22", "reach")],
    );
}

#[test]
fn members_reach_each_other_only_where_no_rule_matches() {
    let drop = "A: authorize-security-group g1 --protocol icmp --cidr 10.1.1.10/32 --policy drop --priority 100";
    alibaba(&[PEERED, drop], &[("a a2", "ingress-security-group"), ("a a2 tcp/22", "reach"), ("a2 a", "reach")]);
    let isolated = "
        A: create-security-group g9 --vpc V1 --inner-access drop
        A: create-instance x --subnet V1/s1 --security-group g9
        A: create-instance y --subnet V1/s1 --security-group g9";
    // In one subnet too.
    alibaba(&[PEERED, isolated], &[("x y", "ingress-security-group"), ("a x", "ingress-security-group")]);
}

#[test]
fn a_group_means_its_members_while_a_peering_carries() {
    let by_group = "
        -B: authorize-security-group g2 --protocol all --cidr 10.1.0.0/16
        B: authorize-security-group g2 --protocol tcp --port 22 --group g1 --group-account A
        A: create-security-group g5 --vpc V1
        A: create-instance a5 --subnet V1/s1 --security-group g5";
    alibaba(
        &[PEERED, by_group],
        &[("a b tcp/22", "reach"), ("a b tcp/23", "ingress-security-group"), ("a5 b tcp/22", "ingress-security-group")],
    );
    let drop = "A: authorize-security-group-egress g1 --protocol icmp --group g2 --group-account B --policy drop";
    alibaba(
        &[PEERED, drop],
        &[("a b", "egress-security-group"), ("a 10.2.1.10", "egress-security-group"), ("a b tcp/1", "reach")],
    );
    // A stale rule matches nothing, so the route decides.
    let off = "A: deactivate-router-interface ri-a";
    alibaba(&[PEERED, drop, off], &[("a b", "peering-inactive")]);
}

#[test]
fn the_default_group_lets_in_icmp_ssh_and_rdp() {
    for (provider, text) in [("alibaba", PEERED), ("jdcloud", JD_PEERED)] {
        let alone = "
            A: create-instance x --subnet V1/s1
            A: create-instance y --subnet V1/s1";
        check(provider, &[text, alone], &[("a x", "reach"), ("a x tcp/22", "reach"), ("a x tcp/3389", "reach")]);
    }
    jdcloud(&[JD_PEERED], &[("a b tcp/80", "ingress-security-group"), ("b a udp/53", "ingress-security-group")]);
}

#[test]
fn with_overlapping_blocks_the_packet_stays_at_home() {
    let twin = "
        B: create-vpc V5 --region r1 --cidr 10.1.0.0/16
        B: create-subnet s1 --vpc V5 --cidr 10.1.1.0/24
        B: create-subnet s7 --vpc V5 --cidr 10.1.7.0/24
        B: create-instance twin-of-a --subnet V5/s1 --ip 10.1.1.10
        B: create-instance nobody-at-home --subnet V5/s1 --ip 10.1.1.77
        B: create-instance elsewhere --subnet V5/s7 --ip 10.1.7.10";
    alibaba(
        &[PEERED, twin],
        &[
            ("a twin-of-a", "answered-by-another"),
            ("a nobody-at-home", "no-such-address"),
            ("a elsewhere", "no-route"),
            ("a2 twin-of-a", "answered-by-another"),
        ],
    );
    let cloud = build("alibaba", &[PEERED, twin]);
    let (from, to, protocol) = flow("a2 twin-of-a");
    let trace = super::super::trace(&cloud, &from, &to, protocol);
    assert_eq!(trace.answered_by(), Some(&Endpoint::Instance("a".parse().unwrap())));
}

#[test]
fn what_does_not_exist_is_no_such_address() {
    alibaba(
        &[PEERED],
        &[
            ("a ghost", "no-such-address"),
            ("ghost a", "no-such-address"),
            ("10.1.1.10 a", "no-such-address"),
            ("internet ghost", "no-such-address"),
        ],
    );
}
