//! What a process that holds a lab asks of the kernel. Its requests are counted for the whole process, so the test is alone in
//! this one.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files, threads and clocks

#[allow(dead_code)] // other tests use the rest
mod support;

use std::cell::Cell;

use peerlab::kernel::cost;
use peerlab::lab::parse_operation;
use peerlab::progress::Unwatched;
use peerlab::session::{self, Held, Request, Scope, Session};
use support::{CROSS, Machine};

/// What this process left needs no reading, and what somebody else changes is found by the next change, even if it does not
/// concern the same resource.
#[test]
fn what_is_left_is_not_read_again_unless_somebody_touches_it() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify");
    let held = Held::open("cross").unwrap();
    let numbers = Cell::new(0);
    let route = || {
        numbers.set(numbers.get() + 1);
        let line = format!("create-route-entry --vpc VPC1 --destination 10.{}.0.0/16 --next-hop ri-a", numbers.get());
        let before = cost::spent().sends;
        let request = Request { account: "A".into(), call: parse_operation(&line).unwrap(), id: None };
        let changes = held.operate(request).unwrap().changes;
        (changes, cost::spent().sends - before)
    };
    let (changes, first) = route();
    assert_eq!(changes, 1);
    // The first change reads what the command left; the next one sends its own message, and nothing else.
    let next = route();
    assert!(next == (1, 1) && first > 10, "{first} messages, then {next:?}");
    for by_hand in [
        "ip -n cross.VPC1 addr del 192.168.1.253/24 dev vsw-1",
        "ip -n cross.VPC1 rule add pref 7 blackhole",
        "ip netns exec cross.VPC1 nft add rule ip vpc forward drop",
        "ip netns exec cross.VPC1 sysctl -qw net.ipv4.ip_forward=0",
        "ip -n cross.VPC1 link set vsw-1 down",
        "ip -n cross.VPC1 neigh del 192.168.1.10 dev vsw-1",
    ] {
        machine.program(by_hand).exits(0);
        let (changes, sent) = route();
        assert!(changes > 1 && sent > 10, "{by_hand}: {changes} changes, {sent} messages");
        machine.ok("up --no-verify").tells("nothing to do");
        assert_eq!(route().0, 1, "{by_hand}");
    }
    // So is this process, if it changes the lab without what holds it.
    let (mut session, mut standing) = Session::open_standing("cross", |_| ()).unwrap();
    let line = "create-route-entry --vpc VPC1 --destination 10.201.0.0/16 --next-hop ri-a";
    standing.operate("A", parse_operation(line).unwrap()).unwrap();
    session.settle_standing(&standing, Scope::Change, &Unwatched).unwrap();
    drop(session);
    assert_eq!(route().0, 1);
    // A command beside is somebody else.
    machine.ok("api --as A create-route-entry --vpc VPC1 --destination 10.200.0.0/16 --next-hop ri-a");
    assert_eq!(route().0, 1);
    assert_eq!(route(), (1, 1));
    assert!(*held.view().unwrap().cloud == *session::look("cross").unwrap().run.cloud());
    machine.ok("up --no-verify").tells("nothing to do");
    machine.agrees("verify", "held");
}
