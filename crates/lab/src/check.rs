//! Reads checks, and whether they make sense.

mod messages;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::file::CheckTable;
use super::lab::{Check, Expect};
use super::reader::{Faults, Text, nearest};
use crate::cloud::did_you_mean;
use crate::cloud::{Bandwidth, InstanceName, ResourceKind, leading_zero, number};
use crate::error::Span;
use crate::flow::{Disposition, Endpoint, NoProtocol, Protocol, Reason, SIZES, is_of_a_host};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// The instances that exist when a check runs, by name and by id.
#[derive(Clone, Default)]
pub(super) struct Instances(BTreeMap<String, InstanceName>);

impl Instances {
    pub(super) fn add(&mut self, name: &str, id: Option<&str>) {
        let instance = InstanceName::trusted(name);
        self.0.extend(id.map(|id| (id.to_owned(), instance.clone())));
        self.0.insert(name.to_owned(), instance);
    }

    pub(super) fn remove(&mut self, reference: &str) {
        if let Some(gone) = self.get(reference).cloned() {
            self.0.retain(|_, instance| *instance != gone);
        }
    }

    fn get(&self, reference: &str) -> Option<&InstanceName> {
        self.0.get(ResourceKind::Instance.strip(reference)?)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(InstanceName::as_str)
    }
}

/// Reads a check. `broken` contains names whose tables exist but could not be read.
pub(super) fn resolve(
    table: &CheckTable,
    instances: &Instances,
    broken: impl Fn(&str) -> bool,
    faults: &mut Faults,
) -> Option<Check> {
    let from = endpoint(&table.from, instances, &broken, faults);
    let to = endpoint(&table.to, instances, &broken, faults);
    let protocol = protocol(table.protocol.as_ref(), faults);
    let source_port = source_port(table, protocol, faults);
    let size = size(table, protocol, faults);
    let expect = expect(table, faults);
    let both_ways = table.both_ways.as_ref().is_some_and(|both_ways| both_ways.value);
    let (from, to) = (from?, to?);
    let flow = flow(table, &from, &to, faults);
    flow?;
    let (protocol, source_port, size, expect) = (protocol?, source_port?, size?, expect?);
    Some(Check { from, to, protocol, source_port, size, expect, both_ways, span: table.span.clone() })
}

fn endpoint(
    written: &Text,
    instances: &Instances,
    broken: &impl Fn(&str) -> bool,
    faults: &mut Faults,
) -> Option<Endpoint> {
    let text = &written.value;
    if text.eq_ignore_ascii_case("internet") {
        return Some(Endpoint::Internet);
    }
    if let Some(name) = instances.get(text) {
        return Some(Endpoint::Instance(name.clone()));
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        if !is_of_a_host(address) {
            let hint = msg!(Said::AddressOfOneHost);
            faults.add("InvalidCheck", &written.span, msg!(Said::NotAHostsAddress { address }), hint);
            return None;
        }
        return Some(Endpoint::Address(address));
    }
    if broken(text) {
        return None;
    }
    if let Some((message, hint)) = leading_zero(text) {
        faults.add("InvalidCheck", &written.span, message, hint);
        return None;
    }
    let message =
        if text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || c == '.') {
            msg!(Said::NotAnAddress { text })
        } else {
            msg!(Said::NoSuchInstance { text })
        };
    let hint = match nearest(text, instances.names()) {
        Some(near) => did_you_mean(near),
        None => msg!(Said::NameAnEnd),
    };
    faults.add("UnknownInstance", &written.span, message, hint);
    None
}

/// Checks that a flow is possible.
fn flow(table: &CheckTable, from: &Endpoint, to: &Endpoint, faults: &mut Faults) -> Option<()> {
    let mut wrong = |span: &Span, message: Message, hint: Message| {
        faults.add("InvalidCheck", span, message, hint);
        None
    };
    if let Endpoint::Address(address) = from {
        let hint = msg!(Said::FromIsInstance);
        return wrong(&table.from.span, msg!(Said::FromAnAddress { address }), hint);
    }
    if from == to {
        let hint = msg!(Said::TwoDifferentEnds);
        return wrong(&table.to.span, msg!(Said::SameEnds { end: from }), hint);
    }
    if let (Endpoint::Address(address), Some(both)) = (to, table.both_ways.as_ref().filter(|both| both.value)) {
        let hint = msg!(Said::NameInstanceOfAddress);
        return wrong(&both.span, msg!(Said::BothWaysFromAddress { address }), hint);
    }
    if let (Some(bandwidth), false) =
        (&table.bandwidth, matches!((from, to), (Endpoint::Instance(_), Endpoint::Instance(_))))
    {
        let hint = msg!(Said::BandwidthIsBetweenInstances);
        return wrong(&bandwidth.span, msg!(Said::BandwidthNeedsInstances), hint);
    }
    Some(())
}

fn protocol(written: Option<&Text>, faults: &mut Faults) -> Option<Protocol> {
    let Some(written) = written else { return Some(Protocol::Icmp) };
    let parsed = written.value.parse();
    let wrong = |wrong: NoProtocol| faults.add("InvalidProtocol", &written.span, wrong.message(), wrong.hint());
    parsed.map_err(wrong).ok()
}

/// The port from which the flow is opened, if the check gives one.
#[expect(clippy::option_option, reason = "a fault, and no port, are two things")]
fn source_port(table: &CheckTable, protocol: Option<Protocol>, faults: &mut Faults) -> Option<Option<u16>> {
    let Some(written) = &table.source_port else { return Some(None) };
    let parsed = number(&written.value).filter(|port| *port != 0);
    let (message, hint) = match (parsed, protocol, &table.bandwidth) {
        (Some(_), Some(Protocol::Icmp), None) => (msg!(Said::IcmpHasNoPorts), msg!(Said::GiveProtocol)),
        (Some(port), ..) => return Some(Some(port)),
        (None, ..) => (msg!(Said::NoPort { text: &written.value }), msg!(Said::WritePort)),
    };
    faults.add("InvalidCheck", &written.span, message, hint);
    None
}

/// The size of its packets, if the check gives one.
#[expect(clippy::option_option, reason = "a fault, and no size, are two things")]
fn size(table: &CheckTable, protocol: Option<Protocol>, faults: &mut Faults) -> Option<Option<u16>> {
    let Some(written) = &table.size else { return Some(None) };
    let parsed = number(&written.value).filter(|size| SIZES.contains(size));
    let (message, hint) = match (parsed, protocol, &table.bandwidth) {
        (_, Some(Protocol::Tcp(_) | Protocol::Udp(_)), _) | (_, _, Some(_)) => {
            (msg!(Said::OnlyIcmpHasASize), msg!(Said::LeaveSizeOut))
        }
        (Some(size), ..) => return Some(Some(size)),
        (None, ..) => {
            let (least, most) = (SIZES.start(), SIZES.end());
            (msg!(Said::NoSize { text: &written.value }), msg!(Said::WriteSize { least, most }))
        }
    };
    faults.add("InvalidCheck", &written.span, message, hint);
    None
}

fn expect(table: &CheckTable, faults: &mut Faults) -> Option<Expect> {
    if let Some(bandwidth) = &table.bandwidth {
        // A bandwidth implies `reach`, so stating it is allowed.
        let expect = table.expect.as_ref().filter(|expect| !expect.value.eq_ignore_ascii_case("reach"));
        let is_tcp = |protocol: &&Text| protocol.value.to_ascii_lowercase().starts_with("tcp/");
        let protocol = table.protocol.as_ref().filter(|protocol| !is_tcp(protocol));
        if let Some(other) = expect.or(table.because.as_ref()).or(protocol) {
            let message = msg!(Said::BandwidthIsACheckOfItsOwn);
            let hint = msg!(Said::PutOthersElsewhere);
            faults.add_pair("ConflictingKeys", &other.span, &bandwidth.span, message, hint);
            return None;
        }
        let parsed = parse_bandwidth(&bandwidth.value);
        if parsed.is_none() {
            let message = msg!(Said::NotABandwidth { text: &bandwidth.value });
            faults.add("InvalidBandwidth", &bandwidth.span, message, msg!(Said::WriteBandwidth));
        }
        return parsed.map(Expect::Bandwidth);
    }
    let Some(expect) = &table.expect else {
        let hint = msg!(Said::AddExpect);
        faults.add("MissingKey", &table.header, msg!(Said::NoExpect), hint);
        return None;
    };
    match (&*expect.value.to_ascii_lowercase(), &table.because) {
        ("reach", None) => Some(Expect::Reach),
        ("reach", Some(because)) => {
            let message = msg!(Said::ReachHasNoReason);
            let hint = msg!(Said::LeaveBecauseOut);
            faults.add_pair("ConflictingKeys", &because.span, &expect.span, message, hint);
            None
        }
        ("drop", None) => Some(Expect::Drop(None)),
        ("drop", Some(because)) => reason(because, faults).map(|reason| Expect::Drop(Some(reason))),
        (other, _) => {
            let message = msg!(Said::NotAnExpectation { text: &expect.value });
            let hint = match other.parse::<Disposition>() {
                Ok(Disposition::Drop { .. }) => msg!(Said::WriteBecause { reason: other }),
                _ => msg!(Said::ReachOrDrop),
            };
            faults.add("InvalidCheck", &expect.span, message, hint);
            None
        }
    }
}

fn reason(because: &Text, faults: &mut Faults) -> Option<Disposition> {
    let text = &because.value;
    let all = || Reason::ALL.map(Reason::as_str);
    let hint = match text.parse::<Disposition>() {
        Ok(Disposition::Reach) => msg!(Said::ReachIsNoReason),
        Ok(Disposition::Drop {
            reason: Reason::EgressSecurityGroup | Reason::IngressSecurityGroup,
            on_return: true,
        }) => msg!(Said::GroupsAreStateful),
        Ok(drop) => return Some(drop),
        Err(_) => match nearest(text, all()) {
            Some(near) => did_you_mean(near),
            None => msg!(Said::UseOneOf { reasons: all() }),
        },
    };
    faults.add("InvalidReason", &because.span, msg!(Said::NotAReason { text }), hint);
    None
}

/// `2Mbit`, `500kbit`, `1Gbit`: bits per second in powers of ten.
fn parse_bandwidth(text: &str) -> Option<Bandwidth> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let unit = match &*text[digits..].trim_start().to_ascii_lowercase() {
        "kbit" => 1_000,
        "mbit" => 1_000_000,
        "gbit" => 1_000_000_000,
        _ => return None,
    };
    let number: u64 = text[..digits].parse().ok()?;
    number.checked_mul(unit).filter(|bits| *bits > 0).map(Bandwidth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bandwidths_are_powers_of_ten() {
        assert_eq!(parse_bandwidth("2Mbit"), Some(Bandwidth(2_000_000)));
        assert_eq!(parse_bandwidth("500 kbit"), Some(Bandwidth(500_000)));
        assert_eq!(parse_bandwidth("500Kbit"), Some(Bandwidth(500_000)));
        assert_eq!(parse_bandwidth("2mbit"), Some(Bandwidth(2_000_000)));
        assert_eq!(parse_bandwidth("1Gbit"), Some(Bandwidth(1_000_000_000)));
        for wrong in ["", "2", "Mbit", "2MB", "-2Mbit", "0Mbit", "99999999999999999999Gbit", "2.5Mbit"] {
            assert!(parse_bandwidth(wrong).is_none(), "{wrong}");
        }
    }
}
