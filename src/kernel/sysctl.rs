//! /proc/sys/net, as the calling thread's namespace has it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FOLDER: &str = "/proc/sys/net";

fn path(key: &str) -> PathBuf {
    Path::new(FOLDER).join(key)
}

/// The value of `key` (`ipv4/ip_forward`); `None` where this kernel has no such thing.
pub(super) fn get(key: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(path(key)) {
        Ok(value) => Ok(Some(value.split_whitespace().collect::<Vec<_>>().join("\t"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sets `key`. What this kernel does not have needs no setting: without IPv6 or br_netfilter there is nothing to turn off.
pub(super) fn set(key: &str, value: &str) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path(key));
    match file {
        Ok(mut file) => file.write_all(value.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
