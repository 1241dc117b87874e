//! Real clients against the built `rolecall` binary: the tests are in `tests/`.
