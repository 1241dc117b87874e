//! Every resource that the local AWS has, in one root of our own, and providers that assume roles.

use aws_credential_types::Credentials;
use e2e::{Server, TARGET, WORKLOAD};

use super::root::{Root, is_here};
use crate::estate::{Caller, allow};

#[test]
fn every_resource() {
    if !is_here() {
        return;
    }
    let server = Server::start();
    let mut root = Root::of("e2e/terraform/everything");
    root.settle(&server, WORKLOAD);
    assert_eq!(root.output("administrator"), "arn:aws:iam::111111111111:role/OrganizationAccountAccessRole");
    let stream = root.output("stream_arn");
    let prefix = "arn:aws:dynamodb:eu-west-1:222222222222:table/everything/stream/";
    assert!(stream.as_str().unwrap().starts_with(prefix), "{stream}");

    // The key that was made is one.
    let key = root.output("access_key");
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    let user = Caller::with(&server, Credentials::new(text("id"), text("secret"), None, None, "test"));
    let me = user.wait(user.sts().get_caller_identity().send()).unwrap();
    assert_eq!(me.arn(), Some("arn:aws:iam::111111111111:user/e2e/everything"));

    // A new version of the policies, other tags on everything, other members, capacity and billing.
    root.set(&[("stage", "production")]);
    root.change("iam.tf", "\"dynamodb:GetItem\", \"dynamodb:Query\"", "\"dynamodb:BatchGetItem\"");
    root.change("iam.tf", "max_session_duration = 7200", "max_session_duration = 3600");
    root.change("iam.tf", "Everything a role can have.", "Less than that.");
    root.change("iam.tf", "  permissions_boundary = aws_iam_policy.boundary.arn\n", "");
    root.change("dynamodb.tf", "read_capacity  = 5", "read_capacity  = 7");
    root.change("dynamodb.tf", "{ N = \"12.5\" }", "{ N = \"13\" }");
    root.change("dynamodb.tf", "[\"dynamodb:GetItem\", \"dynamodb:Query\"]", "[\"dynamodb:GetItem\"]");
    let index = "  ttl {\n    enabled        = true\n    attribute_name = \"ends\"\n  }\n";
    let another = index.to_owned()
        + "  global_secondary_index {\n    name            = \"by-status-only\"\n    hash_key        = \"status\"\n    projection_type = \"KEYS_ONLY\"\n  }\n";
    root.change("dynamodb.tf", index, &another);
    root.settle(&server, WORKLOAD);
    let target = Caller::root(&server, TARGET);
    let item = target.wait(target.dynamodb().scan().table_name("everything").send()).unwrap();
    assert_eq!(item.items()[0]["amount"].as_n().unwrap(), "13");

    root.destroy(&server, WORKLOAD);
    for account in [WORKLOAD, TARGET] {
        let caller = Caller::root(&server, account);
        assert_eq!(caller.roles(), ["OrganizationAccountAccessRole"], "{account}");
        assert_eq!(caller.tables(), [""; 0], "{account}");
        assert!(caller.wait(caller.iam().list_users().send()).unwrap().users().is_empty(), "{account}");
        assert!(caller.wait(caller.iam().list_groups().send()).unwrap().groups().is_empty(), "{account}");
    }
}

/// A provider that assumes a role, which assumes a role of a third account.
#[test]
fn a_provider_with_a_chain_of_roles() {
    if !is_here() {
        return;
    }
    let server = Server::start();
    let (first, second) = ("arn:aws:iam::222222222222:role/first", "arn:aws:iam::333333333333:role/second");
    let target = Caller::root(&server, TARGET);
    target.role("first", r#"{"AWS":"111111111111"}"#);
    let third = Caller::root(&server, "333333333333");
    third.role("second", &format!(r#"{{"AWS":"{first}"}}"#));
    third.allow("second", "dynamodb:*", "*");
    let root = Root::from_text(&format!(
        r#"
        provider "aws" {{
          region              = "eu-west-1"
          allowed_account_ids = ["333333333333"]
          assume_role {{
            role_arn     = "{first}"
            session_name = "one"
          }}
          assume_role {{
            role_arn     = "{second}"
            session_name = "two"
          }}
        }}
        resource "aws_dynamodb_table" "orders" {{
          name         = "orders"
          billing_mode = "PAY_PER_REQUEST"
          hash_key     = "id"
          attribute {{
            name = "id"
            type = "S"
          }}
        }}
        "#
    ));
    // The first role may not assume the second one yet.
    let said = root.apply(&server, WORKLOAD).fails();
    assert!(said.contains("no identity-based policy allows the sts:AssumeRole"), "{said}");
    target.allow("first", "sts:AssumeRole", second);
    root.settle(&server, WORKLOAD);
    assert_eq!(third.tables(), ["orders"]);
    root.destroy(&server, WORKLOAD);
}

/// A user without rights applies: Terraform shows what AWS says.
#[test]
fn a_refused_apply_shows_the_words_of_aws() {
    if !is_here() {
        return;
    }
    let server = Server::start();
    let workload = Caller::root(&server, WORKLOAD);
    workload.wait(workload.iam().create_user().user_name("nobody").send()).unwrap();
    let put = workload.iam().put_user_policy().user_name("nobody").policy_name("roles");
    workload.wait(put.policy_document(allow("iam:*Role*", "*")).send()).unwrap();
    let key = workload.wait(workload.iam().create_access_key().user_name("nobody").send()).unwrap();
    let key = key.access_key().unwrap();
    let root = Root::from_text(&format!(
        r#"
        provider "aws" {{
          region     = "eu-west-1"
          access_key = "{}"
          secret_key = "{}"
          token      = ""
        }}
        resource "aws_iam_user" "other" {{
          name = "other"
        }}
        "#,
        key.access_key_id(),
        key.secret_access_key()
    ));
    let said = root.apply(&server, WORKLOAD).fails();
    // Terraform breaks lines where it likes.
    let words: Vec<&str> = said.split(['│', '\n', ' ']).filter(|word| !word.is_empty()).collect();
    let refused = "api error AccessDenied: User: arn:aws:iam::111111111111:user/nobody is not authorized to \
                   perform: iam:CreateUser on resource: arn:aws:iam::111111111111:user/other because no \
                   identity-based policy allows the iam:CreateUser action";
    assert!(words.join(" ").contains(refused), "{said}");
}
