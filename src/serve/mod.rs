//! `peerlab serve`: the providers' own APIs for running labs, over HTTP.
//!
//! ```text
//! connection ─http→ Request ─dialect, key→ lab, account ─┬─ describe: the held Cloud
//!                                                        └─ change: a turn of the lab's owner ─→ kernel, then the reply
//! ```
//!
//! Threads: those that read requests have no capability at all; the owner of each lab (`session::Held`) and the thread
//! that opens labs have peerlab's.
#![allow(clippy::disallowed_methods)] // it has a clock, files and threads

mod answer;
mod clock;
mod console;
mod errands;
mod http;
mod keys;
mod labs;
mod log;
pub mod messages;
mod metrics;
mod notes;
mod packet;
mod rights;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use peerlab_api::{Access, Dialect};

use crate::error::{Error, Result};
use crate::msg;
use messages::Said;

pub use console::link;
pub use keys::{Key, of as keys_of};
pub use labs::Labs;
pub use log::Log;
pub use rights::Starter;

/// Where it listens unless told otherwise.
pub const LISTEN: &str = "127.0.0.1:8765";

/// Takes the address.
pub fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => msg!(Said::TakeFreePort),
            std::io::ErrorKind::PermissionDenied => msg!(Said::TakeHigherPort),
            _ => msg!(Said::GiveOwnAddress),
        };
        Error::host(msg!(Said::CannotListen { address, error })).code("ListenFailed").hint(hint)
    })
}

/// Serves until `end` is called on the result.
pub fn start(listener: TcpListener, labs: Arc<Labs>, log: Log, starter: Starter) -> Result<Server> {
    http::start(listener, labs, log, starter)
}

pub use http::Server;

/// How an account's clients are pointed here.
pub fn access<'a>(key: &'a Key, listen: &'a str) -> Option<(&'static Dialect, Access<'a>)> {
    let dialect = Dialect::of_provider(key.provider)?;
    let Key { account, id, secret, region, .. } = key;
    Some((dialect, Access { account, id, secret, listen, region }))
}
