//! Things by their ids, as the APIs find them: only the caller's, and only in the request's region.

use peerlab_cloud::{
    Instance, NatGateway, NatGatewayName, NetworkAcl, NetworkAclName, PeeringName, ResourceKind, RouteTable,
    RouteTableName, RouterInterface, SecurityGroup, Subnet, SubnetName, Vpc, VpcName,
};

use crate::Refused;
use crate::action::Asked;

impl<'a> Asked<'a> {
    /// The region of a VPC.
    pub(crate) fn region(&self, vpc: &VpcName) -> &'a str {
        self.cloud.vpc(vpc).map_or("", |vpc| &*vpc.region.0)
    }

    /// Whether a VPC is the caller's, and in the request's region.
    pub(crate) fn is_in_sight(&self, vpc: &VpcName) -> bool {
        self.cloud.vpc(vpc).is_some_and(|vpc| self.is_mine(&vpc.account) && self.is_here(&vpc.region))
    }

    /// The VPC of a parameter, for an operation.
    pub(crate) fn vpc(&self, parameter: &str, operation: &str) -> Result<&'a Vpc, Refused> {
        self.vpc_with(self.parameters().needed(parameter), operation)
    }

    /// A VPC with this id.
    pub(crate) fn vpc_with(&self, id: &str, operation: &str) -> Result<&'a Vpc, Refused> {
        let name = self.cloud.with_id(ResourceKind::Vpc, id);
        let vpc = name.and_then(|name| self.cloud.vpc(&VpcName::trusted(name)));
        vpc.filter(|vpc| self.is_in_sight(&vpc.name)).ok_or_else(|| self.not_found(ResourceKind::Vpc, id, operation))
    }

    /// The VPC of a router.
    pub(crate) fn vpc_of_router(&self, parameter: &str, operation: &str) -> Result<&'a Vpc, Refused> {
        let id = self.parameters().needed(parameter);
        let vpc = self.cloud.with_id(ResourceKind::Router, id).and_then(|name| self.cloud.vpc(&VpcName::trusted(name)));
        vpc.filter(|vpc| self.is_in_sight(&vpc.name)).ok_or_else(|| self.not_found(ResourceKind::Vpc, id, operation))
    }

    /// The subnet of a parameter.
    pub(crate) fn subnet(&self, parameter: &str, operation: &str) -> Result<&'a Subnet, Refused> {
        self.subnet_with(self.parameters().needed(parameter), operation)
    }

    /// A subnet with this id.
    pub(crate) fn subnet_with(&self, id: &str, operation: &str) -> Result<&'a Subnet, Refused> {
        let name = self.cloud.with_id(ResourceKind::Subnet, id).and_then(|name| name.parse().ok());
        let subnet = name.and_then(|name| self.cloud.subnet(&name));
        subnet
            .filter(|subnet| self.is_in_sight(&subnet.name.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::Subnet, id, operation))
    }

    /// A route table.
    pub(crate) fn table(&self, parameter: &str, operation: &str) -> Result<&'a RouteTable, Refused> {
        self.table_with(self.parameters().needed(parameter), operation)
    }

    /// A route table with this id.
    pub(crate) fn table_with(&self, id: &str, operation: &str) -> Result<&'a RouteTable, Refused> {
        let name = self.cloud.with_id(ResourceKind::RouteTable, id).map(RouteTableName::trusted);
        let table = name.and_then(|name| self.cloud.route_table(&name));
        table
            .filter(|table| self.is_in_sight(&table.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::RouteTable, id, operation))
    }

    /// A network ACL.
    pub(crate) fn acl(&self, parameter: &str, operation: &str) -> Result<&'a NetworkAcl, Refused> {
        let id = self.parameters().needed(parameter);
        let name = self.cloud.with_id(ResourceKind::NetworkAcl, id).map(NetworkAclName::trusted);
        let acl = name.and_then(|name| self.cloud.network_acl(&name));
        acl.filter(|acl| self.is_in_sight(&acl.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::NetworkAcl, id, operation))
    }

    /// A security group with this id.
    pub(crate) fn group_with(&self, id: &str, operation: &str) -> Result<&'a SecurityGroup, Refused> {
        let name = self.cloud.with_id(ResourceKind::SecurityGroup, id).map(peerlab_cloud::GroupName::trusted);
        let group = name.and_then(|name| self.cloud.security_group(&name));
        group
            .filter(|group| self.is_in_sight(&group.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::SecurityGroup, id, operation))
    }

    /// The security group of a parameter.
    pub(crate) fn group(&self, parameter: &str, operation: &str) -> Result<&'a SecurityGroup, Refused> {
        self.group_with(self.parameters().needed(parameter), operation)
    }

    /// An instance with this id.
    pub(crate) fn instance_with(&self, id: &str, operation: &str) -> Result<&'a Instance, Refused> {
        let name = self.cloud.with_id(ResourceKind::Instance, id).map(peerlab_cloud::InstanceName::trusted);
        let instance = name.and_then(|name| self.cloud.instance(&name));
        instance
            .filter(|it| self.is_mine(&it.account) && self.is_in_sight(&it.subnet.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::Instance, id, operation))
    }

    /// A router interface.
    pub(crate) fn interface(&self, parameter: &str, operation: &str) -> Result<&'a RouterInterface, Refused> {
        let id = self.parameters().needed(parameter);
        let name = self.cloud.with_id(ResourceKind::RouterInterface, id).map(PeeringName::trusted);
        let interface = name.and_then(|name| self.cloud.router_interface(&name));
        interface
            .filter(|it| self.is_in_sight(&it.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::RouterInterface, id, operation))
    }

    /// A NAT gateway with this id.
    pub(crate) fn nat_gateway_with(&self, id: &str, operation: &str) -> Result<&'a NatGateway, Refused> {
        let name = self.cloud.with_id(ResourceKind::NatGateway, id).map(NatGatewayName::trusted);
        let nat = name.and_then(|name| self.cloud.nat_gateway(&name));
        nat.filter(|it| self.is_in_sight(&it.host.subnet.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::NatGateway, id, operation))
    }

    /// The id of a VPC; empty: it is gone.
    pub(crate) fn vpc_id(&self, name: &VpcName) -> String {
        self.cloud.vpc(name).map_or_else(String::new, |vpc| vpc.id.to_string())
    }

    /// The id of a subnet; empty: it is gone.
    pub(crate) fn subnet_id(&self, name: &SubnetName) -> String {
        self.cloud.subnet(name).map_or_else(String::new, |subnet| subnet.id.to_string())
    }

    /// The number of a subnet's free addresses.
    pub(crate) fn free_addresses(&self, subnet: &Subnet) -> u64 {
        let all = 1_u64 << (32 - subnet.cidr.prefix_len());
        let instances = self.cloud.instances_of(&subnet.name.vpc).filter(|it| it.subnet == subnet.name).count();
        let nats = self.cloud.nat_gateways_of(&subnet.name.vpc).filter(|it| it.host.subnet == subnet.name).count();
        all.saturating_sub((self.cloud.provider().reserved.len() + instances + nats) as u64)
    }
}
