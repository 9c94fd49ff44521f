//! A sequence of pings, one after the other, as `ping` sends them.

use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};
use socket2::Socket;

use super::host::{nonce, trouble};
use super::messages::Said;
use super::{echo, icmp};
use crate::error::Result;
use crate::kernel::enter;
use crate::network::model::NamespaceName;

/// The size of a packet with the IP header, in bytes: that of `ping`.
const SIZE: u16 = 84;

/// The result of one ping of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its number, from 1.
    pub sequence: u16,
    /// From sending to the echo reply; `None`: no reply came in time.
    pub rtt: Option<Duration>,
}

/// Pings an address `count` times, one ping every `interval`, and passes each reply to `each` as it arrives. A reply
/// that takes longer than `timeout` does not count.
pub fn ping(
    lab: &str,
    from: &NamespaceName,
    source: Option<Ipv4Addr>,
    to: Ipv4Addr,
    count: u16,
    (interval, timeout): (Duration, Duration),
    mut each: impl FnMut(Reply),
) -> Result<()> {
    let mut socket = enter(lab, from, || icmp::socket(source, false))?
        .map_err(|error| trouble(lab, from, Said::NoSocketForPings, error))?;
    let nonce = nonce();
    let (identifier, token) = (nonce as u16, (nonce >> 32) as u32);
    let mut due = Instant::now();
    for sequence in 1..=count {
        sleep(due.saturating_duration_since(Instant::now()));
        due += interval;
        let request = echo::filled(&echo::request(identifier, token, sequence.into()), SIZE);
        let answer = (to, identifier, sequence.into());
        let sent = Instant::now();
        // What the kernel refuses to send is not answered. An ICMP error (unreachable, time exceeded) is no answer.
        let is_answered = socket.send_to(&request, &SocketAddrV4::new(to, 0).into()).is_ok()
            && arrives(&mut socket, |packet| echo::reply(packet, token) == Some(answer), sent + timeout);
        each(Reply { sequence, rtt: is_answered.then(|| sent.elapsed()) });
    }
    Ok(())
}

/// Whether such a packet arrives by then.
fn arrives(socket: &mut Socket, is_answer: impl Fn(&[u8]) -> bool, by: Instant) -> bool {
    let mut buffer = [0; 128];
    loop {
        match socket.read(&mut buffer) {
            Ok(length) if is_answer(&buffer[..length]) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => {
                let left = by.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return false;
                }
                icmp::wait(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{Testbed, address, instance};
    use super::*;

    #[test]
    fn each_reply_of_a_sequence_is_told_as_it_comes() {
        let bed = Testbed::new("ping", 3);
        bed.forward("ip daddr 10.0.0.12 counter name dropped drop");
        let pace = (Duration::from_millis(10), Duration::from_millis(200));
        let mut replies = Vec::new();
        ping(&bed.lab, &instance(0), None, address(1), 3, pace, |reply| replies.push(reply)).unwrap();
        assert_eq!(replies.iter().map(|reply| reply.sequence).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(replies.iter().all(|reply| reply.rtt.is_some()), "{replies:?}");
        replies.clear();
        ping(&bed.lab, &instance(0), None, address(2), 1, pace, |reply| replies.push(reply)).unwrap();
        assert_eq!(replies, [Reply { sequence: 1, rtt: None }]);
    }
}
