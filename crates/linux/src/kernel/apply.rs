//! Changes made in the kernel.
//!
//! The stages, each over all namespaces at once: remove namespaces; create namespaces and set their sysctls and
//! rulesets; remove links; create bridges and veth pairs, from the routers; all other changes, one batch for each
//! namespace; wait for every pair's carrier.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::fd::AsRawFd;

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use nix::errno::Errno;

use super::batch::{Batch, Failure, RouteSocket};
use super::{
    fault, features, firewall, link, neighbour, netns, privilege, remove, route, sysctl, tc, threads, tracked,
};
use crate::error::{Error, Errors, Result};
use crate::kernel::messages::Said;
use crate::message::Message;
use crate::msg;
use crate::network::diff::{Change, NamedLink, Setting};
use crate::network::model::{LinkKind, LinkName, NamespaceName, Network, Role, RouteTo, USUAL_MTU};
use crate::network::tracked::translates;
use crate::progress::{Progress, Watched, Work};

/// The result of [`apply`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The omitted parts, which this host does not support.
    pub notes: Vec<Message>,
}

/// Descriptors per namespace while it is programmed: the namespace, a socket, and a file that is open for a moment.
const DESCRIPTORS: usize = 3;

/// Makes `changes`, which lead to `desired`, stage by stage. Different namespaces are programmed at once.
///
/// Each error names its object and namespace. Changes made before an error stay; the next diff starts from there.
pub fn apply<'a>(lab: impl Into<Watched<'a>>, desired: &Network, changes: &[Change]) -> Result<Applied, Errors> {
    let watched @ Watched { lab, progress } = lab.into();
    let plan = Plan::new(changes);
    privilege::make_room_for_descriptors(DESCRIPTORS * plan.spaces.len());
    if !plan.removed.is_empty() {
        remove(watched, &plan.removed)?;
    }
    progress.begin(Work::Building, plan.spaces.values().map(Space::stages).sum());
    if plan.spaces.values().any(|space| space.create) {
        netns::make_folder()?;
    }
    let spaces: Vec<_> = plan.spaces.iter().collect();
    let opened = threads::each(&spaces, |(name, space)| {
        let opened = Opened::open(lab, name, space, changes);
        progress.advance(1);
        opened
    })?;
    let opened: BTreeMap<&NamespaceName, Opened> = spaces.iter().map(|(name, _)| **name).zip(opened).collect();
    let run = Run { lab, desired, changes, plan: &plan, opened, progress };
    run.stage(|space| &space.gone_links, remove_link)?;
    run.stage(|space| &space.links, Run::create_link)?;
    run.stage(|space| &space.rest, Run::set)?;
    run.forget_stale_flows()?;
    run.await_carriers()?;
    let notes = run.delay()?;
    Ok(Applied { notes })
}

/// The changes by namespace and stage: places in the list.
#[derive(Default)]
struct Plan<'a> {
    removed: Vec<NamespaceName>,
    spaces: BTreeMap<&'a NamespaceName, Space>,
    /// Links made in this run: nothing needs to be cleared from them.
    created: BTreeSet<(&'a NamespaceName, &'a LinkName)>,
}

#[derive(Default)]
struct Space {
    create: bool,
    /// Whether packets may take other ways, or have other addresses, than before.
    reroutes: bool,
    sysctls: Vec<usize>,
    ruleset: Option<usize>,
    gone_links: Vec<usize>,
    links: Vec<usize>,
    rest: Vec<usize>,
    delays: Vec<usize>,
}

impl Space {
    /// The number of units of work, for the progress bar: opening each namespace, and a batch for each kind of change.
    fn stages(&self) -> usize {
        1 + [&self.gone_links, &self.links, &self.rest].iter().filter(|changes| !changes.is_empty()).count()
    }
}

impl<'a> Plan<'a> {
    fn new(changes: &'a [Change]) -> Self {
        let mut plan = Plan::default();
        for (at, change) in changes.iter().enumerate() {
            if let Change::RemoveNamespace { namespace } = change {
                plan.removed.push(namespace.clone());
                continue;
            }
            let space = plan.spaces.entry(change.namespace()).or_default();
            space.reroutes |= matches!(
                change,
                Change::Ruleset { .. }
                    | Change::AddRoute { .. }
                    | Change::RemoveRoute { .. }
                    | Change::AddRule { .. }
                    | Change::RemoveRule { .. }
            );
            match change {
                Change::RemoveNamespace { .. } => {}
                Change::CreateNamespace { .. } => space.create = true,
                Change::SetSysctl { .. } => space.sysctls.push(at),
                Change::Ruleset { .. } => space.ruleset = Some(at),
                Change::RemoveLink { .. } => space.gone_links.push(at),
                Change::CreateBridge(it) => {
                    space.links.push(at);
                    plan.created.insert((&it.namespace, &it.name));
                }
                Change::CreateVeth { near, far } => {
                    space.links.push(at);
                    plan.spaces.entry(&far.namespace).or_default().rest.push(at);
                    plan.created.extend([near, far].map(|it| (&it.namespace, &it.name)));
                }
                Change::SetShaping { shaping, .. } => {
                    space.rest.push(at);
                    if shaping.delay.is_some() {
                        space.delays.push(at);
                    }
                }
                _ => space.rest.push(at),
            }
        }
        plan
    }
}

/// A namespace, ready to be programmed: two descriptors.
struct Opened {
    file: File,
    socket: RouteSocket,
}

impl Opened {
    /// Opens a namespace; the calling worker thread stays in it.
    fn open(lab: &str, name: &NamespaceName, space: &Space, changes: &[Change]) -> Result<Self> {
        let file = if space.create { netns::create(lab, name)? } else { netns::visit(lab, name)? };
        for at in &space.sysctls {
            let Change::SetSysctl { key, value, .. } = &changes[*at] else { continue };
            sysctl::set(key, value).map_err(|error| failed(lab, &changes[*at], fault::errno(&error), ""))?;
        }
        if let Some(Change::Ruleset { changes, .. }) = space.ruleset.map(|at| &changes[at]) {
            firewall::apply(lab, name, changes)?;
        }
        let socket = RouteSocket::open();
        let socket = socket.map_err(|error| cannot(lab, name, fault::errno(&error)))?;
        Ok(Opened { file, socket })
    }
}

struct Run<'a> {
    lab: &'a str,
    progress: &'a dyn Progress,
    desired: &'a Network,
    changes: &'a [Change],
    plan: &'a Plan<'a>,
    opened: BTreeMap<&'a NamespaceName, Opened>,
}

/// A batch for one namespace, while it is composed.
struct Making<'a> {
    namespace: &'a NamespaceName,
    batch: Batch,
    /// The index of the current change.
    at: usize,
}

/// The IPv6 address does not exist, or the kernel has no IPv6.
const NO_IPV6: &[Errno] = &[Errno::EADDRNOTAVAIL, Errno::EAFNOSUPPORT, Errno::EOPNOTSUPP];
/// Create the object; fail if it exists.
const CREATE: u16 = NLM_F_CREATE | NLM_F_EXCL;
/// Create the object, or replace an existing one.
const REPLACE: u16 = NLM_F_CREATE | NLM_F_REPLACE;
/// The object is already gone, which is the wanted result.
const GONE: &[Errno] = &[Errno::ENOENT, Errno::ESRCH, Errno::ENODEV, Errno::EADDRNOTAVAIL];

impl<'a> Run<'a> {
    /// One batch for each namespace that has such changes.
    fn stage(
        &self,
        which: impl Fn(&Space) -> &[usize] + Sync,
        make: impl Fn(&Self, &mut Making<'_>, &Change) -> Result<()> + Sync,
    ) -> Result<(), Errors> {
        let spaces: Vec<_> = self.plan.spaces.iter().filter(|(_, space)| !which(space).is_empty()).collect();
        threads::spread(&spaces, |(namespace, space)| {
            let mut making = Making { namespace, batch: Batch::default(), at: 0 };
            for at in which(space) {
                making.at = *at;
                make(self, &mut making, &self.changes[*at])?;
            }
            self.progress.advance(1);
            self.send(namespace, making.batch)
        })?;
        Ok(())
    }

    fn send(&self, namespace: &NamespaceName, batch: Batch) -> Result<()> {
        batch.send(&self.opened[namespace].socket).map_err(|failure| match failure {
            Failure::Refused(it) => failed(self.lab, &self.changes[it.tag], it.errno, &it.words),
            Failure::Socket(errno) => cannot(self.lab, namespace, errno),
        })
    }

    /// The MTU that a link is to have.
    fn mtu(&self, namespace: &NamespaceName, name: &LinkName) -> u32 {
        let link = self.desired.namespaces.get(namespace).and_then(|it| it.links.get(name));
        link.map_or(USUAL_MTU, |it| it.mtu)
    }

    /// The index that a link has or will have.
    fn index(&self, namespace: &NamespaceName, name: &LinkName) -> Result<u32> {
        let link = self.desired.namespaces.get(namespace).and_then(|it| it.links.get(name));
        link.map(|it| it.index).ok_or_else(|| {
            Error::host(msg!(Said::NoLink { lab: self.lab, name: namespace, link: name })).hint(Said::Defect)
        })
    }

    fn bridge(&self, it: &NamedLink) -> Result<Option<u32>> {
        match &it.link.kind {
            LinkKind::Veth { bridge: Some(bridge), .. } => self.index(&it.namespace, bridge).map(Some),
            _ => Ok(None),
        }
    }

    fn create_link(&self, making: &mut Making<'_>, change: &Change) -> Result<()> {
        match change {
            Change::CreateBridge(it) => {
                making.push(CREATE, link::create_bridge(&it.name, &it.link), &[]);
                making.push(0, link::answer_arp(it.link.index), &[]);
                if it.link.mtu != USUAL_MTU {
                    link::mtu(it.link.index, it.link.mtu).into_iter().for_each(|message| making.push(0, message, &[]));
                }
                making.without_ipv6(it.link.index);
                self.altname(making, it);
            }
            Change::CreateVeth { near, far } => {
                let bridge = self.bridge(near)?;
                let far_namespace = self.opened[&far.namespace].file.as_raw_fd();
                let ends = ((&near.name, &near.link), (&far.name, &far.link));
                making.push(CREATE, link::create_veth(ends.0, bridge, ends.1, far_namespace), &[]);
                if bridge.is_some() {
                    making.push(0, link::port_flags(near.link.index), &[]);
                }
                making.without_ipv6(near.link.index);
                self.altname(making, near);
            }
            _ => {}
        }
        Ok(())
    }

    fn altname(&self, making: &mut Making<'_>, it: &NamedLink) {
        if let Some(name) = &it.link.altname {
            making.set(it.link.index, &Setting::AddAltname(name.clone()), None);
        }
    }

    fn set(&self, making: &mut Making<'_>, change: &Change) -> Result<()> {
        let namespace = making.namespace;
        match change {
            Change::CreateVeth { far, .. } => {
                let index = far.link.index;
                making.without_ipv6(index);
                self.altname(making, far);
                if let (Some(bridge), LinkKind::Veth { bridge: name, .. }) = (self.bridge(far)?, &far.link.kind) {
                    making.set(index, &Setting::Port(name.clone()), Some(bridge));
                }
                making.set(index, &Setting::Up, None);
            }
            Change::SetLink { link, setting, .. } => {
                let bridge = match setting {
                    Setting::Port(Some(bridge)) => Some(self.index(namespace, bridge)?),
                    _ => None,
                };
                let index = self.index(namespace, link)?;
                making.set(index, setting, bridge);
                if *setting == Setting::Up {
                    self.without_broadcast(making, link);
                }
                if let (Setting::Plain | Setting::Mtu(_), Some(wanted)) =
                    (setting, self.desired.namespaces.get(namespace))
                {
                    making.push(0, link::inherit(index, &wanted.sysctls), &[]);
                    // Below an MTU of 1280 the kernel removes IPv6 from a link; above it, the kernel adds IPv6 again
                    // with default settings.
                    if let Some(mac) = wanted.links.get(link).and_then(|it| it.mac) {
                        making.without_ipv6(index);
                        making.push(0, link::remove_link_local(index, mac), NO_IPV6);
                    }
                }
            }
            Change::RemoveAddress { link, address, .. } => {
                making.push(0, link::remove_address(self.index(namespace, link)?, *address), GONE);
            }
            Change::AddAddress { link, address, .. } => {
                let index = self.index(namespace, link)?;
                making.push(REPLACE, link::add_address(index, *address), &[]);
                self.without_broadcast(making, link);
            }
            Change::SetShaping { link, shaping, .. } => {
                let messages = tc::shape(self.index(namespace, link)?, self.mtu(namespace, link), *shaping);
                if !self.plan.created.contains(&(namespace, link)) {
                    for clear in messages.clear {
                        making.push(0, clear, &[Errno::ENOENT, Errno::EINVAL]);
                    }
                }
                if let Some(rate) = messages.rate {
                    making.push(REPLACE, rate, &[]);
                }
            }
            Change::AddNeighbour { neighbour: it, .. } => {
                making.push(REPLACE, neighbour::add(self.index(namespace, &it.link)?, it.ip, it.mac), &[]);
            }
            Change::RemoveNeighbour { neighbour: it, .. } => {
                making.push(0, neighbour::remove(self.index(namespace, &it.link)?, it.ip), GONE);
            }
            Change::AddForwarding { entry, .. } => {
                making.push(REPLACE, neighbour::add_forwarding(self.index(namespace, &entry.port)?, entry.mac), &[]);
            }
            Change::RemoveForwarding { entry, .. } => {
                making.push(0, neighbour::remove_forwarding(self.index(namespace, &entry.port)?, entry.mac), GONE);
            }
            Change::AddRoute { route, .. } => {
                // EEXIST: the route exists, behind another one with the same destination, which is removed.
                making.push(REPLACE, route::add(route, self.route_index(namespace, &route.to)?), &[Errno::EEXIST]);
            }
            Change::RemoveRoute { route, .. } => {
                making.push(0, route::remove(route, self.route_index(namespace, &route.to)?), GONE);
            }
            Change::AddRule { rule, .. } => making.push(CREATE, route::add_rule(rule), &[]),
            Change::RemoveRule { rule, .. } => making.push(0, route::remove_rule(rule), GONE),
            _ => {}
        }
        Ok(())
    }

    /// Removes the broadcast route that the kernel adds to an instance's addresses, and adds again whenever their link
    /// comes up.
    fn without_broadcast(&self, making: &mut Making<'_>, link: &LinkName) {
        let Some(instance) = self.desired.namespaces.get(making.namespace).filter(|it| it.role == Role::Instance)
        else {
            return;
        };
        for (index, address) in
            instance.links.get(link).iter().flat_map(|it| it.addresses.iter().map(|a| (it.index, a)))
        {
            making.push(0, route::remove_broadcast(address.broadcast(), index), GONE);
        }
    }

    /// Waits for the carriers of new veths and bridges. A veth's near end is up before its far end. When the far end
    /// follows, the kernel defers giving the near end its queue, and until then drops what leaves by it: on a busy
    /// host, the first ping after activating a peering was lost. The same happens to a bridge whose first port comes up
    /// (observed: nothing reached an instance for more than a second, while many labs came and went). A bridge notices
    /// its ports only after they have their carriers.
    fn await_carriers(&self) -> Result<(), Errors> {
        let spaces: Vec<_> = self.plan.spaces.iter().filter(|(_, space)| !space.links.is_empty()).collect();
        threads::spread(&spaces, |(namespace, space)| {
            let pairs = space.links.iter().filter_map(|at| match &self.changes[*at] {
                change @ Change::CreateVeth { near, .. } => Some((change, near)),
                _ => None,
            });
            let mut bridges = BTreeMap::new();
            let await_link = |index, change| {
                let answer = self.opened[*namespace].socket.get(link::get(index));
                answer.map(drop).map_err(|errno| failed(self.lab, change, errno, ""))
            };
            for (change, near) in pairs {
                await_link(near.link.index, change)?;
                bridges.extend(self.bridge(near)?.map(|bridge| (bridge, change)));
            }
            bridges.into_iter().try_for_each(|(index, change)| await_link(index, change))
        })?;
        Ok(())
    }

    /// Flows that routers which existed before translate otherwise than if they began now.
    fn forget_stale_flows(&self) -> Result<(), Errors> {
        let rerouted = self.plan.spaces.iter().filter(|(_, space)| space.reroutes && !space.create);
        let routers: Vec<_> = rerouted
            .filter_map(|(name, _)| Some((*name, self.desired.namespaces.get(*name)?)))
            .filter(|(_, namespace)| translates(namespace))
            .collect();
        threads::each(&routers, |(name, router)| tracked::forget(self.lab, name, router))?;
        Ok(())
    }

    fn route_index(&self, namespace: &NamespaceName, to: &RouteTo) -> Result<u32> {
        const LO: u32 = 1;
        match to {
            RouteTo::Link(link) | RouteTo::Gateway { link, .. } | RouteTo::Local(link) => self.index(namespace, link),
            RouteTo::Other(_) => Ok(LO),
        }
    }

    /// Sets latencies, or returns a note for each if the kernel has no netem.
    fn delay(&self) -> Result<Vec<Message>, Errors> {
        if self.plan.spaces.values().all(|space| space.delays.is_empty()) {
            return Ok(Vec::new());
        }
        if !features::has_netem() {
            return Ok(vec![msg!(Said::LatencyLeftOut)]);
        }
        self.stage(
            |space| &space.delays,
            |run, making, change| {
                let Change::SetShaping { link, shaping, .. } = change else { return Ok(()) };
                let (index, mtu) = (run.index(making.namespace, link)?, run.mtu(making.namespace, link));
                if let Some(delay) = tc::shape(index, mtu, *shaping).delay {
                    making.push(REPLACE, delay, &[]);
                }
                Ok(())
            },
        )?;
        Ok(Vec::new())
    }
}

fn remove_link(_: &Run<'_>, making: &mut Making<'_>, change: &Change) -> Result<()> {
    if let Change::RemoveLink { link, .. } = change {
        making.push(0, link::remove(link), GONE);
    }
    Ok(())
}

impl Making<'_> {
    fn push(&mut self, flags: u16, message: netlink_packet_route::RouteNetlinkMessage, forgiven: &'static [Errno]) {
        self.batch.push(self.at, flags, message, forgiven);
    }

    /// Turns IPv6 off on a link; the kernel may have no IPv6 at all.
    fn without_ipv6(&mut self, index: u32) {
        self.push(0, link::without_ipv6(index), &[Errno::EAFNOSUPPORT]);
    }

    fn set(&mut self, index: u32, setting: &Setting, bridge: Option<u32>) {
        let (flags, forgiven): (u16, &[Errno]) = match setting {
            Setting::AddAltname(_) => (CREATE, &[Errno::EEXIST]),
            Setting::RemoveAltname(_) => (0, GONE),
            Setting::Bridge => (0, &[Errno::EOPNOTSUPP]),
            _ => (0, &[]),
        };
        for message in link::set(index, setting, bridge) {
            self.push(flags, message, forgiven);
        }
        if let Setting::Port(Some(_)) = setting {
            self.push(0, link::port_forwards(index), &[Errno::ENETDOWN]);
        }
    }
}

fn failed(lab: &str, change: &Change, errno: Errno, words: &str) -> Error {
    let message = match words {
        "" => msg!(Said::Refuses { lab, change }),
        words => msg!(Said::RefusesSaying { lab, change, words }),
    };
    fault::host(message, errno, hint(change, errno))
}

fn cannot(lab: &str, name: &NamespaceName, errno: Errno) -> Error {
    fault::host(msg!(Said::CannotProgram { lab, name }), errno, general_hint(errno))
}

fn hint(change: &Change, errno: Errno) -> Message {
    let module = match (change, errno) {
        (Change::CreateBridge(_), Errno::EOPNOTSUPP) => "bridge",
        (Change::CreateVeth { .. }, Errno::EOPNOTSUPP) => "veth",
        (Change::SetShaping { .. }, Errno::ENOENT | Errno::EOPNOTSUPP) => "sch_tbf",
        _ => return general_hint(errno),
    };
    msg!(Said::LacksModule { module })
}

fn general_hint(errno: Errno) -> Message {
    match errno {
        Errno::EPERM | Errno::EACCES => msg!(Said::RunAsRootOrWith),
        Errno::EROFS => msg!(Said::ProcSysMustBeWritable),
        Errno::EMFILE | Errno::ENFILE => msg!(Said::RaiseLimitOpenFilesUlimit),
        Errno::ENOMEM | Errno::ENOBUFS => msg!(Said::ShortOfMemory),
        Errno::EEXIST | Errno::ENODEV | Errno::ENOENT | Errno::ESRCH => msg!(Said::ChangedMeanwhile),
        _ => msg!(Said::UpOnceMore),
    }
}
