//! `rolecall policy`: what can be asked of policies alone, without an estate they stand in.

mod conform;
mod format;
mod input;
mod validate;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall policy validate policy.json
  rolecall policy format --write policy.json
  rolecall policy conform < cases.jsonl > answers.jsonl";

/// Work with policy documents
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The commands, one file each under `policy/`.
#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::Args),
    Format(format::Args),
    Conform(conform::Args),
}

/// Runs it.
pub(crate) fn run(args: Args, out: &mut Out) -> Result<Exit, Failure> {
    match args.command {
        Command::Validate(args) => validate::run(&args, out),
        Command::Format(args) => format::run(&args, out),
        Command::Conform(args) => conform::run(&args, out),
    }
}
