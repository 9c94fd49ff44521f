//! Filters packets by the terms of a command line.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::packet::{Icmp, Packet, Payload};
use crate::capture::messages::Said;
use crate::cloud::{
    Bindings, Cloud, INTERNET_HOST, InstanceName, ResourceKind, has_leading_zero, leading_zero, number,
};
use crate::error::{Error, Result};
use crate::lab::{self, nearest};
use crate::msg;
use crate::network::compile::INTERNET;

/// A filter. Terms of the same kind are ORed; different kinds are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    protocols: Vec<Wanted>,
    hosts: Vec<Ipv4Net>,
    /// The directions: `true` is outgoing.
    directions: Vec<bool>,
}

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Arp,
    Icmp,
    Tcp(Option<u16>),
    Udp(Option<u16>),
}

impl Filter {
    /// Parses terms. An instance means all of its addresses; its name may be the lab's for an instance made by hand.
    pub fn parse(words: &[String], cloud: &Cloud, bindings: &Bindings) -> Result<Self> {
        let mut filter = Filter::default();
        for word in words {
            match &*word.to_ascii_lowercase() {
                "in" => filter.directions.push(false),
                "out" => filter.directions.push(true),
                _ => match (protocol(word), hosts(word, cloud, bindings)?) {
                    (Some(protocol), _) => filter.protocols.push(protocol?),
                    (None, Some(hosts)) => filter.hosts.extend(hosts),
                    (None, None) => return Err(no_filter(word, cloud)),
                },
            }
        }
        Ok(filter)
    }

    /// Whether a packet matches.
    pub fn wants(&self, packet: &Packet, outgoing: bool) -> bool {
        fn any<T>(wanted: &[T], fits: impl Fn(&T) -> bool) -> bool {
            wanted.is_empty() || wanted.iter().any(fits)
        }
        any(&self.directions, |it| *it == outgoing)
            && any(&self.protocols, |it| it.fits(packet))
            && any(&self.hosts, |host| ends(packet).iter().flatten().any(|end| host.contains(end)))
    }
}

impl Wanted {
    fn fits(self, packet: &Packet) -> bool {
        let Packet::Ip(ip) = packet else { return self == Wanted::Arp && matches!(packet, Packet::Arp(_)) };
        let (number, wanted) = match self {
            Wanted::Arp => return false,
            Wanted::Icmp => (1, None),
            Wanted::Tcp(port) => (6, port),
            Wanted::Udp(port) => (17, port),
        };
        let port = |wanted| ip.payload.ports().is_some_and(|(from, to)| from == wanted || to == wanted);
        ip.payload.protocol() == number && wanted.is_none_or(port)
    }
}

/// The source and destination of a packet, and of the packet that an ICMP error quotes.
fn ends(packet: &Packet) -> [Option<Ipv4Addr>; 4] {
    match packet {
        Packet::Ip(ip) => {
            let about = match &ip.payload {
                Payload::Icmp { message: Icmp::Error { about, .. }, .. } => *about,
                _ => None,
            };
            [Some(ip.from), Some(ip.to), about.map(|it| it.0), about.map(|it| it.1)]
        }
        Packet::Arp(arp) => [Some(arp.from), Some(arp.to), None, None],
        Packet::Other(_) | Packet::Broken => [None; 4],
    }
}

/// A protocol; `None` if the word does not name one.
fn protocol(word: &str) -> Option<Result<Wanted>> {
    let (name, port) = match word.split_once('/') {
        Some((name, port)) => (name, Some(port)),
        None => (word, None),
    };
    let name = &*name.to_ascii_lowercase();
    let make: fn(Option<u16>) -> Wanted = match name {
        "arp" | "icmp" if port.is_some() => {
            return Some(Err(Error::input(msg!(Said::HasNoPorts { name }))
                .code("FilterInvalid")
                .hint(msg!(Said::Write { name }))));
        }
        "arp" => return Some(Ok(Wanted::Arp)),
        "icmp" => return Some(Ok(Wanted::Icmp)),
        "tcp" => Wanted::Tcp,
        "udp" => Wanted::Udp,
        _ => return None,
    };
    let Some(port) = port else { return Some(Ok(make(None))) };
    let invalid =
        || Error::input(msg!(Said::NoPort { port })).code("FilterInvalid").hint(msg!(Said::WriteNumberFrom { name }));
    Some(number(port).filter(|port| *port > 0).map(|port| make(Some(port))).ok_or_else(invalid))
}

/// The addresses of an instance or of the internet's host, or the given address or block; `None` if the word is none of
/// these.
fn hosts(word: &str, cloud: &Cloud, bindings: &Bindings) -> Result<Option<Vec<Ipv4Net>>> {
    let named = lab::resolve_reference(cloud, bindings, &[ResourceKind::Instance], word)?;
    if let Some(it) = named.and_then(|(_, name)| cloud.instance(&InstanceName::trusted(name))) {
        return Ok(Some([Some(it.ip), it.public_ip].into_iter().flatten().map(Ipv4Net::from).collect()));
    }
    if word == INTERNET {
        return Ok(Some(vec![INTERNET_HOST.into()]));
    }
    if has_leading_zero(word) {
        return Ok(None);
    }
    let net = word.parse::<Ipv4Addr>().map(Ipv4Net::from).or_else(|_| word.parse());
    Ok(net.ok().map(|net: Ipv4Net| vec![net]))
}

fn no_filter(word: &str, cloud: &Cloud) -> Error {
    if let Some((message, hint)) = leading_zero(word) {
        return Error::input(message).code("FilterInvalid").hint(hint);
    }
    let words = ["icmp", "tcp", "udp", "arp", "in", "out", INTERNET];
    let names: Vec<_> = cloud.instances().map(|it| it.name.to_string()).collect();
    let hint = match (word, nearest(word, names.iter().map(String::as_str).chain(words))) {
        ("host", _) => msg!(Said::WriteInstanceNameAddressAlone),
        ("port", _) => msg!(Said::WriteTcpUdpPortIn),
        (_, Some(near)) => msg!(Said::DidYouMean { near }),
        (_, None) => msg!(Said::UseIcmpTcpTcpUdp),
    };
    Error::input(msg!(Said::SaysNothingPackets { word })).code("FilterInvalid").hint(hint)
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;
    use crate::error::Source;

    fn cloud() -> Cloud {
        let text = "[lab]\nprovider = \"jdcloud\"\n[account.A]\n[vpc.V]\nregion = \"r\"\ncidr = \"10.0.0.0/16\"\n\
            [vpc.V.subnet.s]\ncidr = \"10.0.0.0/24\"\n[instance.web]\nsubnet = \"V/s\"\nip = \"10.0.0.10\"\n";
        crate::lab::read(Source::new("lab.toml", text)).unwrap().build().unwrap().0
    }

    fn filter(words: &str) -> Result<Filter> {
        Filter::parse(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), &cloud(), &Bindings::default())
    }

    fn tcp(from: [u8; 4], to: [u8; 4], ports: (u16, u16)) -> Packet {
        let mut frame = Vec::new();
        let builder = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4(from, to, 64);
        builder.tcp(ports.0, ports.1, 1, 1).write(&mut frame, &[]).unwrap();
        Packet::read(&frame)
    }

    #[test]
    fn words_of_one_sort_are_alternatives_and_every_sort_must_fit() {
        let ssh = tcp([10, 0, 0, 10], [10, 0, 0, 11], (40000, 22));
        for words in [
            "",
            "tcp",
            "tcp/22",
            "udp tcp",
            "web",
            "10.0.0.11",
            "10.0.0.0/24",
            "out",
            "in out",
            "tcp/22 web out",
            "TCP/22 Out",
        ] {
            assert!(filter(words).unwrap().wants(&ssh, true), "{words}");
        }
        for words in ["udp", "tcp/23", "icmp arp", "internet", "10.0.1.0/24", "in", "tcp/22 web in", "udp web"] {
            assert!(!filter(words).unwrap().wants(&ssh, true), "{words}");
        }
    }

    #[test]
    fn a_word_that_means_nothing_says_what_would() {
        let hint = |words| filter(words).unwrap_err().hint.unwrap();
        assert_eq!(hint("icpm"), "did you mean icmp?");
        assert_eq!(hint("weeb"), "did you mean web?");
        assert_eq!(
            hint("everything"),
            "use icmp, tcp, tcp/22, udp, udp/53, arp, in, out, an instance, an address or a block"
        );
        assert_eq!(hint("port 22"), "write tcp/ or udp/ and the port, as in tcp/22");
        assert_eq!(hint("tcp/0"), "write tcp/ and a number from 1 to 65535");
        assert_eq!(hint("icmp/3"), "write icmp");
        assert_eq!(hint("tcp/022"), "write tcp/ and a number from 1 to 65535");
        assert_eq!(hint("010.0.0.0/16"), "write 10.0.0.0/16 if its numbers are decimal");
    }
}
