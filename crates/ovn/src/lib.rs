//! A lab as rows of OVN's northbound database: [compiled](compile()) from the Cloud, and the [difference](diff()) to the rows that
//! are there, as operations of one transaction.
//!
//! This is the second use of the Cloud as a network, beside the kernel of one host (`crates/network`); neither knows the other, and
//! both are checked against the same predictions. It is pure: [`peerlab_ovsdb`] is used for its values only.

#![forbid(unsafe_code)]

mod compile;
pub mod counters;
mod diff;
mod messages;
mod placement;
mod rows;
mod table;

use peerlab_cloud::{self as cloud, flow};
use peerlab_message as message;
use peerlab_message::{messages, msg};

pub use compile::{Compiled, compile, iface_of, internet_iface};
pub use diff::{Actual, Change, Difference, diff};
pub use placement::{Host, Pin, Placement};
pub use rows::{Cell, Rows};
pub use table::{NEEDS, OWNER, Table};
