//! nftables as plain data, similar to the output of `nft list ruleset`.
//!
//! There are no anonymous sets and no rule handles, so a ruleset read back from the kernel equals the one that was
//! written.
//!
//! Statements are explicit. Where `nft` adds `meta nfproto ipv4` before an `ip saddr` in an `inet` table by itself
//! (`meta protocol ip` in a `bridge` table, `meta l4proto` before a port or an ICMP type), the rule must contain it as
//! a separate statement. Otherwise the field's bytes are read from any packet. `nft list ruleset` hides such a
//! statement.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::mac::Mac;

/// All tables of a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruleset {
    /// Tables by family and name.
    pub tables: BTreeMap<(Family, String), Table>,
}

/// A table's family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// `inet`.
    Inet,
    /// `ip`.
    Ip,
    /// `bridge`.
    Bridge,
    /// `ip6`: only in a reading.
    Ip6,
    /// `arp`: only in a reading.
    Arp,
    /// `netdev`: only in a reading.
    Netdev,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Named counters.
    pub counters: BTreeSet<String>,
    /// Named sets and maps.
    pub sets: BTreeMap<String, Set>,
    /// Chains.
    pub chains: BTreeMap<String, Chain>,
    /// Everything else in it, as text (`flowtable f`, `flag dormant`): only a reading has any, and the table is then
    /// recreated.
    pub foreign: BTreeSet<String>,
}

/// A set, or a map if it has `data`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The fields of a key, in order. Empty for a set read with a type that is never compiled (a range, a time-out,
    /// another field), so that it differs from every desired set.
    pub key: Vec<KeyType>,
    /// The type of a map's data.
    pub data: Option<DataType>,
    /// Elements by key. The data of a set's elements is `Data::None`.
    pub elements: BTreeMap<Vec<Value>, Data>,
}

/// The type of a field of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// `iface_index`.
    InterfaceIndex,
    /// `ether_addr`.
    EtherAddress,
    /// `ipv4_addr`.
    Ipv4Address,
    /// `ct_state`.
    ConntrackState,
}

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A link's index, or a group, or a ct state's bits: host byte order.
    Number(u32),
    /// A hardware address.
    Mac(Mac),
    /// An address: network byte order.
    Ip(Ipv4Addr),
    /// A port or an EtherType: network byte order.
    Short(u16),
    /// A protocol number, an ICMP type.
    Byte(u8),
}

/// The type of a map's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataType {
    /// A verdict.
    Verdict,
    /// `ipv4_addr`.
    Ipv4Address,
}

/// The data of an element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Data {
    /// None, for a set.
    None,
    /// A verdict.
    Verdict(Verdict),
    /// An address.
    Ip(Ipv4Addr),
}

/// A verdict on a packet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Accept it at this hook.
    Accept,
    /// Drop it.
    Drop,
    /// Continue after the calling rule.
    Return,
    /// Evaluate this chain, then continue.
    Jump(String),
    /// Evaluate this chain and do not return.
    Goto(String),
}

/// A chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Its hook; `None`: reached by jump and goto only.
    pub hook: Option<Hook>,
    /// The rules in order.
    pub rules: Vec<Rule>,
}

/// The hook of a base chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// `filter` or `nat`.
    pub kind: ChainKind,
    /// The hook.
    pub at: HookPoint,
    /// Its priority.
    pub priority: i32,
    /// The verdict on a packet that no rule decides.
    pub policy: Policy,
}

/// The kind of a base chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainKind {
    /// `filter`.
    Filter,
    /// `nat`.
    Nat,
}

/// A hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookPoint {
    /// `prerouting`.
    Prerouting,
    /// `input`.
    Input,
    /// `forward`.
    Forward,
    /// `output`.
    Output,
    /// `postrouting`.
    Postrouting,
}

/// A base chain's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// `accept`.
    Accept,
    /// `drop`.
    Drop,
}

/// A rule: if all matches hold, the statement applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The statements in order, including counters and the closing verdict.
    pub statements: Vec<Statement>,
    /// A comment for a reader of the ruleset: group and rule, or the reason. At most 120 bytes (see [`Rule::new`]),
    /// without NUL; may be empty.
    pub comment: String,
}

impl Rule {
    /// The longest comment in bytes: `nft` accepts at most 128 including its end.
    pub const COMMENT: usize = 120;

    /// A rule whose comment is truncated, between characters, to the length that the kernel and `nft` accept.
    pub fn new(statements: Vec<Statement>, comment: impl Into<String>) -> Self {
        let mut comment: String = comment.into();
        let end = comment.find('\0').unwrap_or(comment.len()).min(Self::COMMENT);
        comment.truncate(comment.floor_char_boundary(end));
        Rule { statements, comment }
    }
}

/// A part of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The field equals the value (or does not).
    Is {
        /// The field.
        field: Field,
        /// The value.
        value: Value,
        /// Whether it must differ instead.
        negated: bool,
    },
    /// The field's first bits are those of the network. `/32` differs from [`Statement::Is`], and `/0` matches
    /// everything.
    Prefix {
        /// An address field.
        field: Field,
        /// The network, without host bits ([`ipnet::Ipv4Net::trunc`]).
        network: ipnet::Ipv4Net,
    },
    /// The field is between the two values, inclusive.
    Range {
        /// A port field.
        field: Field,
        /// The lower bound.
        low: Value,
        /// The upper bound.
        high: Value,
    },
    /// The fields together are (or are not) an element of the set.
    In {
        /// The fields, in the order of the set's key.
        fields: Vec<Field>,
        /// The set.
        set: String,
        /// Whether they must not be in it.
        negated: bool,
    },
    /// `vmap`: the map's verdict for the fields; without an element, the next rule.
    VerdictMap {
        /// The fields, in the order of the map's key.
        fields: Vec<Field>,
        /// The map.
        map: String,
    },
    /// `ct mark set N`: marks the packet's flow.
    MarkFlow(u32),
    /// `dnat to FIELD map @MAP`, in a nat chain: without an element, the rule does nothing.
    DestinationNat {
        /// An address field.
        field: Field,
        /// A map to addresses.
        map: String,
    },
    /// `dnat to ADDRESS:PORT`, in a nat chain.
    LeadTo {
        /// The address.
        address: Ipv4Addr,
        /// The port.
        port: u16,
    },
    /// `snat to FIELD map @MAP`.
    SourceNat {
        /// An address field.
        field: Field,
        /// A map to addresses.
        map: String,
    },
    /// `counter name NAME`.
    Counter(String),
    /// `counter`: the rule's own counter. Its value is not compared.
    Count,
    /// A closing verdict.
    Verdict(Verdict),
    /// A foreign statement, which equals nothing that is compiled.
    Foreign(Vec<u8>),
}

/// A field of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `iif`: a link's index.
    InputInterface,
    /// `oif`.
    OutputInterface,
    /// `iifgroup`.
    InputGroup,
    /// `oifgroup`.
    OutputGroup,
    /// `meta pkttype` (0: host, 1: broadcast, 2: multicast).
    PacketType,
    /// `meta nfproto` (2: IPv4, 10: IPv6).
    NetfilterProtocol,
    /// `meta l4proto`.
    TransportProtocol,
    /// `ether saddr`.
    EtherSource,
    /// `ether type` / `meta protocol` in a bridge.
    EtherType,
    /// `arp saddr ether`.
    ArpSourceEther,
    /// `arp saddr ip`.
    ArpSourceIp,
    /// `ip saddr`.
    IpSource,
    /// `ip daddr`.
    IpDestination,
    /// `ip ttl`.
    TimeToLive,
    /// `th dport`.
    DestinationPort,
    /// `icmp type`.
    IcmpType,
    /// `icmp code`.
    IcmpCode,
    /// `ct state`, as bits; [`Statement::Is`] with it means "one of these bits".
    ConntrackState,
    /// `ct status`, as bits; [`Statement::Is`] with it means "one of these bits".
    ConntrackStatus,
    /// `ct direction`: 0 for the direction of the flow's first packet, 1 for answers. A packet of no flow has none, and
    /// matches neither.
    ConntrackDirection,
    /// `ct mark`: what [`Statement::MarkFlow`] set, else 0.
    ConntrackMark,
    /// `rt ip nexthop`.
    NextHop,
}

impl Field {
    /// Whether its value is a set of bits, of which a comparison asks for any.
    pub fn is_bits(self) -> bool {
        matches!(self, Field::ConntrackState | Field::ConntrackStatus)
    }
}

impl Table {
    /// Adds a chain.
    pub fn chain(&mut self, name: &str, chain: Chain) {
        self.chains.insert(name.to_owned(), chain);
    }
}

impl Set {
    /// An empty set.
    pub fn of(key: impl Into<Vec<KeyType>>) -> Self {
        Set { key: key.into(), data: None, elements: BTreeMap::new() }
    }

    /// An empty map.
    pub fn map(key: impl Into<Vec<KeyType>>, data: DataType) -> Self {
        Set { key: key.into(), data: Some(data), elements: BTreeMap::new() }
    }
}

impl Chain {
    /// A chain for jump and goto.
    pub fn of(rules: impl IntoIterator<Item = Rule>) -> Self {
        Chain { hook: None, rules: rules.into_iter().collect() }
    }

    /// A chain at a hook.
    pub fn base(hook: Hook, rules: impl IntoIterator<Item = Rule>) -> Self {
        Chain { hook: Some(hook), rules: rules.into_iter().collect() }
    }
}

impl Rule {
    /// A rule without a comment.
    pub fn of(statements: impl IntoIterator<Item = Statement>) -> Self {
        Rule { statements: statements.into_iter().collect(), comment: String::new() }
    }

    /// Adds a comment, truncated as in [`Rule::new`].
    pub fn comment(self, comment: impl Into<String>) -> Self {
        Rule::new(self.statements, comment)
    }
}

impl Statement {
    /// The field equals the value; a field of bits has one of them.
    pub fn is(field: Field, value: impl Into<Value>) -> Self {
        Statement::Is { field, value: value.into(), negated: false }
    }

    /// The address is in the network. A network of one address becomes an equality, as in `nft`.
    pub fn prefix(field: Field, network: ipnet::Ipv4Net) -> Self {
        if network.prefix_len() == 32 {
            Statement::is(field, network.addr())
        } else {
            Statement::Prefix { field, network: network.trunc() }
        }
    }

    /// The field is between the two values, inclusive. A range of one value becomes an equality, as in `nft`.
    pub fn range(field: Field, low: impl Into<Value>, high: impl Into<Value>) -> Self {
        let (low, high) = (low.into(), high.into());
        if low == high { Statement::is(field, low) } else { Statement::Range { field, low, high } }
    }

    /// The fields together are an element of the set.
    pub fn within(fields: impl Into<Vec<Field>>, set: impl Into<String>) -> Self {
        Statement::In { fields: fields.into(), set: set.into(), negated: false }
    }

    /// The fields together are not an element of the set.
    pub fn without(fields: impl Into<Vec<Field>>, set: impl Into<String>) -> Self {
        Statement::In { fields: fields.into(), set: set.into(), negated: true }
    }

    /// The map's verdict for the fields.
    pub fn verdict_map(fields: impl Into<Vec<Field>>, map: impl Into<String>) -> Self {
        Statement::VerdictMap { fields: fields.into(), map: map.into() }
    }

    /// Counts with a named counter.
    pub fn counter(name: impl Into<String>) -> Self {
        Statement::Counter(name.into())
    }

    /// Evaluates a chain and does not return.
    pub fn goto(chain: impl Into<String>) -> Self {
        Statement::Verdict(Verdict::Goto(chain.into()))
    }

    /// Accepts the packet.
    pub fn accept() -> Self {
        Statement::Verdict(Verdict::Accept)
    }

    /// Drops the packet.
    pub fn drop() -> Self {
        Statement::Verdict(Verdict::Drop)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Number(number)
    }
}

impl From<u16> for Value {
    fn from(short: u16) -> Self {
        Value::Short(short)
    }
}

impl From<u8> for Value {
    fn from(byte: u8) -> Self {
        Value::Byte(byte)
    }
}

impl From<Ipv4Addr> for Value {
    fn from(ip: Ipv4Addr) -> Self {
        Value::Ip(ip)
    }
}

impl From<Mac> for Value {
    fn from(mac: Mac) -> Self {
        Value::Mac(mac)
    }
}
