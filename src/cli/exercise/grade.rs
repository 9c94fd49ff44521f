//! `peerlab exercise grade [LAB…]`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::side_by_side::side_by_side;
use super::super::verify;
use super::start::now;
use super::{AT_ONCE, Context, Ending, Open, Said};
use crate::cloud::AccountName;
use crate::error::Errors;
use crate::exercise::{self, Score, Weights, word_of_kind};
use crate::journal::{self, Store};
use crate::lab::{FaultKind, parse_operation};
use crate::msg;
use crate::progress::{Progress, Unwatched, Work};
use crate::session::read_file;
use crate::terminal::{Table, Terminal, Tone};
use crate::verify::Options;

/// Grade exercises: checks, faults, collateral, operations, hints, time; exit status 1 below the pass mark
#[derive(Debug, Args)]
#[command(after_help = "\
A file of weights has whole numbers: checks, faults, collateral and operations are points for what is right; hint and quarter \
(of an hour, after the first half hour) are points taken; pass is the pass mark.

Examples:
  peerlab exercise grade
  peerlab exercise grade ada ben --json
  peerlab exercise grade --all --csv > marks.csv
  peerlab exercise grade --weights weights.toml")]
pub(super) struct Arguments {
    /// The exercises: running labs; optional while one lab is up
    #[arg(value_name = "LAB", conflicts_with = "all")]
    labs: Vec<String>,
    /// All exercises that are up
    #[arg(long)]
    all: bool,
    /// Print a line of comma-separated values for each exercise, after a line of names
    #[arg(long)]
    csv: bool,
    /// What counts how much
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    weights: Option<PathBuf>,
}

/// The grade of one exercise.
#[derive(Serialize)]
struct Grade {
    lab: String,
    learner: Option<String>,
    seed: Option<u64>,
    faults: Vec<Fault>,
    checks: Checks,
    collateral: Vec<Collateral>,
    operations: usize,
    best: usize,
    hints: usize,
    seconds: u64,
    score: u32,
    passed: bool,
}

#[derive(Serialize)]
struct Fault {
    kind: &'static str,
    found: bool,
    mended: bool,
    #[serde(skip)]
    of: FaultKind,
}

#[derive(Serialize)]
struct Checks {
    passed: usize,
    failed: usize,
}

#[derive(Serialize)]
struct Collateral {
    from: String,
    to: String,
    protocol: String,
    was: String,
    is: String,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let weights = arguments.weights.as_deref().map(weights).transpose()?.unwrap_or_default();
    let named: Vec<Option<String>> = match (arguments.all, arguments.labs.as_slice()) {
        (true, _) => exercises()?.into_iter().map(Some).collect(),
        (false, []) => vec![None],
        (false, labs) => labs.iter().cloned().map(Some).collect(),
    };
    let single = !arguments.all && arguments.labs.len() <= 1;
    let grades = match named.as_slice() {
        [one] => vec![grade(one.as_deref(), &weights, context, &context.progress())?],
        all => grade_all(all, &weights, context)?,
    };
    match (arguments.csv, single, grades.as_slice()) {
        (true, ..) => context.print_file(&csv(&grades)),
        (false, true, [one]) => context.show(one, |out| one.render(&weights, out)),
        _ => context.show(&serde_json::json!({ "labs": grades }), |out| table(&grades, out)),
    }
    Ok(Ending::failed_if(grades.iter().any(|grade| !grade.passed)))
}

fn weights(file: &Path) -> Result<Weights, Errors> {
    Weights::read(&read_file(file)?)
}

/// The exercises that are up.
fn exercises() -> Result<Vec<String>, Errors> {
    let is_one = |lab: &String| Store::of(lab).read_exercise().is_ok_and(|counted| counted.is_some());
    Ok(journal::labs()?.into_iter().filter(is_one).collect())
}

/// Grades several exercises at once.
fn grade_all(labs: &[Option<String>], weights: &Weights, context: &Context) -> Result<Vec<Grade>, Errors> {
    let (mut grades, mut errors) = (Vec::new(), Errors::default());
    let grade = |lab: &Option<String>| grade(lab.as_deref(), weights, context, &Unwatched);
    side_by_side(labs, AT_ONCE, (&context.progress(), Work::Grading), grade, |graded| match graded {
        Some(Ok(grade)) => grades.push(grade),
        Some(Err(error)) => errors.0.extend(error.0),
        None => {}
    });
    errors.into_result().map(|()| grades)
}

fn grade(lab: Option<&str>, weights: &Weights, context: &Context, progress: &dyn Progress) -> Result<Grade, Errors> {
    let open = Open::look(lab, context)?;
    let Open { name, run, healthy, broken, counted } = &open;
    let lab = run.lab();
    let report = verify::held(run, &run.checks(lab.final_checks()), Options::default(), progress)?;
    let n = report.summary.wrong();
    if n > 0 {
        context.caution(msg!(Said::KernelDisagrees { n }));
    }
    let deeds = run.by_hand().map(|(account, line)| Ok((AccountName::trusted(account), parse_operation(line)?)));
    let deeds = deeds.collect::<Result<Vec<_>, Errors>>()?;
    let seen = exercise::assess(lab, healthy, broken, run.cloud(), &deeds);
    let count = |is: fn(&exercise::FaultSeen) -> bool| seen.faults.iter().filter(|fault| is(fault)).count();
    let checks = Checks { passed: report.summary.checks_passed, failed: report.summary.checks_failed };
    // Who is done is not late because the teacher is.
    let changed = Store::of(name).stamp().map(|stamp| stamp.seconds());
    let end = changed.filter(|_| checks.failed == 0 && !deeds.is_empty()).unwrap_or_else(now);
    let score = Score {
        failed_at_start: seen.failed_at_start,
        failing: checks.failed,
        faults: seen.faults.len(),
        mended: count(|fault| fault.mended),
        found: count(|fault| fault.found && !fault.mended),
        collateral: seen.made,
        operations: deeds.len(),
        best: seen.best,
        hints: counted.hints,
        seconds: end.saturating_sub(counted.began),
    };
    let points = weights.score(&score);
    let fault =
        |it: &exercise::FaultSeen| Fault { kind: it.kind.as_str(), found: it.found, mended: it.mended, of: it.kind };
    Ok(Grade {
        lab: name.clone(),
        learner: open.learner().map(str::to_owned),
        seed: open.seed(),
        faults: seen.faults.iter().map(fault).collect(),
        checks,
        collateral: seen.collateral.into_iter().map(Collateral::of).collect(),
        operations: score.operations,
        best: score.best,
        hints: score.hints,
        seconds: score.seconds,
        score: points,
        passed: points >= weights.pass,
    })
}

impl Collateral {
    fn of(it: exercise::Collateral) -> Self {
        let exercise::Collateral { from, to, protocol, was, is } = it;
        Collateral { from, to, protocol, was, is }
    }
}

impl Grade {
    fn who(&self) -> &str {
        self.learner.as_deref().unwrap_or(&self.lab)
    }

    fn mended(&self) -> usize {
        self.faults.iter().filter(|fault| fault.mended).count()
    }

    fn render(&self, weights: &Weights, out: &Terminal) -> String {
        let (tone, mark) = if self.passed { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
        let head = msg!(Said::ScoreOf { who: self.who(), score: self.score, pass: weights.pass });
        let mut text = format!("{} {}\n", out.paint(tone, mark), out.paint(Tone::Strong, out.say(head)));
        let mut table = Table::new();
        let mut row = |what: String, value: String| table.row([(Tone::Faint, what), (Tone::Plain, value)]);
        let Checks { passed, failed } = self.checks;
        row(out.say(Said::Checks), out.say(msg!(Said::HoldAndFail { passed, failed })));
        for fault in &self.faults {
            let is = match (fault.mended, fault.found) {
                (true, _) => Said::Mended,
                (false, true) => Said::FoundOnly,
                (false, false) => Said::NotFound,
            };
            row(out.say(msg!(Said::FaultIs { kind: word_of_kind(fault.of) })), out.say(is));
        }
        row(out.say(Said::Collateral), self.collateral.len().to_string());
        row(out.say(Said::Operations), out.say(msg!(Said::OperationsAndBest { n: self.operations, best: self.best })));
        row(out.say(Said::Hints), self.hints.to_string());
        row(out.say(Said::Time), format!("{}:{:02}", self.seconds / 60, self.seconds % 60));
        text += &table.render(out, 2);
        for it in &self.collateral {
            let Collateral { from, to, protocol, was, is } = it;
            text += &format!("  {from} → {to} {protocol}: {was} → {is}\n");
        }
        text
    }
}

/// The marks of a class.
fn table(grades: &[Grade], out: &Terminal) -> String {
    let mut table = Table::new();
    let heads = [Said::Learner, Said::LabHead, Said::ScoreHead, Said::Checks, Said::FaultsHead, Said::Collateral];
    let heads = heads.into_iter().chain([Said::Operations, Said::Hints, Said::Time]);
    table.row(heads.map(|head| (Tone::Faint, out.say(head))));
    for grade in grades {
        let tone = if grade.passed { Tone::Good } else { Tone::Bad };
        let Checks { passed, failed } = grade.checks;
        let seconds = grade.seconds;
        table.row([
            (Tone::Strong, grade.who().to_owned()),
            (Tone::Plain, grade.lab.clone()),
            (tone, grade.score.to_string()),
            (Tone::Plain, format!("{passed}/{}", passed + failed)),
            (Tone::Plain, format!("{}/{}", grade.mended(), grade.faults.len())),
            (Tone::Plain, grade.collateral.len().to_string()),
            (Tone::Plain, format!("{}/{}", grade.operations, grade.best)),
            (Tone::Plain, grade.hints.to_string()),
            (Tone::Plain, format!("{}:{:02}", seconds / 60, seconds % 60)),
        ]);
    }
    table.render(out, 0)
}

/// For a spreadsheet: a line of names, then a line for each exercise.
fn csv(grades: &[Grade]) -> String {
    const NAMES: &str = "learner,lab,score,passed,faults,found,mended,checks_passed,checks_failed,collateral,operations,best,hints,seconds,seed";
    let line = |grade: &Grade| {
        let found = grade.faults.iter().filter(|fault| fault.found).count();
        let seed = grade.seed.map(|seed| seed.to_string()).unwrap_or_default();
        let cells = [
            cell(grade.learner.as_deref().unwrap_or_default()),
            grade.lab.clone(),
            grade.score.to_string(),
            grade.passed.to_string(),
            grade.faults.len().to_string(),
            found.to_string(),
            grade.mended().to_string(),
            grade.checks.passed.to_string(),
            grade.checks.failed.to_string(),
            grade.collateral.len().to_string(),
            grade.operations.to_string(),
            grade.best.to_string(),
            grade.hints.to_string(),
            grade.seconds.to_string(),
            seed,
        ];
        format!("{}\n", cells.join(","))
    };
    format!("{NAMES}\n{}", grades.iter().map(line).collect::<String>())
}

/// A cell, quoted where it must be. A spreadsheet takes what begins with one of these signs for a formula.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        let cells = ["Ada", "Lovelace, Ada", "a \"b\"", "=1+1"].map(cell);
        assert_eq!(cells, ["Ada", "\"Lovelace, Ada\"", "\"a \"\"b\"\"\"", "'=1+1"]);
    }
}
