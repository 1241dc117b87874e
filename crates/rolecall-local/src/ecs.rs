//! A task as Fargate runs one: credentials of its role from the container endpoint, and its metadata.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, UNIX_EPOCH};

use rolecall_endpoint::{Endpoint, Parts, Route, Vend, VendError, Vended, Vending};
use rolecall_iam::{AccountId, Arn, Context, Principal, Request};
use serde_json::json;

use crate::caller::Session;
use crate::fault::Fault;
use crate::id;
use crate::journal::Entry;
use crate::sts::{NewSession, session_of};
use crate::time_text;
use crate::token::Credentials;
use crate::world::World;

/// The tasks that run now.
#[derive(Debug)]
pub(crate) struct Tasks {
    endpoint: Endpoint,
    running: Mutex<BTreeMap<String, Task>>,
}

#[derive(Debug)]
struct Task {
    arn: String,
    region: String,
    started: i64,
    /// Keeps its credentials reachable; gone with the task.
    route: Route,
}

/// What a task needs in its environment.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    pub(crate) id: String,
    pub(crate) credentials_uri: String,
    pub(crate) token: String,
}

/// ECS hands out sessions of six hours and replaces them before they end.
const SESSION_SECONDS: i64 = 6 * 3600;

/// The service that assumes a task's role.
const SERVICE: &str = "ecs-tasks.amazonaws.com";

impl Tasks {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, running: Mutex::default() }
    }

    /// Serves credentials until `until`.
    pub(crate) async fn serve(&self, until: impl Future<Output = ()>) {
        self.endpoint.serve(until).await;
    }

    /// Starts a task under `role_arn`, if that role lets ECS assume it.
    pub(crate) fn start(&self, world: &Arc<World>, role_arn: &str, region: &str) -> Result<Started, Fault> {
        let arn =
            Arn::parse(role_arn).filter(|arn| arn.service == "iam" && arn.resource_of("role").is_some());
        let account = arn.and_then(|arn| arn.account_id());
        let account =
            account.ok_or_else(|| Fault::validation(format!("`{role_arn}` is not the ARN of a role")))?;
        world.ensure_account(account)?;
        let id = id::request().replace('-', "");
        let task_arn = format!("arn:aws:ecs:{region}:{account}:task/default/{id}");
        let role = TaskRole {
            world: Arc::downgrade(world),
            role_arn: role_arn.to_owned(),
            account,
            task_arn: task_arn.clone(),
            session_name: id.clone(),
            region: region.to_owned(),
        };
        // Once now, so that a role which ECS may not assume is refused before the program starts.
        let assumed = role.assume();
        world.journal.add(role.entry(world, &assumed));
        let _credentials = assumed.map_err(|refusal| refusal.fault)?;
        let route = self.endpoint.add(Arc::new(role)).map_err(|_| Fault::internal())?;
        let started = Started {
            id: id.clone(),
            credentials_uri: route.uri().to_owned(),
            token: route.token().to_owned(),
        };
        let task = Task { arn: task_arn, region: region.to_owned(), started: world.clock.now(), route };
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id, task);
        Ok(started)
    }

    /// Ends a task: its credentials are no longer handed out.
    pub(crate) fn stop(&self, id: &str) -> bool {
        let task = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        task.map(|task| task.route.remove()).is_some()
    }

    /// The task metadata, version 4: of the container, or with `/task` of the task.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html>
    pub(crate) fn metadata(&self, path: &str) -> Option<String> {
        let (id, of_task) = path.split_once('/').map_or((path, false), |(id, rest)| (id, rest == "task"));
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let task = running.get(id)?;
        let container = json!({
            "DockerId": format!("{id}-0000000000"),
            "Name": "task",
            "DockerName": "task",
            "Labels": {
                "com.amazonaws.ecs.cluster": "default",
                "com.amazonaws.ecs.container-name": "task",
                "com.amazonaws.ecs.task-arn": task.arn,
            },
            "DesiredStatus": "RUNNING",
            "KnownStatus": "RUNNING",
            "CreatedAt": time_text::iso(task.started),
            "StartedAt": time_text::iso(task.started),
            "Type": "NORMAL",
        });
        let metadata = if of_task {
            json!({
                "Cluster": "default",
                "TaskARN": task.arn,
                "Family": "rolecall-local",
                "Revision": "1",
                "DesiredStatus": "RUNNING",
                "KnownStatus": "RUNNING",
                "AvailabilityZone": format!("{}a", task.region),
                "LaunchType": "FARGATE",
                "Containers": [container],
            })
        } else {
            container
        };
        Some(metadata.to_string())
    }
}

/// The role of one running task, assumed anew each time it is asked for.
struct TaskRole {
    world: Weak<World>,
    role_arn: String,
    account: AccountId,
    task_arn: String,
    session_name: String,
    region: String,
}

/// A session of the task role, and where it was asked for what allowed it.
struct Assumed {
    credentials: Credentials,
    explanation: Option<String>,
}

/// What the task is told, and why.
struct Refusal {
    fault: Fault,
    explanation: Option<String>,
}

impl TaskRole {
    /// Assumes the role as ECS does. The engine decides by the trust policy.
    fn assume(&self) -> Result<Assumed, Refusal> {
        let gone = || Refusal { fault: Fault::internal(), explanation: None };
        let world = self.world.upgrade().ok_or_else(gone)?;
        let directory = world.read();
        let now = world.clock.now();
        let principal = Principal::Service(SERVICE.to_owned());
        let mut context: Context = principal.context();
        // What a trust policy guards against the confused deputy with.
        // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cross-service-confused-deputy-prevention.html
        context.insert("aws:SourceAccount", self.account.as_str());
        context.insert("aws:SourceArn", self.task_arn.as_str());
        context.insert("aws:CurrentTime", time_text::iso(now));
        context.insert("aws:EpochTime", now.to_string());
        context.insert("aws:RequestedRegion", self.region.as_str());
        context.insert("aws:SecureTransport", "true");
        context.insert("aws:ResourceAccount", self.account.as_str());
        context.insert("sts:RoleSessionName", self.session_name.as_str());
        let request = Request {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: &self.role_arn,
            owner: Some(self.account),
            context: &context,
            session_policies: None,
        };
        let verdict = directory.estate.decide(&request);
        if !verdict.allowed() {
            let explanation = verdict.explain(&request);
            tracing::warn!(role = self.role_arn, "refused: {explanation}");
            // ECS's own words, when it stops such a task.
            let message = format!(
                "ECS was unable to assume the role '{}' that was provided for this task. Please verify that the role \
                 being passed has the proper trust relationship and permissions and that your IAM user has permissions \
                 to pass this role.",
                self.role_arn
            );
            let fault = Fault::new(403, "AccessDenied", message);
            return Err(Refusal { fault, explanation: Some(explanation) });
        }
        let role = directory.estate.role(&self.role_arn).ok_or_else(gone)?;
        let session: Session = session_of(&NewSession {
            account: self.account,
            role_arn: &self.role_arn,
            role,
            name: &self.session_name,
            now,
            duration: SESSION_SECONDS,
        });
        let explanation = world.explain_all.then(|| verdict.explain(&request));
        Ok(Assumed { credentials: world.authenticator.tokens.seal(&session), explanation })
    }

    fn entry(&self, world: &World, assumed: &Result<Assumed, Refusal>) -> Entry {
        let refusal = assumed.as_ref().err();
        let explanation = match assumed {
            Ok(assumed) => &assumed.explanation,
            Err(refusal) => &refusal.explanation,
        };
        Entry {
            number: 0,
            time: world.clock.now(),
            action: "sts:AssumeRole".to_owned(),
            caller: Some(SERVICE.to_owned()),
            account: None,
            resource: Some(self.role_arn.clone()),
            status: refusal.map_or(200, |refusal| refusal.fault.status),
            code: refusal.map(|refusal| refusal.fault.code.to_string()),
            message: refusal.map(|refusal| refusal.fault.message.clone()),
            refused: refusal.is_some(),
            explanation: explanation.clone(),
            request_id: id::request(),
        }
    }
}

impl Vend for TaskRole {
    fn credentials(&self) -> Vending<'_> {
        Box::pin(async move {
            let refused = |refusal: Refusal| VendError::permanent(refusal.fault.code, refusal.fault.message);
            let Assumed { credentials, .. } = self.assume().map_err(refused)?;
            let seconds = |at: i64| UNIX_EPOCH + Duration::from_secs(u64::try_from(at).unwrap_or(0));
            let parts = Parts {
                access_key_id: &credentials.access_key_id,
                secret_access_key: credentials.secret_access_key.expose(),
                session_token: &credentials.session_token,
                expires: seconds(credentials.expires),
                updated: seconds(credentials.expires - SESSION_SECONDS),
                account_id: Some(self.account.as_str()),
                role_arn: Some(&self.role_arn),
            };
            let vended = Vended::new(&parts)
                .map_err(|error| VendError::permanent("InternalFailure", error.to_string()))?;
            Ok(Arc::new(vended))
        })
    }
}
