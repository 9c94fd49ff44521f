//! What this host must have: the switch ports that request its chassis, and what the labs' journals say they are.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::Ipv4Net;
use peerlab_ovsdb::{Client, Datum};

use super::switch::Switch;
use crate::cloud::{Bandwidth, Cloud, InstanceName, NatGatewayName, fnv};
use crate::error::Result;
use crate::journal::shared::{Shared, TABLE};
use crate::network::compile::{self, INSTANCE_INDEX, INSTANCE_LINK, INTERNET};
use crate::network::model::{
    LOCAL_TABLE, Link, LinkKind, LinkName, Mac, Namespace, NamespaceName, Neighbour, Network, Route, RouteTo, Shaping,
};
use crate::session;

/// What is asked, as far as it was read before.
#[derive(Debug, Default)]
pub(super) struct Desired {
    labs: BTreeMap<String, Lab>,
    is_news: bool,
}

/// A lab at a version of its journal.
#[derive(Debug)]
struct Lab {
    version: u64,
    cloud: Arc<Cloud>,
    network: Network,
}

/// All that this host must have.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// By the switch port.
    pub(super) parts: BTreeMap<String, Part>,
    /// The versions of the labs' journals.
    pub(super) versions: BTreeMap<String, u64>,
}

/// What a switch port stands for.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) lab: String,
    pub(super) thing: Thing,
    /// What it is made from, in a word: if that changes, it is made anew.
    pub(super) from: String,
}

#[derive(Debug)]
pub(super) enum Thing {
    /// An instance, a NAT gateway, or the internet.
    Namespace(NamespaceName, Box<Namespace>),
    /// A pair of links between two switch ports: this one, and its peer.
    Wire { peer: String, mtu: u32, shaping: Shaping },
}

impl Desired {
    /// Reads what is asked now.
    pub(super) fn of(&mut self, shared: &Shared, asked: &Client, switch: &Switch) -> Result<Asked> {
        self.is_news = false;
        let mut all = Asked::default();
        let versions: BTreeMap<_, _> = asked
            .replica()
            .rows(TABLE)
            .filter_map(|(_, row)| {
                let ids = row.get("external_ids")?;
                Some((ids.get("peerlab-lab")?.to_owned(), ids.get("version")?.parse::<u64>().ok()?))
            })
            .collect();
        for (_, row) in asked.replica().rows("Logical_Switch_Port") {
            let (Some(port), Some(ids)) = (row.get("name").and_then(Datum::text), row.get("external_ids")) else {
                continue;
            };
            let (Some(lab), Some(kind)) = (ids.get(peerlab_ovn::OWNER), ids.get("kind")) else { continue };
            let thing = match kind {
                "wire" => wire(ids, switch),
                "instance" | "nat" | "internet" => match self.lab(lab, &versions, shared) {
                    Ok(lab) => lab.and_then(|lab| lab.namespace(kind, ids, switch)),
                    Err(_) => None,
                },
                _ => None,
            };
            if let Some(thing) = thing {
                let from =
                    format!("{:016x}", fnv::hash(fnv::SEED, format!("{thing:?}{}", switch.is_userspace()).as_bytes()));
                all.parts.insert(port.to_owned(), Part { lab: lab.to_owned(), thing, from });
            }
        }
        self.labs.retain(|lab, _| versions.contains_key(lab));
        all.versions = self.labs.iter().map(|(lab, it)| (lab.clone(), it.version)).collect();
        Ok(all)
    }

    /// Whether a lab was read anew.
    pub(super) fn is_news(&self) -> bool {
        self.is_news
    }

    fn lab(&mut self, name: &str, versions: &BTreeMap<String, u64>, shared: &Shared) -> Result<Option<&Lab>> {
        let Some(version) = versions.get(name) else { return Ok(None) };
        if self.labs.get(name).is_none_or(|lab| lab.version != *version) {
            shared.fetch(Some(name))?;
            // Another change may have come since.
            let version = shared.version_of(name).unwrap_or(*version);
            let before = session::look(name).map_err(|mut errors| errors.0.remove(0))?;
            let cloud = before.run.standing().held_cloud();
            let network = compile::compile(&cloud);
            self.labs.insert(name.to_owned(), Lab { version, cloud, network });
            self.is_news = true;
        }
        Ok(self.labs.get(name))
    }
}

impl Lab {
    /// The namespace of a switch port.
    fn namespace(&self, kind: &str, ids: &Datum, switch: &Switch) -> Option<Thing> {
        let name = match kind {
            "instance" => compile::of_instance(&self.cloud, &InstanceName::trusted(ids.get("instance")?)),
            "nat" => compile::of_nat_gateway(&self.cloud, &NatGatewayName::trusted(ids.get("nat")?)),
            _ => INTERNET.into(),
        };
        let mut namespace = self.network.namespaces.get(&name)?.clone();
        if kind == "internet" {
            one_link_to_all(&mut namespace, ids);
        }
        for link in namespace.links.values_mut().filter(|link| link.kind != LinkKind::Loopback) {
            link.mtu = link.mtu.min(switch.mtu());
            // Nothing of the routers of one host is here.
            link.kind = LinkKind::Other("veth".into());
        }
        Some(Thing::Namespace(name, Box::new(namespace)))
    }
}

/// The internet with one link, behind which the routers have all public addresses: `ADDRESS=MAC …`.
fn one_link_to_all(namespace: &mut Namespace, ids: &Datum) {
    let public = ids.get("public").unwrap_or_default();
    let link = LinkName::from(INSTANCE_LINK);
    namespace.links.retain(|_, link| link.kind == LinkKind::Loopback);
    namespace.routes.retain(|route| matches!(route.to, RouteTo::Local(_)));
    namespace.neighbours.clear();
    let host = Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 1), 32);
    namespace.links.insert(
        link.clone(),
        Link {
            index: INSTANCE_INDEX,
            kind: LinkKind::Other("veth".into()),
            mac: ids.get("mac").and_then(mac_of),
            altname: None,
            group: 0,
            addresses: [host].into(),
            shaping: Shaping::default(),
            mtu: 1500,
            up: true,
            plain: true,
        },
    );
    for (ip, mac) in public.split(' ').filter_map(|pair| pair.split_once('=')) {
        let (Ok(ip), Some(mac)) = (ip.parse::<Ipv4Addr>(), mac_of(mac)) else { continue };
        let to = RouteTo::Link(link.clone());
        namespace.routes.insert(Route { table: LOCAL_TABLE, destination: ip.into(), to });
        namespace.neighbours.insert(Neighbour { link: link.clone(), ip, mac });
    }
}

fn wire(ids: &Datum, switch: &Switch) -> Option<Thing> {
    // One of the two ports makes both links.
    ids.get("first")?;
    let number = |key: &str| ids.get(key).and_then(|text| text.parse::<u64>().ok());
    let mtu = u32::try_from(number("mtu")?).ok()?.min(switch.mtu());
    let shaping = Shaping {
        rate: number("bits").map(Bandwidth),
        delay: number("delay_us").map(Duration::from_micros),
        foreign: false,
    };
    Some(Thing::Wire { peer: ids.get("peer")?.to_owned(), mtu, shaping })
}

fn mac_of(text: &str) -> Option<Mac> {
    let mut bytes = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut bytes {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(Mac(bytes))
}
