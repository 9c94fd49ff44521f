//! One Linux host as a target: the kernel as plain data ([`network`](crate::network)), and that data in a real kernel
//! ([`kernel`]).
#![allow(clippy::disallowed_methods)]

mod drift;
mod enter;
mod memory;
mod messages;
mod plan;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use memory::Memory;

use super::{Changes, Drops, Goal, Monitor, Parts, Place, Plan, Removed, Sent, Target};
use crate::cloud::Cloud;
use crate::error::{Errors, Result};
use crate::flow::Reason;
use crate::journal::Store;
use crate::kernel;
use crate::message::Message;
use crate::probe::{self, Batch, Dropped};
use crate::probe::{Flow, Measured};
use crate::progress::{Progress, Watched};
use crate::trace::Trace;

use crate::network::compile::{self, compile};
use crate::network::diff::diff;
use crate::network::model::{NamespaceName, Network};

/// This host.
#[derive(Clone, Copy, Debug)]
pub struct Linux;

impl Target for Linux {
    fn check(&self) -> Result<()> {
        kernel::privilege::check()
    }

    fn has(&self, lab: &str) -> Result<bool> {
        Ok(!Store::of(lab).namespaces()?.is_empty())
    }

    fn plan(&self, lab: Watched<'_>, goal: Goal<'_>) -> Result<Box<dyn Plan>, Errors> {
        Ok(Box::new(plan::judged(lab, goal)?))
    }

    fn memory(&self, lab: &str) -> Option<Arc<Memory>> {
        Memory::of(lab).map(Arc::new)
    }

    fn changes(&self, lab: Watched<'_>, is_up: bool, cloud: &Cloud) -> Result<Changes, Errors> {
        let wanted = compile(cloud);
        let current = if is_up { read(lab, &wanted)? } else { Network::default() };
        Ok(Changes::new(diff(&current, &wanted)))
    }

    fn drift(&self, lab: &str, cloud: &Cloud) -> Result<Vec<Message>, Errors> {
        drift::drift(lab, cloud)
    }

    fn drift_at_a_glance(&self, lab: &str, cloud: &Cloud, flow: Option<&Trace>) -> Result<Vec<Message>, Errors> {
        drift::at_a_glance(lab, cloud, flow)
    }

    fn monitor(&self, lab: &str) -> Result<Box<dyn Monitor>> {
        Ok(Box::new(Namespaces { lab: lab.into(), monitor: kernel::Monitor::new()? }))
    }

    fn drops(&self, lab: &str, cloud: &Cloud) -> Result<Option<Drops>, Errors> {
        let vpcs = cloud.vpcs().map(|vpc| compile::of_vpc(&vpc.name));
        let stopped = cloud.instances().filter(|it| !it.runs()).map(|it| compile::of_instance(cloud, &it.name));
        let names: Vec<_> = vpcs.chain(stopped).chain([compile::INTERNET.into()]).collect();
        let counters = kernel::counters(lab, &names)?;
        let drops = counters.iter().flat_map(|(name, counters)| {
            let of = |reason: Reason| Some(((name.clone(), reason), *counters.get(reason.as_str())?));
            Reason::DROPS.into_iter().filter_map(of)
        });
        Ok(Some(drops.collect()))
    }

    fn parts(&self, lab: &str) -> Result<Parts> {
        let names = Store::of(lab).namespaces()?;
        let gone = names.iter().filter(|name| !kernel::exists(lab, name)).map(ToString::to_string).collect();
        Ok(Parts { count: names.len(), gone })
    }

    fn is_there(&self, lab: &str, namespace: &NamespaceName) -> bool {
        kernel::exists(lab, namespace)
    }

    fn send(&self, lab: &str, batch: Batch, dropped: &Dropped<'_>, progress: &dyn Progress) -> Result<Sent> {
        let (swept, seen) = probe::run_beside(lab, batch.sweep, &batch.probes, probe::TIMEOUT, dropped, progress)?;
        Ok(Sent { swept, seen, lost: BTreeSet::new() })
    }

    fn goodput(&self, lab: &str, flow: &Flow) -> Result<Option<Measured>> {
        probe::bandwidth::bandwidth(lab, flow)
    }

    fn enter(&self, lab: &str, cloud: &Cloud, place: &Place, hosts: &Path) -> Result<()> {
        enter::enter(lab, cloud, place, hosts)
    }

    fn remove(&self, lab: Watched<'_>, cloud: &dyn Fn() -> Option<Arc<Cloud>>) -> Result<Removed, Errors> {
        let names: Vec<_> = made(lab.lab, cloud)?.into_iter().collect();
        kernel::remove(lab, &names)?;
        Ok(Removed { parts: names.len(), notes: Vec::new() })
    }
}

/// The monitor of a lab's namespaces.
#[derive(Debug)]
struct Namespaces {
    lab: String,
    monitor: kernel::Monitor,
}

impl Monitor for Namespaces {
    fn refresh(&mut self) -> Result<()> {
        let names = Store::of(&self.lab).namespaces()?.into_iter().collect::<Vec<_>>();
        self.monitor.hear(&self.lab, &names)
    }

    fn wait(&mut self, most: Duration) -> bool {
        self.monitor.wait(most)
    }
}

/// Reads a lab's state from the kernel, as far as it can be compared with the desired state.
pub fn read<'a>(lab: impl Into<Watched<'a>>, desired: &Network) -> Result<Network, Errors> {
    let watched = lab.into();
    let owned: Vec<_> = Store::of(watched.lab).namespaces()?.into_iter().collect();
    kernel::read(watched, &owned, desired)
}

/// The namespaces that were created: from their list, or if that is lost or unreadable, from the Cloud.
fn made(lab: &str, cloud: &dyn Fn() -> Option<Arc<Cloud>>) -> Result<BTreeSet<NamespaceName>> {
    let store = Store::of(lab);
    let listed = store.namespaces();
    if listed.as_ref().is_ok_and(|names| !names.is_empty()) {
        return listed;
    }
    match cloud() {
        Some(cloud) => Ok(compile(&cloud).namespaces.into_keys().collect()),
        None => listed.map_err(|error| error.hint(store.last_way_out())),
    }
}
