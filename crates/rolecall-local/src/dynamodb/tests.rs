//! Calls from the first byte to the last: read, allowed, served by the embedded plane.

mod items;
mod needs;
mod nesting;
mod policies;
mod streams;
mod tables;
mod upstream;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::RwLock;
use std::time::{Duration, UNIX_EPOCH};

use rolecall_iam::{Identity, Policy, PolicyKind, Principal, Role, RoleSession};
use serde_json::{Value, json};

use crate::authenticate::Authenticator;
use crate::authorize::authorize;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::dynamodb::{Call, Tables, read, serve};
use crate::ecs::Tasks;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::sigv4::SigningKeys;
use crate::token::Tokens;
use crate::world::World;

/// Two accounts, as everywhere in this project.
pub(super) const ONE: &str = "111111111111";
pub(super) const TWO: &str = "222222222222";

/// 2026-01-01
pub(super) const NOW: i64 = 1_767_225_600;

/// The root user of an account, in `eu-west-1`.
pub(super) fn caller(account: &str) -> Caller {
    from(Principal::Root(account.parse().unwrap()))
}

fn from(principal: Principal) -> Caller {
    let account = principal.account().unwrap();
    Caller {
        context: principal.context(),
        principal,
        account,
        access_key_id: account.to_string(),
        session: None,
        region: "eu-west-1".to_owned(),
    }
}

/// An AWS with two accounts, and a time that stands still until it is moved.
pub(super) struct Aws {
    pub(super) world: World,
    runtime: tokio::runtime::Runtime,
}

impl Aws {
    pub(super) fn new() -> Self {
        Self::with(Tables::open(None, None).unwrap())
    }

    pub(super) fn at(folder: &Path) -> Self {
        Self::with(Tables::open(Some(folder), None).unwrap())
    }

    fn with(tables: Tables) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self::on(runtime, tables)
    }

    fn on(runtime: tokio::runtime::Runtime, tables: Tables) -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let endpoint = runtime.block_on(rolecall_endpoint::Endpoint::bind(any_port)).unwrap();
        let mut directory = Directory::new("000000000000".parse().unwrap());
        for account in [ONE, TWO] {
            directory.account(account.parse().unwrap(), NOW);
        }
        let tokens = Tokens::new(Tokens::new_key());
        let world = World {
            directory: RwLock::new(directory),
            authenticator: Authenticator { tokens, keys: SigningKeys::default(), root_secret: None },
            clock_moved: tokio::sync::Notify::new(),
            clock: Clock::new(|| UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()), 0),
            tables,
            tasks: Tasks::new(endpoint),
            journal: Journal::default(),
            explain_all: false,
            store: None,
        };
        Self { world, runtime }
    }

    /// A session of a role `task` in the account, with one identity policy.
    pub(super) fn role(&self, account: &str, statements: &str) -> Caller {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policy = Policy::new(&text, PolicyKind::Identity).unwrap();
        let identity = Identity {
            name: "task".to_owned(),
            path: "/".to_owned(),
            id: format!("AROA{account}"),
            inline: [("p".to_owned(), policy)].into(),
            ..Identity::default()
        };
        let trust = Policy::lenient(r#"{"Statement":[]}"#);
        let role = Role { identity, trust, description: None, max_session_duration: 3600 };
        let id = account.parse().unwrap();
        self.world.write().account(id, NOW).roles.insert("task".to_owned(), role);
        from(Principal::RoleSession(RoleSession {
            account: id,
            role_arn: format!("arn:aws:iam::{account}:role/task"),
            role_name: "task".to_owned(),
            role_id: format!("AROA{account}"),
            session_name: "s".to_owned(),
        }))
    }

    /// Reads a call as far as what it needs.
    pub(super) fn read(&self, caller: &Caller, operation: &str, body: &str) -> Result<Call, Fault> {
        let streams =
            ["ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"].contains(&operation);
        let body = body.to_owned().into();
        self.runtime.block_on(read(&self.world.tables, streams, operation, body, caller))
    }

    /// The whole way, for anybody.
    pub(super) fn call_as(&self, caller: &Caller, operation: &str, body: &str) -> Result<Value, Fault> {
        let call = self.read(caller, operation, body)?;
        let permit = authorize(&self.world.read().estate, caller, call.needs(), false)
            .map_err(|denied| Fault::new(400, "AccessDeniedException", denied.message))?;
        let answer = self.runtime.block_on(serve(&self.world, call, caller, &permit))?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    /// The whole way, for the account's root user.
    pub(super) fn call(&self, account: &str, operation: &str, body: &Value) -> Result<Value, Fault> {
        self.call_as(&caller(account), operation, &body.to_string())
    }

    #[track_caller]
    pub(super) fn ok(&self, account: &str, operation: &str, body: &Value) -> Value {
        let answer = self.call(account, operation, body);
        answer.unwrap_or_else(|fault| panic!("{operation}: {}: {}", fault.code, fault.message))
    }

    /// The refusal: `code: message`.
    #[track_caller]
    pub(super) fn refused(&self, account: &str, operation: &str, body: &Value) -> String {
        match self.call(account, operation, body) {
            Ok(answer) => panic!("{operation} succeeded: {answer}"),
            Err(fault) => format!("{}: {}", fault.code, fault.message),
        }
    }

    /// A table `orders` with the keys `pk` and `sk` and an index `by-day`.
    pub(super) fn create(&self, account: &str) -> Value {
        self.ok(account, "CreateTable", &orders())
    }

    pub(super) fn sweep(&self) -> usize {
        self.runtime.block_on(self.world.tables.sweep(self.world.clock.now())).unwrap()
    }
}

pub(super) fn orders() -> Value {
    json!({
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "N" },
            { "AttributeName": "day", "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-day",
            "KeySchema": [{ "AttributeName": "day", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }],
    })
}

pub(super) fn order(pk: &str, sk: i32) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "N": sk.to_string() }, "day": { "S": "monday" }, "n": { "N": "1" } })
}

pub(super) fn key(pk: &str, sk: i32) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "N": sk.to_string() } })
}
