//! What can be typed: the global options and the list of commands. Each command's own arguments are in its file.

use clap::{ArgAction, Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

use crate::command::{
    can, check, completions, console, credentials, demo, estate_diff, exec, explain, graph, local, man,
    policy, reachable, serve, who_can, whoami,
};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::log::Log;
use crate::out::Out;

/// Call a service in another AWS account, as a role in it.
///
/// Run a program as the role with credentials that refresh themselves, see who you are and where your credentials
/// come from, and try it all on this machine.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version, propagate_version = true, after_long_help = exit::TABLE)]
pub(crate) struct Args {
    /// Say on standard error what is going on; twice for more. ROLECALL_LOG=debug does the same.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, one file each under `command/`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Can(Box<can::Args>),
    Check(Box<check::Args>),
    Completions(completions::Args),
    Console(Box<console::Args>),
    Credentials(Box<credentials::Args>),
    Demo(demo::Args),
    EstateDiff(Box<estate_diff::Args>),
    Exec(Box<exec::Args>),
    Explain(Box<explain::Args>),
    Graph(Box<graph::Args>),
    Local(Box<local::Args>),
    Man(man::Args),
    Policy(policy::Args),
    Reachable(Box<reachable::Args>),
    Serve(Box<serve::Args>),
    WhoCan(Box<who_can::Args>),
    Whoami(Box<whoami::Args>),
}

impl Command {
    /// What it writes to the log unasked: one that runs until it is stopped has somebody who watches.
    pub(crate) fn log(&self) -> Log {
        if let Self::Serve(args) = self {
            return args.log();
        }
        let is_server = matches!(self, Self::Local(args) if args.is_server());
        Log::from(if is_server { LevelFilter::WARN } else { LevelFilter::OFF })
    }

    /// Runs the command that was typed.
    pub(crate) fn run(self, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Can(args) => can::run(&args, out),
            Self::Check(args) => check::run(&args, out),
            Self::Completions(args) => completions::run(&args, out),
            Self::Console(args) => console::run(*args, out),
            Self::Credentials(args) => credentials::run(&args, out),
            Self::Demo(args) => demo::run(&args, out),
            Self::EstateDiff(args) => estate_diff::run(&args, out),
            Self::Exec(args) => exec::run(*args, out),
            Self::Explain(args) => explain::run(&args, out),
            Self::Graph(args) => graph::run(&args, out),
            Self::Local(args) => local::run(*args, out),
            Self::Man(args) => man::run(&args, out),
            Self::Policy(args) => policy::run(args, out),
            Self::Reachable(args) => reachable::run(&args, out),
            Self::Serve(args) => serve::run(&args, out),
            Self::WhoCan(args) => who_can::run(&args, out),
            Self::Whoami(args) => whoami::run(&args, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Clap's own check of the definitions: clashing names, impossible defaults.
    #[test]
    fn definitions_are_consistent() {
        Args::command().debug_assert();
    }

    /// A command's long help shows at least one example a reader can paste.
    #[test]
    fn every_command_has_an_example() {
        for command in Args::command().get_subcommands() {
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("rolecall "), "`{}` has no example in its help", command.get_name());
        }
    }
}
