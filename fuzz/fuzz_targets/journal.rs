//! An entry of the journal.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guitai_fuzz::journal(data));
