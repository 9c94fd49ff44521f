//! A client of OVSDB servers (RFC 7047), of Open vSwitch and OVN: typed [values](Datum), [transactions](Operation), and
//! monitors that keep a [replica](Replica). Blocking, one connection at a time.
//!
//! A [`Client`] has the addresses of one database, of a single server or of a cluster. If a connection breaks, it connects to the
//! next address, and sends the request again: so a transaction must be one that may be sent twice, for example because it begins
//! with [`Operation::Wait`] on a version that it changes.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods)]

mod broken;
mod client;
mod diagnosis;
mod frame;
mod messages;
mod operation;
mod remote;
mod replica;
mod schema;
#[cfg(test)]
mod tests;
mod tls;
mod value;

use peerlab_message as message;
use peerlab_message::{error, messages, msg};

pub use client::{Client, Failure};
pub use diagnosis::UNREACHABLE;
pub use operation::{Condition, Function, Mutation, Mutator, Operation, Outcome};
pub use remote::{Address, Remote};
pub use replica::{Replica, Watch};
pub use schema::Need;
pub use tls::Identity;
pub use value::{Atom, Datum, Real, Row, Uuid};
