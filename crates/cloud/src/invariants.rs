//! Invariants of every Cloud, which tests check after every operation.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::address_pool::AddressPool;
use super::map::Map;
use super::reference::Thing;
use super::router_interface::ends_of;
use super::vpc::overlap;
use super::{
    Cloud, ConnectionLimits, ConnectionStatus, Contents, Direction, Disjoint, EndState, Family, GroupName, Id,
    Instance, InternetAccess, Local, NatGateway, NetworkAcl, NextHop, PeeringConnection, PeeringKind, PeeringName,
    Policy, Quota, Role, RouteTable, RouterInterface, Rule, RulePeer, SecurityGroup, Status, Subnet, Vpc, VpcPeering,
    VpcPeeringStatus,
};

/// Returns an error if a condition does not hold.
macro_rules! hold {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

impl Cloud {
    /// Checks the provider's rules and the Cloud's indexes; the error says what is broken.
    #[doc(hidden)]
    pub fn check_invariants(&self) -> Result<(), String> {
        self.vpcs.values().try_for_each(|vpc| self.check_vpc(vpc))?;
        self.subnets.values().try_for_each(|subnet| self.check_subnet(subnet))?;
        self.instances.values().try_for_each(|instance| self.check_instance(instance))?;
        self.route_tables.values().try_for_each(|table| self.check_table(table))?;
        self.security_groups.values().try_for_each(|group| self.check_group(group))?;
        self.network_acls.values().try_for_each(|acl| self.check_acl(acl))?;
        self.nat_gateways.values().try_for_each(|nat| self.check_nat_gateway(nat))?;
        self.router_interfaces.values().try_for_each(|interface| self.check_interface(interface))?;
        self.vpc_peerings.values().try_for_each(|half| self.check_half_state(half))?;
        self.peering_connections.values().try_for_each(|connection| self.check_connection(connection))?;
        self.check_indexes()?;
        self.check_directory()
    }

    fn check_vpc(&self, vpc: &Vpc) -> Result<(), String> {
        let name = &vpc.name;
        hold!(self.accounts.contains_key(&vpc.account), "VPC {name} is nobody's");
        let blocks: Vec<_> = vpc.blocks().collect();
        for (i, block) in blocks.iter().enumerate() {
            hold!(self.provider.vpc_prefix.contains(&block.prefix_len()), "VPC {name} has {block}");
            hold!(!blocks[..i].iter().any(|other| overlap(*other, *block)), "VPC {name} has {block} twice");
        }
        let most = self.provider.secondary_blocks.as_ref().map_or(0, |policy| policy.most);
        hold!(vpc.secondary.len() <= most, "VPC {name} has {} secondary blocks", vpc.secondary.len());
        let mains = self.route_tables_of(name).filter(|table| table.is_main).count();
        hold!(mains == 1, "VPC {name} has {mains} main tables");
        hold!(self.security_groups.contains_key(&GroupName::default_of(name)), "VPC {name} has no default group");
        for family in self.provider.families {
            let active_only =
                matches!(family, Family::Requests(it) if matches!(it.limits, ConnectionLimits::ByState { .. }));
            let counts = |name: &&PeeringName| {
                self.peering_connections.get(*name).is_none_or(|connection| match active_only {
                    true => connection.status == ConnectionStatus::Active,
                    false => !connection.status.is_dead(),
                })
            };
            let ends = self.ends_of_family(name, family.kind()).filter(counts).count();
            hold!(ends <= family.per_vpc(), "VPC {name} has {ends} ends of peerings");
        }
        let mut joined = BTreeSet::new();
        for peering in self.peerings_of(name) {
            let Some(far) = peering.far else { continue };
            let back = self.end_in(&far.vpc, &far.name).and_then(|end| end.far);
            hold!(back.is_some_and(|end| end.name == peering.name), "{} and {} do not agree", peering.name, far.name);
            hold!(
                peering.state == EndState::Waiting || joined.insert(far.vpc.clone()),
                "VPCs {name} and {} are joined twice",
                far.vpc
            );
            hold!(far.vpc != *name, "VPC {name} is joined to itself");
        }
        Ok(())
    }

    fn check_subnet(&self, subnet: &Subnet) -> Result<(), String> {
        let Subnet { name, cidr, .. } = subnet;
        let vpc = self.vpcs.get(&name.vpc).ok_or_else(|| format!("subnet {name} has no VPC"))?;
        hold!(vpc.block_around(*cidr).is_some(), "subnet {name} lies outside its VPC");
        hold!(self.provider.subnet_prefix.contains(&cidr.prefix_len()), "subnet {name} has {cidr}");
        hold!(subnet.gateway == self.provider.gateway.of(*cidr), "subnet {name} has gateway {}", subnet.gateway);
        for sibling in self.subnets_of(&name.vpc).filter(|sibling| sibling.name != *name) {
            hold!(!overlap(*cidr, sibling.cidr), "subnet {name} overlaps {}", sibling.name);
        }
        if let Some(association) = &subnet.association {
            let table = self.route_tables.get(&association.table);
            let explicit = self.provider.explicit_associations;
            let well = table.is_some_and(|table| table.vpc == name.vpc && (explicit || !table.is_main));
            hold!(well, "subnet {name} is associated with {}", association.table);
        }
        if let Some(association) = &subnet.acl {
            let acl = self.network_acls.get(&association.acl);
            hold!(acl.is_some_and(|acl| acl.vpc == name.vpc), "subnet {name} is associated with {}", association.acl);
        }
        Ok(())
    }

    fn check_instance(&self, instance: &Instance) -> Result<(), String> {
        let name = &instance.name;
        let subnet = self.subnets.get(&instance.subnet).ok_or_else(|| format!("instance {name} has no subnet"))?;
        hold!(self.vpcs[&subnet.name.vpc].account == instance.account, "instance {name} is in another's VPC");
        hold!(subnet.cidr.contains(&instance.ip), "instance {name} lies outside its subnet");
        let mut reserved = self.provider.reserved(subnet.cidr);
        hold!(!reserved.any(|ip| ip == instance.ip), "instance {name} has the reserved {}", instance.ip);
        let groups = &instance.groups;
        hold!(groups.len() <= self.provider.groups().per_instance, "instance {name} is in {} groups", groups.len());
        let default = GroupName::default_of(&subnet.name.vpc);
        hold!(
            groups.is_empty() || groups.iter().any(|group| *group != default),
            "instance {name} has one form too many"
        );
        for group in groups {
            let group = self
                .security_groups
                .get(group)
                .ok_or_else(|| format!("instance {name} is in {group}, which is gone"))?;
            hold!(group.vpc == subnet.name.vpc, "instance {name} is in {} of another VPC", group.name);
        }
        Ok(())
    }

    fn check_nat_gateway(&self, nat: &NatGateway) -> Result<(), String> {
        let name = &nat.name;
        self.check_instance(&nat.host)?;
        hold!(nat.is_sorted(), "NAT gateway {name}'s entries are not in order, each once");
        hold!(nat.public_ip().is_some(), "NAT gateway {name} has no public address");
        hold!(self.nat_gateway_behind(&nat.host.name) == Some(nat), "the host of NAT gateway {name} is another's");
        Ok(())
    }

    fn check_table(&self, table: &RouteTable) -> Result<(), String> {
        let name = &table.name;
        let vpc = self.vpcs.get(&table.vpc).ok_or_else(|| format!("route table {name} has no VPC"))?;
        hold!(
            table.entries.len() <= self.limit(Quota::RoutesPerTable, self.provider.entries_per_table),
            "route table {name} is too long"
        );
        hold!(table.is_sorted(), "route table {name}'s entries are not in order, each once");
        for entry in &table.entries {
            let destination = &entry.destination;
            let priorities = (entry.priority.is_some(), self.provider.entry_priorities.is_some());
            hold!(priorities.0 == priorities.1, "entry {destination} of {name} has no priority, or one");
            let local = match self.provider.local {
                Local::Subnets => self.subnets_of(&table.vpc).any(|subnet| subnet.cidr.contains(destination)),
                Local::WholeVpc => vpc.block_around(*destination).is_some(),
            };
            let inner = self.is_inner(table, *destination);
            let led_on = matches!(entry.next_hop, NextHop::Instance(_) | NextHop::NatGateway(_) | NextHop::Gone(_));
            hold!(!local || inner && led_on, "entry {destination} of {name} is local");
            let hop_vpc = match &entry.next_hop {
                NextHop::Internet if self.provider.internet == InternetAccess::ByAddress => None,
                NextHop::Internet => Some(&table.vpc),
                NextHop::Instance(hop) => self.instances.get(hop).map(|instance| &instance.subnet.vpc),
                NextHop::NatGateway(hop) => self.nat_gateways.get(hop).map(|nat| &nat.host.subnet.vpc),
                NextHop::Gateway(hop) => self.gateways.get(hop).map(|gateway| &gateway.vpc),
                NextHop::Peering(hop) => {
                    let interface = self.router_interfaces.get(hop).map(|end| &end.vpc);
                    let half = || self.vpc_peerings.get(hop).map(|half| &half.vpc);
                    let connection = || {
                        let connection = self.peering_connections.get(hop)?;
                        self.side_in(connection, &table.vpc).map(|_| &table.vpc)
                    };
                    interface.or_else(half).or_else(connection)
                }
                NextHop::Gone(gone) => {
                    let dead = matches!(self.directory.get(&gone.id.0), Some(Thing::Gone(_)));
                    dead.then_some(&table.vpc)
                }
            };
            hold!(hop_vpc == Some(&table.vpc), "entry {destination} of {name} leads to {}", entry.next_hop);
        }
        Ok(())
    }

    fn check_group(&self, group: &SecurityGroup) -> Result<(), String> {
        let name = &group.name;
        let model = self.provider.groups();
        let vpc = self.vpcs.get(&group.vpc).ok_or_else(|| format!("group {name} has no VPC"))?;
        hold!(vpc.account == group.account, "group {name} is in another's VPC");
        for direction in [Direction::Ingress, Direction::Egress] {
            let such = |rule: &&Rule| !model.rules_per_direction || rule.direction == direction;
            let rules = group.rules.iter().filter(such).count();
            let most = self.limit(Quota::RulesPerSecurityGroup, model.rules);
            hold!(rules <= most, "group {name} has {rules} rules");
        }
        for (i, rule) in group.rules.iter().enumerate() {
            let priority = model.priorities.as_ref();
            let well = priority.map_or(rule.priority == 0, |priorities| priorities.all.contains(&rule.priority));
            hold!(well && (priority.is_some() || rule.policy == Policy::Accept), "group {name}: {rule}");
            hold!(rule.ports.is_none_or(|ports| 1 <= ports.low && ports.low <= ports.high), "group {name}: {rule}");
            hold!(!group.rules[..i].contains(rule), "group {name} has twice: {rule}");
            let by_cidr = matches!(rule.peer, RulePeer::Cidr(_));
            hold!(model.group_peers || by_cidr, "group {name} of {}: {rule}", self.provider.name);
        }
        Ok(())
    }

    fn check_acl(&self, acl: &NetworkAcl) -> Result<(), String> {
        let name = &acl.name;
        let vpc = self.vpcs.get(&acl.vpc).ok_or_else(|| format!("network ACL {name} has no VPC"))?;
        hold!(vpc.account == acl.account, "network ACL {name} is in another's VPC");
        let model = self.provider.acls().ok_or_else(|| format!("network ACL {name} of {}", self.provider.name))?;
        hold!(acl.is_sorted(), "network ACL {name}'s entries are not in order, each number once");
        for entry in &acl.entries {
            let all = acl.entries(entry.direction).count();
            hold!(
                all <= self.limit(Quota::RulesPerNetworkAcl, model.entries),
                "network ACL {name} has {all} {} entries",
                entry.direction
            );
            hold!(model.numbers.contains(&entry.number), "network ACL {name}: {entry}");
            hold!(entry.ports.is_some() == entry.protocol.has_ports(), "network ACL {name}: {entry}");
        }
        Ok(())
    }

    fn check_interface(&self, interface: &RouterInterface) -> Result<(), String> {
        let name = &interface.name;
        let vpc = self.vpcs.get(&interface.vpc).ok_or_else(|| format!("{name} has no VPC"))?;
        hold!(self.provider.family(PeeringKind::RouterInterfaces).is_some(), "{name} on {}", self.provider.name);
        hold!(vpc.account == interface.account, "{name} is on another's router");
        hold!(interface.spec.is_some() == (interface.role == Role::Initiator), "{name} has the other role's spec");
        let stays = matches!(interface.status, Status::Idle | Status::Active | Status::Inactive);
        hold!(stays == interface.due.is_none(), "{name} stayed {:?}", interface.status);
        let Some(far) = &interface.connected else { return Ok(()) };
        hold!(interface.status != Status::Idle, "{name} is Idle and connected");
        let far =
            self.router_interfaces.get(far).ok_or_else(|| format!("{name} is connected with {far}, which is gone"))?;
        hold!(far.connected.as_ref() == Some(name), "{name} is connected with {}, which is not with it", far.name);
        hold!(far.role == interface.role.opposite(), "{name} and {} have one role", far.name);
        Ok(())
    }

    fn check_half_state(&self, half: &VpcPeering) -> Result<(), String> {
        let name = &half.name;
        let vpc = self.vpcs.get(&half.vpc).ok_or_else(|| format!("{name} has no VPC"))?;
        hold!(self.provider.family(PeeringKind::VpcPeerings).is_some(), "{name} on {}", self.provider.name);
        hold!(vpc.account == half.account, "{name} is in another's VPC");
        let other = self.other_half(half);
        let connected = half.status == VpcPeeringStatus::Connected;
        hold!(connected == other.is_some(), "{name} is {:?}", half.status);
        let Some(other) = other else { return Ok(()) };
        let peer = self.vpcs.get(&other.vpc).ok_or_else(|| format!("{} has no VPC", other.name))?;
        hold!(!self.provider.halves().one_region || peer.region == vpc.region, "{name} joins two regions");
        let apart = self.provider.halves().disjoint != Disjoint::WholeVpcs || vpc.overlap_with(peer).is_none();
        hold!(apart, "{name} joins VPCs that overlap");
        Ok(())
    }

    fn check_connection(&self, connection: &PeeringConnection) -> Result<(), String> {
        let PeeringConnection { name, requester, accepter, status, .. } = connection;
        hold!(self.provider.family(PeeringKind::PeeringConnections).is_some(), "{name} on {}", self.provider.name);
        hold!(requester.vpc_id != accepter.vpc_id, "{name} joins a VPC with itself");
        hold!(status.is_passing() == connection.under_way.is_some(), "{name} stayed {status:?}");
        let sides = [requester, accepter].map(|side| self.vpc_of_side(side));
        for (side, vpc) in [requester, accepter].into_iter().zip(sides) {
            // A request that will fail may name a VPC that does not exist, and one that was dead is deleted after its VPC.
            let passes = matches!(status, ConnectionStatus::Creating | ConnectionStatus::Deleting);
            let may_lack = status.is_dead() || passes;
            hold!(may_lack || vpc.is_some(), "{name} is {status:?}, and VPC {} is gone", side.vpc);
            hold!(vpc.is_none_or(|vpc| vpc.account == side.account), "{name} is in another's VPC");
        }
        let apart = requester.region != accepter.region;
        hold!(connection.bandwidth.is_none() || apart, "{name} has a bandwidth within a region");
        let period = self.provider.requests().expires_after.as_millis();
        let waits = u128::from(self.clock.now - connection.requested);
        hold!(*status != ConnectionStatus::Pending || waits < period, "{name} waits for {waits} ms");
        let interfaces = || self.pair_between(&requester.vpc, &accepter.vpc);
        hold!(status.is_dead() || interfaces().is_none(), "{name} joins VPCs that router interfaces join");
        Ok(())
    }

    /// Every index equals one that is rebuilt.
    fn check_indexes(&self) -> Result<(), String> {
        let instances = || self.instances.values();
        let addresses = instances().map(|i| ((i.subnet.vpc.clone(), i.ip), i.name.clone())).collect();
        hold!(self.addresses == addresses, "the addresses are wrong: {:?}", self.addresses);
        let hosts = || instances().chain(self.nat_gateways.values().map(|nat| &nat.host));
        let public = hosts().filter_map(|i| Some((i.public_ip?, (i.subnet.vpc.clone(), i.name.clone())))).collect();
        hold!(self.public_addresses == public, "the public addresses are wrong: {:?}", self.public_addresses);
        let mut free: Map<_, _> = self
            .subnets
            .values()
            .map(|subnet| (subnet.name.clone(), AddressPool::new(subnet.cidr, self.provider.reserved(subnet.cidr))))
            .collect();
        for instance in hosts() {
            if let Some(pool) = free.get_mut(&instance.subnet) {
                pool.take(instance.ip);
            }
        }
        hold!(self.free_addresses == free, "the free addresses are wrong");
        let mut contents: Map<_, Contents> = Map::default();
        for table in self.route_tables.values() {
            contents.get_or_default(&table.vpc).route_tables.insert(table.name.clone());
        }
        for group in self.security_groups.values() {
            contents.get_or_default(&group.vpc).security_groups.insert(group.name.clone());
        }
        for acl in self.network_acls.values() {
            contents.get_or_default(&acl.vpc).network_acls.insert(acl.name.clone());
        }
        for nat in self.nat_gateways.values() {
            contents.get_or_default(&nat.host.subnet.vpc).nat_gateways.insert(nat.name.clone());
        }
        for gateway in self.gateways.values() {
            let other = contents.get_or_default(&gateway.vpc).gateway.replace(gateway.name.clone());
            hold!(other.is_none(), "VPC {} has two gateways", gateway.vpc);
        }
        let interfaces = self.router_interfaces.values().map(|interface| (&interface.vpc, &interface.name));
        let halves = self.vpc_peerings.values().map(|half| (&half.vpc, &half.name));
        for (vpc, name) in interfaces.chain(halves) {
            contents.get_or_default(vpc).peerings.insert(name.clone());
        }
        for connection in self.peering_connections.values() {
            for side in [&connection.requester, &connection.accepter] {
                if let Some(vpc) = self.vpc_of_side(side) {
                    contents.get_or_default(&vpc.name).peerings.insert(connection.name.clone());
                }
            }
        }
        hold!(self.contents == contents, "the VPCs' contents are wrong: {:?}", self.contents);
        Ok(())
    }

    /// Every id refers to its own resource; an id without a resource belongs to a deleted one.
    fn check_directory(&self) -> Result<(), String> {
        let mut ids: Map<Arc<str>, Thing> = Map::default();
        let mut add = |id: &Id, thing: Thing| {
            hold!(!ids.contains_key(&*id.0), "{id} is the id of two things");
            ids.insert(id.0.clone(), thing);
            Ok(())
        };
        for account in self.accounts.values() {
            add(&account.id, Thing::Account(account.name.clone()))?;
        }
        for vpc in self.vpcs.values() {
            add(&vpc.id, Thing::Vpc(vpc.name.clone()))?;
            add(&vpc.router_id, Thing::Router(vpc.name.clone()))?;
        }
        for subnet in self.subnets.values() {
            add(&subnet.id, Thing::Subnet(subnet.name.clone()))?;
        }
        for table in self.route_tables.values() {
            add(&table.id, Thing::RouteTable(table.name.clone()))?;
        }
        for group in self.security_groups.values() {
            add(&group.id, Thing::SecurityGroup(group.name.clone()))?;
        }
        for acl in self.network_acls.values() {
            add(&acl.id, Thing::NetworkAcl(acl.name.clone()))?;
        }
        for instance in self.instances.values() {
            add(&instance.id, Thing::Instance(instance.name.clone()))?;
        }
        for nat in self.nat_gateways.values() {
            add(&nat.id, Thing::NatGateway(nat.name.clone()))?;
        }
        for gateway in self.gateways.values() {
            add(&gateway.id, Thing::Gateway(gateway.name.clone()))?;
        }
        for interface in self.router_interfaces.values() {
            add(&interface.id, Thing::RouterInterface(interface.name.clone()))?;
        }
        for half in self.vpc_peerings.values() {
            add(&half.id, Thing::VpcPeering(half.name.clone()))?;
        }
        for connection in self.peering_connections.values() {
            add(&connection.id, Thing::PeeringConnection(connection.name.clone()))?;
        }
        for (id, thing) in self.directory.ids.iter() {
            let well = matches!(thing, Thing::Gone(_)) || ids.get(id) == Some(thing);
            hold!(well, "{id} should not be known as {thing:?}");
        }
        for (id, thing) in ids.iter() {
            hold!(self.directory.get(id) == Some(thing), "{id} is not known as {thing:?}");
        }
        for name in self.compounds.keys() {
            let (initiator, acceptor) = ends_of(name.as_str());
            let alive = [initiator, acceptor].iter().any(|end| self.router_interfaces.contains_key(end));
            hold!(alive, "peering {name} has no ends");
        }
        Ok(())
    }
}
