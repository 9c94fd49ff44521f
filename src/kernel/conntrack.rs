//! Tracked connections, forgotten all at once.

use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_NETFILTER;
use nix::errno::Errno;

use super::fault;

/// Forgets every tracked connection of the calling thread's namespace.
pub(super) fn flush() -> Result<(), Errno> {
    // nlmsghdr (NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE; request and ack), nfgenmsg (any family). Without a tuple: all.
    const DELETE: u16 = (1 << 8) | 2;
    const REQUEST_ACK: u16 = 1 | 4;
    let mut message = Vec::with_capacity(20);
    message.extend(20u32.to_ne_bytes());
    message.extend(DELETE.to_ne_bytes());
    message.extend(REQUEST_ACK.to_ne_bytes());
    message.extend([0; 12]);
    let socket = Socket::new(NETLINK_NETFILTER).map_err(|error| fault::errno(&error))?;
    socket.send(&message, 0).map_err(|error| fault::errno(&error))?;
    let (answer, _) = socket.recv_from_full().map_err(|error| fault::errno(&error))?;
    let code = answer.get(16..).and_then(|it| it.first_chunk()).map_or(0, |code| i32::from_ne_bytes(*code));
    // Never close it: see `apply`.
    std::mem::forget(socket);
    if code == 0 { Ok(()) } else { Err(Errno::from_raw(-code)) }
}
