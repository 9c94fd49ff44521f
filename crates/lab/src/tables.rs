//! Converts the tables of a lab file to operations, in the order of the format (docs/lab-format.md §1).

use super::broken::Broken;
use super::file::*;
use super::owners::Owners;
use super::reader::messages::Said;
use super::reader::{Faults, Text};
use crate::cloud::table::{FamilyTable, Made, Phase, Varies, Written};
use crate::cloud::*;
use crate::error::Span;
use crate::message::Message;
use crate::msg;

/// Collects the operations of the tables.
struct Operations(Vec<Operation>);

impl Operations {
    fn push(&mut self, caller: AccountName, call: Call, span: &Span, arguments: Vec<(&'static str, Option<&Text>)>) {
        let value = |(argument, written): (&'static str, Option<&Text>)| {
            let Text { value, span } = written?.clone();
            Some(WrittenValue { argument, text: value, span })
        };
        let values = arguments.into_iter().filter_map(value).collect();
        self.0.push(Operation { caller, call, origin: Origin::File { span: span.clone(), values } });
    }
}

fn given(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.value.clone())
}

/// The operations of all tables. Adds the names of resources that faults prevent to `broken`.
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
        for cidr in &vpc.secondary_cidrs {
            let call = AddCidr { vpc: vpc.name.value.clone(), cidr: cidr.value.clone() };
            let arguments = vec![("vpc", Some(&vpc.name)), ("cidr", Some(cidr))];
            operations.push(owners.of_vpc(&vpc.name.value), Call::AddCidr(call), &cidr.span, arguments);
        }
    }
    for vpc in &file.vpcs {
        for subnet in &vpc.subnets {
            create_subnet(vpc, subnet, owners, &mut operations);
        }
    }
    for gateway in &file.gateways {
        let call =
            CreateGateway { name: gateway.name.value.clone(), vpc: gateway.vpc.value.clone(), id: given(&gateway.id) };
        let arguments = vec![("name", Some(&gateway.name)), ("vpc", Some(&gateway.vpc)), ("id", gateway.id.as_ref())];
        operations.push(owners.of_vpc(&gateway.vpc.value), Call::CreateGateway(call), &gateway.span, arguments);
    }
    // "The lowest free public address" must not be one that a later table requests.
    let (named, others): (Vec<_>, Vec<_>) = file.nat_gateways.iter().partition(|nat| nat.public_ip.is_some());
    for nat in named {
        create_nat_gateway(nat, owners, &mut operations);
    }
    for acl in &file.network_acls {
        create_network_acl(acl, file, owners, &mut operations);
    }
    for table in &file.route_tables {
        let call =
            CreateRouteTable { name: table.name.value.clone(), vpc: table.vpc.value.clone(), id: given(&table.id) };
        let arguments = vec![("name", Some(&table.name)), ("vpc", Some(&table.vpc)), ("id", table.id.as_ref())];
        operations.push(owners.of_vpc(&table.vpc.value), Call::CreateRouteTable(call), &table.span, arguments);
    }
    for group in &file.security_groups {
        create_security_group(group, provider, owners, &mut operations);
    }
    // "The lowest free address" must not be one that a later table requests.
    let (fixed, free): (Vec<_>, Vec<_>) = file.instances.iter().partition(|instance| instance.ip.is_some());
    for instance in fixed.into_iter().chain(free) {
        create_instance(instance, owners, &mut operations);
    }
    for nat in others {
        create_nat_gateway(nat, owners, &mut operations);
    }
    for instance in
        file.instances.iter().filter(|instance| instance.public_ip.is_none() && is_in_default_vpc(file, instance))
    {
        let call = AssociatePublicIp { instance: instance.name.value.clone(), public_ip: None };
        let arguments = vec![("instance", Some(&instance.name))];
        let owner = owners.of_subnet(&instance.subnet.value);
        operations.push(owner, Call::AssociatePublicIp(call), &instance.span, arguments);
    }
    for nat in &file.nat_gateways {
        create_dnat_entries(nat, owners, &mut operations);
    }
    // A rule by a group of another VPC comes after the peerings.
    let rules = file.security_groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    let rules = rules.map(|(group, rule)| {
        let by_group = rule.account.is_some() || is_group(file, &rule.peer.value);
        (group, rule, by_group)
    });
    let (later, first): (Vec<_>, Vec<_>) =
        rules.partition(|(group, rule, by_group)| *by_group && !is_of_vpc(file, &rule.peer.value, &group.vpc.value));
    for (group, rule, by_group) in first {
        authorize(group, rule, by_group, owners, &mut operations);
    }
    for phase in Phase::ALL {
        for family in FamilyTable::ALL {
            for table in file.families.iter().filter(|table| std::ptr::eq(table.family, family)) {
                if call_of_family(table, phase, (file, provider, owners), &mut operations, faults).is_none() {
                    let names = family.ends.iter().map(|end| format!("{}{end}", table.name.value));
                    names.for_each(|name| broken.insert(family.kind, name));
                }
            }
        }
    }
    for (group, rule, by_group) in later {
        authorize(group, rule, by_group, owners, &mut operations);
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
            let path = path_of_subnet(file, owners, &table.vpc, subnet);
            let call = AssociateRouteTable { table: table.name.value.clone(), subnet: path };
            let arguments = vec![("table", Some(&table.name)), ("subnet", Some(subnet))];
            let caller = owners.of_vpc(&table.vpc.value);
            operations.push(caller, Call::AssociateRouteTable(call), &subnet.span, arguments);
        }
    }
    operations.0
}

/// A NAT gateway with its SNAT entries.
fn create_nat_gateway(table: &NatGatewayTable, owners: &Owners, operations: &mut Operations) {
    let owner = owners.of_subnet(&table.subnet.value);
    let call = CreateNatGateway {
        name: table.name.value.clone(),
        subnet: table.subnet.value.clone(),
        public_ip: given(&table.public_ip),
        id: given(&table.id),
    };
    let arguments = vec![
        ("name", Some(&table.name)),
        ("subnet", Some(&table.subnet)),
        ("public-ip", table.public_ip.as_ref()),
        ("id", table.id.as_ref()),
    ];
    operations.push(owner.clone(), Call::CreateNatGateway(call), &table.span, arguments);
    for cidr in &table.snat {
        let call = CreateSnatEntry { nat_gateway: table.name.value.clone(), cidr: cidr.value.clone() };
        let arguments = vec![("nat_gateway", Some(&table.name)), ("cidr", Some(cidr))];
        operations.push(owner.clone(), Call::CreateSnatEntry(call), &cidr.span, arguments);
    }
}

fn create_dnat_entries(table: &NatGatewayTable, owners: &Owners, operations: &mut Operations) {
    for entry in &table.dnat {
        let call = CreateDnatEntry {
            nat_gateway: table.name.value.clone(),
            protocol: entry.protocol.value.clone(),
            port: entry.port.value.clone(),
            to: entry.to.value.clone(),
            to_port: given(&entry.to_port),
        };
        let arguments = vec![
            ("nat_gateway", Some(&table.name)),
            ("protocol", Some(&entry.protocol)),
            ("port", Some(&entry.port)),
            ("to", Some(&entry.to)),
            ("to-port", entry.to_port.as_ref()),
        ];
        let owner = owners.of_subnet(&table.subnet.value);
        operations.push(owner, Call::CreateDnatEntry(call), &entry.span, arguments);
    }
}

/// A network ACL with its entries and associations. It holds exactly the entries of its table.
fn create_network_acl(table: &NetworkAclTable, file: &File, owners: &Owners, operations: &mut Operations) {
    let owner = owners.of_vpc(&table.vpc.value);
    let acl = table.name.value.clone();
    let call = CreateNetworkAcl {
        name: acl.clone(),
        vpc: table.vpc.value.clone(),
        default: Some(Policy::Drop.to_string()),
        id: given(&table.id),
    };
    let arguments = vec![("name", Some(&table.name)), ("vpc", Some(&table.vpc)), ("id", table.id.as_ref())];
    operations.push(owner.clone(), Call::CreateNetworkAcl(call), &table.span, arguments);
    for entry in &table.rules {
        let direction = if entry.ingress { Direction::Ingress } else { Direction::Egress };
        let call = CreateNetworkAclEntry {
            acl: acl.clone(),
            number: entry.number.value.clone(),
            direction: direction.to_string(),
            protocol: given(&entry.protocol).unwrap_or_else(|| RuleProtocol::All.to_string()),
            port: given(&entry.port),
            cidr: entry.peer.value.clone(),
            policy: given(&entry.policy),
        };
        let arguments = vec![
            ("acl", Some(&table.name)),
            ("number", Some(&entry.number)),
            ("protocol", entry.protocol.as_ref()),
            ("port", entry.port.as_ref()),
            ("cidr", Some(&entry.peer)),
            ("policy", entry.policy.as_ref()),
        ];
        operations.push(owner.clone(), Call::CreateNetworkAclEntry(call), &entry.span, arguments);
    }
    for subnet in &table.subnets {
        let path = path_of_subnet(file, owners, &table.vpc, subnet);
        let call = AssociateNetworkAcl { acl: acl.clone(), subnet: path };
        let arguments = vec![("acl", Some(&table.name)), ("subnet", Some(subnet))];
        operations.push(owner.clone(), Call::AssociateNetworkAcl(call), &subnet.span, arguments);
    }
}

/// A subnet as an operation names it, from the name in its VPC, its whole name or its id.
fn path_of_subnet(file: &File, owners: &Owners, vpc: &Text, subnet: &Text) -> String {
    let written = ResourceKind::Subnet.strip(&subnet.value).unwrap_or(&subnet.value);
    if written.contains('/') || owners.subnets.contains_key(written) {
        written.to_owned()
    } else {
        format!("{}/{written}", vpc_name(file, &vpc.value))
    }
}

/// The name of a VPC, from its name or id.
fn vpc_name<'a>(file: &'a File, reference: &'a str) -> &'a str {
    let reference = ResourceKind::Vpc.strip(reference).unwrap_or(reference);
    let by_id = |vpc: &&VpcTable| vpc.id.as_ref().is_some_and(|id| id.value == reference);
    file.vpcs.iter().find(by_id).map_or(reference, |vpc| &vpc.name.value)
}

/// Whether an instance is in a default VPC, which gives it a public address.
fn is_in_default_vpc(file: &File, instance: &InstanceTable) -> bool {
    let vpc = instance.subnet.value.split('/').next();
    let mut defaults = file.accounts.iter().filter(|account| account.default_vpc.is_some());
    defaults.any(|account| vpc == Some(&*default_vpc_of(&account.name.value)))
}

fn create_vpc(table: &VpcTable, owners: &Owners, operations: &mut Operations) {
    let call = CreateVpc {
        name: table.name.value.clone(),
        region: table.region.value.clone(),
        cidr: table.cidr.value.clone(),
        id: given(&table.id),
        router_id: given(&table.router_id),
        mtu: given(&table.mtu),
    };
    let arguments = vec![
        ("name", Some(&table.name)),
        ("region", Some(&table.region)),
        ("cidr", Some(&table.cidr)),
        ("id", table.id.as_ref()),
        ("router-id", table.router_id.as_ref()),
        ("mtu", table.mtu.as_ref()),
    ];
    operations.push(owners.of_vpc(&table.name.value), Call::CreateVpc(call), &table.span, arguments);
}

fn create_subnet(vpc: &VpcTable, table: &SubnetTable, owners: &Owners, operations: &mut Operations) {
    let call = CreateSubnet {
        name: table.name.value.clone(),
        vpc: vpc.name.value.clone(),
        cidr: table.cidr.value.clone(),
        zone: given(&table.zone),
        id: given(&table.id),
    };
    let arguments = vec![
        ("name", Some(&table.name)),
        ("vpc", Some(&vpc.name)),
        ("cidr", Some(&table.cidr)),
        ("zone", table.zone.as_ref()),
        ("id", table.id.as_ref()),
    ];
    operations.push(owners.of_vpc(&vpc.name.value), Call::CreateSubnet(call), &table.span, arguments);
}

fn create_security_group(
    table: &SecurityGroupTable,
    provider: &Provider,
    owners: &Owners,
    operations: &mut Operations,
) {
    // A group with egress rules has exactly those.
    let lists_egress = provider.groups().new_lets_out && table.rules.iter().any(|rule| !rule.ingress);
    let call = CreateSecurityGroup {
        name: table.name.value.clone(),
        vpc: table.vpc.value.clone(),
        inner_access: given(&table.inner_access),
        egress: lists_egress.then(|| Policy::Drop.to_string()),
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
        forwards: is_set(&table.forwards),
        masquerade: is_set(&table.masquerade),
        id: given(&table.id),
    };
    let spans = [("forwards", &table.forwards), ("masquerade", &table.masquerade)];
    let flags: Vec<_> = spans.into_iter().filter_map(|(name, flag)| Some((name, text_of(flag.as_ref()?)))).collect();
    let mut arguments = vec![
        ("name", Some(&table.name)),
        ("subnet", Some(&table.subnet)),
        ("ip", table.ip.as_ref()),
        ("public-ip", table.public_ip.as_ref()),
        ("id", table.id.as_ref()),
    ];
    arguments.extend(table.security_groups.iter().map(|group| ("security-group", Some(group))));
    arguments.extend(flags.iter().map(|(name, text)| (*name, Some(text))));
    let owner = owners.of_subnet(&table.subnet.value);
    operations.push(owner.clone(), Call::CreateInstance(call), &table.span, arguments);
    if let Some(state) = table.state.as_ref().filter(|state| state.value.eq_ignore_ascii_case("stopped")) {
        let call = StopInstance { name: table.name.value.clone() };
        operations.push(owner, Call::StopInstance(call), &state.span, vec![("name", Some(&table.name))]);
    }
}

/// A flag as an argument; one that is not set is left out.
fn is_set(flag: &Option<super::reader::Written<bool>>) -> Option<String> {
    flag.as_ref().filter(|flag| flag.value).map(|_| true.to_string())
}

fn text_of(flag: &super::reader::Written<bool>) -> Text {
    Text { value: flag.value.to_string(), span: flag.span.clone() }
}

/// Whether the value of `from` or `to` is a group's name or id: a group has it, or it cannot be an address.
fn is_group(file: &File, text: &str) -> bool {
    let named = |group: &SecurityGroupTable| {
        ResourceKind::SecurityGroup.strip(text) == Some(&*group.name.value)
            || group.id.as_ref().is_some_and(|id| id.value == text)
    };
    text.starts_with(char::is_alphabetic) || file.security_groups.iter().any(named)
}

/// Whether a group that the file creates is in a VPC.
fn is_of_vpc(file: &File, group: &str, vpc: &str) -> bool {
    let is_meant = |table: &&SecurityGroupTable| {
        ResourceKind::SecurityGroup.strip(group) == Some(&*table.name.value)
            || table.id.as_ref().is_some_and(|id| id.value == group)
    };
    let default = ResourceKind::SecurityGroup.strip(group).and_then(|name| name.strip_suffix("/default"));
    let found = file.security_groups.iter().find(is_meant).map(|table| &*table.vpc.value).or(default);
    found.is_some_and(|of| vpc_name(file, of) == vpc_name(file, vpc))
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

/// The calls of a family's table in a phase. Reports what is missing, and returns `None`.
fn call_of_family(
    table: &FamilyTableTable,
    phase: Phase,
    (file, provider, owners): (&File, &Provider, &Owners),
    operations: &mut Operations,
    faults: &mut Faults,
) -> Option<()> {
    let family = table.family;
    if phase == Phase::Create {
        check_keys(table, provider, faults)?;
    }
    let mut page = Page { table, file, owners, faults };
    let calls = (family.calls)(provider, phase, &mut page)?;
    let caller = owners.of_vpc(table.text(family.vpc).map_or("", |vpc| &vpc.value));
    for Made { call, caller: own, at, arguments } in calls {
        let caller = own.map_or_else(|| caller.clone(), AccountName::trusted);
        let at = at.and_then(|key| table.span_of(key)).unwrap_or(&table.span);
        let arguments = arguments.iter().map(|(argument, key)| (*argument, table.text(key))).collect();
        operations.push(caller, call, at, arguments);
    }
    Some(())
}

/// The keys that a provider does not know of a family's table, and those that it needs.
fn check_keys(table: &FamilyTableTable, provider: &Provider, faults: &mut Faults) -> Option<()> {
    let Varies { required, unknown } = (table.family.varies)(provider);
    for (key, text) in unknown.iter().filter_map(|key| Some((key, table.text(key)?))) {
        let message = msg!(Said::UnknownOfPeering { provider: &provider.name, key });
        faults.add("UnknownKey", &text.span, message, msg!(Said::LeaveKeyOut { key }));
    }
    let missing = required.iter().find(|key| table.text(key).is_none());
    let Some(key) = missing else { return Some(()) };
    let example = table.family.example(key);
    let message = msg!(Said::NoKey { table: Message::text(table.header()), key });
    faults.add("MissingKey", &table.span, message, msg!(Said::AddKey { key, example }));
    None
}

impl FamilyTableTable {
    fn header(&self) -> String {
        format!("[{}.{}]", self.family.table.name, self.name.value)
    }

    fn value(&self, key: &str) -> Option<&FamilyValue> {
        match key.split_once('.') {
            None => self.values.get(key),
            Some((outer, inner)) => match self.values.get(outer)? {
                FamilyValue::Table(_, values) => values.get(inner),
                FamilyValue::Text(_) | FamilyValue::Flag(_) => None,
            },
        }
    }

    fn text(&self, key: &str) -> Option<&Text> {
        match self.value(key) {
            Some(FamilyValue::Text(text)) => Some(text),
            _ if key == "name" => Some(&self.name),
            _ => None,
        }
    }

    fn span_of(&self, key: &str) -> Option<&Span> {
        Some(match self.value(key)? {
            FamilyValue::Text(text) => &text.span,
            FamilyValue::Flag(flag) => &flag.span,
            FamilyValue::Table(span, _) => span,
        })
    }
}

/// A family's table in its file.
struct Page<'a> {
    table: &'a FamilyTableTable,
    file: &'a File,
    owners: &'a Owners,
    faults: &'a mut Faults,
}

impl Written for Page<'_> {
    fn name(&self) -> String {
        self.table.name.value.clone()
    }

    fn text(&self, key: &str) -> Option<String> {
        self.table.text(key).map(|text| text.value.clone())
    }

    fn is_set(&self, key: &str) -> bool {
        match self.table.value(key) {
            Some(FamilyValue::Flag(flag)) => flag.value,
            value => value.is_some(),
        }
    }

    fn region_of_vpc(&self, vpc: &str) -> Option<String> {
        let name = vpc_name(self.file, vpc);
        let table = self.file.vpcs.iter().find(|table| table.name.value == name)?;
        Some(table.region.value.to_ascii_lowercase())
    }

    /// From a table, or from a step that creates it.
    fn vpc_of_end(&self, end: &str) -> Option<String> {
        let family = self.table.family;
        let is_meant = |name: &str, id: Option<&str>| name == end || id == Some(end);
        let mut tables = self.file.families.iter().filter(|table| std::ptr::eq(table.family, family));
        let is_table = |table: &&FamilyTableTable| is_meant(&table.name.value, table.text("id").map(|id| &*id.value));
        if let Some(table) = tables.find(is_table) {
            return table.text(family.vpc).map(|vpc| vpc.value.clone());
        }
        let lines = self.file.steps.iter().flat_map(|step| &step.run);
        lines.filter_map(|line| super::line::parse(&line.value).ok()).find_map(|line| {
            let end = (family.creates)(&line.call)?;
            is_meant(end.name, end.id).then(|| end.vpc.to_owned())
        })
    }

    fn owner_of_vpc(&self, vpc: &str) -> String {
        self.owners.of_vpc(vpc).to_string()
    }

    fn only_account(&mut self, key: &str, what: Message) -> Option<String> {
        let at = self.table.span_of(key).unwrap_or(&self.table.span);
        self.owners.account(None, what, at, self.faults).map(|account| account.to_string())
    }
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
