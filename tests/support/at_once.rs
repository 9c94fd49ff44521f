//! Work in several machines at once: most of a command's time goes by in waiting for packets.

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::thread;

/// So many at once.
const AT_ONCE: usize = 4;

/// Does `work` on every item, each on a thread of its own, because a machine belongs to its thread. Returns what came of
/// each, in order; an error where it panicked.
pub fn at_once<I: Send, R: Send>(items: Vec<I>, work: impl Fn(I) -> R + Sync) -> Vec<thread::Result<R>> {
    let count = items.len();
    let waiting = Mutex::new(items.into_iter().enumerate());
    let done = Mutex::new((0..count).map(|_| None).collect::<Vec<_>>());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some((number, item)) = next else { return };
                    let work = AssertUnwindSafe(&work);
                    let result = thread::scope(|own| own.spawn(move || work(item)).join());
                    done.lock().unwrap()[number] = Some(result);
                }
            });
        }
    });
    done.into_inner().unwrap().into_iter().map(|it| it.unwrap()).collect()
}
