//! How long labs over several hosts take, beside scripts of `ovn-nbctl` that do the same: `scripts/bench-hosts`.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use crate::fabric::Fabric;
use crate::{agrees, fabric, setting, walk};

/// VPCs, and instances in each: so many ports, and those that scripts may have, too.
const SIZES: [(usize, usize); 4] = [(2, 1), (4, 5), (20, 10), (200, 10)];

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// The processor time in seconds, and the memory in MiB, of all processes of these names.
pub fn used() -> BTreeMap<String, (f64, f64)> {
    let mut used: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let read = |file: &str| fs::read_to_string(entry.path().join(file)).unwrap_or_default();
        let (stat, statm) = (read("stat"), read("statm"));
        let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { continue };
        let number =
            |text: &str, at: usize| text.split_whitespace().nth(at).and_then(|it| it.parse().ok()).unwrap_or(0.0);
        if name.starts_with("ov") || name.starts_with("test-peerlab") {
            let sum = used.entry(name.to_owned()).or_default();
            sum.0 += (number(rest, 11) + number(rest, 12)) / 100.0;
            sum.1 += number(&statm, 1) * 4.0 / 1024.0;
        }
    }
    used
}

/// What the daemons and the nodes used since.
fn since(before: &BTreeMap<String, (f64, f64)>) -> String {
    let one = |(name, (time, memory)): (String, (f64, f64))| {
        let time = time - before.get(&name).map_or(0.0, |it| it.0);
        format!("{name} {time:.2} s {memory:.0} MiB")
    };
    used().into_iter().map(one).collect::<Vec<_>>().join(", ")
}

fn row(fabric: &Fabric, vpcs: usize, instances: usize, by_hand: bool) {
    let ports = vpcs * instances;
    let text = fabric.ok(&format!("init big --provider aws --stdout --vpcs {vpcs} --instances {instances}")).stdout;
    let file = fabric.machine.file("big.toml", &text).display().to_string();
    let mut verify = serde_json::Value::Null;
    let step = |what: &'static str, work: &mut dyn FnMut()| {
        let before = used();
        let begun = Instant::now();
        work();
        let time = begun.elapsed();
        println!("{ports} ports, {what}: {:.2} s; all hosts together: {}", time.as_secs_f64(), since(&before));
        (what, time)
    };
    let mut figures = vec![
        step("up", &mut || {
            let up = fabric.ok(&format!("up {file} --no-verify"));
            assert!(!up.stderr.contains("warning"), "{up}{}", fabric.logs());
        }),
        step("verify", &mut || verify = fabric.peerlab("verify --json").json()),
        step("up again", &mut || assert_eq!(fabric.ok("up --no-verify --json").json()["changes"], 0)),
        step("an operation", &mut || _ = fabric.ok("api create-subnet late --vpc v1 --cidr 10.1.9.0/24")),
        step("down", &mut || _ = fabric.ok("down")),
    ];
    agrees(&verify, "big");
    if by_hand {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/by-hand/ovn");
        let run = |what: &str| {
            let line = format!("{script} {what} {vpcs} {instances} {} {}", fabric.northbound(), fabric.processes());
            fabric.machine.program(&line).exits(0);
        };
        figures.push(("by ovn-nbctl, ip and ovs-vsctl: up", time(|| run("up"))));
        figures.push(("down", time(|| run("down"))));
    }
    let figures = figures.iter().map(|(what, time)| format!("{what} {:.2} s", time.as_secs_f64()));
    println!("{ports} ports: {}", figures.collect::<Vec<_>>().join(", "));
}

#[test]
#[ignore = "it measures: scripts/bench-hosts"]
fn measured() {
    let Some(fabric) = fabric(3) else { return };
    let (most, least) = (setting("PEERLAB_PORTS", 200), setting("PEERLAB_LEAST_PORTS", 0));
    let is_asked = |ports: usize| (least..=most).contains(&(ports as u64));
    for (vpcs, instances) in SIZES.into_iter().filter(|(vpcs, instances)| is_asked(vpcs * instances)) {
        row(&fabric, vpcs, instances, vpcs * instances <= 200);
    }
}

/// The four tutorials after every step, then a bandwidth and a latency.
#[test]
#[ignore = "by hand, on a kernel with Open vSwitch: scripts/ci-vm --ovn"]
fn the_tutorials_a_bandwidth_and_a_latency() {
    let Some(fabric) = fabric(2) else { return };
    for name in ["vpc-peering", "cross-account", "same-account", "router-interfaces"] {
        println!("{name}: {} steps as predicted", walk(&fabric, name));
    }
    fabric.ok("up bandwidth --no-verify --place ecs-a=h1 --place ecs-b=h2");
    let verify = fabric.peerlab("verify --json").json();
    println!("bandwidth: {}", verify["checks"]);
    fabric.ok("down");
    fabric.ok("up latency --until 1 --no-verify --place app=h1 --place database=h2");
    println!("latency: {}", fabric.peerlab("ping app database -c5").stdout);
    fabric.ok("down");
}
