//! Random clouds.
