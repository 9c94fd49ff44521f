//! Every page of every shipped lab's consoles, in both languages; the words.
#![allow(clippy::disallowed_methods)] // it reads the shipped labs

use std::collections::BTreeSet;
use std::path::Path;

use peerlab_lab as lab;

use crate::cloud::{AccountName, ArgumentKind, Cloud, OperationKind};
use crate::error::Source;
use crate::language::Language;
use crate::{CONSOLES, Console, Given, Mark, Side, Theme, Tutorial, View, document, page};

/// The finished clouds of the shipped labs of providers that have a console, by name.
fn clouds() -> Vec<(String, Cloud)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "toml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let lab = lab::read(Source::new(&*name, std::fs::read_to_string(&path).unwrap())).unwrap();
        let (mut cloud, _) = lab.build().unwrap();
        for operation in lab.steps.iter().flat_map(|step| &step.operations) {
            // A step may be one that must be refused.
            let _ = cloud.apply(operation);
        }
        if Console::of(cloud.provider().name).is_some() {
            all.push((name, cloud));
        }
    }
    all
}

fn view<'a>(
    cloud: &'a Cloud,
    account: &'a AccountName,
    language: Language,
    path: &'a str,
    given: &'a Given,
    tutorial: &'a Tutorial,
) -> View<'a> {
    View {
        lab: "lab",
        cloud,
        console: Console::of(cloud.provider().name).unwrap(),
        account,
        kept: None,
        language,
        theme: Theme::Light,
        keys: true,
        mark: "m",
        base: "/c/lab/A",
        path,
        given,
        sent: false,
        form: "f",
        token: "t",
        awaited: &[],
        number: 0,
        refused: None,
        tutorial,
        output: None,
        log: &[],
        side: Side { picture: "", pings: &[], drift: &[] },
    }
}

/// The pages of a document that it leads to: links, and buttons that lead on.
fn links(document: &str) -> BTreeSet<String> {
    let after = ["href=\"/c/lab/A", "action=\"/c/lab/A"];
    let all = after.iter().flat_map(|after| document.split(after).skip(1));
    all.filter_map(|rest| rest.split('"').next()).map(|path| path.replace("&amp;", "&")).collect()
}

#[test]
fn every_page_that_a_page_leads_to_is_there_and_says_the_same_in_both_languages() {
    let (empty, tutorial) = (Given::default(), Tutorial::default());
    let mut pages = 0;
    for (name, cloud) in clouds() {
        for account in cloud.accounts().take(2) {
            let mut seen = BTreeSet::new();
            let mut ahead: Vec<String> = vec!["/".into()];
            // Some labs have hundreds of things of a kind; their pages are alike.
            while let Some(link) = ahead.pop().filter(|_| seen.len() < 150) {
                let posted = ["/settings", "/ping", "/hint", "/do", "/step", "/out", "/revoke"];
                if !seen.insert(link.clone()) || posted.iter().any(|it| link.ends_with(it)) {
                    continue;
                }
                let link = link.split('#').next().unwrap_or_default();
                let (path, query) = link.split_once('?').unwrap_or((link, ""));
                let given = Given::read(query);
                for language in [Language::English, Language::Chinese] {
                    let view = view(&cloud, &account.name, language, path, &given, &tutorial);
                    let Some(page) = page(&view) else { panic!("{name}: {link} is not there") };
                    assert!(!page.heading.is_empty(), "{name}: {link} has no heading");
                    let document = document(&view, &page);
                    assert!(!document.contains(" style=\"") && !document.contains("<script>"), "{name}: {link}");
                    ahead.extend(links(&document).into_iter().filter(|it| !seen.contains(it)));
                    pages += 1;
                }
            }
        }
    }
    assert!(empty.is_empty() && pages > 1_000, "only {pages} pages were made");
}

#[test]
fn what_a_call_requires_has_its_place_in_the_form() {
    let tutorial = Tutorial::default();
    let given = Given::default();
    let forms = [
        ("cross-account", "/ec/vpc-to-vpc/new"),
        ("cross-account", "/ec/vpc-to-vpc/ri-m5e33r3n78zyi5573kf85/add"),
        ("cross-account", "/ec/vpc-to-vpc/ri-m5e33r3n78zyi5573kf85/routes/new"),
        ("cross-account", "/compute/security-groups/sg-SecurityGroupIDA/rules/new"),
        ("router-interfaces", "/ec/router-interfaces/new"),
        ("router-interfaces", "/ec/router-interfaces/ri-AAA/opposite"),
        ("vpc-peering", "/vpc/peerings/new"),
        ("vpc-peering", "/vpc/route-tables/new"),
        ("vpc-peering", "/vpc/subnets/new"),
        ("aws-cross-account", "/vpc/peering-connections/new"),
        ("aws-cross-account", "/compute/instances/new"),
        ("aws-cross-account", "/vpc/vpcs/new"),
        ("aws-cross-account", "/vpc/acls/new"),
        ("aws-cross-account", "/compute/security-groups/new"),
    ];
    let clouds = clouds();
    for (lab, path) in forms {
        let (_, cloud) = clouds.iter().find(|(name, _)| name == lab).unwrap();
        let account = &cloud.accounts().next().unwrap().name;
        let view = view(cloud, account, Language::English, path, &given, &tutorial);
        let form = page(&view).and_then(|page| page.form).unwrap_or_else(|| panic!("{lab} has no {path}"));
        let has = |name: &str| form.fields.iter().any(|field| field.arguments.contains(&name));
        assert!(!form.calls.is_empty(), "{path} calls nothing");
        for call in &form.calls {
            for (argument, _) in call.arguments().filter(|(argument, _)| argument.required) {
                let kind = argument.kind;
                // What the page itself is about, or what gets its name by itself.
                let given =
                    matches!(kind, ArgumentKind::New(_) | ArgumentKind::Changed(_)) || argument.option.is_none();
                assert!(given || has(argument.name()), "{path} has no field for {}", argument.name());
            }
        }
    }
}

/// Operations, each with a lab, the page whose form does it, and what is sent. `{kind}` is the id of the first own thing.
const DOORS: &[(&str, &str, &str, &str)] = &[
    ("create-vpc", "cross-account", "/vpc/vpcs/new", ""),
    ("delete-vpc", "cross-account", "/vpc/vpcs/{vpc}/delete", ""),
    ("add-cidr", "cross-account", "/vpc/vpcs/{vpc}/add-block", ""),
    ("remove-cidr", "cross-account", "/vpc/vpcs/{vpc}/remove-block", "cidr=10.0.0.0/8"),
    ("create-subnet", "vpc-peering", "/vpc/subnets/new", ""),
    ("delete-subnet", "vpc-peering", "/vpc/subnets/{subnet}/delete", ""),
    ("create-instance", "aws-cross-account", "/compute/instances/new", ""),
    ("start-instance", "cross-account", "/compute/instances/{instance}/start", ""),
    ("stop-instance", "cross-account", "/compute/instances/{instance}/stop", ""),
    ("reboot-instance", "cross-account", "/compute/instances/{instance}/reboot", ""),
    ("modify-instance", "aws-cross-account", "/compute/instances/{instance}/forwards", "forwards=true"),
    ("delete-instance", "cross-account", "/compute/instances/{instance}/delete", ""),
    ("join-security-group", "cross-account", "/compute/instances/{instance}/groups", "group={unused-group}"),
    ("leave-security-group", "cross-account", "/compute/instances/{instance}/groups", ""),
    ("associate-public-ip", "nat-gateway", "/vpc/addresses/new", "instance={instance}"),
    ("release-public-ip", "nat-gateway", "/vpc/addresses/{instance}/release", ""),
    ("create-nat-gateway", "nat-gateway", "/vpc/nat-gateways/new", ""),
    ("delete-nat-gateway", "aws-edge-to-edge", "/vpc/nat-gateways/{nat}/delete", ""),
    ("create-snat-entry", "nat-gateway", "/vpc/nat-gateways/{nat}/snat/new", ""),
    ("delete-snat-entry", "nat-gateway", "/vpc/nat-gateways/{nat}/snat/delete", "cidr=10.0.0.0/8"),
    ("create-dnat-entry", "nat-gateway", "/vpc/nat-gateways/{nat}/dnat/new", ""),
    ("delete-dnat-entry", "nat-gateway", "/vpc/nat-gateways/{nat}/dnat/delete", "protocol=tcp&port=80"),
    ("create-gateway", "public-address-moved", "/vpc/gateways/new", ""),
    ("delete-gateway", "aws-edge-to-edge", "/vpc/gateways/{gateway}/delete", ""),
    ("create-route-table", "vpc-peering", "/vpc/route-tables/new", ""),
    ("delete-route-table", "vpc-peering", "/vpc/route-tables/{table}/delete", ""),
    ("associate-route-table", "vpc-peering", "/vpc/route-tables/{its-main}/associate", "subnet={associated}"),
    ("unassociate-route-table", "vpc-peering", "/vpc/route-tables/{its-table}/associate", ""),
    (
        "replace-route-table-association",
        "aws-edge-to-edge",
        "/vpc/route-tables/{its-main}/associate",
        "subnet={associated}",
    ),
    ("set-main-route-table", "aws-cross-account", "/vpc/route-tables/{table}/main", ""),
    ("create-route-entry", "cross-account", "/vpc/route-tables/{table}/entries/new", ""),
    ("delete-route-entry", "cross-account", "/vpc/route-tables/{table}/entries/delete", ""),
    ("create-security-group", "cross-account", "/compute/security-groups/new", ""),
    ("modify-security-group", "cross-account", "/compute/security-groups/{group}/inner-access", ""),
    ("delete-security-group", "cross-account", "/compute/security-groups/{group}/delete", ""),
    ("authorize-security-group", "cross-account", "/compute/security-groups/{group}/rules/new", ""),
    (
        "authorize-security-group-egress",
        "cross-account",
        "/compute/security-groups/{group}/rules/new",
        "direction=egress",
    ),
    ("revoke-security-group", "cross-account", "/compute/security-groups/{group}/revoke", ""),
    ("revoke-security-group-egress", "cross-account", "/compute/security-groups/{group}/revoke", "direction=egress"),
    ("create-network-acl", "aws-cross-account", "/vpc/acls/new", ""),
    ("delete-network-acl", "aws-cross-account", "/vpc/acls/{acl}/delete", ""),
    ("create-network-acl-entry", "aws-cross-account", "/vpc/acls/{acl}/edit", "row=9&number.9=7&cidr.9=10.0.0.0/8"),
    ("delete-network-acl-entry", "aws-cross-account", "/vpc/acls/{acl}/edit", ""),
    ("associate-network-acl", "aws-nacl-ephemeral", "/vpc/acls/{other-acl}/associate", "subnet={other-subnet}"),
    ("unassociate-network-acl", "ephemeral-ports", "/vpc/acls/{acl}/associate", ""),
    ("create-router-interface", "cross-account", "/ec/router-interfaces/new", ""),
    ("modify-router-interface-attribute", "cross-account", "/ec/vpc-to-vpc/{interface}/add", "kind=other"),
    ("connect-router-interface", "cross-account", "/ec/vpc-to-vpc/{interface}/connect", ""),
    ("activate-router-interface", "cross-account", "/ec/vpc-to-vpc/{interface}/activate", ""),
    ("deactivate-router-interface", "cross-account", "/ec/vpc-to-vpc/{interface}/suspend", ""),
    ("delete-router-interface", "cross-account", "/ec/vpc-to-vpc/{interface}/delete", ""),
    ("modify-router-interface-spec", "cross-account", "/ec/vpc-to-vpc/{interface}/spec", ""),
    ("create-peering", "same-account", "/ec/vpc-to-vpc/new", "kind=same&router=both"),
    ("create-vpc-peering", "vpc-peering", "/vpc/peerings/new", ""),
    ("delete-vpc-peering", "vpc-peering", "/vpc/peerings/{half}/delete", ""),
    ("create-vpc-peering-connection", "aws-cross-account", "/vpc/peering-connections/new", ""),
    ("accept-vpc-peering-connection", "aws-cross-account", "/vpc/peering-connections/{connection}/accept", ""),
    ("reject-vpc-peering-connection", "aws-cross-account", "/vpc/peering-connections/{connection}/reject", ""),
    (
        "modify-vpc-peering-connection",
        "alibaba-peer-same-account",
        "/vpc/peering-connections/{connection}/bandwidth",
        "",
    ),
    ("delete-vpc-peering-connection", "alibaba-peer-same-account", "/vpc/peering-connections/{connection}/delete", ""),
];

/// The path, or what is sent, with the ids that it means.
fn with_ids(text: &str, cloud: &Cloud, account: &AccountName) -> String {
    let vpcs = || cloud.vpcs().filter(|it| it.account == *account);
    let subnets = || vpcs().flat_map(|vpc| cloud.subnets_of(&vpc.name));
    let own = |owner: &AccountName| owner == account;
    let instance = cloud.instances().find(|it| own(&it.account));
    let other = |it: &&crate::cloud::SecurityGroup| {
        instance
            .is_some_and(|own| own.subnet.vpc == it.vpc && cloud.groups_of(own).iter().all(|group| group.id != it.id))
    };
    // An ACL, and a subnet of its VPC that another one guards.
    let acls = || cloud.network_acls().filter(|it| own(&it.account));
    let pairs = acls().flat_map(|acl| cloud.subnets_of(&acl.vpc).map(move |subnet| (acl, subnet)));
    let mut pairs = pairs.filter(|(acl, subnet)| subnet.acl.as_ref().is_none_or(|it| it.acl != acl.name));
    let pair = pairs.next();
    let associated = subnets().find(|it| it.association.is_some());
    let table = associated.and_then(|it| cloud.route_table(&it.association.as_ref()?.table));
    let all = [
        ("{associated}", associated.map(|it| it.id.clone())),
        ("{its-table}", table.map(|it| it.id.clone())),
        ("{its-main}", associated.map(|it| cloud.main_table_of(&it.name.vpc).id.clone())),
        ("{unused-group}", cloud.security_groups().find(other).map(|it| it.id.clone())),
        ("{vpc}", vpcs().next().map(|it| it.id.clone())),
        ("{subnet}", subnets().next().map(|it| it.id.clone())),
        ("{other-acl}", pair.map(|(acl, _)| acl.id.clone())),
        ("{other-subnet}", pair.map(|(_, subnet)| subnet.id.clone())),
        ("{instance}", instance.map(|it| it.id.clone())),
        ("{nat}", cloud.nat_gateways().find(|it| own(&it.account)).map(|it| it.id.clone())),
        ("{gateway}", cloud.gateways().find(|it| own(&it.account)).map(|it| it.id.clone())),
        (
            "{table}",
            vpcs()
                .flat_map(|vpc| cloud.route_tables_of(&vpc.name))
                .max_by_key(|it| !it.is_main)
                .map(|it| it.id.clone()),
        ),
        ("{group}", cloud.security_groups().find(|it| own(&it.account)).map(|it| it.id.clone())),
        ("{acl}", cloud.network_acls().find(|it| own(&it.account)).map(|it| it.id.clone())),
        ("{interface}", cloud.router_interfaces().find(|it| own(&it.account)).map(|it| it.id.clone())),
        ("{half}", cloud.vpc_peerings().find(|it| own(&it.account)).map(|it| it.id.clone())),
        ("{connection}", cloud.peering_connections().next().map(|it| it.id.clone())),
    ];
    all.iter().fold(text.to_owned(), |text, (name, id)| match id {
        Some(id) => text.replace(name, &id.0),
        None => text,
    })
}

#[test]
fn every_operation_is_done_by_the_form_of_a_page() {
    let tutorial = Tutorial::default();
    let clouds = clouds();
    // Only the lab's own clock passes time.
    let done_by_accounts = OperationKind::ALL.iter().filter(|kind| !kind.is_nobodys);
    for kind in done_by_accounts {
        assert!(DOORS.iter().any(|(name, ..)| *name == kind.name), "no page does {}", kind.name);
    }
    for (name, lab, path, sent) in DOORS {
        let (_, cloud) = clouds.iter().find(|(name, _)| name == lab).unwrap();
        let account = &cloud.accounts().next().unwrap().name;
        let (path, sent) = (with_ids(path, cloud, account), with_ids(sent, cloud, account));
        let given = Given::read(&sent);
        let view = View { sent: true, ..view(cloud, account, Language::English, &path, &given, &tutorial) };
        let form = page(&view).and_then(|page| page.form).unwrap_or_else(|| panic!("{name}: {lab} has no form {path}"));
        let calls: Vec<_> = form.calls.iter().map(crate::cloud::Call::name).collect();
        assert!(calls.contains(name), "{path} of {lab} with {sent:?} does {calls:?}, not {name}");
        // Each argument has a field, or is given by the page.
        assert!(document(&view, &page(&view).unwrap()).contains("<form"), "{path}");
    }
}

/// A page of a lab's account, as it is sent with these fields.
fn sent(cloud: &Cloud, path: &str, fields: &str) -> (crate::Page, String) {
    let (tutorial, given) = (Tutorial::default(), Given::read(fields));
    let account = &cloud.accounts().next().unwrap().name;
    let view = View { sent: true, ..view(cloud, account, Language::English, path, &given, &tutorial) };
    let page = page(&view).unwrap();
    let document = document(&view, &page);
    (page, document)
}

fn cloud_of(lab: &str) -> Cloud {
    clouds().into_iter().find(|(name, _)| name == lab).unwrap().1
}

#[test]
fn a_protocol_that_is_none_is_an_error_at_its_field() {
    let cloud = cloud_of("cross-account");
    let (_, page) = sent(&cloud, "/network", "from=ecs-a&to=ecs-b&protocol=sctp");
    let field = page.split("<input id=\"n-protocol\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(field.contains("value=\"sctp\"") && field.contains("aria-invalid=\"true\""), "{field}");
    assert!(
        page.contains("id=\"n-protocol-error\"") && page.contains("is no protocol") && !page.contains("class=\"hops"),
        "{page}"
    );
    let (_, page) = sent(&cloud, "/network", "from=ecs-a&to=ecs-b&protocol=tcp/80");
    assert!(
        !page.contains("n-protocol-error") && page.contains("<table class=\"matrix\" id=\"matrix\" role=\"grid\">"),
        "{page}"
    );
}

#[test]
fn routes_to_the_peer_and_the_kind_of_link_come_with_a_connection() {
    let cloud = cloud_of("alibaba-peer-same-account");
    let [near, far] = [0, 1].map(|at| cloud.vpcs().nth(at).unwrap());
    let ends = format!("vpc={}&own-peer={}", near.id, far.id);
    let lines = |fields: &str| -> Vec<String> {
        let (page, _) = sent(&cloud, "/vpc/peering-connections/new", fields);
        page.form.unwrap().calls.iter().map(ToString::to_string).collect()
    };
    let one = lines(&format!("name=c&{ends}"));
    assert_eq!(one.len(), 1, "{one:?}");
    let all = lines(&format!("name=c&{ends}&routes={}", crate::cloud::GIVEN));
    let route = |vpc: &crate::cloud::Vpc, to: &crate::cloud::Vpc| {
        format!("create-route-entry --vpc {} --destination {} --next-hop c", vpc.name, to.cidr)
    };
    assert_eq!(all, [one[0].clone(), route(near, far), route(far, near)]);
    // Without a name, the routes lead to what the connection will be called.
    let all = lines(&format!("{ends}&routes={}", crate::cloud::GIVEN));
    let name = all[0].split_whitespace().nth(1).unwrap();
    assert!(all[1].ends_with(&format!("--next-hop {name}")), "{all:?}");
    // Not in another account's VPC.
    assert_eq!(lines(&format!("account=other&vpc={}&peer=vpc-x&routes={}", near.id, crate::cloud::GIVEN)).len(), 1);
    let asks = |fields: &str| sent(&cloud, "/vpc/peering-connections/new", fields).0.form.unwrap().asks;
    assert!(
        asks(&format!("{ends}&place=other&quality=Gold")).is_empty()
            && asks(&format!("{ends}&quality=Platinum")).is_empty()
    );
    let [ask] = &asks(&format!("{ends}&place=other&peer-region=cn-beijing&quality=Platinum"))[..] else {
        panic!("one ask")
    };
    assert_eq!((ask.action, &*ask.parameters[1].1), ("ModifyVpcPeerConnection", "Platinum"));
}

#[test]
fn every_word_is_there_in_both_languages() {
    for console in CONSOLES {
        let words: Vec<_> = console.words.iter().copied().flatten().collect();
        assert!(words.iter().all(|word| !word.zh.is_empty() && !word.en.is_empty()), "{}", console.provider);
        // The rest of the tutorials' words are in the tests that click by them.
        let told = words.iter().filter(|word| word.mark == Mark::Tutorial).count();
        assert!(told > 0 || console.provider == "aws", "{}", console.provider);
        let proposed: Vec<_> = words.iter().filter(|word| word.mark == Mark::Proposed).map(|word| word.zh).collect();
        println!("{}: proposed and not confirmed: {}", console.provider, proposed.join(" "));
    }
}

/// The relative luminance of a colour (WCAG 2).
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5))
}

#[test]
fn colours_of_both_themes_can_be_read() {
    let style = include_str!("console.css");
    let themes: Vec<&str> = style.split(":root").filter(|part| part.contains("--page: #")).collect();
    assert_eq!(themes.len(), 3);
    for theme in themes {
        let token = |name: &str| {
            let rest = theme.split(&format!("{name}: ")).nth(1).unwrap_or_else(|| panic!("no {name}"));
            rest.split(';').next().unwrap().trim().to_owned()
        };
        let contrast = |a: &str, b: &str| {
            let (a, b) = (luminance(&token(a)), luminance(&token(b)));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for (text, ground) in [
            ("--ink", "--page"),
            ("--ink", "--card"),
            ("--ink", "--inner"),
            ("--faint", "--card"),
            ("--faint", "--page"),
            ("--faint", "--inner"),
            ("--blue", "--card"),
            ("--bad", "--card"),
            ("--on-blue", "--blue"),
            ("--on-blue", "--bad"),
        ] {
            let it = contrast(text, ground);
            assert!(it >= 4.5, "{text} on {ground} is {it:.2} : 1");
        }
        assert!(contrast("--line", "--card") >= 3.0, "borders of fields");
    }
}
