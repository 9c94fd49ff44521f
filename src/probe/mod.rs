//! Real packets from inside the lab's namespaces.
#![allow(clippy::disallowed_methods)]
