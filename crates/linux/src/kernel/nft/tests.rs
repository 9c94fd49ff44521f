//! Reads back what is written, without a kernel: a dump's messages have the form of those that add.

use proptest::prelude::*;

use super::uapi::family;
use super::*;
use crate::kernel::netlink::Messages;
use crate::network::model::Mac;
use crate::network::ruleset::*;
use crate::network::ruleset_diff::diff;

#[path = "../../../../network/src/ruleset_diff/tests/rulesets.rs"]
mod rulesets;

/// The ruleset that these bytes tell of, were they dumps.
fn decoded(bytes: &[u8]) -> Ruleset {
    let mut ruleset = Ruleset::default();
    for message in Messages(bytes) {
        let add: fn(&mut Ruleset, &Message) -> Option<()> = match message.kind {
            msg::NEW_TABLE => decode::add_table,
            msg::NEW_CHAIN => decode::add_chain,
            msg::NEW_SET => decode::add_set,
            msg::NEW_ELEMENTS => decode::add_elements,
            msg::NEW_OBJECT => decode::add_object,
            msg::NEW_RULE => decode::add_rule,
            _ => |_, _| None,
        };
        let _ = add(&mut ruleset, &message);
        let _ = decode::counter_packets(&message);
    }
    ruleset
}

fn encoded(ruleset: &Ruleset) -> Vec<u8> {
    Batch::new(1, &diff(&Ruleset::default(), ruleset)).bytes().to_vec()
}

/// The statements of a rule that holds these, read back.
fn round(statements: Vec<Statement>) -> Vec<Statement> {
    let chain = Chain { hook: None, rules: vec![Rule::new(statements, "")] };
    let table = Table { chains: [("a".to_string(), chain)].into(), ..Table::default() };
    let ruleset = Ruleset { tables: [((Family::Inet, "t".to_string()), table)].into() };
    let mut read = decoded(&encoded(&ruleset));
    let table = read.tables.values_mut().next().expect("the table");
    table.chains.get_mut("a").expect("the chain").rules.remove(0).statements
}

proptest! {
    #[test]
    fn what_is_written_is_read(ruleset in rulesets::ruleset()) {
        prop_assert_eq!(decoded(&encoded(&ruleset)), ruleset);
    }

    #[test]
    fn every_statement_is_read_as_itself_beside_any_other(statements in prop::collection::vec(rulesets::statement(), 0..6)) {
        prop_assert_eq!(round(statements.clone()), statements);
    }

    #[test]
    fn arbitrary_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        decoded(&bytes);
        rule::statements(&bytes);
    }

    #[test]
    fn damaged_messages_are_read_without_a_panic(
        ruleset in rulesets::ruleset(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = encoded(&ruleset);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        decoded(&bytes);
    }
}

#[test]
fn a_rule_of_somebody_else_is_foreign_from_where_it_is_not_understood() {
    let known = Statement::Is { field: Field::TransportProtocol, value: Value::Byte(6), negated: false };
    let element = [9, 0, 1, 0, b'q', b'u', b'o', b't', b'a', 0, 0, 0];
    let accept = Statement::Verdict(Verdict::Accept);
    let statements = vec![known.clone(), Statement::Foreign(element.to_vec()), accept.clone()];
    assert_eq!(round(statements.clone()), statements);
}

#[test]
fn a_flowtable_makes_its_table_foreign() {
    let mut ruleset = Ruleset { tables: [((Family::Inet, "vpc".to_string()), Table::default())].into() };
    let mut writer = message::Writer::default();
    writer.message((0xa16, 0), 1, (family::INET, 0), |w| {
        w.text(uapi::flowtable::TABLE, "vpc");
        w.text(uapi::flowtable::NAME, "f");
    });
    let message = Messages(writer.bytes()).next().expect("the message");
    decode::add_flowtable(&mut ruleset, &message).expect("it is understood");
    let foreign: Vec<String> = ruleset.tables.into_values().flat_map(|table| table.foreign).collect();
    assert_eq!(foreign, ["flowtable f"]);
}

#[test]
fn a_comment_is_cut_between_characters() {
    let rule = Rule::new(vec![], "组".repeat(60));
    assert_eq!(rule.comment, "组".repeat(40));
    assert_eq!(Rule::new(vec![], "a\0b").comment, "a");
}
