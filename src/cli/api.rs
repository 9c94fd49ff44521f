//! `peerlab api --as ACCOUNT OPERATION…`

use serde::Serialize;

use super::context::Context;
use super::next::{states, transitions};
use super::target::running_lab;
use super::validate::count;
use super::{Api, Ending};
use crate::error::{Error, Errors};
use crate::kernel;
use crate::report::terminal::Tone;
use crate::session::{Run, Scope, Session};

#[derive(Serialize)]
struct Called {
    lab: String,
    account: String,
    operation: String,
    transitions: Vec<String>,
    warnings: Vec<String>,
    /// How many things the kernel was told to change.
    changes: usize,
}

pub(super) fn run(arguments: Api, context: &Context) -> Result<Ending, Errors> {
    kernel::privilege::check()?;
    let name = running_lab(arguments.lab.lab.as_deref())?;
    let (mut session, before) = Session::open_running(&name, context.waiting(&name))?;
    let mut run = before.run;
    let account = caller(&run, arguments.account)?;
    let operation = arguments.call.to_string();
    let outcome = run.operate(&account, arguments.call)?;
    let settled = session.settle(&run, Scope::Change, &context.progress())?;
    for warning in outcome.warnings.iter().chain(&settled.notes) {
        context.warn(warning);
    }
    let called = Called {
        lab: name,
        account,
        operation,
        transitions: transitions(&outcome.transitions),
        warnings: outcome.warnings,
        changes: settled.changes.len(),
    };
    context.show(&called, |out| {
        let done = format!("{} {}: {}\n", out.paint(Tone::Good, "✓"), called.account, called.operation);
        let passed = called
            .transitions
            .iter()
            .map(|transition| format!("  {}\n", out.paint(Tone::Notice, states(transition, out))));
        done + &passed.collect::<String>()
    });
    context.talk(format!("{} made in the kernel", count(called.changes, "change")));
    if context.verbose {
        settled.changes.iter().for_each(|change| context.talk(change.to_string()));
    }
    Ok(Ending::Done)
}

/// Who calls: the account that is named, else the only one there is.
fn caller(run: &Run, named: Option<String>) -> Result<String, Error> {
    let accounts: Vec<_> = run.cloud().accounts().map(|account| account.name.to_string()).collect();
    match (named, accounts.as_slice()) {
        (Some(name), _) => run.account(&name).map(|account| account.to_string()),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Error::input("who calls is not said")
            .code("AccountMissing")
            .hint(format!("add --as and one of the accounts {}", accounts.join(", ")))),
    }
}
