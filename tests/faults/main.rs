//! Faults and concurrency: after a kill at any point, a lab can be completed or removed; changes by hand are repaired,
//! and nothing else changes; labs side by side do not reach each other; and the host is unchanged.
//!
//! Each test runs the binary on a separate machine (see `support`), as root.
//!
//! `PEERLAB_STRIDE=1` kills at every call to the kernel, and makes every call fail; `PEERLAB_ROUNDS=100` sets the
//! number of rounds of successive kills.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files, clocks and oracles

mod crowd;
mod drift;
mod host;
mod killed;
mod killer;
mod lacking;
mod pings;
mod shortage;
#[allow(dead_code)] // other tests use the rest
#[path = "../support/mod.rs"]
mod support;

/// A number that the environment may set.
fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}
