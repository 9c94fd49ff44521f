//! The words of a provider's console for what its pages show.

use crate::words::Word;

/// The words of the pages that all providers have.
#[derive(Debug)]
#[allow(missing_docs)] // the words say what they are
pub struct Terms {
    pub region: Word,
    pub name: Word,
    pub id_name: Word,
    pub status: Word,
    pub actions: Word,
    pub cidr: Word,
    pub kind: Word,
    pub confirm: Word,
    pub cancel: Word,
    pub delete: Word,
    pub refresh: Word,
    pub account_center: Word,
    pub account_id: Word,
    pub vpcs: Word,
    pub create_vpc: Word,
    pub vpc: Word,
    pub subnets: Word,
    pub create_subnet: Word,
    pub subnet: Word,
    pub free_addresses: Word,
    pub route_tables: Word,
    pub create_table: Word,
    pub table: Word,
    pub manage: Word,
    pub system: Word,
    pub custom: Word,
    pub about_table: Word,
    pub entries: Word,
    pub add_entry: Word,
    pub destination: Word,
    pub next_hop: Word,
    pub next_hop_kind: Word,
    pub to_peering: Word,
    pub to_instance: Word,
    pub to_internet: Word,
    pub to_nat: Word,
    pub priority: Word,
    pub available: Word,
    pub blackhole: Word,
    pub associations: Word,
    pub associate: Word,
    pub set_main: Word,
    pub edit_entries: Word,
    pub add_row: Word,
    pub remove_row: Word,
    pub save: Word,
    pub instances: Word,
    pub instance: Word,
    pub create_instance: Word,
    pub address: Word,
    pub public_address: Word,
    pub connect: Word,
    pub start: Word,
    pub stop: Word,
    pub running: Word,
    pub stopped: Word,
    pub groups: Word,
    pub group: Word,
    pub create_group: Word,
    pub rules: Word,
    pub rules_of_group: Word,
    pub add_rule: Word,
    pub inbound: Word,
    pub outbound: Word,
    pub edit_inbound: Word,
    pub edit_outbound: Word,
    pub policy: Word,
    pub accept: Word,
    pub drop: Word,
    pub protocol: Word,
    pub ports: Word,
    pub source: Word,
    pub target: Word,
    pub acls: Word,
    pub acl: Word,
    pub create_acl: Word,
    pub number: Word,
    pub peerings: Word,
    pub create_peering: Word,
    pub requester: Word,
    pub accepter: Word,
    pub accept_request: Word,
    pub reject_request: Word,
    pub delete_peering: Word,
    pub more: Word,
    pub reboot: Word,
    pub change_forwards: Word,
    pub forwards: Word,
    pub change_groups: Word,
    pub edit_blocks: Word,
    pub add_block: Word,
    pub remove_block: Word,
    pub change_inner_access: Word,
    pub change_bandwidth: Word,
    pub bandwidth: Word,
    pub force: Word,
    pub save_rules: Word,
    pub save_associations: Word,
    pub add_acl_rule: Word,
}

/// How the rows of a group's rules are called, where they have types and kinds of sources.
#[derive(Debug)]
#[allow(missing_docs)] // the words say what they are
pub(crate) struct Rules {
    pub kind: Word,
    pub source_kind: Word,
    pub target_kind: Word,
    pub custom: Word,
    pub anywhere: Word,
    pub mine: Word,
    /// The types that are protocols.
    pub kinds: &'static [(&'static str, Word)],
}

/// What a provider calls NAT gateways, gateways of VPCs and public addresses.
#[derive(Debug)]
#[allow(missing_docs)] // the words say what they are
pub(crate) struct Internet {
    pub nats: Word,
    pub nat: Word,
    pub create_nat: Word,
    /// The words of its entries, if it has any.
    pub entries: Option<Entries>,
    /// The list of gateways, one of them, and the button that creates one, if the provider has gateways.
    pub gateways: Option<[Word; 3]>,
    pub addresses: Word,
    pub associate: Word,
    pub release: Word,
    pub used_by: Word,
}

/// What the entries of NAT gateways are called.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) struct Entries {
    pub snat: Word,
    pub add_snat: Word,
    pub source: Word,
    pub dnat: Word,
    pub add_dnat: Word,
    pub public_port: Word,
    pub private_address: Word,
    pub private_port: Word,
}

/// What a provider's pages of peering connections are called, beyond the common words.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) struct Connections {
    pub own_vpc: Word,
    pub account: Word,
    pub my_account: Word,
    pub another_account: Word,
    pub account_id: Word,
    pub region: Word,
    pub this_region: Word,
    pub another_region: Word,
    pub peer_region: Word,
    pub peer_vpc: Word,
    pub routes: Word,
    /// The DNS settings of a connection, where it has any.
    pub dns: Option<Dns>,
    /// The kinds of links between regions, where one is chosen.
    pub quality: Option<Quality>,
    /// The box by which the routes to the peer are made with the connection, with what it is about.
    pub add_routes: Option<(Word, Word)>,
}

/// What the DNS settings of a connection and of a VPC are called.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) struct Dns {
    pub edit: Word,
    pub of_requester: Word,
    pub of_accepter: Word,
    pub allow: Word,
    pub save: Word,
    pub edit_vpc: Word,
    pub of_vpc: Word,
    pub support: Word,
    pub hostnames: Word,
}

/// What kinds of links between regions are called.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) struct Quality {
    pub kind: Word,
    pub gold: Word,
    pub platinum: Word,
}
