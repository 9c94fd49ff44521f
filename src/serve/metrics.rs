//! Numbers of the server in Prometheus' text form.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use super::log::Record;

/// The upper bounds of the times, in seconds.
const BOUNDS: [f64; 9] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0];

/// The largest number of calls that are counted apart: clients can send any name.
const MOST: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<BTreeMap<(String, String, String), u64>>, Mutex<BTreeMap<String, Times>>);

#[derive(Clone, Debug, Default)]
struct Times {
    within: [u64; BOUNDS.len()],
    count: u64,
    seconds: f64,
}

impl Metrics {
    /// Counts a call. An action that is not served has no name of its own.
    pub fn count(&self, record: &Record, served: bool) {
        let action = if served { record.action.clone() } else { "other".to_owned() };
        let outcome = record.code.clone().unwrap_or_else(|| "ok".to_owned());
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (record.provider.to_owned(), action.clone(), outcome);
        if calls.len() < MOST || calls.contains_key(&key) {
            *calls.entry(key).or_default() += 1;
        }
        drop(calls);
        let mut times = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry(action).or_default();
        let seconds = record.micros as f64 / 1e6;
        for (within, bound) in times.within.iter_mut().zip(BOUNDS) {
            *within += u64::from(seconds <= bound);
        }
        times.count += 1;
        times.seconds += seconds;
    }

    /// All of it.
    pub fn text(&self, labs: usize) -> String {
        let mut text = String::from("# TYPE peerlab_labs gauge\n");
        let _ = writeln!(text, "peerlab_labs {labs}\n# TYPE peerlab_calls_total counter");
        for ((provider, action, outcome), count) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = writeln!(
                text,
                "peerlab_calls_total{{provider=\"{provider}\",action=\"{action}\",outcome=\"{outcome}\"}} {count}"
            );
        }
        text.push_str("# TYPE peerlab_call_seconds histogram\n");
        for (action, times) in self.1.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            for (within, bound) in times.within.iter().zip(BOUNDS) {
                let _ = writeln!(text, "peerlab_call_seconds_bucket{{action=\"{action}\",le=\"{bound}\"}} {within}");
            }
            let Times { count, seconds, .. } = times;
            let _ = writeln!(text, "peerlab_call_seconds_bucket{{action=\"{action}\",le=\"+Inf\"}} {count}");
            let _ = writeln!(text, "peerlab_call_seconds_sum{{action=\"{action}\"}} {seconds}");
            let _ = writeln!(text, "peerlab_call_seconds_count{{action=\"{action}\"}} {count}");
        }
        text
    }
}
