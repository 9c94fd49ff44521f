//! `peerlab graph`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::context::Context;
use super::lab_file::read_lab;
use super::messages::files::Said;
use super::target::{LabChoice, Until, look, speak_of_file, walk};
use super::{Ending, addressed, output};
use crate::error::{Error, Errors};
use crate::flow::Protocol;
use crate::language::Language;
use crate::msg;
use crate::report::graph::{Caption, Format, Graph, draw};
use crate::session::Run;
use crate::terminal::Tone;

/// Draw a lab's current state: VPCs, instances, peerings with their states, what is broken and why
#[derive(Debug, Args)]
#[command(after_help = "\
The picture shows what peerlab predicts, as `verify` does; graph sends no packets. The end of a link to the page \
selects a pair: lab.html#ecs-a→ecs-b.

Examples:
  peerlab graph -o lab.html                    the running lab, as a page: select a pair, see why
  peerlab graph -f lab.toml -o lab.svg         the finished lab of a file, without privilege
  peerlab graph -f lab.toml --until 5 -o 5.svg
  peerlab graph -f lab.toml --format mermaid   for a document, on standard output
  peerlab graph -f lab.toml -o lab.dot         for Graphviz")]
pub(super) struct Arguments {
    /// Draw the finished lab of this file, or this shipped lab (-: standard input); needs no privilege and no running lab
    #[arg(short, long, value_hint = clap::ValueHint::FilePath, conflicts_with = "lab")]
    file: Option<PathBuf>,
    /// Output format; default: by the ending of OUT, else svg
    #[arg(long, value_enum, ignore_case = true, value_name = "FORMAT")]
    format: Option<Format>,
    /// Output file; default: standard output
    #[arg(short, long, value_name = "OUT", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Protocol for every pair: icmp, tcp/PORT or udp/PORT
    #[arg(long, default_value = "icmp", value_parser = str::parse::<Protocol>)]
    protocol: Protocol,
    #[command(flatten)]
    until: Until,
    #[command(flatten)]
    lab: LabChoice,
}

impl Arguments {
    pub(super) fn only_reads_files(&self) -> bool {
        self.file.is_some() && self.out.is_none()
    }
}

/// The file that was written.
#[derive(Serialize)]
struct Written<'a> {
    lab: &'a str,
    format: String,
    file: &'a Path,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let format = format(arguments)?;
    let out = arguments.out.as_deref().filter(|out| *out != Path::new("-"));
    let as_json = context.json && out.is_none();
    let language = if as_json { Language::English } else { context.out.language };
    let (run, state, ask) = match &arguments.file {
        Some(file) => {
            let run = walk(read_lab(file, None)?, file, &arguments.until)?;
            speak_of_file(file, run.lab());
            let finished = run.steps_done() == run.lab().steps.len();
            let state = if finished { language.say(Said::FinishedLab) } else { progress(&run, language) };
            let until = if finished { String::new() } else { format!(" --until {}", run.steps_done()) };
            let ask = format!(" -f {}{until}", shell_words::quote(&run.lab().source.name));
            (run, state, ask)
        }
        None if arguments.until.until.is_some() => {
            let message = msg!(Said::UntilIsOfAFile);
            let wrong = Error::input(message).code("CommandLine");
            return Err(wrong.hint(Said::GiveFileWithF).into());
        }
        None => {
            let (_, run) = look(&arguments.lab, context)?;
            let state = progress(&run, language);
            (run, state, String::new())
        }
    };
    let lab = run.lab();
    let provider = run.cloud().provider().name.to_owned();
    let title = lab.title_in(language).map(str::to_owned);
    let caption = Caption { lab: lab.name.clone(), title, provider, state, ask, links: None, language };
    let protocol = arguments.protocol;
    if as_json {
        context.print_json(&Graph::of(run.cloud(), protocol, caption));
        return Ok(Ending::Done);
    }
    let picture = draw(run.cloud(), protocol, caption, Some(&lab.source), format);
    let Some(out) = out else {
        context.print_file(&picture);
        if format == Format::Svg && std::io::stdout().is_terminal() {
            context.talk(Said::PictureAsSvg);
        }
        return Ok(Ending::Done);
    };
    output::write(out, addressed::in_full(&picture).as_bytes())?;
    let written = Written { lab: &lab.name, format: name(format), file: out };
    context.show(&written, |terminal| {
        format!("{} {}", terminal.paint(Tone::Good, "✓"), terminal.say(msg!(Said::Wrote { file: out.display() })))
    });
    Ok(Ending::Done)
}

/// A lab's progress, as in `after step 5 of 10: Connect`.
fn progress(run: &Run, language: Language) -> String {
    let (done, steps) = (run.steps_done(), &run.lab().steps);
    let text = match done.checked_sub(1).and_then(|last| steps.get(last)) {
        _ if steps.is_empty() => language.say(Said::AsItIs),
        Some(step) => language.say(msg!(Said::AfterStep { done, steps: steps.len(), title: step.title_in(language) })),
        None => language.say(msg!(Said::BeforeStep { steps: steps.len() })),
    };
    match run.standing().history().by_hand() {
        0 => text,
        1 => text + &language.say(Said::OneByHand),
        more => text + &language.say(msg!(Said::MoreByHand { more })),
    }
}

/// The requested format; else that of the file's name; else SVG.
fn format(arguments: &Arguments) -> Result<Format, Error> {
    let out: Option<&PathBuf> = arguments.out.as_ref().filter(|out| **out != *"-");
    match (arguments.format, out) {
        (Some(format), _) => Ok(format),
        (None, None) => Ok(Format::Svg),
        (None, Some(out)) => {
            let extension = out.extension().map(|it| it.to_string_lossy().to_lowercase()).unwrap_or_default();
            let known = Format::ALL.into_iter().find(|format| format.extensions().contains(&&*extension));
            known.ok_or_else(|| {
                if out.is_dir() {
                    return Error::input(msg!(Said::IsAFolder { path: out.display() }))
                        .code("CommandLine")
                        .hint(msg!(Said::NameFileInItAs { example: out.join("lab.svg").display() }));
                }
                let all = Format::ALL.map(|format| format!(".{}", format.extensions()[0]));
                Error::input(msg!(Said::UnknownFormat { path: out.display() }))
                    .code("CommandLine")
                    .hint(msg!(Said::LetItEndIn { all }))
            })
        }
    }
}

fn name(format: Format) -> String {
    format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
