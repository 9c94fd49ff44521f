//! Addresses: an instance that moved, or an address that is there twice.

use ipnet::Ipv4Net;

use super::Candidates;
use crate::cloud::lines::{entry_line, instance_line, live_entries};
use crate::cloud::{Cloud, Instance, NextHop, Subnet};

pub(super) fn propose(cloud: &Cloud, to: &mut Candidates) {
    for instance in cloud.instances().filter(|it| it.runs() && it.public_ip.is_none()) {
        moved(cloud, instance, to);
        twice(cloud, instance, to);
    }
}

/// The instance has the next address of its subnet, and another has its own.
fn moved(cloud: &Cloud, instance: &Instance, to: &mut Candidates) {
    let Some(ip) = cloud.subnet(&instance.subnet).and_then(|subnet| free(cloud, subnet, instance)) else { return };
    let again = format!("{} --id {}", instance_line(instance, &ip), instance.id.0);
    let spare = spare(cloud);
    let other = format!("create-instance {spare} --subnet {} --ip {}", instance.subnet, instance.ip);
    to.add(&instance.account, [format!("delete-instance {}", instance.name), again, other]);
}

/// Another VPC has the address too, and a longer prefix leads there.
fn twice(cloud: &Cloud, instance: &Instance, to: &mut Candidates) {
    for (owner, table, entry) in live_entries(cloud).filter(|(_, _, entry)| entry.destination.contains(&instance.ip)) {
        for end in cloud.peerings_of(&table.vpc).filter(|end| NextHop::Peering(end.name.clone()) != entry.next_hop) {
            let Some(far) = end.far.as_ref().and_then(|far| cloud.vpc(&far.vpc)).filter(|far| far.account == *owner)
            else {
                continue;
            };
            let Some(subnet) = cloud.subnets_of(&far.name).find(|subnet| subnet.cidr.contains(&instance.ip)) else {
                continue;
            };
            let hop = NextHop::Peering(end.name.clone());
            let route = entry_line(cloud, table, &Ipv4Net::from(instance.ip).to_string(), &hop, None);
            let taken = cloud.instance_at(&far.name, instance.ip).is_some();
            let create = format!("create-instance {} --subnet {} --ip {}", spare(cloud), subnet.name, instance.ip);
            to.add(owner, (!taken).then_some(create).into_iter().chain([route]));
        }
    }
}

/// A free address of a subnet, above an instance's.
fn free(cloud: &Cloud, subnet: &Subnet, instance: &Instance) -> Option<String> {
    let above = subnet.cidr.hosts().skip_while(|ip| *ip <= instance.ip).skip(10).take(20);
    let mut free = above.filter(|ip| cloud.instance_at(&subnet.name.vpc, *ip).is_none() && *ip != subnet.gateway);
    free.next().map(|ip| ip.to_string())
}

/// A name that no instance has.
fn spare(cloud: &Cloud) -> String {
    let taken = |name: &String| cloud.instances().any(|it| it.name.as_str() == name);
    (1..).map(|number| format!("spare-{number}")).find(|name| !taken(name)).unwrap_or_default()
}
