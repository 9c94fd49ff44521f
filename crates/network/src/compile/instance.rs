//! An instance's namespace: an ordinary host with one link.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::super::model::{LinkName, Lost, MAIN_TABLE, Namespace, Neighbour, Role, Route, RouteTo, group};
use super::super::ruleset::{
    Chain, ChainKind, Family, Field, Hook, HookPoint, Policy, Rule, Ruleset, Statement, Table,
};
use super::layout::{Home, VpcLayout};
use super::names::{INSTANCE_INDEX, INSTANCE_LINK, LO, LinkId};
use super::packet::UNREACHABLE;
use super::{forward, nat, wire};
use crate::flow::Reason;

/// Sysctls that an instance needs. A new namespace inherits the first one from the host, which may be a router.
const SYSCTLS: [(&str, &str); 2] = [("ipv4/ip_forward", "0"), ANYBODY_MAY_PING];

/// By default a new namespace lets no group open a ping socket, and in some distributions `ping` has no capability.
pub const ANYBODY_MAY_PING: (&str, &str) = ("ipv4/ping_group_range", "0\t2147483647");

/// The namespace of an instance.
pub fn namespace(vpc: &VpcLayout, home: &Home) -> Namespace {
    let subnet = vpc.bridge_of(home.instance).subnet;
    let ip = home.instance.ip;
    let name = LinkName::from(INSTANCE_LINK);
    let id = LinkId { name: name.clone(), index: INSTANCE_INDEX, altname: None };
    let mut link = wire::end(&id, wire::mac_of(ip), vpc.vpc.mtu, group::NONE, vpc.namespace(), home.port.name.clone());
    link.addresses = [Ipv4Net::new_assert(ip, subnet.cidr.prefix_len())].into();
    // The instance reaches even its own subnet through the gateway, so that groups apply within a subnet too.
    let default = Route {
        table: MAIN_TABLE,
        destination: Ipv4Net::default(),
        to: RouteTo::Gateway { gateway: subnet.gateway, link: name.clone() },
    };
    let gateway = Neighbour { link: name.clone(), ip: subnet.gateway, mac: wire::mac_of(subnet.gateway) };
    Namespace {
        role: Role::Instance,
        sysctls: if home.is_hop { SYSCTLS.into_iter().chain(forward::SYSCTLS).collect() } else { SYSCTLS.into() },
        links: BTreeMap::from([(LinkName::from(LO), wire::loopback()), (name, link)]),
        routes: [default].into(),
        neighbours: [gateway].into(),
        rules: BTreeSet::new(),
        forwarding: BTreeSet::new(),
        lost: Lost::default(),
        ruleset: ruleset(home),
    }
}

fn ruleset(home: &Home) -> Ruleset {
    let (name, table) = match home.nat {
        Some(nat) => ("nat-gateway", nat::table(home, nat)),
        None if !home.instance.runs() => ("instance", stopped()),
        None if home.is_hop => ("instance", forward::table(home.instance)),
        None => return Ruleset::default(),
    };
    Ruleset { tables: [((Family::Ip, name.to_owned()), table)].into() }
}

/// A stopped instance takes nothing, not even from itself.
fn stopped() -> Table {
    let reason = Reason::InstanceStopped.as_str();
    let mut table = Table::default();
    table.counters.insert(reason.to_owned());
    let drops = Rule::of([Statement::counter(reason), Statement::drop()]);
    // What a router says about a packet that it sent is no packet of a flow.
    let error =
        [Statement::is(Field::TransportProtocol, 1_u8), Statement::is(Field::IcmpType, UNREACHABLE), Statement::drop()];
    let error = Rule::of(error).comment("errors about a flow");
    let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Input, priority: 0, policy: Policy::Accept };
    table.chain("input", Chain::base(hook, [error, drops]));
    table
}
