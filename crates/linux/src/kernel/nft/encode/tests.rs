use std::net::Ipv4Addr;

use super::*;
use crate::kernel::netlink::{Attributes, Messages, attribute};
use crate::network::ruleset::{Statement, Table, Verdict};

fn id() -> TableId {
    TableId::new(Family::Inet, "vpc")
}

fn kinds(batch: &Batch) -> Vec<u16> {
    Messages(batch.bytes()).map(|message| message.kind).collect()
}

#[test]
fn what_goes_goes_before_what_comes_whatever_the_order_of_the_changes() {
    let set = Set { key: vec![KeyType::Ipv4Address], data: None, elements: Elements::new() };
    let rules = vec![Rule::new(vec![Statement::Verdict(Verdict::Drop)], "")];
    let changes = [
        RulesetChange::ReplaceRules { table: id(), chain: "a".into(), from: vec![], to: rules },
        RulesetChange::AddSet { table: id(), set: "s".into(), content: set },
        RulesetChange::DeleteChain { table: id(), chain: "b".into() },
        RulesetChange::DeleteSet { table: id(), set: "s".into() },
    ];
    let batch = Batch::new(100, &changes);
    let expected = [
        msg::BATCH_BEGIN,
        msg::DELETE_RULE,
        msg::DELETE_RULE,
        msg::DELETE_SET,
        msg::DELETE_CHAIN,
        msg::NEW_SET,
        msg::NEW_RULE,
        msg::BATCH_END,
    ];
    assert_eq!(kinds(&batch), expected);
    let sequences: Vec<u32> = Messages(batch.bytes()).map(|message| message.sequence).collect();
    assert_eq!(sequences, (100..108).collect::<Vec<u32>>());
    assert_eq!((batch.last_sequence(), batch.end_sequence()), (106, 107));
    let subject = |sequence| batch.subject(sequence).map(|subject| subject.message().to_string());
    assert_eq!(subject(100), None);
    assert_eq!(subject(101).as_deref(), Some("the rules of chain a of table inet vpc"));
    assert_eq!(subject(106).as_deref(), Some("rule 1 of chain a of table inet vpc, `drop`"));
    assert_eq!(subject(107), None);
}

#[test]
fn only_the_last_operation_asks_for_an_answer() {
    let counters = ["a", "b"].map(String::from).into();
    let content = Table { counters, ..Table::default() };
    let changes = [RulesetChange::AddTable { table: id(), content }];
    let batch = Batch::new(0, &changes);
    let acks: Vec<bool> = Messages(batch.bytes()).map(|message| message.flags & flag::ACK != 0).collect();
    assert_eq!(acks, [false, false, false, true, false]);
}

#[test]
fn ten_thousand_elements_go_in_messages_whose_lists_stay_below_64_kib() {
    let keys = (0..10_000u32).map(|i| vec![Value::Number(1), Value::Ip(Ipv4Addr::from(i))]);
    let elements: Elements = keys.map(|key| (key, Data::None)).collect();
    let changes = [RulesetChange::AddElements { table: id(), set: "members".into(), elements }];
    let batch = Batch::new(1, &changes);
    let mut found = 0;
    for message in Messages(batch.bytes()).filter(|message| message.kind == msg::NEW_ELEMENTS) {
        let list = attribute(message.attributes(), elements::ELEMENTS).expect("a list");
        assert!(list.len() < 65_532, "{}", list.len());
        found += Attributes(list).count();
    }
    assert_eq!(found, 10_000);
}
