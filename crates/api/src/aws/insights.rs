//! Reachability Analyzer: paths, and analyses that `explain` answers, beside a real packet.

use std::net::Ipv4Addr;

use peerlab_cloud::flow::{Endpoint, Protocol, Reason};
use peerlab_cloud::{Cloud, Direction, Instance, Leads, NextHop, RouteEntry, RouteTable, RuleProtocol};
use peerlab_trace::{Blocker, explain, predict};
use serde_json::{Value, json};

use super::list::{Listing, Wanted};
use super::refused::{invalid, missing};
use super::row::{EC2, change, list};
use super::{interface, region, route_table, tagged};
use crate::action::{Action, Asked, Change, Does, Flow, REGION};
use crate::derived::derived;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    change(
        "CreateNetworkInsightsPath",
        &[],
        "Source* Destination DestinationIp Protocol* DestinationPort FilterAtSource.DestinationAddress \
         FilterAtSource.DestinationPortRange.FromPort TagSpecification.N ClientToken DryRun",
        "networkInsightsPath",
        create_path,
    ),
    list(
        "DescribeNetworkInsightsPaths",
        "NetworkInsightsPathId.N Filter.N MaxResults NextToken DryRun",
        &PATHS,
        "networkInsightsPathSet[]: networkInsightsPathId networkInsightsPathArn createdDate source destination \
         destinationIp protocol destinationPort tagSet[]; nextToken",
        |asked| PATHS.answer(asked),
    ),
    change("DeleteNetworkInsightsPath", &[], "NetworkInsightsPathId* DryRun", "networkInsightsPathId", delete_path),
    Action {
        product: EC2,
        name: "StartNetworkInsightsAnalysis",
        path: None,
        operations: &[],
        parameters: "NetworkInsightsPathId* TagSpecification.N ClientToken DryRun",
        filters: &[],
        reply: "networkInsightsAnalysis",
        does: Does::Send(|asked| flow(asked).map(|(_, _, flow)| flow), start_analysis),
    },
    list(
        "DescribeNetworkInsightsAnalyses",
        "NetworkInsightsAnalysisId.N NetworkInsightsPathId Filter.N MaxResults NextToken DryRun",
        &ANALYSES,
        "networkInsightsAnalysisSet[]: networkInsightsAnalysisId networkInsightsAnalysisArn networkInsightsPathId \
         startDate status statusMessage warningMessage networkPathFound forwardPathComponentSet[]{sequenceNumber \
         component routeTableRoute subnet vpc} explanationSet[]{explanationCode direction component networkInterface \
         securityGroupSet[] acl subnet routeTable routeTableRoute vpc vpcPeeringConnection address} tagSet[]; nextToken",
        |asked| {
            let mut reply = ANALYSES.answer(asked)?;
            if let (Some(path), Value::Array(all)) =
                (asked.parameters().get("NetworkInsightsPathId"), &mut reply[ANALYSES.set])
            {
                all.retain(|it| it["networkInsightsPathId"] == *path);
            }
            Ok(reply)
        },
    ),
    change(
        "DeleteNetworkInsightsAnalysis",
        &[],
        "NetworkInsightsAnalysisId* DryRun",
        "networkInsightsAnalysisId",
        |change| {
            let id = change.parameters().needed("NetworkInsightsAnalysisId");
            ANALYSES.one(&change.asked(), id)?;
            let key = key(&change.asked(), ANALYSIS);
            change.keep_word(&key, id, "");
            Ok(json!({"networkInsightsAnalysisId": id}))
        },
    ),
];

pub(super) const PATHS: Listing = Listing {
    set: "networkInsightsPathSet",
    ids: "NetworkInsightsPathId",
    id: "networkInsightsPathId",
    unknown: "InvalidNetworkInsightsPathId.NotFound",
    filters: &[
        ("source", "source"),
        ("destination", "destination"),
        ("protocol", "protocol"),
        ("filter-at-source.destination-address", "filterAtSource.destinationAddress"),
    ],
    all: |asked, wanted| kept(asked, PATH, wanted),
};

pub(super) const ANALYSES: Listing = Listing {
    set: "networkInsightsAnalysisSet",
    ids: "NetworkInsightsAnalysisId",
    id: "networkInsightsAnalysisId",
    unknown: "InvalidNetworkInsightsAnalysisId.NotFound",
    filters: &[("path-found", "networkPathFound"), ("status", "status")],
    all: |asked, wanted| kept(asked, ANALYSIS, wanted),
};

/// What is kept: kinds.
const PATH: &str = "nip-";
const ANALYSIS: &str = "nia-";

/// The key under which an account's paths or analyses in a region are kept.
fn key(asked: &Asked<'_>, kind: &str) -> String {
    format!("{kind} of {} in {}", asked.caller.account, region::here(asked))
}

fn kept(asked: &Asked<'_>, kind: &str, wanted: &Wanted<'_>) -> Vec<Value> {
    let all = asked.kept.words(&key(asked, kind), "");
    let shown = |(id, text): (&str, &str)| {
        let mut shown: Value = serde_json::from_str(text).ok()?;
        shown["tagSet"] = tagged::shown(asked, id, "");
        Some(shown)
    };
    all.into_iter().filter(|(id, _)| wanted.takes(id)).filter_map(shown).collect()
}

/// Keeps a path or an analysis under a new id.
fn keep(change: &mut Change<'_>, kind: &str, (name, of): (&str, &str), mut shown: Value) -> Result<String, Refused> {
    let (key, taken) = (key(&change.asked(), kind), kept(&change.asked(), kind, &Wanted::Any).len());
    let id = |number: usize| derived(kind, &[&key, &number.to_string()]);
    let is_free = |id: &String| change.asked().kept.word(&key, id).is_none();
    let id = (taken..).map(id).find(is_free).unwrap_or_default();
    let region = region::here(&change.asked()).to_owned();
    let owner = change.asked().account_id(change.asked().caller.account);
    shown[format!("{name}Id")] = id.as_str().into();
    shown[format!("{name}Arn")] = format!("arn:aws:ec2:{region}:{owner}:{of}/{id}").into();
    change.keep_word(&key, &id, &shown.to_string());
    tagged::keep(change, &id, of)?;
    Ok(id)
}

fn create_path(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["network-insights-path"])?;
    let (asked, parameters) = (change.asked(), change.parameters());
    let source = parameters.needed("Source");
    end(&asked, source)?;
    let destination = parameters.get("Destination");
    destination.map(|id| end(&asked, id)).transpose()?;
    let filter = parameters.get("FilterAtSource.DestinationAddress");
    let ip = parameters.get("DestinationIp").or(filter);
    if let Some(text) = ip {
        text.parse::<Ipv4Addr>().map_err(|_| invalid(text, "destinationIp", "It is an IPv4 address."))?;
    }
    if destination.is_none() && ip.is_none() {
        return Err(missing("Destination"));
    }
    let protocol = parameters.needed("Protocol").to_lowercase();
    if !["tcp", "udp"].contains(&&*protocol) {
        return Err(invalid(&protocol, "protocol", "It is tcp or udp."));
    }
    let port = parameters.get("DestinationPort").or(parameters.get("FilterAtSource.DestinationPortRange.FromPort"));
    let number = |text: &str| {
        let port = text.parse::<u16>().ok().filter(|port| *port > 0);
        port.ok_or_else(|| invalid(text, "destinationPort", "A port is a number from 1 to 65535."))
    };
    let shown = json!({
        "createdDate": time::at_second(asked.caller.now),
        "source": source,
        "destination": destination,
        "destinationIp": parameters.get("DestinationIp"),
        "protocol": protocol,
        "destinationPort": parameters.get("DestinationPort").map(number).transpose()?,
        "filterAtSource": filter.is_some().then(|| json!({
            "destinationAddress": filter,
            "destinationPortRange": port.map(number).transpose().ok().flatten().map(|port| json!({"fromPort": port, "toPort": port})),
        })),
    });
    let id = keep(change, PATH, ("networkInsightsPath", "network-insights-path"), shown)?;
    Ok(json!({"networkInsightsPath": PATHS.one(&change.asked(), &id)?}))
}

fn delete_path(change: &mut Change<'_>) -> Result<Value, Refused> {
    let id = change.parameters().needed("NetworkInsightsPathId");
    PATHS.one(&change.asked(), id)?;
    let analyses = kept(&change.asked(), ANALYSIS, &Wanted::Any);
    if analyses.iter().any(|it| it["networkInsightsPathId"] == *id) {
        let message = format!("The path {id} has analyses: delete them first.");
        return Err(Refused::new(400, "AnalysisExistsForNetworkInsightsPath", message));
    }
    let key = key(&change.asked(), PATH);
    change.keep_word(&key, id, "");
    Ok(json!({"networkInsightsPathId": id}))
}

/// The caller's instance that an end of a path names, by itself or by its network interface.
fn end<'a>(asked: &Asked<'a>, text: &str) -> Result<&'a Instance, Refused> {
    let id = text.rsplit('/').next().unwrap_or(text);
    match id {
        id if id.starts_with("eni-") => interface::with_interface(asked, id),
        id if id.starts_with("i-") => asked.instance_with(id, "delete-instance"),
        other => {
            let message = format!("peerlab analyses paths from and to instances and their interfaces, not {other}.");
            Err(Refused::new(400, "InvalidParameterValue", message))
        }
    }
}

/// The request's path, its source, and the packet that it is about.
fn flow<'a>(asked: &Asked<'a>) -> Result<(Value, &'a Instance, Flow), Refused> {
    let path = PATHS.one(asked, asked.parameters().needed("NetworkInsightsPathId"))?;
    let text = |member: &str| path[member].as_str();
    let source = end(asked, text("source").unwrap_or_default())?;
    let from = Endpoint::Instance(source.name.clone());
    let ip = text("destinationIp").or(path["filterAtSource"]["destinationAddress"].as_str());
    let to = match (text("destination"), ip.and_then(|ip| ip.parse().ok())) {
        (Some(id), _) => Endpoint::Instance(end(asked, id)?.name.clone()),
        (None, Some(ip)) => named(asked.cloud, source, ip),
        (None, None) => return Err(missing("Destination")),
    };
    let port = path["destinationPort"].as_u64().or(path["filterAtSource"]["destinationPortRange"]["fromPort"].as_u64());
    let protocol = match text("protocol") {
        Some("udp") => Protocol::Udp,
        _ => Protocol::Tcp,
    };
    let port = port.and_then(|port| u16::try_from(port).ok());
    let port = port.unwrap_or_else(|| any_port(asked.cloud, &from, &to, protocol));
    Ok((path, source, Flow { from, to, protocol: protocol(port) }))
}

/// Who is meant by an address: the one instance that has it, of whomever.
fn named(cloud: &Cloud, source: &Instance, ip: Ipv4Addr) -> Endpoint {
    let own = cloud.instance_at(&source.subnet.vpc, ip);
    let mut others = cloud
        .peerings_of(&source.subnet.vpc)
        .filter_map(|end| end.far)
        .filter_map(|far| cloud.instance_at(&far.vpc, ip).map(|it| it.name.clone()));
    let found = own.map(|it| it.name.clone()).or_else(|| others.next());
    found.map_or(Endpoint::Address(ip), Endpoint::Instance)
}

/// A port by which the destination is reached, if there is one: a path without a port is for any.
fn any_port(cloud: &Cloud, from: &Endpoint, to: &Endpoint, protocol: fn(u16) -> Protocol) -> u16 {
    const USUAL: u16 = 443;
    let receiver = match to {
        Endpoint::Instance(name) => cloud.instance(name),
        Endpoint::Internet | Endpoint::Address(_) => None,
    };
    let groups = receiver.map(|it| cloud.groups_of(it)).unwrap_or_default();
    let rules = groups.iter().flat_map(|group| &group.rules).filter(|rule| rule.direction == Direction::Ingress);
    let has_ports = rules.filter(|rule| matches!(rule.protocol, RuleProtocol::Tcp | RuleProtocol::Udp));
    let ports = has_ports.filter_map(|rule| rule.ports).map(|ports| ports.low);
    let mut all = [USUAL].into_iter().chain(ports);
    all.find(|port| predict(cloud, from, to, protocol(*port)).reaches()).unwrap_or(USUAL)
}

fn start_analysis(change: &mut Change<'_>) -> Result<Value, Refused> {
    tagged::check(change, &["network-insights-analysis"])?;
    let asked = change.asked();
    let (path, source, Flow { from, to, protocol }) = flow(&asked)?;
    let explained = explain(asked.cloud, &from, &to, protocol);
    let found = explained.trace.disposition.reaches();
    let receiver = match &to {
        Endpoint::Instance(name) => asked.cloud.instance(name),
        Endpoint::Internet | Endpoint::Address(_) => None,
    };
    let arrived = asked.caller.arrived;
    let packet = match arrived {
        Some(true) => "A real packet was answered.",
        Some(false) => "A real packet was not answered.",
        None => "No real packet could be sent.",
    };
    let hint = explained.fix.as_ref().filter(|fix| !fix.is_empty()).map(|fix| {
        let calls: Vec<_> = fix.iter().map(|operation| format!("{}: {}", operation.caller, operation.call)).collect();
        format!(" What would mend it: {}.", calls.join("; "))
    });
    let disagrees = arrived.is_some_and(|arrived| arrived != found);
    let shown = json!({
        "networkInsightsPathId": path["networkInsightsPathId"],
        "startDate": time::at_second(asked.caller.now),
        "status": "succeeded",
        "statusMessage": format!("{packet}{}", hint.unwrap_or_default()),
        "warningMessage": disagrees.then_some("The real packet and the analysis disagree: peerlab verify shows where the kernel differs."),
        "networkPathFound": found,
        "forwardPathComponentSet": if found { components(&asked, source, receiver) } else { Vec::new() },
        "returnPathComponentSet": match receiver.filter(|_| found) {
            Some(receiver) => components(&asked, receiver, Some(source)),
            None => Vec::new(),
        },
        "explanationSet": explained.blockers.iter().map(|it| explanation(&asked, it, source, receiver)).collect::<Vec<_>>(),
    });
    let id = keep(change, ANALYSIS, ("networkInsightsAnalysis", "network-insights-analysis"), shown)?;
    Ok(json!({"networkInsightsAnalysis": ANALYSES.one(&change.asked(), &id)?}))
}

/// A component: its id, and its name if it is the caller's.
fn component(asked: &Asked<'_>, id: &str, kind: &str) -> Value {
    let owner = asked.account_id(asked.caller.account);
    json!({"id": id, "arn": format!("arn:aws:ec2:{}:{owner}:{kind}/{id}", asked.parameters().needed(REGION))})
}

/// The parts of a way to another instance, in order.
fn components(asked: &Asked<'_>, from: &Instance, to: Option<&Instance>) -> Vec<Value> {
    let cloud = asked.cloud;
    let mut parts = vec![
        json!({"component": component(asked, &from.id.0, "instance")}),
        json!({"component": component(asked, &interface::interface_id(from), "network-interface")}),
    ];
    let guards = |it: &Instance| -> Vec<Value> {
        let groups = cloud.groups_of(it).into_iter();
        groups.map(|group| json!({"component": component(asked, &group.id.0, "security-group")})).collect()
    };
    let acl = |it: &Instance| {
        let acl = cloud.subnet(&it.subnet).and_then(|subnet| cloud.acl_of(subnet));
        acl.map(|acl| json!({"component": component(asked, &acl.id.0, "network-acl")}))
    };
    parts.extend(guards(from));
    let crosses = to.is_none_or(|to| to.subnet != from.subnet);
    if crosses {
        parts.extend(acl(from));
        let route = cloud.subnet(&from.subnet).map(|subnet| {
            let table = cloud.table_of(subnet);
            let hop = to.and_then(|to| entry_to(cloud, table, to.ip));
            let shown = hop.map(|entry| route_of(asked, table, entry));
            let peering = hop.and_then(|entry| match &entry.next_hop {
                NextHop::Peering(name) => cloud.peering_connection(name),
                _ => None,
            });
            let peering = peering.map(|it| json!({"component": component(asked, &it.id.0, "vpc-peering-connection")}));
            let vpc = cloud.vpc(&table.vpc).map(|vpc| component(asked, &vpc.id.0, "vpc"));
            let whole = json!({
                "component": component(asked, &table.id.0, "route-table"),
                "routeTableRoute": shown,
                "vpc": vpc,
            });
            [Some(whole), peering]
        });
        parts.extend(route.into_iter().flatten().flatten());
        parts.extend(to.and_then(acl));
    }
    if let Some(to) = to {
        parts.extend(guards(to));
        parts.push(json!({"component": component(asked, &interface::interface_id(to), "network-interface")}));
        parts.push(json!({"component": component(asked, &to.id.0, "instance")}));
    }
    for (number, part) in parts.iter_mut().enumerate() {
        part["sequenceNumber"] = (number + 1).into();
    }
    parts
}

/// The entry of a table by which packets to an address leave, if one does.
fn entry_to<'a>(cloud: &'a Cloud, table: &'a RouteTable, address: Ipv4Addr) -> Option<&'a RouteEntry> {
    match cloud.route_to(table, address)?.leads {
        Leads::Entries(entries) => entries.first(),
        Leads::Subnet(_) | Leads::Nobody(_) => None,
    }
}

/// A route as analyses show it.
fn route_of(asked: &Asked<'_>, table: &RouteTable, entry: &RouteEntry) -> Value {
    let mut shown = route_table::route_shown(asked, table, entry);
    if let Value::Object(members) = &mut shown {
        members.remove("instanceOwnerId");
        if let Some(cidr) = members.remove("destinationCidrBlock") {
            members.insert("destinationCidr".to_owned(), cidr);
        }
        members.insert("origin".to_owned(), "createroute".into());
    }
    shown
}

/// Why a packet ends, in the provider's words.
fn explanation(asked: &Asked<'_>, blocker: &Blocker, source: &Instance, receiver: Option<&Instance>) -> Value {
    let cloud = asked.cloud;
    // On the way back, the receiver sends.
    let (sender, target) = match (blocker.on_return, receiver) {
        (true, Some(receiver)) => (receiver, Some(source)),
        _ => (source, receiver),
    };
    let interface = |it: &Instance| component(asked, &interface::interface_id(it), "network-interface");
    let groups = |it: &Instance| -> Vec<Value> {
        cloud.groups_of(it).iter().map(|group| component(asked, &group.id.0, "security-group")).collect()
    };
    let subnet = |it: &Instance| cloud.subnet(&it.subnet);
    let acl = |it: &Instance| {
        let acl = subnet(it).and_then(|subnet| cloud.acl_of(subnet));
        acl.map(|acl| component(asked, &acl.id.0, "network-acl"))
    };
    let table = subnet(sender).map(|subnet| cloud.table_of(subnet));
    let shown_table = table.map(|table| component(asked, &table.id.0, "route-table"));
    let vpc = cloud.vpc(&sender.subnet.vpc).map(|vpc| component(asked, &vpc.id.0, "vpc"));
    let entry = table.and_then(|table| Some((table, entry_to(cloud, table, target?.ip)?)));
    let route = entry.map(|(table, entry)| route_of(asked, table, entry));
    let peering = entry.and_then(|(_, entry)| match &entry.next_hop {
        NextHop::Peering(name) => cloud.peering_connection(name).map(|it| it.id.to_string()),
        NextHop::Gone(gone) => Some(gone.id.to_string()),
        _ => None,
    });
    let peering = peering.map(|id| component(asked, &id, "vpc-peering-connection"));
    let address = target.map(|it| it.ip.to_string());
    let of_subnet = |it: &Instance| subnet(it).map(|it| component(asked, &it.id.0, "subnet"));
    match blocker.reason {
        Reason::EgressSecurityGroup => json!({
            "explanationCode": "ENI_SG_RULES_MISMATCH", "direction": "egress",
            "networkInterface": interface(sender), "securityGroupSet": groups(sender), "vpc": vpc,
        }),
        Reason::IngressSecurityGroup => json!({
            "explanationCode": "ENI_SG_RULES_MISMATCH", "direction": "ingress",
            "networkInterface": target.map(interface), "securityGroupSet": target.map(groups),
        }),
        Reason::EgressNetworkAcl => json!({
            "explanationCode": "SUBNET_ACL_RESTRICTION", "direction": "egress", "acl": acl(sender),
            "subnet": of_subnet(sender), "vpc": vpc,
        }),
        Reason::IngressNetworkAcl => json!({
            "explanationCode": "SUBNET_ACL_RESTRICTION", "direction": "ingress", "acl": target.and_then(acl),
            "subnet": target.and_then(of_subnet),
        }),
        Reason::NoRoute | Reason::NoInternetGateway => json!({
            "explanationCode": "NO_ROUTE_TO_DESTINATION", "routeTable": shown_table, "vpc": vpc,
            "subnet": of_subnet(sender), "address": address,
        }),
        Reason::PeeringInactive | Reason::NextHopGone => json!({
            "explanationCode": "BAD_STATE_ROUTE", "routeTable": shown_table, "routeTableRoute": route,
            "vpcPeeringConnection": peering, "vpc": vpc,
        }),
        Reason::NotForwarded => json!({
            "explanationCode": "ENI_SOURCE_DEST_CHECK_RESTRICTION", "routeTable": shown_table, "routeTableRoute": route,
            "vpc": vpc,
        }),
        Reason::NotTransitive => json!({
            "explanationCode": "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "vpcPeeringConnection": peering, "address": address,
            "routeTable": shown_table, "routeTableRoute": route,
        }),
        Reason::NoPublicIp => json!({
            "explanationCode": "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "networkInterface": interface(sender), "vpc": vpc,
        }),
        Reason::InstanceStopped => {
            let stopped = [Some(sender), target].into_iter().flatten().find(|it| !it.runs()).unwrap_or(sender);
            json!({
                "explanationCode": "BAD_STATE", "component": component(asked, &stopped.id.0, "instance"),
                "state": "stopped",
            })
        }
        Reason::NoSuchAddress | Reason::AnsweredByAnother | Reason::TooBig => json!({
            "explanationCode": "NO_POSSIBLE_DESTINATION", "address": address, "vpc": vpc,
        }),
    }
}
