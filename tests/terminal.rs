//! peerlab on a terminal: keys, signals, job control and the prompt of `exec` and `shell`, and lines that fit.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use nix::libc;
use support::oracle::oracle;
use support::pty::Pty;
use support::{CROSS, Machine, Run, SMALL};
use unicode_width::UnicodeWidthStr;

const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";

fn machine_with_small() -> Machine {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    machine
}

/// A bash in instance `one`, at its first prompt.
fn bash(machine: &Machine) -> Pty {
    let mut command = machine.command("shell one");
    command.env("SHELL", "/bin/bash").env("HOME", "/run/test");
    let mut pty = Pty::start(command);
    pty.shows("`exit` leaves");
    pty.shows("one:");
    pty
}

#[test]
fn a_shell_has_the_instance_in_its_prompt_and_its_neighbours_by_name() {
    let mut pty = bash(&machine_with_small());
    pty.types("getent hosts two\n");
    pty.shows("10.0.1.4");
    pty.shows("one:");
    pty.types("exit 7\n");
    assert_eq!(pty.ends().code(), Some(7));
}

#[test]
fn every_shell_says_where_it_is() {
    let machine = machine_with_small();
    // fish queries a terminal that is not dumb, and waits for an answer.
    for (shell, terminal) in [("/bin/sh", "dumb"), ("/usr/bin/zsh", "xterm"), ("/usr/bin/fish", "dumb")] {
        if let Some(name) = shell.strip_prefix("/usr/bin/")
            && !oracle(name)
        {
            continue;
        }
        let mut command = machine.command("--quiet shell one");
        command.env("SHELL", shell).env("HOME", "/run/test").env("TERM", terminal);
        let mut pty = Pty::start(command);
        pty.shows("one");
        pty.types("exit 3\n");
        assert_eq!(pty.ends().code(), Some(3), "{shell}");
    }
}

#[test]
fn keys_reach_what_runs_in_a_shell_and_its_jobs_stop_and_go_on() {
    let mut pty = bash(&machine_with_small());
    pty.types("sh -c 'echo begun; exec sleep 1000'\n");
    pty.shows("\nbegun");
    pty.types(CTRL_C);
    pty.shows("^C");
    pty.shows("one:");
    pty.types("echo status $?.\n");
    pty.shows("status 130.");
    pty.shows("one:");
    pty.types("sh -c 'echo begun; exec sleep 1000'\n");
    pty.shows("\nbegun");
    pty.types(CTRL_Z);
    pty.shows("Stopped");
    pty.types("jobs -r; bg; jobs -r\n");
    pty.shows("Running");
    pty.types("kill %1; wait %1; echo ended with $?.\n");
    pty.shows("\nended with 143.");
    pty.types("exit 0\n");
    assert_eq!(pty.ends().code(), Some(0));
}

#[test]
fn a_command_inside_gets_the_keys_and_the_size_of_the_terminal() {
    let machine = machine_with_small();
    let mut pty = Pty::start(machine.command("exec one -- sleep 1000"));
    pty.becomes("sleep");
    pty.types(CTRL_C);
    assert_eq!(pty.ends().signal(), Some(libc::SIGINT), "a shell shows this as 130");

    let script = "trap 'stty size; exec sleep 1000' WINCH; echo begun; while :; do sleep 0.05; done";
    let mut pty = Pty::start(machine.command(&format!("exec one -- bash -c \"{script}\"")));
    pty.shows("begun");
    pty.resize(50, 132);
    pty.shows("50 132");
    pty.becomes("sleep");
    pty.types(CTRL_C);
    assert_eq!(pty.ends().signal(), Some(libc::SIGINT));
}

/// Lines that may be wider than the terminal: commands and operations to copy are never wrapped, and names cannot be.
fn must_be_whole(line: &str) -> bool {
    let line = line.trim();
    let said = line.trim_start_matches(['✓', '=', '✗', '+', '≠', ' ']).split(" (").next().unwrap();
    said.starts_with("peerlab ") || !line.contains(' ') || peerlab::lab::parse_operation(said).is_ok()
}

/// What will be copied is on one line, however narrow the terminal.
#[test]
fn an_operation_of_a_step_is_on_one_line() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    let lab = peerlab::lab::read(peerlab::error::Source::new("cross.toml", CROSS)).unwrap();
    let operations = |steps: &[peerlab::lab::Step]| -> Vec<String> {
        steps.iter().flat_map(|step| &step.operations).map(|operation| operation.call.to_string()).collect()
    };
    let shows = |line: &str, operations: &[String]| {
        let mut command = machine.command(line);
        command.env("LC_ALL", "C.UTF-8");
        let (shown, _) = Pty::start_on(50, command).until_its_end();
        let shown = anstream::adapter::strip_str(&shown).to_string();
        for operation in operations {
            assert!(shown.lines().any(|line| line.contains(operation)), "{line}: {operation} is broken in {shown}");
        }
    };
    machine.ok("up cross.toml --until 0 --no-verify");
    shows("next --diff", &operations(&lab.steps[..1]));
    shows("next --all", &operations(&lab.steps));
    let by_hand = "create-security-group-with-a-name";
    let by_hand = format!("create-security-group {by_hand} --vpc VPC1 --inner-access drop");
    machine.ok(&format!("api --as A {by_hand}"));
    shows("plan cross.toml", &[format!("A: {by_hand}")]);
}

/// The output of every verb fits a terminal of 80 columns, in colour.
fn fits(file: &str, from: &str, to: &str) {
    let machine = Machine::new();
    machine.ok("init ring --vpcs 20 --instances 2");
    // By a path whose length does not depend on the checkout.
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(file);
    if shipped.exists() {
        machine.file(file, &fs::read_to_string(shipped).unwrap());
    }
    for language in ["C.UTF-8", "zh_CN.UTF-8"] {
        for line in [
            format!("validate {file}"),
            format!("plan {file}"),
            format!("up {file} --until 0 --no-verify"),
            "next".to_owned(),
            "next --all".to_owned(),
            format!("up {file}"),
            "status".to_owned(),
            "list".to_owned(),
            "verify".to_owned(),
            format!("ping {from} {to} -c 1"),
            format!("explain {from} {to}"),
            format!("explain {to} {from} tcp/22"),
            "doctor".to_owned(),
            "down".to_owned(),
            "help".to_owned(),
        ] {
            let mut command = machine.command(&line);
            command.env("LC_ALL", language).env("TERM", "xterm-256color");
            let (shown, status) = Pty::start(command).until_its_end();
            assert!(matches!(status.code(), Some(0 | 1)), "{line}: {shown}");
            let shown = anstream::adapter::strip_str(&shown).to_string();
            // A progress bar redraws its line.
            let lines = shown.split('\n').filter_map(|line| line.trim_end_matches('\r').rsplit('\r').next());
            let wide: Vec<_> = lines.filter(|line| line.width() > 80 && !must_be_whole(line)).collect();
            assert_eq!(wide, [""; 0], "{language} peerlab {line}");
        }
    }
}

/// The help of every verb and every operation.
#[test]
fn chinese_help_fits_80_columns() {
    fn paths(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        let verbs = command.get_subcommands().filter(|verb| verb.get_name() != "help");
        verbs.for_each(|verb| paths(verb, &format!("{path}{} ", verb.get_name()), found));
    }
    let mut found = Vec::new();
    paths(&peerlab::cli::grammar(), "", &mut found);
    assert!(found.len() > 50, "{found:?}");
    let machine = Machine::new();
    let mut wide = Vec::new();
    for path in found {
        let mut command = machine.command(&format!("{path}--help"));
        command.env("LC_ALL", "zh_CN.UTF-8");
        let help = Run::of(command).exits(0).stdout;
        // A command to copy is not wrapped.
        let narrow = |line: &str| line.width() <= 80 || line.starts_with("  peerlab api --as ");
        let fits = |line: &&str| narrow(line) && !line.contains('\u{a0}') && !line.ends_with(' ');
        wide.extend(help.lines().filter(|line| !fits(line)).map(|line| format!("{path}--help: {line}")));
    }
    assert_eq!(wide, [""; 0]);
    // On a terminal, in colour; colours take no columns.
    let mut command = machine.command("capture --help");
    command.env("LC_ALL", "zh_CN.UTF-8").env("TERM", "xterm-256color").env_remove("NO_COLOR");
    let (shown, _) = Pty::start(command).until_its_end();
    let plain = anstream::adapter::strip_str(&shown).to_string();
    assert!(plain != shown && plain.lines().all(|line| line.width() <= 80), "{plain}");
}

#[test]
fn two_vpcs_fit_80_columns() {
    fits("cross-account.toml", "ecs-a", "ecs-b");
}

#[test]
fn a_hub_fits_80_columns() {
    fits("hub-and-spoke.toml", "r", "b");
}

#[test]
fn a_hub_of_thirty_fits_80_columns() {
    fits("thirty-students.toml", "pc-01", "server-2");
}

#[test]
fn a_ring_of_twenty_fits_80_columns() {
    fits("ring.toml", "i1-1", "i12-2");
}

/// The longest names and narrow terminals.
#[test]
fn long_names_and_many_instances_fit_any_terminal() {
    let machine = Machine::new();
    let long = |what: &str| format!("{what}-of-the-payment-team-in-the-north-of-the-country-number-1");
    let [one, two, vpc, other] = ["web", "db", "net", "far"].map(long);
    let text = format!(
        "[lab]\nprovider = \"alibaba\"\ntitle = \"A lab whose title is as long as those of people who write tutorials for \
         others\"\n[account.A]\n[vpc.{vpc}]\nregion = \"r\"\ncidr = \"10.1.0.0/16\"\n[vpc.{vpc}.subnet.s]\ncidr = \
         \"10.1.1.0/24\"\n[vpc.{other}]\nregion = \"r\"\ncidr = \"10.2.0.0/16\"\n[vpc.{other}.subnet.s]\ncidr = \
         \"10.2.1.0/24\"\n[instance.{one}]\nsubnet = \"{vpc}/s\"\n[instance.{two}]\nsubnet = \"{other}/s\"\n"
    );
    machine.file("long.toml", &text);
    machine.ok("init big --vpcs 4 --instances 10");
    machine.ok("up long.toml --no-verify");
    machine.ok("up big.toml --no-verify");
    for columns in [60, 80, 200] {
        for line in [
            "plan big.toml -v --until 0".to_owned(),
            "plan cross.toml -v".to_owned(),
            format!("explain {one} {two} --lab long"),
            format!("explain {two}x {one} --lab long"),
            "status --lab long".to_owned(),
            "list".to_owned(),
            "verify --lab long".to_owned(),
            "verify --lab big".to_owned(),
            "up long.toml".to_owned(),
            "doctor".to_owned(),
        ] {
            machine.file("cross.toml", support::CROSS);
            let mut command = machine.command(&line);
            command.env("LC_ALL", "C.UTF-8");
            let (shown, _) = Pty::start_on(columns, command).until_its_end();
            let shown = anstream::adapter::strip_str(&shown).to_string();
            let lines: Vec<_> =
                shown.split('\n').filter_map(|line| line.trim_end_matches('\r').rsplit('\r').next()).collect();
            assert!(lines.len() > 1, "{line}: {shown}");
            // A wider word is alone on its line, after the mark or the indent.
            let alone = |line: &str| line.split_whitespace().filter(|word| word.width() > 1).count() <= 1;
            let wide: Vec<_> = lines
                .iter()
                .filter(|line| line.width() > usize::from(columns) && !must_be_whole(line) && !alone(line))
                .collect();
            assert!(wide.is_empty(), "{columns} columns: peerlab {line}: {wide:#?}");
        }
    }
}
