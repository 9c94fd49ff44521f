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
pub mod doctor;
pub mod init;
pub mod journal;
pub mod mutate;
pub mod node;
pub mod report;
pub mod serve;
pub mod session;
pub mod shipped;
pub mod target;
pub mod terminal;
pub mod verify;
pub mod watch;

pub use peerlab_api as api;
pub use peerlab_cloud::{self as cloud, flow};
pub use peerlab_exercise as exercise;
pub use peerlab_lab as lab;
pub use peerlab_linux::{kernel, probe, progress, rootless};
pub use peerlab_message::{self as message, error, language, messages, msg, printable, words};
pub use peerlab_network as network;
pub use peerlab_trace as trace;
