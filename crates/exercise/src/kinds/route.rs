//! Entries: deleted, misdirected, for the wrong block, or with a longer prefix in their way.

use ipnet::Ipv4Net;

use super::{Candidates, beside};
use crate::cloud::lines::{entry_again, entry_deletion, entry_line, live_entries};
use crate::cloud::{Cloud, NextHop, RouteEntry, RouteTable};

pub(super) fn propose(cloud: &Cloud, to: &mut Candidates) {
    for (owner, table, entry) in live_entries(cloud) {
        let delete = entry_deletion(cloud, table, entry);
        to.add(owner, [delete.clone()]);
        for hop in others(cloud, table, entry) {
            let elsewhere = RouteEntry { next_hop: hop.clone(), ..entry.clone() };
            to.add(owner, [delete.clone(), entry_again(cloud, table, &elsewhere)]);
            for block in within(cloud, entry.destination) {
                to.add(owner, [entry_line(cloud, table, &block.to_string(), &hop, None)]);
            }
        }
        if let Some(block) = beside(entry.destination) {
            let wrong = RouteEntry { destination: block, ..entry.clone() };
            to.add(owner, [delete, entry_again(cloud, table, &wrong)]);
        }
    }
}

/// The other next hops of the table's VPC, at most three.
fn others(cloud: &Cloud, table: &RouteTable, entry: &RouteEntry) -> Vec<NextHop> {
    let ends = cloud.peerings_of(&table.vpc).map(|end| NextHop::Peering(end.name));
    let instances = cloud.instances_of(&table.vpc).filter(|it| !it.forwards);
    let all = ends.chain(instances.map(|it| NextHop::Instance(it.name.clone())).take(1));
    all.filter(|hop| *hop != entry.next_hop).take(3).collect()
}

/// The subnets and the addresses of instances in a block that are smaller than it, at most four.
fn within(cloud: &Cloud, block: Ipv4Net) -> Vec<Ipv4Net> {
    let subnets = cloud.subnets().map(|subnet| subnet.cidr);
    let addresses = cloud.instances().map(|it| Ipv4Net::from(it.ip));
    let all = subnets.chain(addresses).filter(|it| block.contains(it) && it.prefix_len() > block.prefix_len());
    all.take(4).collect()
}
