//! Bad input: whatever a file, an argument or a state file holds, peerlab ends soon, with an error that says what is wrong,
//! prints nothing that moves a terminal, and touches nothing but `/run/peerlab` and `/run/netns`.
//!
//! Random input for the parser and the decoders stands beside them (`src/lab/tests.rs`, `src/kernel`); `PROPTEST_CASES=100000`
//! makes a long run of it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files, clocks and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::time::{Duration, Instant};

use peerlab::printable::is_hidden;
use support::{CROSS, Machine, Run, SMALL};

/// Longer than anything here takes on a busy machine; what is quadratic takes minutes.
const SOON: Duration = Duration::from_secs(20);

/// Runs peerlab, and wants that it ends soon, and by itself.
#[track_caller]
fn soon(machine: &Machine, line: &str) -> Run {
    let begun = Instant::now();
    let run = machine.peerlab(line);
    assert!(begun.elapsed() < SOON, "{line} took {:?}", begun.elapsed());
    assert!(!run.stderr.contains("panicked"), "{run}");
    tame(&run);
    run
}

/// Wants nothing on the terminal that could move it.
#[track_caller]
fn tame(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        let hidden: Vec<char> = text.chars().filter(|c| *c != '\n' && is_hidden(*c)).collect();
        assert!(hidden.is_empty(), "{hidden:?} in {run}");
    }
}

// ---------------------------------------------------------------------------------------------------------- lab files

#[test]
fn a_file_of_any_size_and_shape_is_judged_soon() {
    let machine = Machine::new();
    let most = 4 << 20;
    let lines = 1 << 20;
    let fill = |line: &str| line.repeat(lines / line.len());
    let files = [
        ("arrays", "[".repeat(100_000)),
        ("arrays of a value", format!("a = {}", "[".repeat(100_000))),
        ("tables in tables", format!("a = {}", "{ a = ".repeat(100_000))),
        ("a long key", format!("a{} = 1", ".a".repeat(100_000))),
        ("a long header", format!("[a{}]", ".a".repeat(100_000))),
        ("a long word", "x".repeat(most)),
        ("a long string", format!("[lab]\nname = \"{}\"", "x".repeat(most - 100))),
        ("the same key on every line", fill("a = 1\n")),
        ("the same header on every line", fill("[lab]\n")),
        ("a step on every line", fill("[[step]]\n")),
        ("a check on every line", fill("[[check]]\nfrom = \"a\"\n")),
        ("an unknown key on every line", (0..lines / 16).map(|n| format!("k{n} = 1\n")).collect()),
        ("a vpc on every line", (0..lines / 24).map(|n| format!("[vpc.v{n}]\n")).collect()),
        (
            "an instance on every line",
            format!(
                "{SMALL}{}",
                (0..10_000).map(|n| format!("[instance.i{n}]\nsubnet=\"VPC1/s1\"\n")).collect::<String>()
            ),
        ),
        ("no TOML on any line", fill("this is not TOML\n")),
        ("a quote on every line", fill("a = \"\n")),
        ("zeros", "\0".repeat(most)),
        ("one byte too many", "#".repeat(most + 1)),
        ("ten million bytes", "# nothing\n".repeat(1_000_000)),
        ("a huge number", CROSS.replace("Mini.2", &"9".repeat(100_000))),
        (
            "a huge priority",
            format!(
                "{SMALL}[security_group.g]\nvpc = \"VPC1\"\nrules = [{{ from = \"0.0.0.0/0\", priority = {} }}]",
                "9".repeat(1000)
            ),
        ),
    ];
    for (what, text) in files {
        machine.file("bad.toml", &text);
        let run = soon(&machine, "validate bad.toml");
        assert!(run.stderr.starts_with("error"), "{what}: {}", &run.stderr[..run.stderr.len().min(500)]);
        assert!(run.stderr.len() < 4 << 20, "{what}: {} bytes of errors", run.stderr.len());
        assert!(run.ended_with(2) || run.ended_with(3), "{what}: {}", &run.stderr[..run.stderr.len().min(500)]);
    }
    assert!(soon(&machine, "validate bad.toml --json").error()["code"].is_string());
}

#[test]
fn what_is_no_file_of_text_is_refused_soon() {
    let machine = Machine::new();
    soon(&machine, "validate /dev/zero").exits(2).tells("larger than a lab file may be");
    soon(&machine, "validate /run/test").exits(2).tells("it is a directory");
    soon(&machine, "validate /proc/self/mem").exits(2).tells("cannot read /proc/self/mem");
    fs::write("/run/test/latin.toml", b"[lab]\nname = \"caf\xe9\"\n").unwrap();
    soon(&machine, "validate latin.toml").exits(2).tells("is not UTF-8 text");
    fs::write("/run/test/utf16.toml", b"\xff\xfe[\0l\0a\0b\0]\0").unwrap();
    soon(&machine, "validate utf16.toml").exits(2).tells("is not UTF-8 text");
    soon(&machine, "up /dev/null").exits(2);
    // What editors on Windows write is a lab all the same.
    machine.file("windows.toml", &CROSS.replace('\n', "\r\n"));
    soon(&machine, "validate windows.toml").exits(0);
    machine.file("bom.toml", &format!("\u{feff}{CROSS}"));
    soon(&machine, "validate bom.toml").exits(0);
}

/// Names that want to be elsewhere, or something else.
const NAMES: [&str; 14] = [
    "../../etc",
    "..",
    ".",
    "/",
    "a/b",
    "/etc/passwd",
    "a\nb",
    "%s%n",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{202e}abc",
    "a\u{200b}b",
    "-rf",
    "\u{feff}",
];

#[test]
fn a_name_leads_nowhere_else() {
    let machine = Machine::new();
    let around = || {
        let names = ["/run", "/run/test", "/"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
        let names = names.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("peerlab"));
        names.collect::<std::collections::BTreeSet<_>>()
    };
    machine.file("name.toml", "");
    let before = around();
    for name in NAMES {
        let quoted = serde_json::to_string(name).unwrap();
        for text in [
            SMALL.replace("name = \"small\"", &format!("name = {quoted}")),
            SMALL
                .replace("[instance.one]", &format!("[instance.{quoted}]"))
                .replace("from = \"one\"", &format!("from = {quoted}")),
            SMALL.replace("[vpc.VPC1]", &format!("[vpc.{quoted}]")),
            SMALL.replace("[vpc.VPC1.subnet.s1]", &format!("[vpc.VPC1.subnet.{quoted}]")),
        ] {
            machine.file("name.toml", &text);
            soon(&machine, "up name.toml --no-verify").exits(2);
            assert_eq!(machine.namespaces(), [] as [&str; 0], "{name:?}");
        }
    }
    assert_eq!(around(), before);
}

#[test]
fn what_a_lab_says_of_itself_moves_no_terminal() {
    let machine = Machine::new();
    let hostile = "\\u001b[2J\\u001b]0;owned\\u0007 \\u009b31m \\u202etxt\\u200b";
    let lab = CROSS.replace("Connect two VPCs of two accounts", hostile).replace("Create the initiator", hostile);
    let lab = lab.replace("Account A creates the initiator on VPC1's router.", hostile);
    machine.file("evil.toml", &lab);
    for line in [
        "validate evil.toml",
        "plan evil.toml",
        "up evil.toml --until 0",
        "next",
        "status",
        "list",
        "status --json",
        "list --json",
        "next --json",
        "verify",
        "explain ecs-a ecs-b",
        "test evil.toml",
        "down",
    ] {
        let run = soon(&machine, line);
        assert!(run.ended_with(0) || run.ended_with(1), "{run}");
    }
}

#[test]
fn what_is_typed_moves_no_terminal() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    let evil = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}";
    machine.file(&format!("{evil}.toml"), &CROSS.replace("name = \"cross\"", ""));
    machine.file(&format!("{evil}-good.toml"), CROSS);
    machine.file(&format!("{evil}-bad.toml"), "[lab]\nname = 1\n");
    for line in [
        "EVIL",
        "validate EVIL",
        "validate EVIL.toml",
        "validate EVIL-good.toml",
        "validate EVIL-bad.toml",
        "validate EVIL-good.toml --json",
        "plan EVIL-good.toml",
        "up EVIL-good.toml --no-verify",
        "status",
        "status --json",
        "down EVIL",
        "down ./EVIL",
        "status EVIL",
        "verify --lab EVIL",
        "next --lab EVIL",
        "api --as EVIL delete-vpc x",
        "api --as A delete-vpc EVIL",
        "api --as A EVIL",
        "api --as A create-vpc EVIL --region EVIL --cidr EVIL",
        "api --as A authorize-security-group EVIL --protocol EVIL --cidr EVIL",
        "ping EVIL ecs-a",
        "ping ecs-a EVIL",
        "explain ecs-a EVIL",
        "explain ecs-a ecs-b EVIL",
        "exec EVIL -- true",
        "exec ecs-a -- EVIL",
        "shell EVIL",
        "up --name EVIL cross.toml",
        "up --until EVIL cross.toml",
        "--EVIL",
        "test EVIL-bad.toml",
    ] {
        for json in ["", "--json "] {
            let line = format!("{json}{}", line.replace("EVIL", evil));
            let mut command = machine.command("");
            command.args(line.split(' ').filter(|word| !word.is_empty()));
            let run = Run::of(command);
            tame(&run);
            assert!(!run.stderr.contains("panicked"), "{run}");
        }
    }
}

// -------------------------------------------------------------------------------------------------- verbs and their labs

#[test]
fn no_lab_is_elsewhere() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    fs::create_dir_all("/run/precious").unwrap();
    fs::write("/run/precious/file", "keep").unwrap();
    for name in ["../precious", "/run/precious", "small/../../precious", "", ".", ".."] {
        for verb in [
            "down --lab",
            "status --lab",
            "verify --lab",
            "next --lab",
            "up --no-verify --lab",
            "exec --lab",
            "down",
            "status",
        ] {
            let mut command = machine.command(verb);
            command.arg(name);
            if verb.starts_with("exec") {
                command.args(["one", "--", "true"]);
            }
            Run::of(command).exits(2);
        }
    }
    assert_eq!(fs::read_dir("/run/precious").unwrap().count(), 1, "nothing was added");
    assert_eq!(fs::read_to_string("/run/precious/file").unwrap(), "keep");
    machine.ok("status small");
}

#[test]
fn state_that_somebody_tampered_with_is_refused_and_taken_down() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    fs::create_dir_all("/run/precious").unwrap();
    fs::write("/run/precious/file", "").unwrap();
    machine.ok("up small.toml --no-verify");
    let whole = fs::read_to_string("/run/peerlab/small/journal.json").unwrap();
    let events = |events: &str| whole.replace("\"events\": []", &format!("\"events\": [{events}]"));
    let journals = [
        String::new(),
        "\0".repeat(1000),
        "[".repeat(100_000),
        "{}".into(),
        "null".into(),
        "{\"version\": 0}".into(),
        "{\"version\": 99999999999999999999}".into(),
        whole.replace("\"version\": 1", "\"version\": 2"),
        whole.replace("\"version\": 1,", ""),
        whole.replace("\"settled\"", "\"setled\""),
        whole.replace("[vpc.VPC1]", "[vpc.VPC9]"),
        whole.replace("10.0.0.0/16", "10.0.0.0/99"),
        events("{\"step\": 0}"),
        events("{\"step\": 18446744073709551615}"),
        events("{\"operation\": {\"account\": \"A\", \"line\": \"rm -rf /\"}}"),
        events("{\"operation\": {\"account\": \"\\u001b[2J\", \"line\": \"delete-vpc \\u009b\"}}"),
        events("{\"operation\": {\"account\": \"A\", \"line\": \"delete-vpc VPC1\"}}"),
    ];
    for journal in journals {
        machine.ok("up small.toml --no-verify");
        fs::write("/run/peerlab/small/journal.json", &journal).unwrap();
        for line in [
            "status small",
            "up small.toml --no-verify",
            "up --lab small",
            "verify --lab small",
            "api --lab small --as A delete-vpc VPC1",
        ] {
            let run = soon(&machine, line);
            assert!(!run.ended_with(0), "{journal:.200} {run}");
            assert!(run.stderr.contains("peerlab down small"), "{journal:.200} {run}");
        }
        soon(&machine, "list").exits(0).says("unreadable");
        soon(&machine, "down small").exits(0).says("4 namespaces removed");
        assert_eq!(machine.namespaces(), [] as [&str; 0]);
    }
    // Names that no namespace of the lab has lead nowhere.
    machine.ok("up small.toml --no-verify");
    let own = fs::read_to_string("/run/peerlab/small/namespaces").unwrap();
    fs::write(
        "/run/peerlab/small/namespaces",
        format!("{own}../../precious/file\n/../../precious/file\n\0\n..\n\u{1b}[2J\n"),
    )
    .unwrap();
    soon(&machine, "down small").exits(0).says("4 namespaces removed");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
    assert!(fs::exists("/run/precious/file").unwrap());
}
