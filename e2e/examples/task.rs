//! The task of `examples/dynamodb-across-accounts/task/rust`, as it is there: built here, so that it is run.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the example is a program of its own, for readers"
)]

include!("../../examples/dynamodb-across-accounts/task/rust/src/main.rs");
