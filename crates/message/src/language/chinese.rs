//! The Chinese catalogue, in the terms of the providers' own documentation.

mod cloud;
mod help;
mod lab;
mod report;

use std::sync::LazyLock;

use super::catalogue::Catalogue;

/// Built when the first text is asked for.
pub(super) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(texts().chain(composed())));

/// English and Chinese, each text of the sources and of the command line's help once.
pub(super) fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [cloud::TEXTS, lab::TEXTS, report::TEXTS, help::TEXTS];
    all.into_iter().flatten().copied()
}

/// Texts that the sources put together from several, and that are translated as one.
pub(super) fn composed() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [cloud::COMPOSED, lab::COMPOSED, report::COMPOSED, help::COMPOSED];
    all.into_iter().flatten().copied()
}
