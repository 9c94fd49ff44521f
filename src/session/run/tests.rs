//! Invalid lines and damaged journals: each is processed quickly, and either works, or is refused with a message and
//! changes nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::look::replay;
use super::*;
use crate::cloud::{OperationKind, ResourceKind};
use crate::error::{Kind, Source};
use crate::journal::{LabFile, Store, by_hand};
use crate::printable::is_hidden;
use crate::report::diagnostics;
use crate::terminal::Terminal;

/// Longer than a line takes on a busy machine; quadratic behaviour takes minutes.
const SOON: Duration = Duration::from_secs(5);

/// Two accounts build and delete all kinds of resources of Alibaba Cloud.
const ALIBABA: &str = "
    A: create-vpc V --region cn-qingdao --cidr 10.1.0.0/16 --id vpc-1 --router-id vrt-1
    B: create-vpc W --region cn-qingdao --cidr 172.16.0.0/16 --id vpc-2
    A: add-cidr V --cidr 10.20.0.0/16
    A: remove-cidr V --cidr 10.20.0.0/16
    A: create-subnet s --vpc V --cidr 10.1.1.0/24 --id vsw-1
    A: create-subnet t --vpc V --cidr 10.1.2.0/24
    A: create-security-group g --vpc V --inner-access accept --id sg-1
    A: create-security-group h --vpc V
    A: create-instance i --subnet V/s --ip 10.1.1.5 --public-ip 203.0.113.1 --security-group g --id i-1
    A: join-security-group i --group h
    A: authorize-security-group g --protocol tcp --port 22/22 --cidr 10.0.0.0/8 --policy accept --priority 1
    A: authorize-security-group g --protocol all --group h --group-account A
    A: authorize-security-group-egress h --protocol icmp --port -1/-1 --cidr 0.0.0.0/0 --policy drop --priority 2
    A: revoke-security-group g --protocol tcp --port 22/22 --cidr 10.0.0.0/8 --policy accept --priority 1
    A: revoke-security-group-egress h --protocol icmp --port -1/-1 --cidr 0.0.0.0/0 --policy drop --priority 2
    A: leave-security-group i --group h
    A: revoke-security-group g --protocol all --group h --group-account A
    A: create-route-table r --vpc V --id vtb-1
    A: associate-route-table r --subnet V/t
    A: create-route-entry --table r --destination 172.16.0.0/16 --next-hop i
    A: delete-route-entry --table r --destination 172.16.0.0/16 --next-hop i
    A: unassociate-route-table r --subnet V/t
    A: delete-route-table r
    A: create-router-interface x --vpc V --role initiator --spec Mini.2 --opposite-region cn-qingdao --latency 3ms --mtu 1400 --id ri-1
    B: create-router-interface y --vpc W --role acceptor --opposite-region cn-qingdao
    B: modify-router-interface-attribute y --opposite-account A --opposite-interface x --opposite-router vrt-1
    A: modify-router-interface-attribute x --opposite-account B --opposite-interface y --opposite-router W
    A: connect-router-interface x
    A: modify-router-interface-spec x --spec Small.1
    A: deactivate-router-interface x
    A: activate-router-interface x
    A: create-vpc U --region cn-qingdao --cidr 192.168.0.0/16 --mtu 8500
    A: create-peering p --vpc V --peer-vpc U --spec Mini.2 --latency 3ms --mtu 1400
    A: create-route-entry --vpc V --destination 192.168.0.0/16 --next-hop p.initiator
    A: delete-route-entry --vpc V --destination 192.168.0.0/16
    A: deactivate-router-interface p.initiator
    A: deactivate-router-interface p.acceptor
    A: delete-router-interface p.initiator
    A: delete-router-interface p.acceptor
    B: deactivate-router-interface y
    A: deactivate-router-interface x
    B: delete-router-interface y
    A: delete-router-interface x
    A: delete-vpc U
    A: create-vpc U --region cn-beijing --cidr 192.168.0.0/16
    A: create-vpc-peering-connection c --vpc V --peer-vpc U --peer-region cn-beijing --bandwidth 10Mbit --latency 3ms --mtu 1400
    A: modify-vpc-peering-connection c --bandwidth 20Mbit
    A: delete-vpc-peering-connection c --force
    A: create-vpc-peering-connection d --vpc V --peer-vpc W --peer-account B --id pcc-1
    B: accept-vpc-peering-connection d
    B: delete-vpc-peering-connection d
    A: create-vpc-peering-connection e --vpc V --peer-vpc W
    B: reject-vpc-peering-connection e
    A: pass-time 7d
    A: release-public-ip i
    A: associate-public-ip i --public-ip 203.0.113.9
    A: create-nat-gateway nat --subnet V/t --public-ip 203.0.113.8 --id ngw-1
    A: create-snat-entry nat --cidr 10.1.1.0/24
    A: create-dnat-entry nat --protocol tcp --port 8022 --to 10.1.1.5 --to-port 22
    A: delete-dnat-entry nat --protocol tcp --port 8022
    A: delete-snat-entry nat --cidr 10.1.1.0/24
    A: delete-nat-gateway nat
    A: create-gateway gw --vpc V --id ipv4gw-1
    A: delete-gateway gw
    A: stop-instance i
    A: start-instance i
    A: reboot-instance i
    A: modify-instance i --forwards true
    A: create-network-acl n --vpc V --default drop --id nacl-1
    A: create-network-acl-entry n --number 1 --direction ingress --protocol tcp --port 22 --cidr 10.0.0.0/8 --policy drop
    A: associate-network-acl n --subnet V/t
    A: unassociate-network-acl n --subnet V/t
    A: delete-network-acl-entry n --number 1 --direction ingress
    A: delete-network-acl n
    A: delete-instance i
    A: delete-subnet V/t
    A: modify-security-group h --inner-access accept
    A: delete-security-group h
    B: delete-vpc W";

/// JD Cloud's additional resources.
const JDCLOUD: &str = "
    A: create-vpc V --region cn-north-1 --cidr 10.1.0.0/16 --id vpc-1
    A: create-vpc W --region cn-north-1 --cidr 172.16.0.0/16 --id vpc-2
    A: create-vpc-peering p --vpc V --peer-vpc-id vpc-2 --latency 3ms --mtu 1400 --id pc-1
    A: create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop p
    A: delete-route-entry --vpc V --destination 172.16.0.0/16
    A: delete-vpc-peering p";

/// What AWS has in addition.
const AWS: &str = "
    A: create-vpc V --region us-east-1 --cidr 10.1.0.0/16 --id vpc-0123456789abcdef0
    A: create-subnet s --vpc V --cidr 10.1.1.0/24 --id subnet-01234567
    A: create-route-table r --vpc V --id rtb-0123456789abcdef0
    A: associate-route-table r --subnet V/s
    A: replace-route-table-association V/default --subnet V/s
    A: set-main-route-table r";

/// A valid line, and the run in which it is valid.
struct Right {
    before: Run,
    account: &'static str,
    line: &'static str,
}

static RIGHT: LazyLock<Vec<Right>> = LazyLock::new(|| {
    let mut right = Vec::new();
    for (provider, script) in [("alibaba", ALIBABA), ("jdcloud", JDCLOUD), ("aws", AWS)] {
        let text = format!("[lab]\nprovider = \"{provider}\"\n[account.A]\n[account.B]\n");
        let lab = lab::read(Source::new("lines.toml", text)).unwrap();
        let mut run = Run::begin(lab, "lines.toml".into()).unwrap();
        for (account, line) in script.lines().filter_map(|line| line.trim().split_once(": ")) {
            let before = run.clone();
            typed(&mut run, account, line).unwrap_or_else(|error| panic!("{line}: {error}"));
            right.push(Right { before, account, line });
        }
    }
    right
});

/// Runs a typed line.
fn typed(run: &mut Run, account: &str, line: &str) -> Result<Outcome, Error> {
    run.operate(account, lab::parse_operation(line)?)
}

#[test]
fn every_operation_has_a_line_that_is_right() {
    let names: BTreeSet<_> = OperationKind::ALL.iter().map(|kind| kind.name).collect();
    let right: BTreeSet<_> = RIGHT.iter().map(|it| it.line.split(' ').next().unwrap()).collect();
    assert_eq!(right, names);
}

/// Invalid values.
fn strange() -> impl Strategy<Value = String> {
    let known = [
        "99999999999999999999999999999999",
        "-99999999999999999999",
        "4294967296",
        "0",
        "",
        "-",
        "--",
        "--help",
        "-h",
        "=",
        "/",
        "..",
        "../../etc/passwd",
        "%s%n",
        "a\nb",
        "\0",
        "\u{1b}[2J",
        "\u{9b}31m",
        "\u{202e}txt",
        "\u{feff}",
        "ﬀ",
        "İ",
        "名",
        "👩‍👩‍👧",
        "0.0.0.0/0",
        "10.1.0.0/33",
        "10.1.0.1/16",
        "::/0",
        "1/65536",
        "65535/1",
        "-1/-1",
        "1e308",
        "NaN",
        "99999999999999999999ms",
        "18446744073709551615s",
        "0.0000000000001ms",
        "internet",
        "A",
        "V",
        "V/s",
        "V/s/s",
        "x",
        "p.initiator",
        "vpc-1",
    ];
    prop_oneof![
        8 => prop::sample::select(known.map(str::to_owned).to_vec()),
        4 => any::<String>(),
        1 => prop::sample::select(vec!["x".repeat(100_000), "9".repeat(100_000), "é\"'\\ ".repeat(20_000)]),
    ]
}

/// A mutation of a line.
#[derive(Clone, Debug)]
enum Slip {
    Drop(Index),
    Double(Index),
    Swap(Index, Index),
    Misspell(Index, Index, char),
    Replace(Index, String),
    /// As a value of its own option: `--cidr=VALUE`.
    Assign(Index, String),
    Insert(Index, String),
}

fn slip() -> impl Strategy<Value = Slip> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Slip::Drop),
        at().prop_map(Slip::Double),
        (at(), at()).prop_map(|(a, b)| Slip::Swap(a, b)),
        (at(), at(), any::<char>()).prop_map(|(word, letter, c)| Slip::Misspell(word, letter, c)),
        (at(), strange()).prop_map(|(at, value)| Slip::Replace(at, value)),
        (at(), strange()).prop_map(|(at, value)| Slip::Assign(at, value)),
        (at(), strange()).prop_map(|(at, value)| Slip::Insert(at, value)),
    ]
}

impl Slip {
    fn happen(&self, words: &mut Vec<String>) {
        if words.is_empty() {
            return;
        }
        let length = words.len();
        match self {
            Slip::Drop(at) => _ = words.remove(at.index(length)),
            Slip::Double(at) => words.insert(at.index(length), words[at.index(length)].clone()),
            Slip::Swap(a, b) => words.swap(a.index(length), b.index(length)),
            Slip::Misspell(at, letter, c) => {
                let mut letters: Vec<char> = words[at.index(length)].chars().collect();
                if let Some(letter) = (!letters.is_empty()).then(|| letter.index(letters.len())) {
                    letters[letter] = *c;
                }
                words[at.index(length)] = letters.into_iter().collect();
            }
            Slip::Replace(at, value) => words[at.index(length)].clone_from(value),
            Slip::Assign(at, value) => words[at.index(length)] += &format!("={value}"),
            Slip::Insert(at, value) => words.insert(at.index(length + 1), value.clone()),
        }
    }
}

/// Types a line in place of the valid one, and checks that it works and can be replayed, or is refused.
fn judge(right: &Right, account: &str, line: &str) -> Result<(), TestCaseError> {
    let (mut run, begun) = (right.before.clone(), Instant::now());
    let result = typed(&mut run, account, line);
    let shown = line.chars().take(200).collect::<String>();
    prop_assert!(begun.elapsed() < SOON, "{shown:?} took {:?}", begun.elapsed());
    match result {
        Ok(_) => {
            run.cloud().check_invariants().map_err(|broken| TestCaseError::fail(format!("{shown:?}: {broken}")))?;
            let again = Run::replay(run.lab.clone(), run.path.clone(), run.events());
            let again = again.map_err(|errors| TestCaseError::fail(format!("{shown:?}: {errors:?}")))?;
            prop_assert!(again.cloud() == run.cloud(), "{shown:?} is another when it is done again");
        }
        Err(error) => {
            prop_assert!(matches!(error.kind, Kind::Input | Kind::Refused), "{shown:?}: {error:?}");
            prop_assert!(
                error.hint.as_ref().is_some_and(|hint| !hint.to_string().is_empty()),
                "{shown:?}: no way out: {error:?}"
            );
            prop_assert!(run.cloud() == right.before.cloud(), "{shown:?} was refused and changed something");
            prop_assert_eq!(run.events(), right.before.events());
            let text = diagnostics::render(&error.into(), &Terminal::PLAIN);
            prop_assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)), "{text:?}");
        }
    }
    prop_assert!(begun.elapsed() < SOON, "{shown:?} took {:?}", begun.elapsed());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_line_that_is_almost_right_is_done_or_refused(
        which in any::<Index>(),
        account in prop_oneof![9 => Just(None), 1 => strange().prop_map(Some)],
        slips in prop::collection::vec(slip(), 1..4),
        quoted in any::<bool>(),
    ) {
        let right = which.get(&RIGHT);
        let mut words: Vec<String> = right.line.split(' ').map(str::to_owned).collect();
        slips.iter().for_each(|slip| slip.happen(&mut words));
        let line = if quoted { shell_words::join(&words) } else { words.join(" ") };
        judge(right, account.as_deref().unwrap_or(right.account), &line)?;
    }

    #[test]
    fn an_arbitrary_line_is_refused(which in any::<Index>(), line in prop_oneof![any::<String>(), strange()]) {
        let right = which.get(&RIGHT);
        let (before, mut run) = (&right.before, right.before.clone());
        judge(right, right.account, &line)?;
        prop_assert!(typed(&mut run, right.account, &line).is_err() && run.cloud() == before.cloud());
    }
}

// ------------------------------------------------------------------------------------------------------------- journals

/// A mutation of a journal, or of the text of the lab's file.
#[derive(Clone, Debug)]
enum Damage {
    Byte(Index, u8),
    End(Index),
    /// A part of the text is duplicated elsewhere.
    Text(Index, Index, usize),
    /// A value at any depth is replaced.
    Value(Index, serde_json::Value),
    /// An event is added.
    Event(Index, Event),
}

fn damage() -> impl Strategy<Value = Damage> {
    let values = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        (0u64..9).prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        strange().prop_map(Into::into),
        Just(serde_json::json!([])),
        Just(serde_json::json!({})),
    ];
    let bound = || {
        let kind = ResourceKind::RouterInterface;
        (strange(), strange()).prop_map(move |(lab, made)| vec![Binding { kind, lab: vec![lab], made }])
    };
    let event = prop_oneof![
        (0usize..5, bound()).prop_map(|(step, bound)| Event::Bound { step, bound }),
        (any::<usize>(), bound()).prop_map(|(step, bound)| Event::Skipped { step, bound }),
        any::<usize>().prop_map(Event::Step),
        (0usize..4).prop_map(Event::Step),
        (strange(), strange()).prop_map(|(account, line)| Event::Operation { account, line, at: None }),
        (any::<Index>(), any::<bool>()).prop_map(|(which, a)| Event::Operation {
            account: if a { "A" } else { "B" }.into(),
            line: which.get(&RIGHT).line.into(),
            at: None,
        }),
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        any::<Index>().prop_map(Damage::End),
        (any::<Index>(), any::<Index>(), 0usize..40).prop_map(|(from, to, length)| Damage::Text(from, to, length)),
        (any::<Index>(), values).prop_map(|(at, value)| Damage::Value(at, value)),
        (any::<Index>(), event).prop_map(|(at, event)| Damage::Event(at, event)),
    ]
}

impl Damage {
    fn happen(&self, text: &mut Vec<u8>, file: &mut String) {
        let journal = || by_hand::values(text).map(serde_json::Value::from);
        let written = |journal: &serde_json::Value| by_hand::log_of(journal.as_array().map_or(&[][..], Vec::as_slice));
        match self {
            Damage::Byte(_, _) | Damage::End(_) if text.is_empty() => {}
            Damage::Byte(at, byte) => {
                let at = at.index(text.len());
                text[at] = *byte;
            }
            Damage::Text(from, to, length) => {
                let boundary = |at: &Index| file.ceil_char_boundary(at.index(file.len() + 1));
                let (from, to) = (boundary(from), boundary(to));
                let stretch = file[from..file.ceil_char_boundary(from + length)].to_owned();
                file.insert_str(to, &stretch);
            }
            Damage::End(at) => text.truncate(at.index(text.len())),
            Damage::Value(at, value) => {
                let Some(mut journal) = journal() else { return };
                let mut places = Vec::new();
                pointers(&journal, String::new(), &mut places);
                let place: &String = at.get(&places);
                *journal.pointer_mut(place).unwrap() = value.clone();
                *text = written(&journal);
            }
            Damage::Event(at, event) => {
                let Some(mut journal) = journal() else { return };
                let Some(records) = journal.as_array_mut() else { return };
                let record = serde_json::json!({ "time": 0, "do": [event] });
                records.insert(at.index(records.len() + 1), record);
                *text = written(&journal);
            }
        }
    }
}

/// The place of each value.
fn pointers(value: &serde_json::Value, here: String, places: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(all) => {
            all.iter().enumerate().for_each(|(at, it)| pointers(it, format!("{here}/{at}"), places));
        }
        serde_json::Value::Object(all) => all.iter().for_each(|(key, it)| {
            pointers(it, format!("{here}/{}", key.replace('~', "~0").replace('/', "~1")), places);
        }),
        _ => {}
    }
    places.push(here);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A modified journal can be replayed, or is refused with what to do.
    #[test]
    fn a_journal_that_was_tampered_with_is_replayed_or_refused(
        which in any::<Index>(),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let begun = Instant::now();
        let run = &which.get(&RIGHT).before;
        let file = LabFile::new(run.path.clone(), 1, &run.lab.source.text);
        let mut text = by_hand::log(&file, run.events());
        let mut lab = run.lab.source.text.to_string();
        damages.iter().for_each(|damage| damage.happen(&mut text, &mut lab));
        let result = Store::of("demo").decode(&text).map_err(Errors::from);
        match result.and_then(|journal| replay("demo", &journal, None, lab, None)) {
            Ok(before) => {
                let checked = before.run.cloud().check_invariants();
                prop_assert!(checked.is_ok(), "{checked:?}");
            }
            Err(errors) => {
                let last = errors.0.last().unwrap();
                prop_assert_eq!(last.kind, Kind::Host);
                prop_assert!(last.hint.as_ref().is_some_and(|hint| hint.to_string().contains("peerlab down demo")), "{:?}", last);
                let text = diagnostics::render(&errors, &Terminal::PLAIN);
                prop_assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)), "{text:?}");
            }
        }
        prop_assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    }
}
