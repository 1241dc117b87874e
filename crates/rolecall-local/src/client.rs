//! The other end of [`crate::control`]: how a program asks a running local AWS for what AWS does not have.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::Value;

use crate::control::SECRET_HEADER;
use crate::secret::Secret;
use crate::signed::{self, NoAnswer, SignedAnswer};

/// Asks the local AWS at one address.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    root_secret: Secret,
}

/// Why the local AWS did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens there.
    #[error("no local AWS answers at {address}")]
    Unreachable {
        /// Where it was looked for.
        address: SocketAddr,
        /// Why.
        source: NoAnswer,
    },
    /// It answered, and not as a local AWS does.
    #[error("what answers at {address} is not a local AWS: {reason}")]
    Strange {
        /// Who answered.
        address: SocketAddr,
        /// What was wrong with the answer.
        reason: String,
    },
    /// It said no.
    #[error("{message}")]
    Refused {
        /// AWS's error code, or the HTTP status.
        code: String,
        /// Its words.
        message: String,
    },
}

/// Credentials that a local AWS hands out.
#[derive(Clone)]
pub struct Administrator {
    /// `ASIA…`
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// The session token.
    pub session_token: String,
}

impl std::fmt::Debug for Administrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Administrator").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// A task that the local AWS runs the credentials of.
#[derive(Clone)]
pub struct Task {
    /// Its id, by which it is stopped.
    pub id: String,
    /// For `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub credentials_uri: String,
    /// For `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    pub token: String,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Client {
    /// Asks at `address`; `root_secret` is the one the local AWS was started with, if it was.
    pub fn new(address: SocketAddr, root_secret: Option<String>) -> Self {
        Self { address, root_secret: Secret::new(root_secret.unwrap_or_default()) }
    }

    /// `http://127.0.0.1:4566`, for `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Credentials of the account's administrator.
    ///
    /// # Errors
    /// Nobody answers, or the administrator role was deleted.
    pub async fn administrator(&self, account: &str) -> Result<Administrator, ClientError> {
        let answer = self.ask(Method::POST, "administrator", &[("account", account)], "").await?;
        Ok(Administrator {
            access_key_id: self.text(&answer, "access_key_id")?,
            secret_access_key: self.text(&answer, "secret_access_key")?,
            session_token: self.text(&answer, "session_token")?,
        })
    }

    /// Starts a task under a role, as ECS does.
    ///
    /// # Errors
    /// Nobody answers, or ECS may not assume the role.
    pub async fn start_task(&self, role_arn: &str, region: &str) -> Result<Task, ClientError> {
        let answer = self.ask(Method::POST, "tasks", &[("role", role_arn), ("region", region)], "").await?;
        Ok(Task {
            id: self.text(&answer, "id")?,
            credentials_uri: self.text(&answer, "credentials_uri")?,
            token: self.text(&answer, "token")?,
        })
    }

    /// Ends a task: its credentials are no longer handed out.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn stop_task(&self, id: &str) -> Result<(), ClientError> {
        self.ask(Method::DELETE, "tasks", &[("id", id)], "").await.map(drop)
    }

    /// Moves the clock on by so many seconds from where it is; gives the time it then is.
    ///
    /// # Errors
    /// Nobody answers, or it would move by more than a century.
    pub async fn move_clock(&self, seconds: i64) -> Result<String, ClientError> {
        let answer = self.ask(Method::POST, "clock", &[("add", &seconds.to_string())], "").await?;
        self.text(&answer, "now")
    }

    /// Puts the clock right again.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn reset_clock(&self) -> Result<String, ClientError> {
        let answer = self.ask(Method::POST, "clock", &[("set", "0")], "").await?;
        self.text(&answer, "now")
    }

    /// The time it is there, and by how many seconds it was moved.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn clock(&self) -> Result<(String, i64), ClientError> {
        let answer = self.ask(Method::GET, "clock", &[], "").await?;
        Ok((self.text(&answer, "now")?, answer.get("offset_seconds").and_then(Value::as_i64).unwrap_or(0)))
    }

    /// Makes `policy` the service control policy of an account, or takes away the one it has.
    ///
    /// # Errors
    /// Nobody answers, or the policy is not one.
    pub async fn set_service_control(&self, account: &str, policy: Option<&str>) -> Result<(), ClientError> {
        let method = if policy.is_some() { Method::PUT } else { Method::DELETE };
        let query = [("account", account)];
        self.ask(method, "service-control", &query, policy.unwrap_or_default()).await.map(drop)
    }

    /// The requests answered after the one with this number, oldest first, as JSON.
    ///
    /// # Errors
    /// Nobody answers.
    pub async fn journal_after(&self, number: u64) -> Result<Vec<Value>, ClientError> {
        let mut answer = self.ask(Method::GET, "journal", &[("after", &number.to_string())], "").await?;
        let entries = answer.get_mut("entries").and_then(Value::as_array_mut).map(std::mem::take);
        entries.ok_or_else(|| self.strange("it has no journal"))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: &str,
    ) -> Result<Value, ClientError> {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let uri = format!("/_rolecall/{path}?{}", pairs.extend_pairs(query).finish());
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("host", self.address.to_string())
            .header(SECRET_HEADER, self.root_secret.expose())
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
            .map_err(|error| self.strange(&error.to_string()))?;
        let answer = signed::exchange(self.address, request).await;
        let SignedAnswer { status, body } =
            answer.map_err(|source| ClientError::Unreachable { address: self.address, source })?;
        let answer: Result<Value, _> = serde_json::from_str(&body);
        match answer {
            Ok(answer) if status < 300 => Ok(answer),
            Ok(answer) => Err(ClientError::Refused {
                code: self.text(&answer, "code")?,
                message: self.text(&answer, "message")?,
            }),
            Err(_) => {
                let message = body.trim().to_owned();
                Err(ClientError::Refused { code: status.to_string(), message })
            }
        }
    }

    fn text(&self, answer: &Value, name: &str) -> Result<String, ClientError> {
        let text = answer.get(name).and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(|| self.strange(&format!("its answer has no `{name}`")))
    }

    fn strange(&self, reason: &str) -> ClientError {
        ClientError::Strange { address: self.address, reason: reason.to_owned() }
    }
}
