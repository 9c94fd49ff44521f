//! `watch`: a line for each change, with its cause; a board on a terminal, which is restored at the end.
//!
//! Each test runs the binary on a separate machine (see `support`), as root.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use support::oracle::others;
use support::pty::Pty;
use support::{CROSS, Machine};

fn machine_with_cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    machine
}

/// A watch on a pipe.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    fn start(machine: &Machine, line: &str) -> Self {
        Running::of(machine.command(line))
    }

    fn in_chinese(machine: &Machine, line: &str) -> Self {
        let mut command = machine.command(line);
        command.env("LC_ALL", "zh_CN.UTF-8");
        Running::of(command)
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Running { child, lines }
    }

    /// The next line.
    #[track_caller]
    fn line(&mut self) -> String {
        let mut line = String::new();
        if self.lines.read_line(&mut line).unwrap() == 0 {
            self.child.stderr.take().unwrap().read_to_string(&mut line).unwrap();
            panic!("it ended: {line}");
        }
        line
    }

    /// The next three lines, without their times: what changed in the kernel, and two pairs.
    #[track_caller]
    fn said_in_any_order(&mut self) -> BTreeSet<String> {
        [self.said(), self.said(), self.said()].into()
    }

    /// The next line, without its time.
    #[track_caller]
    fn said(&mut self) -> String {
        self.line().trim_start().split_once("  ").unwrap().1.trim_end().to_owned()
    }
}

#[test]
fn a_line_says_what_changed_and_which_operation_it_was() {
    let machine = machine_with_cross();
    let mut watch = Running::start(&machine, "watch --interval 200ms");
    assert_eq!(watch.said(), "cross: 2 of 2 pairs reach, all as predicted");
    machine.ok("api --as A deactivate-router-interface ri-a");
    let cause = "A: deactivate-router-interface ri-a";
    assert_eq!(watch.said(), format!("ecs-a → ecs-b  reach → peering-inactive  {cause}"));
    assert_eq!(watch.said(), format!("ecs-b → ecs-a  reach → peering-inactive  {cause}"));
    machine.ok("api --as A create-security-group sg --vpc VPC1");
    assert_eq!(watch.said(), "no pair changed  A: create-security-group sg --vpc VPC1");
    machine.ok("up cross.toml --no-verify");
    let cause = "undone: A: create-security-group sg --vpc VPC1; undone: A: deactivate-router-interface ri-a";
    assert_eq!(watch.said(), format!("ecs-a → ecs-b  peering-inactive → reach  {cause}"));
    assert_eq!(watch.said(), format!("ecs-b → ecs-a  peering-inactive → reach  {cause}"));
    machine.ok("undo");
    assert_eq!(watch.said(), "ecs-a → ecs-b  reach → return:no-route  undone: step 5: Route to VPC1");
    assert_eq!(watch.said(), "ecs-b → ecs-a  reach → no-route  undone: step 5: Route to VPC1");
    kill(Pid::from_raw(watch.child.id() as i32), Signal::SIGINT).unwrap();
    assert_eq!(watch.child.wait().unwrap().code(), Some(0));
}

#[test]
fn states_that_last_are_seen_to_end() {
    let machine = Machine::new();
    machine.file("cross.toml", &CROSS.replacen("[lab]", "[lab]\npace = \"real\"\npace_seconds = 2", 1));
    machine.ok("up cross.toml --no-verify");
    let mut watch = Running::start(&machine, "watch --interval 200ms");
    assert_eq!(watch.said(), "cross: 2 of 2 pairs reach, all as predicted");
    machine.ok("api --as A deactivate-router-interface ri-a").says("ri-a: Active → Deactivating");
    let cause = "A: deactivate-router-interface ri-a";
    assert_eq!(watch.said(), format!("ecs-a → ecs-b  reach → peering-inactive  {cause}"));
    assert_eq!(watch.said(), format!("ecs-b → ecs-a  reach → peering-inactive  {cause}"));
    machine.ok("status").says("Deactivating");
    assert_eq!(watch.said(), "no pair changed  ri-a: Deactivating → Inactive");
    machine.ok("api --as A activate-router-interface ri-a").says("ri-a: Inactive → Activating");
    assert_eq!(watch.said(), "no pair changed  A: activate-router-interface ri-a");
    for pair in ["ecs-a → ecs-b", "ecs-b → ecs-a"] {
        assert_eq!(watch.said(), format!("{pair}  peering-inactive → reach  ri-a: Activating → Active"));
    }
    kill(Pid::from_raw(watch.child.id() as i32), Signal::SIGINT).unwrap();
    assert_eq!(watch.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_kernel_that_was_changed_by_hand_is_named_with_what_repairs_it() {
    let machine = machine_with_cross();
    let mut watch = Running::start(&machine, "watch --json --interval 200ms");
    let mut event = || serde_json::from_str::<Value>(&watch.line()).unwrap();
    let begin = event();
    assert_eq!((&begin["event"], &begin["lab"], &begin["pairs"]), (&"begin".into(), &"cross".into(), &2.into()));
    // The instances still send on their own interfaces; the router's end is down.
    machine.program("ip netns exec cross.VPC1 ip link set ecs-a down").exits(0);
    // A change of the kernel and the pings that it breaks are noticed side by side.
    let mut drift_and_changes = || {
        let events = [event(), event(), event()];
        let (drifts, changes): (Vec<_>, Vec<_>) = events.into_iter().partition(|it| it["event"] == "drift");
        assert_eq!((drifts.len(), changes.len()), (1, 2), "{drifts:?} {changes:?}");
        (drifts[0]["drift"].clone(), changes)
    };
    let (drift, changes) = drift_and_changes();
    assert_eq!(drift, serde_json::json!(["VPC1: link ecs-a is down"]));
    for (change, (from, to)) in changes.iter().zip([("ecs-a", "ecs-b"), ("ecs-b", "ecs-a")]) {
        assert_eq!((&change["event"], &change["from"], &change["to"]), (&"change".into(), &from.into(), &to.into()));
        assert_eq!(change["was"], serde_json::json!({"predicted": "reach", "observed": "reach"}), "{change}");
        assert_eq!(change["now"], serde_json::json!({"predicted": "reach", "observed": "drop"}), "{change}");
        assert_eq!(change["cause"], "kernel", "{change}");
        let because = change["because"].as_str().unwrap();
        assert!(because.contains("VPC1: link ecs-a is down; `peerlab up --lab cross` repairs it"), "{change}");
    }
    machine.ok("up --lab cross --no-verify");
    let (drift, changes) = drift_and_changes();
    assert_eq!(drift, serde_json::json!([]));
    for change in changes {
        assert_eq!((&change["now"]["observed"], &change["cause"]), (&"reach".into(), &"mended".into()), "{change}");
    }
    machine.ok("down");
    assert_eq!(event()["event"], "down");
    assert_eq!(watch.child.wait().unwrap().code(), Some(0));
    let mut talk = String::new();
    watch.child.stderr.take().unwrap().read_to_string(&mut talk).unwrap();
    assert!(talk.contains("lab cross went down"), "{talk}");
}

/// The kernel reports changes: none of these is noticed by a ping, of which the next is an hour away.
#[test]
fn a_change_by_hand_is_noticed_when_it_happens() {
    let machine = machine_with_cross();
    let mut watch = Running::start(&machine, "watch --json --interval 60m");
    let mut event = || serde_json::from_str::<Value>(&watch.line()).unwrap();
    assert_eq!(event()["event"], "begin");
    let changes = [
        ("ip netns exec cross.VPC1 ip route add 203.0.113.0/24 via 192.168.1.253", "VPC1: route 203.0.113.0/24"),
        ("ip netns exec cross.VPC1 ip rule add from 203.0.113.0/24 table 7", "VPC1: policy rule 999 is not the lab's"),
        (
            "ip netns exec cross.ecs-a ip address add 203.0.113.1/32 dev eth0",
            "ecs-a: address 203.0.113.1/32 of link eth0 is not",
        ),
        ("ip netns exec cross.VPC2 nft add table ip mine", "VPC2: the nftables ruleset is changed"),
        ("ip netns exec cross.VPC1 tc qdisc del dev ri-a root", "VPC1: the queueing disciplines of link ri-a are"),
        ("ip netns exec cross.VPC2 ip link add mine type bridge", "VPC2: link mine is not the lab's"),
        ("ip netns exec cross.ecs-b ip neighbour add 192.168.1.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent", ""),
    ];
    for (command, fact) in changes.into_iter().filter(|(_, fact)| !fact.is_empty()) {
        machine.program(command).exits(0);
        // Before that come the changes of pairs that the drift made necessary.
        let drift = std::iter::repeat_with(&mut event).find(|it| it["event"] == "drift").unwrap();
        let facts: Vec<_> = drift["drift"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        assert!(facts.iter().any(|it| it.starts_with(fact)), "{command}: {drift}");
    }
    machine.ok("up --lab cross --no-verify");
    assert_eq!(event()["drift"], serde_json::json!([]));
    machine.program("ip netns del cross.ecs-b").exits(0);
    // The pings that the drift before made necessary may notice it first.
    let drift = std::iter::repeat_with(&mut event).take(3).find(|it| it["event"] == "drift").unwrap();
    assert_eq!(drift["drift"][0], "ecs-b: the namespace is gone");
    kill(Pid::from_raw(watch.child.id() as i32), Signal::SIGINT).unwrap();
    assert_eq!(watch.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_step_is_a_cause_by_its_number_and_title() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 4");
    let mut watch = Running::start(&machine, "watch --interval 0.2");
    assert_eq!(watch.said(), "cross: 0 of 2 pairs reach, all as predicted");
    machine.ok("next");
    assert_eq!(watch.said(), "ecs-a → ecs-b  return:no-route → reach  step 5: Route to VPC1");
    drop(watch.lines);
    assert_eq!(watch.child.wait().unwrap().code(), Some(0), "nobody reads any more");
}

#[test]
fn a_chinese_reader_is_told_in_chinese_and_a_program_in_english() {
    let machine = Machine::new();
    machine.file(
        "cross.toml",
        &CROSS.replace("title = \"Route to VPC1\"", "title = \"Route to VPC1\"\nzh.title = \"通往VPC1的路由\""),
    );
    machine.ok("up cross.toml --no-verify --until 4");
    let mut watch = Running::in_chinese(&machine, "watch --interval 200ms");
    let mut json = Running::in_chinese(&machine, "watch --interval 200ms --json");
    assert_eq!(watch.said(), "cross：2对实例中0对可达，全部与预测一致");
    assert!(json.line().is_ascii());
    machine.ok("next");
    assert_eq!(watch.said(), "ecs-a → ecs-b  回程无路由 → 可达  步骤5：通往VPC1的路由");
    assert_eq!(watch.said(), "ecs-b → ecs-a  无路由 → 可达  步骤5：通往VPC1的路由");
    assert!(json.line().contains("\"because\":\"step 5: Route to VPC1\""));
    machine.program("ip netns exec cross.VPC1 ip link set ecs-a down").exits(0);
    // A change of the kernel and the pings that it breaks are noticed side by side.
    let because = "内核配置被手动改动：VPC1：链路ecs-a已停用";
    let broken = format!("可达 → 丢弃！（预测可达）  {because}；`peerlab up --lab cross`可修复");
    let of_pairs = |what: &str| ["ecs-a → ecs-b", "ecs-b → ecs-a"].map(|pair| format!("{pair}  {what}"));
    let [there, back] = of_pairs(&broken);
    assert_eq!(watch.said_in_any_order(), BTreeSet::from([because.to_owned(), there, back]));
    machine.ok("up --lab cross --no-verify");
    let [there, back] = of_pairs("丢弃！（预测可达） → 可达  `up`已修复内核配置");
    assert_eq!(watch.said_in_any_order(), BTreeSet::from(["内核配置与peerlab所建一致".to_owned(), there, back]));

    let mut command = machine.command("watch --interval 200ms");
    command.env("LC_ALL", "zh_CN.UTF-8").env("TERM", "xterm-256color").env_remove("NO_COLOR");
    let mut board = Pty::start(command);
    // The cursor is moved between wide characters.
    let shown = anstream::adapter::strip_str(&board.shows("测")).to_string();
    assert!(shown.contains("v VPC/实例") && shown.ends_with("2对中2对可达，全部与预测"), "{shown}");
    board.types("q");
    assert_eq!(board.ends().code(), Some(0));
    for watch in [watch, json] {
        kill(Pid::from_raw(watch.child.id() as i32), Signal::SIGINT).unwrap();
        drop(watch.child.wait_with_output().unwrap());
    }
}

const ALTERNATE: &str = "\x1b[?1049h";
const ORDINARY: &str = "\x1b[?1049l";
const CURSOR: &str = "\x1b[?25h";

#[test]
fn on_a_terminal_it_is_a_board_and_leaves_the_terminal_as_it_was() {
    let machine = machine_with_cross();
    let board = || {
        let mut command = machine.command("watch --interval 200ms");
        command.env("TERM", "xterm-256color").env_remove("NO_COLOR");
        let mut pty = Pty::start(command);
        pty.shows(ALTERNATE);
        pty.shows("2 of 2 reach, all as predicted");
        pty
    };
    let is_left = |mut pty: Pty, says: &str| {
        let shown = pty.shows(ORDINARY);
        assert!(shown.contains(CURSOR), "{shown:?}");
        pty.shows(says);
        assert_eq!(pty.ends().code(), Some(0));
    };
    let mut pty = board();
    machine.ok("api --as A deactivate-router-interface ri-a");
    pty.shows("deactivate-router-interface");
    pty.shows("reach → peering-inactive");
    pty.types("v");
    pty.shows("VPC2");
    pty.resize(10, 40);
    pty.shows("VPC2");
    pty.types("q");
    is_left(pty, "");
    machine.ok("api --as A activate-router-interface ri-a");
    let mut pty = board();
    pty.types("\x03");
    is_left(pty, "");
    let pty = board();
    pty.signal(Signal::SIGTERM);
    is_left(pty, "");
    let pty = board();
    machine.ok("down");
    is_left(pty, "lab cross went down");
}

#[test]
fn a_key_counts_that_is_pressed_while_the_terminal_gets_another_size() {
    let machine = machine_with_cross();
    let mut command = machine.command("watch --interval 1s");
    command.env("TERM", "xterm-256color").env_remove("NO_COLOR");
    let mut board = Pty::start(command);
    board.shows("2 of 2 reach, all as predicted");
    for round in 0..50 {
        board.resize(24 + round % 2, 80);
        board.types("v");
        board.shows(if round % 2 == 0 { "VPC2" } else { "ecs-b" });
    }
    board.types("q");
    assert_eq!(board.ends().code(), Some(0));
}

#[test]
fn a_wrong_word_is_told() {
    let machine = machine_with_cross();
    machine.peerlab("watch --interval 1h").exits(2).tells("is no unit of time: use ms, s or m");
    machine.peerlab("watch --lab crss").exits(2).tells("lab crss is not up");
    if others() {
        machine.user("watch").exits(2).tells("no lab is up").tells("`sudo peerlab list`");
    }
}
