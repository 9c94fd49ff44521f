//! Things by their ids, as the APIs find them: only the caller's, and only in the request's region.

use peerlab_cloud::{
    Instance, NetworkAcl, NetworkAclName, PeeringName, ResourceKind, RouteTable, RouteTableName, RouterInterface,
    SecurityGroup, Subnet, Vpc, VpcName,
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
        let id = self.parameters().needed(parameter);
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

    /// A vSwitch.
    pub(crate) fn subnet(&self, parameter: &str, operation: &str) -> Result<&'a Subnet, Refused> {
        let id = self.parameters().needed(parameter);
        let name = self.cloud.with_id(ResourceKind::Subnet, id).and_then(|name| name.parse().ok());
        let subnet = name.and_then(|name| self.cloud.subnet(&name));
        subnet
            .filter(|subnet| self.is_in_sight(&subnet.name.vpc))
            .ok_or_else(|| self.not_found(ResourceKind::Subnet, id, operation))
    }

    /// A route table.
    pub(crate) fn table(&self, parameter: &str, operation: &str) -> Result<&'a RouteTable, Refused> {
        let id = self.parameters().needed(parameter);
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
}
