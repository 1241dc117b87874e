//! A region's STS cannot be reached.

use super::*;

impl Sts {
    fn is_down(&self, region: &'static str) {
        *self.down.lock().unwrap() = (region, 0);
    }

    /// How often it was asked in vain.
    fn tried(&self) -> usize {
        self.down.lock().unwrap().1
    }
}

/// With an hour's credentials in hand another attempt comes in time. Only when none might, another region is asked.
#[test]
fn another_region_when_time_is_short() {
    run(async {
        let bench = Bench::new();
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).build().await.unwrap();
        bench.sts.is_down("sts.eu-west-1.");
        let settle = async || {
            // What goes on behind the caller's back needs no timer here.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        };
        // Fourteen minutes are left, then three and a half: the pause after a failure is five to ten minutes.
        for (advance, tried, asked) in [(2760, 1, 1), (630, 2, 2)] {
            bench.clock.advance(Duration::from_secs(advance));
            bench.sts.grant("ASIA2", 7200);
            assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA1");
            settle().await;
            assert_eq!(
                (bench.sts.tried(), bench.sts.asked().len()),
                (tried, asked),
                "after {advance} seconds"
            );
            bench.sts.answers.lock().unwrap().clear();
        }
        assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA2");
    });
}

/// At the start nothing is held.
#[test]
fn another_region_at_the_start() {
    run(async {
        let bench = Bench::new();
        bench.sts.is_down("sts.eu-west-1.");
        bench.sts.grant("ASIA1", 3600);
        let session = bench.session(SWITCH).build().await.unwrap();
        assert_eq!(session.credentials().await.unwrap().access_key_id(), "ASIA1");

        // Both: the error is of the region that was to be asked. What the other has to say is not what is wrong here.
        for down in ["https://sts.", "sts.eu-west-1."] {
            bench.sts.is_down(down);
            bench.sts.refuse(403, "RegionDisabledException", "no");
            let error = bench.session(SWITCH).build().await.unwrap_err();
            assert!(
                error.to_string().contains("STS could not be reached") && !error.is_permanent(),
                "{error}"
            );
            bench.sts.answers.lock().unwrap().clear();
        }
    });
}

/// Where somebody has set a URL, or STS answers, however badly, nobody else is asked.
#[test]
fn no_other_region() {
    run(async {
        let bench = Bench::new();
        bench.sts.refuse(503, "ServiceUnavailable", "later");
        bench.session(SWITCH).build().await.unwrap_err();
        assert_eq!(bench.sts.asked().len(), 1);

        bench.sts.is_down("https://sts.");
        let config = bench.config.to_builder().endpoint_url("https://sts.example.com").build();
        bench.session(SWITCH).config(config).build().await.unwrap_err();
        assert_eq!((bench.sts.tried(), bench.sts.asked().len()), (1, 1));
    });
}
