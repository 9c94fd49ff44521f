//! Alibaba Cloud: both generations of its clients (HMAC-SHA1, ACS3), replies in JSON and XML.

mod command;
mod eip;
mod forward_entry;
mod instance;
mod ipv4_gateway;
mod nat_gateway;
mod peer;
mod pointing;
mod refused;
mod region;
mod route_entry;
mod route_table;
mod router_interface;
mod row;
mod security_group;
mod signature;
mod snat_entry;
mod sts;
mod vpc;
mod vswitch;
mod zone;

use serde_json::{Value, json};

use self::refused::missing;
use crate::action::Action;
use crate::dialect::{Dialect, Inquiry};
use crate::parameters::Parameters;
use crate::refused::not_there;
use crate::{Refused, Reply, Request, Signed, xml};

/// What its clients speak.
pub(crate) static DIALECT: Dialect = Dialect {
    provider: "alibaba",
    pointing: pointing::POINTING,
    recognizes: |request| is_of_today(request) || is_of_before(request),
    signed,
    inquiry,
    actions: || ACTIONS.iter().copied().flatten().collect(),
    token: "ClientToken",
    status,
    unknown_key: |_| Refused::new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    // Clients of the former generation look for the one colon, and compare what follows with what they signed.
    wrong_signature: |_, signed| {
        let message = "Specified signature is not matched with our calculation. server string to sign is:";
        Refused::new(400, "SignatureDoesNotMatch", format!("{message}{}", signed.text))
    },
    too_old: |_| {
        let message = "Specified time stamp or date value is expired. It must be within 15 minutes of the server's.";
        Refused::new(400, "InvalidTimeStamp.Expired", message)
    },
    missing,
    not_there,
    dry_run: Some(|| {
        let message = "Request validation has been passed with DryRun flag set.";
        Refused::new(400, "DryRunOperation", message)
    }),
    reply,
    error,
    request_id: |uuid| uuid.to_uppercase(),
};

const ACTIONS: &[&[Action]] = &[
    vpc::ACTIONS,
    vswitch::ACTIONS,
    router_interface::ACTIONS,
    route_table::ACTIONS,
    route_entry::ACTIONS,
    eip::ACTIONS,
    nat_gateway::ACTIONS,
    snat_entry::ACTIONS,
    forward_entry::ACTIONS,
    ipv4_gateway::ACTIONS,
    instance::ACTIONS,
    security_group::ACTIONS,
    command::ACTIONS,
    region::ACTIONS,
    sts::ACTIONS,
    peer::ACTIONS,
];

/// The name of today's signature.
const TODAY: &str = "ACS3-HMAC-SHA256 ";

fn is_of_today(request: &Request) -> bool {
    request.header("authorization").is_some_and(|header| header.starts_with("ACS3-"))
}

fn is_of_before(request: &Request) -> bool {
    ["AccessKeyId", "Signature", "Action"].into_iter().any(|name| request.parameter(name).is_some())
}

fn signed(request: &Request) -> Result<Signed, Refused> {
    match request.header("authorization").and_then(|header| header.strip_prefix(TODAY)) {
        Some(rest) => signature::of_today(request, rest),
        None => signature::of_before(request),
    }
}

fn inquiry(request: &Request) -> Result<Inquiry, Refused> {
    let parameters = Parameters::new(request.parameters().iter().cloned(), Value::Null);
    let of = |header: &str, parameter: &str| {
        let header = request.header(header).filter(|_| is_of_today(request));
        header.or_else(|| parameters.get(parameter)).map(str::to_owned)
    };
    let name = of("x-acs-action", "Action").ok_or_else(|| (DIALECT.missing)("Action"))?;
    let version = of("x-acs-version", "Version").ok_or_else(|| (DIALECT.missing)("Version"))?;
    let action = DIALECT.actions().into_iter().find(|action| action.name == name && action.product == version);
    let action = action.ok_or_else(|| {
        let message = "Specified api is not found, please check your url and method.";
        let hint = format!("peerlab serves no {name} of {version}; docs/api.md lists what it serves.");
        Refused::new(404, "InvalidAction.NotFound", format!("{message} {hint}"))
    })?;
    Ok(Inquiry { action, parameters })
}

/// The statuses of its reference; most codes have 400.
fn status(code: &str) -> u16 {
    match code {
        "InvalidNextHop.NotFound" => 400,
        "AuthorizationLimitExceed" | "InvalidInstanceId.AlreadyExists" | "InvalidGroupAuthItem.NotFound" => 403,
        "IncorrectInstanceStatus" | "Forbidden.NotOwner" | "Forbidden.NoPermission" => 403,
        "InternalError" => 500,
        code if code.ends_with(".NotFound") || code.starts_with("ResourceNotFound.") => 404,
        _ => 400,
    }
}

/// Whether a request wants JSON: clients of today always do.
fn wants_json(request: &Request) -> bool {
    is_of_today(request) || request.parameter("Format").is_some_and(|format| format.eq_ignore_ascii_case("JSON"))
}

const JSON: &str = "application/json;charset=utf-8";
/// Not `text/xml;charset=utf-8`, which clients of today take for an error in XML.
const XML: &str = "text/xml";

fn reply(request: &Request, id: &str, action: &Action, mut value: Value) -> Reply {
    if let Value::Object(members) = &mut value {
        members.insert("RequestId".to_owned(), id.into());
    }
    written(request, 200, id, &format!("{}Response", action.name), &value)
}

/// An error is JSON for clients of today, and for all that ask for it.
fn error(request: &Request, id: &str, refused: &Refused) -> Reply {
    let host = request.header("host").unwrap_or("peerlab");
    let Refused { status, code, message } = refused;
    // Clients split the message of this error at its colons.
    let message = match &**code {
        "SignatureDoesNotMatch" => message.clone(),
        _ => message.replace('\n', " "),
    };
    let recommend = "https://api.alibabacloud.com/troubleshoot";
    let value = json!({"RequestId": id, "HostId": host, "Code": code, "Message": message, "Recommend": recommend});
    written(request, *status, id, "Error", &value)
}

fn written(request: &Request, status: u16, id: &str, name: &str, value: &Value) -> Reply {
    let (content_type, body) = match wants_json(request) {
        true => (JSON, value.to_string()),
        false => (XML, xml::document(name, "", value, xml::Lists::Repeated)),
    };
    Reply { status, content_type, headers: vec![("x-acs-request-id", id.to_owned())], body }
}
