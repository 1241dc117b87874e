//! Sessions that need a code of an MFA device.

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::{AskingCode, TokenCode};

pub(super) const DEVICE: &str = "arn:aws:iam::111111111111:mfa/alice";

/// Gives codes from a list, and sees to it that nobody asks while it is being asked.
#[derive(Debug, Default)]
pub(super) struct Person {
    codes: Mutex<VecDeque<&'static str>>,
    asked: AtomicBool,
}

impl Person {
    pub(super) fn with(codes: &[&'static str]) -> Arc<Self> {
        Arc::new(Self { codes: Mutex::new(codes.iter().copied().collect()), ..Self::default() })
    }
}

impl TokenCode for Person {
    fn token_code<'a>(&'a self, serial: &'a str) -> AskingCode<'a> {
        Box::pin(async move {
            assert_eq!(serial, DEVICE);
            assert!(!self.asked.swap(true, Ordering::SeqCst), "two prompts at once");
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.asked.store(false, Ordering::SeqCst);
            let code = self.codes.lock().unwrap().pop_front();
            code.map(str::to_owned).ok_or_else(|| "nobody is at the keyboard".into())
        })
    }
}

impl Sts {
    /// An answer to GetSessionToken, for twelve hours.
    fn user_session(&self, key: &str) {
        self.grant(key, 43_200);
        let mut answers = self.answers.lock().unwrap();
        let body = &mut answers.back_mut().unwrap().1;
        *body = body.replace("AssumeRole", "GetSessionToken");
    }
}

/// What was asked: who signed, the action, the duration, and the code.
fn asked(sts: &Sts) -> Vec<String> {
    let parameter = |said: &str, name: &str| {
        said.split(name).nth(1).and_then(|rest| rest.split('&').next()).unwrap_or("-").to_owned()
    };
    let line = |(key, said): (String, String)| {
        let [action, duration, code] =
            ["Action=", "DurationSeconds=", "TokenCode="].map(|name| parameter(&said, name));
        assert_eq!(
            said.contains("SerialNumber=arn%3Aaws%3Aiam%3A%3A111111111111%3Amfa%2Falice"),
            code != "-"
        );
        format!("{key} {action} {duration} {code}")
    };
    sts.asked().into_iter().map(line).collect()
}

/// A user with keys of its own, that last.
fn user() -> Credentials {
    Credentials::new("AKIAUSER", "source-secret", None, None, "test")
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html>
#[test]
fn one_code_for_many_refreshes() {
    run(async {
        let (bench, person) = (Bench::new(), Person::with(&["111111"]));
        bench.sts.user_session("ASIAUSER");
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).source_credentials(user()).mfa_serial(DEVICE).token_code(person);
        let session = session.build().await.unwrap();
        for hour in 1..=3 {
            bench.clock.advance(Duration::from_secs(3600));
            bench.sts.grant(&format!("ASIA{}", hour + 1), 3600 * (hour + 1));
            session.credentials().await.unwrap();
        }
        assert_eq!(
            asked(&bench.sts),
            [
                "AKIAUSER GetSessionToken - 111111",
                "ASIAUSER AssumeRole - -",
                "ASIAUSER AssumeRole - -",
                "ASIAUSER AssumeRole - -",
                "ASIAUSER AssumeRole - -",
            ]
        );
    });
}

/// The user's session ends after twelve hours, and a second code is asked for. One that AWS says has ended early gets
/// another, too.
#[test]
fn another_code_when_the_session_has_ended() {
    run(async {
        let (bench, person) = (Bench::new(), Person::with(&["111111", "222222"]));
        bench.sts.user_session("ASIAUSER");
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).source_credentials(user()).mfa_serial(DEVICE).token_code(person);
        let session = session.build().await.unwrap();
        bench.clock.advance(Duration::from_secs(3600));
        bench.sts.refuse(403, "ExpiredToken", "The security token included in the request is expired");
        bench.sts.user_session("ASIAUSER2");
        bench.sts.grant("ASIA2", 7200);
        session.credentials().await.unwrap();
        assert_eq!(
            asked(&bench.sts)[2..],
            ["ASIAUSER AssumeRole - -", "AKIAUSER GetSessionToken - 222222", "ASIAUSER2 AssumeRole - -",]
        );
    });
}

/// Whoever wishes for more than an hour, or has a session already, gives a code with each AssumeRole:
/// <https://repost.aws/knowledge-center/iam-role-chaining-limit>.
#[test]
fn a_code_with_each_assume_role() {
    run(async {
        let (bench, person) = (Bench::new(), Person::with(&["111111", "222222"]));
        bench.sts.grant("ASIA1", 3600);
        // The source of the bench is a session.
        let session = bench.session(SWITCH).mfa_serial(DEVICE).token_code(person);
        let session = session.build().await.unwrap();
        bench.clock.advance(Duration::from_secs(3600));
        bench.sts.grant("ASIA2", 7200);
        session.credentials().await.unwrap();
        assert_eq!(asked(&bench.sts), ["SOURCE AssumeRole - 111111", "SOURCE AssumeRole - 222222"]);

        let (bench, person) = (Bench::new(), Person::with(&["111111"]));
        bench.sts.grant("ASIA1", 14_400);
        let session = bench.session(SWITCH).source_credentials(user()).mfa_serial(DEVICE).token_code(person);
        session.duration(Duration::from_secs(14_400)).build().await.unwrap();
        assert_eq!(asked(&bench.sts), ["AKIAUSER AssumeRole 14400 111111"]);
    });
}

/// The role allows an hour only: then the user's session will do.
#[test]
fn a_long_wish_that_is_refused() {
    run(async {
        let (bench, person) = (Bench::new(), Person::with(&["111111", "222222"]));
        let words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        bench.sts.refuse(400, "ValidationError", words);
        bench.sts.user_session("ASIAUSER");
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).source_credentials(user()).mfa_serial(DEVICE).token_code(person);
        session.duration(Duration::from_secs(14_400)).build().await.unwrap();
        assert_eq!(
            asked(&bench.sts),
            [
                "AKIAUSER AssumeRole 14400 111111",
                "AKIAUSER GetSessionToken - 222222",
                "ASIAUSER AssumeRole 3600 -",
            ]
        );
    });
}

/// Both hops are refreshed at the same time, in tasks of their own, and each needs a code: [`Person`] minds.
#[test]
fn one_prompt_at_a_time() {
    run(async {
        let (bench, person) = (Bench::new(), Person::with(&["111111", "222222", "333333", "444444"]));
        bench.sts.grant("ASIA1", 3600);
        bench.sts.grant("ASIA2", 3600);
        let via = Hop::to(SWITCH).mfa_serial(DEVICE);
        let session = bench.session(READER).via(via).mfa_serial(DEVICE).token_code(person);
        let session = session.build().await.unwrap();
        bench.clock.advance(Duration::from_secs(3000));
        bench.sts.grant("ASIA3", 7200);
        bench.sts.grant("ASIA4", 7200);
        assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA2");
        while bench.sts.asked().len() < 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut codes: Vec<_> =
            asked(&bench.sts).iter().map(|said| said.rsplit(' ').next().unwrap().to_owned()).collect();
        codes.sort();
        assert_eq!(codes, ["111111", "222222", "333333", "444444"]);
    });
}

/// A code that is wrong or used is a refusal, and the hint says what to do. It is sent once, even where AWS may answer
/// later.
#[test]
fn a_code_is_sent_once() {
    run(async {
        let (bench, person) = (Bench::new(), Person::with(&["111111", "222222", "333333"]));
        let config = bench.config.to_builder().retry_config(RetryConfig::standard()).build();
        let session = || {
            let session = Session::builder(SWITCH).config(config.clone()).source_credentials(user());
            session.session_name("test").mfa_serial(DEVICE).token_code(person.clone()).build()
        };
        let words = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
        bench.sts.refuse(403, "AccessDenied", words);
        let error = session().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("AWS gave no session for the MFA code: AccessDenied: {words} (request id request-7)")
        );
        assert!(error.is_permanent());
        let hint = error.hint().unwrap();
        assert!(hint.contains("takes each code once") && hint.contains(DEVICE), "{hint}");

        bench.sts.refuse(503, "ServiceUnavailable", "later");
        let error = session().await.unwrap_err();
        assert!(matches!(error, Error::Unanswered(_)) && !error.is_permanent(), "{error:?}");
        assert_eq!(
            asked(&bench.sts),
            ["AKIAUSER GetSessionToken - 111111", "AKIAUSER GetSessionToken - 222222"]
        );
    });
}

#[test]
fn nobody_to_ask_and_no_code() {
    run(async {
        let bench = Bench::new();
        let error = bench.session(READER).via(Hop::to(SWITCH).mfa_serial(DEVICE)).build().await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!(
                "hop 1 of 2: the hop names the MFA device `{DEVICE}`, and there is nobody to ask for its codes: give \
                 `SessionBuilder::token_code`"
            )
        );
        for (codes, says, cause) in [
            (&[][..], "nobody gave a code of the MFA device", Some("nobody is at the keyboard")),
            (&["12345"], "is six digits; what was given is not", None),
            (&["a-password"], "is six digits; what was given is not", None),
        ] {
            let session = bench.session(SWITCH).mfa_serial(DEVICE).token_code(Person::with(codes));
            let error = session.build().await.unwrap_err();
            assert!(error.to_string().contains(says) && error.to_string().contains(DEVICE), "{error}");
            assert!(error.is_permanent() && !format!("{error:?}").contains("a-password"), "{error:?}");
            assert_eq!(error.source().map(ToString::to_string).as_deref(), cause);
        }
        assert!(bench.sts.asked().is_empty());
    });
}
