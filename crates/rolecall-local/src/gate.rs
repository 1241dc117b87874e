//! The way of a request: authenticate, route, authorise, serve. Each step is a function from one value to the
//! next, and only the last touches a store.

use bytes::Bytes;
use http::HeaderMap;
use rolecall_iam::{AccountId, Principal};

use crate::authenticate::{Authenticated, Connection, Incoming, Protocol, Refusal};
use crate::authorize::{Denied, Need, Permit, authorize};
use crate::caller::Caller;
use crate::dynamodb;
use crate::fault::Fault;
use crate::iam;
use crate::journal::Entry;
use crate::sts;
use crate::wire::params::Params;
use crate::wire::{json, xml};
use crate::world::World;

/// A request of an AWS client, its body read.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) connection: Connection,
}

/// The answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    pub(crate) request_id: String,
}

const XML: &str = "text/xml";

/// What was found out about a request on its way, for the journal.
#[derive(Default)]
struct Trail {
    action: String,
    /// The caller's ARN.
    caller: Option<String>,
    account: Option<AccountId>,
    resource: Option<String>,
    explanation: Option<String>,
    refused: bool,
}

impl Trail {
    fn is_from(&mut self, caller: &Caller) {
        self.caller = caller.principal.arn();
        self.account = Some(caller.account);
    }
}

/// Answers one request.
pub(crate) async fn answer(world: &World, arrived: Arrived) -> Answer {
    let request_id = crate::id::request();
    let mut trail = Trail::default();
    let target =
        arrived.headers.get("x-amz-target").map(|value| value.to_str().unwrap_or_default().to_owned());
    let (result, protocol, namespace) = match target {
        Some(target) => (dynamodb_call(world, &arrived, &target, &mut trail).await, Protocol::Json, ""),
        None => {
            let mut namespace = sts::NAMESPACE;
            let result = query_call(world, &arrived, &request_id, &mut trail, &mut namespace);
            (result, Protocol::Query, namespace)
        }
    };
    note(world, trail, result.as_ref().err(), &request_id);
    let (status, body) = match (result, protocol) {
        (Ok(body), _) => (200, body),
        (Err(fault), Protocol::Json) => (fault.status, json::error_body(&fault)),
        (Err(fault), Protocol::Query) => {
            (fault.status, xml::error(namespace, &fault, &request_id).into_bytes())
        }
    };
    let content_type = if protocol == Protocol::Json { json::CONTENT_TYPE } else { XML };
    Answer { status, content_type, body: body.into(), request_id }
}

/// IAM and STS: which of the two, the credential scope says.
fn query_call(
    world: &World,
    arrived: &Arrived,
    request_id: &str,
    trail: &mut Trail,
    namespace: &mut &'static str,
) -> Result<Vec<u8>, Fault> {
    let form = if arrived.method == "POST" { &arrived.body[..] } else { arrived.query.as_bytes() };
    let params = Params::parse(form);
    let action = params.get("Action").unwrap_or_default().to_owned();
    trail.action.clone_from(&action);
    let Authenticated { mut caller, service } = authenticate(world, arrived, Protocol::Query, &[])?;
    if service == "iam" {
        // "IAM calls are always made to the us-east-1 Region", whichever one a client with an endpoint of its own
        // signs for.
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
        caller.context.insert("aws:RequestedRegion", "us-east-1");
    }
    trail.is_from(&caller);
    trail.action = format!("{service}:{action}");
    params.check_count()?;
    world.ensure_account(caller.account)?;
    let result = match service.as_str() {
        "sts" | "iam" if action.is_empty() => {
            Err(Fault::new(400, "MissingAction", "The request must contain the parameter Action"))
        }
        "sts" => sts_call(world, &caller, &params, &action, trail),
        "iam" => {
            *namespace = iam::NAMESPACE;
            iam_call(world, &caller, &params, &action, trail)
        }
        // Not every service has actions: S3 and Lambda have paths.
        other => Err(Fault::new(
            400,
            "InvalidAction",
            format!("The local AWS does not serve `{other}`: it has sts, iam and dynamodb."),
        )),
    }?;
    Ok(xml::response(namespace, &action, &result, request_id).into_bytes())
}

fn sts_call(
    world: &World,
    caller: &Caller,
    params: &Params,
    action: &str,
    trail: &mut Trail,
) -> Result<xml::Xml, Fault> {
    let operation = sts::operation(action).ok_or_else(|| unknown_action(action, "2011-06-15"))?;
    // A role's account may be one that nobody has used yet: it is born with its administrator role.
    let role = params.get("RoleArn").and_then(rolecall_iam::Arn::parse);
    if let Some(account) = role.and_then(|arn| arn.account_id()) {
        world.ensure_account(account)?;
    }
    let directory = world.read();
    let needs = (operation.needs)(params, caller, &directory)?;
    let permit = permit(world, &directory, caller, &needs, trail)?;
    let tokens = &world.authenticator.tokens;
    let call = sts::Call { params, caller, directory: &directory, tokens, now: world.clock.now() };
    (operation.run)(&call, &permit)
}

fn iam_call(
    world: &World,
    caller: &Caller,
    params: &Params,
    action: &str,
    trail: &mut Trail,
) -> Result<xml::Xml, Fault> {
    let operation = iam::operation(action).ok_or_else(|| unknown_action(action, "2010-05-08"))?;
    if caller.session.is_some() && !matches!(caller.principal, Principal::RoleSession(_)) {
        // GetSessionToken's sessions may not call IAM without MFA, and there is none here.
        // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
        return Err(Refusal::InvalidClientTokenId.fault(Protocol::Query));
    }
    let mut directory = world.write();
    let account = directory.estate.account(caller.account).ok_or_else(Fault::internal)?;
    let asked = iam::Asked { params, caller, account };
    let needs = iam::needs(operation, &asked);
    let permit = permit(world, &directory, caller, &needs, trail)?;
    let now = world.clock.now();
    let before: Vec<AccountId> = directory.estate.accounts.keys().copied().collect();
    let result = (operation.run)(&mut iam::Call { params, caller, directory: &mut directory, now }, &permit)?;
    if operation.changes {
        // A trust policy may have named another account's role, and so made that account.
        for id in directory.estate.accounts.keys().filter(|id| !before.contains(id)) {
            world.save(&directory, *id)?;
        }
        world.save(&directory, caller.account)?;
    }
    Ok(result)
}

/// DynamoDB and its streams.
async fn dynamodb_call(
    world: &World,
    arrived: &Arrived,
    target: &str,
    trail: &mut Trail,
) -> Result<Vec<u8>, Fault> {
    target.clone_into(&mut trail.action);
    let (streams, operation) = match target.split_once('.') {
        Some(("DynamoDB_20120810", operation)) => (false, operation),
        Some(("DynamoDBStreams_20120810", operation)) => (true, operation),
        _ => {
            return Err(Fault::new(
                400,
                "UnknownOperationException",
                format!("The local AWS does not serve `{target}`."),
            ));
        }
    };
    trail.action = format!("dynamodb:{operation}");
    let Authenticated { caller, .. } = authenticate(world, arrived, Protocol::Json, &["dynamodb"])?;
    trail.is_from(&caller);
    world.ensure_account(caller.account)?;
    let call = dynamodb::read(&world.tables, streams, operation, arrived.body.clone(), &caller).await?;
    let permit = permit(world, &world.read(), &caller, call.needs(), trail).map_err(as_dynamodb)?;
    dynamodb::serve(world, call, &caller, &permit).await
}

/// DynamoDB refuses with 400 and a code of its own.
fn as_dynamodb(fault: Fault) -> Fault {
    Fault::new(400, "AccessDeniedException", fault.message)
}

fn authenticate(
    world: &World,
    arrived: &Arrived,
    protocol: Protocol,
    services: &[&str],
) -> Result<Authenticated, Fault> {
    let incoming = Incoming {
        protocol,
        method: &arrived.method,
        path: &arrived.path,
        query: &arrived.query,
        headers: &arrived.headers,
        body: &arrived.body,
        services,
    };
    let (machine, now) = (world.clock.machine(), world.clock.now());
    let authenticated =
        world.authenticator.authenticate(&incoming, &arrived.connection, &world.read(), machine, now)?;
    world.note_use(&authenticated.caller, &authenticated.service);
    Ok(authenticated)
}

/// Asks the authoriser; a refusal leaves its explanation on the trail.
fn permit(
    world: &World,
    directory: &crate::directory::Directory,
    caller: &Caller,
    needs: &[Need],
    trail: &mut Trail,
) -> Result<Permit, Fault> {
    trail.resource = needs.first().map(|need| need.resource.clone());
    match authorize(&directory.estate, caller, needs, world.explain_all) {
        Ok(permit) => {
            trail.explanation = permit.explanation().map(str::to_owned);
            Ok(permit)
        }
        Err(Denied { message, explanation }) => {
            trail.explanation = Some(explanation);
            trail.refused = true;
            Err(Fault::new(403, "AccessDenied", message))
        }
    }
}

fn unknown_action(action: &str, version: &str) -> Fault {
    Fault::new(400, "InvalidAction", format!("Could not find operation {action} for version {version}"))
}

/// One line in the log, one entry in the journal. A refusal says why.
fn note(world: &World, trail: Trail, fault: Option<&Fault>, request_id: &str) {
    let caller = trail.caller;
    let status = fault.map_or(200, |fault| fault.status);
    let code = fault.map(|fault| fault.code.to_string());
    match (trail.explanation.as_ref().filter(|_| trail.refused), fault) {
        (Some(explanation), _) => tracing::warn!(request_id, action = trail.action, "refused: {explanation}"),
        (None, Some(fault)) => {
            tracing::info!(request_id, action = trail.action, caller, code, "{}", fault.message);
        }
        (None, None) => tracing::debug!(request_id, action = trail.action, caller, "done"),
    }
    world.journal.add(Entry {
        number: 0,
        time: world.clock.now(),
        action: trail.action,
        caller,
        account: trail.account.map(|account| account.to_string()),
        resource: trail.resource,
        status,
        code,
        message: fault.map(|fault| fault.message.clone()),
        refused: trail.refused,
        explanation: trail.explanation,
        request_id: request_id.to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// `docs/semantics.md` promises what there is: no more and no less.
    #[test]
    fn the_documentation_lists_every_operation() {
        let documentation = include_str!("../../../docs/semantics.md");
        let listed = |service: &str| -> BTreeSet<&str> {
            let (_, rest) = documentation.split_once(&format!("<!-- operations: {service} -->\n")).unwrap();
            rest.lines().next().unwrap().split(", ").collect()
        };
        assert_eq!(listed("sts"), sts::operations().collect());
        assert_eq!(listed("iam"), iam::operations().collect());
        assert_eq!(listed("dynamodb"), dynamodb::operations().collect());
    }
}
