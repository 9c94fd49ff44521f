//! `peerlab test` as CI uses it: many labs at once, a report, an interrupt.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use roxmltree::{Document, Node};
use support::{CROSS, Machine, Run, SMALL};

/// Three labs: one passes, one has a failing check at its fourth step, one is refused by the cloud.
fn machine() -> Machine {
    let machine = Machine::new();
    machine.file("small.toml", SMALL);
    machine.file("wrong.toml", &CROSS.replace("because = \"return:no-route\"", "because = \"no-route\""));
    machine.file("refused.toml", &SMALL.replace("10.0.1.0/24", "10.1.0.0/24"));
    machine
}

/// The elements of this name below another.
fn all<'a>(node: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    node.descendants().filter(|below| below.has_tag_name(name)).collect()
}

#[test]
fn the_report_has_a_case_for_each_step_and_check_with_what_explains_a_failure() {
    let machine = machine();
    machine.peerlab("test wrong.toml refused.toml small.toml --junit out.xml").exits(3);
    let text = fs::read_to_string("/run/test/out.xml").unwrap();
    let xml = Document::parse(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    let suites = all(xml.root(), "testsuite");
    let names: Vec<_> = suites.iter().map(|suite| suite.attribute("name").unwrap()).collect();
    assert_eq!(names, ["wrong.toml", "refused.toml", "small.toml"]);
    for (at, name) in [("testcase", "tests"), ("failure", "failures"), ("error", "errors"), ("skipped", "skipped")] {
        for node in suites.iter().copied().chain([xml.root_element()]) {
            assert_eq!(node.attribute(name).unwrap(), all(node, at).len().to_string(), "{name} of\n{text}");
        }
    }
    for case in all(xml.root(), "testcase") {
        let seconds: f64 = case.attribute("time").unwrap().parse().unwrap();
        assert!((0.0..60.0).contains(&seconds), "{text}");
    }

    // The tables, five steps, the finished lab; a verification of each except the tables; two checks of steps, and both
    // directions of one check at the end.
    let wrong = all(suites[0], "testcase");
    assert_eq!(wrong.len(), 7 + 6 + 2 + 2, "{text}");
    let counts: Vec<_> = all(suites[0], "property").iter().map(|it| it.attribute("value").unwrap()).collect();
    assert_eq!(counts, ["7", "6", "4"], "stages, verifications, checks: {text}");
    let failed = all(suites[0], "failure");
    assert_eq!(failed.len(), 1, "{text}");
    let case = failed[0].parent().unwrap();
    assert_eq!(case.attribute("classname"), Some("cross"));
    let name = case.attribute("name").unwrap();
    assert!(name.starts_with("step 4: Route to VPC2: ecs-a → ecs-b icmp: no-route (line "), "{name}");
    let message = "ecs-a → ecs-b icmp: expected no-route, predicted return:no-route, observed drop";
    assert_eq!(failed[0].attribute("message"), Some(message));
    let why = failed[0].text().unwrap();
    assert!(why.contains("✗ return:no-route") && why.contains("to make it reach"), "{why}");

    let error = all(suites[1], "error")[0];
    assert_eq!(error.parent().unwrap().attribute("name"), Some("the file"));
    assert_eq!(error.attribute("type"), Some("InvalidCidrBlock"));
    assert!(error.text().unwrap().contains("refused.toml:"), "{text}");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
    let left: BTreeSet<_> = fs::read_dir("/run/test").unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "the report is written beside its place, and that is gone: {left:?}");
}

#[test]
fn every_verb_counts_the_checks_of_a_file_alike_and_says_what_the_cases_are() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("validate cross.toml").says("5 steps, 4 checks");
    assert_eq!(machine.ok("validate cross.toml --json").json()["valid"][0]["checks"], 4);
    let tested = machine.ok("test cross.toml --junit out.xml").says("1 lab, 4 checks: all hold");
    tested.tells("out.xml: 17 cases: 7 stages, 6 verifications, 4 checks");
    assert!(fs::read_to_string("/run/test/out.xml").unwrap().contains("tests=\"17\""));
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_anything_is_brought_up() {
    let machine = machine();
    machine.peerlab("test small.toml --junit nowhere/out.xml").exits(2).tells("there is no such directory");
    machine.peerlab("test small.toml --junit .").exits(2).tells("it is a directory");
    assert!(!Path::new("/run/netns").exists(), "nothing was ever made");
}

#[test]
fn labs_side_by_side_are_shown_one_after_another_and_meet_nobody() {
    let machine = machine();
    machine.ok("up small.toml");
    let before = machine.snapshot();
    fs::create_dir("/run/test/other").unwrap();
    machine.file("other/small.toml", SMALL);
    let files = "small.toml other/small.toml wrong.toml small.toml";
    let beside = machine.start(&format!("test --jobs 2 {files}"));
    let shown = |jobs| without_times(machine.peerlab(&format!("test --jobs {jobs} {files}")).exits(1).stdout);
    let one_by_one = shown(1);
    assert!(one_by_one.contains("4 labs, 7 checks: 1 lab failed"), "{one_by_one}");
    assert_eq!(shown(4), one_by_one);
    let beside = Run::ended("test".into(), beside.wait_with_output().unwrap()).exits(1);
    assert_eq!(without_times(beside.stdout), one_by_one);
    machine.is_as(&before, "beside the lab of the same name that is up");
    machine.ok("verify");
}

/// The output without times.
fn without_times(text: String) -> String {
    let time = |word: &str| word.ends_with("ms") || word.contains('.') && word.parse::<f64>().is_ok();
    text.lines()
        .map(|line| line.split_whitespace().filter(|word| !time(word)).collect::<Vec<_>>().join(" ") + "\n")
        .collect()
}

#[test]
fn ctrl_c_takes_down_what_is_up_and_still_writes_the_report() {
    let machine = machine();
    machine.file("slow.toml", &slow());
    let child = machine.start("test --jobs 2 slow.toml slow.toml slow.toml --junit out.xml");
    let until = Instant::now() + Duration::from_secs(20);
    while machine.namespaces().len() < 4 {
        assert!(Instant::now() < until, "no lab has come up");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let run = Run::ended("test".into(), child.wait_with_output().unwrap()).killed_by(Signal::SIGINT as i32);
    run.tells("what is up is taken down").says("3 labs cut short");
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
    assert_eq!(fs::read_dir("/run/peerlab").unwrap().count(), 0);
    let text = fs::read_to_string("/run/test/out.xml").unwrap();
    let xml = Document::parse(&text).unwrap();
    assert_eq!(all(xml.root(), "testsuite").len(), 3);
    assert!(all(xml.root(), "skipped").len() >= 30, "{text}");
}

/// A lab of over twenty steps, most of which measure a bandwidth, which takes over a second.
fn slow() -> String {
    let mut text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/labs/bandwidth.toml")).unwrap();
    for step in 1..=20 {
        text += &format!("[[step]]\ntitle = \"Measure {step}\"\n");
        text += "[[step.check]]\nfrom = \"ecs-a\"\nto = \"ecs-b\"\nbandwidth = \"10Mbit\"\n";
    }
    text
}
