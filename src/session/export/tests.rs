//! After any operations, a lab's exported file makes the same Cloud, and exporting that again adds nothing.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::cloud::random::random_operation;

fn lab(name: &str, text: &str) -> Lab {
    let lab = lab::read(Source::new(name, text)).unwrap();
    lab.rehearse().unwrap();
    lab
}

fn begin(text: &str) -> Run {
    Run::begin(lab("lab.toml", text), "lab.toml".into()).unwrap()
}

/// The run that `up` of the file makes, with the steps that the file says.
fn up(exported: &Exported) -> Run {
    let mut run = begin(&exported.text);
    let until = run.lab().until.unwrap_or(run.lab().steps.len());
    while run.steps_done() < until && run.step().unwrap().is_some() {}
    run
}

fn typed(run: &mut Run, account: &str, line: &str) {
    run.operate(account, lab::parse_operation(line).unwrap()).unwrap_or_else(|error| panic!("{line}: {error}"));
}

/// Compares a run with its export.
fn holds(run: &Run) -> Exported {
    let exported = run.export().unwrap_or_else(|errors| panic!("{errors}"));
    let again = up(&exported);
    assert!(again.cloud() == run.cloud(), "another Cloud:\n{}", exported.text);
    let once_more = again.export().unwrap();
    assert_eq!(once_more.text, exported.text, "exporting the export");
    assert_eq!(once_more.left_out, 0);
    exported
}

#[test]
fn what_a_skipped_step_would_show_is_not_held() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs/jd-half.toml");
    let mut run = begin(&fs::read_to_string(path).unwrap());
    (0..4).for_each(|_| _ = run.step().unwrap().unwrap());
    run.skip().unwrap();
    assert!(run.checks_now().is_empty());
    let mut again = begin(&holds(&run).text);
    while again.step().unwrap().is_some() {
        let held = |check: &Check| crate::verify::holds(again.cloud(), check);
        assert!(again.steps_done() == again.lab().steps.len() || again.checks_now().iter().all(held));
    }
}

/// Two accounts, a VPC of each, a group; three steps, the last of which must be refused.
const LAB: &str = r#"# The file of an author.
[lab]
provider = "alibaba" # the cloud
name = "mine"

[account.A]
[account.B]
[vpc.V]
account = "A"
region = "cn-qingdao"
cidr = "10.1.0.0/16"
[vpc.V.subnet.s]
cidr = "10.1.1.0/24"
[instance.i]
subnet = "V/s"
[instance.j]
subnet = "V/s"

[[check]]
from = "i"
to = "j"
expect = "reach"

# Why there is a first step.
[[step]]
title = "One"
account = "A"
run = [
  # The interface,
  "create-router-interface x --vpc V --role initiator --spec Mini.2 --opposite-region cn-qingdao",
  "create-vpc W --region cn-qingdao --cidr 172.16.0.0/16", # and a VPC
]
[[step.check]]
from = "i"
to = "j"
expect = "reach"

[[step]]
title = "Two"
account = "A"
run = ["create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop x", "create-subnet t --vpc W --cidr 172.16.1.0/24"]

[[step]]
title = "Three"
account = "B"
run = ["delete-vpc V"]
refused = "Forbidden.NotOwner"
# The end.
"#;

#[test]
fn a_lab_as_its_file_says_is_exported_as_that_file() {
    let mut run = begin(LAB);
    while run.step().unwrap().is_some() {}
    assert_eq!(holds(&run).text, LAB);
}

#[test]
fn steps_that_are_not_done_stay_behind_until() {
    let mut run = begin(LAB);
    run.step().unwrap();
    let exported = holds(&run);
    assert_eq!(exported.text, LAB.replace(" # the cloud\n", " # the cloud\nuntil = 1\n"));
    let mut again = up(&exported);
    while again.step().unwrap().is_some() {}
    assert_eq!(holds(&again).text, LAB.replace(" # the cloud\n", " # the cloud\nuntil = 3\n"));
}

#[test]
fn what_was_done_by_hand_is_a_step_in_its_place() {
    let mut run = begin(LAB);
    typed(&mut run, "B", "create-vpc U --region cn-beijing --cidr 192.168.0.0/16");
    run.step().unwrap();
    typed(&mut run, "A", "create-route-entry --vpc V --destination 192.168.0.0/16 --next-hop x");
    run.step().unwrap();
    run.step().unwrap();
    typed(&mut run, "A", "delete-route-entry --vpc V --destination 192.168.0.0/16");
    let exported = holds(&run);
    let (first, second, last) = (
        "[[step]]\ntitle = \"By hand: create-vpc U\"\nzh.title = \"手动：create-vpc U\"\naccount = \"B\"\n\
         run = [\"create-vpc U --region cn-beijing --cidr 192.168.0.0/16\"]\n\n# Why there is a first step.\n",
        "expect = \"reach\"\n\n[[step]]\ntitle = \"By hand: create-route-entry 192.168.0.0/16\"\n",
        "refused = \"Forbidden.NotOwner\"\n\n[[step]]\ntitle = \"By hand: delete-route-entry 192.168.0.0/16\"\n",
    );
    for part in [first, second, last] {
        assert!(exported.text.contains(part), "no {part} in\n{}", exported.text);
    }
    assert!(!exported.text.contains("until"), "{}", exported.text);
}

/// A part of a later step was done by hand; that step does the rest.
#[test]
fn a_step_that_was_begun_by_hand_does_the_rest() {
    let mut run = begin(LAB);
    typed(&mut run, "A", "create-vpc W --region cn-qingdao --cidr 172.16.0.0/16");
    let ahead = holds(&run);
    assert_eq!(ahead.text.matches("create-vpc W").count(), 3, "title, its Chinese, and run: {}", ahead.text);
    assert!(ahead.text.contains("until = 1\n"), "{}", ahead.text);
    run.step().unwrap();
    run.step().unwrap();
    let exported = holds(&run);
    assert!(exported.text.contains("  # The interface,\n  \"create-router-interface x "), "{}", exported.text);
    typed(&mut run, "A", "create-subnet u --vpc W --cidr 172.16.2.0/24");
    holds(&run);
    let mut all = begin(LAB);
    for line in [
        "create-router-interface x --vpc V --role initiator --spec Mini.2 --opposite-region cn-qingdao",
        "create-vpc W --region cn-qingdao --cidr 172.16.0.0/16",
        "create-route-entry --vpc V --destination 172.16.0.0/16 --next-hop x",
    ] {
        typed(&mut all, "A", line);
    }
    while all.step().unwrap().is_some() {}
    let exported = holds(&all);
    assert!(exported.text.contains("run = [\"create-subnet t"), "{}", exported.text);
}

#[test]
fn what_does_not_go_with_it_any_more_is_a_comment() {
    let mut run = begin(LAB);
    typed(&mut run, "A", "delete-instance j");
    // The step would make a VPC of another block: refused.
    typed(&mut run, "A", "create-vpc W --region cn-qingdao --cidr 192.168.0.0/16");
    let exported = holds(&run);
    assert_eq!(exported.left_out, 2, "{}", exported.text);
    for part in ["# [[check]]\n# from = \"i\"\n", "# This check does not go with"] {
        assert!(exported.text.contains(part), "no {part} in\n{}", exported.text);
    }
    // A step that is not done stays a step. It is refused as it is in the running lab, and done once the way is free.
    assert!(exported.text.contains("until = 2"), "{}", exported.text);
    let (_, warnings) = begin(&exported.text).lab().rehearse().unwrap();
    assert!(warnings.iter().any(|it| it.to_string().starts_with("step 3, which comes after `until`, would be")));
    let mut again = up(&exported);
    again.step().unwrap_err();
    typed(&mut again, "A", "delete-vpc W");
    while again.step().unwrap().is_some() {}
    assert!(again.cloud().vpcs().any(|it| it.name.as_str() == "W"));
}

/// What a learner made under names of their own is what the steps make: the file's lines and checks have those names.
#[test]
fn checks_and_later_lines_have_the_names_of_what_was_made_by_hand() {
    let text = LAB.replace("[instance.j]\nsubnet = \"V/s\"\n", "").replacen(
        "# Why there is",
        "[[step]]\ntitle = \"Zero\"\naccount = \"A\"\nrun = [\"create-instance j --subnet V/s --id i-j\"]\n\
         [[step.check]]\nfrom = \"j\" # the one\nto = \"i\"\nexpect = \"reach\"\n\n# Why there is",
        1,
    );
    let text = text.replacen("to = \"j\"", "to = 'i-j'", 1);
    let checked = |exported: &Exported| {
        let run = up(exported);
        for check in run.lab().final_checks() {
            let found = crate::trace::predict(run.cloud(), &check.from, &check.to, check.traffic());
            assert!(found.reaches(), "{} → {}: {found}", check.from, check.to);
        }
    };
    for (name, next) in [("my-ecs", 1), ("网站", 3), ("my-ecs", 0), ("i", 0), ("j", 1)] {
        let mut run = begin(&text);
        if name == "i" {
            // The names the other way round.
            typed(&mut run, "A", "delete-instance i");
            typed(&mut run, "A", "create-instance x --subnet V/s --ip 10.1.1.9");
        }
        typed(&mut run, "A", &format!("create-instance {name} --subnet V/s"));
        let made_by_hand = run.cloud().instances().find(|it| it.name.as_str() == name).unwrap().id.clone();
        (0..next).for_each(|_| _ = run.step().unwrap());
        let exported = holds(&run);
        assert_eq!(exported.left_out, 0, "{name}, {next} steps:\n{}", exported.text);
        assert!(exported.text.contains("# the one"), "{}", exported.text);
        if name == "i" {
            // The first that was made is j; that it is called as a router interface of the lab does not keep the lab's lines
            // from meaning that.
            assert!(exported.text.contains("--next-hop router_interface:x"), "{}", exported.text);
            assert_eq!(exported.text.matches("\"x\"").count(), 3, "{}", exported.text);
            checked(&exported);
            continue;
        }
        assert_eq!(exported.text.matches(&format!("\"{name}\"")).count(), 3, "{}", exported.text);
        checked(&exported);
        assert!(up(&exported).cloud().instances().any(|it| it.id == made_by_hand), "{}", exported.text);
        // Gone on with, it ends as the lab would have.
        let (mut again, mut first) = (up(&exported), run);
        while again.step().unwrap().is_some() {}
        while first.step().unwrap().is_some() {}
        assert!(again.cloud() == first.cloud(), "{}", exported.text);
    }
}

/// The lab's name is written if the file has another or none, in any form of the table.
#[test]
fn the_lab_keeps_its_name_however_its_table_is_written() {
    for (text, wanted) in [
        (
            "[lab]\nprovider = \"jdcloud\"\n[account.A]\n",
            "[lab]\nprovider = \"jdcloud\"\nname = \"lab\"\n[account.A]\n",
        ),
        (
            "[lab]\nname = 'lab'\nprovider = \"jdcloud\"\n[account.A]\n",
            "[lab]\nname = 'lab'\nprovider = \"jdcloud\"\n[account.A]\n",
        ),
        ("lab.provider = \"jdcloud\"\n[account.A]", "lab.provider = \"jdcloud\"\nlab.name = \"lab\"\n[account.A]"),
        (
            "lab = { provider = \"jdcloud\" }\n[account.A]\n",
            "lab = { provider = \"jdcloud\", name = \"lab\" }\n[account.A]\n",
        ),
    ] {
        let run = begin(text);
        assert_eq!(holds(&run).text, wanted);
        let mut more = run.clone();
        typed(&mut more, "A", "create-vpc V --region r --cidr 10.0.0.0/16");
        holds(&more);
        let renamed = Lab { name: "other".into(), ..lab("lab.toml", text) };
        let renamed = Run::begin(renamed, "lab.toml".into()).unwrap();
        let exported = renamed.export().unwrap();
        assert!(exported.text.contains("name = \"other\""), "{}", exported.text);
    }
}

#[test]
fn steps_in_an_inline_array_take_others_between_them() {
    let text = "step = [{ title = \"One\", run = [\"create-vpc V --region r --cidr 10.0.0.0/16\"] },\n\
        { title = \"Two\", run = [\"create-vpc W --region r --cidr 10.1.0.0/16\"] }]\n\
        [lab]\nprovider = \"jdcloud\"\n[account.A]\n";
    let mut run = begin(text);
    typed(&mut run, "A", "create-vpc X --region r --cidr 10.2.0.0/16");
    run.step().unwrap();
    typed(&mut run, "A", "create-vpc Y --region r --cidr 10.3.0.0/16");
    run.step().unwrap();
    typed(&mut run, "A", "create-subnet 's' --vpc Y --cidr 10.3.1.0/24");
    holds(&run);
}

/// Every shipped lab, with its steps and random operations by hand between them.
#[test]
fn every_shipped_lab_is_exported_whatever_was_done_to_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let labs: Vec<_> = entries.filter(|path| path.is_file()).collect();
    let labs: Vec<_> =
        labs.iter().map(|path| lab(&path.to_string_lossy(), &fs::read_to_string(path).unwrap())).collect();
    for lab in &labs {
        let mut run = Run::begin(lab.clone(), "lab.toml".into()).unwrap();
        loop {
            let exported = holds(&run);
            assert_eq!(exported.left_out, 0, "{}", exported.text);
            if run.step().unwrap().is_none() {
                break;
            }
        }
    }
    // A third of the events are steps.
    let rolls = prop::collection::vec((0..3_u8, prop::collection::vec(any::<u16>(), 24)), 0..24);
    let strategy = (0..labs.len(), rolls);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((which, rolls) in strategy)| {
        let mut run = Run::begin(labs[which].clone(), "lab.toml".into()).unwrap();
        for (kind, rolls) in rolls {
            if kind == 0 {
                // Operations by hand may prevent it.
                let _ = run.step();
            } else {
                let operation = random_operation(run.cloud(), &rolls);
                let _ = run.operate(operation.caller.as_str(), operation.call);
            }
        }
        holds(&run);
    });
}
