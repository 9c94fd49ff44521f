//! Identifies the form of a kept Cloud (`src/journal/snapshot.rs` of peerlab), which depends on this crate's source and the
//! versions of the libraries.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// The versions of the libraries; a package lacks it.
const LOCK: &str = "../../Cargo.lock";

fn main() -> io::Result<()> {
    let mut files = Vec::from_iter(Some(PathBuf::from(LOCK)).filter(|lock| lock.exists()));
    collect(Path::new("src"), &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        (fs::read(&file)?, file).hash(&mut hasher);
    }
    println!("cargo::rerun-if-changed=src");
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
