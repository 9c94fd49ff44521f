//! Host features that probes need, and their errors.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;

use nix::libc;

use crate::error::{Error, Result};
use crate::network::model::NamespaceName;

/// A token, which an answer must contain.
pub(super) type Token = [u8; 16];

/// An error of the host, in terms of the lab.
pub(super) fn trouble(lab: &str, namespace: &NamespaceName, what: &str, error: io::Error) -> Error {
    let message = format!("namespace {lab}.{namespace}: {what}: {error}");
    let hint = match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => "run as root, or with CAP_NET_RAW and CAP_NET_ADMIN",
        Some(libc::EMFILE | libc::ENFILE) => "raise the limit of open files (`ulimit -Hn`)",
        Some(libc::EADDRNOTAVAIL) => "the namespace lacks that address: `peerlab up` brings it up to date",
        _ => "`peerlab doctor` says what the host lacks",
    };
    Error::host(message).hint(hint)
}

/// A runtime for the calling thread, which is in the host's namespace and stays there.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::host(format!("no event loop for the probes: {error}")).hint("free some descriptors"))
}

/// A number that no earlier run had, for identifiers and tokens.
pub(super) fn nonce() -> u64 {
    // Each RandomState has different keys.
    RandomState::new().build_hasher().finish()
}
