//! The providers' own APIs, as their clients speak them: requests become operations of the Cloud, and its state becomes
//! replies. Pure: the server (`src/serve` of the program) has the sockets, the keys, the clock and the lab.
//!
//! ```text
//! Request ─Dialect::of→ ─signed→ key, signature ─asked→ Action + Parameters ─does→ calls, or a description
//!                                                                              └─→ reply │ error of the dialect
//! ```
//!
//! A [`Dialect`] is what the clients of a provider speak: a signature, the actions, and how replies and errors are
//! written. An [`Action`] is a row: its name, the operations behind it, its parameters, the fields of its reply, and the
//! function that does it. `docs/api.md` is generated from the rows ([`mod@reference`]).

#![forbid(unsafe_code)]

mod action;
mod alibaba;
mod aside;
mod aws;
mod derived;
mod dialect;
mod dialects;
mod encoding;
mod jdcloud;
mod kept;
pub mod made;
mod paging;
mod parameters;
mod pointing;
mod public_address;
pub mod reference;
mod refused;
mod request;
mod signature;
#[cfg(test)]
mod tests;
mod thing;
mod time;
mod xml;

pub use action::{Action, Asked, Caller, Change, Does, Done, Errand, Flow, Ground, Ran};
pub use dialect::{Dialect, Inquiry};
pub use dialects::DIALECTS;
pub use encoding::hex;
pub use kept::{Kept, Note, Words};
pub use parameters::Parameters;
pub use pointing::Access;
pub use refused::Refused;
pub use request::{Reply, Request};
pub use signature::{SKEW, Signed};
pub use time::{at_second, of_text};
