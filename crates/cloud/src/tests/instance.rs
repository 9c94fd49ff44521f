//! docs/cloud.md §3 for addresses, §4 for groups.

use super::*;

fn small(provider: &str) -> Cloud {
    let mut cloud = cloud(provider);
    cloud.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
    cloud.run("A", "create-subnet s --vpc V --cidr 10.0.0.0/28");
    cloud
}

#[test]
fn the_lowest_free_address_is_taken() {
    for (provider, first) in [("alibaba", "10.0.0.1"), ("jdcloud", "10.0.0.3")] {
        let mut cloud = small(provider);
        cloud.run("A", "create-instance i --subnet V/s");
        assert_eq!(cloud.host("i").ip.to_string(), first);
        cloud.run("A", "create-instance j --subnet V/s");
        cloud.run("A", "delete-instance i");
        cloud.run("A", "create-instance k --subnet V/s");
        assert_eq!(cloud.host("k").ip.to_string(), first, "what was given back is the lowest again");
    }
}

#[test]
fn the_provider_s_own_addresses_are_refused() {
    let refused = |provider: &str, reserved: [u8; 4]| {
        for last in reserved {
            let refusal = small(provider).refuse("A", &format!("create-instance i --subnet V/s --ip 10.0.0.{last}"));
            assert_eq!((refusal.code, refusal.argument), (Code("InvalidPrivateIpAddress"), Some("ip")), "{last}");
        }
    };
    refused("alibaba", [0, 13, 14, 15]);
    refused("jdcloud", [0, 1, 2, 15]);
    let refusal = small("alibaba").refuse("A", "create-instance i --subnet V/s --ip 10.0.0.13");
    assert!(
        refusal.message.to_string().contains("gateway") && refusal.hint.to_string().starts_with("10.0.0.1 is free"),
        "{refusal}"
    );
}

#[test]
fn an_address_lies_in_its_subnet_and_is_nobody_s() {
    let mut cloud = small("alibaba");
    cloud.run("A", "create-instance i --subnet V/s --ip 10.0.0.5");
    assert_eq!(cloud.code("A", "create-instance j --subnet V/s --ip 10.0.0.5"), "InvalidPrivateIpAddress.Duplicated");
    assert_eq!(cloud.code("A", "create-instance j --subnet V/s --ip 10.0.1.5"), "InvalidPrivateIpAddress");
    assert_eq!(cloud.code("A", "create-instance j --subnet V/s --ip five"), "InvalidPrivateIpAddress");
}

#[test]
fn a_subnet_holds_so_many() {
    let mut cloud = small("jdcloud");
    for i in 0..12 {
        cloud.run("A", &format!("create-instance i{i} --subnet V/s"));
    }
    let refusal = cloud.refuse("A", "create-instance more --subnet V/s");
    assert_eq!((refusal.code, refusal.argument), (Code("QuotaExceeded"), Some("subnet")));
}

#[test]
fn a_public_address_is_public_and_nobody_s() {
    let mut cloud = small("alibaba");
    cloud.run("A", "create-instance i --subnet V/s --public-ip 203.0.113.10");
    let line = |ip: &str| format!("create-instance j --subnet V/s --public-ip {ip}");
    let taken = cloud.refuse("A", &line("203.0.113.10"));
    assert_eq!((taken.code, taken.argument), (Code("InvalidPublicIpAddress.Duplicated"), Some("public-ip")));
    for ip in [
        "10.0.0.9",
        "172.20.1.1",
        "192.168.1.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "x",
    ] {
        assert_eq!(cloud.code("A", &line(ip)), "InvalidPublicIpAddress", "{ip}");
    }
    assert_eq!(cloud.instance_at_public("203.0.113.10".parse().unwrap()).unwrap().name.as_str(), "i");
    cloud.run("A", "delete-instance i");
    assert_eq!(cloud.instance_at_public("203.0.113.10".parse().unwrap()), None);
    cloud.run("A", &line("203.0.113.10"));
}

#[test]
fn a_next_hop_cannot_be_deleted() {
    let mut cloud = small("alibaba");
    cloud.run("A", "create-instance i --subnet V/s");
    cloud.run("A", "create-route-entry --vpc V --destination 8.8.8.0/24 --next-hop i");
    assert_eq!(cloud.code("A", "delete-instance i"), "DependencyViolation.RouteEntry");
}

#[test]
fn an_instance_without_a_group_is_in_the_default_group() {
    let mut cloud = small("alibaba");
    cloud.run_all(
        "A: create-instance i --subnet V/s
         A: create-security-group g --vpc V
         A: create-security-group h --vpc V",
    );
    let groups = |cloud: &Cloud| {
        let groups = cloud.groups_of(cloud.host("i"));
        groups.iter().map(|group| group.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(groups(&cloud), "V/default");
    cloud.run("A", "join-security-group i --group g");
    assert_eq!(groups(&cloud), "g");
    cloud.run("A", "join-security-group i --group V/default");
    assert_eq!(groups(&cloud), "V/default g");
    cloud.run("A", "leave-security-group i --group g");
    assert_eq!(cloud.host("i").groups.len(), 0, "in the default group alone: one form only");
    assert_eq!(cloud.code("A", "join-security-group i --group V/default"), "InvalidInstanceId.AlreadyExists");
    cloud.run("A", "join-security-group i --group h");
    assert_eq!(cloud.code("A", "join-security-group i --group h"), "InvalidInstanceId.AlreadyExists");
    assert_eq!(groups(&cloud), "h");
    assert_eq!(cloud.code("A", "leave-security-group i --group g"), "InvalidSecurityGroupAssociation.NotFound");
    let outcome = cloud.run("A", "leave-security-group i --group h");
    assert!(outcome.warnings[0].to_string().contains("V/default"), "{:?}", outcome.warnings);
    let members = |name: &str| cloud.members(cloud.group(name)).count();
    assert_eq!((members("V/default"), members("h")), (1, 0));
}

#[test]
fn groups_are_of_the_same_vpc_and_five_at_most() {
    let mut cloud = small("alibaba");
    cloud.run_all("A: create-vpc W --region r --cidr 10.0.0.0/16\nA: create-security-group w --vpc W\nA: create-instance i --subnet V/s");
    assert_eq!(cloud.code("A", "join-security-group i --group w"), "InvalidInstanceId.Mismatch");
    assert_eq!(cloud.code("A", "create-instance j --subnet V/s --security-group w"), "InvalidInstanceId.Mismatch");
    for i in 1..=6 {
        cloud.run("A", &format!("create-security-group g{i} --vpc V"));
    }
    let all = (1..=6).map(|i| format!(" --security-group g{i}")).collect::<String>();
    let refusal = cloud.refuse("A", &format!("create-instance j --subnet V/s{all}"));
    assert_eq!((refusal.code, refusal.argument), (Code("InstanceSecurityGroupLimitExceeded"), Some("security-group")));
    for i in 1..=5 {
        cloud.run("A", &format!("join-security-group i --group g{i}"));
    }
    assert_eq!(cloud.code("A", "join-security-group i --group g6"), "InstanceSecurityGroupLimitExceeded");
}

/// A lab of thousands of instances is built quickly, without linear searches.
#[test]
fn five_thousand_instances_are_built_without_a_search() {
    let operations: Vec<_> = std::iter::once(operation("A", "create-vpc V --region r --cidr 10.0.0.0/16"))
        .chain([operation("A", "create-subnet s --vpc V --cidr 10.0.0.0/16")])
        .chain((0..5000).map(|i| operation("A", &format!("create-instance i{i} --subnet V/s"))))
        .collect();
    let mut cloud = cloud("alibaba");
    for operation in &operations {
        cloud.apply(operation).unwrap();
    }
    assert_eq!(cloud.host("i4999").ip.to_string(), "10.0.19.136");
    cloud.check_invariants().unwrap();
}
