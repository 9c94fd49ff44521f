//! Parses arguments to values; each error has the provider's code.

mod messages;

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::Duration;

use ipnet::Ipv4Net;

use super::{Bandwidth, Cloud, Fault, Refusal, Region, left_out};
use crate::message::Message;
use crate::msg;
use messages::Said;

const fn block(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

/// The address of the host `internet`: in TEST-NET-2, so that no real host has it.
pub const INTERNET_HOST: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);

/// The private blocks of VPCs (docs/cloud.md §3).
pub(super) const PRIVATE: [Ipv4Net; 3] = [block(10, 0, 0, 8), block(172, 16, 0, 12), block(192, 168, 0, 16)];

/// Blocks that no internet host has, in addition to [`PRIVATE`].
const RESERVED: [Ipv4Net; 7] = [
    block(0, 0, 0, 8),
    block(100, 64, 0, 10),
    block(127, 0, 0, 8),
    block(169, 254, 0, 16),
    block(192, 0, 2, 24),
    block(224, 0, 0, 4),
    block(240, 0, 0, 4),
];

/// Whether a number of an address or a block has a leading zero, which other programs read as octal.
pub fn has_leading_zero(text: &str) -> bool {
    let numbers = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'/');
    numbers && text.split(['.', '/']).any(|number| number.len() > 1 && number.starts_with('0'))
}

/// The text with each number in decimal digits: `10.0.0.0/16` for `010.0.0.0/016`.
pub fn without_leading_zeros(text: &str) -> String {
    let number = |number: &str| match number.trim_start_matches('0') {
        rest if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        rest if number.len() > rest.len() => format!("0{rest}"),
        _ => number.to_owned(),
    };
    text.split_inclusive(['.', '/']).map(number).collect()
}

/// The message for a text with a leading zero, and what to write instead.
pub fn leading_zero(text: &str) -> Option<(Message, Message)> {
    has_leading_zero(text).then(|| {
        let decimal = without_leading_zeros(text);
        let message = msg!(Said::LeadingZero { text });
        (message, msg!(Said::WriteDecimal { decimal }))
    })
}

pub(super) fn check_no_leading_zero(text: &str, fault: Fault, argument: &'static str) -> Result<(), Refusal> {
    let refused = |(message, hint): (Message, Message)| Err(Refusal::new(fault, message, hint).at(argument));
    leading_zero(text).map_or(Ok(()), refused)
}

/// A number in decimal digits, with no sign and no leading zero.
pub fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && !has_leading_zero(text);
    text.parse().ok().filter(|_| digits)
}

/// A CIDR block without host bits, or a single address, as a block.
pub(super) fn cidr_or_address(text: &str, argument: &'static str) -> Result<Ipv4Net, Refusal> {
    match text.parse::<Ipv4Addr>() {
        Ok(address) => Ok(address.into()),
        Err(_) => cidr(text, argument),
    }
}

impl Cloud {
    /// A block as the provider reads it: with host bits, as its network where the provider clears them.
    pub(super) fn as_block<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let net = text.parse::<Ipv4Net>().ok().filter(|net| self.provider.clears_host_bits && *net != net.trunc());
        net.filter(|_| !has_leading_zero(text)).map_or(text.into(), |net| net.trunc().to_string().into())
    }
}

/// A CIDR block without host bits.
pub(super) fn cidr(text: &str, argument: &'static str) -> Result<Ipv4Net, Refusal> {
    check_no_leading_zero(text, Fault::MalformedCidr, argument)?;
    let Ok(net) = text.parse::<Ipv4Net>() else {
        let hint = match text.parse::<Ipv4Addr>() {
            Ok(address) => msg!(Said::AddPrefixLength { address }),
            Err(_) => left_out(text).unwrap_or_else(|| msg!(Said::WriteBlock)),
        };
        return Err(Refusal::new(Fault::MalformedCidr, msg!(Said::NotABlock { text }), hint).at(argument));
    };
    if net != net.trunc() {
        let message = msg!(Said::BitsOutsidePrefix { block: text, length: net.prefix_len() });
        return Err(
            Refusal::new(Fault::InvalidCidr, message, msg!(Said::WriteNetwork { block: net.trunc() })).at(argument)
        );
    }
    Ok(net)
}

/// An address; `fault` is the error's code.
pub(super) fn address(text: &str, fault: Fault, argument: &'static str) -> Result<Ipv4Addr, Refusal> {
    check_no_leading_zero(text, fault, argument)?;
    text.parse()
        .map_err(|_| Refusal::new(fault, msg!(Said::NotAnAddress { text }), msg!(Said::WriteAddress)).at(argument))
}

/// An address that an instance can have on the internet.
pub(super) fn public_address(text: &str, argument: &'static str) -> Result<Ipv4Addr, Refusal> {
    let fault = Fault::InvalidPublicIp;
    let ip = address(text, fault, argument)?;
    let refused = |why: Message| Err(Refusal::new(fault, why, msg!(Said::TakePublicAddress)).at(argument));
    if ip == INTERNET_HOST {
        return refused(msg!(Said::IsInternetHost { ip }));
    }
    match PRIVATE.iter().chain(&RESERVED).find(|block| block.contains(&ip)) {
        Some(block) => refused(msg!(Said::IsNotRouted { ip, block })),
        None => Ok(ip),
    }
}

/// A region's name, in upper or lower case. [`Cloud::doubt_of_region`](super::Cloud) checks whether the region exists.
pub(super) fn region(text: &str, argument: &'static str) -> Result<Region, Refusal> {
    let well = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if well {
        return Ok(Region(text.to_ascii_lowercase().into()));
    }
    let hint = msg!(Said::WriteRegion);
    Err(Refusal::new(Fault::InvalidRegion, msg!(Said::NotARegion { text }), hint).at(argument))
}

/// A bandwidth, in the console's spellings: `2Mb`, `2Mbit`, `2Mbps`, `2M`, `1Gb`, in upper or lower case.
pub(super) fn bandwidth(text: &str) -> Option<Bandwidth> {
    let text = text.to_ascii_lowercase();
    let (number, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let bits = match unit.trim_start() {
        "m" | "mb" | "mbit" | "mbps" | "mbit/s" | "mb/s" => 1_000_000,
        "g" | "gb" | "gbit" | "gbps" | "gbit/s" | "gb/s" => 1_000_000_000,
        _ => return None,
    };
    self::number::<u64>(number)?.checked_mul(bits).map(Bandwidth)
}

/// A time in milliseconds, as in `7d`, `12h`, `30m`, `5s`, `500ms`.
pub(super) fn time(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let milliseconds = match &*unit.to_ascii_lowercase() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    self::number::<u64>(number)?.checked_mul(milliseconds)
}

/// The largest packets that links may carry: below 1280 the kernel takes IPv6 away from a link, and above 9216 no
/// provider goes.
pub const MTUS: RangeInclusive<u16> = 1280..=9216;

/// The size of the largest packet of a link.
pub(super) fn mtu(text: &str) -> Result<u16, Refusal> {
    number(text).filter(|mtu| MTUS.contains(mtu)).ok_or_else(|| {
        let hint = msg!(Said::WriteAnMtu { least: MTUS.start(), most: MTUS.end() });
        Refusal::new(Fault::InvalidMtu, msg!(Said::NotAnMtu { text }), hint).at("mtu")
    })
}

/// A delay, as in `30ms`.
pub(super) fn latency(text: &str) -> Result<Duration, Refusal> {
    let refused =
        |hint: Message| Refusal::new(Fault::InvalidLatency, msg!(Said::NotADelay { text }), hint).at("latency");
    let wrong = || refused(msg!(Said::WriteDelay));
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at(digits);
    let seconds = match &*unit.to_ascii_lowercase() {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = number * seconds;
    if seconds > 10.0 {
        return Err(refused(msg!(Said::DelayAtMost)));
    }
    // The kernel accepts whole microseconds.
    Ok(Duration::from_micros((seconds * 1e6).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn a_leading_zero_is_refused_in_every_number() {
        for text in ["010.0.0.0/16", "10.00.0.0/16", "10.0.0.0/016", "10.0.0.010/32"] {
            assert_eq!(
                cidr(text, "cidr").map_err(|refusal| refusal.code),
                Err(Code("InvalidCidrBlock.Malformed")),
                "{text}"
            );
            assert!(cidr(text, "cidr").unwrap_err().message.to_string().contains("leading zero"), "{text}");
        }
        let refused = cidr_or_address("010.00.8.7/08", "destination").unwrap_err();
        assert_eq!(refused.hint.to_string(), "write 10.0.8.7/8 if its numbers are decimal");
        assert!(address("10.0.0.04", Fault::InvalidPrivateIp, "ip").is_err());
        assert!(cidr("10.0.0.0/8", "cidr").is_ok() && cidr("0.0.0.0/0", "cidr").is_ok());
        assert_eq!(cidr_or_address("10.9.8.7", "destination").unwrap().to_string(), "10.9.8.7/32");
        assert_eq!(["22", "022", "+22", "0", ""].map(number::<u16>), [Some(22), None, None, Some(0), None]);
    }

    #[test]
    fn delays_are_numbers_with_a_unit() {
        for (text, micros) in
            [("30ms", 30_000), ("2.5ms", 2_500), ("0.25s", 250_000), ("1500us", 1_500), ("0ms", 0), ("10s", 10_000_000)]
        {
            assert_eq!(latency(text).map(|delay| delay.as_micros()), Ok(micros), "{text}");
        }
        for wrong in ["", "30", "ms", ".ms", "1.2.3ms", "-3ms", "1h", "inf s", "10.1s", "99999999999999999999s", "3 ms"]
        {
            assert_eq!(latency(wrong).map_err(|refusal| refusal.code), Err(Code("InvalidLatency")), "{wrong}");
        }
    }
}
