//! No PartiQL statement ends the process, and none that our reader takes fails the store.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| rolecall_local::fuzzing::statement(text));
