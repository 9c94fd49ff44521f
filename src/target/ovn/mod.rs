//! Several hosts as a target: a lab's rows in OVN's northbound database, written in one transaction with its journal. OVN's own
//! daemons make the network of them, and `peerlab node` the instances on each host.
#![allow(clippy::disallowed_methods)]

pub mod hosts;
mod messages;
mod placement;
mod plan;
pub mod requests;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use peerlab_ovn::{Actual, Change, Table, compile, diff};
use peerlab_ovsdb::{Client, Condition, Datum, Row, Watch};

use super::linux::Linux;
use super::{Changes, Drops, Goal, Monitor, Parts, Place, Plan, Removed, Sent, Target};
use crate::cloud::{Cloud, InstanceName, NatGatewayName};
use crate::error::{Error, Errors, Result};
use crate::journal::shared::{Shared, shared};
use crate::kernel;
use crate::message::Message;
use crate::msg;
use crate::network::compile as network;
use crate::network::model::NamespaceName;
use crate::probe::{Batch, Dropped};
use crate::probe::{Flow, Measured};
use crate::progress::{Progress, Watched};
use crate::trace::Trace;

use hosts::HostState;
use messages::Said;
pub use placement::pin;

/// Several hosts, by the database that this process is connected to.
#[derive(Clone, Copy, Debug)]
pub struct Ovn;

/// How long to wait for the hosts to carry out a change.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to wait for hosts that answer, while they remove a large lab.
const REMOVING: Duration = Duration::from_secs(120);

/// How often to look at the clock meanwhile.
const BLINK: Duration = Duration::from_millis(250);

/// The database.
fn database() -> Result<&'static Shared> {
    shared().ok_or_else(|| Error::host(Said::NoDatabase).code("DatabaseUnreachable").hint(Said::GiveOn))
}

/// A connection of its own that follows these rows.
fn follow(shared: &Shared, watches: Vec<Watch>) -> Result<Client> {
    let mut client = Client::connect(shared.remote(), "OVN_Northbound", peerlab_ovn::NEEDS)?;
    client.watch(watches)?;
    Ok(client)
}

/// The rows of a lab that are there.
fn read(lab: &str) -> Result<Actual> {
    Ok(Actual::of(database()?.client().transact(&Actual::reading(lab))?))
}

impl Target for Ovn {
    fn check(&self) -> Result<()> {
        database().map(drop)
    }

    fn is_atomic(&self) -> bool {
        true
    }

    fn is_spread(&self) -> bool {
        true
    }

    fn host_of(&self, lab: &str, instance: &InstanceName) -> Option<String> {
        placement::of(lab).ok()?.host_of(instance.as_str()).map(str::to_owned)
    }

    fn has(&self, lab: &str) -> Result<bool> {
        Ok(!read(lab)?.is_empty())
    }

    fn plan(&self, lab: Watched<'_>, goal: Goal<'_>) -> Result<Box<dyn Plan>, Errors> {
        Ok(Box::new(plan::Plan::of(lab.lab, &goal)?))
    }

    fn changes(&self, lab: Watched<'_>, is_up: bool, cloud: &Cloud) -> Result<Changes, Errors> {
        let placement = placement::wanted(lab.lab, is_up)?;
        let actual = if is_up { read(lab.lab)? } else { Actual::default() };
        Ok(Changes::new(diff(&actual, &compile(lab.lab, cloud, &placement).rows).changes))
    }

    fn drift(&self, lab: &str, cloud: &Cloud) -> Result<Vec<Message>, Errors> {
        let wanted = compile(lab, cloud, &placement::of(lab)?).rows;
        let changes = diff(&read(lab)?, &wanted).changes.into_iter();
        let fact = |change| match change {
            Change::Insert(table, key) => msg!(Said::RowGone { table, key }),
            Change::Update(table, key, columns) => msg!(Said::RowChanged { table, key, columns }),
            Change::Delete(table, key) => msg!(Said::RowNotTheLabs { table, key }),
        };
        Ok(changes.map(fact).collect())
    }

    fn drift_at_a_glance(&self, lab: &str, cloud: &Cloud, _flow: Option<&Trace>) -> Result<Vec<Message>, Errors> {
        self.drift(lab, cloud)
    }

    fn monitor(&self, lab: &str) -> Result<Box<dyn Monitor>> {
        let mine = || vec![Condition::includes("external_ids", Datum::map([(peerlab_ovn::OWNER, lab)]))];
        let rows = follow(database()?, Table::ALL.map(|table| Watch::any(table.name(), &[], mine())).into())?;
        Ok(Box::new(Rows(rows)))
    }

    fn drops(&self, lab: &str, cloud: &Cloud) -> Result<Option<Drops>, Errors> {
        // Of what is not carried, nobody knows where it is dropped.
        let is_carried = compile(lab, cloud, &placement::of(lab)?).warnings.is_empty();
        if is_carried { Ok(requests::drops(lab)?) } else { Ok(None) }
    }

    fn parts(&self, lab: &str) -> Result<Parts> {
        let ports = ports(lab)?;
        let gone = ports.iter().filter(|port| !port.up).map(|port| port.name.clone()).collect();
        Ok(Parts { count: ports.len(), gone })
    }

    fn is_there(&self, _lab: &str, _namespace: &NamespaceName) -> bool {
        true
    }

    fn send(&self, lab: &str, batch: Batch, _dropped: &Dropped<'_>, progress: &dyn Progress) -> Result<Sent> {
        requests::send(lab, batch, progress)
    }

    fn goodput(&self, lab: &str, flow: &Flow) -> Result<Option<Measured>> {
        requests::goodput(lab, flow)
    }

    fn check_here(&self, lab: &str, cloud: &Cloud, place: &Place, verb: &str, rest: &str) -> Result<()> {
        let (namespace, name) = match place {
            Place::Instance(name) => match cloud.nat_gateway_behind(name) {
                Some(nat) => (network::of_nat_gateway(cloud, &nat.name), nat.name.to_string()),
                None => (network::of_instance(cloud, name), name.to_string()),
            },
            Place::Internet => (NamespaceName::from(network::INTERNET), network::INTERNET.to_owned()),
            Place::Router(vpc) => {
                let error = Error::input(msg!(Said::NoRouter { vpc }));
                return Err(error.code("OneHostOnly").hint(Said::EnterInstance));
            }
        };
        if kernel::exists(lab, &namespace) {
            return kernel::privilege::check();
        }
        let host = placement::of(lab)?.host_of(&name).unwrap_or_default().to_owned();
        let on = database()?.remote();
        let hint = msg!(Said::RunThere { host: &host, verb, on, lab: lab.to_owned(), name: &name, rest });
        Err(Error::input(msg!(Said::Elsewhere { name: &name, host })).code("OnAnotherHost").hint(hint))
    }

    fn enter(&self, lab: &str, cloud: &Cloud, place: &Place, hosts: &Path) -> Result<()> {
        self.check_here(lab, cloud, place, "exec", " -- …")?;
        Linux.enter(lab, cloud, place, hosts)
    }

    fn remove(&self, lab: Watched<'_>, _cloud: &dyn Fn() -> Option<Arc<Cloud>>) -> Result<Removed, Errors> {
        let lab = lab.lab;
        let parts = ports(lab)?.len();
        let nothing = diff(&read(lab)?, &peerlab_ovn::Rows::none(lab));
        database()?.remove(lab, nothing.operations)?;
        let until = Instant::now() + REMOVING;
        let mut hosts = follow(database()?, vec![HostState::watch()])?;
        loop {
            let busy: Vec<_> = hosts::of(&hosts).into_iter().filter(|host| host.has(lab)).collect();
            let (alive, dead): (Vec<_>, Vec<_>) = busy.into_iter().partition(|host| host.is_alive());
            if alive.is_empty() || Instant::now() >= until {
                let late = alive.into_iter().chain(dead).map(|host| host.name);
                let notes = late.map(|host| msg!(Said::RemovesLater { host, lab })).collect();
                return Ok(Removed { parts, notes });
            }
            hosts.wait(BLINK);
        }
    }
}

/// The port of an instance, of a NAT gateway, or of the internet.
struct Port {
    name: String,
    is_nat: bool,
    host: String,
    up: bool,
}

impl Port {
    const TABLE: &str = Table::LogicalSwitchPort.name();
    const COLUMNS: [&str; 4] = ["name", "options", "external_ids", "up"];

    fn condition(lab: &str) -> Condition {
        Condition::includes("external_ids", Datum::map([(peerlab_ovn::OWNER, lab)]))
    }

    fn read(row: &Row) -> Option<Self> {
        let ids = row.get("external_ids")?;
        let name = match ids.get("kind")? {
            "instance" => ids.get("instance")?,
            "nat" => ids.get("nat")?,
            "internet" => network::INTERNET,
            _ => return None,
        };
        let host = row.get("options")?.get("requested-chassis").unwrap_or_default().to_owned();
        let up = row.get("up").and_then(Datum::boolean).unwrap_or_default();
        Some(Port { name: name.to_owned(), is_nat: ids.get("kind") == Some("nat"), host, up })
    }

    /// Its namespace on its host.
    fn namespace(&self, cloud: &Cloud) -> NamespaceName {
        match &*self.name {
            name if self.is_nat => network::of_nat_gateway(cloud, &NatGatewayName::trusted(name)),
            network::INTERNET => network::INTERNET.into(),
            name => network::of_instance(cloud, &InstanceName::trusted(name)),
        }
    }
}

/// The ports of a lab's instances and NAT gateways, and of its internet.
fn ports(lab: &str) -> Result<Vec<Port>> {
    let rows = database()?.client().select(Port::TABLE, vec![Port::condition(lab)], &Port::COLUMNS)?;
    Ok(rows.iter().filter_map(Port::read).collect())
}

/// Notices changes of a lab's rows.
#[derive(Debug)]
struct Rows(Client);

impl Monitor for Rows {
    fn refresh(&mut self) -> Result<()> {
        Ok(())
    }

    fn wait(&mut self, most: Duration) -> bool {
        self.0.wait(most)
    }
}
