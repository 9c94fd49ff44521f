//! Why, and what to do.
