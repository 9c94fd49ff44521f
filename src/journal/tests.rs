//! A lab's directory, whole, torn and tampered with.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::cloud::{Binding, ResourceKind};

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

fn file() -> LabFile {
    LabFile::new("/labs/demo.toml".into(), 1, "[lab]\n")
}

fn by_hand(line: &str) -> Event {
    Event::Operation { account: "A".into(), line: line.into(), at: None }
}

fn events() -> Vec<Event> {
    let bound =
        vec![Binding { kind: ResourceKind::Vpc, lab: vec!["VPC1".into(), "vpc-1".into()], made: "mine".into() }];
    let more = [Event::Bound { step: 1, bound: bound.clone() }, Event::Skipped { step: 2, bound }];
    [Event::Step(0), by_hand("connect-router-interface ri-a")].into_iter().chain(more).collect()
}

/// A settled lab with these events.
fn begun(store: &Store) -> Journal {
    let mut journal = store.begin(None, file(), History::new(events()), None).unwrap();
    store.settle(&mut journal, 3, None, None).unwrap();
    journal
}

/// Does one more operation; returns the appended text.
fn operate(store: &Store, journal: &mut Journal, line: &str) {
    let mut history = journal.history.clone();
    history.push(by_hand(line));
    let way = journal.way_to(&file(), &history).unwrap();
    store.announce(journal, way, &history, Some("r-1")).unwrap();
    store.settle(journal, 1, None, Some("r-1")).unwrap();
}

/// The lab's events, and whether it is settled.
fn read(store: &Store) -> (Vec<Event>, bool) {
    let (journal, _) = store.read_whole().unwrap().unwrap();
    assert_eq!(journal.file, file());
    (journal.history.to_vec(), journal.settled)
}

#[test]
fn what_was_written_is_read() {
    let root = Root::new("round");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    assert!(store.read().unwrap().is_none());
    begun(&store);
    assert_eq!(read(&store), (events(), true));
    store.write_text(1, "[lab]\n").unwrap();
    assert_eq!(store.read_with_text().unwrap().unwrap().2, "[lab]\n");
    let names = |names: &[&str]| names.iter().map(|name| NamespaceName::from(*name)).collect::<BTreeSet<_>>();
    store.own(&names(&["VPC1", "ecs-a"])).unwrap();
    store.own(&names(&["ecs-b", "ecs-a.2"])).unwrap();
    assert_eq!(store.namespaces().unwrap(), names(&["VPC1", "ecs-a", "ecs-b", "ecs-a.2"]));
    store.disown(&names(&["ecs-a", "VPC"])).unwrap();
    assert_eq!(store.namespaces().unwrap(), names(&["VPC1", "ecs-b", "ecs-a.2"]));
}

#[test]
fn each_record_says_when_for_whom_and_how_it_came_out() {
    let root = Root::new("records");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let mut journal = begun(&store);
    operate(&store, &mut journal, "delete-vpc v");
    let what = store.announce(&mut journal, What::Undo(1), &History::new(events()), None);
    what.unwrap();
    store.fail(&mut journal, "no memory".into(), None);
    let records = store.records().unwrap();
    let what: Vec<_> = records.iter().map(|record| record.what.clone()).collect();
    let operation = What::Do(vec![by_hand("delete-vpc v")]);
    let failed = What::Failed("no memory".into());
    let (begun, settled) = (What::Do(events()), What::Settled(3));
    assert_eq!(what, [What::File(file()), begun, settled, operation, What::Settled(1), What::Undo(1), failed]);
    let requests: Vec<_> = records.iter().map(|record| record.request.as_deref()).collect();
    assert_eq!(requests, [None, None, None, Some("r-1"), Some("r-1"), None, None]);
    assert!(records.is_sorted_by_key(|record| record.time) && records[0].time > 1_700_000_000_000);
    assert_eq!(read(&store), (events(), false));
}

/// A process may be killed anywhere while it appends: complete lines count, and the next process continues from there.
#[test]
fn a_log_that_ends_amid_a_line_goes_on_from_the_last_whole_one() {
    let root = Root::new("cut");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let mut journal = begun(&store);
    let begun = fs::read(store.directory.join("journal")).unwrap().len();
    for n in 0..3 {
        operate(&store, &mut journal, &format!("delete-vpc v{n}"));
    }
    let path = store.directory.join("journal");
    let whole = fs::read(&path).unwrap();
    let mut seen = BTreeSet::new();
    for length in begun..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let lines = whole[begun..length].iter().filter(|byte| **byte == b'\n').count();
        let (found, settled) = read(&store);
        assert_eq!((found.len() - events().len(), settled), (lines.div_ceil(2), lines % 2 == 0), "{length} bytes");
        let (mut journal, _) = store.read_kept().unwrap().unwrap();
        operate(&store, &mut journal, "delete-vpc next");
        let (found, settled) = read(&store);
        assert_eq!((found.last(), settled), (Some(&by_hand("delete-vpc next")), true), "{length} bytes");
        assert_eq!(found.len() - events().len(), lines.div_ceil(2) + 1);
        seen.insert(lines);
    }
    assert_eq!(seen.len(), 7);
}

/// An incomplete line elsewhere than at the end is damage.
#[test]
fn a_log_with_any_other_byte_is_refused_with_a_way_out() {
    let root = Root::new("byte");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    begun(&store);
    let path = store.directory.join("journal");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() - 1 {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&path, damaged).unwrap();
        let error = store.read().unwrap_err();
        assert_eq!(error.code.as_deref(), Some("JournalTorn"), "byte {at}: {error}");
        assert!(error.hint.unwrap().to_string().contains("peerlab down demo"));
    }
}

#[test]
fn from_a_snapshot_on_only_what_came_after_it_is_read() {
    let root = Root::new("snapshot");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let mut journal = begun(&store);
    assert_eq!(store.keep_where_due(&mut journal, || b"a cloud".to_vec()).as_deref(), Some(&b"a cloud"[..]));
    assert_eq!(store.keep_where_due(&mut journal, || panic!("it is there")), None);
    let (mut all, mut kept) = (events(), 0);
    for n in 0..30 {
        let line = format!("delete-vpc v{n}");
        operate(&store, &mut journal, &line);
        all.push(by_hand(&line));
        let (found, cloud) = store.read_kept().unwrap().unwrap();
        assert_eq!((found.history.count(), found.history.steps().count()), (all.len(), 3));
        assert_eq!((found.history.by_hand(), found.history.since().len()), (n + 2, n - kept + 1));
        assert_eq!(cloud.unwrap(), if kept == 0 { "a cloud".to_owned() } else { format!("cloud {kept}") }.into_bytes());
        assert_eq!(read(&store), (all.clone(), true));
        let mut later = found.clone();
        assert_eq!(store.catch_up(&mut later), Some(Vec::new()));
        if store.keep_where_due(&mut journal, || format!("cloud {}", n + 1).into_bytes()).is_some() {
            kept = n + 1;
        }
    }
    assert!(kept > 20, "it is made anew now and then");
    // Records that others appended.
    let (mut mine, _) = store.read_kept().unwrap().unwrap();
    operate(&store, &mut journal, "delete-vpc theirs");
    assert_eq!(store.catch_up(&mut mine), Some(vec![by_hand("delete-vpc theirs")]));
    assert_eq!((mine.history.count(), mine.settled), (all.len() + 1, true));
    operate(&store, &mut mine, "delete-vpc mine");
    assert_eq!(store.catch_up(&mut journal), Some(vec![by_hand("delete-vpc mine")]));
    // A log that was created anew does not continue the old one.
    store.begin(Some(&journal), file(), History::new(events()), None).unwrap();
    assert_eq!(store.catch_up(&mut mine), None);
    assert_eq!(read(&store), (events(), false));
    assert_eq!(store.read_kept().unwrap().unwrap().1, None, "the snapshot is of the log before");
}

#[test]
fn a_log_that_has_grown_is_cut_and_says_the_same() {
    let root = Root::new("grown");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let mut journal = begun(&store);
    let path = store.directory.join("journal");
    let (mut longest, mut cuts, mut all) = (0, 0, events());
    for n in 0..8_000 {
        // Half of it is undone again.
        let before = journal.history.clone();
        operate(&store, &mut journal, &format!("delete-vpc a-vpc-of-the-many-{n}"));
        if n % 2 == 0 {
            store.announce(&mut journal, What::Undo(1), &before, None).unwrap();
            store.settle(&mut journal, 1, None, None).unwrap();
        } else {
            all.push(by_hand(&format!("delete-vpc a-vpc-of-the-many-{n}")));
        }
        if n % 20 == 0 {
            let length = fs::metadata(&path).unwrap().len();
            store.keep_where_due(&mut journal, || b"a cloud".to_vec());
            longest = longest.max(length);
            cuts += usize::from(fs::metadata(&path).unwrap().len() < length);
        }
    }
    assert!(cuts > 0 && longest < 3 << 20, "{cuts} cuts, {longest} bytes");
    assert_eq!(read(&store), (all, true));
}

#[test]
fn what_more_was_done_is_known_from_a_later_snapshot_too() {
    let root = Root::new("more");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let mut journal = begun(&store);
    let seen = |store: &Store| store.read_whole().unwrap().unwrap().0.history;
    let first = seen(&store);
    store.keep_where_due(&mut journal, || b"a cloud".to_vec()).unwrap();
    let second = seen(&store);
    let mut lines = Vec::new();
    for n in 0..40 {
        operate(&store, &mut journal, &format!("delete-vpc v{n}"));
        lines.push(by_hand(&format!("delete-vpc v{n}")));
        store.keep_where_due(&mut journal, || b"another".to_vec());
        assert_eq!(seen(&store).more_than(&first).as_ref(), Some(&lines));
        assert_eq!(seen(&store).more_than(&second).as_ref(), Some(&lines));
    }
    assert_eq!(first.more_than(&seen(&store)), None);
    assert_eq!(second.more_than(&seen(&store)), None);
    assert_eq!(second.more_than(&first), Some(Vec::new()));
}

#[test]
fn a_text_that_is_gone_or_no_text_is_refused_with_a_way_out() {
    let root = Root::new("text");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    begun(&store);
    let refused = |what: &str| {
        let error = store.read_with_text().unwrap_err();
        assert!(
            error.hint.as_ref().is_some_and(|hint| hint.to_string().contains("peerlab down demo")),
            "{what}: {error:?}"
        );
    };
    refused("gone");
    fs::write(store.text_path(1), b"\xff\xfe").unwrap();
    refused("no text");
}

#[test]
fn a_snapshot_comes_back_whole_or_not_at_all() {
    let root = Root::new("kept");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let mut journal = begun(&store);
    let kept = || store.snapshot().map(|snapshot| snapshot.cloud);
    assert_eq!(kept(), None);
    store.keep_where_due(&mut journal, || b"a cloud".to_vec()).unwrap();
    assert_eq!(kept().as_deref(), Some(&b"a cloud"[..]));
    let path = store.directory.join("snapshot");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(kept(), None, "{length} bytes");
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&path, damaged).unwrap();
        assert_eq!(kept(), None, "byte {at}");
    }
    // In another form, with an intact seal.
    let mut other = whole[..whole.len() - 4].to_vec();
    let form = other.len() - 8;
    other[form] ^= 1;
    other.extend(crc32fast::hash(&other).to_le_bytes());
    fs::write(&path, other).unwrap();
    assert_eq!(kept(), None);
    assert_eq!(read(&store), (events(), true));
}

#[test]
fn a_log_that_is_shorter_than_its_snapshot_says_is_torn() {
    let root = Root::new("shorter");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let mut journal = begun(&store);
    operate(&store, &mut journal, "delete-vpc v");
    store.keep_where_due(&mut journal, || b"a cloud".to_vec()).unwrap();
    let path = store.directory.join("journal");
    let whole = fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    fs::write(&path, &whole[..=last]).unwrap();
    for error in [store.read().unwrap_err(), store.read_whole().unwrap_err()] {
        assert_eq!(error.code.as_deref(), Some("JournalTorn"), "{error}");
    }
}

#[test]
fn nobody_but_root_reads_a_lab_but_all_see_that_it_is_up() {
    let root = Root::new("mode");
    let store = root.store();
    assert!(!store.exists());
    let _lock = lock(&store).unwrap();
    begun(&store);
    assert!(store.exists());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&store.directory), 0o700);
    assert_eq!(mode(&store.directory.join("journal")), 0o600);
    assert_eq!(labs_under(&root.0).unwrap(), ["demo"]);
}

#[test]
fn a_torn_journal_is_refused_with_a_way_out_and_its_namespaces_are_still_known() {
    let root = Root::new("torn");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    begun(&store);
    store.own(&BTreeSet::from(["VPC1".into()])).unwrap();
    let path = store.directory.join("journal");
    let whole = fs::read(&path).unwrap();
    let title = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for length in [0, 1, title, title + 1, title + 9] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = store.read().unwrap_err();
        assert_eq!(error.code.as_deref(), Some("JournalTorn"), "{length} bytes: {error}");
        assert!(error.hint.unwrap().to_string().contains("peerlab down demo"));
    }
    assert_eq!(store.namespaces().unwrap(), BTreeSet::from(["VPC1".into()]));
}

#[test]
fn a_journal_of_another_version_is_refused_by_its_version_alone() {
    let root = Root::new("version");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let text = serde_json::json!({ "version": 7, "generation": 1, "what": "we do not know" });
    for (name, log) in
        [("journal", super::by_hand::log_of(std::slice::from_ref(&text))), ("journal.json", text.to_string().into())]
    {
        fs::write(store.directory.join(name), log).unwrap();
        let error = store.read().unwrap_err();
        assert_eq!(error.code.as_deref(), Some("JournalVersion"));
        assert!(error.message.to_string().contains("version 7"), "{error}");
        fs::remove_file(store.directory.join(name)).unwrap();
    }
}

#[test]
fn a_journal_of_the_version_before_is_read_and_written_anew() {
    let root = Root::new("former");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    let text = serde_json::json!({
        "version": 2, "file": { "path": "/labs/demo.toml", "text": 1 }, "events": events(), "settled": true, "kept": 0,
    });
    fs::write(store.directory.join("journal.json"), text.to_string()).unwrap();
    fs::write(store.directory.join("cloud"), "of its own form").unwrap();
    let (journal, cloud) = store.read_whole().unwrap().unwrap();
    assert_eq!((journal.history.to_vec(), journal.settled, cloud), (events(), true, None));
    assert_eq!(journal.way_to(&journal.file, &journal.history), None, "it is written anew");
    let mut anew = store.begin(Some(&journal), file(), journal.history.clone(), None).unwrap();
    store.settle(&mut anew, 0, None, None).unwrap();
    assert_eq!(read(&store), (events(), true));
    for name in ["journal.json", "cloud"] {
        assert!(!store.directory.join(name).exists(), "{name} is left");
    }
}

#[test]
fn a_begin_that_was_cut_short_leaves_the_old_journal() {
    let root = Root::new("atomic");
    let (store, _lock) = (root.store(), lock(&root.store()).unwrap());
    begun(&store);
    // A killed peerlab leaves half of the new file beside the old one.
    fs::write(store.directory.join(".journal.new"), "00000000 {\"version\": 3, \"ge").unwrap();
    assert_eq!(read(&store), (events(), true));
}

#[test]
fn a_lab_is_changed_by_one_at_a_time_and_the_other_is_told_by_whom() {
    let root = Root::new("lock");
    let held = lock(&root.store()).unwrap();
    let mut told = String::new();
    let error = root.store().lock(Duration::from_millis(30), |holder| told = holder.to_string()).unwrap_err();
    assert_eq!(told, format!("process {}", std::process::id()));
    assert!(error.message.to_string().contains(&told), "{error}");
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
