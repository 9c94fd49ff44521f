//! Resolves arguments of the command line: a step, an end of a flow, the lab of a verb.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;

use super::addressed;
use super::context::Context;
use super::messages::explain::Said as Asked;
use super::messages::target::Said;
use super::which_lab::{labs_of_file, meant_lab};
use crate::cloud::{Bindings, Cloud, InstanceName, ResourceKind, leading_zero};
use crate::error::{Error, Errors, Result};
use crate::flow::{Endpoint, PING_HEADERS, Protocol, Traffic, is_of_a_host};
use crate::lab::{self, Lab, Step};
use crate::message::Message;
use crate::msg;
use crate::session::{self, Run};

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

/// The run of a lab file, with the requested steps done.
pub(super) fn walk(lab: Lab, file: &Path, until: &Until) -> Result<Run, Errors> {
    let until = step_number(&lab, until)?;
    walk_on(Run::begin(lab, session::absolute(file))?, until, |_| ())
}

/// Does the steps up to `until`; each warning of the cloud, of the tables too, is handed on once.
pub(super) fn walk_on(mut run: Run, until: usize, mut warn: impl FnMut(&Message)) -> Result<Run, Errors> {
    let mut known = BTreeSet::new();
    let mut tell = |warning: &Message| {
        if known.insert(warning.to_string()) {
            warn(warning);
        }
    };
    run.warnings().iter().for_each(&mut tell);
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

/// Makes printed commands refer to the lab that is up from this file, or will be.
pub(super) fn speak_of_file(file: &Path, lab: &Lab) {
    addressed::speak_of(match labs_of_file(file).as_deref() {
        Ok([only]) => only,
        _ => &lab.name,
    });
}

/// The lab of a verb that only reads it, with warnings about its state.
pub(super) fn look(choice: &LabChoice, context: &Context) -> Result<(String, Run), Errors> {
    look_at(choice.lab.as_deref(), context)
}

/// As [`look`], for a name.
pub(super) fn look_at(named: Option<&str>, context: &Context) -> Result<(String, Run), Errors> {
    crate::target::check()?;
    let name = running_lab(named)?;
    let before = session::look_now(&name, |_| ())?;
    if !before.settled {
        context.warn(msg!(Said::CutShort { lab: &name }));
    }
    Ok((name, before.run))
}

/// The packets that the options of a verb ask for: `size` is the data of an echo request.
pub(super) fn traffic(protocol: Protocol, source_port: Option<u16>, size: Option<u16>) -> Result<Traffic> {
    if source_port.is_some() && protocol == Protocol::Icmp {
        return Err(Error::input(Asked::IcmpHasNoPorts).code("CommandLine").hint(Asked::AskForAPort));
    }
    if size.is_some() && protocol != Protocol::Icmp {
        return Err(Error::input(Asked::OnlyIcmpHasASize).code("CommandLine").hint(Asked::LeaveSizeOut));
    }
    Ok(Traffic::of(protocol, source_port).sized(size.map(|data| data + PING_HEADERS)))
}

/// An end of a flow: an instance by name or id, internet, or (as a destination) an address.
pub(super) fn endpoint(run: &Run, text: &str) -> Result<Endpoint> {
    if text.eq_ignore_ascii_case("internet") {
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
