//! A sysctl whose value is a range of groups, in the user namespace's terms.

use std::sync::OnceLock;

use crate::rootless::known_groups;

/// The sysctl.
const KEY: &str = "ipv4/ping_group_range";

/// All groups, as the host writes them.
const ALL: &str = "0\t2147483647";

/// The largest group that the kernel accepts in it.
const LAST: u32 = i32::MAX as u32;

/// The value to write: "all groups" becomes the range of groups that exist here, because the kernel refuses others.
pub(super) fn to_kernel<'a>(key: &str, value: &'a str) -> &'a str {
    if key == KEY && value == ALL { here() } else { value }
}

/// Translates a read value back.
pub(super) fn from_kernel(key: &str, value: String) -> String {
    if key == KEY && value == here() { ALL.to_owned() } else { value }
}

/// "All groups" in this user namespace.
fn here() -> &'static str {
    static HERE: OnceLock<String> = OnceLock::new();
    let range =
        || known_groups().map_or_else(|| ALL.to_owned(), |(first, last)| format!("{first}\t{}", last.min(LAST)));
    HERE.get_or_init(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(crate::network::compile::ANYBODY_MAY_PING, (KEY, ALL));
        assert_eq!(to_kernel("ipv4/ip_forward", "1"), "1");
        assert_eq!(from_kernel(KEY, to_kernel(KEY, ALL).to_owned()), ALL);
    }
}
