//! Alibaba Cloud: two generations of Express Connect, VPCs, ECS, and today's peering connections.

mod ends;
mod interfaces;
mod rule;
mod vpc_to_vpc;
pub(crate) mod words;

use crate::cloud::{Call, ConnectionStatus};
use crate::form::Page;
use crate::internet;
use crate::provider::{Console, Group, Item, Style};
use crate::terms::{self, Terms};
use crate::view::View;
use ends::INTERFACES;
pub(crate) use ends::VPC_TO_VPC;
use words as w;

/// The console.
pub(crate) static CONSOLE: Console = Console {
    provider: "alibaba",
    products: w::PRODUCTS,
    menu: &[
        Group {
            product: Some(w::EXPRESS_CONNECT),
            word: w::PEERING,
            earlier: false,
            items: &[Item { word: w::VPC_TO_VPC, path: VPC_TO_VPC }],
        },
        Group {
            product: None,
            word: w::CONNECTIONS,
            earlier: true,
            items: &[Item { word: w::INTERFACES, path: INTERFACES }],
        },
        Group {
            product: Some(w::VPC_PRODUCT),
            word: w::VPC_PRODUCT,
            earlier: false,
            items: &[
                Item { word: w::VPCS, path: "/vpc/vpcs" },
                Item { word: w::ROUTE_TABLES, path: "/vpc/route-tables" },
                Item { word: w::VSWITCHES, path: "/vpc/subnets" },
                Item { word: w::PEER_CONNECTIONS, path: "/vpc/peering-connections" },
                Item { word: w::ACLS, path: "/vpc/acls" },
                Item { word: w::NATS, path: internet::NATS },
                Item { word: w::GATEWAYS, path: internet::GATEWAYS },
                Item { word: w::ADDRESSES, path: internet::ADDRESSES },
            ],
        },
        Group {
            product: Some(w::ECS),
            word: w::INSTANCES_GROUP,
            earlier: false,
            items: &[Item { word: w::INSTANCES, path: "/compute/instances" }],
        },
        Group {
            product: None,
            word: w::NETWORKS,
            earlier: false,
            items: &[Item { word: w::GROUPS, path: "/compute/security-groups" }],
        },
    ],
    regions: w::REGIONS,
    terms: Terms {
        region: w::REGION,
        name: w::NAME,
        id_name: w::INSTANCE_NAME,
        status: w::STATUS,
        actions: w::ACTIONS,
        cidr: w::CIDR,
        kind: w::KIND,
        confirm: w::CONFIRM,
        cancel: w::CANCEL,
        delete: w::DELETE,
        refresh: w::REFRESH,
        account_center: w::ACCOUNT_CENTER,
        account_id: w::ACCOUNT_ID,
        vpcs: w::VPCS,
        create_vpc: w::CREATE_VPC,
        vpc: w::VPC,
        subnets: w::VSWITCHES,
        create_subnet: w::CREATE_VSWITCH,
        subnet: w::VSWITCH,
        free_addresses: w::FREE,
        route_tables: w::ROUTE_TABLES,
        create_table: w::CREATE_TABLE,
        table: w::ROUTE_TABLE,
        manage: w::MANAGE,
        system: w::SYSTEM,
        custom: w::CUSTOM,
        about_table: w::ABOUT_TABLE,
        entries: w::ENTRIES,
        add_entry: w::ADD_ENTRY,
        destination: w::DESTINATION,
        next_hop: w::NEXT_HOP,
        next_hop_kind: w::NEXT_HOP_KIND,
        to_peering: w::TO_INTERFACE,
        to_instance: w::TO_INSTANCE,
        to_internet: w::TO_GATEWAY,
        to_nat: w::TO_NAT,
        priority: w::PRIORITY,
        available: w::AVAILABLE,
        blackhole: w::UNAVAILABLE,
        associations: w::ASSOCIATED,
        associate: w::ASSOCIATE,
        set_main: w::SET_MAIN,
        edit_entries: w::EDIT,
        add_row: w::ADD_ROW,
        remove_row: w::DELETE,
        save: w::SAVE,
        instances: w::INSTANCES,
        instance: w::INSTANCE,
        create_instance: w::CREATE_INSTANCE,
        address: w::ADDRESS,
        public_address: w::PUBLIC_ADDRESS,
        connect: w::REMOTE,
        start: w::START,
        stop: w::STOP,
        running: w::RUNNING,
        stopped: w::STOPPED,
        groups: w::GROUPS,
        group: w::GROUP,
        create_group: w::CREATE_GROUP,
        rules: w::CONFIGURE,
        rules_of_group: w::RULES,
        add_rule: w::ADD_RULE,
        inbound: w::INBOUND,
        outbound: w::OUTBOUND,
        edit_inbound: w::EDIT,
        edit_outbound: w::EDIT,
        policy: w::POLICY,
        accept: w::ALLOW,
        drop: w::FORBID,
        protocol: w::PROTOCOL,
        ports: w::PORTS,
        source: w::OBJECT,
        target: w::OBJECT,
        acls: w::ACLS,
        acl: w::ACL,
        create_acl: w::CREATE_ACL,
        number: w::NUMBER,
        peerings: w::PEER_CONNECTIONS,
        create_peering: w::CREATE_PEER_CONNECTION,
        requester: w::REQUESTER,
        accepter: w::ACCEPTER,
        accept_request: w::ACCEPT,
        reject_request: w::REJECT,
        delete_peering: w::DELETE,
        more: w::MORE,
        reboot: w::REBOOT,
        change_forwards: w::CHANGE_FORWARDS,
        forwards: w::FORWARDS,
        change_groups: w::CHANGE_GROUPS,
        edit_blocks: w::EDIT_BLOCKS,
        add_block: w::ADD_BLOCK,
        remove_block: w::REMOVE_BLOCK,
        change_inner_access: w::CHANGE_INNER_ACCESS,
        change_bandwidth: w::CHANGE_BANDWIDTH,
        bandwidth: w::BANDWIDTH,
        force: w::FORCE,
        save_rules: w::SAVE,
        save_associations: w::CONFIRM,
        add_acl_rule: w::ADD_ROW,
    },
    style: Style::OneByOne,
    has_main: false,
    table_made: "/vpc/route-tables/{id}",
    typed_to_delete: None,
    rules: None,
    internet: &terms::Internet {
        nats: w::NATS,
        nat: w::TO_NAT,
        create_nat: w::CREATE_NAT,
        entries: Some(terms::Entries {
            snat: w::SNAT,
            add_snat: w::ADD_SNAT,
            source: w::SNAT_SOURCE,
            dnat: w::DNAT,
            add_dnat: w::ADD_DNAT,
            public_port: w::PUBLIC_PORT,
            private_address: w::PRIVATE_ADDRESS,
            private_port: w::PRIVATE_PORT,
        }),
        gateways: Some([w::GATEWAYS, w::TO_GATEWAY, w::CREATE_GATEWAY]),
        addresses: w::ADDRESSES,
        associate: w::BIND_ADDRESS,
        release: w::UNBIND_ADDRESS,
        used_by: w::USED_BY,
    },
    connection_state: |status| match status {
        ConnectionStatus::Creating => w::C_CREATING,
        ConnectionStatus::Failed => w::C_FAILED,
        ConnectionStatus::Pending => w::C_ACCEPTING,
        ConnectionStatus::Updating => w::C_UPDATING,
        ConnectionStatus::Active => w::C_ACTIVATED,
        ConnectionStatus::Rejected => w::C_REJECTED,
        ConnectionStatus::Expired => w::C_EXPIRED,
        ConnectionStatus::Deleting => w::C_DELETING,
        ConnectionStatus::Deleted => w::C_DELETED,
    },
    connections: Some(&terms::Connections {
        own_vpc: w::REQUESTER_VPC,
        account: w::ACCEPTER_ACCOUNT,
        my_account: w::SAME_ACCOUNT,
        another_account: w::CROSS_ACCOUNT,
        account_id: w::ACCEPTER_ACCOUNT_ID,
        region: w::ACCEPTER_REGION_KIND,
        this_region: w::SAME_REGION,
        another_region: w::CROSS_REGION,
        peer_region: w::ACCEPTER_REGION,
        peer_vpc: w::ACCEPTER_VPC,
        routes: w::CONFIGURE_ROUTES,
        dns: None,
        quality: Some(terms::Quality { kind: w::LINK_KIND, gold: w::GOLD, platinum: w::PLATINUM }),
        add_routes: Some((w::ROUTES_TO_PEER, w::ADD_ROUTE_TO_PEER)),
    }),
    words: &[w::ALL, w::ALL_REGIONS],
};

pub(crate) fn page(view: &View<'_>, parts: &[&str]) -> Option<Page> {
    match parts {
        ["ec", "vpc-to-vpc", rest @ ..] => vpc_to_vpc::page(view, rest),
        ["ec", "router-interfaces", rest @ ..] => interfaces::page(view, rest),
        ["compute", "security-groups", group, "rules", "new"] => rule::page(view, group),
        _ => None,
    }
}

/// Where what concerns an end is done, in the generation of the lab's tutorial: path and control.
pub(crate) fn door(view: &View<'_>, call: &Call) -> (String, &'static str) {
    let is_old = view.cloud.vpcs().any(|vpc| vpc.router_id.0.starts_with("vrt-") && vpc.router_id.0.len() < 12);
    let path = if is_old { INTERFACES } else { VPC_TO_VPC };
    let word = match call.name() {
        "connect-router-interface" => w::CONNECT,
        "create-route-entry" => w::ROUTE_SETTINGS,
        _ if is_old => w::EDIT_OPPOSITE,
        _ => w::ADD_INSTANCE,
    };
    (path.to_owned(), view.word(word))
}

/// The button that creates an end.
pub(crate) fn create(view: &View<'_>) -> &'static str {
    view.word(w::CREATE_PEERING)
}
