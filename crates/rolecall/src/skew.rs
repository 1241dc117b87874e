//! How far this machine's clock is from AWS's.
//!
//! AWS says by its own clock when credentials end. Whoever uses them asks this machine's clock: this session, the caches
//! of the SDKs, a program that is handed them. So their end is put into this machine's time where they arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

/// Less is left alone: an answer is as old as it was under way, and everybody refreshes a minute before the end at the
/// latest.
const NOTABLE: u64 = 30;

/// The difference, learned from the `Date` of answers. Clones share it.
///
/// The SDK learns it in the same way, for signatures:
/// <https://github.com/smithy-lang/smithy-rs/blob/main/aws/rust-runtime/aws-runtime/src/service_clock_skew.rs>.
#[derive(Clone, Debug, Default)]
pub(crate) struct Skew {
    /// How many seconds AWS is ahead.
    ahead: Arc<AtomicI64>,
}

impl Skew {
    /// A time of AWS, by this machine's clock.
    pub(crate) fn in_local_time(&self, time: SystemTime) -> SystemTime {
        let ahead = self.ahead.load(Ordering::Relaxed);
        let by = Duration::from_secs(ahead.unsigned_abs());
        let local = if ahead > 0 { time.checked_sub(by) } else { time.checked_add(by) };
        local.unwrap_or(time)
    }

    /// Takes note of an answer that came at `now` and was written at `date`.
    fn learn(&self, date: SystemTime, now: SystemTime) {
        let (by, sign) = match date.duration_since(now) {
            Ok(ahead) => (ahead, 1),
            Err(behind) => (behind.duration(), -1),
        };
        let seconds = if by.as_secs() < NOTABLE { 0 } else { i64::try_from(by.as_secs()).unwrap_or(0) };
        let before = self.ahead.swap(sign * seconds, Ordering::Relaxed);
        if before == 0 && seconds != 0 {
            let which = if sign > 0 { "behind" } else { "ahead of" };
            tracing::warn!(
                seconds,
                "this machine's clock is {which} AWS's; the end of credentials is reckoned by it"
            );
        }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Skew {
    fn name(&self) -> &'static str {
        "rolecall::Skew"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
        let date = date.and_then(|date| SystemTime::try_from(date).ok());
        if let (Some(date), Some(clock)) = (date, components.time_source()) {
            self.learn(date, clock.now());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learned_from_each_answer() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let skew = Skew::default();
        for (date, now, end_by_this_machine) in [
            (1000, 1000, 5000),
            // Under way for a while, or a clock that is off by little.
            (1000, 1029, 5000),
            (1600, 1000, 4400),
            (1000, 1600, 5600),
            // Put right.
            (1000, 1001, 5000),
        ] {
            skew.learn(at(date), at(now));
            assert_eq!(skew.in_local_time(at(5000)), at(end_by_this_machine), "{date} at {now}");
        }
    }
}
