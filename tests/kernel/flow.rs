//! One TCP flow from one namespace to another.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use peerlab::kernel;
use peerlab::network::model::NamespaceName;

/// Bits per second that arrive, over `time`.
pub fn goodput(lab: &str, from: &str, to: &str, address: IpAddr, time: Duration) -> f64 {
    let space = |text: &str| NamespaceName::from(text);
    let listener = kernel::enter(lab, &space(to), || TcpListener::bind((address, 5001)).unwrap()).unwrap();
    let connect = || TcpStream::connect((address, 5001)).unwrap();
    let mut sender = kernel::enter(lab, &space(from), connect).unwrap();
    let (mut receiver, _) = listener.accept().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let chunk = vec![0; 128 * 1024];
            // Until the receiver has seen enough and goes.
            while sender.write_all(&chunk).is_ok() {}
        });
        let mut chunk = vec![0; 1 << 20];
        let (start, mut bytes) = (Instant::now(), 0);
        while start.elapsed() < time {
            bytes += receiver.read(&mut chunk).unwrap();
        }
        let bits = bytes as f64 * 8.0 / start.elapsed().as_secs_f64();
        drop(receiver);
        bits
    })
}
