//! Finds resources made by hand that are the same as, or similar to, what an operation would create.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::reference::Resource;
use super::{
    AccountName, ArgumentKind, Binding, Call, Cloud, ConnectRouterInterface, CreateInstance, CreatePeering,
    CreateRouterInterface, CreateSubnet, CreateVpc, CreateVpcPeering, CreateVpcPeeringConnection, Created,
    DeleteRouteEntry, Id, ModifyRouterInterfaceSpec, ModifyVpcPeeringConnection, Operation, OperationKind, Origin,
    PeeringConnection, RemoveCidr, ResourceKind, Role, RouterInterface, SecurityGroup, Subnet, Vpc, value,
};

/// A resource made by hand, compared with what an operation would create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its name; for two router interfaces that form a pair like a compound's, the initiator's.
    pub name: String,
    /// The acceptor of such a pair.
    pub acceptor: Option<String>,
    /// Its id.
    pub id: Id,
    /// The line that created it.
    pub line: Arc<str>,
    /// The differences, apart from name and id. Empty: it is what the operation would create.
    pub differences: Vec<Difference>,
    /// Whether it takes the place of the operation's resource despite the differences, because both together make no
    /// sense.
    pub near: bool,
    /// Whether it is only shown still: a request that failed, or a connection that was deleted.
    pub dead: bool,
}

impl Alike {
    /// The call that makes up for a difference without making it anew, where one does.
    pub fn change(&self) -> Option<Call> {
        if self.kind == ResourceKind::PeeringConnection {
            let bandwidth = self.differences.iter().find(|it| it.argument == "bandwidth")?.wanted.clone();
            let bandwidth = bandwidth.replace("bit/s", "bit").replace(' ', "");
            let name = self.name.clone();
            return Some(Call::ModifyVpcPeeringConnection(ModifyVpcPeeringConnection { name, bandwidth }));
        }
        let spec = self.differences.iter().find(|it| it.argument == "spec")?.wanted.clone();
        let name = self.name.clone();
        Some(Call::ModifyRouterInterfaceSpec(ModifyRouterInterfaceSpec { name, spec }))
    }

    /// The name for it in a lab's lines from now on: it replaces the resource that `call` creates.
    pub fn bindings(&self, created: &Created, call: &Call) -> Vec<Binding> {
        if let Some(acceptor) = &self.acceptor {
            let (kind, names) = created.things();
            let made = [&self.name, acceptor];
            let pairs = names.into_iter().zip(made);
            return pairs.map(|(name, made)| Binding { kind, lab: vec![name], made: made.clone() }).collect();
        }
        let router = match call {
            Call::CreateVpc(call) => call.router_id.clone(),
            _ => None,
        };
        let lab = [Some(created.name.clone()), created.id.clone(), router];
        vec![Binding { kind: self.kind, lab: lab.into_iter().flatten().collect(), made: self.name.clone() }]
    }
}

/// An argument that differs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// The argument's name in the grammar.
    pub argument: &'static str,
    /// Its value.
    pub is: String,
    /// The operation's value.
    pub wanted: String,
}

/// The arguments that differ.
#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn hold(mut self, argument: &'static str, is: impl ToString, wanted: impl ToString) -> Self {
        let (is, wanted) = (is.to_string(), wanted.to_string());
        if is != wanted {
            self.0.push(Difference { argument, is, wanted });
        }
        self
    }

    /// Whether none of these arguments differs.
    fn spare(&self, arguments: &[&str]) -> bool {
        !self.0.iter().any(|it| arguments.contains(&it.argument))
    }
}

fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

impl Cloud {
    /// The resources made by hand that are the same as, or similar to, what the operation would create. `None`: it
    /// creates nothing, or refers to something that does not exist.
    pub fn alike(&self, operation: &Operation) -> Option<Vec<Alike>> {
        let created = operation.call.created(self)?;
        let mut found = match &operation.call {
            Call::CreateVpc(call) => self.vpcs_alike(operation, call),
            Call::CreateSubnet(call) => self.subnets_alike(call),
            Call::CreateInstance(call) => self.instances_alike(call),
            Call::CreateRouteTable(call) => {
                let vpc = &Vpc::find(self, &call.vpc)?.name;
                let tables = self.route_tables.values().map(|it| {
                    let differences = Differences::default().hold("vpc", &it.vpc, vpc);
                    (ResourceKind::RouteTable, it.label(), &it.id, &it.origin, differences, false)
                });
                collect(tables)
            }
            Call::CreateSecurityGroup(call) => {
                let vpc = &Vpc::find(self, &call.vpc)?.name;
                let wanted = accept_or_drop(self.inner_access(call.inner_access.as_deref()).ok()?);
                let groups = self.security_groups.values().map(|it| {
                    let differences = Differences::default().hold("vpc", &it.vpc, vpc);
                    let differences = differences.hold("inner-access", accept_or_drop(it.inner_access), wanted);
                    (ResourceKind::SecurityGroup, it.label(), &it.id, &it.origin, differences, false)
                });
                collect(groups)
            }
            Call::CreateNatGateway(call) => {
                let subnet = &Subnet::find(self, &call.subnet)?.name;
                let gateways = self.nat_gateways.values().map(|it| {
                    let public = call.public_ip.as_deref().map_or_else(|| or_none(it.public_ip()), address);
                    let differences = Differences::default().hold("subnet", &it.host.subnet, subnet).hold(
                        "public-ip",
                        or_none(it.public_ip()),
                        public,
                    );
                    (ResourceKind::NatGateway, it.label(), &it.id, &it.origin, differences, false)
                });
                collect(gateways)
            }
            Call::CreateGateway(call) => {
                let vpc = &Vpc::find(self, &call.vpc)?.name;
                let gateways = self.gateways.values().map(|it| {
                    let differences = Differences::default().hold("vpc", &it.vpc, vpc);
                    (ResourceKind::Gateway, it.label(), &it.id, &it.origin, differences, false)
                });
                collect(gateways)
            }
            Call::CreateNetworkAcl(call) => {
                let vpc = &Vpc::find(self, &call.vpc)?.name;
                let acls = self.network_acls.values().map(|it| {
                    let differences = Differences::default().hold("vpc", &it.vpc, vpc);
                    (ResourceKind::NetworkAcl, it.label(), &it.id, &it.origin, differences, false)
                });
                collect(acls)
            }
            Call::CreateRouterInterface(call) => self.interfaces_alike(call)?,
            Call::CreatePeering(call) => self.compounds_alike(call)?,
            Call::CreateVpcPeering(call) => self.halves_alike(call)?,
            Call::CreateVpcPeeringConnection(call) => self.connections_alike(operation, call)?,
            _ => return None,
        };
        for it in &mut found {
            it.near |= it.name == created.name || Some(&*it.id.0) == created.id.as_deref();
        }
        Some(found)
    }

    fn vpcs_alike(&self, operation: &Operation, call: &CreateVpc) -> Vec<Alike> {
        let cidr =
            value::cidr(&self.as_block(&call.cidr), "cidr").map_or_else(|_| call.cidr.clone(), |cidr| cidr.to_string());
        collect(self.vpcs.values().map(|it| {
            let differences = Differences::default()
                .hold("account", &it.account, &operation.caller)
                .hold("region", &it.region, &call.region)
                .hold("cidr", it.cidr, &cidr)
                .hold("mtu", it.mtu, mtu(call.mtu.as_deref()).unwrap_or(self.provider.mtu));
            (ResourceKind::Vpc, it.label(), &it.id, &it.origin, differences, false)
        }))
    }

    fn subnets_alike(&self, call: &CreateSubnet) -> Vec<Alike> {
        let Some(vpc) = Vpc::find(self, &call.vpc) else { return Vec::new() };
        let cidr =
            value::cidr(&self.as_block(&call.cidr), "cidr").map_or_else(|_| call.cidr.clone(), |cidr| cidr.to_string());
        collect(self.subnets_of(&vpc.name).map(|it| {
            let differences = Differences::default().hold("cidr", it.cidr, &cidr);
            (ResourceKind::Subnet, it.label(), &it.id, &it.origin, differences, false)
        }))
    }

    fn instances_alike(&self, call: &CreateInstance) -> Vec<Alike> {
        let Some(subnet) = Subnet::find(self, &call.subnet) else { return Vec::new() };
        let named = |text: &String| SecurityGroup::find(self, text).map_or_else(|| text.clone(), SecurityGroup::label);
        let listed = |groups: Vec<String>| match groups.is_empty() {
            true => "none".to_owned(),
            false => groups.join(", "),
        };
        let ordered = self.provider.groups().ordered;
        let in_order = |mut groups: Vec<String>| {
            if !ordered {
                groups.sort();
            }
            groups
        };
        let wanted = in_order(call.security_group.iter().map(named).collect());
        collect(self.instances.values().map(|it| {
            // The groups at creation count too: a later step may let it join others.
            let made = match as_made(&it.origin) {
                Some(Call::CreateInstance(made)) => in_order(made.security_group.iter().map(named).collect()),
                _ => Vec::new(),
            };
            let is: Vec<_> = it.groups.iter().map(ToString::to_string).collect();
            let is = if made == wanted { made } else { is };
            let ip = call.ip.as_ref().map_or_else(|| it.ip.to_string(), |ip| address(ip));
            let differences = Differences::default()
                .hold("subnet", &it.subnet, &subnet.name)
                .hold("ip", it.ip, ip)
                .hold("public-ip", or_none(it.public_ip), or_none(call.public_ip.as_deref().map(address)))
                .hold("security-group", listed(is), listed(wanted.clone()))
                .hold("forwards", it.forwards, yes(call.forwards.as_deref()))
                .hold("masquerade", it.masquerade, yes(call.masquerade.as_deref()));
            (ResourceKind::Instance, it.label(), &it.id, &it.origin, differences, false)
        }))
    }

    fn interfaces_alike(&self, call: &CreateRouterInterface) -> Option<Vec<Alike>> {
        let vpc = &Vpc::find(self, &call.vpc)?.name;
        let role = Role::named(&call.role).ok()?;
        let wanted = self.spec_of_role(role, call.spec.as_deref()).ok()?.map(|spec| spec.name);
        let latency = latency(call.latency.as_deref());
        let mtu = mtu(call.mtu.as_deref());
        Some(collect(self.router_interfaces.values().map(|it| {
            // The class at creation counts too: a later step may change it.
            let made = match as_made(&it.origin) {
                Some(Call::CreateRouterInterface(made)) => {
                    self.spec_of_role(it.role, made.spec.as_deref()).ok().flatten()
                }
                _ => None,
            };
            let is = made.map(|spec| spec.name).filter(|made| Some(*made) == wanted);
            let is = is.or(it.spec.map(|spec| spec.name));
            // Of a pair with its roles exchanged, the network is the same: the initiator's class caps both directions.
            let (is_role, is) = match self.exchanged(it, role) {
                Some(far) if role == Role::Initiator => (role, far.spec.map(|spec| spec.name)),
                Some(_) => (role, None),
                None => (it.role, is),
            };
            let differences = Differences::default()
                .hold("vpc", &it.vpc, vpc)
                .hold("role", is_role, role)
                .hold("opposite-region", &it.opposite_region, &call.opposite_region)
                .hold("spec", or_none(is), or_none(wanted))
                .hold("latency", in_words(it.latency), in_words(latency))
                .hold("mtu", or_none(it.mtu), or_none(mtu));
            let near = differences.spare(&["vpc", "opposite-region"]);
            (ResourceKind::RouterInterface, it.label(), &it.id, &it.origin, differences, near)
        })))
    }

    /// The other end of a pair in which this one does not have this role, but the other does.
    fn exchanged(&self, end: &RouterInterface, role: Role) -> Option<&RouterInterface> {
        let far = self.router_interfaces.get(&self.counterpart(&end.name)?)?;
        (end.role != role && far.role == role).then_some(far)
    }

    /// The account and the call that do the same by the other end of a pair: a connection by the initiator, where the named end
    /// is none.
    pub fn by_the_other_end(&self, call: &Call) -> Option<(AccountName, Call)> {
        let Call::ConnectRouterInterface(call) = call else { return None };
        let end = self.router_interfaces.values().find(|it| it.name.as_str() == call.name)?;
        let far = self.exchanged(end, Role::Initiator)?;
        let call = ConnectRouterInterface { name: far.name.to_string() };
        Some((far.account.clone(), Call::ConnectRouterInterface(call)))
    }

    /// Compounds, and pairs that were made one end after the other.
    fn compounds_alike(&self, call: &CreatePeering) -> Option<Vec<Alike>> {
        let (vpc, peer) = (&Vpc::find(self, &call.vpc)?.name, &Vpc::find(self, &call.peer_vpc)?.name);
        let latency = latency(call.latency.as_deref());
        let mtu = mtu(call.mtu.as_deref());
        let initiators = self.router_interfaces.values().filter(|it| it.role == Role::Initiator);
        let pairs = initiators.filter_map(|it| Some((it, self.router_interfaces.get(it.connected.as_ref()?)?)));
        let alike = pairs.filter_map(|(initiator, acceptor)| {
            let made = match as_made(&initiator.origin) {
                Some(Call::CreatePeering(made)) => Some(made.spec),
                Some(Call::CreateRouterInterface(made)) => made.spec,
                _ => None,
            };
            let is = made.filter(|made| *made == call.spec);
            let is = is.or(initiator.spec.map(|spec| spec.name.to_owned()));
            let differences = Differences::default()
                .hold("vpc", &initiator.vpc, vpc)
                .hold("peer-vpc", &acceptor.vpc, peer)
                .hold("spec", or_none(is), &call.spec)
                .hold("latency", in_words(initiator.latency), in_words(latency))
                .hold("mtu", or_none(initiator.mtu), or_none(mtu));
            let near = differences.spare(&["vpc", "peer-vpc"]);
            let name = |end: &RouterInterface| end.label();
            let one =
                (ResourceKind::RouterInterface, name(initiator), &initiator.id, &initiator.origin, differences, near);
            collect([one].into_iter()).pop().map(|it| Alike { acceptor: Some(name(acceptor)), ..it })
        });
        Some(alike.collect())
    }

    fn halves_alike(&self, call: &CreateVpcPeering) -> Option<Vec<Alike>> {
        let vpc = &Vpc::find(self, &call.vpc)?.name;
        let peer = Vpc::find(self, &call.peer_vpc_id).map_or_else(|| call.peer_vpc_id.clone(), Vpc::label);
        let latency = latency(call.latency.as_deref());
        let mtu = mtu(call.mtu.as_deref());
        Some(collect(self.vpc_peerings.values().map(|it| {
            let differences = Differences::default()
                .hold("vpc", &it.vpc, vpc)
                .hold("peer-vpc-id", &it.peer_vpc, &peer)
                .hold("latency", in_words(it.latency), in_words(latency))
                .hold("mtu", or_none(it.mtu), or_none(mtu));
            let near = differences.spare(&["vpc", "peer-vpc-id"]);
            (ResourceKind::VpcPeering, it.label(), &it.id, &it.origin, differences, near)
        })))
    }
}

impl Cloud {
    fn connections_alike<'a>(&'a self, operation: &Operation, call: &CreateVpcPeeringConnection) -> Option<Vec<Alike>> {
        let vpc = Vpc::find(self, &call.vpc)?;
        let (accepter, _) = self.accepter_of_request(vpc, call).ok()?;
        let bandwidth = call.bandwidth.as_deref().and_then(value::bandwidth);
        let latency = latency(call.latency.as_deref());
        let mtu = mtu(call.mtu.as_deref());
        let compare = |it: &'a PeeringConnection| {
            let wanted = bandwidth.or(it.bandwidth);
            // The bandwidth at creation counts too: a later step may change it.
            let is = it.made_with().filter(|made| Some(*made) == wanted).or(it.bandwidth);
            let differences = Differences::default()
                .hold("account", &it.requester.account, &operation.caller)
                .hold("vpc", &it.requester.vpc, &vpc.name)
                .hold("peer-account", &it.accepter.account, &accepter.account)
                .hold("peer-region", &it.accepter.region, &accepter.region)
                .hold("peer-vpc", &it.accepter.vpc, &accepter.vpc)
                .hold("bandwidth", or_none(is), or_none(wanted))
                .hold("latency", in_words(it.latency), in_words(latency))
                .hold("mtu", or_none(it.mtu), or_none(mtu));
            let near = differences.spare(&["vpc", "peer-vpc"]);
            (ResourceKind::PeeringConnection, it.label(), &it.id, &it.origin, differences, near)
        };
        let (dead, live): (Vec<_>, Vec<_>) = self.peering_connections.values().partition(|it| it.status.is_dead());
        let dead = collect(dead.into_iter().map(compare)).into_iter().map(|it| Alike { dead: true, near: false, ..it });
        Some(collect(live.into_iter().map(compare)).into_iter().chain(dead).collect())
    }
}

/// Collects the resources that were made by hand.
fn collect<'a>(
    things: impl Iterator<Item = (ResourceKind, String, &'a Id, &'a Origin, Differences, bool)>,
) -> Vec<Alike> {
    let by_hand = things.filter_map(|(kind, name, id, origin, differences, near)| {
        let Origin::Api(line) = origin else { return None };
        let (id, line, differences) = (id.clone(), line.clone(), differences.0);
        Some(Alike { kind, name, acceptor: None, id, line, differences, near, dead: false })
    });
    by_hand.collect()
}

/// The call by which a resource was made by hand.
pub(super) fn as_made(origin: &Origin) -> Option<Call> {
    let Origin::Api(line) = origin else { return None };
    line.parse().ok()
}

fn yes(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn address(text: &str) -> String {
    text.parse::<Ipv4Addr>().map_or_else(|_| text.to_owned(), |address| address.to_string())
}

fn latency(text: Option<&str>) -> Option<std::time::Duration> {
    text.and_then(|text| value::latency(text).ok())
}

fn mtu(text: Option<&str>) -> Option<u16> {
    text.and_then(|text| value::mtu(text).ok())
}

fn in_words(latency: Option<std::time::Duration>) -> String {
    or_none(latency.map(|latency| format!("{latency:?}")))
}

fn accept_or_drop(accept: super::Policy) -> &'static str {
    match accept {
        super::Policy::Accept => "accept",
        super::Policy::Drop => "drop",
    }
}

impl Cloud {
    /// The operations that delete what was made by hand, each with its caller: entries first, VPCs last.
    pub fn deletions(&self) -> Vec<(AccountName, Call)> {
        let by_hand = |origin: &Origin| matches!(origin, Origin::Api(_));
        let mut found: Vec<(AccountName, Call)> = Vec::new();
        for table in self.route_tables.values() {
            let owner = table.owner(self);
            found.extend(table.entries.iter().filter(|entry| by_hand(&entry.origin)).map(|entry| {
                let mut call = DeleteRouteEntry { table: Some(table.label()), vpc: None, ..table.deletion_of(entry) };
                call.next_hop = call.next_hop.filter(|_| table.entries_for(entry.destination).len() > 1);
                (owner.clone(), Call::DeleteRouteEntry(call))
            }));
        }
        let mut blocks = Vec::new();
        for vpc in self.vpcs.values() {
            let secondary = vpc.secondary.iter().filter(|block| by_hand(&block.origin));
            blocks.extend(secondary.map(|block| {
                let call = RemoveCidr { vpc: vpc.label(), cidr: block.cidr.to_string() };
                (vpc.account.clone(), Call::RemoveCidr(call))
            }));
        }
        macro_rules! things {
            ($($kind:ident in $map:ident,)*) => {$(
                found.extend(self.$map.values().filter(|it| by_hand(&it.origin)).filter_map(|it| {
                    Some((it.owner(self).clone(), deletion(ResourceKind::$kind, &it.label())?))
                }));
            )*};
        }
        things! {
            RouterInterface in router_interfaces,
            VpcPeering in vpc_peerings,
            PeeringConnection in peering_connections,
            Instance in instances,
            SecurityGroup in security_groups,
            RouteTable in route_tables,
            Subnet in subnets,
            NetworkAcl in network_acls,
        }
        found.extend(blocks);
        things! { Vpc in vpcs, }
        found
    }
}

impl Cloud {
    /// The resources made by hand, by kind, name and id.
    pub fn made_by_hand(&self) -> Vec<(ResourceKind, String, Id)> {
        let mut found = Vec::new();
        macro_rules! things {
            ($($kind:ident in $map:ident,)*) => {$(
                let by_hand = self.$map.values().filter(|it| matches!(it.origin, Origin::Api(_)));
                found.extend(by_hand.map(|it| (ResourceKind::$kind, it.label(), it.id.clone())));
            )*};
        }
        things! {
            Vpc in vpcs,
            Subnet in subnets,
            RouteTable in route_tables,
            SecurityGroup in security_groups,
            NetworkAcl in network_acls,
            Instance in instances,
            RouterInterface in router_interfaces,
            VpcPeering in vpc_peerings,
            PeeringConnection in peering_connections,
        }
        found
    }

    /// The id of the resource with this kind and name.
    pub fn id_of_name(&self, kind: ResourceKind, name: &str) -> Option<Id> {
        self.found(kind, name).filter(|(found, _)| found == name).map(|(_, id)| id)
    }
}

/// The call that deletes a resource.
pub fn deletion(kind: ResourceKind, name: &str) -> Option<Call> {
    OperationKind::that_deletes(kind)?.call(|argument| match argument.kind {
        ArgumentKind::Deleted(_) => vec![name.to_owned()],
        _ => Vec::new(),
    })
}
