//! The refresh behaviour common to the AWS SDKs, as its public test vectors have it: no runtime, the caller refreshes.
//!
//! The vectors are read from `shared/conform` beside the repository. They are not part of it.

use std::collections::VecDeque;
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_smithy_async::test_util::ManualTimeSource;
use aws_smithy_async::time::{SharedTimeSource, TimeSource as _};
use serde_json::Value;

use super::{Fetch, Fetching, Horizon, Refresher};
use crate::error::{Error, Invalid, Unanswered};

/// Answers from a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    answers: Arc<Mutex<VecDeque<Result<Credentials, Error>>>>,
    asked: Arc<Mutex<usize>>,
}

impl Script {
    pub(crate) fn push(&self, answer: Result<Credentials, Error>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

impl Fetch for Script {
    fn name(&self) -> &str {
        "script"
    }

    fn fetch(&self, _urgent: bool) -> Fetching<'_> {
        *self.asked.lock().unwrap() += 1;
        let answer = self.answers.lock().unwrap().pop_front().expect("the source is asked once too often");
        Box::pin(async { answer })
    }
}

pub(crate) fn credentials(id: &str, expires: SystemTime) -> Credentials {
    Credentials::builder()
        .access_key_id(id)
        .secret_access_key("the-secret")
        .session_token("the-token")
        .expiry(expires)
        .provider_name("test")
        .build()
}

pub(crate) fn outage() -> Error {
    Error::Unanswered(Unanswered { step: None, problem: "outage".to_owned(), cause: None, permanent: false })
}

pub(crate) fn refusal() -> Error {
    Invalid::new(1, 1, "refusal".to_owned()).into()
}

/// Without a runtime nothing waits for anything.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn public_vectors() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conform/credential-refresh-tests.json");
    let Ok(text) = std::fs::read_to_string(file) else {
        println!("skipped: shared/conform/credential-refresh-tests.json is not beside the repository");
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 24);
    for case in &cases {
        run(case);
    }
}

fn run(case: &Value) {
    let given = &case["given"];
    // Chance decides between 300 and 600 seconds of back-off: with this, it is the 420 the vectors give.
    assert!(matches!(given["refreshBackoffSeconds"].as_u64(), None | Some(420)));
    let chance = || 0.4;
    let clock = ManualTimeSource::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000));
    let horizon = given["configuredAdvisoryWindowSeconds"]
        .as_u64()
        .map_or(Horizon::Sdk, |seconds| Horizon::Fixed(Duration::from_secs(seconds)));
    let script = Script::default();
    let refresher = Refresher::new(script.clone(), SharedTimeSource::new(clock.clone()), horizon, chance);

    // What is held at the start: credentials of an hour, this much of it gone.
    let gone = match given["cachedCredentials"].as_str().unwrap() {
        "none" => None,
        "valid" => Some(0),
        "advisory" => Some(3600 - 600),
        "mandatory" => Some(3600 - 30),
        "expired" => Some(3600 + 60),
        other => panic!("{other}"),
    };
    let held = given["accessKeyId"].as_str().unwrap_or("HELD");
    if let Some(gone) = gone {
        script.push(Ok(credentials(held, clock.now() + Duration::from_secs(3600))));
        at_once(refresher.credentials()).unwrap();
        clock.advance(Duration::from_secs(gone));
    }

    for step in case["steps"].as_array().unwrap() {
        match step["type"].as_str().unwrap() {
            "advanceTime" => {
                clock.advance(Duration::from_secs(step["seconds"].as_u64().unwrap()));
            }
            "invalidate" => refresher.reject(step["rejectedAccessKeyId"].as_str().unwrap()),
            "getCredentials" => get(step, case, &refresher, &script, &clock, held),
            other => panic!("{other}"),
        }
    }
}

fn get(
    step: &Value,
    case: &Value,
    refresher: &Refresher,
    script: &Script,
    clock: &ManualTimeSource,
    held: &str,
) {
    let lifetime = Duration::from_secs(step["lifetimeSeconds"].as_u64().unwrap_or(3600));
    match step["response"].as_str() {
        None => {}
        Some("freshCredentials") => script.push(Ok(credentials("NEW", clock.now() + lifetime))),
        Some("staleCredentials") => script.push(Ok(credentials("STALE", clock.now()))),
        Some("error") => script.push(Err(outage())),
        Some("nonRecoverableError") => script.push(Err(refusal())),
        Some(other) => panic!("{other}"),
    }
    let asked = script.asked();
    let limited = refresher.shared.state().backs_off(clock.now());
    let result = at_once(refresher.credentials());

    let expected = &step["expected"];
    let got = match &result {
        Ok(credentials) if credentials.access_key_id() == "NEW" => "newCredentials",
        Ok(credentials) if credentials.access_key_id() == held => "cachedCredentials",
        Ok(other) => panic!("{other:?}"),
        Err(error) if error.is_permanent() => "nonRecoverableError",
        Err(_) => "noCredentialsError",
    };
    let documentation = &case["documentation"];
    assert_eq!(got, expected["result"], "{documentation}");
    assert_eq!(
        script.asked() - asked,
        usize::from(expected["sourceContacted"].as_bool().unwrap()),
        "{documentation}"
    );
    assert_eq!(limited, expected["rateLimited"].as_bool().unwrap(), "{documentation}");
    if let Some(seconds) = expected["advisoryWindowSeconds"].as_u64() {
        assert_eq!(refresher.shared.state().window(), Some(Duration::from_secs(seconds)), "{documentation}");
    }
    assert!(script.answers.lock().unwrap().is_empty(), "the answer was not asked for: {documentation}");
}
