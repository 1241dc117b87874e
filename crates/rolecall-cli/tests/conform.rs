//! `rolecall policy conform` as a program: another one asks it line by line, and it answers before the next is there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

#[test]
fn it_answers_before_it_is_asked_on() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["policy", "conform"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut asks = program.stdin.take().unwrap();
    let mut answers = BufReader::new(program.stdout.take().unwrap());
    for (line, expected) in [
        (r#"{"id":1,"op":"other"}"#, r#"{"id":1,"error":"unsupported"}"#),
        ("not JSON", r#"{"id":null,"error":"the line is not a JSON object"}"#),
        (r#"{"id":2,"op":"evaluate"}"#, r#"{"id":2,"error":"request is missing"}"#),
    ] {
        writeln!(asks, "{line}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim_end(), expected);
    }
    drop(asks);
    assert!(program.wait().unwrap().success());
}

/// Whoever reads has seen enough (`| head`): that is no failure.
#[test]
fn a_reader_may_go() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["policy", "conform"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(program.stdout.take());
    let mut asks = program.stdin.take().unwrap();
    // The pipe may be gone already.
    writeln!(asks, r#"{{"id":1,"op":"other"}}"#).unwrap_or_default();
    drop(asks);
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
