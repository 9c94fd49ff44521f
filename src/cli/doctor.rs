//! `peerlab doctor`

use clap::Args;

use super::Ending;
use super::context::Context;
use crate::doctor::{self, Area, Finding, Report, State};
use crate::report::terminal::{Table, Terminal, Tone};

/// Say what this host can do: privileges, kernel, limits, what labs left behind
#[derive(Debug, Args)]
#[command(after_help = "\
Each thing that is not as it should be is shown with what it means and what to do. Kernel features are really tried, in \
namespaces that go at once; nothing of the host is changed. Without root, it says what it could not look at. Exit \
status 4: labs cannot run.

Examples:
  sudo peerlab doctor
  sudo peerlab doctor --json")]
pub(super) struct Arguments;

pub(super) fn run(context: &Context) -> Ending {
    let report = doctor::examine();
    context.show(&report, |out| render(&report, out));
    if report.ready { Ending::Done } else { Ending::NotReady }
}

fn render(report: &Report, out: &Terminal) -> String {
    let mut text = String::new();
    for (area, title) in [
        (Area::Privileges, "privileges"),
        (Area::Kernel, "kernel"),
        (Area::Limits, "limits"),
        (Area::Leftovers, "leftovers"),
    ] {
        let of_area = report.findings.iter().filter(|finding| finding.area == area);
        text += &format!("{}\n{}", out.paint(Tone::Strong, out.translate(title)), table(of_area, out));
    }
    let worth_a_look = report.findings.iter().filter(|finding| finding.state == State::Notice).count();
    text.push('\n');
    text += &match report.ready {
        false => out.paint(Tone::Bad, out.translate("✗ labs cannot run here")),
        true => out.paint(Tone::Good, out.translate("✓ labs can run here")),
    };
    if report.ready && worth_a_look > 0 {
        text += &out.word(format!(", {worth_a_look} worth a look"));
    }
    text + "\n"
}

fn table<'a>(findings: impl Iterator<Item = &'a Finding>, out: &Terminal) -> String {
    let mut table = Table::new();
    for finding in findings {
        let (mark, tone) = match finding.state {
            State::Good => ("✓", Tone::Good),
            State::Notice => ("!", Tone::Notice),
            State::Bad => ("✗", Tone::Bad),
            State::Unknown => ("?", Tone::Notice),
        };
        let found = if finding.state == State::Good { Tone::Faint } else { Tone::Plain };
        table.row([(tone, mark.to_owned()), (Tone::Plain, out.word(&finding.what)), (found, out.word(&finding.found))]);
        for more in finding.consequence.iter().chain(&finding.remedy) {
            table.note(Tone::Plain, out.word(more));
        }
    }
    table.render(out, 2)
}
