//! Conditions on a packet, and what a rule does with it: the words of all rules.

use super::super::ruleset::{Field, Statement, Value};
use super::super::ruleset_text::conntrack_status;
use crate::cloud::RuleProtocol;
use crate::flow::Reason;

/// IP_CT_DIR_ORIGINAL and IP_CT_DIR_REPLY.
pub const ORIGINAL: Value = Value::Byte(0);
pub const REPLY: Value = Value::Byte(1);

/// ICMP's destination unreachable, and its code for a packet that must not be fragmented.
pub const UNREACHABLE: u8 = 3;
pub const FRAGMENTATION_NEEDED: u8 = 4;

/// The IP protocol's number; `None`: any.
pub fn protocol_number(protocol: RuleProtocol) -> Option<u8> {
    match protocol {
        RuleProtocol::All => None,
        RuleProtocol::Icmp => Some(1),
        RuleProtocol::Tcp => Some(6),
        RuleProtocol::Udp => Some(17),
        RuleProtocol::Gre => Some(47),
    }
}

/// An answer.
pub fn is_answer() -> Statement {
    is_direction(REPLY)
}

/// Belongs to what came in from the internet.
pub fn is_from_internet() -> Statement {
    Statement::is(Field::ConntrackStatus, conntrack_status::DNAT)
}

/// Comes in by a link of this group.
pub fn from(group: u32) -> Statement {
    Statement::is(Field::InputGroup, group)
}

/// Goes out by a link of this group.
pub fn to(group: u32) -> Statement {
    Statement::is(Field::OutputGroup, group)
}

/// Is on its flow's way there ([`ORIGINAL`]) or back ([`REPLY`]).
pub fn is_direction(direction: Value) -> Statement {
    Statement::is(Field::ConntrackDirection, direction)
}

/// Goes on in the chain that the map has for this field.
pub fn asks(field: Field, map: &str) -> Statement {
    Statement::verdict_map([field], map)
}

/// Counts and drops.
pub fn because(reason: Reason) -> Statement {
    Statement::goto(reason.as_str())
}
