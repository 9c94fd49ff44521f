//! Tries every kernel feature that labs use, in a namespace that ends with its thread.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::sync::OnceLock;
use std::time::Duration;

use netlink_packet_core::{NLM_F_CREATE, NLM_F_REPLACE};
use netlink_packet_route::RouteNetlinkMessage;
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

use super::batch::{Batch, Failure, RouteSocket};
use super::{fault, firewall, link, route, sysctl, tc, threads};
use crate::cloud::Bandwidth;
use crate::error::{Error, Errors, Result};
use crate::kernel::messages::Said;
use crate::message::Message;
use crate::msg;
use crate::network::change::Setting;
use crate::network::model::{Link, LinkKind, LinkName, PolicyRule, Shaping, USUAL_MTU};
use crate::network::ruleset::{
    Chain, ChainKind, Data, DataType, Family, Field, Hook, HookPoint, KeyType, Policy, Rule, Set, Statement, Table,
    Verdict,
};

/// A kernel feature.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Its name in the kernel community.
    pub name: Message,
    /// Its use in a lab.
    pub use_of_it: Said,
    /// The module that provides it, or the kernel's option.
    pub module: &'static str,
    /// Whether labs work without it.
    pub optional: bool,
    /// Why it is missing; `None` if the kernel has it.
    pub lacking: Option<Message>,
}

/// The use of netem.
pub const DELAY: Said = Said::DelaysPacketsPeeringLatency;

/// Checks that the kernel has all required features.
pub fn check() -> Result<(), Errors> {
    let missing = features()?.into_iter().filter(|feature| !feature.optional);
    let errors = missing.filter_map(|feature| {
        let why = feature.lacking.as_ref()?;
        Some(Error::host(msg!(Said::KernelHasNo { feature: &feature.name, why })).hint(feature.remedy()))
    });
    Errors(errors.collect()).into_result()
}

/// All features that a lab may need, each of them tried. The kernel may load modules for this, as for `up`.
///
/// # Errors The namespace for the trials cannot be created.
pub fn features() -> Result<Vec<Feature>> {
    try_out(|socket| {
        let mut found = links(socket)?;
        found.push(routing(socket));
        found.extend(shaping(socket));
        found.extend(rulesets());
        Ok(found)
    })
}

/// Whether the kernel can delay packets. Asked once.
pub fn has_netem() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let lacks = try_out(|socket| Ok(delay().and_then(|message| refused(socket, [message]))));
        // Other errors will occur again, and will be reported, where the feature is used.
        !matches!(lacks, Ok(Some(Errno::ENOENT | Errno::EOPNOTSUPP)))
    })
}

impl Feature {
    fn new(name: Message, module: &'static str, use_of_it: Said, lacking: Option<Message>) -> Self {
        Feature { name, use_of_it, module, optional: false, lacking }
    }

    /// The remedy if the feature is missing.
    pub fn remedy(&self) -> Message {
        let module = self.module;
        if module.starts_with("CONFIG_") {
            return msg!(Said::UseKernelBuiltWith { module });
        }
        msg!(Said::LoadModprobeInstallDistributionPackage { module })
    }
}

/// The links that [`links`] leaves behind.
const BRIDGE: u32 = 11;
const PORT: u32 = 12;

fn links(socket: &RouteSocket) -> io::Result<Vec<Feature>> {
    let bare = |index, kind| Link {
        index,
        kind,
        mac: None,
        altname: None,
        group: 0,
        addresses: Default::default(),
        shaping: Shaping::default(),
        mtu: USUAL_MTU,
        up: true,
        plain: true,
    };
    let own = fs::File::open("/proc/thread-self/ns/net")?;
    let (port, far) = (bare(PORT, LinkKind::Other("veth".into())), bare(13, LinkKind::Other("veth".into())));
    let veth = link::create_veth((&"port".into(), &port), None, (&"far".into(), &far), own.as_raw_fd());
    let veth = refused(socket, [veth]);
    let bridge = refused(socket, [link::create_bridge(&"bridge".into(), &bare(BRIDGE, LinkKind::Bridge))]);
    let into_bridge = link::set(PORT, &Setting::Port(Some("bridge".into())), Some(BRIDGE));
    let isolated = if bridge.or(veth).is_none() { refused(socket, into_bridge) } else { bridge.or(veth) };
    // If br_netfilter is loaded, each namespace must be able to keep bridged packets away from the IP hooks.
    let bridged_twice = fs::exists("/sys/module/br_netfilter").unwrap_or(false)
        && !matches!(sysctl::get("bridge/bridge-nf-call-iptables"), Ok(Some(_)));
    let bridged_twice = bridged_twice.then(|| msg!(Said::BrNetfilterLoadedNamespaceCannot));
    Ok(vec![
        Feature::new(Message::text("veth"), "veth", Said::JoinsNamespaces, said(veth)),
        Feature::new(Message::text("bridge"), "bridge", Said::Subnet, said(bridge)),
        Feature::new(msg!(Said::BridgePortIsolation), "bridge", Said::KeepsGroupsInForceInside, said(isolated)),
        Feature::new(
            msg!(Said::BridgeNetfilterNamespace),
            "br_netfilter",
            Said::KeepsPacketsFromBeingAsked,
            bridged_twice,
        ),
    ])
}

fn routing(socket: &RouteSocket) -> Feature {
    let rule = PolicyRule { priority: 1000, source: None, input: LinkName::from("lo"), table: 1000 };
    let rule = refused(socket, [route::add_rule(&rule)]);
    let use_of_it = Said::ChoosesSubnetRouteTable;
    Feature::new(msg!(Said::PolicyRouting), "CONFIG_IP_MULTIPLE_TABLES", use_of_it, said(rule))
}

fn shaping(socket: &RouteSocket) -> Vec<Feature> {
    let rate = tc::shape(PORT, USUAL_MTU, Shaping { rate: Some(Bandwidth(8_000_000)), ..Shaping::default() }).rate;
    let tbf = rate.and_then(|message| refused(socket, [message]));
    let netem = delay().and_then(|message| refused(socket, [message]));
    let netem = Feature::new(Message::text("netem"), "sch_netem", DELAY, said(netem));
    vec![
        Feature::new(Message::text("tbf"), "sch_tbf", Said::CapsPeeringBandwidth, said(tbf)),
        Feature { optional: true, ..netem },
    ]
}

fn delay() -> Option<RouteNetlinkMessage> {
    let delay = Some(Duration::from_millis(1));
    tc::shape(1, USUAL_MTU, Shaping { delay, ..Shaping::default() }).delay
}

/// One table for each nftables feature that a lab's rules use; each is tried separately.
fn rulesets() -> Vec<Feature> {
    let at = |kind, at, priority| Hook { kind, at, priority, policy: Policy::Accept };
    let filter = |point| at(ChainKind::Filter, point, 0);
    let with = |rules: Vec<Rule>, hook| Table {
        chains: [("try".to_owned(), Chain::base(hook, rules))].into(),
        ..Table::default()
    };
    let rule = |statement| vec![Rule::of([statement])];
    let count =
        Table { counters: ["c".to_owned()].into(), ..with(rule(Statement::counter("c")), filter(HookPoint::Forward)) };
    let mut verdicts = Set::map([KeyType::Ipv4Address], DataType::Verdict);
    verdicts.elements.insert(vec![Ipv4Addr::LOCALHOST.into()], Data::Verdict(Verdict::Accept));
    let map = Table {
        sets: [("m".to_owned(), verdicts)].into(),
        ..with(rule(Statement::verdict_map([Field::NextHop], "m")), filter(HookPoint::Forward))
    };
    let direction = Statement::is(Field::ConntrackDirection, 1u8);
    let conntrack = with(rule(direction), filter(HookPoint::Forward));
    let addresses = || [("a".to_owned(), Set::map([KeyType::Ipv4Address], DataType::Ipv4Address))].into();
    let inward = Statement::DestinationNat { field: Field::IpDestination, map: "a".to_owned() };
    let nat = Table { sets: addresses(), ..with(rule(inward), at(ChainKind::Nat, HookPoint::Prerouting, -100)) };
    let sources = Set::of([KeyType::InterfaceIndex, KeyType::EtherAddress, KeyType::Ipv4Address]);
    let own = Statement::within([Field::InputInterface, Field::EtherSource, Field::IpSource], "s");
    let ipv4 = Statement::is(Field::EtherType, 0x0800u16);
    let guard = Table {
        sets: [("s".to_owned(), sources)].into(),
        ..with(vec![Rule::of([ipv4, own])], at(ChainKind::Filter, HookPoint::Prerouting, -300))
    };
    let tried = [
        (
            Message::text("nf_tables"),
            "nf_tables",
            Said::HoldsRulesGroups,
            Family::Ip,
            with(vec![], filter(HookPoint::Forward)),
        ),
        (msg!(Said::NfTablesCounters), "nf_tables", Said::CountsDropsReason, Family::Ip, count),
        (msg!(Said::NfTablesMapsRt), "nf_tables", Said::TellsWhyRouteLeadsNowhere, Family::Ip, map),
        (Message::text("nf_tables ct"), "nft_ct", Said::LetsAnswersPass, Family::Ip, conntrack),
        (Message::text("nf_tables nat"), "nft_nat", Said::MapsPublicAddresses, Family::Ip, nat),
        (msg!(Said::NfTablesBridge), "nf_tables_bridge", Said::KeepsInstancesFromUsingOthers, Family::Bridge, guard),
    ];
    let feature = |(name, module, use_of_it, family, table): (Message, &'static str, Said, Family, Table)| {
        let lacking = firewall::try_out(family, &name.to_string(), table).err().map(|error| error.message);
        Feature::new(name, module, use_of_it, lacking)
    };
    tried.map(feature).into()
}

fn said(errno: Option<Errno>) -> Option<Message> {
    errno.map(|errno| msg!(Said::System { words: errno.desc().to_lowercase() }))
}

fn refused(socket: &RouteSocket, messages: impl IntoIterator<Item = RouteNetlinkMessage>) -> Option<Errno> {
    let mut batch = Batch::default();
    for message in messages {
        batch.push(0, flags_of(&message), message, &[]);
    }
    match batch.send(socket) {
        Ok(()) => None,
        Err(Failure::Refused(refused)) => Some(refused.errno),
        Err(Failure::Socket(errno)) => Some(errno),
    }
}

fn flags_of(message: &RouteNetlinkMessage) -> u16 {
    match message {
        RouteNetlinkMessage::NewQueueDiscipline(_) => NLM_F_CREATE | NLM_F_REPLACE,
        RouteNetlinkMessage::NewLink(_) | RouteNetlinkMessage::NewRule(_) => NLM_F_CREATE,
        _ => 0,
    }
}

/// Runs `work` with a socket in a namespace of its own.
fn try_out<T: Send>(work: impl FnOnce(&RouteSocket) -> io::Result<T> + Send) -> Result<T> {
    let run = || {
        unshare(CloneFlags::CLONE_NEWNET)?;
        work(&RouteSocket::open()?)
    };
    threads::apart(run)?.map_err(|error: io::Error| {
        let hint = msg!(Said::RunRoot);
        fault::host(msg!(Said::NoNamespaceToTry), fault::errno(&error), hint)
    })
}
