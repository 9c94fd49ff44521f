//! A call, the line that shows it, and the call as which that line is read; the table of operations.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::random::call_of;

#[test]
fn a_call_is_shown_as_it_is_typed() {
    for line in [
        "create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16 --id vpc-m5e1 --router-id vrt-AAA",
        "create-instance i --subnet V/s --ip 10.0.0.1 --security-group g --security-group h",
        "create-route-entry --vpc V --destination 10.0.0.0/8 --next-hop internet",
        "delete-route-entry --table t --destination 10.0.0.0/8",
        "authorize-security-group g --protocol icmp --port=-1/-1 --group h --group-account B --policy drop --priority 2",
        "connect-router-interface ri-a",
    ] {
        assert_eq!(parse(line).to_string(), line);
    }
    assert_eq!(
        parse("create-vswitch s --vpc V --cidr 10.0.0.0/24").to_string(),
        "create-subnet s --vpc V --cidr 10.0.0.0/24"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let words = OperationKind::ALL.iter().flat_map(|kind| kind.aliases.iter().chain([&kind.name]));
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = words.filter(|word| !seen.insert(**word)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn the_rows_of_the_table_are_sound() {
    let providers = Provider::ALL.map(|provider| provider.name);
    for kind in OperationKind::ALL {
        let arguments: Vec<_> = kind.arguments().collect();
        let fields: BTreeSet<_> = arguments.iter().map(|argument| argument.field).collect();
        assert_eq!(fields.len(), arguments.len(), "{}", kind.name);
        assert!(kind.api.iter().all(|(provider, _)| providers.contains(provider)), "{}", kind.name);
        for argument in arguments {
            let known = |other: Option<&str>| other.is_none_or(|other| fields.contains(other));
            let of = (kind.name, argument.field);
            assert!(known(argument.or) && known(argument.with), "{of:?}");
            assert!(argument.option.is_none_or(|option| option == argument.field.replace('_', "-")), "{of:?}");
            // A value that may be left out is no other's substitute, and what is positional is always there.
            assert!(argument.or.is_none() || !argument.required, "{of:?}");
            assert!(argument.option.is_some() || argument.required, "{of:?}");
            assert!(!argument.help().is_empty() && !kind.help().is_empty(), "{of:?}");
        }
    }
}

/// Any text of a lab file, including quotes, dashes and blanks.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z][A-Za-z0-9_.-]{0,12}",
        Just("--id".to_string()),
        Just("-1/-1".to_string()),
        Just("--".to_string()),
        Just(String::new()),
        "[ -~äöü✓\n]{0,10}",
    ]
}

/// Any call with any texts.
fn call() -> impl Strategy<Value = Call> {
    let texts = prop::collection::vec(prop::collection::vec(text(), 0..3), 10);
    (prop::sample::select(OperationKind::ALL), texts, any::<bool>())
        .prop_map(|(kind, texts, first)| call_of(kind, texts, first))
}

proptest! {
    #[test]
    fn what_is_shown_is_read_as_the_same_call(call in call()) {
        let line = call.to_string();
        let read = line.parse::<Call>().map_err(|fault| TestCaseError::fail(format!("{line}: {fault:?}")))?;
        prop_assert_eq!(read, call);
    }
}
