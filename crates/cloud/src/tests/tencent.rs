//! docs/cloud.md §16: Tencent Cloud.

use super::*;

fn vpcs() -> Cloud {
    let mut cloud = cloud("tencent");
    cloud.run_all(
        "A: create-vpc V --region ap-guangzhou --cidr 10.0.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.1.0/28
         A: create-vpc own --region ap-guangzhou --cidr 192.168.0.0/16
         B: create-vpc W --region ap-guangzhou --cidr 172.16.0.0/16
         B: create-vpc like --region ap-guangzhou --cidr 172.16.128.0/17
         B: create-vpc far --region ap-beijing --cidr 172.20.0.0/16",
    );
    cloud
}

fn status(cloud: &Cloud, name: &str) -> &'static str {
    cloud.end(name).status
}

/// The ports of a group's rules of a direction, in their order, and their places.
fn ports(cloud: &Cloud, group: &str, direction: Direction) -> Vec<(u16, u8)> {
    let group = cloud.security_group(&GroupName::trusted(group)).unwrap();
    let rules = group.rules.iter().filter(|rule| rule.direction == direction);
    rules.map(|rule| (rule.ports.map_or(0, |ports| ports.low), rule.priority)).collect()
}

#[test]
fn within_an_account_it_is_active_at_once_and_another_must_accept_in_seven_days() {
    let mut cloud = vpcs();
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc own");
    assert_eq!((status(&cloud, "p"), cloud.end("p").carries), ("ACTIVE", true));
    cloud.run("A", "create-vpc-peering-connection q --vpc V --peer-vpc W");
    assert_eq!(status(&cloud, "q"), "PENDING");
    cloud.run("A", "create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop q");
    cloud.run("A", "pass-time 7d");
    assert_eq!(status(&cloud, "q"), "EXPIRED");
    assert_eq!(cloud.code("B", "accept-vpc-peering-connection q"), "UnsupportedOperation.VpcPeerInvalidStateChange");
    // The same name again; the old entry leads to the former one.
    cloud.run("A", "create-vpc-peering-connection q --vpc V --peer-vpc W");
    cloud.run("B", "accept-vpc-peering-connection q");
    assert_eq!(status(&cloud, "q"), "ACTIVE");
    let entry = &cloud.table("V/default").entries[0];
    assert!(matches!(entry.next_hop, NextHop::Gone(_)), "{entry:?}");
    assert_eq!(cloud.code("C", "delete-vpc-peering-connection q"), "ResourceNotFound");
    cloud.run("B", "delete-vpc-peering-connection q");
    assert_eq!(status(&cloud, "q"), "DELETED");
}

#[test]
fn the_peers_of_a_vpc_must_be_apart_from_each_other() {
    let mut cloud = vpcs();
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc W");
    // Also while it is only requested, and from the other side.
    let conflict = "UnsupportedOperation.VpcPeerCidrConflict";
    assert_eq!(cloud.code("A", "create-vpc-peering-connection q --vpc V --peer-vpc like"), conflict);
    assert_eq!(cloud.code("B", "create-vpc-peering-connection q --vpc like --peer-vpc V"), conflict);
    assert_eq!(cloud.code("A", "add-cidr V --cidr 172.16.64.0/18"), "InvalidParameterValue.VpcCidrConflict");
    cloud.run("A", "create-vpc-peering-connection far --vpc V --peer-vpc far");
    // A new block of one peer that another peer has.
    assert_eq!(cloud.code("B", "add-cidr far --cidr 172.16.64.0/18"), "InvalidParameterValue.VpcCidrConflict");
    cloud.run("B", "add-cidr far --cidr 172.24.0.0/16");
    cloud.run("B", "reject-vpc-peering-connection p");
    cloud.run("A", "create-vpc-peering-connection q --vpc V --peer-vpc like");
}

#[test]
fn the_bandwidth_between_regions_is_one_of_a_list() {
    let mut cloud = vpcs();
    cloud.run("A", "create-vpc-peering-connection far --vpc V --peer-vpc far");
    let bandwidth = |cloud: &Cloud| cloud.peering_connections().find_map(|it| it.bandwidth).unwrap().to_string();
    assert_eq!(bandwidth(&cloud), "1 Gbit/s");
    cloud.run("B", "accept-vpc-peering-connection far");
    for text in ["10Mbit", "20Mbit", "50Mbit", "100Mbit", "200Mbit", "500Mbit"] {
        cloud.run("A", &format!("modify-vpc-peering-connection far --bandwidth {text}"));
        assert_eq!(bandwidth(&cloud), text.replace("Mbit", " Mbit/s"));
    }
    for text in ["30Mbit", "2Gbit", "x"] {
        let refusal = cloud.refuse("A", &format!("modify-vpc-peering-connection far --bandwidth {text}"));
        assert_eq!(refusal.code.0, "InvalidParameterValue.BandwidthOutOfRange");
    }
}

#[test]
fn rules_are_a_list_into_which_a_call_inserts() {
    let mut cloud = vpcs();
    cloud.run("A", "create-security-group g --vpc V");
    let authorize = |cloud: &mut Cloud, port: u16, more: &str| {
        cloud.run("A", &format!("authorize-security-group g --protocol tcp --port {port} --cidr 10.0.0.0/8{more}"));
    };
    authorize(&mut cloud, 1, "");
    authorize(&mut cloud, 2, "");
    cloud.run("A", "authorize-security-group-egress g --protocol tcp --port 9 --cidr 10.0.0.0/8");
    authorize(&mut cloud, 3, " --priority 1");
    authorize(&mut cloud, 4, " --priority 2");
    authorize(&mut cloud, 5, " --priority 99");
    assert_eq!(ports(&cloud, "g", Direction::Ingress), [(3, 1), (4, 2), (1, 3), (2, 4), (5, 5)]);
    assert_eq!(ports(&cloud, "g", Direction::Egress), [(9, 1)]);
    let again = "authorize-security-group g --protocol tcp --port 2 --cidr 10.0.0.0/8 --priority 1";
    assert_eq!(cloud.code("A", again), "UnsupportedOperation.DuplicatePolicy");
    cloud.run("A", "revoke-security-group g --protocol tcp --port 4 --cidr 10.0.0.0/8");
    assert_eq!(ports(&cloud, "g", Direction::Ingress), [(3, 1), (1, 2), (2, 3), (5, 4)]);
    let elsewhere = "revoke-security-group g --protocol tcp --port 3 --cidr 10.0.0.0/8 --priority 2";
    assert_eq!(cloud.code("A", elsewhere), "ResourceNotFound");
    for port in 100..196 {
        authorize(&mut cloud, port, "");
    }
    let full = "authorize-security-group g --protocol tcp --port 99 --cidr 10.0.0.0/8";
    assert_eq!(cloud.code("A", full), "LimitExceeded.SecurityGroupPolicySet");
    cloud.check_invariants().unwrap();
}

#[test]
fn an_instances_groups_are_in_the_order_of_joining() {
    let mut cloud = vpcs();
    for group in ["c", "a", "b", "d", "e", "f"] {
        cloud.run("A", &format!("create-security-group {group} --vpc V"));
    }
    cloud.run("A", "create-instance i --subnet V/s --security-group c --security-group a");
    cloud.run("A", "join-security-group i --group b");
    let groups = |cloud: &Cloud| {
        let instance = cloud.instance(&InstanceName::trusted("i")).unwrap();
        cloud.groups_of(instance).iter().map(|group| group.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(groups(&cloud), ["c", "a", "b"]);
    cloud.run("A", "leave-security-group i --group c");
    cloud.run("A", "join-security-group i --group c");
    assert_eq!(groups(&cloud), ["a", "b", "c"]);
    cloud.run_all(
        "A: join-security-group i --group d
         A: join-security-group i --group e",
    );
    assert_eq!(cloud.code("A", "join-security-group i --group f"), "LimitExceeded");
}

#[test]
fn the_default_group_lets_out_and_a_new_one_nothing() {
    let mut cloud = vpcs();
    cloud.run("A", "create-security-group g --vpc V");
    assert_eq!(ports(&cloud, "V/default", Direction::Ingress), [(0, 1), (22, 2), (80, 3), (443, 4), (3389, 5)]);
    assert_eq!(ports(&cloud, "V/default", Direction::Egress), [(0, 1)]);
    assert_eq!(ports(&cloud, "g", Direction::Egress), []);
}

#[test]
fn limits() {
    let mut cloud = cloud("tencent");
    cloud.run("A", "create-vpc hub --region ap-guangzhou --cidr 10.255.0.0/16");
    for n in 0..=10 {
        cloud.run("A", &format!("create-vpc v{n} --region ap-guangzhou --cidr 10.{n}.0.0/16"));
    }
    for n in 0..10 {
        cloud.run("A", &format!("create-vpc-peering-connection p{n} --vpc hub --peer-vpc v{n}"));
    }
    let most = "LimitExceeded.VpcPeerAvaLimitExceeded";
    assert_eq!(cloud.code("A", "create-vpc-peering-connection more --vpc hub --peer-vpc v10"), most);
    assert_eq!(cloud.code("A", "create-vpc-peering-connection more --vpc v10 --peer-vpc hub"), most);
    cloud.run("A", "create-subnet s --vpc hub --cidr 10.255.0.0/28");
    // Three of sixteen are kept: the first two, of which the second is the gateway, and the last.
    for n in 0..13 {
        cloud.run("A", &format!("create-instance i{n} --subnet hub/s"));
    }
    assert_eq!(cloud.code("A", "create-instance more --subnet hub/s"), "ResourceInsufficient.Subnet");
}
