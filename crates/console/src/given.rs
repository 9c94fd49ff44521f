//! What a request gives: the fields of its query or its form.

/// Names and values, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(Vec<(String, String)>);

impl Given {
    /// Reads `name=value&…`.
    pub fn read(text: &str) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value).replace("\r\n", "\n"))
        };
        Given(text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect())
    }

    /// The first value of a name, trimmed; `None` if it is not given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.trim())
    }

    /// The first value of a name, as it was given; empty if it is not.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value)
    }

    /// The first value of a name; empty if it is not given.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(it, _)| it == name).map(|(_, value)| value.trim())
    }

    /// The rest of the first name that begins so: which of several buttons was pressed.
    pub fn after(&self, prefix: &str) -> Option<&str> {
        self.0.iter().find_map(|(name, _)| name.strip_prefix(prefix))
    }

    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Without `%41` and `+`.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = || {
            let digits = bytes.get(at + 1..at + 3)?;
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        };
        match (bytes[at], hex()) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A text as a part of an address.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            byte => out += &format!("%{byte:02X}"),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for text in ["ri-a", "山东 1/2", "a&b=c%+", ""] {
            assert_eq!(decoded(&encoded(text)), text);
        }
        let given = Given::read("a=1&b=%E5%8D%8E+x&a=2&remove.3=");
        assert_eq!((given.text("a"), given.text("b"), given.get("c")), ("1", "华 x", None));
        assert_eq!(given.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(given.after("remove."), Some("3"));
        assert_eq!(decoded("%"), "%");
        assert_eq!(decoded("%zz%e"), "%zz%e");
    }
}
