use super::*;
use crate::error::Source;

/// Two VPCs joined in both directions, where the checks cover everything.
const LAB: &str = r#"
[lab]
provider = "jdcloud"
[account.A]
[vpc.V1]
region = "cn-south-1"
cidr = "10.1.0.0/16"
routes = [{ to = "10.2.0.0/16", via = "half-1" }]
[vpc.V1.subnet.s]
cidr = "10.1.1.0/24"
[vpc.V2]
region = "cn-south-1"
cidr = "10.2.0.0/16"
routes = [{ to = "10.1.0.0/16", via = "half-2" }]
[vpc.V2.subnet.s]
cidr = "10.2.1.0/24"
[instance.a]
subnet = "V1/s"
[instance.b]
subnet = "V2/s"
[peering.half-1]
local = "V1"
peer = "V2"
[peering.half-2]
local = "V2"
peer = "V1"
[[check]]
from = "a"
to = "b"
expect = "reach"
"#;

fn lab(text: &str) -> Lab {
    let lab = crate::lab::read(Source::new("lab.toml", text)).unwrap();
    lab.rehearse().unwrap();
    lab
}

/// Each uncovered part: its text in the file, and the hint.
fn missed(text: &str) -> Vec<(String, String)> {
    let lab = lab(text);
    let report = mutate(&lab);
    assert_eq!(report.passed(), report.errors(&lab).0.is_empty());
    let said = |error: Error| (text[error.place.unwrap().span].to_owned(), error.hint.unwrap().to_string());
    report.errors(&lab).0.into_iter().map(said).collect()
}

#[test]
fn a_ping_there_and_back_misses_both_routes_and_both_halves() {
    let report = mutate(&lab(LAB));
    assert_eq!((report.parts, report.passed()), (4, true));
}

#[test]
fn without_a_check_every_part_is_reported_with_a_check_that_would_miss_it() {
    let (tables, _) = LAB.split_once("[[check]]").unwrap();
    let found = missed(tables);
    assert_eq!(found.len(), 4);
    for (_, hint) in &found {
        let check = hint.split_once("such as ").unwrap().1.replace("[[check]] ", "[[check]]\n").replace(", ", "\n");
        let left = missed(&format!("{tables}{check}\n"));
        assert!(left.len() < found.len(), "{check} misses nothing");
    }
}

#[test]
fn a_public_address_and_a_membership_are_parts_of_an_instance() {
    let found = missed(&LAB.replace(
        "[instance.b]",
        "[security_group.g]\nvpc = \"V1\"\n[instance.c]\nsubnet = \"V1/s\"\npublic_ip = \"203.0.113.9\"\nsecurity_groups = [\"g\"]\n[instance.b]",
    ));
    let parts: Vec<_> = found.iter().map(|(part, _)| part.as_str()).collect();
    assert_eq!(parts, ["\"g\"", "\"203.0.113.9\""]);
}

#[test]
fn what_a_step_undoes_is_a_part_too() {
    let steps = "[[step]]\ntitle = \"out\"\nrun = [\"delete-route-entry --vpc V1 --destination 10.2.0.0/16\"]\n\
                 [[step]]\ntitle = \"in\"\nrun = [\"create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop half-1\"]\n";
    let found = missed(&format!("{LAB}{steps}"));
    // Without the table's entry and its removal, the step's own entry remains, and no check runs in between.
    let parts: Vec<_> = found.iter().map(|(part, _)| part.as_str()).collect();
    assert_eq!(
        parts,
        ["{ to = \"10.2.0.0/16\", via = \"half-1\" }", "delete-route-entry --vpc V1 --destination 10.2.0.0/16"]
    );
    assert!(found[1].1.contains("in step 1"), "{}", found[1].1);
}

#[test]
fn a_refusal_that_a_step_expects_misses_what_it_depends_on() {
    let (tables, _) = LAB.split_once("[[check]]").unwrap();
    let step = "[[step]]\ntitle = \"twice\"\nrun = [\"create-route-entry --vpc V1 --destination 10.2.0.0/16 --next-hop half-1\"]\nrefused = \"InvalidCIDRBlock.Duplicate\"\n";
    let found = missed(&format!("{tables}{step}"));
    assert!(found.iter().all(|(part, _)| !part.contains("to = \"10.2.0.0/16\"")), "{found:?}");
}

#[test]
fn a_bandwidth_check_misses_a_change_of_the_class_that_no_ping_does() {
    let text = r#"
[lab]
provider = "alibaba"
[account.A]
[vpc.V1]
region = "r"
cidr = "10.1.0.0/16"
routes = [{ to = "10.2.0.0/16", via = "p" }]
[vpc.V1.subnet.s]
cidr = "10.1.1.0/24"
[vpc.V2]
region = "r"
cidr = "10.2.0.0/16"
routes = [{ to = "10.1.0.0/16", via = "p" }]
[vpc.V2.subnet.s]
cidr = "10.2.1.0/24"
[instance.a]
subnet = "V1/s"
[instance.b]
subnet = "V2/s"
[peering.p]
local = "V1"
peer = "V2"
spec = "Mini.2"
[[step]]
title = "faster"
run = ["modify-router-interface-spec p.initiator --spec Small.1"]
[[check]]
from = "a"
to = "b"
expect = "reach"
"#;
    let found = missed(text);
    let [(part, hint)] = found.as_slice() else { panic!("{found:?}") };
    assert!(part.starts_with("modify-router-interface-spec"), "{part}");
    assert!(hint.contains("from = \"a\", to = \"b\", bandwidth = \"10Mbit\""), "{hint}");
    assert_eq!(missed(&format!("{text}[[check]]\nfrom = \"a\"\nto = \"b\"\nbandwidth = \"10Mbit\"\n")), []);
}

#[test]
fn a_lab_says_why_nothing_misses_a_part_and_a_reason_without_need_is_reported() {
    let spare = LAB.replace(
        "routes = [{ to = \"10.2.0.0/16\", via = \"half-1\" }]",
        "routes = [{ to = \"10.2.0.0/16\", via = \"half-1\" }, { to = \"10.9.0.0/16\", via = \"half-1\", unchecked = \"for later\" }]",
    );
    let report = mutate(&lab(&spare));
    assert!(report.passed());
    assert_eq!(report.excused.len(), 1);
    assert_eq!(report.excused[0].why.as_deref(), Some("for later"));

    let needless = LAB.replace("via = \"half-1\"", "via = \"half-1\", unchecked = \"for later\"");
    assert_eq!(missed(&needless), [("\"for later\"".to_owned(), "leave unchecked out".to_owned())]);
}

#[test]
fn a_reason_that_says_nothing_is_a_fault() {
    let text = LAB.replace("via = \"half-1\"", "via = \"half-1\", unchecked = \" \"");
    let errors = crate::lab::read(Source::new("lab.toml", text)).unwrap_err();
    assert_eq!(errors.0[0].code.as_deref(), Some("InvalidCheck"));
}
