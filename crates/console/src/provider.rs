//! A provider's console as data: its menus, its regions, and its words for what all providers have.

use crate::cloud::{ConnectionStatus, ResourceKind};
use crate::form::Page;
use crate::view::View;
use crate::words::Word;
use crate::{alibaba, aws, jdcloud};

/// A provider's console.
#[derive(Debug)]
pub struct Console {
    /// The provider.
    pub provider: &'static str,
    /// The menu of all products.
    pub products: Word,
    /// The groups of the menu at the side, a product each.
    pub menu: &'static [Group],
    /// Its regions by id, those that it names.
    pub regions: &'static [(&'static str, Word)],
    /// The pages of its own.
    pub own: for<'v> fn(&View<'v>, &[&str]) -> Option<Page>,
    /// The words of the pages that all providers have.
    pub terms: Terms,
    /// How routes and rules are changed.
    pub style: Style,
    /// Whether any table of a VPC can be its main one, and associations are replaced.
    pub has_main: bool,
    /// Where the reader is led when a route table is made; `{id}` is its id.
    pub table_made: &'static str,
    /// The word that is typed before something is deleted, where its console asks for one.
    pub typed_to_delete: Option<&'static str>,
    /// The words of the rows in which a group's rules are edited, where they have types and kinds of sources.
    pub(crate) rules: Option<&'static crate::groups::Words>,
    /// The words of what leads to the internet.
    pub(crate) internet: &'static crate::internet::Words,
    /// The states of peering connections.
    pub connection_state: fn(ConnectionStatus) -> Word,
    /// The further words of peering connections, if it has them.
    pub(crate) connections: Option<&'static crate::connections::Words>,
    /// All its words.
    pub words: &'static [&'static [Word]],
}

/// How routes and rules are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A form for each.
    OneByOne,
    /// Rows that are edited and saved together.
    Together,
}

/// A group of a menu.
#[derive(Debug)]
pub struct Group {
    /// The product, where the group begins one.
    pub product: Option<Word>,
    /// Its word, which leads to its first page.
    pub word: Word,
    /// Whether it is of an earlier edition of the console.
    pub earlier: bool,
    /// Its pages.
    pub items: &'static [Item],
}

/// A page of a menu.
#[derive(Debug)]
pub struct Item {
    /// Its word.
    pub word: Word,
    /// Its path.
    pub path: &'static str,
}

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

/// Every console.
pub const ALL: [&Console; 3] = [&alibaba::CONSOLE, &jdcloud::CONSOLE, &aws::CONSOLE];

impl Console {
    /// The console of a provider.
    pub fn of(provider: &str) -> Option<&'static Console> {
        ALL.into_iter().find(|console| console.provider == provider)
    }

    /// The page of the menu that a path is on or below.
    pub(crate) fn item(&self, path: &str) -> Option<(&'static Group, &'static Item)> {
        let all = self.menu.iter().flat_map(|group| group.items.iter().map(move |item| (group, item)));
        all.filter(|(_, item)| path == item.path || path.starts_with(&format!("{}/", item.path)))
            .max_by_key(|(_, item)| item.path.len())
    }

    /// The list in which things of a kind are, as its path.
    pub(crate) fn list_of(&self, kind: ResourceKind) -> Option<&'static str> {
        Some(match kind {
            ResourceKind::Vpc => "/vpc/vpcs",
            ResourceKind::Subnet => "/vpc/subnets",
            ResourceKind::RouteTable => "/vpc/route-tables",
            ResourceKind::NetworkAcl => "/vpc/acls",
            ResourceKind::Instance => "/compute/instances",
            ResourceKind::SecurityGroup => "/compute/security-groups",
            ResourceKind::RouterInterface | ResourceKind::Compound => alibaba::VPC_TO_VPC,
            ResourceKind::VpcPeering => jdcloud::PEERINGS,
            ResourceKind::NatGateway => crate::internet::NATS,
            ResourceKind::Gateway => crate::internet::GATEWAYS,
            ResourceKind::PeeringConnection => "/vpc/peering-connections",
            _ => return None,
        })
    }
}
