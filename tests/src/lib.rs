//! The product as a whole.
