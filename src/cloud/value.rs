//! Arguments as written to values, each with the code that the provider refuses a wrong one with.

use std::net::Ipv4Addr;
use std::time::Duration;

use ipnet::Ipv4Net;

use super::{Code, Refusal, Region};
use crate::flow::INTERNET_HOST;

const fn block(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

/// Where VPCs are (docs/cloud.md §3).
pub(super) const PRIVATE: [Ipv4Net; 3] = [block(10, 0, 0, 8), block(172, 16, 0, 12), block(192, 168, 0, 16)];

/// What nobody out there has, beside [`PRIVATE`].
const RESERVED: [Ipv4Net; 7] = [
    block(0, 0, 0, 8),
    block(100, 64, 0, 10),
    block(127, 0, 0, 8),
    block(169, 254, 0, 16),
    block(192, 0, 2, 24),
    block(224, 0, 0, 4),
    block(240, 0, 0, 4),
];

/// A CIDR block without host bits.
pub(super) fn cidr(text: &str, argument: &'static str) -> Result<Ipv4Net, Refusal> {
    let Ok(net) = text.parse::<Ipv4Net>() else {
        let hint = match text.parse::<Ipv4Addr>() {
            Ok(address) => format!("for this one address write {address}/32"),
            Err(_) => "write an IPv4 network and its prefix length, as in 10.0.0.0/16".into(),
        };
        return Err(Refusal::new(Code::MALFORMED_CIDR, format!("{text:?} is no CIDR block"), hint).at(argument));
    };
    if net != net.trunc() {
        let message = format!("{text} has bits set outside its prefix of {}", net.prefix_len());
        return Err(Refusal::new(Code::INVALID_CIDR, message, format!("write {}", net.trunc())).at(argument));
    }
    Ok(net)
}

/// An address; `code` refuses what is none.
pub(super) fn address(text: &str, code: Code, argument: &'static str) -> Result<Ipv4Addr, Refusal> {
    text.parse().map_err(|_| {
        Refusal::new(code, format!("{text:?} is no IPv4 address"), "write four numbers, as in 10.0.0.4").at(argument)
    })
}

/// An address that an instance can have on the internet.
pub(super) fn public_address(text: &str, argument: &'static str) -> Result<Ipv4Addr, Refusal> {
    let code = Code::INVALID_PUBLIC_IP;
    let ip = address(text, code, argument)?;
    let refused =
        |why: String| Err(Refusal::new(code, why, "take a public address, as one of 203.0.113.0/24").at(argument));
    if ip == INTERNET_HOST {
        return refused(format!("{ip} is the host \"internet\" out there"));
    }
    match PRIVATE.iter().chain(&RESERVED).find(|block| block.contains(&ip)) {
        Some(block) => refused(format!("{ip} lies in {block}, which is not routed on the internet")),
        None => Ok(ip),
    }
}

/// A region's name.
pub(super) fn region(text: &str, argument: &'static str) -> Result<Region, Refusal> {
    let well = !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if well {
        return Ok(Region(text.into()));
    }
    let hint = "write lower case letters, digits and -, as in cn-qingdao";
    Err(Refusal::new(Code::INVALID_REGION, format!("{text:?} is no region"), hint).at(argument))
}

/// A delay, as in `30ms`.
pub(super) fn latency(text: &str) -> Result<Duration, Refusal> {
    let refused = |hint: &str| Refusal::new(Code::INVALID_LATENCY, format!("{text:?} is no delay"), hint).at("latency");
    let wrong = || refused("write a number and us, ms or s, as in 30ms");
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = number * seconds;
    if seconds > 10.0 {
        return Err(refused("at most 10s"));
    }
    // The kernel is told whole microseconds.
    Ok(Duration::from_micros((seconds * 1e6).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_numbers_with_a_unit() {
        for (text, micros) in
            [("30ms", 30_000), ("2.5ms", 2_500), ("0.25s", 250_000), ("1500us", 1_500), ("0ms", 0), ("10s", 10_000_000)]
        {
            assert_eq!(latency(text).map(|delay| delay.as_micros()), Ok(micros), "{text}");
        }
        for wrong in ["", "30", "ms", ".ms", "1.2.3ms", "-3ms", "1h", "inf s", "10.1s", "99999999999999999999s", "3 ms"]
        {
            assert_eq!(latency(wrong).map_err(|refusal| refusal.code), Err(Code::INVALID_LATENCY), "{wrong}");
        }
    }
}
