//! Alibaba Cloud (docs/cloud.md §1, §3, §4).

use super::{Local, Provider};

/// Alibaba Cloud.
pub static ALIBABA: Provider = Provider {
    name: "alibaba",
    gateway: |subnet| (u32::from(subnet.broadcast()) - 2).into(),
    local: Local::Subnets,
    compound_peering: true,
};
