//! Systems Manager, as far as it runs commands in instances: JSON 1.1.

use peerlab_cloud::{Instance, Power, fnv};
use serde_json::{Value, json};

use super::list::Wanted;
use super::row::SSM;
use super::{image, instance, region};
use crate::action::{Action, Asked, Does, Errand, Ran};
use crate::parameters::Parameters;
use crate::{Refused, time};

/// A row of this service.
const fn row(name: &'static str, parameters: &'static str, reply: &'static str, does: Does) -> Action {
    Action { product: SSM, name, path: None, operations: &[], parameters, filters: &[], reply, does }
}

/// What an invocation is shown as.
const INVOCATION: &str = "CommandId InstanceId Comment DocumentName PluginName ResponseCode ExecutionStartDateTime \
    ExecutionElapsedTime ExecutionEndDateTime Status StatusDetails StandardOutputContent StandardErrorContent";

pub(super) const ACTIONS: &[Action] = &[
    row(
        "SendCommand",
        "DocumentName* InstanceIds[] Targets[]{Key Values[]} Parameters{commands[] executionTimeout[] \
         workingDirectory[]} Comment",
        "Command{CommandId DocumentName Comment Parameters InstanceIds[] RequestedDateTime ExpiresAfter Status \
         StatusDetails TargetCount CompletedCount ErrorCount}",
        Does::Run(send_command),
    ),
    row("GetCommandInvocation", "CommandId* InstanceId* PluginName", INVOCATION, Does::Ran(get_command_invocation)),
    row(
        "ListCommandInvocations",
        "CommandId InstanceId Details MaxResults NextToken",
        "CommandInvocations[]: CommandId InstanceId Comment DocumentName RequestedDateTime Status StatusDetails \
         CommandPlugins[]{Name Status ResponseCode Output}; NextToken",
        Does::Ran(list_command_invocations),
    ),
    row(
        "DescribeInstanceInformation",
        "InstanceInformationFilterList[]{key valueSet[]} Filters[]{Key Values[]} MaxResults NextToken",
        "InstanceInformationList[]: InstanceId PingStatus PlatformType PlatformName IPAddress ComputerName; NextToken",
        Does::Describe(describe_instance_information),
    ),
    row("GetParameter", "Name*", "Parameter{Name Type Value Version}: an image's id", Does::Describe(get_parameter)),
    row(
        "GetParameters",
        "Names[]*",
        "Parameters[]: Name Type Value Version; InvalidParameters[]",
        Does::Describe(get_parameters),
    ),
];

/// The document that runs commands of a shell.
const DOCUMENT: &str = "AWS-RunShellScript";
/// The step of it.
const PLUGIN: &str = "aws:runShellScript";
/// The longest that a command may take here, in seconds.
const LONGEST: u64 = 600;
/// How much of an output a reply has, in bytes.
const OUTPUT: usize = 24_000;

/// The id of a command, a UUID, by that of its errand.
fn command_id(errand: &str) -> String {
    let digits = format!("{errand:0>16}{:016x}", fnv::hash(fnv::SEED, errand.as_bytes()));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..32]].join("-")
}

/// The request's instances, which run.
fn instances(asked: &Asked<'_>) -> Result<Vec<String>, Refused> {
    let parameters = asked.parameters();
    let mut ids: Vec<String> = parameters.list("InstanceIds").into_iter().map(str::to_owned).collect();
    for target in parameters.parts("Targets") {
        let (key, values) = (target.needed("Key"), target.list("Values"));
        match key.strip_prefix("tag:") {
            Some(tag) => {
                let all = (instance::INSTANCES.all)(asked, &Wanted::Any);
                let has = |it: &Value| {
                    let mut tags = it["tagSet"].as_array().into_iter().flatten();
                    tags.any(|own| own["key"] == *tag && values.iter().any(|value| own["value"] == **value))
                };
                let runs = |it: &Value| it["instanceState"]["name"] == "running";
                let found = all.iter().filter(|it| has(it) && runs(it));
                ids.extend(found.filter_map(|it| it["instanceId"].as_str().map(str::to_owned)));
            }
            None if key.eq_ignore_ascii_case("instanceids") => ids.extend(values.iter().map(|id| (*id).to_owned())),
            None => return Err(Refused::new(400, "InvalidTarget", format!("There is no target {key}."))),
        }
    }
    if ids.is_empty() {
        return Err(Refused::new(400, "InvalidInstanceId", "No instance is named."));
    }
    for id in &ids {
        let found = asked.instance_with(id, "delete-instance").ok().filter(|it| it.power == Power::Running);
        if found.is_none() {
            let message = format!(
                "Instances [[{id}]] not in a valid state for account {}",
                asked.account_id(asked.caller.account)
            );
            return Err(Refused::new(400, "InvalidInstanceId", message));
        }
    }
    Ok(ids)
}

fn send_command(asked: &Asked<'_>) -> Result<Errand, Refused> {
    let parameters = asked.parameters();
    let document = parameters.needed("DocumentName");
    if document.rsplit('/').next() != Some(DOCUMENT) {
        let message = format!("document {document} does not exist: peerlab runs {DOCUMENT}");
        return Err(Refused::new(400, "InvalidDocument", message));
    }
    let instances = instances(asked)?;
    let invalid = |message: &str| Refused::new(400, "InvalidParameters", message);
    let lines = parameters.list("Parameters.commands");
    if lines.is_empty() {
        return Err(invalid("commands is required"));
    }
    let mut script = lines.join("\n");
    if let Some(folder) = parameters.list("Parameters.workingDirectory").first() {
        script = format!("cd '{}' || exit 1\n{script}", folder.replace('\'', "'\\''"));
    }
    if script.len() > 24 << 10 || script.contains('\0') {
        return Err(invalid("commands are text of up to 24 KB"));
    }
    let seconds = match parameters.list("Parameters.executionTimeout").first() {
        None => LONGEST,
        Some(text) => text
            .parse()
            .ok()
            .filter(|seconds| *seconds > 0)
            .ok_or_else(|| invalid("executionTimeout is a number of seconds"))?,
    };
    let comment = parameters.text("Comment").unwrap_or_default();
    Ok(Errand { instances, script, comment, seconds: seconds.min(LONGEST), apart: true, reply })
}

fn reply(errand: &Errand, id: &str, now: i64) -> Value {
    json!({"Command": {
        "CommandId": command_id(id),
        "DocumentName": DOCUMENT,
        "DocumentVersion": "$DEFAULT",
        "Comment": errand.comment,
        "Parameters": {"commands": errand.script.split('\n').collect::<Vec<_>>()},
        "InstanceIds": errand.instances,
        "Targets": [],
        "RequestedDateTime": now as f64,
        "ExpiresAfter": (now + 7_200) as f64,
        "Status": "InProgress",
        "StatusDetails": "InProgress",
        "MaxConcurrency": "50",
        "MaxErrors": "0",
        "TargetCount": errand.instances.len(),
        "CompletedCount": 0,
        "ErrorCount": 0,
        "DeliveryTimedOutCount": 0,
        "TimeoutSeconds": 3_600,
    }})
}

/// The state of a command, and its response code.
fn status(ran: &Ran) -> (&'static str, i32) {
    match (ran.ended, ran.status) {
        (None, _) => ("InProgress", -1),
        (Some(_), Some(0)) => ("Success", 0),
        (Some(_), Some(code)) => ("Failed", code),
        (Some(_), None) => ("TimedOut", -1),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(OUTPUT)]).into_owned()
}

fn get_command_invocation(asked: &Asked<'_>, ran: &[Ran]) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let (command, instance) = (parameters.needed("CommandId"), parameters.needed("InstanceId"));
    let found = ran.iter().find(|it| command_id(&it.errand) == command && it.instance == instance);
    let it = found.ok_or_else(|| Refused::new(400, "InvocationDoesNotExist", "There is no such invocation."))?;
    if let Some(plugin) = parameters.get("PluginName").filter(|plugin| ![PLUGIN, "runShellScript"].contains(plugin)) {
        return Err(Refused::new(400, "InvalidPluginName", format!("There is no plugin {plugin}.")));
    }
    let (status, code) = status(it);
    Ok(json!({
        "CommandId": command,
        "InstanceId": instance,
        "Comment": it.comment,
        "DocumentName": DOCUMENT,
        "DocumentVersion": "$DEFAULT",
        "PluginName": PLUGIN,
        "ResponseCode": code,
        "ExecutionStartDateTime": time::at_second(it.began),
        "ExecutionElapsedTime": it.ended.map_or_else(String::new, |ended| format!("PT{}S", ended - it.began)),
        "ExecutionEndDateTime": it.ended.map_or_else(String::new, time::at_second),
        "Status": status,
        "StatusDetails": status,
        "StandardOutputContent": text(&it.output),
        "StandardOutputUrl": "",
        "StandardErrorContent": text(&it.errors),
        "StandardErrorUrl": "",
    }))
}

/// A page of a list.
fn page(parameters: &Parameters, member: &str, all: Vec<Value>) -> Result<Value, Refused> {
    let begin: usize = parameters
        .get("NextToken")
        .map_or(Ok(0), str::parse)
        .map_err(|_| Refused::new(400, "InvalidNextToken", "The specified token isn't valid."))?;
    let most = parameters.number("MaxResults", 50)?.clamp(1, 50);
    let total = all.len();
    let items: Vec<_> = all.into_iter().skip(begin).take(most).collect();
    let end = begin.saturating_add(items.len());
    let mut reply = json!({member: items});
    if end < total {
        reply["NextToken"] = end.to_string().into();
    }
    Ok(reply)
}

fn list_command_invocations(asked: &Asked<'_>, ran: &[Ran]) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let chosen = ran.iter().filter(|it| {
        parameters.fits("CommandId", &command_id(&it.errand)) && parameters.fits("InstanceId", &it.instance)
    });
    let shown = |it: &Ran| {
        let (status, code) = status(it);
        let plugin = json!({"Name": PLUGIN, "Status": status, "StatusDetails": status, "ResponseCode": code, "Output": text(&it.output)});
        let plugins = if parameters.is_set("Details") { vec![plugin] } else { Vec::new() };
        json!({
            "CommandId": command_id(&it.errand),
            "InstanceId": it.instance,
            "Comment": it.comment,
            "DocumentName": DOCUMENT,
            "RequestedDateTime": it.began as f64,
            "Status": status,
            "StatusDetails": status,
            "CommandPlugins": plugins,
        })
    };
    page(parameters, "CommandInvocations", chosen.map(shown).collect())
}

fn describe_instance_information(asked: &Asked<'_>) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let mut ids = Vec::new();
    for filter in parameters.parts("Filters").iter().chain(&parameters.parts("InstanceInformationFilterList")) {
        let key = filter.get("Key").or_else(|| filter.get("key")).unwrap_or_default();
        if key != "InstanceIds" {
            return Err(Refused::new(
                400,
                "InvalidInstanceInformationFilterValue",
                format!("There is no filter {key}."),
            ));
        }
        ids.extend(filter.list("Values").into_iter().chain(filter.list("valueSet")).map(str::to_owned));
    }
    let chosen = |it: &&Instance| ids.is_empty() || ids.iter().any(|id| **id == *it.id.0);
    let here = asked.cloud.instances().filter(|it| asked.is_mine(&it.account) && asked.is_in_sight(&it.subnet.vpc));
    let shown = |it: &Instance| {
        json!({
            "InstanceId": it.id.to_string(),
            "PingStatus": if it.runs() { "Online" } else { "ConnectionLost" },
            "PlatformType": "Linux",
            "PlatformName": "peerlab",
            "IPAddress": it.ip.to_string(),
            "ComputerName": it.name.as_str(),
            "ResourceType": "EC2Instance",
        })
    };
    page(parameters, "InstanceInformationList", here.filter(chosen).map(shown).collect())
}

/// Public parameters with the ids of images.
const IMAGES: &str = "/aws/service/ami-amazon-linux-latest/";

fn parameter(asked: &Asked<'_>, name: &str) -> Option<Value> {
    name.strip_prefix(IMAGES).filter(|rest| !rest.is_empty())?;
    let arn = format!("arn:aws:ssm:{}::parameter{name}", region::here(asked));
    Some(
        json!({"Name": name, "Type": "String", "Value": image::USUAL, "Version": 1, "ARN": arn, "DataType": "aws:ec2:image"}),
    )
}

fn get_parameter(asked: &Asked<'_>) -> Result<Value, Refused> {
    let name = asked.parameters().needed("Name");
    let found = parameter(asked, name);
    found.map(|found| json!({"Parameter": found})).ok_or_else(|| Refused::new(400, "ParameterNotFound", ""))
}

fn get_parameters(asked: &Asked<'_>) -> Result<Value, Refused> {
    let names = asked.parameters().list("Names");
    let found: Vec<_> = names.iter().filter_map(|name| parameter(asked, name)).collect();
    let unknown: Vec<_> = names.into_iter().filter(|name| parameter(asked, name).is_none()).collect();
    Ok(json!({"Parameters": found, "InvalidParameters": unknown}))
}
