//! Whether an operation's effect exists already, because a learner did the tutorial's step by hand.

use std::net::Ipv4Addr;

use super::reference::Resource;
use super::router_interface::ends_of;
use super::{
    AssociateRouteTable, Call, Cloud, CreateInstance, CreatePeering, CreateRouteEntry, CreateRouterInterface,
    CreateSubnet, CreateVpc, CreateVpcPeering, DeleteRouteEntry, Direction, Instance, ModifyRouterInterfaceAttribute,
    ModifyRouterInterfaceSpec, NextHop, Operation, PeeringName, Role, RouteEntry, RouteTable, RouterInterface,
    RuleArguments, SecurityGroup, Status, Subnet, UnassociateRouteTable, Vpc, VpcPeering, value,
};

impl Cloud {
    /// Whether the operation's effect exists already, so that `next` skips it.
    ///
    /// For operations that [`Cloud::apply`] refuses or would repeat. A deletion's effect is that the name refers to
    /// nothing; the Cloud does not remember whether it ever did.
    pub fn already(&self, operation: &Operation) -> bool {
        self.is_done(operation).unwrap_or(false)
    }

    /// `None` if something that the operation names does not exist or is not the caller's.
    fn is_done(&self, operation: &Operation) -> Option<bool> {
        match &operation.call {
            Call::CreateVpc(call) => self.has_vpc(operation, call),
            Call::CreateSubnet(call) => self.has_subnet(operation, call),
            Call::CreateInstance(call) => self.has_instance(operation, call),
            Call::CreateRouteTable(call) => {
                let (table, vpc) = (self.mine::<RouteTable>(operation, &call.name)?, Vpc::find(self, &call.vpc)?);
                Some(table.vpc == vpc.name && is_given(&call.id, &table.id.0))
            }
            Call::CreateSecurityGroup(call) => {
                let (group, vpc) = (self.mine::<SecurityGroup>(operation, &call.name)?, Vpc::find(self, &call.vpc)?);
                let inner_access = self.inner_access(call.inner_access.as_deref()).ok()?;
                Some(group.vpc == vpc.name && group.inner_access == inner_access && is_given(&call.id, &group.id.0))
            }
            Call::DeleteVpc(call) => Some(self.is_gone::<Vpc>(&call.name)),
            Call::DeleteSubnet(call) => Some(self.is_gone::<Subnet>(&call.name)),
            Call::DeleteInstance(call) => Some(self.is_gone::<Instance>(&call.name)),
            Call::DeleteRouteTable(call) => Some(self.is_gone::<RouteTable>(&call.name)),
            Call::DeleteSecurityGroup(call) => Some(self.is_gone::<SecurityGroup>(&call.name)),
            Call::DeleteRouterInterface(call) => Some(self.is_gone::<RouterInterface>(&call.name)),
            Call::DeleteVpcPeering(call) => Some(self.is_gone::<VpcPeering>(&call.name)),
            Call::AssociateRouteTable(call) => self.is_associated(operation, call),
            Call::UnassociateRouteTable(call) => self.is_unassociated(operation, call),
            Call::CreateRouteEntry(call) => self.has_route_entry(operation, call),
            Call::DeleteRouteEntry(call) => self.has_no_route_entry(operation, call),
            Call::AuthorizeSecurityGroup(call) => {
                self.has_rule(operation, &call.security_group, Direction::Ingress, &call.rule)
            }
            Call::AuthorizeSecurityGroupEgress(call) => {
                self.has_rule(operation, &call.security_group, Direction::Egress, &call.rule)
            }
            Call::RevokeSecurityGroup(call) => {
                self.has_rule(operation, &call.security_group, Direction::Ingress, &call.rule).map(|has| !has)
            }
            Call::RevokeSecurityGroupEgress(call) => {
                self.has_rule(operation, &call.security_group, Direction::Egress, &call.rule).map(|has| !has)
            }
            Call::JoinSecurityGroup(call) => self.is_member(operation, &call.instance, &call.group),
            Call::LeaveSecurityGroup(call) => {
                self.is_member(operation, &call.instance, &call.group).map(|member| !member)
            }
            Call::CreateRouterInterface(call) => self.has_interface(operation, call),
            Call::ModifyRouterInterfaceAttribute(call) => self.has_opposite(operation, call),
            Call::ConnectRouterInterface(call) => {
                Some(self.mine::<RouterInterface>(operation, &call.name)?.connected.is_some())
            }
            Call::ActivateRouterInterface(call) => {
                Some(self.mine::<RouterInterface>(operation, &call.name)?.status == Status::Active)
            }
            Call::DeactivateRouterInterface(call) => {
                Some(self.mine::<RouterInterface>(operation, &call.name)?.status == Status::Inactive)
            }
            Call::ModifyRouterInterfaceSpec(call) => self.has_spec(operation, call),
            Call::CreatePeering(call) => self.has_compound(operation, call),
            Call::CreateVpcPeering(call) => self.has_half(operation, call),
        }
    }

    /// The caller's own resource.
    fn mine<R: Resource>(&self, operation: &Operation, text: &str) -> Option<&R> {
        R::find(self, text).filter(|resource| *resource.owner(self) == operation.caller)
    }

    fn is_gone<R: Resource>(&self, text: &str) -> bool {
        R::find(self, text).is_none()
    }

    fn has_vpc(&self, operation: &Operation, call: &CreateVpc) -> Option<bool> {
        let vpc = self.mine::<Vpc>(operation, &call.name)?;
        let region = value::region(&call.region, "region").ok()?;
        let same = vpc.region == region && value::cidr(&call.cidr, "cidr").ok()? == vpc.cidr;
        Some(same && is_given(&call.id, &vpc.id.0) && is_given(&call.router_id, &vpc.router_id.0))
    }

    fn has_subnet(&self, operation: &Operation, call: &CreateSubnet) -> Option<bool> {
        let vpc = self.mine::<Vpc>(operation, &call.vpc)?;
        let subnet = Subnet::find(self, &format!("{}/{}", vpc.name, call.name))?;
        Some(value::cidr(&call.cidr, "cidr").ok()? == subnet.cidr && is_given(&call.id, &subnet.id.0))
    }

    fn has_instance(&self, operation: &Operation, call: &CreateInstance) -> Option<bool> {
        let instance = self.mine::<Instance>(operation, &call.name)?;
        let subnet = Subnet::find(self, &call.subnet)?;
        let wants = |text: &Option<String>, has: Option<Ipv4Addr>| {
            text.as_ref().is_none_or(|text| text.parse().ok().is_some_and(|ip: Ipv4Addr| Some(ip) == has))
        };
        let mut groups = call.security_group.iter().map(|text| SecurityGroup::find(self, text));
        Some(
            instance.subnet == subnet.name
                && wants(&call.ip, Some(instance.ip))
                && wants(&call.public_ip, instance.public_ip)
                && groups.all(|group| group.is_some_and(|group| self.members_contain(group, instance)))
                && is_given(&call.id, &instance.id.0),
        )
    }

    fn is_associated(&self, operation: &Operation, call: &AssociateRouteTable) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        Some(self.table_of(self.mine::<Subnet>(operation, &call.subnet)?).name == table.name)
    }

    fn is_unassociated(&self, operation: &Operation, call: &UnassociateRouteTable) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        Some(self.table_of(self.mine::<Subnet>(operation, &call.subnet)?).name != table.name)
    }

    fn has_route_entry(&self, operation: &Operation, call: &CreateRouteEntry) -> Option<bool> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref()).ok()?;
        let entries = table.entries_for(value::cidr_or_address(&call.destination, "destination").ok()?);
        let priority = self.entry_priority(call.priority.as_deref()).ok()?;
        let there = |text: &String| {
            let mut such = entries.iter().filter(|entry| entry.priority == priority && entry.next_hop.is_live());
            such.any(|entry| self.is_named_by(table, &entry.next_hop, text))
        };
        // If a destination gets all its next hops at once, it has no others.
        let only = self.provider.entry_priorities.is_some() || entries.len() == call.next_hop.len();
        Some(only && call.next_hop.iter().all(there))
    }

    fn has_no_route_entry(&self, operation: &Operation, call: &DeleteRouteEntry) -> Option<bool> {
        let table = self.table_meant(operation, call.table.as_deref(), call.vpc.as_deref()).ok()?;
        let entries = table.entries_for(value::cidr_or_address(&call.destination, "destination").ok()?);
        let priority = call.priority.as_deref().map(|text| self.entry_priority(Some(text))).transpose().ok()?;
        let named = |hop: &NextHop| call.next_hop.as_ref().is_none_or(|text| self.is_named_by(table, hop, text));
        let meant = |entry: &RouteEntry| priority.is_none_or(|it| entry.priority == it) && named(&entry.next_hop);
        Some(!entries.iter().any(meant))
    }

    fn has_rule(
        &self,
        operation: &Operation,
        group: &str,
        direction: Direction,
        arguments: &RuleArguments,
    ) -> Option<bool> {
        let group = self.mine::<SecurityGroup>(operation, group)?;
        Some(self.find_rule(operation, group, direction, arguments).ok()?.is_some())
    }

    fn is_member(&self, operation: &Operation, instance: &str, group: &str) -> Option<bool> {
        let instance = self.mine::<Instance>(operation, instance)?;
        Some(self.members_contain(self.mine::<SecurityGroup>(operation, group)?, instance))
    }

    fn members_contain(&self, group: &SecurityGroup, instance: &Instance) -> bool {
        self.groups_of(instance).iter().any(|of| of.name == group.name)
    }

    fn has_interface(&self, operation: &Operation, call: &CreateRouterInterface) -> Option<bool> {
        let interface = self.mine::<RouterInterface>(operation, &call.name)?;
        let role = Role::named(&call.role).ok()?;
        let opposite_region = value::region(&call.opposite_region, "opposite-region").ok()?;
        Some(
            interface.vpc == Vpc::find(self, &call.vpc)?.name
                && interface.role == role
                && interface.spec == self.spec_of_role(role, call.spec.as_deref()).ok()?
                && interface.opposite_region == opposite_region
                && is_given(&call.id, &interface.id.0),
        )
    }

    /// Whether both refer to the same other end, by any names or ids.
    fn has_opposite(&self, operation: &Operation, call: &ModifyRouterInterfaceAttribute) -> Option<bool> {
        let opposite = self.mine::<RouterInterface>(operation, &call.name)?.opposite.as_ref()?;
        fn said<T: PartialEq>(
            (wanted, set): (&Option<String>, &Option<String>),
            thing: impl Fn(&str) -> Option<T>,
        ) -> bool {
            match (wanted, set) {
                (Some(wanted), Some(set)) => same(wanted, set, thing),
                (wanted, _) => wanted.is_none(),
            }
        }
        let account = |text: &str| Some(&self.find_account(text)?.name);
        let router = |text: &str| Some(&self.vpc_of_router(text)?.name);
        let interface = |text: &str| Some(&RouterInterface::find(self, text)?.name);
        Some(
            said((&call.opposite_account, &opposite.account), account)
                && said((&call.opposite_router, &opposite.router), router)
                && said((&call.opposite_interface, &opposite.interface), interface),
        )
    }

    fn has_spec(&self, operation: &Operation, call: &ModifyRouterInterfaceSpec) -> Option<bool> {
        Some(self.mine::<RouterInterface>(operation, &call.name)?.spec? == self.spec_named(&call.spec).ok()?)
    }

    fn has_compound(&self, operation: &Operation, call: &CreatePeering) -> Option<bool> {
        let (initiator, acceptor) = ends_of(&call.name);
        let end = |name: &PeeringName| self.mine::<RouterInterface>(operation, name.as_str());
        let (initiator, acceptor) = (end(&initiator)?, end(&acceptor)?);
        Some(
            initiator.vpc == Vpc::find(self, &call.vpc)?.name
                && acceptor.vpc == Vpc::find(self, &call.peer_vpc)?.name
                && initiator.connected.as_ref() == Some(&acceptor.name)
                && initiator.spec? == self.spec_named(&call.spec).ok()?,
        )
    }

    fn has_half(&self, operation: &Operation, call: &CreateVpcPeering) -> Option<bool> {
        let half = self.mine::<VpcPeering>(operation, &call.name)?;
        let (vpc, peer) = (Vpc::find(self, &call.vpc)?, Vpc::find(self, &call.peer_vpc_id)?);
        Some(half.vpc == vpc.name && half.peer_vpc == peer.name && is_given(&call.id, &half.id.0))
    }
}

/// Whether two texts are the same, or refer to the same resource.
fn same<T: PartialEq>(a: &str, b: &str, thing: impl Fn(&str) -> Option<T>) -> bool {
    a == b || thing(a).is_some_and(|it| thing(b) == Some(it))
}

/// Whether a resource has the requested id, if one was given.
fn is_given(wanted: &Option<String>, id: &str) -> bool {
    wanted.as_deref().is_none_or(|wanted| wanted == id)
}
