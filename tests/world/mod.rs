//! A world of labs: an empty private `/run`, Clouds from run lines, their Networks in the kernel, and every check of
//! them by `verify`.
#![allow(dead_code, reason = "each of the tests that share it uses a part")]

use std::collections::BTreeSet;
use std::fmt;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use peerlab::cloud::{Account, Allow, Cloud, Id, Operation, Origin, Provider};
use peerlab::error::Source;
use peerlab::flow::{Disposition, Endpoint, Protocol, Traffic};
use peerlab::kernel;
use peerlab::lab::{self, Check, Expect};
use peerlab::network::compile::compile;
use peerlab::network::diff::diff;
use peerlab::network::model::{NamespaceName, Network};
use peerlab::report;
use peerlab::terminal::Terminal;
use peerlab::trace::{explain, predict};
use peerlab::verify::{Options, Report, foretold, verify};

/// The accounts of every Cloud here.
pub const ACCOUNTS: [&str; 3] = ["A", "B", "C"];

fn account_id(name: &str) -> String {
    // Every provider takes 12 digits.
    format!("1000000000{}", name.bytes().map(u32::from).sum::<u32>() % 90 + 10)
}

/// Moves the calling thread, and threads that it starts later, into new mount (with an empty `/run`) and network
/// namespaces. Everything created there ends with them.
pub fn isolate() {
    assert!(nix::unistd::geteuid().is_root(), "this test makes namespaces: run it as root");
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET).unwrap();
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
    mount(Some("tmpfs"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
}

/// A run line and its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub caller: &'static str,
    pub text: String,
}

impl Line {
    fn operation(&self) -> Operation {
        let call = lab::parse_operation(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.text));
        Operation { caller: self.caller.parse().unwrap(), call, origin: Origin::Api(self.text.as_str().into()) }
    }
}

/// The operations on a Cloud from its beginning. The kernel follows after each phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    pub provider: &'static str,
    pub phases: Vec<Vec<Line>>,
}

impl Story {
    /// The Cloud before the first line.
    pub fn beginning(provider: &str) -> Cloud {
        let provider = Provider::named(provider).expect("a provider");
        let account = |name: &str| Account { name: name.parse().unwrap(), id: Id(account_id(name).into()) };
        let allow = Allow { cross_region_group: provider.name == "alibaba", ..Allow::default() };
        Cloud::new(provider, allow, ACCOUNTS.map(account).into())
    }

    /// Runs a line; returns whether the Cloud accepted it.
    pub fn does(cloud: &mut Cloud, line: &Line) -> bool {
        cloud.apply(&line.operation()).is_ok()
    }

    /// The Cloud after each phase, skipping lines that it refuses.
    pub fn clouds(&self) -> Vec<Cloud> {
        let mut cloud = Story::beginning(self.provider);
        let phase = |lines: &Vec<Line>| {
            for line in lines {
                Story::does(&mut cloud, line);
            }
            cloud.clone()
        };
        self.phases.iter().map(phase).collect()
    }

    /// The lab file: a step for each sequence of lines by one account.
    pub fn lab_text(&self, checks: &[Check]) -> String {
        let allow = if self.provider == "alibaba" { "allow = [\"cross-region-group\"]\n" } else { "" };
        let mut text = format!("[lab]\nname = \"agreement\"\nprovider = \"{}\"\n{allow}\n", self.provider);
        text.extend(ACCOUNTS.map(|name| format!("[account.{name}]\nid = \"{}\"\n", account_id(name))));
        let mut cloud = Story::beginning(self.provider);
        for (number, lines) in self.phases.iter().enumerate() {
            let allowed: Vec<_> = lines.iter().filter(|line| Story::does(&mut cloud, line)).collect();
            for lines in allowed.chunk_by(|a, b| a.caller == b.caller) {
                let caller = lines[0].caller;
                text += &format!("\n[[step]]\ntitle = \"Phase {}\"\naccount = \"{caller}\"\nrun = [\n", number + 1);
                text.extend(lines.iter().map(|line| format!("  \"{}\",\n", line.text)));
                text += "]\n";
            }
        }
        for Check { from, to, protocol, size, expect, .. } in checks {
            text += &format!("\n[[check]]\nfrom = \"{from}\"\nto = \"{to}\"\nprotocol = \"{protocol}\"\n");
            text += &size.map_or_else(String::new, |size| format!("size = {size}\n"));
            text += &match expect {
                Expect::Drop(Some(because)) => format!("expect = \"drop\"\nbecause = \"{because}\"\n"),
                other => format!("expect = \"{other}\"\n"),
            };
        }
        text
    }
}

/// Checks for all flows of a Cloud, with the predicted results: between instances, from and to the internet, public
/// addresses, gateways and other reserved addresses, and unused addresses.
pub fn questions(cloud: &Cloud) -> Vec<Check> {
    let protocols = [Protocol::Icmp, Protocol::Tcp(22), Protocol::Udp(53)];
    let instances: Vec<_> = cloud.instances().map(|it| Endpoint::Instance(it.name.clone())).collect();
    let ends = || instances.iter().cloned().chain([Endpoint::Internet]);
    let mut asked = BTreeSet::new();
    let sized = |size| Traffic::from(Protocol::Icmp).sized(Some(size));
    let sizes = sizes(cloud);
    for (from, to) in ends().flat_map(|from| ends().map(move |to| (from.clone(), to))) {
        if from != to {
            asked.extend(protocols.map(|protocol| (from.clone(), to.clone(), Traffic::from(protocol))));
            asked.extend(sizes.iter().map(|size| (from.clone(), to.clone(), sized(*size))));
        }
    }
    for public in cloud.nat_gateways().filter_map(|it| it.public_ip()) {
        let to = Endpoint::Address(public);
        asked.extend(ends().flat_map(|from| protocols.map(|protocol| (from.clone(), to.clone(), protocol.into()))));
    }
    let hosts = cloud.nat_gateways().map(|it| it.host.ip);
    let public = cloud.instances().filter_map(|it| it.public_ip);
    let private = cloud.instances().map(|it| it.ip);
    let kept = cloud.subnets().flat_map(|it| [it.cidr.network(), it.gateway, it.cidr.broadcast()]);
    let nobodys = cloud.subnets().map(|it| it.cidr.hosts().nth(6).unwrap_or(it.gateway));
    let free = cloud.vpcs().map(|it| (u32::from(it.cidr.broadcast()) - 5).into());
    let others = [
        [8, 8, 8, 8],
        [10, 77, 0, 1],
        [172, 30, 0, 1],
        [192, 0, 2, 1],
        [100, 64, 0, 1],
        [192, 168, 77, 1],
        [169, 254, 9, 9],
        [0, 1, 2, 3],
        [240, 0, 0, 1],
    ]
    .map(Into::into);
    let addresses: BTreeSet<_> =
        public.chain(private).chain(hosts).chain(kept).chain(nobodys).chain(free).chain(others).collect();
    for (number, from) in ends().enumerate() {
        for (place, to) in addresses.iter().enumerate() {
            // The protocol rarely matters for an address, so use each in turn.
            let protocol = protocols[(number + place) % 3];
            asked.insert((from.clone(), Endpoint::Address(*to), protocol.into()));
            asked.extend(sizes.last().map(|size| (from.clone(), Endpoint::Address(*to), sized(*size))));
        }
    }
    let check = |(from, to, traffic): (Endpoint, Endpoint, Traffic)| {
        let expect = match predict(cloud, &from, &to, traffic) {
            Disposition::Reach => Expect::Reach,
            dropped @ Disposition::Drop { .. } => Expect::Drop(Some(dropped)),
        };
        let Traffic { protocol, size, .. } = traffic;
        Check { from, to, protocol, source_port: None, size, expect, both_ways: false, span: 0..0 }
    };
    asked.into_iter().map(check).collect()
}

/// Sizes around the MTUs of a Cloud; none where all are the usual one.
fn sizes(cloud: &Cloud) -> BTreeSet<u16> {
    let mtus: BTreeSet<_> = cloud.vpcs().map(|vpc| vpc.mtu).chain(cloud.peerings().map(|it| it.mtu)).collect();
    if mtus.iter().all(|mtu| *mtu == 1500) {
        return BTreeSet::new();
    }
    mtus.into_iter().flat_map(|mtu| [mtu, mtu + 1]).collect()
}

/// A lab in the kernel, removed when dropped.
pub struct World {
    name: String,
    names: Vec<NamespaceName>,
}

impl World {
    pub fn new(name: impl Into<String>) -> Self {
        World { name: name.into(), names: Vec::new() }
    }

    /// Brings the kernel from any state to `network`.
    pub fn settle(&mut self, network: &Network) -> Result<(), String> {
        let all: BTreeSet<_> = self.names.iter().chain(network.namespaces.keys()).cloned().collect();
        let all: Vec<_> = all.into_iter().collect();
        let current = if self.names.is_empty() {
            Ok(Network::default())
        } else {
            kernel::read(&self.name, &all, network).map_err(|errors| format!("reading: {errors}"))
        };
        self.names = all;
        let current = current?;
        kernel::apply(&self.name, network, &diff(&current, network)).map_err(|errors| format!("applying: {errors}"))?;
        let found = kernel::read(&self.name, &self.names, network).map_err(|errors| format!("reading: {errors}"))?;
        let left = diff(&found, network);
        self.names = network.namespaces.keys().cloned().collect();
        if left.is_empty() { Ok(()) } else { Err(format!("applied, and yet the kernel is to change: {left:#?}")) }
    }

    /// Creates `network` from nothing, without checking the result.
    pub fn raise(&mut self, network: &Network) -> Result<(), String> {
        self.names = network.namespaces.keys().cloned().collect();
        let made = kernel::apply(&self.name, network, &diff(&Network::default(), network));
        made.map(drop).map_err(|errors| errors.to_string())
    }

    /// Verifies that the kernel agrees with `cloud`.
    pub fn verify(&self, cloud: &Cloud, checks: &[Check]) -> Result<Report, String> {
        let source = Source::new("none", "");
        verify(&self.name, cloud, checks, &source, Options::default()).map_err(|errors| format!("verifying: {errors}"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Err(errors) = kernel::remove(&self.name, &self.names) {
            eprintln!("{errors}");
        }
    }
}

/// Why a Cloud and its kernel do not agree.
pub struct Disagreement {
    /// The checks that were not as predicted.
    pub checks: Vec<Check>,
    pub text: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Brings a lab to this Cloud and runs all checks; returns the report, or the disagreement.
pub fn agree(world: &mut World, cloud: &Cloud) -> Result<Report, Disagreement> {
    let broken = |text| Disagreement { checks: Vec::new(), text };
    world.settle(&compile(cloud)).map_err(broken)?;
    let checks = questions(cloud);
    let report = world.verify(cloud, &checks).map_err(broken)?;
    if !report.failed() {
        return Ok(report);
    }
    let mut text = String::new();
    let mut wrong = Vec::new();
    for (check, result) in checks.iter().zip(&report.checks) {
        if result.agrees() {
            continue;
        }
        let explanation = explain(cloud, &check.from, &check.to, check.traffic());
        text += &format!(
            "{} to {}, {}: predicted {}, seen {}\n",
            check.from,
            check.to,
            check.traffic(),
            foretold(result.predicted, &result.answered_by),
            result.observed.told(&result.answered_by)
        );
        text += &report::explain::render(&explanation, None, &Terminal { width: 110, ..Terminal::PLAIN });
        wrong.push(check.clone());
    }
    for counter in &report.counters {
        text += &format!("{}: {} drops predicted, {} counted\n", counter.reason, counter.predicted, counter.counted);
        let of_reason = |check: &&Check| matches!(check.expect, Expect::Drop(Some(Disposition::Drop { reason, .. })) if reason == counter.reason);
        // The counters do not show which flow it is, so take all flows of the reason; the shrinker leaves few.
        wrong.extend(checks.iter().filter(of_reason).take(12).cloned());
    }
    Err(Disagreement { checks: wrong, text })
}
