//! JD Cloud: JDCLOUD2 and JDCLOUD3, paths and JSON.

mod elastic_ip;
mod instance;
mod interface;
mod nat_gateway;
mod pointing;
mod quota;
mod refused;
mod route_table;
mod row;
mod security_group;
mod signature;
mod subnet;
mod vpc;
mod vpc_peering;

use serde_json::{Map, Value, json};

use self::refused::missing;
use crate::action::{Action, REGION};
use crate::dialect::{Dialect, Inquiry};
use crate::encoding::{decoded, pairs};
use crate::parameters::{Parameters, flat};
use crate::refused::not_there;
use crate::{Refused, Reply, Request, Signed};

/// What its clients speak.
pub(crate) static DIALECT: Dialect = Dialect {
    provider: "jdcloud",
    pointing: pointing::POINTING,
    recognizes: |request| {
        let signed = request.header("authorization").is_some_and(|header| header.starts_with("JDCLOUD"));
        signed || request.path.starts_with("/v1/regions/")
    },
    signed,
    inquiry,
    actions: || ACTIONS.iter().copied().flatten().collect(),
    token: "clientToken",
    status,
    unknown_key: |_| Refused::new(401, "UNAUTHENTICATED", "AccessKey not exist"),
    wrong_signature: |_, _| Refused::new(401, "UNAUTHENTICATED", "Signature not match"),
    too_old: |_| Refused::new(401, "UNAUTHENTICATED", "Request time is too far from the server's, or in the future"),
    missing,
    not_there,
    dry_run: None,
    reply,
    error,
    // As its ids look: `c1k2…`.
    request_id: |uuid| format!("c{}", uuid.replace('-', "").get(..19).unwrap_or_default()),
};

const ACTIONS: &[&[Action]] = &[
    vpc::ACTIONS,
    subnet::ACTIONS,
    vpc_peering::ACTIONS,
    route_table::ACTIONS,
    security_group::ACTIONS,
    elastic_ip::ACTIONS,
    nat_gateway::ACTIONS,
    quota::ACTIONS,
    instance::ACTIONS,
];

fn signed(request: &Request) -> Result<Signed, Refused> {
    let header = request.header("authorization").unwrap_or_default();
    signature::of(request, header)
}

fn inquiry(request: &Request) -> Result<Inquiry, Refused> {
    let path = decoded(&request.path).into_owned();
    let body = match request.body.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&request.body)
            .map_err(|_| Refused::new(400, "INVALID_ARGUMENT", "The body is not JSON"))?,
    };
    for action in DIALECT.actions() {
        let Some((method, template)) = action.path else { continue };
        let Some(named) = (method == request.method).then(|| matched(template, &path)).flatten() else { continue };
        let mut flat = flat(&body);
        flat.extend(pairs(&request.query));
        // The path decides over the body, which repeats it.
        flat.retain(|(name, _)| named.iter().all(|(known, _)| known != name));
        // The name under which things are looked for in a region.
        let region = named.iter().find(|(name, _)| name == "regionId").map(|(_, region)| region.clone());
        flat.extend(region.map(|region| (REGION.to_owned(), region)));
        flat.extend(named);
        return Ok(Inquiry { action, parameters: Parameters::new(flat, body) });
    }
    let message =
        format!("API not found: peerlab serves no {} {path}; docs/api.md lists what it serves", request.method);
    Err(Refused::new(404, "NOT_FOUND", message))
}

/// The parts of a path that a template names: `/v1/regions/{regionId}/vpcs/{vpcId}`.
fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (template, path) = (template.trim_end_matches('/'), path.trim_end_matches('/'));
    let (mut wanted, mut given) = (template.split('/'), path.split('/').filter(|part| !part.is_empty()));
    wanted.next();
    let mut named = Vec::new();
    for part in wanted {
        let given = given.next()?;
        // A verb follows the id: `{routeTableId}:associateRouteTable`.
        let (name, verb) = part.split_once(':').map_or((part, None), |(name, verb)| (name, Some(verb)));
        let (text, given_verb) = given.rsplit_once(':').map_or((given, None), |(text, verb)| (text, Some(verb)));
        if verb != given_verb {
            return None;
        }
        match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => named.push((name.to_owned(), text.to_owned())),
            None if name == text => {}
            None => return None,
        }
    }
    given.next().is_none().then_some(named)
}

/// The statuses of its reference: it has few codes.
fn status(code: &str) -> u16 {
    match code {
        "AlreadyExists" | "InvalidCIDRBlock.Duplicate" | "InvalidPrivateIpAddress.Duplicated" => 409,
        "QuotaExceeded" | "AuthorizationLimitExceed" | "NetworkAclEntryLimitExceeded" => 429,
        "Forbidden.NotOwner" => 404,
        "InternalError" => 500,
        code if code == "NotFound" || code.ends_with(".NotFound") => 404,
        _ => 400,
    }
}

/// Its word for a status.
fn word(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 => "METHOD_NOT_ALLOWED",
        409 => "CONFLICT",
        413 => "REQUEST_TOO_LARGE",
        429 => "QUOTA_EXCEEDED",
        500 => "INTERNAL",
        503 => "UNAVAILABLE",
        _ => "INVALID_ARGUMENT",
    }
}

fn reply(_: &Request, id: &str, _: &Action, value: Value) -> Reply {
    let mut members = Map::new();
    members.insert("requestId".to_owned(), id.into());
    // What has nothing to say has no result at all.
    if value.as_object().is_some_and(|result| !result.is_empty()) {
        members.insert("result".to_owned(), value);
    }
    written(200, id, &Value::Object(members))
}

fn error(_: &Request, id: &str, refused: &Refused) -> Reply {
    let Refused { status, code, message } = refused;
    // Its clients see a status and a message; peerlab's code goes with the message.
    let message = match code == word(*status) {
        true => message.clone(),
        false => format!("{code}: {message}"),
    };
    written(
        *status,
        id,
        &json!({"requestId": id, "error": {"code": status, "status": word(*status), "message": message}}),
    )
}

fn written(status: u16, id: &str, value: &Value) -> Reply {
    let headers = vec![("x-jdcloud-request-id", id.to_owned())];
    Reply { status, content_type: "application/json", headers, body: value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_with_and_without_a_last_slash() {
        let vpcs = "/v1/regions/{regionId}/vpcs/";
        let region = |region: &str| Some(vec![("regionId".to_owned(), region.to_owned())]);
        for path in ["/v1/regions/cn-south-1/vpcs/", "/v1/regions/cn-south-1/vpcs", "//v1/regions/cn-south-1//vpcs"] {
            assert_eq!(matched(vpcs, path), region("cn-south-1"), "{path}");
        }
        for path in ["/v1/regions/cn-south-1/vpcs/x", "/v1/regions", "/v2/regions/x/vpcs", "/v1/regions/x/vpcs:do", ""]
        {
            assert_eq!(matched(vpcs, path), None, "{path}");
        }
        let verb = "/v1/regions/{regionId}/routeTables/{routeTableId}:associateRouteTable";
        let found = matched(verb, "/v1/regions/x/routeTables/rtb-1:associateRouteTable").unwrap();
        assert_eq!(found[1], ("routeTableId".to_owned(), "rtb-1".to_owned()));
        assert_eq!(matched(verb, "/v1/regions/x/routeTables/rtb-1"), None);
        assert_eq!(
            matched("/v1/regions/{regionId}/routeTables/{routeTableId}", "/v1/regions/x/routeTables/r:do"),
            None
        );
    }
}
