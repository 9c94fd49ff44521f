//! Wires: veth pairs, with the values on which both ends must agree.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::super::model::{
    LOOPBACK_MTU, Link, LinkKind, LinkName, Mac, NamespaceName, Neighbour, ONLINK, RouteTo, Shaping,
};
use super::names::{LO_INDEX, LinkId, hash};

/// The hardware address of an instance or a subnet's gateway with this address.
pub fn mac_of(ip: Ipv4Addr) -> Mac {
    let [a, b, c, d] = ip.octets();
    Mac([0x02, 0x00, a, b, c, d])
}

/// The kind of a wire's end; the two ends' hardware addresses differ by this byte.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// The port of an instance.
    Port = 1,
    /// A peering's end whose name sorts first.
    PeeringFirst = 2,
    /// A peering's other end.
    PeeringSecond = 3,
    /// The wire to the internet, at the VPC.
    Uplink = 4,
    /// The wire to the internet, at the internet's namespace.
    UplinkOutside = 5,
}

/// The hardware address of this end of the wire named `wire`.
pub fn mac_of_end(wire: &str, end: End) -> Mac {
    let [a, b, c, d] = (hash(wire) as u32).to_be_bytes();
    Mac([0x02, end as u8, a, b, c, d])
}

/// One end of a veth pair.
pub fn end(id: &LinkId, mac: Mac, mtu: u16, group: u32, peer_namespace: NamespaceName, peer: LinkName) -> Link {
    Link {
        index: id.index,
        kind: LinkKind::Veth { peer_namespace, peer, bridge: None },
        mac: Some(mac),
        altname: id.altname.clone(),
        group,
        addresses: BTreeSet::new(),
        shaping: Shaping::default(),
        mtu: mtu.into(),
        up: true,
        plain: true,
    }
}

/// `lo`, which must be up for the routes that lead to it.
pub fn loopback() -> Link {
    Link {
        index: LO_INDEX,
        kind: LinkKind::Loopback,
        mac: None,
        altname: None,
        group: super::super::model::group::NONE,
        addresses: BTreeSet::new(),
        shaping: Shaping::default(),
        mtu: LOOPBACK_MTU,
        up: true,
        plain: true,
    }
}

/// A route to the other end of an unnumbered wire.
pub fn across(link: &LinkName) -> RouteTo {
    RouteTo::Gateway { gateway: ONLINK, link: link.clone() }
}

/// The neighbour that [`across`] needs.
pub fn far_end(link: &LinkName, mac: Mac) -> Neighbour {
    Neighbour { link: link.clone(), ip: ONLINK, mac }
}
