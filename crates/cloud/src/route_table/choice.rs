//! Which of several entries for a destination packets use.

use std::net::Ipv4Addr;

use super::{NextHop, RouteEntry, RouteTable};
use crate::Cloud;

impl Cloud {
    /// Whether a next hop takes packets, as far as a route table knows: whether a peering carries traffic; an instance
    /// or the internet always does (docs/cloud.md §3).
    pub fn takes(&self, hop: &NextHop) -> bool {
        match hop {
            NextHop::Peering(name) => self.peering(name).is_some_and(|end| end.carries),
            NextHop::Instance(_) | NextHop::NatGateway(_) | NextHop::Internet | NextHop::Gateway(_) => true,
            NextHop::Gone(_) => false,
        }
    }

    /// The entries in use among a destination's: those with the best priority whose next hop takes packets, else the
    /// first of all (docs/cloud.md §3).
    pub fn in_use<'a>(&self, entries: &'a [RouteEntry]) -> Vec<&'a RouteEntry> {
        if let [only] = entries {
            return vec![only];
        }
        let takes: Vec<_> = entries.iter().filter(|entry| self.takes(&entry.next_hop)).collect();
        match takes.first() {
            Some(best) => takes.iter().copied().take_while(|entry| entry.priority == best.priority).collect(),
            None => entries.iter().take(1).collect(),
        }
    }

    /// The entry that packets of an instance with this address use: if several are in use, the address chooses
    /// (docs/cloud.md §3).
    pub fn entry_for<'a>(&self, entries: &'a [RouteEntry], sender: Ipv4Addr) -> &'a RouteEntry {
        if let [only] = entries {
            return only;
        }
        let in_use = self.in_use(entries);
        in_use[choice(in_use.len(), sender)]
    }

    /// The choices of an instance's address among a table's entries: an index for each destination with several entries
    /// in use. Instances with equal choices use the same entries; an empty list means the first of each.
    pub fn choices(&self, table: &RouteTable, sender: Ipv4Addr) -> Vec<usize> {
        let shared = table.by_destination().filter(|entries| entries.len() > 1);
        let shared = shared.map(|entries| self.in_use(entries).len()).filter(|count| *count > 1);
        let choices: Vec<_> = shared.map(|count| choice(count, sender)).collect();
        if choices.iter().all(|choice| *choice == 0) { Vec::new() } else { choices }
    }
}

/// The entry that a sender's address chooses: addresses are assigned to entries in turn.
fn choice(count: usize, sender: Ipv4Addr) -> usize {
    sender.to_bits() as usize % count
}
