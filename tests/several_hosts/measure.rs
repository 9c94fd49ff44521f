//! How long labs over several hosts take, beside scripts of `ovn-nbctl` that do the same: `scripts/bench-hosts`.

use std::time::{Duration, Instant};

use crate::fabric::Fabric;
use crate::{agrees, fabric};

/// VPCs, and instances in each: so many ports, and those that scripts may have, too.
const SIZES: [(usize, usize); 4] = [(2, 1), (4, 5), (20, 10), (200, 10)];

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn row(fabric: &Fabric, vpcs: usize, instances: usize, by_hand: bool) {
    let ports = vpcs * instances;
    let text = fabric.ok(&format!("init big --provider aws --stdout --vpcs {vpcs} --instances {instances}")).stdout;
    let file = fabric.machine.file("big.toml", &text).display().to_string();
    let mut verify = serde_json::Value::Null;
    let mut figures = vec![
        ("up", time(|| _ = fabric.ok(&format!("up {file} --no-verify")))),
        ("verify", time(|| verify = fabric.peerlab("verify --json").json())),
        ("up again", time(|| assert_eq!(fabric.ok("up --no-verify --json").json()["changes"], 0))),
        ("an operation", time(|| _ = fabric.ok("api create-subnet late --vpc v1 --cidr 10.1.9.0/24"))),
        ("down", time(|| _ = fabric.ok("down"))),
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
    let most = std::env::var("PEERLAB_PORTS").map_or(200, |text| text.parse().unwrap());
    for (vpcs, instances) in SIZES.into_iter().filter(|(vpcs, instances)| vpcs * instances <= most) {
        row(&fabric, vpcs, instances, vpcs * instances <= 200);
    }
}
