//! docs/cloud.md §5: a call acts only on the caller's own resources.

use super::*;

/// Every reference of every call to another account's resource, on alibaba.
#[test]
fn another_account_s_things_are_forbidden() {
    let mut cloud = connected();
    cloud.run_all(
        "B: create-security-group sg-b --vpc VPC2
         B: create-route-table rt-b --vpc VPC2
         A: create-security-group sg-a --vpc VPC1
         A: create-route-table rt-a --vpc VPC1",
    );
    let before = cloud.clone();
    for line in [
        "delete-vpc VPC2",
        "create-subnet s --vpc VPC2 --cidr 172.16.9.0/24",
        "delete-subnet VPC2/vsw-2",
        "create-instance i --subnet VPC2/vsw-2",
        "create-instance i --subnet VPC1/vsw-1 --security-group sg-b",
        "delete-instance ecs-b",
        "create-route-table t --vpc VPC2",
        "delete-route-table rt-b",
        "associate-route-table rt-b --subnet VPC1/vsw-1",
        "associate-route-table rt-a --subnet VPC2/vsw-2",
        "unassociate-route-table rt-b --subnet VPC1/vsw-1",
        "unassociate-route-table rt-a --subnet VPC2/vsw-2",
        "create-route-entry --table rt-b --destination 10.0.0.0/8 --next-hop internet",
        "create-route-entry --vpc VPC2 --destination 10.0.0.0/8 --next-hop internet",
        "delete-route-entry --vpc VPC2 --destination 10.0.0.0/8",
        "create-security-group g --vpc VPC2",
        "delete-security-group sg-b",
        "authorize-security-group sg-b --protocol icmp --cidr 10.0.0.0/8",
        "authorize-security-group-egress sg-b --protocol icmp --cidr 10.0.0.0/8",
        "revoke-security-group sg-b --protocol icmp --cidr 10.0.0.0/8",
        "revoke-security-group-egress sg-b --protocol icmp --cidr 10.0.0.0/8",
        "join-security-group ecs-b --group sg-a",
        "join-security-group ecs-a --group sg-b",
        "leave-security-group ecs-b --group sg-b",
        "create-router-interface r --vpc VPC2 --role acceptor --opposite-region cn-qingdao",
        "modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router VPC1",
        "connect-router-interface ri-b",
        "activate-router-interface ri-b",
        "deactivate-router-interface ri-b",
        "delete-router-interface ri-b",
        "modify-router-interface-spec ri-b --spec Mini.2",
        "create-peering p --vpc VPC2 --peer-vpc VPC1 --spec Mini.2",
    ] {
        let refusal = cloud.refuse("A", line);
        assert_eq!(refusal.code, Code("Forbidden.NotOwner"), "{line}: {refusal}");
        assert!(
            refusal.message.to_string().contains("account B's") && refusal.argument.is_some(),
            "{line}: {refusal:?}"
        );
    }
    assert_eq!(cloud, before);
}

#[test]
fn only_accounts_of_the_lab_call() {
    assert_eq!(cloud("alibaba").code("C", "create-vpc V --region r --cidr 10.0.0.0/16"), "InvalidAccount.NotFound");
}

#[test]
fn a_next_hop_of_another_vpc_is_not_found_and_the_own_end_is_proposed() {
    let mut cloud = connected();
    let refusal = cloud.refuse("A", "create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ri-b");
    assert_eq!((refusal.code, refusal.argument), (Code("InvalidNextHop.NotFound"), Some("next-hop")));
    assert_eq!(refusal.hint, "toward VPC2 name ri-a, the end in VPC1");
}

#[test]
fn the_other_provider_s_operations_are_unsupported() {
    let half = "create-vpc-peering p --vpc V --peer-vpc-id W";
    let refusal = cloud("alibaba").refuse("A", half);
    assert_eq!(refusal.code, Code("UnsupportedOperation"));
    assert!(
        refusal.message.to_string().contains("create-vpc-peering") && refusal.message.to_string().contains("jdcloud"),
        "{refusal}"
    );
    assert_eq!(cloud("alibaba").code("A", "delete-vpc-peering p"), "UnsupportedOperation");
    for line in [
        "create-router-interface r --vpc V --role acceptor --opposite-region r",
        "modify-router-interface-attribute r --opposite-account B --opposite-interface q --opposite-router W",
        "connect-router-interface r",
        "activate-router-interface r",
        "deactivate-router-interface r",
        "delete-router-interface r",
        "modify-router-interface-spec r --spec Mini.2",
        "create-peering p --vpc V --peer-vpc W --spec Mini.2",
    ] {
        assert_eq!(cloud("jdcloud").code("A", line), "UnsupportedOperation", "{line}");
    }
}
