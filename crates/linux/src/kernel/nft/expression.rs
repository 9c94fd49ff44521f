//! Converts statements to the kernel's expressions.

use super::field::{Load, Shape, put};
use super::message::Writer;
use super::uapi::{
    LIST_ELEMENT, bitwise, cmp, counter, ct, data, expr, family, immediate, lookup, meta, nat, object, objref, payload,
    register, rt, verdict,
};
use crate::network::ruleset::{Field, Statement, Value, Verdict};

/// Writes the expressions of a statement as elements of a list.
pub(super) fn statement(w: &mut Writer, statement: &Statement) {
    match statement {
        Statement::Is { field, value, negated } if field.is_bits() => {
            load_all(w, &[*field]);
            mask(w, |bytes| put(bytes, *value), 4);
            compare(w, if *negated { cmp::EQ } else { cmp::NEQ }, |bytes| bytes.extend_from_slice(&[0; 4]));
        }
        Statement::Is { field, value, negated } => {
            load_all(w, &[*field]);
            compare(w, if *negated { cmp::NEQ } else { cmp::EQ }, |bytes| put(bytes, *value));
        }
        Statement::Prefix { field, network } => prefix(w, *field, *network),
        Statement::Range { field, low, high } => {
            load_all(w, &[*field]);
            compare(w, cmp::GTE, |bytes| put(bytes, *low));
            compare(w, cmp::LTE, |bytes| put(bytes, *high));
        }
        Statement::In { fields, set, negated } => {
            load_all(w, fields);
            look_up(w, set, None, *negated);
        }
        Statement::VerdictMap { fields, map } => {
            load_all(w, fields);
            look_up(w, map, Some(register::VERDICT), false);
        }
        Statement::MarkFlow(mark) => {
            value(w, register::FIRST, Value::Number(*mark));
            expression(w, "ct", |w| {
                w.number(ct::KEY, ct::MARK);
                w.number(ct::SREG, register::FIRST);
            });
        }
        Statement::DestinationNat { field, map } => translate(w, nat::DESTINATION, *field, map),
        Statement::LeadTo { address, port } => {
            value(w, register::FIRST, Value::Ip(*address));
            value(w, register::SECOND, Value::Short(*port));
            expression(w, "nat", |w| {
                w.number(nat::TYPE, nat::DESTINATION);
                w.number(nat::FAMILY, u32::from(family::IP));
                w.number(nat::ADDRESS_MIN, register::FIRST);
                w.number(nat::PORT_MIN, register::SECOND);
            });
        }
        Statement::SourceNat { field, map } => translate(w, nat::SOURCE, *field, map),
        Statement::Counter(name) => expression(w, "objref", |w| {
            w.number(objref::TYPE, object::COUNTER);
            w.text(objref::NAME, name);
        }),
        Statement::Count => expression(w, "counter", |w| {
            w.attribute(counter::BYTES, &[0; 8]);
            w.attribute(counter::PACKETS, &[0; 8]);
        }),
        Statement::Verdict(verdict) => expression(w, "immediate", |w| {
            w.number(immediate::DREG, register::VERDICT);
            w.nest(immediate::DATA, |w| self::verdict(w, verdict));
        }),
        Statement::Foreign(bytes) => w.attribute(LIST_ELEMENT, bytes),
    }
}

/// Writes a verdict as data.
pub(super) fn verdict(w: &mut Writer, verdict: &Verdict) {
    let (code, chain) = match verdict {
        Verdict::Accept => (verdict::ACCEPT, None),
        Verdict::Drop => (verdict::DROP, None),
        Verdict::Return => (verdict::RETURN, None),
        Verdict::Jump(chain) => (verdict::JUMP, Some(chain)),
        Verdict::Goto(chain) => (verdict::GOTO, Some(chain)),
    };
    w.nest(data::VERDICT, |w| {
        w.number(verdict::CODE, code);
        if let Some(chain) = chain {
            w.text(verdict::CHAIN, chain);
        }
    });
}

fn expression(w: &mut Writer, name: &str, attributes: impl FnOnce(&mut Writer)) {
    w.nest(LIST_ELEMENT, |w| {
        w.text(expr::NAME, name);
        w.nest(expr::DATA, attributes);
    });
}

/// Loads fields into consecutive registers, starting with the first.
fn load_all(w: &mut Writer, fields: &[Field]) {
    let mut slot = 0;
    for field in fields {
        load(w, Load::of(*field), if slot == 0 { register::FIRST } else { register::FIRST_OF_4_BYTES + slot });
        slot += Shape::of(*field).slots();
    }
    debug_assert!(slot <= register::SLOTS, "{fields:?} do not fit into the registers");
}

fn load(w: &mut Writer, load: Load, register: u32) {
    match load {
        Load::Meta(key) => expression(w, "meta", |w| {
            w.number(meta::KEY, key);
            w.number(meta::DREG, register);
        }),
        Load::Payload(base, offset, length) => expression(w, "payload", |w| {
            w.number(payload::DREG, register);
            w.number(payload::BASE, base);
            w.number(payload::OFFSET, offset);
            w.number(payload::LENGTH, length);
        }),
        Load::Conntrack(key) => expression(w, "ct", |w| {
            w.number(ct::KEY, key);
            w.number(ct::DREG, register);
        }),
        Load::Route(key) => expression(w, "rt", |w| {
            w.number(rt::KEY, key);
            w.number(rt::DREG, register);
        }),
    }
}

/// Compares with a prefix, as `nft` does: a prefix of whole bytes is a shorter load, any other a mask.
fn prefix(w: &mut Writer, field: Field, network: ipnet::Ipv4Net) {
    let address = network.trunc().network().octets();
    match (Load::of(field), network.prefix_len()) {
        (Load::Payload(base, offset, 4), length @ (8 | 16 | 24)) => {
            let bytes = usize::from(length / 8);
            load(w, Load::Payload(base, offset, bytes as u32), register::FIRST);
            compare(w, cmp::EQ, |data| data.extend_from_slice(&address[..bytes]));
        }
        (whole, _) => {
            load(w, whole, register::FIRST);
            mask(w, |bytes| put(bytes, Value::Ip(network.netmask())), 4);
            compare(w, cmp::EQ, |data| data.extend_from_slice(&address));
        }
    }
}

/// Masks the first register's first `length` bytes.
fn mask(w: &mut Writer, mask: impl FnOnce(&mut Vec<u8>), length: u32) {
    const ZEROS: [u8; 16] = [0; 16];
    expression(w, "bitwise", |w| {
        w.number(bitwise::SREG, register::FIRST);
        w.number(bitwise::DREG, register::FIRST);
        w.number(bitwise::LENGTH, length);
        w.nest(bitwise::MASK, |w| w.fill(data::VALUE, mask));
        w.nest(bitwise::XOR, |w| w.attribute(data::VALUE, &ZEROS[..length as usize]));
    });
}

/// Continues if the comparison of the first register with the data holds.
fn compare(w: &mut Writer, operator: u32, data: impl FnOnce(&mut Vec<u8>)) {
    expression(w, "cmp", |w| {
        w.number(cmp::SREG, register::FIRST);
        w.number(cmp::OP, operator);
        w.nest(cmp::DATA, |w| w.fill(data::VALUE, data));
    });
}

/// Looks up the registers, starting with the first, in a set; a map's data goes to the register `to`.
fn look_up(w: &mut Writer, set: &str, to: Option<u32>, negated: bool) {
    expression(w, "lookup", |w| {
        w.number(lookup::SREG, register::FIRST);
        if let Some(to) = to {
            w.number(lookup::DREG, to);
        }
        w.text(lookup::SET, set);
        if negated {
            w.number(lookup::FLAGS, lookup::INVERTED);
        }
    });
}

/// Puts a value into a register.
fn value(w: &mut Writer, register: u32, value: Value) {
    expression(w, "immediate", |w| {
        w.number(immediate::DREG, register);
        w.nest(immediate::DATA, |w| w.fill(data::VALUE, |bytes| put(bytes, value)));
    });
}

fn translate(w: &mut Writer, kind: u32, field: Field, map: &str) {
    load_all(w, &[field]);
    look_up(w, map, Some(register::FIRST), false);
    expression(w, "nat", |w| {
        w.number(nat::TYPE, kind);
        w.number(nat::FAMILY, u32::from(family::IP));
        w.number(nat::ADDRESS_MIN, register::FIRST);
    });
}
