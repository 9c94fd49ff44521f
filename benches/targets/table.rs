//! The figures of a size, as text and as JSON.

use std::fmt::Write;

use serde::Serialize;

use super::Size;
use super::contender::Contender;
use super::rows::{Beside, Row, Runs, Target, Unit};

#[derive(Serialize)]
pub struct Table {
    size: String,
    vpcs: u32,
    instances: u32,
    lines: Vec<Line>,
    /// Rows of which peerlab has no figure.
    missing: Vec<&'static str>,
    /// The number of pings that each lost in its worst round.
    lost: Vec<(String, f64)>,
}

/// A line of a table; durations in seconds, memory in KiB.
#[derive(Serialize)]
struct Line {
    row: &'static str,
    #[serde(skip)]
    unit: Unit,
    /// The medians, and every round's.
    peerlab: f64,
    rounds: Vec<f64>,
    beside: Option<Other>,
    /// Another build, or another user.
    other: Option<Other>,
    target: Option<String>,
    met: Option<bool>,
}

/// A figure that peerlab's is held against.
#[derive(Serialize)]
struct Other {
    name: String,
    median: f64,
    rounds: Vec<f64>,
    /// Peerlab's figure over this one: the median of the rounds' ratios.
    ratio: f64,
}

impl Other {
    fn new(name: &str, own: &[f64], rounds: Vec<f64>) -> Option<Self> {
        let ratio = median(own.iter().zip(&rounds).map(|(own, other)| own / other))?;
        Some(Other { name: name.to_owned(), median: median(rounds.iter().copied())?, rounds, ratio })
    }
}

impl Table {
    pub fn new(size: Size, runs: &Runs, rows: &[&Row], contenders: &[Contender]) -> Self {
        let mut table = Table {
            size: size.to_string(),
            vpcs: size.vpcs,
            instances: size.instances(),
            lines: Vec::new(),
            missing: Vec::new(),
            lost: Vec::new(),
        };
        let mut peerlabs = contenders.iter().filter(|it| matches!(it, Contender::Peerlab { .. })).map(Contender::name);
        let second = peerlabs.nth(1).unwrap_or_default();
        for row in rows {
            let own = rounds(runs, "peerlab", row.measure);
            let other = || Other::new(second, &own, rounds(runs, second, row.measure));
            let Some(figure) = median(own.iter().copied()) else {
                table.missing.push(row.name);
                continue;
            };
            let others: Vec<_> = match row.beside {
                Beside::Nothing => vec![None],
                Beside::Own(measure) => vec![Other::new(measure, &own, rounds(runs, "peerlab", measure))],
                Beside::Floor => vec![Other::new("floor", &own, rounds(runs, "floor", row.measure))],
                Beside::Scripts => {
                    let scripts = contenders.iter().filter(|it| matches!(it, Contender::Script { .. }));
                    let others = scripts.map(|it| Other::new(it.name(), &own, rounds(runs, it.name(), row.measure)));
                    others.filter(Option::is_some).collect()
                }
            };
            for beside in others {
                let judged = row.target.filter(|(_, at)| *at == table.size);
                let judged = judged.and_then(|(target, _)| judge(target, row.unit, figure, beside.as_ref()));
                let (target, met) = judged.unzip();
                let (rounds, other) = (own.clone(), other());
                table.lines.push(Line {
                    row: row.name,
                    unit: row.unit,
                    peerlab: figure,
                    rounds,
                    beside,
                    other,
                    target,
                    met,
                });
            }
        }
        let lost = |name: &str| rounds(runs, name, "unanswered").into_iter().fold(0.0, f64::max);
        let lost = contenders.iter().map(|it| (it.name().to_owned(), lost(it.name())));
        table.lost = lost.filter(|(_, lost)| *lost > 0.0).collect();
        table
    }

    pub fn text(&self) -> String {
        let Table { size, instances, .. } = self;
        let mut text = format!("\n{size}: {instances} instances\n");
        let other = self.lines.iter().find_map(|line| line.other.as_ref());
        let heads = ["", "peerlab", "beside it", "ratio", "target"];
        let _ = write!(text, "{:24}{:>11}{:>22}{:>10}  {:<13}", heads[0], heads[1], heads[2], heads[3], heads[4]);
        text += &other.map_or("\n".to_owned(), |other| format!("{:>11}  ratio\n", other.name));
        for line in &self.lines {
            let (name, ratio) = line.beside.as_ref().map_or((String::new(), String::new()), |other| {
                (format!("{} {}", other.name, line.unit.show(other.median)), share(other.ratio))
            });
            let met = match line.met {
                Some(true) => " ✓",
                Some(false) => " ✗",
                None => "",
            };
            let target = line.target.clone().unwrap_or_default() + met;
            let _ =
                write!(text, "{:24}{:>11}{name:>22}{ratio:>10}  {target:<13}", line.row, line.unit.show(line.peerlab));
            if let Some(other) = &line.other {
                let _ = write!(text, "{:>11}{:>7}", line.unit.show(other.median), share(other.ratio));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        for (name, lost) in &self.lost {
            let _ = writeln!(text, "{name} had no answer to {lost} of its pings in its worst round");
        }
        for row in &self.missing {
            let _ = writeln!(text, "{row:24}  not measured at this size");
        }
        text
    }
}

/// The meaning of the columns.
pub const LEGEND: &str = "
A figure is the median of the rounds; a ratio is peerlab's figure over what stands beside it, the median of the rounds'.
verify --full pings every ordered pair of instances; the floor and the scripts ping those that should answer.
";

/// The cost of one instance at each size; constant if the cost is linear.
pub fn growth(tables: &[Table]) -> String {
    let mut text = String::new();
    let figure = |table: &Table, row: &str| {
        let line = table.lines.iter().find(|line| line.row == row)?;
        Some(format!("{} {:.2}", table.size, line.peerlab * 1000.0 / f64::from(table.instances)))
    };
    let up: Vec<_> = tables.iter().filter_map(|table| figure(table, "up --no-verify")).collect();
    if up.len() > 1 {
        let _ = writeln!(text, "\nup, in milliseconds an instance: {}", up.join(", "));
    }
    text
}

/// The target in words, and whether it is met.
fn judge(target: Target, unit: Unit, figure: f64, beside: Option<&Other>) -> Option<(String, bool)> {
    match target {
        Target::AtMost(most) => Some((format!("≤ {}", unit.show(most)), figure <= most)),
        Target::AtLeast(least) => Some((format!("≥ {}", unit.show(least)), figure >= least)),
        Target::Share(most) => beside.map(|other| (format!("≤ {most}"), other.ratio <= most)),
        Target::Faster(times) => {
            let other = beside?;
            let script = other.name.strip_suffix(".sh").unwrap_or(&other.name);
            let (_, times) = times.iter().find(|(name, _)| *name == script)?;
            Some((format!("≤ 1/{times}"), other.ratio <= 1.0 / times))
        }
    }
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Unit::Seconds if figure < 0.1 => format!("{:.1} ms", figure * 1000.0),
            Unit::Seconds => format!("{figure:.2} s"),
            Unit::Milliseconds => format!("{:.1} ms", figure * 1000.0),
            Unit::PerSecond => format!("{figure:.0}/s"),
            Unit::Megabytes => format!("{:.1} MB", figure * 1.024 / 1000.0),
            Unit::Kibibytes => format!("{figure:.0} KiB"),
        }
    }
}

/// A ratio: small ones as a fraction.
fn share(ratio: f64) -> String {
    if ratio < 0.1 { format!("1/{:.0}", 1.0 / ratio) } else { format!("{ratio:.2}") }
}

fn rounds(runs: &Runs, contender: &str, measure: &str) -> Vec<f64> {
    let samples = runs.get(contender).into_iter().flatten();
    samples.filter_map(|sample| sample.get(measure).copied()).collect()
}

fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<_> = figures.into_iter().filter(|figure| figure.is_finite()).collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => None,
        even if even % 2 == 0 => Some((figures[middle - 1] + figures[middle]) / 2.0),
        _ => Some(figures[middle]),
    }
}
