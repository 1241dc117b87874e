//! `rolecall man`: the manual pages, one for each command.

use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall man --dir ~/.local/share/man/man1        # then: man rolecall-exec
  sudo rolecall man --dir /usr/local/share/man/man1
  rolecall man --dir /tmp/pages && man -l /tmp/pages/rolecall-serve.1";

/// Write the manual pages, one for each command
///
/// They are what `--help` says, for `man`. The names of the files are printed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder to write them to; it is made where it does not exist
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Kind::Other, format!("the manual pages cannot be written: {error}"))
            .hint(format_args!("is `{}` a folder that you may write to?", args.dir.display()))
    };
    std::fs::create_dir_all(&args.dir).map_err(failed)?;
    clap_mangen::generate_to(crate::args::Args::command(), &args.dir).map_err(failed)?;
    let mut names = std::fs::read_dir(&args.dir)
        .and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
        })
        .map_err(failed)?;
    names.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("rolecall")));
    names.sort();
    for name in names {
        out.line(name.display())?;
    }
    Ok(Exit::Success)
}
