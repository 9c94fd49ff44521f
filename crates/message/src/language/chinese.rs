//! The Chinese catalogue, in the terms of the providers' own documentation.

mod cloud;
mod help;
mod host;
mod lab;
mod packets;
mod report;
mod trace;

use std::sync::LazyLock;

use super::catalogue::Catalogue;

/// Built when the first text is asked for.
pub(super) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(texts().chain(composed())));

/// English and Chinese, each text of the sources and of the command line's help once.
pub(super) fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [cloud::TEXTS, trace::TEXTS, lab::TEXTS, report::TEXTS, host::TEXTS, packets::TEXTS, help::TEXTS];
    all.into_iter().flatten().copied()
}

/// Texts that the sources put together from several, and that are translated as one.
pub(super) fn composed() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [cloud::COMPOSED, trace::COMPOSED, lab::COMPOSED, report::COMPOSED, host::COMPOSED, help::COMPOSED];
    all.into_iter().flatten().copied()
}
