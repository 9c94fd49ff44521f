//! Whether what is to be made fits into memory.
//!
//! A kernel that has no memory left does not refuse a namespace: it ends processes, whichever are large, until there is some,
//! or none to end. So it is asked before anything is made.

use std::fs;

use crate::error::{Error, Result};

/// Memory that the kernel needs for each namespace of a lab with all that is in it, in KiB (docs/performance.md). It does not
/// swap it out.
pub(super) const NAMESPACE: u64 = 400;

/// Refuses what does not fit: so many namespaces for a lab, beside what there is.
pub fn room_for(lab: &str, namespaces: usize) -> Result<()> {
    match memory() {
        Some(there) => fits(lab, namespaces as u64, there),
        None => Ok(()),
    }
}

fn fits(lab: &str, namespaces: u64, there: u64) -> Result<()> {
    let needed = namespaces * NAMESPACE;
    if needed <= there {
        return Ok(());
    }
    let (room, needed, there) = (there / NAMESPACE, needed >> 10, there >> 10);
    let message = format!(
        "lab {lab} needs about {needed} MB of memory for {namespaces} more instances and VPCs, and this host has {there} MB"
    );
    let hint =
        format!("make it smaller (there is room for about {room} of them), take another lab down, or free memory");
    Err(Error::host(message).code("NotEnoughMemory").hint(hint))
}

/// Memory that can be had without ending anything, in KiB: free, of caches, and of what can be swapped out.
pub(super) fn memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let of = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    Some(of("MemAvailable:")? + of("SwapFree:").unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_memory_is_refused_with_what_would() {
        let there = 100 * NAMESPACE;
        assert_eq!(fits("small", 100, there), Ok(()));
        let error = fits("large", 101, there).unwrap_err();
        assert_eq!(error.kind.exit_status(), 4);
        assert!(error.message.contains("for 101 more instances and VPCs, and this host has 39 MB"), "{error}");
        assert!(error.hint.unwrap().contains("room for about 100 of them"));
        assert!(memory().is_some_and(|there| there > 0));
        assert_eq!(room_for("large", 1_000_000_000).unwrap_err().code.as_deref(), Some("NotEnoughMemory"));
    }
}
