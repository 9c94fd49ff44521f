//! Makes untrusted text safe for a terminal: a lab file, a path, a name or an argument cannot move the cursor or change
//! colours.

use std::fmt::Write as _;
use std::io::Write;

/// Whether a character could move the cursor, change colours, or reverse the text.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Writes a hidden character visibly.
pub fn escape(c: char, text: &mut String) {
    let _ = write!(text, "\\u{{{:x}}}", u32::from(c));
}

/// A text on one line, with hidden characters made visible.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => printable.push(' '),
            c if is_hidden(c) => escape(c, &mut printable),
            c => printable.push(c),
        }
    }
    printable
}

/// A text of several lines, each processed by [`printable`].
pub fn printable_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<_> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// Filters everything that peerlab prints: newlines and, with `colour`, colours pass; other hidden characters are made
/// visible.
pub fn tamed(text: &str, colour: bool) -> String {
    let mut tamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if colour { colour_code(rest) } else { 0 };
        if length > 0 {
            tamed.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        match c {
            '\n' => tamed.push(c),
            '\t' => tamed.push(' '),
            c if is_hidden(c) => escape(c, &mut tamed),
            c => tamed.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    tamed
}

/// The length of the colour code at the beginning of a text: `ESC [ numbers m`. 0: there is none.
fn colour_code(text: &str) -> usize {
    let Some(code) = text.strip_prefix("\u{1b}[") else { return 0 };
    match code.find(|c: char| !c.is_ascii_digit() && c != ';') {
        Some(end) if code[end..].starts_with('m') => end + 3,
        _ => 0,
    }
}

/// JSON with hidden characters escaped. Serializers escape only those below U+0020, but C1 codes control terminals too.
pub fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && c != '\n' {
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A writer for a serializer's JSON, which applies [`json`]. The serializer writes each piece of a string at once.
pub struct JsonWriter<W>(pub W);

impl<W: Write> Write for JsonWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let plain = bytes.is_ascii() && !bytes.contains(&0x7f);
        match std::str::from_utf8(bytes) {
            Ok(text) if !plain => self.0.write_all(json(text).as_bytes())?,
            _ => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colours_pass_where_they_are_wanted_and_nothing_else_does() {
        let text = "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2J \u{1b}]0;owned\u{7} \u{9b}31m \u{202e}abc\r\n\tx";
        let tame = "red\u{1b}[0m \\u{1b}[2J \\u{1b}]0;owned\\u{7} \\u{9b}31m \\u{202e}abc\\u{d}\n x";
        assert_eq!(tamed(text, true), format!("\u{1b}[1;31m{tame}"));
        assert_eq!(tamed(text, false), format!("\\u{{1b}}[1;31m{tame}").replace('\u{1b}', "\\u{1b}"));
    }

    #[test]
    fn lines_stay_lines_also_of_a_file_from_windows() {
        assert_eq!(printable_lines("one\r\n  two\u{7}\n\nthree\n"), "one\n  two\\u{7}\n\nthree\n");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(tamed(&text, false).chars().all(|c| c == '\n' || !is_hidden(c)));
            prop_assert!(!printable(&text).chars().any(is_hidden));
            let tame = tamed(&text, true);
            prop_assert!(anstream::adapter::strip_str(&tame).to_string().chars().all(|c| c == '\n' || !is_hidden(c)));
            let quoted = json(&serde_json::to_string(&text).unwrap());
            prop_assert_eq!(&serde_json::from_str::<String>(&quoted).unwrap(), &text);
            prop_assert!(!quoted.chars().any(is_hidden));
            let mut written = Vec::new();
            serde_json::to_writer(JsonWriter(&mut written), &text).unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), quoted);
        }
    }
}
