//! A TCP probe: a connection, over which a token must come back.

use std::io;
use std::net::SocketAddrV4;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::host::Token;

/// A socket in the namespace of the calling thread. Several may share their port, each with another address to send to.
pub(super) fn socket(source: Option<SocketAddrV4>, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if let Some(source) = source {
        if shared {
            socket.set_reuse_address(true)?;
            socket.set_reuse_port(true)?;
            // The next run has the port again: a connection that is reset leaves nothing behind.
            socket.set_linger(Some(Duration::ZERO))?;
        }
        // Somebody may have removed the address; then nothing arrives, which is the result.
        socket.set_freebind_v4(true)?;
        socket.bind(&source.into())?;
    }
    Ok(socket)
}

/// Connects and, if the listener `echoes`, checks that the token comes back. Returns whether the exchange succeeded.
pub(super) async fn exchange(socket: Socket, to: SocketAddrV4, token: &Token, echoes: bool) -> io::Result<bool> {
    let mut stream = TcpSocket::from_std_stream(socket.into()).connect(to.into()).await?;
    if !echoes {
        return Ok(true);
    }
    stream.write_all(token).await?;
    let mut answer = Token::default();
    stream.read_exact(&mut answer).await?;
    Ok(answer == *token)
}
