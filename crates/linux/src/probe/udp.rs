//! A UDP probe: a datagram with a token, which must come back in another datagram.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use socket2::{Domain, Socket, Type};
use tokio::net::UdpSocket;

use super::host::Token;

/// A socket in the namespace of the calling thread. Several may share their port, each with another address to send to.
pub(super) fn socket(source: Option<SocketAddrV4>, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    if shared {
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
    }
    // Somebody may have removed the address; then nothing arrives, which is the result.
    socket.set_freebind_v4(true)?;
    socket.bind(&source.unwrap_or(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).into())?;
    Ok(socket)
}

/// Sends the token. If the listener `echoes`, the token must come back; otherwise any answer counts. Returns whether it
/// succeeded.
pub(super) async fn exchange(socket: Socket, to: SocketAddrV4, token: &Token, echoes: bool) -> io::Result<bool> {
    let socket = UdpSocket::from_std(socket.into())?;
    // A connected socket receives only the target's answers, and reports ICMP errors.
    socket.connect(to).await?;
    socket.send(token).await?;
    let mut answer = [0; 64];
    loop {
        let length = socket.recv(&mut answer).await?;
        if !echoes || answer[..length] == token[..] {
            return Ok(true);
        }
    }
}
