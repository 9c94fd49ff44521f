//! Converts dumped messages to a ruleset.
//!
//! Anything that [`encode`](super::encode) does not write is kept in a form that never equals a desired value: an
//! expression as [`Statement::Foreign`], a set with an empty key, anything else as text in a table's `foreign`.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::encode::{chain_type, data_type, family_number, hook_number, policy_number};
use super::field;
use super::message::number;
use super::rule::{packets, statements, verdict};
use super::uapi::{LIST_ELEMENT, chain, counter, data, element, elements, flowtable, hook, object, rule, set, table};
use crate::kernel::netlink::{Attributes, Message, attribute, text};
use crate::network::ruleset::{
    Chain, ChainKind, Data, DataType, Family, Hook, HookPoint, KeyType, Policy, Rule, Ruleset, Set, Statement, Table,
    Value,
};

fn name(message: &Message, kind: u16) -> Option<String> {
    text(attribute(message.attributes(), kind)?).map(String::from)
}

fn find_number(attributes: Attributes, kind: u16) -> Option<u32> {
    number(attribute(attributes, kind)?)
}

/// The table that a message is about.
fn table_of<'a>(ruleset: &'a mut Ruleset, message: &Message, kind: u16) -> Option<&'a mut Table> {
    ruleset.tables.get_mut(&(family(message.family())?, name(message, kind)?))
}

fn family(number: u8) -> Option<Family> {
    const ALL: [Family; 6] = [Family::Inet, Family::Ip, Family::Bridge, Family::Ip6, Family::Arp, Family::Netdev];
    ALL.into_iter().find(|family| family_number(*family) == number)
}

/// A table.
pub(super) fn add_table(ruleset: &mut Ruleset, message: &Message) -> Option<()> {
    let key = (family(message.family())?, name(message, table::NAME)?);
    let mut content = Table::default();
    match find_number(message.attributes(), table::FLAGS).unwrap_or(0) {
        0 => {}
        flags => _ = content.foreign.insert(format!("flags {flags:#x}")),
    }
    ruleset.tables.insert(key, content);
    Some(())
}

/// A chain, without its rules. A rule's implicit chain belongs to that rule and is left out.
pub(super) fn add_chain(ruleset: &mut Ruleset, message: &Message) -> Option<()> {
    let name = name(message, chain::NAME)?;
    let table = table_of(ruleset, message, chain::TABLE)?;
    let flags = find_number(message.attributes(), chain::FLAGS).unwrap_or(0);
    if flags & chain::BINDING != 0 {
        return None;
    }
    match chain_hook(message.attributes()) {
        Ok(hook) => _ = table.chains.insert(name, Chain { hook, rules: Vec::new() }),
        Err(why) => _ = table.foreign.insert(format!("chain {name}: {why}")),
    }
    Some(())
}

fn chain_hook(attributes: Attributes) -> Result<Option<Hook>, &'static str> {
    let flags = find_number(attributes, chain::FLAGS).unwrap_or(0);
    if flags & !chain::BASE != 0 {
        return Err("its flags");
    }
    let Some(place) = attribute(attributes, chain::HOOK) else { return Ok(None) };
    let kind = attribute(attributes, chain::TYPE).and_then(text).unwrap_or_default();
    let kind = [ChainKind::Filter, ChainKind::Nat].into_iter().find(|of| chain_type(*of) == kind).ok_or("its type")?;
    if Attributes(place).any(|(kind, _)| kind != hook::NUMBER && kind != hook::PRIORITY) {
        return Err("its device");
    }
    const POINTS: [HookPoint; 5] =
        [HookPoint::Prerouting, HookPoint::Input, HookPoint::Forward, HookPoint::Output, HookPoint::Postrouting];
    let at = find_number(Attributes(place), hook::NUMBER);
    let at = POINTS.into_iter().find(|of| Some(hook_number(*of)) == at).ok_or("its hook")?;
    let priority = find_number(Attributes(place), hook::PRIORITY).ok_or("its priority")? as i32;
    let policy = find_number(attributes, chain::POLICY);
    let policy = [Policy::Accept, Policy::Drop].into_iter().find(|of| Some(policy_number(*of)) == policy);
    Ok(Some(Hook { kind, at, priority, policy: policy.ok_or("its policy")? }))
}

/// Whether a dumped rule follows the one that was dumped before it, whose handle is `last`.
///
/// The kernel finds the next part of a dump by counting rules, including those of a transaction in progress. Meanwhile
/// rules may appear twice or be missing, and the dump's flags and generation do not show it.
pub(super) fn in_order(ruleset: &mut Ruleset, message: &Message, last: &mut Option<u64>) -> bool {
    let handle = |kind| Some(u64::from_be_bytes(attribute(message.attributes(), kind)?.try_into().ok()?));
    let in_order = match handle(rule::POSITION) {
        Some(before) => *last == Some(before),
        None => chain_of(ruleset, message).is_none_or(|chain| chain.rules.is_empty()),
    };
    *last = handle(rule::HANDLE);
    in_order
}

fn chain_of<'a>(ruleset: &'a mut Ruleset, message: &Message) -> Option<&'a mut Chain> {
    let chain = name(message, rule::CHAIN)?;
    table_of(ruleset, message, rule::TABLE)?.chains.get_mut(&chain)
}

/// A rule.
pub(super) fn add_rule(ruleset: &mut Ruleset, message: &Message) -> Option<()> {
    let chain = chain_of(ruleset, message)?;
    let mut statements = statements(attribute(message.attributes(), rule::EXPRESSIONS).unwrap_or_default());
    if let Some(compat) = attribute(message.attributes(), rule::COMPAT) {
        statements.push(Statement::Foreign(compat.to_vec()));
    }
    let comment = attribute(message.attributes(), rule::USERDATA).and_then(comment).unwrap_or_default();
    chain.rules.push(Rule { statements, comment });
    Some(())
}

/// The comment in the user data that `nft` stores with a rule: a list of a type byte, a length byte and a value.
fn comment(mut userdata: &[u8]) -> Option<String> {
    while let [kind, length, rest @ ..] = userdata {
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        if *kind == rule::UDATA_COMMENT {
            return text(value).map(String::from);
        }
        userdata = rest;
    }
    None
}

/// A named counter or another object.
pub(super) fn add_object(ruleset: &mut Ruleset, message: &Message) -> Option<()> {
    let name = name(message, object::NAME)?;
    let kind = find_number(message.attributes(), object::TYPE)?;
    let table = table_of(ruleset, message, object::TABLE)?;
    match kind {
        object::COUNTER => table.counters.insert(name),
        other => table.foreign.insert(format!("object {name} of type {other}")),
    };
    Some(())
}

/// A flowtable; peerlab never creates one.
pub(super) fn add_flowtable(ruleset: &mut Ruleset, message: &Message) -> Option<()> {
    let name = name(message, flowtable::NAME)?;
    table_of(ruleset, message, flowtable::TABLE)?.foreign.insert(format!("flowtable {name}"));
    Some(())
}

/// A set without its elements. An anonymous one belongs to its rule and is left out.
pub(super) fn add_set(ruleset: &mut Ruleset, message: &Message) -> Option<()> {
    let name = name(message, set::NAME)?;
    let table = table_of(ruleset, message, set::TABLE)?;
    if find_number(message.attributes(), set::FLAGS).unwrap_or(0) & set::ANONYMOUS == 0 {
        let (key, data) = set_type(message.attributes()).unwrap_or_default();
        table.sets.insert(name, Set { key, data, elements: BTreeMap::new() });
    }
    Some(())
}

/// The type of a set, if peerlab could have created it.
fn set_type(attributes: Attributes) -> Option<(Vec<KeyType>, Option<DataType>)> {
    // The flags show ranges, time-outs, objects and expressions; the description shows a limited size.
    let flags = find_number(attributes, set::FLAGS).unwrap_or(0);
    if flags & !set::MAP != 0 || attribute(attributes, set::DESCRIPTION).is_some_and(|size| !size.is_empty()) {
        return None;
    }
    let key = field::key_types(find_number(attributes, set::KEY_TYPE)?)?;
    let length = find_number(attributes, set::KEY_LENGTH)?;
    let data = if flags & set::MAP == 0 {
        None
    } else {
        let kind = find_number(attributes, set::DATA_TYPE)?;
        Some([DataType::Verdict, DataType::Ipv4Address].into_iter().find(|of| data_type(*of).0 == kind)?)
    };
    (length as usize == field::key_length(&key)).then_some((key, data))
}

/// Elements of a set that was read before.
pub(super) fn add_elements(ruleset: &mut Ruleset, message: &Message) -> Option<()> {
    let name = name(message, elements::SET)?;
    let set = table_of(ruleset, message, elements::TABLE)?.sets.get_mut(&name)?;
    for (kind, value) in Attributes(attribute(message.attributes(), elements::ELEMENTS)?) {
        match element(set, Attributes(value)).filter(|_| kind == LIST_ELEMENT) {
            Some((key, data)) => _ = set.elements.insert(key, data),
            None => {
                *set = Set { key: Vec::new(), data: None, elements: BTreeMap::new() };
                return None;
            }
        }
    }
    Some(())
}

fn element(set: &Set, attributes: Attributes) -> Option<(Vec<Value>, Data)> {
    let known = |kind| [element::KEY, element::DATA, element::PAD].contains(&kind);
    if !attributes.into_iter().all(|(kind, _)| known(kind)) {
        return None;
    }
    let key = attribute(Attributes(attribute(attributes, element::KEY)?), data::VALUE)?;
    let key = field::key(&set.key, key)?;
    let held = || attribute(attributes, element::DATA).map(Attributes);
    let data = match set.data {
        None => Data::None,
        Some(DataType::Verdict) => Data::Verdict(verdict(held()?)?),
        Some(DataType::Ipv4Address) => {
            Data::Ip(Ipv4Addr::from(<[u8; 4]>::try_from(attribute(held()?, data::VALUE)?).ok()?))
        }
    };
    Some((key, data))
}

/// A counter's table, name and packets.
pub(super) fn counter_packets(message: &Message) -> Option<((String, String), u64)> {
    if find_number(message.attributes(), object::TYPE)? != object::COUNTER {
        return None;
    }
    let figures = Attributes(attribute(message.attributes(), object::DATA)?);
    let packets = u64::from_be_bytes(attribute(figures, counter::PACKETS)?.try_into().ok()?);
    Some(((name(message, object::TABLE)?, name(message, object::NAME)?), packets))
}

/// The packets that one of peerlab's rules dropped, if the rule has its own counter: by named counter and comment.
pub(super) fn rule_packets(message: &Message) -> Option<((String, String), u64)> {
    let expressions = attribute(message.attributes(), rule::EXPRESSIONS)?;
    let packets = packets(expressions)?;
    let reason = statements(expressions).into_iter().find_map(|statement| match statement {
        Statement::Counter(name) => Some(name),
        _ => None,
    })?;
    let comment = attribute(message.attributes(), rule::USERDATA).and_then(comment)?;
    Some(((reason, comment), packets))
}
