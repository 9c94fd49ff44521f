//! Packets of a running lab: where they are captured, what they say, what they are written to.
//!
//! [`Place`] says which links, [`Packet`] reads a frame, [`Filter`] chooses, [`Names`] and [`Teller`] make a line of it,
//! [`File`] a pcapng file.

mod file;
mod filter;
mod line;
mod names;
mod packet;
mod place;

pub use file::File;
pub use filter::Filter;
pub use line::{Record, Teller};
pub use names::Names;
pub use packet::{Arp, Flags, Fragment, Icmp, Ip, Packet, Payload, Tcp};
pub use place::{Interface, Place};
