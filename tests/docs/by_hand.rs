//! Does each tutorial by hand, with other names and without ids, grades it, and goes through it with `next`.

use serde_json::Value;

use crate::support::Machine;

/// A reader's input, with the calling account. No resource has the name or id of the tutorial's lab.
const TUTORIALS: [(&str, &str); 4] = [
    (
        "vpc-peering",
        "A: create-vpc-peering there --vpc VPCforPeeringA --peer-vpc-id vpc-xxvpcforpeeringbxx
         A: create-vpc-peering back --vpc VPCforPeeringB --peer-vpc-id vpc-xxvpcforpeeringaxx
         A: create-route-table table-a --vpc VPCforPeeringA
         A: create-route-entry --table table-a --destination 172.16.0.0/16 --next-hop there
         A: create-route-entry --table table-a --destination 0.0.0.0/0 --next-hop internet
         A: associate-route-table table-a --subnet VPCforPeeringA/subnet-a
         A: create-route-table table-b --vpc VPCforPeeringB
         A: create-route-entry --table table-b --destination 10.0.0.0/16 --next-hop back
         A: associate-route-table table-b --subnet VPCforPeeringB/subnet-b",
    ),
    (
        "cross-account",
        "A: create-router-interface mine --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
         B: create-router-interface yours --vpc VPC2 --role acceptor --opposite-region cn-qingdao
         B: modify-router-interface-attribute yours --opposite-account A --opposite-interface mine --opposite-router VPC1
         A: modify-router-interface-attribute mine --opposite-account B --opposite-interface yours --opposite-router VPC2
         A: connect-router-interface mine
         A: create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop mine
         B: create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop yours
         A: authorize-security-group sg-a --protocol all --group sg-b --group-account B
         B: authorize-security-group sg-b --protocol all --group sg-a --group-account A",
    ),
    (
        "same-account",
        "A: create-peering ours --vpc VPC1 --peer-vpc VPC2 --spec Mini.2
         A: create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ours.initiator
         A: create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ours.acceptor
         A: authorize-security-group sg-a --protocol all --cidr 172.16.0.0/16
         A: authorize-security-group sg-b --protocol all --cidr 192.168.0.0/16",
    ),
    (
        "router-interfaces",
        "A: create-router-interface mine --vpc VPC-A --role initiator --spec Large.1 --opposite-region cn-hangzhou
         B: create-router-interface yours --vpc VPC-B --role acceptor --opposite-region cn-beijing
         B: modify-router-interface-attribute yours --opposite-account A --opposite-interface mine --opposite-router VPC-A
         A: modify-router-interface-attribute mine --opposite-account B --opposite-interface yours --opposite-router VPC-B
         A: connect-router-interface mine
         A: create-route-entry --vpc VPC-A --destination 172.16.0.0/16 --next-hop mine
         B: create-route-entry --vpc VPC-B --destination 192.168.0.0/16 --next-hop yours",
    ),
];

fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{}/labs/{name}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn each_tutorial_by_hand_is_graded_and_its_steps_are_done() {
    for (name, script) in TUTORIALS {
        let machine = Machine::new();
        machine.file("lab.toml", &text(name));
        machine.ok("up lab.toml --until 0 --no-verify");
        // For a learner who did nothing.
        machine.peerlab("verify --final -q").exits(1);
        for line in script.lines() {
            let (account, line) = line.trim().split_once(": ").unwrap();
            machine.ok(&format!("api --as {account} {line}"));
        }
        let made = machine.ok("status --json").json();
        machine.ok("verify --final").says("checks ran: those of the finished lab");
        let walked = machine.ok("next --all --json").json();
        assert_eq!(walked["left"], 0, "{name}: {walked}");
        machine.ok("verify --final");
        let now = machine.ok("status --json").json();
        for kind in ["router_interfaces", "peerings"] {
            let count = |status: &Value| status[kind].as_array().map(Vec::len);
            assert_eq!(count(&now), count(&made), "{name}: nothing is made twice");
        }
        assert!(now["bound"].as_array().is_some_and(|bound| !bound.is_empty()), "{name}: {now}");
        // The same after a replay.
        machine.ok("up --no-verify");
        machine.ok("verify --final");
    }
}

#[test]
fn the_line_of_ten_minutes_leads_to_the_last_step() {
    let machine = Machine::new();
    machine.file("lab.toml", &text("cross-account"));
    machine.ok("up lab.toml --until 1 --no-verify");
    machine.ok("api --as B create-router-interface ri-b --vpc VPC2 --role acceptor --opposite-region cn-qingdao");
    machine.ok("next").says("(done already)");
    machine.ok("next --all");
    machine.ok("verify --final");
}

#[test]
fn what_differs_is_said_and_a_step_may_be_skipped() {
    let machine = Machine::new();
    machine.file("lab.toml", &text("cross-account"));
    machine.ok("up lab.toml --until 0 --no-verify");
    machine.ok("api --as A create-router-interface my-ri --vpc VPC1 --role initiator --spec Mini.5 --opposite-region cn-beijing");
    machine.ok("next --diff").says("spec is Mini.5 instead of Mini.2");
    let seen = machine.ok("next --diff --json").json();
    assert_eq!(seen["step"]["operations"][0]["state"], "differs", "{seen}");
    let command = seen["step"]["command"].as_str().unwrap().strip_prefix("peerlab ").unwrap().to_owned();
    machine.peerlab("next").exits(3).tells("StepDiffers").tells("Mini.5 instead of Mini.2").tells(&command);
    machine.ok(&command);
    machine.ok("next").says("done already, as my-ri").says("my-ri, made by hand, is the lab's ri-a");
    machine.ok("status").says("my-ri, made by hand, is the lab's ri-a");
    machine.ok("next --skip").says("Step 2 of 10: Create the acceptor (skipped: it counts as done)");
    let error = machine.peerlab("next --json").exits(3).error();
    let hint = error["hint"].as_str().unwrap();
    machine.ok(hint.split('`').nth(1).unwrap().strip_prefix("peerlab ").unwrap());
    machine.ok("next --all");
    machine.ok("verify --final");
}
