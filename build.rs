//! Puts the labs into the binary (`src/shipped.rs`).
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    ship(Path::new("labs"))
}

/// Writes the table of the labs in a folder, with their texts.
fn ship(folder: &Path) -> io::Result<()> {
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
    fs::write(Path::new(&out).join("shipped.rs"), format!("&[\n{rows}]\n"))
}
