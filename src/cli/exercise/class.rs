//! `peerlab exercise class FILE --learners roster.csv`

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::Args;
use serde::Serialize;

use super::super::interrupt::Hold;
use super::super::side_by_side::{Stop, side_by_side};
use super::start::{Wanted, author, not_up, start};
use super::{AT_ONCE, Context, Ending, Said};
use crate::error::{Error, Errors, Source};
use crate::exercise::{self, Made, Maker, seed_of};
use crate::lab::Lab;
use crate::msg;
use crate::progress::{Unwatched, Work};
use crate::session::read_file;
use crate::target;
use crate::terminal::{Table, Tone};

/// Build a lab for each learner of a list, each another exercise of equal difficulty
#[derive(Debug, Args)]
#[command(after_help = "\
The list has a learner on each line, in its first column; a first line `learner` or `name` is a heading. Each lab has the name \
of the file's lab, and the learner's.

Examples:
  peerlab exercise class cross-account --learners roster.csv --seed 7
  peerlab exercise grade --all --csv > marks.csv
  peerlab down --all")]
pub(super) struct Arguments {
    /// The lab file, a shipped lab, or - (standard input)
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// The learners: a file of comma-separated values
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    learners: PathBuf,
    /// The seed of the class [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Serialize)]
struct Seat {
    learner: String,
    lab: String,
    seed: Option<u64>,
    difficulty: Option<u8>,
    /// Whether another learner has the same faults.
    again: bool,
}

/// The most seeds that are tried for a variant that nobody has.
const ATTEMPTS: u64 = 25;

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (lab, healthy) = author(&arguments.file)?;
    let learners = roster(&read_file(&arguments.learners)?)?;
    target::check()?;
    let seed = arguments.seed.unwrap_or(1);
    let mut maker = match lab.faults.is_empty() {
        true => Some(arguments.wanted.maker(&lab, &healthy)?),
        false if arguments.wanted.any() => {
            return Err(Error::input(Said::FaultsAreWritten).code("CommandLine").hint(Said::LeaveSeedOut).into());
        }
        false => None,
    };
    let mut difficulty = arguments.wanted.difficulty;
    let mut given: Vec<Made> = Vec::new();
    let mut seats = Vec::new();
    let mut texts = Vec::new();
    for (index, learner) in learners.iter().enumerate() {
        let name = name(&lab.name, learner, index, &seats);
        not_up(&name)?;
        let variant = match &mut maker {
            Some(maker) => Some(variant(maker, &arguments.wanted, (seed, index as u64), difficulty, &given)?),
            None => None,
        };
        let made = variant.as_ref().map(|(made, _)| made);
        // All are as hard as the first.
        difficulty = difficulty.or(made.map(|made| made.difficulty));
        let own = variant.as_ref().map(|(_, seed)| *seed);
        texts.push((name.clone(), exercise::text(&lab, made, own, Some(learner))));
        let again = made.is_some_and(|made| given.contains(made));
        seats.push(Seat {
            learner: learner.clone(),
            lab: name,
            seed: own,
            difficulty: made.map(|it| it.difficulty),
            again,
        });
        given.extend(made.cloned());
    }
    start_all(&lab, &texts, &arguments.file, context)?;
    let again = seats.iter().filter(|seat| seat.again).count();
    if again > 0 {
        context.warn(msg!(Said::NotEnoughVariants { n: again }));
    }
    context.show(&serde_json::json!({ "seed": seed, "labs": seats }), |out| {
        let mut table = Table::new();
        let heads = [Said::Learner, Said::LabHead, Said::SeedHead, Said::DifficultyHead];
        table.row(heads.map(|head| (Tone::Faint, out.say(head))));
        for seat in &seats {
            let number = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
            table.row([
                (Tone::Strong, seat.learner.clone()),
                (Tone::Plain, seat.lab.clone()),
                (Tone::Plain, number(seat.seed)),
                (Tone::Plain, number(seat.difficulty.map(u64::from))),
            ]);
        }
        table.render(out, 0)
    });
    Ok(Ending::Done)
}

/// Starts these labs, several at once. After Ctrl-C, the labs that have begun become whole, and no other begins.
fn start_all(author: &Lab, labs: &[(String, String)], file: &Path, context: &Context) -> Result<(), Errors> {
    // Before any other thread starts, so that all hold back the same signals.
    let signals = Hold::new();
    let stop = Stop::new(&signals);
    let progress = context.progress();
    let (mut up, mut errors) = (0, Errors::default());
    let stops = &stop.stops;
    let begin = |(name, text): &(String, String)| {
        let goes_on = !stops.load(Ordering::Relaxed);
        goes_on.then(|| start(author, text.clone(), file, name, context, &Unwatched))
    };
    side_by_side(labs, AT_ONCE, (&progress, Work::Building), begin, |started| {
        match started.flatten() {
            Some(Ok(_)) => up += 1,
            Some(Err(error)) => errors.0.extend(error.0),
            None => {}
        }
        stop.heed(Said::InterruptedClass, context);
    });
    if let Some(signal) = stop.by() {
        context.warn(msg!(Said::LabsAreUp { up, of: labs.len() }));
        signals.end_by(signal);
    }
    errors.into_result()
}

/// The exercise of a learner, which nobody of the class has if there are so many; with the seed that makes it again.
fn variant(
    maker: &mut Maker<'_>,
    wanted: &Wanted,
    (seed, learner): (u64, u64),
    difficulty: Option<u8>,
    given: &[Made],
) -> Result<(Made, u64), Errors> {
    let mut second = None;
    for attempt in 0..ATTEMPTS {
        let own = seed_of(seed, learner, attempt);
        let made = wanted.make(maker, own, difficulty)?;
        if !given.contains(&made) {
            return Ok((made, own));
        }
        second.get_or_insert((made, own));
    }
    second.ok_or_else(|| Error::input(Said::NoFaultPossible).code("NoExercise").into())
}

/// The learners of a list: the first cell of each line.
fn roster(source: &Source) -> Result<Vec<String>, Errors> {
    let lines = source.text.lines().map(|line| first_cell(line.trim_start_matches('\u{feff}')));
    let mut learners: Vec<String> = lines.filter(|cell| !cell.is_empty()).collect();
    let is_heading =
        |cell: &String| ["learner", "name", "student", "姓名", "学员"].contains(&cell.to_lowercase().as_str());
    if learners.first().is_some_and(is_heading) {
        learners.remove(0);
    }
    if let Some(twice) = learners.iter().enumerate().find(|(at, one)| learners[..*at].contains(one)) {
        let message = msg!(Said::LearnerTwice { learner: twice.1 });
        return Err(Error::input(message).code("InvalidRoster").hint(Said::EachOnce).into());
    }
    match learners.is_empty() {
        true => Err(Error::input(Said::NoLearners).code("InvalidRoster").hint(Said::OneOnEachLine).into()),
        false => Ok(learners),
    }
}

/// The first cell of a line of comma-separated values.
fn first_cell(line: &str) -> String {
    let line = line.trim();
    let Some(quoted) = line.strip_prefix('"') else {
        return line.split([',', ';', '\t']).next().unwrap_or_default().trim().to_owned();
    };
    let mut cell = String::new();
    let mut letters = quoted.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => break,
            other => cell.push(other),
        }
    }
    cell.trim().to_owned()
}

/// The longest name of a lab.
const LONGEST: usize = 32;

/// A lab's name for a learner: the file's lab, and what of the learner's name a lab can have, else the number in the list.
fn name(lab: &str, learner: &str, index: usize, taken: &[Seat]) -> String {
    let letters: String = learner
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let words: Vec<_> = letters.split('-').filter(|word| !word.is_empty()).collect();
    let number = format!("{}", index + 1);
    let whole = learner.is_ascii();
    let own = if words.is_empty() || !whole { number.clone() } else { words.join("-") };
    let joined = |own: &str| {
        let lab: String = lab.chars().take(LONGEST.saturating_sub(own.len() + 1)).collect();
        let name = format!("{}-{own}", lab.trim_end_matches('-'));
        name.trim_start_matches('-').chars().take(LONGEST).collect::<String>()
    };
    let name = joined(&own);
    match taken.iter().any(|seat| seat.lab == name) {
        true => joined(&number),
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::is_lab_name;

    #[test]
    fn a_roster_has_a_learner_on_each_line() {
        let read = |text: &str| roster(&Source::new("roster.csv", text));
        let text = "\u{feff}Name,Class\r\nAda Lovelace,1\n\"Bell, \"\"Ben\"\"\",2\n\n李雷;3\n";
        assert_eq!(read(text).unwrap(), ["Ada Lovelace", "Bell, \"Ben\"", "李雷"]);
        for wrong in ["", "learner\n", "Ada\nAda\n"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn each_learner_has_a_lab_of_their_own() {
        let mut seats = Vec::new();
        let lab = "alibaba-peer-cross-account-long";
        for (index, learner) in
            ["Ada Lovelace", "ada-lovelace", "李雷", "韩梅梅", &"x".repeat(90)].into_iter().enumerate()
        {
            let name = name(lab, learner, index, &seats);
            assert!(is_lab_name(&name), "{name}");
            assert!(seats.iter().all(|seat: &Seat| seat.lab != name), "{name}");
            seats.push(Seat { learner: learner.into(), lab: name, seed: None, difficulty: None, again: false });
        }
    }
}
