//! Output: a failed write is an error, and no file is left partly written.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::process::Stdio;

use support::oracle::others;
use support::{CROSS, Machine, Run, SMALL};

/// A call of each verb that prints a result.
const CALLS: &[&str] = &[
    "--help",
    "--version",
    "help api",
    "api create-vpc --help",
    "labs",
    "labs --json",
    "labs cross-account",
    "labs cross-account --json",
    "init --stdout",
    "init new",
    "init - --json",
    "validate small.toml",
    "validate small.toml --json",
    "plan small.toml",
    "up small.toml",
    "up small.toml --json",
    "next",
    "next --json",
    "api create-vpc V9 --region cn-qingdao --cidr 10.99.0.0/16",
    "api delete-vpc V9 --json",
    "export",
    "export --json",
    "undo",
    "undo --json",
    "status",
    "status --json",
    "list",
    "list --json",
    "verify",
    "verify --json",
    "watch",
    "watch --json",
    "ping one two -c1",
    "ping one two -c1 --json",
    "capture one -c1",
    "capture one -c1 --json",
    "capture one -c1 -w -",
    "explain one two",
    "explain one two --json",
    "graph",
    "graph --format html",
    "graph --json",
    "test cross.toml",
    "test cross.toml --json",
    "test cross.toml --junit /dev/stdout",
    "test --mutate cross.toml",
    "test --mutate cross.toml --json",
    "doctor",
    "doctor --json",
    "node --on tcp:10.0.0.1:6641 --unit",
    "schema",
    "completions bash",
    "completions zsh",
    "completions fish",
    "man",
    "credentials",
    "credentials --json",
    "credentials --format env",
    "down --json",
    "exercise start cross-account --seed 1 --name broken --json",
    "exercise ticket",
    "exercise ticket --json",
    "exercise hint",
    "exercise hint --json",
    "exercise grade",
    "exercise grade --json",
    "exercise grade --csv",
    "exercise solution",
    "down --json",
];

/// Verbs that go on after they have printed.
const LASTING: [&str; 2] = ["serve --listen 127.0.0.1:0", "serve --listen 127.0.0.1:0 --json"];

/// Verbs that print nothing themselves, but run a command that does.
const OTHERS: [&str; 2] = ["exec", "shell"];

/// Verbs for several hosts, which tests/several_hosts tries.
const ELSEWHERE: [&str; 1] = ["hosts"];

#[test]
fn every_verb_is_tried() {
    let verbs = peerlab::cli::grammar();
    let verbs: BTreeSet<_> = verbs.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let tried: BTreeSet<_> = CALLS
        .iter()
        .chain(&LASTING)
        .map(|call| call.split(' ').next().unwrap())
        .chain(OTHERS)
        .chain(ELSEWHERE)
        .collect();
    let missing: Vec<_> = verbs.iter().filter(|verb| !tried.contains(verb.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn machine() -> Machine {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.file("cross.toml", CROSS);
    machine.ok("up small.toml --no-verify");
    machine
}

/// Traffic to capture, until it is dropped.
struct Pinging(std::process::Child);

impl Pinging {
    fn begin(machine: &Machine) -> Self {
        let mut command = machine.command("exec --root one --lab small -- ping -i 0.2 two");
        Pinging(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Pinging {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(machine: &Machine, call: &str, stdout: impl Into<Stdio>) -> Run {
    let mut command = machine.command(call);
    command.stdout(stdout).stderr(Stdio::piped());
    Run::ended(call.into(), command.spawn().unwrap().wait_with_output().unwrap())
}

#[test]
fn what_cannot_be_written_is_an_error_of_every_verb() {
    let machine = machine();
    let _packets = Pinging::begin(&machine);
    for call in LASTING.iter().chain(CALLS) {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = run(&machine, call, full).exits(4);
        assert!(ended.stderr.contains("No space left on device"), "{ended}");
        let json = call.contains("--json");
        assert_eq!(ended.stderr.lines().any(|line| line.starts_with("{\"error\"")), json, "{ended}");
    }
    // The call's work is done anyway.
    assert!(fs::exists("/run/test/new.toml").unwrap());
    assert_eq!(machine.left(), [] as [&str; 0]);
    // A descriptor that cannot be written to.
    let unwritable = File::open("/dev/null").unwrap();
    run(&machine, "schema", unwritable).exits(4).tells("OutputUnwritable");
}

#[test]
fn a_reader_who_has_gone_away_is_no_error() {
    let machine = machine();
    let _packets = Pinging::begin(&machine);
    for call in CALLS.iter().filter(|call| !call.contains("--junit")) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = run(&machine, call, writer);
        // What is not mended is below the pass mark.
        let ended = if call.starts_with("exercise grade") { ended.exits(1) } else { ended };
        assert!(ended.ended_well() || call.starts_with("exercise grade"), "{ended}");
        assert!(!ended.stderr.contains("roken pipe"), "{ended}");
    }
}

#[test]
fn completions_that_cannot_be_written_are_an_error() {
    let machine = Machine::new();
    let mut command = machine.command("-- peerlab ver");
    command.env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "1").env("_CLAP_IFS", "\n");
    command.stdout(OpenOptions::new().write(true).open("/dev/full").unwrap()).stderr(Stdio::piped());
    Run::ended("completions".into(), command.spawn().unwrap().wait_with_output().unwrap()).exits(4);
}

/// The error cannot be reported, and must not end the process.
#[test]
fn what_cannot_be_written_to_standard_error_is_no_panic() {
    let machine = machine();
    for (call, status) in [("fly", 2), ("validate nowhere.toml", 2), ("up small.toml -v", 0), ("api", 2)] {
        for language in ["C.UTF-8", "zh_CN.UTF-8"] {
            let mut command = machine.command(call);
            command.env("LC_ALL", language).stderr(OpenOptions::new().write(true).open("/dev/full").unwrap());
            Run::ended(call.into(), command.stdout(Stdio::null()).output().unwrap()).exits(status);
        }
    }
}

#[test]
fn on_a_full_disk_no_file_is_left_half_written() {
    let machine = machine();
    fs::create_dir("/run/test/disk").unwrap();
    machine.program("mount -t tmpfs -o size=8k,nr_inodes=100 disk /run/test/disk").exits(0);
    fs::write("/run/test/disk/ballast", [0; 8192]).unwrap();
    let left = || {
        let entries = fs::read_dir("/run/test/disk").unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let calls = [
        "graph -o disk/lab.svg",
        "graph -f cross.toml -o disk/lab.html",
        "init disk/mine",
        "init disk/mine --force",
        "man --out disk",
        "test cross.toml --junit disk/junit.xml",
    ];
    for call in calls {
        machine.peerlab(call).exits(4).tells("No space left on device").tells("make room there");
        assert_eq!(left(), ["ballast"], "{call}");
    }
    // The existing file does not change.
    for (call, name) in [("graph -o disk/a.svg", "a.svg"), ("init disk/a --force", "a.toml")] {
        fs::write("/run/test/disk/ballast", [0; 4096]).unwrap();
        fs::write(format!("/run/test/disk/{name}"), "as before").unwrap();
        machine.peerlab(call).exits(4);
        assert_eq!(fs::read_to_string(format!("/run/test/disk/{name}")).unwrap(), "as before", "{call}");
        fs::remove_file(format!("/run/test/disk/{name}")).unwrap();
    }
}

#[test]
fn a_file_that_is_replaced_stays_a_link_and_whose_it_was() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
    let machine = machine();
    let real = machine.file("real.svg", "old");
    let owner = if others() { 1234 } else { 0 };
    chown(&real, Some(owner), Some(owner)).unwrap();
    fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).unwrap();
    symlink("real.svg", "/run/test/link.svg").unwrap();
    machine.ok("graph -o link.svg");
    assert!(fs::symlink_metadata("/run/test/link.svg").unwrap().is_symlink());
    let there = fs::metadata(&real).unwrap();
    assert_eq!((there.uid(), there.mode() & 0o777), (owner, 0o640));
    assert!(fs::read_to_string(&real).unwrap().contains("<svg"));
}

// ------------------------------------------------------------------------------------------------------------- locales

/// The output in a locale with these variables; the others are unset.
fn in_locale(machine: &Machine, call: &str, variables: &[(&str, &str)]) -> Run {
    let mut command = machine.command(call);
    for name in ["LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG", "LANGUAGE"] {
        command.env_remove(name);
    }
    Run::of({
        command.envs(variables.iter().copied());
        command
    })
}

#[test]
fn where_the_locale_is_not_utf8_signs_are_ascii_and_nothing_is_chinese() {
    let machine = machine();
    machine.ok("api create-vpc V9 --region cn-qingdao --cidr 10.99.0.0/16");
    let calls = [
        "validate small.toml",
        "validate nowhere.toml",
        "plan cross.toml",
        "up small.toml",
        "status",
        "list",
        "verify",
        "ping one two -c1",
        "explain one two",
        "doctor",
        "test cross.toml",
        "test --mutate cross.toml",
        "--help",
        "graph --help",
        "fly",
        "api",
    ];
    let locales: [&[(&str, &str)]; 6] = [
        &[],
        &[("LC_ALL", "C")],
        &[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")],
        &[("LC_ALL", "zh_CN.GBK")],
        &[("LC_CTYPE", "zh_CN.GB18030"), ("LANG", "zh_CN.UTF-8")],
        &[("LANG", "zh_CN")],
    ];
    for call in calls {
        let utf8 = in_locale(&machine, call, &[("LC_ALL", "C.UTF-8")]);
        let chinese = in_locale(&machine, call, &[("LANG", "zh_CN.UTF-8")]);
        assert!(!chinese.stdout.is_ascii() || !chinese.stderr.is_ascii(), "{chinese}");
        for locale in locales {
            let run = in_locale(&machine, call, locale);
            assert!(run.stdout.is_ascii() && run.stderr.is_ascii(), "{locale:?}: {run}");
            assert_eq!(run.status(), utf8.status(), "{run}");
        }
    }
    let signs = in_locale(&machine, "list", &[("LC_ALL", "C")]);
    assert!(signs.stdout.contains("small  up"), "{signs}");
    in_locale(&machine, "validate small.toml", &[("LC_ALL", "C")]).says("+ small.toml");
    in_locale(&machine, "validate small.toml", &[("LC_CTYPE", "C.utf8")]).says("✓ small.toml");
}

#[test]
fn json_and_files_are_utf8_in_every_locale() {
    let machine = machine();
    for call in [
        "schema",
        "labs --json",
        "labs cross-account",
        "graph --format html",
        "graph --format svg",
        "graph --format mermaid",
        "graph --json",
        "status --json",
        // With a file, because the times of packets vary.
        "explain one two --json -f small.toml",
        "init --stdout --provider jdcloud",
        "completions fish",
        "man",
    ] {
        let (c, utf8) =
            (in_locale(&machine, call, &[("LC_ALL", "C")]), in_locale(&machine, call, &[("LC_ALL", "C.UTF-8")]));
        assert!(c.ended_well() && c.stdout == utf8.stdout, "{call}");
    }
    in_locale(&machine, "graph -o c.html", &[("LC_ALL", "C")]).exits(0);
    in_locale(&machine, "graph -o utf8.html", &[("LC_ALL", "C.UTF-8")]).exits(0);
    assert!(fs::read("/run/test/c.html").unwrap() == fs::read("/run/test/utf8.html").unwrap());
}

// ------------------------------------------------------------------------------------------- signals, and a small stack

/// A background job of a script ignores Ctrl-C, and `nohup` ignores hang-ups: neither signal interrupts.
#[test]
fn a_signal_that_was_ignored_before_is_left_alone() {
    use std::os::unix::process::CommandExt;

    use nix::sys::signal::{SigHandler, Signal, kill, signal};
    use nix::unistd::Pid;
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    for ignored in [Signal::SIGINT, Signal::SIGHUP] {
        let mut command = machine.command("up cross.toml");
        // SAFETY: between fork and exec one system call is made; no handler of this process is involved.
        unsafe { command.pre_exec(move || Ok(signal(ignored, SigHandler::SigIgn).map(drop)?)) };
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), ignored).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let run = Run::ended(format!("{ignored}"), child.wait_with_output().unwrap()).exits(0).says("all as predicted");
        assert!(!run.stderr.contains("interrupted"), "{run}");
        machine.ok("down");
    }
}

#[test]
fn a_small_stack_is_enough() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    for line in ["up cross.toml", "verify", "explain ecs-a ecs-b", "exec --root ecs-a -- true", "--help", "down"] {
        let limited = format!("bash -c 'ulimit -s 64; cd /run/test; exec /run/test-peerlab {line}'");
        machine.program(&limited).exits(0);
    }
    // An interrupt arrives there as well.
    let limited = "bash -c 'ulimit -s 64; cd /run/test; /run/test-peerlab up cross.toml -q; timeout -s INT 2 /run/test-peerlab watch'";
    machine.program(limited).exits(124);
    let limited = "bash -c 'ulimit -s 64; timeout -s TERM 1 /run/test-peerlab ping ecs-a ecs-b -c 30'";
    machine.program(limited).exits(124);
}
