//! Flows that a router tracks as they began, although its routes or public addresses have changed since.
//!
//! The kernel decides once, with a flow's first packet, whether its addresses are translated. A flow that began while a
//! route led elsewhere would leave for the internet untranslated as long as it is tracked, and a ping that runs on is
//! always the same flow. So a change forgets the flows that would be translated otherwise now; the others go on.

use std::net::Ipv4Addr;

use super::compile::{TO_PRIVATE, TO_PUBLIC};
use super::model::{LinkName, Namespace, RouteTo, group};
use super::ruleset::{Data, Value};

/// A tracked flow, by its first packet and the answer that the router expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The source of its first packet, as the packet came in.
    pub source: Ipv4Addr,
    /// The destination of its first packet, as the packet came in.
    pub destination: Ipv4Addr,
    /// The source of the expected answer: another than the destination if that was translated.
    pub answers_from: Ipv4Addr,
    /// The destination of the expected answer: another than the source if that was translated.
    pub answers_to: Ipv4Addr,
}

/// Whether a router translates addresses.
pub fn translates(router: &Namespace) -> bool {
    router.ruleset.tables.values().any(|table| table.sets.contains_key(TO_PUBLIC))
}

/// Whether the router would translate the flow's addresses otherwise if it began now.
pub fn is_stale(router: &Namespace, flow: Flow) -> bool {
    if flow.answers_from != flow.destination {
        return translation(router, TO_PRIVATE, flow.destination) != Some(flow.answers_from);
    }
    let is = (flow.answers_to != flow.source).then_some(flow.answers_to);
    let leaves = leads_out(router, flow.source, flow.destination);
    is != leaves.then(|| translation(router, TO_PUBLIC, flow.source)).flatten()
}

/// Whether a packet of an instance leaves for the internet.
fn leads_out(router: &Namespace, source: Ipv4Addr, destination: Ipv4Addr) -> bool {
    let mut links = router.links.iter();
    let own =
        links.find(|(_, link)| link.group == group::SUBNET && link.addresses.iter().any(|it| it.contains(&source)));
    let Some((input, _)) = own else { return false };
    // The rules are in the order in which the kernel asks them.
    let rule = router.rules.iter().find(|it| it.input == *input && it.source.is_none_or(|it| it == source));
    let Some(rule) = rule else { return false };
    let matching = router.routes.iter().filter(|it| it.table == rule.table && it.destination.contains(&destination));
    let route = matching.max_by_key(|it| it.destination.prefix_len());
    route.is_some_and(|route| match &route.to {
        RouteTo::Link(link) | RouteTo::Gateway { link, .. } => is_uplink(router, link),
        RouteTo::Local(_) | RouteTo::Other(_) => false,
    })
}

fn is_uplink(router: &Namespace, link: &LinkName) -> bool {
    router.links.get(link).is_some_and(|link| link.group == group::INTERNET)
}

fn translation(router: &Namespace, map: &str, address: Ipv4Addr) -> Option<Ipv4Addr> {
    let mut maps = router.ruleset.tables.values().filter_map(|table| table.sets.get(map));
    match maps.next()?.elements.get(&vec![Value::Ip(address)])? {
        Data::Ip(other) => Some(*other),
        Data::None | Data::Verdict(_) => None,
    }
}
