//! peerlab runs cloud VPC peering tutorials on one Linux machine.
//!
//! Data flows in one direction only (see `docs/architecture.md`):
//!
//! ```text
//! lab file ─lab→ [Operation] ─cloud→ Cloud ─network→ Network ─diff→ [Change] ─kernel→ packets
//!                                      └─trace→ predicted       verify ←probe┘
//! ```
//!
//! Everything from [`lab`] to [`network`] and [`trace`] is pure: the same file gives the same result. Only [`kernel`],
//! [`probe`], [`journal`] and [`cli`] do I/O.

#![forbid(unsafe_code)]

pub mod capture;
pub mod cli;
pub mod cloud;
pub mod doctor;
pub mod error;
pub mod flow;
mod fnv;
pub mod init;
pub mod journal;
pub mod lab;
pub mod language;
pub mod message;
pub mod mutate;
pub mod printable;
pub mod probe;
pub mod progress;
pub mod report;
pub mod rootless;
pub mod session;
pub mod shipped;
pub mod target;
pub mod terminal;
pub mod trace;
pub mod verify;
pub mod watch;

pub use target::linux::{kernel, network};
