//! Anti-spoofing: an instance may send IPv4 and ARP from its own addresses only.

use super::super::model::Mac;
use super::super::ruleset::{
    Chain, ChainKind, Data, Family, Field, Hook, HookPoint, KeyType, Policy, Rule, Set, Statement, Table, Value,
};
use super::layout::{Home, VpcLayout};
use super::wire;

const SOURCES: &str = "sources";
/// The ports of instances that forward, with their hardware addresses.
const HOPS: &str = "hops";
const SPOOFED: &str = "spoofed";
const NOT_IPV4: &str = "not-ipv4";
const MULTICAST_COUNTER: &str = "multicast";

const ETHERTYPE_IPV4: Value = Value::Short(0x0800);
const ETHERTYPE_ARP: Value = Value::Short(0x0806);

/// PACKET_MULTICAST.
const MULTICAST: Value = Value::Byte(2);

/// Before br_netfilter's hook (0), so that packets dropped here never enter conntrack. `dstnat` in a bridge.
const PRIORITY: i32 = -300;

/// The table `guard` of a VPC's bridges. It sees packets from ports, not the router's own.
pub fn table(vpc: &VpcLayout) -> ((Family, String), Table) {
    let mut sources = Set::of([KeyType::InterfaceIndex, KeyType::EtherAddress, KeyType::Ipv4Address]);
    for home in &vpc.instances {
        let mac: Mac = wire::mac_of(home.instance.ip);
        let key = vec![home.port.index.into(), mac.into(), home.instance.ip.into()];
        sources.elements.insert(key, Data::None);
    }
    let ipv4 = Statement::is(Field::EtherType, ETHERTYPE_IPV4);
    let arp = Statement::is(Field::EtherType, ETHERTYPE_ARP);
    let by_ipv4 = Statement::within([Field::InputInterface, Field::EtherSource, Field::IpSource], SOURCES);
    let in_arp = Statement::within([Field::InputInterface, Field::ArpSourceEther, Field::ArpSourceIp], SOURCES);
    let by_arp = Statement::within([Field::InputInterface, Field::EtherSource, Field::ArpSourceIp], SOURCES);
    let spoofed = [Statement::counter(SPOOFED), Statement::drop()];
    let hops: Vec<_> = vpc.instances.iter().filter(|home| home.is_hop).collect();
    let passing = (!hops.is_empty()).then(|| {
        let by_port = Statement::within([Field::InputInterface, Field::EtherSource], HOPS);
        Rule::of([ipv4.clone(), by_port, Statement::accept()]).comment("instances that forward send what others sent")
    });
    let rules = [
        Rule::of([ipv4.clone(), by_ipv4, Statement::accept()]),
        Rule::of([arp.clone(), in_arp, by_arp, Statement::accept()]),
        Rule::of([ipv4].into_iter().chain(spoofed.clone()))
            .comment("not the addresses of the instance behind the port"),
        Rule::of([arp].into_iter().chain(spoofed)).comment("not the addresses of the instance behind the port"),
        Rule::of([Statement::counter(NOT_IPV4), Statement::drop()]).comment("a VPC carries IPv4 only"),
    ];
    let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Prerouting, priority: PRIORITY, policy: Policy::Drop };
    // Link-local frames (01:80:c2:00:00:0x) skip prerouting and are delivered on the port itself, where forged ARP
    // would create neighbours in the router. The router needs no multicast at all.
    let multicast = Statement::is(Field::PacketType, MULTICAST);
    let input = [Rule::of([multicast, Statement::counter(MULTICAST_COUNTER), Statement::drop()])];
    let up = Hook { kind: ChainKind::Filter, at: HookPoint::Input, priority: PRIORITY, policy: Policy::Accept };
    let mut table = Table {
        counters: [SPOOFED, NOT_IPV4, MULTICAST_COUNTER].map(String::from).into(),
        sets: [(SOURCES.to_owned(), sources)].into(),
        chains: [
            ("prerouting".to_owned(), Chain::base(hook, passing.into_iter().chain(rules))),
            ("input".to_owned(), Chain::base(up, input)),
        ]
        .into(),
        ..Table::default()
    };
    if !hops.is_empty() {
        let mut ports = Set::of([KeyType::InterfaceIndex, KeyType::EtherAddress]);
        let key = |home: &&Home| vec![home.port.index.into(), wire::mac_of(home.instance.ip).into()];
        ports.elements.extend(hops.iter().map(|home| (key(home), Data::None)));
        table.sets.insert(HOPS.to_owned(), ports);
    }
    ((Family::Bridge, "guard".to_owned()), table)
}
