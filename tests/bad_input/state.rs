//! Running labs whose files somebody changed.

use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::soon;
use crate::support::{Machine, Run, SMALL};

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
    let whole = fs::read_to_string("/run/peerlab/small/journal").unwrap();
    let texts: Vec<_> = whole.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect();
    // Lines with correct checksums, as somebody who knows the format can write.
    let log = |lines: &[&str]| -> String {
        lines.iter().map(|text| format!("{:08x} {text}\n", crc32fast::hash(text.as_bytes()))).collect()
    };
    let [title, file, done, settled] = [0, 1, 2, 3].map(|at| texts[at].as_str());
    let events = |events: &str| log(&[title, file, &done.replace("\"do\":[]", &format!("\"do\":[{events}]")), settled]);
    assert_ne!(events("1"), whole);
    let journals = [
        String::new(),
        "\0".repeat(1000),
        "[".repeat(100_000),
        log(&["{}"]),
        log(&["null"]),
        log(&["{\"version\": 0}"]),
        log(&["{\"version\": 99999999999999999999}"]),
        whole.replacen("\"version\"", "\"versoin\"", 1),
        log(&[&title.replace("\"version\":3", "\"version\":4"), file, done, settled]),
        log(&[&title.replace("\"version\":3,", ""), file, done, settled]),
        log(&[title, file, done, &settled.replace("\"settled\"", "\"setled\"")]),
        log(&[title, &file.replace("\"text\":1", "\"text\":18446744073709551615"), done, settled]),
        log(&[title, done, settled]),
        events("{\"step\": 0}"),
        events("{\"step\": 18446744073709551615}"),
        events("{\"operation\": {\"account\": \"A\", \"line\": \"rm -rf /\"}}"),
        events("{\"operation\": {\"account\": \"\\u001b[2J\", \"line\": \"delete-vpc \\u009b\"}}"),
        events("{\"operation\": {\"account\": \"A\", \"line\": \"delete-vpc VPC1\"}}"),
        whole.clone() + &log(&[&done.replace("\"do\":[]", "\"undo\":1")]),
        whole.clone() + &log(&[&done.replace("\"do\":[]", "\"undo\":18446744073709551615")]),
    ];
    let tampered_with = |file: &str, bytes: &str, lines: &[&str]| {
        machine.ok("up small.toml --no-verify");
        fs::write(format!("/run/peerlab/small/{file}"), bytes).unwrap();
        for line in lines {
            let run = soon(&machine, line);
            assert!(!run.ended_with(0), "{bytes:.200} {run}");
            assert!(run.stderr.contains("peerlab down small"), "{bytes:.200} {run}");
        }
        soon(&machine, "list").exits(0).says("unreadable");
        soon(&machine, "down small").exits(0).says("4 namespaces removed");
        assert_eq!(machine.namespaces(), [] as [&str; 0]);
    };
    let lines = ["status small", "up small.toml --no-verify", "up --lab small", "verify --lab small"];
    for journal in journals {
        let lines = [&lines[..], &["api --lab small --as A delete-vpc VPC1"]].concat();
        tampered_with("journal", &journal, &lines);
    }
    for text in ["", "\0", &SMALL.replace("[vpc.VPC1]", "[vpc.VPC9]"), &SMALL.replace("10.0.0.0/16", "10.0.0.0/99")] {
        tampered_with("lab-1.toml", text, &lines);
    }
    // Invalid names of namespaces are ignored.
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
    // So are lines that are not text, or too long for a name.
    machine.ok("up small.toml --no-verify");
    fs::write("/run/peerlab/small/namespaces", [own.as_bytes(), b"\xff\xfe\n", "x".repeat(5000).as_bytes()].concat())
        .unwrap();
    soon(&machine, "down small").exits(0).says("4 namespaces removed");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

/// Other files, which must not change.
struct Precious(Vec<(String, String)>);

impl Precious {
    fn new() -> Self {
        fs::create_dir_all("/run/precious").unwrap();
        for name in ["journal", "lab-1.toml", "snapshot", "namespaces", "hosts", "lock", "file"] {
            fs::write(format!("/run/precious/{name}"), "internet\n").unwrap();
        }
        Precious(Precious::now())
    }

    fn now() -> Vec<(String, String)> {
        let entries = fs::read_dir("/run/precious").unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> =
            entries.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect();
        all.sort();
        all
    }

    #[track_caller]
    fn is_whole(&self, what: &str) {
        assert_eq!(Precious::now(), self.0, "{what}");
    }
}

const VERBS: [&str; 8] = [
    "up small.toml --no-verify",
    "up --lab small --no-verify",
    "status small",
    "verify --lab small",
    "next --lab small",
    "api --lab small --as A delete-vpc VPC1",
    "exec --lab small one -- true",
    "plan small.toml",
];

#[test]
fn a_directory_that_is_elsewhere_is_nobodys_lab() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    fs::create_dir_all("/run/peerlab").unwrap();
    let precious = Precious::new();
    let (link, file) = (|| symlink("/run/precious", "/run/peerlab/small"), || fs::write("/run/peerlab/small", ""));
    for (what, put) in [("link", &link as &dyn Fn() -> std::io::Result<()>), ("file", &file)] {
        put().unwrap();
        for verb in VERBS.iter().filter(|verb| !verb.starts_with("plan")).chain(&["down small", "down --lab small"]) {
            let run = soon(&machine, verb);
            precious.is_whole(&format!("{what}: {run}"));
            assert!(run.ended_with(4) && run.stderr.contains("rm -r /run/peerlab/small"), "{what}: {run}");
        }
        soon(&machine, "down --all").exits(0);
        soon(&machine, "list").exits(0);
        precious.is_whole(what);
        fs::remove_file("/run/peerlab/small").unwrap();
        machine.ok("up small.toml --no-verify");
        machine.ok("down small");
        assert_eq!(machine.left(), [] as [&str; 0], "{what}");
    }
}

/// A link, a directory, a pipe or nothing in place of a file: every verb ends, none follows it, and `down` removes the
/// lab.
#[test]
fn whatever_stands_in_the_place_of_a_file_is_not_followed_and_the_lab_goes_down() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    let precious = Precious::new();
    for name in [
        "journal",
        "journal.json",
        "lab-1.toml",
        "snapshot",
        "namespaces",
        "hosts",
        "lock",
        ".journal.new",
        ".lab-1.toml.new",
        ".snapshot.new",
        ".namespaces.new",
    ] {
        let place = format!("/run/peerlab/small/{name}");
        for kind in ["link", "directory", "pipe", "nothing"] {
            let what = format!("{name} is {kind}");
            machine.ok("up small.toml --no-verify");
            let _ = fs::remove_file(&place);
            match kind {
                "link" => symlink(format!("/run/precious/{}", name.trim_matches('.').trim_end_matches(".new")), &place)
                    .unwrap(),
                "directory" => {
                    fs::create_dir(&place).unwrap();
                    fs::write(format!("{place}/file"), "").unwrap();
                }
                "nothing" => {}
                _ => mkfifo(place.as_str(), Mode::S_IRWXU).unwrap(),
            }
            for verb in VERBS {
                let run = soon(&machine, verb);
                precious.is_whole(&format!("{what}: {run}"));
                let done = run.ended_with(0) || run.ended_with(2) || run.ended_with(3) || run.ended_with(4);
                assert!(done, "{what}: {run}");
                let ways_out = ["down small", &place, "ip netns del small."];
                assert!(!run.ended_with(4) || ways_out.iter().any(|it| run.stderr.contains(it)), "{what}: {run}");
            }
            soon(&machine, "list").exits(0);
            let run = soon(&machine, "down small");
            if run.ended_with(4) {
                // The error says what to do; then `down` works.
                assert!(name == "lock" && run.stderr.contains(&format!("rm -r {place}")), "{what}: {run}");
                machine.program(&format!("rm -r {place}")).exits(0);
                machine.ok("down small");
            } else {
                run.exits(0);
            }
            precious.is_whole(&what);
            assert_eq!(machine.left(), [] as [&str; 0], "{what}");
        }
    }
}

/// A name of the lab's namespace that links to another one: the link is removed; the other namespace and its processes
/// stay.
#[test]
fn a_namespace_of_somebody_else_is_not_taken_by_a_link_to_it() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.program("ip netns add precious").exits(0);
    machine.ok("up small.toml --no-verify");
    let mut inside =
        std::process::Command::new("ip").args(["netns", "exec", "precious", "sleep", "60"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    nix::mount::umount("/run/netns/small.one").unwrap();
    fs::remove_file("/run/netns/small.one").unwrap();
    symlink("/run/netns/precious", "/run/netns/small.one").unwrap();
    soon(&machine, "down small").exits(0);
    assert_eq!(machine.namespaces(), ["precious"]);
    assert!(inside.try_wait().unwrap().is_none(), "who was inside another namespace was ended");
    machine.program("ip netns exec precious true").exits(0);
    inside.kill().unwrap();
    inside.wait().unwrap();
    machine.program("ip netns del precious").exits(0);
}
