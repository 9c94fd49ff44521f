//! The parameters of an action: names and values, as the dialects flatten them.

use std::collections::BTreeMap;

use peerlab_cloud::fnv;
use serde_json::Value;

use crate::Refused;

/// Parameters by name. An empty value counts as none.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    flat: BTreeMap<String, String>,
    /// The body of a dialect that sends JSON.
    pub(crate) body: Value,
}

impl Parameters {
    pub(crate) fn new(pairs: impl IntoIterator<Item = (String, String)>, body: Value) -> Self {
        let there = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        Parameters { flat: there.collect(), body }
    }

    /// A value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.flat.get(name).map(String::as_str)
    }

    /// Whether there is a value of this name that is not empty, or of a part of it.
    pub(crate) fn has(&self, name: &str) -> bool {
        let prefix = format!("{name}.");
        let mut from = self.flat.range(prefix.clone()..);
        self.get(name).is_some_and(|value| !value.is_empty())
            || from.next().is_some_and(|(part, _)| part.starts_with(&prefix))
    }

    /// A value as text, in the form that calls take.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// A value that the row says is required: the server checked that it is there.
    pub(crate) fn needed(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Whether a flag is set; clients write `true` or `True`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether a filter of this name, if there is one, is this text.
    pub(crate) fn fits(&self, name: &str, own: &str) -> bool {
        self.get(name).is_none_or(|wanted| wanted == own)
    }

    /// The same for several, by the members of a thing as it is shown.
    pub(crate) fn all_fit(&self, names: &[&str], shown: &Value) -> bool {
        names.iter().all(|name| self.fits(name, shown[*name].as_str().unwrap_or_default()))
    }

    /// A number, or the default.
    pub(crate) fn number(&self, name: &str, default: usize) -> Result<usize, Refused> {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.parse().map_err(|_| {
            let message = format!("The specified parameter {name} is not a number.");
            Refused::new(400, "InvalidParameter", message)
        })
    }

    /// The values of a numbered list (`NAME.1`, `NAME.2`), in order.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<_> = self.numbered(name).filter(|(_, rest, _)| rest.is_empty()).collect();
        found.sort_by_key(|(number, ..)| *number);
        found.into_iter().map(|(_, _, value)| value).collect()
    }

    /// The parts of a numbered list of objects (`NAME.1.Part`), in order.
    pub(crate) fn parts(&self, name: &str) -> Vec<Parameters> {
        let mut found: BTreeMap<u32, Vec<(String, String)>> = BTreeMap::new();
        for (number, rest, value) in self.numbered(name).filter(|(_, rest, _)| !rest.is_empty()) {
            found.entry(number).or_default().push((rest.to_owned(), value.to_owned()));
        }
        found.into_values().map(|pairs| Parameters::new(pairs, Value::Null)).collect()
    }

    /// Values whose name begins so: their number, what follows it, and the value.
    fn numbered<'a>(&'a self, name: &str) -> impl Iterator<Item = (u32, &'a str, &'a str)> {
        let prefix = format!("{name}.");
        self.flat.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(&prefix)?;
            let (number, rest) = rest.split_once('.').unwrap_or((rest, ""));
            Some((number.parse().ok()?, rest, value.as_str()))
        })
    }

    /// The values of a list that is JSON in a string, or else a numbered list.
    pub(crate) fn json_list(&self, name: &str) -> Result<Option<Vec<String>>, Refused> {
        let Some(text) = self.get(name) else {
            let list = self.list(name);
            return Ok((!list.is_empty()).then(|| list.into_iter().map(str::to_owned).collect()));
        };
        serde_json::from_str(text).map(Some).map_err(|_| {
            let message = format!("The specified parameter {name} is not a list in JSON.");
            Refused::new(400, "InvalidParameter", message)
        })
    }
}

/// The members of a body in JSON by their paths: `instanceSpec.name`, `subnetIds.1`.
pub(crate) fn flat(body: &Value) -> Vec<(String, String)> {
    fn add(flat: &mut Vec<(String, String)>, name: String, value: &Value) {
        let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
        match value {
            Value::Null => {}
            Value::Object(members) => members.iter().for_each(|(part, value)| add(flat, below(part), value)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, value)| add(flat, below(&(at + 1).to_string()), value));
            }
            Value::String(text) => flat.push((name, text.clone())),
            other => flat.push((name, other.to_string())),
        }
    }
    let mut all = Vec::new();
    add(&mut all, String::new(), body);
    all
}

impl Parameters {
    /// A hash of all parameters but the token and what every request has anew.
    pub(crate) fn print(&self, token: &str) -> u64 {
        const ANEW: [&str; 8] = [
            "Signature",
            "SignatureNonce",
            "Timestamp",
            "AccessKeyId",
            "SignatureMethod",
            "SignatureVersion",
            "SignatureType",
            "Format",
        ];
        let counts = |name: &str| name != token && !ANEW.contains(&name);
        let flat = self.flat.iter().filter(|(name, _)| counts(name));
        let flat = flat.fold(fnv::SEED, |seed, (name, value)| {
            let seed = fnv::hash(fnv::hash(seed, name.as_bytes()), b"=");
            fnv::hash(fnv::hash(seed, value.as_bytes()), b"&")
        });
        let mut body = self.body.clone();
        if let Value::Object(members) = &mut body {
            members.remove(token);
        }
        fnv::hash(flat, body.to_string().as_bytes())
    }
}
