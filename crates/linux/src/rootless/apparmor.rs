//! The AppArmor profile that lets one program make user namespaces.

use std::path::{Path, PathBuf};

/// A profile for the program at `binary`, with the command that loads it.
pub fn profile(binary: &Path) -> String {
    let (file, attached) = (file(binary), attachment(binary));
    format!(
        "\
# Lets peerlab make user namespaces, so that labs need no root (Ubuntu 24.04 and later). As root:
#   peerlab doctor --apparmor > {file}
#   apparmor_parser -r {file}
abi <abi/4.0>,
include <tunables/global>
{attached} flags=(unconfined) {{
  userns,
}}
",
        file = file.display()
    )
}

/// The profile's file; its name is the program's path with dots.
pub(super) fn file(binary: &Path) -> PathBuf {
    let is_plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let path = binary.to_string_lossy();
    let name = path.trim_start_matches('/').chars().map(|c| if is_plain(c) { c } else { '.' });
    Path::new("/etc/apparmor.d").join(name.collect::<String>())
}

/// The path as a pattern that matches only itself.
fn attachment(binary: &Path) -> String {
    let mut pattern = String::new();
    for c in binary.to_string_lossy().chars() {
        if "*?[]{}^,\\\"".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    if pattern.contains(char::is_whitespace) { format!("\"{pattern}\"") } else { pattern }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_for_one_path() {
        let text = profile(Path::new("/usr/local/bin/peerlab"));
        assert!(text.contains("> /etc/apparmor.d/usr.local.bin.peerlab\n"), "{text}");
        assert!(text.ends_with("\n/usr/local/bin/peerlab flags=(unconfined) {\n  userns,\n}\n"), "{text}");
        assert_eq!(attachment(Path::new("/home/a b/[x]/peerlab")), "\"/home/a b/\\[x\\]/peerlab\"");
        assert_eq!(file(Path::new("/home/a b/x")), Path::new("/etc/apparmor.d/home.a.b.x"));
    }
}
