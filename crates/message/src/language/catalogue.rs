//! A catalogue: English texts with holes, and what each is in another language.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Texts by the English of the sources.
pub(super) struct Catalogue {
    /// Those without holes.
    whole: BTreeMap<&'static str, &'static str>,
    /// Those with holes, the one with most fixed letters first: of two that fit, it says more.
    holed: Vec<Entry>,
}

struct Entry {
    english: Template<'static>,
    other: Template<'static>,
    /// For each hole of `other`, the hole of `english` that is meant.
    meant: Vec<usize>,
}

/// How deep a text that may fill a hole is looked into: without a bound, every part of a long text would be tried as every
/// text, and every part of that.
const DEEPEST: usize = 1;

/// What stands at the end of a hole's name in a translation, and says what may fill it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// A name, a number: one word.
    None,
    /// `*`: any text, which is carried over as it is.
    Any,
    /// `!`: a text that is translated itself.
    Text,
    /// `;`: clauses with `; ` between them, each translated.
    Clauses,
    /// `&`: texts with `, ` between them, each translated.
    Texts,
    /// `,`: names, a word each, with `, ` and ` and ` between them.
    Names,
}

impl Catalogue {
    pub(super) fn new(texts: impl Iterator<Item = (&'static str, &'static str)>) -> Self {
        let (mut whole, mut holed) = (BTreeMap::new(), Vec::new());
        for (english, other) in texts {
            let entry = Entry::new(english, other);
            if entry.english.holes.is_empty() {
                whole.insert(english, other);
            } else {
                holed.push(entry);
            }
        }
        holed.sort_by_key(|entry| std::cmp::Reverse(entry.english.fixed_letters()));
        Catalogue { whole, holed }
    }

    /// The text in the catalogue's language; `None` where it is none of the catalogue's.
    pub(super) fn translate(&self, english: &str) -> Option<String> {
        self.translate_within(english, 0)
    }

    /// The same of what may fill a hole, so many holes deep; what is nested deeper is looked up as a whole only.
    fn translate_within(&self, english: &str, depth: usize) -> Option<String> {
        if let Some(other) = self.whole.get(english) {
            return Some((*other).to_owned());
        }
        if depth > DEEPEST {
            return None;
        }
        self.holed.iter().find_map(|entry| {
            let fillings = entry.english.fit(english, |hole, filling| self.may_fill(entry, hole, filling, depth))?;
            Some(self.fill(entry, &fillings))
        })
    }

    /// Whether this can be what a hole of the English was filled with.
    fn may_fill(&self, entry: &Entry, hole: usize, filling: &str, depth: usize) -> bool {
        let Hole { mark, quoted, .. } = entry.english.holes[hole];
        if quoted {
            return filling.len() > 1 && filling.starts_with('"') && filling.ends_with('"');
        }
        if mark == Mark::Text {
            return self.translate_within(filling, depth + 1).is_some();
        }
        let marks = entry.meant.iter().zip(&entry.other.holes).filter(|(meant, _)| **meant == hole);
        let mut marks = marks.map(|(_, hole)| hole.mark).peekable();
        let mut names = filling.split(", ").flat_map(|names| names.split(" and "));
        let is_word = |text: &str| !text.is_empty() && !text.contains(' ');
        let are_words = names.all(is_word);
        marks.peek().is_none()
            || marks.any(|mark| match mark {
                Mark::None => is_word(filling),
                Mark::Names => are_words,
                Mark::Any | Mark::Text | Mark::Clauses | Mark::Texts => true,
            })
    }

    fn fill(&self, entry: &Entry, fillings: &[&str]) -> String {
        let translated = |english: &str| self.translate(english).unwrap_or_else(|| english.to_owned());
        let each = |texts: &str, between: &str, then: &str| {
            texts.split(between).map(translated).collect::<Vec<_>>().join(then)
        };
        let mut text = entry.other.fixed[0].to_string();
        let mut follows_text = false;
        for ((hole, meant), fixed) in entry.other.holes.iter().zip(&entry.meant).zip(&entry.other.fixed[1..]) {
            let filling = fillings[*meant];
            let filling = match hole.mark {
                Mark::None | Mark::Any => filling.to_owned(),
                Mark::Text => translated(filling),
                Mark::Clauses => each(filling, "; ", "；"),
                Mark::Texts => each(filling, ", ", "、"),
                Mark::Names => filling.replace(", ", "、").replace(" and ", "、"),
            };
            // Two words of Latin letters stay two: a kind with no other name, and what is called so (`VPC VPC2`).
            let is_latin = |letter: Option<char>| letter.is_some_and(|it| it.is_ascii_alphanumeric());
            if follows_text && is_latin(text.chars().last()) && is_latin(filling.chars().next()) {
                text.push(' ');
            }
            text += &filling;
            text += fixed;
            follows_text = hole.mark == Mark::Text && fixed.is_empty();
        }
        text
    }
}

impl Entry {
    /// Its holes by name, those without a name in their order or by number (`{0}`).
    fn new(english: &'static str, other: &'static str) -> Self {
        let (english, other) = (Template::parse(english), Template::parse(other));
        let nameless = |nth: usize| {
            let holes = english.holes.iter().enumerate().filter(|(_, hole)| hole.name.is_empty());
            holes.map(|(at, _)| at).nth(nth)
        };
        let mut unnamed = 0..;
        let meant = other.holes.iter().map(|hole| match hole.name {
            "" => nameless(unnamed.next().unwrap_or_default()),
            name => {
                let named = english.holes.iter().position(|other| other.name == name);
                named.or_else(|| name.parse().ok().and_then(nameless))
            }
        });
        let meant = meant.map(|hole| hole.unwrap_or_default()).collect();
        Entry { english, other, meant }
    }
}

/// A text with holes: `{name} is {}`.
#[derive(Debug)]
pub(super) struct Template<'a> {
    /// One more than there are holes; `{{` is `{` here.
    fixed: Vec<Cow<'a, str>>,
    holes: Vec<Hole<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Hole<'a> {
    name: &'a str,
    /// `{:?}`: a text in quotes.
    quoted: bool,
    mark: Mark,
}

impl<'a> Hole<'a> {
    /// What stands between the braces.
    fn parse(inside: &'a str) -> Self {
        let (name, format) = inside.split_once(':').unwrap_or((inside, ""));
        let mark = match name.chars().last() {
            Some('*') => Mark::Any,
            Some('!') => Mark::Text,
            Some(';') => Mark::Clauses,
            Some('&') => Mark::Texts,
            Some(',') => Mark::Names,
            _ => Mark::None,
        };
        let name = if mark == Mark::None { name } else { &name[..name.len() - 1] };
        Hole { name, quoted: format == "?", mark }
    }
}

impl<'a> Template<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let (mut fixed, mut holes) = (Vec::new(), Vec::new());
        let (mut start, mut at) = (0, 0);
        while let Some(next) = text[at..].find(['{', '}']) {
            at += next;
            if text[at..].starts_with("{{") || text[at..].starts_with("}}") {
                at += 2;
                continue;
            }
            let Some(end) = text[at..].find('}').filter(|_| text[at..].starts_with('{')) else { break };
            fixed.push(unescaped(&text[start..at]));
            holes.push(Hole::parse(&text[at + 1..at + end]));
            at += end + 1;
            start = at;
        }
        fixed.push(unescaped(&text[start..]));
        Template { fixed, holes }
    }

    pub(super) fn fixed_letters(&self) -> usize {
        self.fixed.iter().map(|text| text.chars().filter(|c| c.is_alphabetic()).count()).sum()
    }

    /// What stands in the holes of `text`, if it is this text.
    fn fit<'t>(&self, text: &'t str, may_fill: impl Fn(usize, &str) -> bool) -> Option<Vec<&'t str>> {
        let rest = text.strip_prefix(&*self.fixed[0])?;
        if !rest.ends_with(&**self.fixed.last()?) {
            return None;
        }
        let mut fillings = Vec::new();
        self.fit_from(0, rest, &may_fill, &mut fillings).then_some(fillings)
    }

    /// The holes from `hole` on, the shortest fillings first.
    fn fit_from<'t>(
        &self,
        hole: usize,
        text: &'t str,
        may_fill: &impl Fn(usize, &str) -> bool,
        fillings: &mut Vec<&'t str>,
    ) -> bool {
        if hole == self.holes.len() {
            return text.is_empty();
        }
        let fixed = &*self.fixed[hole + 1];
        let is_last = hole + 1 == self.holes.len();
        let ends: Vec<usize> = match is_last {
            true => text.ends_with(fixed).then(|| text.len() - fixed.len()).into_iter().collect(),
            false => text.match_indices(fixed).map(|(at, _)| at).collect(),
        };
        ends.into_iter().any(|end| {
            let filling = &text[..end];
            fillings.push(filling);
            let fits =
                may_fill(hole, filling) && self.fit_from(hole + 1, &text[end + fixed.len()..], may_fill, fillings);
            if !fits {
                fillings.truncate(hole);
            }
            fits
        })
    }
}

fn unescaped(fixed: &str) -> Cow<'_, str> {
    match fixed.contains(['{', '}']) {
        true => Cow::Owned(fixed.replace("{{", "{").replace("}}", "}")),
        false => Cow::Borrowed(fixed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::new(
            [
                ("a VPC", "VPC"),
                ("router interface", "路由器接口"),
                ("router", "路由器"),
                ("{} is {kind}, not {}", "{0}是{kind!}，不是{1}"),
                ("{} is in {}", "{}位于{}"),
                ("there are {}", "已有{,}"),
                ("there is no {kind} {text:?}", "不存在{kind!}{text}"),
                ("cannot write {file}: {error}", "无法写入{file}：{error*}"),
                ("write {{ {key:?} }}", "请写成 {{ {key} }}"),
                ("{name} ({why})", "{name}（{why;}）"),
                ("it is {state!}", "状态为{state!}"),
                ("VPC", "VPC"),
                ("{kind} {name} is theirs", "{kind!}{name}属于对方"),
            ]
            .into_iter(),
        )
    }

    #[test]
    fn what_stands_in_the_holes_is_carried_over_and_translated_where_asked() {
        let translate = |english: &str| catalogue().translate(english);
        assert_eq!(translate("x is a VPC, not y").unwrap(), "x是VPC，不是y");
        assert_eq!(translate("there are a, b and c").unwrap(), "已有a、b、c");
        assert_eq!(translate("write { \"k\" }").unwrap(), "请写成 { \"k\" }");
        assert_eq!(translate("a VPC").unwrap(), "VPC");
        assert_eq!(translate("x (a VPC; x is in y)").unwrap(), "x（VPC；x位于y）");
        assert_eq!(translate("cannot write f: no such file").unwrap(), "无法写入f：no such file");
        assert_eq!(translate("nothing of it"), None);
    }

    #[test]
    fn words_of_latin_letters_stay_apart() {
        assert_eq!(catalogue().translate("VPC v1 is theirs").unwrap(), "VPC v1属于对方");
        assert_eq!(catalogue().translate("router r1 is theirs").unwrap(), "路由器r1属于对方");
    }

    #[test]
    fn a_hole_holds_one_word_unless_it_says_otherwise() {
        assert_eq!(catalogue().translate("what x does is in y"), None);
        assert_eq!(catalogue().translate("it is nothing known"), None);
        assert_eq!(catalogue().translate(" is in y"), None);
        assert_eq!(catalogue().translate("there is no router interface \"a b\"").unwrap(), "不存在路由器接口\"a b\"");
    }

    #[test]
    fn of_two_that_fit_the_one_that_says_more_is_taken() {
        let both = [("{a} is {b}", "{a}为{b*}"), ("{a} is in {b}", "{a}位于{b}")];
        assert_eq!(Catalogue::new(both.into_iter()).translate("x is in y").unwrap(), "x位于y");
    }
}
