//! The verbs of exercises, on a real kernel.

use std::process::Stdio;
use std::time::Instant;

use serde_json::Value;

use super::support::{CROSS, Machine};

fn exercise(line: &str) -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok(&format!("exercise start cross.toml {line}"));
    machine
}

/// Does what the solution says; returns its number of operations.
fn mend(machine: &Machine, lab: &str) -> usize {
    let solution = machine.ok(&format!("exercise solution {lab} --json")).json();
    let mut count = 0;
    for fault in solution["faults"].as_array().unwrap() {
        for it in fault["mend"].as_array().unwrap() {
            let (account, operation) = (it["account"].as_str().unwrap(), it["operation"].as_str().unwrap());
            machine.ok(&format!("api --lab {lab} --as {account} {operation}"));
            count += 1;
        }
    }
    assert_eq!(solution["best"], count);
    count
}

#[test]
fn an_exercise_is_started_mended_and_graded() {
    for seed in 1..=6 {
        let machine = exercise(&format!("--seed {seed} --learner Ada"));
        let ticket = machine.ok("exercise ticket --json").json();
        let symptoms = ticket["symptoms"].as_array().unwrap();
        assert!(symptoms.iter().any(|it| it["holds"] == false), "{ticket}");
        assert_eq!((&ticket["learner"], &ticket["lab"]), (&"Ada".into(), &"cross".into()));

        // Nothing is mended, and nothing is earned.
        let grade = machine.peerlab("exercise grade --json").exits(1).json();
        assert_eq!(
            (&grade["score"], &grade["seed"], &grade["operations"]),
            (&0.into(), &seed.into(), &0.into()),
            "{grade}"
        );
        machine.peerlab("verify --final").exits(1);

        let mended = mend(&machine, "cross");
        let grade = machine.peerlab("exercise grade --json").json();
        let faults = grade["faults"].as_array().unwrap();
        assert!(faults.iter().all(|it| it["found"] == true && it["mended"] == true), "{grade}");
        assert_eq!(grade["collateral"], Value::Array(Vec::new()), "{grade}");
        assert_eq!((&grade["operations"], &grade["checks"]["failed"]), (&mended.into(), &0.into()));
        assert_eq!(grade["hints"], 4, "the solution counts");
        assert_eq!(grade["score"], 80, "{grade}");
        machine.ok("verify --final");
        machine.ok("exercise hint").says("every fault is mended");
    }
}

#[test]
fn hints_go_on_a_step_at_a_time_and_cost() {
    let machine = exercise("--seed 2");
    let first = machine.ok("exercise hint --json").json();
    let of = first["of"].as_u64().unwrap();
    assert_eq!((&first["step"], &first["hints"]), (&1.into(), &1.into()));
    for step in 2..=of {
        let hint = machine.ok("exercise hint --json").json();
        assert_eq!((&hint["step"], &hint["hints"]), (&step.into(), &step.into()), "{hint}");
        assert_ne!(hint["hint"], first["hint"]);
    }
    // The last again costs nothing.
    assert_eq!(machine.ok("exercise hint --json").json()["hints"], of);
    let ticket = machine.ok("exercise ticket --json").json();
    let flow = &ticket["symptoms"][0];
    let [from, to, protocol] = ["from", "to", "protocol"].map(|key| flow[key].as_str().unwrap());
    let explain = format!("explain {from} {to} {protocol}");
    machine.peerlab(&explain).tells("explain counts as 4 hints");
    // At the same time, each counts.
    let quiet = || machine.command(&explain).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let at_once: Vec<_> = (0..6).map(|_| quiet()).collect();
    at_once.into_iter().for_each(|mut child| _ = child.wait().unwrap());
    let grade = machine.peerlab("exercise grade --json").json();
    assert_eq!(grade["hints"], of + 4 * 7, "{grade}");
}

/// No verb says what was broken, and none replaces the exercise.
#[test]
fn nothing_shows_or_replaces_the_faults() {
    let machine = exercise("--seed 3 --kinds group");
    machine.peerlab("export --json").exits(2).tells("an exercise is not exported");
    machine.peerlab("up cross.toml").exits(2).tells("is an exercise");
    machine.peerlab("plan cross.toml").exits(2).tells("is an exercise");
    machine.peerlab("exercise start cross.toml").exits(2).tells("is up already");
    for line in [
        "status",
        "status --json",
        "graph --format mermaid",
        "explain ecs-a ecs-b --json",
        "list --json",
        "next",
        "undo",
    ] {
        let run = machine.peerlab(line);
        assert!(!run.stdout.contains("cross.toml:"), "{line}: {run}");
        assert!(!run.stdout.contains("\"line\": 1"), "{line}: {run}");
    }
    machine.ok("up --no-verify").tells("nothing to do");
    machine.ok("down");
    machine.ok("up cross.toml --no-verify");
    machine.peerlab("exercise grade").exits(2).tells("is no exercise");
}

#[test]
fn a_rule_from_everywhere_costs_and_undo_takes_it_back() {
    let machine = exercise("--seed 1 --kinds route");
    mend(&machine, "cross");
    machine.ok("api --as A authorize-security-group VPC1/default --protocol tcp --port 8443 --cidr 0.0.0.0/0");
    let wide = machine.peerlab("exercise grade --json").json();
    assert!(wide["collateral"].as_array().unwrap().iter().any(|it| it["from"] == "0.0.0.0/0"), "{wide}");
    machine.ok("undo");
    let grade = machine.peerlab("exercise grade --json").json();
    assert_eq!(grade["collateral"], Value::Array(Vec::new()));
    assert!(grade["score"].as_u64() > wide["score"].as_u64(), "{grade} {wide}");
}

#[test]
fn weights_csv_and_what_is_wrong() {
    let machine = exercise("--seed 1");
    machine.file("weights.toml", "pass = 0\n");
    machine.ok("exercise grade --weights weights.toml");
    machine.file("wrong.toml", "passs = 0\n");
    machine.peerlab("exercise grade --weights wrong.toml").exits(2).tells("there is no weight \"passs\"");
    let csv = machine.peerlab("exercise grade --csv").exits(1).stdout;
    assert!(csv.starts_with("learner,lab,score,passed,"), "{csv}");
    assert_eq!(csv.lines().count(), 2, "{csv}");
    machine.peerlab("exercise start cross.toml --name x --kinds nothing").exits(2).tells("there is no kind of fault");
    machine.peerlab("exercise start cross.toml --name x --kinds route --faults 9").exits(2).tells("not more");
}

#[test]
fn a_class_has_a_lab_and_an_exercise_each() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.file("roster.csv", "learner,group\nAda Lovelace,1\nBen,1\n李雷,2\n");
    let began = Instant::now();
    let class = machine.ok("exercise class cross.toml --learners roster.csv --seed 5 --json").json();
    println!("a class of three in {:?}", began.elapsed());
    let labs = class["labs"].as_array().unwrap();
    let names: Vec<_> = labs.iter().map(|it| it["lab"].as_str().unwrap()).collect();
    assert_eq!(names, ["cross-ada-lovelace", "cross-ben", "cross-3"]);
    assert!(labs.iter().all(|it| it["difficulty"] == labs[0]["difficulty"]), "{class}");
    assert!(labs.iter().all(|it| it["again"] == false), "{class}");
    // The learner's seed makes the same exercise again.
    let seed = &labs[1]["seed"];
    let difficulty = &labs[1]["difficulty"];
    machine.ok(&format!("exercise start cross.toml --name again --seed {seed} --difficulty {difficulty}"));
    let of = |lab: &str| machine.ok(&format!("exercise solution {lab} --json")).json()["faults"].clone();
    assert_eq!(of("again"), of("cross-ben"));
    machine.ok("down again");
    mend(&machine, "cross-3");
    let grades = machine.peerlab("exercise grade --all --json").exits(1).json();
    assert_eq!(grades["labs"].as_array().unwrap().len(), 3);
    let csv = machine.peerlab("exercise grade --all --csv").stdout;
    assert!(csv.contains("Ada Lovelace,cross-ada-lovelace,0,false"), "{csv}");
    machine.peerlab("exercise grade --all").says("Ada Lovelace");
}
