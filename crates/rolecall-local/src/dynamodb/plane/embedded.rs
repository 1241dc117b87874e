//! Tables in this process: one store for each account and Region, in memory or in a file of its own.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::{Storage, TableMetadata};

use super::dispatch::{dispatch, fault, finish};
use super::idempotency::{Token, Tokens};
use super::{Answer, DataPlane};
use crate::dynamodb::fault::internal;
use crate::dynamodb::schema::Schema;
use crate::dynamodb::target::{Place, Table};
use crate::fault::Fault;

/// The embedded data plane.
pub(crate) struct Embedded {
    folder: Option<PathBuf>,
    stores: RwLock<HashMap<Place, Arc<Store>>>,
    clock: Arc<StoreClock>,
}

/// The tables of one account in one Region.
struct Store {
    inner: Mutex<Inner>,
    lifecycle: VectorIndexLifecycle,
}

struct Inner {
    storage: Storage,
    tokens: Tokens,
}

/// The time the stores go by: that of the last call, and a microsecond more each time a fraction is asked for,
/// because the labels of streams are made of it.
#[derive(Debug, Default)]
struct StoreClock {
    seconds: AtomicI64,
    microseconds: AtomicU32,
}

impl dynoxide::storage_backend::Clock for StoreClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.seconds.load(Ordering::Relaxed)).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        let seconds = Duration::from_secs(self.now_unix_secs());
        let fraction = self.microseconds.fetch_add(1, Ordering::Relaxed) % 1_000_000;
        (seconds + Duration::from_micros(u64::from(fraction))).as_secs_f64()
    }
}

/// The operations whose answers hold ARNs, which have to be put right.
const ANSWERS_WITH_ARNS: &[&str] =
    &["CreateTable", "DeleteTable", "DescribeStream", "DescribeTable", "ListStreams", "UpdateTable"];
/// The operations that are asked with the ARN of a stream.
const REQUESTS_WITH_ARNS: &[&str] = &["DescribeStream", "GetShardIterator", "ListStreams"];

impl Embedded {
    /// Tables in memory: they end with the process.
    pub(crate) fn memory() -> Arc<Self> {
        Arc::new(Self::new(None))
    }

    /// Tables in files under `folder`, `ACCOUNT/REGION.db`, readable by their owner alone. What was answered
    /// outlives the process, however it ends.
    pub(crate) fn at(folder: PathBuf) -> Arc<Self> {
        Arc::new(Self::new(Some(folder)))
    }

    fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, stores: RwLock::default(), clock: Arc::default() }
    }

    /// The store of a place, where there is one already.
    fn existing(&self, place: &Place) -> Result<Option<Arc<Store>>, Fault> {
        if let Some(store) = self.stores.read().unwrap_or_else(PoisonError::into_inner).get(place) {
            return Ok(Some(Arc::clone(store)));
        }
        let is_saved = self.folder.as_ref().is_some_and(|folder| file(folder, place).exists());
        if is_saved { self.store(place).map(Some) } else { Ok(None) }
    }

    /// The store of a place, opened or made.
    fn store(&self, place: &Place) -> Result<Arc<Store>, Fault> {
        if let Some(store) = self.stores.read().unwrap_or_else(PoisonError::into_inner).get(place) {
            return Ok(Arc::clone(store));
        }
        let mut stores = self.stores.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = stores.get(place) {
            return Ok(Arc::clone(store));
        }
        let opened = match &self.folder {
            None => Storage::memory(),
            Some(folder) => open(&file(folder, place)).map_err(|error| {
                tracing::error!(%error, folder = %folder.display(), "cannot open a table store");
                internal()
            })?,
        };
        let storage = opened.map_err(|error| fault("", &error))?;
        let clock = Arc::clone(&self.clock);
        let storage = storage.with_clock(clock);
        let inner = Mutex::new(Inner { storage, tokens: Tokens::default() });
        let store = Arc::new(Store { inner, lifecycle: VectorIndexLifecycle::new() });
        stores.insert(place.clone(), Arc::clone(&store));
        Ok(store)
    }

    /// Does `work` on a store. A panic in there is an internal error, and the store goes on: what was half done
    /// is undone, and a store that is in a file is opened anew.
    fn on<T>(
        &self,
        place: &Place,
        store: &Store,
        work: impl FnOnce(&mut Inner, &VectorIndexLifecycle) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut inner = store.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut inner, &store.lifecycle)));
        done.unwrap_or_else(|_| {
            tracing::error!(account = %place.account, region = %place.region, "the table store panicked");
            if !inner.storage.conn().is_autocommit()
                && inner.storage.conn().execute_batch("ROLLBACK").is_err()
            {
                tracing::error!("the table store could not undo what it had begun");
            }
            if self.folder.is_some() {
                self.stores.write().unwrap_or_else(PoisonError::into_inner).remove(place);
            }
            Err(internal())
        })
    }

    fn run(&self, place: &Place, operation: &'static str, body: &[u8], now: i64) -> Result<Vec<u8>, Fault> {
        self.clock.seconds.store(now, Ordering::Relaxed);
        let token = Token::of(operation, body)?;
        let store = self.store(place)?;
        let run = |inner: &mut Inner, lifecycle: &VectorIndexLifecycle| {
            let Some(token) = token else { return dispatch(&inner.storage, lifecycle, operation, body) };
            if let Some(answer) = inner.tokens.find(&token, now)? {
                return Ok(answer);
            }
            let answer = dispatch(&inner.storage, lifecycle, operation, body)?;
            inner.tokens.remember(token, &answer, now);
            Ok(answer)
        };
        self.on(place, &store, run)
    }

    /// Carries out one operation; this waits for the disk where the store is in a file.
    pub(crate) fn answer(
        &self,
        place: &Place,
        operation: &'static str,
        body: &[u8],
        now: i64,
    ) -> Result<Vec<u8>, Fault> {
        let ours = place.arn_prefix();
        let shard = store_shard(operation, body);
        let result = if REQUESTS_WITH_ARNS.contains(&operation) {
            let body = replace(body, ours.as_bytes(), STORE_ARN.as_bytes());
            let body = shard
                .as_ref()
                .map(|shard| replace(&body, SHARD.as_bytes(), shard.as_bytes()))
                .unwrap_or(body);
            self.run(place, operation, &body, now)
        } else {
            self.run(place, operation, body, now)
        };
        match result {
            Ok(answer) if ANSWERS_WITH_ARNS.contains(&operation) => {
                let answer = replace(&answer, STORE_ARN.as_bytes(), ours.as_bytes());
                let kms = ours.replacen(":dynamodb:", ":kms:", 1);
                let answer = replace(&answer, STORE_KMS_ARN.as_bytes(), kms.as_bytes());
                Ok(shard.map(|shard| replace(&answer, shard.as_bytes(), SHARD.as_bytes())).unwrap_or(answer))
            }
            Ok(answer) => Ok(answer),
            Err(fault) => Err(Fault { message: fault.message.replace(STORE_ARN, &ours), ..fault }),
        }
    }

    fn read_schema(&self, table: &Table) -> Result<Option<Schema>, Fault> {
        let Some(store) = self.existing(&table.place)? else { return Ok(None) };
        self.on(&table.place, &store, |inner, _| {
            let failed = |error| fault("DescribeTable", &error);
            let Some(metadata) = inner.storage.get_table_metadata(&table.name).map_err(failed)? else {
                return Ok(None);
            };
            let tags = inner.storage.get_tags(&table.name).map_err(failed)?;
            let tags = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
            Ok(Some(Schema { tags, ..schema(&metadata) }))
        })
    }

    fn sweep_stores(&self, now: i64) -> Result<usize, Fault> {
        self.clock.seconds.store(now, Ordering::Relaxed);
        let stores: Vec<_> = {
            let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
            stores.iter().map(|(place, store)| (place.clone(), Arc::clone(store))).collect()
        };
        let mut deleted = 0;
        for (place, store) in stores {
            deleted += self.on(&place, &store, |inner, _| {
                finish(dynoxide::ttl::sweep_expired_items(&inner.storage))?.map_err(|error| fault("", &error))
            })?;
        }
        Ok(deleted)
    }
}

impl DataPlane for Arc<Embedded> {
    fn call<'a>(
        &'a self,
        place: &'a Place,
        operation: &'static str,
        body: Bytes,
        now: i64,
    ) -> Answer<'a, Vec<u8>> {
        if self.folder.is_none() && body.len() <= SMALL_BODY {
            // Memory is faster than a change of threads.
            return Box::pin(async move { self.answer(place, operation, &body, now) });
        }
        let (plane, place) = (Self::clone(self), place.clone());
        Box::pin(blocking(move || plane.answer(&place, operation, &body, now)))
    }

    fn schema<'a>(&'a self, table: &'a Table) -> Answer<'a, Option<Schema>> {
        if self.folder.is_none() {
            return Box::pin(async move { self.read_schema(table) });
        }
        let (plane, table) = (Self::clone(self), table.clone());
        Box::pin(blocking(move || plane.read_schema(&table)))
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn sweep(&self, now: i64) -> Answer<'_, usize> {
        let plane = Self::clone(self);
        Box::pin(blocking(move || plane.sweep_stores(now)))
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Larger requests are worked on for so long that others must not wait behind them.
const SMALL_BODY: usize = 64 * 1024;

/// Work that waits for the disk, or takes long, on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(internal()))
}

/// What the ARNs of the store start with: it knows no accounts.
const STORE_ARN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";
const STORE_KMS_ARN: &str = "arn:aws:kms:dynoxide:000000000000:";

/// The shard of a stream, each has one. The store names it after the table, which may make it shorter than the 28
/// characters that every SDK asks for, or longer than 65.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html>
const SHARD: &str = "shardId-00000000000000000001-00000001";

/// The store's own name of the shard that a call is about.
fn store_shard(operation: &str, body: &[u8]) -> Option<String> {
    if !["DescribeStream", "GetShardIterator"].contains(&operation) {
        return None;
    }
    let (_, table) = std::str::from_utf8(body).ok()?.split_once(":table/")?;
    Some(format!("shardId-00000001-{}", table.split_once("/stream/")?.0))
}

/// `text` with every `from` as `to`.
fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

fn file(folder: &Path, place: &Place) -> PathBuf {
    folder.join(place.account.as_str()).join(format!("{}.db", place.region))
}

/// Opens a store's file, made for its owner alone. A commit reaches the operating system before it is answered:
/// it outlives the process, though perhaps not the machine's power.
fn open(path: &Path) -> std::io::Result<Result<Storage, dynoxide::DynoxideError>> {
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    let name = path.to_str().ok_or_else(|| std::io::Error::other("the folder's name is not UTF-8"))?;
    Ok(Storage::new(name).and_then(|storage| {
        storage.conn().execute_batch("PRAGMA synchronous = NORMAL")?;
        Ok(storage)
    }))
}

/// The keys of a table and its indexes, which the store has as JSON.
fn schema(metadata: &TableMetadata) -> Schema {
    let indexes = [&metadata.gsi_definitions, &metadata.lsi_definitions];
    let indexes = indexes.into_iter().flatten().filter_map(|text| serde_json::from_str(text).ok());
    let indexes = indexes.flat_map(|list: Vec<serde_json::Value>| list);
    Schema {
        partition_key: serde_json::from_str(&metadata.key_schema)
            .ok()
            .and_then(|keys| partition_key(&keys))
            .unwrap_or_default(),
        indexes: indexes
            .filter_map(|index| {
                let name = index.get("IndexName")?.as_str()?.to_owned();
                Some((name, partition_key(index.get("KeySchema")?)?))
            })
            .collect(),
        tags: BTreeMap::new(),
        stream: metadata.stream_label.clone().filter(|_| metadata.stream_enabled),
    }
}

/// The name of the partition key in a `KeySchema`.
pub(super) fn partition_key(keys: &serde_json::Value) -> Option<String> {
    let is_hash = |key: &&serde_json::Value| key.get("KeyType").is_some_and(|kind| kind == "HASH");
    let key = keys.as_array()?.iter().find(is_hash)?;
    Some(key.get("AttributeName")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { account: "111111111111".parse().unwrap(), region: "eu-west-1".to_owned() }
    }

    #[test]
    fn a_panic_in_the_store_is_one_error_and_not_the_end() {
        let folder = tempfile::tempdir().unwrap();
        for plane in [Embedded::memory(), Embedded::at(folder.path().to_owned())] {
            let table = br#"{"TableName":"orders","BillingMode":"PAY_PER_REQUEST",
                "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
                "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}"#;
            plane.answer(&place(), "CreateTable", table, 1).unwrap();
            let store = plane.store(&place()).unwrap();
            let failed = plane.on::<()>(&place(), &store, |inner, _| {
                inner.storage.conn().execute_batch("BEGIN").unwrap();
                inner.storage.drop_data_table("orders").unwrap();
                panic!("as a test");
            });
            assert_eq!(failed.unwrap_err().status, 500);
            drop(store);
            let put = br#"{"TableName":"orders","Item":{"pk":{"S":"a"}}}"#;
            plane.answer(&place(), "PutItem", put, 1).unwrap();
            let got =
                plane.answer(&place(), "GetItem", br#"{"TableName":"orders","Key":{"pk":{"S":"a"}}}"#, 1);
            assert_eq!(got.unwrap(), br#"{"Item":{"pk":{"S":"a"}}}"#);
        }
    }

    #[test]
    fn looking_does_not_make_a_store() {
        let folder = tempfile::tempdir().unwrap();
        for plane in [Embedded::memory(), Embedded::at(folder.path().to_owned())] {
            let table = Table { place: place(), name: "orders".to_owned() };
            assert_eq!(plane.read_schema(&table), Ok(None));
            assert!(plane.stores.read().unwrap().is_empty());
        }
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    }

    #[test]
    fn text_is_replaced() {
        for (text, expected) in [("", ""), ("ab", "ab"), ("xx", "yzyz"), ("axbx", "ayzbyz")] {
            assert_eq!(replace(text.as_bytes(), b"x", b"yz"), expected.as_bytes());
        }
    }
}
