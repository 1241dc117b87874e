//! `rolecall completions`: what makes a shell complete the command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  bash        rolecall completions bash > ~/.local/share/bash-completion/completions/rolecall
              or, for this shell alone: eval \"$(rolecall completions bash)\"
  zsh         rolecall completions zsh > ~/.zfunc/_rolecall
              with `fpath+=~/.zfunc` in ~/.zshrc, before `compinit`
  fish        rolecall completions fish > ~/.config/fish/completions/rolecall.fish
  PowerShell  rolecall completions powershell >> $PROFILE
  elvish      rolecall completions elvish > ~/.config/elvish/lib/rolecall.elv
              with `use rolecall` in ~/.config/elvish/rc.elv

A new shell has them.";

/// Print what makes a shell complete the command line
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::args::Args::command(), "rolecall", &mut script);
    out.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Success)
}
