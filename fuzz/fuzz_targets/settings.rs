//! The provider's settings file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guitai_fuzz::settings(data));
