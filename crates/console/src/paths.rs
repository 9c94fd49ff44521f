//! The parts of addresses that name labs and accounts: ASCII, so that a cookie's path and a link survive.

use crate::cloud::fnv;

/// The part of an address for a name: the name, where that is plain; else what is plain of it, and a hash.
pub fn slug(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let plain: String = name.chars().filter(|c| is_plain(*c)).collect();
    match plain == name && !plain.is_empty() {
        true => plain,
        false => format!("{plain}.{:08x}", fnv::hash(fnv::SEED, name.as_bytes()) as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn two_names_have_two_slugs() {
        assert_eq!(slug("cross-account"), "cross-account");
        assert_ne!(slug("甲"), slug("乙"));
        assert_ne!(slug("a/b"), slug("ab"));
        assert!(slug("甲 a/").chars().all(|c| c.is_ascii_graphic() && c != '/'));
    }
}
