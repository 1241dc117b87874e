//! STS fails for half an hour in the middle of a session of an hour.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_async::test_util::ManualTimeSource;
use aws_smithy_async::time::{SharedTimeSource, TimeSource as _};

use super::vectors::{credentials, outage};
use super::{Fetch, Fetching, Horizon, Refresher};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Gives sessions of an hour, but not between these two times.
#[derive(Clone, Debug)]
struct Sts {
    clock: ManualTimeSource,
    fails: (SystemTime, SystemTime),
    given: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
}

impl Fetch for Sts {
    fn name(&self) -> &str {
        "an STS that fails"
    }

    fn fetch(&self, _urgent: bool) -> Fetching<'_> {
        Box::pin(async {
            let now = self.clock.now();
            if now >= self.fails.0 && now < self.fails.1 {
                self.failed.fetch_add(1, Ordering::Relaxed);
                return Err(outage());
            }
            let number = self.given.fetch_add(1, Ordering::Relaxed);
            Ok(credentials(&format!("ASIA{number}"), now + Duration::from_secs(HOUR)))
        })
    }
}

/// Somebody asks every second for two hours. Nobody hears of it, and nobody is given what has ended; STS is asked this
/// often in vain.
#[test]
fn nobody_hears_of_it() {
    for (horizon, from, to, attempts) in [
        // The SDKs' window opens 15 minutes before the end: they do not even try.
        (Horizon::Sdk, 15, 45, 0),
        // At 45 and 52 minutes, and again at 59.
        (Horizon::Sdk, 25, 55, 2),
        // Credentials that are handed on are refreshed 27 minutes before their end, and after a failure when a quarter of
        // what is left has gone by: at 33:00, 39:45, 44:48, and so on.
        (Horizon::Serving, 15, 45, 3),
        (Horizon::Serving, 25, 55, 6),
        (Horizon::Serving, 29, 59, 12),
    ] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
            let at = |minutes| start + Duration::from_secs(minutes * MINUTE);
            let clock = ManualTimeSource::new(start);
            let (given, failed) = Default::default();
            let sts = Sts { clock: clock.clone(), fails: (at(from), at(to)), given, failed };
            let refresher =
                Refresher::new(sts.clone(), SharedTimeSource::new(clock.clone()), horizon, || 0.4);
            for second in 0..2 * HOUR {
                let what = || format!("{horizon:?}, {from} to {to}: second {second}");
                let credentials =
                    refresher.credentials().await.unwrap_or_else(|error| panic!("{}: {error}", what()));
                assert!(credentials.expiry().unwrap() > clock.now(), "{}", what());
                // What goes on behind the callers' backs comes to its end.
                tokio::task::yield_now().await;
                drop(refresher.shared.turn.lock().await);
                clock.advance(Duration::from_secs(1));
            }
            assert_eq!(sts.failed.load(Ordering::Relaxed), attempts, "{horizon:?}, {from} to {to}");
        });
    }
}
