//! The layers drawn in ARCHITECTURE.md, held by a test.

use std::process::Command;

/// What each crate may depend on, among our own crates and those that only some may see.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("rolecall-iam", &[]),
    ("rolecall-terraform", &["rolecall-iam"]),
    ("rolecall-endpoint", &["hyper", "tokio"]),
    ("rolecall-local", &["dynoxide-rs", "hyper", "rolecall-endpoint", "rolecall-iam", "rusqlite", "tokio"]),
    ("rolecall", &["aws-config", "aws-sdk-sts", "rolecall-iam", "tokio"]),
    (
        "rolecall-cli",
        &[
            "clap",
            "rolecall",
            "rolecall-endpoint",
            "rolecall-iam",
            "rolecall-local",
            "rolecall-terraform",
            "tokio",
        ],
    ),
];

#[test]
fn each_crate_imports_only_the_layers_below_it() {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .output();
    let metadata: serde_json::Value = serde_json::from_slice(&out.unwrap().stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let watched: Vec<&str> =
        MAY_IMPORT.iter().flat_map(|(name, allowed)| allowed.iter().copied().chain([*name])).collect();
    for (name, allowed) in MAY_IMPORT {
        let package = packages.iter().find(|package| package["name"] == *name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let shipped = dependency["kind"].is_null();
            let dependency = dependency["name"].as_str().unwrap();
            assert!(
                !shipped || !watched.contains(&dependency) || allowed.contains(&dependency),
                "{name} must not depend on {dependency}: see ARCHITECTURE.md"
            );
        }
    }
}

/// A workload that links `rolecall` does not carry the service authorization reference.
#[test]
fn only_the_command_carries_the_reference() {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .output();
    let metadata: serde_json::Value = serde_json::from_slice(&out.unwrap().stdout).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        for dependency in package["dependencies"].as_array().unwrap() {
            let features = dependency["features"].as_array().unwrap();
            let is_shipped = dependency["kind"].is_null();
            let carries =
                is_shipped && dependency["name"] == "rolecall-iam" && features.contains(&"reference".into());
            assert!(!carries || package["name"] == "rolecall-cli", "{} carries it", package["name"]);
        }
    }
}
