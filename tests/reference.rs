//! The tables of keys and operations in docs/lab-format.md and docs/commands.md, and those of served actions in
//! docs/api.md, match the code.
//!
//! `PEERLAB_DOCS=write cargo test --test reference` writes them again.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files

use std::fs;
use std::path::Path;

use peerlab::{api, lab};

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// The page with every part generated from the code, and the names of these parts.
fn renewed(page: &str) -> (String, Vec<String>) {
    let (mut text, mut names, mut rest) = (String::new(), Vec::new(), page);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n").expect("a mark ends its line");
        let (_, after) = after.split_once(END).unwrap_or_else(|| panic!("{name} has no end"));
        let part = name.strip_prefix("API of ").map_or_else(|| lab::reference(name), api::reference::part);
        let part = part.unwrap_or_else(|| panic!("the reference has no part {name}"));
        text += &format!("{before}{BEGIN}{name} -->\n\n{part}\n{END}");
        names.push(name.to_owned());
        rest = after;
    }
    (text + rest, names)
}

#[test]
fn the_pages_show_what_the_code_takes() {
    let mut shown = Vec::new();
    for page in ["docs/lab-format.md", "docs/commands.md", "docs/api.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = fs::read_to_string(&path).unwrap();
        let (wanted, names) = renewed(&text);
        shown.extend(names);
        if std::env::var("PEERLAB_DOCS").is_ok_and(|it| it == "write") {
            fs::write(&path, &wanted).unwrap();
        } else {
            assert!(text == wanted, "{page} is out of date: PEERLAB_DOCS=write cargo test --test reference");
        }
    }
    // The whole file has a section for each of its tables; a wording has the keys of its lab or step.
    let missing: Vec<_> =
        lab::parts().into_iter().filter(|part| !shown.contains(part) && part != "file" && part != "wording").collect();
    assert_eq!(missing, [] as [&str; 0], "on no page");
    let unserved = api::reference::parts().into_iter().find(|part| !shown.contains(&format!("API of {part}")));
    assert_eq!(unserved, None, "on no page");
}
