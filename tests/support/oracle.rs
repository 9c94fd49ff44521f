//! Programs that tests hold peerlab against, and that a host need not have. `scripts/test` installs what it may.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Each program with what it is for and the packages it comes in: see there.
const ORACLES: &str = include_str!("../../scripts/oracles");

/// Whether a program is there. Where it is not, the calling test goes without, which is said and counted, and is a failure
/// where `PEERLAB_ORACLES=all` promises every one.
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

/// Says that the calling test does not do all it would, for want of `what`, and has `scripts/test` count it.
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

/// Says something past libtest, which shows the output of failing tests only.
pub fn aloud(words: &str) {
    std::io::stderr().write_all(format!("{words}\n").as_bytes()).expect("there is a standard error");
}
