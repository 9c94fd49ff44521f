//! The host's own Open vSwitch: its database, and the ports that a node has there.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::ifaddrs::getifaddrs;
use peerlab_ovn::counters;
use peerlab_ovsdb::{
    Address, Atom, Client, Condition, Datum, Mutation, Mutator, Need, Operation, Outcome, Remote, Row, Uuid,
};

use super::messages::Said;
use super::openflow;
use crate::cloud::fnv;
use crate::error::{Error, Result};
use crate::msg;

const NEEDS: &[Need] = &[
    Need { table: "Interface", column: "external_ids", since: "Open vSwitch 1.3" },
    Need { table: "Bridge", column: "datapath_type", since: "Open vSwitch 1.3" },
];

/// The key in `external_ids` of what a node made: the switch port of OVN.
const OWNER: &str = "peerlab";

/// The value of that key of the row that keeps the switch off the wires' queueing disciplines.
const WIRES: &str = "wires";

/// How long the switch may take to follow its database.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// How often the switch counts, in milliseconds, if its `max-revalidator` does not say; and how long that takes it.
const REVALIDATED: u64 = 500;
const PROCESSED: Duration = Duration::from_millis(100);

/// What a tunnel's headers take of a packet: Ethernet, IPv4, UDP, Geneve with OVN's option.
const TUNNEL: u32 = 58;

/// The host's Open vSwitch.
#[derive(Debug)]
pub(crate) struct Switch {
    client: std::sync::Mutex<Client>,
    /// The integration bridge, and whether it is in user space.
    bridge: String,
    is_userspace: bool,
    chassis: Option<String>,
    /// The type and the address of its tunnels, if these and the southbound database are set.
    encapsulation: Option<String>,
    /// The largest packet that a tunnel carries.
    mtu: u32,
    counting: Counting,
}

/// How to find out what a host dropped.
#[derive(Clone, Debug)]
pub(crate) struct Counting {
    /// The socket on which the switch speaks OpenFlow.
    socket: PathBuf,
    /// The southbound database.
    southbound: Option<Remote>,
    /// How late the switch counts.
    lag: Duration,
}

impl Counting {
    /// How late the switch counts.
    pub(crate) fn lag(&self) -> Duration {
        self.lag
    }

    /// What this host has dropped of a lab, so far; `None` if that cannot be known. `reasons`: what
    /// [`reading_reasons`](counters::reading_reasons) read.
    pub(crate) fn drops(&self, lab: &str, reasons: &[Outcome]) -> Option<counters::Drops> {
        let hits = openflow::hits(&self.socket).ok()?;
        let mut southbound = Client::connect(self.southbound.as_ref()?, "OVN_Southbound", &[]).ok()?;
        let flows = southbound.transact(&counters::reading_flows()).ok()?;
        counters::drops(lab, &hits, reasons, &flows)
    }
}

/// What a node made for a switch port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// The switch port of OVN.
    pub(super) port: String,
    pub(super) lab: String,
    /// `None`: it is a wire.
    pub(super) namespace: Option<String>,
    /// What it was made from.
    pub(super) from: String,
    /// Its links here.
    pub(super) links: Vec<String>,
    /// The switch port of a wire's other end.
    pub(super) other: Option<String>,
}

impl Made {
    /// `lab.name`.
    pub(super) fn told(&self) -> String {
        match &self.namespace {
            Some(name) => format!("{}.{name}", self.lab),
            None => self.port.clone(),
        }
    }
}

/// The names of a switch port's link, and of a second one if it is a wire.
pub(super) fn links_of(port: &str) -> [String; 2] {
    let hash = fnv::hash(fnv::SEED, port.as_bytes());
    [format!("pl{:011x}", hash >> 20), format!("pm{:011x}", hash >> 20)]
}

impl Switch {
    pub(crate) fn open(remote: &Remote) -> Result<Self> {
        let mut client = Client::connect(remote, "Open_vSwitch", NEEDS)?;
        let root = client.select("Open_vSwitch", Vec::new(), &["external_ids", "other_config"])?;
        let root = root.into_iter().next().unwrap_or_default();
        let of = |key: &str| root.get("external_ids").and_then(|ids| ids.get(key)).map(str::to_owned);
        let period = root.get("other_config").and_then(|it| it.get("max-revalidator")?.parse().ok());
        let bridge = of("ovn-bridge").unwrap_or_else(|| "br-int".into());
        let found = client.select("Bridge", vec![Condition::is("name", Datum::one(&*bridge))], &["datapath_type"])?;
        let Some(row) = found.first() else {
            return Err(Error::host(msg!(Said::NoBridge { bridge })).code("NoBridge").hint(Said::StartController));
        };
        let is_userspace = row.get("datapath_type").and_then(Datum::text) == Some("netdev");
        let mtu = mtu_of(of("ovn-encap-ip").and_then(|ip| ip.split(',').next()?.parse().ok())) - TUNNEL;
        let encapsulation =
            of("ovn-remote").and_then(|_| Some(format!("{} {}", of("ovn-encap-type")?, of("ovn-encap-ip")?)));
        let folder = match remote.addresses.first() {
            Some(Address::Unix(path)) => path.parent().map(Path::to_owned).unwrap_or_default(),
            _ => "/var/run/openvswitch".into(),
        };
        let southbound = of("ovn-remote").and_then(|text| text.parse::<Remote>().ok());
        let counting = Counting {
            socket: folder.join(format!("{bridge}.mgmt")),
            southbound: southbound.map(|it| it.by(remote.identity.clone())),
            lag: Duration::from_millis(period.unwrap_or(REVALIDATED)) + PROCESSED,
        };
        Ok(Switch {
            client: client.into(),
            bridge,
            is_userspace,
            chassis: of("system-id"),
            encapsulation,
            mtu,
            counting,
        })
    }

    fn client(&self) -> std::sync::MutexGuard<'_, Client> {
        self.client.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The name of the host's chassis.
    pub(crate) fn chassis(&self) -> Option<String> {
        self.chassis.clone()
    }

    /// The integration bridge.
    pub(crate) fn bridge(&self) -> &str {
        &self.bridge
    }

    /// The type and the address of its tunnels.
    pub(crate) fn encapsulation(&self) -> Option<&str> {
        self.encapsulation.as_deref()
    }

    /// Whether packets are switched in user space.
    pub(crate) fn is_userspace(&self) -> bool {
        self.is_userspace
    }

    /// How to find out what this host dropped.
    pub(super) fn counting(&self) -> Counting {
        self.counting.clone()
    }

    /// The largest packet that passes from here to another host.
    pub(crate) fn mtu(&self) -> u32 {
        self.mtu
    }

    /// What a node made here.
    pub(super) fn parts(&self) -> Result<Vec<Made>> {
        let rows = self.client().select("Port", Vec::new(), &["name", "external_ids"])?;
        let made = |row: &Row| {
            let ids = row.get("external_ids")?;
            let of = |key: &str| ids.get(key).map(str::to_owned);
            let link = row.get("name")?.text()?.to_owned();
            let port = of(OWNER)?;
            let other = of("wire");
            let links = match other {
                // Both links of a wire are one part, which its first port stands for.
                Some(_) => links_of(&port).into(),
                None => vec![link.clone()],
            };
            (links[0] == link).then_some(())?;
            Some(Made { port, lab: of("lab")?, namespace: of("namespace"), from: of("from")?, links, other })
        };
        Ok(rows.iter().filter_map(made).collect())
    }

    /// Waits until the switch has done what its database says.
    pub(super) fn await_settled(&self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let rows = self.client().select("Open_vSwitch", Vec::new(), &["cur_cfg", "next_cfg"])?;
            let number = |column: &str| rows.first().and_then(|row| row.get(column)?.integer()).unwrap_or_default();
            if number("cur_cfg") >= number("next_cfg") || Instant::now() >= until {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Removes ports and adds others, in one transaction.
    pub(super) fn change(&self, gone: &[Made], new: &[&Made]) -> Result<()> {
        let mut operations = Vec::new();
        let bridge = || vec![Condition::is("name", Datum::one(&*self.bridge))];
        let mut client = self.client();
        let rows = client.select("Port", Vec::new(), &["_uuid", "name"])?;
        let uuid = |link: &String| {
            let row = rows.iter().find(|row| row.get("name").and_then(Datum::text) == Some(link))?;
            row.get("_uuid")?.uuid().cloned()
        };
        // A port that is made anew has the name of the one that is there.
        let links: Vec<_> = gone.iter().chain(new.iter().copied()).flat_map(|made| &made.links).collect();
        let old: Vec<Uuid> = links.into_iter().filter_map(uuid).collect();
        let ports = |mutator, value| Mutation { column: "ports".into(), mutator, value };
        if !old.is_empty() {
            let mutations = vec![ports(Mutator::Delete, Datum::set(old))];
            operations.push(Operation::Mutate { table: "Bridge".into(), conditions: bridge(), mutations });
        }
        // Otherwise the switch deletes the queueing disciplines of a link at every change. One row serves all wires.
        let noops = client.select(
            "QoS",
            vec![Condition::includes("external_ids", Datum::map([(OWNER, WIRES)]))],
            &["_uuid"],
        )?;
        let noop = match noops.first().and_then(|row| row.get("_uuid")?.uuid().cloned()) {
            Some(uuid) => Atom::Uuid(uuid),
            None => Atom::Named("noop".into()),
        };
        if matches!(noop, Atom::Named(_)) && new.iter().any(|made| made.other.is_some()) {
            let ids = Datum::map([(OWNER, WIRES)]);
            let row = [("type", Datum::one("linux-noop")), ("external_ids", ids)];
            let row = row.into_iter().map(|(column, value)| (column.to_owned(), value)).collect();
            operations.push(Operation::Insert { table: "QoS".into(), row, name: Some("noop".into()) });
        }
        let mut added = Vec::new();
        for made in new {
            let ends = [Some(&made.port), made.other.as_ref()];
            for (link, port) in made.links.iter().zip(ends.into_iter().flatten()) {
                add(made, link, port, &noop, &mut operations);
                added.push(Atom::Named(format!("p_{link}").into()));
            }
        }
        if !added.is_empty() {
            let mutations = vec![ports(Mutator::Insert, Datum::set(added))];
            operations.push(Operation::Mutate { table: "Bridge".into(), conditions: bridge(), mutations });
        }
        let next = Mutation { column: "next_cfg".into(), mutator: Mutator::Add, value: Datum::one(1) };
        operations.push(Operation::Mutate {
            table: "Open_vSwitch".into(),
            conditions: Vec::new(),
            mutations: vec![next],
        });
        client.transact(&operations)?;
        Ok(())
    }
}

/// The MTU of the link with the address from which tunnels go out.
fn mtu_of(address: Option<IpAddr>) -> u32 {
    const USUAL: u32 = 1500;
    let has = |it: &nix::ifaddrs::InterfaceAddress| {
        let ip = it.address.and_then(|it| it.as_sockaddr_in().map(|it| IpAddr::V4(it.ip())));
        ip.is_some() && ip == address
    };
    let name = getifaddrs().ok().and_then(|mut all| all.find(has)).map(|it| it.interface_name);
    let text = name.and_then(|name| std::fs::read_to_string(format!("/sys/class/net/{name}/mtu")).ok());
    text.and_then(|text| text.trim().parse().ok()).filter(|mtu| (576..=65535).contains(mtu)).unwrap_or(USUAL)
}

/// A port with its interface, bound to a switch port of OVN.
fn add(made: &Made, link: &str, port: &str, noop: &Atom, operations: &mut Vec<Operation>) {
    let mut ids = vec![(OWNER, &*made.port), ("lab", &made.lab), ("from", &made.from)];
    ids.extend(made.namespace.iter().map(|name| ("namespace", &**name)));
    ids.extend(made.other.iter().map(|other| ("wire", &**other)));
    let mut insert = |table: &str, name: String, row: Vec<(&str, Datum)>| {
        let row = row.into_iter().map(|(column, value)| (column.to_owned(), value)).collect();
        operations.push(Operation::Insert { table: table.into(), row, name: Some(name) });
    };
    let bound = Datum::map([("iface-id", port), (OWNER, &*made.port)]);
    insert("Interface", format!("i_{link}"), vec![("name", Datum::one(link)), ("external_ids", bound)]);
    let mut columns = vec![
        ("name", Datum::one(link)),
        ("interfaces", Datum::one(Atom::Named(format!("i_{link}").into()))),
        ("external_ids", Datum::map(ids)),
    ];
    if made.other.is_some() {
        columns.push(("qos", Datum::one(noop.clone())));
    }
    insert("Port", format!("p_{link}"), columns);
}
