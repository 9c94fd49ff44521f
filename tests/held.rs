//! A lab in a long-lived process, together with commands that change it too.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files, threads and clocks

#[allow(dead_code)] // other tests use the rest
mod support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use peerlab::error::{Errors, Kind};
use peerlab::journal::{Event, Store, What};
use peerlab::lab::parse_operation;
use peerlab::session::{self, Answer, Held, Request};
use support::{CROSS, Machine};

fn machine_with_cross() -> Machine {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    machine
}

fn call(held: &Held, account: &str, line: &str, id: &str) -> Result<Answer, Errors> {
    let call = parse_operation(line).unwrap();
    held.operate(Request { account: account.into(), call, id: Some(id.into()) })
}

/// Kernel, journal and the process's state agree.
#[track_caller]
fn all_agree(machine: &Machine, held: &Held) {
    let view = held.view().unwrap();
    let before = session::look("cross").unwrap();
    assert!(view.settled && before.settled);
    assert!(*view.cloud == *before.run.cloud(), "what is held is another Cloud");
    // A fresh reading of the lab agrees too.
    std::fs::remove_file("/run/peerlab/cross/snapshot").unwrap();
    assert!(*view.cloud == *session::look("cross").unwrap().run.cloud(), "a replay is another Cloud");
    machine.ok("up --no-verify").tells("nothing to do");
    machine.agrees("verify", "held");
}

/// Clients of a long-lived process see transient states, and the kernel follows when somebody looks.
#[test]
fn changes_that_take_time_are_seen_and_end() {
    let machine = Machine::new();
    let slow = CROSS.replacen("[lab]\n", "[lab]\npace = \"real\"\npace_seconds = 2\n", 1);
    machine.file("cross.toml", &slow);
    machine.ok("up cross.toml --no-verify");
    let held = Held::open("cross").unwrap();
    let status =
        || held.view().unwrap().cloud.peerings().map(|end| format!("{} {}", end.name, end.status)).collect::<Vec<_>>();
    let link = || machine.program("ip netns exec cross.VPC1 ip -o link").stdout.contains("ri-a");
    assert!(link());
    call(&held, "A", "deactivate-router-interface ri-a", "1").unwrap();
    assert_eq!(status(), ["ri-a Deactivating", "ri-b Active"]);
    let errors = call(&held, "A", "activate-router-interface ri-a", "2").unwrap_err();
    assert_eq!(errors.0[0].code.as_deref(), Some("IncorrectRIStatus"));
    thread::sleep(Duration::from_millis(2_100));
    assert_eq!(status(), ["ri-a Inactive", "ri-b Active"]);
    call(&held, "A", "activate-router-interface ri-a", "3").unwrap();
    assert_eq!(status(), ["ri-a Activating", "ri-b Active"]);
    assert!(!link());
    thread::sleep(Duration::from_millis(2_100));
    assert_eq!(status(), ["ri-a Active", "ri-b Active"]);
    assert!(link(), "who looks brings it into the kernel");
    // A command beside begins one, and this process sees its end.
    machine.ok("api --as B deactivate-router-interface ri-b");
    assert_eq!(status(), ["ri-a Active", "ri-b Deactivating"]);
    thread::sleep(Duration::from_millis(2_100));
    assert_eq!(status(), ["ri-a Active", "ri-b Inactive"]);
    all_agree(&machine, &held);
}

#[test]
fn several_accounts_and_commands_beside_change_one_lab_and_all_agree() {
    const EACH: usize = 25;
    let machine = machine_with_cross();
    let held = Held::open("cross").unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let work = |account: &'static str, name: &'static str, line: fn(usize) -> String| {
            let held = &held;
            move || {
                for n in 0..EACH {
                    let answer = call(held, account, &line(n), &format!("{name}-{n}"));
                    let answer = answer.unwrap_or_else(|errors| panic!("{}: {errors}", line(n)));
                    // Every reader sees the answered operations.
                    let cloud = held.view().unwrap().cloud;
                    let made =
                        answer.made.iter().all(|(name, _)| cloud.instances().any(|it| *name == *it.name.as_str()));
                    assert!(made, "{answer:?}");
                }
            }
        };
        let route = |n: usize| format!("create-route-entry --vpc VPC1 --destination 10.{n}.0.0/16 --next-hop ri-a");
        let switch =
            |n: usize| format!("{}activate-router-interface ri-b", if n.is_multiple_of(2) { "de" } else { "" });
        let instance = |n: usize| format!("create-instance b{n} --subnet VPC2/vsw-2");
        let workers = [
            scope.spawn(work("A", "route", route)),
            scope.spawn(work("B", "switch", switch)),
            scope.spawn(work("B", "instance", instance)),
        ];
        let reader = scope.spawn(|| {
            let mut most = 0;
            while !over.load(Ordering::Relaxed) {
                let instances = held.view().unwrap().cloud.instances().count();
                assert!(instances >= most, "what was there is there no more");
                most = instances;
            }
            most
        });
        for n in 0..EACH / 3 {
            machine
                .ok(&format!("api --as B create-route-entry --vpc VPC2 --destination 10.{n}.0.0/16 --next-hop ri-b"));
            machine.peerlab("api --as B delete-vpc VPC1").exits(3);
            machine.ok("status");
        }
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        over.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 2);
    });
    let cloud = held.view().unwrap().cloud;
    assert_eq!(cloud.instances().count(), 2 + EACH);
    let entries: usize = cloud.route_tables().map(|table| table.entries.len()).sum();
    assert_eq!(entries, 2 + EACH + EACH / 3);

    // The log has each request once, after its caller's previous one, followed by `settled`.
    let records = Store::of("cross").records().unwrap();
    let mut next = std::collections::BTreeMap::<String, usize>::new();
    let mut requests = 0;
    for pair in records.windows(2) {
        let (What::Do(_), Some(request)) = (&pair[0].what, &pair[0].request) else { continue };
        assert!(matches!(pair[1].what, What::Settled(_)) && pair[1].request.as_ref() == Some(request), "{pair:?}");
        let (caller, number) = request.split_once('-').unwrap();
        let expected = next.entry(caller.to_owned()).or_default();
        assert_eq!(number.parse::<usize>().unwrap(), *expected, "{request}");
        *expected += 1;
        requests += 1;
    }
    assert_eq!(requests, 3 * EACH);
    all_agree(&machine, &held);
}

#[test]
fn what_a_command_does_beside_is_seen_and_what_cannot_be_done_is_answered() {
    let machine = machine_with_cross();
    let held = Held::open("cross").unwrap();
    let vpcs = || held.view().unwrap().cloud.vpcs().count();
    let refused = call(&held, "B", "delete-vpc VPC1", "1").unwrap_err();
    assert_eq!(refused.kind(), Some(Kind::Refused));
    let unknown = call(&held, "C", "delete-vpc VPC1", "2").unwrap_err();
    assert_eq!(unknown.0[0].code.as_deref(), Some("AccountNotFound"));

    machine.ok("api --as A create-vpc mine --region cn-qingdao --cidr 10.9.0.0/16");
    assert_eq!(vpcs(), 3);
    call(&held, "A", "create-subnet s --vpc mine --cidr 10.9.1.0/24", "3").unwrap();
    machine.ok("api --as A create-instance i --subnet mine/s");
    machine.ok("undo 3");
    assert_eq!(vpcs(), 2);
    call(&held, "A", "create-vpc mine --region cn-qingdao --cidr 10.9.0.0/16", "4").unwrap();
    // Steps, a lab from a file, and a different lab.
    machine.ok("up cross.toml --no-verify --until 3");
    assert_eq!(vpcs(), 2);
    machine.ok("next");
    let entries = || held.view().unwrap().cloud.route_tables().map(|table| table.entries.len()).sum::<usize>();
    assert_eq!(entries(), 1);
    call(&held, "B", "create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-b", "5").unwrap();
    machine.ok("next").tells("last step");
    assert_eq!(entries(), 2);
    all_agree(&machine, &held);

    // A kernel that was changed by hand.
    machine.program("ip netns exec cross.ecs-b ip route del default").exits(0);
    assert!(!held.reconcile().unwrap().changes.is_empty());
    assert!(held.reconcile().unwrap().changes.is_empty());
    all_agree(&machine, &held);

    machine.ok("down cross");
    for result in
        [call(&held, "A", "delete-vpc VPC1", "6").map(drop), held.view().map(drop), held.reconcile().map(drop)]
    {
        assert_eq!(result.unwrap_err().0[0].code.as_deref(), Some("LabNotUp"));
    }
    assert_eq!(machine.left(), [] as [&str; 0]);
    machine.ok("up cross.toml --no-verify --until 0");
    call(&held, "A", "create-vpc mine --region cn-qingdao --cidr 10.9.0.0/16", "7").unwrap();
    assert_eq!(vpcs(), 3);
    drop(held);
    machine.ok("down cross");
}

/// More is done than fits behind a snapshot, and the log is not read again.
#[test]
fn what_is_held_costs_the_same_however_much_was_done() {
    let machine = machine_with_cross();
    let held = Held::open("cross").unwrap();
    for n in 0..200 {
        let on = if n % 2 == 0 { "de" } else { "" };
        call(&held, "A", &format!("{on}activate-router-interface ri-a"), "-").unwrap();
        if n == 100 {
            // The earlier events are no longer readable, and nothing requests them.
            let log = std::fs::read_to_string("/run/peerlab/cross/journal").unwrap();
            let at = log.lines().position(|line| line.contains("deactivate")).unwrap();
            let damaged: String = log
                .lines()
                .enumerate()
                .map(
                    |(n, line)| if n == at { line.replace("deactivate", "deactivaTe") } else { line.to_owned() } + "\n",
                )
                .collect();
            std::fs::write("/run/peerlab/cross/journal", damaged).unwrap();
        }
    }
    machine.ok("api --as B deactivate-router-interface ri-b").says("ri-b");
    machine.peerlab("export").exits(4).tells("peerlab down cross");
    machine.ok("down cross");
}

const HOLDER: &str = "PEERLAB_TEST_HOLDER";

/// Not a test by itself: the process that the next test kills.
#[test]
fn holder() {
    if std::env::var_os(HOLDER).is_none() {
        return;
    }
    let held = Held::open("cross").unwrap();
    for n in 0.. {
        let line = format!("{}activate-router-interface ri-a", if n % 2 == 0 { "de" } else { "" });
        let id = format!("{}-{n}", std::process::id());
        match call(&held, "A", &line, &id) {
            Ok(_) => println!("\ndone {id}"),
            // It begins where the previous one was killed.
            Err(errors) => assert_eq!(errors.kind(), Some(Kind::Refused), "{errors}"),
        }
    }
}

#[test]
fn what_was_answered_is_there_whenever_the_holder_is_killed() {
    let machine = machine_with_cross();
    let mut answered = BTreeSet::new();
    // A busy machine answers little before the kill.
    for round in 0..48 {
        if round >= 12 && answered.len() > 16 {
            break;
        }
        let mut holder = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "holder", "--nocapture"])
            .env(HOLDER, "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(holder.stdout.take().unwrap());
        let mut done =
            lines.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("done ").map(str::to_owned));
        answered.extend(done.next());
        thread::sleep(Duration::from_micros(1_700 * (round % 12 + round / 12 * 6)));
        holder.kill().unwrap();
        answered.extend(done);
        holder.wait().unwrap();
        if round % 3 == 2 {
            machine.ok("up --no-verify");
        }
        let run = session::look("cross").unwrap().run;
        let records = Store::of("cross").records().unwrap();
        let logged: BTreeSet<_> = records.iter().filter_map(|record| record.request.clone()).collect();
        assert!(answered.is_subset(&logged), "{:?} are lost", answered.difference(&logged));
        let operations = run.events().iter().filter(|event| matches!(event, Event::Operation { .. })).count();
        assert!(operations >= answered.len());
    }
    assert!(answered.len() > 16, "{answered:?}");
    machine.ok("up --no-verify");
    all_agree(&machine, &Held::open("cross").unwrap());
    machine.ok("down cross");
}
