//! The four tutorials, operation by operation (docs/cloud.md §7).

use super::*;

#[test]
fn jd_cloud_joins_two_vpcs_by_two_halves() {
    let mut cloud = cloud("jdcloud");
    cloud.run_all(
        "A: create-vpc VPCforPeeringA --region cn-south-1 --cidr 10.0.0.0/16 --id vpc-xxvpcforpeeringaxx
         A: create-subnet subnet-a --vpc VPCforPeeringA --cidr 10.0.1.0/24
         A: create-instance vm-a --subnet VPCforPeeringA/subnet-a
         A: create-vpc VPCforPeeringB --region cn-south-1 --cidr 172.16.0.0/16 --id vpc-xxvpcforpeeringbxx
         A: create-subnet subnet-b --vpc VPCforPeeringB --cidr 172.16.1.0/24
         A: create-instance vm-b --subnet VPCforPeeringB/subnet-b",
    );
    let line = "create-vpc-peering peeringAtoB --vpc VPCforPeeringA --peer-vpc-id vpc-xxvpcforpeeringbxx";
    let outcome = cloud.run("A", line);
    assert_eq!(outcome.transitions, [Transition { name: "peeringAtoB".into(), states: vec!["Initiated"] }]);
    assert!(!cloud.end("peeringAtoB").carries);

    let line = "create-vpc-peering peeringBtoA --vpc VPCforPeeringB --peer-vpc-id vpc-xxvpcforpeeringaxx";
    let outcome = cloud.run("A", line);
    assert_eq!(outcome.transitions[0].states, ["Initiated", "Connected"]);
    assert_eq!(
        outcome.transitions[1],
        Transition { name: "peeringAtoB".into(), states: vec!["Initiated", "Connected"] }
    );
    assert!(cloud.end("peeringAtoB").carries && cloud.end("peeringBtoA").carries);

    cloud.run_all(
        "A: create-route-table RTBforPeeringAtoB --vpc VPCforPeeringA
         A: create-route-entry --table RTBforPeeringAtoB --destination 172.16.0.0/16 --next-hop peeringAtoB
         A: create-route-entry --table RTBforPeeringAtoB --destination 0.0.0.0/0 --next-hop internet
         A: create-route-table RTBforPeeringBtoA --vpc VPCforPeeringB
         A: create-route-entry --table RTBforPeeringBtoA --destination 10.0.0.0/16 --next-hop peeringBtoA",
    );
    let served =
        |cloud: &Cloud, subnet: &str| cloud.table_of(cloud.subnet(&subnet.parse().unwrap()).unwrap()).name.to_string();
    assert_eq!(served(&cloud, "VPCforPeeringA/subnet-a"), "VPCforPeeringA/default");
    cloud.run_all(
        "A: associate-route-table RTBforPeeringAtoB --subnet VPCforPeeringA/subnet-a
         A: associate-route-table RTBforPeeringBtoA --subnet VPCforPeeringB/subnet-b",
    );
    assert_eq!(served(&cloud, "VPCforPeeringA/subnet-a"), "RTBforPeeringAtoB");
}

#[test]
fn two_accounts_bind_and_the_initiator_connects() {
    let mut cloud = two_accounts();
    cloud.run_all(
        "A: create-router-interface ri-m5e33r3n78zyi5573kf85 --vpc VPC1 --role initiator --spec Mini.2 \
            --opposite-region cn-beijing --id ri-m5e33r3n78zyi5573kf85
         B: create-router-interface acceptor --vpc VPC2 --role acceptor --opposite-region cn-qingdao \
            --id ri-2zeix2q86uoyisagyz0pn
         B: modify-router-interface-attribute ri-2zeix2q86uoyisagyz0pn --opposite-account A \
            --opposite-interface ri-m5e33r3n78zyi5573kf85 --opposite-router VPC1
         A: modify-router-interface-attribute ri-m5e33r3n78zyi5573kf85 --opposite-account 2 \
            --opposite-interface ri-2zeix2q86uoyisagyz0pn --opposite-router VPC2",
    );
    let outcome = cloud.run("A", "connect-router-interface ri-m5e33r3n78zyi5573kf85");
    assert_eq!(outcome.transitions[0].states, ["Idle", "Connecting", "Active"]);
    assert_eq!(outcome.transitions[1].states, ["Idle", "AcceptingConnecting", "Active"]);
    assert_eq!(outcome.transitions[1].name, "acceptor");
    assert!(outcome.warnings.is_empty(), "{outcome:?}");

    cloud.run_all(
        "A: create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ri-m5e33r3n78zyi5573kf85
         B: create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-2zeix2q86uoyisagyz0pn",
    );
    let end = cloud.end("acceptor");
    assert!(end.carries);
    assert_eq!(end.bandwidth, Some(Bandwidth(2_000_000)), "the initiator's class caps both directions");
    assert_eq!(end.far.unwrap().vpc.as_str(), "VPC1");
}

#[test]
fn the_cross_account_lab_may_authorize_a_group_of_another_region() {
    let script = "A: create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16
         A: create-security-group sg-a --vpc VPC1
         B: create-vpc VPC2 --region cn-beijing --cidr 172.16.0.0/16
         B: create-security-group sg-b --vpc VPC2";
    let line = "authorize-security-group sg-a --protocol icmp --group sg-b --group-account B";

    let mut strict = cloud("alibaba");
    strict.run_all(script);
    let refusal = strict.refuse("A", line);
    assert_eq!(refusal.code, Code("InvalidSourceGroupId.NotFound"));
    assert!(refusal.hint.to_string().contains("--cidr 172.16.0.0/16"), "{}", refusal.hint);

    let mut relaxed = cloud_that("alibaba", Allow { cross_region_group: true, ..Allow::default() });
    relaxed.run_all(script);
    let outcome = relaxed.run("A", line);
    let warnings = [
        "group sg-a (cn-qingdao) authorizes group sg-b (cn-beijing) across regions, as this lab allows",
        "the rule matches nothing for now: no active peering joins the two VPCs",
    ];
    assert_eq!(outcome.warnings, warnings);
    let group = relaxed.group("sg-a");
    assert_eq!(relaxed.stale(group, &group.rules[0]), Some(Stale::NoActivePeering));
    relaxed.run_all(
        "A: create-router-interface ri-a --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
         B: create-router-interface ri-b --vpc VPC2 --role acceptor --opposite-region cn-qingdao
         B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router VPC1
         A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router VPC2
         A: connect-router-interface ri-a",
    );
    let group = relaxed.group("sg-a");
    assert_eq!(relaxed.stale(group, &group.rules[0]), None, "an active peering makes the rule match");
}

#[test]
fn one_account_creates_both_ends_at_once() {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16
         A: create-vpc VPC2 --region cn-beijing --cidr 172.16.0.0/16",
    );
    let outcome = cloud.run("A", "create-peering p1 --vpc VPC1 --peer-vpc VPC2 --spec Mini.2");
    assert_eq!(
        outcome.transitions[0],
        Transition { name: "p1.initiator".into(), states: vec!["Idle", "Connecting", "Active"] }
    );
    assert_eq!(outcome.transitions[1].name, "p1.acceptor");
    assert!(cloud.end("p1.initiator").carries && cloud.end("p1.acceptor").carries);

    cloud.run_all(
        "A: create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop p1
         A: create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop p1
         A: create-security-group sg-1 --vpc VPC1
         A: authorize-security-group sg-1 --protocol icmp --cidr 172.16.0.0/16",
    );
    let hop = |cloud: &Cloud, vpc: &str| cloud.table(vpc).entries.first().unwrap().next_hop.to_string();
    assert_eq!(hop(&cloud, "VPC1/default"), "p1.initiator", "the end in the table's own VPC");
    assert_eq!(hop(&cloud, "VPC2/default"), "p1.acceptor");
}

#[test]
fn the_opposite_router_is_edited_with_account_and_interface() {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc VPCA --region cn-beijing --cidr 192.168.0.0/16 --router-id vrt-AAA
         B: create-vpc VPCB --region cn-hangzhou --cidr 172.16.0.0/16 --router-id vrt-BBB
         A: create-router-interface ri-AAA --vpc VPCA --role initiator --spec Large.1 --opposite-region cn-hangzhou
         B: create-router-interface ri-BBB --vpc VPCB --role acceptor --spec Negative --opposite-region cn-beijing
         B: modify-router-interface-attribute ri-BBB --opposite-account A --opposite-router vrt-AAA --opposite-interface ri-AAA
         A: modify-router-interface-attribute ri-AAA --opposite-account B --opposite-router vrt-BBB --opposite-interface ri-BBB
         A: connect-router-interface ri-AAA",
    );
    assert!(cloud.end("ri-AAA").carries);
    assert_eq!(cloud.end("ri-BBB").bandwidth, Some(Bandwidth(1_000_000_000)));
}
