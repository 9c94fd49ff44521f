//! Reports the progress of work. The code that works knows nothing about terminals.

use crate::messages;

messages! {
    /// Work that takes a while.
    pub enum Work in "work" {
        Reading en "reading" zh "正在读取";
        Building en "building" zh "正在构建";
        Removing en "removing" zh "正在删除";
        Pinging en "pinging" zh "正在ping";
        Testing en "testing" zh "正在测试";
        Grading en "grading" zh "正在评分";
    }
}

/// A receiver of progress, called from several threads at once.
pub trait Progress: Sync {
    /// Work of `total` parts begins.
    fn begin(&self, what: Work, total: usize);

    /// More parts of the work are done.
    fn advance(&self, parts: usize);
}

/// Ignores progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: Work, _: usize) {}

    fn advance(&self, _: usize) {}
}

/// A lab's name, and the receiver of progress.
#[derive(Clone, Copy)]
pub struct Watched<'a> {
    /// The lab.
    pub lab: &'a str,
    /// The receiver of progress.
    pub progress: &'a dyn Progress,
}

impl<'a> From<&'a str> for Watched<'a> {
    fn from(lab: &'a str) -> Self {
        Watched { lab, progress: &Unwatched }
    }
}

impl<'a> From<&'a String> for Watched<'a> {
    fn from(lab: &'a String) -> Self {
        lab.as_str().into()
    }
}
