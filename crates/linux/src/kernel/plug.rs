//! Namespaces with one link whose other end is in the caller's namespace, where a switch takes it: how a lab over several hosts
//! makes its instances ([`plug`]). And pairs of links between two ports of a switch ([`wire`]).

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::AsRawFd;

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::RouteNetlinkMessage;
use nix::errno::Errno;
use nix::net::if_::if_nametoindex;

use super::batch::{Batch, Failure, RouteSocket};
use super::{fault, features, firewall, link, neighbour, netns, offload, remove, route, sysctl, tc, threads};
use crate::error::{Errors, Result};
use crate::kernel::messages::Said;
use crate::msg;
use crate::network::diff::Setting;
use crate::network::model::{Link, LinkKind, LinkName, Namespace, NamespaceName, Role, RouteTo, Shaping};
use crate::network::ruleset::Ruleset;
use crate::network::ruleset_diff;

/// A namespace to make.
#[derive(Clone, Copy, Debug)]
pub struct Plug<'a> {
    /// The lab.
    pub lab: &'a str,
    /// The namespace's name.
    pub name: &'a NamespaceName,
    /// What is in it. Its links are `lo`, and one other whose other end is outside.
    pub namespace: &'a Namespace,
    /// The other end's name here.
    pub outside: &'a str,
    /// Whether the link leaves no checksum unfinished: a switch in user space passes packets on as they are.
    pub checksums: bool,
}

/// Makes a namespace, in place of one that has its name, and its link.
pub fn plug(plug: &Plug<'_>) -> Result<(), Errors> {
    let Plug { lab, name, outside, .. } = *plug;
    unplug(outside)?;
    remove(lab, std::slice::from_ref(name))?;
    netns::make_folder()?;
    threads::apart(|| make(plug))??;
    let cannot = |errno| fault::host(msg!(Said::CannotPlug { lab, name }), errno, msg!(Said::LookAtDmesg));
    let index = if_nametoindex(outside).map_err(cannot)?;
    let mut batch = Batch::default();
    batch.push(0, 0, link::without_ipv6(index), NO_IPV6);
    up(&mut batch, index);
    Ok(send(batch).map_err(cannot)?)
}

/// It is gone, which is what is wanted.
const GONE: &[Errno] = &[Errno::ENOENT, Errno::ESRCH, Errno::ENODEV];

/// The kernel has no IPv6.
const NO_IPV6: &[Errno] = &[Errno::EAFNOSUPPORT, Errno::EOPNOTSUPP];

/// Makes the namespace, on a thread that ends in it.
fn make(plug: &Plug<'_>) -> Result<()> {
    let Plug { lab, name, namespace, outside, checksums } = *plug;
    let cannot = |errno| fault::host(msg!(Said::CannotPlug { lab, name }), errno, msg!(Said::LookAtDmesg));
    let here = File::open("/proc/thread-self/ns/net").map_err(|error| cannot(fault::errno(&error)))?;
    netns::create(lab, name)?;
    for (key, value) in &namespace.sysctls {
        sysctl::set(key, value).map_err(|error| cannot(fault::errno(&error)))?;
    }
    firewall::apply(lab, name, &ruleset_diff::diff(&Ruleset::default(), &namespace.ruleset))?;
    let mut batch = Batch::default();
    let index = |name: &LinkName| namespace.links.get(name).map_or(1, |link| link.index);
    for (name, link) in &namespace.links {
        if link.kind == LinkKind::Loopback {
            up(&mut batch, link.index);
        } else {
            // The kernel chooses the index out here.
            let outside = (&LinkName::from(outside), &Link { index: 0, mac: None, group: 0, ..link.clone() });
            let made = link::create_veth((name, link), None, outside, here.as_raw_fd());
            batch.push(0, NLM_F_CREATE | NLM_F_EXCL, made, &[]);
            batch.push(0, 0, link::without_ipv6(link.index), NO_IPV6);
        }
        for address in &link.addresses {
            batch.push(0, NLM_F_CREATE | NLM_F_REPLACE, link::add_address(link.index, *address), &[]);
            if namespace.role == Role::Instance {
                batch.push(0, 0, route::remove_broadcast(address.broadcast(), link.index), GONE);
            }
        }
    }
    for it in &namespace.neighbours {
        batch.push(0, NLM_F_CREATE | NLM_F_REPLACE, neighbour::add(index(&it.link), it.ip, it.mac), &[]);
    }
    for it in &namespace.routes {
        let link = match &it.to {
            RouteTo::Link(link) | RouteTo::Local(link) | RouteTo::Gateway { link, .. } => index(link),
            RouteTo::Other(_) => 1,
        };
        batch.push(0, NLM_F_CREATE | NLM_F_REPLACE, route::add(it, link), &[Errno::EEXIST]);
    }
    send(batch).map_err(cannot)?;
    if checksums {
        let links = namespace.links.iter().filter(|(_, link)| link.kind != LinkKind::Loopback);
        links.map(|(name, _)| name).try_for_each(|name| offload::none(name.as_str())).map_err(cannot)?;
    }
    Ok(())
}

/// Removes a link here, and so its other end; it may be gone.
pub fn unplug(outside: &str) -> Result<()> {
    let mut batch = Batch::default();
    batch.push(0, 0, link::remove(&LinkName::from(outside)), &[Errno::ENODEV, Errno::EINVAL]);
    send(batch).map_err(|errno| fault::host(msg!(Said::CannotUnplug { link: outside }), errno, msg!(Said::LookAtDmesg)))
}

/// Makes a pair of links here, in place of what has these names.
pub fn wire(ends: [&str; 2], mtu: u32, checksums: bool) -> Result<()> {
    ends.into_iter().try_for_each(unplug)?;
    let cannot = |errno| fault::host(msg!(Said::CannotUnplug { link: ends[0] }), errno, msg!(Said::LookAtDmesg));
    let here = File::open("/proc/thread-self/ns/net").map_err(|error| cannot(fault::errno(&error)))?;
    let link = Link {
        index: 0,
        kind: LinkKind::Other("veth".into()),
        mac: None,
        altname: None,
        group: 0,
        addresses: BTreeSet::new(),
        shaping: Shaping::default(),
        mtu,
        up: true,
        plain: true,
    };
    let names = ends.map(LinkName::from);
    let mut batch = Batch::default();
    let made = link::create_veth((&names[0], &link), None, (&names[1], &link), here.as_raw_fd());
    batch.push(0, NLM_F_CREATE | NLM_F_EXCL, made, &[]);
    send(batch).map_err(cannot)?;
    let mut batch = Batch::default();
    for end in ends {
        let index = if_nametoindex(end).map_err(cannot)?;
        batch.push(0, 0, link::without_ipv6(index), NO_IPV6);
        up(&mut batch, index);
    }
    send(batch).map_err(cannot)?;
    if checksums { ends.into_iter().try_for_each(offload::none).map_err(cannot) } else { Ok(()) }
}

/// Shapes what leaves by a link here. Returns whether its latency had to be left out, for lack of netem.
pub fn shape(end: &str, mtu: u32, shaping: Shaping) -> Result<bool> {
    let cannot = |errno| fault::host(msg!(Said::CannotUnplug { link: end }), errno, msg!(Said::LookAtDmesg));
    let index = if_nametoindex(end).map_err(cannot)?;
    let messages = tc::shape(index, mtu, shaping);
    let mut batch = Batch::default();
    for clear in messages.clear {
        batch.push(0, 0, clear, &[Errno::ENOENT, Errno::EINVAL]);
    }
    let lacks_netem = messages.delay.is_some() && !features::has_netem();
    for message in messages.rate.into_iter().chain(messages.delay.filter(|_| !lacks_netem)) {
        batch.push(0, NLM_F_CREATE | NLM_F_REPLACE, message, &[]);
    }
    send(batch).map_err(cannot)?;
    Ok(lacks_netem)
}

/// Whether there is a link of this name here.
pub fn is_here(link: &str) -> bool {
    if_nametoindex(link).is_ok()
}

fn up(batch: &mut Batch, index: u32) {
    let messages: Vec<RouteNetlinkMessage> = link::set(index, &Setting::Up, None);
    messages.into_iter().for_each(|message| batch.push(0, 0, message, &[]));
}

fn send(batch: Batch) -> std::result::Result<(), Errno> {
    let socket = RouteSocket::open().map_err(|error| fault::errno(&error))?;
    batch.send(&socket).map_err(|failure| match failure {
        Failure::Refused(refused) => refused.errno,
        Failure::Socket(errno) => errno,
    })
}
