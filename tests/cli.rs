//! The command line as a user sees it: input, output, exit status, and what is left behind.
//!
//! Each test runs the binary on a separate machine (see `support`), as root.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use support::oracle::others;
use support::{CROSS, Machine, Run, SMALL};

fn machine_with_cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine
}

// ---------------------------------------------------------------------------------------------------- validate

/// `plan` warns of what `up` warns of, word for word: of the tables and of the steps.
#[test]
fn plan_warns_of_what_up_warns_of() {
    let machine = Machine::new();
    let in_the_tables = "[vpc.ODD]\naccount = \"A\"\nregion = \"cn-hangzou\"\ncidr = \"10.9.0.0/16\"\n";
    let odd = "create-router-interface odd --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-shenzen";
    let in_a_step = format!("[[step]]\ntitle = \"Odd\"\naccount = \"A\"\nrun = [\"{odd}\"]\n");
    machine.file("typo.toml", &format!("{CROSS}\n{in_the_tables}\n{in_a_step}"));
    let warnings = |line: &str| -> Vec<String> {
        let run = machine.peerlab(line);
        run.stderr.lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned).collect()
    };
    let planned = warnings("plan typo.toml");
    let tells = |of: &[String], region: &str| of.iter().any(|line| line.contains(region));
    assert!(tells(&planned, "cn-hangzou") && tells(&planned, "cn-shenzen"), "{planned:?}");
    let json = |line: &str| machine.peerlab(line).json()["warnings"].as_array().unwrap().len();
    assert_eq!(json("plan typo.toml --json"), planned.len());
    assert_eq!(warnings("-q plan typo.toml"), [""; 0]);
    assert!(!tells(&warnings("plan typo.toml --until 0"), "cn-shenzen"), "a step that is not done warns of nothing");
    assert_eq!(warnings("up typo.toml --no-verify"), planned);
    assert_eq!(json("up typo.toml --no-verify --json"), planned.len());
    assert_eq!(warnings("plan typo.toml"), planned, "of a lab that is up as well");
}

#[test]
fn a_good_file_is_valid_without_root() {
    if !others() {
        return;
    }
    let machine = machine_with_cross();
    machine.user("validate cross.toml").exits(0).says("✓ cross.toml: lab cross, 5 steps, 4 checks");
}

#[test]
fn every_error_of_every_file_is_shown_with_its_line() {
    let machine = machine_with_cross();
    machine.file(
        "bad.toml",
        &CROSS.replace("region = \"cn-qingdao\"", "regoin = \"cn-qingdao\"").replace("title", "titel"),
    );
    let run = machine.peerlab("validate missing.toml bad.toml cross.toml").exits(2);
    let run = run.says("✓ cross.toml").tells("there is no such file").tells("regoin").tells("titel").tells("bad.toml:");
    assert!(run.stderr.contains("^"), "a caret is under what is wrong: {run}");
}

#[test]
fn what_the_cloud_refuses_is_exit_status_3_with_its_code() {
    let machine = Machine::new();
    machine.file("refused.toml", &CROSS.replace("cidr = \"172.16.1.0/24\"", "cidr = \"172.17.1.0/24\""));
    let run = machine.peerlab("validate refused.toml --json").exits(3);
    assert_eq!(run.error()["code"], "InvalidCidrBlock", "{run}");
    assert_eq!(run.error()["line"], line_of("cidr = \"172.16.1.0/24\""), "{run}");
    machine.peerlab("up refused.toml").exits(3).tells("InvalidCidrBlock");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

/// An error has the argument at fault and what was written for it: in a table, in a `run` line and on the command line.
#[test]
fn the_argument_at_fault_is_given_without_quotes() {
    let machine = Machine::new();
    let wrong = |run: Run| {
        let argument = run.error()["argument"].clone();
        assert_eq!(argument, serde_json::json!({ "name": "cidr", "written": "10.0.0.0/33 x" }), "{run}");
    };
    machine.file("table.toml", &SMALL.replace("\"10.0.1.0/24\"", "'10.0.0.0/33 x'"));
    wrong(machine.peerlab("validate table.toml --json").exits(3));
    let step = "[[step]]\ntitle = \"One\"\nrun = [\"create-subnet s2 --vpc VPC1 --cidr '10.0.0.0/33 x'\"]\n";
    machine.file("step.toml", &format!("{SMALL}{step}"));
    wrong(machine.peerlab("validate step.toml --json").exits(3));
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml");
    wrong(machine.peerlab("api create-subnet s2 --vpc VPC1 --cidr '10.0.0.0/33 x' --json").exits(3));
}

/// The line of the lab that begins like this.
fn line_of(text: &str) -> usize {
    1 + CROSS.lines().position(|line| line.starts_with(text)).expect("the lab has such a line")
}

#[test]
fn what_no_check_would_miss_is_shown_with_its_line_without_root() {
    if !others() {
        return;
    }
    let machine = machine_with_cross();
    let spare = "[vpc.VPC1]\nroutes = [{ to = \"10.9.0.0/16\", via = \"ecs-a\" }]";
    machine.file("spare.toml", &CROSS.replace("[vpc.VPC1]", spare));
    let run = machine.user("test --mutate spare.toml").exits(1).says("✗ spare.toml: ");
    run.tells("error[Unchecked]: without this route entry").tells("spare.toml:").tells("unchecked = ");
    let run = machine.user("test --mutate spare.toml --json").exits(1);
    let lab = &run.json()["labs"][0];
    assert_eq!(lab["passed"], false, "{run}");
    let operation = "create-route-entry --vpc VPC1 --destination 10.9.0.0/16 --next-hop ecs-a";
    let missed = lab["missed"].as_array().unwrap();
    assert!(missed.iter().any(|part| part["operation"] == operation && part["check"].is_null()), "{run}");
    assert_eq!(run.error()["code"], "Unchecked", "{run}");
}

// -------------------------------------------------------------------------------------------------------- init

#[test]
fn what_init_writes_comes_up_as_it_says() {
    let machine = Machine::new();
    machine.ok("init").says("✓ wrote lab.toml").says("next: peerlab up lab.toml");
    machine.ok("init jd --provider jdcloud");
    machine.ok("init ring --vpcs 4 --instances 2").says("✓ wrote ring.toml, 8 instances");
    machine.ok("init jd-ring --vpcs 4 --instances 2 --provider jdcloud");
    machine.ok("test lab.toml jd.toml ring.toml jd-ring.toml").says("4 labs").says("all hold");
}

#[test]
fn init_overwrites_nothing_unasked() {
    let machine = Machine::new();
    let file = machine.file("mine.toml", "mine");
    for name in ["mine", "mine.toml", file.to_str().unwrap()] {
        let run = machine.peerlab(&format!("init {name} --json")).exits(2);
        assert_eq!(run.error()["code"], "FileExists", "{run}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    machine.ok("init mine --force");
    assert!(fs::read_to_string(&file).unwrap().contains("name = \"mine\""));
    machine.peerlab("init nowhere/mine").exits(2).tells("there is no such folder");
    machine.peerlab("init My_lab").exits(2).tells("InvalidName");
    machine.peerlab("init --provider azure").exits(2).tells("the providers are alibaba, jdcloud, aws and tencent");
    machine.peerlab("init --vpcs 0").exits(2).tells("1..=4095");
    machine.peerlab("init --vpcs 300 --instances 5000").exits(2).tells("1 to 4000 instances");
}

#[test]
fn init_shows_the_file_where_that_is_asked_for() {
    if !others() {
        return;
    }
    let machine = Machine::new();
    let text = machine.user("init --stdout").exits(0).stdout;
    assert!(text.contains("[vpc.VPC1]"), "{text}");
    assert_eq!(machine.ok("init -").stdout, text);
    let run = machine.ok("init - --json");
    assert_eq!((run.json()["text"].as_str(), &run.json()["file"]), (Some(text.as_str()), &serde_json::Value::Null));
    assert!(!fs::exists("/run/test/lab.toml").unwrap());
}

// ------------------------------------------------------------------------------------------------ the command line

#[test]
fn a_wrong_command_line_is_exit_status_2() {
    let machine = Machine::new();
    machine.peerlab("fly").exits(2).tells("unrecognized subcommand");
    machine.peerlab("up").exits(2).tells("give a lab file");
    let run = machine.peerlab("explain a --json").exits(2);
    let error = run.error();
    assert_eq!((&error["code"], &error["id"]), (&"CommandLine".into(), &"usage.ArgumentsMissing".into()), "{run}");
    assert_eq!(error["values"]["arguments"], "<TO>");
    assert_eq!(error["hint_id"], "usage.SeeHelp");
    assert_eq!(run.stdout, "");
}

#[test]
fn help_is_a_result_and_every_verb_has_a_story() {
    let machine = Machine::new();
    machine.ok("help").says("Find every error in lab files");
    machine.ok("--version").says("peerlab ");
    machine.ok("api connect-router-interface --help").says("Connect, from the initiator");
}

#[test]
fn the_reference_of_commands_is_what_help_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md");
    let text = fs::read_to_string(path).expect("docs/commands.md is there");
    let marker = "<!-- what follows is written by `PEERLAB_DOCS=write cargo test --test cli reference` -->\n";
    let (prose, written) = text.split_once(marker).expect("docs/commands.md has its marker");
    let expected = reference();
    if std::env::var_os("PEERLAB_DOCS").is_some() {
        fs::write(path, format!("{prose}{marker}{expected}")).expect("docs/commands.md can be written");
    } else {
        snapbox::assert_data_eq!(written.to_owned(), snapbox::Data::text(expected).raw());
    }
}

/// The help of every verb.
fn reference() -> String {
    let grammar = peerlab::cli::grammar().term_width(100);
    let mut text = String::new();
    for verb in grammar.get_subcommands() {
        let help = verb.clone().bin_name(format!("peerlab {}", verb.get_name())).term_width(100).render_long_help();
        let lines: Vec<_> = help.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
        text += &format!("\n## peerlab {}\n\n```text\n{}\n```\n", verb.get_name(), lines.join("\n").trim_end());
    }
    text
}

// ------------------------------------------------------------------------------------------------------ up and down

#[test]
fn up_shows_what_was_reached_and_down_leaves_the_host_as_it_was() {
    let machine = machine_with_cross();
    let before = machine.snapshot();
    let run = machine.ok("up cross.toml").says("✓  1  A  Create the initiator").says("✓  5  B  Route to VPC1");
    run.says("Active").says("2 Mbit/s");
    assert_eq!(machine.namespaces(), ["cross.VPC1", "cross.VPC2", "cross.ecs-a", "cross.ecs-b", "cross.internet"]);
    assert!(machine.snapshot() != before, "the namespaces' own mounts are there");
    machine.program("ip netns exec cross.ecs-a ping -c1 -W1 172.16.1.10").exits(0);
    machine.ok("down cross").says("5 namespaces removed");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
    assert!(!fs::exists("/run/peerlab/cross").unwrap());
    machine.is_as(&before, "up and down");
}

#[test]
fn up_again_has_nothing_to_do() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    let run = machine.ok("up cross.toml --no-verify --json").tells("nothing to do");
    assert_eq!(run.json()["changes"], 0);
    machine.ok("up --no-verify").tells("nothing to do");
}

#[test]
fn up_with_a_changed_file_makes_the_difference_only() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    let ping = machine.program("ip netns exec cross.ecs-a ping -c1 -W1 172.16.1.10").exits(0);
    drop(ping);
    machine.file("cross.toml", &CROSS.replace("ip = \"172.16.1.10\"", "ip = \"172.16.1.20\""));
    machine.ok("plan cross.toml").says("~  instance  ecs-b").says("ip 172.16.1.10 → 172.16.1.20");
    machine.ok("up cross.toml");
    machine.program("ip netns exec cross.ecs-a ping -c1 -W1 172.16.1.20").exits(0);
}

#[test]
fn up_repairs_what_somebody_broke() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    machine.program("ip -n cross.VPC1 link del vsw-1").exits(0);
    machine.program("ip netns del cross.ecs-b").exits(0);
    machine.ok("plan cross.toml").says("nothing changes in the cloud").says("drift: ");
    machine.ok("up");
    machine.program("ip netns exec cross.ecs-a ping -c1 -W1 172.16.1.10").exits(0);
}

#[test]
fn a_namespace_of_somebody_else_is_refused_and_left_alone() {
    let machine = machine_with_cross();
    machine.program("ip netns add cross.VPC2").exits(0);
    let run = machine.peerlab("up cross.toml --json").exits(4);
    assert_eq!(run.error()["code"], "NameTaken", "{run}");
    assert!(run.stderr.contains("cross.VPC2"), "{run}");
    assert_eq!(machine.namespaces(), ["cross.VPC2"]);
    machine.peerlab("status cross").exits(2).tells("lab cross is not up");
    machine.ok("up cross.toml --name other");
    machine.ok("down other");
    assert_eq!(machine.namespaces(), ["cross.VPC2"]);
}

#[test]
fn the_same_lab_twice_under_two_names() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml");
    machine.ok("up cross.toml --name second");
    machine.peerlab("status").exits(2).tells("cross, second");
    machine.ok("down second");
    machine.ok("verify");
    let labs = machine.ok("list --json").json();
    assert_eq!(labs["labs"][0]["lab"], "cross");
    assert_eq!(labs["labs"].as_array().unwrap().len(), 1);
}

#[test]
fn down_takes_a_file_for_its_lab_and_all_for_all() {
    let machine = machine_with_cross();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify --name tiny");
    machine.ok("up cross.toml --no-verify");
    machine.ok("status small.toml").says("tiny");
    machine.ok("verify --lab ./small.toml");
    machine.ok("down small.toml").says("lab tiny is down").tells("small.toml is up under another name: lab tiny");
    machine.ok("up small.toml --no-verify");
    machine.ok("down --all").says("lab cross is down").says("lab small is down");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
    machine.ok("down --all").tells("no lab is up");
    machine.peerlab("down").exits(2);
}

#[test]
fn down_waits_for_the_kernel_where_that_is_wanted() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    // A wire from here into the lab exists until the kernel has dismantled its other end.
    machine.program("ip link add here type veth peer name there netns cross.VPC1").exits(0);
    machine.ok("down --wait").says("lab cross is down: 5 namespaces removed").tells("taken apart by the kernel");
    machine.program("ip link show here").exits(1);
}

#[test]
fn nothing_but_results_and_talk_is_on_a_pipe() {
    let machine = machine_with_cross();
    let up = machine.ok("up cross.toml");
    assert!(!up.stderr.contains(['\r', '\u{1b}', '━']), "{up}");
}

#[test]
fn down_ends_what_runs_inside() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    let child = machine.start("exec one -- sleep 1000");
    // exec replaces the process: it is inside as soon as it is a sleep.
    let is_sleep = || fs::read_to_string(format!("/proc/{}/comm", child.id())).is_ok_and(|name| name == "sleep\n");
    while !is_sleep() {
        std::thread::sleep(Duration::from_millis(5));
    }
    machine.ok("down");
    let run = Run::ended("sleep".into(), child.wait_with_output().unwrap());
    run.killed_by(15);
}

// -------------------------------------------------------------------------------------------- kill, tear, interrupt

#[test]
fn an_up_that_was_killed_is_completed_by_up_and_removed_by_down() {
    let machine = machine_with_cross();
    let before = machine.snapshot();
    for (delay, way) in [(0, "up"), (5, "down"), (10, "up"), (20, "down"), (30, "up"), (45, "down"), (60, "up")] {
        let mut child = machine.start("up cross.toml --no-verify");
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        if way == "up" {
            machine.ok("up cross.toml");
        }
        // A kill before the lab had a directory leaves nothing to take down.
        machine.ok("down --all");
        machine.is_as(&before, &format!("killed after {delay} ms, then {way}"));
    }
}

#[test]
fn a_torn_journal_is_named_and_the_lab_can_still_be_taken_down() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    fs::write("/run/peerlab/cross/journal", "00000000 {\"version\": 3, \"ge").unwrap();
    let run = machine.peerlab("status --json").exits(4);
    assert_eq!(run.error()["code"], "JournalTorn", "{run}");
    machine.ok("list").says("unreadable");
    machine.peerlab("up cross.toml").exits(4).tells("peerlab down cross");
    machine.ok("down cross");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

#[test]
fn ctrl_c_leaves_a_lab_that_agrees_with_its_journal() {
    let machine = machine_with_cross();
    for delay in [5, 15, 30, 50] {
        let child = machine.start("up cross.toml --no-verify");
        std::thread::sleep(Duration::from_millis(delay));
        machine.program(&format!("kill -INT {}", child.id()));
        child.wait_with_output().unwrap();
        if !machine.namespaces().is_empty() {
            machine.ok("up --no-verify").tells("nothing to do");
        }
        machine.ok("down --all");
    }
}

#[test]
fn who_comes_second_waits_and_is_told_for_whom() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify --until 4");
    let lock = fs::OpenOptions::new().read(true).write(true).open("/run/peerlab/cross/lock").unwrap();
    let lock = nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusive).unwrap();
    let mut child = machine.start("next");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    stderr.read_line(&mut told).unwrap();
    assert!(told.contains("waiting for process "), "{told}");
    drop(lock);
    Run::ended("next".into(), child.wait_with_output().unwrap()).exits(0);
}

// ------------------------------------------------------------------------------------------------------ step by step

#[test]
fn next_walks_the_tutorial_with_the_states_that_change() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --until 0").says("(5 to go: peerlab next)");
    machine.ok("next").says("Step 1 of 5: Create the initiator").says("account A acts");
    machine.ok("next");
    let run =
        machine.ok("next").says("ri-a: Idle → Connecting → Active").says("ri-b: Idle → AcceptingConnecting → Active");
    run.says("no-route");
    machine.ok("next --all").says("Step 5 of 5").tells("that was the last step");
    machine.ok("next").says("all 5 steps of lab cross are done");
    machine.ok("verify");
}

#[test]
fn a_step_that_was_done_by_hand_is_passed_over() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --until Connect");
    machine.ok("api --as A create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ri-a");
    let run = machine.ok("next --json").json();
    assert_eq!(run["steps"][0]["ran"][0]["result"], "already");
    machine.ok("next");
    machine.ok("verify");
}

#[test]
fn every_way_of_walking_ends_in_the_same_cloud_and_the_same_kernel() {
    let machine = machine_with_cross();
    let cloud = |machine: &Machine| {
        let mut status = machine.ok("status --json").json();
        status.as_object_mut().unwrap().retain(|key, _| !["steps", "operations"].contains(&key.as_str()));
        status
    };
    machine.ok("up cross.toml --no-verify");
    let up = cloud(&machine);
    machine.ok("down");
    machine.ok("up cross.toml --no-verify --until 0");
    machine.ok("next --all");
    assert_eq!(cloud(&machine), up);
    machine.ok("down");
    machine.ok("up cross.toml --no-verify --until 0");
    for (account, line) in by_hand() {
        machine.ok(&format!("api --as {account} {line}"));
    }
    assert_eq!(cloud(&machine), up);
    // The kernel too needs no change.
    machine.ok("plan cross.toml").says("lab cross is up to date");
}

/// The operations of the lab's steps, with their accounts.
fn by_hand() -> Vec<(&'static str, &'static str)> {
    let mut account = "";
    let mut calls = Vec::new();
    for line in CROSS.lines() {
        if let Some(name) = line.strip_prefix("account = ") {
            account = name.trim_matches('"');
        }
        let verbs = ["create-router-interface", "modify-", "connect-", "create-route-entry"];
        let call =
            line.trim().trim_start_matches("run = [").trim_end_matches(']').trim_end_matches(',').trim_matches('"');
        if verbs.iter().any(|verb| call.starts_with(verb)) {
            calls.push((account, call));
        }
    }
    assert_eq!(calls.len(), 7);
    calls
}

#[test]
fn an_operation_is_in_the_kernel_when_the_command_returns() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    let ping = "ip netns exec cross.ecs-a ping -c1 -W1 172.16.1.10";
    machine.program(ping).exits(0);
    machine.ok("api --as A deactivate-router-interface ri-a").says("ri-a: Active → Deactivating → Inactive");
    machine.program(ping).exits(1);
    let status = machine.ok("status --json").json();
    let end = &status["router_interfaces"][0];
    assert_eq!((end["name"].as_str(), end["status"].as_str()), (Some("ri-a"), Some("Inactive")));
    assert_eq!(end["missing"][0]["operation"], "activate-router-interface ri-a");
    machine
        .ok("status")
        .says("missing: peerlab api --as A activate-router-interface ri-a")
        .says("dead: ri-a is Inactive");
    machine.ok("api --as A activate-router-interface ri-a");
    machine.program(ping).exits(0);
}

#[test]
fn an_operation_mends_what_it_finds_broken_and_leaves_what_it_does_not_touch_to_up() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    let (broken, mended) = ("ip -n cross.ecs-b -o route show default", "default via 172.16.1.253");
    machine.program("ip -n cross.ecs-b route del default").exits(0);
    machine.ok("api --as A create-security-group sg-1 --vpc VPC1").tells("0 changes made");
    machine.ok("api --as A delete-route-entry --vpc VPC1 --destination 172.16.0.0/16").tells("made in the kernel");
    assert_eq!(machine.program(broken).stdout, "", "the operation concerns VPC1 alone");
    // A peering concerns both of its VPCs. One of them was changed by hand, so the whole lab is read.
    machine.program("ip -n cross.VPC2 neigh del 172.16.1.10 dev vsw-2").exits(0);
    machine.ok("api --as A deactivate-router-interface ri-a");
    machine.program(broken).exits(0).says(mended);
    machine.ok("up --no-verify").tells("nothing to do");
    machine.program("ip -n cross.ecs-b route del default").exits(0);
    machine.ok("up --no-verify").tells("1 change made");
    machine.program(broken).exits(0).says(mended);
}

#[test]
fn after_a_change_that_was_cut_short_an_operation_takes_nothing_for_granted() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    machine.program("ip -n cross.ecs-b route del default").exits(0);
    support::unsettle("cross");
    machine.ok("api --as A delete-route-entry --vpc VPC1 --destination 172.16.0.0/16");
    machine.program("ip -n cross.ecs-b -o route show default").exits(0).says("default via");
}

#[test]
fn a_refused_operation_changes_nothing() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    let before = machine.ok("status --json").stdout;
    let run = machine.peerlab("api --as B deactivate-router-interface ri-a --json").exits(3);
    assert_eq!(run.error()["code"], "Forbidden.NotOwner", "{run}");
    machine.peerlab("api --as C activate-router-interface ri-a").exits(2).tells("its accounts are: A, B");
    machine.peerlab("api activate-router-interface ri-a").exits(2).tells("--as");
    assert_eq!(machine.ok("status --json").stdout, before);
}

#[test]
fn up_with_a_file_drops_what_was_done_by_hand_and_says_so() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    machine.ok("api --as A deactivate-router-interface ri-a");
    machine.ok("plan cross.toml").says("status Inactive → Active").says("deactivate-router-interface ri-a");
    machine.ok("up --no-verify").tells("nothing to do");
    machine
        .ok("up cross.toml")
        .tells("dropped, `peerlab api --lab cross --as A deactivate-router-interface ri-a` does it again");
    machine.ok("verify");
}

#[test]
fn a_lab_that_is_up_from_another_file_is_said() {
    let machine = machine_with_cross();
    let other = machine.file("other.toml", &format!("# another\n{CROSS}"));
    machine.ok("up cross.toml --no-verify");
    let run =
        machine.ok("up other.toml --no-verify").tells("lab cross was up from").tells("cross.toml: it is made what");
    assert!(run.stderr.contains("other.toml says"), "{run}");
    let again = machine.ok("up other.toml --no-verify");
    assert!(!again.stderr.contains("was up from"), "{again}");
    // `down FILE` removes only a lab of exactly that file, not another with the same name.
    let down = machine.peerlab("down cross.toml").exits(2);
    assert!(down.stderr.contains(&format!("lab cross is up from {}", other.display())), "{down}");
    machine.ok("down other.toml").says("lab cross is down");
}

// --------------------------------------------------------------------------------------------------------------- plan

#[test]
fn a_plan_needs_no_root_while_the_lab_is_not_up() {
    if !others() {
        return;
    }
    let machine = machine_with_cross();
    let run = machine.user("plan cross.toml").exits(0).says("+  vpc").says("to create").says("-v shows them");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{run}");
    machine.user("plan cross.toml -v").exits(0).says("namespace");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
    machine.ok("up cross.toml --no-verify");
    // Root's labs are not the user's.
    machine.user("plan cross.toml").exits(0).says("to create");
}

// ------------------------------------------------------------------------------------------ verify, ping and explain

#[test]
fn verify_gives_the_object_of_the_contract() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    let report = machine.ok("verify --json").json();
    assert_eq!(report["lab"], "cross");
    let summary = serde_json::json!({ "pairs": 2, "agree": 2, "disagree": 0, "checks_passed": 2, "checks_failed": 0 });
    assert_eq!(report["summary"], summary);
    assert_eq!(report["pairs"][0]["predicted"], "reach");
    assert!(report["pairs"][0]["rtt_ms"].is_f64(), "{report}");
    assert_eq!(report["checks"][0]["line"], line_of("[[check]]"));
}

#[test]
fn a_check_that_fails_and_a_kernel_that_differs_are_exit_status_1() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    machine.ok("api --as B deactivate-router-interface ri-b");
    let report = machine.peerlab("verify --json").exits(1).json();
    assert_eq!((&report["summary"]["checks_failed"], &report["summary"]["disagree"]), (&2.into(), &0.into()));
    machine.ok("up cross.toml");
    machine.program("ip -n cross.ecs-b link set eth0 down").exits(0);
    let report = machine.peerlab("verify --json").exits(1).json();
    assert_ne!(report["summary"]["disagree"], 0, "{report}");
}

#[test]
fn a_grade_holds_the_finished_labs_checks_whatever_steps_were_done() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --until 0 --no-verify");
    let plain = "0 checks ran: no step is done; `peerlab verify --final` runs those of the finished lab";
    machine.ok("verify").says(plain);
    machine.ok("verify -q").says(plain);
    assert_eq!(machine.ok("verify --json").json()["held"]["checks"], 0);
    machine.peerlab("verify --final").exits(1).says("2 of 2 checks failed").says("2 checks ran: those of the finished");
    for (account, line) in by_hand() {
        machine.ok(&format!("api --as {account} {line}"));
    }
    machine.ok("verify --final").says("2 checks ran: those of the finished lab");
    let report = machine.ok("verify --final --json").json();
    assert_eq!(report["held"], serde_json::json!({ "checks": 2, "of": "lab", "step": null }));
    assert_eq!(report["summary"]["checks_passed"], 2);
}

#[test]
fn a_grade_of_a_lab_without_checks_of_its_own_holds_those_of_its_last_step_with_any() {
    let machine = Machine::new();
    let (tables, rest) = CROSS.split_once("[[check]]").unwrap();
    let (_, steps) = rest.split_once("[[step]]").unwrap();
    machine.file("steps.toml", &format!("{tables}[[step]]{steps}"));
    machine.ok("up steps.toml --no-verify --until 0");
    let said = machine.peerlab("verify --final").exits(1).says("as the lab has no [[check]]");
    assert!(said.stdout.contains("1 check ran: those of step "), "{said}");
    machine.ok("down");
    machine.file("none.toml", SMALL.split("[[check]]").next().unwrap());
    machine.ok("up none.toml --no-verify");
    machine.ok("verify --final").says("0 checks ran: the lab has none").tells("nothing was graded");
}

#[test]
fn ping_holds_the_prediction_against_real_packets() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    machine.ok("ping ecs-a ecs-b -c 1").says("predicted: reach").says("1 sent, 1 answered, as predicted");
    machine.ok("ping ecs-a 172.16.1.10 -c 1");
    let pinged = machine.peerlab("ping ecs-a 172.16.9.9 -c 1 --json").exits(1).json();
    assert_eq!(pinged["predicted"], "no-such-address");
    assert_eq!((&pinged["received"], &pinged["agree"]), (&0.into(), &true.into()));
    machine.peerlab("ping 10.0.0.1 ecs-a").exits(2).tells("name the instance that sends");
}

#[test]
fn explain_names_the_blocker_the_counter_and_the_fix_and_does_it() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --until 3 --no-verify");
    let told = machine.ok("explain ecs-a ecs-b --json").json();
    assert_eq!(told["disposition"], "no-route");
    assert_eq!(told["observed"], "drop");
    assert_eq!(told["counters"], serde_json::json!([{ "vpc": "VPC1", "reason": "no-route", "packets": 1 }]));
    let blockers: Vec<_> = told["blockers"].as_array().unwrap().iter().map(|blocker| &blocker["reason"]).collect();
    assert_eq!(blockers, ["no-route", "return:no-route"]);
    machine.ok("explain ecs-a ecs-b").says("peerlab api --as A create-route-entry").says("counted 1 no-route");
    machine.ok("explain ecs-a ecs-b --fix").says("✓ peerlab api --as B create-route-entry").says("answered in");
    machine.program("ip netns exec cross.ecs-a ping -c1 -W1 172.16.1.10").exits(0);
    // The check of step 4, "no route back", no longer applies; that is not a failure.
    machine.ok("next --all").says("what this step was to show is past, because of what was done by hand:");
    machine.ok("verify");
}

#[test]
fn explain_of_a_file_needs_neither_root_nor_a_running_lab() {
    if !others() {
        return;
    }
    let machine = machine_with_cross();
    machine.user("explain ecs-a ecs-b tcp/22 -f cross.toml").exits(0).says("reach");
    let told = machine.user("explain ecs-a ecs-b -f cross.toml --until 4 --json").exits(0).json();
    assert_eq!(told["disposition"], "return:no-route");
    assert_eq!(told["observed"], serde_json::Value::Null);
    machine.user("explain ecs-a ecs-c -f cross.toml").exits(2).tells("its instances are: ecs-a, ecs-b");
}

// ------------------------------------------------------------------------------------------------------- exec, shell

#[test]
fn exec_passes_the_exit_status_on_and_knows_the_instances_by_name() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    machine.peerlab("exec ecs-a -- sh -c 'exit 42'").exits(42);
    machine.peerlab("exec ecs-a -- sh -c 'kill -9 $$'").killed_by(9);
    machine.ok("exec ecs-a -- getent hosts ecs-b").says("172.16.1.10");
    machine.ok("exec ecs-a -- ls /sys/class/net").says("eth0");
    assert_eq!(machine.ok("exec ecs-a -- cat /etc/resolv.conf").stdout, "", "nobody waits for a name server");
    machine.ok("exec VPC1 -- ip link show vsw-1");
    machine.peerlab("exec ecs-z -- true").exits(2).tells("its instances are: ecs-a, ecs-b");
    machine.peerlab("exec ecs-a -- /etc").exits(126).tells("cannot run /etc");
    machine.peerlab("exec ecs-a -- no-such-program").exits(127).tells("there is no program no-such-program");
    let hosts = fs::read_to_string("/etc/hosts").unwrap();
    assert!(!hosts.contains("ecs-b"), "the host's own file is left alone");
}

#[test]
fn a_shell_says_where_it_is_and_ends_as_it_is_told() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.ok("up small.toml --no-verify");
    let mut command = machine.command("shell one");
    command.env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"ls /sys/class/net; exit 7\n").unwrap();
    let run = Run::ended("shell".into(), child.wait_with_output().unwrap()).exits(7);
    run.says("eth0").tells("in one of lab small; `exit` leaves");
}

#[test]
fn a_reader_who_goes_away_is_no_error() {
    let machine = machine_with_cross();
    let mut child = machine.start("plan cross.toml -v");
    drop(child.stdout.take());
    Run::ended("plan".into(), child.wait_with_output().unwrap()).exits(0);
}

// -------------------------------------------------------------------------------------- what a newcomer types instead

#[test]
fn a_name_where_a_file_is_wanted_and_a_misspelled_one_are_answered_with_what_was_meant() {
    let machine = machine_with_cross();
    for line in ["validate cross", "plan cross", "up cross", "explain ecs-a ecs-b -f cross"] {
        machine.peerlab(line).exits(2).tells("cannot read cross: there is no such file").tells("mean cross.toml?");
    }
    machine.peerlab("up cross.toml --until conect").exits(2).tells("no step conect").tells("did you mean \"Connect\"?");
    machine.ok("up cross.toml --name second --no-verify");
    machine.peerlab("up second").exits(2).tells("second is a lab that is up; give the path of its file");
    machine.ok("init ring --vpcs 7 --instances 2");
    machine.peerlab("explain i1-1 i77-1 -f ring.toml").exits(2).tells("no instance i77-1").tells("did you mean i7-1?");
}

#[test]
fn quiet_is_a_line_that_says_how_it_came_out_and_what_is_wrong() {
    let machine = machine_with_cross();
    let up = machine.ok("up cross.toml --until 2 --quiet");
    assert_eq!((up.stdout.lines().count(), up.stderr.as_str()), (1, ""), "{}", up.stdout);
    let next = machine.ok("next --quiet");
    assert_eq!((next.stdout.trim(), next.stderr.as_str()), ("✓ Step 3 of 5: Connect", ""));
    assert_eq!(machine.ok("verify --quiet").stdout.lines().count(), 1);
    assert_eq!(machine.ok("api --as A deactivate-router-interface ri-a --quiet").stdout.lines().count(), 1);
    machine.file("wrong.toml", &CROSS.replace("because = \"return:no-route\"", "because = \"no-route\""));
    machine.ok("up cross.toml --quiet");
    let failed = machine.peerlab("test wrong.toml cross.toml --quiet").exits(1).says("✗ wrong.toml");
    assert!(!failed.stdout.contains("✓ cross.toml"), "{}", failed.stdout);
    machine.ok("down --quiet");
    assert_eq!(machine.ok("test cross.toml --quiet").stdout.lines().count(), 1);
    assert_eq!(machine.ok("up cross.toml --no-verify --quiet").stdout, "");
}

#[test]
fn manual_pages_are_in_the_readers_language() {
    let machine = Machine::new();
    let mut command = machine.command("man");
    command.env("LC_ALL", "zh_CN.UTF-8");
    Run::of(command).exits(0).says("在一台Linux机器上运行云上VPC对等连接教程").says(".SH EXAMPLES");
}

// --------------------------------------------------------------------------------------------------------------- test

#[test]
fn test_leaves_nothing_and_says_which_check_failed() {
    let machine = machine_with_cross();
    machine.ok("up cross.toml --no-verify");
    let before = machine.snapshot();
    machine.ok("test cross.toml").says("✓ cross.toml").says("step 3: Connect").says(": all hold");
    machine.file("wrong.toml", &CROSS.replace("because = \"return:no-route\"", "because = \"no-route\""));
    let run = machine.peerlab("test wrong.toml cross.toml").exits(1).says("✗ wrong.toml").says("✓ cross.toml");
    run.says("✗ step 4: Route to VPC2");
    machine.is_as(&before, "two labs tested");
}

#[test]
fn a_typo_is_answered_with_what_was_meant() {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.peerlab("up small").exits(2).tells("did you mean small.toml?");
    machine.peerlab("up smal.toml").exits(2).tells("did you mean small.toml?");
    machine.file("x.toml", SMALL);
    let run = machine.peerlab("up nix").exits(2);
    assert!(!run.stderr.contains("did you mean"), "the ending makes no words similar: {run}");
    machine.peerlab("validate .").exits(2).tells("it is a directory").tells("a lab file in it, as ./small.toml");
    machine.peerlab("explain one VPC1 -f small.toml").exits(2).tells("VPC1 is a VPC: name an instance in it");
    let ring = machine.ok("init big --vpcs 7 --instances 2 --json").json();
    assert_eq!(ring["file"], "big.toml");
    let text = fs::read_to_string(machine.file("small.toml", SMALL).with_file_name("big.toml")).unwrap();
    let name = text.split("[instance.").nth(1).unwrap().split(']').next().unwrap();
    machine.peerlab(&format!("explain {name}x {name} -f big.toml")).exits(2).tells(&format!("did you mean {name}?"));
    machine.peerlab("explain one two TCP:22 -f small.toml").exits(2).tells("did you mean tcp/22?");
    machine.peerlab("graph small.toml").exits(2).tells("given with -f");
    machine.peerlab("graph small").exits(2).tells("a lab that is up is named with --lab: --lab small");
    machine.peerlab("verify small").exits(2).tells("--lab small");
    machine.peerlab("exec one").exits(2).tells("`peerlab exec INSTANCE -- COMMAND` runs a command");
    let run = machine.peerlab("api --as A").exits(2).tells("`--help` lists them");
    assert!(!run.stderr.contains("create-route-table"), "not all operations in a row: {}", run.stderr);
    fs::write(machine.file("latin.toml", ""), b"[lab]\ntitle = \"\xd6\xd0\"\n").unwrap();
    let run = machine.peerlab("validate latin.toml").exits(2).tells("is not UTF-8 text").tells("save it as UTF-8");
    assert!(!run.stderr.contains("did you mean"), "{run}");
    machine
        .peerlab("connect-router-interface ri-a")
        .exits(2)
        .tells("peerlab api --as ACCOUNT connect-router-interface");
    let run = machine.peerlab("api --as A activate-routerinterface ri-a").exits(2).tells("'activate-router-interface'");
    assert!(!run.stderr.contains("create-route-table"), "one suggestion is enough: {}", run.stderr);
    machine.peerlab("upp small.toml").exits(2).tells("'up'");
    for (name, text) in [("crlf", SMALL.replace('\n', "\r\n")), ("bom", format!("\u{feff}{SMALL}"))] {
        machine.file(&format!("{name}.toml"), &text);
        machine.ok(&format!("validate {name}.toml"));
    }
}
