//! The desired kernel as plain data, and the changes that lead to it.

#![forbid(unsafe_code)]

pub mod change;
pub mod compile;
pub mod diff;
pub mod display;
mod mac;
pub mod model;
pub mod ruleset;
pub mod ruleset_diff;
pub mod ruleset_text;
pub mod tracked;

use peerlab_cloud::{self as cloud, flow, fnv};
