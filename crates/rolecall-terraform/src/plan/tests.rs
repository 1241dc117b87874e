//! Plans as nobody has them at hand: parts of providers, of modules, of sets; and plans that are none of Terraform's.

#![expect(clippy::needless_pass_by_value, reason = "values are written where they are given")]

use std::path::Path;

use serde_json::{Value as Json, json};

use super::read;
use crate::evaluate::{Resource, Settings};
use crate::place::Sources;
use crate::value::Value;

fn resources(plan: &Json) -> Vec<Resource> {
    read(plan, &Settings::default(), Path::new("plan.json"), Sources::default()).unwrap().resources
}

fn shown(plan: &Json, address: &str, attribute: &str) -> String {
    let resources = resources(plan);
    let resource = resources.iter().find(|resource| resource.address == address);
    let value = resource.expect(address).get(attribute);
    value.map_or("none".to_owned(), |value| show(&value))
}

fn show(value: &Value) -> String {
    match value.elements() {
        Some(elements) => elements.iter().map(show).collect::<Vec<_>>().join(" "),
        None => value.to_text().map_or("no text".to_owned(), |text| text.to_string()),
    }
}

/// A change that creates something in the root.
fn change(address: &str, after: Json, unknown: Json) -> Json {
    let (mode, rest) = address.strip_prefix("data.").map_or(("managed", address), |rest| ("data", rest));
    let (kind, name) = rest.split_once('.').unwrap();
    let name = name.split('[').next().unwrap();
    json!({ "address": address, "mode": mode, "type": kind, "name": name,
        "change": { "actions": ["create"], "after": after, "after_unknown": unknown } })
}

fn configured(address: &str, expressions: Json) -> Json {
    let change = change(address, Json::Null, Json::Null);
    json!({ "mode": change["mode"], "type": change["type"], "name": change["name"], "provider_config_key": "aws",
        "expressions": expressions })
}

fn plan(changes: Vec<Json>, configured: Vec<Json>) -> Json {
    json!({ "format_version": "1.2", "resource_changes": changes,
        "configuration": { "provider_config": { "aws": { "name": "aws" } }, "root_module": { "resources": configured } } })
}

fn role(name: &str) -> Json {
    change(
        &format!("aws_iam_role.{name}"),
        json!({ "name": name, "path": "/" }),
        json!({ "arn": true, "id": true }),
    )
}

fn references(all: &[&str]) -> Json {
    json!({ "references": all })
}

/// What fills the identifiers of a principal: the holes, what is known, and what the configuration refers to.
#[test]
fn holes_are_filled_where_that_is_certain() {
    let a = ["aws_iam_role.a.arn", "aws_iam_role.a"];
    let b = ["aws_iam_role.b.arn", "aws_iam_role.b"];
    let cases: [(Json, Vec<&str>, &str); 7] = [
        (json!([null]), a.to_vec(), "arn:aws:iam::⟨the account of provider aws⟩:role/a"),
        (
            json!([null, null]),
            [a, b].concat(),
            "arn:aws:iam::⟨the account of provider aws⟩:role/a arn:aws:iam::⟨the account of provider aws⟩:role/b",
        ),
        (
            json!(["one", null]),
            [&a[..], &["var.one"]].concat(),
            "one arn:aws:iam::⟨the account of provider aws⟩:role/a",
        ),
        // A known text that is not seen may be a part of it.
        (json!([null]), [&a[..], &["var.one"]].concat(), "unknown"),
        // One of two.
        (json!([null]), [a, b].concat(), "unknown"),
        // Not an ARN: it may stand in one.
        (json!([null]), vec!["aws_iam_role.a.unique_id", "aws_iam_role.a"], "unknown"),
        (json!([null]), vec!["local.roles"], "unknown"),
    ];
    for (identifiers, all, expected) in cases {
        let holes: Json = identifiers.as_array().unwrap().iter().map(Json::is_null).collect();
        let block = |inner: Json| json!([{ "principals": [inner] }]);
        let document = "data.aws_iam_policy_document.trust";
        let mut plan = plan(
            vec![
                role("a"),
                role("b"),
                change(
                    document,
                    json!({ "statement": block(json!({ "type": "AWS", "identifiers": identifiers })) }),
                    json!({ "json": true, "statement": block(json!({ "identifiers": holes })) }),
                ),
            ],
            vec![
                configured("aws_iam_role.a", json!({})),
                configured(
                    document,
                    json!({ "statement": block(json!({ "type": { "constant_value": "AWS" }, "identifiers": references(&all) })) }),
                ),
            ],
        );
        plan["variables"] = json!({ "one": { "value": "one" } });
        let resources = resources(&plan);
        let document = resources.iter().find(|resource| resource.address == document).unwrap();
        let statement = document.get("statement").unwrap().elements().unwrap()[0].clone();
        let principal = statement.member("principals").unwrap().elements().unwrap()[0].clone();
        let found = show(&principal.member("identifiers").unwrap());
        if expected == "unknown" {
            assert!(
                found.contains("data.aws_iam_policy_document.trust.identifiers, made of"),
                "{all:?}: {found}"
            );
        } else {
            assert_eq!(found, expected, "{all:?}");
        }
    }
}

#[test]
fn names_are_made_up_where_they_are_not_set() {
    let role = |expression: Json| {
        let mut plan = plan(
            vec![change("aws_iam_role.a", json!({}), json!({ "name": true, "arn": true }))],
            vec![configured("aws_iam_role.a", expression)],
        );
        plan["variables"] = json!({ "name": { "value": null } });
        shown(&plan, "aws_iam_role.a", "name")
    };
    assert_eq!(role(json!({})), "⟨the name of aws_iam_role.a⟩");
    assert_eq!(role(json!({ "name": references(&["var.name"]) })), "⟨the name of aws_iam_role.a⟩");
    let made_of = "⟨aws_iam_role.a.name, made of random_id.x.hex⟩";
    assert_eq!(role(json!({ "name": references(&["random_id.x.hex", "random_id.x"]) })), made_of);
}

#[test]
fn what_is_on_its_way_out_is_not_there() {
    let gone = json!({ "address": "aws_iam_role.gone", "mode": "managed", "type": "aws_iam_role", "name": "gone",
        "change": { "actions": ["delete"], "before": {}, "after": null } });
    let mut deposed = role("kept");
    deposed["deposed"] = json!("00000000");
    let mut plan = plan(vec![role("kept"), deposed, gone], vec![]);
    plan["prior_state"] = json!({ "values": { "root_module": { "child_modules": [{ "resources": [
        { "address": "module.m.aws_iam_role.other", "mode": "managed", "type": "aws_iam_role", "name": "other", "values": {} },
        { "address": "aws_iam_role.gone", "mode": "managed", "type": "aws_iam_role", "name": "gone", "values": {} },
    ] }] } } });
    let resources = resources(&plan);
    let addresses: Vec<&str> = resources.iter().map(|resource| resource.address.as_str()).collect();
    // What is not this plan's target stays.
    assert_eq!(addresses, ["aws_iam_role.kept", "module.m.aws_iam_role.other"]);
}

#[test]
fn accounts_are_told_by_providers_and_by_what_is_there() {
    let account = |provider: Json, prior: &[&str]| {
        let mut plan = plan(vec![role("a")], vec![configured("aws_iam_role.a", json!({}))]);
        plan["configuration"]["provider_config"]["aws"] = json!({ "name": "aws", "expressions": provider });
        plan["variables"] = json!({
            "account": { "value": "666666666666" },
            "deploy": { "value": "arn:aws:iam::333333333333:role/deploy" },
        });
        let prior = prior.iter().enumerate().map(|(index, arn)| {
            json!({ "address": format!("aws_iam_user.u[{index}]"), "mode": "managed", "type": "aws_iam_user", "name": "u",
                "values": { "arn": arn } })
        });
        plan["prior_state"] =
            json!({ "values": { "root_module": { "resources": prior.collect::<Vec<_>>() } } });
        let resources = resources(&plan);
        resources
            .iter()
            .find(|resource| resource.address == "aws_iam_role.a")
            .unwrap()
            .provider
            .account
            .to_string()
    };
    let unknown = "⟨the account of provider aws⟩";
    let [one, two] = ["arn:aws:iam::444444444444:user/u", "arn:aws:iam::555555555555:user/u"];
    assert_eq!(account(json!({}), &[]), unknown);
    assert_eq!(
        account(json!({ "allowed_account_ids": { "constant_value": ["222222222222"] } }), &[one]),
        "222222222222"
    );
    let allowed = json!({ "allowed_account_ids": references(&["var.account"]) });
    assert_eq!(account(allowed, &[one]), "666666666666");
    let assumed = json!({ "assume_role": [{ "role_arn": references(&["var.deploy"]) }] });
    assert_eq!(account(assumed, &[]), "333333333333");
    assert_eq!(account(json!({}), &[one, one]), "444444444444");
    assert_eq!(account(json!({}), &[one, two]), unknown);
}

#[test]
fn what_has_no_end_ends() {
    let cases = [
        // A role that is named by itself, two that are named by each other.
        plan(
            vec![change("aws_iam_role.a", json!({}), json!({ "name": true }))],
            vec![configured("aws_iam_role.a", json!({ "name": references(&["aws_iam_role.a.name"]) }))],
        ),
        plan(
            vec![
                change("aws_iam_role_policy.a", json!({}), json!({ "role": true })),
                change("aws_iam_role_policy.b", json!({}), json!({ "role": true })),
            ],
            vec![
                configured(
                    "aws_iam_role_policy.a",
                    json!({ "role": references(&["aws_iam_role_policy.b.role"]) }),
                ),
                configured(
                    "aws_iam_role_policy.b",
                    json!({ "role": references(&["aws_iam_role_policy.a.role"]) }),
                ),
            ],
        ),
        // One argument that is made of another twice, and so on.
        json!({ "format_version": "1.2", "resource_changes": [change("aws_iam_role_policy.a", json!({}), json!({ "role": true }))],
            "configuration": { "root_module": {
                "resources": [configured("aws_iam_role_policy.a", json!({ "role": references(&["module.m.x0"]) }))],
                "module_calls": { "m": {
                    "expressions": (0..50).map(|n| (format!("x{n}"), references(&[format!("module.m.x{}", n + 1).as_str(); 2]))).collect::<serde_json::Map<_, _>>(),
                    "module": { "outputs": (0..50).map(|n| (format!("x{n}"), json!({ "expression": references(&[format!("var.x{n}").as_str()]) }))).collect::<serde_json::Map<_, _>>() } } } } } }),
        // A module whose output is its own argument.
        json!({ "format_version": "1.2", "resource_changes": [change("aws_iam_role_policy.a", json!({}), json!({ "role": true }))],
            "configuration": { "root_module": {
                "resources": [configured("aws_iam_role_policy.a", json!({ "role": references(&["module.m.x"]) }))],
                "module_calls": { "m": { "expressions": { "x": references(&["module.m.x"]) }, "module": {
                    "outputs": { "x": { "expression": references(&["var.x"]) } }, "variables": { "x": {} } } } } } } }),
    ];
    for plan in cases {
        assert!(!resources(&plan).is_empty());
    }
}

#[test]
fn what_is_not_of_terraform_is_read_as_far_as_it_goes() {
    let cases = [
        json!({ "format_version": "1.2", "resource_changes": [1, null, {}, { "address": "a..b" }, { "change": { "after": {} } }] }),
        json!({ "format_version": "1.2", "resource_changes": [change("aws_iam_role.a", json!({ "name": 1, "path": [] }), json!(true))] }),
        json!({ "format_version": "1.2", "resource_changes": [], "configuration": [], "prior_state": 3, "variables": "x" }),
        json!({ "format_version": "1.2", "prior_state": { "values": { "root_module": { "resources": {}, "child_modules": [7] } } } }),
    ];
    for plan in cases {
        resources(&plan);
    }
}

/// A `dynamic` block is in the configuration of no plan, and what it makes is in none but the role.
#[test]
fn what_nobody_else_gives_is_the_roles_own() {
    let policy = |name: &str| json!({ "name": name, "policy": format!("the policy {name}") });
    let after = json!({ "name": "app", "path": "/",
        "inline_policy": [policy("own"), policy("open"), policy("given"), policy("taken")] });
    let unknown = json!({ "arn": true, "inline_policy": [{}, { "policy": true }, {}, {}] });
    let given = change(
        "aws_iam_role_policy.given",
        json!({ "name": "given", "role": "app", "policy": "the policy given" }),
        json!({}),
    );
    let mut plan = plan(
        vec![change("aws_iam_role.app", after, unknown), given],
        vec![configured("aws_iam_role.app", json!({})), configured("aws_iam_role_policy.given", json!({}))],
    );
    // One that is there before, and not afterwards.
    plan["prior_state"] = json!({ "values": { "root_module": { "resources": [{
        "address": "aws_iam_role_policy.taken", "mode": "managed", "type": "aws_iam_role_policy", "name": "taken",
        "values": { "name": "taken", "role": "app", "policy": "the policy taken" } }] } } });
    plan["resource_changes"].as_array_mut().unwrap().push(json!({
        "address": "aws_iam_role_policy.taken", "mode": "managed", "type": "aws_iam_role_policy", "name": "taken",
        "change": { "actions": ["delete"], "after": null } }));
    let role = resources(&plan).into_iter().find(|it| it.address == "aws_iam_role.app").unwrap();
    let blocks = role.get("inline_policy").unwrap();
    let shown = blocks.elements().unwrap().iter().map(|block| {
        let policy = block.member("policy").unwrap();
        let known = policy.as_known_text().unwrap_or_else(|| "not known".to_owned());
        format!("{}: {known}", block.member("name").unwrap().as_known_text().unwrap())
    });
    assert_eq!(shown.collect::<Vec<_>>(), ["own: the policy own", "open: not known"]);
}
