//! Ways to break peerings, each by operations of one account, for exercises. Whether the cloud accepts them is its own
//! matter.

use super::lines::{entry_again, entry_deletion, half_line, interface_line, live_entries, opposite_line, request_line};
use super::{
    AccountName, Cloud, ConnectionStatus, NextHop, Opposite, RouteEntry, RouteTable, RouterInterface, Status,
    VpcPeering,
};

/// A way to break peerings: the account that calls, and the lines of its operations.
pub type Breakage = (AccountName, Vec<String>);

/// Peerings with an end that is inactive, missing, or bound to another; a request that nobody accepts, or that expires.
pub fn broken_peerings(cloud: &Cloud) -> Vec<Breakage> {
    let mut found = Found::default();
    cloud.router_interfaces().for_each(|end| interfaces(cloud, end, &mut found));
    cloud.vpc_peerings().for_each(|half| halves(cloud, half, &mut found));
    connections(cloud, &mut found);
    found.0
}

fn interfaces(cloud: &Cloud, end: &RouterInterface, to: &mut Found) {
    if end.status != Status::Active {
        return;
    }
    let off = format!("deactivate-router-interface {}", end.name);
    to.add(&end.account, [off.clone()]);
    // Made again, and not connected, or not as it was: the routes over it are kept.
    let over = entries_over(cloud, &end.account, &NextHop::Peering(end.name.clone()));
    let gone = || {
        let entries = over.iter().map(|(table, entry)| entry_deletion(cloud, table, entry));
        entries.chain([off.clone(), format!("delete-router-interface {}", end.name)])
    };
    let back = || over.iter().map(|(table, entry)| entry_again(cloud, table, entry));
    let same = interface_line(end, &end.opposite_region.0);
    let bound = opposite_line(end);
    to.add(&end.account, gone().chain([same.clone()]).chain(bound.clone()).chain(back()));
    for other in
        cloud.router_interfaces().filter(|other| other.name != end.name && end.connected != Some(other.name.clone()))
    {
        let account = end.opposite.as_ref().and_then(|opposite| opposite.account.clone());
        let interface = Some(other.name.to_string());
        let wrong = RouterInterface { opposite: Some(Opposite { account, interface, router: None }), ..end.clone() };
        to.add(&end.account, gone().chain([same.clone()]).chain(opposite_line(&wrong)).chain(back()));
    }
    let regions = cloud.provider().regions.iter().filter(|region| **region != &*end.opposite_region.0).take(2);
    for region in regions {
        to.add(&end.account, gone().chain([interface_line(end, region)]).chain(bound.clone()).chain(back()));
    }
}

fn halves(cloud: &Cloud, half: &VpcPeering, to: &mut Found) {
    let delete = format!("delete-vpc-peering {}", half.name);
    to.add(&half.account, [delete.clone()]);
    for other in cloud.vpcs().filter(|vpc| vpc.name != half.vpc && vpc.id != half.peer_vpc_id) {
        // The entries over it are made again, so that only the peer is wrong.
        let over = entries_over(cloud, &half.account, &NextHop::Peering(half.name.clone()));
        let entries = over.iter().map(|(table, entry)| entry_deletion(cloud, table, entry));
        let wrong = VpcPeering { peer_vpc_id: other.id.clone(), ..half.clone() };
        let back = over.iter().map(|(table, entry)| entry_again(cloud, table, entry));
        to.add(&half.account, entries.chain([delete.clone(), half_line(&wrong)]).chain(back));
    }
}

fn connections(cloud: &Cloud, to: &mut Found) {
    for it in cloud.peering_connections().filter(|it| it.status == ConnectionStatus::Active) {
        let hop = NextHop::Peering(it.name.clone());
        for side in [&it.requester, &it.accepter] {
            let over = entries_over(cloud, &side.account, &hop);
            let gone: Vec<_> = over
                .iter()
                .map(|(table, entry)| entry_deletion(cloud, table, entry))
                .chain([format!("delete-vpc-peering-connection {}", it.name)])
                .collect();
            to.add(&side.account, gone.clone());
            if *side == it.requester {
                // Asked again, and not accepted; or too late.
                let asked = gone.iter().cloned().chain([request_line(it)]);
                to.add(&side.account, asked.clone());
                to.add(&side.account, asked.chain(["pass-time 7d".to_owned()]));
            }
        }
        to.add(&it.requester.account, [format!("delete-vpc-peering-connection {} --force", it.name)]);
    }
}

/// A teardown that went half way, and what was made again after something that needs it.
pub fn disordered_peerings(cloud: &Cloud) -> Vec<Breakage> {
    let mut found = Found::default();
    let to = &mut found;
    for end in cloud.router_interfaces().filter(|end| end.status == Status::Active) {
        let over = entries_over(cloud, &end.account, &NextHop::Peering(end.name.clone()));
        let gone = over.iter().map(|(table, entry)| entry_deletion(cloud, table, entry));
        let off = format!("deactivate-router-interface {}", end.name);
        let gone = gone.chain([off]);
        to.add(&end.account, gone.clone());
        let delete = format!("delete-router-interface {}", end.name);
        let again = interface_line(end, &end.opposite_region.0);
        to.add(&end.account, gone.clone().chain([delete.clone()]));
        // Made again before its opposite is set.
        to.add(&end.account, gone.chain([delete, again]));
    }
    for half in cloud.vpc_peerings() {
        // The entries still hold the id of the half that is gone.
        let delete = format!("delete-vpc-peering {}", half.name);
        let again = format!("create-vpc-peering {} --vpc {} --peer-vpc-id {}", half.name, half.vpc, half.peer_vpc_id.0);
        to.add(&half.account, [delete, again]);
    }
    for it in cloud.peering_connections().filter(|it| it.status == ConnectionStatus::Active) {
        let over = entries_over(cloud, &it.requester.account, &NextHop::Peering(it.name.clone()));
        let gone = over.iter().map(|(table, entry)| entry_deletion(cloud, table, entry));
        let delete = format!("delete-vpc-peering-connection {} --force", it.name);
        let back = over.iter().map(|(table, entry)| entry_again(cloud, table, entry));
        to.add(&it.requester.account, gone.chain([delete, request_line(it)]).chain(back));
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<Breakage>);

impl Found {
    fn add(&mut self, account: &AccountName, lines: impl IntoIterator<Item = String>) {
        self.0.push((account.clone(), lines.into_iter().collect()));
    }
}

/// The entries of an account's tables that lead to an end in its VPC, each with its table.
fn entries_over<'a>(cloud: &'a Cloud, account: &AccountName, hop: &NextHop) -> Vec<(&'a RouteTable, &'a RouteEntry)> {
    let all = live_entries(cloud).filter(|(owner, _, entry)| *owner == account && entry.next_hop == *hop);
    all.map(|(_, table, entry)| (table, entry)).collect()
}
