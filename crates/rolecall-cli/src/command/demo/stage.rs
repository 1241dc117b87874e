//! The two accounts: the roles, the policies and the table of the path, made over the wire.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::process::{Command, Output};
use std::time::UNIX_EPOCH;

use rolecall_local::{Client, SignedAnswer, SignedClient, SigningCredentials};
use rolecall_terraform::estate::Infrastructure;
use serde_json::json;

use super::story::Story;
use crate::command::exec::environment::Plan;
use crate::command::exec::shadow::Shadow;
use crate::command::local::environment::point_at;
use crate::command::local::made::Maker;
use crate::failure::{Failure, Kind};

pub(super) const WORKLOAD: &str = "111111111111";
pub(super) const TARGET: &str = "222222222222";
pub(super) const REGION: &str = "eu-west-1";
pub(super) const TASK_ROLE: &str = "arn:aws:iam::111111111111:role/my-fargate-task-role";
pub(super) const SWITCH_ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";

/// What the task role may do: the seed never gave it this.
const MAY_ASSUME: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "AssumeSwitchRole", "Effect": "Allow",
  "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::222222222222:role/switch-role"}]}"#;

/// Who may assume the switch role.
pub(super) const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "TrustTaskRole", "Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::111111111111:role/my-fargate-task-role"}, "Action": "sts:AssumeRole"}]}"#;

const TRUST_ECS: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

pub(super) const TABLES_POLICY: &str = "arn:aws:iam::222222222222:policy/switch-role-dynamodb";

/// The local AWS, and how to change what is in it.
pub(super) struct Stage {
    address: SocketAddr,
    client: Client,
}

/// What came of a run of the task.
pub(super) struct Outcome {
    pub(super) worked: bool,
    /// What the program printed, or why it failed.
    pub(super) text: String,
}

impl Stage {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, client: Client::new(address, None) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes everything that the seed makes, with both of its holes mended.
    pub(super) async fn build(&self, seed: &Infrastructure, story: &mut Story<'_>) -> Result<(), Failure> {
        let secret = "demo".to_owned();
        let mut maker =
            Maker { address: self.address, secret, all: seed, made: Vec::new(), left: Vec::new() };
        maker.make().await?;
        if let Some(left) = maker.left.first() {
            return Err(Failure::new(Kind::Other, format!("the demo could not be made: {left}")));
        }
        for (account, what, how) in &maker.made {
            let is_mend = what == "policy assume-switch-role" || what == "attachment";
            let how = if is_mend { format!("{how} (often forgotten)") } else { how.clone() };
            story.made(account, what, &how)?;
        }
        // Another role of the workload account, for the trust policy to name by mistake.
        let other = [("RoleName", "other-role"), ("AssumeRolePolicyDocument", TRUST_ECS)];
        self.iam(WORKLOAD, "CreateRole", &other).await?;
        // The configuration makes no table: one, so that there is something to list.
        story.made(TARGET, "table orders", "in eu-west-1, to have something to list")?;
        let table = json!({
            "TableName": "orders",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        });
        let answer = self.root(TARGET).dynamodb("CreateTable", &table, unix_now()).await;
        check("CreateTable", &answer.map_err(|error| Failure::new(Kind::Other, error))?)
    }

    pub(super) async fn put_may_assume(&self) -> Result<(), Failure> {
        let policy = [
            ("RoleName", "my-fargate-task-role"),
            ("PolicyName", "assume-switch-role"),
            ("PolicyDocument", MAY_ASSUME),
        ];
        self.iam(WORKLOAD, "PutRolePolicy", &policy).await
    }

    pub(super) async fn attach_tables_policy(&self) -> Result<(), Failure> {
        self.iam(TARGET, "AttachRolePolicy", &[("RoleName", "switch-role"), ("PolicyArn", TABLES_POLICY)])
            .await
    }

    pub(super) async fn set_trust(&self, document: &str) -> Result<(), Failure> {
        let parameters = [("RoleName", "switch-role"), ("PolicyDocument", document)];
        self.iam(TARGET, "UpdateAssumeRolePolicy", &parameters).await
    }

    pub(super) async fn set_service_control(&self, policy: Option<&str>) -> Result<(), Failure> {
        Ok(self.client.set_service_control(TARGET, policy).await?)
    }

    /// Calls IAM as the account's root user.
    pub(super) async fn iam(
        &self,
        account: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let answer = self.root(account).query("iam", action, parameters, unix_now()).await;
        check(action, &answer.map_err(|error| Failure::new(Kind::Other, error))?)
    }

    fn root(&self, account: &str) -> SignedClient {
        let credentials = SigningCredentials::new(account.to_owned(), "demo".to_owned(), None);
        SignedClient { address: self.address, credentials, region: REGION.to_owned() }
    }

    /// Runs the task as ECS does, and in it `rolecall exec` with a program that lists the tables.
    pub(super) async fn run_task(&self, external_id: Option<&str>) -> Result<Outcome, Failure> {
        let task = match self.client.start_task(TASK_ROLE, REGION).await {
            Ok(task) => task,
            Err(error) => return Ok(Outcome { worked: false, text: error.to_string() }),
        };
        let this = std::env::current_exe()?;
        let url = format!("http://{}", self.address);
        let mut command = Command::new(&this);
        command.args(["exec", "--role-arn", SWITCH_ROLE, "--session-name", "orders-task"]);
        if let Some(id) = external_id {
            command.args(["--external-id", id]);
        }
        command.arg("--").arg(&this).args(["demo", "--in-the-task"]);
        let shadow = Shadow::default();
        let plan = Plan {
            uri: &task.credentials_uri,
            token: &task.token,
            region: Some(REGION),
            endpoint_url: Some(&url),
            fips: false,
            dual_stack: false,
            shadow: &shadow,
        };
        plan.apply(&mut command);
        point_at(&mut command, &url);
        // Nothing of the user's own settings has a part in this.
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        let output = tokio::process::Command::from(command).output().await;
        self.client.stop_task(&task.id).await?;
        Ok(outcome(&output.map_err(|error| not_run(this.as_os_str(), &error))?))
    }
}

fn not_run(program: &OsStr, error: &std::io::Error) -> Failure {
    Failure::new(Kind::Other, format!("`{}` cannot be run: {error}", program.display()))
}

fn outcome(output: &Output) -> Outcome {
    let text = if output.status.success() { &output.stdout } else { &output.stderr };
    Outcome { worked: output.status.success(), text: String::from_utf8_lossy(text).trim_end().to_owned() }
}

fn check(action: &str, answer: &SignedAnswer) -> Result<(), Failure> {
    if answer.status == 200 {
        return Ok(());
    }
    Err(Failure::new(Kind::Other, format!("{action} was answered with {}: {}", answer.status, answer.body)))
}

/// Seconds since 1970.
pub(super) fn unix_now() -> i64 {
    let since = crate::clock::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
