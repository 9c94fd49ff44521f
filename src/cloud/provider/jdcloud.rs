//! JD Cloud (docs/cloud.md §2, §3, §4).

use super::{Local, Provider};

/// JD Cloud.
pub static JDCLOUD: Provider = Provider {
    name: "jdcloud",
    gateway: |subnet| (u32::from(subnet.network()) + 1).into(),
    local: Local::WholeVpc,
    compound_peering: false,
};
