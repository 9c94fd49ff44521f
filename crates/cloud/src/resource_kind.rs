//! The kinds of resources.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResourceKind {
    /// An account.
    Account,
    /// A VPC.
    Vpc,
    /// A VPC's router.
    Router,
    /// A subnet.
    Subnet,
    /// A route table.
    RouteTable,
    /// A security group.
    SecurityGroup,
    /// A network ACL.
    NetworkAcl,
    /// An instance.
    Instance,
    /// A NAT gateway.
    NatGateway,
    /// A gateway to the internet.
    Gateway,
    /// A router interface.
    RouterInterface,
    /// A half of a VPC peering.
    VpcPeering,
    /// A peering connection.
    PeeringConnection,
    /// Two router interfaces that were created together.
    Compound,
}

impl ResourceKind {
    /// Every kind.
    pub const ALL: &[ResourceKind] = &[
        ResourceKind::Account,
        ResourceKind::Vpc,
        ResourceKind::Router,
        ResourceKind::Subnet,
        ResourceKind::RouteTable,
        ResourceKind::SecurityGroup,
        ResourceKind::NetworkAcl,
        ResourceKind::Instance,
        ResourceKind::NatGateway,
        ResourceKind::Gateway,
        ResourceKind::RouterInterface,
        ResourceKind::VpcPeering,
        ResourceKind::PeeringConnection,
        ResourceKind::Compound,
    ];

    /// The keyword of a kind: its table in a lab file, and the prefix of an ambiguous name: `instance:prod`.
    pub fn keyword(self) -> &'static str {
        match self {
            ResourceKind::Account => "account",
            ResourceKind::Vpc => "vpc",
            ResourceKind::Router => "router",
            ResourceKind::Subnet => "subnet",
            ResourceKind::RouteTable => "route_table",
            ResourceKind::SecurityGroup => "security_group",
            ResourceKind::NetworkAcl => "network_acl",
            ResourceKind::Instance => "instance",
            ResourceKind::NatGateway => "nat_gateway",
            ResourceKind::Gateway => "gateway",
            ResourceKind::RouterInterface => "router_interface",
            ResourceKind::VpcPeering | ResourceKind::Compound => "peering",
            ResourceKind::PeeringConnection => "peering_connection",
        }
    }

    /// The name in `text` for a resource of this kind: all of it, or the part after `KIND:` if that is this kind.
    pub fn strip(self, text: &str) -> Option<&str> {
        let Some((keyword, rest)) = text.split_once(':') else { return Some(text) };
        keyword.replace('-', "_").eq_ignore_ascii_case(self.keyword()).then_some(rest)
    }

    /// The kinds among which a name of this kind is unique, because a route entry names an end without its family.
    pub(super) fn sharing_names(self) -> &'static [ResourceKind] {
        const ENDS: &[ResourceKind] =
            &[ResourceKind::RouterInterface, ResourceKind::VpcPeering, ResourceKind::PeeringConnection];
        match ENDS.contains(&self) {
            true => ENDS,
            false => {
                ResourceKind::ALL.iter().position(|kind| *kind == self).map_or(&[], |at| &ResourceKind::ALL[at..=at])
            }
        }
    }

    /// The kinds of things that are an end of a peering, or a pair of them.
    pub const PEERINGS: [ResourceKind; 4] = [
        ResourceKind::RouterInterface,
        ResourceKind::Compound,
        ResourceKind::VpcPeering,
        ResourceKind::PeeringConnection,
    ];

    /// The kinds whose resources have separate names; a compound shares its name with its two ends.
    pub(super) const NAMED: [ResourceKind; 11] = [
        ResourceKind::Vpc,
        ResourceKind::Instance,
        ResourceKind::RouterInterface,
        ResourceKind::VpcPeering,
        ResourceKind::PeeringConnection,
        ResourceKind::RouteTable,
        ResourceKind::SecurityGroup,
        ResourceKind::NetworkAcl,
        ResourceKind::NatGateway,
        ResourceKind::Gateway,
        ResourceKind::Account,
    ];

    /// In a sentence: `a VPC`.
    pub(super) fn with_article(self) -> &'static str {
        match self {
            ResourceKind::Account => "an account",
            ResourceKind::Vpc => "a VPC",
            ResourceKind::Router => "a router",
            ResourceKind::Subnet => "a subnet",
            ResourceKind::RouteTable => "a route table",
            ResourceKind::SecurityGroup => "a security group",
            ResourceKind::NetworkAcl => "a network ACL",
            ResourceKind::Instance => "an instance",
            ResourceKind::NatGateway => "a NAT gateway",
            ResourceKind::Gateway => "a gateway",
            ResourceKind::RouterInterface => "a router interface",
            ResourceKind::VpcPeering => "a VPC peering",
            ResourceKind::PeeringConnection => "a peering connection",
            ResourceKind::Compound => "a peering of two router interfaces",
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.with_article();
        f.pad(words.split_once(' ').map_or(words, |(_, noun)| noun))
    }
}
