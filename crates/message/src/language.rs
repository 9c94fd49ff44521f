//! The reader's language.
//!
//! JSON is English. What people read is a message, which is put into their language where it is shown; only the command
//! line's help is a text of clap's, whose translation is looked up.

mod help;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{Message, Say as _};

/// A language that peerlab can speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// The language of the sources.
    #[default]
    English,
    /// Simplified Chinese: the tutorials'.
    Chinese,
}

impl Language {
    /// The languages other than the sources'.
    pub const OTHERS: [Language; 1] = [Language::Chinese];

    /// As lab files name it (ISO 639-1).
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    /// The language that the environment asks for: `LC_ALL`, else `LC_MESSAGES`, else `LANG` (POSIX), and where that is a
    /// language at all, the first of `LANGUAGE` before it (gettext). English where what is shown is not [UTF-8](is_utf8).
    /// `variable` gives a variable's value.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        if !is_utf8(&variable) {
            return Language::English;
        }
        let given = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let Some(locale) = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(given) else { return Language::English };
        if Language::of_locale(&locale).is_none() && is_posix(&locale) {
            return Language::English;
        }
        let wanted = given(&"LANGUAGE").unwrap_or_default();
        wanted.split(':').chain([&*locale]).find_map(Language::of_locale).unwrap_or_default()
    }

    /// As in `zh_CN.UTF-8`, `en`.
    fn of_locale(locale: &str) -> Option<Self> {
        let tag = locale.split(['_', '.', '@']).next()?;
        [Language::English].into_iter().chain(Language::OTHERS).find(|language| language.tag() == tag)
    }

    /// A message in this language.
    pub fn say(self, message: impl Into<Message>) -> String {
        message.into().in_language(self).to_string()
    }

    /// A text of the command line's help in this language; as it is where it has no translation.
    pub fn help(self, english: &str) -> &str {
        match self {
            Language::English => english,
            Language::Chinese => HELP.get(english).copied().unwrap_or(english),
        }
    }
}

/// The Chinese of the help, by its English.
static HELP: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| help::TEXTS.iter().copied().collect());

/// Whether the environment's locale shows UTF-8: `LC_ALL`, else `LC_CTYPE`, else `LANG` (POSIX). A locale that names no
/// encoding does not: what it then is depends on the host, and is not UTF-8 for `C`, `POSIX` and `zh_CN`.
pub fn is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let given = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(given).unwrap_or_default();
    let encoding = locale.split('@').next().unwrap_or_default().split_once('.').map_or("", |(_, encoding)| encoding);
    ["UTF-8", "UTF8"].iter().any(|name| encoding.eq_ignore_ascii_case(name))
}

/// The locale that means no language, whatever `LANGUAGE` says.
fn is_posix(locale: &str) -> bool {
    matches!(locale.split('.').next(), Some("C" | "POSIX"))
}

/// Every text of the help, English and Chinese.
pub fn help_texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    help::TEXTS.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(variables: &[(&str, &str)]) -> Language {
        Language::of_environment(|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_language_is_found_in_the_order_of_posix_and_gettext() {
        use Language::{Chinese, English};
        assert_eq!(asked(&[]), English);
        assert_eq!(asked(&[("LANG", "zh_CN.UTF-8")]), Chinese);
        assert_eq!(asked(&[("LANG", "zh_TW.utf8")]), Chinese);
        assert_eq!(asked(&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")]), English);
        assert_eq!(asked(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")]), Chinese);
        assert_eq!(asked(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")]), Chinese);
        assert_eq!(asked(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")]), English);
        assert_eq!(asked(&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "de:zh_CN:en")]), Chinese);
        assert_eq!(asked(&[("LANG", "zh_CN.UTF-8"), ("LANGUAGE", "en_GB:zh")]), English);
        assert_eq!(asked(&[("LANG", "C.UTF-8"), ("LANGUAGE", "zh_CN")]), English);
        assert_eq!(asked(&[("LANG", "fr_FR.UTF-8")]), English);
    }

    #[test]
    fn chinese_is_for_locales_that_show_it() {
        use Language::{Chinese, English};
        let utf8 = |variables: &[(&str, &str)]| {
            is_utf8(|name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()))
        };
        for (locale, shows, language) in [
            ("C", false, English),
            ("POSIX", false, English),
            ("zh_CN.GBK", false, English),
            ("zh_CN.gb18030", false, English),
            ("zh_CN", false, English),
            ("en_US.ISO-8859-1@euro", false, English),
            ("C.UTF-8", true, English),
            ("zh_CN.utf8@pinyin", true, Chinese),
        ] {
            assert_eq!((utf8(&[("LC_ALL", locale)]), asked(&[("LC_ALL", locale)])), (shows, language), "{locale}");
        }
        assert!(!utf8(&[]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C.UTF-8")]));
        assert!(utf8(&[("LC_CTYPE", "C.UTF-8"), ("LANG", "C")]));
        assert_eq!(asked(&[("LC_CTYPE", "C"), ("LANG", "zh_CN.UTF-8")]), English);
        assert_eq!(asked(&[("LC_CTYPE", "C.UTF-8"), ("LC_MESSAGES", "zh_CN.GBK")]), Chinese);
    }

    #[test]
    fn help_is_looked_up_as_a_whole() {
        assert_eq!(Language::Chinese.help("no text of peerlab's"), "no text of peerlab's");
        assert_eq!(Language::English.help("Print help"), "Print help");
        assert_eq!(Language::Chinese.help("Print help"), "显示帮助");
    }
}
