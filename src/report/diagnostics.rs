//! Renders errors for people, with line and caret, and for programs, as JSON lines.
//!
//! A lab file is untrusted: no control character from it, or from a name or argument, reaches the terminal.

use std::borrow::Cow;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Argument, Error, Errors, Place, Span};
use crate::language::Language;
use crate::message::{Message, Say as _};
use crate::printable::{escape, is_hidden, json, printable};
use crate::report::messages::Said as Words;
use crate::terminal::{Terminal, fit};

/// The longest message shown, in characters.
const LONGEST: usize = 1000;

/// The widest line shown; of a longer line, only the part near the caret.
const WIDTH: usize = 140;

/// Every error with its line, a caret under the value at fault, and what to do; ends with a newline.
pub fn render(errors: &Errors, terminal: &Terminal) -> String {
    rendered(errors, terminal, usize::MAX)
}

/// The same, with messages and hints wrapped at the terminal's width. In a log, each is one line.
pub fn render_fitting(errors: &Errors, terminal: &Terminal) -> String {
    rendered(errors, terminal, terminal.width)
}

fn rendered(errors: &Errors, terminal: &Terminal, width: usize) -> String {
    let renderer = if terminal.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut text = String::new();
    for (index, error) in errors.0.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        // The renderer pads empty lines of the margin, and draws a margin with nothing beside it.
        let rendered = render_one(error, &renderer, terminal);
        let lines = rendered.lines().map(str::trim_end);
        for (nth, line) in lines.enumerate() {
            let plain = anstream::adapter::strip_str(line).to_string();
            let margin = plain.trim_start();
            if error.place.is_none() && margin == "|" {
                continue;
            }
            // Wrap the message and the hint; keep the lines of the lab's text.
            let hint = margin.strip_prefix("= ").map(|said| plain.len() - said.len());
            // The renderer writes the colon of English behind the first word of both.
            let colon = terminal.say(Words::Colon);
            let line = &*if nth == 0 || hint.is_some() { line.replacen(": ", &colon, 1) } else { line.to_owned() };
            match hint.or((nth == 0).then_some(2)) {
                Some(indent) => text.push_str(&fit(line, width, indent)),
                None => text.push_str(line),
            }
            text.push('\n');
        }
    }
    text
}

fn render_one(error: &Error, renderer: &Renderer, terminal: &Terminal) -> String {
    let say = |message: &Message| printable(&words(message, terminal.language));
    let title = Level::ERROR.with_name(terminal.say(Words::Error)).primary_title(say(&error.message));
    let mut group = Group::with_title(match &error.code {
        Some(code) => title.id(printable(code)),
        None => title,
    });
    if let Some(place) = &error.place {
        let own = error.related.iter().filter(|related| related.place.source == place.source);
        let mut lines = Lines::around(place, own.clone().map(|related| &related.place.span));
        let primary = AnnotationKind::Primary.span(lines.span(&place.span));
        let mut annotations = vec![primary];
        for related in own {
            annotations.push(AnnotationKind::Context.span(lines.span(&related.place.span)).label(say(&related.label)));
        }
        let snippet = Snippet::source(std::mem::take(&mut lines.text)).path(printable(&shortened(&place.source.name)));
        group = group.element(snippet.line_start(lines.first).annotations(annotations));
    }
    if let Some(hint) = &error.hint {
        group = group.element(Level::HELP.with_name(terminal.say(Words::Help)).message(say(hint)));
    }
    renderer.render(&[group])
}

/// A message in a language.
fn words(message: &Message, language: Language) -> String {
    shortened(&message.in_language(language).to_string()).into_owned()
}

/// Shortens a text; a name that a user gave may be megabytes long.
fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The lines of a source to show, made safe for a terminal.
struct Lines {
    text: String,
    /// The number of the first line.
    first: usize,
    /// For each character that is shown differently, its end in the source and in `text`.
    shifts: Vec<(usize, usize)>,
    /// The span of the source that is shown.
    shown: Span,
}

impl Lines {
    fn around<'a>(place: &'a Place, others: impl Iterator<Item = &'a Span>) -> Self {
        let source = &place.source.text;
        let (mut low, mut high) = (place.span.start.min(source.len()), place.span.end.min(source.len()));
        for other in others {
            low = low.min(other.start);
            high = high.max(other.end.min(source.len()));
        }
        let low = source.as_bytes()[..low].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = source.as_bytes()[high..].iter().position(|byte| *byte == b'\n');
        let shown = low..end.map_or(source.len(), |at| high + at);
        let mut lines = Lines { text: String::new(), first: place.source.line(low), shifts: Vec::new(), shown };
        for (at, c) in source[lines.shown.clone()].char_indices() {
            if c == '\n' || c == '\t' || !is_hidden(c) {
                lines.text.push(c);
            } else {
                // A carriage return at the end of a line (from Windows) is not part of it.
                let ends_line = c == '\r' && source[lines.shown.start + at + 1..].starts_with('\n');
                if !ends_line {
                    escape(c, &mut lines.text);
                }
                lines.shifts.push((lines.shown.start + at + c.len_utf8(), lines.text.len()));
            }
        }
        lines
    }

    /// Maps a span of the source to the shown text.
    fn span(&self, span: &Span) -> Span {
        let at = |byte: usize| {
            let byte = byte.clamp(self.shown.start, self.shown.end);
            let before = self.shifts.iter().take_while(|(end, _)| *end <= byte).last();
            let (from, to) = before.copied().unwrap_or((self.shown.start, 0));
            (to + byte - from).min(self.text.len())
        };
        at(span.start)..at(span.end.max(span.start))
    }
}

#[derive(Serialize)]
struct Json<'a> {
    error: JsonError<'a>,
}

#[derive(Serialize)]
struct JsonError<'a> {
    code: Option<&'a str>,
    message: String,
    #[serde(flatten)]
    said: Option<Said<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<&'a Argument>,
    file: Option<&'a str>,
    line: Option<usize>,
    hint: Option<String>,
    #[serde(flatten)]
    advised: Option<Advised<'a>>,
}

/// Which message it is, and its values.
#[derive(Serialize)]
struct Said<'a> {
    id: &'a str,
    values: Map<String, Value>,
}

/// The same of the hint.
#[derive(Serialize)]
struct Advised<'a> {
    hint_id: &'a str,
    hint_values: Map<String, Value>,
}

/// One line of JSON for each error: `{"error":{"code","message","id","values","argument":{"name","written"},"file","line",
/// "hint","hint_id","hint_values"}}`. Keys of what there is not are left out, or null where they are as old as JSON here.
pub fn render_json(errors: &Errors) -> String {
    let mut text = String::new();
    for error in &errors.0 {
        let object = Json {
            error: JsonError {
                code: error.code.as_deref(),
                message: words(&error.message, Language::English),
                said: Some(&error.message)
                    .filter(|message| !message.id().is_empty())
                    .map(|message| Said { id: message.id(), values: message.values() }),
                argument: error.argument.as_ref(),
                file: error.place.as_ref().map(|place| &*place.source.name),
                line: error.place.as_ref().map(Place::line),
                hint: error.hint.as_ref().map(|hint| words(hint, Language::English)),
                advised: (error.hint.as_ref())
                    .filter(|hint| !hint.id().is_empty())
                    .map(|hint| Advised { hint_id: hint.id(), hint_values: hint.values() }),
            },
        };
        let line = serde_json::to_string(&object).expect("strings and numbers always become JSON");
        text += &json(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Source;

    fn shown(text: &str, span: Span, message: &str) -> String {
        let error = Error::input(Message::text(message))
            .code("Code")
            .at(&Source::new("a.toml", text), span)
            .hint(Message::text("do this"));
        render(&error.into(), &Terminal::PLAIN)
    }

    #[test]
    fn the_caret_stands_under_the_value_with_code_and_hint() {
        let text = "[vpc.A]\ncidr = \"10.0.0.0/33\"\n";
        let expected = "\
error[Code]: it is wrong
 --> a.toml:2:8
  |
2 | cidr = \"10.0.0.0/33\"
  |        ^^^^^^^^^^^^^
  |
  = help: do this
";
        assert_eq!(shown(text, 15..28, "it is wrong"), expected);
    }

    #[test]
    fn the_caret_stands_right_behind_what_had_to_be_escaped() {
        let text = "a = \"\u{1b}[31m\"; b = \"x\"\r\n";
        let at = text.find("\"x\"").unwrap();
        let shown = shown(text, at..at + 3, "wrong \u{1b}[2J");
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines[0].ends_with("wrong \\u{1b}[2J"), "{shown}");
        let (line, caret) = (lines[3], lines[4]);
        assert!(line.ends_with("a = \"\\u{1b}[31m\"; b = \"x\""), "{shown}");
        assert_eq!(caret.find("^^^"), line.find("\"x\""), "{shown}");
    }

    /// The errors of a valid lab with a part replaced can be shown.
    #[test]
    fn the_errors_of_a_damaged_lab_can_be_shown() {
        let text = include_str!("../../labs/cross-account.toml");
        proptest!(|(at in 0..text.len(), length in 0usize..40, filling in "[\\PC\n]{0,8}")| {
            let (at, end) = (text.floor_char_boundary(at), text.ceil_char_boundary((at + length).min(text.len())));
            let damaged = format!("{}{filling}{}", &text[..at], &text[end.max(at)..]);
            let source = Source::new("lab.toml", damaged);
            if let Err(errors) = crate::lab::read(source).and_then(|lab| lab.rehearse().map(|_| ())) {
                prop_assert!(render(&errors, &Terminal::PLAIN).contains("error"));
            }
        });
    }

    #[test]
    fn both_places_of_a_pair_are_shown() {
        let source = Source::new("a.toml", "[vpc.A]\n\n\n\n\n[instance.A]\n");
        let error = Error::input(Message::text("twice")).at(&source, 22..23).related(
            &source,
            5..6,
            Message::text("first here"),
        );
        let shown = render(&error.into(), &Terminal::PLAIN);
        assert!(shown.contains("first here") && shown.contains("6 | [instance.A]"), "{shown}");
    }

    #[test]
    fn json_has_every_key_and_one_line_for_each_error() {
        let source = Source::new("a.toml", "x\ny");
        let one = Error::input(Message::text("wrong\u{9b}")).code("C").at(&source, 2..3);
        let errors = Errors(vec![one, Error::host(Message::text("no \u{1b}root")).hint(Message::text("become root"))]);
        assert_eq!(
            render_json(&errors),
            "{\"error\":{\"code\":\"C\",\"message\":\"wrong\\u009b\",\"file\":\"a.toml\",\"line\":2,\"hint\":null}}\n\
             {\"error\":{\"code\":null,\"message\":\"no \\u001broot\",\"file\":null,\"line\":null,\"hint\":\"become root\"}}\n"
        );
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_printed_raw(text in any::<String>(), a in 0usize..200, b in 0usize..200, message in any::<String>()) {
            let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let (a, b) = (boundary(a.min(b)), boundary(a.max(b)));
            let shown = shown(&text, a..b, &message);
            prop_assert!(shown.chars().all(|c| c == '\n' || !is_hidden(c)), "{shown:?}");
        }
    }
}
