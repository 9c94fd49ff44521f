//! Estimates the width of texts, and escapes them for XML.

use crate::terminal::words;

/// The width of a text in pixels, as wide as any of the fonts in which it may be shown (DejaVu Sans is the widest).
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let em: f64 = text.chars().map(|c| advance(c) as f64 / 1000.0).sum();
    em * size * if bold { 1.12 } else { 1.0 }
}

/// Thousandths of an em.
fn advance(c: char) -> u32 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 280,
        'I' | '.' | ',' | ':' | ';' | '!' | ' ' | '·' | '/' => 340,
        'f' | 't' | 'r' | '(' | ')' | '-' | '[' | ']' => 400,
        'm' | 'M' | '%' | '@' => 975,
        'w' | 'W' => 900,
        'A'..='Z' => 720,
        '\u{2e80}'..='\u{ffdc}' | '\u{20000}'..='\u{3ffff}' => 1000,
        c if c.is_ascii() => 636,
        _ => 840,
    }
}

/// Breaks a bold text between words, or Chinese characters, into lines of at most `most` pixels, as far as words allow it.
pub(super) fn wrap(text: &str, size: f64, most: f64) -> Vec<String> {
    let width = |text: &str| width(text, size, true);
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        match lines.last_mut() {
            Some(line) if width(line) + width(word.trim_end()) <= most => line.push_str(word),
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// A text in XML and HTML, in an element or in quotes. What XML cannot hold becomes the replacement character.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_what_xml_cannot_hold_is_replaced() {
        assert_eq!(escape("<a href=\"x\">'&'\u{1}"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;\u{fffd}");
    }

    #[test]
    fn a_text_is_broken_between_words_only() {
        assert_eq!(wrap("one two three", 10.0, 50.0), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible", 10.0, 50.0), ["incomprehensible"]);
        assert_eq!(wrap("没有子网使用rtb-1。", 10.0, 70.0), ["没有子网使用", "rtb-1。"]);
    }
}
