//! With a runtime: a refresh happens behind the callers' backs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_smithy_async::test_util::ManualTimeSource;
use aws_smithy_async::time::{SharedTimeSource, TimeSource as _};
use tokio::sync::Semaphore;

use super::state::{Mode, State};
use super::vectors::{Script, credentials, outage, refusal};
use super::{Fetch, Fetching, Horizon, Refresher};

/// Answers from a list, each only when it is let through.
#[derive(Clone, Debug)]
struct Gated {
    script: Script,
    gate: Arc<Semaphore>,
}

impl Fetch for Gated {
    fn name(&self) -> &str {
        "gated"
    }

    fn fetch(&self, _urgent: bool) -> Fetching<'_> {
        Box::pin(async {
            self.gate.acquire().await.unwrap().forget();
            self.script.fetch(false).await
        })
    }
}

struct Bench {
    clock: ManualTimeSource,
    source: Gated,
    refresher: Refresher,
}

impl Bench {
    fn new(horizon: Horizon) -> Self {
        let clock = ManualTimeSource::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000));
        let source = Gated { script: Script::default(), gate: Arc::new(Semaphore::new(0)) };
        let refresher = Refresher::new(source.clone(), SharedTimeSource::new(clock.clone()), horizon, || 0.4);
        Self { clock, source, refresher }
    }

    /// Holds credentials `OLD` of which this much is left.
    async fn holding(left: u64) -> Self {
        let bench = Self::new(Horizon::Sdk);
        bench.answer("OLD", 3600);
        bench.get().await.unwrap();
        bench.clock.advance(Duration::from_secs(3600 - left));
        bench
    }

    fn answer(&self, id: &str, lasts: u64) {
        self.source.script.push(Ok(credentials(id, self.clock.now() + Duration::from_secs(lasts))));
        self.source.gate.add_permits(1);
    }

    async fn get(&self) -> Result<String, String> {
        let credentials = self.refresher.credentials().await.map_err(|error| error.to_string())?;
        Ok(credentials.access_key_id().to_owned())
    }

    /// Lets the refresh behind the scenes come to its end.
    async fn settle(&self) {
        drop(self.refresher.shared.turn.lock().await);
    }

    fn asked(&self) -> usize {
        self.source.script.asked()
    }
}

/// Runs a test, and ends it if it waits for something that never comes.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), test).await }).unwrap();
}

#[test]
fn nobody_waits_while_what_is_held_is_good() {
    run(async {
        for left in [899, 300, 59, 11] {
            let bench = Bench::holding(left).await;
            for _ in 0..3 {
                assert_eq!(bench.get().await.unwrap(), "OLD", "{left} seconds left");
                tokio::task::yield_now().await;
            }
            bench.answer("NEW", 3600);
            bench.settle().await;
            assert_eq!(bench.get().await.unwrap(), "NEW", "{left} seconds left");
            assert_eq!(bench.asked(), 2, "{left} seconds left");
        }
    });
}

#[test]
fn a_request_waits_when_what_is_held_is_about_to_end() {
    run(async {
        for left in [10, 0] {
            let bench = Bench::holding(left).await;
            bench.answer("NEW", 3600);
            assert_eq!(bench.get().await.unwrap(), "NEW");
        }
    });
}

#[test]
fn no_failure_shows_while_what_is_held_is_good() {
    run(async {
        for failure in [outage(), refusal()] {
            let bench = Bench::holding(600).await;
            bench.source.script.push(Err(failure));
            bench.source.gate.add_permits(1);
            for _ in 0..5 {
                assert_eq!(bench.get().await.unwrap(), "OLD");
                bench.settle().await;
            }
            assert_eq!(bench.asked(), 2, "it backs off");
            bench.clock.advance(Duration::from_secs(421));
            assert_eq!(bench.get().await.unwrap(), "OLD");
            bench.answer("NEW", 3600);
            bench.settle().await;
            assert_eq!(bench.get().await.unwrap(), "NEW");
        }
    });
}

#[test]
fn many_callers_one_fetch() {
    run(async {
        let bench = Bench::new(Horizon::Sdk);
        let callers: Vec<_> = (0..100)
            .map(|_| {
                let refresher = bench.refresher.clone();
                tokio::spawn(async move { refresher.credentials().await })
            })
            .collect();
        tokio::task::yield_now().await;
        bench.answer("NEW", 3600);
        for caller in callers {
            assert_eq!(caller.await.unwrap().unwrap().access_key_id(), "NEW");
        }
        assert_eq!(bench.asked(), 1);
    });
}

/// Those who waited for a fetch that failed share its failure; they do not each try in turn.
#[test]
fn many_callers_one_failure() {
    run(async {
        let bench = Bench::new(Horizon::Sdk);
        let callers: Vec<_> = (0..100)
            .map(|_| {
                let refresher = bench.refresher.clone();
                tokio::spawn(async move { refresher.credentials().await })
            })
            .collect();
        tokio::task::yield_now().await;
        bench.source.script.push(Err(outage()));
        bench.source.gate.add_permits(1);
        for caller in callers {
            assert!(caller.await.unwrap().is_err());
        }
        assert_eq!(bench.asked(), 1);
        bench.answer("NEW", 3600);
        assert_eq!(bench.get().await.unwrap(), "NEW", "the next caller tries again");
    });
}

/// A caller that gives up takes nobody down with it.
#[test]
fn a_caller_that_gives_up() {
    run(async {
        let bench = Bench::new(Horizon::Sdk);
        let refresher = bench.refresher.clone();
        let caller = tokio::spawn(async move { refresher.credentials().await });
        tokio::task::yield_now().await;
        caller.abort();
        assert!(caller.await.is_err());
        bench.answer("NEW", 3600);
        assert_eq!(bench.get().await.unwrap(), "NEW");
    });
}

#[test]
fn rejected_credentials_are_replaced() {
    run(async {
        let bench = Bench::holding(3600).await;
        bench.refresher.reject("ANOTHER");
        assert_eq!(bench.get().await.unwrap(), "OLD");
        bench.refresher.reject("OLD");
        bench.answer("NEW", 3600);
        assert_eq!(bench.get().await.unwrap(), "NEW");
    });
}

#[test]
fn what_is_handed_on_never_ends_earlier_than_before() {
    run(async {
        let bench = Bench::new(Horizon::Serving);
        bench.answer("OLD", 3600);
        bench.get().await.unwrap();
        bench.clock.advance(Duration::from_secs(2400));
        assert_eq!(bench.get().await.unwrap(), "OLD");
        bench.answer("SHORT", 900);
        bench.settle().await;
        assert_eq!(bench.get().await.unwrap(), "OLD");
        bench.clock.advance(Duration::from_secs(421));
        assert_eq!(bench.get().await.unwrap(), "OLD");
        bench.answer("NEW", 900);
        bench.settle().await;
        assert_eq!(bench.get().await.unwrap(), "NEW");
    });
}

#[test]
fn the_next_refresh_is_known() {
    run(async {
        let bench = Bench::new(Horizon::Sdk);
        assert_eq!(bench.refresher.due_in(), Duration::ZERO);
        bench.answer("OLD", 3600);
        bench.get().await.unwrap();
        assert_eq!(bench.refresher.due_in(), Duration::from_secs(2700));
        bench.clock.advance(Duration::from_secs(2800));
        assert_eq!(bench.refresher.due_in(), Duration::ZERO);
        bench.source.script.push(Err(outage()));
        bench.source.gate.add_permits(1);
        bench.get().await.unwrap();
        bench.settle().await;
        assert_eq!(bench.refresher.due_in(), Duration::from_secs(420));
    });
}

/// A clock that was ahead when something failed does not make the pause longer.
#[test]
fn a_clock_put_back() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut state = State::default();
    let fresh = Ok(credentials("OLD", after(3600)));
    assert!(state.settle(fresh, start, Horizon::Sdk, Mode::Behind, 0.4).outcome.is_ok());
    assert!(state.settle(Err(outage()), after(3000), Horizon::Sdk, Mode::Behind, 0.4).outcome.is_ok());
    for (now, expected) in
        [(3000, true), (3419, true), (3420, false), (2820, true), (2800, false), (0, false)]
    {
        assert_eq!(state.backs_off(after(now)), expected, "after {now} seconds");
    }
}

#[test]
fn secrets_are_not_shown() {
    run(async {
        let bench = Bench::holding(3600).await;
        let shown = format!("{:?} {:#?}", bench.refresher, bench.refresher);
        assert!(!shown.contains("the-secret") && !shown.contains("the-token"), "{shown}");
    });
}
