//! Golden folders: `tests/cases/NAME/lab.toml`, with the texts that it must give.
//!
//! `GOLDEN=write cargo test --test golden` writes them again; read the diff before you commit it.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "this reads the folders; the stages that it calls are the pure ones")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use peerlab::cloud::{Cloud, Code, Provider};
use peerlab::error::{Errors, Source};
use peerlab::flow::Protocol;
use peerlab::lab::{self, Check, Expect};
use peerlab::network::compile::compile;
use peerlab::network::diff::diff;
use peerlab::network::model::Network;
use peerlab::report::graph::{Caption, Format, draw};
use peerlab::report::{self, diagnostics};
use peerlab::terminal::Terminal;
use peerlab::trace::{explain, predict};

/// A text that a lab gives without root.
struct Kind {
    /// Its file in the folder.
    file: &'static str,
    /// Generates the text; `None` if the lab gives none.
    make: fn(&Source) -> Option<String>,
    /// Whether a lab that gives this text must have the file; other kinds are compared only if the file exists.
    required: bool,
}

const KINDS: &[Kind] = &[
    Kind { file: "error.txt", make: errors, required: true },
    Kind { file: "trace.txt", make: traces, required: false },
    Kind { file: "plan.txt", make: plan, required: false },
    Kind { file: "graph.svg", make: |source| picture(source, Format::Svg), required: false },
    Kind { file: "graph.mmd", make: |source| picture(source, Format::Mermaid), required: false },
    Kind { file: "graph.dot", make: |source| picture(source, Format::Dot), required: false },
];

/// The output of `peerlab validate`.
fn errors(source: &Source) -> Option<String> {
    validate(source).err().map(|errors| diagnostics::render(&errors, &Terminal::PLAIN))
}

/// The output of `peerlab explain` for each check of the finished lab.
fn traces(source: &Source) -> Option<String> {
    let lab = lab::read(source.clone()).ok()?;
    let cloud = lab.rehearse().ok()?.0;
    let explained = lab.checks.iter().map(|check| {
        let explanation = explain(&cloud, &check.from, &check.to, check.traffic());
        report::explain::render(&explanation, Some(source), &Terminal::PLAIN)
    });
    let explained: Vec<_> = explained.collect();
    (!explained.is_empty()).then(|| explained.join("\n---\n\n"))
}

/// The output of `peerlab plan -v` for the finished lab: by resource, then the changes to an empty kernel.
fn plan(source: &Source) -> Option<String> {
    let cloud = lab::read(source.clone()).ok()?.rehearse().ok()?.0;
    let resources = report::plan::render(&report::plan::changes(None, &cloud), &Terminal::PLAIN);
    let kernel = diff(&Network::default(), &compile(&cloud));
    Some(kernel.iter().fold(resources + "\n", |text, change| text + &change.to_string() + "\n"))
}

/// The output of `peerlab graph` for the finished lab.
fn picture(source: &Source, format: Format) -> Option<String> {
    let lab = lab::read(source.clone()).ok()?;
    let cloud = lab.rehearse().ok()?.0;
    let provider = cloud.provider().name.to_owned();
    let caption =
        Caption { lab: lab.name, title: lab.title, provider, state: "finished lab".into(), ..Caption::default() };
    Some(draw(&cloud, Protocol::Icmp, caption, Some(source), format))
}

fn validate(source: &Source) -> Result<(), Errors> {
    lab::read(source.clone())?.rehearse().map(|_| ())
}

#[test]
fn every_folder_gives_what_stands_in_it() {
    let folders = folders();
    assert!(folders.len() >= 12, "only {} golden folders were found", folders.len());
    let write = std::env::var("GOLDEN").is_ok_and(|value| value == "write");
    let mut wrong = String::new();
    for folder in folders {
        for complaint in compare(&folder, write) {
            writeln!(wrong, "--- {}: {complaint}", folder.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}\nIf this is as it should be: GOLDEN=write cargo test --test golden\n");
}

fn folders() -> Vec<PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut folders: Vec<_> = fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn compare(folder: &Path, write: bool) -> Vec<String> {
    let text = match fs::read_to_string(folder.join("lab.toml")) {
        Ok(text) => text,
        Err(error) => return vec![format!("lab.toml: {error}")],
    };
    let source = Source::new("lab.toml", text);
    let mut complaints = Vec::new();
    let mut compared = 0;
    for kind in KINDS {
        let path = folder.join(kind.file);
        let made = (kind.make)(&source);
        if write && (path.exists() || kind.required) {
            match &made {
                Some(text) => fs::write(&path, text).unwrap(),
                None if path.exists() => fs::remove_file(&path).unwrap(),
                None => {}
            }
        }
        let kept = path.exists().then(|| fs::read_to_string(&path).unwrap());
        compared += usize::from(kept.is_some());
        match (kept, made) {
            (Some(kept), Some(made)) if kept == made => {}
            (Some(kept), made) => {
                let made = made.unwrap_or_else(|| "(nothing)\n".to_owned());
                complaints.push(format!("{} is\n{kept}and the lab gives\n{made}", kind.file));
            }
            (None, Some(made)) if kind.required => {
                complaints.push(format!("there is no {}, and the lab gives\n{made}", kind.file))
            }
            (None, _) => {}
        }
    }
    if compared == 0 {
        complaints.push("there is nothing to compare with".to_owned());
    }
    complaints
}

/// Codes that no lab file can cause: a step's unknown account is the lab's own error, `UnknownAccount`. The Cloud's
/// tests cover it.
const NOT_IN_A_LAB: &str = "InvalidAccount.NotFound";

/// The codes of these providers that have no folder of a lab of theirs in tests/cases.
fn unseen<'a>(providers: impl IntoIterator<Item = &'a Provider> + Clone) -> BTreeSet<&'static str> {
    let of = |text: &str| providers.clone().into_iter().any(|it| text.contains(&format!("provider = \"{}\"", it.name)));
    let read = |folder: &Path, file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let own = folders().into_iter().filter(|folder| of(&read(folder, "lab.toml")));
    let texts: Vec<_> = own.flat_map(|folder| ["error.txt", "lab.toml"].map(|file| read(&folder, file))).collect();
    let seen = |code: &Code| {
        let marks = [format!("error[{code}]"), format!("refused = \"{code}\"")];
        texts.iter().any(|text| marks.iter().any(|mark| text.contains(mark)))
    };
    let codes = providers.clone().into_iter().flat_map(Provider::all_codes);
    codes.filter(|code| !seen(code)).map(|code| code.0).collect()
}

#[test]
fn every_refusal_has_a_case() {
    assert_eq!(unseen(Provider::ALL), BTreeSet::from([NOT_IN_A_LAB]), "codes without a folder in tests/cases");
}

/// Codes for what neither AWS nor Tencent Cloud has here: other families of peerings, SNAT and DNAT entries, one change at a
/// time, limits by region, and resources of others that can be seen.
const NOT_OF_EITHER: [&str; 23] = [
    "Conflict.Operation",
    "Forbidden.DestnationIpOutOfVpcCIDR",
    "Forbidden.NotOwner",
    "Forbidden.OnlyOneConnection",
    "Forbidden.SourceVSwitchId.Duplicated",
    "IncorrectOppositeInterfaceInfo",
    "IncorrectOppositeInterfaceInfo.NotSet",
    "IncorrectRIStatus",
    "IncorrectRole",
    "IncorrectRole.NotInitiatingSide",
    "IncorrectStatus",
    "InvalidExternalPort.Malformed",
    "InvalidForwardEntryId.NotFound",
    "InvalidInternalPort.Malformed",
    "InvalidRole",
    "InvalidSnatEntryId.NotFound",
    "InvalidSpec",
    "QuotaExceeded",
    "QuotaExceeded.CrossRegionVpcPeerCountPerVpc",
    "QuotaExceeded.IntraRegionVpcPeerCountPerVpc",
    "QuotaExceeded.VpcPeerCountPerUserPerRegion",
    "ResourceAlreadyExist.RouterInterface",
    "TaskConflict",
];

/// Further codes for what Tencent Cloud's labs do not have: NAT gateways, gateways and explicit associations.
const NOT_OF_TENCENT: [&str; 4] =
    ["AlreadyExists", "InvalidName", "InvalidParamter.Conflict", "QuotaExceeded.Bandwidth"];

#[test]
fn every_refusal_of_tencent_has_a_case_of_tencent() {
    let tencent = Provider::named("tencent").expect("it is there");
    let none = NOT_OF_EITHER.into_iter().chain(NOT_OF_TENCENT).collect();
    assert_eq!(unseen([tencent]), none, "codes of Tencent Cloud without a folder in tests/cases");
}

/// A further code: AWS makes a request for a VPC that is not there, which fails.
const NOT_OF_AWS: [&str; 1] = ["IncorrectStatus.AcceptingVpc"];

#[test]
fn every_refusal_of_aws_has_a_case_of_aws() {
    let aws = Provider::named("aws").expect("it is there");
    let none = NOT_OF_EITHER.into_iter().chain(NOT_OF_AWS).chain([NOT_IN_A_LAB]).collect();
    assert_eq!(unseen([aws]), none, "codes of AWS without a folder in tests/cases");
}

#[test]
fn every_check_of_a_lab_is_predicted_at_its_step() {
    let folders = ["labs", "tests/contract"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert!(files.len() >= 30, "only {} labs were found", files.len());
    let mut wrong = String::new();
    for file in files {
        let source = Source::new(file.display().to_string(), fs::read_to_string(&file).unwrap());
        match walk(&source) {
            Ok(complaints) => wrong.extend(complaints),
            Err(errors) => wrong += &diagnostics::render(&errors, &Terminal::PLAIN),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Plays a lab to its end; returns the expectations of checks that the Cloud does not predict.
fn walk(source: &Source) -> Result<Vec<String>, Errors> {
    let lab = lab::read(source.clone())?;
    let (mut cloud, _) = lab.build()?;
    let mut complaints = Vec::new();
    for (index, step) in lab.steps.iter().enumerate() {
        lab.play(&mut cloud, index)?;
        complaints.extend(step.checks.iter().flat_map(|check| unmet(source, &cloud, check)));
    }
    complaints.extend(lab.checks.iter().flat_map(|check| unmet(source, &cloud, check)));
    Ok(complaints)
}

fn unmet(source: &Source, cloud: &Cloud, check: &Check) -> Vec<String> {
    let mut flows = vec![(&check.from, &check.to)];
    flows.extend(check.both_ways.then_some((&check.to, &check.from)));
    let mut complaints = Vec::new();
    for (from, to) in flows {
        let traffic = match check.expect {
            Expect::Bandwidth(_) => Protocol::Tcp(22).into(),
            _ => check.traffic(),
        };
        let protocol = check.protocol;
        let predicted = predict(cloud, from, to, traffic);
        if !check.expect.is_met_by(predicted) {
            let line = source.line(check.span.start);
            complaints
                .push(format!("{}:{line}: {from} to {to} by {protocol}: {predicted} is predicted\n", source.name));
        }
    }
    complaints
}
