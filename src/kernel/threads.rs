//! Work on many namespaces at once, on threads that end with it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::error::{Errors, Result};

/// `up` spends its time on the kernel's one RTNL mutex: a second thread gains a third, a third nothing.
const THREADS: usize = 2;

/// Does `work` on each of `items`, on threads of their own: they may change their namespace, the caller's never does.
/// All are tried; the results are in the items' order, and so are the errors.
pub(super) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>, Errors> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let mut done: Vec<(usize, Result<R>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS.min(items.len())).map(|_| scope.spawn(run)).collect();
        let joined = threads.into_iter().map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    });
    done.sort_by_key(|it| it.0);
    let mut errors = Errors::default();
    let mut results = Vec::with_capacity(done.len());
    for (_, result) in done {
        match result {
            Ok(result) => results.push(result),
            Err(error) => errors.0.push(error),
        }
    }
    errors.into_result().map(|()| results)
}
