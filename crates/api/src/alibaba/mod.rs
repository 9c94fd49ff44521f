//! Alibaba Cloud: both generations of its clients (HMAC-SHA1, ACS3), replies in JSON and XML.

/// The functions that make the rows of a product.
macro_rules! rows {
    ($product:literal) => {
        /// A row that changes something.
        const fn change(
            name: &'static str,
            operations: &'static [&'static str],
            parameters: &'static str,
            reply: &'static str,
            does: fn(&mut Change<'_>) -> Result<Value, Refused>,
        ) -> Action {
            Action {
                product: $product,
                name,
                path: None,
                operations,
                parameters,
                filters: &[],
                reply,
                does: Does::Change(does),
            }
        }

        /// A row that describes something.
        const fn describe(
            name: &'static str,
            parameters: &'static str,
            reply: &'static str,
            does: fn(&Asked<'_>) -> Result<Value, Refused>,
        ) -> Action {
            let operations = &[];
            Action {
                product: $product,
                name,
                path: None,
                operations,
                parameters,
                filters: &[],
                reply,
                does: Does::Describe(does),
            }
        }
    };
}

mod ecs;
mod peer;
mod pointing;
mod signature;
mod sts;
mod vpc;

use serde_json::{Value, json};

pub(crate) use self::ecs::{arguments_of, rule_id};
pub(crate) use self::vpc::{entry_id, free_addresses};
use crate::action::Action;
use crate::dialect::{Dialect, Inquiry};
use crate::parameters::Parameters;
use crate::{Refused, Reply, Request, Signed, xml};

/// What its clients speak.
pub(crate) static DIALECT: Dialect = Dialect {
    provider: "alibaba",
    pointing: pointing::POINTING,
    recognizes: |request| is_of_today(request) || is_of_before(request),
    signed,
    inquiry,
    actions: || [vpc::ACTIONS, ecs::ACTIONS, sts::ACTIONS, peer::ACTIONS].into_iter().flatten().collect(),
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
    missing: |name| {
        let message =
            format!("The input parameter {name} that is mandatory for processing this request is not supplied.");
        Refused::new(400, "MissingParameter", message)
    },
    dry_run: Some(|| {
        let message = "Request validation has been passed with DryRun flag set.";
        Refused::new(400, "DryRunOperation", message)
    }),
    reply,
    error,
    request_id: |uuid| uuid.to_uppercase(),
};

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
