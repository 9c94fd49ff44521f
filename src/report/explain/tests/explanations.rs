//! Every blocker and the smallest fix in small clouds.

#[path = "../../../../crates/trace/src/tests/clouds.rs"]
mod clouds;

use self::clouds::{JD_PEERED, PEERED, build, flow, operation};
use super::super::{command, line, render, to_json, written};
use crate::cloud::{Cloud, Next};
use crate::flow::Reason;
use crate::terminal::Terminal;
use crate::trace::{Explanation, explain, left_behind, predict, side_effects};

/// How a flow ends, as text.
fn ends(cloud: &Cloud, text: &str) -> String {
    let (from, to, protocol) = flow(text);
    predict(cloud, &from, &to, protocol).to_string()
}

fn asked(provider: &str, texts: &[&str], text: &str) -> Explanation {
    of(&build(provider, texts), text)
}

fn of(cloud: &Cloud, text: &str) -> Explanation {
    let (from, to, protocol) = flow(text);
    explain(cloud, &from, &to, protocol)
}

fn reasons(explanation: &Explanation) -> Vec<String> {
    explanation.blockers.iter().map(|blocker| blocker.disposition().to_string()).collect()
}

/// The fix, without the `peerlab api --as` that every command begins with.
fn fix(explanation: &Explanation) -> Vec<String> {
    let fix = explanation.fix.as_ref().expect("a fix");
    fix.iter().map(|operation| command(operation).replace("peerlab api --as ", "")).collect()
}

fn advice(explanation: &Explanation) -> String {
    let advice: Vec<_> =
        explanation.blockers.iter().filter_map(|blocker| Some(blocker.instead.as_ref()?.to_string())).collect();
    advice.join("\n")
}

const NO_ROUTES: &str = "
    -A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a
    -B: create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b";
const SHUT: &str = "-B: authorize-security-group g2 --protocol all --cidr 10.1.0.0/16";

#[test]
fn what_reaches_has_nothing_to_fix() {
    let explanation = asked("alibaba", &[PEERED], "a b");
    assert!(explanation.blockers.is_empty());
    assert_eq!(explanation.fix.map(|fix| fix.len()), Some(0));
}

#[test]
fn every_blocker_is_listed_there_and_back_and_each_account_lifts_its_own() {
    let off = "A: deactivate-router-interface ri-a
               B: deactivate-router-interface ri-b";
    let shut_out = "A: authorize-security-group-egress g1 --protocol tcp --cidr 0.0.0.0/0 --policy drop --priority 5";
    let explanation = asked("alibaba", &[PEERED, NO_ROUTES, SHUT, off, shut_out], "a b tcp/22");
    assert_eq!(
        reasons(&explanation),
        ["egress-security-group", "no-route", "peering-inactive", "ingress-security-group", "return:no-route"]
    );
    assert_eq!(
        fix(&explanation),
        [
            "A authorize-security-group-egress g1 --protocol tcp --port 22 --cidr 10.2.0.0/16 --priority 4",
            "A activate-router-interface ri-a",
            "B activate-router-interface ri-b",
            "A create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a",
            "B authorize-security-group g2 --protocol tcp --port 22 --cidr 10.1.0.0/16",
            "B create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b",
        ]
    );
    let parts: Vec<_> = explanation.blockers.iter().map(|blocker| blocker.fix.len()).collect();
    assert_eq!(parts, [1, 1, 2, 1, 1], "each blocker has its part of the fix");
}

#[test]
fn a_handshake_is_finished_from_where_it_stands() {
    let bound = |without: &[&str]| {
        let lines: Vec<_> = without.iter().map(|line| format!("-{line}")).collect();
        fix(&asked("alibaba", &[PEERED, &lines.join("\n")], "a b"))
    };
    let connect = "A: connect-router-interface ri-a";
    let a_to_b =
        "A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router V2";
    let b_to_a =
        "B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router V1";
    assert_eq!(bound(&[connect]), ["A connect-router-interface ri-a"]);
    assert_eq!(
        bound(&[connect, b_to_a]),
        [
            "B modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router V1",
            "A connect-router-interface ri-a"
        ]
    );
    assert_eq!(bound(&[connect, a_to_b, b_to_a]).len(), 3);
    let no_acceptor = "B: create-router-interface ri-b --vpc V2 --role acceptor --opposite-region r1";
    let route = "B: create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b";
    assert_eq!(
        bound(&[connect, a_to_b, b_to_a, no_acceptor, route]),
        [
            "B create-router-interface ri-V2-V1 --vpc V2 --role acceptor --opposite-region r1",
            "A modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-V2-V1 --opposite-router V2",
            "B modify-router-interface-attribute ri-V2-V1 --opposite-account A --opposite-interface ri-a --opposite-router V1",
            "A connect-router-interface ri-a",
            "B create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-V2-V1",
        ]
    );
}

#[test]
fn ends_that_are_not_connected_block_before_any_route_does() {
    let without = format!("{NO_ROUTES}\n-A: connect-router-interface ri-a");
    let explanation = asked("alibaba", &[PEERED, &without], "a b");
    assert_eq!(reasons(&explanation), ["no-route", "peering-inactive", "return:no-route"]);
    let peering = &explanation.blockers[1];
    assert!(peering.at.to_string().contains("account A must connect ri-a"), "{}", peering.at);
    assert_eq!(peering.fix.len(), 1);
    assert_eq!(fix(&explanation)[0], "A connect-router-interface ri-a", "the peering comes first");
}

#[test]
fn one_account_peers_its_vpcs_in_one_call() {
    let own = "
        A: create-vpc V6 --region r2 --cidr 10.6.0.0/16
        A: create-subnet s1 --vpc V6 --cidr 10.6.1.0/24
        A: create-instance f --subnet V6/s1";
    assert_eq!(
        fix(&asked("alibaba", &[PEERED, own], "a f")),
        [
            "A create-peering V1-V6 --vpc V1 --peer-vpc V6 --spec Mini.2",
            "A create-route-entry --vpc V1 --destination 10.6.0.0/16 --next-hop V1-V6.initiator",
            "A create-route-entry --vpc V6 --destination 10.1.0.0/16 --next-hop V1-V6.acceptor",
        ]
    );
}

#[test]
fn the_missing_half_is_created_by_the_other_account() {
    let one_half = "
        -B: create-vpc-peering p2 --vpc V2 --peer-vpc-id V1
        -B: create-route-entry --table t2 --destination 10.1.0.0/16 --next-hop p2";
    let explanation = asked("jdcloud", &[JD_PEERED, one_half], "a b");
    assert_eq!(reasons(&explanation), ["peering-inactive", "return:no-route"]);
    let fix = fix(&explanation);
    assert!(fix[0].starts_with("B create-vpc-peering V2-to-V1 --vpc V2 --peer-vpc-id vpc-"), "{fix:?}");
    assert_eq!(fix[1..], ["B create-route-entry --table t2 --destination 10.1.0.0/16 --next-hop V2-to-V1"]);
}

#[test]
fn a_table_that_serves_nobody_is_associated_rather_than_copied() {
    let loose = "-A: associate-route-table t1 --subnet V1/s1";
    assert_eq!(fix(&asked("jdcloud", &[JD_PEERED, loose], "a b")), ["A associate-route-table t1 --subnet V1/s1"]);
}

#[test]
fn a_wrong_entry_for_a_part_of_the_peer_s_block_is_deleted() {
    let wrong = "A: create-route-entry --vpc V1 --destination 10.2.1.0/24 --next-hop a2";
    let deleted = ["A delete-route-entry --vpc V1 --destination 10.2.1.0/24 --next-hop a2"];
    assert_eq!(fix(&asked("alibaba", &[PEERED, wrong], "a b")), deleted);
    let exactly = "A: create-route-entry --vpc V1 --destination 10.2.1.10/32 --next-hop a2";
    let deleted = ["A delete-route-entry --vpc V1 --destination 10.2.1.10/32 --next-hop a2"];
    assert_eq!(fix(&asked("alibaba", &[PEERED, exactly], "a b")), deleted);
}

#[test]
fn a_dropping_rule_is_outdone_or_revoked() {
    let drop = |priority| {
        format!("B: authorize-security-group g2 --protocol icmp --cidr 10.1.0.0/16 --policy drop --priority {priority}")
    };
    assert_eq!(
        fix(&asked("alibaba", &[PEERED, SHUT, &drop(7)], "a b")),
        ["B authorize-security-group g2 --protocol icmp --cidr 10.1.0.0/16 --priority 6"]
    );
    assert_eq!(
        fix(&asked("alibaba", &[PEERED, &drop(1)], "a b")),
        ["B revoke-security-group g2 --protocol icmp --cidr 10.1.0.0/16 --policy drop"]
    );
}

#[test]
fn a_stale_rule_comes_back_with_its_peering() {
    let by_group = "B: authorize-security-group g2 --protocol icmp --group g1 --group-account A";
    let off = "B: deactivate-router-interface ri-b";
    let explanation = asked("alibaba", &[PEERED, SHUT, by_group, off], "a b");
    assert_eq!(reasons(&explanation), ["peering-inactive", "ingress-security-group"]);
    assert!(explanation.blockers[1].at.to_string().contains("is stale"), "{}", explanation.blockers[1].at);
    assert_eq!(fix(&explanation), ["B activate-router-interface ri-b"]);
}

#[test]
fn past_a_peer_only_a_peering_of_ones_own_leads() {
    let third = "
        B: create-vpc V3 --region r1 --cidr 10.3.0.0/16
        B: create-subnet s1 --vpc V3 --cidr 10.3.1.0/24
        B: create-instance c --subnet V3/s1
        B: create-peering p23 --vpc V2 --peer-vpc V3 --spec Mini.2
        B: create-route-entry --vpc V2 --destination 10.3.0.0/16 --next-hop p23
        B: create-route-entry --vpc V3 --destination 10.0.0.0/8 --next-hop p23
        A: create-route-entry --vpc V1 --destination 10.3.0.0/16 --next-hop ri-a";
    let explanation = asked("alibaba", &[PEERED, third], "a c");
    assert_eq!(reasons(&explanation), ["not-transitive", "peering-inactive", "return:not-transitive"]);
    assert_eq!(advice(&explanation), "", "the fix does it");
    let fix = fix(&explanation);
    assert!(fix.iter().any(|line| line.contains("create-router-interface ri-V1-V3 ")), "{fix:?}");
    assert_eq!(
        fix.len(),
        8,
        "two ends, two bindings, a connection and two routes, one of which replaces the wrong one: {fix:?}"
    );
}

#[test]
fn who_has_no_public_address_gets_one() {
    let explanation = asked("alibaba", &[PEERED], "a internet");
    assert_eq!(fix(&explanation), ["A associate-public-ip a"]);
}

#[test]
fn what_no_operation_lifts_is_said_with_what_to_build_instead() {
    let twin = "
        B: create-vpc V5 --region r1 --cidr 10.1.0.0/16
        B: create-subnet s1 --vpc V5 --cidr 10.1.1.0/24
        B: create-instance lost --subnet V5/s1 --ip 10.1.1.77";
    let explanation = asked("alibaba", &[PEERED, twin], "a lost");
    assert!(explanation.fix.is_none());
    assert!(advice(&explanation).contains("a CIDR of its own"), "{}", advice(&explanation));

    // Both blocks are 10.1.0.0/16 and jdcloud refuses to join them, so the explanation shows the refusal.
    let twin = "
        B: create-vpc V5 --region r1 --cidr 10.1.0.0/16
        B: create-subnet s7 --vpc V5 --cidr 10.1.7.0/24
        B: create-instance far --subnet V5/s7";
    let explanation = asked("alibaba", &[PEERED, twin, "B: create-subnet s1 --vpc V5 --cidr 10.1.1.0/24"], "a far");
    assert!(explanation.fix.is_none());
    assert!(advice(&explanation).contains("overlaps"), "{}", advice(&explanation));
}

/// A rule by group matches the members to which the routes lead.
#[test]
fn a_group_that_drops_only_what_is_routed_is_met_behind_the_routes() {
    let by_group = "A: authorize-security-group-egress g1 --protocol all --group g2 --group-account B --policy drop";
    let explanation = asked("alibaba", &[PEERED, by_group], "a b");
    assert_eq!(reasons(&explanation), ["egress-security-group"]);
    let explanation = asked("alibaba", &[PEERED, by_group, NO_ROUTES, SHUT], "a b");
    assert_eq!(explanation.trace.disposition.to_string(), "no-route");
    let expected = ["no-route", "egress-security-group", "ingress-security-group", "return:no-route"];
    assert_eq!(reasons(&explanation), expected);
    assert_eq!(explanation.fix.map(|fix| fix.len()), Some(4));
}

#[test]
fn an_explanation_reads_like_a_path() {
    let explanation = asked("alibaba", &[PEERED, NO_ROUTES, SHUT], "a b");
    let expected = "\
a → b  icmp  ✗ no-route

there  10.1.1.10 → 10.2.1.10
  ✓ a   egress  no rule of g1 matches: accept                                api
  ✗ V1  route   V1/default, the table of V1/s1, has no entry for 10.2.1.10   api

3 blockers  there and back, each as if those before were lifted
  ✗ no-route                V1: V1/default, the table of V1/s1, has no entry for
                            10.2.1.10                                        api
  ✗ ingress-security-group  b: no rule of g2 matches: drop                   api
  ✗ return:no-route         V2: V2/default, the table of V2/s1, has no entry for
                            10.1.1.10                                        api

to make it reach
  peerlab api --as A create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a
  peerlab api --as B authorize-security-group g2 --protocol icmp --cidr 10.1.0.0/16
  peerlab api --as B create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b
";
    assert_eq!(render(&explanation, None, &Terminal::PLAIN), expected);
    assert_eq!(
        line(&explanation.trace, None),
        "a → b icmp: no-route at V1: V1/default, the table of V1/s1, has no entry for 10.2.1.10 (api)"
    );
    assert!(render(&explanation, None, &Terminal { colour: true, ..Terminal::PLAIN }).contains("\u{1b}[31m"));
}

/// V1 routes by subnet to two peers that both have 10.2.0.0/16; `b` and `twin` have the same address, `only-c` has a
/// different one.
const TWINS: &str = "
    C: create-vpc V3 --region r1 --cidr 10.2.0.0/16
    C: create-subnet s1 --vpc V3 --cidr 10.2.1.0/24
    C: create-security-group g3 --vpc V3
    C: create-instance twin --subnet V3/s1 --ip 10.2.1.10 --security-group g3
    C: create-instance only-c --subnet V3/s1 --ip 10.2.1.77 --security-group g3
    C: authorize-security-group g3 --protocol all --cidr 10.1.0.0/16
    A: create-router-interface ri-a3 --vpc V1 --role initiator --spec Mini.2 --opposite-region r1
    C: create-router-interface ri-c --vpc V3 --role acceptor --opposite-region r1
    A: modify-router-interface-attribute ri-a3 --opposite-account C --opposite-interface ri-c --opposite-router V3
    C: modify-router-interface-attribute ri-c --opposite-account A --opposite-interface ri-a3 --opposite-router V1
    A: connect-router-interface ri-a3
    C: create-route-entry --vpc V3 --destination 10.1.0.0/16 --next-hop ri-c
";

#[test]
fn who_is_led_to_another_is_led_right_by_the_fix() {
    for protocol in ["icmp", "tcp/22", "udp/53"] {
        let explanation = asked("alibaba", &[PEERED, TWINS], &format!("a twin {protocol}"));
        assert_eq!(reasons(&explanation), ["answered-by-another"]);
        assert_eq!(explanation.blockers[0].at, "b: it has 10.2.1.10 as well, and answers in place of twin");
        assert_eq!(
            explanation.blockers[0].origin.as_ref().and_then(|origin| written(origin, None)),
            Some("api".to_owned()),
            "the entry that leads there"
        );
        let fix = fix(&explanation);
        assert!(fix.iter().all(|command| command.contains("route-entry")) && fix.len() <= 2, "{fix:?}");
        assert!(fix.last().is_some_and(|command| command.ends_with("--next-hop ri-a3")), "{fix:?}");
    }
}

#[test]
fn what_the_other_drops_is_lifted_by_leading_to_the_one() {
    // b's group accepts nothing, but the fix must not change b's group.
    let explanation = asked("alibaba", &[PEERED, SHUT, TWINS], "a twin");
    assert_eq!(reasons(&explanation), ["ingress-security-group"]);
    assert!(fix(&explanation).iter().all(|command| command.contains("route-entry")), "{:?}", fix(&explanation));
    // No instance in V2 has it: the routes are wrong, and no VPC must be rebuilt.
    let explanation = asked("alibaba", &[PEERED, TWINS], "a only-c");
    assert_eq!(reasons(&explanation), ["no-such-address"]);
    assert!(fix(&explanation).iter().all(|command| command.contains("route-entry")), "{:?}", fix(&explanation));
    // Blockers on the named instance's path are listed as well.
    let shut = "-C: authorize-security-group g3 --protocol all --cidr 10.1.0.0/16";
    let explanation = asked("alibaba", &[PEERED, TWINS, shut], "a twin");
    assert_eq!(reasons(&explanation), ["answered-by-another", "ingress-security-group"]);
    let off = "A: deactivate-router-interface ri-a3";
    let explanation = asked("alibaba", &[PEERED, TWINS, off], "a twin");
    assert_eq!(reasons(&explanation), ["answered-by-another", "peering-inactive"]);
    assert!(fix(&explanation).contains(&"A activate-router-interface ri-a3".to_owned()));
}

#[test]
fn an_answer_that_another_gets_is_led_right_by_the_fix() {
    // The answer to twin's ping goes to V2, where b has twin's address.
    let explanation = asked("alibaba", &[PEERED, TWINS], "twin a");
    assert_eq!(reasons(&explanation), ["return:no-such-address"]);
    assert!(fix(&explanation).iter().all(|command| command.starts_with("A ") && command.contains("route-entry")));
}

#[test]
fn who_has_the_address_of_whom_it_asks_is_answered_by_itself() {
    let explanation = asked("alibaba", &[PEERED, TWINS], "b twin");
    assert_eq!(reasons(&explanation), ["answered-by-another"]);
    assert!(explanation.fix.is_none());
    assert!(advice(&explanation).contains("in V2 (10.2.0.0/16) 10.2.1.10 is its own"), "{}", advice(&explanation));
    let json = serde_json::to_value(to_json(&explanation, None, None)).unwrap();
    assert_eq!((&json["disposition"], &json["answered_by"]), (&"answered-by-another".into(), &"b".into()));
    // An address names nobody.
    assert!(asked("alibaba", &[PEERED, TWINS], "b 10.2.1.10").trace.disposition.reaches());
}

#[test]
fn json_has_the_keys_of_the_contract() {
    let explanation = asked("alibaba", &[PEERED, SHUT], "a b");
    let json = serde_json::to_value(to_json(&explanation, None, None)).unwrap();
    assert_eq!(json["from"], "a");
    assert_eq!(json["protocol"], "icmp");
    assert_eq!(json["disposition"], "ingress-security-group");
    assert_eq!(json["blockers"][0]["reason"], "ingress-security-group");
    assert_eq!(json["blockers"][0]["line"], serde_json::Value::Null);
    assert_eq!(json["blockers"][0]["fix"].as_array().map(Vec::len), Some(1));
    let places: Vec<_> = json["hops"].as_array().unwrap().iter().map(|hop| hop["place"].as_str().unwrap()).collect();
    assert_eq!(places, ["a", "V1", "ri-a → ri-b", "V2", "b"]);
}

/// Three VPCs, all joined by halves; V1's default table routes to V2 by `hop`, the half toward V3.
const THREE: &str = "
    A: create-vpc V3 --region r1 --cidr 10.3.0.0/16
    A: create-subnet s1 --vpc V3 --cidr 10.3.1.0/24
    B: create-subnet s2 --vpc V2 --cidr 10.2.2.0/24
    B: create-instance b2 --subnet V2/s2 --ip 10.2.2.10
    A: create-vpc-peering p13 --vpc V1 --peer-vpc-id V3
    A: create-vpc-peering p31 --vpc V3 --peer-vpc-id V1
    B: associate-route-table t2 --subnet V2/s2
";

#[test]
fn an_entry_for_the_peer_s_block_that_leads_elsewhere_is_replaced_and_the_whole_vpc_is_right() {
    let wrong = "A: delete-route-entry --table t1 --destination 10.2.0.0/16
        A: create-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p13";
    let replaced = [
        "A delete-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p13",
        // With the same priority, it would share with the wrong entry, and be right for this sender without its
        // deletion.
        "A create-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p1 --priority 101",
    ];
    let cloud = build("jdcloud", &[JD_PEERED, THREE, wrong]);
    let explanation = of(&cloud, "a b");
    assert_eq!(fix(&explanation), replaced);
    let mut mended = cloud.clone();
    explanation.fix.iter().flatten().for_each(|operation| drop(mended.apply(operation).unwrap()));
    assert_eq!(ends(&mended, "a b2"), "reach", "the other subnet of V2 is right too");
    let also = side_effects(&cloud, &explanation.trace, explanation.fix.as_ref().unwrap());
    let also: Vec<_> = also.iter().map(|it| format!("{} {} {} {}", it.from, it.to, it.was, it.is)).collect();
    let all = ["a b2 not-transitive reach", "b a return:not-transitive reach", "b2 a return:not-transitive reach"];
    assert_eq!(also, all);

    // The same for an entry for a part of the block, and for one behind another.
    let part = "A: create-route-entry --table t1 --destination 10.2.1.0/24 --next-hop p13";
    let deleted = "A delete-route-entry --table t1 --destination 10.2.1.0/24 --next-hop p13";
    assert_eq!(fix(&asked("jdcloud", &[JD_PEERED, THREE, part], "a b")), [deleted]);
    let both = fix(&asked("jdcloud", &[JD_PEERED, THREE, wrong, part], "a b"));
    assert_eq!(both, [&[deleted], &replaced[..]].concat());
}

#[test]
fn beside_a_dead_entry_for_the_peer_s_block_another_is_created() {
    // USERS C7: half of the peering was deleted, and the entry by it stayed.
    let fix = fix(&asked("jdcloud", &[JD_PEERED, "A: delete-vpc-peering p1"], "a b"));
    assert!(fix[0].starts_with("A create-vpc-peering V1-to-V2 --vpc V1 --peer-vpc-id vpc-"), "{fix:?}");
    // An entry that does not carry traffic does not block others of its destination (docs/cloud.md §3).
    assert_eq!(fix[1..], ["A create-route-entry --table t1 --destination 10.2.0.0/16 --next-hop V1-to-V2"]);
}

/// The commands that remove what the fix leaves behind; checks that each is accepted after it and changes nothing else.
fn left(cloud: &Cloud, pair: &str) -> Vec<String> {
    let explanation = of(cloud, pair);
    let fix = explanation.fix.as_ref().unwrap();
    let mut mended = cloud.clone();
    fix.iter().for_each(|operation| drop(mended.apply(operation).unwrap()));
    let left = left_behind(cloud, &explanation.trace, fix);
    for operation in &left {
        mended.apply(operation).unwrap();
        assert_eq!(ends(&mended, pair), "reach");
    }
    left.iter().map(|it| format!("{} {}", it.caller, it.call)).collect()
}

#[test]
fn what_a_fix_leaves_is_said_with_what_removes_it() {
    // USERS C7, and a wider block that leads nowhere: the new entry suffices, so the fix leaves them.
    let wide = "A: create-route-entry --table t1 --destination 10.0.0.0/8 --next-hop p1";
    let cloud = build("jdcloud", &[JD_PEERED, wide, "A: delete-vpc-peering p1"]);
    let left_there = left(&cloud, "a b");
    assert_eq!(left_there.len(), 2, "{left_there:?}");
    for (left, block) in left_there.iter().zip(["10.0.0.0/8", "10.2.0.0/16"]) {
        assert!(left.starts_with(&format!("A delete-route-entry --table t1 --destination {block} ")), "{left}");
    }
    // A whole fix of a lab without dead entries leaves nothing.
    let cloud = build("jdcloud", &[JD_PEERED, "A: delete-route-entry --table t1 --destination 10.2.0.0/16"]);
    assert_eq!(left(&cloud, "a b"), [""; 0]);
}

#[test]
fn a_fix_for_the_internet_makes_no_halves_of_it_and_says_which_it_leaves() {
    let halves = "
        A: create-instance hop --subnet V1/s1
        A: associate-public-ip a
        A: delete-route-entry --vpc V1 --destination 0.0.0.0/0
        A: create-route-entry --table t1 --destination 0.0.0.0/1 --next-hop hop
        A: create-route-entry --table t1 --destination 128.0.0.0/1 --next-hop hop";
    let cloud = build("jdcloud", &[JD_PEERED, halves]);
    let operations = fix(&of(&cloud, "a internet"));
    let expected = [
        "A delete-route-entry --table t1 --destination 128.0.0.0/1 --next-hop hop",
        "A create-route-entry --table t1 --destination 0.0.0.0/0 --next-hop internet",
    ];
    assert_eq!(operations, expected);
    assert_eq!(left(&cloud, "a internet"), ["A delete-route-entry --table t1 --destination 0.0.0.0/1 --next-hop hop"]);
}

#[test]
fn an_entry_that_serves_an_instance_of_another_vpc_of_the_same_block_stays() {
    let other = "
        A: create-vpc V3 --region r1 --cidr 10.2.0.0/16
        A: create-subnet s1 --vpc V3 --cidr 10.2.7.0/24
        A: create-peering p13 --vpc V1 --peer-vpc V3 --spec Mini.2
        A: delete-route-entry --vpc V1 --destination 10.2.0.0/16
        A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop p13";
    let only = "A create-route-entry --vpc V1 --destination 10.2.1.0/24 --next-hop ri-a";
    let somebody = "A: create-instance c --subnet V3/s1";
    assert_eq!(fix(&asked("alibaba", &[PEERED, other, somebody], "a b")), [only]);
    // Nobody is there: the entry is mended, and not circumvented.
    let mended = [
        "A delete-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop p13.initiator",
        "A create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a",
    ];
    assert_eq!(fix(&asked("alibaba", &[PEERED, other], "a b")), mended);
}

#[test]
fn for_the_internet_the_entry_that_covers_it_is_mended() {
    let own = "A: create-instance out --subnet V1/s1 --public-ip 203.0.113.7
        A: delete-route-entry --vpc V1 --destination 0.0.0.0/0
        A: create-route-entry --vpc V1 --destination 0.0.0.0/0 --next-hop p1
        A: unassociate-route-table t1 --subnet V1/s1";
    let replaced = [
        "A delete-route-entry --vpc V1 --destination 0.0.0.0/0 --next-hop p1",
        "A create-route-entry --vpc V1 --destination 0.0.0.0/0 --next-hop internet --priority 101",
    ];
    assert_eq!(fix(&asked("jdcloud", &[JD_PEERED, own], "out internet")), replaced);
}

#[test]
fn an_end_that_was_made_for_another_region_is_made_anew_under_its_name() {
    // Case 18: ri-a was created toward its own region, has the routes, and ri-b was never bound.
    let cloud = build(
        "alibaba",
        &["A: create-vpc V1 --region r1 --cidr 10.1.0.0/16
         B: create-vpc V2 --region r2 --cidr 10.2.0.0/16
         A: create-subnet s1 --vpc V1 --cidr 10.1.1.0/24
         B: create-subnet s1 --vpc V2 --cidr 10.2.1.0/24
         B: create-subnet s2 --vpc V2 --cidr 10.2.2.0/24
         A: create-instance a --subnet V1/s1
         B: create-instance b --subnet V2/s1
         B: create-instance b2 --subnet V2/s2
         A: create-router-interface ri-a --vpc V1 --role initiator --spec Small.1 --opposite-region r1
         B: create-router-interface ri-b --vpc V2 --role acceptor --opposite-region r1
         A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router V2
         A: create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a
         B: create-route-entry --vpc V2 --destination 10.1.0.0/16 --next-hop ri-b
         A: authorize-security-group V1/default --protocol all --cidr 10.2.0.0/16
         B: authorize-security-group V2/default --protocol all --cidr 10.1.0.0/16"],
    );
    let explanation = of(&cloud, "a b");
    let fix = fix(&explanation);
    assert_eq!(
        fix,
        [
            "A delete-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a",
            "A delete-router-interface ri-a",
            "A create-router-interface ri-a --vpc V1 --role initiator --spec Small.1 --opposite-region r2",
            "A modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router V2",
            "B modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router V1",
            "A connect-router-interface ri-a",
            "A create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop ri-a",
        ]
    );
    let mut mended = cloud.clone();
    explanation.fix.iter().flatten().for_each(|operation| drop(mended.apply(operation).unwrap()));
    assert_eq!(ends(&mended, "a b2"), "reach");
    let missing = &cloud.missing(&"ri-a".parse().unwrap())[0];
    let Next::Call(caller, call) = &missing.next else { panic!("{missing:?}") };
    assert_eq!(format!("{caller} {call}"), fix[0], "what is missing is what the fix begins with");
}

#[test]
fn an_idle_end_that_is_there_is_no_missing_peering() {
    // USERS C6.
    let cloud = build(
        "alibaba",
        &[
            PEERED,
            "A: deactivate-router-interface ri-a
         B: deactivate-router-interface ri-b
         A: delete-route-entry --vpc V1 --destination 10.2.0.0/16
         B: delete-route-entry --vpc V2 --destination 10.1.0.0/16
         A: delete-router-interface ri-a
         B: delete-router-interface ri-b
         A: create-router-interface ri-a --vpc V1 --role initiator --spec Mini.2 --opposite-region r1",
        ],
    );
    let blockers = of(&cloud, "a b").blockers;
    let peering = blockers.iter().find(|blocker| blocker.reason == Reason::PeeringInactive).expect("a blocker");
    assert_eq!(
        peering.at,
        "ri-a: ri-a Idle, no other end yet (account B must create the other end of ri-a, in V2; it is not connected: account A must connect ri-a)"
    );
}

/// V1 reaches V2 by p1, with another route for the same block over V3.
const WAYS: &str = "
    C: create-vpc V3 --region r1 --cidr 10.3.0.0/16
    A: create-vpc-peering p3 --vpc V1 --peer-vpc-id V3
    C: create-vpc-peering p3-back --vpc V3 --peer-vpc-id V1";

fn entry(cloud: &Cloud, text: &str) -> String {
    let (from, to, protocol) = flow(text);
    let there = crate::trace::trace(cloud, &from, &to, protocol).there;
    let steps = there.iter().flat_map(|hop| &hop.steps).map(|step| &step.decision);
    steps.filter(|decision| decision.kind() == crate::trace::What::Route).map(ToString::to_string).collect()
}

#[test]
fn an_entry_that_leads_elsewhere_goes_though_another_of_its_block_is_right() {
    let better = "A: create-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p3 --priority 10";
    let cloud = build("jdcloud", &[JD_PEERED, WAYS, better]);
    assert_eq!(entry(&cloud, "a b"), "t1: 10.2.0.0/16 → p3 (priority 10)");
    let explanation = of(&cloud, "a b");
    assert_eq!(
        fix(&explanation),
        ["A delete-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p3 --priority 10"]
    );
}

#[test]
fn a_standby_says_for_what_it_stands_in() {
    let standby = "A: create-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p3 --priority 200";
    let mut cloud = build("jdcloud", &[JD_PEERED, WAYS, standby]);
    assert_eq!(entry(&cloud, "a b"), "t1: 10.2.0.0/16 → p1 (priority 100)");
    cloud.apply(&operation("B: delete-vpc-peering p2")).unwrap();
    assert_eq!(entry(&cloud, "a b"), "t1: 10.2.0.0/16 → p3 (priority 200, standby for p1)");
    cloud.apply(&operation("C: delete-vpc-peering p3-back")).unwrap();
    assert_eq!(entry(&cloud, "a b"), "t1: 10.2.0.0/16 → p1 (priority 100)");
    assert_eq!(reasons(&of(&cloud, "a b"))[0], "peering-inactive");
}

/// Two neighbours use two entries; a fault of one entry concerns only its instances.
#[test]
fn one_that_shares_and_leads_elsewhere_is_mended_for_whom_it_concerns() {
    let more = "
        A: create-instance a2 --subnet V1/s1 --ip 10.1.1.11
        A: create-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p3";
    let cloud = build("jdcloud", &[JD_PEERED, WAYS, more]);
    let (good, bad) = ("a b", "a2 b");
    assert_eq!(entry(&cloud, good), "t1: 10.2.0.0/16 → p1 (priority 100, one of 2 that share)");
    assert_eq!(entry(&cloud, bad), "t1: 10.2.0.0/16 → p3 (priority 100, one of 2 that share)");
    assert_eq!(ends(&cloud, good), "reach");
    assert_ne!(ends(&cloud, bad), "reach");
    let explanation = of(&cloud, bad);
    assert_eq!(
        fix(&explanation),
        ["A delete-route-entry --table t1 --destination 10.2.0.0/16 --next-hop p3 --priority 100"]
    );
}
