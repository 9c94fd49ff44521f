//! Every expression that peerlab writes, with the text for which `nft` writes the same.

use peerlab::network::model::Mac;
use peerlab::network::ruleset::*;
use peerlab::network::ruleset_text::{conntrack_state, conntrack_status};

use super::meant::*;

/// Each rule in `nft`'s syntax and as statements, by table and chain.
pub type Pairs = Vec<(&'static str, Vec<Statement>)>;

pub fn inet_pairs() -> Pairs {
    use Field::*;
    use conntrack_state::*;
    let state = |bits| is(ConntrackState, Value::Number(bits));
    vec![
        ("iif 1 accept", vec![is(InputInterface, Value::Number(1)), ACCEPT]),
        ("oif != 1 drop", vec![is_not(OutputInterface, Value::Number(1)), DROP]),
        ("meta pkttype multicast drop", vec![is(PacketType, Value::Byte(2)), DROP]),
        ("iifgroup 1 return", vec![is(InputGroup, Value::Number(1)), RETURN]),
        ("oifgroup 3 jump c", vec![is(OutputGroup, Value::Number(3)), jump("c")]),
        ("meta nfproto ipv6 goto c", vec![is(NetfilterProtocol, Value::Byte(10)), goto("c")]),
        ("ip saddr 10.1.2.3 accept", vec![ipv4(), is(IpSource, ip("10.1.2.3")), ACCEPT]),
        ("ip daddr != 10.1.2.3 accept", vec![ipv4(), is_not(IpDestination, ip("10.1.2.3")), ACCEPT]),
        ("ip saddr 10.0.0.0/8 accept", vec![ipv4(), prefix(IpSource, "10.0.0.0/8"), ACCEPT]),
        ("ip saddr 172.16.0.0/12 accept", vec![ipv4(), prefix(IpSource, "172.16.0.0/12"), ACCEPT]),
        ("ip daddr 10.1.0.0/16 accept", vec![ipv4(), prefix(IpDestination, "10.1.0.0/16"), ACCEPT]),
        ("ip daddr 10.1.2.0/24 accept", vec![ipv4(), prefix(IpDestination, "10.1.2.0/24"), ACCEPT]),
        ("ip saddr 0.0.0.0/0 accept", vec![ipv4(), prefix(IpSource, "0.0.0.0/0"), ACCEPT]),
        ("ip saddr & 255.255.255.255 == 10.1.2.3", vec![ipv4(), prefix(IpSource, "10.1.2.3/32")]),
        ("tcp dport 22 accept", vec![tcp(), is(DestinationPort, Value::Short(22)), ACCEPT]),
        ("tcp dport 8000-8999 accept", vec![tcp(), ports(8000, 8999), ACCEPT]),
        ("icmp type echo-request accept", vec![ipv4(), icmp(), is(IcmpType, Value::Byte(8)), ACCEPT]),
        ("meta l4proto 47 accept", vec![is(TransportProtocol, Value::Byte(47)), ACCEPT]),
        ("ct state established,related accept", vec![state(ESTABLISHED | RELATED), ACCEPT]),
        ("ct state new accept", vec![state(NEW), ACCEPT]),
        ("ct direction reply accept", vec![is(ConntrackDirection, Value::Byte(1)), ACCEPT]),
        ("ct state ! new drop", vec![is_not(ConntrackState, Value::Number(NEW)), DROP]),
        ("ct status dnat accept", vec![is(ConntrackStatus, Value::Number(conntrack_status::DNAT)), ACCEPT]),
        ("ct status ! dnat drop", vec![is_not(ConntrackStatus, Value::Number(conntrack_status::DNAT)), DROP]),
        ("ct state vmap @states", vec![vmap(ConntrackState, "states")]),
        ("rt ip nexthop vmap @sink", vec![vmap(NextHop, "sink")]),
        ("rt ip nexthop 192.0.2.1 drop", vec![is(NextHop, ip("192.0.2.1")), DROP]),
        ("ip saddr vmap @sink", vec![ipv4(), vmap(IpSource, "sink")]),
        ("ip saddr @public accept", vec![ipv4(), known(&[IpSource], "public"), ACCEPT]),
        ("ip saddr != @public drop", vec![ipv4(), unknown(&[IpSource], "public"), DROP]),
        ("iif . ip saddr @members accept", vec![ipv4(), known(&[InputInterface, IpSource], "members"), ACCEPT]),
        ("oif . ip daddr @members accept", vec![ipv4(), known(&[OutputInterface, IpDestination], "members"), ACCEPT]),
        ("counter name no-route drop", vec![counter("no-route"), DROP]),
        ("counter accept", vec![Statement::Count, ACCEPT]),
    ]
}

pub fn bridge_pairs() -> Pairs {
    use Field::*;
    let arp_fields = [InputInterface, ArpSourceEther, ArpSourceIp];
    vec![
        ("meta protocol arp accept", vec![arp(), ACCEPT]),
        (
            "meta protocol ip iif . ether saddr . ip saddr @sources accept",
            vec![ip_in_bridge(), known(&[InputInterface, EtherSource, IpSource], "sources"), ACCEPT],
        ),
        (
            "meta protocol arp iif . arp saddr ether . arp saddr ip @sources accept",
            vec![arp(), known(&arp_fields, "sources"), ACCEPT],
        ),
        ("counter name spoofed drop", vec![counter("spoofed"), DROP]),
    ]
}

pub fn nat_pairs() -> Pairs {
    let group = |field| is(field, Value::Number(3));
    let (to, from) = (Field::IpDestination, Field::IpSource);
    vec![
        (
            "iifgroup 3 dnat to ip daddr map @public",
            vec![group(Field::InputGroup), Statement::DestinationNat { field: to, map: "public".into() }],
        ),
        (
            "meta l4proto tcp dnat to 10.20.2.10:22",
            vec![
                is(Field::TransportProtocol, Value::Byte(6)),
                Statement::LeadTo { address: [10, 20, 2, 10].into(), port: 22 },
            ],
        ),
        (
            "oifgroup 3 snat to ip saddr map @public",
            vec![group(Field::OutputGroup), Statement::SourceNat { field: from, map: "public".into() }],
        ),
    ]
}

pub const SETS: &str = r#"
table inet vpc {
    counter no-route { }
    set public { type ipv4_addr; elements = { 10.0.0.1 } }
    set members { type iface_index . ipv4_addr; elements = { 1 . 10.0.0.1 } }
    map states { type ct_state : verdict; elements = { established : accept, invalid : drop } }
    map sink { type ipv4_addr : verdict; elements = { 192.0.2.1 : goto c } }
    chain c { }
"#;

pub fn pairs_as_text() -> String {
    let rules = |pairs: &[(&str, Vec<Statement>)]| {
        let line = |(i, (text, _)): (usize, &(&str, _))| format!("{text} comment \"rule {i}\"\n");
        pairs.iter().enumerate().map(line).collect::<String>()
    };
    let (inet, bridge, nat) = (rules(&inet_pairs()), rules(&bridge_pairs()), nat_pairs());
    format!(
        "{SETS}
            chain forward {{ type filter hook forward priority 0; policy drop;
                {inet} }}
        }}
        table bridge guard {{
            counter spoofed {{ }}
            set sources {{ type iface_index . ether_addr . ipv4_addr
                elements = {{ 1 . 02:00:0a:00:00:01 . 10.0.0.1 }} }}
            chain prerouting {{ type filter hook prerouting priority -300; policy accept;
                {bridge} }}
        }}
        table ip nat {{
            map public {{ type ipv4_addr : ipv4_addr; elements = {{ 203.0.113.1 : 10.0.0.1 }} }}
            chain prerouting {{ type nat hook prerouting priority -100
                {} comment \"rule 0\"
                {} comment \"rule 1\"
            }}
            chain postrouting {{ type nat hook postrouting priority 100
                {} comment \"rule 0\"
            }}
        }}
        ",
        nat[0].0, nat[1].0, nat[2].0
    )
}

pub fn pairs_as_ruleset() -> Ruleset {
    let rules = |pairs: Pairs| -> Vec<Rule> {
        let rule = |(i, (_, statements))| Rule::new(statements, format!("rule {i}"));
        pairs.into_iter().enumerate().map(rule).collect()
    };
    let mut nat = nat_pairs();
    let after = nat.split_off(2);
    let states = [
        (Value::Number(conntrack_state::ESTABLISHED), Verdict::Accept),
        (Value::Number(conntrack_state::INVALID), Verdict::Drop),
    ];
    let sink = [(ip("192.0.2.1"), Verdict::Goto("c".into()))];
    let members: [&[Value]; 1] = [&[Value::Number(1), ip("10.0.0.1")]];
    let sources: [&[Value]; 1] = [&[Value::Number(1), Value::Mac(Mac([2, 0, 10, 0, 0, 1])), ip("10.0.0.1")]];
    let vpc = Table {
        counters: ["no-route".to_string()].into(),
        sets: named(vec![
            ("public", set(&[KeyType::Ipv4Address], &[&[ip("10.0.0.1")]])),
            ("members", set(&[KeyType::InterfaceIndex, KeyType::Ipv4Address], &members)),
            ("states", verdict_map(KeyType::ConntrackState, &states)),
            ("sink", verdict_map(KeyType::Ipv4Address, &sink)),
        ]),
        chains: named(vec![
            ("c", chain(None, vec![])),
            ("forward", chain(hook(ChainKind::Filter, HookPoint::Forward, 0, Policy::Drop), rules(inet_pairs()))),
        ]),
        ..Table::default()
    };
    let source = [KeyType::InterfaceIndex, KeyType::EtherAddress, KeyType::Ipv4Address];
    let prerouting = hook(ChainKind::Filter, HookPoint::Prerouting, -300, Policy::Accept);
    let guard = Table {
        counters: ["spoofed".to_string()].into(),
        sets: named(vec![("sources", set(&source, &sources))]),
        chains: named(vec![("prerouting", chain(prerouting, rules(bridge_pairs())))]),
        ..Table::default()
    };
    let nat_hook = |at, priority| hook(ChainKind::Nat, at, priority, Policy::Accept);
    let nat = Table {
        sets: named(vec![("public", address_map(&[("203.0.113.1", "10.0.0.1")]))]),
        chains: named(vec![
            ("prerouting", chain(nat_hook(HookPoint::Prerouting, -100), rules(nat))),
            ("postrouting", chain(nat_hook(HookPoint::Postrouting, 100), rules(after))),
        ]),
        ..Table::default()
    };
    ruleset(vec![(Family::Inet, "vpc", vpc), (Family::Bridge, "guard", guard), (Family::Ip, "nat", nat)])
}
