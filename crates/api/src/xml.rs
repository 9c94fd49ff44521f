//! Replies as XML.

use serde_json::Value;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// Its element is repeated.
    Repeated,
    /// `<NAME><item>…</item>…</NAME>`; an empty one is there too.
    Items,
}

/// `<NAME>…</NAME>` with the reply's members, and attributes of the root.
pub(crate) fn document(name: &str, attributes: &str, reply: &Value, lists: Lists) -> String {
    let mut text = String::from("<?xml version='1.0' encoding='UTF-8'?>");
    let space = if attributes.is_empty() { "" } else { " " };
    text.push_str(&format!("<{name}{space}{attributes}>"));
    content(&mut text, reply, lists);
    text.push_str(&format!("</{name}>"));
    text
}

fn write(text: &mut String, name: &str, value: &Value, lists: Lists) {
    match value {
        Value::Array(items) if lists == Lists::Repeated => {
            items.iter().for_each(|item| write(text, name, item, lists));
        }
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {
            text.push('<');
            text.push_str(name);
            text.push_str("/>");
        }
        value => {
            text.push('<');
            text.push_str(name);
            text.push('>');
            content(text, value, lists);
            text.push_str("</");
            text.push_str(name);
            text.push('>');
        }
    }
}

fn content(text: &mut String, value: &Value, lists: Lists) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| write(text, name, value, lists)),
        Value::Array(items) => items.iter().for_each(|item| write(text, "item", item, lists)),
        Value::String(plain) => escape(text, plain),
        Value::Null => {}
        value => text.push_str(&value.to_string()),
    }
}

fn escape(text: &mut String, plain: &str) {
    for c in plain.chars() {
        match c {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            // What XML 1.0 cannot hold.
            c if c.is_control() && !matches!(c, '\n' | '\r' | '\t') => text.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
}
