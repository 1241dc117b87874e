//! The calls to STS, behind a trait: the only file that sees `aws-sdk-sts`.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::credential_feature::AwsCredentialFeature;
use aws_credential_types::{Credentials, CredentialsBuilder};
use aws_sdk_sts::config::{Config, IdentityCache, SharedCredentialsProvider};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::RequestId as _;
use aws_sdk_sts::types::{self, PolicyDescriptorType, ProvidedContext, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::chain::Step;
use crate::error::Answer;
use crate::mfa::Code;
use crate::region;
use crate::skew::Skew;

/// No call takes longer than this, whatever the network does.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_PER_ATTEMPT: Duration = Duration::from_secs(10);

pub(crate) type Calling<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// What is asked of STS.
pub(crate) trait Sts: fmt::Debug + Send + Sync + 'static {
    /// [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html), signed with these
    /// credentials.
    fn assume_role<'a>(&'a self, with: &'a Credentials, wish: Wish<'a>) -> Calling<'a, Credentials>;

    /// [GetSessionToken](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html), signed with these
    /// credentials, for as long as AWS gives by itself: twelve hours.
    fn session_token<'a>(&'a self, with: &'a Credentials, code: &'a Code) -> Calling<'a, Credentials>;

    /// [GetCallerIdentity](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html), signed with
    /// these credentials.
    fn caller_identity<'a>(&'a self, with: &'a Credentials) -> Calling<'a, Caller>;
}

/// What is asked of AssumeRole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) step: &'a Step,
    /// Instead of the step's.
    pub(crate) duration: Option<Duration>,
    pub(crate) code: Option<&'a Code>,
    /// Whether another region may be asked, where this one's STS cannot be reached.
    pub(crate) urgent: bool,
}

/// Whose credentials they are.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
}

/// Why a call gave nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// AWS said no.
    Refused(Answer),
    /// AWS gave no answer, or none that can be used; or was not reached.
    Unanswered { problem: String, cause: Option<Arc<dyn StdError + Send + Sync>>, reached: bool },
}

/// STS itself.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    client: aws_sdk_sts::Client,
    /// Another region to ask, should this one's STS not be reached.
    elsewhere: Option<&'static str>,
    skew: Skew,
}

impl Client {
    /// A client with everything from `config` but the credentials, which each call brings. Without a region it calls the
    /// main one of `partition`.
    pub(crate) fn new(config: &SdkConfig, partition: &str) -> Self {
        let mut timeouts = TimeoutConfig::builder()
            .operation_timeout(PATIENCE)
            .operation_attempt_timeout(PATIENCE_PER_ATTEMPT)
            .build();
        if let Some(given) = config.timeout_config() {
            let mut given = given.clone();
            given.take_defaults_from(&timeouts);
            timeouts = given;
        }
        let region = config.region().cloned().unwrap_or_else(|| Region::from_static(region::main(partition)));
        let skew = Skew::default();
        let elsewhere = region::another(region.as_ref(), partition).filter(|_| !region::is_at_a_url(config));
        let config = aws_sdk_sts::config::Builder::from(config)
            .region(region)
            .timeout_config(timeouts)
            .identity_cache(IdentityCache::no_cache())
            .interceptor(skew.clone())
            .build();
        Self { client: aws_sdk_sts::Client::from_conf(config), elsewhere, skew }
    }

    async fn ask(
        &self,
        client: &aws_sdk_sts::Client,
        with: &Credentials,
        wish: Wish<'_>,
    ) -> Result<Credentials, Failure> {
        let Wish { step, duration, code, urgent: _ } = wish;
        let policies = step.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build());
        let tags = step.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags =
            tags.collect::<Result<Vec<_>, _>>().map_err(|error| unusable("a tag is incomplete", error))?;
        let contexts = step.provided_contexts.iter().map(|(provider, assertion)| {
            ProvidedContext::builder().provider_arn(provider).context_assertion(assertion.reveal()).build()
        });
        let call = client
            .assume_role()
            .role_arn(step.role.as_str())
            .role_session_name(&step.session_name)
            .set_external_id(step.external_id.as_ref().map(|id| id.reveal().to_owned()))
            .set_duration_seconds(duration.and_then(|it| it.as_secs().try_into().ok()))
            .set_policy(step.policy.clone())
            .set_policy_arns(list(policies))
            .set_tags(list(tags))
            .set_transitive_tag_keys(list(step.transitive_tags.iter().cloned()))
            .set_source_identity(step.source_identity.clone())
            .set_provided_contexts(list(contexts))
            .set_serial_number(code.map(|code| code.serial.clone()))
            .set_token_code(code.map(|code| code.digits.reveal().to_owned()))
            .customize();
        let call = match code {
            None => call.config_override(signed_with(with)),
            Some(_) => call.config_override(once(signed_with(with))),
        };
        let output = call.send().await.map_err(failure)?;
        let mut credentials = self.credentials(output.credentials)?.account_id(step.role.account()).build();
        came_by(&mut credentials, AwsCredentialFeature::CredentialsStsAssumeRole);
        Ok(credentials)
    }

    fn credentials(&self, given: Option<types::Credentials>) -> Result<CredentialsBuilder, Failure> {
        let Some(given) = given else {
            return Err(Failure::Unanswered {
                problem: "AWS's answer has no credentials".to_owned(),
                cause: None,
                reached: true,
            });
        };
        let ends = SystemTime::try_from(given.expiration)
            .map_err(|error| unusable("AWS's answer has an end that is no time", error))?;
        Ok(Credentials::builder()
            .access_key_id(given.access_key_id)
            .secret_access_key(given.secret_access_key)
            .session_token(given.session_token)
            .expiry(self.skew.in_local_time(ends))
            .provider_name("rolecall"))
    }
}

impl Sts for Client {
    fn assume_role<'a>(&'a self, with: &'a Credentials, wish: Wish<'a>) -> Calling<'a, Credentials> {
        Box::pin(async move {
            let answer = self.ask(&self.client, with, wish).await;
            let unreachable = matches!(&answer, Err(Failure::Unanswered { reached: false, .. }));
            // An MFA code is sent once.
            let may_go_elsewhere = unreachable && wish.urgent && wish.code.is_none();
            let Some(region) = self.elsewhere.filter(|_| may_go_elsewhere) else { return answer };
            let role = wish.step.role.as_str();
            tracing::warn!(role, region, "STS cannot be reached, and time is short: another region is asked");
            let config = self.client.config().to_builder().region(Region::from_static(region)).build();
            // What goes wrong there is not what is wrong here.
            self.ask(&aws_sdk_sts::Client::from_conf(config), with, wish).await.or(answer)
        })
    }

    fn session_token<'a>(&'a self, with: &'a Credentials, code: &'a Code) -> Calling<'a, Credentials> {
        Box::pin(async move {
            let call = self
                .client
                .get_session_token()
                .serial_number(&code.serial)
                .token_code(code.digits.reveal())
                .customize()
                .config_override(once(signed_with(with)));
            let output = call.send().await.map_err(failure)?;
            let mut credentials = self.credentials(output.credentials)?.build();
            came_by(&mut credentials, AwsCredentialFeature::CredentialsStsSessionToken);
            Ok(credentials)
        })
    }

    fn caller_identity<'a>(&'a self, with: &'a Credentials) -> Calling<'a, Caller> {
        Box::pin(async move {
            let call = self.client.get_caller_identity().customize().config_override(signed_with(with));
            let output = call.send().await.map_err(failure)?;
            match (output.account, output.arn, output.user_id) {
                (Some(account), Some(arn), Some(user_id)) => Ok(Caller { account, arn, user_id }),
                _ => Err(Failure::Unanswered {
                    problem: "AWS's answer is incomplete".to_owned(),
                    cause: None,
                    reached: true,
                }),
            }
        })
    }
}

/// A list, where it is not empty.
fn list<T>(items: impl IntoIterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.into_iter().collect();
    (!items.is_empty()).then_some(items)
}

fn signed_with(credentials: &Credentials) -> aws_sdk_sts::config::Builder {
    Config::builder().credentials_provider(SharedCredentialsProvider::new(credentials.clone()))
}

/// A call with an MFA code, which AWS takes once: it is not made again.
fn once(config: aws_sdk_sts::config::Builder) -> aws_sdk_sts::config::Builder {
    config.retry_config(RetryConfig::disabled())
}

fn came_by(credentials: &mut Credentials, feature: AwsCredentialFeature) {
    // The SDK tells AWS how credentials came about, in the user agent.
    credentials.get_property_mut_or_default::<Vec<AwsCredentialFeature>>().push(feature);
}

/// Tells a no from no answer. What AWS is too busy for, or fails at, may succeed later.
fn failure<E>(error: SdkError<E, HttpResponse>) -> Failure
where
    E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
{
    const LATER: [&str; 12] = [
        "IDPCommunicationError",
        "InternalError",
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    ];
    if let SdkError::ServiceError(context) = &error {
        let status = context.raw().status().as_u16();
        let code = context.err().code().unwrap_or("no error code").to_owned();
        let message = context.err().message().unwrap_or_default().to_owned();
        let request_id = context.err().meta().request_id().map(str::to_owned);
        if status >= 500 || status == 429 || LATER.contains(&code.as_str()) {
            let problem = match context.err().code() {
                Some(code) => format!("AWS could not answer: {code} (HTTP status {status})"),
                None => format!("AWS could not answer (HTTP status {status})"),
            };
            return Failure::Unanswered { problem, cause: cause(error), reached: true };
        }
        let cause = cause(error).unwrap_or_else(|| Arc::new(fmt::Error));
        return Failure::Refused(Answer { code, message, request_id, cause });
    }
    let problem = match &error {
        SdkError::ConstructionFailure(_) => "the call to STS could not be made",
        SdkError::TimeoutError(_) => "STS did not answer in time",
        SdkError::DispatchFailure(_) => "STS could not be reached",
        SdkError::ResponseError(_) | SdkError::ServiceError(_) | _ => {
            "STS gave an answer that makes no sense"
        }
    };
    let reached = !matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_));
    Failure::Unanswered { problem: problem.to_owned(), cause: cause(error), reached }
}

/// The cause alone: the error around it also holds the whole response, which may be one with credentials.
fn cause<E>(error: SdkError<E, HttpResponse>) -> Option<Arc<dyn StdError + Send + Sync>>
where
    E: StdError + Send + Sync + 'static,
{
    let cause = error.into_source().ok()?;
    let texts: Vec<String> = chain(&*cause).map(ToString::to_string).collect();
    // Some of the SDK's errors print the request, in which there may be an external id or the code of an MFA device.
    match texts.last() {
        Some(last) if texts.iter().any(|text| text.contains("SdkBody")) => {
            Some(Arc::from(Box::<dyn StdError + Send + Sync>::from(last.as_str())))
        }
        Some(_) | None => Some(Arc::from(cause)),
    }
}

/// An error and its causes.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

fn unusable(problem: &str, error: impl StdError + Send + Sync + 'static) -> Failure {
    Failure::Unanswered { problem: problem.to_owned(), cause: Some(Arc::new(error)), reached: true }
}
