//! JD Cloud: VPC peerings by halves, and the editor of route policies.

pub(crate) mod words;

use maud::{Markup, html};

use crate::api::made::PLACE;
use crate::choices;
use crate::cloud::{ConnectionStatus, VpcPeering, VpcPeeringStatus};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::internet;
use crate::messages::Said;
use crate::parts::{cards, chip, go};
use crate::provider::{Console, Group, Item, Style};
use crate::terms::{self, Terms};
use crate::view::View;
use words as w;

/// The path of the peerings.
pub(crate) const PEERINGS: &str = "/vpc/peerings";

/// The console.
pub(crate) static CONSOLE: Console = Console {
    provider: "jdcloud",
    products: w::PRODUCTS,
    menu: &[
        Group {
            product: Some(w::VPC_PRODUCT),
            word: w::NETWORK,
            earlier: false,
            items: &[
                Item { word: w::VPCS, path: "/vpc/vpcs" },
                Item { word: w::SUBNETS, path: "/vpc/subnets" },
                Item { word: w::TABLES, path: "/vpc/route-tables" },
                Item { word: w::ACLS, path: "/vpc/acls" },
                Item { word: w::NATS, path: internet::NATS },
                Item { word: w::ADDRESSES, path: internet::ADDRESSES },
                Item { word: w::PEERINGS, path: PEERINGS },
            ],
        },
        Group {
            product: Some(w::VM),
            word: w::COMPUTE,
            earlier: false,
            items: &[
                Item { word: w::INSTANCES, path: "/compute/instances" },
                Item { word: w::GROUPS, path: "/compute/security-groups" },
            ],
        },
    ],
    regions: w::REGIONS,
    terms: Terms {
        region: w::REGION,
        name: w::NAME,
        id_name: w::NAME,
        status: w::STATUS,
        actions: w::ACTIONS,
        cidr: w::CIDR,
        kind: w::KIND,
        confirm: w::OK,
        cancel: w::CANCEL,
        delete: w::DELETE,
        refresh: w::REFRESH,
        account_center: w::ACCOUNT_CENTER,
        account_id: w::ACCOUNT_ID,
        vpcs: w::VPCS,
        create_vpc: w::CREATE,
        vpc: w::VPC,
        subnets: w::SUBNETS,
        create_subnet: w::CREATE,
        subnet: w::SUBNET,
        free_addresses: w::FREE,
        route_tables: w::TABLES,
        create_table: w::CREATE,
        table: w::TABLE,
        manage: w::MANAGE,
        system: w::SYSTEM,
        custom: w::CUSTOM,
        about_table: w::ABOUT,
        entries: w::POLICY,
        add_entry: w::ADD_ENTRY,
        destination: w::DESTINATION,
        next_hop: w::NEXT_HOP,
        next_hop_kind: w::NEXT_HOP_KIND,
        to_peering: w::TO_PEERING,
        to_instance: w::TO_INSTANCE,
        to_internet: w::TO_INTERNET,
        to_nat: w::TO_NAT,
        priority: w::PRIORITY,
        available: w::AVAILABLE,
        blackhole: w::BLACKHOLE,
        associations: w::ASSOCIATE,
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
        connect: w::CONNECT,
        start: w::START,
        stop: w::STOP,
        running: w::RUNNING,
        stopped: w::STOPPED,
        groups: w::GROUPS,
        group: w::GROUP,
        create_group: w::CREATE_GROUP,
        rules: w::RULES,
        rules_of_group: w::RULES_OF_GROUP,
        add_rule: w::ADD_RULE,
        inbound: w::INBOUND,
        outbound: w::OUTBOUND,
        edit_inbound: w::RULES,
        edit_outbound: w::RULES,
        policy: w::RULE_POLICY,
        accept: w::ACCEPT,
        drop: w::DROP,
        protocol: w::PROTOCOL,
        ports: w::PORTS,
        source: w::SOURCE,
        target: w::TARGET,
        acls: w::ACLS,
        acl: w::ACL,
        create_acl: w::CREATE_ACL,
        number: w::NUMBER,
        peerings: w::PEERINGS,
        create_peering: w::CREATE,
        requester: w::LOCAL_VPC,
        accepter: w::PEER_VPC,
        accept_request: w::ACCEPT,
        reject_request: w::DROP,
        delete_peering: w::DELETE,
        more: w::MORE,
        reboot: w::REBOOT,
        change_forwards: w::CHANGE_FORWARDS,
        forwards: w::FORWARDS,
        change_groups: w::CHANGE_GROUPS,
        edit_blocks: w::EDIT_BLOCKS,
        add_block: w::ADD_BLOCK,
        remove_block: w::REMOVE_BLOCK,
        change_inner_access: w::RULES,
        change_bandwidth: w::CHANGE_BANDWIDTH,
        bandwidth: w::BANDWIDTH,
        force: w::FORCE,
        save_rules: w::SAVE,
        save_associations: w::OK,
        add_acl_rule: w::ADD_RULE,
    },
    style: Style::Together,
    has_main: false,
    table_made: "/vpc/route-tables/{id}/made",
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
        gateways: None,
        addresses: w::ADDRESSES,
        associate: w::BIND_ADDRESS,
        release: w::UNBIND_ADDRESS,
        used_by: w::USED_BY,
    },
    connection_state: |status: ConnectionStatus| match status {
        ConnectionStatus::Active => w::CONNECTED,
        ConnectionStatus::Creating | ConnectionStatus::Pending | ConnectionStatus::Updating => w::INITIATED,
        _ => w::DISCONNECTED,
    },
    connections: None,
    words: &[w::ALL, w::ALL_REGIONS],
};

pub(crate) fn page(view: &View<'_>, parts: &[&str]) -> Option<Page> {
    match parts {
        ["vpc", "peerings"] => Some(list(view)),
        ["vpc", "peerings", "new"] => Some(new(view)),
        ["vpc", "peerings", id, "made"] => Some(made(view, half_of(view, id)?)),
        ["vpc", "peerings", id, "delete"] => Some(delete(view, half_of(view, id)?)),
        ["vpc", "peerings", id] => Some(one(view, half_of(view, id)?)),
        ["vpc", "route-tables", id, "made"] => Some(table_made(view, id)),
        _ => None,
    }
}

fn half_of<'a>(view: &View<'a>, text: &str) -> Option<&'a VpcPeering> {
    mine(view).find(|it| &*it.id.0 == text).or_else(|| mine(view).find(|it| it.name.as_str() == text))
}

fn mine<'a>(view: &View<'a>) -> impl Iterator<Item = &'a VpcPeering> + use<'a> {
    let account = view.account;
    view.cloud.vpc_peerings().filter(move |it| it.account == *account)
}

fn status(view: &View<'_>, status: VpcPeeringStatus) -> Markup {
    let (word, class) = match status {
        VpcPeeringStatus::Initiated => (w::INITIATED, "waits"),
        VpcPeeringStatus::Connected => (w::CONNECTED, "carries"),
        VpcPeeringStatus::Disconnected | VpcPeeringStatus::Deleted => (w::DISCONNECTED, "off"),
    };
    chip(view.word(word), class, &format!("{status:?}"))
}

fn list(view: &View<'_>) -> Page {
    let all: Vec<_> = mine(view).filter(|it| view.shows(&view.region_of(&it.vpc))).collect();
    let columns = [w::NAME, w::LOCAL_VPC, w::PEER_VPC, w::STATUS, w::ACTIONS].map(|it| view.word(it));
    let body = html! {
        div.tools {
            (go(view, &format!("{PEERINGS}/new"), view.word(w::CREATE), "primary"))
            (go(view, PEERINGS, view.word(w::REFRESH), ""))
        }
        (cards(view, &columns, &all, mine(view).map(|it| view.region_of(&it.vpc)), |it| html! {
            tr id=(it.id) {
                th scope="row" { a href=(view.to(&format!("{PEERINGS}/{}", it.id))) { (it.name) } br; code.id { (it.id) } }
                td { span.cell-label { (columns[1]) } (it.vpc) }
                td { span.cell-label { (columns[2]) } code.id { (it.peer_vpc_id) } }
                td { span.cell-label { (columns[3]) } (status(view, it.status)) }
                td { (go(view, &format!("{PEERINGS}/{}/delete", it.id), view.word(w::DELETE), "small")) }
            }
        }))
    };
    Page::new(view.word(w::PEERINGS), body)
}

fn facts(view: &View<'_>, it: &VpcPeering) -> Markup {
    html! {
        dl.facts {
            dt { (view.word(w::NAME)) } dd { (it.name) " " code.id { (it.id) } }
            dt { (view.word(w::LOCAL_VPC)) } dd { (it.vpc) }
            dt { (view.word(w::PEER_VPC)) } dd { code.id { (it.peer_vpc_id) } }
            dt { (view.word(w::STATUS)) } dd { (status(view, it.status)) }
        }
    }
}

fn one(view: &View<'_>, it: &VpcPeering) -> Page {
    Page::new(it.name.as_str(), facts(view, it)).below(view.word(w::PEERINGS), PEERINGS)
}

fn new(view: &View<'_>) -> Page {
    let region =
        Field::select(view, "region", w::REGION, choices::regions(view)).or(view, view.region()).of(&["region"]);
    let name = Field::text(view, "name", w::NAME).of(&["name"]);
    let own = choices::vpcs(view);
    let first = own.first().map_or_else(String::new, |it| it.value.clone());
    let vpc = Field::select(view, "vpc", w::LOCAL_VPC, own).or(view, first).of(&["vpc"]);
    let peer = Field::text(view, "peer", w::PEER_VPC_ID).of(&["peer-vpc-id"]);
    let called = if name.value.is_empty() { PLACE } else { &name.value };
    let form = Form::new(view.word(w::OK), (view.word(w::CANCEL), PEERINGS))
        .call("create-vpc-peering", &[("name", called), ("vpc", &vpc.value), ("peer_vpc_id", &peer.value)])
        .then(format!("{PEERINGS}/{{id}}/made"));
    let form = form.fields(vec![region, name, vpc, peer]);
    Page::of_form(view.word(w::NEW_PEERING), form).below(view.word(w::PEERINGS), PEERINGS)
}

/// A pop-up that says what to do next.
fn pop_up(view: &View<'_>, said: Said, go_on: (crate::words::Word, &str), later: (crate::words::Word, &str)) -> Markup {
    html! {
        div.pop-up role="alertdialog" aria-labelledby="pop-up-said" {
            p #pop-up-said { (view.say(said)) }
            div.buttons {
                form.inline method="get" action={ (view.base) (go_on.1.split('?').next().unwrap_or_default()) } {
                    @for (name, value) in go_on.1.split_once('?').into_iter().filter_map(|(_, query)| query.split_once('=')) {
                        input type="hidden" name=(name) value=(value);
                    }
                    button.primary type="submit" autofocus { (view.word(go_on.0)) }
                }
                (go(view, later.1, view.word(later.0), ""))
            }
        }
    }
}

fn made(view: &View<'_>, it: &VpcPeering) -> Page {
    let body = html! {
        (pop_up(view, Said::PeeringMade, (w::GO_CONFIGURE, "/vpc/route-tables"), (w::LATER, PEERINGS)))
        (facts(view, it))
    };
    Page::new(view.word(w::NEW_PEERING), body).below(view.word(w::PEERINGS), PEERINGS)
}

fn table_made(view: &View<'_>, id: &str) -> Page {
    let go_on = format!("/vpc/route-tables/{}?tab=about", crate::given::encoded(id));
    let body = pop_up(view, Said::TableMade, (w::CONFIGURE_NOW, &go_on), (w::LATER, "/vpc/route-tables"));
    Page::new(view.word(w::TABLE), body).below(view.word(w::TABLES), "/vpc/route-tables")
}

fn delete(view: &View<'_>, it: &VpcPeering) -> Page {
    let form = Form::new(view.word(w::OK), (view.word(w::CANCEL), PEERINGS)).danger();
    let form =
        form.note(view.say(crate::msg!(Said::WillDelete { name: it.name.as_str() }))).note(view.say(Said::WillCut));
    let form = form.call("delete-vpc-peering", &[("name", &it.id.0)]);
    Page::of_form(view.word(w::DELETE), form).below(view.word(w::PEERINGS), PEERINGS).with(facts(view, it))
}
