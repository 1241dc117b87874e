//! `rolecall serve`: a sidecar that serves credentials of several roles.

mod config;
mod guide;
mod numbers;
mod roles;
mod served;
mod status;
mod token;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rolecall::Hop;
use rolecall_endpoint::{Endpoint, Socket};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Mutex, watch};
use tracing_subscriber::filter::LevelFilter;

use self::config::{Config, Wish};
use self::roles::Roles;
use crate::command::mfa::Terminal;
use crate::command::role::{self, Role, Source};
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::log::{Form, Log};
use crate::out::Out;
use crate::runtime;

/// Where it listens if nothing else is said.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9911);
/// An SDK comes back once a session: after this nobody uses a role any more.
const IDLE: Duration = Duration::from_secs(2 * 3600);

const EXAMPLES: &str = "\
Examples:
  rolecall serve --config roles.toml
  rolecall serve --role-arn arn:aws:iam::222222222222:role/switch-role --token-dir ~/.rolecall
  rolecall serve --profile orders --token-dir ~/.rolecall
  rolecall serve --check                              # is the one that runs ready? 0 yes, 1 no
  kill -HUP $(pidof rolecall)                         # read roles.toml again

A client's environment (printed at the start, as JSON with --json):
  AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:9911/v1/role/orders
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/run/rolecall/orders.token
  AWS_REGION and AWS_DEFAULT_REGION; and nothing that SDKs look at first: keys, profiles, web identity tokens,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI.

";

const PAGES: &str = "

Pages without secrets, at the same address and at --status-listen:
  /live      200 while it runs
  /ready     200 while every role has credentials, or rests; which, and why not, as JSON
  /metrics   for Prometheus

Signals:
  SIGHUP reads the file again: roles come, go and change; a file with a mistake changes nothing and is said in the log.
  A role that has changed is served as it was until there are credentials for it as it is now.
  SIGTERM and SIGINT end it: what is being answered is finished, the token files it wrote are removed.

It starts when STS is down and keeps trying. While it has credentials that are good it never waits for STS, and never
hands out a set that ends before the one before. The log has a line for every refresh (--log json for machines).";

/// Serve the credentials of several roles to other programs, and keep them fresh
///
/// A sidecar. Every role has a path and a token of its own, over the endpoint that containers use: any program with an
/// AWS SDK gets its credentials there. Listens on a loopback address only, unless it is forced.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
#[group(id = "what", required = true, multiple = true, args = ["config", "role_arn", "profile", "check"])]
pub(crate) struct Args {
    /// The roles to serve, as a file; see below
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The role to serve, if it is one
    #[arg(long, value_name = "ARN", conflicts_with = "config")]
    role_arn: Option<String>,

    /// The last part of that one role's path: /v1/role/NAME
    #[arg(long, value_name = "NAME", default_value = "default", conflicts_with = "config")]
    name: String,

    /// A file with the token of that one role, only yours to read, instead of one that is made; it is read again as it
    /// changes
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    token_file: Option<PathBuf>,

    /// Write each role's token into this folder, as NAME.token, readable by you alone; others must not be able to write
    /// to the folder
    #[arg(long, value_name = "DIR")]
    token_dir: Option<PathBuf>,

    /// The address and port to listen on; port 0 takes a free one [default: 127.0.0.1:9911]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// Listen even if others can reach the address: whoever has a token gets credentials, unencrypted
    #[arg(long)]
    force_network: bool,

    /// Serve /live, /ready and /metrics at this address too, which may be any
    #[arg(long, value_name = "ADDRESS")]
    status_listen: Option<SocketAddr>,

    /// Serve over a Unix socket too, by user id and without a token
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,

    /// The id of another user who may use the socket; may be repeated
    #[arg(long, value_name = "UID", requires = "socket")]
    allow_uid: Vec<u32>,

    /// Do not renew a role that nobody has asked for so long, until somebody does; 0 renews always [default: 2h]
    #[arg(long, value_name = "TIME", value_parser = role::duration)]
    idle: Option<Duration>,

    /// Print what clients need as JSON
    #[arg(long)]
    json: bool,

    /// What a line of the log looks like
    #[arg(long, value_enum, default_value_t)]
    log: Form,

    /// Ask the one that runs whether it is ready, and serve nothing
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    role: Role,

    #[command(flatten)]
    source: Source,
}

fn help() -> String {
    [EXAMPLES, config::EXAMPLE, PAGES].concat()
}

impl Args {
    /// A line for each refresh, unless it only asks another one.
    pub(crate) fn log(&self) -> Log {
        Log { level: if self.check { LevelFilter::OFF } else { LevelFilter::INFO }, form: self.log }
    }

    /// Where it listens.
    fn address(&self) -> Result<SocketAddr, Failure> {
        let written = match &self.config {
            Some(path) if self.listen.is_none() => Config::address(path)?,
            Some(_) | None => None,
        };
        Ok(self.listen.or(written).unwrap_or(ADDRESS))
    }

    /// What is to be served: by the file, where there is one, and by flags, which say more than it.
    async fn load(&self) -> Result<(Settings, Vec<Wish>), Failure> {
        let (config, wishes) = match &self.config {
            Some(_) if self.source.profile.is_some() || !self.role.is_plain() => {
                let what = "with `--config` it is the file that says everything about a role";
                return Err(Failure::new(Kind::Usage, what)
                    .hint("write it below `[role.NAME]`; `rolecall serve --help` shows the keys"));
            }
            Some(path) => Config::load(path).await?,
            None => (Config::default(), vec![self.one().await?]),
        };
        let allow_uids = if self.allow_uid.is_empty() { config.allow_uids } else { self.allow_uid.clone() };
        let settings = Settings {
            listen: self.listen.or(config.listen).unwrap_or(ADDRESS),
            status_listen: self.status_listen.or(config.status_listen),
            socket: self.socket.clone().or(config.socket),
            allow_uids,
            token_dir: self.token_dir.clone().or(config.token_dir),
            idle: Some(self.idle.or(config.idle).unwrap_or(IDLE)).filter(|idle| !idle.is_zero()),
        };
        Ok((settings, wishes))
    }

    async fn one(&self) -> Result<Wish, Failure> {
        let invalid = |error| Failure::new(Kind::Usage, error);
        let profile = self.source.profile().await?;
        let own = profile.as_ref().and_then(|profile| profile.hops().last()).map(Hop::role_arn);
        let role_arn = self.role_arn.as_deref().or(own).unwrap_or_default().to_owned();
        let session = self.role.session(self.role_arn.as_deref(), &self.source, &Terminal::default()).await?;
        role_arn.parse::<rolecall::RoleArn>().map_err(invalid)?;
        session.check()?;
        config::check_name(&self.name).map_err(|what| Failure::new(Kind::Usage, what))?;
        let (name, source, token) = (self.name.clone(), self.source.clone(), self.token_file.clone());
        Ok(Wish::new(name, role_arn, session, source, token))
    }
}

/// How it serves. Changing any of this takes a restart.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Settings {
    listen: SocketAddr,
    status_listen: Option<SocketAddr>,
    socket: Option<PathBuf>,
    allow_uids: Vec<u32>,
    token_dir: Option<PathBuf>,
    idle: Option<Duration>,
}

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let runtime = runtime::current_thread()?;
    if args.check {
        return runtime.block_on(status::check(args.address()?, out));
    }
    let (settings, wishes) = runtime.block_on(args.load())?;
    runtime.block_on(serve(args, &settings, wishes, out))
}

async fn serve(args: &Args, settings: &Settings, wishes: Vec<Wish>, out: &mut Out) -> Result<Exit, Failure> {
    // Before anything else, so that none is lost.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let hangup = signal(SignalKind::hangup())?;
    crate::command::exec::keep_out_of_core_files();
    let endpoint = bind(settings.listen, args.force_network).await?;
    let roles = Roles::new(endpoint.clone(), settings.token_dir.clone(), settings.idle);
    let roles = Arc::new(Mutex::new(roles));
    status::add_pages(&endpoint, &roles);
    let status = match settings.status_listen {
        Some(address) => {
            Some(endpoint.bind_status(address).await.map_err(|error| Failure::new(Kind::Other, error))?)
        }
        None => None,
    };
    if let Some(folder) = &settings.token_dir {
        // The socket may be in it.
        token::make_ready(folder)?;
    }
    let socket = settings.socket.as_deref().map(|path| {
        let owner = rustix::process::geteuid().as_raw();
        Socket::bind(path, owner, &settings.allow_uids).map_err(|error| Failure::new(Kind::Other, error))
    });
    let socket = socket.transpose()?;
    // Tokens are written once nothing else can be in the way: those of a server that runs are not replaced in vain.
    roles.lock().await.apply(wishes).await?;
    let told =
        guide::print(&*roles.lock().await, &endpoint, status.as_ref(), socket.as_ref(), args.json, out);
    if told.is_err() {
        roles.lock().await.stop();
    }
    told?;

    let (stop, stopping) = watch::channel(());
    let stopped = || {
        let mut stopping = stopping.clone();
        // It never changes: it ends.
        async move { stopping.changed().await.unwrap_or_default() }
    };
    let work = async {
        tokio::join!(
            endpoint.serve(stopped()),
            async {
                if let Some(socket) = &socket {
                    endpoint.serve_socket(socket, stopped()).await;
                }
            },
            async {
                if let Some(status) = &status {
                    status.serve(stopped()).await;
                }
            },
        );
    };
    let watch = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = reload(hangup, args, settings, &roles) => {}
        }
        tracing::info!("stopping");
        drop(stop);
    };
    tokio::join!(work, watch);
    roles.lock().await.stop();
    Ok(Exit::Success)
}

async fn bind(address: SocketAddr, force: bool) -> Result<Endpoint, Failure> {
    let is_network = !address.ip().is_loopback();
    let bound = if force { Endpoint::bind_anywhere(address).await } else { Endpoint::bind(address).await };
    if is_network && force {
        tracing::warn!(%address, "others can reach this address: whoever has a token gets credentials, unencrypted");
    }
    bound.map_err(|error| {
        let failure = Failure::new(if is_network && !force { Kind::Usage } else { Kind::Other }, error);
        if is_network && !force {
            failure.hint(
                "listen on 127.0.0.1 or [::1]; for probes and Prometheus there is `--status-listen`, and \
                 `--force-network` is for networks that nobody else is on",
            )
        } else {
            failure.hint("another program may have it: `--listen 127.0.0.1:0` takes a free port")
        }
    })
}

/// Reads the file again whenever it is told to, for as long as this is polled.
async fn reload(mut hangup: Signal, args: &Args, settings: &Settings, roles: &Mutex<Roles>) {
    while hangup.recv().await.is_some() {
        let result = match args.load().await {
            Ok((new, wishes)) => {
                if new != *settings {
                    tracing::warn!(
                        "addresses, the socket, the token folder and idle times change with a restart only"
                    );
                }
                let mut roles = roles.lock().await;
                let result = roles.apply(wishes).await;
                let (done, failed) = &mut roles.reloads;
                *(if result.is_ok() { done } else { failed }) += 1;
                result
            }
            Err(failure) => {
                roles.lock().await.reloads.1 += 1;
                Err(failure)
            }
        };
        match result {
            Ok(changes) => tracing::info!(
                added = changes.added.join(" "),
                changed = changes.changed.join(" "),
                removed = changes.removed.join(" "),
                "the configuration was read again"
            ),
            Err(failure) => {
                tracing::error!(error = %failure.error(), "the configuration was not read: nothing is changed");
            }
        }
    }
}
