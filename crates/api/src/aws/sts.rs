//! STS 2011-06-15: who calls.

use serde_json::{Value, json};

use super::STS;
use crate::Refused;
use crate::action::{Action, Asked, Does};

pub(super) const ACTIONS: &[Action] = &[Action {
    product: STS,
    name: "GetCallerIdentity",
    path: None,
    operations: &[],
    parameters: "",
    filters: &[],
    reply: "Account Arn UserId",
    does: Does::Describe(get_caller_identity),
}];

fn get_caller_identity(asked: &Asked<'_>) -> Result<Value, Refused> {
    let id = asked.account_id(asked.caller.account);
    Ok(json!({"Account": id, "UserId": id, "Arn": format!("arn:aws:iam::{id}:root")}))
}
