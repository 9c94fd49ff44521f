//! What the words of a command line mean: a lab that is up, a step, an end of a flow.

use std::path::Path;

use clap::Args;

use super::context::Context;
use crate::cloud::Cloud;
use crate::error::{Error, Errors, Result};
use crate::flow::{Endpoint, is_of_a_host};
use crate::journal;
use crate::lab::{self, Lab, Step};
use crate::session::{self, Run};

/// Which of the labs that are up.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct LabChoice {
    /// The lab that is meant; may be left out while one lab is up
    #[arg(long, value_name = "LAB", global = true)]
    pub lab: Option<String>,
}

/// How far a lab is walked.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Until {
    /// The last step to be done, by its number or title; 0: none
    #[arg(long, value_name = "STEP")]
    pub until: Option<String>,
}

/// Reads a lab file, and gives the lab another name where one is asked for. Everything that is wrong with the file is
/// found, in the last step too.
pub(super) fn read_lab(file: &Path, name: Option<&str>) -> Result<Lab, Errors> {
    let lab = session::parse(session::read_file(file)?)?;
    Ok(match name {
        Some(name) if !lab::is_lab_name(name) => Err(no_lab_name(name))?,
        Some(name) => Lab { name: name.into(), ..lab },
        None => lab,
    })
}

/// The error that a lab cannot be called this.
pub(super) fn no_lab_name(name: &str) -> Error {
    Error::input(format!("{name:?} is no name of a lab"))
        .code("InvalidName")
        .hint("use a-z, 0-9 and -, at most 32, not beginning with -")
}

/// A lab file's run, done as far as is asked.
pub(super) fn walk(lab: Lab, file: &Path, until: &Until) -> Result<Run, Errors> {
    let until = step_number(&lab, until)?;
    let mut run = Run::begin(lab, session::absolute(file))?;
    while run.steps_done() < until && run.step()?.is_some() {}
    Ok(run)
}

/// How many steps are meant by `--until`: all of them where it is not given.
pub(super) fn step_number(lab: &Lab, until: &Until) -> Result<usize> {
    let Some(wanted) = &until.until else { return Ok(lab.steps.len()) };
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
        Error::input(format!("lab {} has no step {wanted}", lab.name)).code("StepNotFound").hint(
            match (lab.steps.len(), nearest_title(lab, &lower)) {
                (0, _) => "it has no steps at all: leave --until out".into(),
                (_, Some(title)) => format!("did you mean {title:?}?"),
                (n, None) => format!("give a number from 0 to {n}, or a step's title"),
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

/// The lab that is meant: the one that is named, else the only one that is up.
pub(super) fn running_lab(named: Option<&str>) -> Result<String> {
    if let Some(name) = named {
        return Ok(name.into());
    }
    match journal::labs()?.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Error::input("no lab is up").code("LabNotUp").hint("`peerlab up FILE` brings one up")),
        several => Err(Error::input(format!("{} labs are up", several.len()))
            .code("LabAmbiguous")
            .hint(format!("say which with --lab: {}", several.join(", ")))),
    }
}

/// The lab of a verb that looks at one, with what the user should know of its state.
pub(super) fn look(choice: &LabChoice, context: &Context) -> Result<(String, Run), Errors> {
    look_at(choice.lab.as_deref(), context)
}

/// As [`look`], for a name.
pub(super) fn look_at(named: Option<&str>, context: &Context) -> Result<(String, Run), Errors> {
    crate::kernel::privilege::check()?;
    let name = running_lab(named)?;
    let before = session::look(&name)?;
    if !before.settled {
        context.warn(format!(
            "the last change of lab {name} was cut short: `peerlab up --lab {name}` completes it, `peerlab down {name}` removes it"
        ));
    }
    Ok((name, before.run))
}

/// An end of a flow: an instance by name or id, internet, or (as a destination) an address.
pub(super) fn endpoint(cloud: &Cloud, text: &str) -> Result<Endpoint> {
    if text == "internet" {
        return Ok(Endpoint::Internet);
    }
    let named = cloud.instances().find(|instance| instance.name.as_str() == text || &*instance.id.0 == text);
    if let Some(instance) = named {
        return Ok(Endpoint::Instance(instance.name.clone()));
    }
    match text.parse() {
        Ok(address) if is_of_a_host(address) => Ok(Endpoint::Address(address)),
        Ok(address) => Err(Error::input(format!("{address} is no host's address"))
            .code("InvalidAddress")
            .hint("give the address of one host: not 0.0.0.0, a multicast or the broadcast address")),
        Err(_) => Err(no_such_instance(cloud, text)),
    }
}

/// An end that can send: no address.
pub(super) fn sender(cloud: &Cloud, text: &str) -> Result<Endpoint> {
    match endpoint(cloud, text)? {
        Endpoint::Address(address) => Err(Error::input(format!("nothing can be sent from the address {address}"))
            .code("InstanceNotFound")
            .hint("name the instance that sends, or internet")),
        sender => Ok(sender),
    }
}

/// The error that nothing is called this.
pub(super) fn no_such_instance(cloud: &Cloud, text: &str) -> Error {
    let names: Vec<_> = cloud.instances().map(|instance| instance.name.as_str()).collect();
    let hint = match (names.len(), lab::nearest(text, names.iter().copied())) {
        (0, _) => "the lab has no instances yet".into(),
        (1..=12, _) => format!("its instances are: {}", names.join(", ")),
        (_, Some(near)) => format!("did you mean {near}?"),
        (n, None) => format!("it has {n} instances: see `peerlab status`"),
    };
    Error::input(format!("the lab has no instance {text}")).code("InstanceNotFound").hint(hint)
}
