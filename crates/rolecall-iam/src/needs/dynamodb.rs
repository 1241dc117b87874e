//! DynamoDB's calls whose actions do not have the call's name, or not on the resource one would think.

use crate::arn::AccountId;
use crate::fit::Fit;

/// The action for one item of a transaction, by the member it is in: `Get`, `ConditionCheck`, `Put`, `Update` or
/// `Delete`. There are no actions for the transactions themselves.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
///
/// ```
/// use rolecall_iam::needs::dynamodb::transaction_action;
/// assert_eq!(transaction_action("ConditionCheck"), Some("dynamodb:ConditionCheckItem"));
/// ```
pub fn transaction_action(member: &str) -> Option<&'static str> {
    Some(match member {
        "Get" => "dynamodb:GetItem",
        "ConditionCheck" => "dynamodb:ConditionCheckItem",
        "Put" => "dynamodb:PutItem",
        "Update" => "dynamodb:UpdateItem",
        "Delete" => "dynamodb:DeleteItem",
        _ => return None,
    })
}

/// What is to be asked about instead of a call that has no action of its name: `dynamodb:TransactWriteItems` needs
/// what its items need. Empty for everything else.
pub fn actions_instead(action: &str) -> &'static [&'static str] {
    let Some((service, name)) = action.split_once(':') else { return &[] };
    if !service.eq_ignore_ascii_case("dynamodb") {
        return &[];
    }
    let calls: [(&str, &[&str]); 2] = [
        ("TransactGetItems", &["dynamodb:GetItem"]),
        (
            "TransactWriteItems",
            &[
                "dynamodb:ConditionCheckItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
            ],
        ),
    ];
    calls.into_iter().find(|(call, _)| call.eq_ignore_ascii_case(name)).map_or(&[], |(_, actions)| actions)
}

/// What `ListTables` is decided on: the ARN that stands for all tables of a Region, which real denials name, though
/// the service authorization reference says that there is no resource.
pub fn all_tables(region: &str, account: AccountId) -> String {
    format!("arn:aws:dynamodb:{region}:{account}:table/*")
}
/// The actions for which DynamoDB honours a resource policy across accounts.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html>
const ACROSS: &[&str] = &[
    "getitem",
    "putitem",
    "updateitem",
    "deleteitem",
    "query",
    "scan",
    "batchgetitem",
    "batchwriteitem",
    "conditioncheckitem",
    "transactgetitems",
    "transactwriteitems",
    "describetable",
    "updatetable",
    "deletetable",
    "describetimetolive",
    "describecontinuousbackups",
    "describecontributorinsights",
    "describekinesisstreamingdestination",
    "listtagsofresource",
    "tagresource",
    "untagresource",
    "describestream",
    "getrecords",
    "getsharditerator",
    "getresourcepolicy",
    "deleteresourcepolicy",
];

/// Whether DynamoDB honours a resource policy across accounts for an action, given in lower case; yes for other
/// services.
pub(crate) fn across_accounts(action: &str) -> Fit {
    match action.strip_prefix("dynamodb:") {
        None => Fit::Yes,
        Some(name) if ACROSS.contains(&name) => Fit::Yes,
        Some(_) if never_across_accounts(action) => Fit::No,
        // Assumption (the page lists what it supports, and AWS adds to it).
        Some(_) => Fit::Unknown,
    }
}

/// The actions that work in the caller's own account alone.
pub(crate) fn never_across_accounts(action: &str) -> bool {
    let own = ["dynamodb:CreateTable", "dynamodb:ListTables", "dynamodb:ListStreams"];
    let partiql = action.get(..16).is_some_and(|start| start.eq_ignore_ascii_case("dynamodb:PartiQL"));
    partiql || own.iter().any(|own| action.eq_ignore_ascii_case(own))
}
