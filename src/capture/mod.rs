//! Captures the packets of a running lab.
//!
//! [`Place`] selects links, [`Packet`] parses a frame, [`Filter`] selects packets, [`Names`] and [`Teller`] format
//! lines, [`File`] writes a pcapng file. [`Capture`] does it at a place of a lab, while that changes.

mod file;
mod filter;
mod line;
mod live;
mod messages;
mod names;
mod packet;
mod place;

pub use file::File;
pub use filter::Filter;
pub use line::{Record, Teller};
pub use live::{BLINK, Capture, Learned, Read, Taken};
pub use names::Names;
pub use packet::{Arp, Flags, Fragment, Icmp, Ip, Packet, Payload, Tcp};
pub use place::{Interface, Place};
