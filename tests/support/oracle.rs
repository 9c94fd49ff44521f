//! Programs with which tests compare peerlab, and which a host may lack. `scripts/test` installs those that it can.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Each program with its purpose and its packages.
const ORACLES: &str = include_str!("../../scripts/oracles");

/// Whether a program is installed. If not, the calling test runs without it, which is reported and counted, and is a
/// failure with `PEERLAB_ORACLES=all`.
pub fn oracle(name: &str) -> bool {
    let row = ORACLES.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find(|row| row[..1] == [name]);
    let package = row.unwrap_or_else(|| panic!("scripts/oracles has no {name}"))[2];
    let path = env::var_os("PATH").unwrap_or_default();
    let there = env::split_paths(&path).any(|folder| folder.join(name).is_file());
    if !there {
        untested(name, &format!("{name} is missing (apt-get install {package})"));
        let promised = env::var("PEERLAB_ORACLES").is_ok_and(|it| it == "all");
        assert!(!promised, "{name} is missing: apt-get install {package}");
    }
    there
}

/// The Python that has the providers' own clients, which `scripts/clients` installs. Without them, the calling test is
/// incomplete, and reported; with `PEERLAB_ORACLES=all`, that is a failure.
#[allow(dead_code)] // what only some of the tests use
pub fn clients() -> Option<std::path::PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(target).join("clients");
    let whole = place.join("requirements.txt").is_file();
    if !whole {
        untested("clients", "the providers' own clients are missing (scripts/clients installs them from PyPI)");
        assert!(!env::var("PEERLAB_ORACLES").is_ok_and(|it| it == "all"), "the clients are missing: scripts/clients");
    }
    whole.then(|| place.join("bin/python"))
}

/// Whether the tests may become another user. Root may; a user in a user namespace of their own may not. In that case the
/// calling test is incomplete, and reported.
#[allow(dead_code)] // what only some of the tests use
pub fn others() -> bool {
    root("it becomes another user, which takes root")
}

/// Whether the tests are the host's root, and not only that of a user namespace. Otherwise the calling test is incomplete,
/// and reported with what it needs root for.
#[allow(dead_code)] // what only some of the tests use
pub fn root(why: &str) -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let mapped = map.lines().filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok()).sum::<u64>();
    if mapped < 65536 {
        untested("root", why);
    }
    mapped >= 65536
}

/// Reports that the calling test is incomplete for lack of `what`, so that `scripts/test` counts it.
pub fn untested(what: &str, why: &str) {
    let binary = env::current_exe().ok();
    let file = binary.as_deref().and_then(Path::file_stem).and_then(|stem| stem.to_str()).unwrap_or("?");
    let file = file.rsplit_once('-').map_or(file, |(file, _)| file);
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("?");
    aloud(&format!("NOT TESTED in {file} {test}: {why}"));
    if let Some(list) = env::var_os("PEERLAB_UNTESTED") {
        let mut list = OpenOptions::new().append(true).create(true).open(list).expect("it can be written");
        list.write_all(format!("{what}\t{file} {test}\n").as_bytes()).expect("it can be written");
    }
}

/// Prints a message bypassing libtest, which shows only failing tests' output.
pub fn aloud(words: &str) {
    std::io::stderr().write_all(format!("{words}\n").as_bytes()).expect("there is a standard error");
}
