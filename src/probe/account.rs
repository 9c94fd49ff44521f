//! What became of the packets of a run: an account that either balances or leaves something to wait for.
//!
//! A packet that was dropped is like one that is late: nothing arrives. But the kernel counts what it drops. Once it has
//! counted as many drops as packets are out, none of them can still arrive, and nobody needs to wait any longer.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How many packets the kernel has dropped since the run began; `None` where that cannot be told.
pub type Dropped<'a> = dyn Fn() -> Option<u64> + Sync + 'a;

/// For whom nobody counts: they wait.
pub fn uncounted() -> Option<u64> {
    None
}

/// Soonest after a reading of the counters that did not balance, the next follows.
const PAUSE: Duration = Duration::from_millis(2);

/// The account of a run, which all its threads share.
pub(super) struct Account<'a> {
    tally: Arc<Tally>,
    dropped: &'a Dropped<'a>,
    next: Mutex<Next>,
}

/// When the counters may be read next, and how long after it they may once more.
struct Next {
    at: Instant,
    pause: Duration,
}

/// Packets, counted.
#[derive(Default)]
struct Tally {
    /// Sent and not answered.
    out: AtomicI64,
    /// Parts of the run that have something to send yet.
    sending: AtomicUsize,
    /// How often one of them began to send.
    begun: AtomicUsize,
    /// What that was when the account balanced.
    balanced: AtomicUsize,
}

/// A part of a run that has something to send yet, until it is dropped.
pub(super) struct Sending(Arc<Tally>);

impl Sending {
    /// So many packets leave.
    pub(super) fn leave(&self, packets: usize) {
        self.0.out.fetch_add(packets as i64, SeqCst);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.sending.fetch_sub(1, SeqCst);
    }
}

impl<'a> Account<'a> {
    pub(super) fn new(dropped: &'a Dropped<'a>) -> Self {
        let next = Mutex::new(Next { at: Instant::now(), pause: PAUSE });
        Account { tally: Arc::default(), dropped, next }
    }

    /// A part of the run begins to send.
    pub(super) fn send(&self) -> Sending {
        self.tally.sending.fetch_add(1, SeqCst);
        self.tally.begun.fetch_add(1, SeqCst);
        Sending(self.tally.clone())
    }

    /// So many packets are answered.
    pub(super) fn back(&self, packets: usize) {
        self.tally.out.fetch_sub(packets as i64, SeqCst);
    }

    /// Whether all that is out was dropped. Reads the counters, unless somebody else does at this moment or they were read
    /// only just now.
    pub(super) fn balances(&self) -> bool {
        let tally = &self.tally;
        let (begun, out) = (tally.begun.load(SeqCst), tally.out.load(SeqCst));
        if tally.sending.load(SeqCst) != 0 {
            return false;
        }
        if tally.balanced.load(SeqCst) == begun {
            return true;
        }
        let Ok(mut next) = self.next.try_lock() else { return false };
        let asked = Instant::now();
        if asked < next.at {
            return false;
        }
        let dropped = (self.dropped)();
        // What was sent meanwhile may have been dropped meanwhile.
        let same = tally.begun.load(SeqCst) == begun && tally.out.load(SeqCst) == out;
        if same && dropped.is_some_and(|dropped| i64::try_from(dropped) == Ok(out)) {
            tally.balanced.store(begun, SeqCst);
            return true;
        }
        // No more than a quarter of the time is spent on reading.
        *next = Next { at: Instant::now() + next.pause.max(3 * asked.elapsed()), pause: 2 * next.pause };
        false
    }

    /// How long to wait for packets before the account is looked at again.
    pub(super) fn pause(&self) -> Duration {
        self.next.try_lock().map_or(PAUSE, |next| next.at.saturating_duration_since(Instant::now()).max(PAUSE))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// An account of a run whose counters say what is in `counter`.
    fn with(counter: &AtomicU64, test: impl FnOnce(&Account<'_>)) {
        let dropped = || Some(counter.load(SeqCst));
        test(&Account::new(&dropped));
    }

    fn later(account: &Account<'_>) -> bool {
        std::thread::sleep(account.pause());
        account.balances()
    }

    #[test]
    fn it_balances_when_all_that_is_out_was_dropped() {
        let counter = AtomicU64::new(0);
        with(&counter, |account| {
            let sending = account.send();
            sending.leave(3);
            counter.store(3, SeqCst);
            assert!(!account.balances(), "not all is sent");
            counter.store(2, SeqCst);
            drop(sending);
            assert!(!account.balances(), "one is on its way");
            account.back(1);
            assert!(later(account), "and came back");
        });
    }

    #[test]
    fn more_drops_than_packets_are_somebody_elses_too() {
        with(&AtomicU64::new(2), |account| {
            account.send().leave(1);
            assert!(!account.balances());
        });
    }

    #[test]
    fn what_is_sent_once_more_is_waited_for() {
        let counter = AtomicU64::new(1);
        with(&counter, |account| {
            account.send().leave(1);
            assert!(account.balances());
            account.send().leave(1);
            assert!(!account.balances());
            counter.store(2, SeqCst);
            assert!(later(account));
        });
    }

    #[test]
    fn where_nobody_counts_it_never_balances() {
        let account = Account::new(&uncounted);
        drop(account.send());
        assert!(!account.balances());
    }
}
