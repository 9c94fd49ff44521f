//! Resolves arguments of the command line: a running lab, a step, an end of a flow.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::addressed;
use super::context::Context;
use super::messages::target::Said;
use crate::cloud::{Bindings, Cloud, InstanceName, ResourceKind, leading_zero};
use crate::error::{Error, Errors, Result};
use crate::flow::{Endpoint, is_of_a_host};
use crate::journal::{self, Store};
use crate::lab::{self, Lab, Step};
use crate::message::Message;
use crate::msg;
use crate::session::{self, Run};
use crate::shipped;

/// The choice of a running lab.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct LabChoice {
    /// The lab or its file; optional while one lab is up, or if PEERLAB_LAB names one
    #[arg(long, value_name = "LAB", global = true)]
    pub lab: Option<String>,
}

/// How many steps to do.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Until {
    /// The last step to do, by number or title; 0: none
    #[arg(long, value_name = "STEP")]
    pub until: Option<String>,
}

/// Reads a lab file, and renames the lab if requested. Finds all errors of the file, including those of the last step.
pub(super) fn read_lab(file: &Path, name: Option<&str>) -> Result<Lab, Errors> {
    let source = session::read_file(file).map_err(|error| match error.code.as_deref() {
        Some("FileUnreadable") => meant(file).map_or(error.clone(), |hint| error.hint(hint)),
        _ => error,
    })?;
    if let Some(name) = name.filter(|name| !lab::is_lab_name(name)) {
        return Err(no_lab_name(name).into());
    }
    session::parse(source, name)
}

/// A guess of what was meant by the path of a file that cannot be read.
fn meant(path: &Path) -> Option<Message> {
    if path.is_dir() {
        let example = lab_files(path).into_iter().next()?;
        return Some(msg!(Said::GivePathInIt { example: example.display() }));
    }
    let typed = path.to_str()?;
    let with_ending = PathBuf::from(format!("{typed}.toml"));
    let in_labs = Path::new("labs").join(path.file_name()?);
    let candidates = [with_ending.clone(), in_labs.clone(), in_labs.with_file_name(with_ending.file_name()?)];
    if let Some(file) = candidates.iter().find(|file| file.is_file()) {
        return Some(msg!(Said::DidYouMean { near: file.display() }));
    }
    let folder = path.parent().filter(|folder| folder != &Path::new("")).unwrap_or(Path::new("."));
    let beside = lab_files(folder);
    let names = beside.iter().filter_map(|file| file.file_name()?.to_str());
    match lab::nearest(with_ending_once(path.file_name()?.to_str()?).as_ref(), names) {
        Some(near) => Some(msg!(Said::DidYouMean { near: path.with_file_name(near).display() })),
        None => shipped::instead_of(path),
    }
}

/// A file's name with the ending of lab files, once.
fn with_ending_once(name: &str) -> Cow<'_, str> {
    if name.ends_with(".toml") { name.into() } else { format!("{name}.toml").into() }
}

/// The files in a folder that may be labs, by name; empty if the folder cannot be read.
fn lab_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    files.sort();
    files
}

/// The error for an invalid lab name.
pub(super) fn no_lab_name(name: &str) -> Error {
    Error::input(msg!(Said::NoLabName { name })).code("InvalidName").hint(Said::NameOfLab)
}

/// The run of a lab file, with the requested steps done.
pub(super) fn walk(lab: Lab, file: &Path, until: &Until) -> Result<Run, Errors> {
    let until = step_number(&lab, until)?;
    walk_on(Run::begin(lab, session::absolute(file))?, until, |_| ())
}

/// Does the steps up to `until`; each warning of the cloud, of the tables too, is handed on once.
pub(super) fn walk_on(mut run: Run, until: usize, mut warn: impl FnMut(&str)) -> Result<Run, Errors> {
    let mut known = BTreeSet::new();
    let mut tell = |warning: &str| {
        if known.insert(warning.to_owned()) {
            warn(warning);
        }
    };
    run.warnings().iter().for_each(|warning| tell(warning));
    while run.steps_done() < until {
        let Some(done) = run.step()? else { break };
        done.warnings().for_each(&mut tell);
    }
    Ok(run)
}

/// The number of steps selected by `--until`; without it, the lab's number, else all.
pub(super) fn step_number(lab: &Lab, until: &Until) -> Result<usize> {
    let Some(wanted) = &until.until else { return Ok(lab.until.unwrap_or(lab.steps.len())) };
    if let Some(number) = wanted.parse().ok().filter(|number| *number <= lab.steps.len()) {
        return Ok(number);
    }
    let lower = wanted.to_lowercase();
    let named = |step: &Step| {
        let titles = step.wordings.values().filter_map(|wording| wording.title.as_ref());
        titles.chain([&step.title]).any(|title| title.to_lowercase() == lower)
    };
    let mut titled = lab.steps.iter().enumerate().filter(|(_, step)| named(step));
    titled.next().map(|(index, _)| index + 1).ok_or_else(|| {
        Error::input(msg!(Said::NoStep { lab: &lab.name, wanted })).code("StepNotFound").hint(
            match (lab.steps.len(), nearest_title(lab, &lower)) {
                (0, _) => msg!(Said::NoSteps),
                (_, Some(title)) => msg!(Said::DidYouMeanTitle { title }),
                (n, None) => msg!(Said::GiveStep { n }),
            },
        )
    })
}

fn nearest_title<'l>(lab: &'l Lab, lower: &str) -> Option<&'l str> {
    let titles: Vec<_> = lab.steps.iter().map(|step| step.title.to_lowercase()).collect();
    let near = lab::nearest(lower, titles.iter().map(String::as_str))?;
    let index = titles.iter().position(|title| title == near)?;
    Some(&lab.steps[index].title)
}

/// The lab of a verb, as found by [`meant_lab`]; printed commands refer to it from now on.
pub(super) fn running_lab(named: Option<&str>) -> Result<String> {
    meant_lab(named).inspect(|lab| addressed::speak_of(lab))
}

/// The selected lab: given by name or file; else named by `PEERLAB_LAB` (empty: unset); else the only one that is up.
pub(super) fn meant_lab(named: Option<&str>) -> Result<String> {
    match named {
        Some(named) => lab_named(named),
        None => match std::env::var("PEERLAB_LAB").ok().filter(|value| !value.is_empty()) {
            Some(named) => lab_of_environment(&named),
            None => only_lab(),
        },
    }
}

fn lab_named(text: &str) -> Result<String> {
    if names_a_file(text) { lab_of_file(Path::new(text)) } else { Ok(text.into()) }
}

/// The lab that the environment names. The user may have forgotten the variable, so an error says where the name comes
/// from.
fn lab_of_environment(named: &str) -> Result<String> {
    let lab = lab_named(named).and_then(|lab| match Store::of(&lab).exists() {
        true => Ok(lab),
        false => Err(session::not_up(&lab)),
    });
    lab.map_err(|error| Error { message: msg!(Said::NamedByVariable { why: error.message }), ..error })
}

/// The error if no lab is named and none is up.
pub(super) const NONE_UP: Said = Said::NoneUp;

fn only_lab() -> Result<String> {
    match journal::labs()?.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Error::input(NONE_UP).code("LabNotUp").hint(Said::UpBringsOne)),
        several => Err(Error::input(msg!(Said::LabsUp { n: several.len() }))
            .code("LabAmbiguous")
            .hint(msg!(Said::SayWhich { labs: several }))),
    }
}

/// Whether a lab argument can only be a file's path, because no lab can have this name.
pub(super) fn names_a_file(text: &str) -> bool {
    text.contains('/') || text.ends_with(".toml")
}

/// The file of a running lab.
fn file_of(lab: &str) -> Option<PathBuf> {
    let store = lab::is_lab_name(lab).then(|| Store::of(lab))?;
    store.read().ok().flatten().map(|journal| journal.file.path)
}

/// The name of a file's lab; `None` if the file is missing or invalid.
pub(super) fn own_name(path: &Path) -> Option<String> {
    read_lab(path, None).map(|lab| lab.name).ok()
}

/// The lab that was brought up from exactly this file, which may no longer exist. Of several, the one with the file's
/// lab name.
pub(super) fn lab_of_file(path: &Path) -> Result<String> {
    let file = session::absolute(path);
    let labs: Vec<_> = journal::labs()?.into_iter().filter(|lab| file_of(lab).is_some_and(|it| it == file)).collect();
    let own = || own_name(path).filter(|name| labs.contains(name));
    match labs.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let namesake = own_name(path).filter(|name| Store::of(name).exists());
            let hint = match namesake.as_ref().and_then(|lab| Some((lab, file_of(lab)?))) {
                Some((lab, from)) => msg!(Said::UpFrom { lab, file: from.display() }),
                None => msg!(Said::ListShows),
            };
            Err(Error::input(msg!(Said::NotUpFrom { path: path.display() })).code("LabNotUp").hint(hint))
        }
        _ if let Some(own) = own() => Ok(own),
        several => Err(Error::input(msg!(Said::UpTimes { path: path.display(), n: several.len() }))
            .code("LabAmbiguous")
            .hint(msg!(Said::NameLab { labs: several }))),
    }
}

/// Makes printed commands refer to the lab that is up from this file, or will be.
pub(super) fn speak_of_file(file: &Path, lab: &Lab) {
    addressed::speak_of(&lab_of_file(file).unwrap_or_else(|_| lab.name.clone()));
}

/// The lab of a verb that only reads it, with warnings about its state.
pub(super) fn look(choice: &LabChoice, context: &Context) -> Result<(String, Run), Errors> {
    look_at(choice.lab.as_deref(), context)
}

/// As [`look`], for a name.
pub(super) fn look_at(named: Option<&str>, context: &Context) -> Result<(String, Run), Errors> {
    crate::kernel::privilege::check()?;
    let name = running_lab(named)?;
    let before = session::look(&name)?;
    if !before.settled {
        context.warn(msg!(Said::CutShort { lab: &name }));
    }
    Ok((name, before.run))
}

/// An end of a flow: an instance by name or id, internet, or (as a destination) an address.
pub(super) fn endpoint(run: &Run, text: &str) -> Result<Endpoint> {
    if text == "internet" {
        return Ok(Endpoint::Internet);
    }
    let cloud = run.cloud();
    if let Some((_, name)) = lab::resolve_reference(cloud, &run.foreseen(), &[ResourceKind::Instance], text)? {
        return Ok(Endpoint::Instance(InstanceName::trusted(name)));
    }
    match text.parse() {
        Ok(address) if is_of_a_host(address) => Ok(Endpoint::Address(address)),
        Ok(address) => Err(Error::input(msg!(Said::NoAddressOfAHost { address }))
            .code("InvalidAddress")
            .hint(Said::GiveAddressOfOne)),
        Err(_) => Err(match leading_zero(text) {
            Some((message, hint)) => Error::input(message).code("InvalidAddress").hint(hint),
            None => no_such_instance(cloud, text),
        }),
    }
}

/// A sender: an instance or the internet, not an address.
pub(super) fn sender(run: &Run, text: &str) -> Result<Endpoint> {
    match endpoint(run, text)? {
        Endpoint::Address(address) => Err(Error::input(msg!(Said::NothingFromAddress { address }))
            .code("InstanceNotFound")
            .hint(Said::NameSender)),
        sender => Ok(sender),
    }
}

/// The error for an unknown instance.
pub(super) fn no_such_instance(cloud: &Cloud, text: &str) -> Error {
    let names: Vec<_> = cloud.instances().map(|instance| instance.name.as_str()).collect();
    let plain = ResourceKind::Instance.strip(text).unwrap_or(text);
    let hint = match (names.len(), lab::nearest(plain, names.iter().copied())) {
        _ if matches!(lab::resolve_reference(cloud, &Bindings::default(), &[ResourceKind::Vpc], text), Ok(Some(_))) => {
            msg!(Said::IsAVpc { text })
        }
        (0, _) => msg!(Said::NoInstancesYet),
        (1..=12, _) => msg!(Said::InstancesAre { names }),
        (_, Some(near)) => msg!(Said::DidYouMean { near }),
        (n, None) => msg!(Said::HasInstances { n }),
    };
    Error::input(msg!(Said::NoInstance { text })).code("InstanceNotFound").hint(hint)
}
