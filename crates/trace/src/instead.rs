//! What to build instead, where no operation can help.

use super::hop::Decision;
use super::messages::Said;
use super::walk::{Block, Cause, Toward};
use crate::cloud::Cloud;
use crate::flow::{PING_HEADERS, Protocol, Reason};
use crate::message::Message;
use crate::msg;

/// The resource to build for a blocker; `None` if there is none, or operations may help.
pub(super) fn instead(cloud: &Cloud, block: &Block) -> Option<Message> {
    match &block.cause {
        Cause::Dnat { nat, packet } => {
            let has_ports = *packet != Protocol::Icmp && cloud.provider().snat_entries;
            has_ports.then(|| msg!(Said::AddDnatEntry { nat, packet }))
        }
        Cause::PassedOn { by } => Some(msg!(Said::LetItMasquerade { instance: by })),
        Cause::Nobody { address } => Some(msg!(Said::AskForAnAddress { address })),
        Cause::NoInstance { name } => Some(msg!(Said::CreateInstanceFirst { instance: name })),
        Cause::Overlap { vpc, meant: Some(meant), address } => {
            let cidr = |name| {
                let block = cloud.vpc(name).map(|vpc| vpc.block_of(*address).unwrap_or(vpc.cidr));
                block.map_or_else(String::new, |block| format!(" ({block})"))
            };
            Some(msg!(Said::OverlapsMeant { vpc, own: cidr(vpc), address, meant, theirs: cidr(meant) }))
        }
        Cause::Size { mtu } => Some(msg!(Said::SendLess { mtu: *mtu, data: mtu - PING_HEADERS })),
        Cause::Overlap { vpc, meant: None, address } => Some(msg!(Said::OverlapsInternet { vpc, address })),
        Cause::Route { subnet, toward: Toward::Internet, .. } if block.reason == Reason::NotTransitive => {
            let Decision::Edge { vpc: other, .. } = &block.decision else { return None };
            Some(msg!(Said::OwnWayOut { vpc: &subnet.vpc, other }))
        }
        Cause::Route { subnet, toward: Toward::Vpc(meant), .. } if block.reason == Reason::NotTransitive => {
            let own = &subnet.vpc;
            // If a peering joins the two already, only a route is wrong.
            let joined = cloud.peerings_of(own).any(|end| end.far.is_some_and(|far| far.vpc == *meant));
            let (a, b) = (own.min(meant), own.max(meant));
            let advice = msg!(Said::PeerDirectly { a, b });
            (!joined).then_some(advice)
        }
        Cause::Route { subnet, toward: Toward::Vpc(meant), .. } => {
            let (own, theirs) = cloud.vpc(&subnet.vpc)?.overlap_with(cloud.vpc(meant)?)?;
            Some(msg!(Said::BlocksOverlap {
                vpc: &subnet.vpc,
                own: own.to_string(),
                meant,
                theirs: theirs.to_string()
            }))
        }
        _ => None,
    }
}
