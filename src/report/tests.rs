//! `status`, `explain` and the picture say the same about a peering that does not carry traffic.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::explain::render;
use super::graph::model::{Caption, Graph};
use super::graph::{Format, draw};
use super::status::CloudStatus;
use crate::cloud::random::random_operation;
use crate::cloud::{AccountName, Cloud, ConnectionStatus, Origin};
use crate::error::Source;
use crate::flow::{Endpoint, Protocol};
use crate::lab;
use crate::session::Run;
use crate::shipped::{self, Shipped};
use crate::terminal::Terminal;
use crate::trace::{self, Decision};

/// The tutorial's lab, finished, after these operations.
fn after(operations: &str) -> Run {
    played(include_str!("../../labs/cross-account.toml"), operations)
}

/// A lab, finished, after these operations.
fn played(lab: &str, operations: &str) -> Run {
    let lab = lab::read(Source::new("lab.toml", lab)).unwrap();
    let mut run = Run::begin(lab, "lab.toml".into()).unwrap();
    while run.step().unwrap().is_some() {}
    for line in operations.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (account, line) = line.split_once(": ").unwrap();
        run.operate(account, lab::parse_operation(line).unwrap()).unwrap();
    }
    run
}

/// The problem of `end` and the call that fixes it, from `status`; checks that the explanation and the picture agree,
/// and that the call is not refused.
#[track_caller]
fn lacks(operations: &str, end: &str) -> (String, String) {
    let mut run = after(operations);
    let status = CloudStatus::of("lab", run.cloud());
    let state = status.ends.iter().find(|it| it.name == end).unwrap();
    assert!(!state.carries);
    let missing = &state.missing[0];
    let what = missing.what.to_string();
    let (account, operation) = (missing.account.as_deref().unwrap(), missing.operation.as_deref().unwrap());

    let [from, to] = ["ecs-a", "ecs-b"].map(|name| Endpoint::Instance(name.parse().unwrap()));
    let explanation = trace::explain(run.cloud(), &from, &to, Protocol::Icmp);
    let blockers: Vec<_> = explanation.blockers.iter().map(|it| it.at.to_string()).collect();
    assert!(blockers.iter().any(|at| at.contains(&what)), "{blockers:#?} and not {what}");
    let fix: Vec<_> = explanation.fix.iter().flatten().map(|it| format!("{}: {}", it.caller, it.call)).collect();
    assert!(fix.contains(&format!("{account}: {operation}")), "{fix:#?} and not {operation}");

    let graph = Graph::of(run.cloud(), Protocol::Icmp, Caption::default());
    let drawn: Vec<_> = graph.peerings.iter().flat_map(|it| &it.missing).map(|it| it.long.clone()).collect();
    assert!(drawn.contains(&what), "{drawn:#?} and not {what}");

    // H3: an end that is there, or was and is deleted, is not yet to come.
    let notes: String = graph.vpcs.iter().flat_map(|vpc| vpc.notes.clone()).collect();
    for said in blockers.iter().chain(&drawn).chain([&notes]) {
        assert!(!said.contains("no other end yet"), "{said}");
    }
    let short: Vec<_> = graph.peerings.iter().flat_map(|it| &it.missing).map(|it| &it.short).collect();
    assert!(short.iter().enumerate().all(|(at, one)| !short[..at].contains(one)), "{short:?}");
    let (account, said) = (account.to_owned(), (what, format!("{account}: {operation}")));
    run.operate(&account, lab::parse_operation(&said.1[account.len() + 2..]).unwrap()).unwrap();
    said
}

/// USERS H1: `activate-router-interface` was proposed, which lifts nothing.
#[test]
fn the_survivor_of_a_deleted_pair_is_deleted() {
    let (what, operation) = lacks(
        "B: delete-route-entry --vpc VPC2 --destination 192.168.0.0/16
         B: deactivate-router-interface ri-b
         B: delete-router-interface ri-b",
        "ri-a",
    );
    assert_eq!(what, "the other end is deleted: account A must delete ri-a and build the pair again");
    assert_eq!(operation, "A: deactivate-router-interface ri-a", "what is to be deleted is switched off first");
}

/// USERS H1: `connect-router-interface` was proposed, which is refused.
#[test]
fn an_end_that_names_a_wrong_account_is_bound_again() {
    let (what, operation) = lacks(
        "A: delete-route-entry --vpc VPC1 --destination 172.16.0.0/16
         B: delete-route-entry --vpc VPC2 --destination 192.168.0.0/16
         A: deactivate-router-interface ri-a
         B: deactivate-router-interface ri-b
         A: delete-router-interface ri-a
         A: create-router-interface ri-a --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
         A: modify-router-interface-attribute ri-a --opposite-account A --opposite-interface ri-b --opposite-router VPC2",
        "ri-a",
    );
    assert_eq!(
        what,
        "router interface ri-a points at ri-b of account A, but ri-b is account B's: account A must set the other end of ri-a"
    );
    assert_eq!(
        operation,
        "A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router VPC2"
    );
}

/// USERS H1: both were proposed to connect, which is refused.
#[test]
fn of_two_initiators_that_point_at_each_other_one_is_made_anew() {
    let (what, operation) = lacks(
        "A: delete-route-entry --vpc VPC1 --destination 172.16.0.0/16
         B: delete-route-entry --vpc VPC2 --destination 192.168.0.0/16
         A: deactivate-router-interface ri-a
         B: deactivate-router-interface ri-b
         A: delete-router-interface ri-a
         B: delete-router-interface ri-b
         A: create-router-interface ri-a --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
         B: create-router-interface ri-b --vpc VPC2 --role initiator --spec Mini.2 --opposite-region cn-qingdao
         A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router VPC2
         B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router VPC1",
        "ri-a",
    );
    assert_eq!(what, "ri-a and ri-b are both the initiator: account B must delete ri-b and create it again");
    assert_eq!(operation, "B: delete-router-interface ri-b");
}

/// USERS C5: the line that made the interface was named, which is not why it is inactive.
#[test]
fn an_end_is_inactive_by_what_deactivated_it() {
    let run = after("A: deactivate-router-interface ri-a");
    let [from, to] = ["ecs-a", "ecs-b"].map(|name| Endpoint::Instance(name.parse().unwrap()));
    let explanation = trace::explain(run.cloud(), &from, &to, Protocol::Icmp);
    let shown = render(&explanation, Some(&run.lab().source), &Terminal { width: 200, ..Terminal::PLAIN });
    let hop = shown.lines().position(|line| line.contains("ri-a Inactive")).expect("the end is a hop");
    let said: Vec<_> = shown.lines().skip(hop).take(2).collect();
    assert!(said.iter().any(|line| line.ends_with("api: deactivate-router-interface ri-a")), "{shown}");
}

#[test]
fn entries_of_one_destination_say_which_wait_and_which_share() {
    let lab = r#"
[lab]
provider = "jdcloud"
[account.A]
[vpc.V]
region = "r"
cidr = "10.0.0.0/16"
[vpc.W]
region = "r"
cidr = "10.2.0.0/16"
[vpc.X]
region = "r"
cidr = "10.3.0.0/16"
"#;
    let peered = "A: create-vpc-peering to-w --vpc V --peer-vpc-id W
        A: create-vpc-peering from-w --vpc W --peer-vpc-id V
        A: create-vpc-peering to-x --vpc V --peer-vpc-id X
        A: create-vpc-peering from-x --vpc X --peer-vpc-id V
        A: create-route-entry --vpc V --destination 10.2.0.0/16 --next-hop to-w --priority 10
        A: create-route-entry --vpc V --destination 10.2.0.0/16 --next-hop to-x --priority 20
        A: create-route-entry --vpc V --destination 10.8.0.0/16 --next-hop to-w --next-hop to-x";
    let shown = |operations: &str| {
        let run = played(lab, &format!("{peered}\n{operations}"));
        let status = CloudStatus::of("lab", run.cloud()).render(&Terminal { width: 200, ..Terminal::PLAIN });
        let entries = status.lines().filter(|line| line.contains("to-w") || line.contains("to-x"));
        entries.filter(|line| line.contains("10.")).map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    let before = shown("");
    let [first, second] =
        ["priority 10", "priority 20"].map(|it| before.lines().find(|line| line.contains(it)).unwrap());
    assert!(!first.contains("standby") && second.contains("standby"), "{before}");
    assert_eq!(before.matches("one of 2 that share").count(), 2, "{before}");
    // The first carries nothing any more, and the one that waited is used.
    let after = shown("A: delete-vpc-peering from-w");
    assert!(!after.contains("standby") && !after.contains("that share"), "{after}");
}

#[test]
fn the_page_says_who_answers_in_the_place_of_the_named_instance() {
    let run = played(include_str!("../../labs/same-block.toml"), "");
    let page = draw(run.cloud(), Protocol::Icmp, Caption::default(), None, Format::Html);
    let data = page.split_once("type=\"application/json\"").and_then(|(_, rest)| rest.split_once('>'));
    let (data, _) = data.and_then(|(_, rest)| rest.split_once("</script>")).expect("the page has its data");
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let words = data["texts"].as_array().expect("texts");
    let whys = data["whys"].as_array().expect("whys");
    let instead: Vec<_> = whys.iter().filter_map(|why| why["instead"].as_u64()).collect();
    assert!(!instead.is_empty(), "somebody else answers: {data}");
    let who = |at: &u64| words[*at as usize].as_str().unwrap_or_default().to_owned();
    let who: std::collections::BTreeSet<_> = instead.iter().map(who).collect();
    assert!(who.contains("red-web"), "{who:?}");
}

/// Calls that may break something that works, each with the account that may call it.
fn breaking(cloud: &Cloud) -> Vec<(String, String)> {
    let mut calls = Vec::new();
    let mut call = |account: &AccountName, line: String| calls.push((account.to_string(), line));
    for it in cloud.instances() {
        call(&it.account, format!("stop-instance {}", it.name));
        call(&it.account, format!("release-public-ip {}", it.name));
        call(&it.account, format!("modify-instance {} --forwards false", it.name));
    }
    for it in cloud.security_groups() {
        call(&it.account, format!("modify-security-group {} --inner-access drop", it.name));
    }
    for end in cloud.peerings() {
        call(&end.account, format!("deactivate-router-interface {}", end.name));
        call(&end.account, format!("delete-vpc-peering {}", end.name));
        call(&end.account, format!("delete-vpc-peering-connection {}", end.name));
    }
    for it in cloud.nat_gateways() {
        call(&it.account, format!("delete-nat-gateway {}", it.name));
    }
    for vpc in cloud.vpcs() {
        call(&vpc.account, format!("create-gateway gate --vpc {}", vpc.name));
        for (subnet, acl) in cloud.subnets_of(&vpc.name).flat_map(|it| cloud.network_acls().map(move |acl| (it, acl))) {
            call(&vpc.account, format!("associate-network-acl {} --subnet {}", acl.name, subnet.name));
        }
        for (subnet, table) in cloud.subnets_of(&vpc.name).flat_map(|it| cloud.route_tables().map(move |of| (it, of))) {
            call(&vpc.account, format!("associate-route-table {} --subnet {}", table.name, subnet.name));
        }
    }
    calls
}

/// The pairs of the first of a Cloud's instances, as many as `most`, and of the internet.
fn pairs(cloud: &Cloud, most: usize) -> Vec<(Endpoint, Endpoint)> {
    let instances = cloud.instances().map(|it| Endpoint::Instance(it.name.clone()));
    let ends: Vec<_> = instances.take(most).chain([Endpoint::Internet]).collect();
    let all = ends.iter().flat_map(|from| ends.iter().map(move |to| (from.clone(), to.clone())));
    all.filter(|(from, to)| from != to).collect()
}

/// USERS C5: the ground was the line in the file that made what was changed by hand since.
#[test]
fn the_ground_of_what_a_call_by_hand_broke_is_that_call() {
    let mut broken_by = BTreeSet::new();
    for Shipped { name, text } in shipped::ALL {
        let mut run = played(text, "");
        let vpcs: Vec<_> = run.cloud().vpcs().map(|vpc| (vpc.account.to_string(), vpc.name.clone())).collect();
        for (account, vpc) in vpcs {
            let line = format!("create-network-acl shut-{vpc} --vpc {vpc} --default drop");
            let _ = run.operate(&account, lab::parse_operation(&line).unwrap());
        }
        let mut pairs = pairs(run.cloud(), 8);
        pairs.retain(|(from, to)| trace::predict(run.cloud(), from, to, Protocol::Icmp).reaches());
        for (account, line) in breaking(run.cloud()) {
            let mut broken = run.clone();
            let Ok(call) = lab::parse_operation(&line) else { continue };
            if broken.operate(&account, call).is_err() {
                continue;
            }
            for (from, to) in &pairs {
                let trace = trace::trace(broken.cloud(), from, to, Protocol::Icmp);
                let Some((_, step)) = trace.last_word() else { continue };
                let ground = match &step.origin {
                    Some(Origin::Api(line)) => Some(&**line),
                    _ => None,
                };
                // An older entry that a step of the lab left dead is as good a ground.
                let is_older = matches!(&step.decision, Decision::Peering { near: (_, "gone"), .. });
                // A standby route may lead to another.
                let leads_on = matches!(&step.decision, Decision::Another { .. });
                if leads_on || is_older && ground.is_none() {
                    continue;
                }
                // An entry or a way of the other table may be what stops it.
                let by_association = matches!(&step.decision, Decision::NoEntry { .. } | Decision::NoWayOut { .. });
                if line.starts_with("associate-route-table") && !by_association {
                    continue;
                }
                assert_eq!(ground, Some(&*line), "{name}: {from} → {to}: {:?}", step.decision);
                broken_by.insert(line.split(' ').next().unwrap().to_owned());
            }
        }
    }
    let all = [
        "associate-network-acl",
        "associate-route-table",
        "create-gateway",
        "deactivate-router-interface",
        "delete-nat-gateway",
        "delete-vpc-peering",
        "delete-vpc-peering-connection",
        "modify-instance",
        "modify-security-group",
        "release-public-ip",
        "stop-instance",
    ];
    assert_eq!(broken_by.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// The same for a request, which carries nothing before either.
#[test]
fn the_ground_of_a_request_that_was_rejected_is_its_rejection() {
    let lab = lab::read(Source::new("lab.toml", include_str!("../../labs/alibaba-peer-cross-account.toml"))).unwrap();
    let mut run = Run::begin(lab, "lab.toml".into()).unwrap();
    let is_pending = |run: &Run| run.cloud().peering_connections().any(|it| it.status == ConnectionStatus::Pending);
    while !is_pending(&run) {
        run.step().unwrap().unwrap();
    }
    let connection = run.cloud().peering_connections().next().unwrap();
    let (account, line) =
        (connection.accepter.account.clone(), format!("reject-vpc-peering-connection {}", connection.name));
    run.operate(account.as_str(), lab::parse_operation(&line).unwrap()).unwrap();
    let end = run.cloud().peerings().next().unwrap();
    assert!(matches!(&end.origin, Origin::Api(by) if **by == *line), "{:?}", end.origin);
}

/// Where nothing that can be done makes it reach, it is said what to build instead, or why nothing helps.
#[test]
fn where_there_is_no_fix_in_a_shipped_lab_it_is_said_why() {
    let mut runner = TestRunner::deterministic();
    let rolls = prop::collection::vec(prop::collection::vec(any::<u16>(), 24), 0..16);
    let mut hopeless = 0;
    for Shipped { name, text } in shipped::ALL {
        let finished = played(text, "");
        for _ in 0..12 {
            let mut run = finished.clone();
            for rolls in rolls.new_tree(&mut runner).unwrap().current() {
                let operation = random_operation(run.cloud(), &rolls);
                let _ = run.operate(operation.caller.as_str(), operation.call);
            }
            for (from, to) in pairs(run.cloud(), 6) {
                let explanation = trace::explain(run.cloud(), &from, &to, Protocol::Icmp);
                if explanation.fix.is_none() {
                    let says_why = explanation.blockers.iter().any(|blocker| blocker.instead.is_some());
                    assert!(says_why, "{name}: {from} → {to}: {:#?} after {:#?}", explanation.blockers, run.events());
                    hopeless += 1;
                }
            }
        }
    }
    assert!(hopeless > 100, "{hopeless} flows cannot be fixed");
}
