//! The counters of a switch's flows, by OpenFlow 1.3 on its own socket.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use peerlab_ovn::counters::Hit;

/// The version, in each message.
const VERSION: u8 = 4;

/// How long the switch may take for a message.
const PATIENCE: Duration = Duration::from_secs(2);

/// The types of messages.
mod kind {
    pub(super) const HELLO: u8 = 0;
    pub(super) const ERROR: u8 = 1;
    pub(super) const ECHO_REQUEST: u8 = 2;
    pub(super) const ECHO_REPLY: u8 = 3;
    pub(super) const MULTIPART_REQUEST: u8 = 18;
    pub(super) const MULTIPART_REPLY: u8 = 19;
}

/// The flows that packets have met.
pub(super) fn hits(socket: &Path) -> io::Result<Vec<Hit>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    send(&mut stream, kind::HELLO, &[])?;
    // All flows of all tables: of any port and group, with any cookie, that match anything.
    let mut request = vec![0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0];
    request.extend([0xff; 8]);
    request.extend([0; 20]);
    request.extend([0, 1, 0, 4, 0, 0, 0, 0]);
    send(&mut stream, kind::MULTIPART_REQUEST, &request)?;
    let mut hits = Vec::new();
    loop {
        let (of, body) = receive(&mut stream)?;
        match of {
            kind::ERROR => return Err(io::ErrorKind::Unsupported.into()),
            kind::ECHO_REQUEST => send(&mut stream, kind::ECHO_REPLY, &body)?,
            kind::MULTIPART_REPLY => {
                let more = body.get(3).is_some_and(|flags| flags & 1 != 0);
                read(body.get(8..).unwrap_or_default(), &mut hits);
                if !more {
                    return Ok(hits);
                }
            }
            _ => {}
        }
    }
}

fn send(stream: &mut UnixStream, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(8 + body.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut message = vec![VERSION, kind, length[0], length[1], 0, 0, 0, 1];
    message.extend(body);
    stream.write_all(&message)
}

/// A message's type, and what follows its header.
fn receive(stream: &mut UnixStream) -> io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 8];
    stream.read_exact(&mut header)?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let mut body = vec![0; length.saturating_sub(header.len())];
    stream.read_exact(&mut body)?;
    Ok((header[1], body))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// Adds the flows of a reply that packets have met.
fn read(mut flows: &[u8], hits: &mut Vec<Hit>) {
    while let Some(length) = number(flows, 0).map(u16::from_be_bytes) {
        let Some((flow, rest)) = flows.split_at_checked(usize::from(length)).filter(|_| length > 0) else { return };
        flows = rest;
        let of = |at| number(flow, at).map(u64::from_be_bytes).unwrap_or_default();
        let (cookie, packets) = (of(24), of(32));
        if packets > 0 {
            hits.push(Hit { cookie, datapath: metadata(flow.get(48..).unwrap_or_default()), packets });
        }
    }
}

/// The field `metadata` of a match; 0 if it matches any.
fn metadata(matched: &[u8]) -> u64 {
    const METADATA: [u8; 3] = [0x80, 0x00, 2 << 1];
    let length = number(matched, 2).map_or(0, u16::from_be_bytes);
    let mut fields = matched.get(4..usize::from(length)).unwrap_or_default();
    while let Some(&[class, more, field, length]) = fields.first_chunk::<4>() {
        if [class, more, field] == METADATA {
            return number(fields, 4).map(u64::from_be_bytes).unwrap_or_default();
        }
        fields = fields.get(4 + usize::from(length)..).unwrap_or_default();
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A flow with a match on a port and on the metadata, as Open vSwitch 3.1 writes it.
    fn flow(cookie: u64, packets: u64, datapath: u64) -> Vec<u8> {
        let mut flow = vec![0, 80, 46, 0];
        flow.extend([0; 20]);
        flow.extend(cookie.to_be_bytes());
        flow.extend(packets.to_be_bytes());
        flow.extend([0; 8]);
        flow.extend([0, 1, 0, 24, 0x80, 0x00, 0x00, 4, 0, 0, 0, 1, 0x80, 0x00, 0x04, 8]);
        flow.extend(datapath.to_be_bytes());
        flow.extend([0; 8]);
        flow
    }

    #[test]
    fn a_flow_that_packets_met_is_read() {
        let bytes = [flow(7, 0, 2), flow(0x628a_1d6c, 5, 3)].concat();
        let mut hits = Vec::new();
        read(&bytes, &mut hits);
        assert_eq!(hits, [Hit { cookie: 0x628a_1d6c, datapath: 3, packets: 5 }]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>, cut: prop::sample::Index) {
            read(&bytes, &mut Vec::new());
            let flow = flow(1, 2, 3);
            read(&flow[..cut.index(flow.len())], &mut Vec::new());
        }
    }
}
