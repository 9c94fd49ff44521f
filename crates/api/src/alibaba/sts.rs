//! STS 2015-04-01: who calls.

use serde_json::{Value, json};

use crate::Refused;
use crate::action::{Action, Asked, Does};

pub(super) const ACTIONS: &[Action] = &[Action {
    product: "2015-04-01",
    name: "GetCallerIdentity",
    path: None,
    operations: &[],
    parameters: "",
    filters: &[],
    reply: "AccountId Arn UserId PrincipalId IdentityType",
    does: Does::Describe(get_caller_identity),
}];

fn get_caller_identity(asked: &Asked<'_>) -> Result<Value, Refused> {
    let id = asked.account_id(asked.caller.account);
    let arn = format!("acs:ram::{id}:root");
    Ok(json!({"AccountId": id, "UserId": id, "PrincipalId": id, "Arn": arn, "IdentityType": "Account"}))
}
