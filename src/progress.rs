//! How far a piece of work has come, told to whoever watches. Those who work know nothing of terminals.

/// A watcher. It is told from several threads at once.
pub trait Progress: Sync {
    /// Work of `total` parts begins.
    fn begin(&self, what: &'static str, total: usize);

    /// So many more parts of it are done.
    fn advance(&self, parts: usize);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: &'static str, _: usize) {}

    fn advance(&self, _: usize) {}
}

/// A lab, by name, and who watches the work on it.
#[derive(Clone, Copy)]
pub struct Watched<'a> {
    /// The lab.
    pub lab: &'a str,
    /// Whoever watches.
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
