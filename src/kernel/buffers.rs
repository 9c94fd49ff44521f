//! How much a socket may hold.

use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::socket::{setsockopt, sockopt};

/// Room for so many bytes on their way out: past the host's limit (net.core.wmem_max) where that is allowed, else up to it.
///
/// The kernel lets only the host's root past it. The root of a user namespace and a user in their own have what everybody may.
pub(crate) fn to_send(socket: &impl AsFd, bytes: usize) -> Result<(), Errno> {
    setsockopt(socket, sockopt::SndBufForce, &bytes).or_else(|_| setsockopt(socket, sockopt::SndBuf, &bytes))
}

/// Room for so many bytes that have come in, as [`to_send`] makes it (net.core.rmem_max).
pub(crate) fn to_receive(socket: &impl AsFd, bytes: usize) -> Result<(), Errno> {
    setsockopt(socket, sockopt::RcvBufForce, &bytes).or_else(|_| setsockopt(socket, sockopt::RcvBuf, &bytes))
}
