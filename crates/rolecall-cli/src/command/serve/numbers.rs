//! What is counted for each role, and the page that Prometheus reads.
//!
//! [Text format](https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)

use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bounds of the times that calls take, in milliseconds.
const BOUNDS: [u64; 8] = [25, 50, 100, 250, 500, 1000, 5000, 10_000];

/// What is counted for one role.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    refreshes: AtomicU64,
    failures: AtomicU64,
    /// How many calls took no longer than each bound.
    within: [AtomicU64; BOUNDS.len()],
    millis: AtomicU64,
}

/// How a role is doing, for the page.
pub(super) struct Sample<'a> {
    pub(super) role: &'a str,
    pub(super) is_ready: bool,
    /// Seconds until the credentials end; zero if there are none.
    pub(super) seconds: u64,
    pub(super) numbers: &'a Numbers,
    /// Requests by status.
    pub(super) requests: Vec<(u16, u64)>,
}

impl Numbers {
    /// A refresh has ended: it took so long, and brought credentials or not.
    pub(super) fn refreshed(&self, took: Duration, succeeded: bool) {
        let count = if succeeded { &self.refreshes } else { &self.failures };
        count.fetch_add(1, Ordering::Relaxed);
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.millis.fetch_add(millis, Ordering::Relaxed);
        for (_, count) in BOUNDS.iter().zip(&self.within).filter(|(bound, _)| millis <= **bound) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The page.
pub(super) fn page(samples: &[Sample<'_>], refused: &[(u16, u64)], reloads: (u64, u64)) -> String {
    let mut page = String::new();
    let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
    let per_role = |of: &dyn Fn(&Sample<'_>) -> u64| {
        samples.iter().map(|it| (format!("role=\"{}\"", it.role), of(it))).collect::<Vec<_>>()
    };
    metric(
        &mut page,
        (
            "rolecall_role_ready",
            "gauge",
            "Whether the role has credentials, or is not renewed because nobody asks.",
        ),
        per_role(&|it| u64::from(it.is_ready)),
    );
    metric(
        &mut page,
        (
            "rolecall_credentials_expire_seconds",
            "gauge",
            "Seconds until the role's credentials end; 0 without any.",
        ),
        per_role(&|it| it.seconds),
    );
    metric(
        &mut page,
        ("rolecall_refreshes_total", "counter", "Refreshes that brought credentials."),
        per_role(&|it| read(&it.numbers.refreshes)),
    );
    metric(
        &mut page,
        ("rolecall_refresh_failures_total", "counter", "Refreshes that failed."),
        per_role(&|it| read(&it.numbers.failures)),
    );
    histogram(&mut page, samples);
    let requests = samples.iter().flat_map(|it| {
        it.requests.iter().map(|(code, count)| (format!("role=\"{}\",code=\"{code}\"", it.role), *count))
    });
    metric(
        &mut page,
        (
            "rolecall_requests_total",
            "counter",
            "Requests for a role's credentials, by the status of the answer.",
        ),
        requests,
    );
    let refused = refused.iter().map(|(code, count)| (format!("code=\"{code}\""), *count));
    metric(
        &mut page,
        ("rolecall_refused_requests_total", "counter", "Requests that were refused and for no role."),
        refused,
    );
    let reloads = [("done", reloads.0), ("failed", reloads.1)];
    metric(
        &mut page,
        ("rolecall_config_reloads_total", "counter", "Reloads of the configuration."),
        reloads.map(|(result, count)| (format!("result=\"{result}\""), count)),
    );
    page
}

fn metric(
    page: &mut String,
    (name, kind, help): (&str, &str, &str),
    values: impl IntoIterator<Item = (String, u64)>,
) {
    line(page, format_args!("# HELP {name} {help}"));
    line(page, format_args!("# TYPE {name} {kind}"));
    for (labels, value) in values {
        line(page, format_args!("{name}{{{labels}}} {value}"));
    }
}

fn histogram(page: &mut String, samples: &[Sample<'_>]) {
    const NAME: &str = "rolecall_refresh_duration_seconds";
    line(page, format_args!("# HELP {NAME} How long refreshes took, with every call to STS in them."));
    line(page, format_args!("# TYPE {NAME} histogram"));
    let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
    for Sample { role, numbers, .. } in samples {
        let count = read(&numbers.refreshes) + read(&numbers.failures);
        for (bound, within) in BOUNDS.iter().zip(&numbers.within) {
            let bound = Duration::from_millis(*bound).as_secs_f64();
            line(page, format_args!("{NAME}_bucket{{role=\"{role}\",le=\"{bound}\"}} {}", read(within)));
        }
        line(page, format_args!("{NAME}_bucket{{role=\"{role}\",le=\"+Inf\"}} {count}"));
        let sum = Duration::from_millis(read(&numbers.millis)).as_secs_f64();
        line(page, format_args!("{NAME}_sum{{role=\"{role}\"}} {sum}"));
        line(page, format_args!("{NAME}_count{{role=\"{role}\"}} {count}"));
    }
}

fn line(page: &mut String, text: impl Display) {
    // Writing to a String cannot fail.
    writeln!(page, "{text}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_reads() {
        let numbers = Numbers::default();
        numbers.refreshed(Duration::from_millis(40), true);
        numbers.refreshed(Duration::from_millis(300), true);
        numbers.refreshed(Duration::from_secs(30), false);
        let sample = Sample {
            role: "orders",
            is_ready: true,
            seconds: 3000,
            numbers: &numbers,
            requests: vec![(200, 7), (401, 1)],
        };
        let page = page(&[sample], &[(403, 2)], (1, 0));
        let values: Vec<_> = page.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            values,
            [
                "rolecall_role_ready{role=\"orders\"} 1",
                "rolecall_credentials_expire_seconds{role=\"orders\"} 3000",
                "rolecall_refreshes_total{role=\"orders\"} 2",
                "rolecall_refresh_failures_total{role=\"orders\"} 1",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"0.025\"} 0",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"0.05\"} 1",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"0.1\"} 1",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"0.25\"} 1",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"0.5\"} 2",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"1\"} 2",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"5\"} 2",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"10\"} 2",
                "rolecall_refresh_duration_seconds_bucket{role=\"orders\",le=\"+Inf\"} 3",
                "rolecall_refresh_duration_seconds_sum{role=\"orders\"} 30.34",
                "rolecall_refresh_duration_seconds_count{role=\"orders\"} 3",
                "rolecall_requests_total{role=\"orders\",code=\"200\"} 7",
                "rolecall_requests_total{role=\"orders\",code=\"401\"} 1",
                "rolecall_refused_requests_total{code=\"403\"} 2",
                "rolecall_config_reloads_total{result=\"done\"} 1",
                "rolecall_config_reloads_total{result=\"failed\"} 0",
            ]
        );
        // Each has its help and its type before it.
        assert_eq!(page.lines().filter(|line| line.starts_with("# HELP ")).count(), 8);
        assert_eq!(page.lines().filter(|line| line.starts_with("# TYPE ")).count(), 8);
    }
}
