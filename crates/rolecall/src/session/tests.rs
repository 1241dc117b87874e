//! Whole sessions, with the real STS client and an HTTP client that answers from a list.

use std::collections::VecDeque;
use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

mod clients;
mod connections;
mod limits;
mod mfa;
mod regions;

use aws_config::retry::RetryConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::error::ProvideErrorMetadata as _;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::test_util::{ManualTimeSource, controlled_time_and_sleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use http_body_util::BodyExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Session, SessionBuilder};
use crate::refresh::Refresher;
use crate::refresh::vectors::{Script, credentials};
use crate::{Error, Hop, Horizon, Observe, Refresh};

pub(crate) const SWITCH: &str = "arn:aws:iam::222222222222:role/switch-role";
pub(crate) const READER: &str = "arn:aws:iam::333333333333:role/path/reader";
const TASK: &str = "arn:aws:sts::111111111111:assumed-role/task-role/0123";
const START: u64 = 1_800_000_000;

/// STS: answers from a list, and remembers what it was asked, and with whose signature.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sts {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
    /// A region whose STS cannot be reached, and how often that was tried.
    down: Arc<Mutex<(&'static str, usize)>>,
    /// The `Date` of answers.
    date: Arc<Mutex<Option<&'static str>>>,
}

impl Sts {
    fn answer(&self, status: u16, body: impl Into<String>) {
        self.answers.lock().unwrap().push_back((status, body.into()));
    }

    /// Credentials whose key is `key`, that end so many seconds after the start.
    pub(crate) fn grant(&self, key: &str, ends: u64) {
        let ends = aws_smithy_types::DateTime::from_secs((START + ends).try_into().unwrap());
        let ends = ends.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap();
        self.answer(
            200,
            format!(
                "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
                 <AccessKeyId>{key}</AccessKeyId><SecretAccessKey>the-secret</SecretAccessKey>\
                 <SessionToken>the-token</SessionToken><Expiration>{ends}</Expiration></Credentials></AssumeRoleResult>\
                 </AssumeRoleResponse>"
            ),
        );
    }

    fn identity(&self, arn: &str) {
        let account = arn.split(':').nth(4).unwrap();
        self.answer(
            200,
            format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                 <Arn>{arn}</Arn><UserId>AROAX:0123</UserId><Account>{account}</Account></GetCallerIdentityResult>\
                 </GetCallerIdentityResponse>"
            ),
        );
    }

    pub(crate) fn refuse(&self, status: u16, code: &str, message: &str) {
        self.answer(
            status,
            format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>{message}</Message></Error><RequestId>request-7</RequestId></ErrorResponse>"
            ),
        );
    }

    /// The calls made so far: the key that signed, and the parameters.
    pub(crate) fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpConnector for Sts {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let signature = request.headers().get("authorization").unwrap_or_default();
        let key =
            signature.split("Credential=").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let key = key.to_owned();
        {
            let mut down = self.down.lock().unwrap();
            if !down.0.is_empty() && request.uri().contains(down.0) {
                down.1 += 1;
                return HttpConnectorFuture::ready(Err(ConnectorError::io("unreachable".into())));
            }
        }
        let asked = Arc::clone(&self.asked);
        let answers = Arc::clone(&self.answers);
        let date = *self.date.lock().unwrap();
        HttpConnectorFuture::new(async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            asked.lock().unwrap().push((key, String::from_utf8(body.to_vec()).unwrap()));
            let mut response = answer(&answers);
            if let Some(date) = date {
                response.headers_mut().insert("date", date);
            }
            Ok(response)
        })
    }
}

/// The next answer in the list.
fn answer(answers: &Mutex<VecDeque<(u16, String)>>) -> HttpResponse {
    let (status, body) = answers.lock().unwrap().pop_front().expect("STS is called once too often");
    // As from a network: not in memory at once.
    let body = SdkBody::from_body_1_x(http_body_util::Full::new(bytes::Bytes::from(body)));
    let mut response = HttpResponse::new(status.try_into().unwrap(), body);
    response.headers_mut().insert("x-amzn-requestid", "request-7");
    response
}

pub(crate) struct Bench {
    pub(crate) sts: Sts,
    clock: ManualTimeSource,
    pub(crate) config: SdkConfig,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (sts, clock) =
            (Sts::default(), ManualTimeSource::new(SystemTime::UNIX_EPOCH + Duration::from_secs(START)));
        let http = SharedHttpConnector::new(sts.clone());
        let source = Credentials::builder()
            .access_key_id("SOURCE")
            .secret_access_key("source-secret")
            .session_token("source-token");
        let source = source.provider_name("test").build();
        let config = SdkConfig::builder()
            .http_client(http_client_fn(move |_, _| http.clone()))
            .time_source(clock.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::disabled())
            .region(Region::from_static("eu-west-1"))
            .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
            .credentials_provider(SharedCredentialsProvider::new(source))
            .build();
        Self { sts, clock, config }
    }

    fn session(&self, role: &str) -> SessionBuilder {
        Session::builder(role).session_name("test").config(self.config.clone())
    }
}

/// Runs a test, and ends it if it waits for something that never comes.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), test).await }).unwrap();
}

/// Every parameter of <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html> that can be given.
#[test]
fn everything_is_said() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 1800);
        let session = bench
            .session(SWITCH)
            .session_name("nightly")
            .external_id("partner-7")
            .duration(Duration::from_secs(1800))
            .policy("{}")
            .policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess")
            .tag("team", "blue")
            .transitive_tag("team")
            .source_identity("alice")
            .provided_context("arn:aws:iam::aws:contextProvider/IdentityCenter", "assertion")
            .build()
            .await
            .unwrap();
        assert_eq!(session.arn(), "arn:aws:sts::222222222222:assumed-role/switch-role/nightly");
        let (key, mut said) = bench.sts.asked().remove(0);
        assert_eq!(key, "SOURCE");
        for part in [
            "Action=AssumeRole&Version=2011-06-15",
            "&RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fswitch-role",
            "&RoleSessionName=nightly",
            "&ExternalId=partner-7",
            "&DurationSeconds=1800",
            "&Policy=%7B%7D",
            "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess",
            "&Tags.member.1.Key=team&Tags.member.1.Value=blue",
            "&TransitiveTagKeys.member.1=team",
            "&SourceIdentity=alice",
            "&ProvidedContexts.member.1.ProviderArn=arn%3Aaws%3Aiam%3A%3Aaws%3AcontextProvider%2FIdentityCenter",
            "&ProvidedContexts.member.1.ContextAssertion=assertion",
        ] {
            assert!(said.contains(part), "{part}: {said}");
            said = said.replace(part, "");
        }
        assert_eq!(said, "", "and nothing else");
    });
}

#[test]
fn a_chain_is_signed_hop_by_hop() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        bench.sts.grant("ASIA2", 3600);
        let hop = Hop::to(SWITCH).external_id("partner-7");
        let session =
            bench.session(READER).via(hop).duration(Duration::from_secs(7200)).build().await.unwrap();
        assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA2");
        let asked = bench.sts.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!((asked[0].0.as_str(), asked[1].0.as_str()), ("SOURCE", "ASIA1"));
        assert!(asked[0].1.contains("ExternalId") && !asked[1].1.contains("ExternalId"));
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
        assert!(asked[1].1.contains("&DurationSeconds=3600"), "{}", asked[1].1);
    });
}

/// Writes down what it is told.
#[derive(Debug, Default)]
struct Witness(Mutex<Vec<String>>);

impl Observe for Witness {
    fn refreshed(&self, refresh: &Refresh<'_>) {
        let outcome = match refresh.outcome {
            Ok(ends) => {
                format!("until {}", ends.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() - START)
            }
            Err(error) => format!("permanent: {}", error.is_permanent()),
        };
        self.0.lock().unwrap().push(format!("{} {outcome}, {:?}", refresh.role.name(), refresh.took));
    }
}

#[test]
fn an_observer_is_told_of_every_hop() {
    run(async {
        let (bench, witness) = (Bench::new(), Arc::new(Witness::default()));
        bench.sts.grant("ASIA1", 3600);
        bench.sts.refuse(403, "AccessDenied", "no way");
        bench.sts.identity(TASK);
        bench.sts.grant("ASIA2", 1800);
        let session = || bench.session(READER).via(SWITCH).observer(witness.clone()).build();
        session().await.unwrap_err();
        let session = bench.session(SWITCH).observer(witness.clone()).build().await.unwrap();
        session.credentials().await.unwrap();
        let told = witness.0.lock().unwrap().clone();
        assert_eq!(
            told,
            ["switch-role until 3600, 0ns", "reader permanent: true, 0ns", "switch-role until 1800, 0ns"]
        );
    });
}

#[test]
fn a_refusal_says_who_was_refused_what() {
    run(async {
        let bench = Bench::new();
        let words =
            format!("User: {TASK} is not authorized to perform: sts:AssumeRole on resource: {SWITCH}");
        bench.sts.refuse(403, "AccessDenied", &words);
        bench.sts.identity(TASK);
        let error = bench.session(SWITCH).build().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{TASK}` could not assume `{SWITCH}`: AccessDenied: {words} (request id request-7)")
        );
        let Error::Refused(refused) = &error else { panic!("{error:?}") };
        assert_eq!((refused.hop(), refused.caller(), refused.code()), (Some(1), Some(TASK), "AccessDenied"));
        assert_eq!((refused.message(), refused.request_id()), (words.as_str(), Some("request-7")));
        assert_eq!(refused.role().unwrap().account(), "222222222222");
        assert!(refused.statements().unwrap().trust().contains("arn:aws:iam::111111111111:role/task-role"));
        assert!(error.source().is_some() && error.is_permanent());
    });
}

#[test]
fn the_hop_that_failed_is_named() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        bench.sts.refuse(403, "AccessDenied", "no");
        bench.sts.refuse(500, "InternalFailure", "no");
        let error = bench.session(READER).via(SWITCH).build().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "hop 2 of 2: the caller could not assume `{READER}`: AccessDenied: no (request id request-7)"
            )
        );
    });
}

#[test]
fn no_answer_is_not_a_no() {
    for (status, code) in
        [(503, "ServiceUnavailable"), (500, "InternalFailure"), (400, "Throttling"), (429, "x")]
    {
        run(async {
            let bench = Bench::new();
            bench.sts.refuse(status, code, "later");
            let error = bench.session(SWITCH).build().await.unwrap_err();
            let Error::Unanswered(unanswered) = &error else { panic!("{error:?}") };
            assert_eq!((unanswered.hop(), error.is_permanent()), (Some(1), false));
            assert!(error.to_string().contains(code), "{error}");
        });
    }
}

#[test]
fn nothing_is_called_for_what_cannot_be_right() {
    run(async {
        let bench = Bench::new();
        let error = bench.session("arn:aws:iam::22:role/x").build().await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        assert!(bench.sts.asked().is_empty());
    });
}

/// Nobody asks for credentials; they are refreshed all the same, and not before it is due.
#[test]
fn kept_fresh() {
    run(async {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
        let (clock, sleep, mut gate) = controlled_time_and_sleep(start);
        let script = Script::default();
        script.push(Ok(credentials("ASIA1", start + Duration::from_secs(3600))));
        let last = Refresher::new(script.clone(), SharedTimeSource::new(clock), Horizon::Sdk, || 0.4);
        last.credentials().await.unwrap();
        let base = SdkConfig::builder().sleep_impl(SharedAsyncSleep::new(sleep)).build();
        let session = Session { last, role: SWITCH.parse().unwrap(), session_name: "test".to_owned(), base };
        let kept = session.clone();
        let keeper = tokio::spawn(async move { kept.keep_fresh().await });

        // 2700 seconds until it is due, looked at every minute. Each sleep moves the clock.
        for minute in 1..=45 {
            let pause = gate.expect_sleep().await;
            assert_eq!((pause.duration().as_secs(), script.asked()), (60, 1), "minute {minute}");
            if minute == 45 {
                script.push(Ok(credentials("ASIA2", start + Duration::from_secs(6300))));
            }
            pause.allow_progress();
        }
        gate.expect_sleep().await.allow_progress();
        gate.expect_sleep().await.allow_progress();
        assert_eq!(script.asked(), 2);
        assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA2");
        keeper.abort();
    });
}

#[test]
fn no_source_no_session() {
    run(async {
        let bench = Bench::new();
        let config = bench.config.to_builder();
        let mut config = config;
        config.set_credentials_provider(None);
        let error = Session::builder(SWITCH).config(config.build()).build().await.unwrap_err();
        let Error::Source(failure) = &error else { panic!("{error:?}") };
        assert!(!failure.was_found() && error.hint().is_some());
    });
}

/// What is logged, as text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);
impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let writer = self.clone();
        let layer = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
        tracing_subscriber::registry().with(layer)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Everything this crate and the SDK have to say, at the finest level, in every kind of end.
#[test]
fn secrets_are_never_said() {
    let lines = Lines::default();
    let mut said = String::new();
    // For all threads: what the other tests log is looked at too.
    tracing::subscriber::set_global_default(lines.subscriber()).unwrap();
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).build().await.unwrap();
        said = format!("{session:?} {:?} {:?}", session.sdk_config(), session.credentials().await);
        // A refresh that fails, and an answer that breaks off after the secrets.
        bench.sts.refuse(403, "AccessDenied", "no");
        bench.sts.identity(TASK);
        let error = bench.session(SWITCH).build().await.unwrap_err();
        said += &format!("{error} {error:?} {:?}", error.hint());
        bench.sts.grant("ASIA2", 3600);
        {
            let mut answers = bench.sts.answers.lock().unwrap();
            let body = &mut answers.back_mut().unwrap().1;
            body.truncate(body.find("<Expiration>").unwrap());
        }
        let error = bench.session(SWITCH).build().await.unwrap_err();
        assert!(matches!(error, Error::Unanswered(_)), "{error:?}");
        let mut cause = error.source();
        while let Some(error) = cause {
            said += &format!("{error} {error:?}");
            cause = error.source();
        }
        said += &format!("{error} {error:?}");
        // A code goes out with the request, and an external id and an assertion too.
        bench.sts.grant("ASIA3", 3600);
        let session = bench.session(SWITCH).external_id("external-7");
        let session =
            session.provided_context("arn:aws:iam::aws:contextProvider/IdentityCenter", "the-assertion");
        let session = session.mfa_serial(mfa::DEVICE).token_code(mfa::Person::with(&["987654"]));
        said += &format!("{session:?} {:?}", session.clone().build().await.unwrap());
        assert!(bench.sts.asked().iter().any(|(_, said)| said.contains("987654")));
    });
    let logged = lines.text();
    assert!(logged.contains("credentials refreshed"), "{logged}");
    for secret in
        ["the-secret", "the-token", "source-secret", "source-token", "987654", "external-7", "the-assertion"]
    {
        assert!(!said.contains(secret), "{secret} is shown: {said}");
        assert!(!logged.contains(secret), "{secret} is logged: {logged}");
    }
}
