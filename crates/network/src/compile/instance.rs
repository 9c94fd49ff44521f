//! An instance's namespace: an ordinary host with one link.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::super::model::{LinkName, Lost, MAIN_TABLE, Namespace, Neighbour, Role, Route, RouteTo, group};
use super::layout::{Home, VpcLayout};
use super::names::{INSTANCE_INDEX, INSTANCE_LINK, LO, LinkId};
use super::{forward, wire};

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
        ruleset: forward::ruleset(home),
    }
}
