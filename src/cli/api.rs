//! `peerlab api --as ACCOUNT OPERATION…`

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::interrupt::Hold;
use super::messages::steps::Said;
use super::next::{Passing, transitions};
use super::operation::Typed;
use super::target::{LabChoice, running_lab};
use crate::cloud::Call;
use crate::error::{Error, Errors};
use crate::message::Message;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::session::{Scope, Session, Standing};
use crate::target;
use crate::terminal::Tone;

/// Call one cloud operation on a running lab; the kernel has changed when the command returns
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab api --as A connect-router-interface ri-a
  peerlab api --as B create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-b")]
#[command(subcommand_value_name = "OPERATION", subcommand_help_heading = "Operations")]
pub(super) struct Arguments {
    #[command(flatten)]
    lab: LabChoice,
    /// The calling account, by name or id; optional in a lab with one account
    #[arg(long = "as", value_name = "ACCOUNT", global = true)]
    account: Option<String>,
    #[command(subcommand)]
    call: Typed,
}

#[derive(Serialize)]
struct Called {
    lab: String,
    /// `None`: no account calls it.
    account: Option<String>,
    operation: String,
    transitions: Vec<Passing>,
    /// The ids of created resources, by name.
    ids: BTreeMap<String, String>,
    warnings: Vec<Message>,
    /// The number of changes in the kernel.
    changes: usize,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<Ending, Errors> {
    target::check()?;
    let name = running_lab(arguments.lab.lab.as_deref())?;
    let interrupts = Hold::new();
    let (mut session, mut standing) = Session::open_standing(&name, context.waiting(&name, &interrupts))?;
    let Typed(call) = arguments.call;
    let account = caller(&standing, arguments.account, &call)?;
    let operation = call.to_string();
    let outcome = standing.operate(&account, call.clone())?;
    let made = standing.cloud().made_by(&call);
    let settled = session.settle_standing(&standing, Scope::Change, &context.progress())?;
    interrupts.heed_settled(&name);
    for warning in outcome.warnings.iter().cloned().chain(settled.notes.iter().cloned()) {
        context.warn(warning);
    }
    let called = Called {
        lab: name,
        account: Some(account).filter(|_| !call.kind().is_nobodys),
        operation,
        transitions: transitions(&outcome.transitions),
        ids: made.iter().map(|(name, id)| (name.to_string(), id.to_string())).collect(),
        warnings: outcome.warnings,
        changes: settled.changes.len(),
    };
    context.show(&called, |out| {
        let operation = &called.operation;
        let did = match &called.account {
            Some(account) => out.say(msg!(Said::Did { account, operation })),
            None => operation.clone(),
        };
        let done = format!("{} {did}\n", out.paint(Tone::Good, "✓"));
        let transitions = if context.quiet { &[][..] } else { &called.transitions };
        let passed =
            transitions.iter().map(|transition| format!("  {}\n", out.paint(Tone::Notice, transition.render(out))));
        let ids = made.iter().filter(|_| !context.quiet);
        let ids = ids.map(|(name, id)| format!("  {}\n", out.say(msg!(Said::HasId { name, id }))));
        done + &passed.chain(ids).collect::<String>()
    });
    context.talk(msg!(Said::MadeInKernel { count: count(called.changes, Thing::Change) }));
    context.show_changes(&settled.changes);
    Ok(Ending::Done)
}

/// The calling account: the named one, else the only one; for an operation that no account calls, any.
fn caller(standing: &Standing, named: Option<String>, call: &Call) -> Result<String, Error> {
    let accounts: Vec<_> = standing.cloud().accounts().map(|account| account.name.to_string()).collect();
    match (named, accounts.as_slice()) {
        (Some(name), _) => standing.account(&name).map(|account| account.to_string()),
        (None, [only]) => Ok(only.clone()),
        (None, [first, ..]) if call.kind().is_nobodys => Ok(first.clone()),
        (None, _) => Err(Error::input(Said::NobodyCalls).code("AccountMissing").hint(msg!(Said::AddAs { accounts }))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{CommandLine, Verb};

    #[test]
    fn options_may_stand_before_or_behind_an_operation() {
        for line in [
            "peerlab api --as A --json --lab x connect-router-interface ri-a",
            "peerlab api connect-router-interface ri-a --as A --lab x --json",
        ] {
            let parsed = CommandLine::try_parse_from(line.split(' ')).unwrap();
            assert!(parsed.global.json);
            let Verb::Api(api) = parsed.verb else { panic!("{line} is an api call") };
            assert_eq!((api.account.as_deref(), api.lab.lab.as_deref()), (Some("A"), Some("x")));
            assert_eq!(api.call.0.to_string(), "connect-router-interface ri-a");
        }
    }
}
