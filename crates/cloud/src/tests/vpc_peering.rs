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

/// docs/cloud.md §2: an entry holds an id. Entries of the deleted half stay dead, even if another takes its name;
/// entries of the remaining half carry traffic again.
#[test]
fn an_entry_does_not_come_back_to_life_by_a_name() {
    let mut cloud = jd();
    cloud.run("A", A_TO_B);
    cloud.run("B", B_TO_A);
    cloud.run("A", "create-route-entry --vpc VPCA --destination 172.16.0.0/16 --next-hop atob");
    cloud.run("B", "create-route-entry --vpc VPCB --destination 10.0.0.0/16 --next-hop btoa");
    let first = cloud.end("btoa").id;
    let outcome = cloud.run("B", "delete-vpc-peering btoa");
    assert!(outcome.warnings[0].to_string().contains("10.0.0.0/16 of VPCB/default"), "{:?}", outcome.warnings);
    assert_eq!(cloud.table("VPCB/default").entries.len(), 2);

    cloud.run("B", B_TO_A);
    assert_ne!(cloud.end("btoa").id, first, "the second of a name has another id");
    assert!(cloud.end("btoa").carries && cloud.end("atob").carries);
    let hop = |cloud: &Cloud, table: &str, block: &str| {
        cloud.table(table).entries_for(block.parse().unwrap())[0].next_hop.clone()
    };
    let dead = hop(&cloud, "VPCB/default", "10.0.0.0/16");
    assert!(!dead.is_live() && dead.to_string() == first.to_string(), "{dead}");
    assert_eq!(hop(&cloud, "VPCA/default", "172.16.0.0/16"), NextHop::Peering(PeeringName::trusted("atob")));

    // The deleted half's id or name identifies the entry, which does not prevent the deletion of the new half.
    cloud.clone().run("B", &format!("delete-route-entry --vpc VPCB --destination 10.0.0.0/16 --next-hop {first}"));
    cloud.run("B", "delete-route-entry --vpc VPCB --destination 10.0.0.0/16 --next-hop btoa");
    cloud.run("B", "create-route-entry --vpc VPCB --destination 10.0.0.0/16 --next-hop btoa");
    assert!(hop(&cloud, "VPCB/default", "10.0.0.0/16").is_live());
}

#[test]
fn an_id_may_be_used_again_once_no_entry_holds_it() {
    let mut cloud = jd();
    cloud.run("A", A_TO_B);
    let half = format!("{B_TO_A} --id vpcpr-1");
    cloud.run("B", &half);
    cloud.run("B", "create-route-entry --vpc VPCB --destination 10.0.0.0/16 --next-hop vpcpr-1");
    cloud.run("B", "delete-vpc-peering vpcpr-1");
    let refusal = cloud.refuse("B", &half);
    assert_eq!((refusal.code, refusal.argument), (Code("AlreadyExists"), Some("id")), "{refusal}");
    cloud.run("B", "delete-route-entry --vpc VPCB --destination 10.0.0.0/16");
    cloud.run("B", &half);
}

/// A half names a VPC by its id, so a recreated VPC of the same name is a different one.
#[test]
fn a_half_is_toward_the_vpc_that_was_there() {
    let mut cloud = jd();
    cloud.run("A", A_TO_B);
    let cidr = cloud.vpc(&VpcName::trusted("VPCB")).unwrap().cidr;
    let region = cloud.vpc(&VpcName::trusted("VPCB")).unwrap().region.clone();
    cloud.run_all("B: delete-subnet VPCB/sb\nB: delete-vpc VPCB");
    assert!(cloud.lacks("atob")[0].contains("is deleted"));
    cloud.run("B", &format!("create-vpc VPCB --region {region} --cidr {cidr}"));
    cloud.run("B", "create-vpc-peering btoa --vpc VPCB --peer-vpc-id VPCA");
    assert!(!cloud.end("btoa").carries && !cloud.end("atob").carries);
    cloud.run("A", "create-vpc-peering atob-2 --vpc VPCA --peer-vpc-id VPCB");
    assert!(cloud.end("btoa").carries && cloud.end("atob-2").carries && !cloud.end("atob").carries);
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
    assert_eq!((refusal.code, refusal.argument), (Code("NotFound"), Some("peer-vpc-id")));
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
