//! `rolecall local`: an AWS on this machine, and what goes with it.

mod clock;
pub(crate) mod environment;
mod exec;
mod log;
pub(crate) mod made;
mod scp;
mod serve;
mod task;

use std::net::{Ipv4Addr, SocketAddr};

use clap::Subcommand;
use clap::builder::NonEmptyStringValueParser;
use rolecall_local::{Client, ClientError};

use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

/// The port where nothing else is said; other local AWSes have it too, and tools know it.
pub(crate) const PORT: u16 = 4566;

const EXAMPLES: &str = "\
Examples:
  rolecall local
  rolecall local --data ./state --port 4566
  rolecall local --terraform infra        with the roles, policies and tables that this configuration makes
  rolecall local exec --account 111111111111 -- terraform apply
  rolecall local task --role arn:aws:iam::111111111111:role/task-role -- python task.py
  rolecall local clock +1h
  rolecall local scp 222222222222 deny-dynamodb.json

Any client:
  AWS_ENDPOINT_URL=http://127.0.0.1:4566, and as keys
  a twelve-digit access key id for that account's root, or keys made by CreateAccessKey or AssumeRole.";

/// An AWS on this machine: STS, IAM, ECS credentials and DynamoDB, that says no as AWS says no
///
/// Without a command it serves several accounts on one loopback port until it is told to stop. Every request is
/// authenticated and authorised; a refusal carries AWS's words, and the log says which checks led to it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: serve::Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    Exec(exec::Args),
    Task(task::Args),
    Clock(clock::Args),
    Scp(scp::Args),
    Log(log::Args),
}

impl Args {
    /// Whether it serves, rather than asks one that does.
    pub(crate) fn is_server(&self) -> bool {
        self.command.is_none()
    }
}

/// Which local AWS to ask.
#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// The port it listens on
    #[arg(long, value_name = "PORT", default_value_t = PORT, env = "ROLECALL_LOCAL_PORT")]
    port: u16,

    /// The root secret it was started with
    #[arg(long, value_name = "SECRET", env = "ROLECALL_ROOT_SECRET", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    root_secret: Option<String>,
}

impl Server {
    pub(crate) fn client(&self) -> Client {
        Client::new(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)), self.root_secret.clone())
    }
}

/// Runs it.
pub(crate) fn run(args: Args, out: &mut Out) -> Result<Exit, Failure> {
    match args.command {
        None => serve::run(args.serve, out),
        Some(Command::Exec(args)) => exec::run(&args, out),
        Some(Command::Task(args)) => task::run(&args, out),
        Some(Command::Clock(args)) => clock::run(&args, out),
        Some(Command::Scp(args)) => scp::run(&args, out),
        Some(Command::Log(args)) => log::run(&args, out),
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unreachable { .. } => Self::new(Kind::Unreachable, error)
                .hint("start one with `rolecall local`, or name its port with `--port`"),
            ClientError::Strange { .. } => Self::new(Kind::Unreachable, error),
            ClientError::Refused { .. } => Self::new(Kind::Refused, error),
        }
    }
}
