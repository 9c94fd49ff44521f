//! Commands that peerlab prints run as printed: with two labs up, a shell runs every command in any output.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own processes

#[allow(dead_code)] // other tests use the rest
mod support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use support::{Machine, Run};

/// The commands in a text: in backticks, or from `peerlab` to the end of the line.
fn commands(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        for (at, _) in line.match_indices("peerlab ") {
            let quoted = line[..at].ends_with('`');
            let bare = line[..at].trim_start().is_empty()
                || line[..at].ends_with("missing: ")
                || line[..at].ends_with("to go: ");
            if quoted || bare {
                let rest = &line[at..];
                let end = rest.find('`').unwrap_or(rest.len());
                found.insert(rest[..end].trim_end_matches(')').trim().to_owned());
            }
        }
    }
    found
}

fn shell(machine: &Machine, line: &str, environment: &[(&str, &str)]) -> Run {
    // The folder and the environment in which the test support runs peerlab.
    let own = machine.command("list");
    let mut command = Command::new("sh");
    command.current_dir(own.get_current_dir().unwrap()).env_remove("PEERLAB_LAB").stdin(std::process::Stdio::null());
    command.env("NO_COLOR", "1").env("COLUMNS", "80").env("LC_ALL", "C.UTF-8");
    let folder = Path::new(env!("CARGO_BIN_EXE_peerlab")).parent().unwrap();
    command.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    command.envs(environment.iter().copied()).args(["-c", line]);
    Run::of(command)
}

fn text(run: &Run) -> String {
    format!("{}\n{}", run.stdout, run.stderr)
}

#[test]
fn every_command_that_is_printed_runs_as_printed_with_two_labs_up() {
    let machine = Machine::new();
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs/cross-account.toml");
    let (beside, labs) = (labs.with_file_name("vpc-peering.toml"), labs.display());
    machine.ok(&format!("up {} --name other -q", beside.display()));
    machine.ok(&format!("up {labs} --name printed --until 3 -q"));
    let mut all = BTreeSet::new();
    let mut seen = |line: &str| {
        let run = machine.peerlab(line);
        let found = commands(&text(&run));
        for command in &found {
            assert!(!command.contains(" api ") || command.contains("--lab printed"), "{line} prints {command}");
        }
        all.extend(found);
    };
    // Each output, at each stage of the tutorial, and with an inactive end.
    for stage in [
        "",
        "next --lab printed",
        "next --lab printed --all",
        "api --lab printed --as A deactivate-router-interface ri-a",
    ] {
        if !stage.is_empty() {
            machine.peerlab(stage);
        }
        for verb in [
            "status",
            "verify",
            "explain ecs-a ecs-b",
            "explain ecs-b ecs-a tcp/22",
            "ping ecs-a ecs-b -c 1",
            "exec nobody -- true",
        ] {
            let (verb, rest) = verb.split_once(' ').unwrap_or((verb, ""));
            seen(&format!("{verb} --lab printed {rest}"));
        }
        seen("explain --lab printed ecs-a ecs-b --json");
    }
    // Other outputs with commands: of a running lab, or of its file.
    let second = "api --lab printed --as A create-route-entry --vpc VPC1 --destination 10.9.0.0/16 --next-hop ri-a";
    machine.ok("api --lab printed --as A activate-router-interface ri-a");
    machine.program("ip netns exec printed.VPC1 ip link set ecs-a down").exits(0);
    for line in [
        "next --lab printed".to_owned(),
        "shell nobody --lab printed".into(),
        "capture nobody --lab printed".into(),
        "export --lab printed".into(),
        "undo --lab printed 99".into(),
        "ping ecs-a ecs-b -c 1 --lab printed".into(),
        "verify --lab printed".into(),
        "list".into(),
        "doctor".into(),
        "down nobody".into(),
        format!("explain -f {labs} ecs-a ecs-b --until 3"),
        "graph --lab printed --format html".into(),
        second.into(),
        second.into(),
        "api --lab printed --as A create-vpc V --cidr 10.0.0.0/16".into(),
        format!("plan {labs} --name printed"),
        format!("test {labs}"),
    ] {
        seen(&line);
    }
    // `api` has repaired the drift. Change the kernel again: the line contains the cause.
    machine.program("ip netns exec printed.VPC1 ip link set ecs-a down").exits(0);
    let mut watch = machine.start("watch --lab printed");
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told = lines.by_ref().find(|line| line.contains("changed by hand")).expect("watch tells of it");
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(told.contains("`peerlab up --lab printed` repairs it"), "{told}");
    all.extend(commands(&told));
    let mut seen = |line: &str| all.extend(commands(&text(&machine.peerlab(line))));
    seen(&format!("up {labs} --name printed"));
    seen("doctor");
    assert!(all.iter().any(|command| command.starts_with("peerlab export --lab printed -o ")), "{all:?}");
    assert!(
        all.iter().any(|command| command.starts_with("peerlab api --lab printed --as A create-route-entry")),
        "{all:?}"
    );
    assert!(all.iter().any(|command| command.starts_with("peerlab api --lab printed --as ")), "{all:?}");
    assert!(all.iter().any(|command| command.starts_with("peerlab explain --lab printed ecs-a ecs-b")), "{all:?}");
    // If the environment names this lab, or only this lab is up, `--lab` is not necessary.
    machine.ok("api --lab printed --as A deactivate-router-interface ri-a");
    let named = shell(&machine, "peerlab explain ecs-a ecs-b", &[("PEERLAB_LAB", "printed")]);
    assert!(text(&named).contains("peerlab api --as A activate-router-interface ri-a"), "{}", text(&named));
    for command in all {
        // Placeholders in capitals must be replaced.
        if command.contains("FILE") || command.contains("INTERFACE") || command.starts_with("peerlab down") {
            continue;
        }
        let run = shell(&machine, &command, &[]);
        let said = text(&run);
        assert!(!run.ended_with(2) && !said.contains("LabAmbiguous"), "{command}: {said}");
    }
}

#[test]
fn ids_and_account_ids_are_to_be_seen() {
    let machine = Machine::new();
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs/cross-account.toml");
    machine.ok(&format!("up {} --until 0 -q", labs.display()));
    let made = machine.ok(
        "api --as A create-router-interface mine --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing --id ri-mine1",
    );
    let made = made.says("mine has the id ri-mine1");
    assert!(!made.stdout.contains("help"));
    let status = machine.ok("status --json").json();
    let accounts = status["accounts"].as_array().unwrap();
    assert!(accounts.iter().any(|account| account["name"] == "A" && !account["id"].as_str().unwrap().is_empty()));
    // Only one VPC is possible for the other end, so there is no placeholder.
    let operation = status["router_interfaces"][0]["missing"][0]["operation"].as_str().unwrap();
    assert!(operation.starts_with("create-router-interface ") && operation.contains("--vpc VPC2"), "{operation}");
    let shown = machine.ok("status");
    for account in accounts {
        assert!(shown.stdout.contains(account["id"].as_str().unwrap()), "{}", shown.stdout);
    }
    for vpc in status["vpcs"].as_array().unwrap() {
        assert!(shown.stdout.contains(vpc["id"].as_str().unwrap()), "{}", shown.stdout);
        for subnet in vpc["subnets"].as_array().unwrap() {
            assert!(shown.stdout.contains(subnet["id"].as_str().unwrap()), "{}", shown.stdout);
        }
    }
}
