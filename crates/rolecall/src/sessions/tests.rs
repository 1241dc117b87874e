//! Which sessions are shared, and which go.

use super::*;
use crate::session::tests::{Bench, READER, SWITCH, run};

fn sessions(bench: &Bench, capacity: usize) -> Arc<Sessions> {
    Arc::new(Sessions::new(bench.config.clone(), capacity))
}

fn tenant(name: &str) -> Hop {
    Hop::to(SWITCH).session_name("test").external_id(name)
}

/// The access key of the session through these hops.
async fn key<H: Into<Hop>>(sessions: &Sessions, hops: impl IntoIterator<Item = H>) -> String {
    let session = sessions.get(hops).await.unwrap();
    session.credentials().await.unwrap().access_key_id().to_owned()
}

#[test]
fn the_same_is_shared_and_nothing_else() {
    run(async {
        let bench = Bench::new();
        let sessions = sessions(&bench, 100);
        let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let wishes = [
            vec![tenant("blue")],
            vec![tenant("red")],
            vec![tenant("blue").tag("team", "a")],
            vec![tenant("blue").tag("team", "b")],
            vec![tenant("blue").policy(policy)],
            vec![tenant("blue").duration(std::time::Duration::from_secs(900))],
            vec![tenant("blue").session_name("other")],
            vec![tenant("blue").source_identity("alice")],
            vec![Hop::to(READER).external_id("blue")],
            vec![tenant("blue"), Hop::to(READER)],
        ];
        for round in 0..2 {
            for (number, hops) in wishes.iter().enumerate() {
                if round == 0 {
                    bench.sts.grant(&format!("ASIA{number}"), 3600);
                    if hops.len() == 2 {
                        // Its first hop is a session of its own.
                        bench.sts.grant(&format!("ASIA{number}"), 3600);
                    }
                }
                assert_eq!(key(&sessions, hops.clone()).await, format!("ASIA{number}"), "{hops:?}");
            }
        }
        assert_eq!((sessions.len(), bench.sts.asked().len()), (10, 11));
    });
}

#[test]
fn many_at_once_one_call() {
    run(async {
        let bench = Bench::new();
        let sessions = sessions(&bench, 100);
        bench.sts.grant("ASIA1", 3600);
        let callers: Vec<_> = (0..64)
            .map(|_| {
                let sessions = Arc::clone(&sessions);
                tokio::spawn(async move { key(&sessions, [tenant("blue")]).await })
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap(), "ASIA1");
        }
        assert_eq!(bench.sts.asked().len(), 1);
    });
}

#[test]
fn who_was_not_asked_for_goes() {
    run(async {
        let bench = Bench::new();
        let sessions = sessions(&bench, 2);
        for name in ["blue", "red"] {
            bench.sts.grant(name, 3600);
            assert_eq!(key(&sessions, [tenant(name)]).await, name);
        }
        let red = sessions.get([tenant("red")]).await.unwrap();
        assert_eq!(key(&sessions, [tenant("blue")]).await, "blue");
        bench.sts.grant("green", 3600);
        assert_eq!(key(&sessions, [tenant("green")]).await, "green");
        assert_eq!((sessions.len(), bench.sts.asked().len()), (2, 3));
        // Blue was kept, red went; whoever has it still goes on.
        assert_eq!(key(&sessions, [tenant("blue")]).await, "blue");
        assert_eq!(red.credentials().await.unwrap().access_key_id(), "red");
        bench.sts.grant("red again", 3600);
        assert_eq!(key(&sessions, [tenant("red")]).await, "red again");
        sessions.clear();
        assert!(sessions.is_empty());
    });
}

/// One tenant's wrong role is no other's trouble, and does not have AWS asked at each request.
#[test]
fn what_is_refused() {
    run(async {
        let bench = Bench::new();
        let sessions = sessions(&bench, 2);
        bench.sts.grant("blue", 3600);
        assert_eq!(key(&sessions, [tenant("blue")]).await, "blue");
        bench.sts.refuse(403, "AccessDenied", "no");
        bench.sts.refuse(500, "InternalFailure", "no");
        for _ in 0..5 {
            let error = sessions.get([tenant("red")]).await.unwrap_err();
            assert!(matches!(error, Error::Refused(_)), "{error:?}");
        }
        assert_eq!(bench.sts.asked().len(), 3);
        // What cannot be right takes nobody's place.
        for wrong in [vec![], vec![Hop::to("nonsense")]] {
            let error = sessions.get(wrong).await.unwrap_err();
            assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        }
        assert_eq!(key(&sessions, [tenant("blue")]).await, "blue");
        assert_eq!(sessions.len(), 2);
    });
}
