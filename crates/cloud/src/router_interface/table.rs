//! `[router_interface.NAME]`: one end, what it points at, and whether it connects (docs/lab-format.md §1).

use super::messages::Said;
use crate::msg;
use crate::table::{
    Example, FamilyTable, Made, NewEnd, OPPOSITE, Phase, ROUTER_INTERFACE, ROUTER_INTERFACES, Varies, Written,
};
use crate::{
    Call, ConnectRouterInterface, CreateRouterInterface, ModifyRouterInterfaceAttribute, Provider, ResourceKind,
};

/// The table of an end.
pub static TABLE: FamilyTable = FamilyTable {
    table: ROUTER_INTERFACE,
    listed: ROUTER_INTERFACES,
    inner: &[OPPOSITE],
    examples: &[
        ("vpc", Example::InterfacesVpc),
        ("role", Example::Role),
        ("opposite_region", Example::OppositeRegion),
        ("opposite", Example::Opposite),
        ("interface", Example::OtherEnd),
    ],
    kind: ResourceKind::RouterInterface,
    vpc: "vpc",
    ends: &[""],
    varies: |_| Varies::default(),
    calls,
    creates: |call| match call {
        Call::CreateRouterInterface(call) => Some(NewEnd { name: &call.name, id: call.id.as_deref(), vpc: &call.vpc }),
        _ => None,
    },
};

fn calls(_: &Provider, phase: Phase, table: &mut dyn Written) -> Option<Vec<Made>> {
    match phase {
        Phase::Create => Some(vec![create(table)]),
        Phase::Bind if table.is_set("opposite") => bind(table).map(|call| vec![call]),
        Phase::Finish if table.is_set("connect") => {
            let call = Call::ConnectRouterInterface(ConnectRouterInterface { name: table.name() });
            Some(vec![Made { call, caller: None, at: Some("connect"), arguments: &[] }])
        }
        Phase::Bind | Phase::Finish => Some(Vec::new()),
    }
}

fn create(table: &dyn Written) -> Made {
    let text = |key| table.text(key).unwrap_or_default();
    let call = CreateRouterInterface {
        name: table.name(),
        vpc: text("vpc"),
        role: text("role"),
        spec: table.text("spec"),
        opposite_region: text("opposite_region"),
        latency: table.text("latency"),
        mtu: table.text("mtu"),
        id: table.text("id"),
    };
    Made {
        call: Call::CreateRouterInterface(call),
        caller: None,
        at: None,
        arguments: &[
            ("name", "name"),
            ("vpc", "vpc"),
            ("role", "role"),
            ("spec", "spec"),
            ("opposite-region", "opposite_region"),
            ("latency", "latency"),
            ("mtu", "mtu"),
            ("id", "id"),
        ],
    }
}

/// The opposite as it is called: what the table leaves out is looked up in the file, as a console does.
fn bind(table: &mut dyn Written) -> Option<Made> {
    let interface = table.text("opposite.interface")?;
    let vpc = table.vpc_of_end(&interface);
    let account = match (table.text("opposite.account"), &vpc) {
        (Some(account), _) => account,
        (None, Some(vpc)) => table.owner_of_vpc(vpc),
        (None, None) => table.only_account("opposite", msg!(Said::OppositeOfNobody))?,
    };
    let call = ModifyRouterInterfaceAttribute {
        name: table.name(),
        opposite_account: Some(account),
        opposite_interface: Some(interface),
        opposite_router: table.text("opposite.router").or(vpc),
    };
    Some(Made {
        call: Call::ModifyRouterInterfaceAttribute(call),
        caller: None,
        at: Some("opposite"),
        // Without the name, so that errors of the interface as a whole are shown at this line, not at its header.
        arguments: &[
            ("opposite-account", "opposite.account"),
            ("opposite-interface", "opposite.interface"),
            ("opposite-router", "opposite.router"),
        ],
    })
}
