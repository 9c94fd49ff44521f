//! Short versions of compiled rulesets.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use peerlab::network::ruleset::*;
use peerlab::network::ruleset_text::conntrack_state;

pub fn is(field: Field, value: Value) -> Statement {
    Statement::Is { field, value, negated: false }
}

pub fn is_not(field: Field, value: Value) -> Statement {
    Statement::Is { field, value, negated: true }
}

pub fn known(fields: &[Field], set: &str) -> Statement {
    Statement::In { fields: fields.to_vec(), set: set.into(), negated: false }
}

pub fn unknown(fields: &[Field], set: &str) -> Statement {
    Statement::In { fields: fields.to_vec(), set: set.into(), negated: true }
}

pub fn vmap(field: Field, map: &str) -> Statement {
    Statement::VerdictMap { fields: vec![field], map: map.into() }
}

pub fn counter(name: &str) -> Statement {
    Statement::Counter(name.into())
}

pub fn jump(chain: &str) -> Statement {
    Statement::Verdict(Verdict::Jump(chain.into()))
}

pub fn goto(chain: &str) -> Statement {
    Statement::Verdict(Verdict::Goto(chain.into()))
}

pub fn prefix(field: Field, network: &str) -> Statement {
    Statement::Prefix { field, network: network.parse().unwrap() }
}

pub fn ports(low: u16, high: u16) -> Statement {
    Statement::Range { field: Field::DestinationPort, low: Value::Short(low), high: Value::Short(high) }
}

pub fn ip(text: &str) -> Value {
    Value::Ip(text.parse().unwrap())
}

pub const ACCEPT: Statement = Statement::Verdict(Verdict::Accept);
pub const DROP: Statement = Statement::Verdict(Verdict::Drop);
pub const RETURN: Statement = Statement::Verdict(Verdict::Return);

pub fn ipv4() -> Statement {
    is(Field::NetfilterProtocol, Value::Byte(2))
}

pub fn tcp() -> Statement {
    is(Field::TransportProtocol, Value::Byte(6))
}

pub fn icmp() -> Statement {
    is(Field::TransportProtocol, Value::Byte(1))
}

pub fn arp() -> Statement {
    is(Field::EtherType, Value::Short(0x0806))
}

pub fn ip_in_bridge() -> Statement {
    is(Field::EtherType, Value::Short(0x0800))
}

pub fn rule(statements: &[Statement]) -> Rule {
    Rule::new(statements.to_vec(), "")
}

pub fn set(key: &[KeyType], elements: &[&[Value]]) -> Set {
    Set { key: key.to_vec(), data: None, elements: elements.iter().map(|key| (key.to_vec(), Data::None)).collect() }
}

pub fn verdict_map(key: KeyType, elements: &[(Value, Verdict)]) -> Set {
    let element = |(key, verdict): &(Value, Verdict)| (vec![*key], Data::Verdict(verdict.clone()));
    Set { key: vec![key], data: Some(DataType::Verdict), elements: elements.iter().map(element).collect() }
}

pub fn address_map(elements: &[(&str, &str)]) -> Set {
    let element = |(key, to): &(&str, &str)| (vec![ip(key)], Data::Ip(to.parse().unwrap()));
    let (key, data) = (vec![KeyType::Ipv4Address], Some(DataType::Ipv4Address));
    Set { key, data, elements: elements.iter().map(element).collect() }
}

pub fn hook(kind: ChainKind, at: HookPoint, priority: i32, policy: Policy) -> Option<Hook> {
    Some(Hook { kind, at, priority, policy })
}

pub fn chain(hook: Option<Hook>, rules: Vec<Rule>) -> Chain {
    Chain { hook, rules }
}

pub fn named<T>(things: Vec<(&str, T)>) -> BTreeMap<String, T> {
    things.into_iter().map(|(name, thing)| (name.to_string(), thing)).collect()
}

pub fn ruleset(tables: Vec<(Family, &str, Table)>) -> Ruleset {
    Ruleset { tables: tables.into_iter().map(|(family, name, table)| ((family, name.to_string()), table)).collect() }
}

/// The compiled ruleset of a VPC with two subnets, a peering and a link to the internet.
pub fn vpc() -> Ruleset {
    use Field::*;
    use conntrack_state::*;
    const REASONS: [&str; 3] = ["egress-security-group", "ingress-security-group", "no-route"];
    let reason = |name: &str| chain(None, vec![rule(&[counter(name), DROP])]);
    let state = |bits, verdict| (Value::Number(bits), verdict);
    let to = |chain: &str| Verdict::Goto(chain.into());
    let members: [&[Value]; 2] = [&[Value::Number(1), ip("10.0.0.1")], &[Value::Number(1), ip("10.0.0.2")]];
    let forward = vec![
        rule(&[is(OutputInterface, Value::Number(1)), goto("sink")]),
        rule(&[vmap(ConntrackState, "states")]),
        rule(&[is(InputGroup, Value::Number(1)), ipv4(), vmap(IpSource, "egress")]),
        rule(&[is(OutputGroup, Value::Number(1)), ipv4(), vmap(IpDestination, "ingress")]),
        rule(&[is(OutputGroup, Value::Number(2)), ACCEPT]),
    ];
    let ingress = vec![
        Rule::new(
            vec![ipv4(), known(&[InputInterface, IpSource], "members-web"), tcp(), ports(8000, 8999), ACCEPT],
            "web: accept tcp 8000/8999 from web priority 1",
        ),
        Rule::new(
            vec![ipv4(), prefix(IpSource, "10.0.0.0/16"), icmp(), ACCEPT],
            "web: accept icmp from 10.0.0.0/16 priority 1",
        ),
        rule(&[counter("ingress-security-group"), DROP]),
    ];
    let table = Table {
        counters: REASONS.map(String::from).into(),
        sets: named(vec![
            (
                "states",
                verdict_map(
                    KeyType::ConntrackState,
                    &[
                        state(INVALID, Verdict::Drop),
                        state(ESTABLISHED, Verdict::Accept),
                        state(RELATED, Verdict::Accept),
                    ],
                ),
            ),
            ("sink", verdict_map(KeyType::Ipv4Address, &[(ip("192.0.2.1"), to("no-route"))])),
            ("egress", verdict_map(KeyType::Ipv4Address, &[(ip("10.0.0.1"), Verdict::Jump("egress-1".into()))])),
            ("ingress", verdict_map(KeyType::Ipv4Address, &[(ip("10.0.0.1"), to("ingress-1"))])),
            ("members-web", set(&[KeyType::InterfaceIndex, KeyType::Ipv4Address], &members)),
        ]),
        chains: named(vec![
            ("egress-1", chain(None, vec![rule(&[RETURN])])),
            ("ingress-1", chain(None, ingress)),
            ("no-route", reason("no-route")),
            ("sink", chain(None, vec![rule(&[vmap(NextHop, "sink")])])),
            ("forward", chain(hook(ChainKind::Filter, HookPoint::Forward, 0, Policy::Drop), forward)),
        ]),
        ..Table::default()
    };
    ruleset(vec![(Family::Inet, "vpc", table)])
}

/// A ruleset whose output chain counts packets to 127.0.0.2 and 127.0.0.3, and drops the latter.
pub fn counting() -> Ruleset {
    let reason =
        |to: &str, name: &str, verdict| rule(&[ipv4(), is(Field::IpDestination, ip(to)), counter(name), verdict]);
    let rules = vec![
        rule(&[is(Field::ConntrackState, Value::Number(conntrack_state::NEW)), counter("new")]),
        reason("127.0.0.2", "seen", ACCEPT),
        reason("127.0.0.3", "no-such-address", DROP),
    ];
    let table = Table {
        counters: ["seen", "no-such-address", "new", "never"].map(String::from).into(),
        chains: named(vec![("output", chain(hook(ChainKind::Filter, HookPoint::Output, 0, Policy::Accept), rules))]),
        ..Table::default()
    };
    ruleset(vec![(Family::Inet, "vpc", table)])
}

/// 200 rules and a set of 1000 elements, as in a large VPC.
pub fn large() -> Ruleset {
    let mut ruleset = vpc();
    let table = ruleset.tables.values_mut().next().unwrap();
    let member = |i: u32| (vec![Value::Number(i % 10), Value::Ip(Ipv4Addr::from(0x0a00_0000 + i))], Data::None);
    table.sets.get_mut("members-web").unwrap().elements = (0..1000).map(member).collect();
    let port = |i: u16| {
        let known = known(&[Field::InputInterface, Field::IpSource], "members-web");
        Rule::new(vec![ipv4(), known, tcp(), is(Field::DestinationPort, Value::Short(i)), ACCEPT], format!("port {i}"))
    };
    table.chains.get_mut("ingress-1").unwrap().rules = (0..200).map(port).collect();
    ruleset
}
