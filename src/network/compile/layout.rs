//! What everything is called, before anything is written: wires need the names of both of their ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::model::NamespaceName;
use super::names::{INTERNET, LinkId, Links, Tables};
use crate::cloud::{
    Cloud, FarEnd, GroupName, Instance, Peering, PeeringName, RouteTable, SecurityGroup, Subnet, Vpc, VpcName,
};

/// The Cloud with its names in the kernel.
pub struct Layout<'a> {
    pub cloud: &'a Cloud,
    pub vpcs: BTreeMap<&'a VpcName, VpcLayout<'a>>,
    /// The instances whose groups name a group.
    members: BTreeMap<&'a GroupName, Vec<&'a Instance>>,
}

/// A VPC's part.
pub struct VpcLayout<'a> {
    pub vpc: &'a Vpc,
    /// By name in the VPC.
    pub subnets: BTreeMap<Arc<str>, Bridge<'a>>,
    /// By address.
    pub instances: Vec<Home<'a>>,
    /// The ends that carry packets.
    pub peerings: BTreeMap<PeeringName, PeeringEnd>,
    /// Where an instance has a public address.
    pub uplink: Option<Uplink>,
    pub tables: Vec<(&'a RouteTable, u32)>,
}

/// A subnet and its bridge.
pub struct Bridge<'a> {
    pub subnet: &'a Subnet,
    pub link: LinkId,
}

/// An instance and the port behind which it is.
pub struct Home<'a> {
    pub instance: &'a Instance,
    pub port: LinkId,
    /// Those whose rules decide for it.
    pub groups: Vec<&'a SecurityGroup>,
}

/// A VPC's end of a peering that carries packets, and its link.
pub struct PeeringEnd {
    pub peering: Peering,
    pub far: FarEnd,
    pub link: LinkId,
}

/// A VPC's way to the internet: the two ends of its wire.
pub struct Uplink {
    pub inside: LinkId,
    pub outside: LinkId,
}

impl<'a> Layout<'a> {
    /// Names everything.
    pub fn of(cloud: &'a Cloud) -> Self {
        let mut tables: BTreeMap<&VpcName, Vec<&RouteTable>> = BTreeMap::new();
        for table in cloud.route_tables() {
            tables.entry(&table.vpc).or_default().push(table);
        }
        let mut peerings: BTreeMap<VpcName, Vec<Peering>> = BTreeMap::new();
        for peering in cloud.peerings().filter(|peering| peering.carries) {
            peerings.entry(peering.vpc.clone()).or_default().push(peering);
        }
        let mut outside = Links::new();
        let mut members: BTreeMap<&GroupName, Vec<&Instance>> = BTreeMap::new();
        let mut vpcs = BTreeMap::new();
        for vpc in cloud.vpcs() {
            let tables = tables.remove(&vpc.name).unwrap_or_default();
            let peerings = peerings.remove(&vpc.name).unwrap_or_default();
            let layout = VpcLayout::of(cloud, vpc, tables, peerings, &mut outside);
            for home in &layout.instances {
                for group in &home.groups {
                    members.entry(&group.name).or_default().push(home.instance);
                }
            }
            vpcs.insert(&vpc.name, layout);
        }
        Layout { cloud, vpcs, members }
    }

    /// The instances whose groups name this one.
    pub fn members(&self, group: &GroupName) -> &[&'a Instance] {
        self.members.get(group).map_or(&[], Vec::as_slice)
    }

    /// The other end of a peering.
    pub fn far_end(&self, far: &FarEnd) -> &PeeringEnd {
        self.vpcs[&far.vpc].peerings.get(&far.name).expect("a peering that carries has two ends that carry")
    }
}

impl<'a> VpcLayout<'a> {
    fn of(
        cloud: &'a Cloud,
        vpc: &'a Vpc,
        tables: Vec<&'a RouteTable>,
        peerings: Vec<Peering>,
        outside: &mut Links,
    ) -> Self {
        let mut links = Links::new();
        let mut claim = |name: &str| links.claim(name, name);
        let public = cloud.instances_of(&vpc.name).any(|instance| instance.public_ip.is_some());
        let uplink = public
            .then(|| Uplink { inside: claim(INTERNET), outside: outside.claim(vpc.name.as_str(), vpc.name.as_str()) });
        let peerings = peerings.into_iter().filter_map(|peering| {
            let (far, link) = (peering.far.clone()?, claim(peering.name.as_str()));
            Some((peering.name.clone(), PeeringEnd { peering, far, link }))
        });
        let peerings = peerings.collect();
        let instances = cloud.instances_of(&vpc.name).map(|instance| Home {
            instance,
            port: claim(instance.name.as_str()),
            groups: cloud.groups_of(instance),
        });
        let instances = instances.collect();
        // Last: of all names, only a subnet's may be another's of the same VPC.
        let subnets = cloud.subnets_of(&vpc.name).map(|subnet| {
            let link = links.claim(&subnet.name.subnet, &subnet.name.to_string());
            (subnet.name.subnet.clone(), Bridge { subnet, link })
        });
        let subnets = subnets.collect();
        let mut numbers = Tables::default();
        let tables = tables.into_iter().map(|table| (table, numbers.claim(table.name.as_str()))).collect();
        VpcLayout { vpc, subnets, instances, peerings, uplink, tables }
    }

    /// The name of its router's namespace.
    pub fn namespace(&self) -> NamespaceName {
        NamespaceName::from(self.vpc.name.as_str())
    }

    /// The bridge of an instance of this VPC.
    pub fn bridge_of(&self, instance: &Instance) -> &Bridge<'a> {
        &self.subnets[&instance.subnet.subnet]
    }

    /// The number of the table that serves a subnet.
    pub fn table_number(&self, table: &RouteTable) -> u32 {
        let found = self.tables.iter().find(|(other, _)| other.name == table.name);
        found.expect("a subnet's table is one of its VPC's").1
    }
}

impl Home<'_> {
    /// The name of the instance's namespace.
    pub fn namespace(&self) -> NamespaceName {
        NamespaceName::from(self.instance.name.as_str())
    }
}
