//! Verifies labs in the kernel, then with something missing in the kernel, which must be noticed. Needs root.

use std::fmt::Write;
use std::process::Command;
use std::time::Instant;

use super::{CheckResult, Moved, Options, Report, sight, verify};
use crate::cloud::Cloud;
use crate::error::Source;
use crate::flow::{Endpoint, Protocol};
use crate::kernel;
use crate::lab::{self, Lab};
use crate::network::compile::compile;
use crate::network::diff::diff;
use crate::network::model::{NamespaceName, Network};
use crate::report::matrix;
use crate::terminal::Terminal;

const WIDE: Terminal = Terminal { width: 100, ..Terminal::PLAIN };

/// A lab in the kernel under a unique name, removed when dropped.
struct Up {
    name: String,
    lab: Lab,
    cloud: Cloud,
    steps: usize,
    namespaces: Vec<NamespaceName>,
}

impl Up {
    fn new(test: &str, text: &str) -> Self {
        let lab = lab::read(Source::new("lab.toml", text)).unwrap();
        let (cloud, _) = lab.build().unwrap();
        let name = format!("probe-{test}-{}", std::process::id());
        let mut up = Up { name, lab, cloud, steps: 0, namespaces: Vec::new() };
        up.settle();
        up
    }

    /// Brings the kernel to the cloud's state.
    fn settle(&mut self) {
        let network = compile(&self.cloud);
        let names: Vec<_> = network.namespaces.keys().cloned().collect();
        let current = if self.namespaces.is_empty() {
            self.namespaces = names;
            Network::default()
        } else {
            kernel::read(&self.name, &names, &network).unwrap()
        };
        kernel::apply(&self.name, &network, &diff(&current, &network)).unwrap();
    }

    fn step(&mut self) {
        self.lab.play(&mut self.cloud, self.steps).unwrap();
        self.steps += 1;
        self.settle();
    }

    fn verify(&self) -> Report {
        let checks = self.lab.checks_after(self.steps);
        verify(&self.name, &self.cloud, checks, &self.lab.source, Options::default()).unwrap()
    }

    /// Changes a namespace without peerlab.
    fn tamper(&self, namespace: &str, command: &str) {
        let namespace = format!("{}.{namespace}", self.name);
        let status = Command::new("ip").args(["netns", "exec", &namespace, "sh", "-c", command]).status().unwrap();
        assert!(status.success(), "{command}");
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if let Err(errors) = kernel::remove(&self.name, &self.namespaces) {
            eprintln!("{errors}");
        }
    }
}

fn assert_passes(report: &Report) {
    assert!(!report.failed(), "{}", matrix::render(report, &WIDE));
    assert_eq!(report.summary.agree, report.summary.pairs);
    assert_eq!(report.summary.checks_passed, report.checks.len());
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(format!("{}/labs/{name}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Every step of a shipped lab, each verified.
fn walk(name: &str) {
    let mut up = Up::new(name, &shipped(name));
    for _ in 0..up.lab.steps.len() {
        up.step();
        let report = up.verify();
        assert!(!report.checks.is_empty(), "step {} of {name} has a check", up.steps);
        assert_passes(&report);
    }
}

#[test]
fn cross_account_is_as_predicted_at_every_step() {
    walk("cross-account");
}

#[test]
fn same_account_is_as_predicted_at_every_step() {
    walk("same-account");
}

#[test]
fn router_interfaces_is_as_predicted_at_every_step() {
    walk("router-interfaces");
}

#[test]
fn vpc_peering_is_as_predicted_at_every_step() {
    walk("vpc-peering");
}

/// One VPC, with and without the internet, and checks of every kind.
const ONE: &str = r#"
[lab]
provider = "jdcloud"

[account.A]

[vpc.V]
account = "A"
region = "r"
cidr = "10.0.0.0/16"

[vpc.V.subnet.s]
cidr = "10.0.1.0/24"

[security_group.sg-web]
vpc = "V"
rules = [
  { from = "0.0.0.0/0", protocol = "icmp" },
  { from = "0.0.0.0/0", protocol = "tcp", port = "80" },
  { from = "0.0.0.0/0", protocol = "udp", port = "53" },
]

[security_group.sg-shut]
vpc = "V"
rules = [{ to = "0.0.0.0/0", protocol = "udp", policy = "drop" }]

[instance.web]
subnet = "V/s"
ip = "10.0.1.10"
public_ip = "203.0.113.10"
security_groups = ["sg-web"]

[instance.inside]
subnet = "V/s"
ip = "10.0.1.11"
security_groups = ["sg-shut"]

[[check]]
from = "inside"
to = "web"
protocol = "tcp/80"
expect = "reach"

[[check]]
from = "inside"
to = "web"
protocol = "tcp/22"
expect = "drop"
because = "ingress-security-group"

[[check]]
from = "inside"
to = "web"
protocol = "udp/53"
expect = "drop"
because = "egress-security-group"

[[check]]
from = "web"
to = "inside"
expect = "drop"
because = "ingress-security-group"

[[check]]
from = "internet"
to = "web"
protocol = "udp/53"
expect = "reach"

[[check]]
from = "internet"
to = "web"
protocol = "tcp/80"
expect = "reach"

[[check]]
from = "internet"
to = "inside"
protocol = "tcp/80"
expect = "drop"
because = "no-public-ip"

[[check]]
from = "inside"
to = "internet"
expect = "drop"
because = "no-public-ip"

[[check]]
from = "web"
to = "internet"
protocol = "tcp/443"
expect = "reach"

[[check]]
from = "web"
to = "8.8.8.8"
protocol = "udp/53"
expect = "reach"

[[check]]
from = "web"
to = "10.0.1.77"
protocol = "tcp/80"
expect = "drop"
because = "no-such-address"

[[check]]
from = "inside"
to = "10.0.1.10"
protocol = "tcp/80"
expect = "reach"
"#;

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from));
    text.replacen(from, to, 1)
}

#[test]
fn checks_of_every_sort_hold() {
    let up = Up::new("one", ONE);
    assert_passes(&up.verify());
}

#[test]
fn a_check_that_does_not_hold_is_told_with_its_line() {
    let up = Up::new(
        "wrong",
        &replaced(ONE, "\nprotocol = \"tcp/443\"\nexpect = \"reach\"", "\nprotocol = \"tcp/443\"\nexpect = \"drop\""),
    );
    let report = up.verify();
    assert!(report.failed());
    let failed: Vec<_> = report.checks.iter().filter(|check| !check.passed).collect();
    assert_eq!(failed.len(), 1);
    let line = up.lab.source.text.lines().nth(failed[0].line - 1);
    assert_eq!(line, Some("[[check]]"));
    assert_eq!((failed[0].expected.to_string(), failed[0].observed.to_string()), ("drop".into(), "reach".into()));
    assert_eq!(report.summary.disagree, 0, "the prediction and the packets agree");
}

#[test]
fn a_check_with_another_reason_does_not_hold() {
    let up = Up::new("reason", &replaced(ONE, "because = \"egress-security-group\"", "because = \"no-route\""));
    let report = up.verify();
    assert_eq!((report.summary.checks_failed, report.summary.disagree), (1, 0));
}

#[test]
fn a_kernel_that_drops_what_should_pass_is_noticed() {
    let up = Up::new("drops", ONE);
    up.tamper("inside", "ip route del default");
    let report = up.verify();
    let disagree = report.pairs.iter().filter(|pair| !pair.agrees()).map(|pair| pair.from.to_string());
    assert_eq!(disagree.collect::<Vec<_>>(), ["inside"]);
    let text = matrix::render(&report, &WIDE);
    let evidence = "\
inside → web  icmp  ✓ reach

there  10.0.1.11 → 10.0.1.10
  ✓ inside  egress   no rule of sg-shut matches: accept";
    assert!(text.contains(evidence), "{text}");
    assert!(text.contains("\nsent  no answer; no drop was counted; not as predicted"), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    let first = &json["disagreements"][0];
    assert_eq!((&first["disposition"], &first["observed"]), (&"reach".into(), &"drop".into()), "{json}");
    assert_eq!(first["hops"][0]["steps"][0]["line"], 23, "{json}");
    assert!(report.summary.checks_failed > 0);
}

#[test]
fn a_kernel_that_drops_for_another_reason_is_noticed() {
    let up = Up::new("counts", ONE);
    // web → inside is still dropped, but by a rule that does not count it.
    up.tamper(
        "V",
        "nft 'add table inet other; add chain inet other f { type filter hook forward priority -10; }; \
         add rule inet other f icmp type echo-request ip daddr 10.0.1.11 drop'",
    );
    let report = up.verify();
    let counted: Vec<_> = report.counters.iter().map(|it| (it.reason.as_str(), it.predicted, it.counted)).collect();
    assert_eq!(counted, [("ingress-security-group", 2, 1)]);
    let summary = &report.summary;
    assert_eq!((summary.agree, summary.disagree, summary.others_disagree), (2, 0, 1));
    let text = matrix::render(&report, &WIDE);
    let counted = "✗ drops counted as ingress-security-group: predicted 2, counted 1";
    assert!(text.contains(counted), "{text}");
    // The one of two drops that is not counted is found.
    assert!(text.contains("web → inside  icmp  ✗ ingress-security-group\n"), "{text}");
    assert!(text.contains("\nsent  no answer; no drop was counted; not as predicted"), "{text}");
    assert_eq!(report.disagreements.len(), 1);
    let because = |check: &&CheckResult| check.expected.to_string() == "ingress-security-group";
    assert!(report.checks.iter().filter(because).all(|check| !check.passed), "the counters do not vouch for them");
}

#[test]
fn a_drop_by_a_rule_of_a_group_names_the_rule() {
    let up = Up::new("rule", ONE);
    let sent = |protocol| {
        let end = |name: &str| Endpoint::Instance(name.parse().unwrap());
        sight(&up.name, &up.cloud, &end("inside"), &end("web"), protocol).unwrap().counters
    };
    let moved = |reason: &str, rule: Option<&str>| {
        vec![Moved { vpc: "V".into(), reason: reason.into(), packets: 1, rule: rule.map(String::from) }]
    };
    let rule = "sg-shut: drop udp 1/65535 to 0.0.0.0/0 priority 1";
    assert_eq!(sent(Protocol::Udp(53)), moved("egress-security-group", Some(rule)));
    assert_eq!(sent(Protocol::Tcp(22)), moved("ingress-security-group", None), "no rule accepts: none dropped it");
    assert_eq!(sent(Protocol::Tcp(80)), []);
}

#[test]
fn other_traffic_that_is_dropped_meanwhile_does_not_matter() {
    let up = Up::new("traffic", ONE);
    let namespace = format!("{}.web", up.name);
    let command = ["netns", "exec", &namespace, "ping", "-q", "-i", "0.05", "10.0.1.11"];
    let mut other = Command::new("ip").args(command).stdout(std::process::Stdio::null()).spawn().unwrap();
    let report = up.verify();
    other.kill().unwrap();
    other.wait().unwrap();
    assert_passes(&report);
}

#[test]
fn bandwidth_is_measured_through_the_peering() {
    let text = shipped("cross-account");
    let mut up = Up::new("goodput", &text);
    for _ in 0..up.lab.steps.len() {
        up.step();
    }
    let mut check = up.lab.checks[0].clone();
    check.expect = lab::Expect::Bandwidth(crate::cloud::Bandwidth(2_000_000));
    let hold = |check| verify(&up.name, &up.cloud, &[check], &up.lab.source, Options::default()).unwrap();
    let report = hold(check.clone());
    assert!(report.checks.iter().all(|check| check.passed), "{:?}", report.checks);
    assert!(report.checks.iter().all(|check| matches!(check.protocol, Protocol::Tcp(_))), "{:?}", report.checks);
    check.expect = lab::Expect::Bandwidth(crate::cloud::Bandwidth(4_000_000));
    assert!(hold(check).checks.iter().all(|check| !check.passed));
}

/// A ring of VPCs, each peering with the next, without a route to any but the next two.
fn ring(vpcs: usize, instances: usize) -> String {
    let mut text = String::from("[lab]\nprovider = \"alibaba\"\n[account.A]\n");
    for v in 0..vpcs {
        let (next, before) = ((v + 1) % vpcs, (v + vpcs - 1) % vpcs);
        let _ = write!(
            text,
            "[vpc.V{v}]\naccount = \"A\"\nregion = \"r\"\ncidr = \"10.{v}.0.0/16\"\n\
             routes = [{{ to = \"10.{next}.0.0/16\", via = \"p{v}\" }}, {{ to = \"10.{before}.0.0/16\", via = \"p{before}\" }}]\n\
             [vpc.V{v}.subnet.s]\ncidr = \"10.{v}.1.0/24\"\n\
             [peering.p{v}]\nlocal = \"V{v}\"\npeer = \"V{next}\"\nspec = \"Mini.2\"\n"
        );
        for i in 0..instances {
            let _ = write!(text, "[instance.v{v}i{i}]\nsubnet = \"V{v}/s\"\n");
        }
    }
    text
}

#[test]
fn every_pair_of_a_hundred_instances_is_as_predicted() {
    let up = Up::new("ring", &ring(10, 10));
    for _ in 0..3 {
        let began = Instant::now();
        let report = up.verify();
        println!("{} pairs verified in {:?}", report.pairs.len(), began.elapsed());
        assert_passes(&report);
        assert_eq!(report.pairs.len(), 9900);
        assert_eq!(report.pairs.iter().filter(|pair| pair.predicted.reaches()).count(), 100 * 9 + 100 * 20);
    }
}

#[test]
#[ignore = "figures, on an idle machine: cargo test --release figures -- --ignored --nocapture"]
fn figures() {
    for (vpcs, instances) in [(10, 10), (100, 10)] {
        let up = Up::new("figures", &ring(vpcs, instances));
        for full in [false, false, true] {
            let began = Instant::now();
            let report = verify(&up.name, &up.cloud, &[], &up.lab.source, Options { full }).unwrap();
            let (took, summary) = (began.elapsed(), report.summary);
            let rate = summary.pairs as f64 / took.as_secs_f64();
            println!("{vpcs} x {instances}, full {full}: {took:.2?}, {rate:.0} a second, {summary:?}");
        }
    }
}
