//! Cloud Assistant: commands that run in instances.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use peerlab_cloud::Power;
use serde_json::{Value, json};

use super::row::{ECS, PAGES_OF_ECS};
use crate::action::{Action, Asked, Does, Errand, Ran};
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[
    Action {
        product: ECS,
        name: "RunCommand",
        path: None,
        operations: &[],
        parameters: "RegionId* Type* CommandContent* InstanceId.N* ContentEncoding Timeout Name",
        filters: &[],
        reply: "CommandId InvokeId",
        does: Does::Run(run_command),
    },
    Action {
        product: ECS,
        name: "DescribeInvocationResults",
        path: None,
        operations: &[],
        parameters: "RegionId* InvokeId CommandId InstanceId ContentEncoding PageNumber PageSize",
        filters: &[],
        reply: "Invocation{InvocationResults.InvocationResult[]{InvokeId CommandId InstanceId InvocationStatus \
                InvokeRecordStatus ExitCode Output Dropped StartTime FinishedTime ErrorCode ErrorInfo Repeats} TotalCount \
                PageNumber PageSize}",
        does: Does::Ran(describe_invocation_results),
    },
];

/// The id of a command, by that of its errand.
fn command_id(errand: &str) -> String {
    format!("c-{errand}")
}

fn run_command(asked: &Asked<'_>) -> Result<Errand, Refused> {
    let parameters = asked.parameters();
    if parameters.needed("Type") != "RunShellScript" {
        return Err(Refused::new(400, "InvalidParameter.Type", "Only commands of type RunShellScript are run."));
    }
    let content = parameters.needed("CommandContent");
    let script = match parameters.get("ContentEncoding").unwrap_or("PlainText") {
        "Base64" => STANDARD.decode(content).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
        _ => Some(content.to_owned()),
    };
    let script = script.filter(|script| script.len() <= 24 << 10 && !script.contains('\0'));
    let script = script.ok_or_else(|| {
        let message = "The specified CommandContent is not text, in Base64 as ContentEncoding says, of up to 24 KB.";
        Refused::new(400, "InvalidParameter.CommandContent", message)
    })?;
    let seconds = parameters.number("Timeout", 60)?;
    if !(1..=600).contains(&seconds) {
        return Err(Refused::new(400, "InvalidParameter.Timeout", "A command may take 1 to 600 seconds here."));
    }
    let mut instances = Vec::new();
    for id in parameters.list("InstanceId") {
        let instance = asked.instance_with(id, "delete-instance")?;
        if instance.power == Power::Stopped {
            let message = format!("The instance {id} does not run.");
            return Err(Refused::new(403, "IncorrectInstanceStatus", message));
        }
        instances.push(id.to_owned());
    }
    let reply = |_: &Errand, id: &str, _| json!({"CommandId": command_id(id), "InvokeId": format!("t-{id}")});
    Ok(Errand { instances, script, comment: String::new(), seconds: seconds as u64, apart: false, reply })
}

fn describe_invocation_results(asked: &Asked<'_>, ran: &[Ran]) -> Result<Value, Refused> {
    let parameters = asked.parameters();
    let mine = ran.iter().filter(|it| {
        parameters.fits("InvokeId", &format!("t-{}", it.errand))
            && parameters.fits("CommandId", &command_id(&it.errand))
            && parameters.fits("InstanceId", &it.instance)
    });
    let page = PAGES_OF_ECS.page(parameters, mine.collect())?;
    let plain = parameters.get("ContentEncoding") == Some("PlainText");
    let items: Vec<_> = page.items.iter().map(|it| invocation_shown(it, plain)).collect();
    Ok(json!({"Invocation": {
        "InvocationResults": {"InvocationResult": items},
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }}))
}

fn invocation_shown(it: &Ran, plain: bool) -> Value {
    let (of_run, of_record) = match (it.ended, it.status) {
        (None, _) => ("Running", "Running"),
        (Some(_), Some(0)) => ("Success", "Finished"),
        (Some(_), Some(_)) => ("Failed", "Finished"),
        (Some(_), None) => ("Timeout", "Failed"),
    };
    let output = match plain {
        true => String::from_utf8_lossy(&it.output).into_owned(),
        false => STANDARD.encode(&it.output),
    };
    json!({
        "InvokeId": format!("t-{}", it.errand),
        "CommandId": command_id(&it.errand),
        "InstanceId": it.instance,
        "InvocationStatus": of_run,
        "InvokeRecordStatus": of_record,
        "ExitCode": it.status.unwrap_or_default(),
        "Output": output,
        "Dropped": it.dropped,
        "StartTime": time::at_second(it.began),
        "FinishedTime": it.ended.map_or_else(String::new, time::at_second),
        "StopTime": "",
        "ErrorCode": "",
        "ErrorInfo": "",
        "Repeats": 1,
        "Username": "",
    })
}
