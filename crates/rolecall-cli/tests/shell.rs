//! What a shell and `man` are given: made for each, and read by those that are on this machine.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

fn rolecall(arguments: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_rolecall")).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// Whether a program that is here reads this file; one that is not here says so.
fn reads(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg(file).stdin(Stdio::null()).env("MANROFFOPT", "-ww").env("MANWIDTH", "120");
    let Ok(ran) = command.output() else {
        println!("skipped: `{program}` is not here");
        return None;
    };
    let side = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{program} {}: {side}", file.display());
    Some(String::from_utf8_lossy(&ran.stdout).into_owned())
}

/// Each script names every command, and the shell itself finds no mistake in it.
#[test]
fn completions() {
    let folder = TempDir::new().unwrap();
    let commands = ["can", "console", "credentials", "exec", "serve", "whoami", "who-can"];
    for (shell, check) in [
        ("bash", Some("bash")),
        ("zsh", Some("zsh")),
        ("fish", Some("fish")),
        // These two cannot read without running.
        ("powershell", None),
        ("elvish", None),
    ] {
        let script = rolecall(&["completions", shell]);
        for word in commands.iter().chain(&["--role-arn", "--session-name"]) {
            let word = if shell == "fish" { word.trim_start_matches('-') } else { word };
            assert!(script.contains(word), "{shell}: {word}");
        }
        let file = folder.path().join(shell);
        fs::write(&file, script).unwrap();
        if let Some(program) = check {
            reads(program, &["-n"], &file);
        }
    }
}

/// Bash completes what was typed.
#[test]
fn bash_completes() {
    let script = "source /dev/stdin; COMP_WORDS=(rolecall cons); COMP_CWORD=1; _rolecall rolecall cons rolecall; \
                  printf '%s ' \"${COMPREPLY[@]}\"";
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("completions");
    fs::write(&file, rolecall(&["completions", "bash"])).unwrap();
    let ran =
        Command::new("bash").args(["--norc", "-c", script]).stdin(fs::File::open(file).unwrap()).output();
    let Ok(ran) = ran else { return println!("skipped: bash is not here") };
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "console ", "{ran:?}");
}

/// Colours are for terminals, and for who wants them: <https://no-color.org>, <https://bixense.com/clicolors>.
#[test]
fn colours() {
    for (variable, value, expected) in
        [("NOTHING", "1", false), ("CLICOLOR_FORCE", "1", true), ("NO_COLOR", "1", false)]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        let ran = command.arg("exec").env_clear().env(variable, value).output().unwrap();
        assert_eq!(ran.stderr.contains(&0x1b), expected, "{variable}={value}");
    }
}

/// A page for each command and each of its own, which `man` shows.
#[test]
fn pages() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("man1");
    let names = rolecall(&["man", "--dir", dir.to_str().unwrap()]);
    for name in ["rolecall.1", "rolecall-exec.1", "rolecall-local-exec.1", "rolecall-policy-validate.1"] {
        assert!(names.lines().any(|line| Path::new(line) == dir.join(name)), "{name}: {names}");
    }
    for name in names.lines() {
        if let Some(text) = reads("man", &["-l"], Path::new(name)) {
            assert!(text.contains("SYNOPSIS"), "{name}: {text}");
        }
    }
    if let Some(text) = reads("man", &["-l"], &dir.join("rolecall-exec.1")) {
        assert!(
            text.contains("rolecall exec --role-arn arn:aws:iam::222222222222:role/switch-role"),
            "{text}"
        );
    }
}
