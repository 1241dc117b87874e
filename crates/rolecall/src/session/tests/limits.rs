//! How long sessions last.

use super::*;

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
#[test]
fn a_long_wish_depends_on_who_asks() {
    for (caller, seconds) in [(TASK, 3600), ("arn:aws:iam::111111111111:user/bob", 7200)] {
        run(async {
            let bench = Bench::new();
            bench.sts.identity(caller);
            bench.sts.grant("ASIA1", 3600);
            bench.session(SWITCH).duration(Duration::from_secs(7200)).build().await.unwrap();
            let said = bench.sts.asked().remove(1).1;
            assert!(said.contains(&format!("&DurationSeconds={seconds}")), "{caller}: {said}");
        });
    }
}

/// AWS's words: <https://repost.aws/knowledge-center/iam-role-chaining-limit>,
/// <https://github.com/kreuzwerker/awsu/issues/27>.
#[test]
fn a_limit_is_learned_once() {
    for words in [
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    ] {
        run(async {
            let bench = Bench::new();
            bench.sts.identity("arn:aws:iam::111111111111:user/bob");
            bench.sts.refuse(400, "ValidationError", words);
            bench.sts.grant("ASIA1", 3600);
            let session = bench.session(SWITCH).duration(Duration::from_secs(7200)).build().await.unwrap();
            bench.sts.grant("ASIA2", 3600);
            session.reject("ASIA1");
            assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA2");
            let asked: Vec<_> = bench.sts.asked().into_iter().map(|(_, said)| said).collect();
            let durations: Vec<_> = asked
                .iter()
                .filter(|said| said.starts_with("Action=AssumeRole"))
                .map(|said| said.split("&DurationSeconds=").nth(1).and_then(|it| it.split('&').next()))
                .collect();
            assert_eq!(durations, [Some("7200"), Some("3600"), Some("3600")], "{asked:?}");
        });
    }
}

/// A refusal that asking for an hour cannot mend is reported, and AWS is not asked again.
#[test]
fn a_limit_below_an_hour_is_none() {
    run(async {
        let bench = Bench::new();
        let words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        bench.sts.refuse(400, "ValidationError", words);
        bench.sts.identity(TASK);
        let error = bench.session(SWITCH).duration(Duration::from_secs(3600)).build().await.unwrap_err();
        assert!(matches!(&error, Error::Refused(refused) if refused.message() == words), "{error:?}");
    });
}

/// Served at half their life, sessions of less than half an hour get boto3 to ask at every call.
#[test]
fn short_sessions_are_not_for_serving() {
    for (seconds, horizon, warned) in [
        (900, Horizon::Serving, true),
        (1799, Horizon::Serving, true),
        (1800, Horizon::Serving, false),
        (900, Horizon::Sdk, false),
    ] {
        let lines = Lines::default();
        tracing::subscriber::with_default(lines.subscriber(), || {
            run(async {
                let bench = Bench::new();
                bench.sts.grant("ASIA1", seconds);
                let session = bench.session(SWITCH).duration(Duration::from_secs(seconds)).horizon(horizon);
                session.build().await.unwrap();
            });
        });
        let text = lines.text();
        assert_eq!(text.contains("boto3"), warned, "{seconds} {horizon:?}: {text}");
    }
}
