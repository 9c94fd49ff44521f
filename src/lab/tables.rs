//! What the tables of a lab file do, in the order of the format (docs/lab-format.md §1).

use std::sync::Arc;

use super::broken::Broken;
use super::file::*;
use super::reader::{Faults, Text};
use super::resolve::Owners;
use crate::cloud::*;
use crate::error::Span;

/// Collects the operations of the tables.
struct Operations(Vec<Operation>);

impl Operations {
    fn push(&mut self, caller: AccountName, call: Call, span: &Span, arguments: Vec<(&'static str, Option<&Text>)>) {
        let given = arguments.into_iter().filter_map(|(name, text)| text.map(|text| (name, text.span.clone())));
        let arguments: Arc<[_]> = given.collect();
        self.0.push(Operation { caller, call, origin: Origin::File { span: span.clone(), arguments } });
    }
}

fn given(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.value.clone())
}

/// The operations of all tables. What faults keep from being made goes to `broken`, by name.
pub(super) fn operations(
    file: &File,
    provider: &Provider,
    owners: &Owners,
    broken: &mut Broken,
    faults: &mut Faults,
) -> Vec<Operation> {
    let mut operations = Operations(Vec::new());
    for vpc in &file.vpcs {
        create_vpc(vpc, owners, &mut operations);
    }
    for vpc in &file.vpcs {
        for subnet in &vpc.subnets {
            create_subnet(vpc, subnet, owners, &mut operations);
        }
    }
    for table in &file.route_tables {
        let call =
            CreateRouteTable { name: table.name.value.clone(), vpc: table.vpc.value.clone(), id: given(&table.id) };
        let arguments = vec![("name", Some(&table.name)), ("vpc", Some(&table.vpc)), ("id", table.id.as_ref())];
        operations.push(owners.of_vpc(&table.vpc.value), Call::CreateRouteTable(call), &table.span, arguments);
    }
    for group in &file.security_groups {
        create_security_group(group, owners, &mut operations);
    }
    // "The lowest free address" must not be one that a later table asks for.
    let (fixed, free): (Vec<_>, Vec<_>) = file.instances.iter().partition(|instance| instance.ip.is_some());
    for instance in fixed.into_iter().chain(free) {
        create_instance(instance, owners, &mut operations);
    }
    for group in &file.security_groups {
        for rule in &group.rules {
            let by_group = rule.account.is_some() || is_group(file, &rule.peer.value);
            authorize(group, rule, by_group, owners, &mut operations);
        }
    }
    for interface in &file.router_interfaces {
        create_router_interface(interface, owners, &mut operations);
    }
    for peering in &file.peerings {
        if create_peering(peering, provider, owners, &mut operations, faults).is_none() {
            for end in ["", ".initiator", ".acceptor"] {
                broken.insert(ResourceKind::Compound, format!("{}{end}", peering.name.value));
            }
        }
    }
    for interface in &file.router_interfaces {
        if modify_opposite(file, interface, owners, &mut operations, faults).is_none() {
            broken.insert(ResourceKind::RouterInterface, interface.name.value.clone());
        }
    }
    for interface in &file.router_interfaces {
        if let Some(connect) = interface.connect.as_ref().filter(|connect| connect.value) {
            let call = ConnectRouterInterface { name: interface.name.value.clone() };
            let at = &connect.span;
            let caller = owners.of_vpc(&interface.vpc.value);
            operations.push(caller, Call::ConnectRouterInterface(call), at, Vec::new());
        }
    }
    for vpc in &file.vpcs {
        for entry in &vpc.routes {
            let vpc = ("vpc", &vpc.name);
            create_route_entry(vpc, entry, owners.of_vpc(&vpc.1.value), &mut operations);
        }
    }
    for table in &file.route_tables {
        for entry in &table.routes {
            create_route_entry(("table", &table.name), entry, owners.of_vpc(&table.vpc.value), &mut operations);
        }
    }
    for table in &file.route_tables {
        for subnet in &table.subnets {
            let written = ResourceKind::Subnet.strip(&subnet.value).unwrap_or(&subnet.value);
            let path = if written.contains('/') || owners.subnets.contains_key(written) {
                written.to_owned()
            } else {
                format!("{}/{written}", vpc_name(file, &table.vpc.value))
            };
            let call = AssociateRouteTable { table: table.name.value.clone(), subnet: path };
            let arguments = vec![("table", Some(&table.name)), ("subnet", Some(subnet))];
            let caller = owners.of_vpc(&table.vpc.value);
            operations.push(caller, Call::AssociateRouteTable(call), &subnet.span, arguments);
        }
    }
    operations.0
}

/// The name of a VPC that is referred to by its name or id.
fn vpc_name<'a>(file: &'a File, reference: &'a str) -> &'a str {
    let reference = ResourceKind::Vpc.strip(reference).unwrap_or(reference);
    let by_id = |vpc: &&VpcTable| vpc.id.as_ref().is_some_and(|id| id.value == reference);
    file.vpcs.iter().find(by_id).map_or(reference, |vpc| &vpc.name.value)
}

fn create_vpc(table: &VpcTable, owners: &Owners, operations: &mut Operations) {
    let call = CreateVpc {
        name: table.name.value.clone(),
        region: table.region.value.clone(),
        cidr: table.cidr.value.clone(),
        id: given(&table.id),
        router_id: given(&table.router_id),
    };
    let arguments = vec![
        ("name", Some(&table.name)),
        ("region", Some(&table.region)),
        ("cidr", Some(&table.cidr)),
        ("id", table.id.as_ref()),
        ("router-id", table.router_id.as_ref()),
    ];
    operations.push(owners.of_vpc(&table.name.value), Call::CreateVpc(call), &table.span, arguments);
}

fn create_subnet(vpc: &VpcTable, table: &SubnetTable, owners: &Owners, operations: &mut Operations) {
    let call = CreateSubnet {
        name: table.name.value.clone(),
        vpc: vpc.name.value.clone(),
        cidr: table.cidr.value.clone(),
        id: given(&table.id),
    };
    let arguments = vec![
        ("name", Some(&table.name)),
        ("vpc", Some(&vpc.name)),
        ("cidr", Some(&table.cidr)),
        ("id", table.id.as_ref()),
    ];
    operations.push(owners.of_vpc(&vpc.name.value), Call::CreateSubnet(call), &table.span, arguments);
}

fn create_security_group(table: &SecurityGroupTable, owners: &Owners, operations: &mut Operations) {
    let call = CreateSecurityGroup {
        name: table.name.value.clone(),
        vpc: table.vpc.value.clone(),
        inner_access: given(&table.inner_access),
        id: given(&table.id),
    };
    let arguments = vec![
        ("name", Some(&table.name)),
        ("vpc", Some(&table.vpc)),
        ("inner-access", table.inner_access.as_ref()),
        ("id", table.id.as_ref()),
    ];
    operations.push(owners.of_vpc(&table.vpc.value), Call::CreateSecurityGroup(call), &table.span, arguments);
}

fn create_instance(table: &InstanceTable, owners: &Owners, operations: &mut Operations) {
    let call = CreateInstance {
        name: table.name.value.clone(),
        subnet: table.subnet.value.clone(),
        ip: given(&table.ip),
        public_ip: given(&table.public_ip),
        security_group: table.security_groups.iter().map(|group| group.value.clone()).collect(),
        id: given(&table.id),
    };
    let mut arguments = vec![
        ("name", Some(&table.name)),
        ("subnet", Some(&table.subnet)),
        ("ip", table.ip.as_ref()),
        ("public-ip", table.public_ip.as_ref()),
        ("id", table.id.as_ref()),
    ];
    arguments.extend(table.security_groups.iter().map(|group| ("security-group", Some(group))));
    operations.push(owners.of_subnet(&table.subnet.value), Call::CreateInstance(call), &table.span, arguments);
}

/// Whether what stands behind `from` or `to` is a group's name or id: a group has it, or no address begins so.
fn is_group(file: &File, text: &str) -> bool {
    let named = |group: &SecurityGroupTable| {
        ResourceKind::SecurityGroup.strip(text) == Some(&*group.name.value)
            || group.id.as_ref().is_some_and(|id| id.value == text)
    };
    text.starts_with(char::is_alphabetic) || file.security_groups.iter().any(named)
}

fn authorize(
    group: &SecurityGroupTable,
    table: &RuleTable,
    by_group: bool,
    owners: &Owners,
    operations: &mut Operations,
) {
    let peer = Some(table.peer.value.clone());
    let (cidr, by, peer_argument) = if by_group { (None, peer, "group") } else { (peer, None, "cidr") };
    let rule = RuleArguments {
        protocol: given(&table.protocol).unwrap_or_else(|| "all".to_owned()),
        port: given(&table.port),
        cidr,
        group: by,
        group_account: given(&table.account),
        policy: given(&table.policy),
        priority: given(&table.priority),
    };
    let arguments = vec![
        ("security_group", Some(&group.name)),
        (peer_argument, Some(&table.peer)),
        ("group-account", table.account.as_ref()),
        ("protocol", table.protocol.as_ref()),
        ("port", table.port.as_ref()),
        ("policy", table.policy.as_ref()),
        ("priority", table.priority.as_ref()),
    ];
    let security_group = group.name.value.clone();
    let call = if table.ingress {
        Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule })
    } else {
        Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule })
    };
    operations.push(owners.of_vpc(&group.vpc.value), call, &table.span, arguments);
}

fn create_router_interface(table: &RouterInterfaceTable, owners: &Owners, operations: &mut Operations) {
    let call = CreateRouterInterface {
        name: table.name.value.clone(),
        vpc: table.vpc.value.clone(),
        role: table.role.value.clone(),
        spec: given(&table.spec),
        opposite_region: table.opposite_region.value.clone(),
        latency: given(&table.latency),
        id: given(&table.id),
    };
    let arguments = vec![
        ("name", Some(&table.name)),
        ("vpc", Some(&table.vpc)),
        ("role", Some(&table.role)),
        ("spec", table.spec.as_ref()),
        ("opposite-region", Some(&table.opposite_region)),
        ("latency", table.latency.as_ref()),
        ("id", table.id.as_ref()),
    ];
    operations.push(owners.of_vpc(&table.vpc.value), Call::CreateRouterInterface(call), &table.span, arguments);
}

/// The VPC of a router interface that is referred to by its name or id, as written: of a table, or of a step that creates
/// it.
fn vpc_of_interface(file: &File, reference: &str) -> Option<String> {
    let is_meant = |name: &str, id: Option<&str>| name == reference || id == Some(reference);
    let id = |id: &'_ Option<Text>| id.as_ref().map(|id| id.value.clone());
    let mut tables = file.router_interfaces.iter();
    if let Some(table) = tables.find(|table| is_meant(&table.name.value, id(&table.id).as_deref())) {
        return Some(table.vpc.value.clone());
    }
    let lines = file.steps.iter().flat_map(|step| &step.run);
    lines.filter_map(|line| super::line::parse(&line.value).ok()).find_map(|line| match line.call {
        Call::CreateRouterInterface(call) if is_meant(&call.name, call.id.as_deref()) => Some(call.vpc),
        _ => None,
    })
}

/// The opposite as it is called: what the table leaves out is looked up in the file, as a console does. `None` where
/// something is missing, which is reported.
fn modify_opposite(
    file: &File,
    table: &RouterInterfaceTable,
    owners: &Owners,
    operations: &mut Operations,
    faults: &mut Faults,
) -> Option<()> {
    let Some(opposite) = &table.opposite else { return Some(()) };
    let vpc = vpc_of_interface(file, &opposite.interface.value);
    let account = match (&opposite.account, &vpc) {
        (Some(account), _) => account.value.clone(),
        (None, Some(vpc)) => owners.of_vpc(vpc).to_string(),
        (None, None) => {
            owners.account(None, "opposite does not say whose the interface is", &opposite.span, faults)?.to_string()
        }
    };
    let call = ModifyRouterInterfaceAttribute {
        name: table.name.value.clone(),
        opposite_account: Some(account),
        opposite_interface: Some(opposite.interface.value.clone()),
        opposite_router: given(&opposite.router).or(vpc),
    };
    // Not the name: what is wrong with the interface as a whole shows at this line, not at its header.
    let arguments = vec![
        ("opposite-account", opposite.account.as_ref()),
        ("opposite-interface", Some(&opposite.interface)),
        ("opposite-router", opposite.router.as_ref()),
    ];
    let caller = owners.of_vpc(&table.vpc.value);
    operations.push(caller, Call::ModifyRouterInterfaceAttribute(call), &opposite.span, arguments);
    Some(())
}

/// `None` where something is missing, which is reported.
fn create_peering(
    table: &PeeringTable,
    provider: &Provider,
    owners: &Owners,
    operations: &mut Operations,
    faults: &mut Faults,
) -> Option<()> {
    let caller = owners.of_vpc(&table.local.value);
    let mut arguments = vec![("name", Some(&table.name)), ("vpc", Some(&table.local))];
    arguments.push(("latency", table.latency.as_ref()));
    let name = table.name.value.clone();
    let (vpc, latency) = (table.local.value.clone(), given(&table.latency));
    let wrong = |key: &str, text: &Text, faults: &mut Faults| {
        let message = format!("a peering of {} has no {key}", provider.name);
        faults.add("UnknownKey", &text.span, message, format!("leave {key} out"));
    };
    let call = if provider.peering == PeeringKind::RouterInterfaces {
        if let Some(id) = &table.id {
            wrong("id", id, faults);
        }
        let Some(spec) = &table.spec else {
            let message = format!("[peering.{}] has no spec", table.name.value);
            faults.add(
                "MissingKey",
                &table.span,
                message,
                "add spec = \"Mini.2\", the bandwidth class of both directions",
            );
            return None;
        };
        arguments.extend([("peer-vpc", Some(&table.peer)), ("spec", Some(spec))]);
        let (peer_vpc, spec) = (table.peer.value.clone(), spec.value.clone());
        Call::CreatePeering(CreatePeering { name, vpc, peer_vpc, spec, latency })
    } else {
        if let Some(spec) = &table.spec {
            wrong("spec", spec, faults);
        }
        arguments.extend([("peer-vpc-id", Some(&table.peer)), ("id", table.id.as_ref())]);
        let (peer_vpc_id, id) = (table.peer.value.clone(), given(&table.id));
        Call::CreateVpcPeering(CreateVpcPeering { name, vpc, peer_vpc_id, latency, id })
    };
    operations.push(caller, call, &table.span, arguments);
    Some(())
}

fn create_route_entry(
    (kind, of): (&'static str, &Text),
    entry: &RouteEntryTable,
    caller: AccountName,
    operations: &mut Operations,
) {
    let name = Some(of.value.clone());
    let (table, vpc) = if kind == "table" { (name, None) } else { (None, name) };
    let call = CreateRouteEntry {
        table,
        vpc,
        destination: entry.to.value.clone(),
        next_hop: entry.via.iter().map(|via| via.value.clone()).collect(),
        priority: given(&entry.priority),
    };
    let mut arguments = vec![(kind, Some(of)), ("destination", Some(&entry.to)), ("priority", entry.priority.as_ref())];
    arguments.extend(entry.via.iter().map(|via| ("next-hop", Some(via))));
    operations.push(caller, Call::CreateRouteEntry(call), &entry.span, arguments);
}
