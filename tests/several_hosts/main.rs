//! Labs over several hosts, on Debian's OVN and Open vSwitch (userspace datapath): three hosts and a central in namespaces.
//!
//! `PEERLAB_OVN=all` walks through every shipped lab and its steps; `PEERLAB_LABS=nat` takes only those with this in their names.
//! `PEERLAB_CLOUDS=2000` sets the number of random clouds, `PEERLAB_SEED=7` the first one.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod fabric;
mod measure;
#[allow(dead_code)] // other tests use the rest
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fabric::{Fabric, agrees};
use peerlab::cloud::random::random_operation;
use peerlab::error::Source;
use peerlab::lab;
use support::running::Running;
use support::served::{Server, script_by};

/// A fabric; `None` where OVN is not installed, which is said.
fn fabric(hosts: usize) -> Option<Fabric> {
    fabric_with(1, hosts)
}

/// A fabric with so many servers of the northbound database.
fn fabric_with(servers: usize, hosts: usize) -> Option<Fabric> {
    let there = support::oracle::oracle("ovn-northd") && support::oracle::oracle("ethtool");
    let root = support::oracle::root("it makes hosts, with Open vSwitch");
    (there && root).then(|| Fabric::new(servers, hosts))
}

fn all() -> bool {
    std::env::var("PEERLAB_OVN").is_ok_and(|it| it == "all")
}

/// What OVN does not carry: compile warns of it, and the labs that show it are not walked.
const NOT_CARRIED: &[&str] = &[
    // The size of packets.
    "jumbo-frames",
    // An answer by an instance that did not see the request.
    "firewall-in-the-middle",
];

#[test]
fn a_lab_goes_up_over_three_hosts_and_down_again() {
    let Some(fabric) = fabric(3) else { return };
    let up = fabric.ok("up cross-account --place ecs-a=h1 --place ecs-b=h2 --json").json();
    agrees(&up["verify"], "cross-account");
    assert_eq!((fabric.host_of("cross-account", "ecs-a"), fabric.host_of("cross-account", "ecs-b")), (1, 2));
    assert_eq!(fabric.namespaces_on(1), ["cross-account.ecs-a"]);
    assert_eq!(fabric.namespaces_on(2), ["cross-account.ecs-b"]);
    assert_eq!(fabric.namespaces_on(3), [""; 0]);

    // A second time there is nothing to do, and nothing is written.
    let written = || fabric.nbctl("--columns=external_ids find DNS external_ids:peerlab-kind=journal");
    let before = written();
    let again = fabric.ok("up cross-account --no-verify --json").json();
    assert_eq!((&again["changes"], written()), (&0.into(), before));

    // Every verb finds it.
    let list = fabric.ok("list --json").json();
    assert_eq!((&list["labs"][0]["lab"], &list["labs"][0]["namespaces"]), (&"cross-account".into(), &2.into()));
    assert_eq!(list["labs"][0]["gone"], serde_json::json!([]));
    fabric.ok("ping ecs-a ecs-b -c2");
    fabric.ok("explain ecs-a ecs-b");
    let elsewhere = fabric.peerlab_on(1, "exec ecs-b -- true").exits(2);
    assert!(elsewhere.stderr.contains("on host h2") && elsewhere.stderr.contains("exec --on"), "{}", elsewhere.stderr);
    fabric.peerlab_on(2, "exec ecs-b -- ping -c2 -W2 ecs-a").exits(0);
    for verb in ["capture VPC1", "exec VPC1 -- true"] {
        assert!(fabric.peerlab(verb).exits(2).stderr.contains("OneHostOnly"), "{verb}");
    }
    // Access keys are the lab's, wherever they are asked for.
    let keys = fabric.ok("credentials --json").json();
    assert!(keys["accounts"].as_array().unwrap().len() == 2, "{keys}");
    let of = |keys: &serde_json::Value| keys["accounts"][1]["access_key_secret"].clone();
    assert_eq!(of(&fabric.peerlab_on(3, "credentials --json").exits(0).json()), of(&keys));

    // Packets are captured where the instance is.
    let elsewhere = fabric.peerlab("capture ecs-b icmp").exits(2);
    let command = format!("`peerlab capture --on {} --lab cross-account ecs-b`", fabric.northbound());
    assert!(elsewhere.stderr.contains("on host h2") && elsewhere.stderr.contains(&command), "{}", elsewhere.stderr);
    let capture = Running::of("capture", fabric.command_on(2, "/run/test-peerlab capture ecs-b icmp in -c1"));
    fabric.ok("ping ecs-a ecs-b -c1");
    let captured = capture.ends();
    assert!(captured.stdout.contains("ecs-a") && captured.stdout.contains("echo request"), "{captured}");

    let doctor = fabric.peerlab_on(1, "doctor --json --ovs unix:/run/fabric/h1/db.sock").json();
    let findings: Vec<_> = doctor["findings"].as_array().unwrap().iter().filter(|it| it["area"] == "hosts").collect();
    assert!(findings.len() == 5 && findings.iter().all(|it| it["state"] == "good"), "{findings:#?}");

    // An operation takes effect at once, is seen by those who watch, and is refused as on one host.
    let seen = || fs::read_to_string("/run/test/watch").unwrap();
    let mut watch = fabric.command_on(3, "/run/test-peerlab watch");
    let mut watch = watch.stdout(fs::File::create("/run/test/watch").unwrap()).spawn().unwrap();
    fabric.until("the watch sees both pairs", |_| seen().contains("2 of 2"));
    fabric.ok("api --as A deactivate-router-interface ri-a");
    fabric.until("the watch sees it", |_| seen().contains("deactivate-router-interface ri-a"));
    fabric.peerlab("ping ecs-a ecs-b -c1").exits(1);
    // The hosts count why; the watch's packets, which go both ways, too.
    let sent = fabric.peerlab("explain ecs-a ecs-b --json").json();
    assert_eq!(sent["counters"][0]["reason"], "peering-inactive", "{sent}");
    // The lab's checks fail, as predicted.
    assert_eq!(fabric.peerlab("verify --json").exits(1).json()["summary"]["disagree"], 0);
    fabric.peerlab("api --as A deactivate-router-interface ri-a").exits(3);
    fabric.ok("undo");
    fabric.ok("ping ecs-a ecs-b -c1");

    // What somebody changed is found, and set right; rows of others stay.
    fabric.nbctl("ls-add not-ours");
    fabric.nbctl("lr-policy-del cross-account.VPC1");
    fabric.nbctl("lsp-set-port-security cross-account.ecs-a 02:00:00:00:00:01");
    fabric.until("the watch sees it", |_| seen().contains("port_security"));
    watch.kill().unwrap();
    watch.wait().unwrap();
    let drift = fabric.ok("status --json").json();
    assert!(drift["drift"].to_string().contains("port_security"), "{drift}");
    assert!(fabric.ok("plan cross-account -v").stdout.contains("Logical_Router_Policy"));
    agrees(&fabric.ok("up --json").json()["verify"], "repaired");
    assert!(fabric.nbctl("ls-list").contains("not-ours"));

    // A node that was killed changes nothing, and another one goes on.
    fabric.kill_node(2);
    fabric.peerlab_on(2, "exec ecs-b -- true").exits(0);
    fabric.start_node(2);
    // Of an instance that moves, nothing stays behind.
    agrees(&fabric.ok("up cross-account --place *=h3 --json").json()["verify"], "moved");
    fabric.until("h1 and h2 have nothing", |it| it.namespaces_on(1).is_empty() && it.namespaces_on(2).is_empty());
    // A switch may count later than its node knows.
    let period = |period: &str| {
        let set = format!("set open . other_config:max-revalidator={period}");
        fabric.on(3, &format!("ovs-vsctl --db=unix:/run/fabric/h3/db.sock {set}")).exits(0);
    };
    period("1500");
    fabric.ok("api --as A deactivate-router-interface ri-a");
    let sent = fabric.peerlab("explain ecs-a ecs-b --json").json();
    let counted = &sent["counters"][0];
    assert_eq!((&counted["vpc"], &counted["reason"]), (&"VPC1".into(), &"peering-inactive".into()), "{sent}");
    let verified = fabric.peerlab("verify --json").exits(1).json();
    let summary = &verified["summary"];
    assert!(summary["disagree"] == 0 && summary["others_disagree"].is_null(), "{}", fabric::wrong(&verified));
    fabric.ok("undo");
    period("100");
    // What was deleted by hand comes back.
    fabric.on(3, "ip netns del cross-account.ecs-a").exits(0);
    fabric.until("it is made anew", |it| it.namespaces_on(3).len() == 2);

    fabric.ok("test vpc-peering");
    let down = fabric.ok("down cross-account");
    assert!(!down.stderr.contains("warning"), "{}", down.stderr);
    fabric.until("nothing is left", |it| (1..=3).all(|host| it.namespaces_on(host).is_empty()));
    assert_eq!(fabric.nbctl("ls-list").lines().count(), 1);
    assert_eq!(fabric.nbctl("lr-list"), "");
    let left = fabric.on(3, "ovs-vsctl --db=unix:/run/fabric/h3/db.sock list-ports br-int").exits(0).stdout;
    assert!(!left.lines().any(|port| port.starts_with("pl") || port.starts_with("pm")), "{left}");
}

#[test]
fn writers_at_once_and_hosts_that_are_lost() {
    let Some(fabric) = fabric(2) else { return };
    fabric.ok("up vpc-peering --no-verify");
    // Each of them begins again until it was alone.
    let subnets = 6;
    let status = fabric.ok("status --json").json();
    let vpc = &status["vpcs"][0];
    let (name, account, cidr) = (vpc["name"].as_str().unwrap(), &vpc["account"], vpc["cidr"].as_str().unwrap());
    let prefix: String = cidr.split('.').take(2).collect::<Vec<_>>().join(".");
    let writers: Vec<_> = (0..subnets)
        .map(|n| {
            let account = account.as_str().unwrap();
            fabric
                .start(&format!("api --as {account} create-subnet s{n} --vpc {name} --cidr {prefix}.{}.0/24", 200 + n))
        })
        .collect();
    for writer in writers {
        let output = writer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let status = fabric.ok("status --json").json();
    let made = status["vpcs"][0]["subnets"].as_array().unwrap().iter();
    let made = made.filter(|it| it["name"].as_str().unwrap().contains("/s")).count();
    assert!(made >= subnets, "{status}");

    // If the answer to a change is lost, the change is sent again, but made once.
    lose_an_answer(6661);
    let account = account.as_str().unwrap();
    let last = format!("api --as {account} create-subnet last --vpc {name} --cidr {prefix}.250.0/24");
    fabric.ok(&format!("{last} --on tcp:10.9.0.1:6661"));
    fabric.peerlab(&last).exits(3);
    assert_eq!(fabric.ok("status --json").json()["drift"], serde_json::json!([]));

    // A host that does not answer is named, and its pairs are unknown.
    fabric.kill_node(2);
    fabric.until("it counts as lost", |it| it.ok("hosts").stdout.contains("lost"));
    let verified = fabric.peerlab("verify --json").json();
    let pairs = verified["pairs"].as_array().unwrap();
    let on_2 = status["instances"].as_array().unwrap().iter().filter(|it| it["host"] == "h2").count();
    assert_eq!(on_2 > 0, pairs.iter().any(|pair| pair["observed"] == "unknown"), "{verified}");
    let begun = std::time::Instant::now();
    let down = fabric.ok("down");
    assert!(begun.elapsed().as_secs() < 15, "down took {:?}", begun.elapsed());
    assert_eq!(on_2 > 0, down.stderr.contains("h2"), "{}", down.stderr);
    // A node waits for its database, and says so once.
    fabric.start_node_with(2, &[("PEERLAB_ON", "tcp:10.9.0.1:6651")]);
    fabric.until("it waits", |it| it.log_of(2).contains("no server answers at tcp:10.9.0.1:6651"));
    fabric.also_listen(6651);
    fabric.until("it removes what it had", |it| it.namespaces_on(2).is_empty());
    assert_eq!(fabric.log_of(2).matches("no server answers").count(), 1, "{}", fabric.log_of(2));
}

/// Has a port that passes everything on to the database, but of the first change it loses the answer, and the connection.
fn lose_an_answer(port: u16) {
    let listener = TcpListener::bind(("10.9.0.1", port)).unwrap();
    let is_lost = Arc::new(AtomicBool::new(false));
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut server = TcpStream::connect("10.9.0.1:6641").unwrap();
            let (mut answers, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let is_mute = Arc::new(AtomicBool::new(false));
            let (muted, is_lost) = (Arc::clone(&is_mute), Arc::clone(&is_lost));
            std::thread::spawn(move || {
                let mut chunk = vec![0; 1 << 16];
                while let Ok(length @ 1..) = answers.read(&mut chunk) {
                    if muted.load(Relaxed) || to_client.write_all(&chunk[..length]).is_err() {
                        return;
                    }
                }
            });
            std::thread::spawn(move || {
                let (mut chunk, mut request) = (vec![0; 1 << 16], Vec::new());
                while let Ok(length @ 1..) = client.read(&mut chunk) {
                    request.extend_from_slice(&chunk[..length]);
                    let is_change = String::from_utf8_lossy(&request).contains(r#""nb_cfg","+=""#);
                    let loses = is_change && !is_lost.swap(true, Relaxed);
                    is_mute.store(loses, Relaxed);
                    if server.write_all(&chunk[..length]).is_err() || loses {
                        // The database has made the change meanwhile.
                        std::thread::sleep(Duration::from_millis(500));
                        break;
                    }
                }
                let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
            });
        }
    });
}

#[test]
fn commands_and_nodes_speak_tls() {
    let Some(fabric) = fabric(1) else { return };
    let folder = fabric.speak_tls(6651);
    let identity = |name: &str, ca: &str| {
        format!(
            "--private-key {folder}/{name}-privkey.pem --certificate {folder}/{name}-cert.pem --ca-cert {folder}/pki/{ca}/cacert.pem"
        )
    };
    let ours = format!("--on ssl:10.9.0.1:6651 {}", identity("client", "switchca"));
    fabric.until("the server speaks TLS", |it| it.peerlab(&format!("hosts {ours}")).ended_well());
    let files = ["client-privkey.pem", "client-cert.pem", "pki/switchca/cacert.pem"].map(|it| format!("{folder}/{it}"));
    fabric.kill_node(1);
    fabric.start_node_with(
        1,
        &[
            ("PEERLAB_ON", "ssl:10.9.0.1:6651"),
            ("PEERLAB_PRIVATE_KEY", &files[0]),
            ("PEERLAB_CERTIFICATE", &files[1]),
            ("PEERLAB_CA_CERT", &files[2]),
        ],
    );
    agrees(&fabric.ok(&format!("up vpc-peering --json {ours}")).json()["verify"], "with TLS");
    fabric.ok(&format!("down {ours}"));
    // The unit has the same.
    let unit = fabric.ok(&format!("node --unit {ours}")).stdout;
    assert!(unit.contains(&format!(" node {ours} --ovs ")), "{unit}");

    // What is wrong is said, with what to do.
    let refused = |options: &str| fabric.peerlab(&format!("hosts --on ssl:10.9.0.1:6651 {options}"));
    let run = refused("").exits(2);
    assert!(run.stderr.contains("InvalidIdentity") && run.stderr.contains("--ca-cert is missing"), "{}", run.stderr);
    for (options, code) in [
        (identity("client", "controllerca"), "ServerNotTrusted"),
        (identity("stranger", "switchca"), "CertificateRefused"),
        (identity("nobody", "switchca"), "InvalidIdentity"),
    ] {
        let run = refused(&options);
        assert!(!run.ended_well() && run.stderr.contains(code) && run.stderr.contains("help:"), "{}", run.stderr);
    }
    let run = fabric.peerlab(&format!("hosts --on ssl:10.9.0.1:6641 {}", identity("client", "switchca"))).exits(4);
    assert!(run.stderr.contains("does not speak TLS"), "{}", run.stderr);
    let run = fabric.peerlab("hosts --on tcp:10.9.0.1:6651").exits(4);
    assert!(run.stderr.contains("write `ssl:`"), "{}", run.stderr);
}

#[test]
fn clients_drive_a_lab_over_several_hosts_beside_commands() {
    let Some(fabric) = fabric(2) else { return };
    // Commands that clients run in instances run where these are.
    let there = |command: &mut Command| {
        let mut on = fabric.command_on(1, "env");
        on.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => on.env(name, value),
                None => on.env_remove(name),
            };
        }
        *command = on;
    };
    fabric.ok("up cross-account --until 0 --no-verify --place *=h1");
    let server = Server::start_by(&fabric.machine, "", there);
    // Each call's effect is there when it returns, and what others do meanwhile is no obstacle.
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| {
            for n in 0..5 {
                fabric.ok(&format!("api --as A create-subnet s{n} --vpc VPC1 --cidr 192.168.{}.0/24", 100 + n));
            }
        });
        if let Some(run) = script_by(&server, "tutorials_alibaba.py", &["cross-account", "today"], there) {
            assert!(run.ended_well(), "{run}");
        }
        beside.join().unwrap();
    });
    let status = fabric.ok("status --json").json();
    let subnets = status["vpcs"][0]["subnets"].as_array().unwrap().len();
    assert!(subnets >= 6 && status["drift"] == serde_json::json!([]), "{status}");
    assert_eq!(fabric.peerlab("verify --json").json()["summary"]["disagree"], 0);
    fabric.ok("down");
    let log = server.end();
    assert!(!log.stderr.contains("Outdated"), "{log}");
}

#[test]
fn the_leader_of_three_databases_is_killed_while_a_lab_changes() {
    let Some(mut fabric) = fabric_with(3, 2) else { return };
    let (rounds, seed) = (setting("PEERLAB_ROUNDS", if all() { 8 } else { 1 }), setting("PEERLAB_SEED", 1));
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for round in 1..=rounds {
        for line in
            ["up cross-account --json", "api --as A create-subnet late --vpc VPC1 --cidr 192.168.9.0/24", "down"]
        {
            let child = fabric.start(line);
            std::thread::sleep(Duration::from_millis(u64::from(dice.roll() % 400)));
            let killed = fabric.kill_leader();
            let output = child.wait_with_output().unwrap();
            let what =
                format!("PEERLAB_SEED={seed}, round {round}: {line}\n{}", String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{what}");
            // Two of three go on, and what was asked is there, once.
            let status = fabric.peerlab("status cross-account --json");
            match line.split(' ').next() {
                Some("down") => assert!(!status.ended_well(), "{what}"),
                _ => assert_eq!(status.json()["drift"], serde_json::json!([]), "{what}"),
            }
            match line.split(' ').next() {
                Some("up") => {
                    agrees(&serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["verify"], &what)
                }
                Some("api") => {
                    let subnets = status.json()["vpcs"][0]["subnets"].as_array().unwrap().clone();
                    let late = subnets.iter().filter(|it| it["name"].as_str().unwrap().contains("late")).count();
                    assert_eq!(late, 1, "{what}{}", status.stdout);
                    agrees(&fabric.ok("verify --json").json(), &what);
                }
                _ => fabric.until("nothing is left", |it| (1..=2).all(|host| it.namespaces_on(host).is_empty())),
            }
            fabric.start_server(killed);
        }
    }
    assert_eq!((fabric.nbctl("ls-list"), fabric.nbctl("lr-list")), (String::new(), String::new()));
}

/// The names of the shipped labs.
fn shipped() -> Vec<String> {
    let labs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("labs")).unwrap();
    let name = |entry: fs::DirEntry| Some(entry.file_name().to_str()?.strip_suffix(".toml")?.to_owned());
    let only = std::env::var("PEERLAB_LABS").unwrap_or_default();
    let mut names: Vec<_> = labs.filter_map(|entry| name(entry.unwrap())).filter(|name| name.contains(&only)).collect();
    names.sort();
    names
}

/// Brings a shipped lab up, and goes through its steps; returns their number.
fn walk(fabric: &Fabric, name: &str) -> usize {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("labs/{name}.toml"))).unwrap();
    let steps = lab::read(Source::new("lab", text)).unwrap().steps.len();
    let up = fabric.peerlab(&format!("up {name} --until 0 --json"));
    agrees(&up.json()["verify"], name);
    for step in 1..=steps {
        let next = fabric.peerlab("next --json").json();
        let verify = next["steps"][0]["verify"].clone();
        agrees(&verify, &format!("{name}, step {step}"));
    }
    fabric.ok("down");
    steps
}

#[test]
fn shipped_labs_are_as_predicted_over_three_hosts() {
    let Some(fabric) = fabric(3) else { return };
    let few = [
        "vpc-peering",
        "aws-nacl-ephemeral",
        "internet",
        "nat-instance",
        "nat-gateway",
        "standby-route",
        "overlapping",
    ];
    let mut states = 0;
    for name in shipped().iter().filter(|name| all() || few.contains(&name.as_str())) {
        if NOT_CARRIED.contains(&name.as_str()) {
            continue;
        }
        states += walk(&fabric, name);
    }
    eprintln!("{states} states after steps");
}

/// Two instances with the same two groups, in the other order.
const LISTS: &str = r#"
[lab]
name = "lists"
provider = "tencent"

[account.A]
id = "100000000001"

[vpc.VPC1]
region = "ap-guangzhou"
cidr = "192.168.0.0/16"

[vpc.VPC1.subnet.one]
cidr = "192.168.1.0/24"
zone = "ap-guangzhou-3"

[security_group.closed]
vpc = "VPC1"
rules = [{ from = "192.168.1.10", protocol = "tcp", port = "22", policy = "drop" }]

[security_group.open]
vpc = "VPC1"
rules = [{ from = "192.168.1.0/24", protocol = "all" }, { to = "0.0.0.0/0", protocol = "all" }]

[instance.client]
subnet = "VPC1/one"
ip = "192.168.1.10"
security_groups = ["open"]

[instance.first-closed]
subnet = "VPC1/one"
ip = "192.168.1.20"
security_groups = ["closed", "open"]

[instance.first-open]
subnet = "VPC1/one"
ip = "192.168.1.30"
security_groups = ["open", "closed"]

[[check]]
from = "client"
to = "first-closed"
protocol = "tcp/22"
expect = "drop"

[[check]]
from = "client"
to = "first-open"
protocol = "tcp/22"
expect = "reach"
"#;

#[test]
fn groups_that_are_a_list_are_compared_one_after_the_other() {
    let Some(fabric) = fabric(2) else { return };
    let file = fabric.machine.file("lists.toml", LISTS).display().to_string();
    let up = fabric.ok(&format!("up {file} --json"));
    assert!(up.json()["verify"]["checks"].as_array().unwrap().len() == 2 && !up.stderr.contains("warning"), "{up}");
    agrees(&up.json()["verify"], "lists");
    fabric.ok("down");
}

#[test]
fn an_exercise_is_given_and_graded_over_several_hosts() {
    let Some(fabric) = fabric(2) else { return };
    let begun = fabric.ok("exercise start cross-account --seed 3 --name one --json").json();
    assert_eq!(begun["agrees"]["pairs"], begun["agrees"]["agree"], "{begun}");
    fabric.ok("exercise ticket one");
    // What was counted by one command is known to the next, on another host.
    fabric.ok("exercise hint one");
    fabric.peerlab_on(2, "exercise hint one").exits(0);
    assert_eq!(fabric.peerlab("exercise grade one --json").json()["hints"], 2);
    let solution = fabric.ok("exercise solution one --json").json();
    for fault in solution["faults"].as_array().unwrap() {
        for it in fault["mend"].as_array().unwrap() {
            let word = |key: &str| it[key].as_str().unwrap().to_owned();
            fabric.ok(&format!("api --lab one --as {} {}", word("account"), word("operation")));
        }
    }
    let grade = fabric.ok("exercise grade one --json").json();
    assert!(grade["checks"]["failed"] == 0 && grade["seconds"].as_u64() < Some(600), "{grade}");
    fabric.ok("down one");
}

/// Random numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as u16
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::from(self.roll()) % all.len()]
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// How many operations a random cloud is away from a shipped lab.
const OPERATIONS: usize = 12;

/// A shipped lab, after all of its steps, and operations on it that the cloud takes, each with its account.
fn story(dice: &mut Dice, labs: &[String]) -> Option<(String, Vec<(String, String)>)> {
    let name = dice.one_of(labs).clone();
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("labs/{name}.toml"))).unwrap();
    let lab = lab::read(Source::new("lab", text)).unwrap();
    let mut cloud = lab.rehearse().unwrap().0;
    let mut operations = Vec::new();
    for _ in 0..8 * OPERATIONS {
        let rolls: Vec<u16> = (0..12).map(|_| dice.roll()).collect();
        let operation = random_operation(&cloud, &rolls);
        // Steps are of the lab's own accounts.
        let is_own = lab.accounts.iter().any(|account| account.name == operation.caller);
        if is_own && operations.len() < OPERATIONS && cloud.apply(&operation).is_ok() {
            operations.push((operation.caller.to_string(), operation.call.to_string()));
        }
    }
    let host = peerlab_ovn::Host { name: "h1".into(), weight: 1 };
    let placement = peerlab_ovn::Placement { hosts: vec![host], pins: Vec::new() };
    // What OVN does not carry, and says so, is not predicted for it.
    let carried = peerlab_ovn::compile("lab", &cloud, &placement).warnings.is_empty();
    carried.then_some((name, operations))
}

/// The lab file of a story: the shipped one, and after its steps a step for each operation. Returns the number of its own steps,
/// too.
fn lab_file(name: &str, operations: &[(String, String)]) -> (String, usize) {
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("labs/{name}.toml"))).unwrap();
    let steps = lab::read(Source::new("lab", shipped.clone())).unwrap().steps.len();
    // What its checks and faults name may be gone after the operations.
    let (mut text, mut is_kept) = (String::new(), true);
    for line in shipped.lines() {
        if line.starts_with('[') {
            is_kept = !["[[check]]", "[[fault]]"].iter().any(|head| line.starts_with(head));
        }
        text += &if is_kept { format!("{line}\n") } else { String::new() };
    }
    for (account, line) in operations {
        let [account, line] = [account, line].map(|it| serde_json::to_string(it).unwrap());
        text += &format!("\n[[step]]\ntitle = \"One more\"\naccount = {account}\nrun = [{line}]\n");
    }
    (text, steps)
}

/// Random clouds, several labs at once: each comes up, changes, is pinged as a whole and goes down. If nodes may be killed
/// meanwhile, it is pinged again until it is right.
fn random_clouds(fabric: &Fabric, clouds: u64, is_calm: bool) {
    // The lab of thirty students takes long to ping.
    let is_quick = |name: &String| !NOT_CARRIED.contains(&name.as_str()) && name != "thirty-students";
    let labs: Vec<_> = shipped().into_iter().filter(is_quick).collect();
    let stories = Mutex::new((setting("PEERLAB_SEED", 1), clouds));
    let next = || {
        let mut stories = stories.lock().unwrap();
        let (seed, left) = *stories;
        *stories = (seed + 1, left.saturating_sub(1));
        (left > 0).then_some(seed)
    };
    let play = |seed: u64| {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // Of these, enough are carried.
        let (shipped, operations) = std::iter::repeat_with(|| story(&mut dice, &labs)).flatten().next().unwrap();
        let (text, steps) = lab_file(&shipped, &operations);
        let file = fabric.machine.file(&format!("r{seed}.toml"), &text).display().to_string();
        fabric.ok(&format!("up {file} --name r{seed} --until {steps} --no-verify"));
        let up = fabric.peerlab(&format!("up {file} --name r{seed} --json"));
        let mut report = up.json()["verify"].clone();
        let is_right = |report: &serde_json::Value| {
            report["summary"]["disagree"] == 0 && report["summary"]["others_disagree"].is_null()
        };
        for _ in 0..5 {
            if is_calm || is_right(&report) {
                break;
            }
            report = fabric.peerlab(&format!("verify --lab r{seed} --json")).json();
        }
        assert!(
            is_right(&report),
            "PEERLAB_SEED={seed} PEERLAB_CLOUDS=1: {shipped}, {operations:#?}\n{}\n{}",
            fabric::wrong(&report),
            up.stderr
        );
        fabric.ok(&format!("down r{seed}"));
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| std::iter::from_fn(next).for_each(play));
        }
    });
}

/// The number of labs that are up at once.
const AT_ONCE: usize = 6;

#[test]
fn random_clouds_are_as_predicted_over_three_hosts() {
    let Some(fabric) = fabric(3) else { return };
    random_clouds(&fabric, setting("PEERLAB_CLOUDS", 100), true);
}

#[test]
fn random_clouds_are_right_at_last_though_nodes_are_killed() {
    let Some(fabric) = fabric(3) else { return };
    let is_over = AtomicBool::new(false);
    let killed = std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut dice = Dice(setting("PEERLAB_SEED", 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let pause =
                |most: u16, dice: &mut Dice| std::thread::sleep(Duration::from_millis((dice.roll() % most).into()));
            let mut killed = 0;
            while !is_over.load(Relaxed) {
                pause(3000, &mut dice);
                let host = *dice.one_of(&[1, 2, 3]);
                fabric.kill_node(host);
                killed += 1;
                pause(500, &mut dice);
                fabric.start_node(host);
            }
            killed
        });
        // Also after a failure, so that the killer ends.
        let played = std::panic::catch_unwind(AssertUnwindSafe(|| {
            random_clouds(&fabric, setting("PEERLAB_CLOUDS", 100) / 10, false);
        }));
        is_over.store(true, Relaxed);
        played.unwrap();
        killer.join().unwrap()
    });
    assert!(killed > 0);
    fabric.until("nothing is left", |it| (1..=3).all(|host| it.namespaces_on(host).is_empty()));
}
