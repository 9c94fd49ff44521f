//! Peering connections: request, accept, reject, expire, change, delete (docs/cloud.md §10).

use super::*;

/// Two VPCs of A in two regions, and one of B.
fn ground() -> Cloud {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc one --region cn-hangzhou --cidr 10.0.0.0/16
         A: create-vpc two --region cn-beijing --cidr 172.16.0.0/16
         A: create-vpc near --region cn-hangzhou --cidr 10.8.0.0/16
         B: create-vpc three --region cn-hangzhou --cidr 192.168.0.0/16
         A: create-subnet s --vpc one --cidr 10.0.1.0/24
         A: create-subnet s --vpc two --cidr 172.16.1.0/24
         B: create-subnet s --vpc three --cidr 192.168.1.0/24",
    );
    cloud
}

fn states(outcome: &Outcome) -> Vec<&'static str> {
    outcome.transitions.iter().flat_map(|it| it.states.clone()).collect()
}

fn status(cloud: &Cloud, name: &str) -> &'static str {
    cloud.end(name).status
}

#[test]
fn within_an_account_it_is_active_at_once() {
    let mut cloud = ground();
    let outcome = cloud.run("A", "create-vpc-peering-connection pcc --vpc one --peer-vpc two");
    assert_eq!(states(&outcome), ["Creating", "Activated"]);
    let ends: Vec<_> = cloud.peerings().collect();
    assert_eq!(ends.iter().map(|end| end.vpc.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert!(ends.iter().all(|end| end.carries && end.name.as_str() == "pcc" && end.id == ends[0].id));
    assert_eq!(ends[0].bandwidth, Some(Bandwidth(1_024_000_000)), "between regions, as much as there is");
    assert!(ends[0].id.0.starts_with("pcc-"), "{}", ends[0].id);
    cloud.run_all(
        "A: create-route-entry --vpc one --destination 172.16.0.0/16 --next-hop pcc
         A: create-route-entry --vpc two --destination 10.0.0.0/16 --next-hop peering_connection:pcc",
    );
    assert!(cloud.lacks("pcc").is_empty());
}

#[test]
fn another_account_must_accept() {
    let mut cloud = ground();
    let outcome = cloud.run("A", "create-vpc-peering-connection pcc --vpc one --peer-vpc three --peer-account B");
    assert_eq!(states(&outcome), ["Creating", "Accepting"]);
    assert!(!cloud.end("pcc").carries);
    assert_eq!(cloud.lacks("pcc"), ["pcc is not accepted: account B must accept it"]);
    assert_eq!(cloud.code("A", "accept-vpc-peering-connection pcc"), "Forbidden.NoPermission");
    assert_eq!(
        cloud.code("A", "create-route-entry --vpc one --destination 192.168.0.0/16 --next-hop pcc"),
        "IncorrectStatus.VpcPeer"
    );
    let outcome = cloud.run("B", "accept-vpc-peering-connection pcc");
    assert_eq!(states(&outcome), ["Accepting", "Updating", "Activated"]);
    assert!(cloud.peerings().all(|end| end.carries && end.bandwidth.is_none()), "one region: not limited");
    assert_eq!(cloud.code("B", "accept-vpc-peering-connection pcc"), "IncorrectStatus.VpcPeer");
    assert_eq!(cloud.code("B", "reject-vpc-peering-connection pcc"), "IncorrectStatus.VpcPeer");
}

#[test]
fn what_nobody_accepts_expires_after_exactly_seven_days() {
    let mut cloud = ground();
    cloud.run("A", "create-vpc-peering-connection pcc --vpc one --peer-vpc three");
    cloud.run("A", "pass-time 6d");
    cloud.run("nobody", "pass-time 86399s");
    assert_eq!(status(&cloud, "pcc"), "Accepting");
    let outcome = cloud.run("A", "pass-time 1s");
    assert_eq!(states(&outcome), ["Accepting", "Expired"]);
    assert_eq!(cloud.code("B", "accept-vpc-peering-connection pcc"), "IncorrectStatus.VpcPeer");
    assert_eq!(cloud.lacks("pcc"), ["pcc is Expired: account A must request another"]);
    // An active one does not expire, and a dead one leaves its name.
    let id = cloud.end("pcc").id;
    cloud.run("A", "create-vpc-peering-connection pcc --vpc one --peer-vpc three");
    assert_ne!(cloud.end("pcc").id, id, "it is another");
    cloud.run("B", "accept-vpc-peering-connection pcc");
    cloud.run("A", "pass-time 30d");
    assert_eq!(status(&cloud, "pcc"), "Activated");
    assert_eq!(cloud.code("A", "pass-time 7"), "InvalidTime");
}

#[test]
fn a_rejected_one_can_be_deleted_or_requested_anew() {
    let mut cloud = ground();
    cloud.run("A", "create-vpc-peering-connection pcc --vpc one --peer-vpc three");
    assert_eq!(states(&cloud.run("B", "reject-vpc-peering-connection pcc")), ["Accepting", "Rejected"]);
    assert_eq!(cloud.peerings_of(&"three".parse().unwrap()).count(), 1, "both see it");
    cloud.run("A", "create-vpc-peering-connection other --vpc one --peer-vpc three");
    assert_eq!(cloud.lacks("pcc"), ["pcc is Rejected"], "another joins the two");
    cloud.run("B", "delete-vpc-peering-connection pcc");
    assert_eq!(cloud.code("B", "delete-vpc-peering-connection pcc"), "ResourceNotFound.InstanceId");
    cloud.run("A", "delete-vpc-peering-connection other");
    assert_eq!(cloud.peerings().count(), 0);
}

#[test]
fn a_pair_of_vpcs_has_one_connection_or_router_interfaces() {
    let mut cloud = ground();
    cloud.run("A", "create-vpc-peering-connection pcc --vpc one --peer-vpc three");
    let again = "create-vpc-peering-connection q --vpc one --peer-vpc three";
    assert_eq!(cloud.code("A", again), "ResourceAlreadyExist.VpcPeer");
    let reverse = "create-vpc-peering-connection q --vpc three --peer-vpc one";
    assert_eq!(cloud.code("B", reverse), "ResourceAlreadyExist.VpcPeer");
    let interfaces = "A: create-router-interface ri-a --vpc one --role initiator --spec Mini.2 --opposite-region cn-hangzhou
         B: create-router-interface ri-b --vpc three --role acceptor --opposite-region cn-hangzhou
         A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router three
         B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router one";
    cloud.run_all(interfaces);
    assert_eq!(cloud.code("A", "connect-router-interface ri-a"), "Forbidden.OnlyOneConnection");
    cloud.run("B", "reject-vpc-peering-connection pcc");
    cloud.run("A", "connect-router-interface ri-a");
    assert_eq!(cloud.code("A", again), "ResourceAlreadyExist.RouterInterface");
    cloud.run("B", "deactivate-router-interface ri-b");
    assert_eq!(cloud.code("A", again), "ResourceAlreadyExist.RouterInterface", "an inactive pair is a pair");
    cloud.run_all(
        "A: create-vpc-peering-connection own --vpc one --peer-vpc near
         A: create-peering p --vpc two --peer-vpc near --spec Mini.2",
    );
    assert_eq!(
        cloud.code("A", "create-peering q --vpc one --peer-vpc near --spec Mini.2"),
        "Forbidden.OnlyOneConnection"
    );
}

#[test]
fn deleting_is_refused_while_entries_lead_to_it_unless_forced() {
    let mut cloud = ground();
    cloud.run_all(
        "A: create-vpc-peering-connection pcc --vpc one --peer-vpc three
         B: accept-vpc-peering-connection pcc
         B: create-route-entry --vpc three --destination 10.0.0.0/16 --next-hop pcc
         A: create-route-entry --vpc one --destination 192.168.0.0/16 --next-hop pcc
         A: create-route-entry --vpc one --destination 192.168.1.0/24 --next-hop pcc",
    );
    let refusal = cloud.refuse("A", "delete-vpc-peering-connection pcc");
    assert_eq!(refusal.code.0, "OperationDenied.RouteEntryExist");
    let said = refusal.message.to_string();
    assert!(said.contains("192.168.1.0/24 of one/default") && said.contains("10.0.0.0/16 of three/default"), "{said}");
    let outcome = cloud.run("B", "delete-vpc-peering-connection pcc --force");
    assert_eq!(states(&outcome), ["Activated", "Deleting", "Deleted"]);
    assert!(cloud.table("one/default").entries.is_empty() && cloud.table("three/default").entries.is_empty());
    assert_eq!(cloud.peerings().count(), 0);
}

#[test]
fn the_bandwidth_is_the_requesters_and_between_regions_only() {
    let mut cloud = ground();
    cloud.run_all(
        "A: create-vpc-peering-connection far --vpc one --peer-vpc two --bandwidth 100Mbit
         A: create-vpc-peering-connection close --vpc one --peer-vpc three
         B: create-vpc four --region cn-beijing --cidr 10.64.0.0/16
         A: create-vpc-peering-connection theirs --vpc one --peer-vpc four --bandwidth 2Mb",
    );
    assert_eq!(cloud.end("far").bandwidth, Some(Bandwidth(100_000_000)));
    let outcome = cloud.run("A", "modify-vpc-peering-connection far --bandwidth 1Gb");
    assert_eq!(states(&outcome), ["Activated", "Updating", "Activated"]);
    assert_eq!(cloud.end("far").bandwidth, Some(Bandwidth(1_000_000_000)));
    let modify = |name: &str, bandwidth: &str| format!("modify-vpc-peering-connection {name} --bandwidth {bandwidth}");
    assert_eq!(cloud.code("A", &modify("close", "10Mbit")), "OperationFailed.BandwidthCannotBeChangedInSameRegion");
    assert_eq!(cloud.code("A", &modify("far", "1025Mbit")), "QuotaExceeded.Bandwidth");
    for wrong in ["0Mbit", "fast", "10", "1.5Mbit"] {
        assert_eq!(cloud.code("A", &modify("far", wrong)), "IllegalParam.Bandwidth", "{wrong}");
    }
    assert_eq!(cloud.code("A", &modify("theirs", "10Mbit")), "IncorrectStatus.VpcPeer");
    assert_eq!(cloud.code("B", &modify("theirs", "10Mbit")), "Forbidden.NoPermission");
    assert_eq!(
        cloud.code("A", "create-vpc-peering-connection x --vpc near --peer-vpc three --bandwidth 10Mbit"),
        "OperationFailed.BandwidthCannotBeChangedInSameRegion"
    );
}

#[test]
fn strangers_and_wrong_vpcs_are_refused() {
    let mut cloud = ground();
    let create = "create-vpc-peering-connection pcc --vpc one --peer-vpc";
    assert_eq!(cloud.code("A", &format!("{create} one")), "InvalidPeerVpcId");
    assert_eq!(cloud.code("A", &format!("{create} nowhere")), "InvalidVpcId.NotFound");
    assert_eq!(cloud.code("B", &format!("{create} three")), "Forbidden.NotOwner");
    assert_eq!(cloud.code("A", &format!("{create} three --peer-account A")), "IncorrectStatus.AcceptingVpc");
    assert_eq!(cloud.code("A", &format!("{create} three --peer-region cn-beijing")), "IncorrectStatus.AcceptingVpc");
    assert_eq!(cloud.code("A", &format!("{create} three --peer-account nobody")), "InvalidAccount.NotFound");
    assert_eq!(cloud.code("A", &format!("{create} three --id ri-x")), "InvalidId");
    cloud.run("A", "create-vpc-peering-connection own --vpc one --peer-vpc two");
    for verb in ["accept", "reject", "delete"] {
        assert_eq!(cloud.code("B", &format!("{verb}-vpc-peering-connection own")), "Forbidden.NoPermission");
        assert_eq!(cloud.code("B", &format!("{verb}-vpc-peering-connection none")), "ResourceNotFound.InstanceId");
    }
    assert_eq!(
        cloud.code("B", "create-route-entry --vpc three --destination 10.0.0.0/16 --next-hop own"),
        "InvalidNextHop.NotFound"
    );
    assert_eq!(
        cloud.code("B", "create-route-entry --vpc three --destination 10.0.0.0/16 --next-hop pcc-gone"),
        "ResourceNotFound.VpcPeer"
    );
}

#[test]
fn a_vpc_of_a_live_connection_is_not_deleted() {
    let mut cloud = ground();
    cloud.run_all(
        "A: create-vpc-peering-connection pcc --vpc near --peer-vpc three
         B: delete-subnet three/s",
    );
    assert_eq!(cloud.code("B", "delete-vpc three"), "DependencyViolation.VpcPeer");
    assert_eq!(cloud.code("A", "delete-vpc near"), "DependencyViolation.VpcPeer");
    cloud.run("B", "reject-vpc-peering-connection pcc");
    cloud.run("B", "delete-vpc three");
    assert_eq!(status(&cloud, "pcc"), "Rejected");
    cloud.check_invariants().unwrap();
    // A VPC of the same name is another.
    cloud.run("B", "create-vpc three --region cn-hangzhou --cidr 192.168.0.0/16");
    assert_eq!(cloud.peerings_of(&"three".parse().unwrap()).count(), 0);
    cloud.run("A", "delete-vpc near");
    cloud.check_invariants().unwrap();
    assert_eq!(cloud.peering_connections().count(), 0, "nobody sees it any more");
}

#[test]
fn overlapping_vpcs_are_joined_with_a_warning() {
    let mut cloud = ground();
    cloud.run("B", "create-vpc same --region cn-hangzhou --cidr 10.0.0.0/16");
    cloud.run("B", "create-subnet s --vpc same --cidr 10.0.1.0/24");
    let outcome = cloud.run("A", "create-vpc-peering-connection pcc --vpc one --peer-vpc same");
    assert_eq!(outcome.warnings.len(), 1, "{:?}", outcome.warnings);
}

#[test]
fn each_quota_has_its_code() {
    let mut cloud = ground();
    for number in 0..10 {
        cloud.run("A", &format!("create-vpc v{number} --region cn-hangzhou --cidr 10.{}.0.0/16", 100 + number));
        cloud.run("A", &format!("create-vpc-peering-connection p{number} --vpc one --peer-vpc v{number}"));
    }
    let last = "create-vpc-peering-connection p --vpc one --peer-vpc near";
    assert_eq!(cloud.code("A", last), "QuotaExceeded.IntraRegionVpcPeerCountPerVpc");
    let theirs = "create-vpc-peering-connection p --vpc three --peer-vpc one";
    assert_eq!(cloud.code("B", theirs), "QuotaExceeded.IntraRegionVpcPeerCountPerVpc", "the peer's counts too");
    cloud.run("A", "create-vpc-peering-connection across --vpc one --peer-vpc two");
    for number in 0..9 {
        cloud.run("A", &format!("create-vpc-peering-connection q{number} --vpc near --peer-vpc v{number}"));
    }
    assert_eq!(
        cloud.code("A", "create-vpc-peering-connection p --vpc near --peer-vpc two"),
        "QuotaExceeded.VpcPeerCountPerUserPerRegion"
    );
    cloud.run("B", "create-vpc-peering-connection theirs --vpc three --peer-vpc two");
    let mut cloud = ground();
    for number in 0..20 {
        cloud.run("A", &format!("create-vpc v{number} --region r{number} --cidr 10.{}.0.0/16", 100 + number));
        cloud.run("A", &format!("create-vpc-peering-connection p{number} --vpc v{number} --peer-vpc one"));
    }
    assert_eq!(
        cloud.code("A", "create-vpc-peering-connection p --vpc two --peer-vpc one"),
        "QuotaExceeded.CrossRegionVpcPeerCountPerVpc"
    );
}

#[test]
fn what_is_done_already_is_known() {
    let mut cloud = ground();
    let create = "create-vpc-peering-connection pcc --vpc one --peer-vpc three";
    let is = |cloud: &Cloud, caller: &str, line: &str| cloud.already(&operation(caller, line));
    assert!(!is(&cloud, "A", create) && is(&cloud, "A", "delete-vpc-peering-connection pcc"));
    cloud.run("A", create);
    assert!(is(&cloud, "A", create) && !is(&cloud, "B", "accept-vpc-peering-connection pcc"));
    cloud.run("B", "accept-vpc-peering-connection pcc");
    assert!(is(&cloud, "B", "accept-vpc-peering-connection pcc"));
    assert!(!is(&cloud, "A", "accept-vpc-peering-connection pcc") && !is(&cloud, "A", "pass-time 7d"));
    assert!(!is(&cloud, "B", "reject-vpc-peering-connection pcc"));
    cloud.run("A", "create-vpc-peering-connection far --vpc one --peer-vpc two --bandwidth 10Mbit");
    assert!(is(&cloud, "A", "modify-vpc-peering-connection far --bandwidth 10Mb"));
    assert!(!is(&cloud, "A", "create-vpc-peering-connection far --vpc one --peer-vpc two --bandwidth 20Mbit"));
}

#[test]
fn an_explicit_id_may_be_that_of_the_dead_one() {
    let mut cloud = ground();
    let create = "create-vpc-peering-connection pcc --vpc one --peer-vpc three --id pcc-a1";
    cloud.run("A", create);
    assert_eq!(
        cloud.code("A", "create-vpc-peering-connection q --vpc near --peer-vpc three --id pcc-a1"),
        "AlreadyExists"
    );
    cloud.run("B", "reject-vpc-peering-connection pcc");
    cloud.run("A", create);
    assert_eq!(cloud.end("pcc").id.0.as_ref(), "pcc-a1");
    cloud.check_invariants().unwrap();
}
