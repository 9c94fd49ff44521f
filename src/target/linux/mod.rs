//! One Linux host as a target: the kernel as plain data ([`network`]), and that data in a real kernel ([`kernel`]).

pub mod kernel;
pub mod network;
