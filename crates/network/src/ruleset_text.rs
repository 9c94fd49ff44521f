//! The ruleset as text in `nft`'s syntax, for `plan -v` and for errors that name a rule.
//!
//! Names are not resolved: a link is its index, a group its number.

use std::fmt::{self, Formatter};

use super::ruleset::{
    Chain, ChainKind, Data, DataType, Family, Field, Hook, HookPoint, KeyType, Policy, Rule, Ruleset, Set, Statement,
    Table, Value, Verdict,
};

/// The bits of `ct state`, for [`Field::ConntrackState`] and [`KeyType::ConntrackState`].
pub mod conntrack_state {
    /// `invalid`.
    pub const INVALID: u32 = 1;
    /// `established`.
    pub const ESTABLISHED: u32 = 2;
    /// `related`.
    pub const RELATED: u32 = 4;
    /// `new`.
    pub const NEW: u32 = 8;
    /// `untracked`.
    pub const UNTRACKED: u32 = 64;

    pub(super) const NAMES: [(u32, &str); 5] = [
        (INVALID, "invalid"),
        (ESTABLISHED, "established"),
        (RELATED, "related"),
        (NEW, "new"),
        (UNTRACKED, "untracked"),
    ];
}

/// The bits of `ct status`, as [`Field::ConntrackStatus`] holds them.
pub mod conntrack_status {
    /// `dnat`: the flow's destination was rewritten when it began.
    pub const DNAT: u32 = 1 << 5;

    pub(super) const NAMES: [(u32, &str); 1] = [(DNAT, "dnat")];
}

macro_rules! words {
    ($($kind:ident { $($value:ident $word:literal)* })*) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.pad(match self { $($kind::$value => $word,)* })
            }
        }
    )*};
}

words! {
    Family { Inet "inet" Ip "ip" Bridge "bridge" Ip6 "ip6" Arp "arp" Netdev "netdev" }
    ChainKind { Filter "filter" Nat "nat" }
    HookPoint {
        Prerouting "prerouting" Input "input" Forward "forward" Output "output" Postrouting "postrouting"
    }
    Policy { Accept "accept" Drop "drop" }
    KeyType {
        InterfaceIndex "iface_index" EtherAddress "ether_addr" Ipv4Address "ipv4_addr" ConntrackState "ct_state"
    }
    DataType { Verdict "verdict" Ipv4Address "ipv4_addr" }
    Field {
        InputInterface "iif" OutputInterface "oif" InputGroup "iifgroup" OutputGroup "oifgroup"
        PacketType "meta pkttype"
        NetfilterProtocol "meta nfproto" TransportProtocol "meta l4proto"
        EtherSource "ether saddr" EtherType "meta protocol"
        ArpSourceEther "arp saddr ether" ArpSourceIp "arp saddr ip"
        IpSource "ip saddr" IpDestination "ip daddr"
        TimeToLive "ip ttl"
        DestinationPort "th dport" IcmpType "icmp type" IcmpCode "icmp code"
        ConntrackState "ct state" ConntrackStatus "ct status" ConntrackDirection "ct direction" ConntrackMark "ct mark"
        NextHop "rt ip nexthop"
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Hook { kind, at, priority, policy } = self;
        write!(f, "type {kind} hook {at} priority {priority}; policy {policy};")
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Accept => f.write_str("accept"),
            Verdict::Drop => f.write_str("drop"),
            Verdict::Return => f.write_str("return"),
            Verdict::Jump(chain) => write!(f, "jump {chain}"),
            Verdict::Goto(chain) => write!(f, "goto {chain}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Mac(mac) => mac.fmt(f),
            Value::Ip(ip) => ip.fmt(f),
            Value::Short(number) => number.fmt(f),
            Value::Byte(number) => number.fmt(f),
        }
    }
}

/// A value with its field's name for it: `new`, `ipv4`, `tcp`.
struct Named(Field, Value);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Named(field, value) = *self;
        let word = match (field, value) {
            (Field::ConntrackState, Value::Number(bits)) => return these(f, &conntrack_state::NAMES, bits),
            (Field::ConntrackStatus, Value::Number(bits)) => return these(f, &conntrack_status::NAMES, bits),
            (Field::PacketType, Value::Byte(2)) => "multicast",
            (Field::NetfilterProtocol, Value::Byte(2)) => "ipv4",
            (Field::NetfilterProtocol, Value::Byte(10)) => "ipv6",
            (Field::TransportProtocol, Value::Byte(1)) => "icmp",
            (Field::TransportProtocol, Value::Byte(6)) => "tcp",
            (Field::TransportProtocol, Value::Byte(17)) => "udp",
            (Field::TransportProtocol, Value::Byte(47)) => "gre",
            (Field::EtherType, Value::Short(0x0800)) => "ip",
            (Field::EtherType, Value::Short(0x0806)) => "arp",
            (Field::ConntrackDirection, Value::Byte(0)) => "original",
            (Field::ConntrackDirection, Value::Byte(1)) => "reply",
            (Field::IcmpType, Value::Byte(0)) => "echo-reply",
            (Field::IcmpType, Value::Byte(3)) => "destination-unreachable",
            (Field::IcmpType, Value::Byte(8)) => "echo-request",
            _ => return value.fmt(f),
        };
        f.write_str(word)
    }
}

/// Bits by their names.
fn these(f: &mut Formatter<'_>, names: &[(u32, &str)], bits: u32) -> fmt::Result {
    let known = names.iter().filter(|(bit, _)| bits & bit != 0);
    let rest = names.iter().fold(bits, |rest, (bit, _)| rest & !bit);
    let mut separator = "";
    for (_, name) in known {
        write!(f, "{separator}{name}")?;
        separator = ",";
    }
    if rest != 0 || bits == 0 {
        write!(f, "{separator}{rest:#x}")?;
    }
    Ok(())
}

/// Items with ` . ` between them.
pub(super) struct Joined<'a, T>(pub(super) &'a [T]);

impl<T: fmt::Display> fmt::Display for Joined<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if i == 0 { "" } else { " . " })?;
        }
        Ok(())
    }
}

/// An element of a set or map: `10.0.0.1 : jump web`.
pub(super) struct Element<'a>(pub(super) &'a [Value], pub(super) &'a Data);

impl fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Joined(self.0).fmt(f)?;
        match self.1 {
            Data::None => Ok(()),
            Data::Verdict(verdict) => write!(f, " : {verdict}"),
            Data::Ip(ip) => write!(f, " : {ip}"),
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Statement::Is { field, value, negated: true } if field.is_bits() => {
                write!(f, "{field} ! {}", Named(*field, *value))
            }
            Statement::Is { field, value, negated } => {
                write!(f, "{field} {}{}", if *negated { "!= " } else { "" }, Named(*field, *value))
            }
            Statement::Prefix { field, network } => write!(f, "{field} {network}"),
            Statement::Range { field, low, high } => write!(f, "{field} {low}-{high}"),
            Statement::In { fields, set, negated } => {
                write!(f, "{} {}@{set}", Joined(fields), if *negated { "!= " } else { "" })
            }
            Statement::VerdictMap { fields, map } => write!(f, "{} vmap @{map}", Joined(fields)),
            Statement::MarkFlow(mark) => write!(f, "ct mark set {mark}"),
            Statement::DestinationNat { field, map } => write!(f, "dnat to {field} map @{map}"),
            Statement::LeadTo { address, port } => write!(f, "dnat to {address}:{port}"),
            Statement::SourceNat { field, map } => write!(f, "snat to {field} map @{map}"),
            Statement::Counter(name) => write!(f, "counter name \"{name}\""),
            Statement::Count => f.write_str("counter"),
            Statement::Verdict(verdict) => verdict.fmt(f),
            Statement::Foreign(bytes) => write!(f, "(foreign, {} bytes)", bytes.len()),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, statement) in self.statements.iter().enumerate() {
            write!(f, "{}{statement}", if i == 0 { "" } else { " " })?;
        }
        if !self.comment.is_empty() {
            write!(f, " comment \"{}\"", self.comment)?;
        }
        Ok(())
    }
}

impl Set {
    /// Its type: `iface_index . ipv4_addr`, `ipv4_addr : verdict`.
    pub fn type_text(&self) -> String {
        match self.data {
            None => Joined(&self.key).to_string(),
            Some(data) => format!("{} : {data}", Joined(&self.key)),
        }
    }
}

impl fmt::Display for Ruleset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for ((family, name), table) in &self.tables {
            writeln!(f, "table {family} {name} {{\n{table}}}")?;
        }
        Ok(())
    }
}

/// The body of a table, one item per line, indented by a tab as in `nft`.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for counter in &self.counters {
            writeln!(f, "\tcounter {counter} {{ }}")?;
        }
        for (name, set) in &self.sets {
            let word = if set.data.is_some() { "map" } else { "set" };
            writeln!(f, "\t{word} {name} {{\n\t\ttype {}", set.type_text())?;
            for (i, (key, data)) in set.elements.iter().enumerate() {
                let begin = if i == 0 { "\t\telements = { " } else { ",\n\t\t\t     " };
                write!(f, "{begin}{}", Element(key, data))?;
            }
            f.write_str(if set.elements.is_empty() { "\t}\n" } else { " }\n\t}\n" })?;
        }
        for (name, Chain { hook, rules }) in &self.chains {
            writeln!(f, "\tchain {name} {{")?;
            if let Some(hook) = hook {
                writeln!(f, "\t\t{hook}")?;
            }
            for rule in rules {
                writeln!(f, "\t\t{rule}")?;
            }
            writeln!(f, "\t}}")?;
        }
        for foreign in &self.foreign {
            writeln!(f, "\t# {foreign}")?;
        }
        Ok(())
    }
}
