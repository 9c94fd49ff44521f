//! Puts the labs into the binary (`src/shipped.rs`), and finds the commit for `--version`.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> io::Result<()> {
    println!("cargo::rustc-env=PEERLAB_VERSION={}", version());
    ship(Path::new("labs"), "shipped.rs")?;
    ship(Path::new("labs/exercises"), "exercises.rs")
}

/// The version, in an optimized build with the commit: `0.1.0 (0123456789ab)`. In other builds, each commit would compile
/// everything again.
fn version() -> String {
    let number = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rerun-if-env-changed=PEERLAB_COMMIT");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = std::env::var("PEERLAB_COMMIT").ok().filter(|commit| !commit.is_empty());
    match commit.or_else(|| if is_release { packaged().or_else(checked_out) } else { None }) {
        Some(commit) => format!("{number} ({commit})"),
        None => number,
    }
}

/// The commit of which `cargo package` made this package.
fn packaged() -> Option<String> {
    println!("cargo::rerun-if-changed=.cargo_vcs_info.json");
    let info = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, commit) = info.split_once("\"sha1\": \"")?;
    commit.get(..12).map(str::to_owned)
}

/// The commit of this checkout, with `-dirty` if a file was changed. The folder may be in another project's checkout.
fn checked_out() -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    let folder = git(&["rev-parse", "--absolute-git-dir"])?;
    for changed in [&format!("{folder}/logs/HEAD"), "src", "crates", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={changed}");
    }
    git(&["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])
}

/// What git prints; `None` if it fails or does not exist.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}

/// Writes the table of the labs in a folder, with their texts, into a file for the program to include.
fn ship(folder: &Path, table: &str) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let mut labs = Vec::from_iter(files.into_iter().filter(|file| file.extension().is_some_and(|it| it == "toml")));
    labs.sort();
    let row = |file: &PathBuf| {
        let (name, text) = (file.file_stem().unwrap_or_default().to_string_lossy(), fs::read_to_string(file)?);
        Ok(format!("    Shipped {{ name: {name:?}, text: {text:?} }},\n"))
    };
    let rows = labs.iter().map(row).collect::<io::Result<String>>()?;
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&out).join(table), format!("&[\n{rows}]\n"))
}
