//! The free addresses of a subnet.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// The free addresses of a subnet, as sorted ranges that do not touch, so that equal sets have equal forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AddressPool(BTreeMap<u32, u32>);

impl AddressPool {
    /// All addresses of a subnet except those that the provider reserves.
    pub(super) fn new(subnet: Ipv4Net, reserved: impl IntoIterator<Item = Ipv4Addr>) -> Self {
        let mut pool = AddressPool(BTreeMap::from([(subnet.network().into(), subnet.broadcast().into())]));
        for address in reserved {
            pool.take(address);
        }
        pool
    }

    /// The lowest free address.
    pub(super) fn lowest(&self) -> Option<Ipv4Addr> {
        self.0.first_key_value().map(|(low, _)| Ipv4Addr::from(*low))
    }

    /// The highest free address.
    pub(super) fn highest(&self) -> Option<Ipv4Addr> {
        self.0.last_key_value().map(|(_, high)| Ipv4Addr::from(*high))
    }

    /// Whether an address is free.
    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        self.range_of(address.into()).is_some()
    }

    /// Takes a free address.
    pub(super) fn take(&mut self, address: Ipv4Addr) {
        let address = u32::from(address);
        let Some((low, high)) = self.range_of(address) else { return };
        self.0.remove(&low);
        if low < address {
            self.0.insert(low, address - 1);
        }
        if address < high {
            self.0.insert(address + 1, high);
        }
    }

    /// Returns an address that was taken.
    pub(super) fn give_back(&mut self, address: Ipv4Addr) {
        let address = u32::from(address);
        let below = address.checked_sub(1).and_then(|below| self.range_of(below));
        let above = address.checked_add(1).and_then(|above| self.range_of(above));
        let low = below.map_or(address, |(low, _)| low);
        let high = above.map_or(address, |(_, high)| high);
        if let Some((low, _)) = above {
            self.0.remove(&low);
        }
        self.0.insert(low, high);
    }

    fn range_of(&self, address: u32) -> Option<(u32, u32)> {
        let (low, high) = self.0.range(..=address).next_back()?;
        (address <= *high).then_some((*low, *high))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn net() -> Ipv4Net {
        "10.0.0.0/28".parse().unwrap()
    }

    #[test]
    fn a_small_subnet_has_what_is_not_reserved() {
        let reserved = [0, 1, 2, 15].map(|last| Ipv4Addr::new(10, 0, 0, last));
        let mut pool = AddressPool::new(net(), reserved);
        for last in 3..15 {
            assert_eq!(pool.lowest(), Some(Ipv4Addr::new(10, 0, 0, last)));
            pool.take(Ipv4Addr::new(10, 0, 0, last));
        }
        assert_eq!(pool.lowest(), None);
    }

    proptest! {
        /// The pool depends only on the set of taken addresses, not on their order.
        #[test]
        fn the_same_set_has_one_form(moves in prop::collection::vec(0u8..16, 0..60)) {
            let none = [net().network(); 4];
            let (mut pool, mut taken) = (AddressPool::new(net(), none), [false; 16]);
            taken[0] = true;
            for last in moves {
                let address = Ipv4Addr::new(10, 0, 0, last);
                if last != 0 {
                    prop_assert_eq!(pool.contains(address), !taken[usize::from(last)]);
                    if taken[usize::from(last)] { pool.give_back(address) } else { pool.take(address) }
                    taken[usize::from(last)] ^= true;
                }
            }
            let mut fresh = AddressPool::new(net(), none);
            for (last, _) in taken.iter().enumerate().filter(|(_, taken)| **taken) {
                fresh.take(Ipv4Addr::new(10, 0, 0, last as u8));
            }
            prop_assert_eq!(pool, fresh);
        }
    }
}
