//! Where an operation is done in a console: the page, and what is pressed there.

use crate::cloud::{ArgumentKind, Call, ResourceKind};
use crate::view::View;
use crate::{alibaba, internet, jdcloud};

/// Where an operation is done in this console.
pub(crate) struct Door {
    /// The page's path.
    pub path: String,
    /// Its word in the menu.
    pub page: String,
    /// What is pressed there.
    pub control: String,
}

pub(crate) fn door(view: &View<'_>, call: &Call) -> Door {
    let console = view.console;
    let t = &console.terms;
    let kind = call.created_as_written().map(|made| made.kind);
    let (path, control) = match call.name() {
        "modify-router-interface-attribute" | "connect-router-interface" | "create-route-entry"
            if console.provider == "alibaba" =>
        {
            alibaba::door(view, call)
        }
        "create-route-entry" | "delete-route-entry" => ("/vpc/route-tables".to_owned(), view.word(t.edit_entries)),
        "associate-route-table" | "replace-route-table-association" => {
            ("/vpc/route-tables".to_owned(), view.word(t.associate))
        }
        "set-main-route-table" => ("/vpc/route-tables".to_owned(), view.word(t.set_main)),
        name if name.starts_with("authorize-") || name.starts_with("revoke-") => {
            ("/compute/security-groups".to_owned(), view.word(t.rules))
        }
        "create-network-acl-entry" | "delete-network-acl-entry" => {
            let is_egress = call.text_of(ArgumentKind::Direction) == Some("egress");
            ("/vpc/acls".to_owned(), view.word(if is_egress { t.edit_outbound } else { t.edit_inbound }))
        }
        "associate-network-acl" | "unassociate-network-acl" => ("/vpc/acls".to_owned(), view.word(t.associate)),
        "join-security-group" | "leave-security-group" => ("/compute/instances".to_owned(), view.word(t.change_groups)),
        "modify-instance" => ("/compute/instances".to_owned(), view.word(t.change_forwards)),
        "reboot-instance" => ("/compute/instances".to_owned(), view.word(t.reboot)),
        "start-instance" => ("/compute/instances".to_owned(), view.word(t.start)),
        "stop-instance" => ("/compute/instances".to_owned(), view.word(t.stop)),
        "add-cidr" => ("/vpc/vpcs".to_owned(), view.word(t.add_block)),
        "remove-cidr" => ("/vpc/vpcs".to_owned(), view.word(t.remove_block)),
        "modify-security-group" => ("/compute/security-groups".to_owned(), view.word(t.change_inner_access)),
        "modify-vpc-peering-connection" => ("/vpc/peering-connections".to_owned(), view.word(t.change_bandwidth)),
        name if let Some((path, word)) = internet::door(view, name) => (path.to_owned(), view.word(word)),
        "accept-vpc-peering-connection" => ("/vpc/peering-connections".to_owned(), view.word(t.accept_request)),
        "reject-vpc-peering-connection" => ("/vpc/peering-connections".to_owned(), view.word(t.reject_request)),
        _ => {
            let named = call.arguments().find_map(|(argument, _)| argument.names().first().copied());
            let kind = kind.or(named).unwrap_or(ResourceKind::Vpc);
            let path = list_of(kind).unwrap_or("/");
            let word = match (kind, call.name().starts_with("create-")) {
                (_, false) => view.word(t.delete),
                (ResourceKind::Vpc, _) => view.word(t.create_vpc),
                (ResourceKind::Subnet, _) => view.word(t.create_subnet),
                (ResourceKind::RouteTable, _) => view.word(t.create_table),
                (ResourceKind::SecurityGroup, _) => view.word(t.create_group),
                (ResourceKind::Instance, _) => view.word(t.create_instance),
                (ResourceKind::NetworkAcl, _) => view.word(t.create_acl),
                (ResourceKind::RouterInterface | ResourceKind::Compound, _) => alibaba::create(view),
                _ => view.word(t.create_peering),
            };
            (path.to_owned(), word)
        }
    };
    let page = console
        .item(&path)
        .map_or_else(|| path.clone(), |(group, item)| format!("{} › {}", view.word(group.word), view.word(item.word)));
    Door { path, page, control: control.to_owned() }
}

/// The list in which things of a kind are, as its path.
fn list_of(kind: ResourceKind) -> Option<&'static str> {
    Some(match kind {
        ResourceKind::Vpc => "/vpc/vpcs",
        ResourceKind::Subnet => "/vpc/subnets",
        ResourceKind::RouteTable => "/vpc/route-tables",
        ResourceKind::NetworkAcl => "/vpc/acls",
        ResourceKind::Instance => "/compute/instances",
        ResourceKind::SecurityGroup => "/compute/security-groups",
        ResourceKind::RouterInterface | ResourceKind::Compound => alibaba::VPC_TO_VPC,
        ResourceKind::VpcPeering => jdcloud::PEERINGS,
        ResourceKind::NatGateway => internet::NATS,
        ResourceKind::Gateway => internet::GATEWAYS,
        ResourceKind::PeeringConnection => "/vpc/peering-connections",
        _ => return None,
    })
}
