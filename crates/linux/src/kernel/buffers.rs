//! Sizes of socket buffers.

use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::socket::{setsockopt, sockopt};

/// Sets the send buffer to this many bytes: beyond the host's limit (net.core.wmem_max) if that is allowed, else up to
/// it.
///
/// The kernel lets only the host's root exceed the limit, not the root of a user namespace.
pub(crate) fn to_send(socket: &impl AsFd, bytes: usize) -> Result<(), Errno> {
    setsockopt(socket, sockopt::SndBufForce, &bytes).or_else(|_| setsockopt(socket, sockopt::SndBuf, &bytes))
}

/// Sets the receive buffer, as [`to_send`] does the send buffer (net.core.rmem_max).
pub(crate) fn to_receive(socket: &impl AsFd, bytes: usize) -> Result<(), Errno> {
    setsockopt(socket, sockopt::RcvBufForce, &bytes).or_else(|_| setsockopt(socket, sockopt::RcvBuf, &bytes))
}
