//! `status`, `explain` and the picture say the same about a peering that does not carry traffic.

use super::graph::model::{Caption, Graph};
use super::status::CloudStatus;
use crate::error::Source;
use crate::flow::{Endpoint, Protocol};
use crate::lab;
use crate::session::Run;
use crate::trace;

/// The tutorial's lab, finished, after these operations.
fn after(operations: &str) -> Run {
    let lab = lab::read(Source::new("lab.toml", include_str!("../../labs/cross-account.toml"))).unwrap();
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
    assert_eq!(what, "the other end is deleted: account A must delete ri-a and build the pair anew");
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
    assert_eq!(what, "ri-a and ri-b are both the initiator: account B must delete ri-b and create it anew");
    assert_eq!(operation, "B: delete-router-interface ri-b");
}
