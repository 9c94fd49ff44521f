//! `peerlab exercise solution [LAB]`

use clap::Args;
use serde::Serialize;

use super::{Context, EXPLAIN, Ending, Open, Said, Which};
use crate::error::Errors;
use crate::exercise::{solution, word_of_kind};
use crate::journal::Store;
use crate::msg;
use crate::terminal::Tone;

/// Show the faults and the operations that mend them; counts as all hints
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
}

#[derive(Serialize)]
struct Solved {
    lab: String,
    faults: Vec<Fault>,
    /// The number of operations of the best repair.
    best: usize,
}

#[derive(Serialize)]
struct Fault {
    kind: &'static str,
    account: String,
    /// The operations that made it.
    made: Vec<String>,
    /// The operations that mend it.
    mend: Vec<Operation>,
}

#[derive(Serialize)]
struct Operation {
    account: String,
    operation: String,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (open, held) = Open::hold(&arguments.which, context)?;
    let name = open.name.clone();
    let lab = open.run.lab();
    let solution = solution(lab, &open.healthy);
    Store::of(&name).write_exercise(&open.counted.clone().explained(lab.faults.len()))?;
    drop(held);
    let faults = lab.faults.iter().zip(&solution.mends).map(|(fault, mend)| Fault {
        kind: fault.kind.as_str(),
        account: fault.operations.first().map(|it| it.caller.to_string()).unwrap_or_default(),
        made: fault.operations.iter().map(|it| it.call.to_string()).collect(),
        mend: mend
            .iter()
            .map(|it| Operation { account: it.caller.to_string(), operation: it.call.to_string() })
            .collect(),
    });
    let solved = Solved { lab: name.clone(), faults: faults.collect(), best: solution.best };
    context.show(&solved, |out| {
        let mut text = String::new();
        for (index, (fault, of)) in solved.faults.iter().zip(&lab.faults).enumerate() {
            let kind = word_of_kind(of.kind);
            let head = msg!(Said::FaultOf { number: index + 1, kind: kind, account: &fault.account });
            text += &format!("{}\n", out.paint(Tone::Strong, out.say(head)));
            text.extend(fault.made.iter().map(|line| format!("  {} {line}\n", out.paint(Tone::Bad, "✗"))));
            text += &format!("{}\n", out.say(Said::MendedBy));
            let command = |it: &Operation| format!("  peerlab api --as {} {}\n", it.account, it.operation);
            text.extend(fault.mend.iter().map(command));
        }
        text
    });
    context.caution(msg!(Said::SolutionCounts { hints: EXPLAIN * lab.faults.len() }));
    Ok(Ending::Done)
}
