//! `peerlab exercise start FILE`

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde::Serialize;

use super::super::addressed;
use super::super::interrupt::Hold;
use super::super::lab_file::read_lab;
use super::super::number::number;
use super::super::verify;
use super::ticket::Ticket;
use super::{Context, Ending, Open, Said};
use crate::cloud::Cloud;
use crate::error::{Error, Errors, Result, Source};
use crate::exercise::{self, Made, Maker, Unmade, Wish};
use crate::journal::{Exercise as Counted, Store};
use crate::lab::{self, FaultKind, Lab};
use crate::message::Message;
use crate::msg;
use crate::progress::Progress;
use crate::session::{Run, Scope, Session, absolute};
use crate::target;
use crate::verify::{Options, Report};

/// Build a lab with faults, check it with real packets, and show the ticket
#[derive(Debug, Args)]
#[command(after_help = "\
A file with [[fault]] tables is an exercise that its author wrote. Of any other lab, peerlab makes one: every fault breaks a \
check, all of them are needed, and the accounts can mend them. The same file, seed, faults and kinds make the same exercise.

Examples:
  peerlab exercise start cross-account
  peerlab exercise start lab.toml --seed 7 --faults 2 --kinds route,group
  peerlab exercise start lab.toml --difficulty 3 --name ada --learner 'Ada Lovelace'")]
pub(super) struct Arguments {
    /// The lab file, a shipped lab, or - (standard input)
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// The seed of its faults; default: another each time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    wanted: Wanted,
    /// Give the lab this name instead of its file's
    #[arg(long)]
    name: Option<String>,
    /// Who does it
    #[arg(long, value_name = "WHO")]
    learner: Option<String>,
}

/// What is wanted of exercises.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Wanted {
    /// The number of faults [default: 1, or as many as the difficulty takes]
    #[arg(long, value_name = "K", value_parser = number(1u32, 9))]
    faults: Option<u32>,
    /// The kinds of faults: route, association, peering, group, acl, address, order [default: all]
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = kind, hide_possible_values = true)]
    kinds: Vec<FaultKind>,
    /// How hard, 1 to 5 [default: any]
    #[arg(long, value_name = "D", value_parser = number(1u8, 5))]
    pub(super) difficulty: Option<u8>,
}

impl Wanted {
    pub(super) fn maker<'a>(&self, lab: &'a Lab, healthy: &'a Cloud) -> Result<Maker<'a>> {
        Maker::new(lab, healthy, &self.kinds).map_err(unmade)
    }

    pub(super) fn make(&self, maker: &mut Maker<'_>, seed: u64, difficulty: Option<u8>) -> Result<Made> {
        let faults = self.faults.map(|faults| faults as usize);
        maker.make(&Wish { seed, faults, difficulty }).map_err(unmade)
    }

    /// Whether an option is set that only a generated exercise has.
    pub(super) fn any(&self) -> bool {
        self.faults.is_some() || !self.kinds.is_empty() || self.difficulty.is_some()
    }
}

fn kind(text: &str) -> Result<FaultKind, Message> {
    FaultKind::named(text).ok_or_else(|| msg!(Said::NoSuchKind { kind: text, kinds: FaultKind::WORDS }))
}

/// Why there is no such exercise.
fn unmade(why: Unmade) -> Error {
    let (message, hint): (Message, Message) = match why {
        Unmade::NoChecks => (msg!(Said::LabHasNoChecks), Said::AddChecks.into()),
        Unmade::Fails => (msg!(Said::ChecksFailBefore), Said::TestIt.into()),
        Unmade::TooFew(0) => (msg!(Said::NoFaultPossible), Said::OtherKinds.into()),
        Unmade::TooFew(most) => (msg!(Said::FewerFaults { most }), Said::OtherKinds.into()),
        Unmade::NotSoHard(levels) => (msg!(Said::NoSuchDifficulty), msg!(Said::DifficultiesAre { levels: levels })),
    };
    Error::input(message).code("NoExercise").hint(hint)
}

/// The lab of a file as its author wrote it, with its Cloud once all steps are done.
pub(super) fn author(file: &Path) -> Result<(Lab, Cloud), Errors> {
    let lab = read_lab(file, None)?;
    if lab.exercise.is_some() {
        return Err(Error::input(Said::FileIsAnExercise).code("Exercise").hint(Said::GiveTheLab).into());
    }
    let cloud = lab.rehearse()?.0;
    Ok((lab, cloud))
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let (lab, healthy) = author(&arguments.file)?;
    let by_hand = !lab.faults.is_empty();
    if by_hand && (arguments.wanted.any() || arguments.seed.is_some()) {
        let error = Error::input(Said::FaultsAreWritten).code("CommandLine");
        return Err(error.hint(Said::LeaveSeedOut).into());
    }
    let (made, seed) = match by_hand {
        true => (None, None),
        false => {
            let seed = arguments.seed.unwrap_or_else(any_seed);
            let mut maker = arguments.wanted.maker(&lab, &healthy)?;
            (Some(arguments.wanted.make(&mut maker, seed, arguments.wanted.difficulty)?), Some(seed))
        }
    };
    let name = arguments.name.clone().unwrap_or_else(|| lab.name.clone());
    addressed::speak_of(&name);
    let text = exercise::text(&lab, made.as_ref(), seed, arguments.learner.as_deref());
    not_up(&name)?;
    let started = start(&lab, text, &arguments.file, &name, context, &context.progress())?;
    let open = Open::look(Some(&name), context)?;
    let begun = Begun {
        difficulty: made.as_ref().map(|made| made.difficulty),
        seed,
        verify: started.agrees(),
        ticket: Ticket::of(&open, None, context.language()),
    };
    context.show(&begun, |out| {
        let seed = seed.map(|seed| out.say(msg!(Said::SeedIs { seed })) + "\n");
        begun.ticket.render(out) + &seed.unwrap_or_default()
    });
    Ok(Ending::Done)
}

#[derive(Serialize)]
struct Begun {
    seed: Option<u64>,
    /// 1 to 5; `null`: an author wrote it.
    difficulty: Option<u8>,
    verify: Agreement,
    #[serde(flatten)]
    ticket: Ticket,
}

/// What real packets did before the learner starts.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Agreement {
    pairs: usize,
    agree: usize,
    checks_failed: usize,
}

/// An exercise that is up.
pub(super) struct Started {
    report: Report,
}

impl Started {
    pub(super) fn agrees(&self) -> Agreement {
        let summary = &self.report.summary;
        Agreement { pairs: summary.pairs, agree: summary.agree, checks_failed: summary.checks_failed }
    }
}

/// Refuses to replace a lab.
pub(super) fn not_up(name: &str) -> Result<()> {
    match Store::of(name).exists() {
        true => {
            let error = Error::input(msg!(Said::IsUp { lab: name })).code("LabUp");
            Err(error.hint(msg!(Said::DownFirst { lab: name })))
        }
        false => Ok(()),
    }
}

/// Builds the exercise of this text, and compares the kernel with the prediction.
pub(super) fn start(
    author: &Lab,
    text: String,
    file: &Path,
    name: &str,
    context: &Context,
    progress: &dyn Progress,
) -> Result<Started, Errors> {
    let lab = lab::read_as(Source::new(&*author.source.name, text), Some(name))?;
    let run = Run::begin(lab, absolute(file))?;
    target::check()?;
    let interrupts = Hold::new();
    let mut session = Session::open(name, Some(run.lab()), context.waiting(name, &interrupts))?;
    let store = Store::of(name);
    store.write_exercise(&Counted { began: now(), ..Counted::default() })?;
    session.settle(&run, Scope::Whole, progress)?;
    interrupts.heed_settled(name);
    drop((session, interrupts));
    let report = verify::held(&run, run.lab().final_checks(), Options::default(), progress)?;
    let n = report.summary.wrong();
    if n > 0 {
        let error = Error::new(crate::error::Kind::Check, msg!(Said::KernelDisagrees { n })).code("Disagreement");
        return Err(error.hint(msg!(Said::SeeVerify { lab: name })).into());
    }
    // The time that building took is not the learner's.
    store.write_exercise(&Counted { began: now(), ..Counted::default() })?;
    Ok(Started { report })
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// A seed that can be said aloud.
fn any_seed() -> u64 {
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    exercise::seed_of(nanoseconds as u64, 0, 0) % 1_000_000
}
