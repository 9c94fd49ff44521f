//! `peerlab capture INSTANCE|PEERING|VPC [-w FILE] [-c N] [FILTER…]`
//!
//! It keeps sockets in the namespaces, a file, and the right to read the lab's journal, and drops all other privileges.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::context::Context;
use super::messages::packets::Said;
use super::number::number;
use super::signals::Signals;
use super::stdout::Stdout;
use super::target::{LabChoice, look};
use super::{Ending, caller};
use crate::capture::{BLINK, Capture, File, Learned, Names, Read, Taken};
use crate::error::{Error, Errors};
use crate::kernel::privilege;
use crate::message::Message;
use crate::msg;
use crate::report::count::{Thing, count};
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

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending> {
    let (lab, run) = look(&arguments.lab, context)?;
    let signals = Signals::take()?;
    let capture = Capture::open(&run, &arguments.place, &arguments.filter)?;
    let Some(output) = Output::open(arguments.write.as_deref(), &lab, capture.names(), context)? else {
        return Ok(Ending::Done);
    };
    privilege::keep_reading_only();
    let most = arguments.count.unwrap_or(u64::MAX);
    let mut capturing = Capturing { lab, capture, most, output, context };
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
    capture: Capture,
    most: u64,
    output: Output,
    context: &'a Context,
}

impl Capturing<'_> {
    fn run(&mut self, signals: &Signals) -> Result<End> {
        let mut is_there = self.capture.catch_up()?;
        while is_there {
            self.learn();
            let asked = self.wait(signals)?.then(now);
            // Show everything that passed before the end was requested.
            let mut more = true;
            while more {
                let batch = self.capture.read()?;
                more = asked.is_some_and(|asked| batch.iter().any(|read| read.passed.time < asked));
                for read in batch {
                    if asked.is_none_or(|asked| read.passed.time < asked)
                        && let Some(end) = self.take(&read)?
                    {
                        return Ok(end);
                    }
                }
            }
            if let Some(end) = self.flush()? {
                return Ok(end);
            }
            if asked.is_some() {
                return Ok(End::Asked);
            }
            is_there = self.capture.keep_up()?;
        }
        Ok(End::LabGone)
    }

    /// Waits for packets, at most [`BLINK`]; returns whether the end was requested.
    fn wait(&self, signals: &Signals) -> Result<bool> {
        let stdout = io::stdout();
        let mut polled = vec![PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        polled.extend(self.capture.sockets().map(|socket| PollFd::new(socket, PollFlags::POLLIN)));
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

    /// Shows or writes a packet, if it matches.
    fn take(&mut self, read: &Read) -> Result<Option<End>> {
        let record = match self.capture.take(read)? {
            Taken::Packet(record) => record,
            Taken::Other => return Ok(None),
            Taken::Gone => return Ok(Some(End::LabGone)),
        };
        self.learn();
        let Capturing { capture, lab, output, .. } = self;
        let end = written(match &mut output.format {
            Format::Lines(out, terminal) => {
                let line = capture.teller().line(&record, terminal);
                out.write_all(terminal.shown(&line).as_bytes())
            }
            Format::Json(out) => {
                serde_json::to_writer(&mut *out, &record).map_err(io::Error::from).and_then(|()| out.write_all(b"\n"))
            }
            Format::Pcapng(file) => {
                file.interface(lab, &record.interface).and_then(|number| file.packet(number, &read.passed, &read.bytes))
            }
        })?;
        if end.is_some() {
            return Ok(end);
        }
        if self.capture.captured < self.most {
            return Ok(None);
        }
        Ok(Some(self.flush()?.unwrap_or(End::Counted)))
    }

    fn flush(&mut self) -> Result<Option<End>> {
        written(self.output.flush())
    }

    /// Tells what the capture has learned of its place.
    fn learn(&mut self) {
        let Learned { names, missing } = self.capture.learned();
        if let Format::Pcapng(file) = &mut self.output.format
            && names
        {
            // If the reader is gone, the next packet will fail.
            let _ = file.name(self.capture.names());
        }
        match missing {
            Some(missing) if missing.is_empty() => self.context.talk(Said::CanPassNow),
            Some(missing) => self.context.talk(msg!(Said::Waiting { missing: &missing })),
            None => {}
        }
    }

    /// Ends the file and reports the totals.
    fn finish(&mut self, end: End, to: Option<Message>) -> Result<()> {
        let lost = self.capture.lost();
        if let Format::Pcapng(file) = &mut self.output.format
            && end != End::ReaderGone
        {
            written(file.end(now(), lost))?;
        }
        if end == End::LabGone {
            let (lab, is_down) = (&self.lab, self.capture.is_down());
            let gone = match self.capture.gone().filter(|_| !is_down) {
                Some(namespace) => msg!(Said::NamespaceGone { namespace, lab }),
                None => msg!(Said::LabWentDown { lab }),
            };
            self.context.warn(gone);
        }
        let Capture { captured, passed, .. } = self.capture;
        let packets = count(usize::try_from(captured).unwrap_or(usize::MAX), Thing::Packet);
        let of = (passed != captured).then(|| msg!(Said::OfThatPassed { passed }));
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
