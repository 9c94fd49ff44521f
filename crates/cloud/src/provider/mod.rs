//! The differences between providers, as values and small functions, one file per provider.
//!
//! Code outside this folder never asks which provider it is; it asks the provider for a value.

mod alibaba;
mod aws;
mod jdcloud;
mod messages;
mod tencent;

use std::collections::BTreeSet;
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;

use self::messages::Said;
use super::{Code, Family, Fault, Id, Policy, Quota, ResourceKind, RouteOrder, RuleProtocol, VpcLimits};
use crate::fnv;
use crate::message::Message;
use crate::msg;

/// A provider: everything in which its cloud differs from others.
pub struct Provider {
    /// As `[lab] provider` names it.
    pub name: &'static str,
    /// What people call it, too, in lower-case letters without marks.
    pub also_called: &'static [&'static str],
    /// Its regions; `init` uses the first one.
    pub regions: &'static [&'static str],
    /// The families of peerings; `init` and hints use the first one.
    pub families: &'static [Family],
    /// The shape of an account's id.
    pub accounts: AccountIds,
    /// The router's address in a subnet.
    pub gateway: Place,
    /// The addresses of a subnet that no instance can have, the gateway's among them.
    pub reserved: &'static [Place],
    /// Destinations that a VPC's router delivers locally, before any route entry.
    pub local: Local,
    /// The order of precedence among the routes that match a packet.
    pub route_order: RouteOrder,
    /// What follows a region's name in the names of its availability zones.
    pub zones: Zones,
    /// The allowed blocks of VPCs.
    pub vpc_blocks: VpcBlocks,
    /// The allowed prefix lengths of VPCs.
    pub vpc_prefix: RangeInclusive<u8>,
    /// The rules for secondary blocks of VPCs; `None`: a VPC has one block.
    pub secondary_blocks: Option<SecondaryPolicy>,
    /// The allowed prefix lengths of subnets.
    pub subnet_prefix: RangeInclusive<u8>,
    /// The requirements for an instance's internet access in addition to a public address.
    pub internet: InternetAccess,
    /// Whether a VPC can have a gateway to the internet.
    pub gateways: bool,
    /// Whether a VPC can have NAT gateways.
    pub nat_gateways: bool,
    /// Whether NAT gateways have SNAT and DNAT entries; without, they translate whatever a route leads to them.
    pub snat_entries: bool,
    /// The block of an account's default VPC, if accounts have one.
    pub default_vpc: Option<Ipv4Net>,
    /// The limits of VPCs, subnets and route tables, if the provider has them.
    pub vpc_limits: Option<VpcLimits>,
    /// The limits that a lab can raise, each with the most to which the provider raises it.
    pub raises: &'static [(Quota, usize)],
    /// Whether a new VPC's default table has an entry 0.0.0.0/0 → internet.
    pub default_route: bool,
    /// The most entries of a route table.
    pub entries_per_table: usize,
    /// The priorities of route entries. `None`: they have none, and a destination gets all its next hops at once.
    pub entry_priorities: Option<Priorities>,
    /// The most next hops of a route entry.
    pub hops_per_entry: usize,
    /// Whether an association with a route table is explicit: another one does not replace it, and one with the main
    /// table stays when another becomes the main one.
    pub explicit_associations: bool,
    /// Whether a next hop of routes can be deleted or detached: the routes stay and lead nowhere. Otherwise it is in use.
    pub routes_outlive_hops: bool,
    /// The state of a route that leads nowhere, and of any other, if the provider shows one.
    pub route_states: Option<RouteStates>,
    /// Whether resources of other accounts are not found; otherwise they are refused as another's.
    pub hides_others: bool,
    /// Whether a block with host bits counts as its network; otherwise it is refused.
    pub clears_host_bits: bool,
    /// The block of the provider's own services, which no entry may have as its destination.
    pub services: Option<Ipv4Net>,
    /// The MTU of a VPC's links, in bytes, if its creator names none.
    pub mtu: u16,
    /// The largest packet that passes a peering between two regions, in bytes, if the provider limits it.
    pub mtu_between_regions: Option<u16>,
    /// The packet filters, in the order for outbound packets; inbound packets meet them in reverse.
    pub layers: &'static [Layer],
    /// The shape of its resources' ids.
    pub ids: Ids,
    /// Its codes for faults.
    pub codes: Codes,
}

/// The words for the states of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteStates {
    /// It leads somewhere.
    pub active: &'static str,
    /// Its next hop is gone, or does not carry traffic.
    pub nowhere: &'static str,
}

/// A provider's codes for faults (docs/cloud.md §8).
pub struct Codes {
    /// Its code for a fault.
    pub usual: fn(Fault) -> &'static str,
    /// The operations whose reference has a different code for a fault.
    pub by_operation: &'static [(&'static str, Fault, &'static str)],
}

/// A place in a subnet, counted from one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This many places after the network's address.
    FromFirst(u32),
    /// This many places before the broadcast address.
    FromLast(u32),
}

impl Place {
    /// The address at this place of a subnet.
    pub fn of(self, subnet: Ipv4Net) -> Ipv4Addr {
        match self {
            Place::FromFirst(offset) => u32::from(subnet.network()) + offset,
            Place::FromLast(offset) => u32::from(subnet.broadcast()) - offset,
        }
        .into()
    }
}

/// Priorities: the default, and the allowed range. The lowest number applies first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priorities {
    /// The default.
    pub default: u8,
    /// The allowed priorities.
    pub all: RangeInclusive<u8>,
}

/// The shape of an account's id.
#[derive(Clone, Copy, Debug)]
pub struct AccountIds {
    /// The number of digits of a derived id.
    pub digits: u32,
    /// Whether an id is valid.
    pub is_well: fn(&str) -> bool,
    /// The name of one, in a hint.
    pub hint: fn() -> Message,
}

impl AccountIds {
    /// Sixteen digits; a lab may give any letters and digits.
    pub const FREE: AccountIds = AccountIds {
        digits: 16,
        is_well: |id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        hint: || msg!(Said::OfAccount),
    };

    /// The derived id of the account with this name, which depends only on the name, so that it is the same on every
    /// run.
    pub fn derived(self, name: &str) -> Id {
        let lowest = 10_u64.pow(self.digits - 1);
        let digits = lowest + fnv::hash(fnv::SEED, name.as_bytes()) % lowest;
        Id(digits.to_string().into())
    }
}

/// The shape of a provider's ids.
pub struct Ids {
    /// The prefix of ids of this kind (`vpc-`).
    pub prefix: fn(ResourceKind) -> &'static str,
    /// Why a text cannot be an id of this kind, if it cannot.
    pub fault: fn(ResourceKind, &str) -> Option<Message>,
    /// The part after the prefix in a derived id.
    pub derived: Derived,
}

/// The part of an id that is derived from a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The digits.
    pub alphabet: &'static [u8],
    /// The number of digits.
    pub length: usize,
}

impl Derived {
    /// Thirteen digits and lower case letters.
    pub const BASE_36: Derived = Derived { alphabet: b"0123456789abcdefghijklmnopqrstuvwxyz", length: 13 };

    /// A number with these digits.
    pub(super) fn write(self, mut value: u64) -> String {
        let base = self.alphabet.len() as u64;
        let mut digits = vec![self.alphabet[0]; self.length];
        for digit in digits.iter_mut().rev() {
            *digit = self.alphabet[(value % base) as usize];
            value /= base;
        }
        digits.into_iter().map(char::from).collect()
    }
}

/// Destinations that are local to a VPC.
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

/// The rules for secondary blocks of VPCs (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondaryPolicy {
    /// The most secondary blocks of a VPC.
    pub most: usize,
    /// Whether all private blocks of a VPC are in one of 10/8, 172.16/12 and 192.168/16.
    pub one_private_range: bool,
}

/// The requirements for an instance's internet access in addition to a public address (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InternetAccess {
    /// An entry that leads to the internet.
    ByEntry,
    /// Nothing, unless the VPC has a gateway (docs/cloud.md §14): entries do not apply, and none can lead there.
    ByAddress,
    /// A gateway of the VPC, and an entry that leads to it.
    ByGateway,
}

/// What follows a region's name in the names of its availability zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zones {
    /// A letter, with a dash or without: `us-east-1a`, `cn-hangzhou-h`.
    Letters,
    /// A dash and a number: `ap-guangzhou-3`.
    Numbers,
}

/// Blocks that must not overlap in two joined VPCs (docs/cloud.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disjoint {
    /// Their subnets; other overlaps of the VPCs cause a warning.
    Subnets,
    /// Their whole CIDR blocks.
    WholeVpcs,
    /// Their whole CIDR blocks, and those of all VPCs that are joined with one of them.
    WithPeers,
    /// None: an overlap causes a warning.
    Nothing,
}

/// A packet filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The groups of an instance; they are stateful, so they accept answers.
    SecurityGroups(GroupModel),
    /// The network ACL of a subnet, for packets that cross the subnet's edge. ACLs are stateless, so they filter answers
    /// like any other packets.
    NetworkAcls(AclModel),
}

/// The features of a provider's network ACLs (docs/cloud.md §9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclModel {
    /// What an ACL does with all packets when it is new: accept, by an entry in each direction that can be deleted; or
    /// drop, because it has none.
    pub new: Policy,
    /// The numbers of entries; the lowest applies first.
    pub numbers: RangeInclusive<u16>,
    /// The most entries of a direction.
    pub entries: usize,
    /// The number of the entries of a VPC's default ACL, which accept everything; every subnet without another ACL has it.
    /// `None`: there is no default ACL.
    pub default_entry: Option<u16>,
}

/// The features of a provider's security groups (docs/cloud.md §4).
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The priorities of rules. `None`: they have none, and all accept.
    pub priorities: Option<Priorities>,
    /// Whether the rules of a direction are a list, and so are an instance's groups: the first rule that matches decides. A
    /// rule's priority is its place.
    pub ordered: bool,
    /// Whether the limit of rules is for each direction.
    pub rules_per_direction: bool,
    /// Whether a new group has a rule that accepts all outbound packets.
    pub new_lets_out: bool,
    /// Whether a VPC's default group has a rule that accepts all outbound packets.
    pub default_lets_out: bool,
    /// Whether a rule that the group has already is refused; otherwise it changes nothing.
    pub refuses_duplicates: bool,
    /// Whether a group can be the source of its own rule.
    pub own_source: bool,
    /// Whether a rule can name a group of another VPC only while an active peering joins the two VPCs.
    pub peers_joined: bool,
    /// Whether rules of all the account's groups prevent the deletion of a group that they name; otherwise those of its
    /// VPC's.
    pub named_by_account: bool,
    /// A name that no group can have.
    pub reserved_name: Option<&'static str>,
    /// Whether a VPC's default group accepts everything from its own members.
    pub default_from_members: bool,
    /// The policy for outbound packets that no rule matches.
    pub unmatched_egress: Policy,
    /// The policy for inbound packets that neither a rule nor inner access accepts.
    pub unmatched_ingress: Policy,
    /// Traffic that a VPC's default group accepts from anywhere: a protocol, and a port if it has ports.
    pub default_group: &'static [(RuleProtocol, Option<u16>)],
}

impl Provider {
    /// Every provider.
    pub const ALL: [&'static Provider; 4] = [&alibaba::ALIBABA, &jdcloud::JDCLOUD, &aws::AWS, &tencent::TENCENT];

    /// Their texts on the command line.
    pub const WHOSE_CLOUD: &'static str = "The provider: alibaba, jdcloud, aws or tencent";

    /// The provider of this name, in any case.
    pub fn named(name: &str) -> Option<&'static Provider> {
        Provider::ALL.into_iter().find(|provider| provider.is_named(name))
    }

    /// Whether this is its name, in any case.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether people call it so.
    pub fn is_called(&self, name: &str) -> bool {
        let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        self.name == plain || self.also_called.contains(&&*plain)
    }

    /// Its code for a fault in an operation of this name.
    pub fn code(&self, fault: Fault, operation: &str) -> Code {
        let mut special = self.codes.by_operation.iter();
        let special = special.find(|(name, of, _)| *name == operation && *of == fault);
        Code(special.map_or_else(|| (self.codes.usual)(fault), |(_, _, code)| code))
    }

    /// Every code with which it refuses.
    pub fn all_codes(&self) -> BTreeSet<Code> {
        let special = self.codes.by_operation.iter().map(|(_, _, code)| Code(code));
        Fault::all().map(|fault| Code((self.codes.usual)(fault))).chain(special).collect()
    }

    /// Its security groups.
    pub fn groups(&self) -> &'static GroupModel {
        let groups = self.layers.iter().find_map(|layer| match layer {
            Layer::SecurityGroups(groups) => Some(groups),
            Layer::NetworkAcls(_) => None,
        });
        groups.expect("every provider has security groups")
    }

    /// Its network ACLs, if it has any.
    pub fn acls(&self) -> Option<&'static AclModel> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::SecurityGroups(_) => None,
            Layer::NetworkAcls(acls) => Some(acls),
        })
    }

    /// The priority of a route entry that names none; `None` where entries have no priority.
    pub fn entry_priority(&self) -> Option<u8> {
        self.entry_priorities.as_ref().map(|priorities| priorities.default)
    }

    /// The addresses of a subnet that no instance can have.
    pub fn reserved(&self, subnet: Ipv4Net) -> impl Iterator<Item = Ipv4Addr> + Clone {
        self.reserved.iter().map(move |place| place.of(subnet))
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

/// Whether the part of an id behind its prefix is 1 to 32 letters and digits.
fn is_alphanumeric(rest: &str) -> bool {
    (1..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_all_providers_names_them_all() {
        let names = Provider::ALL.map(|provider| provider.name);
        let (last, others) = names.split_last().expect("there are providers");
        assert_eq!(Provider::WHOSE_CLOUD, format!("The provider: {} or {last}", others.join(", ")));
    }
}
