//! Random operations, for the tests of this crate and of others.

use super::*;
use crate::reference::Resource;

/// Whether a provider has an operation.
pub(super) fn has(provider: &Provider, kind: &OperationKind) -> bool {
    let explicit = ["replace-route-table-association", "set-main-route-table"];
    kind.peering.is_none_or(|peering| provider.family(peering).is_some())
        && (provider.secondary_blocks.is_some() || !kind.name.ends_with("-cidr"))
        && (provider.explicit_associations || !explicit.contains(&kind.name))
        && (provider.snat_entries || !(kind.name.contains("-snat-") || kind.name.contains("-dnat-")))
        && (provider.gateways || !kind.name.ends_with("e-gateway"))
        && (provider.nat_gateways || !kind.name.contains("nat-"))
}

/// Random numbers that select one operation on the current Cloud: mostly on existing resources, called by their owners,
/// so that operations interact.
struct Dice<'a> {
    cloud: &'a Cloud,
    rolls: std::iter::Cycle<std::slice::Iter<'a, u16>>,
    owner: Option<AccountName>,
}

impl<'a> Dice<'a> {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.rolls.next().expect("a cycle has no end")) % sides
    }

    fn one_of(&mut self, all: &[&str]) -> String {
        all[self.roll(all.len())].to_string()
    }

    /// A call of any operation of the provider: its arguments by kind, some of them chosen so that the call often fits.
    fn call(&mut self) -> Call {
        let provider = self.cloud.provider;
        let own: Vec<_> = OperationKind::ALL.iter().filter(|kind| has(provider, kind)).collect();
        let kind = own[self.roll(own.len())];
        let first_of_two = self.roll(2) == 0;
        let call = kind.call(|argument| {
            let is_second = kind.arguments().any(|it| it.or == Some(argument.field));
            if argument.or.is_some() || is_second {
                let given = argument.or.is_some() == first_of_two;
                return given.then(|| self.text(argument)).into_iter().collect();
            }
            let count = match (argument.required, argument.several) {
                (true, true) => 1 + usize::from(self.roll(4) == 0),
                (true, false) => 1,
                (false, _) => usize::from(self.roll(4) == 0),
            };
            (0..count).map(|_| self.text(argument)).collect()
        });
        self.fitting(call.expect("all that is required is there"))
    }

    /// A text for an argument.
    fn text(&mut self, argument: &'static Argument) -> String {
        match argument.kind {
            ArgumentKind::New(ResourceKind::Subnet) => self.one_of(&["s", "t"]),
            ArgumentKind::New(_) => self.one_of(&NAMES),
            ArgumentKind::NewId(kind) => match self.one_of(&["1", "2", "3", "4", "a"]) {
                other if other == "a" => other,
                number => format!("{}{number}", (self.cloud.provider.ids.prefix)(kind)),
            },
            ArgumentKind::NextHop(_) if self.roll(8) == 0 => "internet".into(),
            ArgumentKind::NextHop(_) if self.roll(8) == 0 => "p".into(),
            ArgumentKind::Deleted(_)
            | ArgumentKind::Changed(_)
            | ArgumentKind::Awaited(_)
            | ArgumentKind::Thing(_)
            | ArgumentKind::NextHop(_) => self.existing(argument.names()),
            ArgumentKind::Account => self.one_of(&["A", "B"]),
            ArgumentKind::Region => self.one_of(&["r", "r", "r", "q"]),
            ArgumentKind::Zone => self.one_of(&["ra", "r-b", "r-2", "qa", "r1"]),
            ArgumentKind::Role => self.one_of(&["initiator", "acceptor"]),
            ArgumentKind::Spec => self.one_of(&["Mini.2", "Large.1", "x"]),
            ArgumentKind::Block | ArgumentKind::BlockOrAddress => self.cidr(),
            ArgumentKind::Address => {
                self.one_of(&["10.1.0.5", "172.16.0.5", "172.16.0.1", "203.0.113.1", "203.0.113.2"])
            }
            ArgumentKind::Time => self.one_of(&["30ms", "30"]),
            ArgumentKind::Bytes => self.one_of(&["1400", "8500", "30"]),
            ArgumentKind::Protocol => self.one_of(&["tcp", "udp", "icmp", "all"]),
            ArgumentKind::Port => self.one_of(&["22", "8022", "0", "x"]),
            ArgumentKind::Ports => self.one_of(&["22", "80/90", "-1/-1", "0"]),
            ArgumentKind::Policy | ArgumentKind::InnerAccess => self.one_of(&["accept", "drop"]),
            ArgumentKind::RulePriority => self.one_of(&["1", "2", "101"]),
            ArgumentKind::Duration => self.one_of(&["1h", "1d", "6d", "7d", "7"]),
            ArgumentKind::Bandwidth => self.one_of(&["100Mbit", "1Gbit", "2Gbit", "0Mbit", "x"]),
            ArgumentKind::Flag => "true".into(),
            ArgumentKind::EntryPriority => self.one_of(&["1", "2", "100", "255", "256"]),
            ArgumentKind::Boolean => self.one_of(&["true", "True", "false", "yes"]),
            ArgumentKind::AclNumber => self.one_of(&["1", "2", "100", "32766", "32767"]),
            ArgumentKind::Direction => self.one_of(&["ingress", "egress", "both"]),
            ArgumentKind::AclDefault | ArgumentKind::GroupEgress => self.one_of(&["accept", "drop"]),
        }
    }

    fn cidr(&mut self) -> String {
        self.one_of(&[
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.2.0/24",
            "10.2.0.0/16",
            "172.16.0.0/16",
            "192.168.0.0/16",
            "0.0.0.0/0",
            "x",
        ])
    }

    /// An existing resource of one of these kinds, by name or id; one time in ten any text.
    fn existing(&mut self, kinds: &[ResourceKind]) -> String {
        let of_kind = |kind: ResourceKind| self.cloud.names_of(kind).into_iter().map(move |name| (kind, name));
        let all: Vec<_> = kinds.iter().copied().flat_map(of_kind).collect();
        if all.is_empty() || self.roll(10) == 0 {
            let other = [
                "V",
                "a",
                "p",
                "g",
                "t",
                "i",
                "nothing",
                "p.initiator",
                "V/default",
                "vpc:V",
                "nothing:a",
                ":",
                "网站",
            ];
            return self.one_of(&other);
        }
        let owner = |(kind, name): &(ResourceKind, String)| self.cloud.owner_of(*kind, name);
        let of_owner = all.iter().filter(|thing| self.owner.is_none() || owner(thing) == self.owner);
        let of_owner: Vec<_> = of_owner.cloned().collect();
        let all = if of_owner.is_empty() || self.roll(4) == 0 { all } else { of_owner };
        self.pick(&all)
    }

    /// One of these resources. The owner of the first one that is picked calls.
    fn pick(&mut self, all: &[(ResourceKind, String)]) -> String {
        let (kind, name) = all[self.roll(all.len())].clone();
        self.owner = self.owner.take().or_else(|| self.cloud.owner_of(kind, &name));
        let id = self.cloud.found(kind, &name).map_or_else(|| name.clone(), |(_, id)| id.to_string());
        match self.roll(6) {
            0 => id,
            1 => format!("{}:{name}", kind.keyword()),
            2 => format!("{}:{id}", kind.keyword().to_uppercase().replace('_', "-")),
            _ => name,
        }
    }

    /// Mostly the block of the subnet that a NAT gateway is in.
    fn block_of_nat(&mut self, nat: &str) -> Option<String> {
        let nat = NatGateway::find(self.cloud, nat).filter(|_| self.roll(4) > 0)?;
        self.cloud.subnet(&nat.host.subnet).map(|subnet| subnet.cidr.to_string())
    }

    /// The call with arguments that seldom fit by chance.
    fn fitting(&mut self, mut call: Call) -> Call {
        match &mut call {
            Call::CreateSubnet(call) => {
                let vpc = Vpc::find(self.cloud, &call.vpc);
                let blocks: Vec<_> = vpc.into_iter().flat_map(|vpc| vpc.blocks()).collect();
                let block = (!blocks.is_empty()).then(|| blocks[self.roll(blocks.len())]);
                let base = block.map_or("10.0.0.0".into(), |block| block.network().to_string());
                call.cidr = format!("{base}/{}", self.one_of(&["28", "24", "20", "16"]));
            }
            Call::RemoveCidr(call) => {
                let several = self.cloud.vpcs().filter(|vpc| !vpc.secondary.is_empty());
                let several: Vec<_> = several.map(|vpc| (ResourceKind::Vpc, vpc.name.to_string())).collect();
                if !several.is_empty() {
                    self.owner = None;
                    call.vpc = self.pick(&several);
                }
                let blocks = Vpc::find(self.cloud, &call.vpc).map_or(&[][..], |vpc| &vpc.secondary);
                if !blocks.is_empty() && self.roll(4) > 0 {
                    call.cidr = blocks[self.roll(blocks.len())].cidr.to_string();
                }
            }
            Call::AssociateRouteTable(call) => {
                let vpc = RouteTable::find(self.cloud, &call.table).map(|table| table.vpc.clone());
                let subnets = vpc.iter().flat_map(|vpc| self.cloud.subnets_of(vpc));
                let subnets: Vec<_> = subnets.map(|it| (ResourceKind::Subnet, it.name.to_string())).collect();
                if !subnets.is_empty() && self.roll(4) > 0 {
                    call.subnet = self.pick(&subnets);
                }
            }
            Call::UnassociateRouteTable(call) => {
                let associated = self.cloud.subnets().filter(|subnet| subnet.association.is_some());
                let named = associated.map(|subnet| (ResourceKind::Subnet, subnet.name.to_string()));
                let associated: Vec<_> = named.collect();
                if !associated.is_empty() {
                    self.owner = None;
                    call.subnet = self.pick(&associated);
                    let association = Subnet::find(self.cloud, &call.subnet).and_then(|it| it.association.as_ref());
                    call.table = association.map(|association| association.table.to_string()).unwrap_or_default();
                }
            }
            Call::UnassociateNetworkAcl(call) => {
                let behind = self.cloud.subnets().filter(|subnet| subnet.acl.is_some());
                let behind: Vec<_> = behind.map(|subnet| (ResourceKind::Subnet, subnet.name.to_string())).collect();
                if !behind.is_empty() {
                    self.owner = None;
                    call.subnet = self.pick(&behind);
                    let association = Subnet::find(self.cloud, &call.subnet).and_then(|it| it.acl.as_ref());
                    call.acl = association.map(|association| association.acl.to_string()).unwrap_or_default();
                }
            }
            Call::DeleteNetworkAclEntry(call) => {
                let entries = NetworkAcl::find(self.cloud, &call.acl).map_or(&[][..], |acl| &acl.entries);
                if !entries.is_empty() {
                    let entry = &entries[self.roll(entries.len())];
                    (call.direction, call.number) = (entry.direction.to_string(), entry.number.to_string());
                }
            }
            Call::ReleasePublicIp(call) => {
                let public = self.cloud.instances().filter(|instance| instance.public_ip.is_some());
                let public: Vec<_> = public.map(|it| (ResourceKind::Instance, it.name.to_string())).collect();
                if !public.is_empty() {
                    self.owner = None;
                    call.instance = self.pick(&public);
                }
            }
            Call::CreateSnatEntry(call) => {
                if let Some(block) = self.block_of_nat(&call.nat_gateway) {
                    call.cidr = block;
                }
            }
            Call::DeleteSnatEntry(call) => {
                let entries = NatGateway::find(self.cloud, &call.nat_gateway).map_or(&[][..], |nat| &nat.snat);
                if !entries.is_empty() {
                    call.cidr = entries[self.roll(entries.len())].cidr.to_string();
                }
            }
            Call::CreateDnatEntry(call) => {
                call.protocol = self.one_of(&["tcp", "udp", "tcp", "all"]);
                call.port = self.one_of(&["22", "8022", "443", "x"]);
                if let Some(block) = self.block_of_nat(&call.nat_gateway) {
                    call.to = block.split('/').next().unwrap_or_default().to_owned();
                }
            }
            Call::DeleteDnatEntry(call) => {
                let leading = self.cloud.nat_gateways().filter(|nat| !nat.dnat.is_empty());
                let leading: Vec<_> = leading.map(|it| (ResourceKind::NatGateway, it.name.to_string())).collect();
                if !leading.is_empty() {
                    self.owner = None;
                    call.nat_gateway = self.pick(&leading);
                }
                let entries = NatGateway::find(self.cloud, &call.nat_gateway).map_or(&[][..], |nat| &nat.dnat);
                if !entries.is_empty() {
                    let entry = &entries[self.roll(entries.len())];
                    (call.protocol, call.port) = (entry.protocol.to_string(), entry.port.to_string());
                }
            }
            Call::DeleteRouteEntry(call) => {
                let tables = self.cloud.route_tables().filter(|table| !table.entries.is_empty());
                let tables: Vec<_> = tables.map(|it| (ResourceKind::RouteTable, it.name.to_string())).collect();
                if !tables.is_empty() && self.roll(4) > 0 {
                    self.owner = None;
                    let name = self.pick(&tables);
                    let entries = RouteTable::find(self.cloud, &name).map_or(&[][..], |table| &table.entries);
                    call.destination = entries[self.roll(entries.len())].destination.to_string();
                    (call.table, call.vpc, call.next_hop, call.priority) = (Some(name), None, None, None);
                }
            }
            Call::LeaveSecurityGroup(call) => {
                let members = self.cloud.instances().filter(|instance| !instance.groups.is_empty());
                let members: Vec<_> = members.map(|it| (ResourceKind::Instance, it.name.to_string())).collect();
                if !members.is_empty() {
                    self.owner = None;
                    call.instance = self.pick(&members);
                    let groups = Instance::find(self.cloud, &call.instance).map(|instance| &instance.groups);
                    call.group =
                        groups.and_then(|groups| groups.iter().next()).map(ToString::to_string).unwrap_or_default();
                }
            }
            Call::RevokeSecurityGroup(call) => self.rule_of(&call.security_group, Direction::Ingress, &mut call.rule),
            Call::RevokeSecurityGroupEgress(call) => {
                self.rule_of(&call.security_group, Direction::Egress, &mut call.rule);
            }
            Call::CreateRouterInterface(call) => {
                call.spec = (call.role == "initiator").then(|| "Mini.2".into());
            }
            Call::ModifyRouterInterfaceAttribute(call) => {
                let other = self.existing(&[ResourceKind::RouterInterface]);
                let end = RouterInterface::find(self.cloud, &other);
                call.opposite_account = Some(end.map_or("A".into(), |end| end.account.to_string()));
                call.opposite_router = end.map(|end| end.vpc.to_string()).filter(|_| self.roll(8) > 0);
                call.opposite_interface = Some(other);
            }
            Call::ConnectRouterInterface(call) => self.end_that_is(Status::Idle, &mut call.name),
            Call::CreateVpcPeeringConnection(call) => {
                let peer = self.existing(&[ResourceKind::Vpc]);
                let account = Vpc::find(self.cloud, &peer).map(|vpc| vpc.account.to_string());
                call.peer_account = account.filter(|_| self.roll(2) == 0);
                (call.peer_vpc, call.peer_region) = (peer, None);
                call.bandwidth = call.bandwidth.take().filter(|_| self.roll(2) == 0);
            }
            Call::AcceptVpcPeeringConnection(call) => self.request(&mut call.name),
            Call::RejectVpcPeeringConnection(call) => self.request(&mut call.name),
            Call::ModifyVpcPeeringConnection(call) => {
                let across = self.cloud.peering_connections().filter(|it| it.bandwidth.is_some());
                self.connection(across.collect(), &mut call.name);
            }
            Call::ActivateRouterInterface(call) => self.end_that_is(Status::Inactive, &mut call.name),
            Call::DeactivateRouterInterface(call) => self.end_that_is(Status::Active, &mut call.name),
            _ => {}
        }
        call
    }

    /// An existing rule of the group, if there is one.
    fn rule_of(&mut self, group: &str, direction: Direction, arguments: &mut RuleArguments) {
        let rules = SecurityGroup::find(self.cloud, group).map_or(&[][..], |group| &group.rules);
        let rules: Vec<_> = rules.iter().filter(|rule| rule.direction == direction).collect();
        if rules.is_empty() {
            return;
        }
        *arguments = rules[self.roll(rules.len())].arguments();
    }

    /// An end in this state, if there is one.
    fn end_that_is(&mut self, status: Status, name: &mut String) {
        let all = self.cloud.router_interfaces().filter(|interface| interface.status == status);
        let all: Vec<_> = all.map(|end| (ResourceKind::RouterInterface, end.name.to_string())).collect();
        if !all.is_empty() {
            self.owner = None;
            *name = self.pick(&all);
        }
    }
}

impl Dice<'_> {
    /// One of these connections, if there is one; the requester calls.
    fn connection(&mut self, all: Vec<&PeeringConnection>, name: &mut String) {
        let all: Vec<_> = all.iter().map(|it| (ResourceKind::PeeringConnection, it.name.to_string())).collect();
        if !all.is_empty() {
            self.owner = None;
            *name = self.pick(&all);
        }
    }

    /// A request that waits, if there is one; the accepter calls.
    fn request(&mut self, name: &mut String) {
        let waiting = self.cloud.peering_connections().filter(|it| it.status == ConnectionStatus::Pending);
        self.connection(waiting.collect(), name);
        if let Some(connection) = PeeringConnection::find(self.cloud, name) {
            self.owner = Some(connection.accepter.account.clone());
        }
    }
}

impl Cloud {
    fn owner_of(&self, kind: ResourceKind, name: &str) -> Option<AccountName> {
        fn owner<R: Resource>(cloud: &Cloud, name: &str) -> Option<AccountName> {
            R::find(cloud, name).map(|resource| resource.owner(cloud).clone())
        }
        match kind {
            ResourceKind::Vpc | ResourceKind::Router => owner::<Vpc>(self, name),
            ResourceKind::Subnet => owner::<Subnet>(self, name),
            ResourceKind::RouteTable => owner::<RouteTable>(self, name),
            ResourceKind::SecurityGroup => owner::<SecurityGroup>(self, name),
            ResourceKind::NetworkAcl => owner::<NetworkAcl>(self, name),
            ResourceKind::NatGateway => owner::<NatGateway>(self, name),
            ResourceKind::Gateway => owner::<Gateway>(self, name),
            ResourceKind::Instance => owner::<Instance>(self, name),
            ResourceKind::RouterInterface | ResourceKind::Compound => owner::<RouterInterface>(self, name),
            ResourceKind::VpcPeering => owner::<VpcPeering>(self, name),
            ResourceKind::PeeringConnection => owner::<PeeringConnection>(self, name),
            ResourceKind::Account => None,
        }
    }
}

/// Names for something new: of other scripts, with digits, and like an id or an address.
const NAMES: [&str; 14] =
    ["a", "网站", "1", "é.x", "सर्वर", "f", "p", "q", "p.initiator", "V", "A", "vpc-1", "10.1.0.5", "a-0123456789ab"];

/// The operation that these random numbers select on this Cloud.
pub fn random_operation(cloud: &Cloud, rolls: &[u16]) -> Operation {
    let mut dice = Dice { cloud, rolls: rolls.iter().cycle(), owner: None };
    let call = dice.call();
    let stranger = ["A", "B"][dice.roll(2)];
    let caller = match dice.owner.take() {
        Some(owner) if dice.roll(10) != 0 => owner,
        _ => AccountName::trusted(stranger),
    };
    Operation { caller, call, origin: Origin::Provider }
}

/// A call of this operation with these texts for its arguments, in order: none, one or several for each, as many as the
/// argument takes. Of two arguments of which one is needed, it has the first, or the second.
pub fn call_of(kind: &OperationKind, texts: impl IntoIterator<Item = Vec<String>>, first: bool) -> Call {
    let mut texts = texts.into_iter();
    let seconds: Vec<_> = kind.arguments().filter_map(|argument| argument.or).collect();
    let call = kind.call(|argument| {
        let mut own = texts.next().unwrap_or_default();
        let is_first = argument.or.is_some();
        let is_second = seconds.contains(&argument.field);
        let is_needed = argument.required || is_first && first || is_second && !first;
        if is_needed && own.is_empty() {
            own.push("x".to_owned());
        }
        own.truncate(match argument.several {
            _ if is_first && !first || is_second && first => 0,
            true => 3,
            false => 1,
        });
        own
    });
    call.expect("all that is required is there")
}
