//! `[peering_connection.NAME]`: a request, and whether the peer accepts it (docs/lab-format.md §1).

use crate::table::{Example, FamilyTable, Made, NewEnd, PEERING_CONNECTION, Phase, Varies, Written};
use crate::{
    AcceptVpcPeeringConnection, Call, CreateVpcPeeringConnection, Family, PeerOfRequest, PeeringKind, Provider,
    ResourceKind,
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
        // Each is accepted before the next is requested: the number of requests that nobody accepted is limited.
        Phase::Create => [create(provider, table)].into_iter().chain(accept(provider, table)).collect(),
        Phase::Bind | Phase::Finish => Vec::new(),
    })
}

fn create(provider: &Provider, table: &dyn Written) -> Made {
    let text = |key| table.text(key).unwrap_or_default();
    let (own, peer) = (text("vpc"), text("peer_vpc"));
    // A call means the caller's own account and region unless it names others; a table looks them up.
    let callers = matches!(provider.family(PeeringKind::PeeringConnections), Some(Family::Requests(requests)) if requests.peer == PeerOfRequest::Callers);
    let unless_own =
        |of: &dyn Fn(&str) -> Option<String>| of(&peer).filter(|it| callers && of(&own).as_ref() != Some(it));
    let account = unless_own(&|vpc| table.is_vpc(vpc).then(|| table.owner_of_vpc(vpc)));
    let region = unless_own(&|vpc| table.region_of_vpc(vpc));
    let call = CreateVpcPeeringConnection {
        name: table.name(),
        vpc: text("vpc"),
        peer_vpc: text("peer_vpc"),
        peer_account: table.text("peer_account").or(account),
        peer_region: table.text("peer_region").or(region),
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
    let call = Call::AcceptVpcPeeringConnection(AcceptVpcPeeringConnection { name: table.name(), region: None });
    (!by_itself).then_some(Made { call, caller: Some(accepter), at: Some("accept"), arguments: &[] })
}
