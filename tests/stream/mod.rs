//! A TCP flow that runs as fast as it can, until it is dropped.

use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use peerlab::kernel;
use peerlab::network::model::NamespaceName;

/// A running flow, with what its receiver has read.
pub struct Stream {
    received: Arc<AtomicU64>,
    ends: [TcpStream; 2],
}

/// The direction of the data.
#[derive(Clone, Copy, Debug)]
pub enum Direction {
    /// From the side that opened the flow.
    Upload,
    /// To the side that opened the flow.
    Download,
}

impl Stream {
    /// The instance `from` opens a flow to `address`, which is the instance `to`'s.
    pub fn start(lab: &str, from: &str, to: &str, address: ([u8; 4], u16), direction: Direction) -> Self {
        let (opener, listener) = connect(lab, from, to, address);
        let (sender, receiver) = match direction {
            Direction::Upload => (opener, listener),
            Direction::Download => (listener, opener),
        };
        let ends = [sender.try_clone().unwrap(), receiver.try_clone().unwrap()];
        let received = Arc::new(AtomicU64::new(0));
        let (mut sender, mut receiver, count) = (sender, receiver, received.clone());
        thread::spawn(move || while sender.write_all(&[0; 16 * 1024]).is_ok() {});
        thread::spawn(move || {
            let mut chunk = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = receiver.read(&mut chunk) {
                count.fetch_add(length as u64, Ordering::Relaxed);
            }
        });
        Stream { received, ends }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        for end in &self.ends {
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

/// The two ends of a new connection: the opener's, the listener's.
fn connect(lab: &str, from: &str, to: &str, (ip, port): ([u8; 4], u16)) -> (TcpStream, TcpStream) {
    let address = (IpAddr::from(ip), port);
    let listener = kernel::enter(lab, &NamespaceName::from(to), || TcpListener::bind(address).unwrap()).unwrap();
    let opener = kernel::enter(lab, &NamespaceName::from(from), || TcpStream::connect(address).unwrap()).unwrap();
    (opener, listener.accept().unwrap().0)
}

/// The bytes that arrived in a period.
pub struct Seen {
    pub bytes: u64,
    /// The longest time without data.
    pub longest_pause: Duration,
}

/// Observes what a flow's receiver reads, for `time`.
pub fn watch(stream: &Stream, time: Duration) -> Seen {
    let count = || stream.received.load(Ordering::Relaxed);
    let (start, first) = (Instant::now(), count());
    let (mut last, mut moved, mut longest_pause) = (first, start, Duration::ZERO);
    while start.elapsed() < time {
        thread::sleep(Duration::from_millis(10));
        longest_pause = longest_pause.max(moved.elapsed());
        if count() != last {
            (last, moved) = (count(), Instant::now());
        }
    }
    Seen { bytes: last - first, longest_pause }
}
