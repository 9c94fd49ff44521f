//! The only module that programs the kernel, in process, over netlink.
#![allow(clippy::disallowed_methods)]

pub mod nft;
