//! (server placeholder)
