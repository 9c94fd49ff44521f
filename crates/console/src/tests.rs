//! The pages, from labs.
