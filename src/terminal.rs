//! A terminal's width and colours, and tables that fit it.
#![allow(clippy::disallowed_methods)] // COLUMNS

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use unicode_linebreak::BreakOpportunity;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::language::{Language, is_utf8};
use crate::message::Message;

/// The properties of an output stream and its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Width in columns; 80 if it is not a terminal.
    pub width: usize,
    /// Whether colours are wanted.
    pub colour: bool,
    /// The reader's.
    pub language: Language,
    /// Whether it shows UTF-8; see [`Terminal::shown`].
    pub utf8: bool,
}

/// The meaning of a text, which selects its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As any other text.
    Plain,
    /// A heading or an important name.
    Strong,
    /// It is as it should be.
    Good,
    /// It is not.
    Bad,
    /// Worth a look.
    Notice,
    /// Beside the point.
    Faint,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Notice => AnsiColor::Yellow.on_default(),
            Tone::Faint => Style::new().dimmed(),
        }
    }
}

impl Terminal {
    /// The width if the stream is not a terminal.
    pub const PLAIN_WIDTH: usize = 80;

    /// No colours, [`Terminal::PLAIN_WIDTH`] columns, English: for files, pipes and tests.
    pub const PLAIN: Terminal =
        Terminal { width: Terminal::PLAIN_WIDTH, colour: false, language: Language::English, utf8: true };

    /// Standard output: colours on a terminal only, unless `NO_COLOR` or `CLICOLOR_FORCE` says otherwise.
    pub fn stdout(language: Language) -> Self {
        let stream = std::io::stdout();
        Terminal { width: width(&stream), colour: colour(&stream), language, utf8: utf8() }
    }

    /// Standard error.
    pub fn stderr(language: Language) -> Self {
        let stream = std::io::stderr();
        Terminal { width: width(&stream), colour: colour(&stream), language, utf8: utf8() }
    }

    /// A message in the reader's language.
    pub fn say(&self, message: impl Into<Message>) -> String {
        self.language.say(message)
    }

    /// A text as this terminal shows it: in a locale that is not UTF-8, ASCII signs of the same width replace others.
    /// Names in other scripts stay as written.
    pub fn shown<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.utf8 || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.chars().map(|c| ascii(c).unwrap_or(c)).collect())
    }

    /// The text in the colour of its tone.
    pub fn paint(&self, tone: Tone, text: impl AsRef<str>) -> String {
        let (text, style) = (text.as_ref(), tone.style());
        if self.colour && tone != Tone::Plain { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Wraps one line at the terminal's width; further lines are indented by `indent`.
    pub fn fit(&self, line: &str, indent: usize) -> String {
        fit(line, self.width, indent)
    }

    /// Wraps a text to this terminal's width, each line after `indent` spaces. Consecutive lines form one paragraph; an
    /// empty line, an indent or a list marker begins a new one.
    pub fn wrap(&self, text: &str, indent: usize) -> String {
        let mut paragraphs: Vec<String> = Vec::new();
        let mut goes_on = false;
        for line in text.trim_end().lines() {
            match paragraphs.last_mut() {
                Some(paragraph) if goes_on && !begins_anew(line) => {
                    // Chinese has no spaces between words, nor between lines.
                    let line = line.trim();
                    if !(paragraph.ends_with(is_wide) && line.starts_with(is_wide)) {
                        paragraph.push(' ');
                    }
                    paragraph.push_str(line);
                }
                _ => paragraphs.push(line.trim_end().to_owned()),
            }
            goes_on = !line.trim().is_empty();
        }
        let mut out = String::new();
        for paragraph in paragraphs {
            let margin = indent + (paragraph.len() - paragraph.trim_start().len());
            for piece in break_line(paragraph.trim(), self.width.saturating_sub(margin).max(20)) {
                let _ = writeln!(out, "{}", format!("{:margin$}{piece}", "").trim_end());
            }
        }
        out
    }
}

/// The ASCII sign that replaces another; `None`: there is none.
fn ascii(sign: char) -> Option<char> {
    Some(match sign {
        '✓' => '+',
        '✗' | '×' => 'x',
        '→' | '▷' | '↦' | '≥' => '>',
        '←' | '≤' => '<',
        '↑' => '^',
        '↓' => 'v',
        '↩' | '•' => '*',
        '═' => '=',
        '─' | '━' | '╸' | '–' | '—' => '-',
        '│' => '|',
        '├' | '└' | '┘' | '┌' | '┐' | '┤' => '+',
        '·' => '.',
        '…' => '~',
        'µ' => 'u',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '\u{a0}' => ' ',
        _ => return None,
    })
}

/// Whether a line begins a paragraph: it is empty, indented, or an item of a list.
fn begins_anew(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    let number = word.trim_end_matches(['.', ')']);
    let numbered = number.len() < word.len() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    word.is_empty() || numbered || ["-", "*"].contains(&word)
}

fn width(stream: &impl std::os::fd::AsFd) -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let seen = || terminal_size::terminal_size_of(stream).map(|(width, _)| usize::from(width.0));
    asked.or_else(seen).filter(|width| *width > 0).unwrap_or(Terminal::PLAIN_WIDTH)
}

fn utf8() -> bool {
    is_utf8(|name| std::env::var(name).ok())
}

fn colour(stream: &impl anstream::stream::RawStream) -> bool {
    anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
}

/// The columns of a text: Chinese characters take two, colours none.
pub fn columns(text: &str) -> usize {
    if text.contains('\x1b') { anstream::adapter::strip_str(text).to_string().width() } else { text.width() }
}

/// Pads a text with spaces to `width` columns.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{:1$}", "", width.saturating_sub(columns(text)))
}

fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

/// Breaks a text into pieces of at most `width` columns, at spaces and between Chinese characters; a longer unbreakable
/// piece stays whole.
pub fn break_line(line: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for word in words(line) {
        let shown = columns(word.trim_end_matches(' '));
        if used > 0 && used + shown > width {
            pieces.push(String::new());
            used = 0;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(word);
        }
        used += columns(word);
    }
    pieces.into_iter().map(|piece| piece.trim_end_matches(' ').to_owned()).collect()
}

/// Wraps a line at `width`; further lines are indented by `indent`. No newline at the end.
pub fn fit(line: &str, width: usize, indent: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let text = line.trim_start_matches(' ');
    let margin = line.len() - text.len();
    let mut pieces = break_line(text, width.saturating_sub(margin.max(indent)).max(LEAST));
    // A mark stays on the line of its first word, regardless of that word's length.
    if let [mark, of, ..] = &pieces[..]
        && columns(mark) <= 1
    {
        pieces.splice(..2, [format!("{mark} {of}")]);
    }
    let further = format!("\n{:indent$}", "");
    format!("{:margin$}{}", "", pieces.join(&further))
}

/// The unbreakable pieces, each with the spaces after it. Names, paths and commands contain hyphens and slashes, so of
/// the breaks that Unicode allows (UAX #14: no line begins with a full stop), only those at spaces and wide characters
/// are used.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let whole = commands(line);
    let ends = unicode_linebreak::linebreaks(line).filter(move |(at, opportunity)| {
        let (before, after) = line.split_at(*at);
        if whole.iter().any(|command| command.start < *at && *at < command.end) {
            return false;
        }
        *opportunity == BreakOpportunity::Mandatory
            || before.ends_with(' ')
            || before.ends_with(is_wide)
            || after.starts_with(is_wide)
    });
    ends.map(move |(end, _)| {
        let word = &line[start..end];
        start = end;
        word
    })
}

/// The ranges of commands in a line, which are never wrapped so that they can be copied: text in backticks, and
/// commands printed as such.
fn commands(line: &str) -> Vec<Range<usize>> {
    const OWN: &str = "peerlab api --as ";
    let mut commands = Vec::new();
    let mut from = 0;
    while let Some(at) = line[from..].find(['`', 'p']).map(|at| from + at) {
        let quoted = line[at..].strip_prefix('`').and_then(|rest| rest.find('`'));
        from = match quoted {
            Some(length) => {
                commands.push(at + 1..at + 1 + length);
                at + length + 2
            }
            None if line[at..].starts_with(OWN) => {
                // The word before it is its label.
                let start = line[..at].trim_end().rfind(' ').map_or(0, |space| space + 1);
                commands.push(start..line.len());
                line.len()
            }
            None => at + 1,
        };
    }
    commands
}

/// A table without borders: columns two spaces apart, as wide as their widest cell; the last column wraps at the
/// terminal's width. If the other columns leave no room, each row takes several lines.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    /// The column before which a row is folded first.
    fold: Option<usize>,
}

/// The least width of a line's last column, if no word needs more, and the indentation of a row's further lines.
const LEAST: usize = 20;
const FOLDED: usize = 2;

#[derive(Clone, Debug)]
enum Row {
    Cells(Vec<(Tone, String)>),
    /// A note below the previous row, indented, outside the columns.
    Note(Tone, String),
}

impl Table {
    /// An empty table.
    pub fn new() -> Self {
        Table::default()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row of cells.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = (Tone, T)>) {
        self.rows.push(Row::Cells(cells.into_iter().map(|(tone, text)| (tone, text.into())).collect()));
    }

    /// A remark below the last row.
    pub fn note(&mut self, tone: Tone, text: impl Into<String>) {
        self.rows.push(Row::Note(tone, text.into()));
    }

    /// On a narrow terminal, folds rows before this column first.
    pub fn fold_before(&mut self, column: usize) {
        self.fold = Some(column);
    }

    /// The table; every line begins with `indent` spaces and ends with a newline.
    pub fn render(&self, terminal: &Terminal, indent: usize) -> String {
        let widths = self.widths();
        let lines = self.lines(&widths, terminal.width, indent);
        let mut out = String::new();
        for row in &self.rows {
            match row {
                Row::Note(tone, text) => {
                    let margin = indent + 4;
                    for piece in break_line(text, terminal.width.saturating_sub(margin).max(LEAST)) {
                        let _ = writeln!(out, "{:margin$}{}", "", terminal.paint(*tone, piece));
                    }
                }
                Row::Cells(cells) => {
                    for (begin, end) in lines.iter().map(|line| (line.start, line.end.min(cells.len()))) {
                        if begin < end {
                            let indent = if begin > 0 { indent + FOLDED } else { indent };
                            render_line(&mut out, &cells[begin..end], &widths[begin..end], terminal, indent);
                        }
                    }
                }
            }
        }
        out
    }

    /// The columns' widths. A row's last cell may span the columns to its right, and widens none of them.
    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for cells in self.cells() {
            widths.resize(widths.len().max(cells.len()), 0);
            let all_but_last = cells.iter().take(cells.len().saturating_sub(1));
            for (width, (_, text)) in widths.iter_mut().zip(all_but_last) {
                *width = columns(text).max(*width);
            }
        }
        widths
    }

    /// The columns of each line: all of them in one line if there is room.
    fn lines(&self, widths: &[usize], width: usize, indent: usize) -> Vec<Range<usize>> {
        let mut least = widths.to_vec();
        for (last, text) in self.cells().filter_map(|cells| Some((cells.len() - 1, &cells.last()?.1))) {
            let longest = words(text).map(|word| columns(word.trim_end_matches(' '))).max().unwrap_or(0);
            least[last] = least[last].max(columns(text).min(LEAST)).max(longest);
        }
        let fits = |from: usize, to: usize| {
            let margin = indent + if from > 0 { FOLDED } else { 0 };
            margin + widths[from..to].iter().map(|width| width + 2).sum::<usize>() + least[to] <= width
        };
        let all = widths.len();
        let folded = self.fold.filter(|fold| *fold < all && !(0..all).all(|column| fits(0, column)));
        let (mut lines, mut begin) = (Vec::new(), 0);
        for column in 1..all {
            if Some(column) == folded || !fits(begin, column) {
                lines.push(begin..column);
                begin = column;
            }
        }
        lines.push(begin..all);
        lines
    }

    fn cells(&self) -> impl Iterator<Item = &Vec<(Tone, String)>> {
        self.rows.iter().filter_map(|row| match row {
            Row::Cells(cells) => Some(cells),
            Row::Note(..) => None,
        })
    }
}

fn render_line(out: &mut String, cells: &[(Tone, String)], widths: &[usize], terminal: &Terminal, indent: usize) {
    let _ = write!(out, "{:indent$}", "");
    let mut at = indent;
    for (i, (tone, text)) in cells.iter().enumerate() {
        if i + 1 < cells.len() {
            let gap = widths[i].saturating_sub(columns(text)) + 2;
            let _ = write!(out, "{}{:gap$}", terminal.paint(*tone, text), "");
            at += widths[i].max(columns(text)) + 2;
            continue;
        }
        for (n, piece) in break_line(text, terminal.width.saturating_sub(at).max(LEAST)).into_iter().enumerate() {
            if n > 0 {
                let _ = write!(out, "\n{:at$}", "");
            }
            out.push_str(&terminal.paint(*tone, piece));
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Terminal = Terminal { width: 30, ..Terminal::PLAIN };

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new();
        table.row([(Tone::Strong, "a"), (Tone::Plain, "bb")]);
        table.row([(Tone::Strong, "long"), (Tone::Plain, "c")]);
        assert_eq!(table.render(&Terminal::PLAIN, 2), "  a     bb\n  long  c\n");
    }

    #[test]
    fn where_utf8_is_not_shown_signs_of_ascii_stand_in_as_wide_as_those_they_stand_for() {
        let ascii = Terminal { utf8: false, ..Terminal::PLAIN };
        assert_eq!(ascii.shown("✓ a → b · ═══ ✗…"), "+ a > b . === x~");
        assert_eq!(ascii.shown("✓ 名"), "+ 名", "a name is the user's");
        assert_eq!(Terminal::PLAIN.shown("✓ a"), "✓ a");
        for sign in "✓✗×→▷←↑↓↩═─━╸│├└┘·…µ–—•≤“”„‘’".chars() {
            let shown = ascii.shown(&sign.to_string()).into_owned();
            assert!(shown.is_ascii() && columns(&shown) == columns(&sign.to_string()), "{sign}");
        }
    }

    #[test]
    fn the_last_column_is_broken_where_the_terminal_ends() {
        let mut table = Table::new();
        table.row([(Tone::Plain, "ri-a"), (Tone::Plain, "one two three four five six")]);
        assert_eq!(table.render(&NARROW, 0), "ri-a  one two three four five\n      six\n");
    }

    #[test]
    fn a_row_that_is_wider_than_the_terminal_is_folded() {
        let mut table = Table::new();
        table.row(["one-of-two", "A", "═══", "the-other-end", "B"].map(|text| (Tone::Plain, text)));
        table.row(["x", "A", "═══", "y", "C"].map(|text| (Tone::Plain, text)));
        let greedy = "one-of-two  A  ═══\n  the-other-end  B\nx           A  ═══\n  y              C\n";
        assert_eq!(table.render(&NARROW, 0), greedy);
        table.fold_before(2);
        let folded = "one-of-two  A\n  ═══  the-other-end  B\nx           A\n  ═══  y              C\n";
        assert_eq!(table.render(&NARROW, 0), folded);
        let wide = "one-of-two  A  ═══  the-other-end  B\nx           A  ═══  y              C\n";
        assert_eq!(table.render(&Terminal::PLAIN, 0), wide);
    }

    #[test]
    fn colour_does_not_move_columns() {
        let mut table = Table::new();
        table.row([(Tone::Good, "Active"), (Tone::Plain, "x")]);
        table.row([(Tone::Bad, "Idle"), (Tone::Plain, "y")]);
        let coloured = table.render(&Terminal { colour: true, ..Terminal::PLAIN }, 0);
        assert!(coloured.contains("\u{1b}["), "{coloured:?}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), table.render(&Terminal::PLAIN, 0));
    }

    #[test]
    fn a_line_goes_on_below_itself() {
        let line = "  VPC1: add address 10.0.0.1/24 dev vsw-1";
        assert_eq!(NARROW.fit(line, 6), "  VPC1: add address\n      10.0.0.1/24 dev vsw-1");
        assert_eq!(Terminal::PLAIN.fit(line, 6), line);
    }

    #[test]
    fn a_word_longer_than_the_terminal_stands_alone() {
        let word = "x".repeat(40);
        assert_eq!(NARROW.wrap(&format!("a {word} b"), 0), format!("a\n{word}\nb\n"));
    }

    #[test]
    fn a_command_to_copy_is_never_broken() {
        let command = "peerlab api --as A modify-router-interface-attribute ri-a --opposite-account B";
        let mut table = Table::new();
        table.row([(Tone::Plain, "ri-a")]);
        table.note(Tone::Notice, format!("missing: {command}"));
        for text in [table.render(&NARROW, 2), NARROW.wrap(&format!("then run `{command}`, or do not"), 0)] {
            assert!(text.contains(command), "{text}");
        }
    }

    #[test]
    fn whatever_stands_between_backticks_is_a_command_and_is_never_broken() {
        for command in ["ip netns delete cross.ecs-a", "create-route-entry --vpc VPC1 --destination 10.0.0.0/8", "up"] {
            let text = format!("some words before it, `{command}`, and some behind it: `{command}`.");
            let wrapped = NARROW.wrap(&text, 0);
            assert_eq!(wrapped.matches(command).count(), 2, "{wrapped}");
        }
    }

    #[test]
    fn lines_that_follow_one_another_are_one_paragraph() {
        let text = "Create the initiator on the\nrouter of VPC1.\n\nThen wait.\n";
        assert_eq!(NARROW.wrap(text, 2), "  Create the initiator on the\n  router of VPC1.\n\n  Then wait.\n");
    }

    #[test]
    fn lists_and_indents_stay_as_they_are() {
        let text = "Do this:\n1. one\n2. two\n  - three\n- four\n";
        assert_eq!(NARROW.wrap(text, 2), "  Do this:\n  1. one\n  2. two\n    - three\n  - four\n");
    }

    #[test]
    fn a_chinese_character_takes_two_columns() {
        let mut table = Table::new();
        table.row([(Tone::Plain, "发起端"), (Tone::Plain, "x")]);
        table.row([(Tone::Plain, "ri-a"), (Tone::Plain, "y")]);
        assert_eq!(table.render(&Terminal::PLAIN, 0), "发起端  x\nri-a    y\n");
    }

    #[test]
    fn chinese_is_broken_between_characters_and_never_before_a_full_stop() {
        let text = "为VPC1创建发起端路由器接口ri-m5e33r3n78zyi5573kf85，带宽为2 Mbit/s。";
        let lines = break_line(text, 30);
        assert!(lines.iter().all(|line| columns(line) <= 30), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert!(lines.iter().all(|line| !line.starts_with(['，', '。'])), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("ri-m5e33r3n78zyi5573kf85")), "{lines:?}");
        assert_eq!(NARROW.wrap("创建发起端，\n再创建接收端。\n", 0), "创建发起端，再创建接收端。\n");
    }
}
