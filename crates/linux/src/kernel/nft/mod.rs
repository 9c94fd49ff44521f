//! nf_tables over netlink, in this process: writes one batch per namespace, and reads it back as the same values.
//!
//! `encode` converts [`RulesetChange`]s to messages, `expression` and `rule` convert between statements and the
//! kernel's expressions, `decode` converts dumps to a [`Ruleset`], `socket` sends and receives, `failure` explains
//! refusals.

mod decode;
mod encode;
mod expression;
mod failure;
mod field;
mod message;
mod messages;
mod rule;
mod socket;
mod uapi;

use std::collections::BTreeMap;

use crate::error::Result;
use crate::kernel::netlink::Message;
use crate::network::ruleset::Ruleset;
use crate::network::ruleset_diff::RulesetChange;
use encode::{Batch, family_number};
use socket::{Interrupted, Request, Socket};
use uapi::{elements, msg};

/// Attempts to read a ruleset that changes meanwhile.
const ATTEMPTS: usize = 20;

/// nf_tables of one namespace: the one where the socket was opened, from any thread.
///
/// Closing it after a deletion waits for an RCU grace period of the kernel (measured: 13 ms).
pub struct Nft {
    socket: Socket,
}

impl Nft {
    /// Opens a socket in the calling thread's namespace.
    ///
    /// # Errors
    /// The kernel has no nfnetlink, or too many files are open.
    pub fn open() -> Result<Self> {
        Ok(Nft { socket: Socket::open()? })
    }

    /// Makes all changes, or none: one batch, one transaction.
    ///
    /// # Errors The kernel refuses a change; the error names table, chain and rule, and the reason.
    pub fn apply(&self, changes: &[RulesetChange]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.socket.commit(|sequence| Batch::new(sequence, changes))
    }

    /// All tables of the namespace, including other programs', as of one moment.
    ///
    /// # Errors The kernel refuses, or the ruleset keeps changing.
    pub fn read(&self) -> Result<Ruleset> {
        for _ in 0..ATTEMPTS {
            match self.read_once() {
                Err(Interrupted::Again) => {}
                Err(Interrupted::Failed(error)) => return Err(error),
                Ok(ruleset) => return Ok(ruleset),
            }
        }
        Err(failure::keeps_changing())
    }

    /// The packets of all named counters by table and name, in one dump.
    ///
    /// # Errors
    /// As [`Nft::read`].
    pub fn counters(&self) -> Result<Packets> {
        self.count(msg::GET_OBJECT, decode::counter_packets)
    }

    /// The packets that rules with their own counter dropped, by named counter (which counts them too) and the rule's
    /// comment.
    ///
    /// # Errors
    /// As [`Nft::read`].
    pub fn rule_counters(&self) -> Result<Packets> {
        self.count(msg::GET_RULE, decode::rule_packets)
    }

    fn count(&self, kind: u16, packets: fn(&Message) -> Option<(Names, u64)>) -> Result<Packets> {
        for _ in 0..ATTEMPTS {
            let mut counters = Packets::new();
            let outcome = self.socket.dump(Request::all(kind), |message| {
                if let Some((name, packets)) = packets(message) {
                    *counters.entry(name).or_default() += packets;
                }
            });
            match outcome {
                Err(Interrupted::Again) => {}
                Err(Interrupted::Failed(error)) => return Err(error),
                Ok(_) => return Ok(counters),
            }
        }
        Err(failure::keeps_changing())
    }

    fn read_once(&self) -> std::result::Result<Ruleset, Interrupted> {
        let mut ruleset = Ruleset::default();
        let mut generation = None;
        let mut dump = |ruleset: &mut Ruleset, request: Request, add: Add<'_>| {
            let read = self.socket.dump(request, |message| _ = add(ruleset, message))?;
            match (generation, read) {
                (Some(first), Some(read)) if first != read => return Err(Interrupted::Again),
                (None, read) => generation = read,
                _ => {}
            }
            Ok(())
        };
        dump(&mut ruleset, Request::all(msg::GET_TABLE), &mut decode::add_table)?;
        if ruleset.tables.is_empty() {
            return Ok(ruleset);
        }
        dump(&mut ruleset, Request::all(msg::GET_CHAIN), &mut decode::add_chain)?;
        dump(&mut ruleset, Request::all(msg::GET_SET), &mut decode::add_set)?;
        dump(&mut ruleset, Request::all(msg::GET_OBJECT), &mut decode::add_object)?;
        dump(&mut ruleset, Request::all(msg::GET_FLOWTABLE), &mut decode::add_flowtable)?;
        let (mut last, mut in_order) = (None, true);
        dump(&mut ruleset, Request::all(msg::GET_RULE), &mut |ruleset, message| {
            in_order &= decode::in_order(ruleset, message, &mut last);
            decode::add_rule(ruleset, message)
        })?;
        if !in_order {
            return Err(Interrupted::Again);
        }
        let sets = ruleset.tables.iter().flat_map(|(table, content)| {
            let ours = content.sets.iter().filter(|(_, set)| !set.key.is_empty());
            ours.map(move |(name, _)| (table.clone(), name.clone()))
        });
        for ((family, table), set) in sets.collect::<Vec<_>>() {
            let request = Request {
                kind: msg::GET_ELEMENTS,
                family: family_number(family),
                names: &[(elements::TABLE, &table), (elements::SET, &set)],
            };
            dump(&mut ruleset, request, &mut decode::add_elements)?;
        }
        // Empty dumps contain no generation, so check that the ruleset is still the one of the first dump.
        dump(&mut ruleset, Request::all(msg::GET_TABLE), &mut |_, _| None)?;
        Ok(ruleset)
    }
}

/// Table and counter, or counter and rule.
type Names = (String, String);

/// Counted packets.
type Packets = BTreeMap<Names, u64>;

/// Adds a message's content to a ruleset.
type Add<'a> = &'a mut dyn FnMut(&mut Ruleset, &Message) -> Option<()>;

#[cfg(test)]
mod tests;
