//! VPCs and their subnets (docs/cloud.md §3).

mod blocks;
mod messages;

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::address_pool::AddressPool;
use super::already::is_given;
use super::reference::{Resource, Thing, nearest};
use super::{
    AccountName, AclAssociation, Cloud, CreateSubnet, CreateVpc, DeleteSubnet, DeleteVpc, Fault, GroupName, Id, Local,
    NetworkAclName, Operation, Origin, Outcome, PeeringName, Refusal, Region, ResourceKind, RouteTableName,
    SecurityGroup, Status, SubnetName, VpcBlocks, VpcName, Zones, check_name, value,
};
use crate::message::Message;
use crate::msg;
use messages::Said;

pub use blocks::SecondaryBlock;

/// A VPC; its default route table has the name [`RouteTableName::default_of`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its name.
    pub name: VpcName,
    /// Its id.
    pub id: Id,
    /// Its router's id.
    pub router_id: Id,
    /// Owning account.
    pub account: AccountName,
    /// Its region.
    pub region: Region,
    /// Its first CIDR block.
    pub cidr: Ipv4Net,
    /// Its other CIDR blocks, in the order in which they were added.
    pub secondary: Vec<SecondaryBlock>,
    /// The size in bytes of the largest IP packet of its links.
    pub mtu: u16,
    /// Where it was written.
    pub origin: Origin,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// `VPC/SUBNET`.
    pub name: SubnetName,
    /// Its id.
    pub id: Id,
    /// Its CIDR block.
    pub cidr: Ipv4Net,
    /// Its availability zone, if its creator named one.
    pub zone: Option<Arc<str>>,
    /// The router's address in it, by the provider's convention.
    pub gateway: Ipv4Addr,
    /// The custom table it is associated with; `None`: the VPC's default table serves it.
    pub association: Option<Association>,
    /// Its network ACL; `None`: nothing is filtered at its edge.
    pub acl: Option<AclAssociation>,
    /// Where it was written.
    pub origin: Origin,
}

/// A subnet's association with a custom route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// The table.
    pub table: RouteTableName,
    /// Where it was written.
    pub origin: Origin,
}

impl Cloud {
    /// A warning for an unknown region in which the lab has no VPC yet. It is not refused, because providers open new
    /// regions (docs/cloud.md §5).
    pub(super) fn doubt_of_region<'a>(&'a self, region: &Region) -> Option<Message> {
        let used = || self.vpcs.values().map(|vpc| &*vpc.region.0);
        if self.provider.regions.contains(&&*region.0) || used().any(|used| used == &*region.0) {
            return None;
        }
        // Also accept `beijing` for `cn-beijing`.
        let short = |known: &'a str| known.split_once('-').map_or(known, |(_, place)| place);
        let known = || used().chain(self.provider.regions.iter().copied());
        let near = nearest(&region.0, known()).or_else(|| {
            let place = nearest(&region.0, known().map(short))?;
            known().find(|known| short(known) == place)
        });
        Some(match near {
            Some(near) => {
                msg!(Said::UnknownRegionLike { provider: &self.provider.name, region, near })
            }
            None => msg!(Said::UnknownRegion { provider: &self.provider.name, region }),
        })
    }

    pub(super) fn create_vpc(&mut self, operation: &Operation, call: &CreateVpc) -> Result<Outcome, Refusal> {
        self.free_name(ResourceKind::Vpc, &call.name, "name")?;
        let region = value::region(&call.region, "region")?;
        let cidr = self.vpc_cidr(&call.cidr)?;
        self.check_vpcs_in(&operation.caller, &region).map_err(|refusal| refusal.at("region"))?;
        let id = self.new_id(ResourceKind::Vpc, &call.name, call.id.as_deref(), "id")?;
        let router_id = self.new_id(ResourceKind::Router, &call.name, call.router_id.as_deref(), "router-id")?;
        let mtu = call.mtu.as_deref().map(value::mtu).transpose()?.unwrap_or(self.provider.mtu);
        if router_id == id {
            let message = msg!(Said::IdIsVpcs { id: router_id });
            let hint = msg!(Said::GiveAnotherRouterId);
            return Err(Refusal::new(Fault::AlreadyExists, message, hint).at("router-id"));
        }

        let warnings = self.doubt_of_region(&region).into_iter().collect();
        let name = VpcName::trusted(&*call.name);
        self.directory.insert(&id, Thing::Vpc(name.clone()));
        self.directory.insert(&router_id, Thing::Router(name.clone()));
        let account = operation.caller.clone();
        let origin = operation.origin.clone();
        let vpc = Vpc { name: name.clone(), id, router_id, account, region, cidr, secondary: Vec::new(), mtu, origin };
        self.vpcs.insert(name.clone(), vpc);
        self.create_default_table(&name);
        self.create_default_group(&name, &operation.caller);
        self.create_default_acl(&name, &operation.caller);
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_vpc(&self, operation: &Operation, call: &CreateVpc) -> Option<bool> {
        let vpc = self.mine::<Vpc>(operation, &call.name)?;
        let region = value::region(&call.region, "region").ok()?;
        let same = vpc.region == region && value::cidr(&self.as_block(&call.cidr), "cidr").ok()? == vpc.cidr;
        let same = same && call.mtu.as_deref().is_none_or(|mtu| value::mtu(mtu).is_ok_and(|mtu| mtu == vpc.mtu));
        Some(same && is_given(&call.id, &vpc.id.0) && is_given(&call.router_id, &vpc.router_id.0))
    }

    /// Checks a VPC's block and prefix length (docs/cloud.md §3).
    fn vpc_cidr(&self, text: &str) -> Result<Ipv4Net, Refusal> {
        let cidr = value::cidr(&self.as_block(text), "cidr")?;
        let lengths = &self.provider.vpc_prefix;
        let refused = |message: Message| {
            let hint = msg!(Said::TakePrivateBlock { shortest: lengths.start(), longest: lengths.end() });
            Err(Refusal::new(Fault::InvalidCidr, message, hint).at("cidr"))
        };
        match self.provider.vpc_blocks {
            VpcBlocks::Private if !value::PRIVATE.iter().any(|block| block.contains(&cidr)) => {
                return refused(msg!(Said::NotPrivate { cidr }));
            }
            VpcBlocks::Any { but } => {
                if let Some(kept) = but.iter().find(|kept| overlap(**kept, cidr)) {
                    return refused(msg!(Said::Kept { cidr, block: kept }));
                }
            }
            VpcBlocks::Private => {}
        }
        if !lengths.contains(&cidr.prefix_len()) {
            let length = cidr.prefix_len();
            return refused(match length < *lengths.start() {
                true => msg!(Said::VpcPrefixTooShort { cidr }),
                false => msg!(Said::VpcPrefixTooLong { cidr }),
            });
        }
        Ok(cidr)
    }

    pub(super) fn delete_vpc(&mut self, operation: &Operation, call: &DeleteVpc) -> Result<Outcome, Refusal> {
        let vpc = self.own::<Vpc>(operation, &call.name, "name")?;
        let in_the_way = self.contents_of(vpc);
        if let Some((first, _)) = in_the_way.first() {
            let all: Vec<_> = in_the_way.iter().map(|(_, what)| what).collect();
            let message = msg!(Said::NotEmpty { vpc: &vpc.name, contents: all });
            let hint = msg!(Said::DeleteTheseFirst);
            return Err(Refusal::new(*first, message, hint).at("name"));
        }

        let Vpc { name, id, router_id, .. } = vpc.clone();
        let transitions = self.delete_connections_of(&name, &operation.origin);
        self.leave_dead_connections(&name);
        self.delete_main_table(&name);
        self.delete_default_group(&name);
        self.delete_default_acl(&name);
        self.vpcs.remove(&name);
        self.contents.remove(&name);
        self.directory.remove(ResourceKind::Vpc, name.as_str(), &id);
        self.directory.remove(ResourceKind::Router, name.as_str(), &router_id);
        Ok(Outcome { transitions, ..Outcome::default() })
    }

    /// The contents that prevent the deletion of a VPC, in an order of deletion that is possible, with their codes.
    fn contents_of(&self, vpc: &Vpc) -> Vec<(Fault, Message)> {
        let contents = &self.contents[&vpc.name];
        let entries = self.route_tables_of(&vpc.name).flat_map(|table| {
            let live = table.entries.iter().filter(|entry| entry.next_hop.is_live());
            let live = live.filter(|_| !self.provider.routes_outlive_hops);
            live.map(|entry| msg!(Said::HoldsRouteEntry { destination: &entry.destination, table: &table.name }))
        });
        let entries = entries.map(|what| (Fault::InUseByRouteEntry, what));
        let instances = self.instances_of(&vpc.name);
        let instances = instances.map(|it| (Fault::InUseByInstance, msg!(Said::HoldsInstance { instance: &it.name })));
        let subnets = self.subnets_of(&vpc.name);
        let subnets = subnets.map(|subnet| (Fault::InUseBySubnet, msg!(Said::HoldsSubnet { subnet: &subnet.name })));
        let tables = contents.route_tables.iter().filter(|name| !self.route_tables[*name].is_main);
        let tables = tables.map(|name| (Fault::InUseByRouteTable, msg!(Said::HoldsRouteTable { table: name })));
        let peerings = contents.peerings.iter().filter_map(|name| self.end_in_the_way(&vpc.name, name));
        let groups = self.groups_in_the_way(vpc).into_iter().map(|what| (Fault::InUseBySecurityGroup, what));
        let acls = contents
            .network_acls
            .iter()
            .filter(|name| **name != NetworkAclName::default_of(&vpc.name))
            .map(|name| (Fault::InUseByNetworkAcl, msg!(Said::HoldsNetworkAcl { acl: name })));
        let nats = self.nat_gateways_of(&vpc.name);
        let nats = nats.map(|nat| (Fault::InUseByNatGateway, msg!(Said::HoldsNatGateway { nat: &nat.name })));
        let gateway = contents.gateway.iter();
        let gateway = gateway.map(|name| (Fault::InUseByGateway, msg!(Said::HoldsGateway { gateway: name })));
        let all: Vec<_> = instances
            .chain(nats)
            .chain(subnets)
            .chain(tables)
            .chain(peerings)
            .chain(groups)
            .chain(acls)
            .chain(gateway)
            .collect();
        if all.is_empty() { all } else { entries.chain(all).collect() }
    }

    /// An end of a peering that prevents the deletion; an Active one must be deactivated first.
    /// A dead connection is not in the way.
    fn end_in_the_way(&self, vpc: &VpcName, name: &PeeringName) -> Option<(Fault, Message)> {
        if let Some(connection) = self.peering_connections.get(name) {
            return self
                .prevents_deletion(connection, vpc)
                .then(|| (Fault::InUseByConnection, msg!(Said::HoldsConnection { connection: name })));
        }
        let what = match self.router_interfaces.get(name).map(|interface| interface.status) {
            Some(Status::Active) => msg!(Said::HoldsActivePeering { peering: name }),
            _ => msg!(Said::HoldsPeering { peering: name }),
        };
        Some((Fault::InUseByPeering, what))
    }

    /// The groups of a VPC; one that another group's rule names can be deleted only after that rule or group.
    fn groups_in_the_way(&self, vpc: &Vpc) -> Vec<Message> {
        let default = GroupName::default_of(&vpc.name);
        let own: Vec<_> = self.contents[&vpc.name].security_groups.iter().filter(|name| **name != default).collect();
        let what = |(index, name): (usize, &&GroupName)| {
            let gone = |other: &SecurityGroup| own[..index].contains(&&other.name);
            let naming: Vec<_> =
                self.groups_naming(&self.security_groups[*name]).filter(|other| !gone(other)).collect();
            match naming.first() {
                Some(first) => msg!(Said::HoldsNamedGroup { group: name, by: &first.name }),
                None => msg!(Said::HoldsGroup { group: name }),
            }
        };
        own.iter().enumerate().map(what).collect()
    }

    pub(super) fn create_subnet(&mut self, operation: &Operation, call: &CreateSubnet) -> Result<Outcome, Refusal> {
        let vpc = self.own::<Vpc>(operation, &call.vpc, "vpc")?;
        check_name(&call.name)
            .map_err(|fault| Refusal::new(Fault::InvalidName, fault, msg!(Said::ChooseAnotherSubnetName)).at("name"))?;
        let name = SubnetName { vpc: vpc.name.clone(), subnet: (&*call.name).into() };
        if self.subnets.contains_key(&name) {
            let message = msg!(Said::SubnetExists { vpc: &vpc.name, subnet: &call.name });
            return Err(Refusal::new(Fault::AlreadyExists, message, msg!(Said::ChooseAnotherName)).at("name"));
        }
        let cidr = self.subnet_cidr(vpc, &call.cidr)?;
        self.check_subnets_of(&vpc.name).map_err(|refusal| refusal.at("vpc"))?;
        let zone = call.zone.as_deref().map(|text| zone_of(self.provider.zones, &vpc.region, text)).transpose()?;
        let id = self.new_id(ResourceKind::Subnet, &name.to_string(), call.id.as_deref(), "id")?;
        let warnings = self.overlaps_with_peers(vpc, &name, cidr);

        let gateway = self.provider.gateway.of(cidr);
        let acl = self.default_acl(&name.vpc);
        self.free_addresses.insert(name.clone(), AddressPool::new(cidr, self.provider.reserved(cidr)));
        self.directory.insert(&id, Thing::Subnet(name.clone()));
        let origin = operation.origin.clone();
        self.subnets.insert(name.clone(), Subnet { name, id, cidr, zone, gateway, association: None, acl, origin });
        Ok(Outcome { warnings, ..Outcome::default() })
    }

    /// Whether the resource exists as the call would create it.
    pub(super) fn has_subnet(&self, operation: &Operation, call: &CreateSubnet) -> Option<bool> {
        let vpc = self.mine::<Vpc>(operation, &call.vpc)?;
        let subnet = Subnet::find(self, &format!("{}/{}", vpc.name, call.name))?;
        let zone = call.zone.as_deref().is_none_or(|zone| subnet.zone.as_deref() == Some(zone));
        let same = value::cidr(&self.as_block(&call.cidr), "cidr").ok()? == subnet.cidr && zone;
        Some(same && is_given(&call.id, &subnet.id.0))
    }

    /// Checks a subnet's block: inside its VPC, with a valid prefix length, without overlap with other subnets and
    /// route entries (docs/cloud.md §3).
    fn subnet_cidr(&self, vpc: &Vpc, text: &str) -> Result<Ipv4Net, Refusal> {
        let cidr = value::cidr(&self.as_block(text), "cidr")?;
        let refused = |message: Message, hint: Message| Err(Refusal::new(Fault::InvalidCidr, message, hint).at("cidr"));
        if vpc.block_around(cidr).is_none() {
            let blocks: Vec<_> = vpc.blocks().collect();
            let message = msg!(Said::OutsideVpc { cidr, vpc: &vpc.name, blocks: &blocks });
            return refused(message, msg!(Said::TakeBlockInside { blocks }));
        }
        let lengths = &self.provider.subnet_prefix;
        if !lengths.contains(&cidr.prefix_len()) {
            let message = match cidr.prefix_len() < *lengths.start() {
                true => msg!(Said::SubnetPrefixTooShort { cidr }),
                false => msg!(Said::SubnetPrefixTooLong { cidr }),
            };
            return refused(message, msg!(Said::TakePrefix { shortest: lengths.start(), longest: lengths.end() }));
        }
        if let Some(sibling) = self.subnets_of(&vpc.name).find(|sibling| overlap(sibling.cidr, cidr)) {
            let message = msg!(Said::OverlapsSubnet { cidr, subnet: &sibling.name, block: &sibling.cidr });
            let hint = msg!(Said::TakeFreeBlock);
            return Err(Refusal::new(Fault::OverlappedCidr, message, hint).at("cidr"));
        }
        if self.provider.local == Local::Subnets {
            let mut entries =
                self.route_tables_of(&vpc.name).flat_map(|table| table.entries.iter().map(move |e| (table, e)));
            if let Some((table, entry)) = entries.find(|(_, entry)| cidr.contains(&entry.destination)) {
                let message =
                    msg!(Said::WouldMakeEntryLocal { cidr, destination: &entry.destination, table: &table.name });
                return refused(message, msg!(Said::DeleteEntryOrTakeAnother));
            }
        }
        Ok(cidr)
    }

    /// A warning for each subnet of a joined VPC that overlaps a new one.
    ///
    /// *Decision*: an overlap prevents a connection, but not a later subnet; its own VPC's routes win.
    fn overlaps_with_peers(&self, vpc: &Vpc, name: &SubnetName, cidr: Ipv4Net) -> Vec<Message> {
        let mut warnings = Vec::new();
        for far in self.peerings_of(&vpc.name).filter_map(|peering| peering.far) {
            for theirs in self.subnets_of(&far.vpc).filter(|theirs| overlap(theirs.cidr, cidr)) {
                let (their_name, their_cidr) = (&theirs.name, theirs.cidr);
                warnings.push(msg!(Said::OverlapsFarSubnet {
                    subnet: name,
                    cidr,
                    far: their_name,
                    far_cidr: their_cidr,
                    peering: &far.name
                }));
            }
        }
        warnings
    }

    pub(super) fn delete_subnet(&mut self, operation: &Operation, call: &DeleteSubnet) -> Result<Outcome, Refusal> {
        let subnet = self.own::<Subnet>(operation, &call.name, "name")?;
        let members: Vec<_> = self.instances_in(subnet).map(|instance| &instance.name).collect();
        if !members.is_empty() {
            let message = msg!(Said::HasInstances { subnet: &subnet.name, instances: members });
            return Err(Refusal::new(Fault::InUseByInstance, message, msg!(Said::DeleteInstancesFirst)).at("name"));
        }
        let nats: Vec<_> = self.nat_gateways_in(subnet).map(|nat| &nat.name).collect();
        if let Some(first) = nats.first() {
            let hint = msg!(Said::DeleteNatGatewayFirst { nat: *first });
            let message = msg!(Said::HasNatGateways { subnet: &subnet.name, nats });
            return Err(Refusal::new(Fault::InUseByNatGateway, message, hint).at("name"));
        }

        let Subnet { name, id, .. } = subnet.clone();
        self.subnets.remove(&name);
        self.free_addresses.remove(&name);
        self.directory.remove(ResourceKind::Subnet, &name.to_string(), &id);
        Ok(Outcome::default())
    }
}

/// Whether two blocks overlap; then one contains the other.
pub(super) fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// A zone of a region, by its name.
fn zone_of(zones: Zones, region: &Region, text: &str) -> Result<Arc<str>, Refusal> {
    let rest = text.strip_prefix(&*region.0);
    let fits = |rest: &str| match zones {
        Zones::Letters => {
            let letter = rest.strip_prefix('-').unwrap_or(rest);
            letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_lowercase())
        }
        Zones::Numbers => {
            rest.strip_prefix('-').is_some_and(|number| value::number::<u8>(number).is_some_and(|it| it > 0))
        }
    };
    if rest.is_some_and(fits) {
        return Ok(text.into());
    }
    let first = match zones {
        Zones::Letters if region.0.ends_with(|c: char| c.is_ascii_digit()) => "a",
        Zones::Letters => "-a",
        Zones::Numbers => "-1",
    };
    let hint = msg!(Said::ZonesAre { first: format!("{region}{first}") });
    Err(Refusal::new(Fault::InvalidZone, msg!(Said::NoZone { text, region }), hint).at("zone"))
}
