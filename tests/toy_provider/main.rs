//! A new provider of known families needs one value, as in `nimbus.rs`. Its lab goes through every pure stage, with its
//! own words, codes, ids, addresses and states.

mod nimbus;

use std::collections::BTreeSet;

use nimbus::NIMBUS;
use peerlab::cloud::{Cloud, EndState, PeeringKind, PeeringName, Provider};
use peerlab::error::Source;
use peerlab::flow::{Endpoint, Protocol};
use peerlab::lab::{self, Lab};
use peerlab::network::compile::compile;
use peerlab::report::explain as shown;
use peerlab::report::status::CloudStatus;
use peerlab::terminal::Terminal;
use peerlab::trace::{explain, predict};

const LAB: &str = include_str!("lab.toml");

/// The providers of this test: the real ones, and one more.
fn read(text: &str) -> Result<Lab, String> {
    let providers: Vec<_> = Provider::ALL.into_iter().chain([&NIMBUS]).collect();
    lab::read_of(Source::new("lab.toml", text), None, &providers).map_err(|errors| errors.to_string())
}

/// The Cloud after this many steps.
fn cloud_after(steps: usize) -> Cloud {
    let lab = read(LAB).expect("the lab of nimbus is well written");
    let (mut cloud, _) = lab.build().expect("nimbus refuses nothing of its lab");
    for step in 0..steps {
        lab.play(&mut cloud, step).expect("a step of the lab is done");
    }
    cloud
}

fn instance(cloud: &Cloud, name: &str) -> Endpoint {
    let instance = cloud.instances().find(|it| it.name.as_str() == name);
    Endpoint::Instance(instance.expect("an instance of the lab").name.clone())
}

fn what_becomes(cloud: &Cloud, from: &str, to: &str) -> String {
    predict(cloud, &instance(cloud, from), &instance(cloud, to), Protocol::Icmp).to_string()
}

fn explained(cloud: &Cloud, from: &str, to: &str) -> (String, Vec<String>) {
    let explanation = explain(cloud, &instance(cloud, from), &instance(cloud, to), Protocol::Icmp);
    let fix = explanation.fix.iter().flatten().map(|operation| operation.call.to_string()).collect();
    (shown::render(&explanation, None, &Terminal::PLAIN), fix)
}

fn status_of(cloud: &Cloud) -> String {
    CloudStatus::of("toy", cloud).render(&Terminal::PLAIN)
}

/// The refusals of the lab with one line added or replaced.
fn refused(text: &str) -> String {
    let lab = read(text).expect("the file is well written");
    lab.rehearse().expect_err("nimbus refuses something").to_string()
}

#[test]
fn addresses_ids_and_priorities_are_the_providers_own() {
    let cloud = cloud_after(0);
    let subnet = cloud.subnets().next().unwrap();
    assert_eq!(subnet.gateway.octets()[3], 1);
    let lowest: BTreeSet<_> = cloud.instances().map(|instance| instance.ip.octets()[3]).collect();
    assert_eq!(lowest, [4].into(), "five addresses are reserved, four of them the first");
    for vpc in cloud.vpcs() {
        let digits = vpc.id.0.strip_prefix("net-").expect("a VPC's id has nimbus's prefix");
        assert!(digits.len() == 8 && digits.bytes().all(|it| it.is_ascii_hexdigit()), "{digits}");
    }
    assert!(cloud.accounts().all(|account| account.id.0.len() == 12));
    let priorities: BTreeSet<_> =
        cloud.route_tables().flat_map(|table| &table.entries).map(|entry| entry.priority).collect();
    assert_eq!(priorities, [Some(5), Some(9)].into());
    let rules: BTreeSet<_> = cloud.security_groups().flat_map(|group| &group.rules).map(|rule| rule.priority).collect();
    assert_eq!(rules, [41, 50].into());
    assert_eq!(Cloud::from_kept(cloud.to_kept()), None, "a provider that is not in the list is not read back");
}

#[test]
fn states_are_in_its_words_in_every_report() {
    let half = "red-blue".parse::<PeeringName>().unwrap();
    let end = "red-end".parse::<PeeringName>().unwrap();
    let states = |steps| {
        let cloud = cloud_after(steps);
        let shown = status_of(&cloud);
        [&half, &end].map(|name| {
            let end = cloud.peering(name)?;
            assert!(shown.contains(end.status), "{} is not in\n{shown}", end.status);
            Some((end.status, end.state, end.carries))
        })
    };
    assert_eq!(states(0), [Some(("asked", EndState::Waiting, false)), Some(("live", EndState::Up, true))]);
    assert_eq!(states(1), [Some(("joined", EndState::Up, true)), Some(("live", EndState::Up, true))]);
    assert_eq!(states(2), [Some(("joined", EndState::Up, true)), Some(("live", EndState::Up, false))]);
    assert_eq!(states(3)[0], None);
    assert!(status_of(&cloud_after(2)).contains("asleep"));
    assert!(status_of(&cloud_after(3)).contains("orphaned"));
    for word in ["Initiated", "Connected", "Active", "Inactive", "Idle"] {
        for cloud in (0..=3).map(cloud_after) {
            assert!(!status_of(&cloud).contains(word), "{word} is another provider's");
        }
    }
}

#[test]
fn packets_take_both_families_and_its_filter() {
    let [before, joined, off, gone] = [0, 1, 2, 3].map(cloud_after);
    assert_eq!(what_becomes(&before, "r", "b"), "peering-inactive");
    assert_eq!(what_becomes(&before, "r", "g"), "reach");
    assert_eq!(what_becomes(&joined, "r", "b"), "reach");
    assert_eq!(what_becomes(&off, "r", "g"), "peering-inactive");
    assert_eq!(what_becomes(&gone, "r", "b"), "peering-inactive");
    // Nothing leaves unless a rule accepts it: blue's group has no egress rule.
    assert_eq!(what_becomes(&joined, "b", "r"), "egress-security-group");

    let (text, fix) = explained(&before, "r", "b");
    assert!(text.contains("asked"), "{text}");
    assert!(fix.iter().any(|call| call.starts_with("create-vpc-peering ")), "{fix:?}");
    let (text, fix) = explained(&off, "r", "g");
    assert!(text.contains("asleep"), "{text}");
    assert_eq!(fix, ["activate-router-interface green-end"], "{text}");
}

#[test]
fn the_kernel_gets_what_the_provider_decides() {
    let links = |steps| {
        let network = compile(&cloud_after(steps));
        let red =
            network.namespaces.iter().find(|(name, _)| &*name.0 == "red").expect("a VPC is a namespace").1.clone();
        let rates: Vec<_> = red.links.values().filter_map(|link| link.shaping.rate).map(|rate| rate.0).collect();
        let gateways: Vec<_> = red.links.values().flat_map(|link| &link.addresses).map(ToString::to_string).collect();
        assert!(gateways.contains(&"200.16.0.1/24".to_owned()), "{gateways:?}");
        let filters = format!("{:?}", red.ruleset);
        assert!(filters.contains("no rule accepts it"), "{filters}");
        (rates, red.links.len())
    };
    let (slow, one) = links(0);
    assert_eq!(slow, [1_000_000], "the class `slow`");
    assert_eq!(links(1), (vec![1_000_000], one + 1));
    assert_eq!(links(2), (vec![], one));
    assert_eq!(links(3), (vec![], one - 1));
}

#[test]
fn refusals_have_its_codes() {
    let with = |more: &str| format!("{LAB}\n{more}");
    let step = |line: &str| with(&format!("[[step]]\ntitle = \"x\"\naccount = \"A\"\nrun = [{line:?}]\n"));
    for (text, code) in [
        (step("delete-vpc-peering nothing"), "Nimbus.NoHalf"),
        (step("delete-vpc nothing"), "Nimbus.Unknown"),
        (
            step("create-router-interface blue-red --vpc green --role acceptor --opposite-region north-pole"),
            "Nimbus.Taken",
        ),
        (step("create-vpc red --region north-pole --cidr 10.0.0.0/16"), "Nimbus.Taken"),
        (step("create-vpc other --region north-pole --cidr 169.254.0.0/16"), "Nimbus.Block"),
        (step("create-route-entry --vpc red --destination 9.9.9.9 --next-hop red-end --priority 10"), "Nimbus.Rank"),
        (step("authorize-security-group red --protocol all --cidr 9.9.9.9 --priority 39"), "Nimbus.Rank"),
        (step("create-router-interface more --vpc red --role acceptor --opposite-region south-pole"), "Nimbus.Enough"),
    ] {
        let said = refused(&text);
        assert!(said.contains(code), "{code} is not in\n{said}");
    }
    let wrong = read(&LAB.replace("[account.A]", "[account.A]\nid = \"x\"")).unwrap_err();
    assert!(wrong.contains("12 digits"), "{wrong}");
    let wrong = read(&LAB.replace("peer = \"blue\"", "peer = \"blue\"\nspec = \"slow\"")).unwrap_err();
    assert!(wrong.contains("a peering of nimbus has no spec"), "{wrong}");
    // The real providers do not know it.
    let unknown = lab::read(Source::new("lab.toml", LAB)).unwrap_err().to_string();
    assert!(unknown.contains("there is no provider \"nimbus\""), "{unknown}");
}

#[test]
fn each_family_has_its_own_limit() {
    let cloud = cloud_after(1);
    let red = cloud.vpcs().find(|vpc| vpc.name.as_str() == "red").unwrap();
    let ends = |family: PeeringKind| cloud.ends_of(family).iter().filter(|end| end.peering.vpc == red.name).count();
    assert_eq!(PeeringKind::ALL.map(ends), [1, 1, 0]);
    assert_eq!(PeeringKind::ALL.map(|kind| NIMBUS.family(kind).unwrap().per_vpc()), [1, 2, 3]);
}

/// The Cloud of a lab of connections, after these steps.
fn tied(steps: &[(&str, &str)]) -> Cloud {
    let table = |name: &str, account: &str, region: &str, block: &str| {
        format!(
            "[vpc.{name}]\naccount = \"{account}\"\nregion = \"{region}\"\ncidr = \"200.{block}.0.0/16\"\n\
             [vpc.{name}.subnet.s]\ncidr = \"200.{block}.0.0/24\"\n[instance.{name}-host]\nsubnet = \"{name}/s\"\n\
             security_groups = [\"{name}\"]\n[security_group.{name}]\nvpc = \"{name}\"\n\
             rules = [{{ to = \"0.0.0.0/0\" }}, {{ from = \"0.0.0.0/0\" }}]\n"
        )
    };
    let mut text = "[lab]\nname = \"tied\"\nprovider = \"nimbus\"\n[account.A]\n[account.B]\n".to_owned();
    text += &table("red", "A", "north-pole", "16");
    text += &table("blue", "B", "south-pole", "32");
    text += &table("own", "A", "south-pole", "48");
    text += &table("same", "B", "south-pole", "16");
    for (account, line) in steps {
        text += &format!("[[step]]\ntitle = \"x\"\naccount = \"{account}\"\nrun = [{line:?}]\n");
    }
    read(&text).expect("it is a lab").rehearse().unwrap_or_else(|errors| panic!("{errors}")).0
}

fn state_of(cloud: &Cloud) -> &'static str {
    cloud.peerings().find(|end| end.name.as_str() == "tie").expect("the lab has it").status
}

#[test]
fn a_request_family_is_a_value_of_its_own() {
    let request = ("A", "create-vpc-peering-connection tie --vpc red --peer-vpc blue");
    let there = ("A", "create-route-entry --vpc red --destination 200.32.0.0/16 --next-hop tie");
    let back = ("B", "create-route-entry --vpc blue --destination 200.16.0.0/16 --next-hop tie");
    let accept = ("B", "accept-vpc-peering-connection tie");
    let pending = tied(&[request, there, back]);
    assert_eq!(state_of(&pending), "offered");
    assert_eq!(what_becomes(&pending, "red-host", "blue-host"), "peering-inactive");
    let (text, fix) = explained(&pending, "red-host", "blue-host");
    assert_eq!(fix, ["accept-vpc-peering-connection tie"], "{text}");
    assert!(text.contains("offered") && status_of(&pending).contains("offered"), "{text}");
    let active = tied(&[request, there, back, accept]);
    assert_eq!((state_of(&active), what_becomes(&active, "red-host", "blue-host").as_str()), ("tied", "reach"));
    // The deleted one stays visible, and the entries lead to it.
    let deleted = tied(&[request, there, back, accept, ("B", "delete-vpc-peering-connection tie")]);
    assert_eq!(
        (state_of(&deleted), what_becomes(&deleted, "red-host", "blue-host").as_str()),
        ("untied", "peering-inactive")
    );
    // Its name belongs to another one then; the old entries hold the old id and stay dead.
    let again = tied(&[request, there, back, accept, ("B", "delete-vpc-peering-connection tie"), request, accept]);
    assert_eq!(
        (state_of(&again), what_becomes(&again, "red-host", "blue-host").as_str()),
        ("tied", "peering-inactive")
    );

    // One account must accept too; a request expires after two days; an overlap fails.
    let own = tied(&[("A", "create-vpc-peering-connection tie --vpc red --peer-vpc own"), ("A", "pass-time 1d")]);
    assert_eq!(state_of(&own), "offered");
    let own = tied(&[("A", "create-vpc-peering-connection tie --vpc red --peer-vpc own"), ("A", "pass-time 2d")]);
    assert_eq!(state_of(&own), "stale");
    let torn = tied(&[("A", "create-vpc-peering-connection tie --vpc red --peer-vpc same")]);
    assert_eq!(state_of(&torn), "torn");
    let reverse = ("B", "create-vpc-peering-connection other --vpc blue --peer-vpc red");
    assert_eq!(tied(&[request, reverse, accept]).peering_connections().count(), 2);
}
