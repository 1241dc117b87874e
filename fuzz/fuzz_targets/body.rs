//! No body ends the process, and what is read means the same when it is written again.

#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| rolecall_local::fuzzing::body(body));
