//! Random rulesets that a kernel accepts: every name exists, and no chain leads back to itself.
//!
//! Also included by path in the tests that compare rulesets with the kernel; the including module provides the types.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{
    Chain, ChainKind, Data, DataType, Family, Field, Hook, HookPoint, KeyType, Mac, Policy, Rule, Ruleset, Set,
    Statement, Table, Value, Verdict,
};

const COUNTERS: [&str; 3] = ["no-route", "not-transitive", "spoofed"];
const CHAINS: [&str; 4] = ["egress-1", "egress-2", "ingress-1", "ingress-2"];

/// A ruleset of up to three tables.
pub(crate) fn ruleset() -> impl Strategy<Value = Ruleset> {
    let tables = (
        prop::option::weighted(0.9, inet_table()),
        prop::option::weighted(0.5, nat_table()),
        prop::option::weighted(0.5, bridge_table()),
    );
    tables.prop_map(|(vpc, nat, guard)| {
        let tables = [(Family::Inet, "vpc", vpc), (Family::Ip, "nat", nat), (Family::Bridge, "guard", guard)];
        let there = tables.into_iter().filter_map(|(family, name, table)| Some(((family, name.into()), table?)));
        Ruleset { tables: there.collect() }
    })
}

/// A table with a forward chain, chains that it leads to, maps of them and sets of members.
fn inet_table() -> impl Strategy<Value = Table> {
    let parts =
        (subsequence(&CHAINS, 0..=CHAINS.len()), subsequence(&COUNTERS, 0..=3), subsequence(&["g1", "g2"], 0..=2));
    parts.prop_flat_map(|(regular, counters, groups)| {
        let regular: Vec<String> = regular.into_iter().map(String::from).collect();
        let counters: BTreeSet<String> = counters.into_iter().map(String::from).collect();
        let groups: Vec<String> = groups.into_iter().map(String::from).collect();
        let terminal = terminal(counters.iter().cloned().collect());
        let group_sets = prop::collection::vec((member_set(), any::<bool>()), groups.len());
        let forward_rules = (statement(), lead(regular.clone()), prop::collection::vec(any::<bool>(), 2));
        let maps = (verdict_map(regular.clone()), any::<bool>());
        let bodies: Vec<_> = (0..regular.len())
            .map(|i| {
                let verdict = prop_oneof![4 => terminal.clone(), 1 => lead(regular[i + 1..].to_vec())];
                prop::collection::vec((prop::collection::vec(statement(), 0..3), verdict, comment()), 0..4)
            })
            .collect();
        let hooks = (hook(), any::<bool>());
        (Just((regular, counters, groups)), group_sets, forward_rules, maps, bodies, hooks).prop_map(
            |((regular, counters, groups), group_sets, (first, lead, uses), (map, with_map), bodies, (hook, odd))| {
                let mut table = Table { counters, ..Table::default() };
                let mut forward = vec![Rule::new(vec![first], "the first")];
                forward.push(Rule::new(lead, ""));
                for (name, (mut set, short)) in groups.iter().zip(group_sets) {
                    if short {
                        set.key.remove(0);
                        let cut = |(key, data): (Vec<Value>, Data)| (key[1..].to_vec(), data);
                        set.elements = set.elements.into_iter().map(cut).collect();
                    }
                    if uses[0] {
                        let fields = match short {
                            true => vec![Field::IpSource],
                            false => vec![Field::InputInterface, Field::IpSource],
                        };
                        let matches = Statement::In { fields, set: name.clone(), negated: uses[1] };
                        forward.push(Rule::new(vec![matches, Statement::Verdict(Verdict::Accept)], name.clone()));
                    }
                    table.sets.insert(name.clone(), set);
                }
                if with_map {
                    let statement = Statement::VerdictMap { fields: vec![Field::NextHop], map: "sink".into() };
                    forward.push(Rule::new(vec![statement], ""));
                    table.sets.insert("sink".into(), map);
                }
                for (name, rules) in regular.iter().zip(bodies) {
                    let rules = rules.into_iter().map(|(mut statements, verdict, comment)| {
                        statements.extend(verdict);
                        Rule::new(statements, comment)
                    });
                    table.chains.insert(name.clone(), Chain { hook: None, rules: rules.collect() });
                }
                // A chain that sometimes has a hook and sometimes not, so it must be recreated.
                table.chains.insert("odd".into(), Chain { hook: odd.then_some(hook), rules: vec![] });
                if !odd {
                    forward.push(Rule::new(vec![Statement::Verdict(Verdict::Goto("odd".into()))], ""));
                }
                table.chains.insert("forward".into(), Chain { hook: Some(hook), rules: forward });
                table
            },
        )
    })
}

fn nat_table() -> impl Strategy<Value = Table> {
    (addresses(), any::<bool>()).prop_map(|(addresses, both)| {
        let elements = addresses.iter().map(|ip| (vec![Value::Ip(*ip)], Data::Ip(Ipv4Addr::from(u32::from(*ip) ^ 1))));
        let (key, data) = (vec![KeyType::Ipv4Address], Some(DataType::Ipv4Address));
        let set = Set { key, data, elements: elements.collect() };
        let chain = |at, priority, statement| {
            let kind = ChainKind::Nat;
            let from = Statement::Is { field: Field::InputGroup, value: Value::Number(3), negated: false };
            let hook = Some(Hook { kind, at, priority, policy: Policy::Accept });
            Chain { hook, rules: vec![Rule::new(vec![from, statement], "")] }
        };
        let mut table = Table { sets: [("public".into(), set)].into(), ..Table::default() };
        let there = Statement::DestinationNat { field: Field::IpDestination, map: "public".into() };
        table.chains.insert("prerouting".into(), chain(HookPoint::Prerouting, -100, there));
        if both {
            let back = Statement::SourceNat { field: Field::IpSource, map: "public".into() };
            let mut chain = chain(HookPoint::Postrouting, 100, back);
            chain.rules[0].statements.remove(0);
            table.chains.insert("postrouting".into(), chain);
        }
        table
    })
}

fn bridge_table() -> impl Strategy<Value = Table> {
    (addresses(), any::<bool>()).prop_map(|(addresses, counted)| {
        let mac = |ip: &Ipv4Addr| Value::Mac(Mac([2, 0, 10, 0, 0, ip.octets()[3]]));
        let key = |ip: &Ipv4Addr| vec![Value::Number(7), mac(ip), Value::Ip(*ip)];
        let elements = addresses.iter().map(|ip| (key(ip), Data::None)).collect();
        let types = vec![KeyType::InterfaceIndex, KeyType::EtherAddress, KeyType::Ipv4Address];
        let arp = Statement::Is { field: Field::EtherType, value: Value::Short(0x0806), negated: false };
        let fields = vec![Field::InputInterface, Field::ArpSourceEther, Field::ArpSourceIp];
        let known = Statement::In { fields, set: "sources".into(), negated: false };
        let mut rules = vec![Rule::new(vec![arp, known, Statement::Verdict(Verdict::Accept)], "")];
        let mut table = Table::default();
        if counted {
            table.counters.insert("spoofed".into());
            rules.push(Rule::new(vec![Statement::Counter("spoofed".into())], "spoofed"));
        }
        table.sets.insert("sources".into(), Set { key: types, data: None, elements });
        let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Prerouting, priority: 0, policy: Policy::Drop };
        table.chains.insert("prerouting".into(), Chain { hook: Some(hook), rules });
        table
    })
}

fn hook() -> impl Strategy<Value = Hook> {
    let at = select(vec![HookPoint::Input, HookPoint::Forward, HookPoint::Output]);
    (at, -5..5i32, select(vec![Policy::Accept, Policy::Drop])).prop_map(|(at, priority, policy)| Hook {
        kind: ChainKind::Filter,
        at,
        priority,
        policy,
    })
}

fn addresses() -> impl Strategy<Value = BTreeSet<Ipv4Addr>> {
    prop::collection::btree_set((0..8u8).prop_map(|last| Ipv4Addr::new(10, 0, 0, last)), 0..6)
}

fn member_set() -> impl Strategy<Value = Set> {
    (addresses(), 1..4u32).prop_map(|(addresses, link)| {
        let key = vec![KeyType::InterfaceIndex, KeyType::Ipv4Address];
        let element = |ip: Ipv4Addr| (vec![Value::Number(link), Value::Ip(ip)], Data::None);
        Set { key, data: None, elements: addresses.into_iter().map(element).collect() }
    })
}

fn verdict_map(chains: Vec<String>) -> impl Strategy<Value = Set> {
    prop::collection::btree_map(0..6u8, lead_to(chains), 0..6).prop_map(|map| {
        let element = |(last, verdict)| (vec![Value::Ip(Ipv4Addr::new(192, 0, 2, last))], Data::Verdict(verdict));
        let elements: BTreeMap<_, _> = map.into_iter().map(element).collect();
        Set { key: vec![KeyType::Ipv4Address], data: Some(DataType::Verdict), elements }
    })
}

fn lead_to(chains: Vec<String>) -> BoxedStrategy<Verdict> {
    if chains.is_empty() {
        return select(vec![Verdict::Accept, Verdict::Drop, Verdict::Return]).boxed();
    }
    (select(chains), any::<bool>())
        .prop_map(|(chain, jump)| if jump { Verdict::Jump(chain) } else { Verdict::Goto(chain) })
        .boxed()
}

fn lead(chains: Vec<String>) -> impl Strategy<Value = Vec<Statement>> {
    lead_to(chains).prop_map(|verdict| vec![Statement::Verdict(verdict)])
}

fn terminal(counters: Vec<String>) -> impl Strategy<Value = Vec<Statement>> + Clone {
    let verdict = select(vec![Verdict::Accept, Verdict::Drop, Verdict::Return]).prop_map(Statement::Verdict);
    let counter = match counters.is_empty() {
        true => Just(Statement::Count).boxed(),
        false => select(counters).prop_map(Statement::Counter).boxed(),
    };
    (counter, verdict).prop_map(|(counter, verdict)| vec![counter, verdict])
}

fn comment() -> impl Strategy<Value = String> {
    select(vec!["", "web: accept tcp 22/22 from 10.0.0.0/16 priority 1", "组一", "no-route"]).prop_map(String::from)
}

/// A match that holds in every table of family `inet`, and each kind of it.
pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    let is = |field, value, negated| Statement::Is { field, value, negated };
    let number = select(vec![
        Field::InputInterface,
        Field::OutputInterface,
        Field::InputGroup,
        Field::OutputGroup,
        Field::ConntrackState,
        Field::ConntrackStatus,
        Field::ConntrackMark,
    ]);
    let byte = select(vec![Field::PacketType, Field::NetfilterProtocol, Field::TransportProtocol, Field::IcmpType]);
    let address = || select(vec![Field::IpSource, Field::IpDestination, Field::NextHop]);
    prop_oneof![
        (number, 1..70u32, any::<bool>()).prop_map(move |(field, n, not)| is(field, Value::Number(n), not)),
        (byte, any::<u8>(), any::<bool>()).prop_map(move |(field, n, not)| is(field, Value::Byte(n), not)),
        (any::<u16>(), any::<bool>()).prop_map(move |(n, not)| is(Field::DestinationPort, Value::Short(n), not)),
        (address(), any::<u32>(), any::<bool>()).prop_map(move |(field, ip, not)| is(
            field,
            Value::Ip(Ipv4Addr::from(ip)),
            not
        )),
        (address(), any::<u32>(), 0..=32u8).prop_map(|(field, ip, length)| {
            let network = ipnet::Ipv4Net::new(Ipv4Addr::from(ip), length).expect("a length up to 32").trunc();
            Statement::Prefix { field, network }
        }),
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| {
            let (low, high) = (Value::Short(a.min(b)), Value::Short(a.max(b)));
            Statement::Range { field: Field::DestinationPort, low, high }
        }),
        Just(Statement::Count),
        any::<u32>().prop_map(Statement::MarkFlow),
    ]
}
