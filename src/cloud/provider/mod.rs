//! The differences between providers, as values and small functions, one file per provider.
//!
//! Code outside this folder never asks which provider it is; it asks the provider for a value.

mod alibaba;
mod jdcloud;

use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;

use super::{Call, Code, Policy, ResourceKind};

/// A provider: everything in which its cloud differs from others.
pub struct Provider {
    /// As `[lab] provider` names it.
    pub name: &'static str,
    /// Its regions; `init` uses the first one.
    pub regions: &'static [&'static str],
    /// The kind of its peerings.
    pub peering: PeeringKind,
    /// The router's address in a subnet.
    pub gateway: fn(Ipv4Net) -> Ipv4Addr,
    /// The addresses of a subnet that no instance can have, the gateway's among them.
    pub reserved: fn(Ipv4Net) -> [Ipv4Addr; 4],
    /// What a VPC's router delivers locally, before any route entry.
    pub local: Local,
    /// The allowed blocks of VPCs.
    pub vpc_blocks: VpcBlocks,
    /// The allowed prefix lengths of VPCs.
    pub vpc_prefix: RangeInclusive<u8>,
    /// The allowed prefix lengths of subnets.
    pub subnet_prefix: RangeInclusive<u8>,
    /// What an instance needs in addition to a public address for internet access.
    pub internet: InternetAccess,
    /// Whether a new VPC's default table has an entry 0.0.0.0/0 → internet.
    pub default_route: bool,
    /// The most entries of a route table.
    pub entries_per_table: usize,
    /// The default priority of an entry, from 1 (first) to 255. `None`: entries have no priority, and a destination
    /// gets all its next hops at once.
    pub entry_priority: Option<u8>,
    /// The block of the provider's own services, which no entry may have as its destination.
    pub services: Option<Ipv4Net>,
    /// The most ends of peerings of a VPC.
    pub peerings_per_vpc: usize,
    /// What must not overlap in two joined VPCs.
    pub disjoint: Disjoint,
    /// What rules can express, and what happens if none matches.
    pub groups: GroupModel,
    /// The prefix of ids of this kind (`vpc-`).
    pub id_prefix: fn(ResourceKind) -> &'static str,
    /// Why a text cannot be an id of this kind, if it cannot.
    pub id_fault: fn(ResourceKind, &str) -> Option<String>,
    /// The code for a resource of this kind that does not exist.
    pub not_found: fn(ResourceKind) -> Code,
    /// The reference's spelling of a code in an operation, if it differs (docs/cloud.md §8).
    pub spelling: fn(&Call, Code) -> Code,
}

/// The resources, and so the operations, with which a provider joins VPCs.
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
    /// Its subnets; addresses between them are looked up in the table (alibaba).
    Subnets,
    /// Its whole CIDR block; addresses between its subnets belong to no instance (jdcloud).
    WholeVpc,
}

/// The allowed blocks of VPCs (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VpcBlocks {
    /// In 10/8, 172.16/12 or 192.168/16.
    Private,
    /// Anywhere except in these blocks.
    Any {
        /// The blocks that no VPC may overlap.
        but: &'static [Ipv4Net],
    },
}

/// What an instance needs in addition to a public address for internet access (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InternetAccess {
    /// An entry that leads to the internet.
    ByEntry,
    /// Nothing: entries do not apply, and none can lead there.
    ByAddress,
}

/// What must not overlap in two joined VPCs (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disjoint {
    /// Their subnets; other overlaps of the VPCs cause a warning.
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
    /// Whether a new group's members reach each other if no rule matches.
    pub inner_access: Policy,
    /// The most rules of a group.
    pub rules: usize,
    /// The most groups of an instance.
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
