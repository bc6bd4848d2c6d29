//! The till's file and its backups.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guitai_fuzz::database(data));
