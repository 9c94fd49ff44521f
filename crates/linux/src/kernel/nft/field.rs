//! Where each field of a packet is, and how a register holds its values: one table for writing and reading.

use std::net::Ipv4Addr;

use super::uapi::{ct, meta, payload, rt, set};
use crate::network::model::Mac;
use crate::network::ruleset::{Field, KeyType, Value};

/// How to load a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// `meta`, by key.
    Meta(u32),
    /// `payload`: header, offset, bytes.
    Payload(u32, u32, u32),
    /// `ct`, by key.
    Conntrack(u32),
    /// `rt`, by key.
    Route(u32),
}

/// How a register holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Four bytes in host order.
    Number,
    /// A hardware address: six bytes.
    Mac,
    /// An address.
    Ip,
    /// Two bytes in network order.
    Short,
    /// One byte.
    Byte,
}

const FIELDS: [(Field, Load, Shape); 22] = [
    (Field::InputInterface, Load::Meta(meta::IIF), Shape::Number),
    (Field::OutputInterface, Load::Meta(meta::OIF), Shape::Number),
    (Field::InputGroup, Load::Meta(meta::IIFGROUP), Shape::Number),
    (Field::OutputGroup, Load::Meta(meta::OIFGROUP), Shape::Number),
    (Field::PacketType, Load::Meta(meta::PKTTYPE), Shape::Byte),
    (Field::NetfilterProtocol, Load::Meta(meta::NFPROTO), Shape::Byte),
    (Field::TransportProtocol, Load::Meta(meta::L4PROTO), Shape::Byte),
    (Field::EtherSource, Load::Payload(payload::LINK, 6, 6), Shape::Mac),
    (Field::EtherType, Load::Meta(meta::PROTOCOL), Shape::Short),
    (Field::ArpSourceEther, Load::Payload(payload::NETWORK, 8, 6), Shape::Mac),
    (Field::ArpSourceIp, Load::Payload(payload::NETWORK, 14, 4), Shape::Ip),
    (Field::IpSource, Load::Payload(payload::NETWORK, 12, 4), Shape::Ip),
    (Field::IpDestination, Load::Payload(payload::NETWORK, 16, 4), Shape::Ip),
    (Field::TimeToLive, Load::Payload(payload::NETWORK, 8, 1), Shape::Byte),
    (Field::DestinationPort, Load::Payload(payload::TRANSPORT, 2, 2), Shape::Short),
    (Field::IcmpType, Load::Payload(payload::TRANSPORT, 0, 1), Shape::Byte),
    (Field::IcmpCode, Load::Payload(payload::TRANSPORT, 1, 1), Shape::Byte),
    (Field::ConntrackState, Load::Conntrack(ct::STATE), Shape::Number),
    (Field::ConntrackStatus, Load::Conntrack(ct::STATUS), Shape::Number),
    (Field::ConntrackDirection, Load::Conntrack(ct::DIRECTION), Shape::Byte),
    (Field::ConntrackMark, Load::Conntrack(ct::MARK), Shape::Number),
    (Field::NextHop, Load::Route(rt::NEXTHOP4), Shape::Ip),
];

fn entry(field: Field) -> (Load, Shape) {
    let (_, load, shape) = FIELDS.iter().find(|(of, ..)| *of == field).expect("FIELDS has a line for each field");
    (*load, *shape)
}

impl Load {
    /// How to load a field.
    pub(super) fn of(field: Field) -> Self {
        entry(field).0
    }

    /// The field that this loads.
    pub(super) fn field(self) -> Option<Field> {
        FIELDS.iter().find(|(_, load, _)| *load == self).map(|(field, ..)| *field)
    }

    /// The address field whose first `bytes` this loads: a prefix that ends at a byte boundary is a shorter load.
    pub(super) fn leading_bytes(self) -> Option<(Field, usize)> {
        let Load::Payload(base, offset, bytes @ 1..=3) = self else { return None };
        let field = Load::Payload(base, offset, 4).field()?;
        (Shape::of(field) == Shape::Ip).then_some((field, bytes as usize))
    }
}

impl Shape {
    /// The shape of a field's values.
    pub(super) fn of(field: Field) -> Self {
        entry(field).1
    }

    /// The shape of a key's field.
    pub(super) fn of_key(key: KeyType) -> Self {
        match key {
            KeyType::InterfaceIndex | KeyType::ConntrackState => Shape::Number,
            KeyType::EtherAddress => Shape::Mac,
            KeyType::Ipv4Address => Shape::Ip,
        }
    }

    /// Size in bytes, without padding.
    pub(super) fn bytes(self) -> usize {
        match self {
            Shape::Number | Shape::Ip => 4,
            Shape::Mac => 6,
            Shape::Short => 2,
            Shape::Byte => 1,
        }
    }

    /// Size in slots of four bytes.
    pub(super) fn slots(self) -> u32 {
        self.bytes().div_ceil(4) as u32
    }

    /// The value in these bytes.
    pub(super) fn value(self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Shape::Number => Value::Number(u32::from_ne_bytes(bytes.try_into().ok()?)),
            Shape::Mac => Value::Mac(Mac(bytes.try_into().ok()?)),
            Shape::Ip => Value::Ip(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
            Shape::Short => Value::Short(u16::from_be_bytes(bytes.try_into().ok()?)),
            Shape::Byte => Value::Byte(<[u8; 1]>::try_from(bytes).ok()?[0]),
        })
    }
}

/// Appends a value's bytes.
pub(super) fn put(bytes: &mut Vec<u8>, value: Value) {
    match value {
        Value::Number(number) => bytes.extend_from_slice(&number.to_ne_bytes()),
        Value::Mac(mac) => bytes.extend_from_slice(&mac.0),
        Value::Ip(ip) => bytes.extend_from_slice(&ip.octets()),
        Value::Short(number) => bytes.extend_from_slice(&number.to_be_bytes()),
        Value::Byte(number) => bytes.push(number),
    }
}

/// Appends a key's bytes: each field begins at a multiple of four, and a key of several fields ends at one.
pub(super) fn put_key(bytes: &mut Vec<u8>, key: &[Value]) {
    let start = bytes.len();
    for value in key {
        put(bytes, *value);
        if key.len() > 1 {
            let length = bytes.len() - start;
            bytes.resize(start + length.next_multiple_of(4), 0);
        }
    }
}

/// The key in these bytes.
pub(super) fn key(types: &[KeyType], bytes: &[u8]) -> Option<Vec<Value>> {
    if bytes.len() != key_length(types) {
        return None;
    }
    let mut at = 0;
    let mut value = |key: &KeyType| {
        let shape = Shape::of_key(*key);
        let value = shape.value(bytes.get(at..at + shape.bytes())?);
        at += 4 * shape.slots() as usize;
        value
    };
    types.iter().map(&mut value).collect()
}

/// Size of a key of these fields, in bytes.
pub(super) fn key_length(types: &[KeyType]) -> usize {
    match types {
        [one] => Shape::of_key(*one).bytes(),
        several => several.iter().map(|key| 4 * Shape::of_key(*key).slots() as usize).sum(),
    }
}

/// `nft`'s number for the type of a field.
pub(super) fn type_number(key: KeyType) -> u32 {
    match key {
        KeyType::InterfaceIndex => set::TYPE_IFINDEX,
        KeyType::EtherAddress => set::TYPE_ETHERADDR,
        KeyType::Ipv4Address => set::TYPE_IPADDR,
        KeyType::ConntrackState => set::TYPE_CT_STATE,
    }
}

/// `nft`'s number for the type of a key: six bits per field, the first field in the highest bits.
pub(super) fn key_type_number(types: &[KeyType]) -> u32 {
    types.iter().fold(0, |number, key| number << set::TYPE_BITS | type_number(*key))
}

/// The fields of a key with this number of `nft`, if all are known.
pub(super) fn key_types(number: u32) -> Option<Vec<KeyType>> {
    const ALL: [KeyType; 4] =
        [KeyType::InterfaceIndex, KeyType::EtherAddress, KeyType::Ipv4Address, KeyType::ConntrackState];
    let mask = (1 << set::TYPE_BITS) - 1;
    let first = (0..u32::BITS / set::TYPE_BITS + 1).rev().map(|i| i * set::TYPE_BITS);
    let numbers = first.map(|shift| number >> shift & mask).skip_while(|number| *number == 0);
    let types = numbers.map(|number| ALL.into_iter().find(|key| type_number(*key) == number));
    types.collect::<Option<Vec<_>>>().filter(|types| !types.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_key_is_what_nft_calls_it() {
        let key = [KeyType::InterfaceIndex, KeyType::EtherAddress, KeyType::Ipv4Address];
        assert_eq!(key_type_number(&key), 20 << 12 | 9 << 6 | 7);
        assert_eq!(key_types(20 << 12 | 9 << 6 | 7).as_deref(), Some(&key[..]));
        assert_eq!(key_types(20 << 12 | 13 << 6 | 7), None, "a port is no field of ours");
        assert_eq!(key_types(0), None);
    }

    #[test]
    fn the_fields_of_a_key_begin_at_multiples_of_four() {
        let types = [KeyType::EtherAddress, KeyType::Ipv4Address];
        let values = vec![Value::Mac(Mac([2, 0, 10, 0, 0, 1])), Value::Ip(Ipv4Addr::new(10, 0, 0, 1))];
        let mut bytes = Vec::new();
        put_key(&mut bytes, &values);
        assert_eq!(bytes, [2, 0, 10, 0, 0, 1, 0, 0, 10, 0, 0, 1]);
        assert_eq!(key(&types, &bytes), Some(values));
        assert_eq!(key(&types, &bytes[..8]), None);
    }

    #[test]
    fn a_load_of_an_addresss_first_bytes_is_told_from_other_fields() {
        assert_eq!(Load::Payload(payload::NETWORK, 12, 2).leading_bytes(), Some((Field::IpSource, 2)));
        assert_eq!(Load::Payload(payload::NETWORK, 16, 3).leading_bytes(), Some((Field::IpDestination, 3)));
        assert_eq!(Load::Payload(payload::TRANSPORT, 0, 1).leading_bytes(), None);
        assert_eq!(Load::Payload(payload::NETWORK, 13, 1).leading_bytes(), None);
    }
}
