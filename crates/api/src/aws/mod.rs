//! AWS: Signature Version 4; EC2 and STS in the Query protocol with replies in XML, SSM in JSON.

mod address;
mod gateway;
mod gone;
mod group;
mod image;
mod insights;
mod instance;
mod interface;
mod list;
mod nat_gateway;
mod network_acl;
mod peering;
mod pointing;
mod refused;
mod region;
mod route_table;
mod row;
mod signature;
mod ssm;
mod sts;
mod subnet;
mod tag;
mod tagged;
mod vpc;

use serde_json::{Value, json};

use self::refused::{missing, not_there};
use self::row::{EC2, SSM, STS};
use crate::action::{Action, REGION};
use crate::dialect::{Dialect, Inquiry};
use crate::parameters::{Parameters, flat};
use crate::{Refused, Reply, Request, xml};

/// What its clients speak.
pub(crate) static DIALECT: Dialect = Dialect {
    provider: "aws",
    pointing: pointing::POINTING,
    recognizes: |request| signature::is_there(request) || Product::sent(request).is_some(),
    signed: signature::of,
    inquiry,
    actions: || ACTIONS.iter().copied().flatten().collect(),
    token: "ClientToken",
    status,
    unknown_key: |request| match Product::of(request) {
        Product::Ec2 => Refused::new(401, "AuthFailure", NOT_VALIDATED),
        Product::Sts => Refused::new(403, "InvalidClientTokenId", INVALID_TOKEN),
        Product::Ssm => Refused::new(400, "UnrecognizedClientException", INVALID_TOKEN),
    },
    wrong_signature: |request, _| match Product::of(request) {
        Product::Ec2 => Refused::new(401, "AuthFailure", NOT_VALIDATED),
        Product::Sts => Refused::new(403, "SignatureDoesNotMatch", MISMATCH),
        Product::Ssm => Refused::new(400, "InvalidSignatureException", MISMATCH),
    },
    too_old: |request| match Product::of(request) {
        Product::Ec2 => Refused::new(400, "RequestExpired", "Request has expired."),
        Product::Sts => Refused::new(403, "SignatureDoesNotMatch", "Signature expired, or not yet current."),
        Product::Ssm => Refused::new(400, "InvalidSignatureException", "Signature expired, or not yet current."),
    },
    missing,
    not_there,
    dry_run: Some(|| Refused::new(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")),
    reply,
    error,
    request_id: str::to_owned,
};

const ACTIONS: &[&[Action]] = &[
    vpc::ACTIONS,
    subnet::ACTIONS,
    peering::ACTIONS,
    route_table::ACTIONS,
    gateway::ACTIONS,
    address::ACTIONS,
    nat_gateway::ACTIONS,
    group::ACTIONS,
    network_acl::ACTIONS,
    instance::ACTIONS,
    interface::ACTIONS,
    image::ACTIONS,
    tag::ACTIONS,
    region::ACTIONS,
    insights::ACTIONS,
    sts::ACTIONS,
    ssm::ACTIONS,
];

const NOT_VALIDATED: &str = "AWS was not able to validate the provided access credentials";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
    Secret Access Key and signing method.";

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Product {
    Ec2,
    Sts,
    Ssm,
}

/// What an action in the header `x-amz-target` begins with.
const TARGET: &str = "AmazonSSM.";

impl Product {
    /// The service of a request: by the scope of its signature, else by its version.
    fn of(request: &Request) -> Self {
        let named = signature::Scope::of(request).and_then(|scope| Self::named(&scope.service));
        named.or_else(|| Self::sent(request)).unwrap_or(Product::Ec2)
    }

    fn named(service: &str) -> Option<Self> {
        match service {
            EC2 => Some(Product::Ec2),
            STS => Some(Product::Sts),
            SSM => Some(Product::Ssm),
            _ => None,
        }
    }

    /// What a request is for, by its target or its version.
    fn sent(request: &Request) -> Option<Self> {
        if request.header("x-amz-target").is_some_and(|target| target.starts_with(TARGET)) {
            return Some(Product::Ssm);
        }
        match request.parameter("Version")? {
            "2016-11-15" => Some(Product::Ec2),
            "2011-06-15" => Some(Product::Sts),
            _ => None,
        }
    }
}

fn inquiry(request: &Request) -> Result<Inquiry, Refused> {
    let target = request.header("x-amz-target").and_then(|target| target.strip_prefix(TARGET));
    let name = target.or_else(|| request.parameter("Action")).ok_or_else(|| missing("Action"))?;
    let scope = signature::Scope::of(request);
    let service = scope.as_ref().map_or(EC2, |scope| &*scope.service);
    let mut actions = ACTIONS.iter().copied().flatten();
    let action = actions.find(|action| action.name == name && action.product == service).ok_or_else(|| {
        let hint = format!("(peerlab serves no {name} of {service}; docs/api.md lists what it serves)");
        let code = if service == SSM { "UnknownOperationException" } else { "InvalidAction" };
        Refused::new(400, code, format!("The action {name} is not valid for this web service. {hint}"))
    })?;
    // The region is in the scope only.
    let region = scope.as_ref().map(|scope| (REGION.to_owned(), scope.region.clone()));
    if service == SSM {
        let body: Value = serde_json::from_slice(&request.body)
            .map_err(|_| Refused::new(400, "SerializationException", "The body is not JSON."))?;
        let own = flat(&body).into_iter().filter(|(name, _)| name != REGION);
        return Ok(Inquiry { action, parameters: Parameters::new(own.chain(region), Value::Null) });
    }
    let own = request.parameters().iter().filter(|(name, _)| name != REGION && !name.starts_with("X-Amz-"));
    Ok(Inquiry { action, parameters: Parameters::new(own.cloned().chain(region), Value::Null) })
}

/// All but these codes have 400.
fn status(code: &str) -> u16 {
    match code {
        "InternalError" => 500,
        _ => 400,
    }
}

const XML: &str = "text/xml;charset=UTF-8";
const JSON: &str = "application/x-amz-json-1.1";

fn reply(_: &Request, id: &str, action: &Action, value: Value) -> Reply {
    let name = format!("{}Response", action.name);
    if action.product == SSM {
        return written(200, id, JSON, value.to_string());
    }
    let body = match action.product {
        STS => {
            let reply = json!({format!("{}Result", action.name): value, "ResponseMetadata": {"RequestId": id}});
            xml::document(&name, "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"", &reply, xml::Lists::Items)
        }
        _ => {
            let mut value = value;
            if let Value::Object(members) = &mut value {
                members.insert("requestId".to_owned(), id.into());
            }
            xml::document(&name, "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"", &value, xml::Lists::Items)
        }
    };
    written(200, id, XML, body)
}

fn error(request: &Request, id: &str, refused: &Refused) -> Reply {
    let Refused { status, code, message } = refused;
    // What is not there is 400 too.
    let status = if *status == 404 { 400 } else { *status };
    let message = message.replace('\n', " ");
    let body = match Product::of(request) {
        Product::Ssm => {
            let code = if code == "MissingParameter" { "ValidationException" } else { code };
            return written(status, id, JSON, json!({"__type": code, "message": message}).to_string());
        }
        Product::Sts => {
            let of = if status < 500 { "Sender" } else { "Receiver" };
            let error = json!({"Error": {"Type": of, "Code": code, "Message": message}, "RequestId": id});
            xml::document("ErrorResponse", "", &error, xml::Lists::Repeated)
        }
        Product::Ec2 => {
            let error = json!({"Errors": {"Error": {"Code": code, "Message": message}}, "RequestID": id});
            xml::document("Response", "", &error, xml::Lists::Repeated)
        }
    };
    written(status, id, XML, body)
}

fn written(status: u16, id: &str, content_type: &'static str, body: String) -> Reply {
    Reply { status, content_type, headers: vec![("x-amzn-requestid", id.to_owned())], body }
}
