//! Sets of addresses as disjoint blocks.

use ipnet::Ipv4Net;

/// Destinations that no host on the internet has (docs/cloud.md §3).
pub(super) const PRIVATE: [Ipv4Net; 9] = [
    net([0, 0, 0, 0], 8),
    net([10, 0, 0, 0], 8),
    net([127, 0, 0, 0], 8),
    net([172, 16, 0, 0], 12),
    net([192, 168, 0, 0], 16),
    net([100, 64, 0, 0], 10),
    net([169, 254, 0, 0], 16),
    net([192, 0, 2, 0], 24),
    net([224, 0, 0, 0], 3),
];

const fn net(address: [u8; 4], bits: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), bits)
}

/// A block without others, as the fewest blocks.
pub(super) fn without(block: Ipv4Net, others: &[Ipv4Net]) -> Vec<Ipv4Net> {
    let inside: Vec<_> = others.iter().copied().filter(|it| it.contains(&block) || block.contains(it)).collect();
    if inside.iter().any(|other| other.contains(&block)) {
        return Vec::new();
    }
    if inside.is_empty() {
        return vec![block];
    }
    let halves = block.subnets(block.prefix_len() + 1).into_iter().flatten();
    halves.flat_map(|half| without(half, &inside)).collect()
}

/// Blocks in a match expression: one, or a set.
pub(super) fn any_of<T: ToString>(of: impl IntoIterator<Item = T>) -> String {
    let all: Vec<_> = of.into_iter().map(|it| it.to_string()).collect();
    match all.as_slice() {
        [only] => only.clone(),
        _ => format!("{{{}}}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_address_is_in_the_rest_or_in_what_was_taken_away(
            block in (any::<u32>(), 0..=24_u8), others in prop::collection::vec((any::<u32>(), 2..=32_u8), 0..6), at in any::<u32>(),
        ) {
            let of = |(address, bits)| Ipv4Net::new(Ipv4Addr::from(address), bits).unwrap().trunc();
            let (block, others): (_, Vec<_>) = (of(block), others.into_iter().map(of).collect());
            let rest = without(block, &others);
            let at = Ipv4Addr::from(at & u32::from(block.hostmask()) | u32::from(block.network()));
            let taken = others.iter().any(|other| other.contains(&at));
            prop_assert_eq!(rest.iter().filter(|it| it.contains(&at)).count(), usize::from(!taken));
        }
    }

    #[test]
    fn the_internet_is_a_few_blocks() {
        let internet = without(Ipv4Net::default(), &PRIVATE);
        assert!(internet.len() < 80, "{}", internet.len());
        assert!(internet.iter().any(|block| block.contains(&Ipv4Addr::new(198, 51, 100, 1))));
    }
}
