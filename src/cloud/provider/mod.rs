//! What differs between providers, as values and small functions; one file each.
//!
//! Nothing outside this folder asks which provider it is: it asks the provider for a value.

mod alibaba;
mod jdcloud;

use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;

use super::{Call, Code, Policy, ResourceKind};

/// A provider: everything in which its cloud differs from another's.
pub struct Provider {
    /// As `[lab] provider` names it.
    pub name: &'static str,
    /// Its regions, the first of which `init` writes.
    pub regions: &'static [&'static str],
    /// Whose operations join VPCs.
    pub peering: PeeringKind,
    /// The router's address in a subnet.
    pub gateway: fn(Ipv4Net) -> Ipv4Addr,
    /// The addresses of a subnet that no instance can have, the gateway's among them.
    pub reserved: fn(Ipv4Net) -> [Ipv4Addr; 4],
    /// What a VPC's router delivers itself, before any entry of a table.
    pub local: Local,
    /// Where a VPC's block may be.
    pub vpc_blocks: VpcBlocks,
    /// How long a VPC's prefix may be.
    pub vpc_prefix: RangeInclusive<u8>,
    /// How long a subnet's prefix may be.
    pub subnet_prefix: RangeInclusive<u8>,
    /// What an instance needs beside a public address to reach the internet and be reached.
    pub internet: InternetAccess,
    /// Whether a new VPC's default table has an entry 0.0.0.0/0 → internet.
    pub default_route: bool,
    /// How many entries a route table may have.
    pub entries_per_table: usize,
    /// The priority of an entry that names none, out of 1 (first) to 255. `None`: entries have no priority, and a
    /// destination gets all its next hops at once.
    pub entry_priority: Option<u8>,
    /// What the provider keeps for its own services: no entry can be for it.
    pub services: Option<Ipv4Net>,
    /// How many ends of peerings a VPC may have.
    pub peerings_per_vpc: usize,
    /// What may not overlap in two VPCs that are joined.
    pub disjoint: Disjoint,
    /// What a rule can say, and what happens where none matches.
    pub groups: GroupModel,
    /// With what an id of a thing of this kind begins (`vpc-`).
    pub id_prefix: fn(ResourceKind) -> &'static str,
    /// Why this cannot be the id of a thing of this kind, if so.
    pub id_fault: fn(ResourceKind, &str) -> Option<String>,
    /// The code for a thing of this kind that is not there.
    pub not_found: fn(ResourceKind) -> Code,
    /// How its reference spells a code in an operation, where it has a spelling of its own (docs/cloud.md §8).
    pub spelling: fn(&Call, Code) -> Code,
}

/// By which objects, and so by which operations, a provider joins VPCs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeeringKind {
    /// An initiator and an acceptor that point at each other (docs/cloud.md §1).
    RouterInterfaces,
    /// A half on each side (docs/cloud.md §2).
    VpcPeerings,
}

/// What is local to a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// Its subnets: what lies between them is looked up in the table (alibaba).
    Subnets,
    /// Its whole CIDR block: what lies between its subnets is nobody's (jdcloud).
    WholeVpc,
}

/// Where a VPC's block may be (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VpcBlocks {
    /// In 10/8, 172.16/12 or 192.168/16.
    Private,
    /// Anywhere apart from these.
    Any {
        /// What no VPC's block may overlap.
        but: &'static [Ipv4Net],
    },
}

/// What an instance needs beside a public address to reach the internet and be reached (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InternetAccess {
    /// An entry that leads to the internet.
    ByEntry,
    /// Nothing: no entry is asked, and none can lead there.
    ByAddress,
}

/// What may not overlap in two VPCs that are joined (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disjoint {
    /// Their subnets; VPCs that overlap otherwise are worth a warning.
    Subnets,
    /// Their whole CIDR blocks.
    WholeVpcs,
}

/// What a provider's security groups can do (docs/cloud.md §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupModel {
    /// Whether a group can set its inner access.
    pub inner_access_set: bool,
    /// Whether a rule can name a group.
    pub group_peers: bool,
    /// Whether a new group's members reach each other where no rule matches.
    pub inner_access: Policy,
    /// How many rules a group may have.
    pub rules: usize,
    /// How many groups an instance may be in.
    pub per_instance: usize,
}

impl Provider {
    /// Every provider.
    pub const ALL: [&'static Provider; 2] = [&alibaba::ALIBABA, &jdcloud::JDCLOUD];

    /// The provider of this name.
    pub fn named(name: &str) -> Option<&'static Provider> {
        Provider::ALL.into_iter().find(|provider| provider.name == name)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Provider {}

/// The address `offset` places after the network's own.
fn from_first(subnet: Ipv4Net, offset: u32) -> Ipv4Addr {
    (u32::from(subnet.network()) + offset).into()
}

/// The address `offset` places before the broadcast address.
fn from_last(subnet: Ipv4Net, offset: u32) -> Ipv4Addr {
    (u32::from(subnet.broadcast()) - offset).into()
}
