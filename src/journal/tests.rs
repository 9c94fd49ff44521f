//! A lab's directory, whole, torn and tampered with.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::cloud::ResourceKind;

/// A root of its own for each test, removed afterwards.
struct Root(PathBuf);

impl Root {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("peerlab-journal-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Root(path)
    }

    fn store(&self) -> Store {
        Store::under(&self.0, "demo")
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn lock(store: &Store) -> Result<Lock> {
    store.lock(Duration::ZERO, |_| {})
}

/// The lock, when those that gave up before have passed their turn on.
fn lock_soon(store: &Store) -> Result<Lock> {
    store.lock(Duration::from_secs(60), |_| {})
}

fn journal() -> Journal {
    let file = LabFile { path: "/labs/demo.toml".into(), text: 1 };
    let by_hand = Event::Operation { account: "A".into(), line: "connect-router-interface ri-a".into() };
    let bound =
        vec![Binding { kind: ResourceKind::Vpc, lab: vec!["VPC1".into(), "vpc-1".into()], made: "mine".into() }];
    let more = [Event::Bound { step: 1, bound: bound.clone() }, Event::Skipped { step: 2, bound }];
    Journal::new(file, [Event::Step(0), by_hand].into_iter().chain(more).collect())
}

#[test]
fn what_was_written_is_read() {
    let root = Root::new("round");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    assert_eq!(store.read().unwrap(), None);
    store.write(&journal()).unwrap();
    assert_eq!(store.read().unwrap(), Some(journal()));
    store.write_text(1, "[lab]\n").unwrap();
    assert_eq!(store.read_with_text().unwrap(), Some((journal(), "[lab]\n".into())));
    let names = |names: &[&str]| names.iter().map(|name| NamespaceName::from(*name)).collect::<BTreeSet<_>>();
    store.own(&names(&["VPC1", "ecs-a"])).unwrap();
    store.own(&names(&["ecs-b", "ecs-a.2"])).unwrap();
    assert_eq!(store.namespaces().unwrap(), names(&["VPC1", "ecs-a", "ecs-b", "ecs-a.2"]));
    store.disown(&names(&["ecs-a", "VPC"])).unwrap();
    assert_eq!(store.namespaces().unwrap(), names(&["VPC1", "ecs-b", "ecs-a.2"]));
}

#[test]
fn a_text_that_is_gone_or_no_text_is_refused_with_a_way_out() {
    let root = Root::new("text");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    store.write(&journal()).unwrap();
    let refused = |what: &str| {
        let error = store.read_with_text().unwrap_err();
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("peerlab down demo")), "{what}: {error:?}");
    };
    refused("gone");
    fs::write(store.text_path(1), b"\xff\xfe").unwrap();
    refused("no text");
}

#[test]
fn a_kept_cloud_comes_back_whole_or_not_at_all() {
    let root = Root::new("kept");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    assert_eq!(store.kept(), None);
    assert!(store.keep(b"a cloud".to_vec()));
    assert_eq!(store.kept().as_deref(), Some(&b"a cloud"[..]));
    let path = store.directory.join("cloud");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(store.kept(), None, "{length} bytes");
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&path, damaged).unwrap();
        assert_eq!(store.kept(), None, "byte {at}");
    }
    // In another form, with an intact seal.
    let mut other = whole[..whole.len() - 4].to_vec();
    other[10] ^= 1;
    other.extend(crc32fast::hash(&other).to_le_bytes());
    fs::write(&path, other).unwrap();
    assert_eq!(store.kept(), None);
}

#[test]
fn nobody_but_root_reads_a_lab_but_all_see_that_it_is_up() {
    let root = Root::new("mode");
    let store = root.store();
    assert!(!store.exists());
    let _lock = lock(&store).unwrap();
    store.write(&journal()).unwrap();
    assert!(store.exists());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&store.directory), 0o700);
    assert_eq!(mode(&store.directory.join("journal.json")), 0o600);
    assert_eq!(labs_under(&root.0).unwrap(), ["demo"]);
}

#[test]
fn a_torn_journal_is_refused_with_a_way_out_and_its_namespaces_are_still_known() {
    let root = Root::new("torn");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    store.write(&journal()).unwrap();
    store.own(&BTreeSet::from(["VPC1".into()])).unwrap();
    let path = store.directory.join("journal.json");
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = store.read().unwrap_err();
        assert_eq!(error.code.as_deref(), Some("JournalTorn"), "{length} bytes: {error}");
        assert!(error.hint.unwrap().contains("peerlab down demo"));
    }
    assert_eq!(store.namespaces().unwrap(), BTreeSet::from(["VPC1".into()]));
}

#[test]
fn a_journal_of_another_version_is_refused_by_its_version_alone() {
    let root = Root::new("version");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    fs::write(store.directory.join("journal.json"), r#"{"version": 7, "what": "we do not know"}"#).unwrap();
    let error = store.read().unwrap_err();
    assert_eq!(error.code.as_deref(), Some("JournalVersion"));
    assert!(error.message.contains("version 7"), "{error}");
}

#[test]
fn a_write_cut_short_leaves_the_old_journal() {
    let root = Root::new("atomic");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    store.write(&journal()).unwrap();
    // A killed peerlab leaves half of the new file beside the old one.
    fs::write(store.directory.join(".journal.json.new"), "{\"version\": 2, \"fi").unwrap();
    assert_eq!(store.read().unwrap(), Some(journal()));
    let mut settled = journal();
    settled.settled = true;
    store.write(&settled).unwrap();
    assert_eq!(store.read().unwrap(), Some(settled));
}

#[test]
fn a_lab_is_changed_by_one_at_a_time_and_the_other_is_told_by_whom() {
    let root = Root::new("lock");
    let held = lock(&root.store()).unwrap();
    let mut told = String::new();
    let error = root.store().lock(Duration::from_millis(30), |holder| told = holder.into()).unwrap_err();
    assert_eq!(told, format!("process {}", std::process::id()));
    assert!(error.message.contains(&told), "{error}");
    drop(held);
    lock_soon(&root.store()).unwrap();
}

#[test]
fn who_waits_gets_the_lock_in_the_order_of_arrival() {
    let root = Root::new("order");
    let mut held = Some(lock(&root.store()).unwrap());
    let (told, taken) = channel();
    let waiters: Vec<_> = (0..8)
        .map(|number| {
            let (store, told, (arrived, here)) = (root.store(), told.clone(), channel());
            let waiter = std::thread::spawn(move || {
                let lock = store.lock(Duration::from_secs(60), |_| arrived.send(()).unwrap()).unwrap();
                told.send(number).unwrap();
                // A process that comes again is behind all that wait.
                drop(lock);
                let _lock = store.lock(Duration::from_secs(60), |_| ()).unwrap();
                told.send(number + 100).unwrap();
            });
            here.recv().unwrap();
            waiter
        })
        .collect();
    held.take();
    waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
    let order: Vec<i32> = taken.try_iter().collect();
    assert_eq!(order.len(), 16);
    let first: Vec<_> = order.iter().copied().filter(|it| *it < 100).collect();
    assert_eq!(first, (0..8).collect::<Vec<_>>(), "{order:?}");
    let last = order.iter().position(|it| *it == 7).unwrap();
    assert!(order[..last].iter().all(|it| *it < 100), "one came twice while another waited: {order:?}");
}

#[test]
fn who_gives_up_passes_its_turn_on() {
    let root = Root::new("gives-up");
    let held = lock(&root.store()).unwrap();
    let begun = Instant::now();
    root.store().lock(Duration::from_millis(50), |_| ()).unwrap_err();
    assert!(begun.elapsed() >= Duration::from_millis(50));
    let (store, (arrived, here)) = (root.store(), channel());
    let next = std::thread::spawn(move || {
        store.lock(Duration::from_secs(60), |_| arrived.send(()).unwrap()).map(|_| Instant::now()).unwrap()
    });
    here.recv().unwrap();
    let freed = Instant::now();
    drop(held);
    assert!(next.join().unwrap() - freed < Duration::from_secs(5));
    lock_soon(&root.store()).unwrap();
}

/// The file's content only orders; the lock itself excludes, even if the content is wrong.
#[test]
fn a_lock_file_that_was_tampered_with_excludes_all_the_same() {
    let root = Root::new("tickets");
    let path = root.store().directory.join("lock");
    drop(lock(&root.store()).unwrap());
    for text in ["", "-7", "9223372036854775807\n", "no ticket at all, and longer than two numbers are", "4294967296"] {
        fs::write(&path, format!("{text:>20}")).unwrap();
        let held = lock_soon(&root.store()).unwrap();
        lock(&root.store()).unwrap_err();
        assert!(root.store().is_locked(), "{text}");
        drop(held);
        lock_soon(&root.store()).unwrap();
    }
}

#[test]
fn who_waited_while_the_lab_was_removed_locks_the_new_one() {
    let root = Root::new("removed");
    let store = root.store();
    let held = lock(&store).unwrap();
    let waiter = {
        let store = store.clone();
        std::thread::spawn(move || store.lock(Duration::from_secs(5), |_| {}))
    };
    std::thread::sleep(Duration::from_millis(30));
    store.remove(&held).unwrap();
    drop(held);
    let _lock = waiter.join().unwrap().unwrap();
    assert!(store.exists());
    lock(&store).unwrap_err();
}

/// A line of the list of namespaces: mostly of what leads elsewhere.
fn line() -> impl Strategy<Value = String> {
    let parts = ["..", "/", "%s", "\0", "\r", "\u{1b}[2J", "\u{202e}", "VPC1", "ecs-a", " ", "internet", "-", "名"];
    prop_oneof![
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..6).prop_map(|parts| parts.concat()),
        any::<String>(),
        Just("x".repeat(100_000)),
        Just("x".repeat(64)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the list says, each namespace of it has a name of its own below `/run/netns`, and those that were made
    /// are on it.
    #[test]
    fn a_list_that_was_tampered_with_leads_nowhere_else(
        lines in prop::collection::vec(line(), 0..5),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let root = Root::new("list");
        let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
        let text = [b"VPC1\n", lines.join("\n").as_bytes(), b"\n", &bytes, b"\necs-a\n"].concat();
        fs::write(store.directory.join("namespaces"), text).unwrap();
        let names = store.namespaces().unwrap();
        prop_assert!(names.contains("VPC1") && names.contains("ecs-a"));
        for name in names {
            prop_assert!(name.as_str().len() <= LONGEST_NAMESPACE && !name.as_str().contains(|c: char| c == '/' || !c.is_ascii_graphic()));
        }
    }
}
