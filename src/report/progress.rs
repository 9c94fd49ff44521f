//! A progress bar on the terminal for work that takes longer than half a second.
#![allow(clippy::disallowed_methods)]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::language::Language;
use crate::progress::{Progress, Work};
use crate::terminal::Terminal;

/// Work that ends sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar on standard error, which disappears when dropped.
#[derive(Debug)]
pub struct Bar {
    /// `None`: the bar would be invisible.
    bar: Option<ProgressBar>,
    language: Language,
    began: OnceLock<Instant>,
    shown: AtomicBool,
}

impl Bar {
    /// A bar that, if `visible`, appears after half a second of work.
    pub fn new(visible: bool, terminal: &Terminal) -> Self {
        let hidden = || ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let bar = visible.then(|| hidden().with_style(style(terminal)));
        Bar { bar, language: terminal.language, began: OnceLock::new(), shown: AtomicBool::new(false) }
    }

    /// Prints something else, with the bar out of the way.
    pub fn aside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

/// As in `pinging ━━━━━━━━━━╸         412,672 of 999,000, 4s left`.
fn style(terminal: &Terminal) -> ProgressStyle {
    let style = ProgressStyle::with_template(match terminal.language {
        Language::English => "{msg} {bar:24} {human_pos} of {human_len}, {eta} left",
        Language::Chinese => "{msg} {bar:24} {human_pos}/{human_len}，剩余{eta}",
    });
    style.expect("the template is well formed").progress_chars(&terminal.shown("━╸ "))
}

impl Progress for Bar {
    fn begin(&self, what: Work, total: usize) {
        let Some(bar) = &self.bar else { return };
        self.began.get_or_init(Instant::now);
        bar.set_message(self.language.say(what));
        bar.set_length(total as u64);
        bar.reset();
    }

    fn advance(&self, parts: usize) {
        let Some(bar) = &self.bar else { return };
        let late = self.began.get().is_some_and(|began| began.elapsed() >= PATIENCE);
        if late && !self.shown.swap(true, Ordering::Relaxed) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.inc(parts as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;
    use crate::terminal::columns;

    /// A terminal of 80 columns that keeps what it shows.
    #[derive(Clone, Debug, Default)]
    struct Shown(Arc<Mutex<String>>);

    impl TermLike for Shown {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(&format!("{text}\n"))
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.write_str("\n")
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bar_is_as_wide_as_its_terminal() {
        for language in [Language::English, Language::Chinese] {
            let shown = Shown::default();
            let bar = Bar::new(true, &Terminal::stderr(language));
            bar.begin(Work::Pinging, 412_672);
            let target = ProgressDrawTarget::term_like(Box::new(shown.clone()));
            bar.bar.as_ref().unwrap().set_draw_target(target);
            bar.bar.as_ref().unwrap().tick();
            let shown = shown.0.lock().unwrap().clone();
            assert!(shown.contains("412"), "{shown}");
            let wide: Vec<_> = shown.lines().filter(|line| columns(line) > 80).collect();
            assert_eq!(wide, [""; 0]);
        }
    }
}
