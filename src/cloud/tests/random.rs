//! Random operations by random accounts: no invariant breaks, a refused one changes nothing, and the same operations
//! give the same Cloud.

use proptest::prelude::*;

use super::*;

/// Few names and few values, so that operations meet each other: the fields are made as text, and the grammar reads them.
fn line(provider: &'static str) -> impl Strategy<Value = String> {
    let vpc = || prop::sample::select(vec!["V", "W", "X"]);
    let name = || prop::sample::select(vec!["a", "b", "c", "d", "p", "p.initiator", "V"]);
    let subnet = || prop::sample::select(vec!["V/s", "V/t", "W/s", "W/t", "X/s"]);
    let group = || prop::sample::select(vec!["g", "h", "k", "V/default", "W/default"]);
    let table = || prop::sample::select(vec!["--table t", "--table u", "--vpc V", "--vpc W", "--vpc X"]);
    let end = || prop::sample::select(vec!["a", "b", "c", "d", "p", "p.initiator", "p.acceptor"]);
    let hop = || prop::sample::select(vec!["a", "b", "c", "d", "p", "i", "j", "internet", "p.acceptor"]);
    let region = || prop::sample::select(vec!["r", "r", "r", "q"]);
    let instance = || prop::sample::select(vec!["i", "j", "l"]);
    let spec = || prop::sample::select(vec!["Mini.2", "Small.1"]);
    let account = || prop::sample::select(vec!["A", "B"]);
    let destination =
        || prop::sample::select(vec!["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "172.16.0.0/16", "192.168.1.0/24"]);
    let cidr = || prop::sample::select(vec!["10.1.0.0/16", "172.16.0.0/16", "192.168.0.0/16", "10.0.0.0/8"]);
    let sub_cidr = || {
        prop::sample::select(vec!["10.1.1.0/28", "172.16.1.0/24", "192.168.1.0/24", "10.1.0.0/16", "192.168.1.16/28"])
    };
    let rule = move || {
        let peer = prop_oneof![
            cidr().prop_map(|cidr| format!("--cidr {cidr}")),
            (group(), account()).prop_map(|(group, account)| format!("--group {group} --group-account {account}")),
        ];
        let rest = prop::sample::select(vec!["", "--policy drop", "--priority 2"]);
        (prop::sample::select(vec!["icmp", "tcp --port 22", "all"]), peer, rest)
            .prop_map(|(protocol, peer, rest)| format!("--protocol {protocol} {peer} {rest}"))
    };
    let created = prop_oneof![
        (vpc(), region(), cidr())
            .prop_map(|(name, region, cidr)| format!("create-vpc {name} --region {region} --cidr {cidr}")),
        (prop::sample::select(vec!["s", "t"]), vpc(), sub_cidr())
            .prop_map(|(name, vpc, cidr)| format!("create-subnet {name} --vpc {vpc} --cidr {cidr}")),
        (
            instance(),
            subnet(),
            prop::sample::select(vec!["", " --public-ip 203.0.113.1", " --security-group g", " --ip 192.168.1.5"])
        )
            .prop_map(|(name, subnet, rest)| format!("create-instance {name} --subnet {subnet}{rest}")),
        (prop::sample::select(vec!["t", "u", "c"]), vpc())
            .prop_map(|(name, vpc)| format!("create-route-table {name} --vpc {vpc}")),
        (prop::sample::select(vec!["g", "h", "k"]), vpc())
            .prop_map(|(name, vpc)| format!("create-security-group {name} --vpc {vpc}")),
        (table(), destination(), hop())
            .prop_map(|(table, to, hop)| { format!("create-route-entry {table} --destination {to} --next-hop {hop}") }),
    ];
    let changed = prop_oneof![
        (prop::sample::select(vec!["t", "u", "V/default"]), subnet(), prop::sample::select(vec!["", "un"]))
            .prop_map(|(table, subnet, un)| format!("{un}associate-route-table {table} --subnet {subnet}")),
        (group(), rule(), prop::sample::select(vec!["authorize", "revoke"]), prop::sample::select(vec!["", "-egress"]))
            .prop_map(|(group, rule, verb, egress)| format!("{verb}-security-group{egress} {group} {rule}")),
        (instance(), group(), prop::sample::select(vec!["join", "leave"]))
            .prop_map(|(instance, group, verb)| format!("{verb}-security-group {instance} --group {group}")),
    ];
    let deleted = prop_oneof![
        vpc().prop_map(|name| format!("delete-vpc {name}")),
        subnet().prop_map(|name| format!("delete-subnet {name}")),
        instance().prop_map(|name| format!("delete-instance {name}")),
        prop::sample::select(vec!["t", "u"]).prop_map(|name| format!("delete-route-table {name}")),
        group().prop_map(|name| format!("delete-security-group {name}")),
        (table(), destination()).prop_map(|(table, to)| format!("delete-route-entry {table} --destination {to}")),
    ];
    let interfaces = prop_oneof![
        (name(), vpc(), region(), prop::sample::select(vec!["initiator --spec Mini.2", "acceptor"])).prop_map(
            |(name, vpc, region, role)| {
                format!("create-router-interface {name} --vpc {vpc} --role {role} --opposite-region {region}")
            }
        ),
        (end(), account(), end()).prop_map(|(name, account, other)| {
            format!(
                "modify-router-interface-attribute {name} --opposite-account {account} --opposite-interface {other}"
            )
        }),
        (end(), prop::sample::select(vec!["connect", "connect", "activate", "deactivate", "delete"]))
            .prop_map(|(name, verb)| format!("{verb}-router-interface {name}")),
        (end(), spec()).prop_map(|(name, spec)| format!("modify-router-interface-spec {name} --spec {spec}")),
        (name(), vpc(), vpc())
            .prop_map(|(name, a, b)| format!("create-peering {name} --vpc {a} --peer-vpc {b} --spec Mini.2")),
    ];
    let halves = prop_oneof![
        2 => (name(), vpc(), vpc()).prop_map(|(name, a, b)| format!("create-vpc-peering {name} --vpc {a} --peer-vpc-id {b}")),
        1 => name().prop_map(|name| format!("delete-vpc-peering {name}")),
    ];
    let peerings = if provider == "alibaba" { interfaces.boxed() } else { halves.boxed() };
    prop_oneof![3 => created, 2 => changed, 1 => deleted, 4 => peerings]
}

/// What makes it likely that the random operations find something to work on.
const GROUND: &str = "A: create-vpc V --region r --cidr 10.1.0.0/16
    B: create-vpc W --region r --cidr 172.16.0.0/16
    A: create-subnet s --vpc V --cidr 10.1.1.0/28
    B: create-subnet s --vpc W --cidr 172.16.1.0/24
    A: create-instance i --subnet V/s
    B: create-security-group h --vpc W";

fn holds(provider: &'static str, operations: Vec<(bool, String)>) -> Result<(), TestCaseError> {
    let mut cloud = cloud(provider);
    cloud.run_all(GROUND);
    let mut done: Vec<_> = GROUND.lines().map(|line| line.trim().split_once(": ").unwrap()).collect();
    for (by_b, line) in &operations {
        // Most calls come from whoever can make them: the owner of the VPC W is B.
        let caller = if *by_b { "B" } else { "A" };
        let operation = operation(caller, line);
        let before = cloud.clone();
        match cloud.apply(&operation) {
            Ok(_) => {
                done.push((caller, line));
                cloud.check_invariants().map_err(|broken| TestCaseError::fail(format!("{line}: {broken}")))?;
            }
            Err(refusal) => {
                prop_assert!(cloud == before, "{} was refused and changed something", line);
                prop_assert!(Code::ALL.contains(&refusal.code));
            }
        }
    }
    let mut again = self::cloud(provider);
    for (caller, line) in done {
        prop_assert!(again.apply(&operation(caller, line)).is_ok(), "{} is refused when replayed", line);
    }
    prop_assert!(again == cloud, "a replay gives another Cloud");
    Ok(())
}

fn operations(provider: &'static str) -> impl Strategy<Value = Vec<(bool, String)>> {
    prop::collection::vec((any::<bool>(), line(provider)), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_sequence_breaks_a_cloud_of_alibaba(operations in operations("alibaba")) {
        holds("alibaba", operations)?;
    }

    #[test]
    fn no_sequence_breaks_a_cloud_of_jd_cloud(operations in operations("jdcloud")) {
        holds("jdcloud", operations)?;
    }
}
