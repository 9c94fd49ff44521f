//! Host features that probes need, and their errors.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;

use nix::libc;

use super::messages::Said;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::msg;
use crate::network::model::NamespaceName;

/// A token, which an answer must contain.
pub(super) type Token = [u8; 16];

/// A token of a run's probe at this place that no other attempt has.
pub(super) fn token_of(run: u32, place: usize) -> Token {
    let [a, b, c, d] = run.to_be_bytes();
    let [e, f, g, h] = (place as u32).to_be_bytes();
    let [i, j, k, l, m, n, o, p] = nonce().to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// The place of the probe that has this token, if it is one of the run.
pub(super) fn place_in(token: &Token, run: u32) -> Option<usize> {
    let [a, b, c, d, e, f, g, h, ..] = *token;
    (u32::from_be_bytes([a, b, c, d]) == run).then_some(u32::from_be_bytes([e, f, g, h]) as usize)
}

/// An error of the host, in terms of the lab.
pub(super) fn trouble(lab: &str, namespace: &NamespaceName, what: impl Into<Message>, why: io::Error) -> Error {
    let hint = match why.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => Said::RunAsRoot,
        Some(libc::EMFILE | libc::ENFILE) => Said::RaiseOpenFiles,
        Some(libc::EADDRNOTAVAIL) => Said::LacksAddress,
        _ => Said::SeeDoctor,
    };
    Error::host(msg!(Said::In { lab, namespace, what: what.into(), why })).hint(hint)
}

/// A runtime for the calling thread, which is in the host's namespace and stays there.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|why| Error::host(msg!(Said::NoEventLoop { why })).hint(Said::FreeDescriptors))
}

/// A number that no earlier run had, for identifiers and tokens.
pub(super) fn nonce() -> u64 {
    // Each RandomState has different keys.
    RandomState::new().build_hasher().finish()
}
