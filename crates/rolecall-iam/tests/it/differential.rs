//! The engine against the second interpreter.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::model::{Answer, Reading};
use crate::{cases, model, scenario};

/// Over many made-up cases: what the engine allows is allowed, and what it denies is denied, however one reads what
/// AWS does not document and whatever the values are that nobody knows. It is undecided only where there is such a
/// thing.
#[test]
fn the_two_interpreters_agree() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, b"the same cases in every test run"),
    );
    let strategy = scenario::case();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for round in 0..1_500 {
        let case = strategy.new_tree(&mut runner).unwrap().current();
        let decision = check(&case, round);
        *counts.entry(decision).or_default() += 1;
    }
    // A generator that only makes refusals would prove little.
    for (decision, least) in
        [("Allowed", 150), ("ImplicitlyDenied", 150), ("ExplicitlyDenied", 150), ("Undecided", 20)]
    {
        assert!(counts.get(decision).is_some_and(|count| *count > least), "{counts:?}");
    }
}

fn check(case: &Value, round: u16) -> String {
    let (decision, trace) = cases::run(case);
    let worlds = worlds(case);
    let mut doubted = worlds.len() > 1;
    for world in &worlds {
        for bits in [0, u16::MAX, round.wrapping_mul(40_503)] {
            let reading = Reading::new(bits);
            let answer = model::decide(world, &reading);
            let agrees = match decision.as_str() {
                "Allowed" => answer == Answer::Allowed,
                "ExplicitlyDenied" => answer == Answer::ExplicitlyDenied,
                // What is not documented never helps an allow: the engine reads it as `bits` 0 does.
                "ImplicitlyDenied" => answer != Answer::Allowed || bits != 0,
                _ => true,
            };
            assert!(
                agrees,
                "the engine says {decision}, the model {answer:?} (reading {bits:#b})\n{trace}\n{world:#}"
            );
            if !reading.was_asked() {
                break; // The other readings are this one.
            }
            doubted = true;
        }
    }
    assert!(decision != "Undecided" || doubted, "undecided, and there is no doubt\n{trace}\n{case:#}");
    decision
}

/// The case once for every value that its unknown context keys may have.
fn worlds(case: &Value) -> Vec<Value> {
    let context = case["request"]["context"].as_object().unwrap();
    let unknown = context.iter().find(|(_, value)| value.is_null()).map(|(key, _)| key.clone());
    let Some(key) = unknown else { return vec![case.clone()] };
    let possible: &[Option<&str>] = match key.as_str() {
        "aws:SourceIp" => &[None, Some("203.0.113.9"), Some("2001:db8::1"), Some("10.0.0.1"), Some("x")],
        "token.actions.githubusercontent.com:sub" => {
            &[None, Some("repo:acme/shop:x"), Some("repo:acme/other")]
        }
        _ => &[None, Some("red"), Some("invoices"), Some("5")],
    };
    let with = |value: &Option<&str>| {
        let mut world = case.clone();
        let context = world["request"]["context"].as_object_mut().unwrap();
        match value {
            Some(value) => context.insert(key.clone(), json!(value)),
            None => context.remove(&key),
        };
        worlds(&world)
    };
    possible.iter().flat_map(with).collect()
}
