//! A sequence of pings, one after the other, as `ping` sends them, with surge-ping.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use surge_ping::{Client, Config, IcmpPacket, PingIdentifier, PingSequence};

use super::echo;
use super::host::{nonce, runtime, trouble};
use super::messages::Said;
use crate::error::Result;
use crate::kernel::enter;
use crate::network::model::NamespaceName;

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
    let runtime = runtime()?;
    let mut config = Config::builder();
    if let Some(source) = source {
        config = config.bind(SocketAddrV4::new(source, 0).into());
    }
    let handle = runtime.handle().clone();
    let client = enter(lab, from, move || {
        let _runtime = handle.enter();
        Client::new(&config.build())
    })?;
    let client = match client {
        // Somebody removed the address, so nothing is sent from it and nothing answered.
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            (1..=count).for_each(|sequence| each(Reply { sequence, rtt: None }));
            return Ok(());
        }
        client => client.map_err(|error| trouble(lab, from, Said::NoSocketForPings, error))?,
    };
    runtime.block_on(async {
        let mut pinger = client.pinger(IpAddr::V4(to), PingIdentifier(nonce() as u16)).await;
        pinger.timeout(timeout);
        let mut beat = tokio::time::interval(interval.max(Duration::from_millis(1)));
        for sequence in 1..=count {
            beat.tick().await;
            // An ICMP error (unreachable, time exceeded) is also Ok; only an echo reply is an answer.
            let rtt = match pinger.ping(PingSequence(sequence), &[0; 56]).await {
                Ok((IcmpPacket::V4(packet), rtt)) if packet.get_icmp_type().0 == echo::ECHO_REPLY => Some(rtt),
                _ => None,
            };
            each(Reply { sequence, rtt });
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{Testbed, address, instance};
    use super::*;

    #[test]
    fn each_reply_of_a_sequence_is_told_as_it_comes() {
        let bed = Testbed::new("surge", 3);
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
