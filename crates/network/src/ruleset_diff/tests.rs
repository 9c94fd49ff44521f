use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::model::Mac;
use crate::ruleset::{ChainKind, DataType, Field, Hook, HookPoint, KeyType, Policy};

pub(crate) mod rulesets;

/// Applies the changes to a ruleset, one after the other. Panics if a change does not fit.
fn apply(current: &Ruleset, changes: &[RulesetChange]) -> Ruleset {
    let mut ruleset = current.clone();
    for change in changes {
        let table = change.table();
        let key = (table.family, table.name.clone());
        if let RulesetChange::AddTable { content, .. } = change {
            assert!(ruleset.tables.insert(key, content.clone()).is_none(), "{change}");
            continue;
        }
        if let RulesetChange::DeleteTable { .. } = change {
            assert!(ruleset.tables.remove(&key).is_some(), "{change}");
            continue;
        }
        let table = ruleset.tables.get_mut(&key).unwrap_or_else(|| panic!("{change}"));
        let done = match change.clone() {
            RulesetChange::AddCounter { counter, .. } => table.counters.insert(counter),
            RulesetChange::DeleteCounter { counter, .. } => table.counters.remove(&counter),
            RulesetChange::AddSet { set, content, .. } => table.sets.insert(set, content).is_none(),
            RulesetChange::DeleteSet { set, .. } => table.sets.remove(&set).is_some(),
            RulesetChange::AddElements { set, elements, .. } => {
                let set = table.sets.get_mut(&set).unwrap();
                elements.into_iter().all(|(key, data)| set.elements.insert(key, data).is_none())
            }
            RulesetChange::DeleteElements { set, elements, .. } => {
                let set = table.sets.get_mut(&set).unwrap();
                elements.iter().all(|(key, data)| set.elements.remove(key).as_ref() == Some(data))
            }
            RulesetChange::AddChain { chain, content, .. } => table.chains.insert(chain, content).is_none(),
            RulesetChange::DeleteChain { chain, .. } => table.chains.remove(&chain).is_some(),
            RulesetChange::ReplaceRules { chain, from, to, .. } => {
                std::mem::replace(&mut table.chains.get_mut(&chain).unwrap().rules, to) == from
            }
            RulesetChange::AddTable { .. } | RulesetChange::DeleteTable { .. } => unreachable!(),
        };
        assert!(done, "{change}");
    }
    ruleset
}

proptest! {
    #[test]
    fn the_changes_make_the_desired_ruleset(current in rulesets::ruleset(), desired in rulesets::ruleset()) {
        let changes = diff(&current, &desired);
        prop_assert_eq!(&apply(&current, &changes), &desired);
        prop_assert_eq!(diff(&desired, &desired), vec![]);
        prop_assert_eq!(changes.is_empty(), current == desired);
    }
}

fn table(table: Table) -> Ruleset {
    Ruleset { tables: [((Family::Inet, "vpc".into()), table)].into() }
}

fn web(members: &[&str]) -> Table {
    let member = |ip: &&str| (vec![Value::Number(5), Value::Ip(ip.parse().unwrap())], Data::None);
    let key = vec![KeyType::InterfaceIndex, KeyType::Ipv4Address];
    let set = Set { key, data: None, elements: members.iter().map(member).collect() };
    let fields = vec![Field::InputInterface, Field::IpSource];
    let known = Statement::In { fields, set: "web".into(), negated: false };
    let rule = Rule::new(vec![known, Statement::Verdict(Verdict::Accept)], "web: accept all from web priority 1");
    let mut table = Table::default();
    table.sets.insert("web".into(), set);
    table.chains.insert("ingress-1".into(), Chain { hook: None, rules: vec![rule] });
    table
}

fn shown(changes: &[RulesetChange]) -> Vec<String> {
    changes.iter().map(|change| format!("{change:#}")).collect()
}

#[test]
fn joining_a_group_is_an_element() {
    let changes = diff(&table(web(&["10.0.0.1"])), &table(web(&["10.0.0.1", "10.0.0.2"])));
    let lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["add to set inet vpc web: 5 . 10.0.0.2"]);
}

#[test]
fn a_set_of_another_type_takes_the_rules_that_name_it_along() {
    let current = web(&["10.0.0.1"]);
    let mut desired = current.clone();
    let set = desired.sets.get_mut("web").unwrap();
    set.key = vec![KeyType::Ipv4Address];
    set.elements = [(vec![Value::Ip(Ipv4Addr::new(10, 0, 0, 1))], Data::None)].into();
    let changes: Vec<String> = diff(&table(current), &table(desired)).iter().map(ToString::to_string).collect();
    let expected = [
        "delete set inet vpc web",
        "replace rules of chain inet vpc ingress-1: 1 rule by 1 rule",
        "add set inet vpc web: type ipv4_addr, 1 element",
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_chain_with_another_hook_takes_the_elements_that_lead_to_it_along() {
    let map = Set {
        key: vec![KeyType::Ipv4Address],
        data: Some(DataType::Verdict),
        elements: [(vec![Value::Ip(Ipv4Addr::new(10, 0, 0, 1))], Data::Verdict(Verdict::Jump("a".into())))].into(),
    };
    let hook = Hook { kind: ChainKind::Filter, at: HookPoint::Input, priority: 0, policy: Policy::Drop };
    let regular = Table {
        sets: [("m".to_string(), map.clone())].into(),
        chains: [("a".to_string(), Chain::default())].into(),
        ..Table::default()
    };
    let mut hung = regular.clone();
    hung.chains.insert("a".into(), Chain { hook: Some(hook), rules: vec![] });
    let expected = [
        "delete chain inet vpc a",
        "add chain inet vpc a: type filter hook input priority 0; policy drop; no rules",
        "delete from set inet vpc m: 10.0.0.1 : jump a",
        "add to set inet vpc m: 10.0.0.1 : jump a",
    ];
    let changes: Vec<String> = diff(&table(regular), &table(hung)).iter().map(ToString::to_string).collect();
    assert_eq!(changes, expected);
}

#[test]
fn replaced_rules_are_shown_by_what_goes_and_comes() {
    let current = web(&[]);
    let mut desired = current.clone();
    let rules = &mut desired.chains.get_mut("ingress-1").unwrap().rules;
    let counter = Statement::Counter("ingress-security-group".into());
    rules.push(Rule::new(vec![counter, Statement::Verdict(Verdict::Drop)], ""));
    rules[0].comment = "web: accept all from web priority 2".into();
    let expected = "replace rules of chain inet vpc ingress-1: 1 rule by 2 rules\n\
        \t- iif . ip saddr @web accept comment \"web: accept all from web priority 1\"\n\
        \t+ iif . ip saddr @web accept comment \"web: accept all from web priority 2\"\n\
        \t+ counter name \"ingress-security-group\" drop";
    assert_eq!(shown(&diff(&table(current), &table(desired))), [expected]);
}

#[test]
fn a_table_that_is_not_ours_goes_and_one_with_foreign_things_is_made_anew() {
    let mut current = table(Table { foreign: ["flowtable f".to_string()].into(), ..web(&["10.0.0.1"]) });
    current.tables.insert((Family::Ip6, "filter".into()), Table::default());
    let desired = table(web(&["10.0.0.1"]));
    let expected =
        ["delete table inet vpc", "delete table ip6 filter", "add table inet vpc: 1 chain, 1 set, no counters"];
    let changes = diff(&current, &desired);
    assert_eq!(changes.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    assert_eq!(apply(&current, &changes), desired);
}

#[test]
fn many_elements_are_summed_up() {
    let addresses: Vec<String> = (0..9).map(|last| format!("10.0.0.{last}")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let changes = diff(&table(web(&[])), &table(web(&addresses)));
    let few = "5 . 10.0.0.0, 5 . 10.0.0.1, 5 . 10.0.0.2, 5 . 10.0.0.3";
    assert_eq!(changes[0].to_string(), format!("add to set inet vpc web: {few} and 5 more"));
    assert_eq!(format!("{:#}", changes[0]).lines().count(), 10);
}
