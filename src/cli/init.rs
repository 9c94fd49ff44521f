//! `peerlab init [NAME]`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::lab_file::no_lab_name;
use super::messages::files::Said;
use super::number::number;
use super::{Ending, output};
use crate::cloud::{Family, PeeringKind, Provider};
use crate::error::{Error, Errors, Result};
use crate::init::messages::Peerings;
use crate::init::{MAX_INSTANCES, MAX_VPCS, Ring, starter};
use crate::lab::is_lab_name;
use crate::message::Message;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::terminal::Tone;

/// Write a starter lab file: a small one with comments, or a ring of VPCs of any size
#[derive(Debug, Args)]
#[command(after_help = "\
Without --vpcs and --instances: two VPCs and a peering, with comments on every kind of table and a first mistake to try. \
With them: each VPC is peered with the next, and the last with the first; every instance reaches those of its own \
VPC and of the neighbouring VPCs.

Examples:
  peerlab init                        lab.toml
  peerlab init mine --provider jdcloud
  peerlab init pcc --peering connection
  peerlab init big --vpcs 100 --instances 10
  peerlab init --stdout | less")]
pub(super) struct Arguments {
    /// The lab's name; the file is NAME.toml. Or the path of such a file, or - for standard output [default: lab]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    name: Option<PathBuf>,
    #[arg(long, value_parser = provider, default_value = Provider::ALL[0].name, help = Provider::WHOSE_CLOUD)]
    provider: &'static Provider,
    /// How its VPCs are joined: interfaces, halves or connection; the provider's first way by default
    #[arg(long, value_name = "WAY")]
    peering: Option<String>,
    /// Number of VPCs in a ring
    #[arg(long, value_name = "K", value_parser = number(1, MAX_VPCS))]
    vpcs: Option<u32>,
    /// Number of instances in each VPC of the ring
    #[arg(long, value_name = "M", value_parser = number(1, MAX_INSTANCES))]
    instances: Option<u32>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    /// Write the file to standard output
    #[arg(long, conflicts_with = "force")]
    stdout: bool,
}

impl Arguments {
    fn to_stdout(&self) -> bool {
        self.stdout || self.name.as_deref() == Some(Path::new("-"))
    }
}

#[derive(Serialize)]
struct Written {
    /// The path of the file; `None`: it was only shown.
    file: Option<String>,
    lab: String,
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Writes the file, which is valid; tests check it with the reader.
pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (lab, path) = target(arguments)?;
    let file = path.display().to_string();
    let family = family(arguments)?;
    let ring = ring(arguments, family)?;
    let text = match ring {
        Some(ring) => ring.lab_text(&lab, arguments.provider, family, context.language()),
        None => starter(&lab, &file, family, context.language()),
    };
    let provider = arguments.provider.name;
    if arguments.to_stdout() {
        match context.json {
            true => context.print_json(&Written { file: None, lab, provider, text: Some(text) }),
            false => context.print_file(&text),
        }
        return Ok(Ending::Done);
    }
    write(&path, &text, arguments.force)?;
    let size = ring.map(|ring| msg!(Said::WithSize { size: count(ring.instances() as usize, Thing::Instance) }));
    context.show(&Written { file: Some(file.clone()), lab, provider, text: None }, |out| {
        let (wrote, next) = (msg!(Said::Wrote { file }), msg!(Said::NextUp { file }));
        let next = out.paint(Tone::Faint, out.say(next));
        let next = if context.quiet { String::new() } else { next + "\n" };
        format!(
            "{} {}{}\n{next}",
            out.paint(Tone::Good, "✓"),
            out.say(wrote),
            size.map(|size| out.say(size)).unwrap_or_default()
        )
    });
    Ok(Ending::Done)
}

/// The lab's name and the file to write, from NAME, which may be a path.
fn target(arguments: &Arguments) -> Result<(String, PathBuf)> {
    let named = arguments.name.as_deref().filter(|name| *name != Path::new("-")).unwrap_or(Path::new("lab"));
    if std::fs::metadata(named).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return Err(Error::input(msg!(Said::NoFileButDevice { path: named.display() }))
            .code("FileUnwritable")
            .hint(Said::InitStdout));
    }
    let path = match named.extension() {
        Some(extension) if extension == "toml" => named.to_owned(),
        _ => PathBuf::from(format!("{}.toml", named.display())),
    };
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some(name) if is_lab_name(name) => Ok((name.into(), path)),
        stem => Err(no_lab_name(stem.unwrap_or_default())),
    }
}

/// The family of peerings, by its name on the command line.
fn family(arguments: &Arguments) -> Result<&'static Family> {
    let provider = arguments.provider;
    let Some(word) = &arguments.peering else { return Ok(&provider.families[0]) };
    let family = PeeringKind::named(word).and_then(|kind| provider.family(kind));
    family.ok_or_else(|| {
        let ways: Vec<_> = provider.families.iter().map(|family| family.kind().word()).collect();
        let (word, name) = (word.as_str(), provider.name);
        Error::input(msg!(Peerings::NoWayOfPeering { name, word }))
            .code("CommandLine")
            .hint(msg!(Peerings::Ways { ways }))
    })
}

/// The requested ring, if any.
fn ring(arguments: &Arguments, family: &Family) -> Result<Option<Ring>> {
    if arguments.vpcs.is_none() && arguments.instances.is_none() {
        return Ok(None);
    }
    let ring = Ring::new(arguments.vpcs.unwrap_or(2), arguments.instances.unwrap_or(1));
    if let (Some(most), Ok(ring)) = (family.per_account(), ring)
        && ring.peerings() as usize > most
    {
        return Err(Error::input(msg!(Peerings::LargestRing { most })).code("CommandLine"));
    }
    ring.map(Some).map_err(|fault| Error::input(fault).code("CommandLine"))
}

fn write(path: &Path, text: &str, force: bool) -> Result<()> {
    if force {
        return output::write(path, text.as_bytes());
    }
    output::write_new(path, text.as_bytes())
}

/// The provider of this name, for the command line.
fn provider(name: &str) -> Result<&'static Provider, Message> {
    Provider::named(name).ok_or_else(|| {
        let names: Vec<_> = Provider::ALL.iter().map(|provider| provider.name).collect();
        let meant = Provider::ALL.iter().find(|provider| provider.is_called(name)).map(|provider| provider.name);
        meant.map_or_else(|| msg!(Said::Providers { names }), |meant| msg!(Said::MeantProvider { meant }))
    })
}
