//! Checks the JSON Schema of lab files with every lab and every golden case of an invalid one.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use peerlab::error::Source;
use peerlab::lab;
use peerlab::session::Run;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// The codes of `validate` for errors that the schema also detects.
const SYNTACTIC: [&str; 10] = [
    "UnknownKey",
    "MissingKey",
    "WrongType",
    "ConflictingKeys",
    "UnknownProvider",
    "UnknownRelaxation",
    "InvalidReason",
    "InvalidProtocol",
    "InvalidPolicy.Malformed",
    "InvalidRole",
];

/// A file as an editor sees it; `None` if it is not TOML.
fn as_json(text: &str) -> Option<Value> {
    let table = DeTable::parse(text).ok()?;
    Some(value(&DeValue::Table(table.into_inner())))
}

fn value(toml: &DeValue) -> Value {
    match toml {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => Value::from(number.as_str().parse::<i64>().unwrap()),
        DeValue::Float(number) => Value::from(number.as_str().parse::<f64>().unwrap()),
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| value(item.get_ref())).collect(),
        DeValue::Table(table) => {
            Value::Object(table.iter().map(|(key, item)| (key.get_ref().to_string(), value(item.get_ref()))).collect())
        }
    }
}

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let labs = paths.map(|path| if path.is_dir() { path.join("lab.toml") } else { path }).filter(|path| path.is_file());
    let mut labs: Vec<_> = labs.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    labs.sort();
    labs
}

fn validator() -> Validator {
    jsonschema::draft7::new(&lab::schema()).unwrap()
}

fn said(validator: &Validator, lab: &Value) -> Vec<String> {
    validator.iter_errors(lab).map(|error| format!("{} at {}", error, error.instance_path())).collect()
}

#[test]
fn the_schema_is_one() {
    assert!(jsonschema::draft7::meta::is_valid(&lab::schema()));
}

#[test]
fn every_lab_is_valid() {
    let (validator, labs) = (validator(), files("labs"));
    assert!(labs.len() >= 18, "only {} labs were found", labs.len());
    for (path, text) in labs {
        assert_eq!(said(&validator, &as_json(&text).unwrap()), [] as [&str; 0], "{}", path.display());
    }
}

#[test]
fn a_case_is_invalid_where_its_syntax_is_wrong_and_else_valid() {
    let validator = validator();
    let mut invalid = 0;
    for (path, text) in files("tests/cases") {
        let Some(json) = as_json(&text) else { continue };
        let read = lab::read(Source::new("lab.toml", text)).and_then(|lab| lab.rehearse().map(|_| ()));
        let codes: Vec<_> = read.err().map(|errors| errors.0).unwrap_or_default();
        let codes: Vec<_> = codes.iter().filter_map(|error| error.code.as_deref()).collect();
        let found = said(&validator, &json);
        let wrong = codes.iter().any(|code| SYNTACTIC.contains(code));
        invalid += usize::from(wrong);
        if wrong {
            assert!(!found.is_empty(), "{} has {codes:?}, and is valid", path.display());
        } else if codes.is_empty() {
            assert_eq!(found, [] as [&str; 0], "{}", path.display());
        }
    }
    assert!(invalid >= 12, "only {invalid} cases are wrong in a way that a schema can tell");
}

/// With operations by hand, and with steps that are not done.
#[test]
fn what_export_writes_has_nothing_wrong() {
    let validator = validator();
    for (path, text) in files("labs") {
        let lab = lab::read(Source::new("lab.toml", text)).unwrap();
        let account = lab.accounts[0].name.to_string();
        let mut run = Run::begin(lab, "lab.toml".into()).unwrap();
        run.step().unwrap();
        let line = "create-vpc by-hand --region cn-north-9 --cidr 10.99.0.0/16";
        run.operate(&account, lab::parse_operation(line).unwrap()).unwrap();
        let text = run.export().unwrap().text;
        let exported = as_json(&text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(said(&validator, &exported), [] as [&str; 0], "{}: {text}", path.display());
    }
}
