//! The effects of a call: which resource or part of it changes, and to what. Calls with equal effects have equal results.

use super::{Call, ResourceKind, RuleArguments, value};

/// A change of a resource, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The resource's kind.
    pub kind: ResourceKind,
    /// Its name; a subnet's is `VPC/SUBNET`.
    pub name: String,
    /// The part that changes; `None`: the existence of the resource, on which its parts depend.
    pub part: Option<String>,
    /// The new state of the part.
    pub to: String,
}

impl Call {
    /// Its effects, with the names as written: on two ends if it creates two, else on one resource or a part of one.
    pub fn effects(&self) -> Vec<Effect> {
        use ResourceKind::{
            Gateway, Instance, NatGateway, NetworkAcl, PeeringConnection, RouteTable, RouterInterface, SecurityGroup,
            Subnet, Vpc, VpcPeering,
        };
        let of = |kind, name: &str, part: Option<String>, to: &str| {
            vec![Effect { kind, name: name.to_owned(), part, to: to.to_owned() }]
        };
        let gone = |kind, name: &str| of(kind, name, None, "gone");
        match self {
            Call::CreateVpc(_)
            | Call::CreateSubnet(_)
            | Call::CreateInstance(_)
            | Call::CreateRouteTable(_)
            | Call::CreateSecurityGroup(_)
            | Call::CreateNetworkAcl(_)
            | Call::CreateNatGateway(_)
            | Call::CreateGateway(_)
            | Call::CreateRouterInterface(_)
            | Call::CreateVpcPeering(_)
            | Call::CreateVpcPeeringConnection(_)
            | Call::CreatePeering(_) => {
                let created = self.created_as_written().into_iter();
                let made = created.map(|created| created.things());
                made.flat_map(|(kind, names)| names.into_iter().flat_map(move |name| of(kind, &name, None, "made")))
                    .collect()
            }
            Call::AddCidr(call) => of(Vpc, &call.vpc, Some(call.cidr.clone()), "made"),
            Call::RemoveCidr(call) => of(Vpc, &call.vpc, Some(call.cidr.clone()), "gone"),
            Call::DeleteVpc(call) => gone(Vpc, &call.name),
            Call::DeleteSubnet(call) => gone(Subnet, &call.name),
            Call::DeleteInstance(call) => gone(Instance, &call.name),
            Call::DeleteRouteTable(call) => gone(RouteTable, &call.name),
            Call::DeleteSecurityGroup(call) => gone(SecurityGroup, &call.name),
            Call::ModifySecurityGroup(call) => {
                of(SecurityGroup, &call.name, Some("inner_access".into()), &call.inner_access)
            }
            Call::StartInstance(call) => of(Instance, &call.name, Some("power".into()), "running"),
            Call::StopInstance(call) => of(Instance, &call.name, Some("power".into()), "stopped"),
            Call::RebootInstance(call) => of(Instance, &call.name, Some("restart".into()), ""),
            Call::ModifyInstance(call) => of(Instance, &call.name, Some("forwards".into()), &call.forwards),
            Call::AssociatePublicIp(call) => {
                let address = call.public_ip.clone().unwrap_or_default();
                of(Instance, &call.instance, Some("public-ip".into()), &address)
            }
            Call::ReleasePublicIp(call) => of(Instance, &call.instance, Some("public-ip".into()), "none"),
            Call::DeleteNatGateway(call) => gone(NatGateway, &call.name),
            Call::DeleteGateway(call) => gone(Gateway, &call.name),
            Call::CreateSnatEntry(call) => of(NatGateway, &call.nat_gateway, Some(snat(&call.cidr)), "made"),
            Call::DeleteSnatEntry(call) => of(NatGateway, &call.nat_gateway, Some(snat(&call.cidr)), "gone"),
            Call::CreateDnatEntry(call) => {
                let part = format!("{} {}", call.protocol, call.port);
                of(NatGateway, &call.nat_gateway, Some(part), &format!("{} {:?}", call.to, call.to_port))
            }
            Call::DeleteDnatEntry(call) => {
                of(NatGateway, &call.nat_gateway, Some(format!("{} {}", call.protocol, call.port)), "gone")
            }
            Call::DeleteNetworkAcl(call) => gone(NetworkAcl, &call.name),
            Call::AssociateNetworkAcl(call) => of(Subnet, &call.subnet, Some("acl".into()), &call.acl),
            Call::UnassociateNetworkAcl(call) => of(Subnet, &call.subnet, Some("acl".into()), ""),
            Call::CreateNetworkAclEntry(call) => {
                let part = Some(format!("{} {}", call.direction, call.number));
                of(NetworkAcl, &call.acl, part, &format!("{call:?}"))
            }
            Call::DeleteNetworkAclEntry(call) => {
                of(NetworkAcl, &call.acl, Some(format!("{} {}", call.direction, call.number)), "gone")
            }
            Call::DeleteRouterInterface(call) => gone(RouterInterface, &call.name),
            Call::DeleteVpcPeering(call) => gone(VpcPeering, &call.name),
            Call::DeleteVpcPeeringConnection(call) => gone(PeeringConnection, &call.name),
            Call::AcceptVpcPeeringConnection(call) => {
                of(PeeringConnection, &call.name, Some("status".into()), "accepted")
            }
            Call::RejectVpcPeeringConnection(call) => {
                of(PeeringConnection, &call.name, Some("status".into()), "rejected")
            }
            Call::ModifyVpcPeeringConnection(call) => {
                of(PeeringConnection, &call.name, Some("bandwidth".into()), &call.bandwidth)
            }
            Call::PassTime(_) => Vec::new(),
            Call::AssociateRouteTable(call) => of(Subnet, &call.subnet, Some("table".into()), &call.table),
            Call::ReplaceRouteTableAssociation(call) => of(Subnet, &call.subnet, Some("table".into()), &call.table),
            Call::SetMainRouteTable(call) => of(RouteTable, &call.table, Some("main".into()), "main"),
            Call::UnassociateRouteTable(call) => of(Subnet, &call.subnet, Some("table".into()), ""),
            Call::CreateRouteEntry(call) => {
                let to = format!("{} {:?}", call.next_hop.join(" "), call.priority);
                entry(call.table.as_ref(), call.vpc.as_ref(), &call.destination, &to)
            }
            Call::DeleteRouteEntry(call) => {
                let to = format!("-{:?}{:?}", call.next_hop, call.priority);
                entry(call.table.as_ref(), call.vpc.as_ref(), &call.destination, &to)
            }
            Call::AuthorizeSecurityGroup(call) => rule(&call.security_group, "ingress", &call.rule, "made"),
            Call::AuthorizeSecurityGroupEgress(call) => rule(&call.security_group, "egress", &call.rule, "made"),
            Call::RevokeSecurityGroup(call) => rule(&call.security_group, "ingress", &call.rule, "gone"),
            Call::RevokeSecurityGroupEgress(call) => rule(&call.security_group, "egress", &call.rule, "gone"),
            Call::JoinSecurityGroup(call) => of(Instance, &call.instance, Some(format!("group:{}", call.group)), "in"),
            Call::LeaveSecurityGroup(call) => {
                of(Instance, &call.instance, Some(format!("group:{}", call.group)), "out")
            }
            Call::ModifyRouterInterfaceAttribute(call) => {
                let to = [&call.opposite_account, &call.opposite_interface, &call.opposite_router];
                of(RouterInterface, &call.name, Some("opposite".into()), &format!("{to:?}"))
            }
            Call::ConnectRouterInterface(call) => of(RouterInterface, &call.name, Some("status".into()), "connected"),
            Call::ActivateRouterInterface(call) => of(RouterInterface, &call.name, Some("status".into()), "active"),
            Call::DeactivateRouterInterface(call) => of(RouterInterface, &call.name, Some("status".into()), "inactive"),
            Call::ModifyRouterInterfaceSpec(call) => of(RouterInterface, &call.name, Some("spec".into()), &call.spec),
        }
    }
}

/// An entry of a table, or of a VPC's default table.
fn entry(table: Option<&String>, vpc: Option<&String>, destination: &str, to: &str) -> Vec<Effect> {
    let own = || vpc.map(|vpc| format!("{vpc}/default")).unwrap_or_default();
    let name = table.cloned().unwrap_or_else(own);
    let destination = value::cidr_or_address(destination, "destination")
        .map_or_else(|_| destination.to_owned(), |destination| destination.to_string());
    vec![Effect { kind: ResourceKind::RouteTable, name, part: Some(destination), to: to.to_owned() }]
}

/// An SNAT entry, by its block.
fn snat(cidr: &str) -> String {
    let block = value::cidr_or_address(cidr, "cidr").map_or_else(|_| cidr.to_owned(), |block| block.to_string());
    format!("snat {block}")
}

fn rule(group: &str, direction: &str, rule: &RuleArguments, to: &str) -> Vec<Effect> {
    let part = Some(format!("{direction} {rule:?}"));
    vec![Effect { kind: ResourceKind::SecurityGroup, name: group.to_owned(), part, to: to.to_owned() }]
}
