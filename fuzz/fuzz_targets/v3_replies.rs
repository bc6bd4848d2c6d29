//! WeChat Pay v3's replies.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guitai_fuzz::v3_replies(data));
