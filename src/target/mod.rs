//! Where a lab runs.

pub mod linux;
