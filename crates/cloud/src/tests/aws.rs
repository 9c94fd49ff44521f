//! docs/cloud.md §15: AWS.

use super::*;
use crate::message::Message;

/// Two VPCs of two accounts in one region, one more of A's there, and one of B's elsewhere.
fn vpcs() -> Cloud {
    let mut cloud = cloud("aws");
    cloud.run_all(
        "A: create-vpc V --region us-east-1 --cidr 10.0.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.1.0/24
         A: create-vpc own --region us-east-1 --cidr 10.8.0.0/16
         B: create-vpc W --region us-east-1 --cidr 172.31.0.0/16
         B: create-vpc far --region us-west-2 --cidr 192.168.0.0/16
         B: create-vpc same --region us-east-1 --cidr 10.0.128.0/17",
    );
    cloud
}

fn status(cloud: &Cloud, name: &str) -> &'static str {
    cloud.end(name).status
}

#[test]
fn one_account_must_accept_its_own_request_too() {
    let mut cloud = vpcs();
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc own");
    assert_eq!((status(&cloud, "p"), cloud.end("p").carries), ("pending-acceptance", false));
    cloud.run("A", "accept-vpc-peering-connection p");
    assert_eq!((status(&cloud, "p"), cloud.end("p").carries), ("active", true));
}

#[test]
fn a_request_names_the_accepters_account_and_region_or_fails() {
    let mut cloud = vpcs();
    for (name, arguments, state) in [
        ("a", "--peer-vpc W", "failed"),
        ("b", "--peer-vpc far --peer-account B", "failed"),
        ("c", "--peer-vpc W --peer-account B --peer-region us-west-2", "failed"),
        ("d", "--peer-vpc W --peer-account 999999999999", "failed"),
        ("e", "--peer-vpc vpc-00000000000000000 --peer-account B", "failed"),
        ("f", "--peer-vpc same --peer-account B", "failed"),
        ("g", "--peer-vpc W --peer-account 2", "pending-acceptance"),
        ("h", "--peer-vpc far --peer-account B --peer-region us-west-2", "pending-acceptance"),
    ] {
        let outcome = cloud.run("A", &format!("create-vpc-peering-connection {name} --vpc V {arguments}"));
        assert_eq!(status(&cloud, name), state, "{arguments}");
        assert_eq!(outcome.warnings.is_empty(), state != "failed", "{arguments}: {:?}", outcome.warnings);
        assert_eq!(outcome.transitions[0].states, ["initiating-request", state]);
    }
    assert_eq!(cloud.code("B", "accept-vpc-peering-connection a"), "InvalidVpcPeeringConnectionID.NotFound");
    assert_eq!(cloud.code("A", "accept-vpc-peering-connection a"), "InvalidStateTransition");
    assert_eq!(cloud.code("A", "delete-vpc-peering-connection a"), "InvalidStateTransition");
}

#[test]
fn asking_again_makes_nothing_and_asking_in_reverse_makes_a_second_that_is_not_accepted() {
    let mut cloud = vpcs();
    let ask = "--vpc V --peer-vpc W --peer-account B";
    cloud.run("A", &format!("create-vpc-peering-connection p {ask}"));
    let again = cloud.run("A", &format!("create-vpc-peering-connection q {ask}"));
    assert!(again.warnings[0].to_string().starts_with("p (pcx-"), "{:?}", again.warnings);
    assert_eq!(cloud.peering_connections().count(), 1);
    cloud.run("B", "create-vpc-peering-connection q --vpc W --peer-vpc V --peer-account A");
    cloud.run("B", "accept-vpc-peering-connection p");
    assert_eq!(cloud.code("A", "accept-vpc-peering-connection q"), "VpcPeeringConnectionAlreadyExists");
    assert_eq!(cloud.code("A", &format!("create-vpc-peering-connection r {ask}")), "VpcPeeringConnectionAlreadyExists");
}

#[test]
fn who_may_do_what() {
    let mut cloud = vpcs();
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc far --peer-account B --peer-region us-west-2");
    assert_eq!(cloud.code("A", "accept-vpc-peering-connection p"), "OperationNotPermitted");
    assert_eq!(cloud.code("A", "reject-vpc-peering-connection p"), "OperationNotPermitted");
    assert_eq!(cloud.code("B", "accept-vpc-peering-connection p --region us-east-1"), "OperationNotPermitted");
    assert_eq!(cloud.code("B", "delete-vpc-peering-connection p"), "InvalidStateTransition");
    cloud.run("B", "accept-vpc-peering-connection p --region us-west-2");
    assert_eq!(cloud.code("B", "reject-vpc-peering-connection p"), "InvalidStateTransition");
    cloud.run("B", "delete-vpc-peering-connection p");
    assert_eq!(status(&cloud, "p"), "deleted");
    assert_eq!(cloud.code("A", "delete-vpc-peering-connection p"), "InvalidStateTransition");

    let account = |name: &str, id: &str| Account { name: AccountName::trusted(name), id: Id(id.into()) };
    let all = vec![account("A", "1"), account("B", "2"), account("C", "3")];
    let mut three = Cloud::new(Provider::named("aws").unwrap(), Allow::default(), all);
    three.run_all(
        "A: create-vpc V --region us-east-1 --cidr 10.0.0.0/16
         B: create-vpc W --region us-east-1 --cidr 172.31.0.0/16
         A: create-vpc-peering-connection p --vpc V --peer-vpc W --peer-account B",
    );
    for verb in ["accept", "reject", "delete"] {
        let line = format!("{verb}-vpc-peering-connection p");
        assert_eq!(three.code("C", &line), "InvalidVpcPeeringConnectionID.NotFound", "{line}");
    }
    assert_eq!(three.code("C", "create-subnet s --vpc V --cidr 10.0.1.0/24"), "InvalidVpcID.NotFound");
}

#[test]
fn a_request_expires_after_exactly_seven_days() {
    let mut cloud = vpcs();
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc own");
    cloud.run("A", "pass-time 6d");
    cloud.run("A", "pass-time 86399s");
    assert_eq!(status(&cloud, "p"), "pending-acceptance");
    cloud.run("A", "pass-time 1s");
    assert_eq!(status(&cloud, "p"), "expired");
    assert_eq!(cloud.code("A", "accept-vpc-peering-connection p"), "InvalidStateTransition");
}

#[test]
fn a_block_that_comes_later_fails_a_request_and_is_refused_beside_an_active_one() {
    let mut cloud = vpcs();
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc W --peer-account B");
    assert_eq!(cloud.code("A", "add-cidr V --cidr 10.1.0.0/16"), "CidrConflict");
    let outcome = cloud.run("B", "add-cidr W --cidr 100.64.0.0/16");
    assert!(outcome.transitions.is_empty());
    // The blocks of a VPC are of one private range.
    assert_eq!(cloud.code("B", "add-cidr W --cidr 10.0.0.0/16"), "InvalidVpc.Range");
    assert_eq!(cloud.code("B", "add-cidr W --cidr 192.168.0.0/16"), "InvalidVpc.Range");
    cloud.run("A", "delete-vpc-peering-connection p");
    cloud.run("A", "add-cidr V --cidr 30.0.0.0/16");
    cloud.run("A", "create-vpc-peering-connection q --vpc V --peer-vpc W --peer-account B");
    let outcome = cloud.run("B", "add-cidr W --cidr 30.0.128.0/17");
    assert_eq!(
        (outcome.transitions[0].states.as_slice(), status(&cloud, "q")),
        (&["pending-acceptance", "failed"][..], "failed")
    );
    cloud.run("B", "remove-cidr W --cidr 30.0.128.0/17");
    cloud.run("A", "create-vpc-peering-connection r --vpc V --peer-vpc W --peer-account B");
    cloud.run("B", "accept-vpc-peering-connection r");
    assert_eq!(cloud.code("B", "add-cidr W --cidr 30.0.128.0/17"), "CidrConflict");
    cloud.run("B", "create-route-entry --vpc W --destination 20.0.0.0/16 --next-hop r");
    assert_eq!(cloud.code("B", "add-cidr W --cidr 20.0.0.0/16"), "CidrConflict");
    assert_eq!(cloud.code("A", "remove-cidr V --cidr 10.0.0.0/16"), "OperationNotPermitted");
    for block in ["10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"] {
        cloud.run("A", &format!("add-cidr V --cidr {block}"));
    }
    assert_eq!(cloud.code("A", "add-cidr V --cidr 10.5.0.0/16"), "CidrLimitExceeded");
}

#[test]
fn a_deleted_vpc_takes_its_connections_along() {
    let mut cloud = vpcs();
    cloud.run_all(
        "A: create-vpc-peering-connection p --vpc own --peer-vpc W --peer-account B
         B: accept-vpc-peering-connection p
         B: create-route-entry --vpc W --destination 10.8.0.0/16 --next-hop p
         A: create-vpc-peering-connection q --vpc V --peer-vpc own
         B: create-vpc-peering-connection theirs --vpc far --peer-vpc own --peer-account A --peer-region us-east-1",
    );
    assert_eq!(cloud.code("A", "delete-vpc own"), "DependencyViolation");
    cloud.run("A", "reject-vpc-peering-connection theirs");
    cloud.run("A", "delete-vpc own");
    assert_eq!((status(&cloud, "p"), status(&cloud, "q")), ("deleted", "deleted"));
    let entry = &cloud.table("W/default").entries[0];
    assert!(!cloud.takes(&entry.next_hop), "it stays, as a blackhole");
}

#[test]
fn subnets_keep_five_addresses_and_blocks_lose_their_host_bits() {
    let mut cloud = vpcs();
    cloud.run("A", "create-instance i --subnet V/s");
    assert_eq!(cloud.host("i").ip.to_string(), "10.0.1.4");
    let code = cloud.code("A", "create-instance j --subnet V/s --ip 10.0.1.3");
    assert_eq!(code, "InvalidParameterValue");
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc own");
    cloud.run("A", "create-route-entry --vpc V --destination 10.8.7.7/16 --next-hop p");
    assert_eq!(cloud.table("V/default").entries[0].destination.to_string(), "10.8.0.0/16");
    cloud.run("A", "create-vpc bits --region us-east-1 --cidr 10.9.9.9/16");
    assert_eq!(cloud.vpc(&VpcName::trusted("bits")).unwrap().cidr.to_string(), "10.9.0.0/16");
}

#[test]
fn another_table_becomes_the_main_one_and_associations_are_explicit() {
    let mut cloud = vpcs();
    cloud.run_all(
        "A: create-subnet t --vpc V --cidr 10.0.2.0/24
         A: create-route-table r --vpc V
         A: associate-route-table V/default --subnet V/t",
    );
    let serves = |cloud: &Cloud, subnet: &str| {
        let subnet = cloud.subnets().find(|it| it.name.to_string() == subnet).unwrap();
        cloud.table_of(subnet).name.to_string()
    };
    assert_eq!(cloud.code("A", "delete-route-table V/default"), "DependencyViolation");
    cloud.run("A", "set-main-route-table r");
    assert_eq!((&*serves(&cloud, "V/s"), &*serves(&cloud, "V/t")), ("r", "V/default"));
    assert_eq!(cloud.code("A", "associate-route-table r --subnet V/t"), "Resource.AlreadyAssociated");
    assert_eq!(cloud.code("A", "replace-route-table-association r --subnet V/s"), "InvalidAssociationID.NotFound");
    assert_eq!(cloud.code("A", "delete-route-table r"), "DependencyViolation");
    cloud.run("A", "replace-route-table-association r --subnet V/t");
    assert_eq!(serves(&cloud, "V/t"), "r");
    cloud.run("A", "delete-route-table V/default");
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc own");
    cloud.run("A", "create-route-entry --vpc V --destination 10.8.0.0/16 --next-hop p");
    assert_eq!(cloud.table("r").entries.len(), 1, "--vpc means the main table as it is now");
    cloud.run("A", "delete-subnet V/s");
    cloud.run("A", "delete-subnet V/t");
    cloud.run("A", "delete-vpc V");
    for provider in ["alibaba", "jdcloud"] {
        let mut other = super::cloud(provider);
        other.run("A", "create-vpc V --region r --cidr 10.0.0.0/16");
        assert_eq!(other.code("A", "set-main-route-table V/default"), "UnsupportedOperation");
    }
}

#[test]
fn every_subnet_has_the_default_acl() {
    let mut cloud = vpcs();
    let acl = |cloud: &Cloud| cloud.subnets().next().and_then(|it| cloud.acl_of(it)).map(|it| it.name.to_string());
    assert_eq!(acl(&cloud).as_deref(), Some("V/default"));
    cloud.run("A", "create-network-acl n --vpc V");
    cloud.run("A", "associate-network-acl n --subnet V/s");
    assert_eq!(acl(&cloud).as_deref(), Some("n"));
    cloud.run("A", "unassociate-network-acl n --subnet V/s");
    assert_eq!(acl(&cloud).as_deref(), Some("V/default"));
    assert_eq!(cloud.code("A", "unassociate-network-acl V/default --subnet V/s"), "InvalidParameterValue");
    assert_eq!(cloud.code("A", "delete-network-acl V/default"), "InvalidParameterValue");
    let rules: Vec<_> = cloud.network_acls().next().unwrap().entries.iter().map(ToString::to_string).collect();
    assert_eq!(rules, ["100 accept all from 0.0.0.0/0", "100 accept all to 0.0.0.0/0"]);
    assert!(!cloud.has_acls(), "no flow depends on its port");
}

#[test]
fn groups_only_accept_and_a_peers_group_needs_an_active_connection() {
    let mut cloud = vpcs();
    let rules =
        |cloud: &Cloud, group: &str| cloud.group(group).rules.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(rules(&cloud, "V/default"), ["accept all from V/default", "accept all to 0.0.0.0/0"]);
    cloud.run("A", "create-security-group g --vpc V");
    cloud.run("B", "create-security-group h --vpc W");
    assert_eq!(rules(&cloud, "g"), ["accept all to 0.0.0.0/0"]);
    for (line, code) in [
        ("authorize-security-group-egress g --protocol all --cidr 0.0.0.0/0", "InvalidPermission.Duplicate"),
        ("authorize-security-group g --protocol all --cidr 10.0.0.0/8 --policy drop", "UnsupportedOperation"),
        ("authorize-security-group g --protocol all --cidr 10.0.0.0/8 --priority 1", "UnsupportedOperation"),
        ("authorize-security-group g --protocol all --group h --group-account B", "InvalidGroup.NotFound"),
        ("create-security-group default --vpc V", "InvalidGroup.Reserved"),
        ("create-security-group g --vpc V", "InvalidGroup.Duplicate"),
        ("delete-security-group V/default", "CannotDelete"),
        ("revoke-security-group g --protocol all --cidr 10.0.0.0/8", "InvalidPermission.NotFound"),
    ] {
        assert_eq!(cloud.code("A", line), code, "{line}");
    }
    cloud.run("A", "authorize-security-group g --protocol all --group g");
    cloud.run("A", "create-vpc-peering-connection p --vpc V --peer-vpc W --peer-account B");
    let by_group = "authorize-security-group g --protocol tcp --port 22 --group h --group-account B";
    assert_eq!(cloud.code("A", by_group), "InvalidGroup.NotFound");
    cloud.run("B", "accept-vpc-peering-connection p");
    cloud.run("A", by_group);
    // The rule is stale without the connection, and good again with another one.
    let is_stale = |cloud: &Cloud| {
        let group = cloud.group("g");
        cloud.stale(group, group.rules.last().unwrap()).is_some()
    };
    assert!(!is_stale(&cloud));
    cloud.run("B", "delete-vpc-peering-connection p");
    assert!(is_stale(&cloud));
    cloud.run("B", "create-vpc-peering-connection q --vpc W --peer-vpc V --peer-account A");
    cloud.run("A", "accept-vpc-peering-connection q");
    assert!(!is_stale(&cloud));
    // A group that only another VPC's rule names can be deleted.
    let outcome = cloud.run("B", "delete-security-group h");
    assert!(outcome.warnings.iter().map(Message::to_string).any(|said| said.contains('g')), "{:?}", outcome.warnings);
    assert!(is_stale(&cloud));
}

#[test]
fn limits() {
    let mut quotas = Quotas::default();
    quotas.set(Quota::VpcsPerRegion, 100);
    let mut cloud = cloud_that("aws", Allow { quotas, ..Allow::default() });
    cloud.run("A", "create-vpc V --region us-east-1 --cidr 10.0.0.0/16");
    for n in 0..50 {
        cloud.run("A", &format!("create-vpc v{n} --region us-east-1 --cidr 172.{}.{}.0/24", 16 + n / 8, n));
        cloud.run("A", &format!("create-vpc-peering-connection p{n} --vpc V --peer-vpc v{n}"));
        cloud.run("A", &format!("accept-vpc-peering-connection p{n}"));
    }
    cloud.run("A", "create-vpc last --region us-east-1 --cidr 192.168.0.0/16");
    cloud.run("A", "create-vpc-peering-connection last --vpc V --peer-vpc last");
    let code = cloud.code("A", "accept-vpc-peering-connection last");
    assert_eq!(code, "ActiveVpcPeeringConnectionPerVpcLimitExceeded");
    for n in 0..24 {
        cloud.run("A", &format!("create-vpc-peering-connection q{n} --vpc last --peer-vpc v{n}"));
    }
    let code = cloud.code("A", "create-vpc-peering-connection more --vpc last --peer-vpc v30");
    assert_eq!(code, "OutstandingVpcPeeringConnectionLimitExceeded");

    cloud.run("A", "create-security-group g --vpc V");
    for n in 1..=60 {
        cloud.run("A", &format!("authorize-security-group g --protocol tcp --port {n} --cidr 10.0.0.0/8"));
    }
    let code = cloud.code("A", "authorize-security-group g --protocol tcp --port 61 --cidr 10.0.0.0/8");
    assert_eq!(code, "RulesPerSecurityGroupLimitExceeded");
    cloud.run("A", "authorize-security-group-egress g --protocol tcp --port 61 --cidr 10.0.0.0/8");
    cloud.run("A", "create-subnet s --vpc V --cidr 10.0.1.0/28");
    cloud.run("A", "create-instance i --subnet V/s --security-group g");
    for n in 1..5 {
        cloud.run("A", &format!("create-security-group g{n} --vpc V"));
        cloud.run("A", &format!("join-security-group i --group g{n}"));
    }
    cloud.run("A", "create-security-group g5 --vpc V");
    assert_eq!(cloud.code("A", "join-security-group i --group g5"), "SecurityGroupsPerInterfaceLimitExceeded");
    for n in 0..10 {
        cloud.run("A", &format!("create-instance i{n} --subnet V/s"));
    }
    assert_eq!(cloud.code("A", "create-instance full --subnet V/s"), "InsufficientFreeAddressesInSubnet");
    for n in 0..500 {
        let line = format!("create-route-entry --vpc V --destination 20.{}.{}.0/24 --next-hop p0", n / 250, n % 250);
        cloud.run("A", &line);
    }
    let code = cloud.code("A", "create-route-entry --vpc V --destination 30.0.0.0/16 --next-hop p0");
    assert_eq!(code, "RouteLimitExceeded");
}

/// V with a gateway, a route to it, a NAT gateway in a public subnet, and an instance with a public address.
const OPEN: &str = "
    A: create-gateway igw --vpc V
    A: create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop igw
    A: create-nat-gateway nat --subnet V/s --public-ip 203.0.113.20
    A: create-instance i --subnet V/s
    A: associate-public-ip i --public-ip 203.0.113.21";

#[test]
fn public_addresses_need_an_attached_gateway_which_stays_while_they_do() {
    let mut cloud = vpcs();
    cloud.run("A", "create-instance early --subnet V/s --public-ip 203.0.113.9");
    cloud.run("A", "create-instance late --subnet V/s");
    assert!(cloud.lacks_gateway(&VpcName::trusted("V")));
    assert_eq!(cloud.code("A", "associate-public-ip late"), "Gateway.NotAttached");
    assert_eq!(cloud.code("A", "create-nat-gateway nat --subnet V/s"), "Gateway.NotAttached");
    assert_eq!(
        cloud.code("A", "create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop internet"),
        "InvalidParameterValue"
    );
    cloud.run_all(OPEN);
    assert!(!cloud.lacks_gateway(&VpcName::trusted("V")));
    for (line, code) in [
        ("create-gateway other --vpc V", "InvalidParameterValue"),
        ("create-route-entry --vpc own --destination 0.0.0.0/0 --next-hop igw", "InvalidParameterValue"),
        ("create-route-entry --vpc own --destination 0.0.0.0/0 --next-hop nat", "InvalidParameterValue"),
        ("create-snat-entry nat --cidr 10.0.0.0/16", "UnsupportedOperation"),
        ("create-dnat-entry nat --protocol tcp --port 22 --to 10.0.1.5", "UnsupportedOperation"),
        ("delete-gateway igw", "DependencyViolation"),
        ("delete-gateway nothing", "InvalidInternetGatewayID.NotFound"),
        ("delete-nat-gateway nothing", "NatGatewayNotFound"),
        ("delete-vpc V", "DependencyViolation"),
        ("delete-subnet V/s", "DependencyViolation"),
    ] {
        assert_eq!(cloud.code("A", line), code, "{line}");
    }
    assert_eq!(cloud.code("B", "delete-gateway igw"), "InvalidInternetGatewayID.NotFound");
    assert_eq!(cloud.code("B", "delete-nat-gateway nat"), "NatGatewayNotFound");
    for line in ["release-public-ip early", "release-public-ip i", "delete-nat-gateway nat", "delete-gateway igw"] {
        cloud.run("A", line);
    }
}

#[test]
fn a_route_outlives_its_next_hop_and_is_a_blackhole() {
    let mut cloud = vpcs();
    cloud.run_all(OPEN);
    let vpc = VpcName::trusted("V");
    cloud.run_all(
        "A: release-public-ip i
         A: modify-instance i --forwards true
         A: create-route-entry --vpc V --destination 20.0.0.0/16 --next-hop i
         A: create-route-entry --vpc V --destination 30.0.0.0/16 --next-hop nat
         A: create-vpc-peering-connection p --vpc V --peer-vpc own
         A: create-route-entry --vpc V --destination 10.8.0.0/16 --next-hop p",
    );
    let states = |cloud: &Cloud| {
        let entries = cloud.table("V/default").entries.iter();
        let states = entries.map(|it| (it.destination.to_string(), cloud.route_state(&vpc, &it.next_hop).unwrap()));
        states.filter(|(_, state)| *state == "blackhole").map(|(to, _)| to).collect::<Vec<_>>()
    };
    assert_eq!(states(&cloud), ["10.8.0.0/16"]);
    cloud.run("A", "accept-vpc-peering-connection p");
    assert!(states(&cloud).is_empty());
    cloud.run("A", "stop-instance i");
    assert_eq!(states(&cloud), ["20.0.0.0/16"]);
    cloud.run("A", "start-instance i");
    let before = cloud.table("V/default").entries.iter().map(|it| it.next_hop.to_string()).collect::<Vec<_>>();
    assert!(before.contains(&"igw".to_owned()), "{before:?}");
    let mut warned = Vec::new();
    for line in ["delete-instance i", "delete-nat-gateway nat", "delete-gateway igw"] {
        warned.extend(cloud.run("A", line).warnings.iter().map(Message::to_string));
    }
    assert_eq!(states(&cloud), ["0.0.0.0/0", "20.0.0.0/16", "30.0.0.0/16"]);
    assert!(warned.iter().all(|said| said.contains("V/default")) && warned.len() == 3, "{warned:?}");
    // New ones of the same names are others, and the old routes are in the way.
    cloud.run("A", "create-gateway igw --vpc V");
    cloud.run("A", "create-instance i --subnet V/s");
    assert_eq!(states(&cloud), ["0.0.0.0/0", "20.0.0.0/16", "30.0.0.0/16"]);
    let again = "create-route-entry --vpc V --destination 0.0.0.0/0 --next-hop igw";
    assert_eq!(cloud.code("A", again), "RouteAlreadyExists");
    cloud.run("A", "delete-route-entry --vpc V --destination 0.0.0.0/0");
    cloud.run("A", again);
    // Routes keep no VPC.
    for line in ["delete-instance i", "delete-gateway igw", "delete-subnet V/s", "delete-vpc V"] {
        cloud.run("A", line);
    }
}

#[test]
fn a_lab_raises_limits() {
    let mut cloud = cloud("aws");
    for n in 0..5 {
        cloud.run("A", &format!("create-vpc v{n} --region us-east-1 --cidr 10.{n}.0.0/16"));
    }
    assert_eq!(cloud.code("A", "create-vpc more --region us-east-1 --cidr 10.9.0.0/16"), "VpcLimitExceeded");
    cloud.run("B", "create-vpc more --region us-east-1 --cidr 10.9.0.0/16");
    cloud.run("A", "create-vpc far --region us-east-2 --cidr 10.9.0.0/16");
    for n in 0..199 {
        cloud.run("A", &format!("create-route-table t{n} --vpc v0"));
        cloud.run("A", &format!("create-subnet s{n} --vpc v0 --cidr 10.0.{n}.0/28"));
    }
    assert_eq!(cloud.code("A", "create-route-table more --vpc v0"), "RouteTableLimitExceeded");
    cloud.run("A", "create-subnet last --vpc v0 --cidr 10.0.200.0/28");
    assert_eq!(cloud.code("A", "create-subnet more --vpc v0 --cidr 10.0.201.0/28"), "SubnetLimitExceeded");

    let mut quotas = Quotas::default();
    quotas.set(Quota::VpcsPerRegion, 6);
    quotas.set(Quota::RoutesPerTable, 501);
    let mut raised = cloud_that("aws", Allow { quotas, ..Allow::default() });
    for n in 0..6 {
        raised.run("A", &format!("create-vpc v{n} --region us-east-1 --cidr 10.{n}.0.0/16"));
    }
    assert_eq!(raised.code("A", "create-vpc more --region us-east-1 --cidr 10.9.0.0/16"), "VpcLimitExceeded");
    raised.run("A", "create-gateway igw --vpc v0");
    for n in 0..501 {
        let line = format!("create-route-entry --vpc v0 --destination 20.{}.{}.0/24 --next-hop igw", n / 250, n % 250);
        raised.run("A", &line);
    }
    let code = raised.code("A", "create-route-entry --vpc v0 --destination 30.0.0.0/16 --next-hop igw");
    assert_eq!(code, "RouteLimitExceeded");
}

#[test]
fn a_route_inside_the_vpc_is_for_a_whole_subnet_and_leads_to_a_middlebox() {
    let mut cloud = vpcs();
    cloud.run_all(
        "A: create-subnet middle --vpc V --cidr 10.0.3.0/24
         A: create-subnet all --vpc own --cidr 10.8.0.0/16
         A: create-instance firewall --subnet V/middle --ip 10.0.3.10 --forwards true
         A: create-instance inside --subnet own/all --forwards true
         A: create-gateway igw --vpc V
         A: create-vpc-peering-connection p --vpc V --peer-vpc own
         A: accept-vpc-peering-connection p",
    );
    for line in [
        "--vpc V --destination 10.0.1.0/25 --next-hop firewall",
        "--vpc V --destination 10.0.0.0/16 --next-hop firewall",
        "--vpc V --destination 10.0.2.0/24 --next-hop firewall",
        "--vpc V --destination 10.0.1.0/24 --next-hop p",
        "--vpc V --destination 10.0.1.0/24 --next-hop igw",
        "--vpc own --destination 10.8.0.0/16 --next-hop inside",
    ] {
        assert_eq!(cloud.code("A", &format!("create-route-entry {line}")), "InvalidParameterValue", "{line}");
    }
    let outcome = cloud.run("A", "create-route-entry --vpc V --destination 10.0.1.77/24 --next-hop firewall");
    assert!(outcome.warnings.is_empty(), "{:?}", outcome.warnings);
    cloud.run("A", "create-route-entry --vpc V --destination 10.0.3.0/24 --next-hop firewall");

    let table = cloud.table("V/default");
    let leads = |address: &str| match cloud.route_to(table, address.parse().unwrap()).map(|route| route.leads) {
        Some(Leads::Entries(entries)) => entries[0].next_hop.to_string(),
        Some(Leads::Subnet(subnet)) => subnet.name.to_string(),
        Some(Leads::Nobody(_)) => "nobody".to_owned(),
        None => "none".to_owned(),
    };
    assert_eq!(leads("10.0.1.9"), "firewall");
    // What it leads to is there.
    assert_eq!((leads("10.0.3.9").as_str(), leads("10.0.3.10").as_str()), ("firewall", "V/middle"));
    assert_eq!(leads("10.0.9.9"), "nobody");
    let middle = cloud.subnets().find(|it| it.name.to_string() == "V/middle").unwrap();
    // What stays in a subnet is no route's, and a router's own address is its own.
    for (address, subnet) in [("10.0.3.9", "V/middle"), ("10.0.1.1", "V/s")] {
        let route = cloud.route_from(middle, table, address.parse().unwrap()).unwrap();
        assert!(matches!(route.leads, Leads::Subnet(it) if it.name.to_string() == subnet), "{address}");
    }

    // Without the subnet the route stays, and precedes smaller subnets.
    cloud.run("A", "delete-subnet V/s");
    cloud.run("A", "create-subnet small --vpc V --cidr 10.0.1.0/26");
    let route = cloud.route_to(cloud.table("V/default"), "10.0.1.9".parse().unwrap()).unwrap();
    assert!(matches!(route.leads, Leads::Entries(_)));
    cloud.run("A", "delete-instance firewall");
    let entries = &cloud.table("V/default").entries;
    assert!(entries.iter().all(|entry| matches!(entry.next_hop, NextHop::Gone(_))), "{entries:?}");
}
