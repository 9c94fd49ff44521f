//! Links and their addresses as rtnetlink messages, and back.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::RawFd;
use std::sync::Arc;

use ipnet::Ipv4Net;
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{
    AfSpecInet, AfSpecInet6, AfSpecUnspec, In6AddrGenMode, InetDevConf, InfoBridgePort, InfoData, InfoKind,
    InfoPortData, InfoPortKind, InfoVeth, LinkAttribute, LinkExtentMask, LinkFlags, LinkInfo, LinkMessage, Prop,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use crate::network::diff::Setting;
use crate::network::model::{Link, LinkName, Mac};

/// A new bridge, up.
pub(super) fn create_bridge(name: &LinkName, link: &Link) -> RouteNetlinkMessage {
    let mut message = new(name, link, true);
    message.attributes.push(LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Bridge)]));
    RouteNetlinkMessage::NewLink(message)
}

/// A new veth pair: `near` here, up, in `bridge` if that is given, and `far` in another namespace, down: veth refuses to
/// bring the far end up before the near one is there (ENOTCONN). Made where it belongs, in one message: making it here and
/// moving it takes 40 ms, this 0.3.
pub(super) fn create_veth(
    near: (&LinkName, &Link),
    bridge: Option<u32>,
    far: (&LinkName, &Link),
    far_namespace: RawFd,
) -> RouteNetlinkMessage {
    // A queue each: the kernel would make one for each processor, and an entry in sysfs for each (a seventh of `up`).
    let one_queue = || [LinkAttribute::NumTxQueues(1), LinkAttribute::NumRxQueues(1)];
    let mut peer = new(far.0, far.1, false);
    peer.attributes.extend(one_queue());
    peer.attributes.push(LinkAttribute::NetNsFd(far_namespace));
    let mut message = new(near.0, near.1, true);
    message.attributes.extend(one_queue());
    message.attributes.extend(bridge.map(LinkAttribute::Controller));
    message.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
    ]));
    RouteNetlinkMessage::NewLink(message)
}

fn new(name: &LinkName, link: &Link, up: bool) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = link.index;
    if up {
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
    }
    message.attributes.push(LinkAttribute::IfName(name.as_str().to_owned()));
    message.attributes.extend(link.mac.map(|mac| LinkAttribute::Address(mac.0.to_vec())));
    message.attributes.push(LinkAttribute::Group(link.group));
    message
}

/// By its name: it may have an index that nobody meant.
pub(super) fn remove(name: &LinkName) -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(name.as_str().to_owned()));
    RouteNetlinkMessage::DelLink(message)
}

fn existing(index: u32) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message
}

/// The messages that make a setting. A port's flags can be set only once it is one.
pub(super) fn set(index: u32, setting: &Setting, bridge: Option<u32>) -> Vec<RouteNetlinkMessage> {
    let with = |attribute| {
        let mut message = existing(index);
        message.attributes.push(attribute);
        message
    };
    let altname = |name: &Arc<str>| with(LinkAttribute::PropList(vec![Prop::AltIfName(name.to_string())]));
    vec![match setting {
        Setting::Up => {
            let mut message = existing(index);
            message.header.flags = LinkFlags::Up;
            message.header.change_mask = LinkFlags::Up;
            RouteNetlinkMessage::SetLink(message)
        }
        Setting::Mac(mac) => RouteNetlinkMessage::SetLink(with(LinkAttribute::Address(mac.0.to_vec()))),
        Setting::Group(group) => RouteNetlinkMessage::SetLink(with(LinkAttribute::Group(*group))),
        Setting::AddAltname(name) => RouteNetlinkMessage::NewLinkProp(altname(name)),
        Setting::RemoveAltname(name) => RouteNetlinkMessage::DelLinkProp(altname(name)),
        Setting::Port(None) => RouteNetlinkMessage::SetLink(with(LinkAttribute::Controller(0))),
        Setting::Port(Some(_)) => {
            let master = RouteNetlinkMessage::SetLink(with(LinkAttribute::Controller(bridge.unwrap_or(0))));
            return vec![master, port_flags(index)];
        }
        Setting::AnswerArp => answer_arp(index),
    }]
}

/// A bridge port that reaches its bridge only, and learns nothing.
pub(super) fn port_flags(index: u32) -> RouteNetlinkMessage {
    let mut message = existing(index);
    message.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::PortKind(InfoPortKind::Bridge),
        LinkInfo::PortData(InfoPortData::BridgePort(vec![
            InfoBridgePort::Isolated(true),
            InfoBridgePort::Learning(false),
        ])),
    ]));
    RouteNetlinkMessage::NewLink(message)
}

/// `proxy_arp_pvlan`: 3 µs so, in /proc/sys 20.
pub(super) fn answer_arp(index: u32) -> RouteNetlinkMessage {
    let mut conf = InetDevConf::default();
    conf.proxy_arp_pvlan = 1;
    let mut message = existing(index);
    message
        .attributes
        .push(LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet(vec![AfSpecInet::DevConfRequest(conf)])]));
    RouteNetlinkMessage::SetLink(message)
}

/// No IPv6 address of its own making (address generation `none`), if it comes before the link has both ends up: without
/// it each link asks around for duplicates and joins multicast groups.
pub(super) fn without_ipv6(index: u32) -> RouteNetlinkMessage {
    let none = AfSpecInet6::AddrGenMode(In6AddrGenMode::None);
    let mut message = existing(index);
    message.attributes.push(LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet6(vec![none])]));
    RouteNetlinkMessage::SetLink(message)
}

/// Asks for all links.
pub(super) fn list() -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
    RouteNetlinkMessage::GetLink(message)
}

/// Asks for one link. The kernel first does what it has put off about the link's carrier (since 6.8).
pub(super) fn get(index: u32) -> RouteNetlinkMessage {
    let mut message = existing(index);
    message.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
    RouteNetlinkMessage::GetLink(message)
}

/// A link as the kernel lists it.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) loopback: bool,
    pub(super) up: bool,
    /// The kernel's word for what it is, empty for hardware and `lo`.
    pub(super) kind: String,
    pub(super) mac: Option<Mac>,
    pub(super) altname: Option<Arc<str>>,
    pub(super) group: u32,
    /// The other end of a veth: its index, and the number that its namespace has in this one (`None`: the same).
    pub(super) peer: Option<(u32, Option<i32>)>,
    /// The bridge it is a port of.
    pub(super) master: Option<u32>,
    /// A port: isolated, and learning off.
    pub(super) port_as_ours: bool,
    /// `proxy_arp_pvlan`.
    pub(super) answers_arp: bool,
}

/// A link of the list.
pub(super) fn listed(message: RouteNetlinkMessage) -> Option<Listed> {
    let RouteNetlinkMessage::NewLink(message) = message else { return None };
    let mut link = Listed {
        index: message.header.index,
        loopback: message.header.flags.contains(LinkFlags::Loopback),
        up: message.header.flags.contains(LinkFlags::Up),
        ..Listed::default()
    };
    let (mut other_end, mut other_namespace) = (None, None);
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name = name,
            LinkAttribute::Address(bytes) => link.mac = <[u8; 6]>::try_from(bytes).ok().map(Mac),
            LinkAttribute::Group(group) => link.group = group,
            LinkAttribute::Controller(index) => link.master = Some(index),
            LinkAttribute::Link(index) => other_end = Some(index),
            LinkAttribute::LinkNetNsId(id) => other_namespace = Some(id),
            LinkAttribute::PropList(properties) => {
                link.altname = properties.into_iter().find_map(|it| match it {
                    Prop::AltIfName(name) => Some(name.into()),
                    _ => None,
                });
            }
            LinkAttribute::LinkInfo(infos) => infos.into_iter().for_each(|info| match info {
                LinkInfo::Kind(kind) => link.kind = kind.to_string(),
                LinkInfo::PortData(InfoPortData::BridgePort(flags)) => {
                    link.port_as_ours = flags.contains(&InfoBridgePort::Isolated(true))
                        && flags.contains(&InfoBridgePort::Learning(false));
                }
                _ => {}
            }),
            LinkAttribute::AfSpecUnspec(families) => {
                link.answers_arp = families.iter().any(|family| match family {
                    AfSpecUnspec::Inet(settings) => {
                        settings.iter().any(|it| matches!(it, AfSpecInet::DevConf(conf) if conf.proxy_arp_pvlan != 0))
                    }
                    _ => false,
                });
            }
            _ => {}
        }
    }
    if link.kind == "veth" {
        link.peer = other_end.map(|index| (index, other_namespace));
    }
    Some(link)
}

/// An address, without a route to its prefix.
pub(super) fn add_address(index: u32, address: Ipv4Net) -> RouteNetlinkMessage {
    let mut message = address_message(index, address);
    message.attributes.push(AddressAttribute::Flags(AddressFlags::Noprefixroute));
    RouteNetlinkMessage::NewAddress(message)
}

pub(super) fn remove_address(index: u32, address: Ipv4Net) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelAddress(address_message(index, address))
}

fn address_message(index: u32, address: Ipv4Net) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.prefix_len = address.prefix_len();
    message.header.scope = AddressScope::Universe;
    message.header.index = index;
    message.attributes = vec![
        AddressAttribute::Local(IpAddr::V4(address.addr())),
        AddressAttribute::Address(IpAddr::V4(address.addr())),
    ];
    message
}

/// Asks for all addresses.
pub(super) fn list_addresses() -> RouteNetlinkMessage {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetAddress(message)
}

/// An address of the list: the link's index, and it. The kernel's own on `lo` is left out.
pub(super) fn listed_address(message: RouteNetlinkMessage) -> Option<(u32, Ipv4Net)> {
    let RouteNetlinkMessage::NewAddress(message) = message else { return None };
    let local = message.attributes.iter().find_map(|attribute| match attribute {
        AddressAttribute::Local(IpAddr::V4(address)) => Some(*address),
        _ => None,
    })?;
    let address = Ipv4Net::new(local, message.header.prefix_len).ok()?;
    (address.addr() != Ipv4Addr::LOCALHOST).then_some((message.header.index, address))
}
