//! `rolecall policy format`: policies in one layout.

use std::path::{Path, PathBuf};

use super::input::{self, Document};
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall policy format policy.json
  rolecall policy format --write policies/*.json
  rolecall policy format --check policies/*.json
  aws iam get-role --role-name x --query Role.AssumeRolePolicyDocument | rolecall policy format -

Elements come in the order Version, Id, Statement and Sid, Effect, Principal, Action, Resource, Condition; all else stays
in the order it has, and nothing is added or left out.";

/// Print policy documents in one layout
///
/// What a document says stays as it is. A key that is there twice is an error: readers do not agree on what it means.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Policy documents; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Print the names of those that are not in this layout, and exit with 1 if there are any
    #[arg(long, conflicts_with = "write")]
    check: bool,

    /// Write them back where they differ
    #[arg(long)]
    write: bool,
}

/// Runs it. Nothing is printed or written unless all of them can be read.
pub(super) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    if args.write && args.files.iter().any(|file| input::is_stdin(file)) {
        return Err(Failure::new(Kind::Usage, "standard input cannot be written back")
            .hint("Leave out --write to have it printed."));
    }
    let documents = input::read(&args.files)?;
    let formatted = documents.iter().map(format_one).collect::<Result<Vec<_>, _>>()?;
    let mut differs = false;
    for ((file, document), formatted) in args.files.iter().zip(&documents).zip(&formatted) {
        let differ = *formatted != document.text;
        differs |= differ;
        if args.write {
            if differ {
                write(file, formatted)?;
            }
        } else if args.check {
            if differ {
                out.line(&document.name)?;
            }
        } else {
            out.line(formatted.trim_end())?;
        }
    }
    Ok(if args.check && differs { Exit::No } else { Exit::Success })
}

fn format_one(document: &Document) -> Result<String, Failure> {
    rolecall_iam::format_policy(&document.text).map_err(|error| {
        let place = error.span.position(&document.text);
        Failure::new(Kind::Usage, format!("{}:{place}: {}", document.name, error.message))
    })
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|error| {
        Failure::new(Kind::Other, format!("`{}` cannot be written: {error}", file.display()))
    })
}
