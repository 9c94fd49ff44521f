//! `[peering.NAME]`: both ends of a peering if one call creates them, else one side's half (docs/lab-format.md §1).

use crate::router_interface::{ACCEPTOR, INITIATOR};
use crate::table::{Example, FamilyTable, Made, PEERING, Phase, Varies, Written};
use crate::{Call, CreatePeering, CreateVpcPeering, Family, Provider, ResourceKind};

/// The table of a peering.
pub static TABLE: FamilyTable = FamilyTable {
    table: PEERING,
    listed: PEERING.about,
    inner: &[],
    examples: &[("local", Example::OwnVpc), ("peer", Example::OtherVpc), ("spec", Example::Spec)],
    kind: ResourceKind::Compound,
    vpc: "local",
    ends: &["", INITIATOR, ACCEPTOR],
    varies: |provider| match family(provider) {
        Some(Family::Ends(_)) => Varies { required: &["spec"], unknown: &["id"] },
        Some(Family::Halves(_)) => Varies { required: &[], unknown: &["spec"] },
        Some(Family::Requests(_)) | None => Varies::default(),
    },
    calls,
    creates: |_| None,
};

/// The family whose peerings `[peering.NAME]` creates with a provider.
fn family(provider: &Provider) -> Option<&'static Family> {
    provider.families.iter().find(|family| !matches!(family, Family::Requests(_)))
}

fn calls(provider: &Provider, phase: Phase, table: &mut dyn Written) -> Option<Vec<Made>> {
    if phase != Phase::Create {
        return Some(Vec::new());
    }
    let text = |key| table.text(key).unwrap_or_default();
    let (name, vpc, peer, latency) = (table.name(), text("local"), text("peer"), table.text("latency"));
    let mtu = table.text("mtu");
    Some(vec![match family(provider)? {
        Family::Ends(_) => Made {
            call: Call::CreatePeering(CreatePeering { name, vpc, peer_vpc: peer, spec: text("spec"), latency, mtu }),
            caller: None,
            at: None,
            arguments: &[
                ("name", "name"),
                ("vpc", "local"),
                ("latency", "latency"),
                ("mtu", "mtu"),
                ("peer-vpc", "peer"),
                ("spec", "spec"),
            ],
        },
        Family::Halves(_) => Made {
            call: Call::CreateVpcPeering(CreateVpcPeering {
                name,
                vpc,
                peer_vpc_id: peer,
                latency,
                mtu,
                id: table.text("id"),
            }),
            caller: None,
            at: None,
            arguments: &[
                ("name", "name"),
                ("vpc", "local"),
                ("latency", "latency"),
                ("mtu", "mtu"),
                ("peer-vpc-id", "peer"),
                ("id", "id"),
            ],
        },
        Family::Requests(_) => return None,
    }])
}
