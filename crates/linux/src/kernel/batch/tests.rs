//! Complete and incomplete answers of the kernel; a list that changes while it is read. Needs root.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use netlink_packet_core::{NLM_F_DUMP_INTR, NLMSG_DONE};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{setsockopt, sockopt};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::cloud::Bandwidth;
use crate::kernel::{link, neighbour, netconf, route, tc};
use crate::network::model::{Shaping, USUAL_MTU};

/// A message with an unreadable payload.
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
                let mut ip = Command::new("ip").args(["-batch", "-"]).stdin(Stdio::piped()).spawn().unwrap();
                ip.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
                assert!(ip.wait().unwrap().success());
            };
            ip((0..STAYING).map(|at| format!("link add s{at} type bridge\n")).collect());
            ready.send(RouteSocket::open().unwrap()).unwrap();
            while changing.load(Ordering::Relaxed) {
                ip((0..20).map(|at| format!("link add c{at} type bridge\nlink del c{at}\n")).collect());
            }
        });
        let socket = wait.recv().unwrap();
        let interrupted = |_| socket.ask(&question(link::list(), NLM_F_DUMP)).unwrap().interrupted;
        assert!((0..500).any(interrupted), "the kernel tells of no change");
        changing.store(false, Ordering::Relaxed);
    });
}

/// A namespace of its own, with this thread in it.
fn own_namespace() -> RouteSocket {
    unshare(CloneFlags::CLONE_NEWNET).expect("root");
    RouteSocket::open().unwrap()
}

#[test]
fn of_thousands_of_messages_that_are_refused_the_first_is_told_and_no_answer_is_lost() {
    let socket = own_namespace();
    let mut batch = Batch::default();
    for tag in 0..5000 {
        batch.push(tag, 0, link::remove(&"nothing".into()), if tag < 7 { &[Errno::ENODEV] } else { &[] });
    }
    let Err(Failure::Refused(refused)) = batch.send(&socket) else { panic!("nothing was refused") };
    assert_eq!((refused.tag, refused.errno), (7, Errno::ENODEV));
    let mut batch = Batch::default();
    (0..5000).for_each(|tag| batch.push(tag, 0, link::remove(&"nothing".into()), &[Errno::ENODEV]));
    batch.send(&socket).unwrap();
}

#[test]
fn a_list_of_which_a_part_was_lost_is_asked_for_again() {
    let socket = own_namespace();
    // The kernel's error when the receive buffer is full: answers to requests that nobody read.
    setsockopt(&socket.0, sockopt::RcvBuf, &4096).unwrap();
    let mut unread = Batch::default();
    (0..100).for_each(|tag| unread.push(tag, NLM_F_ACK, link::remove(&"nothing".into()), &[]));
    socket.send(&unread.bytes).unwrap();
    let mut links = Vec::new();
    socket.dump(link::list(), |it| links.extend(link::listed(it))).unwrap();
    assert!(links.iter().any(|it| it.loopback), "lo is listed");
    socket.send(&unread.bytes).unwrap();
    assert!(socket.get(link::get(1)).unwrap().is_some());
}

proptest! {
    /// Any bytes as an answer, for each reader of messages.
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
        heard.messages().for_each(read_by_each);
    }

    /// This kernel's lists, with some bytes changed, and truncated.
    #[test]
    fn damaged_answers_are_read_without_a_panic(
        which in any::<Index>(),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8),
        end in prop::option::of(any::<Index>()),
    ) {
        let mut bytes = which.get(&LISTED).clone();
        for (at, byte) in damage {
            // After the length; wrong lengths are tested above.
            let at = 4 + at.index(bytes.len() - 4);
            bytes[at] = byte;
        }
        if let Some(end) = end {
            bytes.truncate(16 + end.index(bytes.len() - 16));
            let length = bytes.len() as u32;
            bytes[..4].copy_from_slice(&length.to_ne_bytes());
        }
        let mut heard = Heard::default();
        let _ = heard.take_in(&bytes);
        heard.messages().for_each(read_by_each);
    }
}

fn read_by_each(bytes: &[u8]) {
    let _ = netconf::told(bytes, 2);
    let _ = route::Listed::read(bytes).map(|it| it.route(|index| Some(index.to_string().as_str().into())));
    for message in [Some(Cow::Borrowed(bytes)), link::sift(bytes)].into_iter().flatten() {
        super::read(&message).into_iter().for_each(read_whole);
    }
}

fn read_whole(message: RouteNetlinkMessage) {
    let _ = link::listed(message.clone());
    let _ = link::listed_address(message.clone());
    let _ = route::listed_rule(message.clone());
    let _ = neighbour::listed(message.clone());
    let _ = neighbour::listed_forwarding(message.clone());
    let _ = tc::listed(message);
}

#[test]
fn what_is_sifted_out_of_a_list_is_what_no_reader_wants() {
    let link = |bytes: &[u8]| super::read(bytes).and_then(link::listed).map(|it| format!("{it:?}"));
    let mut links = 0;
    for bytes in LISTED.iter().filter(|it| it[4] == 16) {
        let sifted = link::sift(bytes).unwrap();
        assert!(sifted.len() * 2 < bytes.len(), "little of {} bytes is left out", bytes.len());
        assert_eq!(link(&sifted), link(bytes));
        links += 1;
    }
    assert!(links >= 6, "{links} links");
}

/// Objects of each kind that a lab has, and of some that it does not have.
const THINGS: &str = "link add v0 group 7 type veth peer name v1
    link property add dev v0 altname a-long-name-for-it
    link add br0 type bridge
    link add w0 type veth peer name w1
    link set v1 master br0
    link set v1 type bridge_slave isolated on learning off
    link set lo up
    link set v0 up
    link set v1 up
    link set br0 up
    link set w0 up
    link set w1 up
    addr add 10.0.0.1/24 dev v0
    addr add 10.9.0.1/24 dev w0
    route add 10.1.0.0/16 via 10.0.0.2
    route add blackhole 10.2.0.0/16
    route add unreachable 10.3.0.0/16 table 300
    route add 10.4.0.0/16 nexthop via 10.0.0.2 nexthop via 10.9.0.2
    rule add from 10.1.0.0/16 iif v0 table 300
    neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev v0
    neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev v0 nud noarp";

/// The same of forwarding entries and of shaping.
const MORE: [&str; 3] = [
    "bridge fdb add 02:00:00:00:00:02 dev v1 master static",
    "tc qdisc add dev v0 root handle 1: tbf rate 100gbit burst 1mb limit 10mb",
    "tc qdisc add dev w0 root pfifo",
];

/// This kernel's lists of these objects, message by message.
static LISTED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let list = || {
        unshare(CloneFlags::CLONE_NEWNET).expect("root");
        for line in THINGS.lines().map(|line| format!("ip {}", line.trim())).chain(MORE.map(str::to_owned)) {
            let words: Vec<_> = line.split(' ').collect();
            assert!(Command::new(words[0]).args(&words[1..]).status().unwrap().success(), "{line}");
        }
        let socket = RouteSocket::open().unwrap();
        let lists = [
            link::list(),
            link::list_addresses(),
            route::list(),
            route::list_rules(),
            neighbour::list(),
            neighbour::list_forwarding(),
            tc::list(),
        ];
        let mut listed: Vec<_> = lists.into_iter().flat_map(|list| raw(&socket, list)).collect();
        // Not every kernel has netem.
        let mut delay = Batch::default();
        let shaping = Shaping { delay: Some(Duration::from_millis(10)), ..Shaping::default() };
        delay.push(0, 0, tc::shape(1, USUAL_MTU, shaping).delay.unwrap(), &[]);
        listed.push(delay.bytes);
        listed
    };
    thread::scope(|scope| scope.spawn(list).join().unwrap())
});

/// The messages of a list, unparsed.
fn raw(socket: &RouteSocket, list: RouteNetlinkMessage) -> Vec<Vec<u8>> {
    socket.send(&question(list, NLM_F_DUMP)).unwrap();
    let mut messages = Vec::new();
    let mut take = |message: Message| match message.answer() {
        Some(answer) => {
            assert_eq!(answer.errno, None);
            true
        }
        None => {
            messages.push(message.whole.to_vec());
            false
        }
    };
    while !socket.receive(|datagram| Messages(datagram).any(&mut take)).unwrap() {}
    assert!(!messages.is_empty(), "the kernel lists nothing");
    messages
}

#[test]
fn a_rate_of_which_no_number_holds_the_bits_is_foreign() {
    let most = u64::MAX / 8;
    let shaping = Shaping { rate: Some(Bandwidth(u64::MAX)), ..Shaping::default() };
    let mut batch = Batch::default();
    batch.push(0, 0, tc::shape(1, USUAL_MTU, shaping).rate.unwrap(), &[]);
    let read = |bytes: &[u8]| {
        let mut heard = Heard::default();
        assert!(heard.take_in(bytes).is_none());
        tc::listed(heard.messages().find_map(super::read).unwrap()).unwrap().1.shaping(USUAL_MTU)
    };
    assert_eq!(read(&batch.bytes).rate, Some(Bandwidth(most * 8)));
    let at = batch.bytes.windows(8).position(|it| it == most.to_ne_bytes()).unwrap();
    batch.bytes[at..at + 8].copy_from_slice(&u64::MAX.to_ne_bytes());
    assert!(read(&batch.bytes).foreign);
}
