//! A local AWS, from its settings to its end.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

use rolecall_endpoint::Endpoint;
use rolecall_iam::AccountId;
use tokio::net::TcpListener;

use crate::authenticate::Authenticator;
use crate::clock::Clock;
use crate::directory::{Directory, MANAGEMENT_ACCOUNT};
use crate::dynamodb::Tables;
use crate::ecs::Tasks;
use crate::journal::Entry;
use crate::secret::Secret;
use crate::server;
use crate::sigv4::SigningKeys;
use crate::store::{Store, StoreError};
use crate::token::Tokens;
use crate::world::World;

/// How a local AWS is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The loopback port; 0 takes a free one.
    pub port: u16,
    /// Where to keep accounts, IAM and tables; nothing is written where there is none.
    pub data: Option<PathBuf>,
    /// The secret that twelve-digit root keys must be signed with; without one any secret will do.
    pub root_secret: Option<RootSecret>,
    /// A DynamoDB-compatible server to forward to, instead of the one inside.
    pub dynamodb_upstream: Option<String>,
    /// The organisation's management account, which control policies do not restrict.
    pub management_account: Option<AccountId>,
    /// Put permissions into words too, not only refusals: for people who watch.
    pub explain_all: bool,
    /// The machine's clock.
    pub clock: fn() -> SystemTime,
    /// How many seconds this AWS is ahead of the machine, or behind it: as if the machine's clock were wrong. Signatures,
    /// sessions and the `Date` of answers go by it.
    pub skew: i64,
}

/// The secret of root keys. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct RootSecret(Secret);

impl RootSecret {
    /// Takes the secret.
    pub fn new(secret: String) -> Self {
        Self(Secret::new(secret))
    }
}

impl std::fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootSecret(..)")
    }
}

/// Why a local AWS did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or may not be had.
    #[error("port {port} of {address} cannot be used", port = .address.port(), address = .address.ip())]
    Port {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The state cannot be read.
    #[error("the state in `{}` cannot be used", .path.display())]
    State {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The DynamoDB data plane cannot be made.
    #[error("DynamoDB cannot be served: {0}")]
    DynamoDb(String),
    /// The endpoint for tasks cannot be made.
    #[error("credentials for tasks cannot be served")]
    Tasks(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A local AWS, listening. It answers once [`Local::serve`] runs.
#[derive(Debug)]
pub struct Local {
    world: Arc<World>,
    listener: TcpListener,
    address: SocketAddr,
}

/// A look at a local AWS that is being served.
#[derive(Clone, Debug)]
pub struct Handle(Arc<World>);

impl Local {
    /// Opens the port and the state.
    ///
    /// # Errors
    /// The port is taken, the state cannot be read, or the data plane cannot be made.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), settings.port);
        let port = |source| StartError::Port { address, source };
        let listener = TcpListener::bind(address).await.map_err(port)?;
        let address = listener.local_addr().map_err(port)?;
        let mut directory = Directory::new(settings.management_account.unwrap_or(MANAGEMENT_ACCOUNT));
        let clock = Clock::new(settings.clock, settings.skew);
        let (store, key) = match &settings.data {
            Some(path) => {
                let state =
                    |source: StoreError| StartError::State { path: path.clone(), source: source.into() };
                let (store, key, offset) = Store::open(path, &mut directory).map_err(state)?;
                clock.set_offset(offset);
                (Some(store), key)
            }
            None => (None, Tokens::new_key()),
        };
        let tables = Tables::open(settings.data.as_deref(), settings.dynamodb_upstream.as_deref());
        let tables = tables.map_err(StartError::DynamoDb)?;
        let endpoint = Endpoint::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await;
        let endpoint = endpoint.map_err(|error| StartError::Tasks(error.into()))?;
        let authenticator = Authenticator {
            tokens: Tokens::new(key),
            keys: SigningKeys::default(),
            root_secret: settings.root_secret.clone().map(|secret| secret.0),
        };
        let world = World {
            directory: RwLock::new(directory),
            authenticator,
            clock,
            clock_moved: tokio::sync::Notify::new(),
            tables,
            tasks: Tasks::new(endpoint),
            journal: crate::journal::Journal::default(),
            explain_all: settings.explain_all,
            store,
        };
        Ok(Self { world: Arc::new(world), listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle that stays good while it is served.
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.world))
    }

    /// Serves until `until`, then lets the requests that run finish.
    pub async fn serve(self, until: impl Future<Output = ()>) {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let world = Arc::clone(&self.world);
        let tasks = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            world.tasks.serve(until).await;
        });
        let world = Arc::clone(&self.world);
        tokio::select! {
            () = world.sweep() => {}
            () = server::serve(self.world, self.listener, until) => {}
        }
        drop(stop);
        drop(tasks.await);
    }
}

impl Handle {
    /// The requests that were answered after the one with this number; 0 for all that are remembered.
    pub fn journal_after(&self, number: u64) -> Vec<Entry> {
        self.0.journal.after(number)
    }
}
