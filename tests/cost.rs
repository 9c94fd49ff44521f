//! Counts peerlab's requests to the kernel (`-v`) at two sizes, which shows everything that grows faster than the lab,
//! on any machine and regardless of load.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files

#[allow(dead_code)]
mod support;

use support::{Machine, Run};

/// The counts of one command.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cost {
    namespaces: u64,
    sockets: u64,
    sends: u64,
    reads: u64,
}

impl Cost {
    fn of(run: &Run) -> Self {
        let line = run.stderr.lines().find_map(|line| line.strip_prefix("asked of the kernel: "));
        let line = line.unwrap_or_else(|| panic!("no counts on stderr of {run}"));
        let mut counts = line.split(", ").map(|count| count.split_once(' ').unwrap().0.parse().unwrap());
        let mut next = || counts.next().unwrap();
        Cost { namespaces: next(), sockets: next(), sends: next(), reads: next() }
    }

    /// Checks the upper limits.
    #[track_caller]
    fn within(self, what: &str, namespaces: u64, sockets: u64, sends: u64, reads: u64) {
        println!("{what}: {self:?}");
        let fits = self.namespaces <= namespaces && self.sockets <= sockets;
        assert!(fits && self.sends <= sends && self.reads <= reads, "{what}: {self:?}");
    }
}

/// The costs of the verbs in a ring of VPCs with five instances each.
struct Costs {
    /// Namespaces.
    size: u64,
    up: Cost,
    again: Cost,
    api: Cost,
    verify: Cost,
}

const INSTANCES: usize = 5;

fn costs(vpcs: usize) -> Costs {
    let machine = Machine::new();
    machine.ok(&format!("init ring --vpcs {vpcs} --instances {INSTANCES}"));
    let cost = |line: &str| Cost::of(&machine.ok(line));
    let up = cost("-v up ring.toml --no-verify");
    let again = cost("-v up ring.toml --no-verify");
    let api = cost("-v api deactivate-router-interface p1.initiator");
    machine.ok("api activate-router-interface p1.initiator");
    let verify = cost("-v verify");
    let costs = Costs { size: (vpcs * (INSTANCES + 1) + 1) as u64, up, again, api, verify };
    machine.ok("down ring");
    costs
}

#[test]
fn a_lab_costs_as_much_as_it_is_large_and_an_operation_as_much_as_it_changes() {
    let (small, large) = (costs(4), costs(12));
    for it in [&small, &large] {
        // As measured, plus a tenth. Only routers, one namespace in six, have nftables, which take another socket and
        // batch.
        let size = |tenths: u64| it.size * tenths / 10;
        it.up.within("up", size(11), size(13), size(26), size(28));
        it.again.within("up again", size(11), size(22), size(127), size(195));
        // Everything may be sent twice. A lab of at most 50 namespaces is also read as a whole, to look for drift.
        let read = if it.size <= 50 { it.again } else { Cost::default() };
        let Cost { namespaces, sockets, sends, reads } = read;
        let of = |tenths: u64, also: u64| size(tenths) + also;
        it.verify.within("verify", of(30, namespaces), of(30, sockets), of(30, sends), of(60, reads));
    }
    let per_namespace = |it: &Costs, of: fn(&Costs) -> u64| of(it) as f64 / it.size as f64;
    let counts: [fn(&Costs) -> u64; 4] = [|it| it.up.sends, |it| it.up.reads, |it| it.again.sends, |it| it.again.reads];
    for (number, of) in counts.into_iter().enumerate() {
        let (one, other) = (per_namespace(&small, of), per_namespace(&large, of));
        assert!(other <= one * 1.05, "count {number} grows faster than the lab: {one:.2}, then {other:.2} a namespace");
    }
    assert_eq!(small.api, large.api, "an operation costs the same in a lab of any size");
    // Two routers are read and programmed, and the namespaces at the other ends of their wires are identified.
    large.api.within("api", 18, 8, 66, 102);
}

/// The cost of `up`, of `up` again, and of an operation, in a small ring whose file is changed.
fn costs_of(change: impl Fn(&str) -> String) -> [Cost; 3] {
    let machine = Machine::new();
    machine.file("ring.toml", &change(&machine.ok("init ring --vpcs 4 --instances 5 --stdout").stdout));
    let up = "-v up ring.toml --no-verify";
    let costs = [up, up, "-v api deactivate-router-interface p1.initiator"].map(|line| Cost::of(&machine.ok(line)));
    machine.ok("down ring");
    costs
}

#[test]
fn what_a_lab_does_not_use_costs_nothing() {
    let plain = costs_of(str::to_owned);
    let paced = costs_of(|text| text.replacen("\nprovider", "\npace = \"real\"\nprovider", 1));
    assert_eq!(paced, plain, "transient states are the journal's alone");
    let nat = costs_of(|text| format!("{text}\n[nat_gateway.ngw]\nsubnet = \"v1/s1\"\n"));
    let [Cost { namespaces, sockets, sends, reads }, ..] = plain;
    // A NAT gateway is a namespace with a ruleset; the other VPCs have no part in it.
    nat[0].within("up with a NAT gateway", namespaces + 1, sockets + 2, sends + 5, reads + 5);
}
