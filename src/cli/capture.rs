//! `peerlab capture INSTANCE|PEERING|VPC [-w FILE] [-c N] [FILTER…]`
//!
//! It keeps sockets in the namespaces, a file, and the right to read the lab's journal, and drops all other privileges.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::context::Context;
use super::messages::packets::Said;
use super::number::number;
use super::signals::Signals;
use super::stdout::Stdout;
use super::target::{LabChoice, look};
use super::{Ending, caller};
use crate::capture::{File, Filter, Names, Packet, Place, Teller};
use crate::cloud::Cloud;
use crate::error::{Error, Errors};
use crate::kernel::packet::{PacketSocket, Passed, SNAPLEN};
use crate::kernel::{self, privilege};
use crate::message::Message;
use crate::msg;
use crate::network::compile::compile;
use crate::network::model::NamespaceName;
use crate::report::count::{Thing, count};
use crate::session::{Follower, News};
use crate::terminal::Terminal;

/// Show the packets that pass an instance, a peering or a VPC, or write them for Wireshark
#[derive(Debug, Args)]
#[command(after_help = "\
An instance means its eth0; a peering means its end in the VPC's router (both ends if create-peering made it); a \
VPC means every link of its router: a packet that comes in and does not go out was dropped there. If a peering \
does not carry traffic yet, capture waits for it.

FILTER: icmp, tcp, tcp/22, udp, udp/53, arp, in, out, an instance, internet, an address or a block. Terms of the \
same kind are ORed; different kinds are ANDed.

Capture ends with Ctrl-C, after COUNT packets, or when the lab goes down.

Examples:
  peerlab capture VPC2 icmp               does the ping come in, and go out?
  peerlab capture ri-a -w ri-a.pcapng     for Wireshark, with names and nanoseconds
  peerlab capture ecs-a tcp/22 -w - | tcpdump -n -r -")]
pub(super) struct Arguments {
    /// An instance, a NAT gateway, a peering or one end of it, a VPC, or internet
    #[arg(value_name = "INSTANCE|PEERING|VPC")]
    place: String,
    /// Only packets that match
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Write packets to a pcapng file; - is standard output
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    write: Option<PathBuf>,
    /// Stop after this many packets
    #[arg(short, long, value_parser = number(1, u64::MAX))]
    count: Option<u64>,
    #[command(flatten)]
    lab: LabChoice,
}

type Result<T> = std::result::Result<T, Errors>;

/// How soon a change of the lab is noticed if no packet arrives.
const BLINK: Duration = Duration::from_millis(200);

/// The most packets read from a socket before others are served.
const BATCH: usize = 256;

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending> {
    let (lab, run) = look(&arguments.lab, context)?;
    let bindings = run.foreseen();
    let place = Place::find(run.cloud(), &bindings, &arguments.place)?;
    let filter = Filter::parse(&arguments.filter, run.cloud(), &bindings)?;
    let signals = Signals::take()?;
    let taps =
        place.namespaces(run.cloud()).into_iter().map(|name| Tap::open(&lab, name)).collect::<Result<Vec<_>>>()?;
    let names = Names::of(run.cloud(), place.vpc(run.cloud()).as_ref());
    let Some(output) = Output::open(arguments.write.as_deref(), &lab, &names, context)? else {
        return Ok(Ending::Done);
    };
    privilege::keep_reading_only();
    let several = taps.len() > 1 || matches!(place, Place::Vpc(_) | Place::Internet);
    let follower = Follower::new(&lab);
    let teller = Teller::new(names, several);
    let mut capturing = Capturing {
        most: arguments.count.unwrap_or(u64::MAX),
        looked: Instant::now(),
        buffer: vec![0; SNAPLEN],
        missing: None,
        captured: 0,
        passed: 0,
        lost: 0,
        lab,
        place,
        filter,
        taps,
        follower,
        teller,
        output,
        context,
    };
    let to = match arguments.write.as_deref() {
        None => None,
        Some(path) if path == Path::new("-") => Some(msg!(Said::ToStandardOutput)),
        Some(path) => Some(msg!(Said::ToFile { path: path.display() })),
    };
    context.talk(msg!(Said::Capturing { place: &arguments.place, to: &to }));
    let end = capturing.run(&signals)?;
    capturing.finish(end, to)?;
    Ok(Ending::failed_if(end == End::LabGone && arguments.count.is_some()))
}

/// A socket in a namespace.
struct Tap {
    namespace: NamespaceName,
    /// The identity of the namespace.
    identity: Option<u64>,
    socket: PacketSocket,
    /// The captured links, current and former, by index.
    links: BTreeMap<u32, String>,
    /// Other links.
    others: BTreeSet<u32>,
}

impl Tap {
    fn open(lab: &str, namespace: NamespaceName) -> Result<Self> {
        let socket = PacketSocket::open(lab, &namespace)?;
        let identity = kernel::identity(lab, &namespace);
        Ok(Tap { namespace, identity, socket, links: BTreeMap::new(), others: BTreeSet::new() })
    }
}

/// Why the capture ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Ctrl-C or another signal.
    Asked,
    /// The requested number of packets was reached.
    Counted,
    /// The reader of the output is gone.
    ReaderGone,
    /// The lab or the point of capture no longer exists.
    LabGone,
}

struct Capturing<'a> {
    lab: String,
    place: Place,
    filter: Filter,
    taps: Vec<Tap>,
    buffer: Vec<u8>,
    follower: Follower,
    /// The time of the last check for changes.
    looked: Instant,
    teller: Teller,
    output: Output,
    context: &'a Context,
    /// The last reported reason for missing links.
    missing: Option<Vec<Message>>,
    most: u64,
    captured: u64,
    /// The number of packets that passed, matching or not.
    passed: u64,
    /// The number of packets lost for lack of buffer space.
    lost: u64,
}

impl Capturing<'_> {
    fn run(&mut self, signals: &Signals) -> Result<End> {
        if !self.catch_up()? {
            return Ok(End::LabGone);
        }
        loop {
            let asked = self.wait(signals)?.then(now);
            // Show everything that passed before the end was requested.
            let mut more = true;
            while more {
                let batch = self.read()?;
                more = asked.is_some_and(|asked| batch.iter().any(|(_, passed, _)| passed.time < asked));
                for (tap, passed, bytes) in batch {
                    if asked.is_none_or(|asked| passed.time < asked)
                        && let Some(end) = self.take(tap, &passed, &bytes)?
                    {
                        return Ok(end);
                    }
                }
            }
            if let Some(end) = self.written(Output::flush)? {
                return Ok(end);
            }
            if asked.is_some() {
                return Ok(End::Asked);
            }
            if self.looked.elapsed() >= BLINK && !self.catch_up()? {
                return Ok(End::LabGone);
            }
        }
    }

    /// Waits for packets, at most [`BLINK`]; returns whether the end was requested.
    fn wait(&self, signals: &Signals) -> Result<bool> {
        let stdout = io::stdout();
        let mut polled = vec![PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        polled.extend(self.taps.iter().map(|tap| PollFd::new(tap.socket.as_fd(), PollFlags::POLLIN)));
        if self.output.stdout {
            // No events requested: poll always reports that the other end is closed.
            polled.push(PollFd::new(stdout.as_fd(), PollFlags::empty()));
        }
        match poll(&mut polled, PollTimeout::try_from(BLINK).unwrap_or(PollTimeout::ZERO)) {
            Ok(_) | Err(nix::Error::EINTR) => {}
            Err(errno) => return Err(Error::host(msg!(Said::CannotWait { why: errno.desc() })).into()),
        }
        let hung_up = self.output.stdout && polled.last().is_some_and(|it| it.any() == Some(true));
        Ok(signals.arrived() || hung_up)
    }

    /// The packets that passed, in the order of time.
    fn read(&mut self) -> Result<Vec<(usize, Passed, Vec<u8>)>> {
        let mut batch = Vec::new();
        for (place, tap) in self.taps.iter().enumerate() {
            for _ in 0..BATCH {
                let passed = tap.socket.receive(&mut self.buffer).map_err(|error| {
                    Error::host(msg!(Said::CannotReadPackets { lab: &self.lab, namespace: &tap.namespace, error }))
                })?;
                let Some(passed) = passed else { break };
                batch.push((place, passed, self.buffer[..passed.captured].to_vec()));
            }
        }
        batch.sort_by_key(|(_, passed, _)| passed.time);
        Ok(batch)
    }

    /// Shows or writes a packet, if it matches.
    fn take(&mut self, tap: usize, passed: &Passed, bytes: &[u8]) -> Result<Option<End>> {
        let known = |tap: &Tap| tap.links.contains_key(&passed.link) || tap.others.contains(&passed.link);
        // Packets of a new link may arrive before the news of the link.
        if !known(&self.taps[tap]) && !self.catch_up()? {
            return Ok(Some(End::LabGone));
        }
        let Some(name) = self.taps[tap].links.get(&passed.link).cloned() else {
            self.taps[tap].others.insert(passed.link);
            return Ok(None);
        };
        self.passed += 1;
        let packet = Packet::read(bytes);
        if !self.filter.wants(&packet, passed.outgoing) {
            return Ok(None);
        }
        self.captured += 1;
        let record = self.teller.record(&name, passed.outgoing, passed.time, &packet, passed.length);
        let (teller, lab) = (&mut self.teller, &self.lab);
        let end = written(match &mut self.output.format {
            Format::Lines(out, terminal) => out.write_all(terminal.shown(&teller.line(&record, terminal)).as_bytes()),
            Format::Json(out) => {
                serde_json::to_writer(&mut *out, &record).map_err(io::Error::from).and_then(|()| out.write_all(b"\n"))
            }
            Format::Pcapng(file) => file.interface(lab, &name).and_then(|number| file.packet(number, passed, bytes)),
        })?;
        if end.is_some() {
            return Ok(end);
        }
        if self.captured < self.most {
            return Ok(None);
        }
        Ok(Some(self.written(Output::flush)?.unwrap_or(End::Counted)))
    }

    fn written(&mut self, write: impl FnOnce(&mut Output) -> io::Result<()>) -> Result<Option<End>> {
        written(write(&mut self.output))
    }

    /// Follows changes of the lab; returns whether the point of capture still exists.
    fn catch_up(&mut self) -> Result<bool> {
        self.looked = Instant::now();
        let alive = |tap: &Tap| tap.identity == kernel::identity(&self.lab, &tap.namespace);
        if !self.taps.iter().all(alive) {
            return Ok(false);
        }
        match self.follower.news()? {
            News::None => {}
            News::Down => return Ok(false),
            News::Changed(before) => self.learn(before.run.cloud())?,
        }
        Ok(true)
    }

    fn learn(&mut self, cloud: &Cloud) -> Result<()> {
        let interfaces = self.place.interfaces(cloud, &compile(cloud));
        for tap in &mut self.taps {
            let links = interfaces.iter().filter(|it| it.namespace == tap.namespace);
            let links: BTreeMap<u32, String> = links.map(|it| (it.index, it.name.clone())).collect();
            // A router may get more links at any time, and a peering has none while it carries no traffic. Then capture
            // all links, so that no packet is missed, and select here.
            let only: Vec<u32> = match self.place {
                Place::Instance(_) | Place::NatGateway(_) | Place::Peering(_) => links.keys().copied().collect(),
                Place::Vpc(_) | Place::Internet => Vec::new(),
            };
            tap.socket
                .accept_only(&only)
                .map_err(|error| Error::host(msg!(Said::CannotChoosePackets { namespace: &tap.namespace, error })))?;
            links.values().for_each(|name| self.teller.expect(name));
            tap.links.extend(links);
            tap.others.clear();
        }
        let names = Names::of(cloud, self.place.vpc(cloud).as_ref());
        if let Format::Pcapng(file) = &mut self.output.format
            && names != *self.teller.names()
        {
            // If the reader is gone, the next packet will fail.
            let _ = file.name(&names);
        }
        self.teller.rename(names);
        let missing = self.place.missing(cloud);
        if !missing.is_empty() && self.missing.as_ref() != Some(&missing) {
            self.context.talk(msg!(Said::Waiting { missing: &missing }));
        }
        if missing.is_empty() && self.missing.as_ref().is_some_and(|it| !it.is_empty()) {
            self.context.talk(Said::CanPassNow);
        }
        self.missing = Some(missing);
        Ok(())
    }

    /// Ends the file and reports the totals.
    fn finish(&mut self, end: End, to: Option<Message>) -> Result<()> {
        self.lost += self.taps.iter().map(|tap| tap.socket.lost()).sum::<u64>();
        let lost = self.lost;
        if let Format::Pcapng(file) = &mut self.output.format
            && end != End::ReaderGone
        {
            written(file.end(now(), lost))?;
        }
        if end == End::LabGone {
            let lab = &self.lab;
            let gone = match self.follower.news() {
                Ok(News::Down) | Err(_) => msg!(Said::LabWentDown { lab }),
                Ok(_) => {
                    let gone = self.taps.iter().find(|tap| tap.identity != kernel::identity(lab, &tap.namespace));
                    gone.map_or(msg!(Said::LabWentDown { lab }), |tap| {
                        msg!(Said::NamespaceGone { namespace: &tap.namespace, lab })
                    })
                }
            };
            self.context.warn(gone);
        }
        let packets = count(usize::try_from(self.captured).unwrap_or(usize::MAX), Thing::Packet);
        let of = (self.passed != self.captured).then(|| msg!(Said::OfThatPassed { passed: self.passed }));
        self.context.talk(msg!(Said::Captured { packets, to, of }));
        if lost > 0 {
            self.context.warn(msg!(Said::Lost { lost }));
        }
        Ok(())
    }
}

/// The output of packets.
struct Output {
    format: Format,
    /// Whether it is standard output.
    stdout: bool,
}

enum Format {
    Lines(BufWriter<Stdout>, Terminal),
    Json(BufWriter<Stdout>),
    Pcapng(File<BufWriter<Box<dyn Write>>>),
}

impl Output {
    /// Opens the output; `None`: the reader is gone.
    fn open(path: Option<&Path>, lab: &str, names: &Names, context: &Context) -> Result<Option<Self>> {
        let stdout = || BufWriter::new(Stdout);
        let Some(path) = path else {
            let format = if context.json { Format::Json(stdout()) } else { Format::Lines(stdout(), context.out) };
            return Ok(Some(Output { format, stdout: true }));
        };
        if context.json {
            let message = msg!(Said::FileOrJson);
            return Err(Error::input(message).code("CommandLine").hint(Said::LeaveOneOut).into());
        }
        let to_stdout = path == Path::new("-");
        if to_stdout && io::stdout().is_terminal() {
            let message = msg!(Said::PcapngOnTerminal);
            return Err(Error::input(message).code("CommandLine").hint(Said::PipeIt).into());
        }
        let out: Box<dyn Write> = if to_stdout { Box::new(Stdout) } else { Box::new(caller::create(path)?) };
        match File::begin(BufWriter::new(out), lab, names).and_then(|mut file| file.flush().map(|()| file)) {
            Ok(file) => Ok(Some(Output { format: Format::Pcapng(file), stdout: to_stdout })),
            Err(error) => written(Err(error)).map(|_| None),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.format {
            Format::Lines(out, _) | Format::Json(out) => out.flush(),
            Format::Pcapng(file) => file.flush(),
        }
    }
}

fn written(result: io::Result<()>) -> Result<Option<End>> {
    match result {
        Ok(()) => Ok(None),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Some(End::ReaderGone)),
        Err(error) => Err(unwritable(&error)),
    }
}

fn unwritable(error: &io::Error) -> Errors {
    let hint = match error.kind() {
        ErrorKind::StorageFull => msg!(Said::MakeRoomOfPackets),
        _ => msg!(Said::SeeWhetherWritable),
    };
    Error::host(msg!(Said::CannotWritePackets { error })).hint(hint).into()
}

/// Since 1970, UTC.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
