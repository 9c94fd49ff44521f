//! Lists: things chosen by ids and filters, and in pages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::refused::{invalid, not_there};
use crate::Refused;
use crate::action::Asked;
use crate::parameters::Parameters;

/// A list of things that a request chooses from.
pub(super) struct Listing {
    /// The member of the reply.
    pub set: &'static str,
    /// The parameter with the ids.
    pub ids: &'static str,
    /// The member of a thing with its id.
    pub id: &'static str,
    /// The code for an id that is not there.
    pub unknown: &'static str,
    /// The filters, each with the member of a thing that it is about; those by tags every list has.
    pub filters: &'static [(&'static str, &'static str)],
    /// What the caller sees, as it is shown, of the things whose ids are wanted.
    pub all: All,
}

/// Shows the things whose ids are wanted.
type All = fn(&Asked<'_>, &Wanted<'_>) -> Vec<Value>;

/// The ids of the things that are wanted.
pub(super) enum Wanted<'a> {
    /// All of them.
    Any,
    /// These.
    These(&'a [&'a str]),
}

impl Wanted<'_> {
    /// Whether the thing with this id is wanted.
    pub fn takes(&self, id: &str) -> bool {
        match self {
            Wanted::Any => true,
            Wanted::These(ids) => ids.contains(&id),
        }
    }
}

impl Listing {
    /// The things that the request chooses.
    pub fn chosen(&self, asked: &Asked<'_>) -> Result<Vec<Value>, Refused> {
        let ids = asked.parameters().list(self.ids);
        let filters = filters(asked.parameters(), self.filters)?;
        let mut all = (self.all)(asked, &if ids.is_empty() { Wanted::Any } else { Wanted::These(&ids) });
        if let Some(id) = ids.iter().find(|id| !all.iter().any(|it| it[self.id] == ***id)) {
            return Err(self.not_found(id));
        }
        all.retain(|it| filters.iter().all(|filter| filter.takes(it)));
        Ok(all)
    }

    /// The reply.
    pub fn answer(&self, asked: &Asked<'_>) -> Result<Value, Refused> {
        if !asked.parameters().list(self.ids).is_empty() && asked.parameters().has("MaxResults") {
            let message = format!("The parameter {} cannot be used with the parameter maxResults", self.ids);
            return Err(Refused::new(400, "InvalidParameterCombination", message));
        }
        page(asked.parameters(), self.set, self.chosen(asked)?)
    }

    /// The thing with this id.
    pub fn one(&self, asked: &Asked<'_>, id: &str) -> Result<Value, Refused> {
        (self.all)(asked, &Wanted::These(&[id])).into_iter().next().ok_or_else(|| self.not_found(id))
    }

    /// The error for an id that is not there.
    pub fn not_found(&self, id: &str) -> Refused {
        Refused::new(400, self.unknown, not_there(self.unknown, id))
    }
}

/// A page of a list, and the token of the next.
pub(super) fn page(parameters: &Parameters, set: &str, all: Vec<Value>) -> Result<Value, Refused> {
    const FEWEST: usize = 5;
    const MOST: usize = 1_000;
    let begin = match parameters.get("NextToken") {
        None => 0,
        Some(token) => place(token)
            .filter(|place| *place <= all.len())
            .ok_or_else(|| Refused::new(400, "InvalidNextToken", format!("The token '{token}' is invalid")))?,
    };
    let size = match parameters.get("MaxResults") {
        None => usize::MAX,
        Some(text) => {
            let size = text.parse().ok().filter(|size| (FEWEST..=MOST).contains(size));
            size.ok_or_else(|| invalid(text, "maxResults", &format!("Expecting a value from {FEWEST} to {MOST}.")))?
        }
    };
    let total = all.len();
    let items: Vec<_> = all.into_iter().skip(begin).take(size).collect();
    let end = begin + items.len();
    let next = (end < total).then(|| STANDARD.encode(format!("after {end}")));
    Ok(json!({set: items, "nextToken": next}))
}

fn place(token: &str) -> Option<usize> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    text.strip_prefix("after ")?.parse().ok()
}

/// A filter of a request.
pub(super) struct Filter {
    what: What,
    values: Vec<String>,
}

/// What a filter is about.
enum What {
    /// A member, by its path.
    Member(&'static str),
    /// The value of a tag.
    Tag(String),
    TagKey,
    TagValue,
}

/// The filters of a request, of which a list knows these.
pub(super) fn filters(
    parameters: &Parameters,
    known: &'static [(&'static str, &'static str)],
) -> Result<Vec<Filter>, Refused> {
    let read = |part: Parameters| {
        let name = part.get("Name").unwrap_or_default();
        let what = match (name, name.strip_prefix("tag:")) {
            (_, Some(key)) => What::Tag(key.to_owned()),
            ("tag-key", _) => What::TagKey,
            ("tag-value", _) => What::TagValue,
            _ => {
                let member = known.iter().find(|(filter, _)| *filter == name);
                let (_, path) = member.ok_or_else(|| {
                    Refused::new(400, "InvalidParameterValue", format!("The filter '{name}' is invalid"))
                })?;
                What::Member(path)
            }
        };
        Ok(Filter { what, values: part.list("Value").into_iter().map(str::to_owned).collect() })
    };
    parameters.parts("Filter").into_iter().map(read).collect()
}

impl Filter {
    /// Whether a thing has one of the values.
    pub fn takes(&self, thing: &Value) -> bool {
        let mut found = Vec::new();
        let tags = || thing["tagSet"].as_array().into_iter().flatten();
        match &self.what {
            What::Member(path) => values(&mut found, thing, path),
            What::TagKey => tags().for_each(|tag| values(&mut found, tag, "key")),
            What::TagValue => tags().for_each(|tag| values(&mut found, tag, "value")),
            What::Tag(key) => {
                tags().filter(|tag| tag["key"] == **key).for_each(|tag| values(&mut found, tag, "value"));
            }
        }
        found.iter().any(|own| self.values.iter().any(|pattern| fits(pattern, own)))
    }
}

/// The texts at a path of members; a list has those of each item.
fn values(found: &mut Vec<String>, value: &Value, path: &str) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| values(found, item, path)),
        Value::Object(members) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(value) = members.get(first) {
                values(found, value, rest);
            }
        }
        Value::Null => {}
        Value::String(text) => found.push(text.clone()),
        other => found.push(other.to_string()),
    }
}

/// Whether a text fits a pattern: `*` is anything, `?` any character, and `\` takes the next as it is.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        parts.push(match c {
            '*' => Part::Any,
            '?' => Part::One,
            '\\' => Part::This(characters.next().unwrap_or('\\')),
            c => Part::This(c),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut of, mut again) = (0, 0, None);
    while at < text.len() {
        match parts.get(of) {
            Some(Part::Any) => {
                again = Some((of, at));
                of += 1;
            }
            Some(Part::One) => (at, of) = (at + 1, of + 1),
            Some(Part::This(c)) if *c == text[at] => (at, of) = (at + 1, of + 1),
            // The last `*` takes one more.
            _ => match again {
                Some((star, from)) => {
                    again = Some((star, from + 1));
                    (at, of) = (from + 1, star + 1);
                }
                None => return false,
            },
        }
    }
    parts[of..].iter().all(|part| matches!(part, Part::Any))
}

enum Part {
    Any,
    One,
    This(char),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_take_patterns() {
        for (pattern, text, taken) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "a", true),
            ("*b*", "abc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*.internal", "ip-10.internal", true),
            ("a*b*c", "a-b-b-d", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("", "", true),
            ("", "a", false),
            ("名*", "名前", true),
        ] {
            assert_eq!(fits(pattern, text), taken, "{pattern} {text}");
        }
        assert!(!fits(&"*a".repeat(200), &"b".repeat(10_000)));
    }
}
