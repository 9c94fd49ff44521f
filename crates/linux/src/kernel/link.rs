//! Converts links and their addresses to rtnetlink messages and back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::mem::discriminant;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::RawFd;
use std::sync::Arc;

use ipnet::Ipv4Net;
use netlink_packet_core::{DefaultNla, NLA_F_NESTED};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{
    AfSpecInet, AfSpecInet6, AfSpecUnspec, BridgePortState, BridgeStpState, In6AddrGenMode, InetDevConf, InfoBridge,
    InfoBridgePort, InfoData, InfoKind, InfoPortData, InfoPortKind, InfoVeth, LinkAttribute, LinkExtentMask, LinkFlags,
    LinkInfo, LinkMessage, Prop,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::libc;

use super::netlink::{Attributes, HEADER, attribute, put};
use crate::network::diff::Setting;
use crate::network::model::{Link, LinkName, Mac, USUAL_MTU};

/// A new bridge, up.
pub(super) fn create_bridge(name: &LinkName, link: &Link) -> RouteNetlinkMessage {
    // Its MTU is set afterwards (see `mtu`).
    let mut message = new(name, &Link { mtu: USUAL_MTU, ..link.clone() }, true);
    let options = InfoData::Bridge(vec![GROUP_FORWARD]);
    message.attributes.push(LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Bridge), LinkInfo::Data(options)]));
    RouteNetlinkMessage::NewLink(message)
}

/// A new veth pair: `near` here, up, in `bridge` if given, and `far` in another namespace, down, because veth refuses
/// to bring the far end up before the near end exists (ENOTCONN). One message creates both ends in place, which takes
/// 0.3 ms; creating the pair here and moving one end takes 40 ms.
pub(super) fn create_veth(
    near: (&LinkName, &Link),
    bridge: Option<u32>,
    far: (&LinkName, &Link),
    far_namespace: RawFd,
) -> RouteNetlinkMessage {
    // One queue each. By default the kernel creates one per processor, each with an entry in sysfs (a seventh of `up`).
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
    if link.mtu != USUAL_MTU {
        message.attributes.push(LinkAttribute::Mtu(link.mtu));
    }
    message
}

/// Removes a link by its name, because its index may have changed.
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

/// The messages that apply a setting. A port's flags can be set only after it has joined its bridge.
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
        // In separate messages: a kernel that lacks one option refuses it (EOPNOTSUPP) and ignores those that follow in
        // the same message.
        Setting::Bridge => {
            let option =
                |it: InfoBridge| vec![LinkInfo::Kind(InfoKind::Bridge), LinkInfo::Data(InfoData::Bridge(vec![it]))];
            let options = BRIDGE.into_iter().map(|it| {
                let mut message = existing(index);
                message.attributes.push(LinkAttribute::LinkInfo(option(it)));
                RouteNetlinkMessage::NewLink(message)
            });
            return [answer_arp(index)].into_iter().chain(options).collect();
        }
        Setting::Mtu(size) => return mtu(index, *size).into(),
        Setting::Plain => {
            let mut message = existing(index);
            message.header.change_mask = LinkFlags::Noarp;
            RouteNetlinkMessage::SetLink(message)
        }
    }]
}

/// Sets a link's MTU. A bridge takes that of its ports, and loses it with its last one, until it is given another than
/// it has: so it is given another first.
pub(super) fn mtu(index: u32, mtu: u32) -> [RouteNetlinkMessage; 2] {
    [mtu + 1, mtu].map(|mtu| {
        let mut message = existing(index);
        message.attributes.push(LinkAttribute::Mtu(mtu));
        RouteNetlinkMessage::SetLink(message)
    })
}

/// Makes link-local frames, 01:80:c2:00:00:03 to 0f, pass the rules like all others. Without this the kernel delivers
/// them on the port itself, bypassing every rule, and forged ARP or IPv6 creates neighbours in the router. (00 passes
/// the rules anyway, 01 is dropped; the mask cannot include 02, which passes the `input` rules.)
const GROUP_FORWARD: InfoBridge = InfoBridge::GroupFwdMask(0xfff8);

/// The options of peerlab's bridges: [`GROUP_FORWARD`], and the kernel's defaults.
const BRIDGE: [InfoBridge; 5] = [
    GROUP_FORWARD,
    InfoBridge::StpState(BridgeStpState::Disabled),
    InfoBridge::VlanFiltering(false),
    InfoBridge::NfCallIpTables(false),
    InfoBridge::NfCallArpTables(false),
];

/// The options of peerlab's ports: isolated, not learning, and the kernel's defaults.
const PORT: [InfoBridgePort; 8] = [
    InfoBridgePort::Isolated(true),
    InfoBridgePort::Learning(false),
    InfoBridgePort::HairpinMode(false),
    InfoBridgePort::UnicastFlood(true),
    InfoBridgePort::MulticastFlood(true),
    InfoBridgePort::BroadcastFlood(true),
    InfoBridgePort::ProxyARP(false),
    InfoBridgePort::NeighSupress(false),
];

/// A per-link setting that affects packets, which a new link inherits from its namespace: sysctl, number (linux/ip.h),
/// and the listed value.
type Inherited = (&'static str, u16, fn(&InetDevConf) -> i32);
const INHERITED: [Inherited; 4] = [
    ("ipv4/ip_forward", 1, |conf| conf.forwarding),
    ("ipv4/conf/default/accept_redirects", 4, |conf| conf.accept_redirects),
    ("ipv4/conf/default/send_redirects", 6, |conf| conf.send_redirects),
    ("ipv4/conf/default/rp_filter", 8, |conf| conf.rp_filter),
];

/// Makes a bridge port isolated and not learning.
pub(super) fn port_flags(index: u32) -> RouteNetlinkMessage {
    port(index, PORT.into())
}

/// Sets a port to forwarding. The kernel refuses this (ENETDOWN) while the port has no carrier, and does it later by
/// itself.
pub(super) fn port_forwards(index: u32) -> RouteNetlinkMessage {
    port(index, vec![InfoBridgePort::State(BridgePortState::Forwarding)])
}

fn port(index: u32, flags: Vec<InfoBridgePort>) -> RouteNetlinkMessage {
    let mut message = existing(index);
    message.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::PortKind(InfoPortKind::Bridge),
        LinkInfo::PortData(InfoPortData::BridgePort(flags)),
    ]));
    RouteNetlinkMessage::NewLink(message)
}

/// Resets a link's own settings to those of a new link in a namespace with these sysctls.
pub(super) fn inherit(index: u32, sysctls: &BTreeMap<&'static str, &'static str>) -> RouteNetlinkMessage {
    const CONF: u16 = 1;
    let mut bytes = Vec::new();
    for (kind, value) in INHERITED.iter().filter_map(|(key, kind, _)| Some((*kind, sysctls.get(key)?.parse().ok()?))) {
        let value: u32 = value;
        bytes.extend(8u16.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value.to_ne_bytes());
    }
    let mut message = existing(index);
    let conf = AfSpecInet::Other(DefaultNla::new(CONF | NLA_F_NESTED, bytes));
    message.attributes.push(LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet(vec![conf])]));
    RouteNetlinkMessage::SetLink(message)
}

/// Sets `proxy_arp_pvlan`: 3 µs by netlink, 20 µs by /proc/sys.
pub(super) fn answer_arp(index: u32) -> RouteNetlinkMessage {
    let mut conf = InetDevConf::default();
    conf.proxy_arp_pvlan = 1;
    let mut message = existing(index);
    message
        .attributes
        .push(LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet(vec![AfSpecInet::DevConfRequest(conf)])]));
    RouteNetlinkMessage::SetLink(message)
}

/// Turns off IPv6 address generation (mode `none`); must come before both ends of the link are up. Otherwise each link
/// runs duplicate address detection and joins multicast groups.
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

/// Asks for one link. The kernel first completes deferred work on the link's carrier (since 6.8).
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
    /// The link's kind in the kernel; empty for hardware and `lo`.
    pub(super) kind: String,
    pub(super) mac: Option<Mac>,
    pub(super) altname: Option<Arc<str>>,
    pub(super) group: u32,
    /// The other end of a veth: its index, and its namespace's number in this namespace (`None`: the same namespace).
    pub(super) peer: Option<(u32, Option<i32>)>,
    /// The bridge it is a port of.
    pub(super) master: Option<u32>,
    /// Whether the link is a port with peerlab's options: isolated and not learning.
    pub(super) port_as_ours: bool,
    /// `proxy_arp_pvlan`.
    pub(super) answers_arp: bool,
    /// Whether the link is a bridge with peerlab's options.
    pub(super) bridge_as_made: bool,
    /// Its MTU.
    pub(super) mtu: u32,
    /// Whether its flags are the kernel's defaults.
    pub(super) as_made: bool,
    conf: InetDevConf,
}

impl Listed {
    /// Whether the link's own settings are those of a new link in a namespace with these sysctls. `lo` is exempt: its
    /// settings are older than the namespace's sysctls, and it carries only packets to itself.
    pub(super) fn inherits(&self, sysctls: &BTreeMap<&'static str, &'static str>) -> bool {
        let same = |(key, _, value): &Inherited| sysctls.get(key).is_none_or(|it| *it == value(&self.conf).to_string());
        self.loopback || INHERITED.iter().all(same)
    }
}

/// The part of a link's message that [`listed`] reads. A link has fifty attributes, and those of IPv6 alone are longer
/// than this part.
pub(super) fn sift(message: &[u8]) -> Option<Cow<'_, [u8]>> {
    const HEADERS: usize = HEADER + 16;
    const ADDRESS: u16 = 1;
    const NAME: u16 = 3;
    const MTU: u16 = 4;
    const LINK: u16 = 5;
    const MASTER: u16 = 10;
    const INFO: u16 = 18;
    const AF_SPEC: u16 = 26;
    const GROUP: u16 = 27;
    const LINK_NETNSID: u16 = 37;
    const PROPERTIES: u16 = 52;
    let (headers, rest) = message.split_at_checked(HEADERS)?;
    let mut sifted = headers.to_vec();
    for (kind, value) in Attributes(rest) {
        match kind {
            AF_SPEC => {
                let mut inet = Vec::new();
                if let Some(settings) = attribute(Attributes(value), libc::AF_INET as u16) {
                    put(&mut inet, libc::AF_INET as u16, settings);
                }
                put(&mut sifted, kind, &inet);
            }
            ADDRESS | NAME | MTU | LINK | MASTER | INFO | GROUP | LINK_NETNSID | PROPERTIES => {
                put(&mut sifted, kind, value);
            }
            _ => {}
        }
    }
    let length = sifted.len() as u32;
    sifted[..4].copy_from_slice(&length.to_ne_bytes());
    Some(sifted.into())
}

/// Parses a link of the list.
pub(super) fn listed(message: RouteNetlinkMessage) -> Option<Listed> {
    let RouteNetlinkMessage::NewLink(message) = message else { return None };
    let mut link = Listed {
        index: message.header.index,
        loopback: message.header.flags.contains(LinkFlags::Loopback),
        up: message.header.flags.contains(LinkFlags::Up),
        ..Listed::default()
    };
    link.as_made = !message.header.flags.contains(LinkFlags::Noarp);
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
                LinkInfo::PortData(InfoPortData::BridgePort(found)) => {
                    // A port is disabled while it has no carrier or its bridge is down.
                    let blocked = found.iter().any(|it| {
                        matches!(it, InfoBridgePort::State(state)
                            if !matches!(state, BridgePortState::Forwarding | BridgePortState::Disabled))
                    });
                    link.port_as_ours = !blocked && agree(&found, &PORT);
                }
                LinkInfo::Data(InfoData::Bridge(found)) => link.bridge_as_made = agree(&found, &BRIDGE),
                _ => {}
            }),
            LinkAttribute::Mtu(mtu) => link.mtu = mtu,
            LinkAttribute::AfSpecUnspec(families) => {
                let inet = families.into_iter().find_map(|family| match family {
                    AfSpecUnspec::Inet(settings) => settings.into_iter().find_map(|it| match it {
                        AfSpecInet::DevConf(conf) => Some(conf),
                        _ => None,
                    }),
                    _ => None,
                });
                link.conf = inet.unwrap_or_default();
                link.answers_arp = link.conf.proxy_arp_pvlan != 0;
            }
            _ => {}
        }
    }
    if link.kind == "veth" {
        link.peer = other_end.map(|index| (index, other_namespace));
    }
    Some(link)
}

/// Removes the IPv6 address that a link generated when its MTU allowed IPv6 again.
pub(super) fn remove_link_local(index: u32, mac: Mac) -> RouteNetlinkMessage {
    let [a, b, c, d, e, f] = mac.0;
    let address = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f];
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet6;
    message.header.prefix_len = 64;
    message.header.index = index;
    message.attributes = vec![AddressAttribute::Local(IpAddr::from(address))];
    RouteNetlinkMessage::DelAddress(message)
}

/// Whether everything in `found` has its value of `wanted`. The kernel does not list options that it lacks.
fn agree<T: PartialEq>(found: &[T], wanted: &[T]) -> bool {
    found.iter().all(|it| wanted.iter().all(|wish| discriminant(it) != discriminant(wish) || it == wish))
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

/// Parses an address of the list: the link's index and the address. The kernel's own address on `lo` is left out.
pub(super) fn listed_address(message: RouteNetlinkMessage) -> Option<(u32, Ipv4Net)> {
    let RouteNetlinkMessage::NewAddress(message) = message else { return None };
    let local = message.attributes.iter().find_map(|attribute| match attribute {
        AddressAttribute::Local(IpAddr::V4(address)) => Some(*address),
        _ => None,
    })?;
    let address = Ipv4Net::new(local, message.header.prefix_len).ok()?;
    (address.addr() != Ipv4Addr::LOCALHOST).then_some((message.header.index, address))
}
