//! STS: who calls.

use serde_json::{Value, json};

use super::row::{STS, describe};
use crate::Refused;
use crate::action::{Action, Asked};

pub(super) const ACTIONS: &[Action] =
    &[describe(STS, "GetCallerIdentity", "", "AccountId Arn UserId PrincipalId IdentityType", get_caller_identity)];

fn get_caller_identity(asked: &Asked<'_>) -> Result<Value, Refused> {
    let id = asked.account_id(asked.caller.account);
    let arn = format!("acs:ram::{id}:root");
    Ok(json!({"AccountId": id, "UserId": id, "PrincipalId": id, "Arn": arn, "IdentityType": "Account"}))
}
