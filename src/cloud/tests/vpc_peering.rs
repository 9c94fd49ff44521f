//! docs/cloud.md §2.

use super::*;

const A_TO_B: &str = "create-vpc-peering atob --vpc VPCA --peer-vpc-id vpc-xxvpcforpeeringbxx";
const B_TO_A: &str = "create-vpc-peering btoa --vpc VPCB --peer-vpc-id VPCA";

#[test]
fn one_half_is_initiated_and_both_are_connected() {
    let mut cloud = jd();
    cloud.run("A", A_TO_B);
    assert_eq!((cloud.end("atob").status, cloud.end("atob").carries), ("Initiated", false));
    assert_eq!(cloud.lacks("atob"), ["atob has no other half: account B must create it, from VPCB to VPCA"]);
    cloud.run("B", B_TO_A);
    let end = cloud.end("atob");
    assert_eq!((end.status, end.carries, end.bandwidth), ("Connected", true, None));
    assert_eq!(end.far.unwrap().name.as_str(), "btoa");
    assert_eq!(cloud.lacks("atob"), Vec::<String>::new());
}

#[test]
fn deleting_one_half_disconnects_the_other_and_a_new_one_connects_again() {
    let mut cloud = jd();
    cloud.run("A", A_TO_B);
    cloud.run("B", B_TO_A);
    let outcome = cloud.run("B", "delete-vpc-peering btoa");
    assert_eq!(outcome.transitions[1].states, ["Connected", "Disconnected"]);
    assert_eq!((cloud.end("atob").status, cloud.end("atob").carries), ("Disconnected", false));
    let outcome = cloud.run("B", "create-vpc-peering btoa2 --vpc VPCB --peer-vpc-id VPCA");
    assert_eq!(outcome.transitions[1].states, ["Disconnected", "Connected"]);
    assert!(cloud.end("atob").carries);
}

#[test]
fn route_entries_outlive_their_half_and_revive_with_its_name() {
    let mut cloud = jd();
    cloud.run("A", A_TO_B);
    cloud.run("B", B_TO_A);
    cloud.run("B", "create-route-entry --vpc VPCB --destination 10.0.0.0/16 --next-hop btoa");
    let outcome = cloud.run("B", "delete-vpc-peering btoa");
    assert!(outcome.warnings[0].contains("10.0.0.0/16 of VPCB/default"), "{:?}", outcome.warnings);
    assert_eq!(cloud.table("VPCB/default").entries.len(), 2);
    assert_eq!(cloud.peering(&PeeringName::trusted("btoa")), None, "the next hop is dead");

    // The name is kept for a half of the same VPC.
    assert_eq!(cloud.code("A", "create-vpc-peering btoa --vpc VPCA --peer-vpc-id VPCB"), "AlreadyExists");
    assert_eq!(cloud.code("B", "create-route-table btoa --vpc VPCB"), "AlreadyExists");
    cloud.run("B", B_TO_A);
    assert!(cloud.end("btoa").carries);

    // Or it is free again when no entry names it.
    cloud.run("B", "delete-vpc-peering btoa");
    cloud.run("B", "delete-route-entry --vpc VPCB --destination 10.0.0.0/16 --next-hop btoa");
    cloud.run("B", "create-route-table btoa --vpc VPCB");
}

#[test]
fn a_pair_has_one_half_a_side() {
    let mut cloud = jd();
    cloud.run("A", A_TO_B);
    assert_eq!(cloud.code("A", "create-vpc-peering other --vpc VPCA --peer-vpc-id VPCB"), "AlreadyExists");
    assert_eq!(cloud.code("A", A_TO_B), "AlreadyExists");
}

#[test]
fn only_two_vpcs_of_one_region_that_do_not_overlap_are_peers() {
    let mut cloud = jd();
    cloud.run_all(
        "A: create-vpc north --region cn-north-1 --cidr 192.168.0.0/16
         B: create-vpc same --region cn-south-1 --cidr 10.0.128.0/24",
    );
    let refusal = cloud.refuse("A", "create-vpc-peering p --vpc VPCA --peer-vpc-id nothing");
    assert_eq!((refusal.code, refusal.argument), (Code::NOT_FOUND, Some("peer-vpc-id")));
    assert_eq!(cloud.code("A", "create-vpc-peering p --vpc VPCA --peer-vpc-id VPCA"), "InvalidPeerVpcId");
    assert_eq!(cloud.code("A", "create-vpc-peering p --vpc VPCA --peer-vpc-id north"), "InvalidPeerVpcId");
    assert_eq!(cloud.code("A", "create-vpc-peering p --vpc VPCA --peer-vpc-id same"), "InvalidCidrBlock");
    assert_eq!(cloud.code("A", "create-vpc-peering p --vpc VPCB --peer-vpc-id VPCA"), "Forbidden.NotOwner");
}

#[test]
fn a_vpc_has_ten() {
    let mut cloud = jd();
    for i in 1..=11 {
        cloud.run("B", &format!("create-vpc v{i} --region cn-south-1 --cidr 192.168.{i}.0/24"));
    }
    let line = |i| format!("create-vpc-peering p{i} --vpc VPCA --peer-vpc-id v{i}");
    for i in 1..=10 {
        cloud.run("A", &line(i));
    }
    assert_eq!(cloud.code("A", &line(11)), "QuotaExceeded");
}
