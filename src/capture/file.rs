//! A pcapng file (draft-ietf-opsawg-pcapng): packets with their links, directions and nanoseconds, and the names of
//! addresses, which Wireshark shows.

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::pcapng::blocks::interface_statistics::{InterfaceStatisticsBlock, InterfaceStatisticsOption};
use pcap_file::pcapng::blocks::name_resolution::{Ipv4Record, NameResolutionBlock, Record};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness, PcapError};

use super::names::Names;
use crate::kernel::packet::{Cast, Passed, SNAPLEN};

/// if_tsresol: times are in units of 10^-9 s.
const NANOSECONDS: u8 = 9;

/// A pcapng file while it is written.
pub struct File<W: Write> {
    writer: PcapNgWriter<W>,
    /// The names of its links, in order.
    interfaces: Vec<String>,
}

impl<W: Write> File<W> {
    /// Begins a file for a lab.
    pub fn begin(out: W, lab: &str, names: &Names) -> io::Result<Self> {
        let about = SectionHeaderBlock {
            // The crate writes a 64-bit time as one number; the format wants its upper half first. In this byte order
            // both are the same.
            endianness: Endianness::Big,
            options: vec![
                SectionHeaderOption::OS(Cow::Borrowed("Linux")),
                SectionHeaderOption::UserApplication(Cow::Borrowed(concat!("peerlab ", env!("CARGO_PKG_VERSION")))),
                SectionHeaderOption::Comment(Cow::Owned(format!("lab {lab}"))),
            ],
            ..SectionHeaderBlock::default()
        };
        let mut file =
            File { writer: PcapNgWriter::with_section_header(out, about).map_err(trouble)?, interfaces: Vec::new() };
        file.name(names)?;
        Ok(file)
    }

    /// Writes the names of addresses.
    pub fn name(&mut self, names: &Names) -> io::Result<()> {
        let record = |(address, name): (std::net::Ipv4Addr, &str)| {
            let names = vec![Cow::Owned(name.to_owned())];
            Record::Ipv4(Ipv4Record { ip_addr: Cow::Owned(address.octets().to_vec()), names })
        };
        let records = names.iter().map(record).collect();
        self.writer.write_pcapng_block(NameResolutionBlock { records, options: Vec::new() }).map_err(trouble)?;
        Ok(())
    }

    /// Adds a link, once; returns its number in the file.
    pub fn interface(&mut self, lab: &str, name: &str) -> io::Result<u32> {
        if let Some(number) = self.interfaces.iter().position(|it| it == name) {
            return Ok(number as u32);
        }
        let options = vec![
            InterfaceDescriptionOption::IfName(Cow::Owned(format!("{lab}.{name}"))),
            InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
        ];
        let block = InterfaceDescriptionBlock { linktype: DataLink::ETHERNET, snaplen: SNAPLEN as u32, options };
        self.writer.write_pcapng_block(block).map_err(trouble)?;
        self.interfaces.push(name.to_owned());
        Ok(self.interfaces.len() as u32 - 1)
    }

    /// Adds a packet that passed the link with this number.
    pub fn packet(&mut self, interface: u32, passed: &Passed, bytes: &[u8]) -> io::Result<()> {
        let block = EnhancedPacketBlock {
            interface_id: interface,
            timestamp: passed.time,
            original_len: passed.length as u32,
            data: Cow::Borrowed(bytes),
            options: vec![EnhancedPacketOption::Flags(flags(passed))],
        };
        self.writer.write_pcapng_block(block).map(drop).map_err(trouble)
    }

    /// Ends the file with the number of lost packets.
    pub fn end(&mut self, now: Duration, lost: u64) -> io::Result<()> {
        for interface in 0..self.interfaces.len() {
            let options = vec![InterfaceStatisticsOption::IsbOsDrop(if interface == 0 { lost } else { 0 })];
            let timestamp = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
            let block = InterfaceStatisticsBlock { interface_id: interface as u32, timestamp, options };
            self.writer.write_pcapng_block(block).map_err(trouble)?;
        }
        self.flush()
    }

    /// Flushes what was written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.get_mut().flush()
    }
}

/// epb_flags: bits 0 and 1, the direction; bits 2 to 4, the type of the destination address.
fn flags(passed: &Passed) -> u32 {
    let direction = if passed.outgoing { 2 } else { 1 };
    let cast = match passed.cast {
        _ if passed.outgoing => 0,
        Cast::Unicast => 1,
        Cast::Multicast => 2,
        Cast::Broadcast => 3,
    };
    direction | cast << 2
}

fn trouble(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use pcap_file::pcapng::{Block, PcapNgReader};

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut bytes = Vec::new();
        let mut file = File::begin(&mut bytes, "two", &Names::default()).unwrap();
        let (one, two) = (file.interface("two", "a:eth0").unwrap(), file.interface("two", "b:eth0").unwrap());
        assert_eq!((one, two, file.interface("two", "a:eth0").unwrap()), (0, 1, 0));
        let time = Duration::new(1_763_720_000, 123_456_789);
        let passed = Passed { link: 2, outgoing: true, cast: Cast::Unicast, time, captured: 5, length: 1500 };
        file.packet(two, &passed, b"12345").unwrap();
        file.packet(one, &Passed { outgoing: false, cast: Cast::Broadcast, ..passed }, b"1234").unwrap();
        file.end(time, 7).unwrap();

        let mut reader = PcapNgReader::new(&bytes[..]).unwrap();
        let mut packets = Vec::new();
        let mut lost = 0;
        while let Some(block) = reader.next_block() {
            match block.unwrap() {
                Block::EnhancedPacket(packet) => packets.push(packet.into_owned()),
                Block::InterfaceStatistics(it) => {
                    assert_eq!(u128::from(it.timestamp), time.as_nanos());
                    lost += it
                        .options
                        .iter()
                        .map(|it| if let InterfaceStatisticsOption::IsbOsDrop(n) = it { *n } else { 0 })
                        .sum::<u64>();
                }
                _ => {}
            }
        }
        assert_eq!((packets.len(), lost), (2, 7));
        assert_eq!((packets[0].interface_id, packets[0].timestamp, packets[0].original_len), (1, time, 1500));
        assert_eq!((&packets[0].data[..], &packets[1].data[..]), (&b"12345"[..], &b"1234"[..]));
        assert_eq!(packets[0].options, [EnhancedPacketOption::Flags(0b10)]);
        assert_eq!(packets[1].options, [EnhancedPacketOption::Flags(0b1101)]);
    }
}
