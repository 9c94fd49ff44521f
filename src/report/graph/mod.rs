//! The lab as a picture: VPCs as boxes by account and region, peerings as lines, faults in red with a sign.
//!
//! [`model`] says what to draw, [`layout`] where; then there is a file for each format.

mod dot;
mod flows;
mod html;
pub mod layout;
mod mermaid;
mod messages;
pub mod model;
mod scene;
mod svg;
mod text;
mod vpc_box;

pub use model::{Caption, Graph};
pub use svg::STYLE;

use crate::cloud::Cloud;
use crate::error::Source;
use crate::flow::Protocol;

/// The format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A picture for slides, documents and browsers
    Svg,
    /// The same as a page: select a pair, see its path, its blockers and the fix
    Html,
    /// For documents that render Mermaid, as GitHub does
    Mermaid,
    /// For Graphviz
    Dot,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] = [Format::Svg, Format::Html, Format::Mermaid, Format::Dot];

    /// The file extensions of this format, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Format::Svg => &["svg"],
            Format::Html => &["html", "htm"],
            Format::Mermaid => &["mmd", "mermaid"],
            Format::Dot => &["dot", "gv"],
        }
    }
}

/// A cloud's picture in this format; every pair is predicted for `protocol`, and `source` is the lab's file.
pub fn draw(cloud: &Cloud, protocol: Protocol, caption: Caption, source: Option<&Source>, format: Format) -> String {
    let graph = Graph::of(cloud, protocol, caption);
    match format {
        Format::Svg => svg::draw(&graph),
        Format::Html => html::draw(&graph, cloud, protocol, source),
        Format::Mermaid => mermaid::draw(&graph),
        Format::Dot => dot::draw(&graph),
    }
}

#[cfg(test)]
mod tests;
