//! What is known of a running lab: `/run/peerlab/<lab>`.
#![allow(clippy::disallowed_methods)]
