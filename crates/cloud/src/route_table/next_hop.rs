//! Next hops: which resource a text means, and whether a route to it leads anywhere.

use super::messages::Said;
use super::{NextHop, RouteTable};
use crate::message::Message;
use crate::msg;
use crate::reference::{Thing, did_you_mean};
use crate::{Cloud, Fault, InternetAccess, Refusal, ResourceKind, VpcName, left_out};

/// The kinds of next hops.
const NEXT_HOPS: [ResourceKind; 7] = [
    ResourceKind::RouterInterface,
    ResourceKind::Compound,
    ResourceKind::VpcPeering,
    ResourceKind::PeeringConnection,
    ResourceKind::Instance,
    ResourceKind::NatGateway,
    ResourceKind::Gateway,
];

impl Cloud {
    /// Resolves a next hop of a table: its VPC's end of a peering, its VPC's instance, or the internet. A compound
    /// means the end in that VPC.
    pub(crate) fn next_hop(&self, table: &RouteTable, text: &str) -> Result<NextHop, Refusal> {
        let refused = |code, message: Message, hint: Message| Err(Refusal::new(code, message, hint).at("next-hop"));
        let can_be_named = match self.provider.internet {
            InternetAccess::ByEntry => msg!(Said::NameHopOrInternet),
            InternetAccess::ByAddress | InternetAccess::ByGateway => msg!(Said::NameHop),
        };
        if text.eq_ignore_ascii_case("internet") {
            if self.provider.internet == InternetAccess::ByEntry {
                return Ok(NextHop::Internet);
            }
            let provider = self.provider.name;
            let (message, hint) = match (self.provider.internet, self.gateway_of(&table.vpc)) {
                (InternetAccess::ByGateway, _) => (msg!(Said::GatewayIsHop { provider }), msg!(Said::NameAGateway)),
                (_, Some(gateway)) => {
                    (msg!(Said::NoRouteToInternet { provider }), msg!(Said::NameGateway { gateway: &gateway.name }))
                }
                (_, None) => (msg!(Said::NoRouteToInternet { provider }), msg!(Said::LeaveEntryOut)),
            };
            return refused(Fault::NextHopType, message, hint);
        }
        let own = |vpc: &VpcName, hop: NextHop| {
            if *vpc == table.vpc {
                return Ok(hop);
            }
            let message = msg!(Said::HopInAnotherVpc { hop, vpc, table: &table.name, table_vpc: &table.vpc });
            let hint = match self.end_toward(&table.vpc, vpc) {
                Some(end) => msg!(Said::NameEndToward { vpc, end: &end.name, own_vpc: &table.vpc }),
                None => msg!(Said::NameHopOf { vpc: &table.vpc }),
            };
            refused(Fault::NextHopNotFound, message, hint)
        };
        match self.one_of(&NEXT_HOPS, text).map_err(|refusal| refusal.at("next-hop"))? {
            Some(Thing::RouterInterface(name)) => {
                own(&self.router_interfaces[&name].vpc, NextHop::Peering(name.clone()))
            }
            Some(Thing::VpcPeering(name)) => own(&self.vpc_peerings[&name].vpc, NextHop::Peering(name.clone())),
            Some(Thing::PeeringConnection(name)) => self.connection_as_next_hop(table, &name),
            Some(Thing::Instance(name)) => own(&self.instances[&name].subnet.vpc, NextHop::Instance(name.clone())),
            Some(Thing::NatGateway(name)) => {
                own(&self.nat_gateways[&name].host.subnet.vpc, NextHop::NatGateway(name.clone()))
            }
            Some(Thing::Gateway(name)) => own(&self.gateways[&name].vpc, NextHop::Gateway(name.clone())),
            Some(Thing::Compound(name)) => match self.compound_end_in(&name, &table.vpc) {
                Some(end) => Ok(NextHop::Peering(end)),
                None => {
                    let message = msg!(Said::NoEndInVpc { peering: name, vpc: &table.vpc });
                    let hint = msg!(Said::NamePeeringOfOwnVpc);
                    refused(Fault::NextHopNotFound, message, hint)
                }
            },
            _ => {
                if self.is_of_connection(text) {
                    return Err(self.not_found(ResourceKind::PeeringConnection, text).at("next-hop"));
                }
                if let Some(kind) = self.kind_of(text) {
                    let message = msg!(Said::NotAHop { text, kind });
                    return refused(Fault::NextHopType, message, can_be_named);
                }
                let hint = match NEXT_HOPS.into_iter().find_map(|kind| self.nearest(kind, text)) {
                    Some(near) => did_you_mean(near),
                    None => text.split_once(':').and_then(|(kind, _)| left_out(kind)).unwrap_or(can_be_named),
                };
                refused(Fault::NextHopNotFound, msg!(Said::NoSuchHop { text }), hint)
            }
        }
    }

    /// Whether `text` names this next hop of a table: by name, id or compound.
    pub(crate) fn is_named_by(&self, table: &RouteTable, hop: &NextHop, text: &str) -> bool {
        match hop {
            NextHop::Gone(gone) => gone.is_named_by(text),
            hop => hop.to_string() == text || self.next_hop(table, text).is_ok_and(|named| named == *hop),
        }
    }

    /// The reference to a next hop in an operation: its name, with its kind if the name is ambiguous.
    pub fn reference_to(&self, hop: &NextHop) -> String {
        let (kind, name) = match hop {
            NextHop::Peering(name) if self.router_interfaces.contains_key(name) => {
                (ResourceKind::RouterInterface, name.as_str())
            }
            NextHop::Peering(name) if self.peering_connections.contains_key(name) => {
                (ResourceKind::PeeringConnection, name.as_str())
            }
            NextHop::Peering(name) => (ResourceKind::VpcPeering, name.as_str()),
            NextHop::Instance(name) => (ResourceKind::Instance, name.as_str()),
            NextHop::NatGateway(name) => (ResourceKind::NatGateway, name.as_str()),
            NextHop::Gateway(name) => (ResourceKind::Gateway, name.as_str()),
            NextHop::Internet | NextHop::Gone(_) => return hop.to_string(),
        };
        match self.one_of(&NEXT_HOPS, name) {
            Ok(Some(thing)) if thing.kind() == kind => name.to_owned(),
            _ => format!("{}:{name}", kind.keyword()),
        }
    }

    /// Whether a route to this next hop leads nowhere: it is gone, stopped, or a peering that does not carry traffic.
    pub fn leads_nowhere(&self, vpc: &VpcName, hop: &NextHop) -> bool {
        match hop {
            NextHop::Gone(_) => true,
            NextHop::Peering(name) => self.end_in(vpc, name).is_none_or(|end| !end.carries),
            NextHop::Instance(name) => self.instance(name).is_none_or(|hop| !hop.runs()),
            NextHop::NatGateway(_) | NextHop::Internet | NextHop::Gateway(_) => false,
        }
    }

    /// The provider's word for the state of a route to this next hop, if it has one.
    pub fn route_state(&self, vpc: &VpcName, hop: &NextHop) -> Option<&'static str> {
        let states = self.provider.route_states?;
        Some(if self.leads_nowhere(vpc, hop) { states.nowhere } else { states.active })
    }
}
