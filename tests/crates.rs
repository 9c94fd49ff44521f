//! The crates that peerlab is built from: permissive licences, from the registry only (deny.toml).
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // it runs cargo, and reads the repository

use std::fs;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, Licensee};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

#[test]
fn every_crate_has_a_permissive_licence_and_comes_from_the_registry() {
    let repository = env!("CARGO_MANIFEST_DIR");
    let deny = fs::read_to_string(format!("{repository}/deny.toml")).unwrap();
    let deny = DeTable::parse(&deny).unwrap();
    let DeValue::Table(licenses) = deny.get_ref()["licenses"].get_ref() else { panic!("[licenses]") };
    let DeValue::Array(allowed) = licenses["allow"].get_ref() else { panic!("allow") };
    let licence = |name: &Spanned<DeValue<'_>>| Licensee::parse(name.get_ref().as_str().unwrap()).unwrap();
    let allowed: Vec<_> = allowed.iter().map(licence).collect();
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version=1", "--filter-platform=x86_64-unknown-linux-gnu"])
        .current_dir(repository)
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let metadata: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let mut seen = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let (name, licence) = (&package["name"], package["license"].as_str().unwrap_or_default());
        let source = &package["source"];
        let ours = name.as_str().is_some_and(|name| name == "peerlab" || name.starts_with("peerlab-"));
        assert!(source.as_str().map_or(ours, |it| it.starts_with("registry+")), "{name} comes from {source}");
        let expression = Expression::parse_mode(licence, spdx::ParseMode::LAX);
        let expression = expression.unwrap_or_else(|error| panic!("the licence of {name}: {error}"));
        let holds = expression.evaluate(|needed| allowed.iter().any(|licence| licence.satisfies(needed)));
        assert!(holds, "{name} has the licence {licence}, which deny.toml does not allow");
        seen += 1;
    }
    assert!(seen > 100, "only {seen} crates were seen");
}
