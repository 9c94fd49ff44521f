//! Replies as XML, for clients that ask for no JSON: a list is its element repeated.

use serde_json::Value;

/// `<NAME>…</NAME>` with the reply's members.
pub(crate) fn document(name: &str, reply: &Value) -> String {
    let mut text = String::from("<?xml version='1.0' encoding='UTF-8'?>");
    write(&mut text, name, reply);
    text
}

fn write(text: &mut String, name: &str, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| write(text, name, item)),
        Value::Null => {}
        value => {
            text.push_str(&format!("<{name}>"));
            match value {
                Value::Object(members) => members.iter().for_each(|(name, value)| write(text, name, value)),
                Value::String(plain) => escape(text, plain),
                value => text.push_str(&value.to_string()),
            }
            text.push_str(&format!("</{name}>"));
        }
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
            c => text.push(c),
        }
    }
}
