//! Keeps account of a run's packets, to know when to stop waiting.
//!
//! A dropped packet looks like a late one, because nothing arrives. But the kernel counts drops. Once it has counted as
//! many drops as packets are outstanding, none of them can still arrive, and the run stops waiting.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The number of packets that the kernel has dropped since the run began; `None` if it is unknown.
pub type Dropped<'a> = dyn Fn() -> Option<u64> + Sync + 'a;

/// For runs without counters, which always wait.
pub fn uncounted() -> Option<u64> {
    None
}

/// The shortest pause between readings of counters that do not balance.
const PAUSE: Duration = Duration::from_millis(2);

/// The account of a run, shared by its threads.
pub(super) struct Account<'a> {
    tally: Arc<Tally>,
    dropped: &'a Dropped<'a>,
    next: Mutex<Next>,
}

/// The time of the next reading of the counters, and the pause after it.
struct Next {
    at: Instant,
    pause: Duration,
}

/// Packet counts.
#[derive(Default)]
struct Tally {
    /// Packets sent and not answered.
    out: AtomicI64,
    /// Parts of the run that still have packets to send.
    sending: AtomicUsize,
    /// How many times a part began to send.
    begun: AtomicUsize,
    /// The value of `begun` when the account balanced.
    balanced: AtomicUsize,
}

/// A part of a run that still has packets to send, until it is dropped.
pub(super) struct Sending(Arc<Tally>);

impl Sending {
    /// Records packets sent.
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

    /// Records that a part of the run begins to send.
    pub(super) fn send(&self) -> Sending {
        self.tally.sending.fetch_add(1, SeqCst);
        self.tally.begun.fetch_add(1, SeqCst);
        Sending(self.tally.clone())
    }

    /// Records answered packets.
    pub(super) fn back(&self, packets: usize) {
        self.tally.out.fetch_sub(packets as i64, SeqCst);
    }

    /// Whether all outstanding packets were dropped. Reads the counters unless another thread is reading them or they
    /// were read a moment ago.
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
        // Packets sent during the reading may be among the drops.
        let same = tally.begun.load(SeqCst) == begun && tally.out.load(SeqCst) == out;
        if same && dropped.is_some_and(|dropped| i64::try_from(dropped) == Ok(out)) {
            tally.balanced.store(begun, SeqCst);
            return true;
        }
        // Spend at most a quarter of the time on reading.
        *next = Next { at: Instant::now() + next.pause.max(3 * asked.elapsed()), pause: 2 * next.pause };
        false
    }

    /// How long to wait for packets before checking the account again.
    pub(super) fn pause(&self) -> Duration {
        self.next.try_lock().map_or(PAUSE, |next| next.at.saturating_duration_since(Instant::now()).max(PAUSE))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// An account of a run whose counters have the value of `counter`.
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
