//! Names shared by several kinds, in other scripts, and of a learner's own. Each way to write a name works wherever a name
//! is accepted.
//!
//! Each test runs the binary on a machine of its own (see `support`), as root, with `ping` and `getent` as oracles.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use support::running::Running;
use support::{Machine, Run};

/// A lab whose steps make a server, and a peering by which somebody reaches it.
const TUTORIAL: &str = r#"
[lab]
name = "tutorial"
provider = "alibaba"
[account.A]
[vpc.near]
region = "cn-qingdao"
cidr = "10.1.0.0/16"
subnet.s.cidr = "10.1.1.0/24"
[vpc.far]
region = "cn-qingdao"
cidr = "10.2.0.0/16"
subnet.s.cidr = "10.2.1.0/24"
[instance.client]
subnet = "near/s"
[[check]]
from = "client"
to = "server"
expect = "reach"
[[check]]
from = "i-server"
to = "client"
expect = "reach"
[[step]]
title = "A server"
run = ["create-instance server --subnet far/s --id i-server"]
check = [{ from = "client", to = "server", expect = "drop" }]
[[step]]
title = "A peering"
run = ["create-peering link --vpc near --peer-vpc far --spec Mini.2"]
[[step]]
title = "Routes"
run = [
  "create-route-entry --vpc near --destination 10.2.0.0/16 --next-hop link",
  "create-route-entry --vpc far --destination 10.1.0.0/16 --next-hop link",
]
[[step]]
title = "The server's security group"
run = [
  "create-security-group g --vpc far",
  "authorize-security-group g --protocol icmp --cidr 10.1.0.0/16",
  "join-security-group server --group g",
]
"#;

/// Captures one packet of a ping; `words` say where, and which.
fn captured(machine: &Machine, words: &str, ping: &str) -> Run {
    let capture = Running::start(machine, &format!("capture {words} -c 1"));
    machine.ok(ping);
    capture.ends().exits(0)
}

/// A program in an instance, in a locale of UTF-8.
fn inside(machine: &Machine, instance: &str, line: &str) -> Run {
    machine.peerlab(&format!("exec {instance} -- {line}"))
}

#[test]
fn what_a_learner_made_is_named_by_its_own_name_its_id_and_the_labs() {
    for next in [true, false] {
        let machine = Machine::new();
        machine.file("tutorial.toml", TUTORIAL);
        machine.ok("up tutorial.toml --until 0 --no-verify");
        let made = machine.ok("api --as A --json create-instance 我的-server --subnet far/s").json();
        let id = made["ids"]["我的-server"].as_str().unwrap().to_owned();
        machine.ok("api --as A create-peering 连接 --vpc near --peer-vpc far --spec Mini.2");
        for line in [
            "create-route-entry --vpc near --destination 10.2.0.0/16 --next-hop 连接",
            "create-route-entry --vpc far --destination 10.1.0.0/16 --next-hop 连接",
            "create-security-group mine --vpc far",
            "authorize-security-group mine --protocol icmp --cidr 10.1.0.0/16",
            "join-security-group 我的-server --group mine",
        ] {
            machine.ok(&format!("api --as A {line}"));
        }
        // Before `next` has looked, and after.
        if next {
            machine.ok("next --all").says("made by hand, is the lab's server");
        }
        let ways =
            ["我的-server", &id, "server", "i-server", "instance:server", "instance:我的-server", "Instance:server"];
        for way in ways {
            let pinged = machine.ok(&format!("ping client {way} -c 1 --json")).json();
            assert_eq!((&pinged["to"], &pinged["observed"]), (&"我的-server".into(), &"reach".into()), "{way}");
            machine.ok(&format!("ping {way} instance:client -c 1"));
            let explained = machine.ok(&format!("explain {way} client --json")).json();
            assert_eq!(
                (&explained["from"], &explained["disposition"]),
                (&"我的-server".into(), &"reach".into()),
                "{way}"
            );
            machine.ok(&format!("exec {way} -- ping -c1 -W1 client"));
            assert!(machine.ok(&format!("shell {way}")).stderr.contains("我的-server"), "{way}");
            captured(&machine, &format!("{way} icmp"), "ping client server -c 1");
            captured(&machine, &format!("client {way}"), "ping client server -c 1").says("我的-server");
        }
        for way in [
            "link",
            "连接",
            "peering:link",
            "link.acceptor",
            "router_interface:link.initiator",
            "router-interface:连接.initiator",
        ] {
            captured(&machine, way, "ping client server -c 1");
        }
        // A tutorial's own words, typed where it has them typed.
        for name in ["server", "我的-server"] {
            inside(&machine, "client", &format!("ping -c1 -W1 {name}")).exits(0).says("10.2.1.");
        }
        machine.peerlab("ping client serverr -c 1").exits(2).tells("no instance serverr");
        // That the server is not reached yet is past, as all of it was done by hand before.
        machine.ok("export -o mine.toml").tells("1 of its checks do not go with what was done by hand");
        let before = machine.ok("status --json").json();
        machine.ok("down");
        machine.ok("test mine.toml").says("all hold");
        machine.ok("up mine.toml").says(if next { "2 checks passed" } else { "" });
        for kind in ["instances", "router_interfaces", "vpcs", "security_groups"] {
            assert_eq!(machine.ok("status --json").json()[kind], before[kind], "{kind}");
        }
        machine.ok("verify --final");
    }
}

/// A VPC and an instance of one name, a second pair of them peered with it, and an instance called as a VPC's id.
const NAMESAKES: &str = r#"
[lab]
name = "namesakes"
provider = "alibaba"
[account.prod]
id = "1000000000000001"
[vpc.prod]
account = "account:prod"
region = "cn-qingdao"
cidr = "10.1.0.0/16"
id = "vpc-db"
subnet.prod.cidr = "10.1.1.0/24"
[vpc.db]
account = "prod"
region = "cn-qingdao"
cidr = "10.2.0.0/16"
subnet.prod.cidr = "10.2.1.0/24"
[instance.prod]
subnet = "subnet:prod/prod"
ip = "10.1.1.10"
[instance.db]
subnet = "db/prod"
ip = "10.2.1.10"
security_groups = ["security_group:prod"]
[instance.vpc-db]
subnet = "prod/prod"
ip = "10.1.1.20"
[instance."10.1.1.10"]
subnet = "prod/prod"
ip = "10.1.1.30"
[instance.in]
subnet = "prod/prod"
ip = "10.1.1.40"
[security_group.prod]
vpc = "vpc:db"
rules = [{ from = "10.1.0.0/16" }]
[route_table.prod]
vpc = "VPC:prod"
subnets = ["prod"]
routes = [{ to = "10.2.0.0/16", via = "peering:prod" }]
[peering.prod]
local = "vpc:prod"
peer = "db"
spec = "Mini.2"
[[check]]
from = "instance:prod"
to = "instance:db"
expect = "reach"
[[step]]
title = "The way back"
account = "account:prod"
run = ["create-route-entry --table route_table:db/default --destination 10.1.0.0/16 --next-hop peering:prod"]
"#;

#[test]
fn a_kind_before_a_name_is_taken_wherever_a_name_is() {
    let machine = Machine::new();
    machine.file("namesakes.toml", NAMESAKES);
    machine.ok("up namesakes.toml");
    for (from, to) in [("prod", "db"), ("instance:prod", "instance:db"), ("instance:prod", "db")] {
        machine.ok(&format!("ping {from} {to} -c 1"));
        machine.ok(&format!("explain {from} {to}"));
        machine.ok(&format!("explain {from} {to} -f namesakes.toml"));
    }
    // An instance may be called as an address that is another's, and as a word of a filter.
    let pinged = machine.ok("ping db instance:10.1.1.10 -c 1 --json").json();
    assert_eq!(pinged["to"], "10.1.1.10");
    captured(&machine, "instance:prod instance:in", "ping instance:prod in -c 1").says("→ in ");
    captured(&machine, "instance:db out instance:prod", "ping prod db -c 1").says("→ prod ");
    // What the verb is about comes first, an id before all.
    let address = |words: &str| inside(&machine, words, "ip -4 -br addr").exits(0).stdout;
    assert!(address("prod").contains("10.1.1.10/"), "{}", address("prod"));
    assert!(address("instance:vpc-db").contains("10.1.1.20/"));
    for router in ["vpc:prod", "vpc-db", "vpc:vpc-db", "VPC:prod"] {
        assert!(address(router).contains("10.1.1.253/"), "{router}: {}", address(router));
    }
    machine.peerlab("capture prod").exits(2).tells("AmbiguousReference").tells("instance:prod").tells("vpc:prod");
    machine.peerlab("capture router:prod").exits(2);
    machine.peerlab("ping vpc:prod db -c 1").exits(2).tells("vpc:prod is a VPC: name an instance in it");
    machine.peerlab("ping instance:prdo db -c 1").exits(2).tells("its instances are");
    machine.peerlab("exec server:prod -- true").exits(2);
    // Operations and accounts.
    machine.ok("api --as account:prod delete-route-entry --table route_table:prod --destination 10.2.0.0/16 --next-hop peering:prod");
    machine.ok("api --as 1000000000000001 create-route-entry --table prod --destination 10.2.0.0/16 --next-hop router_interface:prod.initiator");
    let message = machine.peerlab("api --as prod delete-instance vpc:prod").exits(3);
    message.tells("\"vpc:prod\" is a VPC, not an instance");
    machine
        .peerlab("api --as prod delete-instance server:prod")
        .exits(3)
        .tells("before a name there may be its kind: account, vpc, ");
    machine.ok("verify");
}

/// Names of other scripts, in VPCs that reach each other.
const SCRIPTS: [&str; 10] =
    ["网站", "सर्वर", "Straße", "ｗｅｂ", "e\u{301}té", "ไทย-1", "한국어", "ОДЕССА", "קפה", "a_网.b"];

#[test]
fn a_name_of_any_script_is_found_from_inside() {
    let machine = Machine::new();
    let mut lab = String::from(
        "[lab]\nname = \"scripts\"\nprovider = \"jdcloud\"\n[account.A]\n[vpc.V]\nregion = \"cn-north-1\"\ncidr = \"10.0.0.0/16\"\n\
         subnet.s.cidr = \"10.0.0.0/24\"\n",
    );
    for (number, name) in SCRIPTS.iter().chain(&["web-2", "WEB-2"]).enumerate() {
        lab += &format!("[instance.\"{name}\"]\nsubnet = \"V/s\"\nip = \"10.0.0.{}\"\n", number + 10);
    }
    machine.file("scripts.toml", &lab);
    machine.ok("up scripts.toml --no-verify");
    for (number, name) in SCRIPTS.iter().enumerate() {
        let address = format!("10.0.0.{}", number + 10);
        let from = if *name == "网站" { "한국어" } else { "网站" };
        machine.ok(&format!("ping {from} {name} -c 1"));
        inside(&machine, "网站", &format!("ping -c1 -W1 {name}")).exits(0).says(&address);
        inside(&machine, "网站", &format!("getent hosts {name}")).exits(0).says(&address);
        inside(&machine, name, "ping -c1 -W1 한국어").exits(0);
        captured(&machine, &format!("{name} icmp"), &format!("ping instance:{from} {name} -c 1"));
    }
    // A resolver takes both for one: it gets neither, rather than the wrong one.
    for name in ["web-2", "WEB-2"] {
        inside(&machine, "网站", &format!("getent hosts {name}")).exits(2);
        machine.ok(&format!("ping 网站 {name} -c 1"));
    }
}

#[test]
fn what_a_step_would_make_anew_is_said_before() {
    let machine = Machine::new();
    let again = TUTORIAL.to_owned()
        + "[[step]]\ntitle = \"Gone\"\nrun = [\"delete-instance server\"]\n\
           [[step]]\ntitle = \"Made anew\"\nrun = [\"create-instance server --subnet far/s --id i-server\"]\n";
    machine.file("again.toml", &again);
    machine.ok("up again.toml --until 0 --no-verify");
    machine.ok("api --as A create-instance mine --subnet far/s");
    let first = machine.ok("next");
    assert!(!first.stderr.contains("with another id"), "{first}");
    let id = |machine: &Machine| {
        let status = machine.ok("status --json").json();
        let all = status["instances"].as_array().unwrap().clone();
        all.iter().find(|it| it["name"] == "mine").unwrap()["id"].clone()
    };
    let before = id(&machine);
    let said = "step 5 deletes instance mine, which was made by hand, and step 6 creates it again, with another id";
    let all = machine.peerlab("next --all -q --json");
    all.tells(said);
    assert_ne!(id(&machine), before);
    // By hand as well, and with the rest in an order of one's own: it stays.
    machine.ok("up again.toml --until 0 --no-verify");
    for line in [
        "create-instance mine --subnet far/s",
        "delete-instance mine",
        "create-peering l --vpc far --peer-vpc near --spec Mini.2",
        "create-instance mine --subnet far/s",
    ] {
        machine.ok(&format!("api --as A {line}"));
    }
    let before = id(&machine);
    let all = machine.peerlab("next --all");
    assert!(!all.stderr.contains("with another id"), "{all}");
    assert_eq!(id(&machine), before, "{all}");
}

#[test]
fn a_junit_report_has_names_and_titles_as_they_are_written() {
    let machine = Machine::new();
    let title = "\"<b>&amp; ]]> 'x' 标题";
    let lab = format!(
        "[lab]\nname = \"junit\"\nprovider = \"jdcloud\"\n[account.A]\n[vpc.\"网\"]\nregion = \"cn-north-1\"\ncidr = \"10.0.0.0/16\"\n\
         subnet.s.cidr = \"10.0.0.0/24\"\n[instance.\"网站\"]\nsubnet = \"网/s\"\n[instance.\"קפה\"]\nsubnet = \"网/s\"\n\
         [[step]]\ntitle = {title:?}\nrun = []\ncheck = [{{ from = \"网站\", to = \"קפה\", expect = \"reach\" }}]\n"
    );
    machine.file("标题.toml", &lab);
    machine.ok("test 标题.toml --junit out.xml");
    let xml = std::fs::read_to_string("/run/test/out.xml").unwrap();
    let report = roxmltree::Document::parse(&xml).unwrap();
    let cases: Vec<_> = report.descendants().filter(|it| it.has_tag_name("testcase")).collect();
    let named = |part: &str| cases.iter().any(|case| case.attribute("name").is_some_and(|name| name.contains(part)));
    assert!(named(title) && named("网站") && named("קפה"), "{xml}");
    assert!(cases.iter().all(|case| case.attribute("file") == Some("标题.toml")), "{xml}");
}
