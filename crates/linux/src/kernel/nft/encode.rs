//! Converts changes to one batch of messages.

use super::expression;
use super::field::{key_length, key_type_number, put_key};
use super::message::Writer;
use super::messages::Said;
use super::uapi::{
    LIST_ELEMENT, SUBSYSTEM_NFTABLES, chain, data, element, elements, family, flag, hook, msg, object, rule, set, table,
};
use crate::message::Message;
use crate::msg;
use crate::network::ruleset::{
    Chain, ChainKind, Data, DataType, Family, Hook, HookPoint, KeyType, Policy, Rule, Set, Value,
};
use crate::network::ruleset_diff::{Elements, RulesetChange, TableId};

/// The largest list of elements in a message: an attribute's length is 16 bits.
const ELEMENTS_BYTES: usize = 60_000;

/// A batch, ready to be sent.
pub(super) struct Batch<'a> {
    writer: Writer,
    /// The subject of each message; the first message has the sequence number after the batch's.
    subjects: Vec<Subject<'a>>,
    sequence: u32,
    last: usize,
}

/// The effect of a message, for the error if the kernel refuses it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    table: &'a TableId,
    pub(super) adds: bool,
    pub(super) thing: Thing<'a>,
}

/// The object of a message.
#[derive(Clone, Copy)]
pub(super) enum Thing<'a> {
    Table,
    Counter(&'a str),
    Set(&'a str),
    Elements(&'a str),
    Chain(&'a str),
    Rules(&'a str),
    /// Chain, position in it (from 1), and rule.
    Rule(&'a str, usize, &'a Rule),
}

impl Subject<'_> {
    /// What it is.
    pub(super) fn message(&self) -> Message {
        let Subject { table, .. } = self;
        match self.thing {
            Thing::Table => msg!(Said::Table { table }),
            Thing::Counter(name) => msg!(Said::Counter { name, table }),
            Thing::Set(name) => msg!(Said::Set { name, table }),
            Thing::Elements(name) => msg!(Said::Elements { name, table }),
            Thing::Chain(name) => msg!(Said::Chain { name, table }),
            Thing::Rules(chain) => msg!(Said::Rules { chain, table }),
            Thing::Rule(chain, number, rule) => msg!(Said::Rule { number, chain, table, rule }),
        }
    }
}

impl<'a> Batch<'a> {
    /// The messages of a batch whose first has the sequence number `sequence`.
    ///
    /// Deletions come first: tables, then the rules of all chains that are deleted or changed, so that nothing refers
    /// to the elements, sets, chains and counters that are deleted next. Additions are ordered by reference: counters
    /// and chains, sets, elements (which name chains), rules (which name all of them).
    pub(super) fn new(sequence: u32, changes: &'a [RulesetChange]) -> Self {
        let writer = Writer::with_capacity(4096);
        let mut batch = Batch { writer, subjects: Vec::with_capacity(changes.len() + 2), sequence, last: 0 };
        batch.writer.message((msg::BATCH_BEGIN, 0), sequence, (family::UNSPECIFIED, SUBSYSTEM_NFTABLES), |_| ());
        batch.delete(changes);
        batch.add_objects(changes);
        batch.add_sets(changes);
        batch.add_rules(changes);
        if !batch.subjects.is_empty() {
            batch.writer.ask_for_ack(batch.last);
        }
        let end = batch.last_sequence().wrapping_add(1);
        batch.writer.message((msg::BATCH_END, 0), end, (family::UNSPECIFIED, SUBSYSTEM_NFTABLES), |_| ());
        batch
    }

    /// All messages.
    pub(super) fn bytes(&self) -> &[u8] {
        self.writer.bytes()
    }

    /// The sequence number of the last message of all, the batch's end.
    pub(super) fn end_sequence(&self) -> u32 {
        self.last_sequence().wrapping_add(1)
    }

    /// The sequence number of the message that asks for an answer.
    pub(super) fn last_sequence(&self) -> u32 {
        self.sequence.wrapping_add(self.subjects.len() as u32)
    }

    /// The subject of the message with this sequence number; `None` for the batch itself.
    pub(super) fn subject(&self, sequence: u32) -> Option<Subject<'a>> {
        let index = sequence.wrapping_sub(self.sequence).checked_sub(1)?;
        self.subjects.get(index as usize).copied()
    }

    fn delete(&mut self, changes: &'a [RulesetChange]) {
        for change in changes {
            if let RulesetChange::DeleteTable { table } = change {
                self.push(table, false, Thing::Table, (msg::DELETE_TABLE, 0), |w| w.text(table::NAME, &table.name));
            }
        }
        for change in changes {
            if let RulesetChange::DeleteChain { table, chain } | RulesetChange::ReplaceRules { table, chain, .. } =
                change
            {
                self.push(table, false, Thing::Rules(chain), (msg::DELETE_RULE, 0), |w| {
                    w.text(rule::TABLE, &table.name);
                    w.text(rule::CHAIN, chain);
                });
            }
        }
        for change in changes {
            if let RulesetChange::DeleteElements { table, set, elements } = change {
                self.elements(table, false, set, elements);
            }
        }
        for change in changes {
            if let RulesetChange::DeleteSet { table, set } = change {
                self.push(table, false, Thing::Set(set), (msg::DELETE_SET, 0), |w| {
                    w.text(set::TABLE, &table.name);
                    w.text(set::NAME, set);
                });
            }
        }
        for change in changes {
            match change {
                RulesetChange::DeleteChain { table, chain } => {
                    self.push(table, false, Thing::Chain(chain), (msg::DELETE_CHAIN, 0), |w| {
                        w.text(chain::TABLE, &table.name);
                        w.text(chain::NAME, chain);
                    });
                }
                RulesetChange::DeleteCounter { table, counter } => {
                    self.push(table, false, Thing::Counter(counter), (msg::DELETE_OBJECT, 0), |w| {
                        w.text(object::TABLE, &table.name);
                        w.text(object::NAME, counter);
                        w.number(object::TYPE, object::COUNTER);
                    });
                }
                _ => {}
            }
        }
    }

    /// Adds tables, counters and chains without their rules.
    fn add_objects(&mut self, changes: &'a [RulesetChange]) {
        for change in changes {
            match change {
                RulesetChange::AddTable { table, content } => {
                    self.push(table, true, Thing::Table, (msg::NEW_TABLE, flag::CREATE | flag::EXCLUSIVE), |w| {
                        w.text(table::NAME, &table.name);
                    });
                    content.counters.iter().for_each(|counter| self.add_counter(table, counter));
                    content.chains.iter().for_each(|(name, chain)| self.add_chain(table, name, chain));
                }
                RulesetChange::AddCounter { table, counter } => self.add_counter(table, counter),
                RulesetChange::AddChain { table, chain, content } => self.add_chain(table, chain, content),
                _ => {}
            }
        }
    }

    fn add_counter(&mut self, table: &'a TableId, counter: &'a str) {
        self.push(table, true, Thing::Counter(counter), (msg::NEW_OBJECT, flag::CREATE | flag::EXCLUSIVE), |w| {
            w.text(object::TABLE, &table.name);
            w.text(object::NAME, counter);
            w.number(object::TYPE, object::COUNTER);
            w.nest(object::DATA, |_| ());
        });
    }

    fn add_chain(&mut self, table: &'a TableId, name: &'a str, content: &Chain) {
        self.push(table, true, Thing::Chain(name), (msg::NEW_CHAIN, flag::CREATE | flag::EXCLUSIVE), |w| {
            w.text(chain::TABLE, &table.name);
            w.text(chain::NAME, name);
            let Some(Hook { kind, at, priority, policy }) = content.hook else { return };
            w.text(chain::TYPE, chain_type(kind));
            w.number(chain::POLICY, policy_number(policy));
            w.nest(chain::HOOK, |w| {
                w.number(hook::NUMBER, hook_number(at));
                w.number(hook::PRIORITY, priority as u32);
            });
        });
    }

    /// Adds sets and elements.
    fn add_sets(&mut self, changes: &'a [RulesetChange]) {
        for change in changes {
            match change {
                RulesetChange::AddTable { table, content } => {
                    content.sets.iter().for_each(|(name, set)| self.add_set(table, name, set));
                }
                RulesetChange::AddSet { table, set, content } => self.add_set(table, set, content),
                RulesetChange::AddElements { table, set, elements } => self.elements(table, true, set, elements),
                _ => {}
            }
        }
    }

    fn add_set(&mut self, table: &'a TableId, name: &'a str, content: &'a Set) {
        // The kernel requires only that the id is unique within the batch; everything is looked up by name.
        let id = self.subjects.len() as u32 + 1;
        self.push(table, true, Thing::Set(name), (msg::NEW_SET, flag::CREATE | flag::EXCLUSIVE), |w| {
            w.text(set::TABLE, &table.name);
            w.text(set::NAME, name);
            w.number(set::FLAGS, if content.data.is_some() { set::MAP } else { 0 });
            w.number(set::KEY_TYPE, key_type_number(&content.key));
            w.number(set::KEY_LENGTH, key_length(&content.key) as u32);
            if let Some(data) = content.data {
                let (kind, length) = data_type(data);
                w.number(set::DATA_TYPE, kind);
                w.number(set::DATA_LENGTH, length);
            }
            w.number(set::ID, id);
            w.fill(set::USERDATA, |bytes| set_userdata(bytes, content));
        });
        self.elements(table, true, name, &content.elements);
    }

    /// Adds or deletes elements, in as many messages as necessary.
    fn elements(&mut self, table: &'a TableId, adds: bool, set: &'a str, elements: &'a Elements) {
        let kind = match adds {
            true => (msg::NEW_ELEMENTS, flag::CREATE | flag::EXCLUSIVE),
            false => (msg::DELETE_ELEMENTS, 0),
        };
        let mut rest = elements.iter().peekable();
        while rest.peek().is_some() {
            self.push(table, adds, Thing::Elements(set), kind, |w| {
                w.text(elements::TABLE, &table.name);
                w.text(elements::SET, set);
                w.nest(elements::ELEMENTS, |w| {
                    let full = w.len() + ELEMENTS_BYTES;
                    while let Some((key, data)) = rest.next_if(|_| w.len() < full) {
                        put_element(w, key, data);
                    }
                });
            });
        }
    }

    fn add_rules(&mut self, changes: &'a [RulesetChange]) {
        for change in changes {
            match change {
                RulesetChange::AddTable { table, content } => {
                    content.chains.iter().for_each(|(name, chain)| self.rules(table, name, &chain.rules));
                }
                RulesetChange::AddChain { table, chain, content } => self.rules(table, chain, &content.rules),
                RulesetChange::ReplaceRules { table, chain, to, .. } => self.rules(table, chain, to),
                _ => {}
            }
        }
    }

    fn rules(&mut self, table: &'a TableId, chain: &'a str, rules: &'a [Rule]) {
        for (i, content) in rules.iter().enumerate() {
            let thing = Thing::Rule(chain, i + 1, content);
            self.push(table, true, thing, (msg::NEW_RULE, flag::CREATE | flag::APPEND), |w| {
                w.text(rule::TABLE, &table.name);
                w.text(rule::CHAIN, chain);
                w.nest(rule::EXPRESSIONS, |w| {
                    content.statements.iter().for_each(|statement| expression::statement(w, statement));
                });
                if !content.comment.is_empty() {
                    w.fill(rule::USERDATA, |bytes| put_comment(bytes, &content.comment));
                }
            });
        }
    }

    fn push(
        &mut self,
        table: &'a TableId,
        adds: bool,
        thing: Thing<'a>,
        kind: (u16, u16),
        attributes: impl FnOnce(&mut Writer),
    ) {
        self.subjects.push(Subject { table, adds, thing });
        self.last = self.writer.len();
        let sequence = self.last_sequence();
        self.writer.message(kind, sequence, (family_number(table.family), 0), attributes);
    }
}

fn put_element(w: &mut Writer, key: &[Value], data: &Data) {
    w.nest(LIST_ELEMENT, |w| {
        w.nest(element::KEY, |w| w.fill(data::VALUE, |bytes| put_key(bytes, key)));
        match data {
            Data::None => {}
            Data::Verdict(verdict) => w.nest(element::DATA, |w| expression::verdict(w, verdict)),
            Data::Ip(ip) => w.nest(element::DATA, |w| w.attribute(data::VALUE, &ip.octets())),
        }
    });
}

/// `nft`'s TLV: a type byte, a length byte, then the text and a NUL.
fn put_comment(bytes: &mut Vec<u8>, comment: &str) {
    let text = &comment.as_bytes()[..comment.floor_char_boundary(Rule::COMMENT)];
    bytes.extend_from_slice(&[rule::UDATA_COMMENT, text.len() as u8 + 1]);
    bytes.extend_from_slice(text);
    bytes.push(0);
}

/// Stores the byte order with which `nft` prints elements.
fn set_userdata(bytes: &mut Vec<u8>, set: &Set) {
    let mut put = |kind: u8, order: u32| {
        bytes.extend_from_slice(&[kind, 4]);
        bytes.extend_from_slice(&order.to_ne_bytes());
    };
    put(
        set::UDATA_KEY_ORDER,
        match set.key[..] {
            [KeyType::InterfaceIndex | KeyType::ConntrackState] => set::ORDER_HOST,
            [KeyType::EtherAddress | KeyType::Ipv4Address] => set::ORDER_NETWORK,
            _ => set::ORDER_NONE,
        },
    );
    match set.data {
        None => {}
        Some(DataType::Verdict) => put(set::UDATA_DATA_ORDER, set::ORDER_NONE),
        Some(DataType::Ipv4Address) => put(set::UDATA_DATA_ORDER, set::ORDER_NETWORK),
    }
}

/// The type number of a map's data, and its size in bytes.
pub(super) fn data_type(data: DataType) -> (u32, u32) {
    match data {
        DataType::Verdict => (set::DATA_VERDICT, 0),
        DataType::Ipv4Address => (set::TYPE_IPADDR, 4),
    }
}

/// `NFPROTO_*`.
pub(super) fn family_number(family: Family) -> u8 {
    match family {
        Family::Inet => family::INET,
        Family::Ip => family::IP,
        Family::Bridge => family::BRIDGE,
        Family::Ip6 => family::IP6,
        Family::Arp => family::ARP,
        Family::Netdev => family::NETDEV,
    }
}

/// `NF_INET_*`, which `NF_BR_*` equals but for its BROUTING.
pub(super) fn hook_number(at: HookPoint) -> u32 {
    match at {
        HookPoint::Prerouting => 0,
        HookPoint::Input => 1,
        HookPoint::Forward => 2,
        HookPoint::Output => 3,
        HookPoint::Postrouting => 4,
    }
}

/// A chain's type by name.
pub(super) fn chain_type(kind: ChainKind) -> &'static str {
    match kind {
        ChainKind::Filter => "filter",
        ChainKind::Nat => "nat",
    }
}

/// `NF_*`.
pub(super) fn policy_number(policy: Policy) -> u32 {
    match policy {
        Policy::Drop => 0,
        Policy::Accept => 1,
    }
}

#[cfg(test)]
mod tests;
