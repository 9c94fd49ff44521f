//! Hostile input: every reader ends quickly, with a value or an error.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::frame::Frames;
use crate::operation::Outcome;
use crate::replica::Replica;
use crate::schema::Schema;
use crate::value::{Atom, Datum, Real, Uuid, read_row};
use crate::{Client, Operation, Remote};

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z\"{}\\\\]{0,6}".prop_map(Value::from),
        prop::sample::select(vec!["set", "map", "uuid", "named-uuid", "insert", "modify", "delete", "rows", "initial"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        let key =
            prop::sample::select(vec!["rows", "uuid", "count", "tables", "columns", "modify", "insert", "type", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|map| map
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

fn atoms() -> impl Strategy<Value = Atom> {
    prop_oneof![
        any::<bool>().prop_map(Atom::Boolean),
        any::<i64>().prop_map(Atom::Integer),
        (-1e6..1e6_f64).prop_map(|it| Atom::Real(Real(it + 0.5 / 3.0))),
        ".{0,8}".prop_map(Atom::from),
        "[0-9a-f-]{0,36}".prop_map(|it| Atom::Uuid(Uuid(it.into()))),
    ]
}

fn data() -> impl Strategy<Value = Datum> {
    prop_oneof![
        prop::collection::btree_set(atoms(), 0..5).prop_map(Datum::Set),
        prop::collection::btree_map(atoms(), atoms(), 0..5).prop_map(Datum::Map),
    ]
}

proptest! {
    #[test]
    fn every_value_is_read_as_it_was_written(value in data()) {
        prop_assert_eq!(Datum::read(&value.write()), Some(value));
    }

    #[test]
    fn readers_of_values_take_anything(value in anything()) {
        let _ = (Datum::read(&value), read_row(&value), Outcome::read(&value));
        let schema = Schema::read(&value);
        let _ = Replica::default().apply(&value, &schema);
        let _ = Replica::default().apply(&json!({"T": {"u": value}}), &schema);
    }

    #[test]
    fn a_stream_takes_any_bytes(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'{'), Just(b'}'), Just(b'"')], 0..200)) {
        let mut frames = Frames::default();
        frames.add(&bytes);
        while let Ok(Some(_)) = frames.next() {}
    }
}

/// A server that answers each connection with these bytes, and then closes it, or keeps it.
fn server(bytes: Vec<u8>, keeps: bool) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("peerlab-ovsdb-{}-{number}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&bytes);
            kept.extend(keeps.then_some(stream));
        }
    });
    path
}

#[test]
fn a_server_that_talks_nonsense_is_an_error() {
    let cases: [&[u8]; 8] = [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"{\"id\":1,\"result\":7,\"error\":null}",
        b"{\"id\":1,\"result\":{},\"error\":null}{\"id\":2,\"result\":[],\"error\":null}",
        b"{\"id\":1,\"result\":[{\"rows\":[{\"connected\":false}]}],\"error\":null}",
        b"{\"id\":1,\"error\":{\"error\":\"unknown database\"},\"result\":null}",
        b"{\"id\":1,\"error\":\"no\",\"result\":null}{\"id\":2,\"error\":\"no\",\"result\":null}",
        b"{\"method\":\"echo\",\"params\":[],\"id\":\"echo\"}",
    ];
    for case in cases {
        let path = server(case.to_vec(), false);
        let remote: Remote = format!("unix:{}", path.display()).parse().unwrap();
        let needs = &[crate::Need { table: "T", column: "c", since: "OVN 1" }];
        let error = Client::connect(&remote, "OVN_Northbound", needs).unwrap_err();
        assert!(error.code.is_some(), "{}: {error:?}", String::from_utf8_lossy(case));
        std::fs::remove_file(path).unwrap();
    }
    let error = Client::connect(&"unix:/nowhere".parse().unwrap(), "X", &[]).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("DatabaseUnreachable"));
}

#[test]
fn answers_that_are_none_are_errors() {
    let head = b"{\"id\":1,\"result\":[{}],\"error\":null}{\"id\":2,\"result\":{},\"error\":null}";
    for rest in ["7", "[]", "[null,null]", "[[],{}]", "[{\"error\":\"constraint violation\"}]", "[{\"rows\":7}]"] {
        let bytes = [&head[..], format!("{{\"id\":3,\"result\":{rest},\"error\":null}}").as_bytes()].concat();
        let path = server(bytes, true);
        let remote: Remote = format!("unix:{}", path.display()).parse().unwrap();
        let mut client = Client::connect(&remote, "X", &[]).unwrap().persistence(Duration::ZERO);
        assert!(client.transact(&[Operation::select("T", Vec::new(), &[])]).is_err(), "{rest}");
        std::fs::remove_file(path).unwrap();
    }
}
