//! Answers of a kernel, whole and not; a list taken while it changes. Root.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sched::{CloneFlags, unshare};
use proptest::prelude::*;

use super::*;
use crate::kernel::{link, neighbour, route, tc};

/// A message without a payload that can be read.
fn header(kind: u16, flags: u16) -> Vec<u8> {
    let mut bytes = 16u32.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

#[test]
fn a_list_that_changed_meanwhile_is_known_by_the_flag_of_any_of_its_messages() {
    let heard = |datagrams: &[Vec<u8>]| {
        let mut heard = Heard::default();
        let ends: Vec<_> = datagrams.iter().map(|datagram| heard.take_in(datagram)).collect();
        assert_eq!(ends.last(), Some(&Some(Ok(()))));
        heard.interrupted
    };
    let whole = [header(16, 2), header(NLMSG_DONE, 2)];
    assert!(!heard(&whole));
    assert!(heard(&[header(16, 2 | NLM_F_DUMP_INTR), header(NLMSG_DONE, 2)]));
    assert!(heard(&[header(16, 2), header(NLMSG_DONE, 2 | NLM_F_DUMP_INTR)]));
}

#[test]
fn the_kernel_tells_that_a_list_changed_meanwhile() {
    const STAYING: usize = 300;
    let changing = AtomicBool::new(true);
    thread::scope(|scope| {
        let (ready, wait) = std::sync::mpsc::channel();
        let changing = &changing;
        scope.spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).expect("root");
            let ip = |lines: String| {
                let file = std::env::temp_dir().join(format!("peerlab-batch-{}", std::process::id()));
                std::fs::write(&file, lines).unwrap();
                let done = Command::new("ip").arg("-batch").arg(&file).status().unwrap();
                std::fs::remove_file(file).unwrap();
                assert!(done.success());
            };
            ip((0..STAYING).map(|at| format!("link add s{at} type bridge\n")).collect());
            ready.send(RouteSocket::open().unwrap()).unwrap();
            while changing.load(Ordering::Relaxed) {
                ip((0..20).map(|at| format!("link add c{at} type bridge\nlink del c{at}\n")).collect());
            }
        });
        let socket = wait.recv().unwrap();
        let interrupted = |_| socket.ask(link::list(), NLM_F_DUMP).unwrap().interrupted;
        assert!((0..500).any(interrupted), "the kernel tells of no change");
        changing.store(false, Ordering::Relaxed);
    });
}

proptest! {
    /// Whatever the kernel answers, and each reader of its messages.
    #[test]
    fn arbitrary_answers_are_read_without_a_panic(
        kind in prop_oneof![16u16..96, 0u16..4],
        payload in prop::collection::vec(any::<u8>(), 0..200),
        lie in prop_oneof![3 => Just(None), 1 => any::<u32>().prop_map(Some)],
    ) {
        let mut bytes = header(kind, 0);
        bytes.extend(&payload);
        let length = lie.unwrap_or(bytes.len() as u32);
        bytes[..4].copy_from_slice(&length.to_ne_bytes());
        let mut heard = Heard::default();
        let _ = heard.take_in(&bytes);
        for message in heard.messages {
            let _ = link::listed(message.clone());
            let _ = link::listed_address(message.clone());
            let _ = route::listed(&message, |_| None);
            let _ = route::listed_rule(message.clone());
            let _ = neighbour::listed(message.clone());
            let _ = neighbour::listed_forwarding(message.clone());
            let _ = tc::listed(message);
        }
    }
}
