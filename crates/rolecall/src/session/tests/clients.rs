//! Clients made from a session's configuration, and credentials that end before their time.

use super::*;

/// A client made from the session's configuration signs with what the session holds, and never fetches for itself.
#[test]
fn clients_sign_with_the_session() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).build().await.unwrap();
        let client = aws_sdk_sts::Client::new(&session.sdk_config());
        for _ in 0..3 {
            bench.sts.identity(TASK);
            client.get_caller_identity().send().await.unwrap();
        }
        // STS is down, and eight seconds are left.
        bench.clock.advance(Duration::from_secs(3592));
        bench.sts.refuse(503, "ServiceUnavailable", "later");
        bench.sts.identity(TASK);
        client.get_caller_identity().send().await.unwrap();
        let keys: Vec<_> = bench.sts.asked().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["SOURCE", "ASIA1", "ASIA1", "ASIA1", "SOURCE", "ASIA1"]);
        // And when it is back, after the pause, there are new ones.
        bench.clock.advance(Duration::from_secs(601));
        bench.sts.grant("ASIA2", 9000);
        bench.sts.identity(TASK);
        client.get_caller_identity().send().await.unwrap();
        assert_eq!(bench.sts.asked().last().unwrap().0, "ASIA2");
    });
}

/// A client made before a refresh signs with what came of it: the SDK's own cache would keep to the old set.
#[test]
fn clients_follow_the_session() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).build().await.unwrap();
        let client = aws_sdk_sts::Client::new(&session.sdk_config());
        bench.sts.identity(TASK);
        client.get_caller_identity().send().await.unwrap();
        session.reject("ASIA1");
        bench.sts.grant("ASIA2", 3600);
        bench.sts.identity(TASK);
        client.get_caller_identity().send().await.unwrap();
        let keys: Vec<_> = bench.sts.asked().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["SOURCE", "ASIA1", "SOURCE", "ASIA2"]);
    });
}

/// A service says `ExpiredToken` before the session's own clock does. The SDK's retry signs with others.
#[test]
fn a_service_that_says_expired() {
    run(async {
        for (attempts, calls_that_fail) in [(3, 0), (1, 1)] {
            let bench = Bench::new();
            bench.sts.grant("ASIA1", 3600);
            let retries = RetryConfig::standard()
                .with_max_attempts(attempts)
                .with_initial_backoff(Duration::from_millis(1));
            let config = bench.config.to_builder().retry_config(retries).build();
            let session = bench.session(SWITCH).config(config).build().await.unwrap();
            let client = aws_sdk_sts::Client::new(&session.sdk_config());
            bench.clock.advance(Duration::from_secs(60));
            bench.sts.refuse(403, "ExpiredToken", "The security token included in the request is expired");
            bench.sts.grant("ASIA2", 3600);
            bench.sts.identity(TASK);
            let mut failed = 0;
            while let Err(error) = client.get_caller_identity().send().await {
                assert_eq!(error.code(), Some("ExpiredToken"), "the service's own answer: {error:?}");
                failed += 1;
            }
            assert_eq!(failed, calls_that_fail, "with {attempts} attempts");
            let keys: Vec<_> = bench.sts.asked().into_iter().map(|(key, _)| key).collect();
            assert_eq!(keys, ["SOURCE", "ASIA1", "SOURCE", "ASIA2"]);
        }
    });
}

/// What was had a moment ago has not ended, whatever a service says: STS is not asked again and again.
#[test]
fn a_service_that_is_wrong() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).build().await.unwrap();
        let client = aws_sdk_sts::Client::new(&session.sdk_config());
        for _ in 0..3 {
            bench.sts.refuse(403, "ExpiredToken", "The security token included in the request is expired");
            client.get_caller_identity().send().await.unwrap_err();
        }
        let keys: Vec<_> = bench.sts.asked().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["SOURCE", "ASIA1", "ASIA1", "ASIA1"]);
    });
}

/// AWS's clock is ten minutes ahead of this machine's, or behind it: the credentials last for an hour all the same.
#[test]
fn a_clock_that_is_wrong() {
    // START is 2027-01-15T08:00:00Z.
    for (date, ends) in [
        ("Fri, 15 Jan 2027 08:10:00 GMT", 4200),
        ("Fri, 15 Jan 2027 07:50:00 GMT", 3000),
        ("Fri, 15 Jan 2027 08:00:02 GMT", 3600),
    ] {
        run(async {
            let bench = Bench::new();
            *bench.sts.date.lock().unwrap() = Some(date);
            bench.sts.grant("ASIA1", ends);
            let session = bench.session(SWITCH).build().await.unwrap();
            let expiry = session.credentials().await.unwrap().expiry().unwrap();
            assert_eq!(expiry.duration_since(session.now()).unwrap().as_secs(), 3600, "{date}");
        });
    }
}

/// The hop before holds credentials that AWS says have ended: it gets others, once.
#[test]
fn a_hop_that_ended_early_is_renewed() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        bench.sts.refuse(403, "ExpiredToken", "The security token included in the request is expired");
        bench.sts.grant("ASIA2", 3600);
        bench.sts.grant("ASIA3", 3600);
        let session = bench.session(READER).via(SWITCH).build().await.unwrap();
        assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA3");
        let keys: Vec<_> = bench.sts.asked().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["SOURCE", "ASIA1", "SOURCE", "ASIA2"]);
    });
}
