//! The lab file, resolved to operations and checks.

#![forbid(unsafe_code)]

mod broken;
mod check;
mod export;
mod file;
mod keys;
mod lab;
mod line;
mod owners;
mod play;
mod read;
mod reader;
mod reference;
mod resolve;
mod schema;
mod step;
mod syntax;
mod tables;

use peerlab_cloud::{self as cloud, flow};
use peerlab_message as message;
use peerlab_message::{error, language, messages, msg, printable};

pub use self::export::{Entry, Exported, export, quoted};
pub use self::lab::*;
pub use self::play::{Beside, Done, DoneResult, refused, refused_as_typed, resolve_reference};
pub use self::read::{read, read_as, read_of};
pub use self::reader::nearest;
pub use self::reference::{parts, reference};
pub use self::schema::schema;
pub use self::step::parse_operation;

#[cfg(test)]
mod tests;
