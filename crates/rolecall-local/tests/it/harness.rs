//! A local AWS for one test, and clients for it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rolecall_local::{
    Client, Handle, Local, RootSecret, Settings, SignedAnswer, SignedClient, SigningCredentials,
};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const WORKLOAD: &str = "111111111111";
pub(crate) const TARGET: &str = "222222222222";
pub(crate) const REGION: &str = "eu-west-1";

/// A trust policy that lets ECS in.
pub(crate) const TRUST_ECS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A running local AWS; it stops when dropped.
pub(crate) struct Aws {
    runtime: Runtime,
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<()>>,
}

impl Aws {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn at(data: PathBuf) -> Self {
        Self::with(|settings| settings.data = Some(data))
    }

    pub(crate) fn with_root_secret(secret: &str) -> Self {
        Self::with(|settings| settings.root_secret = Some(RootSecret::new(secret.to_owned())))
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            port: 0,
            data: None,
            root_secret: None,
            dynamodb_upstream: None,
            management_account: None,
            explain_all: false,
            clock: now,
            skew: 0,
        };
        change(&mut settings);
        let runtime = Runtime::new().unwrap();
        let local = runtime.block_on(Local::start(&settings)).unwrap();
        let (address, handle) = (local.address(), local.handle());
        let (stop, stopped) = oneshot::channel();
        let served = runtime.spawn(local.serve(async {
            drop(stopped.await);
        }));
        Self { runtime, address, handle, stop: Some(stop), served: Some(served) }
    }

    /// A client for what AWS does not have.
    pub(crate) fn control(&self) -> Client {
        Client::new(self.address, None)
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Signs as the root of an account.
    pub(crate) fn root(&self, account: &str) -> As<'_> {
        self.signing(account, "any", None)
    }

    pub(crate) fn signing(&self, id: &str, secret: &str, token: Option<&str>) -> As<'_> {
        let credentials = SigningCredentials::new(id.to_owned(), secret.to_owned(), token.map(str::to_owned));
        As {
            aws: self,
            client: SignedClient { address: self.address, credentials, region: REGION.to_owned() },
        }
    }

    /// Makes a user with an access key, and signs as that user.
    pub(crate) fn user(&self, account: &str, name: &str, policy: Option<&str>) -> As<'_> {
        let root = self.root(account);
        root.done("iam", "CreateUser", &[("UserName", name)]);
        if let Some(policy) = policy {
            root.done(
                "iam",
                "PutUserPolicy",
                &[("UserName", name), ("PolicyName", "p"), ("PolicyDocument", policy)],
            );
        }
        let key = root.done("iam", "CreateAccessKey", &[("UserName", name)]);
        self.signing(&element(&key, "AccessKeyId"), &element(&key, "SecretAccessKey"), None)
    }

    /// Sends bytes as they are and gives back all that comes.
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is no matter.
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            self.runtime.block_on(served).unwrap();
        }
    }
}

/// Somebody who signs.
pub(crate) struct As<'a> {
    aws: &'a Aws,
    pub(crate) client: SignedClient,
}

impl<'a> As<'a> {
    pub(crate) fn call(&self, service: &str, action: &str, parameters: &[(&str, &str)]) -> SignedAnswer {
        self.aws.wait(self.client.query(service, action, parameters, unix_now())).unwrap()
    }

    /// A call that must be carried out.
    pub(crate) fn done(&self, service: &str, action: &str, parameters: &[(&str, &str)]) -> String {
        let answer = self.call(service, action, parameters);
        assert_eq!(answer.status, 200, "{action}: {}", answer.body);
        answer.body
    }

    /// A call that must be refused: its code and message.
    pub(crate) fn refused(
        &self,
        service: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> (String, String) {
        let answer = self.call(service, action, parameters);
        assert_ne!(answer.status, 200, "{action}: {}", answer.body);
        (element(&answer.body, "Code"), element(&answer.body, "Message"))
    }

    pub(crate) fn dynamodb(&self, operation: &str, input: &serde_json::Value) -> (u16, serde_json::Value) {
        let answer = self.aws.wait(self.client.dynamodb(operation, input, unix_now())).unwrap();
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    /// Assumes a role, and signs with the session.
    pub(crate) fn assume(&self, role_arn: &str, more: &[(&str, &str)]) -> Self {
        let parameters: Vec<(&str, &str)> = [("RoleArn", role_arn), ("RoleSessionName", "test")]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        let answer = self.done("sts", "AssumeRole", &parameters);
        self.aws.signing(
            &element(&answer, "AccessKeyId"),
            &element(&answer, "SecretAccessKey"),
            Some(&element(&answer, "SessionToken")),
        )
    }

    pub(crate) fn arn(&self) -> String {
        element(&self.done("sts", "GetCallerIdentity", &[]), "Arn")
    }
}

/// The text of the first element of this name.
pub(crate) fn element(xml: &str, name: &str) -> String {
    let text = xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once("</"));
    text.map(|(text, _)| text.replace("&quot;", "\"").replace("&apos;", "'")).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the clock of the tests")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

pub(crate) fn unix_now() -> i64 {
    i64::try_from(now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// A policy that allows `action` on `resource`.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

/// A trust policy that lets `principal` (JSON) assume the role.
pub(crate) fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
    )
}
