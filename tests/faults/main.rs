//! What peerlab promises under faults and crowds: killed anywhere it can be taken up or down, what somebody changed by hand
//! is mended and nothing else, labs side by side do not meet, and the host is as it was.
//!
//! Each test runs the binary on a machine of its own (see `support`), as root.
//!
//! `PEERLAB_STRIDE=1` kills at every call to the kernel, and lets every one fail; `PEERLAB_ROUNDS=100` strikes so many labs again and again.
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
