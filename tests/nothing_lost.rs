//! Work on a lab is not lost: which lab a command means, what `up` would drop, `export`, `undo`.
//!
//! Each test runs the binary on a separate machine (see `support`), as root.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use support::oracle::others;
use support::{CROSS, Machine, Run, SMALL};

fn two_labs() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.file("small.toml", SMALL);
    machine.ok("up cross.toml --no-verify --until 0");
    machine.ok("up small.toml --no-verify");
    machine
}

// ------------------------------------------------------------------------------------------------- which lab is meant

/// Runs peerlab with the variable that names the lab.
fn with_lab(machine: &Machine, lab: &str, line: &str) -> Run {
    let mut command = machine.command(line);
    command.env("PEERLAB_LAB", lab);
    Run::of(command)
}

#[test]
fn the_environment_names_the_lab_where_a_command_does_not() {
    let machine = two_labs();
    for line in [
        "status",
        "verify",
        "api --as A create-vpc V --region r --cidr 10.0.0.0/16",
        "explain internet internet",
        "graph",
        "plan cross.toml",
        "up --no-verify",
        "next",
        "ping ecs-a 192.168.1.10",
        "exec ecs-a -- true",
    ] {
        let run = with_lab(&machine, "cross", line);
        assert!(run.ended_well() || run.ended_with(1), "{run}");
    }
    assert_eq!(with_lab(&machine, "small.toml", "status --json").exits(0).json()["lab"], "small");
    assert_eq!(with_lab(&machine, "cross", "status small --json").exits(0).json()["lab"], "small");
    assert_eq!(with_lab(&machine, "cross", "status --lab small --json").exits(0).json()["lab"], "small");
    with_lab(&machine, "", "status").exits(2).tells("2 labs are up").tells("PEERLAB_LAB");
    let gone = with_lab(&machine, "gone", "status --json").exits(2);
    assert_eq!(gone.error()["code"], "LabNotUp");
    for line in ["status", "api --as A connect-router-interface ri-a", "down", "watch", "up", "next", "capture ecs-a"] {
        with_lab(&machine, "gone", line).exits(2).tells("lab gone is not up; PEERLAB_LAB names it");
        with_lab(&machine, "No Lab", line).exits(2).tells("PEERLAB_LAB names it");
    }
    with_lab(&machine, "small", "down").exits(0).says("lab small is down");
}

// ----------------------------------------------------------------------------------------------- what a lab is about

#[test]
fn a_labs_text_is_shown_before_its_first_step_and_by_up_with_v() {
    let machine = Machine::new();
    let text =
        "title = \"Two VPCs\"\ntext = \"You need two accounts.\"\nzh.title = \"两个\"\nzh.text = \"需要两个账号。\"";
    machine.file("cross.toml", &CROSS.replacen("title = \"Connect two VPCs of two accounts\"", text, 1));
    let silent = machine.ok("up cross.toml --until 0 --no-verify");
    assert!(!silent.stdout.contains("You need"), "{silent}");
    let up = machine.ok("up cross.toml --until 0 --no-verify -v").says("cross  Two VPCs\n  You need two accounts.\n");
    drop(up);
    assert_eq!(machine.ok("up --no-verify --json").json()["text"], "You need two accounts.");
    let mut chinese = machine.command("next");
    chinese.env("LC_ALL", "zh_CN.UTF-8");
    Run::of(chinese).exits(0).says("需要两个账号。\n\n");
    let second = machine.ok("next");
    assert!(!second.stdout.contains("You need"), "{second}");
    machine.ok("up cross.toml --until 0 --no-verify");
    let first = machine.ok("next");
    assert!(first.stdout.starts_with("You need two accounts.\n\nStep 1 of 5"), "{first}");
    machine.ok("up cross.toml --until 0 --no-verify");
    assert_eq!(machine.ok("next --json").json()["text"], "You need two accounts.");
}

// ----------------------------------------------------------------------------------------------- which file is meant

/// Runs peerlab with a lab file on its standard input.
fn with_input(machine: &Machine, text: &str, line: &str) -> Run {
    let mut command = machine.command(line);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Run::ended(line.into(), child.wait_with_output().unwrap())
}

#[test]
fn a_dash_is_a_lab_file_from_standard_input_for_every_verb_that_takes_one() {
    let machine = Machine::new();
    let bad = CROSS.replace("cidr = \"172.16.1.0/24\"", "cidr = \"172.17.1.0/24\"");
    with_input(&machine, CROSS, "validate -").exits(0).says("✓ <stdin>: lab cross");
    with_input(&machine, CROSS, "plan -").exits(0).says("VPC1");
    with_input(&machine, CROSS, "explain ecs-a ecs-b -f -").exits(0).says("ecs-a → ecs-b");
    with_input(&machine, CROSS, "graph -f - --format mermaid").exits(0).says("VPC1");
    with_input(&machine, SMALL, "test -").exits(0).says("<stdin>").says("all hold");
    with_input(&machine, SMALL, "test --mutate - --json").exits(0).says("<stdin>");
    for line in ["validate -", "plan -", "up -", "test -", "explain a b -f -", "graph -f -"] {
        with_input(&machine, &bad, line).exits(3).tells("--> <stdin>:");
    }
    with_input(&machine, CROSS, "up - --no-verify --until 4").exits(0).says("Route to VPC2");
    machine.ok("up --lab cross --no-verify").tells("nothing to do");
    machine.ok("status").says("<stdin>");
    machine.ok("next").says("Step 5 of 5");
    let again = with_input(&machine, CROSS, "up - --no-verify").exits(0);
    assert!(!again.stderr.contains("was up from"), "{again}");
    machine.ok("down cross");
    let nameless = CROSS.replace("name = \"cross\"\n", "");
    let run = with_input(&machine, &nameless, "up - --json").exits(2);
    assert_eq!(run.error()["code"], "InvalidName", "{run}");
    with_input(&machine, &nameless, "up - --no-verify --name given").exits(0);
    machine.ok("status --lab given");
    with_input(&machine, "\u{fffd}", "validate -").exits(2).tells("<stdin>");
}

#[test]
fn down_ends_the_lab_of_that_very_file_be_it_gone_by_now() {
    let machine = Machine::new();
    let file = machine.file("x.toml", CROSS);
    machine.ok("up x.toml --no-verify --until 0");
    fs::remove_file(&file).unwrap();
    machine.ok("status x.toml").says("cross");
    machine.ok("down x.toml").says("lab cross is down");
    // Another file of that name in another folder, and another file with the same lab name.
    let other = machine.file("other.toml", CROSS);
    fs::create_dir("/run/test/deeper").unwrap();
    fs::copy(&other, "/run/test/deeper/other.toml").unwrap();
    machine.file("like.toml", CROSS);
    machine.ok("up other.toml --no-verify --until 0");
    for not_it in ["deeper/other.toml", "like.toml", "gone.toml", "cross.toml"] {
        let run = machine.peerlab(&format!("down {not_it} --json")).exits(2);
        assert_eq!(run.error()["code"], "LabNotUp", "{run}");
    }
    machine.peerlab("down like.toml").exits(2).tells("lab cross is up from /run/test/other.toml");
    machine.ok("down ./deeper/../other.toml").says("lab cross is down");
    // A file without an ending, and one from which two labs are up.
    fs::copy(&other, "/run/test/plain").unwrap();
    machine.ok("up plain --no-verify --until 0");
    fs::remove_file("/run/test/plain").unwrap();
    machine.ok("down plain").says("lab cross is down");
    machine.ok("up other.toml --no-verify --until 0");
    machine.ok("up other.toml --no-verify --until 0 --name second");
    machine.ok("down other.toml").says("lab cross is down");
    machine.ok("down other.toml").says("lab second is down");
}

#[test]
fn no_two_files_become_one_lab_in_silence() {
    let machine = Machine::new();
    let nameless = SMALL.replace("name = \"small\"\n", "");
    for (file, lab) in [("A b_c.toml", "a-b-c"), ("a.b-c.toml", "a-b-c"), ("plain.toml", "plain")] {
        machine.file(file, &nameless);
        assert_eq!(machine.ok(&format!("validate '{file}' --json")).json()["valid"][0]["lab"], lab);
    }
    for file in ["实验.toml", "a+b.toml", "_a.toml", &format!("{}.toml", "x".repeat(33))] {
        machine.file(file, &nameless);
        let run = machine.peerlab(&format!("up {file} --json")).exits(2);
        assert_eq!(run.error()["code"], "InvalidName", "{run}");
        assert!(run.error()["hint"].as_str().unwrap().starts_with("write name"), "{run}");
        machine.ok(&format!("up {file} --name mine --no-verify -q"));
        machine.ok("verify --lab mine");
        machine.ok("down mine");
    }
    machine.ok("up 'A b_c.toml' --no-verify -q");
    machine.ok("up a.b-c.toml --no-verify -q").tells("lab a-b-c was up from /run/test/A b_c.toml");
    let again = machine.ok("up a.b-c.toml --no-verify -q");
    assert_eq!(again.stderr, "", "{again}");
}

#[test]
fn a_lab_with_accounts_only_comes_up() {
    let machine = Machine::new();
    for provider in ["alibaba", "jdcloud", "aws", "tencent"] {
        let text = format!("[lab]\nname = \"bare\"\nprovider = \"{provider}\"\n[account.A]\n[account.B]\n");
        machine.file("bare.toml", &text);
        machine.ok("validate bare.toml");
        machine.ok("plan bare.toml");
        machine.ok("up bare.toml");
        for line in ["status", "verify", "list", "graph", "next", "plan bare.toml", "verify --json", "up"] {
            machine.ok(line);
        }
        machine.ok("api --as A create-vpc V --region cn-north-1 --cidr 10.0.0.0/16");
        machine.ok("test bare.toml");
        machine.ok("down");
        assert_eq!(machine.left(), [] as [&str; 0]);
    }
}

// ------------------------------------------------------------------------------------------ what `up FILE` would drop

/// The command in backticks that begins with this.
fn command_in(text: &str, begin: &str) -> String {
    let found = text.split('`').find(|part| part.starts_with(begin));
    found.unwrap_or_else(|| panic!("no `{begin}…` in {text}")).to_owned()
}

/// Runs a command of peerlab as it was printed.
fn as_printed(machine: &Machine, command: &str) -> Run {
    machine.ok(command.strip_prefix("peerlab ").expect("a command of peerlab"))
}

#[test]
fn what_up_would_drop_is_said_beforehand_and_can_be_kept_and_done_again() {
    let machine = two_labs();
    machine.ok("up cross.toml --no-verify");
    // A group without members does not appear in the kernel, but the plan shows it (C19).
    machine.ok("api --lab cross --as A create-security-group sg --vpc VPC1");
    machine.ok("api --lab cross --as B create-vpc V --region cn-qingdao --cidr 10.0.0.0/16");
    let plan = machine.ok("plan cross.toml").says("dropped, as it was done by hand: A: create-security-group sg");
    plan.says("`up` drops 2 operations done by hand").says("create-vpc V");
    let plan = machine.ok("plan cross.toml --json").json();
    let dropped = ["A: create-security-group sg --vpc VPC1", "B: create-vpc V --region cn-qingdao --cidr 10.0.0.0/16"];
    assert_eq!(plan["dropped"], serde_json::json!(dropped));
    let before = machine.ok("status cross --json").json();
    let keep = command_in(plan["keep"].as_str().unwrap(), "peerlab export");
    as_printed(&machine, &keep).says("✓ wrote cross-kept.toml: 7 steps, 7 of them done, 2 by hand");
    let kept = machine.ok("plan cross-kept.toml").says("up to date");
    assert!(!kept.stdout.contains("dropped"), "{kept}");
    // A different name, because that file exists; also shown with -q.
    let up = machine.ok("up cross.toml --no-verify -q");
    for part in ["`up` drops 2 operations done by hand", "-o cross-kept-2.toml`"] {
        assert!(up.stderr.contains(part), "no {part}: {up}");
    }
    let group = command_in(&up.stderr, "peerlab api --lab cross --as A create-security-group");
    as_printed(&machine, &group);
    machine.ok("up --lab cross --until 5 --no-verify -q").tells("create-security-group");
    let up = machine.ok("up cross-kept.toml --no-verify --json");
    assert_eq!(up.json()["dropped"], serde_json::json!([]));
    let after = machine.ok("status cross --json").json();
    for part in ["vpcs", "router_interfaces", "route_tables", "security_groups", "instances", "peerings"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    let quiet = machine.ok("up cross-kept.toml --no-verify -q");
    assert_eq!(quiet.stderr, "", "{quiet}");
}

// ------------------------------------------------------------------------------------------------------------ export

#[test]
fn a_lab_is_exported_and_comes_up_as_it_was() {
    let machine = two_labs();
    machine.ok("next --lab cross");
    machine.ok("api --lab cross --as B create-vpc V --region cn-qingdao --cidr 10.0.0.0/16 --id vpc-own");
    machine.ok("next --lab cross");
    let text = machine.ok("export cross").stdout;
    assert_eq!(machine.ok("export --lab cross").stdout, text);
    assert_eq!(machine.ok("export cross.toml -o -").stdout, text);
    let json = machine.ok("export cross --json").json();
    assert_eq!((json["text"].as_str(), &json["by_hand"], &json["lab"]), (Some(&*text), &1.into(), &"cross".into()));
    machine.ok("export cross -o mine.toml").says("✓ wrote mine.toml: 6 steps, 3 of them done, 1 by hand");
    let run = machine.peerlab("export cross -o mine.toml --json").exits(2);
    assert_eq!(run.error()["code"], "FileExists", "{run}");
    machine.ok("export cross -o mine.toml --force");
    machine.peerlab("export cross -o nowhere/mine.toml").exits(2);
    assert_eq!(fs::read_to_string("/run/test/mine.toml").unwrap(), text);
    if others() {
        machine.user("validate mine.toml").exits(0).says("6 steps");
    }
    with_input(&machine, &text, "validate -").exits(0);
    machine.ok("plan mine.toml").says("up to date");
    let before = machine.ok("status cross --json").json();
    machine.ok("down cross");
    machine.ok("up mine.toml").says("By hand: create-vpc V");
    let after = machine.ok("status cross --json").json();
    assert_eq!((&after["router_interfaces"], &after["vpcs"]), (&before["router_interfaces"], &before["vpcs"]));
    machine.ok("export cross -o mine.toml --force");
    assert_eq!(fs::read_to_string("/run/test/mine.toml").unwrap(), text, "exporting the export");
    // The rest of the tutorial continues from there.
    machine.ok("next --all --lab cross").says("Step 6 of 6");
    machine.peerlab("export gone").exits(2).tells("lab gone is not up");
    machine.ok("test mine.toml").says("all hold");
}

// -------------------------------------------------------------------------------------------------------------- undo

#[test]
fn undo_takes_back_operations_and_steps_in_the_cloud_and_in_the_kernel() {
    let machine = two_labs();
    machine.ok("up cross.toml --no-verify");
    let states = || (machine.ok("status cross --json").stdout, machine.ok("up --lab cross --no-verify --json"));
    let (finished, _) = states();
    machine.ok("api --lab cross --as A deactivate-router-interface ri-a");
    machine.ok("api --lab cross --as B create-vpc V --region cn-qingdao --cidr 10.0.0.0/16");
    assert!(machine.namespaces().contains(&"cross.V".to_owned()));
    machine.ok("undo cross").says("✓ undone: B: create-vpc V --region");
    assert!(!machine.namespaces().contains(&"cross.V".to_owned()));
    machine.ok("undo --lab cross 1").says("✓ undone: A: deactivate-router-interface ri-a");
    let (again, up) = states();
    assert_eq!(again, finished);
    assert_eq!(up.json()["changes"], 0, "{up}");
    machine.ok("ping --lab cross ecs-a ecs-b -c 1");
    let undone = machine.ok("undo cross 2 --json").json();
    assert_eq!((&undone["undone"][0]["step"], &undone["undone"][1]["title"]), (&5.into(), &"Route to VPC2".into()));
    assert_eq!((&undone["left"], &undone["lab"]), (&3.into(), &"cross".into()));
    assert_eq!(states().1.json()["changes"], 0);
    machine.ok("next --all --lab cross");
    assert_eq!(states().0, finished);
    let run = machine.peerlab("undo cross 6").exits(2).tells("lab cross has 5 operations and steps to undo, not 6");
    let all = command_in(&run.stderr, "peerlab undo");
    as_printed(&machine, &all).says("step 1: Create the initiator");
    let nothing = machine.peerlab("undo cross --json").exits(2);
    assert_eq!(nothing.error()["code"], "NothingToUndo", "{nothing}");
    machine.peerlab("undo").exits(2).tells("2 labs are up");
    for wrong in ["undo cross 0", "undo 0", "undo cross --lab small", "undo gone", "undo cross x"] {
        machine.peerlab(wrong).exits(2);
    }
    machine.ok("down small");
    machine.ok("next");
    machine.ok("undo 1").says("step 1");
    let (_, up) = states();
    assert_eq!(up.json()["changes"], 0, "{up}");
}
