//! Results of compiling a Cloud.

mod properties;
mod tracked;
mod well_formed;

use super::super::model::{LinkKind, LinkName, Namespace, Network};
use super::super::ruleset::Family;
use super::compile;
use crate::cloud::{Account, AccountName, Allow, Cloud, Id, Operation, Origin, Provider};

/// A cloud of two accounts, after the lines: `ACCOUNT: OPERATION…`. None may be refused.
fn cloud(provider: &str, lines: &str) -> Cloud {
    let mut cloud = empty(provider);
    then(&mut cloud, lines);
    cloud
}

fn empty(provider: &str) -> Cloud {
    let accounts = ["A", "B"].map(|name| Account { name: name.parse().unwrap(), id: Id(name.repeat(8).into()) });
    Cloud::new(Provider::named(provider).unwrap(), Allow::default(), accounts.into())
}

/// Runs more lines.
fn then(cloud: &mut Cloud, lines: &str) {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let operation = operation(line);
        if let Err(refusal) = cloud.apply(&operation) {
            panic!("{line}: {refusal:?}");
        }
    }
}

fn operation(line: &str) -> Operation {
    let (caller, call) = line.split_once(": ").unwrap();
    let call = call.parse().unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
    Operation { caller: caller.parse::<AccountName>().unwrap(), call, origin: Origin::Provider }
}

/// Two VPCs of two accounts, peered, with a route on each side; ecs-a2 and ecs-b have public addresses.
const PAIR: &str = "
    A: create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16
    A: create-subnet vsw-1 --vpc VPC1 --cidr 192.168.1.0/24
    A: create-subnet vsw-2 --vpc VPC1 --cidr 192.168.2.0/24
    A: create-security-group sg-a --vpc VPC1
    A: create-instance ecs-a --subnet VPC1/vsw-1 --ip 192.168.1.10 --security-group sg-a
    A: create-instance ecs-a2 --subnet VPC1/vsw-2 --ip 192.168.2.10 --public-ip 203.0.113.12
    B: create-vpc VPC2 --region cn-qingdao --cidr 172.16.0.0/16
    B: create-subnet vsw-1 --vpc VPC2 --cidr 172.16.1.0/24
    B: create-security-group sg-b --vpc VPC2
    B: create-instance ecs-b --subnet VPC2/vsw-1 --ip 172.16.1.10 --public-ip 203.0.113.20 --security-group sg-b
    A: create-router-interface ri-a --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-qingdao
    B: create-router-interface ri-b --vpc VPC2 --role acceptor --opposite-region cn-qingdao
    A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router VPC2
    B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router VPC1
    A: connect-router-interface ri-a
    A: create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ri-a
    B: create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-b
";

/// The same with everything that a Cloud can contain.
const MORE: &str = "
    A: create-route-table rtb-1 --vpc VPC1
    A: associate-route-table rtb-1 --subnet VPC1/vsw-2
    A: create-route-entry --table rtb-1 --destination 172.16.1.0/24 --next-hop ri-a
    A: authorize-security-group sg-a --protocol tcp --port 22/22 --cidr 172.16.0.0/16
    A: authorize-security-group sg-a --protocol icmp --group sg-b --group-account B
    A: authorize-security-group-egress sg-a --protocol tcp --port 25/25 --cidr 0.0.0.0/0 --policy drop
    A: create-nat-gateway ngw --subnet VPC1/vsw-2 --public-ip 203.0.113.30
    A: create-snat-entry ngw --cidr 192.168.1.0/24
    A: create-dnat-entry ngw --protocol tcp --port 8022 --to 192.168.1.10 --to-port 22
    A: create-route-entry --vpc VPC1 --destination 0.0.0.0/0 --next-hop ngw
";

fn namespace<'a>(network: &'a Network, name: &str) -> &'a Namespace {
    network.namespaces.get(name).unwrap_or_else(|| panic!("there is no namespace {name}"))
}

/// The rules of a chain of the table `vpc`, as `nft` would print them.
fn chain(namespace: &Namespace, name: &str) -> Vec<String> {
    let chains = &namespace.ruleset.tables[&(Family::Ip, "vpc".into())].chains;
    let chain = chains.get(name).unwrap_or_else(|| panic!("no chain {name} among {:?}", chains.keys()));
    chain.rules.iter().map(ToString::to_string).collect()
}

/// The elements of a set or map of the table `vpc`.
fn set(namespace: &Namespace, name: &str) -> Vec<String> {
    let sets = &namespace.ruleset.tables[&(Family::Ip, "vpc".into())].sets;
    let set = sets.get(name).unwrap_or_else(|| panic!("no set {name} among {:?}", sets.keys()));
    let value = |value: &super::super::ruleset::Value| match value {
        super::super::ruleset::Value::Number(index) => {
            namespace.links.iter().find(|(_, link)| link.index == *index).unwrap().0.to_string()
        }
        other => other.to_string(),
    };
    set.elements.keys().map(|key| key.iter().map(value).collect::<Vec<_>>().join(" . ")).collect()
}

/// The routes of the table that serves what comes in by `bridge`, without their table.
fn routes(namespace: &Namespace, bridge: &str) -> Vec<String> {
    let rule = namespace.rules.iter().find(|rule| rule.input.as_str() == bridge && rule.source.is_none()).unwrap();
    routes_of(namespace, rule.table)
}

fn routes_of(namespace: &Namespace, table: u32) -> Vec<String> {
    let routes = namespace.routes.iter().filter(|route| route.table == table);
    routes.map(|route| route.to_string().replace(&format!(" table {table}"), "")).collect()
}

#[test]
fn a_vpc_is_a_router_with_a_bridge_for_each_subnet_and_a_port_for_each_instance() {
    let network = compile(&cloud("alibaba", PAIR));
    let names: Vec<_> = network.namespaces.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["VPC1", "VPC2", "ecs-a", "ecs-a2", "ecs-b", "internet"]);
    let vpc1 = namespace(&network, "VPC1");
    let links: Vec<_> = vpc1.links.keys().map(ToString::to_string).collect();
    assert_eq!(links, ["ecs-a", "ecs-a2", "internet", "lo", "ri-a", "vsw-1", "vsw-2"]);
    let LinkKind::Veth { bridge, peer_namespace, .. } = &vpc1.links["ecs-a"].kind else { panic!("no veth") };
    assert_eq!((bridge.as_ref().map(LinkName::as_str), peer_namespace.as_str()), (Some("vsw-1"), "ecs-a"));
    assert_eq!(
        namespace(&network, "ecs-a").to_string().lines().collect::<Vec<_>>()[1..],
        [
            "sysctl ipv4/ping_group_range = 0\t2147483647",
            "link eth0 index 2 type veth peer ecs-a in VPC1 address 02:00:c0:a8:01:0a inet 192.168.1.10/24",
            "link lo index 1 type loopback",
            "route 0.0.0.0/0 via 192.168.1.253 dev eth0 table 254",
            "neighbour 192.168.1.253 dev eth0 mac 02:00:c0:a8:01:fd",
        ]
    );
}

#[test]
fn a_subnet_looks_up_the_table_that_serves_it() {
    let mut cloud = cloud("alibaba", PAIR);
    let local = ["192.168.1.0/24 dev vsw-1", "192.168.2.0/24 dev vsw-2"].map(String::from);
    let by_peering = ["0.0.0.0/0 via 192.0.2.1 dev lo", "172.16.0.0/16 via 169.254.0.1 dev ri-a"].map(String::from);
    let before = compile(&cloud);
    let all = [by_peering, local.clone()].concat();
    assert_eq!(routes(namespace(&before, "VPC1"), "vsw-1"), all);
    assert_eq!(routes(namespace(&before, "VPC1"), "vsw-2"), all);

    then(
        &mut cloud,
        "A: create-route-table rtb-1 --vpc VPC1
         A: associate-route-table rtb-1 --subnet VPC1/vsw-2
         A: create-route-entry --table rtb-1 --destination 0.0.0.0/0 --next-hop ri-a
         A: create-route-entry --table rtb-1 --destination 10.0.0.0/8 --next-hop ecs-a",
    );
    let after = compile(&cloud);
    assert_eq!(routes(namespace(&after, "VPC1"), "vsw-1"), all, "the other subnet's table is as it was");
    let custom = ["0.0.0.0/0 via 169.254.0.1 dev ri-a", "10.0.0.0/8 via 192.0.2.6 dev lo"].map(String::from);
    assert_eq!(routes(namespace(&after, "VPC1"), "vsw-2"), [custom, local].concat());
}

#[test]
fn what_comes_in_by_a_peering_is_delivered_or_dropped() {
    let network = compile(&cloud("alibaba", PAIR));
    assert_eq!(
        routes_of(namespace(&network, "VPC2"), 254),
        ["0.0.0.0/0 via 192.0.2.3 dev lo", "172.16.0.0/16 via 192.0.2.5 dev lo", "172.16.1.0/24 dev vsw-1",]
    );
}

#[test]
fn a_peering_is_a_shaped_wire_while_it_carries_packets() {
    let mut cloud = cloud("alibaba", PAIR);
    let active = compile(&cloud);
    for (vpc, end) in [("VPC1", "ri-a"), ("VPC2", "ri-b")] {
        let rate = namespace(&active, vpc).links[end].shaping.rate.unwrap();
        assert_eq!(rate.0, 2_000_000, "{end}");
    }
    then(&mut cloud, "B: deactivate-router-interface ri-b");
    let inactive = compile(&cloud);
    for (vpc, end, destination) in [("VPC1", "ri-a", "172.16.0.0/16"), ("VPC2", "ri-b", "192.168.0.0/16")] {
        let vpc = namespace(&inactive, vpc);
        assert!(!vpc.links.contains_key(end), "{end}");
        assert!(routes(vpc, "vsw-1").contains(&format!("{destination} via 192.0.2.2 dev lo")), "{end}");
    }
    then(&mut cloud, "B: activate-router-interface ri-b");
    assert_eq!(compile(&cloud), active);
}

#[test]
fn jd_delivers_its_whole_block_itself() {
    let network = compile(&cloud(
        "jdcloud",
        "A: create-vpc V --region cn-south-1 --cidr 10.0.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.1.0/24
         A: create-instance i --subnet V/s",
    ));
    let routes = routes(namespace(&network, "V"), "s");
    assert!(routes.contains(&"10.0.0.0/16 via 192.0.2.5 dev lo".to_owned()), "{routes:?}");
    assert!(routes.contains(&"0.0.0.0/0 via 192.0.2.4 dev lo".to_owned()), "no public address: {routes:?}");
}

#[test]
fn a_subnet_that_is_its_whole_vpc_is_delivered() {
    let network = compile(&cloud(
        "jdcloud",
        "A: create-vpc V --region cn-south-1 --cidr 10.0.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.0.0/16",
    ));
    let v = namespace(&network, "V");
    assert!(routes(v, "s").contains(&"10.0.0.0/16 dev s".to_owned()));
    assert!(routes_of(v, 254).contains(&"10.0.0.0/16 dev s".to_owned()));
}

#[test]
fn rules_of_all_groups_are_one_list_by_priority_and_drop_wins_a_tie() {
    let mut cloud = cloud("alibaba", PAIR);
    then(
        &mut cloud,
        "A: create-security-group sg-c --vpc VPC1 --inner-access drop
         A: join-security-group ecs-a --group sg-c
         A: authorize-security-group sg-a --protocol tcp --port 22/22 --cidr 10.0.0.0/16 --priority 2
         A: authorize-security-group sg-a --protocol udp --port 8000/8999 --cidr 10.1.2.3/32
         A: authorize-security-group sg-c --protocol all --cidr 0.0.0.0/0 --policy drop --priority 2
         A: authorize-security-group sg-c --protocol gre --cidr 0.0.0.0/0 --priority 1",
    );
    let network = compile(&cloud);
    let vpc1 = namespace(&network, "VPC1");
    assert_eq!(
        chain(vpc1, "ingress/sg-a/sg-c"),
        [
            r#"ip saddr 10.1.2.3 meta l4proto udp th dport 8000-8999 counter accept comment "sg-a: accept udp 8000/8999 from 10.1.2.3/32 priority 1""#,
            r#"meta l4proto gre counter accept comment "sg-c: accept gre from 0.0.0.0/0 priority 1""#,
            r#"counter counter name "ingress-security-group" drop comment "sg-c: drop all from 0.0.0.0/0 priority 2""#,
            r#"ip saddr 10.0.0.0/16 meta l4proto tcp th dport 22 counter accept comment "sg-a: accept tcp 22/22 from 10.0.0.0/16 priority 2""#,
            r#"iif . ip saddr @from/sg-a counter accept comment "sg-a: inner access""#,
            r#"counter name "ingress-security-group" drop comment "no rule accepts it""#,
        ]
    );
    assert_eq!(set(vpc1, "from/sg-a"), ["vsw-1 . 192.168.1.10"]);
    assert!(!vpc1.ruleset.to_string().contains("from/sg-c"), "sg-c isolates its members");
}

#[test]
fn egress_returns_where_it_accepts_and_is_left_out_where_nothing_is_said() {
    let mut cloud = cloud("alibaba", PAIR);
    let network = compile(&cloud);
    let without = namespace(&network, "VPC1");
    assert!(set(without, "egress-chain").is_empty());
    then(
        &mut cloud,
        "A: authorize-security-group-egress sg-a --protocol tcp --port 443 --cidr 10.0.0.0/8
         A: authorize-security-group-egress sg-a --protocol all --cidr 0.0.0.0/0 --policy drop --priority 100",
    );
    let network = compile(&cloud);
    let vpc1 = namespace(&network, "VPC1");
    assert_eq!(set(vpc1, "egress-chain"), ["192.168.1.10"]);
    assert_eq!(
        chain(vpc1, "egress/sg-a"),
        [
            r#"ip daddr 10.0.0.0/8 meta l4proto tcp th dport 443 counter return comment "sg-a: accept tcp 443/443 to 10.0.0.0/8 priority 1""#,
            r#"counter counter name "egress-security-group" drop comment "sg-a: drop all to 0.0.0.0/0 priority 100""#,
        ]
    );
}

#[test]
fn a_group_as_the_source_is_its_members_behind_the_link_that_leads_to_them() {
    let mut cloud = cloud("alibaba", PAIR);
    then(
        &mut cloud,
        "A: authorize-security-group sg-a --protocol icmp --group sg-b --group-account B
         A: authorize-security-group-egress sg-a --protocol icmp --group sg-b --group-account B",
    );
    let network = compile(&cloud);
    let vpc1 = namespace(&network, "VPC1");
    assert_eq!(set(vpc1, "from/sg-b"), ["ri-a . 172.16.1.10"]);
    // Not `lo`: if no route leads to the members, the rule does not apply to them.
    assert_eq!(set(vpc1, "to/sg-b"), ["ri-a . 172.16.1.10"]);

    then(&mut cloud, "A: deactivate-router-interface ri-a");
    let stale = compile(&cloud);
    let text = namespace(&stale, "VPC1").ruleset.to_string();
    assert!(!text.contains("sg-b"), "a stale rule matches nothing: {text}");
}

#[test]
fn instances_in_the_same_groups_share_their_chains() {
    let mut cloud = cloud("alibaba", PAIR);
    then(&mut cloud, "A: create-instance ecs-a3 --subnet VPC1/vsw-2 --security-group sg-a");
    let network = compile(&cloud);
    let chains = &namespace(&network, "VPC1").ruleset.tables[&(Family::Ip, "vpc".into())].chains;
    let ingress: Vec<_> = chains.keys().filter(|name| name.starts_with("ingress/")).collect();
    assert_eq!(ingress, ["ingress/VPC1/default", "ingress/sg-a"]);
}

#[test]
fn public_addresses_are_mapped_one_to_one() {
    let network = compile(&cloud("alibaba", PAIR));
    let vpc1 = namespace(&network, "VPC1");
    assert_eq!(set(vpc1, "public"), ["192.168.2.10"]);
    assert_eq!(set(vpc1, "to-public"), ["192.168.2.10"]);
    assert_eq!(set(vpc1, "to-private"), ["203.0.113.12"]);
    let internet = namespace(&network, "internet");
    assert_eq!(
        routes_of(internet, 255),
        ["local 0.0.0.0/0 dev lo", "203.0.113.12/32 dev VPC1", "203.0.113.20/32 dev VPC2",]
    );
}

#[test]
fn an_answer_by_a_peering_is_not_taken_for_one_from_the_internet() {
    let network = compile(&cloud("alibaba", PAIR));
    let vpc2 = namespace(&network, "VPC2");
    let rules = [
        r#"iifgroup 2 ip daddr 172.16.0.0/16 accept"#,
        r#"iifgroup 2 goto not-transitive comment "public addresses are mapped where the internet comes in""#,
    ];
    assert_eq!(chain(vpc2, "from-peerings"), rules);
}

/// Rules know what an instance passes on by its hardware address, and where it goes by the next hop. A VPC whose instances
/// forward nothing has no such rule.
#[test]
fn an_instance_that_forwards_is_a_next_hop_and_costs_nothing_elsewhere() {
    let mut cloud = cloud("alibaba", PAIR);
    let before = compile(&cloud);
    then(&mut cloud, "A: modify-instance ecs-a2 --forwards true");
    assert_eq!(compile(&cloud), before, "no route leads to it");
    then(&mut cloud, "A: create-route-entry --vpc VPC1 --destination 10.0.0.0/8 --next-hop ecs-a2");
    let after = compile(&cloud);
    assert_eq!(namespace(&after, "VPC2"), namespace(&before, "VPC2"));
    let to_it = "10.0.0.0/8 via 192.168.2.10 dev vsw-2".to_owned();
    assert!(routes(namespace(&after, "VPC1"), "vsw-1").contains(&to_it));
    assert_eq!(namespace(&after, "ecs-a2").sysctls["ipv4/ip_forward"], "1");
    assert_eq!(namespace(&after, "ecs-a").sysctls, namespace(&before, "ecs-a").sysctls);
    let forward = chain(namespace(&after, "VPC1"), "forward");
    for rule in ["iifgroup 1 ether saddr vmap @egress-chain", "oifgroup 1 rt ip nexthop vmap @ingress-chain"] {
        assert!(forward.iter().any(|it| it == rule), "{forward:#?}");
    }
    then(&mut cloud, "A: stop-instance ecs-a2");
    let stopped = compile(&cloud);
    assert!(routes(namespace(&stopped, "VPC1"), "vsw-1").contains(&"10.0.0.0/8 via 192.0.2.7 dev lo".to_owned()));
}

#[test]
fn a_public_address_leads_out_whatever_the_table_says_of_what_is_not_private() {
    let mut cloud = cloud("alibaba", PAIR);
    then(
        &mut cloud,
        "A: create-route-entry --vpc VPC1 --destination 0.0.0.0/0 --next-hop ri-a
         A: create-route-entry --vpc VPC1 --destination 10.0.0.0/7 --next-hop ecs-a
         A: create-route-entry --vpc VPC1 --destination 8.8.8.0/24 --next-hop ecs-a
         A: create-route-entry --vpc VPC1 --destination 172.20.0.0/16 --next-hop ecs-a",
    );
    let network = compile(&cloud);
    let vpc1 = namespace(&network, "VPC1");
    let own: Vec<_> = vpc1.rules.iter().filter(|rule| rule.source.is_some()).collect();
    let [rule] = own[..] else { panic!("ecs-a2 alone has a public address: {own:?}") };
    assert_eq!((rule.source, rule.input.as_str()), (Some([192, 168, 2, 10].into()), "vsw-2"));
    let expected = [
        "0.0.0.0/0 via 169.254.0.1 dev internet",
        "0.0.0.0/8 via 169.254.0.1 dev ri-a",
        "10.0.0.0/8 via 192.0.2.6 dev lo",
        "100.64.0.0/10 via 169.254.0.1 dev ri-a",
        "169.254.0.0/16 via 169.254.0.1 dev ri-a",
        "172.16.0.0/12 via 169.254.0.1 dev ri-a",
        "172.16.0.0/16 via 169.254.0.1 dev ri-a",
        "172.20.0.0/16 via 192.0.2.6 dev lo",
        "192.0.2.0/24 via 169.254.0.1 dev ri-a",
        "192.168.0.0/16 via 169.254.0.1 dev ri-a",
        "192.168.1.0/24 dev vsw-1",
        "192.168.2.0/24 dev vsw-2",
        "224.0.0.0/3 via 169.254.0.1 dev ri-a",
    ];
    assert_eq!(routes_of(vpc1, rule.table), expected);
}

#[test]
fn a_vpc_without_public_addresses_has_no_way_out() {
    let network = compile(&cloud(
        "jdcloud",
        "A: create-vpc V --region cn-south-1 --cidr 10.0.0.0/16
         A: create-subnet s --vpc V --cidr 10.0.1.0/24
         A: create-instance i --subnet V/s",
    ));
    let v = namespace(&network, "V");
    assert!(!v.links.contains_key("internet"));
    assert!(routes(v, "s").contains(&"0.0.0.0/0 via 192.0.2.4 dev lo".to_owned()));
    assert_eq!(namespace(&network, "internet").links.len(), 1);
}

#[test]
fn the_order_in_which_a_router_asks() {
    let network = compile(&cloud("alibaba", PAIR));
    let vpc1 = namespace(&network, "VPC1");
    assert_eq!(
        chain(vpc1, "forward"),
        [
            r#"oif 1 goto sink"#,
            r#"oifgroup 3 goto to-internet"#,
            r#"ct direction reply accept comment "answers ask no group""#,
            r#"ct state related accept comment "errors about a flow""#,
            r#"ct state invalid goto no-such-address comment "an answer that nobody here waits for""#,
            r#"iifgroup 1 ip saddr vmap @egress-chain"#,
            r#"oifgroup 1 ip daddr vmap @ingress-chain"#,
            r#"oifgroup 1 goto no-such-address"#,
            r#"oifgroup 2 accept comment "the other VPC asks its own groups""#,
        ]
    );
    assert_eq!(
        chain(vpc1, "sink"),
        ["ct direction original iifgroup 1 ip saddr vmap @egress-chain", "rt ip nexthop vmap @sink",]
    );
    assert_eq!(
        chain(vpc1, "to-internet")[..2],
        ["ct direction original iifgroup 1 ip saddr vmap @egress-chain", "ip saddr != @public goto no-public-ip",]
    );
    assert_eq!(chain(vpc1, "input")[0], "ct direction original iifgroup 1 ip saddr vmap @egress-chain");
}

/// docs/cloud.md §3: each instance takes one of the entries that share a destination, the better of which may be down.
#[test]
fn an_instance_sees_the_entry_that_its_address_chooses() {
    let mut cloud = cloud(
        "jdcloud",
        "A: create-vpc V --region r --cidr 10.1.0.0/16
         A: create-subnet s --vpc V --cidr 10.1.1.0/24
         A: create-instance even --subnet V/s --ip 10.1.1.10
         A: create-instance odd --subnet V/s --ip 10.1.1.11
         A: create-vpc W --region r --cidr 10.2.0.0/16
         A: create-vpc X --region r --cidr 10.3.0.0/16
         A: create-vpc-peering w --vpc V --peer-vpc-id W
         A: create-vpc-peering w-back --vpc W --peer-vpc-id V
         A: create-vpc-peering x --vpc V --peer-vpc-id X
         A: create-vpc-peering x-back --vpc X --peer-vpc-id V
         A: create-route-entry --vpc V --destination 10.2.0.0/15 --next-hop w --next-hop x --priority 7
         A: create-route-entry --vpc V --destination 10.2.0.0/15 --next-hop x",
    );
    let by = |cloud: &Cloud| {
        let network = compile(cloud);
        let vpc = namespace(&network, "V");
        let leads = |table: u32| {
            let mut routes = routes_of(vpc, table).into_iter().filter(|route| route.starts_with("10.2.0.0/15 "));
            routes.next().unwrap().rsplit(' ').next().unwrap().to_owned()
        };
        let own = |ip: &str| vpc.rules.iter().find(|rule| rule.source == Some(ip.parse().unwrap()));
        let subnet = vpc.rules.iter().find(|rule| rule.source.is_none()).unwrap();
        ["10.1.1.10", "10.1.1.11"].map(|ip| leads(own(ip).unwrap_or(subnet).table))
    };
    assert_eq!(by(&cloud), ["w", "x"]);
    then(&mut cloud, "A: delete-vpc-peering w-back");
    assert_eq!(by(&cloud), ["x", "x"]);
    then(&mut cloud, "A: delete-vpc-peering x-back");
    assert_eq!(by(&cloud), ["lo", "lo"]);
}
