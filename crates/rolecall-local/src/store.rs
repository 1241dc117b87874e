//! IAM's state on disk, where the user asks for it: one SQLite file, written before the answer is given.
//!
//! It holds secrets, so it is readable by its owner only.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rolecall_iam::{Account, AccountId, Organization, Policy};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::directory::{AccessKey, Directory};
use crate::secret::Secret;
use crate::token::Tokens;

/// The file.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Mutex<Connection>,
    /// Locked for as long as this process uses the directory; the system lets go of it however the process ends.
    _lock: fs::File,
}

/// Why state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The directory or the file cannot be made or opened.
    #[error("`{path}` cannot be used to keep state")]
    Io { path: PathBuf, source: io::Error },
    /// Another process has the directory: of two, each would overwrite what the other has answered.
    #[error("another process keeps its state in `{path}`")]
    InUse { path: PathBuf },
    /// SQLite says no.
    #[error("the state file cannot be read or written")]
    Sqlite(#[from] rusqlite::Error),
    /// What is in the file is not what was written.
    #[error("the state file is damaged: its part `{part}` cannot be read")]
    Damaged { part: String, source: serde_json::Error },
}

/// One account as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept<A, K> {
    account: A,
    keys: Vec<K>,
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS account (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
";

impl Store {
    /// Opens or makes the state in `directory`, and fills `into` with what is there. Gives the key under which
    /// session tokens are sealed, and what the clock was moved by.
    pub(crate) fn open(directory: &Path, into: &mut Directory) -> Result<(Self, Secret, i64), StoreError> {
        make_private(directory)?;
        let lock = private_file(&directory.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: directory.to_owned() });
            }
            Err(fs::TryLockError::Error(source)) => {
                return Err(StoreError::Io { path: directory.join("lock"), source });
            }
        }
        let path = directory.join("iam.db");
        drop(private_file(&path)?);
        let connection = Connection::open(&path)?;
        connection.execute_batch(SCHEMA)?;
        let store = Self { connection: Mutex::new(connection), _lock: lock };
        store.load(into)?;
        let key = match store.setting("token-key")? {
            Some(key) => Secret::new(key),
            None => {
                let key = Tokens::new_key();
                store.set("token-key", key.expose())?;
                key
            }
        };
        let offset = store.setting("clock-offset")?.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok((store, key, offset))
    }

    /// Writes one account, and what all accounts share.
    pub(crate) fn save(&self, directory: &Directory, id: AccountId) -> Result<(), StoreError> {
        let Some(account) = directory.estate.account(id) else { return Ok(()) };
        let keys = directory.keys.values().filter(|key| key.account == id).collect();
        let account = to_json("account", &Kept { account, keys })?;
        let organization = to_json("organization", &directory.estate.organization)?;
        let policies = to_json("aws-policies", &directory.estate.aws_policies)?;
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction()?;
        transaction
            .execute("INSERT OR REPLACE INTO account VALUES (?1, ?2)", params![id.as_str(), account])?;
        for (name, value) in [("organization", organization), ("aws-policies", policies)] {
            transaction.execute("INSERT OR REPLACE INTO setting VALUES (?1, ?2)", params![name, value])?;
        }
        Ok(transaction.commit()?)
    }

    /// Writes what the clock was moved by.
    pub(crate) fn save_offset(&self, seconds: i64) -> Result<(), StoreError> {
        self.set("clock-offset", &seconds.to_string())
    }

    fn load(&self, into: &mut Directory) -> Result<(), StoreError> {
        if let Some(text) = self.setting("organization")? {
            into.estate.organization = from_json::<Option<Organization>>("organization", &text)?;
        }
        if let Some(text) = self.setting("aws-policies")? {
            into.estate.aws_policies =
                from_json::<std::collections::BTreeMap<String, Policy>>("aws-policies", &text)?;
        }
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection.prepare("SELECT id, state FROM account")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        for row in rows {
            let (id, text) = row?;
            let kept: Kept<Account, AccessKey> = from_json(&id, &text)?;
            into.estate.accounts.insert(kept.account.id, kept.account);
            into.keys.extend(kept.keys.into_iter().map(|key| (key.id.clone(), key)));
        }
        Ok(())
    }

    fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let query = "SELECT value FROM setting WHERE name = ?1";
        Ok(connection.query_row(query, [name], |row| row.get(0)).optional()?)
    }

    fn set(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute("INSERT OR REPLACE INTO setting VALUES (?1, ?2)", params![name, value])?;
        Ok(())
    }
}

/// Makes a directory that only its owner can enter.
pub(crate) fn make_private(directory: &Path) -> Result<(), StoreError> {
    let io = |source| StoreError::Io { path: directory.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(io)
}

/// Opens or makes a file with its permissions, so that it is never readable by others, not even for a moment.
fn private_file(path: &Path) -> Result<fs::File, StoreError> {
    let file = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    file.map_err(|source| StoreError::Io { path: path.to_owned(), source })
}

fn to_json(part: &str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Damaged { part: part.to_owned(), source })
}

fn from_json<'a, T: Deserialize<'a>>(part: &str, text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Damaged { part: part.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::directory::MANAGEMENT_ACCOUNT;

    fn management() -> AccountId {
        MANAGEMENT_ACCOUNT
    }

    #[test]
    fn what_was_saved_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let id: AccountId = "111111111111".parse().unwrap();
        let mut first = Directory::new(management());
        let (store, key, _) = Store::open(folder.path(), &mut first).unwrap();
        first.account(id, 7);
        store.save(&first, id).unwrap();
        store.save_offset(3600).unwrap();
        drop(store);

        let mut second = Directory::new(management());
        let (_, same_key, offset) = Store::open(folder.path(), &mut second).unwrap();
        assert_eq!(second.estate, first.estate);
        assert_eq!((same_key, offset), (key, 3600));
        let mode = fs::metadata(folder.path().join("iam.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_said_to_be_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let mut directory = Directory::new(management());
        let (store, ..) = Store::open(folder.path(), &mut directory).unwrap();
        store.set("organization", "{").unwrap();
        drop(store);
        let error = Store::open(folder.path(), &mut directory).unwrap_err();
        assert_eq!(error.to_string(), "the state file is damaged: its part `organization` cannot be read");
    }
}
