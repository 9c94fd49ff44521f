//! The board on a terminal of any size.

use std::collections::BTreeSet;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::board::{Board, Cell, Entry};
use crate::flow::Disposition;
use crate::message::Message;
use crate::msg;
use crate::report::matrix::{HEAD, legend, letter_of, short, shorten};
use crate::report::messages::Said as Reported;
use crate::terminal::{Terminal, Tone, break_line, columns, pad};
use crate::verify::Observed;
use crate::watch::messages::Said;

/// The lines reserved for changes.
const LOG: usize = 5;

const KEYS: Said = Said::Keys;

/// Draws the board.
pub fn draw(board: &Board, frame: &mut Frame) {
    let area = frame.area();
    let page = Page { terminal: Terminal { width: usize::from(area.width), ..board.terminal } };
    let height = usize::from(area.height);
    let mut lines = vec![page.head(board)];
    let matrix = page.matrix(board, height.saturating_sub(lines.len() + LOG + 2).max(2));
    lines.extend(matrix);
    lines.push(Line::default());
    lines.extend(page.log(board, height.saturating_sub(lines.len() + 1)));
    lines.resize(height.saturating_sub(1), Line::default());
    lines.push(Line::from(page.span(Tone::Faint, page.say(KEYS))));
    frame.render_widget(Paragraph::new(lines), Rect { x: 0, y: 0, ..area });
    if !board.terminal.utf8 {
        for cell in &mut frame.buffer_mut().content {
            let shown = board.terminal.shown(cell.symbol()).into_owned();
            cell.set_symbol(&shown);
        }
    }
}

struct Page {
    terminal: Terminal,
}

impl Page {
    fn say(&self, message: impl Into<Message>) -> String {
        self.terminal.say(message)
    }

    fn style(&self, tone: Tone) -> Style {
        let colour = |colour| if self.terminal.colour { Style::new().fg(colour) } else { Style::new() };
        match tone {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
            Tone::Good => colour(Color::Green),
            Tone::Bad => colour(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Notice => colour(Color::Yellow),
            Tone::Faint => Style::new().add_modifier(Modifier::DIM),
        }
    }

    fn span(&self, tone: Tone, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.style(tone))
    }

    /// The heading: the lab on the left, its state on the right.
    fn head(&self, board: &Board) -> Line<'static> {
        let (pairs, reach, wrong) = board.counts;
        let (tone, verdict) = match wrong {
            0 => (Tone::Good, msg!(Said::AllPredicted)),
            wrong => (Tone::Bad, msg!(Said::NotPredicted { wrong })),
        };
        let (tone, right) = match &board.notice {
            Some(notice) => (Tone::Notice, self.say(notice)),
            None => (tone, self.say(msg!(Said::Verdict { reach, pairs, verdict }))),
        };
        let room = self.terminal.width.saturating_sub(columns(&right) + columns(&board.lab) + 4);
        let title = cut(&board.title, room);
        let used = columns(&board.lab) + 2 + columns(&title);
        let gap = " ".repeat(self.terminal.width.saturating_sub(used + columns(&right)).max(1));
        Line::from(vec![
            self.span(Tone::Strong, board.lab.clone()),
            Span::raw("  "),
            self.span(Tone::Faint, title),
            Span::raw(gap),
            self.span(tone, right),
        ])
    }

    fn matrix(&self, board: &Board, height: usize) -> Vec<Line<'static>> {
        let names = board.names();
        self.words(board, &names)
            .filter(|lines| lines.len() <= height)
            .unwrap_or_else(|| self.letters(board, &names, height))
    }

    /// A table with a text for each pair; `None` if it does not fit.
    fn words(&self, board: &Board, names: &[&str]) -> Option<Vec<Line<'static>>> {
        if names.len() * 5 > self.terminal.width {
            return None;
        }
        let all = 0..names.len();
        let cells: Vec<Vec<_>> = all
            .clone()
            .map(|from| all.clone().map(|to| self.in_words(&board.cell(from, to), from == to)).collect())
            .collect();
        let widest = |to: usize| cells.iter().map(|row| columns(&row[to].1)).max().unwrap_or(0);
        let widths: Vec<_> = all.clone().map(|to| widest(to).max(columns(names[to])).max(8)).collect();
        let head = self.say(HEAD);
        let label = names.iter().map(|name| columns(name)).max().unwrap_or(0).max(columns(&head));
        if label + widths.iter().map(|width| width + 2).sum::<usize>() > self.terminal.width {
            return None;
        }
        let mut head = vec![self.span(Tone::Faint, pad(&head, label))];
        let name = |(name, width): (&&str, &usize)| self.span(Tone::Faint, format!("  {}", pad(name, *width)));
        head.extend(names.iter().zip(&widths).map(name));
        let mut lines = vec![Line::from(head)];
        for (from, row) in cells.into_iter().enumerate() {
            let mut spans = vec![self.span(Tone::Faint, pad(names[from], label))];
            for (to, (tone, text)) in row.into_iter().enumerate() {
                spans.push(Span::raw("  "));
                spans.push(self.lit(tone, pad(&text, widths[to]), board.cell(from, to).lit));
            }
            lines.push(Line::from(spans));
        }
        Some(lines)
    }

    /// A table with a letter for each cell and numbered columns, as much as fits, with a legend.
    fn letters(&self, board: &Board, names: &[&str], height: usize) -> Vec<Line<'static>> {
        let digits = names.len().to_string().len();
        let corner = self.say(HEAD);
        let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0);
        let label = widest.clamp(columns(&corner), 24);
        // A gap after every fifth column.
        let fits = (self.terminal.width.saturating_sub(label + digits + 2) * 5 / 6).max(1);
        let left = board.scrolled.1.min(names.len().saturating_sub(fits));
        let shown: Vec<_> = (left..names.len().min(left + fits)).collect();
        // The head, and a line for the legend.
        let room = height.saturating_sub(digits + 1).max(1);
        let top = board.scrolled.0.min(names.len().saturating_sub(room));
        let rows = top..names.len().min(top + room);
        let row = |name: &str, number: &str, cells: Vec<Span<'static>>| {
            let mut spans =
                vec![self.span(Tone::Faint, format!("{} {number:>digits$} ", pad(&shorten(name, label), label)))];
            for (place, cell) in cells.into_iter().enumerate() {
                if place > 0 && (left + place).is_multiple_of(5) {
                    spans.push(Span::raw(" "));
                }
                spans.push(cell);
            }
            Line::from(spans)
        };
        let mut lines = Vec::new();
        for place in 0..digits {
            let digit =
                |column: &usize| format!("{:>digits$}", column + 1).chars().nth(place).unwrap_or(' ').to_string();
            let head = if place + 1 == digits { &*corner } else { "" };
            lines.push(row(head, "", shown.iter().map(|column| self.span(Tone::Faint, digit(column))).collect()));
        }
        let mut used = BTreeSet::new();
        for from in rows.clone() {
            let cells = shown.iter().map(|to| {
                let cell = board.cell(from, *to);
                let (tone, letter) = in_a_letter(&cell, from == *to);
                used.insert(letter);
                self.lit(tone, letter.to_string(), cell.lit)
            });
            let cells = cells.collect();
            lines.push(row(names[from], &(from + 1).to_string(), cells));
        }
        lines.push(self.legend(&used, rows.len() < names.len() || shown.len() < names.len()));
        lines
    }

    fn legend(&self, used: &BTreeSet<char>, more: bool) -> Line<'static> {
        let meant = legend();
        let meant = meant.iter().filter(|(letter, _)| used.contains(letter));
        let mut legend: Vec<_> = meant.map(|(letter, meaning)| format!("{letter} {}", self.say(meaning))).collect();
        if used.iter().any(char::is_ascii_uppercase) {
            legend.push(self.say(msg!(Reported::CapitalsOnWayBack)));
        }
        if more {
            legend.insert(0, self.say(msg!(Said::MoreScroll)));
        }
        Line::from(self.span(Tone::Faint, cut(&legend.join("  "), self.terminal.width)))
    }

    /// A cell in a word or two.
    fn in_words(&self, cell: &Cell, itself: bool) -> (Tone, String) {
        let rtt = cell.rtt.map_or(String::new(), |rtt| format!(" {:.2}ms", rtt.as_secs_f64() * 1000.0));
        match (&cell.state, cell.mixed) {
            (None, true) => (Tone::Notice, self.say(msg!(Said::Mixed))),
            (None, false) => (Tone::Faint, if itself { "·" } else { "" }.into()),
            (Some(state), _) => match (state.observed(), state.predicted) {
                (Observed::Drop, _) if !state.agrees() => (Tone::Bad, self.say(msg!(Reported::WrongDrop))),
                (Observed::AnsweredByAnother, _) => {
                    let who = state.answered_by.who().map_or("?".to_owned(), ToString::to_string);
                    match state.agrees() {
                        true => (Tone::Notice, self.say(msg!(Reported::Answer { who }))),
                        false => (Tone::Bad, self.say(msg!(Reported::WrongAnswer { who }))),
                    }
                }
                _ if !state.agrees() => (Tone::Bad, self.say(msg!(Reported::WrongReach))),
                (_, Disposition::Reach) => (Tone::Good, format!("✓{rtt}")),
                (_, Disposition::Drop { reason, on_return }) => {
                    (Tone::Notice, format!("{}{}", if on_return { "↩ " } else { "" }, self.say(short(reason))))
                }
            },
        }
    }

    fn age(&self, age: Duration) -> String {
        match age.as_secs() {
            0 => self.say(msg!(Said::Now)),
            seconds @ 1..=99 => format!("{seconds}s"),
            seconds @ 100..=5999 => format!("{}m", seconds / 60),
            seconds => format!("{}h", seconds / 3600),
        }
    }

    fn lit(&self, tone: Tone, text: String, lit: bool) -> Span<'static> {
        let style = if lit { self.style(tone).add_modifier(Modifier::REVERSED) } else { self.style(tone) };
        Span::styled(text, style)
    }

    /// The changes, newest first. A cause that does not fit beside its change is below it; a cause of several changes
    /// is above them.
    fn log(&self, board: &Board, height: usize) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        if board.log.is_empty() {
            let nothing = self.say(msg!(Said::NothingHasChangedYet));
            lines.push(Line::from(self.span(Tone::Faint, cut(&nothing, self.terminal.width))));
        }
        let entries: Vec<_> = board.log.iter().collect();
        for alike in entries.chunk_by(|one, other| (one.at, &one.because) == (other.at, &other.because)) {
            let age = self.age(board.now.saturating_sub(alike[0].at));
            let age = self.span(Tone::Faint, format!("{:1$}{age}  ", "", 4_usize.saturating_sub(columns(&age))));
            let beside = |entry: &&Entry| 8 + columns(&changed(entry)) + columns(&entry.because) <= self.terminal.width;
            match alike {
                [entry] => self.alone(entry, age, &mut lines),
                _ if alike.iter().all(beside) => alike.iter().for_each(|it| self.alone(it, age.clone(), &mut lines)),
                _ => self.block(alike, age, height, &mut lines),
            }
            if lines.len() >= height {
                break;
            }
        }
        lines.truncate(height);
        lines
    }

    /// A change with its cause.
    fn alone(&self, entry: &Entry, age: Span<'static>, lines: &mut Vec<Line<'static>>) {
        let mut spans = vec![age, self.changed(entry)];
        if 6 + columns(&changed(entry)) + 2 + columns(&entry.because) <= self.terminal.width {
            spans.push(Span::raw(format!("  {}", entry.because)));
            lines.push(Line::from(spans));
        } else {
            lines.push(Line::from(spans));
            lines.extend(self.broken(&entry.because).map(|piece| Line::from(format!("      {piece}"))));
        }
    }

    /// A cause, and below it what it changed.
    fn block(&self, alike: &[&Entry], age: Span<'static>, height: usize, lines: &mut Vec<Line<'static>>) {
        let mut age = Some(age);
        for piece in self.broken(&alike[0].because) {
            lines.push(Line::from(vec![age.take().unwrap_or_else(|| Span::raw("      ")), Span::raw(piece)]));
        }
        let room = height.saturating_sub(lines.len());
        let shown = if alike.len() <= room { alike.len() } else { room.saturating_sub(1) };
        // The newest was put in front, so reverse the order.
        let first = alike.iter().rev().take(shown);
        lines.extend(first.map(|entry| Line::from(vec![Span::raw("      "), self.changed(entry)])));
        if shown < alike.len() {
            let more = alike.len() - shown;
            let more = self.say(msg!(Said::More { more }));
            lines.push(Line::from(self.span(Tone::Faint, format!("      {more}"))));
        }
    }

    fn changed(&self, entry: &Entry) -> Span<'static> {
        self.span(entry.tone(), cut(&changed(entry), self.terminal.width.saturating_sub(6)))
    }

    /// A cause, wrapped into lines that fit beside an age; a word that is too long is cut.
    fn broken(&self, because: &str) -> impl Iterator<Item = String> {
        let room = self.terminal.width.saturating_sub(6);
        break_line(because, room.max(1)).into_iter().map(move |piece| cut(&piece, room))
    }
}

/// A pair, with its old and its new state.
fn changed(entry: &Entry) -> String {
    let said = [&*entry.who, &*entry.what].into_iter().filter(|it| !it.is_empty());
    said.collect::<Vec<_>>().join("  ")
}

/// A cell in one character.
fn in_a_letter(cell: &Cell, itself: bool) -> (Tone, char) {
    match (&cell.state, cell.mixed) {
        (None, true) => (Tone::Notice, '%'),
        (None, false) => (Tone::Faint, if itself { '·' } else { ' ' }),
        (Some(state), _) if !state.agrees() => (Tone::Bad, '!'),
        (Some(state), _) => (if state.reaches() { Tone::Good } else { Tone::Notice }, letter_of(state.predicted)),
    }
}

/// A text, cut to this number of columns.
fn cut(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if columns(&cut) + columns(c.encode_utf8(&mut [0; 4])) + 1 > most {
            break;
        }
        cut.push(c);
    }
    if most > 0 { cut + "…" } else { cut }
}

#[cfg(test)]
mod tests {
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::cloud::Cloud;
    use crate::error::Source;
    use crate::language::Language;
    use crate::session::Run;
    use crate::watch::cause::Cause;
    use crate::watch::picture::tests::{cloud, wrong};
    use crate::watch::{Picture, Seen};

    const COLOURED: Terminal = Terminal { colour: true, ..Terminal::PLAIN };

    fn board(cloud: &Cloud) -> Board {
        Board::new("demo", "Two VPCs", cloud, COLOURED)
    }

    fn terminal(board: &Board, width: u16, height: u16) -> ratatui::Terminal<TestBackend> {
        let mut terminal = ratatui::Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(board, frame)).unwrap();
        terminal
    }

    /// The screen's text, without colours.
    fn text(board: &Board, width: u16, height: u16) -> String {
        let terminal = terminal(board, width, height);
        let buffer = terminal.backend().buffer();
        let rows = buffer.content().chunks(usize::from(width));
        let row = |cells: &[ratatui::buffer::Cell]| {
            let (mut text, mut at) = (String::new(), 0);
            // The cell after a wide character is not drawn.
            while at < cells.len() {
                text += cells[at].symbol();
                at += columns(cells[at].symbol()).max(1);
            }
            text.trim_end().to_owned() + "\n"
        };
        rows.map(row).collect()
    }

    fn seen(old: &Picture, picture: Picture, cloud: &Cloud, done: &[Message], drift: &[&str]) -> Seen {
        let lab = crate::lab::read(Source::new("lab.toml", "[lab]\nprovider = \"jdcloud\"\n[account.A]\n")).unwrap();
        let done = done.to_vec();
        let drift: Vec<_> = drift.iter().map(Message::text).collect();
        let told = |change: crate::watch::Change| {
            let (cause, why) = (Cause::of(&change, &done, false, &drift), change.why(cloud));
            (change, cause, why)
        };
        let changes = picture.since(old).into_iter().map(told).collect();
        let run = Run::begin(lab, "lab.toml".into()).unwrap();
        Seen { picture, run, changes, done, unsettled: false }
    }

    #[test]
    fn a_small_lab_is_shown_in_words_with_what_changed_and_why() {
        let (before, after) = (cloud(1, true), cloud(1, false));
        let mut board = board(&before);
        let old = Picture::predicted(&before);
        board.see(
            seen(&old, Picture::predicted(&after), &after, &[Message::text("A: delete-route-entry …")], &[]),
            Duration::from_secs(9),
        );
        board.pass(Duration::from_secs(12));
        let expected = "\
demo  Two VPCs                                   0 of 2 reach, all as predicted
from ↓ to →  v1-0      v2-0
v1-0         ·         ↩ no-route
v2-0         no-route  ·

  3s  v2-0 → v1-0  reach → no-route  A: delete-route-entry …
  3s  v1-0 → v2-0  reach → return:no-route  A: delete-route-entry …



q quit   ↑↓←→ scroll   v VPCs/instances
";
        assert_eq!(text(&board, 79, 11), expected);
        let lit = |board: &Board| {
            let terminal = terminal(board, 79, 11);
            let cells = terminal.backend().buffer().content();
            cells
                .iter()
                .filter(|cell| cell.modifier.contains(Modifier::REVERSED))
                .map(|cell| cell.symbol())
                .collect::<String>()
        };
        assert_eq!(lit(&board).replace(' ', ""), "↩no-routeno-route");
        board.pass(Duration::from_secs(30));
        assert_eq!(lit(&board), "");
    }

    #[test]
    fn a_chinese_board_has_its_columns_below_each_other_and_fits_80_of_them() {
        let chinese = Terminal { language: Language::Chinese, ..COLOURED };
        let (before, after) = (cloud(1, true), cloud(1, false));
        let mut board = Board::new("demo", "两个VPC", &before, chinese);
        let old = Picture::predicted(&before);
        board
            .see(seen(&old, Picture::predicted(&after), &after, &[msg!(Said::UpWithChangedFile)], &[]), Duration::ZERO);
        let expected = "\
demo  两个VPC                                   2对中0对可达，全部与预测一致
从 ↓ 到 →  v1-0      v2-0
v1-0       ·         ↩ 无路由
v2-0       无路由    ·

刚刚  v2-0 → v1-0  可达 → 无路由  以修改后的文件执行up
刚刚  v1-0 → v2-0  可达 → 回程无路由  以修改后的文件执行up



q 退出   ↑↓←→ 滚动   v VPC/实例
";
        assert_eq!(text(&board, 76, 11), expected);

        let mut board = Board::new("demo", &"两个VPC".repeat(20), &cloud(6, false), chinese);
        let fact = "V1: route 10.0.0.0/8 via 169.254.0.1 dev p table 1000 is gone";
        let good = board.picture.clone();
        let bad = Picture { wrong: wrong("v1-0", "v1-1", Observed::Drop), ..good.clone() };
        board.see(seen(&good, bad, &cloud(6, false), &[], &[fact, fact]), Duration::ZERO);
        let shown = text(&board, 80, 24);
        assert!(shown.lines().all(|line| columns(line) <= 80), "{shown}");
        let head = shown.lines().next().unwrap();
        assert!(columns(head) == 80 && head.ends_with("…  132对中59对可达，1项与预测不符"), "{head}");
        assert!(shown.contains("v1-0       1 ·!✓✓✓ ✓RRRR RR\n"), "{shown}");
        assert!(shown.contains("✓ 可达  r 无路由  ! 与预测不符  · 自身  大写字母：回程\n"), "{shown}");
        assert!(shown.contains("      内核配置被手动改动：V1: route 10.0.0.0/8"), "{shown}");
        for (width, height) in [(1, 1), (3, 2), (10, 5), (21, 3), (200, 100)] {
            text(&board, width, height);
        }
    }

    #[test]
    fn what_is_not_as_predicted_is_red_and_says_what_somebody_changed() {
        let cloud = cloud(1, true);
        let mut board = board(&cloud);
        let good = Picture::predicted(&cloud);
        let bad = Picture { wrong: wrong("v1-0", "v2-0", Observed::Drop), ..good.clone() };
        board.see(seen(&good, bad, &cloud, &[], &["V1: link p is down"]), Duration::ZERO);
        let shown = text(&board, 80, 24);
        assert!(shown.contains("1 of 2 reach, 1 not as predicted"), "{shown}");
        assert!(shown.contains("v1-0         ·         ! drop\n"), "{shown}");
        assert!(shown.contains(" now  v1-0 → v2-0  reach → drop! (predicted reach)\n"), "{shown}");
        assert!(
            shown.contains(
                "      the kernel was changed by hand: V1: link p is down; `peerlab up --lab lab`\n      repairs it\n"
            ),
            "{shown}"
        );
    }

    #[test]
    fn who_answers_in_the_place_of_the_named_instance_is_in_the_matrix() {
        let text_of_lab = include_str!("../../labs/same-block.toml");
        let lab = crate::lab::read(Source::new("lab.toml", text_of_lab)).unwrap();
        let mut run = Run::begin(lab, "lab.toml".into()).unwrap();
        while run.step().unwrap().is_some() {}
        let mut board = board(run.cloud());
        let good = Picture::predicted(run.cloud());
        board.see(seen(&good, good.clone(), run.cloud(), &[], &[]), Duration::ZERO);
        let shown = text(&board, 200, 24);
        let desk = shown.lines().find(|line| line.starts_with("desk")).expect("desk has a row");
        assert!(desk.contains("answer of "), "{shown}");
        assert!(shown.contains("all as predicted"), "{shown}");
    }

    #[test]
    fn a_cause_of_many_pairs_is_one_block_and_its_command_is_whole() {
        let cloud = cloud(2, true);
        let mut board = board(&cloud);
        let good = Picture::predicted(&cloud);
        let pairs = [("v1-0", "v2-0"), ("v1-0", "v2-1"), ("v1-1", "v2-0"), ("v2-0", "v1-0"), ("v2-1", "v1-0")];
        let wrong = pairs.into_iter().flat_map(|(from, to)| wrong(from, to, Observed::Drop)).collect();
        let bad = Picture { wrong, ..good.clone() };
        let fact = "V1: route 10.2.0.0/16 via 169.254.0.1 dev p table 1000 is gone";
        board.see(seen(&good, bad.clone(), &cloud, &[], &[fact]), Duration::ZERO);
        let block = "\
 now  the kernel was changed by hand: V1: route 10.2.0.0/16 via 169.254.0.1 dev
      p table 1000 is gone; `peerlab up --lab lab` repairs it
      v1-0 → v2-0  reach → drop! (predicted reach)
      v1-0 → v2-1  reach → drop! (predicted reach)
      v1-1 → v2-0  reach → drop! (predicted reach)
      v2-0 → v1-0  reach → drop! (predicted reach)
      v2-1 → v1-0  reach → drop! (predicted reach)
";
        assert!(text(&board, 80, 24).contains(block), "{}", text(&board, 80, 24));
        // With less room, the screen says that there is more.
        let short = text(&board, 80, 12);
        assert!(short.contains("repairs it\n") && short.contains("(predicted reach)\n      and 3 more\n"), "{short}");
        assert_eq!(text(&board, 80, 24).matches("peerlab up").count(), 1);
    }

    #[test]
    fn twelve_instances_fit_80_columns_and_24_lines_in_full() {
        let mut board = board(&cloud(6, false));
        board.notice = None;
        let shown = text(&board, 80, 24);
        let expected = "\
demo  Two VPCs                                 60 of 132 reach, all as predicted
                         1 11
from ↓ to →    12345 67890 12
v1-0         1 ·✓✓✓✓ ✓RRRR RR
v1-1         2 ✓·✓✓✓ ✓RRRR RR
";
        assert!(shown.starts_with(expected), "{shown}");
        assert!(
            shown.contains("v2-5        12 rrrrr r✓✓✓✓ ✓·\n✓ reach  r no-route  · itself  capitals: on the way back\n"),
            "{shown}"
        );
        assert!(shown.lines().nth(17).is_some_and(|line| line.starts_with("nothing has changed yet")), "{shown}");
    }

    #[test]
    fn a_large_lab_is_shown_by_vpc_and_can_be_scrolled() {
        let mut board = board(&cloud(30, false));
        let shown = text(&board, 80, 24);
        assert!(shown.contains("V1           ✓         ↩ no-route\n"), "{shown}");
        board.turn();
        let first = text(&board, 80, 24);
        assert!(first.contains("there is more: scroll") && first.contains("\nv1-0 "), "{first}");
        board.scroll(50, 1000);
        let scrolled = text(&board, 80, 24);
        assert!(!scrolled.contains("\nv1-0 ") && scrolled.contains("\nv2-29 "), "{scrolled}");
    }

    #[test]
    fn rows_stand_as_a_person_sorts_them_each_with_its_own_pairs() {
        // Twelve in each VPC: by its letters v1-10 would come before v1-2.
        let cloud = cloud(12, false);
        let mut board = board(&cloud);
        let bad = Picture { wrong: wrong("v1-10", "v2-2", Observed::Reach), ..board.picture.clone() };
        board.see(seen(&board.picture.clone(), bad, &cloud, &[], &["V1: set link p up"]), Duration::ZERO);
        let shown = text(&board, 80, 40);
        let rows: Vec<_> = shown.lines().filter(|line| line.starts_with("v1-")).collect();
        let names: Vec<_> = rows.iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(names, (0..12).map(|at| format!("v1-{at}")).collect::<Vec<_>>());
        let marked: Vec<_> = rows.iter().filter(|row| row.contains('!')).collect();
        assert!(matches!(marked[..], [row] if row.starts_with("v1-10")), "{shown}");
    }

    #[test]
    fn no_terminal_is_too_small() {
        let board = board(&cloud(20, true));
        for (width, height) in [(1, 1), (3, 2), (10, 5), (20, 3), (200, 100)] {
            text(&board, width, height);
        }
    }
}
