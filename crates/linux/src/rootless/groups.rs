//! The groups that this process's user namespace knows.

use std::fs;

/// The first and the last of them, by their ids in this namespace; `None` if they cannot be read.
pub fn known_groups() -> Option<(u32, u32)> {
    range(&fs::read_to_string("/proc/self/gid_map").ok()?)
}

/// The range of a `gid_map`, in the host's order, because the kernel compares in that order.
fn range(map: &str) -> Option<(u32, u32)> {
    let extents: Vec<[u32; 3]> = map
        .lines()
        .filter_map(|line| {
            let numbers: Vec<u32> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
            numbers.try_into().ok()
        })
        .collect();
    let first = extents.iter().min_by_key(|[_, outside, _]| *outside)?[0];
    let [inside, _, count] = extents.iter().max_by_key(|[_, outside, _]| *outside)?;
    Some((first, inside.saturating_add(count.saturating_sub(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_that_of_the_groups_that_are_mapped() {
        assert_eq!(range("         0          0 4294967295\n"), Some((0, 4294967294)));
        assert_eq!(range("      1001       1001          1\n"), Some((1001, 1001)));
        assert_eq!(range("0 1000 1\n1 100000 65536\n"), Some((0, 65536)));
        assert_eq!(range("0 100000 65536\n65536 1000 1\n"), Some((65536, 65535)));
        assert_eq!(range(""), None);
    }
}
