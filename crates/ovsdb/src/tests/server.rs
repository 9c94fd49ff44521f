//! Against a real ovsdb-server.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::value::{Atom, Datum, Row};
use crate::{Client, Condition, Failure, Mutation, Mutator, Need, Operation, Remote, Watch};

#[allow(dead_code)]
#[path = "../../../../tests/support/oracle.rs"]
mod oracle;

const SCHEMA: &str = r#"{"name": "Test", "version": "1.0.0", "tables": {
    "Box": {"isRoot": true, "columns": {"name": {"type": "string"}, "size": {"type": "integer"},
        "tags": {"type": {"key": "string", "min": 0, "max": "unlimited"}},
        "labels": {"type": {"key": "string", "value": "string", "min": 0, "max": "unlimited"}},
        "items": {"type": {"key": {"type": "uuid", "refTable": "Item"}, "min": 0, "max": "unlimited"}}}},
    "Item": {"columns": {"name": {"type": "string"}}}}}"#;

pub(super) const NEEDS: &[Need] = &[Need { table: "Box", column: "labels", since: "Test 1" }];

/// A server with an empty database, which ends with this value.
pub(super) struct Server {
    pub(super) folder: PathBuf,
    /// More than where its database is.
    pub(super) arguments: Vec<String>,
    child: Option<Child>,
}

impl Server {
    /// `None` if ovsdb-server is not installed.
    pub(super) fn start(test: &str) -> Option<Self> {
        if !oracle::oracle("ovsdb-server") {
            return None;
        }
        let folder = std::env::temp_dir().join(format!("peerlab-ovsdb-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("schema"), SCHEMA).unwrap();
        let (database, schema) = (folder.join("db"), folder.join("schema"));
        let made = Command::new("ovsdb-tool").arg("create").arg(&database).arg(schema).status().unwrap();
        assert!(made.success());
        let mut server = Server { folder, arguments: Vec::new(), child: None };
        server.run();
        Some(server)
    }

    pub(super) fn run(&mut self) {
        let socket = self.folder.join("sock");
        let child = Command::new("ovsdb-server")
            .arg(format!("--remote=punix:{}", socket.display()))
            .arg(format!("--unixctl={}", self.folder.join("ctl").display()))
            .args(&self.arguments)
            .arg(self.folder.join("db"))
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.unwrap());
        let until = Instant::now() + Duration::from_secs(10);
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(Instant::now() < until, "ovsdb-server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn client(&self) -> Client {
        Client::connect(&remote(&self.folder), "Test", NEEDS).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Two addresses, at the first of which nobody listens.
fn remote(folder: &Path) -> Remote {
    format!("unix:{}/nobody,unix:{}/sock", folder.display(), folder.display()).parse().unwrap()
}

pub(super) fn row<const N: usize>(columns: [(&str, Datum); N]) -> Row {
    columns.into_iter().map(|(column, value)| (column.to_owned(), value)).collect()
}

pub(super) fn insert(table: &str, name: Option<&str>, row: Row) -> Operation {
    Operation::Insert { table: table.into(), row, name: name.map(str::to_owned) }
}

#[test]
fn transactions_take_effect_as_a_whole() {
    let Some(server) = Server::start("whole") else { return };
    let mut client = server.client();
    let items = Datum::set([Atom::Named("one".into()), Atom::Named("two".into())]);
    let labels = Datum::map([("k", "v"), ("quoted", "a \"b\" \\ é 中")]);
    let outcomes = client.transact(&[
        insert("Item", Some("one"), row([("name", Datum::one("one"))])),
        insert("Item", Some("two"), row([("name", Datum::one("two"))])),
        insert("Box", None, row([("name", Datum::one("box")), ("items", items), ("labels", labels.clone())])),
    ]);
    let uuid = outcomes.unwrap()[2].uuid.clone().unwrap();
    let read = client.select("Box", vec![Condition::includes("labels", Datum::map([("k", "v")]))], &[]).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!((&read[0]["labels"], read[0]["items"].uuids().count()), (&labels, 2));
    assert_eq!(read[0]["_uuid"].uuid(), Some(&uuid));

    // A change that is refused, and one that comes too late, change nothing.
    let set = |size: i64| Operation::Update {
        table: "Box".into(),
        conditions: vec![Condition::row(&uuid)],
        row: row([("size", Datum::one(size))]),
    };
    let bad = Operation::Update { table: "Box".into(), conditions: Vec::new(), row: row([("nothing", Datum::none())]) };
    let Err(Failure::Error(error)) = client.transact(&[set(1), bad]) else { panic!("it is refused") };
    assert_eq!(error.code.as_deref(), Some("DatabaseRefused"));
    let wait = |size: i64| Operation::Wait {
        table: "Box".into(),
        conditions: vec![Condition::row(&uuid)],
        columns: vec!["size".into()],
        rows: vec![row([("size", Datum::one(size))])],
    };
    assert!(matches!(client.transact(&[wait(5), set(6)]), Err(Failure::Outdated)));
    assert_eq!(client.select("Box", Vec::new(), &["size"]).unwrap(), [row([("size", Datum::one(0))])]);
    assert_eq!(client.transact(&[wait(0), set(6)]).unwrap()[1].count, 1);

    let tags = |mutator, values: &[&str]| Operation::Mutate {
        table: "Box".into(),
        conditions: Vec::new(),
        mutations: vec![Mutation { column: "tags".into(), mutator, value: Datum::set(values.to_vec()) }],
    };
    client.transact(&[tags(Mutator::Insert, &["a", "b", "c"]), tags(Mutator::Delete, &["b"])]).unwrap();
    assert_eq!(client.select("Box", Vec::new(), &["tags"]).unwrap(), [row([("tags", Datum::set(["a", "c"]))])]);

    // What nothing refers to is forgotten.
    client.transact(&[Operation::Delete { table: "Box".into(), conditions: Vec::new() }]).unwrap();
    assert_eq!(client.select("Item", Vec::new(), &[]).unwrap(), []);
}

#[test]
fn a_message_of_megabytes_passes() {
    let Some(server) = Server::start("large") else { return };
    let mut client = server.client();
    let large = "0123456789abcdef".repeat(1 << 18);
    client.transact(&[insert("Box", None, row([("name", Datum::one(large.as_str()))]))]).unwrap();
    assert_eq!(client.select("Box", Vec::new(), &["name"]).unwrap()[0]["name"].text(), Some(large.as_str()));
}

#[test]
fn a_monitor_follows_what_others_change_and_outlives_the_server() {
    let Some(mut server) = Server::start("monitor") else { return };
    let (mut client, mut other) = (server.client(), server.client());
    let mine = Condition::includes("labels", Datum::map([("owner", "me")]));
    client.watch(vec![Watch::any("Box", &["name", "tags", "labels", "size"], vec![mine])]).unwrap();
    assert!(client.wait(Duration::ZERO), "the beginning is news");
    let labelled = |name: &str, owner: &str| {
        let labels = Datum::map([("owner", owner)]);
        insert("Box", None, row([("name", Datum::one(name)), ("labels", labels), ("tags", Datum::set(["a", "b"]))]))
    };
    let follow = |client: &mut Client, expected: &[(&str, &[&str])]| {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let mut seen: Vec<_> = client
                .replica()
                .rows("Box")
                .map(|(_, row)| (row["name"].text().unwrap().to_owned(), row["tags"].clone()))
                .collect();
            seen.sort();
            let wanted: Vec<_> =
                expected.iter().map(|(name, tags)| ((*name).to_owned(), Datum::set(tags.to_vec()))).collect();
            if seen == wanted {
                return;
            }
            assert!(Instant::now() < until, "{seen:?} is not {wanted:?}");
            client.wait(Duration::from_secs(1));
        }
    };
    other.transact(&[labelled("one", "me"), labelled("two", "you")]).unwrap();
    follow(&mut client, &[("one", &["a", "b"])]);
    let mutate = Operation::Mutate {
        table: "Box".into(),
        conditions: Vec::new(),
        mutations: vec![
            Mutation { column: "tags".into(), mutator: Mutator::Delete, value: Datum::one("a") },
            Mutation { column: "tags".into(), mutator: Mutator::Insert, value: Datum::one("c") },
        ],
    };
    other.transact(&[mutate]).unwrap();
    follow(&mut client, &[("one", &["b", "c"])]);
    let hand_over = |from: &str, to: &str| Operation::Update {
        table: "Box".into(),
        conditions: vec![Condition::is("name", Datum::one(from))],
        row: row([("labels", Datum::map([("owner", to)]))]),
    };
    other.transact(&[hand_over("one", "you"), hand_over("two", "me")]).unwrap();
    follow(&mut client, &[("two", &["b", "c"])]);

    // The server is killed, and comes back: both clients go on, and the monitor misses nothing.
    server.kill();
    assert!(!client.wait(Duration::from_millis(300)) || client.replica().rows("Box").count() == 1);
    server.run();
    other.transact(&[labelled("three", "me")]).unwrap();
    follow(&mut client, &[("three", &["a", "b"]), ("two", &["b", "c"])]);
}

#[test]
fn a_database_that_lacks_something_is_one_error() {
    const LACKING: &[Need] = &[Need { table: "Box", column: "lid", since: "Test 2" }];
    let Some(server) = Server::start("lacking") else { return };
    let error = Client::connect(&remote(&server.folder), "Test", LACKING).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("SchemaTooOld"));
    let error = Client::connect(&remote(&server.folder), "Other", &[]).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("NoDatabase"));
}

#[test]
fn an_idle_connection_answers_the_servers_echo() {
    let Some(server) = Server::start("idle") else { return };
    let mut client = server.client();
    // The server asks after 5 s of silence, and gives up 5 s later.
    assert!(!client.wait(Duration::from_secs(11)));
    let mut client = client.persistence(Duration::ZERO);
    assert_eq!(client.select("Box", Vec::new(), &[]).unwrap(), []);
}
