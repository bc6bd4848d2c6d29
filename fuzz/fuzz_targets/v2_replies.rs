//! WeChat Pay v2's replies.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| guitai_fuzz::v2_replies(data));
