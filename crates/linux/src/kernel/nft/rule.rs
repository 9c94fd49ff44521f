//! Converts the kernel's expressions to statements, the inverse of [`expression`](super::expression).

use std::net::Ipv4Addr;

use super::field::{Load, Shape};
use super::message::number;
use super::uapi::{
    LIST_ELEMENT, bitwise, cmp, counter, ct, data, expr, family, immediate, lookup, meta, nat, object, objref, payload,
    register, rt, verdict,
};
use crate::kernel::netlink::{Attributes, attribute, text};
use crate::network::ruleset::{Field, Statement, Value, Verdict};

/// An expression, if peerlab knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expression<'a> {
    Load {
        load: Load,
        to: Register,
    },
    /// A mask on the first register's bytes.
    Mask(&'a [u8]),
    /// A comparison of the first register.
    Compare(u32, &'a [u8]),
    /// A lookup of the registers, starting with the first.
    LookUp {
        set: &'a str,
        to: Option<Register>,
        negated: bool,
    },
    Count,
    Counter(&'a str),
    Verdict(Attributes<'a>),
    /// A value in the first register.
    Number(u32),
    /// A port in the second register.
    Port(u16),
    /// The first register becomes the flow's mark.
    Mark,
    Translate(u32),
    /// The two registers become destination address and port.
    LeadTo,
    Unknown,
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Register {
    Verdict,
    /// Starting at this slot of four bytes.
    Slot(u32),
}

const FIRST: Register = Register::Slot(0);
/// The second register of 16 bytes.
const SECOND: Register = Register::Slot(4);

impl Register {
    fn of(value: &[u8]) -> Option<Self> {
        match number(value)? {
            register::VERDICT => Some(Register::Verdict),
            big @ register::FIRST..=4 => Some(Register::Slot((big - register::FIRST) * 4)),
            small => small.checked_sub(register::FIRST_OF_4_BYTES).map(Register::Slot),
        }
    }
}

/// The statements of a list of expressions.
pub(super) fn statements(list: &[u8]) -> Vec<Statement> {
    let raw: Vec<(u16, &[u8])> = Attributes(list).collect();
    let expressions: Vec<Expression> = raw.iter().map(|(kind, value)| expression(*kind, value)).collect();
    let mut statements = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        match next(&expressions[at..]) {
            Some((statement, length)) => {
                statements.push(statement);
                at += length;
            }
            None => {
                statements.push(Statement::Foreign(raw[at].1.to_vec()));
                at += 1;
            }
        }
    }
    statements
}

/// The packets of the rule's own counter; `None` if it has none.
pub(super) fn packets(list: &[u8]) -> Option<u64> {
    let own = |(kind, element): (u16, &'_ [u8])| {
        matches!(expression(kind, element), Expression::Count).then(|| {
            let figures = Attributes(attribute(Attributes(element), expr::DATA)?);
            Some(u64::from_be_bytes(attribute(figures, counter::PACKETS)?.try_into().ok()?))
        })?
    };
    Attributes(list).find_map(own)
}

/// The statement that these expressions begin with, and how many expressions it takes.
fn next(expressions: &[Expression]) -> Option<(Statement, usize)> {
    match *expressions.first()? {
        Expression::Count => Some((Statement::Count, 1)),
        Expression::Counter(name) => Some((Statement::Counter(name.into()), 1)),
        Expression::Verdict(held) => Some((Statement::Verdict(verdict(held)?), 1)),
        Expression::Number(number) => match (expressions.get(1)?, expressions.get(2)) {
            (Expression::Mark, _) => Some((Statement::MarkFlow(number), 2)),
            (Expression::Port(port), Some(Expression::LeadTo)) => {
                let address = Ipv4Addr::from(number.to_ne_bytes());
                Some((Statement::LeadTo { address, port: *port }, 3))
            }
            _ => None,
        },
        Expression::Load { .. } => match_or_map(expressions),
        _ => None,
    }
}

fn match_or_map(expressions: &[Expression]) -> Option<(Statement, usize)> {
    if let [Expression::Load { load, to: FIRST }, Expression::Compare(cmp::EQ, data), ..] = *expressions
        && let Some((field, bytes)) = load.leading_bytes()
    {
        let mut octets = [0; 4];
        octets[..bytes].copy_from_slice(data.get(..bytes).filter(|_| data.len() == bytes)?);
        return Some((prefix(field, octets, u32::MAX << (32 - 8 * bytes))?, 2));
    }
    let fields = fields(expressions)?;
    let loads = fields.len();
    let one = (loads == 1).then(|| fields[0]);
    match (one, expressions.get(loads)?, expressions.get(loads + 1)) {
        (Some(field), Expression::Compare(operator @ (cmp::EQ | cmp::NEQ), data), _) => {
            let value = Shape::of(field).value(data)?;
            // Bits that are compared whole ask for exactly these, not for one of them.
            (!field.is_bits()).then_some((Statement::Is { field, value, negated: *operator == cmp::NEQ }, 2))
        }
        (Some(field), Expression::Compare(cmp::GTE, low), Some(Expression::Compare(cmp::LTE, high))) => {
            let shape = Shape::of(field);
            Some((Statement::Range { field, low: shape.value(low)?, high: shape.value(high)? }, 3))
        }
        (Some(field), Expression::Mask(mask), Some(Expression::Compare(operator, data))) => {
            Some((masked(field, mask, *operator, data)?, 3))
        }
        (
            Some(field),
            Expression::LookUp { set, to: Some(FIRST), negated: false },
            Some(Expression::Translate(kind)),
        ) => {
            let map = set.to_string();
            match *kind {
                nat::SOURCE => Some((Statement::SourceNat { field, map }, 3)),
                _ => Some((Statement::DestinationNat { field, map }, 3)),
            }
        }
        (_, Expression::LookUp { set, to: None, negated }, _) => {
            Some((Statement::In { fields, set: set.to_string(), negated: *negated }, loads + 1))
        }
        (_, Expression::LookUp { set, to: Some(Register::Verdict), negated: false }, _) => {
            Some((Statement::VerdictMap { fields, map: set.to_string() }, loads + 1))
        }
        _ => None,
    }
}

/// The fields that are loaded into consecutive registers, starting with the first.
fn fields(expressions: &[Expression]) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut slot = 0;
    for expression in expressions {
        let Expression::Load { load, to } = *expression else { break };
        let field = load.field().filter(|_| to == Register::Slot(slot))?;
        slot += Shape::of(field).slots();
        fields.push(field);
    }
    Some(fields)
}

fn masked(field: Field, mask: &[u8], operator: u32, data: &[u8]) -> Option<Statement> {
    match (field, operator) {
        (field, cmp::EQ | cmp::NEQ) if field.is_bits() && data == [0; 4] => {
            let value = Shape::Number.value(mask)?;
            Some(Statement::Is { field, value, negated: operator == cmp::EQ })
        }
        (field, cmp::EQ) if Shape::of(field) == Shape::Ip => {
            let mask = u32::from_be_bytes(mask.try_into().ok()?);
            prefix(field, data.try_into().ok()?, mask)
        }
        _ => None,
    }
}

fn prefix(field: Field, address: [u8; 4], mask: u32) -> Option<Statement> {
    let address = Ipv4Addr::from(address);
    let network = ipnet::Ipv4Net::with_netmask(address, Ipv4Addr::from(mask)).ok()?;
    (network.network() == address).then_some(Statement::Prefix { field, network })
}

/// A verdict stored as data.
pub(super) fn verdict(held: Attributes) -> Option<Verdict> {
    let held = Attributes(attribute(held, data::VERDICT)?);
    let chain = || Some(text(attribute(held, verdict::CHAIN)?)?.to_string());
    Some(match number(attribute(held, verdict::CODE)?)? {
        verdict::ACCEPT => Verdict::Accept,
        verdict::DROP => Verdict::Drop,
        verdict::RETURN => Verdict::Return,
        verdict::JUMP => Verdict::Jump(chain()?),
        verdict::GOTO => Verdict::Goto(chain()?),
        _ => return None,
    })
}

fn expression(kind: u16, element: &[u8]) -> Expression<'_> {
    let known = || {
        let name = text(attribute(Attributes(element), expr::NAME)?)?;
        let held = Held(Attributes(attribute(Attributes(element), expr::DATA).unwrap_or_default()));
        match name {
            "meta" => held.load(meta::DREG, &[meta::KEY], |held| Some(Load::Meta(held.number(meta::KEY)?))),
            "ct" if attribute(held.0, ct::SREG).is_some() => held.mark(),
            "ct" => held.load(ct::DREG, &[ct::KEY], |held| Some(Load::Conntrack(held.number(ct::KEY)?))),
            "rt" => held.load(rt::DREG, &[rt::KEY], |held| Some(Load::Route(held.number(rt::KEY)?))),
            "payload" => held.load(payload::DREG, &[payload::BASE, payload::OFFSET, payload::LENGTH], |held| {
                let base = held.number(payload::BASE)?;
                Some(Load::Payload(base, held.number(payload::OFFSET)?, held.number(payload::LENGTH)?))
            }),
            "bitwise" => held.mask(),
            "cmp" => held.compare(),
            "lookup" => held.look_up(),
            "counter" => Some(Expression::Count),
            "objref" => held.counter(),
            "immediate" => held.verdict(),
            "nat" if attribute(held.0, nat::PORT_MIN).is_some() => held.lead_to(),
            "nat" => held.translate(),
            _ => None,
        }
    };
    known().filter(|_| kind == LIST_ELEMENT).unwrap_or(Expression::Unknown)
}

/// An expression's attributes. Each reading fails if there is an attribute that it does not know.
#[derive(Clone, Copy)]
struct Held<'a>(Attributes<'a>);

impl<'a> Held<'a> {
    fn only(self, kinds: &[u16]) -> Option<()> {
        self.0.into_iter().all(|(kind, _)| kinds.contains(&kind)).then_some(())
    }

    fn number(self, kind: u16) -> Option<u32> {
        number(attribute(self.0, kind)?)
    }

    fn register(self, kind: u16) -> Option<Register> {
        Register::of(attribute(self.0, kind)?)
    }

    fn value(self, kind: u16) -> Option<&'a [u8]> {
        attribute(Attributes(attribute(self.0, kind)?), data::VALUE)
    }

    fn load(self, to: u16, others: &[u16], load: impl FnOnce(Self) -> Option<Load>) -> Option<Expression<'a>> {
        let known = |kind| kind == to || others.contains(&kind);
        let load = load(self).filter(|_| self.0.into_iter().all(|(kind, _)| known(kind)))?;
        Some(Expression::Load { load, to: self.register(to)? })
    }

    fn mask(self) -> Option<Expression<'a>> {
        use bitwise::{DREG, LENGTH, MASK, OP, SREG, XOR};
        self.only(&[SREG, DREG, LENGTH, MASK, XOR, OP])?;
        let (mask, xor) = (self.value(MASK)?, self.value(XOR)?);
        let plain = self.number(OP).unwrap_or(0) == 0 && xor.iter().all(|byte| *byte == 0);
        let first = (self.register(SREG)?, self.register(DREG)?) == (FIRST, FIRST);
        let whole = self.number(LENGTH)? as usize == mask.len();
        (plain && first && whole).then_some(Expression::Mask(mask))
    }

    fn compare(self) -> Option<Expression<'a>> {
        self.only(&[cmp::SREG, cmp::OP, cmp::DATA])?;
        let first = self.register(cmp::SREG)? == FIRST;
        let (operator, data) = (self.number(cmp::OP)?, self.value(cmp::DATA)?);
        first.then_some(Expression::Compare(operator, data))
    }

    fn look_up(self) -> Option<Expression<'a>> {
        use lookup::{DREG, FLAGS, INVERTED, SET, SREG};
        self.only(&[SET, SREG, DREG, FLAGS])?;
        let first = self.register(SREG)? == FIRST;
        let to = match attribute(self.0, DREG) {
            Some(to) => Some(Register::of(to)?),
            None => None,
        };
        let flags = self.number(FLAGS).unwrap_or(0);
        let known = first && flags & !INVERTED == 0;
        let set = text(attribute(self.0, SET)?)?;
        known.then_some(Expression::LookUp { set, to, negated: flags == INVERTED })
    }

    fn counter(self) -> Option<Expression<'a>> {
        self.only(&[objref::TYPE, objref::NAME])?;
        let name = text(attribute(self.0, objref::NAME)?)?;
        (self.number(objref::TYPE)? == object::COUNTER).then_some(Expression::Counter(name))
    }

    fn verdict(self) -> Option<Expression<'a>> {
        self.only(&[immediate::DREG, immediate::DATA])?;
        let held = Attributes(attribute(self.0, immediate::DATA)?);
        match self.register(immediate::DREG)? {
            Register::Verdict => Some(Expression::Verdict(held)),
            FIRST => match Shape::Number.value(attribute(held, data::VALUE)?)? {
                Value::Number(number) => Some(Expression::Number(number)),
                _ => None,
            },
            SECOND => match Shape::Short.value(attribute(held, data::VALUE)?)? {
                Value::Short(port) => Some(Expression::Port(port)),
                _ => None,
            },
            Register::Slot(_) => None,
        }
    }

    fn mark(self) -> Option<Expression<'a>> {
        self.only(&[ct::KEY, ct::SREG])?;
        let marks = self.number(ct::KEY)? == ct::MARK && self.register(ct::SREG)? == FIRST;
        marks.then_some(Expression::Mark)
    }

    fn lead_to(self) -> Option<Expression<'a>> {
        use nat::{
            ADDRESS_MAX, ADDRESS_MIN, DESTINATION, FAMILY, FLAGS, MAP_ADDRESSES, PORT, PORT_MAX, PORT_MIN, TYPE,
        };
        self.only(&[TYPE, FAMILY, ADDRESS_MIN, ADDRESS_MAX, PORT_MIN, PORT_MAX, FLAGS])?;
        // The kernel adds the ends of the ranges and the flags for them.
        let plain = self.number(FLAGS).is_none_or(|flags| flags & !(MAP_ADDRESSES | PORT) == 0);
        let is = |kind, register| attribute(self.0, kind).is_none_or(|held| Register::of(held) == Some(register));
        let first = self.register(ADDRESS_MIN)? == FIRST && is(ADDRESS_MAX, FIRST);
        let second = self.register(PORT_MIN)? == SECOND && is(PORT_MAX, SECOND);
        let ip = self.number(FAMILY)? == u32::from(family::IP) && self.number(TYPE)? == DESTINATION;
        (plain && first && second && ip).then_some(Expression::LeadTo)
    }

    fn translate(self) -> Option<Expression<'a>> {
        use nat::{ADDRESS_MAX, ADDRESS_MIN, DESTINATION, FAMILY, FLAGS, MAP_ADDRESSES, SOURCE, TYPE};
        self.only(&[TYPE, FAMILY, ADDRESS_MIN, ADDRESS_MAX, FLAGS])?;
        // The kernel adds the end of the range and the flag for it.
        let plain = self.number(FLAGS).is_none_or(|flags| flags & !MAP_ADDRESSES == 0);
        let first = self.register(ADDRESS_MIN)? == FIRST;
        let single = attribute(self.0, ADDRESS_MAX).is_none_or(|max| Register::of(max) == Some(FIRST));
        let ip = self.number(FAMILY)? == u32::from(family::IP);
        let kind = Some(self.number(TYPE)?).filter(|kind| [SOURCE, DESTINATION].contains(kind))?;
        (plain && first && single && ip).then_some(Expression::Translate(kind))
    }
}
