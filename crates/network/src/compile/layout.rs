//! Assigns all names before anything is written, because wires need the names of both ends.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use elsa::FrozenBTreeMap;

use super::super::model::NamespaceName;
use super::names::{self, INTERNET, LinkId, Links, Tables};
use crate::cloud::{
    Cloud, FarEnd, GroupName, Instance, InstanceName, NatGateway, NextHop, Peering, PeeringName, RouteTable,
    SecurityGroup, Subnet, Vpc, VpcName,
};

/// The Cloud with its names in the kernel. A VPC's names are assigned on demand.
pub struct Layout<'a> {
    pub cloud: &'a Cloud,
    vpcs: FrozenBTreeMap<VpcName, Box<VpcLayout<'a>>>,
    /// The internet's side of each VPC.
    outside: OnceCell<BTreeMap<&'a VpcName, Outside>>,
}

/// A VPC's part.
pub struct VpcLayout<'a> {
    pub vpc: &'a Vpc,
    /// Subnets by name in the VPC.
    pub subnets: BTreeMap<Arc<str>, Bridge<'a>>,
    /// Instances by address, then the hosts of NAT gateways.
    pub instances: Vec<Home<'a>>,
    /// The ends that carry packets.
    pub peerings: BTreeMap<PeeringName, PeeringEnd>,
    /// The link to the internet, if an instance has a public address.
    pub uplink: Option<Uplink>,
    /// The views of its route tables: those of subnets, and those of some instances.
    pub views: Vec<View<'a>>,
    /// The instances whose groups name a group.
    members: BTreeMap<&'a GroupName, Vec<&'a Instance>>,
}

/// A subnet and its bridge.
pub struct Bridge<'a> {
    pub subnet: &'a Subnet,
    pub link: LinkId,
}

/// An instance and its port.
pub struct Home<'a> {
    pub instance: &'a Instance,
    pub namespace: NamespaceName,
    pub port: LinkId,
    /// The groups whose rules apply to it.
    pub groups: Vec<&'a SecurityGroup>,
    /// The number of its view of the subnet's table, if it differs from the subnet's.
    pub view: Option<u32>,
    /// Whether a route leads to it and it passes on what comes.
    pub is_hop: bool,
    /// The NAT gateway whose host it is.
    pub nat: Option<&'a NatGateway>,
}

/// A view of a route table. The kernel has a table for each view.
pub struct View<'a> {
    pub table: &'a RouteTable,
    /// Whether a public address reaches the internet without an entry.
    pub public: bool,
    /// The address of an instance with this view, which chooses among entries that share a destination.
    pub sender: Ipv4Addr,
    /// The subnet that it is for, if an entry would lead packets inside the subnet out of it.
    pub home: Option<&'a Subnet>,
    pub number: u32,
}

/// A VPC's end of a peering that carries packets, and its link.
pub struct PeeringEnd {
    pub peering: Peering,
    pub far: FarEnd,
    pub link: LinkId,
}

/// The internet's side of a VPC with public addresses.
pub struct Outside {
    /// The end of its wire.
    pub link: LinkId,
    /// Its public addresses.
    pub addresses: Vec<Ipv4Addr>,
}

/// A VPC's link to the internet: the two ends of its wire.
pub struct Uplink {
    /// The end in the VPC. Its name is [`INTERNET`], assigned before the VPC's other links.
    pub inside: LinkId,
    pub outside: LinkId,
}

impl<'a> Layout<'a> {
    /// The layout of this Cloud.
    pub fn of(cloud: &'a Cloud) -> Self {
        Layout { cloud, vpcs: FrozenBTreeMap::new(), outside: OnceCell::new() }
    }

    /// The VPCs that peerings join with one.
    pub fn joined_with<'v>(&'v self, vpc: &'v VpcLayout) -> impl Iterator<Item = &'a Vpc> + 'v {
        vpc.peerings.values().filter_map(|end| self.cloud.vpc(&end.far.vpc))
    }

    /// A VPC's part.
    pub fn vpc(&self, name: &VpcName) -> Option<&VpcLayout<'a>> {
        if let Some(layout) = self.vpcs.get(name) {
            return Some(layout);
        }
        let layout = VpcLayout::of(self.cloud, self.cloud.vpc(name)?, || self.outside().get(name));
        Some(self.vpcs.insert(name.clone(), Box::new(layout)))
    }

    /// All VPCs, by name.
    pub fn vpcs(&self) -> impl Iterator<Item = &VpcLayout<'a>> {
        self.cloud.vpcs().filter_map(|vpc| self.vpc(&vpc.name))
    }

    /// The internet's side of each VPC with public addresses.
    pub fn outside(&self) -> &BTreeMap<&'a VpcName, Outside> {
        self.outside.get_or_init(|| {
            let mut addresses: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for (address, vpc) in self.cloud.public_addresses() {
                addresses.entry(vpc).or_default().push(address);
            }
            let mut links = Links::new();
            let mut link = |vpc: &VpcName| links.claim(vpc.as_str(), vpc.as_str());
            addresses.into_iter().map(|(vpc, addresses)| (vpc, Outside { link: link(vpc), addresses })).collect()
        })
    }

    /// The instances whose groups name this one.
    pub fn members(&self, group: &SecurityGroup) -> &[&'a Instance] {
        self.vpc(&group.vpc).and_then(|vpc| vpc.members.get(&group.name)).map_or(&[], Vec::as_slice)
    }

    /// The other end of a peering.
    pub fn far_end(&self, far: &FarEnd) -> &PeeringEnd {
        let end = self.vpc(&far.vpc).and_then(|vpc| vpc.peerings.get(&far.name));
        end.expect("a peering that carries has two ends that carry")
    }
}

impl<'a> VpcLayout<'a> {
    /// The layout of a VPC. Calls `outside` if an instance has a public address.
    fn of<'o>(cloud: &'a Cloud, vpc: &'a Vpc, outside: impl FnOnce() -> Option<&'o Outside>) -> Self {
        let mut links = Links::new();
        let instances: Vec<_> = cloud.instances_of(&vpc.name).collect();
        let nats = || cloud.nat_gateways_of(&vpc.name);
        let is_public = instances.iter().any(|instance| instance.public_ip.is_some()) || nats().next().is_some();
        let outside = is_public.then(outside).flatten();
        let uplink = outside.map(|it| Uplink { inside: links.claim(INTERNET, INTERNET), outside: it.link.clone() });
        let hops: BTreeSet<_> = next_hops(cloud, vpc).filter(|it| it.passes_on()).map(|it| &it.name).collect();
        let instances = instances.into_iter().map(|instance| Home {
            instance,
            namespace: names::of_instance(cloud, &instance.name),
            port: links.claim(instance.name.as_str(), instance.name.as_str()),
            groups: cloud.groups_of(instance),
            view: None,
            is_hop: hops.contains(&instance.name),
            nat: None,
        });
        let mut instances: Vec<_> = instances.collect();
        instances.extend(nats().map(|nat| Home {
            instance: &nat.host,
            namespace: names::of_nat_gateway(cloud, &nat.name),
            port: links.claim(nat.name.as_str(), nat.host.name.as_str()),
            groups: Vec::new(),
            view: None,
            is_hop: true,
            nat: Some(nat),
        }));
        // After the instances, so that a peering, which comes and goes, never takes an instance's name.
        let peerings = cloud.peerings_of(&vpc.name).filter(|peering| peering.carries).filter_map(|peering| {
            let (far, name) = (peering.far.clone()?, peering.name.as_str());
            let is_taken = cloud.instance(&InstanceName::trusted(name)).is_some_and(|it| it.subnet.vpc == vpc.name);
            let full = if is_taken { format!("peering:{name}") } else { name.to_owned() };
            let link = links.claim(name, &full);
            Some((peering.name.clone(), PeeringEnd { peering, far, link }))
        });
        let peerings = peerings.collect();
        let subnets = cloud.subnets_of(&vpc.name).map(|subnet| {
            let link = links.claim(&subnet.name.subnet, &subnet.name.to_string());
            (subnet.name.subnet.clone(), Bridge { subnet, link })
        });
        let subnets = subnets.collect();
        let mut numbers = Tables::default();
        let of_subnets = cloud.route_tables_of(&vpc.name).map(|table| View {
            table,
            public: false,
            sender: Ipv4Addr::UNSPECIFIED,
            home: None,
            number: numbers.claim(table.name.as_str()),
        });
        let mut views: Vec<_> = of_subnets.collect();
        // The subnets out of which an entry of their table would lead packets inside them.
        let with_own = cloud.subnets_of(&vpc.name).map(|subnet| (subnet, cloud.table_of(subnet)));
        let with_own: Vec<_> = with_own.filter(|(subnet, table)| cloud.has_entry_within(table, subnet)).collect();
        for &(home, table) in &with_own {
            let number = numbers.claim(&format!("{}//{}", table.name, home.name.subnet));
            views.push(View { table, public: false, sender: Ipv4Addr::UNSPECIFIED, home: Some(home), number });
        }
        let leads_out = uplink.is_some() && cloud.needs_no_entry_to_internet(&vpc.name);
        let mut of_instances: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (place, home) in instances.iter().enumerate() {
            let Some(subnet) = cloud.subnet(&home.instance.subnet) else { continue };
            let table = cloud.table_of(subnet);
            let (choices, public) =
                (cloud.choices(table, home.instance.ip), leads_out && home.instance.public_ip.is_some());
            if public || !choices.is_empty() {
                let home = with_own.iter().map(|(home, _)| *home).find(|home| home.name == subnet.name);
                let key = (choices, public, &table.name, home.map(|home| &home.name.subnet));
                of_instances.entry(key).or_default().push((place, table, home));
            }
        }
        for ((choices, public, name, within), homes) in of_instances {
            let choices: String = choices.iter().map(|choice| format!("/{choice}")).collect();
            let within = within.map_or_else(String::new, |subnet| format!("//{subnet}"));
            let number = numbers.claim(&format!("{name}{}{choices}{within}", if public { "/public" } else { "" }));
            let (first, table, home) = homes[0];
            views.push(View { table, public, sender: instances[first].instance.ip, home, number });
            for (place, ..) in homes {
                instances[place].view = Some(number);
            }
        }
        let mut members: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for home in &instances {
            for group in &home.groups {
                members.entry(&group.name).or_default().push(home.instance);
            }
        }
        VpcLayout { vpc, subnets, instances, peerings, uplink, views, members }
    }

    /// The name of its router's namespace.
    pub fn namespace(&self) -> NamespaceName {
        names::of_vpc(&self.vpc.name)
    }

    /// The bridge of an instance of this VPC.
    pub fn bridge_of(&self, instance: &Instance) -> &Bridge<'a> {
        &self.subnets[&instance.subnet.subnet]
    }

    /// The number of the table that serves a subnet.
    pub fn table_number(&self, table: &RouteTable, subnet: &Subnet) -> u32 {
        let of_all = |view: &&View| !view.public && view.sender.is_unspecified();
        let mut views = self.views.iter().filter(of_all).filter(|view| view.table.name == table.name);
        let own = views.clone().find(|view| view.home.is_some_and(|home| home.name == subnet.name));
        own.or_else(|| views.next()).expect("a subnet's table is one of its VPC's, and its own view the first").number
    }
}

/// The next hops of a VPC's entries that are instances.
pub fn next_hops<'a>(cloud: &'a Cloud, vpc: &Vpc) -> impl Iterator<Item = &'a Instance> {
    let entries = cloud.route_tables_of(&vpc.name).flat_map(|table| &table.entries);
    let named = entries.filter_map(|entry| match &entry.next_hop {
        NextHop::Instance(name) => Some(name),
        _ => None,
    });
    let named: BTreeSet<_> = named.collect();
    named.into_iter().filter_map(|name| cloud.instance(name))
}
