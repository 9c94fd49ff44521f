//! `peerlab plan FILE`

use serde::Serialize;

use super::context::Context;
use super::target::{read_lab, walk};
use super::validate::count;
use super::{Ending, Plan};
use crate::error::{Error, Errors};
use crate::journal::Store;
use crate::kernel;
use crate::network::compile::compile;
use crate::network::diff::diff;
use crate::network::model::Network;
use crate::report::plan::{self, ResourceChange};
use crate::report::terminal::Tone;
use crate::session;

#[derive(Serialize)]
struct Planned {
    lab: String,
    running: bool,
    resources: Vec<ResourceChange>,
    /// Operations by hand that `up` would drop.
    dropped: Vec<String>,
    kernel: Vec<String>,
}

pub(super) fn run(arguments: &Plan, context: &Context) -> Result<Ending, Errors> {
    let lab = read_lab(&arguments.file, arguments.name.as_deref())?;
    let name = lab.name.clone();
    let desired = walk(lab, &arguments.file, &arguments.until)?;
    let running = Store::of(&name).exists();
    if running {
        kernel::privilege::check().map_err(|error| up_needs_root(&name, error))?;
    }
    let current = if running { Some(session::look(&name)?.run) } else { None };
    let wanted = compile(desired.cloud());
    let network = if running { session::read_kernel(&name, &wanted)? } else { Network::default() };
    let planned = Planned {
        resources: plan::changes(current.as_ref().map(|run| run.cloud()), desired.cloud()),
        dropped: current.iter().flat_map(|run| run.by_hand()).map(|(who, line)| format!("{who}: {line}")).collect(),
        kernel: diff(&network, &wanted).iter().map(ToString::to_string).collect(),
        lab: name,
        running,
    };
    context.show(&planned, |out| {
        if planned.kernel.is_empty() {
            return format!("lab {} is up to date\n", planned.lab);
        }
        let mut text = match planned.resources.as_slice() {
            [] => "nothing changes in the cloud; the kernel differs from what it should be\n".into(),
            resources => plan::render(resources, out),
        };
        for line in &planned.dropped {
            text += &format!("dropped, as it was done by hand: {line}\n");
        }
        text += &format!("{} to the kernel", count(planned.kernel.len(), "change"));
        if !context.verbose {
            return text + &out.paint(Tone::Faint, "; -v shows them") + "\n";
        }
        planned.kernel.iter().fold(text + ":\n", |text, change| text + "  " + change + "\n")
    });
    Ok(Ending::Done)
}

fn up_needs_root(lab: &str, error: Error) -> Error {
    Error { message: format!("lab {lab} is up, and what it is now only root can read: {}", error.message), ..error }
}
