//! Only crates/cloud mentions a provider's name, objects or states: all other code asks the Cloud. Each provider's API is
//! in a folder of its own in crates/api, and its console in crates/console, where nobody else's words are needed.
//!
//! Comments, tests, the examples of the help, and Chinese texts are exempt.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // it reads the sources

use std::fs;
use std::path::{Path, PathBuf};

/// Words of providers, in lower case; `_` matches an underscore, a blank or a dash.
const WORDS: &[&str] = &[
    "alibaba",
    "aliyun",
    "jdcloud",
    "jd cloud",
    "tencent",
    "tccli",
    "router_interface",
    "routerinterface",
    "vpc_peering",
    "vpcpeering",
    "initiator",
    "acceptor",
    "vswitch",
    "negative",
    "mini.",
    "large.",
];

/// Their states: words in quotes.
const STATES: &[&str] = &[
    "Idle",
    "Connecting",
    "AcceptingConnecting",
    "Activating",
    "Active",
    "Deactivating",
    "Inactive",
    "Deleting",
    "Initiated",
    "Connected",
    "Disconnected",
    "Deleted",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false if path.extension().is_some_and(|it| it == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The lines of a source that mention providers, with their numbers.
fn spoken(text: &str) -> Vec<(usize, String)> {
    let code = text.split("\n#[cfg(test)]\n").next().unwrap_or_default();
    let lines = code.lines().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        !line.starts_with("//") && !line.starts_with("peerlab ")
    });
    let speaks = |line: &str| {
        let plain = line.split(" // ").next().unwrap_or_default();
        let lower = plain.to_lowercase().replace(['-', ' '], "_");
        // The switch of hosts is no provider's.
        let lower = lower.replace("open_vswitch", "").replace("openvswitch", "");
        WORDS.iter().any(|word| lower.contains(&word.replace(' ', "_")))
            || STATES.iter().any(|state| plain.contains(&format!("\"{state}\"")))
    };
    lines.filter(|(_, line)| speaks(line)).map(|(number, line)| (number + 1, line.trim().to_owned())).collect()
}

#[test]
fn only_the_cloud_speaks_of_providers() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "crates"] {
        sources(&repository.join(folder), &mut files);
    }
    let mut wrong = String::new();
    let mut read = 0;
    for file in files {
        let name = file.strip_prefix(repository).unwrap().to_string_lossy().into_owned();
        let is_test = name.contains("/tests/") || name.ends_with("tests.rs");
        if name.starts_with("crates/cloud/")
            || name.starts_with("crates/api/")
            || name.starts_with("crates/console/")
            || name == "crates/message/src/language/help.rs"
            || is_test
        {
            continue;
        }
        read += 1;
        for (line, text) in spoken(&fs::read_to_string(&file).unwrap()) {
            wrong += &format!("{name}:{line}: {text}\n");
        }
    }
    assert!(read > 150, "only {read} sources were found");
    assert!(wrong.is_empty(), "ask the Cloud, its families and its providers instead:\n{wrong}");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for line in [
        "let call = Call::ConnectRouterInterface(x);",
        "cloud.router_interface(name)",
        "format!(\"router interface {name}\")",
        "matches!(status, \"Active\" | \"Connected\")",
        "if provider.name == \"alibaba\" {",
        "strip_suffix(\".initiator\")",
        "PeeringKind::VpcPeerings => \"\",",
    ] {
        assert_eq!(spoken(line).len(), 1, "{line}");
    }
    for line in
        ["// the initiator's", "  peerlab init --provider jdcloud", "vpc.peerings.values()", "let active = true;"]
    {
        assert_eq!(spoken(line), [], "{line}");
    }
    assert_eq!(spoken("fn f() {}\n\n#[cfg(test)]\nmod tests {\n    \"alibaba\"\n}\n"), []);
}
