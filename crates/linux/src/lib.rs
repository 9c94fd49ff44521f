//! One Linux host: the network in its kernel ([`kernel`]), packets that test it ([`probe`]), and an ordinary user's own
//! namespaces ([`rootless`]).

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods)]

pub mod kernel;
pub mod probe;
pub mod progress;
pub mod rootless;

use peerlab_cloud::{self as cloud, flow};
use peerlab_message as message;
use peerlab_message::{error, messages, msg};
use peerlab_network as network;
