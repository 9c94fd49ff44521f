//! `[peering_connection.NAME]`: a request, and whether the peer accepts it (docs/lab-format.md §1).

use crate::table::{Example, FamilyTable, Made, NewEnd, PEERING_CONNECTION, Phase, Varies, Written};
use crate::{
    AcceptVpcPeeringConnection, Call, CreateVpcPeeringConnection, Family, PeeringKind, Provider, ResourceKind,
};

/// The table of a peering connection.
pub static TABLE: FamilyTable = FamilyTable {
    table: PEERING_CONNECTION,
    listed: PEERING_CONNECTION.about,
    inner: &[],
    examples: &[("vpc", Example::RequesterVpc), ("peer_vpc", Example::AccepterVpc), ("bandwidth", Example::Bandwidth)],
    kind: ResourceKind::PeeringConnection,
    vpc: "vpc",
    ends: &[""],
    varies: |_| Varies::default(),
    calls,
    creates: |call| match call {
        Call::CreateVpcPeeringConnection(call) => {
            Some(NewEnd { name: &call.name, id: call.id.as_deref(), vpc: &call.vpc })
        }
        _ => None,
    },
};

fn calls(provider: &Provider, phase: Phase, table: &mut dyn Written) -> Option<Vec<Made>> {
    Some(match phase {
        Phase::Create => vec![create(table)],
        Phase::Bind => Vec::new(),
        Phase::Finish => accept(provider, table).into_iter().collect(),
    })
}

fn create(table: &dyn Written) -> Made {
    let text = |key| table.text(key).unwrap_or_default();
    let call = CreateVpcPeeringConnection {
        name: table.name(),
        vpc: text("vpc"),
        peer_vpc: text("peer_vpc"),
        peer_account: table.text("peer_account"),
        peer_region: table.text("peer_region"),
        bandwidth: table.text("bandwidth"),
        latency: table.text("latency"),
        mtu: table.text("mtu"),
        id: table.text("id"),
    };
    Made {
        call: Call::CreateVpcPeeringConnection(call),
        caller: None,
        at: None,
        arguments: &[
            ("name", "name"),
            ("vpc", "vpc"),
            ("peer-vpc", "peer_vpc"),
            ("peer-account", "peer_account"),
            ("peer-region", "peer_region"),
            ("bandwidth", "bandwidth"),
            ("latency", "latency"),
            ("mtu", "mtu"),
            ("id", "id"),
        ],
    }
}

/// The acceptance, by the peer's owner; none where the provider accepts by itself.
fn accept(provider: &Provider, table: &dyn Written) -> Option<Made> {
    if !table.is_set("accept") {
        return None;
    }
    let (vpc, peer) = (table.text("vpc")?, table.text("peer_vpc")?);
    let accepter = table.owner_of_vpc(&peer);
    let by_itself = match provider.family(PeeringKind::PeeringConnections) {
        Some(Family::Requests(requests)) => !requests.own_must_accept && table.owner_of_vpc(&vpc) == accepter,
        _ => false,
    };
    let call = Call::AcceptVpcPeeringConnection(AcceptVpcPeeringConnection { name: table.name() });
    (!by_itself).then_some(Made { call, caller: Some(accepter), at: Some("accept"), arguments: &[] })
}
