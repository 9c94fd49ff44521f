//! The difference between two Networks, as changes in the order in which they can be made.
