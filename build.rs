//! Identifies the form of a kept Cloud (`src/journal/snapshot.rs`), which depends on the Cloud's source and the
//! versions of the libraries; and puts the labs into the binary (`src/shipped.rs`).
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let mut files = vec![PathBuf::from("Cargo.lock")];
    collect(Path::new("src/cloud"), &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        // A package may lack its lock file.
        (fs::read(&file).unwrap_or_default(), file).hash(&mut hasher);
    }
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=src/cloud");
    println!("cargo::rustc-env=PEERLAB_CLOUD_FORM={:016x}", hasher.finish());
    ship(Path::new("labs"))
}

/// Writes the table of the labs in a folder, with their texts.
fn ship(folder: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut labs = Vec::new();
    collect(folder, &mut labs)?;
    labs.retain(|file| file.extension().is_some_and(|it| it == "toml"));
    labs.sort();
    let row = |file: &PathBuf| {
        let (name, text) = (file.file_stem().unwrap_or_default().to_string_lossy(), fs::read_to_string(file)?);
        Ok(format!("    Shipped {{ name: {name:?}, text: {text:?} }},\n"))
    };
    let rows = labs.iter().map(row).collect::<io::Result<String>>()?;
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&out).join("shipped.rs"), format!("&[\n{rows}]\n"))
}

/// All files below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
