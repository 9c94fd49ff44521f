mod hostile;
mod server;
mod tls;

use serde_json::json;

use crate::frame::{Damaged, Frames};
use crate::schema::{Need, Schema};
use crate::value::{Atom, Datum};
use crate::{Address, Remote};

#[test]
fn addresses_are_read_and_written() {
    for text in [
        "tcp:10.0.0.1:6641",
        "unix:/run/ovn/nb.sock",
        "tcp:[::1]:6641",
        "ssl:C1:6641",
        "ssl:[::1]:6641,tcp:C1:6641",
        "tcp:C1:6641,tcp:C2:6641,unix:/x",
    ] {
        assert_eq!(text.parse::<Remote>().unwrap().to_string(), text);
    }
    let remote: Remote = "tcp:C1:6641, tcp:C2:6642".parse().unwrap();
    assert_eq!(remote.addresses[1], Address::Tcp("C2".into(), 6642));
    for text in [
        "",
        "tcp:",
        "tcp:host",
        "tcp::6641",
        "tcp:h:0",
        "tcp:h:65536",
        "tcp:a:b:1",
        "udp:h:1",
        "ssl:",
        "ssl:h",
        "ssl:h:x",
        "unix:",
        "h:1",
        "tcp:h:1,,",
    ] {
        let error = text.parse::<Remote>().unwrap_err();
        assert_eq!(error.code.as_deref(), Some("InvalidAddress"), "{text}");
        assert!(error.hint.is_some(), "{text}");
    }
}

#[test]
fn values_are_written_as_the_server_writes_them() {
    let cases = [
        (Datum::none(), json!(["set", []])),
        (Datum::one("a"), json!("a")),
        (Datum::one(7), json!(7)),
        (Datum::one(true), json!(true)),
        (Datum::set(["b", "a"]), json!(["set", ["a", "b"]])),
        (Datum::map([("k", "v")]), json!(["map", [["k", "v"]]])),
        (Datum::one(Atom::Named("row".into())), json!(["named-uuid", "row"])),
    ];
    for (value, written) in cases {
        assert_eq!(value.write(), written);
        assert_eq!(Datum::read(&written), Some(value));
    }
    for none in [json!(null), json!({}), json!(["set"]), json!(["bag", []]), json!(["map", [["k"]]]), json!([[]])] {
        assert_eq!(Datum::read(&none), None, "{none}");
    }
}

#[test]
fn a_stream_is_taken_apart_wherever_it_is_cut() {
    let text = br#" {"a":"}{\"[","b":[1,{"c":2}]}{"d":3}
        {"e":"\\"}"#;
    for cut in 0..text.len() {
        let (mut frames, mut messages) = (Frames::default(), Vec::new());
        for part in [&text[..cut], &text[cut..]] {
            frames.add(part);
            while let Some(message) = frames.next().unwrap() {
                messages.push(message);
            }
        }
        assert_eq!(messages, [json!({"a": "}{\"[", "b": [1, {"c": 2}]}), json!({"d": 3}), json!({"e": "\\"})], "{cut}");
    }
    for damaged in [&b"x"[..], b"}", b"\"\"", b"{]", b"{\"a\":}"] {
        let mut frames = Frames::default();
        frames.add(damaged);
        assert_eq!(frames.next(), Err(Damaged), "{damaged:?}");
    }
}

#[test]
fn differences_of_sets_and_maps_are_applied() {
    let (old, change) = (Datum::set(["a", "b"]), Datum::set(["b", "c"]));
    assert_eq!(old.changed_by(&change, true), Datum::set(["a", "c"]));
    assert_eq!(Datum::one("a").changed_by(&Datum::one("b"), false), Datum::one("b"));
    let old = Datum::map([("gone", "1"), ("kept", "2"), ("changed", "3")]);
    let change = Datum::map([("gone", "1"), ("changed", "4"), ("new", "5")]);
    assert_eq!(old.changed_by(&change, true), Datum::map([("kept", "2"), ("changed", "4"), ("new", "5")]));
}

#[test]
fn what_a_schema_lacks_is_one_error() {
    let columns = json!({"name": {"type": "string"}, "ports": {"type": {"key": "uuid", "min": 0, "max": "unlimited"}}});
    let schema = Schema::read(&json!({"name": "X", "tables": {"Router": {"columns": columns}}}));
    assert!(schema.has_many("Router", "ports") && !schema.has_many("Router", "name") && !schema.has_many("X", "y"));
    let need = |table, column| Need { table, column, since: "OVN 21.09" };
    assert_eq!(schema.check("X", &[need("Router", "name")]), Ok(()));
    let error =
        schema.check("X", &[need("Router", "name"), need("Router", "nat"), need("Switch", "acls")]).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("SchemaTooOld"));
    assert!(error.message.to_string().contains("Router.nat, Switch.acls is missing, which OVN 21.09 has"), "{error}");
}
