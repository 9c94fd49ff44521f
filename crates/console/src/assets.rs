//! The style, the script and the icons: in the program, and kept for ever by browsers, as their addresses have their hash.

use std::sync::LazyLock;

use crate::cloud::fnv;

/// A file of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its type.
    pub content_type: &'static str,
    /// Its content.
    pub body: String,
}

/// A named file.
pub(crate) struct File {
    name: &'static str,
    content_type: &'static str,
    body: &'static str,
}

pub(crate) static STYLE: File =
    File { name: "console.css", content_type: "text/css; charset=utf-8", body: include_str!("console.css") };
pub(crate) static SCRIPT: File =
    File { name: "console.js", content_type: "text/javascript; charset=utf-8", body: include_str!("console.js") };

/// The mark in the style at which the picture's own style stands.
pub const PICTURE_IS_STYLED_BY: &str = "/* picture */";

static HASH: LazyLock<String> = LazyLock::new(|| {
    let whole = [STYLE.body, SCRIPT.body].concat();
    format!("{:016x}", fnv::hash(fnv::SEED, whole.as_bytes()))
});

/// Where it is.
pub(crate) fn address(file: &File) -> String {
    format!("/static/{}/{}", *HASH, file.name)
}

/// The colours of accounts in icons: those of the picture in a light theme.
const COLOURS: [&str; 8] = ["#0969da", "#8250df", "#bf3989", "#0e7490", "#8a5a00", "#4f46e5", "#57606a", "#a04100"];

/// Where the icon of an account's colour is.
pub(crate) fn icon(colour: usize) -> String {
    format!("/static/{}/icon-{}.svg", *HASH, colour % COLOURS.len())
}

/// The file at a path.
pub fn asset(path: &str) -> Option<Asset> {
    let name = path.strip_prefix("/static/")?.split_once('/')?.1;
    if let Some(file) = [&STYLE, &SCRIPT].into_iter().find(|file| file.name == name) {
        return Some(Asset { content_type: file.content_type, body: file.body.to_owned() });
    }
    let colour: usize = name.strip_prefix("icon-")?.strip_suffix(".svg")?.parse().ok()?;
    let fill = COLOURS.get(colour)?;
    let body = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><rect width=\"16\" height=\"16\" rx=\"4\" fill=\"{fill}\"/>\
         <path d=\"M4.5 8h7M4.5 8a1.6 1.6 0 1 0-.01 0zM11.5 8a1.6 1.6 0 1 0 .01 0z\" stroke=\"#fff\" stroke-width=\"1.6\" fill=\"#fff\"/></svg>"
    );
    Some(Asset { content_type: "image/svg+xml", body })
}
