//! Compares nf_tables over netlink with the kernel and with `nft`, in separate namespaces. Needs root, `nft` and `ip`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use peerlab::kernel::nft::Nft;
use peerlab::network::model::Mac;
use peerlab::network::ruleset::*;
use peerlab::network::ruleset_diff::{RulesetChange, TableId, diff};
use proptest::prelude::*;

use meant::*;
use oracle::{all_bytes, in_namespace, list, load, run};
use pairs::{bridge_pairs, inet_pairs, nat_pairs, pairs_as_ruleset, pairs_as_text};

mod meant;
mod oracle;
mod pairs;
#[path = "../../crates/network/src/ruleset_diff/tests/rulesets.rs"]
mod rulesets;

/// Changes the namespace's ruleset to `desired`, as `up` does.
fn make(nft: &Nft, desired: &Ruleset) {
    let changes = diff(&nft.read().unwrap(), desired);
    nft.apply(&changes).unwrap_or_else(|error| panic!("{error}\n{changes:#?}"));
}

#[test]
fn every_expression_has_the_bytes_that_nft_gives_it() {
    let text = pairs_as_text();
    let (theirs, their_list) = in_namespace(|| {
        load(&text);
        (all_bytes(), list())
    });
    let (ours, our_list) = in_namespace(|| {
        make(&Nft::open().unwrap(), &pairs_as_ruleset());
        (all_bytes(), list())
    });
    assert_eq!(theirs["rules"].len(), inet_pairs().len() + bridge_pairs().len() + nat_pairs().len());
    for (kind, theirs) in theirs {
        for (theirs, ours) in theirs.iter().zip(&ours[kind]) {
            assert_eq!(ours, theirs, "{kind}");
        }
        assert_eq!(ours[kind].len(), theirs.len(), "{kind}");
    }
    assert_eq!(tables(&our_list), tables(&their_list));
}

/// Tables, sets and chains are listed in the order of creation, which is ignored here.
fn tables(list: &str) -> Vec<Vec<&str>> {
    let mut tables: Vec<_> = list.split_inclusive("\n}\n").map(lines_sorted).collect();
    tables.sort();
    tables
}

fn lines_sorted(table: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = table.lines().collect();
    lines.sort();
    lines
}

#[test]
fn what_nft_writes_is_read_as_what_is_meant() {
    in_namespace(|| {
        load(&pairs_as_text());
        assert_eq!(Nft::open().unwrap().read().unwrap(), pairs_as_ruleset());
    });
}

#[test]
fn a_whole_ruleset_is_listed_by_nft_as_a_person_reads_it_and_read_back_as_it_was_meant() {
    let (read, list) = in_namespace(|| {
        let nft = Nft::open().unwrap();
        make(&nft, &vpc());
        (nft.read().unwrap(), list())
    });
    assert_eq!(read, vpc());
    // Names and elements are in the kernel's order.
    let expected = r#"table inet vpc {
	counter egress-security-group {
		packets 0 bytes 0
	}

	counter ingress-security-group {
		packets 0 bytes 0
	}

	counter no-route {
		packets 0 bytes 0
	}

	set members-web {
		type iface_index . ipv4_addr
		elements = { "lo" . 10.0.0.1,
			     "lo" . 10.0.0.2 }
	}

	map egress {
		type ipv4_addr : verdict
		elements = { 10.0.0.1 : jump egress-1 }
	}

	map ingress {
		type ipv4_addr : verdict
		elements = { 10.0.0.1 : goto ingress-1 }
	}

	map sink {
		type ipv4_addr : verdict
		elements = { 192.0.2.1 : goto no-route }
	}

	map states {
		type ct_state : verdict
		elements = { invalid : drop, established : accept,
			     related : accept }
	}

	chain egress-1 {
		return
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		oif "lo" goto sink
		ct state vmap @states
		iifgroup 1 ip saddr vmap @egress
		oifgroup 1 ip daddr vmap @ingress
		oifgroup 2 accept
	}

	chain ingress-1 {
		iif . ip saddr @members-web tcp dport 8000-8999 accept comment "web: accept tcp 8000/8999 from web priority 1"
		ip saddr 10.0.0.0/16 meta l4proto icmp accept comment "web: accept icmp from 10.0.0.0/16 priority 1"
		counter name "ingress-security-group" drop
	}

	chain no-route {
		counter name "no-route" drop
	}

	chain sink {
		rt ip nexthop vmap @sink
	}
}
"#;
    let mut blocks: Vec<&str> = list.split("\n\n").collect();
    let mut expected: Vec<&str> = expected.split("\n\n").collect();
    let of = |block: &&str| block.trim_start().split(' ').take(2).collect::<Vec<_>>().join(" ");
    for blocks in [&mut blocks, &mut expected] {
        blocks[1..].sort_by_key(of);
    }
    let sorted = |blocks: &[&str]| blocks.iter().map(|block| lines_sorted_in_elements(block)).collect::<Vec<_>>();
    assert_eq!(sorted(&blocks), sorted(&expected), "{list}");
}

/// The words of a block; those of its elements sorted.
fn lines_sorted_in_elements(block: &str) -> (String, Vec<String>) {
    let block = block.trim_end_matches("}\n").trim_end();
    match block.split_once("elements = {") {
        None => (block.into(), vec![]),
        Some((head, elements)) => {
            let mut elements: Vec<String> = elements
                .trim_end_matches(['}', '\n', '\t', ' '])
                .split(',')
                .map(|element| element.trim().to_string())
                .collect();
            elements.sort();
            (head.into(), elements)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_ruleset_becomes_any_other_in_one_transaction(steps in prop::collection::vec(rulesets::ruleset(), 2..5)) {
        in_namespace(|| {
            let nft = Nft::open().unwrap();
            for desired in &steps {
                let current = nft.read().unwrap();
                let changes = diff(&current, desired);
                nft.apply(&changes).unwrap_or_else(|error| panic!("{error}\n{changes:#?}"));
                assert_eq!(&nft.read().unwrap(), desired);
            }
        });
    }
}

#[test]
fn whatever_somebody_else_changed_is_put_right() {
    let meddled = [
        ("a foreign table", "table ip6 filter { chain x { type filter hook input priority 0; }; }"),
        ("a netdev table", "table netdev n { chain x { type filter hook ingress device lo priority 0; }; }"),
        ("an arp table", "table arp a { }"),
        ("a chain more", "add chain inet vpc more { type route hook output priority 0; }"),
        ("a rule with an anonymous set", "add rule inet vpc forward tcp dport { 22, 80 } accept"),
        ("a rule with an anonymous map", "add rule inet vpc forward ip saddr vmap { 1.2.3.4 : jump egress-1 }"),
        ("a rule with what we never write", "add rule inet vpc forward limit rate 5/second log prefix \"x\" accept"),
        ("a rule with a chain of its own", "add rule inet vpc forward ip saddr 1.2.3.4 jump { drop; }"),
        ("a rule in front", "insert rule inet vpc forward accept"),
        ("a rule less", "flush chain inet vpc ingress-1"),
        ("a set with time-outs", "add set inet vpc t { type ipv4_addr; timeout 1h; }"),
        ("a set of ranges", "add set inet vpc r { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; }"),
        ("a set of ports", "add set inet vpc p { type inet_service; elements = { 22 }; }"),
        ("an element more", "add element inet vpc members-web { 1 . 10.0.0.9 }"),
        ("an element less", "delete element inet vpc members-web { 1 . 10.0.0.2 }"),
        (
            "an element with a time-out",
            "add set inet vpc e { type ipv4_addr; flags timeout; elements = { 1.1.1.1 timeout 1h }; }",
        ),
        ("an object", "add quota inet vpc q { over 10 mbytes }"),
        ("a table that sleeps", "add table inet vpc { flags dormant; }"),
        ("another policy", "add chain inet vpc forward { policy accept; }"),
        ("nothing left", "flush ruleset"),
    ];
    for (what, text) in meddled {
        in_namespace(|| {
            let nft = Nft::open().unwrap();
            make(&nft, &vpc());
            load(text);
            let read = nft.read().unwrap();
            assert_ne!(read, vpc(), "{what} is not noticed");
            let changes = diff(&read, &vpc());
            nft.apply(&changes).unwrap_or_else(|error| panic!("{what}: {error}\n{changes:#?}"));
            assert_eq!(nft.read().unwrap(), vpc(), "{what}");
            assert_eq!(list().matches("table").count(), 1, "{what}");
        });
    }
}

fn send(from: &UdpSocket, to: &str, times: usize) {
    for _ in 0..times {
        let _ = from.send_to(b"x", (to.parse::<Ipv4Addr>().unwrap(), 9));
    }
}

#[test]
fn real_packets_are_counted_under_the_reason_of_their_rule() {
    let counters = in_namespace(|| {
        run("ip", &["link", "set", "lo", "up"], "");
        let nft = Nft::open().unwrap();
        make(&nft, &counting());
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        send(&socket, "127.0.0.2", 3);
        send(&socket, "127.0.0.3", 5);
        send(&socket, "127.0.0.4", 7);
        nft.counters().unwrap()
    });
    let of = |name: &str| counters[&("vpc".to_string(), name.to_string())];
    assert_eq!((of("seen"), of("no-such-address"), of("never")), (3, 5, 0));
    assert_eq!(counters.len(), 4);
}

#[test]
fn a_socket_keeps_to_the_namespace_in_which_it_was_opened() {
    in_namespace(|| {
        let nft = in_namespace(|| Nft::open().unwrap());
        make(&nft, &vpc());
        assert_eq!(nft.read().unwrap(), vpc());
        assert_eq!(list(), "", "and this namespace is as it was");
    });
}

#[test]
fn what_is_read_while_it_changes_is_of_one_moment() {
    in_namespace(|| {
        let (reader, writer) = (Nft::open().unwrap(), Nft::open().unwrap());
        let (one, other) = (vpc(), large());
        make(&writer, &one);
        let there_and_back = [diff(&one, &other), diff(&other, &one)];
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                for changes in there_and_back.iter().cycle().take(16) {
                    writer.apply(changes).unwrap();
                    std::thread::sleep(Duration::from_millis(80));
                }
            });
            let mut seen = [0, 0];
            while !writing.is_finished() {
                let read = reader.read().unwrap();
                let mixture = || {
                    diff(&one, &read)
                        .iter()
                        .chain(&diff(&other, &read))
                        .map(|change| format!("{change}\n"))
                        .collect::<String>()
                };
                assert!(read == one || read == other, "neither, but a mixture:\n{}", mixture());
                seen[usize::from(read == other)] += 1;
            }
            assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
        });
    });
}

#[test]
fn a_refused_rule_is_named_and_nothing_is_changed() {
    let (error, read) = in_namespace(|| {
        let nft = Nft::open().unwrap();
        make(&nft, &vpc());
        let table = TableId::new(Family::Inet, "vpc");
        let rules = vec![rule(&[ACCEPT]), rule(&[is(Field::InputGroup, Value::Number(1)), goto("nowhere")])];
        let changes = [
            RulesetChange::DeleteElements {
                table: table.clone(),
                set: "members-web".into(),
                elements: [(vec![Value::Number(1), ip("10.0.0.1")], Data::None)].into(),
            },
            RulesetChange::ReplaceRules { table, chain: "egress-1".into(), from: vec![], to: rules },
        ];
        (nft.apply(&changes).unwrap_err(), nft.read().unwrap())
    });
    let rule = "cannot add rule 2 of chain egress-1 of table inet vpc, `iifgroup 1 goto nowhere`: ";
    assert!(error.message.to_string().starts_with(rule), "{error}");
    assert!(error.message.to_string().contains("is not there"), "{error}");
    assert!(error.hint.is_some(), "{error}");
    assert_eq!(read, vpc());
}

#[test]
fn what_is_there_already_and_what_is_gone_is_said_so() {
    let errors = in_namespace(|| {
        let nft = Nft::open().unwrap();
        make(&nft, &vpc());
        let table = || TableId::new(Family::Inet, "vpc");
        let add = RulesetChange::AddCounter { table: table(), counter: "no-route".into() };
        let delete = RulesetChange::DeleteChain { table: table(), chain: "nowhere".into() };
        let busy = RulesetChange::DeleteCounter { table: table(), counter: "no-route".into() };
        [add, delete, busy].map(|change| nft.apply(&[change]).unwrap_err().message)
    });
    assert_eq!(errors[0], "cannot add counter no-route of table inet vpc: it is there already");
    assert_eq!(errors[1], "cannot delete the rules of chain nowhere of table inet vpc: it is not there any more");
    assert_eq!(errors[2], "cannot delete counter no-route of table inet vpc: something still refers to it");
}

#[test]
fn two_hundred_rules_and_a_thousand_elements_take_less_than_nfts_time() {
    let desired = large();
    // The best of several runs each, in turn and in new namespaces, to reduce noise.
    let (mut applied, mut read, mut theirs) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        let text = in_namespace(|| {
            let nft = Nft::open().unwrap();
            let begin = Instant::now();
            nft.apply(&diff(&Ruleset::default(), &desired)).unwrap();
            applied = applied.min(begin.elapsed());
            let begin = Instant::now();
            let current = nft.read().unwrap();
            read = read.min(begin.elapsed());
            assert!(diff(&current, &desired).is_empty());
            list()
        });
        in_namespace(|| {
            let begin = Instant::now();
            load(&text);
            theirs = theirs.min(begin.elapsed());
        });
    }
    println!("apply {applied:?}, read {read:?}, nft -f {theirs:?}");
    assert!(applied < theirs, "apply {applied:?}, nft -f {theirs:?}");
}

#[test]
fn ten_thousand_elements_come_and_go() {
    in_namespace(|| {
        let nft = Nft::open().unwrap();
        let mut desired = vpc();
        let member = |i: u32| (vec![Value::Number(i % 10), Value::Ip(Ipv4Addr::from(0x0a00_0000 + i))], Data::None);
        let table = desired.tables.values_mut().next().unwrap();
        table.sets.get_mut("members-web").unwrap().elements = (0..10_000).map(member).collect();
        make(&nft, &desired);
        assert_eq!(nft.read().unwrap(), desired);
        make(&nft, &vpc());
        assert_eq!(nft.read().unwrap(), vpc());
    });
}
