//! `peerlab init [NAME]`

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::context::Context;
use super::target::no_lab_name;
use super::validate::count;
use super::{Ending, Init};
use crate::cloud::Provider;
use crate::error::{Error, Errors, Result};
use crate::init::{Ring, starter};
use crate::lab::is_lab_name;
use crate::report::terminal::Tone;

#[derive(Serialize)]
struct Written {
    /// Where it stands; `None`: it was only shown.
    file: Option<String>,
    lab: String,
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// What is written is valid: tests hold it against the reader.
pub(super) fn run(arguments: &Init, context: &Context) -> Result<Ending, Errors> {
    let (lab, path) = target(arguments)?;
    let file = path.display().to_string();
    let ring = ring(arguments)?;
    let text = match ring {
        Some(ring) => ring.lab_text(&lab, arguments.provider),
        None => starter(&lab, &file, arguments.provider),
    };
    let provider = arguments.provider.name;
    if arguments.to_stdout() {
        let written = Written { file: None, lab, provider, text: Some(text.clone()) };
        context.show(&written, |_| text);
        return Ok(Ending::Done);
    }
    write(&path, &text, arguments.force)?;
    let size = ring.map(|ring| format!(", {}", count(ring.instances() as usize, "instance"))).unwrap_or_default();
    context.show(&Written { file: Some(file.clone()), lab, provider, text: None }, |out| {
        let (wrote, next) = (format!("wrote {file}{size}"), format!("next: sudo peerlab up {file}"));
        let next = out.paint(Tone::Faint, out.translate(&next));
        format!("{} {}\n{next}\n", out.paint(Tone::Good, "✓"), out.translate(&wrote))
    });
    Ok(Ending::Done)
}

/// The lab's name, and the file to write: both follow from NAME, which may be a path as well.
fn target(arguments: &Init) -> Result<(String, PathBuf)> {
    let named = arguments.name.as_deref().filter(|name| *name != Path::new("-")).unwrap_or(Path::new("lab"));
    let path = match named.extension() {
        Some(extension) if extension == "toml" => named.to_owned(),
        _ => PathBuf::from(format!("{}.toml", named.display())),
    };
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some(name) if is_lab_name(name) => Ok((name.into(), path)),
        stem => Err(no_lab_name(stem.unwrap_or_default())),
    }
}

/// The ring that is asked for, if one is.
fn ring(arguments: &Init) -> Result<Option<Ring>> {
    if arguments.vpcs.is_none() && arguments.instances.is_none() {
        return Ok(None);
    }
    let ring = Ring::new(arguments.vpcs.unwrap_or(2), arguments.instances.unwrap_or(1));
    ring.map(Some).map_err(|fault| Error::input(fault.to_string()).code("CommandLine"))
}

fn write(path: &Path, text: &str, force: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    let options = if force { options.create(true).truncate(true) } else { options.create_new(true) };
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let file = path.display();
        let (code, what, hint) = match error.kind() {
            ErrorKind::AlreadyExists => {
                ("FileExists", format!("{file} is there already"), "give another name, or --force to overwrite it")
            }
            ErrorKind::NotFound => {
                ("FileUnwritable", format!("cannot write {file}: there is no such folder"), "make it first")
            }
            _ => {
                ("FileUnwritable", format!("cannot write {file}: {error}"), "go where you may write, or take --stdout")
            }
        };
        Error::input(what).code(code).hint(hint)
    })
}

/// The provider of this name, for the command line.
pub(super) fn provider(name: &str) -> Result<&'static Provider, String> {
    Provider::named(name).ok_or_else(|| {
        let names: Vec<_> = Provider::ALL.iter().map(|provider| provider.name).collect();
        format!("the providers are {}", names.join(" and "))
    })
}
