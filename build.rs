//! Identifies the form of a kept Cloud (`src/journal/snapshot.rs`), which depends on the Cloud's source and the
//! versions of the libraries.
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
    Ok(())
}

/// All files below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
