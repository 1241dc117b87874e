//! Two accounts and what is in them, made with the AWS SDK for Rust as each account's root.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use e2e::{REGION, Server, TARGET, WORKLOAD};
use tokio::runtime::Runtime;

pub(crate) const TASK_ROLE: &str = "arn:aws:iam::111111111111:role/my-fargate-task-role";
pub(crate) const SWITCH_ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";

/// Somebody who calls a local AWS through the SDK.
pub(crate) struct Caller {
    runtime: Runtime,
    pub(crate) config: SdkConfig,
}

impl Caller {
    /// An account's root: its key is the account's id, and any secret will do.
    pub(crate) fn root(server: &Server, account: &str) -> Self {
        Self::with(server, Credentials::new(account, "any", None, None, "test"))
    }

    /// Whoever has these credentials.
    pub(crate) fn with(server: &Server, credentials: Credentials) -> Self {
        let runtime = Runtime::new().unwrap();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(server.url())
            .region(Region::from_static(REGION))
            .credentials_provider(credentials);
        let config = runtime.block_on(config.load());
        Self { runtime, config }
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.config)
    }

    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// Makes a role that trusts `principal` (JSON).
    pub(crate) fn role(&self, name: &str, principal: &str) {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
        );
        let create = self.iam().create_role().role_name(name).assume_role_policy_document(trust);
        self.wait(create.send()).unwrap();
    }

    /// Changes whom a role trusts (JSON).
    pub(crate) fn trust(&self, name: &str, principal: &str) {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
        );
        let update = self.iam().update_assume_role_policy().role_name(name).policy_document(trust);
        self.wait(update.send()).unwrap();
    }

    /// Lets a role do something.
    pub(crate) fn allow(&self, role: &str, action: &str, resource: &str) {
        let put = self.iam().put_role_policy().role_name(role).policy_name("permissions");
        self.wait(put.policy_document(allow(action, resource)).send()).unwrap();
    }

    /// Makes a table with a partition key `id`.
    pub(crate) fn table(&self, name: &str) {
        let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
        let create = self
            .dynamodb()
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(id.build().unwrap())
            .key_schema(key.build().unwrap());
        self.wait(create.send()).unwrap();
    }

    /// The names of the account's roles.
    pub(crate) fn roles(&self) -> Vec<String> {
        let roles = self.wait(self.iam().list_roles().send()).unwrap();
        roles.roles().iter().map(|role| role.role_name().to_owned()).collect()
    }

    /// The names of the account's tables.
    pub(crate) fn tables(&self) -> Vec<String> {
        self.wait(self.dynamodb().list_tables().send()).unwrap().table_names().to_vec()
    }
}

/// Makes a user who may do one thing, by who may make one: its keys.
pub(crate) fn user(by: &Caller, name: &str, action: &str, resource: &str) -> Credentials {
    by.wait(by.iam().create_user().user_name(name).send()).unwrap();
    let put = by.iam().put_user_policy().user_name(name).policy_name("own");
    by.wait(put.policy_document(allow(action, resource)).send()).unwrap();
    let key = by.wait(by.iam().create_access_key().user_name(name).send()).unwrap();
    let key = key.access_key().unwrap();
    Credentials::new(key.access_key_id(), key.secret_access_key(), None, None, "test")
}

/// A policy that allows `action` on `resource`.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

/// The whole path, as it works: a task role, a switch role that trusts it, both policies, and a table.
pub(crate) fn whole_path(server: &Server) {
    whole_path_as(&Caller::root(server, WORKLOAD), &Caller::root(server, TARGET));
}

/// The same, by who may make it in each account.
pub(crate) fn whole_path_as(workload: &Caller, target: &Caller) {
    workload.role("my-fargate-task-role", r#"{"Service":"ecs-tasks.amazonaws.com"}"#);
    workload.allow("my-fargate-task-role", "sts:AssumeRole", SWITCH_ROLE);
    target.role("switch-role", &format!(r#"{{"AWS":"{TASK_ROLE}"}}"#));
    target.allow("switch-role", "dynamodb:*", "arn:aws:dynamodb:eu-west-1:222222222222:table/*");
    target.table("orders");
}
