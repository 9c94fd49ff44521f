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
