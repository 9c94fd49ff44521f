//! Labs that were written from the lab format and the cloud's rules alone, without looking at peerlab's results:
//! `tests/contract`. Needs root.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use peerlab::error::Source;
use peerlab::lab;
use serde_json::Value;
use support::Machine;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

#[test]
fn every_lab_holds_at_every_step() {
    let machine = Machine::new();
    let mut labs: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    labs.sort();
    assert!(labs.len() >= 14, "{labs:?}");
    for lab in labs {
        machine.ok(&format!("test {}", lab.display())).says("all hold");
    }
    assert_eq!(machine.namespaces(), [] as [&str; 0]);
}

/// An operation that a step expects to be refused is also refused by `api`, with the same code, and changes nothing; a
/// file that does not expect it gets an error at the operation's line.
fn refused_by_every_door(file: &str, at_least: usize) {
    let machine = Machine::new();
    let text = fs::read_to_string(folder().join(file)).unwrap();
    let lab = lab::read(Source::new(file, text.as_str())).unwrap();
    let path = machine.file(file, &text);
    machine.ok(&format!("up {} --no-verify --until 1", path.display()));
    let mut refused = 0;
    for (index, step) in lab.steps.iter().enumerate() {
        let Some((written, span)) = &step.refused else {
            machine.ok(&format!("up {} --no-verify --until {}", path.display(), index + 1));
            continue;
        };
        let operation = step.operations.last().unwrap();
        let call = operation.call.to_string();
        let before = machine.ok("status --json").stdout;
        let api = machine.peerlab(&format!("api --as {} --json {call}", operation.caller)).exits(3);
        let code = api.error()["code"].as_str().unwrap().to_owned();
        assert!(means(written, &code), "{call}: {code} instead of {written}");
        assert_eq!(api.stdout, "", "{call}");
        assert_eq!(machine.ok("status --json").stdout, before, "{call} was refused and changed something");

        let expecting = text[..span.start].rfind('\n').unwrap()..span.end;
        let line = text[..expecting.start].lines().count();
        let unexpected = format!("{}{}", &text[..expecting.start], &text[expecting.end..]);
        let unexpected = machine.file("unexpected.toml", &unexpected);
        // For a file, the other faults of the operation are reported as well.
        let errors = machine.peerlab(&format!("validate --json {}", unexpected.display())).exits(3).errors();
        let found = |error: &Value| error["code"] == code.as_str() && error["line"] == line;
        assert!(errors.iter().any(found), "{call}: {code} at line {line} is not among {errors:?}");
        refused += 1;
    }
    assert!(refused >= at_least, "only {refused} refusals in {file}");
}

/// A code as a lab may write it: in full, or by its HTTP status.
fn means(written: &str, code: &str) -> bool {
    match written {
        "404" => code == "NotFound",
        _ => written.trim_start_matches("409 ") == code,
    }
}

#[test]
fn what_alibaba_refuses_is_refused_by_every_door() {
    refused_by_every_door("refusals-alibaba.toml", 70);
}

#[test]
fn what_jdcloud_refuses_is_refused_by_every_door() {
    refused_by_every_door("refusals-jd.toml", 20);
}
