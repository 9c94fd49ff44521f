//! The state of a Cloud, as `peerlab status` shows it.

mod text;

use serde::{Serialize, Serializer};

use crate::cloud::{
    self, AclEntry, Cloud, Direction, DnatEntry, End, Gateway, Instance, NatGateway, NetworkAcl, Next, NextHop,
    PeeringKind, Policy, RouteEntry, RouteTable, Rule, RulePeer, SecurityGroup, Stale, Subnet, Title, Vpc, VpcName,
};
use crate::message::Message;
use crate::msg;
use crate::network::compile;
use crate::report::messages::Said;
use crate::target;

/// The state of all resources of a Cloud. This is the JSON of `status`.
#[derive(Clone, Debug, Serialize)]
pub struct CloudStatus {
    /// By name.
    pub accounts: Vec<AccountState>,
    /// By name.
    pub vpcs: Vec<VpcState>,
    /// By family and name.
    #[serde(flatten)]
    pub ends: Ends,
    /// By name.
    pub route_tables: Vec<TableState>,
    /// By name; default groups only if an instance is in them.
    pub security_groups: Vec<GroupState>,
    /// By name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network_acls: Vec<AclState>,
    /// By name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nat_gateways: Vec<NatState>,
    /// By name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gateways: Vec<GatewayState>,
    /// By name.
    pub instances: Vec<InstanceState>,
}

/// An account.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct AccountState {
    pub name: String,
    pub id: String,
}

/// A VPC.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)] // the fields are what the provider's API calls them
pub struct VpcState {
    pub name: String,
    pub id: String,
    /// The namespace of its router.
    pub namespace: String,
    pub account: String,
    pub region: String,
    pub cidr: String,
    /// Its other blocks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secondary_cidrs: Vec<String>,
    /// The size in bytes of the largest packet of its links.
    pub mtu: u16,
    #[serde(skip)]
    has_usual_mtu: bool,
    pub router_id: String,
    pub subnets: Vec<SubnetState>,
}

/// A subnet.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct SubnetState {
    pub name: String,
    pub id: String,
    pub cidr: String,
    pub gateway: String,
    /// Its availability zone, if the lab names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    pub route_table: String,
    /// Its network ACL, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_acl: Option<String>,
}

/// The ends of peerings: a list for each family.
#[derive(Clone, Debug)]
pub struct Ends(pub Vec<(PeeringKind, Vec<EndState>)>);

impl Ends {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &EndState> {
        self.0.iter().flat_map(|(_, ends)| ends)
    }

    /// The heading above their table.
    pub fn title(&self) -> Title {
        let mut titles = self.0.iter().filter(|(_, ends)| !ends.is_empty()).map(|(family, _)| family.listing().title);
        match (titles.next(), titles.next()) {
            (Some(only), None) => only,
            _ => Title::Peerings,
        }
    }
}

impl Serialize for Ends {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(family, ends)| (family.listing().key, ends)))
    }
}

/// One end of a peering.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct EndState {
    pub name: String,
    pub id: String,
    pub status: &'static str,
    pub account: String,
    pub vpc: String,
    /// The end's side, if the sides differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip)]
    is_second: bool,
    /// The bandwidth class, if the family has classes, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<&'static str>,
    /// The cap on each direction, in bits per second.
    pub bandwidth: Option<u64>,
    #[serde(skip)]
    bandwidth_text: Option<String>,
    /// The size in bytes of the largest packet that passes it.
    pub mtu: u16,
    #[serde(skip)]
    has_usual_mtu: bool,
    /// The other end, once this one names it.
    pub opposite: Option<OppositeState>,
    /// Whether it carries traffic.
    pub carries: bool,
    /// The steps needed before it carries traffic, in order.
    pub missing: Vec<Missing>,
}

/// An end's opposite.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct OppositeState {
    pub name: String,
    pub account: Option<String>,
    pub vpc: Option<String>,
    /// `None`: the end does not exist.
    pub status: Option<&'static str>,
}

/// Something that must be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The account that must do it.
    pub account: Option<String>,
    /// The call that would succeed now; replace its placeholders (in capitals). `None`: no call helps.
    pub operation: Option<String>,
    /// The problem, in words.
    pub what: Message,
}

impl Missing {
    /// The first missing thing; others depend on it.
    fn of(missing: &cloud::Missing) -> Option<Self> {
        let what = Message::from(missing);
        let (account, operation) = match &missing.next {
            Next::Call(account, call) => (Some(account.to_string()), Some(call.to_string())),
            Next::Choose(account, call) => (Some(account.clone()), Some(call.to_string())),
            Next::Nothing if matches!(missing.lack, cloud::Lack::NotConnected { .. }) => return None,
            Next::Nothing => (None, None),
        };
        Some(Missing { account, operation, what })
    }
}

/// A route table.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct TableState {
    pub name: String,
    pub id: String,
    pub vpc: String,
    /// The subnets that it serves.
    pub subnets: Vec<String>,
    pub entries: Vec<EntryState>,
}

/// An entry of a route table.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct EntryState {
    pub to: String,
    pub via: String,
    /// 1 (first) to 255, if the provider's entries have priorities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Whether it is in use among the entries of its destination.
    pub in_use: bool,
    /// The provider's word for its state, if it has one: whether it leads somewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Why it leads nowhere, if so.
    pub dead: Option<Message>,
    /// Its role among the entries of its destination.
    #[serde(skip)]
    notes: Vec<Message>,
}

/// A security group.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct GroupState {
    pub name: String,
    pub id: String,
    pub account: String,
    pub vpc: String,
    pub inner_access: String,
    /// The inner access, if it is not the provider's default.
    #[serde(skip)]
    inner_access_text: Option<Message>,
    pub members: Vec<String>,
    pub rules: Vec<RuleState>,
}

/// A rule of a group.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct RuleState {
    pub direction: &'static str,
    pub policy: String,
    pub protocol: String,
    pub port: Option<String>,
    /// A CIDR block, or a group's name.
    pub peer: String,
    /// The group's account.
    pub peer_account: Option<String>,
    pub priority: u8,
    /// Why it matches nothing, if so.
    pub stale: Option<Message>,
    #[serde(skip)]
    text: Message,
}

/// A network ACL.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct AclState {
    pub name: String,
    pub id: String,
    pub account: String,
    pub vpc: String,
    /// The subnets that use it.
    pub subnets: Vec<String>,
    pub entries: Vec<AclEntryState>,
}

/// An entry of a network ACL.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct AclEntryState {
    pub direction: String,
    pub number: u16,
    pub policy: String,
    pub protocol: String,
    pub port: Option<String>,
    pub cidr: String,
    #[serde(skip)]
    text: Message,
}

/// A NAT gateway.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct NatState {
    pub name: String,
    pub id: String,
    pub account: String,
    pub namespace: String,
    pub subnet: String,
    pub ip: String,
    pub public_ip: Option<String>,
    /// Whether it reaches the internet itself.
    pub leads_out: bool,
    pub snat: Vec<String>,
    pub dnat: Vec<DnatState>,
}

/// A port of a NAT gateway that leads to an instance.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct DnatState {
    pub protocol: String,
    pub port: u16,
    pub to: String,
    pub to_port: u16,
}

/// A gateway to the internet.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct GatewayState {
    pub name: String,
    pub id: String,
    pub account: String,
    pub vpc: String,
}

/// An instance.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct InstanceState {
    pub name: String,
    pub id: String,
    pub namespace: String,
    pub account: String,
    pub subnet: String,
    pub ip: String,
    pub public_ip: Option<String>,
    pub security_groups: Vec<String>,
    /// `stopped`; left out while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Whether it passes on packets that are not for it.
    #[serde(skip_serializing_if = "is_false")]
    pub forwards: bool,
    /// Whether it puts its own address on them.
    #[serde(skip_serializing_if = "is_false")]
    pub masquerade: bool,
    /// Of a lab over several hosts: its host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl CloudStatus {
    /// The state of a lab's Cloud.
    pub fn of(lab: &str, cloud: &Cloud) -> Self {
        CloudStatus {
            accounts: cloud
                .accounts()
                .map(|account| AccountState { name: account.name.to_string(), id: account.id.to_string() })
                .collect(),
            vpcs: vpcs(lab, cloud),
            ends: Ends(PeeringKind::ALL.map(|family| (family, ends(cloud, family))).into()),
            route_tables: route_tables(cloud),
            security_groups: security_groups(cloud),
            network_acls: network_acls(cloud),
            nat_gateways: nat_gateways(lab, cloud),
            gateways: gateways(cloud),
            instances: instances(lab, cloud),
        }
    }
}

fn vpcs(lab: &str, cloud: &Cloud) -> Vec<VpcState> {
    let subnet = |subnet: &Subnet| SubnetState {
        name: subnet.name.to_string(),
        id: subnet.id.to_string(),
        cidr: subnet.cidr.to_string(),
        gateway: subnet.gateway.to_string(),
        zone: subnet.zone.as_deref().map(str::to_owned),
        route_table: cloud.table_of(subnet).name.to_string(),
        network_acl: cloud.acl_of(subnet).map(|acl| acl.name.to_string()),
    };
    let state = |vpc: &Vpc| VpcState {
        name: vpc.name.to_string(),
        id: vpc.id.to_string(),
        namespace: format!("{lab}.{}", compile::of_vpc(&vpc.name)),
        account: vpc.account.to_string(),
        region: vpc.region.to_string(),
        cidr: vpc.cidr.to_string(),
        secondary_cidrs: vpc.secondary.iter().map(|block| block.cidr.to_string()).collect(),
        mtu: vpc.mtu,
        has_usual_mtu: vpc.mtu == cloud.provider().mtu,
        router_id: vpc.router_id.to_string(),
        subnets: cloud.subnets_of(&vpc.name).map(subnet).collect(),
    };
    cloud.vpcs().map(state).collect()
}

fn ends(cloud: &Cloud, family: PeeringKind) -> Vec<EndState> {
    cloud.ends_of(family).into_iter().map(|end| end_state(cloud, end)).collect()
}

fn end_state(cloud: &Cloud, end: End) -> EndState {
    let is_second = end.is_second();
    let End { peering, role, spec, bandwidth, opposite, .. } = end;
    EndState {
        name: peering.name.to_string(),
        id: peering.id.to_string(),
        status: peering.status,
        account: peering.account.to_string(),
        vpc: peering.vpc.to_string(),
        role: role.map(|role| role.to_string()),
        is_second,
        spec,
        bandwidth: bandwidth.map(|bandwidth| bandwidth.0),
        bandwidth_text: bandwidth.map(|bandwidth| bandwidth.to_string()),
        mtu: peering.mtu,
        has_usual_mtu: peering.mtu == cloud.provider().mtu,
        opposite: opposite.map(|opposite| OppositeState {
            name: opposite.name,
            account: opposite.account,
            vpc: opposite.vpc.map(|vpc| vpc.to_string()),
            status: opposite.status,
        }),
        carries: peering.carries,
        missing: cloud.missing(&peering.name).iter().filter_map(Missing::of).collect(),
    }
}

fn route_tables(cloud: &Cloud) -> Vec<TableState> {
    let serves = |name: &_| {
        let served = cloud.subnets().filter(|subnet| cloud.table_of(subnet).name == *name);
        served.map(|subnet| subnet.name.to_string()).collect()
    };
    let state = |table: &RouteTable| TableState {
        name: table.name.to_string(),
        id: table.id.to_string(),
        vpc: table.vpc.to_string(),
        subnets: serves(&table.name),
        entries: table.by_destination().flat_map(|entries| entry_states(cloud, &table.vpc, entries)).collect(),
    };
    cloud.route_tables().map(state).collect()
}

/// The entries of one destination.
fn entry_states<'a>(
    cloud: &'a Cloud,
    vpc: &'a VpcName,
    entries: &'a [RouteEntry],
) -> impl Iterator<Item = EntryState> + use<'a> {
    let chosen = cloud.in_use(entries);
    entries.iter().map(move |entry| {
        let in_use = chosen.contains(&entry);
        let ranked = entries.len() > 1 || entry.priority != cloud.provider().entry_priority();
        let mut notes = Vec::new();
        notes.extend(entry.priority.filter(|_| ranked).map(|priority| msg!(Said::Priority { priority })));
        if in_use && chosen.len() > 1 {
            notes.push(msg!(Said::OneThatShares { chosen: chosen.len() }));
        } else if !in_use && cloud.takes(&entry.next_hop) {
            notes.push(Said::Standby.into());
        }
        let nowhere = cloud.route_state(vpc, &entry.next_hop).filter(|_| cloud.leads_nowhere(vpc, &entry.next_hop));
        notes.extend(nowhere.map(|state| msg!(Said::RouteState { state })));
        EntryState {
            to: entry.destination.to_string(),
            via: entry.next_hop.to_string(),
            priority: entry.priority,
            in_use,
            state: cloud.route_state(vpc, &entry.next_hop),
            dead: dead(cloud, vpc, entry),
            notes,
        }
    })
}

/// Why an entry leads nowhere, if it does.
fn dead(cloud: &Cloud, vpc: &VpcName, entry: &RouteEntry) -> Option<Message> {
    match &entry.next_hop {
        NextHop::Internet | NextHop::Gateway(_) => None,
        NextHop::NatGateway(name) => {
            let nat = cloud.nat_gateway(name)?;
            (!cloud.nat_leads_out(nat)).then(|| msg!(Said::HasNoWayOut { name }))
        }
        NextHop::Gone(gone) => Some(msg!(Said::NoMore { gone: &gone.name })),
        NextHop::Instance(name) => match cloud.instance(name)? {
            hop if hop.passes_on() => None,
            hop if hop.runs() => Some(msg!(Said::ForwardsNothing { name })),
            _ => Some(msg!(Said::IsStopped { name })),
        },
        NextHop::Peering(name) => match cloud.end_in(vpc, name)? {
            end if end.carries => None,
            end => {
                let far = end.far.as_ref().and_then(|far| cloud.end_in(&far.vpc, &far.name));
                let at_fault = far.filter(|far| far.status != end.status && end.state == cloud::EndState::Up);
                let (name, status) = at_fault.map_or((end.name, end.status), |far| (far.name, far.status));
                Some(msg!(Said::IsInState { name, state: status }))
            }
        },
    }
}

fn security_groups(cloud: &Cloud) -> Vec<GroupState> {
    let model = cloud.provider().groups();
    let rule = |group: &SecurityGroup, rule: &Rule| RuleState {
        direction: match rule.direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        },
        policy: rule.policy.to_string(),
        protocol: rule.protocol.to_string(),
        port: rule.ports.map(|ports| ports.to_string()),
        peer: match &rule.peer {
            RulePeer::Cidr(cidr) => cidr.to_string(),
            RulePeer::Group { group, .. } => group.to_string(),
        },
        peer_account: match &rule.peer {
            RulePeer::Cidr(_) => None,
            RulePeer::Group { account, .. } => Some(account.to_string()),
        },
        priority: rule.priority,
        stale: cloud.stale(group, rule).map(|stale| match stale {
            Stale::GroupGone => Said::GroupNoMore.into(),
            Stale::NoActivePeering => stale.into(),
        }),
        text: Message::from(rule),
    };
    let state = |group: &SecurityGroup| GroupState {
        name: group.name.to_string(),
        id: group.id.to_string(),
        account: group.account.to_string(),
        vpc: group.vpc.to_string(),
        inner_access: group.inner_access.to_string(),
        inner_access_text: (group.inner_access != model.inner_access).then_some(match group.inner_access {
            Policy::Accept => Said::InnerAccess.into(),
            Policy::Drop => Said::NoInnerAccess.into(),
        }),
        members: cloud.members(group).map(|instance| instance.name.to_string()).collect(),
        rules: group.rules.iter().map(|entry| rule(group, entry)).collect(),
    };
    let used = |group: &GroupState| !group.name.ends_with("/default") || !group.members.is_empty();
    cloud.security_groups().map(state).filter(used).collect()
}

fn network_acls(cloud: &Cloud) -> Vec<AclState> {
    let entry = |entry: &AclEntry| AclEntryState {
        direction: entry.direction.to_string(),
        number: entry.number,
        policy: entry.policy.to_string(),
        protocol: entry.protocol.to_string(),
        port: entry.ports.map(|ports| ports.to_string()),
        cidr: entry.cidr.to_string(),
        text: Message::from(entry),
    };
    let state = |acl: &NetworkAcl| AclState {
        name: acl.name.to_string(),
        id: acl.id.to_string(),
        account: acl.account.to_string(),
        vpc: acl.vpc.to_string(),
        subnets: cloud.subnets_behind(acl).map(|subnet| subnet.name.to_string()).collect(),
        entries: acl.entries.iter().map(entry).collect(),
    };
    cloud.network_acls().map(state).collect()
}

fn nat_gateways(lab: &str, cloud: &Cloud) -> Vec<NatState> {
    let dnat = |entry: &DnatEntry| DnatState {
        protocol: entry.protocol.to_string(),
        port: entry.port,
        to: entry.to.to_string(),
        to_port: entry.to_port,
    };
    let state = |nat: &NatGateway| NatState {
        name: nat.name.to_string(),
        id: nat.id.to_string(),
        account: nat.account.to_string(),
        namespace: format!("{lab}.{}", compile::of_nat_gateway(cloud, &nat.name)),
        subnet: nat.host.subnet.to_string(),
        ip: nat.host.ip.to_string(),
        public_ip: nat.public_ip().map(|ip| ip.to_string()),
        leads_out: cloud.nat_leads_out(nat),
        snat: nat.snat.iter().map(|entry| entry.cidr.to_string()).collect(),
        dnat: nat.dnat.iter().map(dnat).collect(),
    };
    cloud.nat_gateways().map(state).collect()
}

fn gateways(cloud: &Cloud) -> Vec<GatewayState> {
    let state = |gateway: &Gateway| GatewayState {
        name: gateway.name.to_string(),
        id: gateway.id.to_string(),
        account: gateway.account.to_string(),
        vpc: gateway.vpc.to_string(),
    };
    cloud.gateways().map(state).collect()
}

fn instances(lab: &str, cloud: &Cloud) -> Vec<InstanceState> {
    let state = |instance: &Instance| InstanceState {
        name: instance.name.to_string(),
        id: instance.id.to_string(),
        namespace: format!("{lab}.{}", compile::of_instance(cloud, &instance.name)),
        account: instance.account.to_string(),
        subnet: instance.subnet.to_string(),
        ip: instance.ip.to_string(),
        public_ip: instance.public_ip.map(|ip| ip.to_string()),
        security_groups: cloud.groups_of(instance).iter().map(|group| group.name.to_string()).collect(),
        state: (!instance.runs()).then_some("stopped"),
        forwards: instance.forwards,
        masquerade: instance.masquerade,
        host: target::of(lab).host_of(lab, &instance.name),
    };
    cloud.instances().map(state).collect()
}
