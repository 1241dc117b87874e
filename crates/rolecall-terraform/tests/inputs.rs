//! The same infrastructure from every input that says it: configuration, plan, plan file, state.
//!
//! What Terraform made of the roots in `tests/plans/` is kept beside them; `tests/plans/make` makes it anew.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use rolecall_terraform::check::{Finding, Report, shown};
use rolecall_terraform::estate::{Infrastructure, Root, Subject};
use rolecall_terraform::evaluate::{Given, Settings};
use rolecall_terraform::{Files, Place};
use serde_json::Value as Json;

/// Files of this machine.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, String> {
        fs::read_to_string(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
        Ok(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
    }
}

fn read(path: &str) -> Infrastructure {
    read_with(path, Settings::default())
}

fn read_with(path: &str, settings: Settings) -> Infrastructure {
    let folder = Path::new("tests/plans").join(path);
    Infrastructure::read(&[Root { folder, settings }], &Disk).unwrap()
}

/// What decides, as a text: accounts, names, documents, who is in which group, workloads. Without unique ids, which only
/// states have.
fn text(all: &Infrastructure) -> String {
    let mut lines = Vec::new();
    let document = |policy: &rolecall_iam::Policy| {
        let parsed: Json = serde_json::from_str(policy.text()).unwrap();
        sorted(parsed).to_string()
    };
    for (id, account) in &all.estate.accounts {
        let mut identities = Vec::new();
        for role in account.roles.values() {
            lines.push(format!("{id} role {} trusts {}", role.identity.name, document(&role.trust)));
            identities.push(("role", &role.identity));
        }
        for user in account.users.values() {
            lines.push(format!("{id} user {} in {:?}", user.identity.name, user.groups));
            identities.push(("user", &user.identity));
        }
        for group in account.groups.values() {
            identities.push(("group", &group.identity));
        }
        for (noun, it) in identities {
            lines.push(format!(
                "{id} {noun} {}{} {:?} {:?} {:?}",
                it.path, it.name, it.tags, it.boundary, it.attached
            ));
            for (name, policy) in &it.inline {
                lines.push(format!("{id} {noun} {} inline {name} {}", it.name, document(policy)));
            }
        }
        for (arn, policy) in &account.policies {
            lines.push(format!("{arn} {}", document(&policy.versions[&1].policy)));
        }
        for (arn, policy) in &account.resource_policies {
            lines.push(format!("{arn} {}", document(policy)));
        }
    }
    for workload in &all.workloads {
        lines.push(format!("{} runs as {}", workload.address, workload.role));
    }
    let mut lines: Vec<String> = lines.iter().map(|line| shown(all, line)).collect();
    lines.sort();
    lines.join("\n")
}

/// Without the order of lists, which says nothing in a policy.
fn sorted(value: Json) -> Json {
    match value {
        Json::Array(elements) => {
            let mut elements: Vec<Json> = elements.into_iter().map(sorted).collect();
            elements.sort_by_key(Json::to_string);
            Json::Array(elements)
        }
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => other,
    }
}

#[test]
fn a_plan_says_what_its_configuration_says() {
    for root in ["seed", "modules"] {
        let configuration = text(&read(root));
        assert_eq!(text(&read(&format!("{root}/plan.json"))), configuration, "{root}");
        assert_eq!(text(&read(&format!("{root}/plan.tfplan"))), configuration, "{root}");
    }
    let modules = text(&read("modules"));
    assert!(modules.contains("arn:aws:sqs:eu-west-1:⟨the account of provider aws⟩:jobs {"), "{modules}");
}

#[test]
fn a_state_says_what_was_applied() {
    let configuration = text(&read("applied"));
    assert!(configuration.contains("222222222222 role /switch-role"), "{configuration}");
    assert_eq!(text(&read("applied/state.json")), configuration);
    assert_eq!(text(&read("applied/pulled.json")), configuration);
}

#[test]
fn a_plan_for_what_is_there_says_what_it_will_be() {
    let mut settings = Settings::default();
    settings.variables.insert("table".to_owned(), Given::Text("invoices".to_owned()));
    let configuration = text(&read_with("applied", settings));
    assert!(configuration.contains("table/invoices"), "{configuration}");
    assert_eq!(text(&read("applied/change.json")), configuration);
    // The plan file has the value that was set, and takes no other.
    let mut settings = Settings::default();
    settings.variables.insert("table".to_owned(), Given::Text("something else".to_owned()));
    assert_eq!(text(&read_with("applied/change.tfplan", settings)), configuration);
}

/// The role's policies: the resources of all statements, or the first action where that is unknown.
#[test]
fn what_a_plan_does_not_say_is_unknown() {
    let all = read("holes/plan.json");
    let account = all.estate.accounts.values().next().unwrap();
    let mut lines = Vec::new();
    for (name, policy) in &account.roles["reader"].identity.inline {
        let policy: Json = serde_json::from_str(policy.text()).unwrap();
        for statement in policy["Statement"].as_array().unwrap() {
            lines.push(shown(&all, &format!("{name}: {} {}", statement["Action"], statement["Resource"])));
        }
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    begun: "dynamodb:GetItem" "arn:aws:dynamodb:eu-west-1:⟨the account of provider aws⟩:table/orders⟨what follows aws_dynamodb_table.orders.arn⟩"
    dynamic: "s3:ListAllMyBuckets" "*"
    dynamic: "sts:AssumeRole" "⟨data.aws_iam_policy_document.dynamic.resources⟩"
    each: "⟨aws_iam_role_policy.each[each].policy, made of each.value⟩" "⟨aws_iam_role_policy.each[each].policy, made of each.value⟩"
    each: "⟨aws_iam_role_policy.each[each].policy, made of each.value⟩" "⟨aws_iam_role_policy.each[each].policy, made of each.value⟩"
    either: "sts:AssumeRole" "⟨data.aws_iam_policy_document.either.resources, made of var.is_strict, aws_iam_role.reader.arn, aws_iam_user.operator.arn⟩"
    function: "⟨aws_iam_role_policy.function.policy, made of aws_iam_role.reader.arn⟩" "⟨aws_iam_role_policy.function.policy, made of aws_iam_role.reader.arn⟩"
    function: "⟨aws_iam_role_policy.function.policy, made of aws_iam_role.reader.arn⟩" "⟨aws_iam_role_policy.function.policy, made of aws_iam_role.reader.arn⟩"
    local: "sts:AssumeRole" "⟨data.aws_iam_policy_document.local.resources, made of local.roles⟩"
    two-of-one: "dynamodb:Query" ["arn:aws:dynamodb:eu-west-1:⟨the account of provider aws⟩:table/orders⟨what follows aws_dynamodb_table.orders.arn⟩","arn:aws:dynamodb:eu-west-1:⟨the account of provider aws⟩:table/orders⟨what follows aws_dynamodb_table.orders.arn⟩"]
    "#);
    // The configuration itself says all of it.
    assert!(!text(&read("holes")).contains("made of"));
    assert!(!text(&read("holes/plan.tfplan")).contains("made of"));
}

#[test]
fn what_is_sensitive_is_not_shown() {
    for path in ["seed/plan.json", "applied/state.json", "applied/pulled.json", "applied/change.json"] {
        let all = read(path);
        let place = |file| Place { file, start: 0, end: 0 };
        let texts: Vec<&str> = (0..1000).map(|file| all.sources.text(place(file))).collect();
        assert!(texts.iter().any(|text| text.contains("(sensitive value)")), "{path}");
        assert!(!texts.concat().contains("do-not-show-me"), "{path}");
        let role = all.documents.values().find(|written| {
            written.address == "aws_iam_role.switch" && written.document.policy.text().contains("ExternalId")
        });
        assert!(role.unwrap().document.is_sensitive, "{path}");
    }
}

#[test]
fn places_lead_to_lines_that_can_be_read() {
    let all = read("seed/plan.json");
    let arn = all.declared.iter().find(|(_, declared)| declared.address == "aws_iam_role.task").unwrap().0;
    let trust = &all.documents[&Subject::Trust(arn.clone())];
    assert_eq!(all.sources.show(trust.header), "tests/plans/seed/plan.json#aws_iam_role.task:1:1");
    assert!(!all.sources.is_file(trust.header));
    let statement = trust.document.policy.text().find("sts:AssumeRole").unwrap();
    let place = trust.document.place_of(statement).unwrap();
    let line = all.sources.position(place).line;
    insta::assert_snapshot!(all.sources.text(trust.block).lines().nth(line - 1).unwrap().trim(), @r#""Action": "sts:AssumeRole","#);
    // A plan file beside its configuration leads into that.
    let all = read("modules/plan.tfplan");
    let shown: Vec<String> =
        all.declared.values().map(|declared| all.sources.show(declared.header)).collect();
    assert!(shown.contains(&"tests/plans/modules/role/main.tf:31:1".to_owned()), "{shown:?}");
    assert!(all.declared.values().all(|declared| all.sources.is_file(declared.header)));
}

#[test]
fn a_plan_file_needs_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.tfplan");
    fs::copy("tests/plans/modules/plan.tfplan", &path).unwrap();
    let root = Root { folder: path, settings: Settings::default() };
    let all = Infrastructure::read(&[root], &Disk).unwrap();
    assert_eq!(text(&all), text(&read("modules")));
    let role =
        all.declared.values().find(|declared| declared.address == "module.switch.aws_iam_role.this").unwrap();
    assert!(all.sources.show(role.header).ends_with("/plan.tfplan:/role/main.tf:31:1"));
    assert!(!all.sources.is_file(role.header));
}

#[test]
fn what_is_no_input_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |content: &[u8]| {
        let path = folder.path().join("input");
        fs::write(&path, content).unwrap();
        let root = Root { folder: path.clone(), settings: Settings::default() };
        let refused = Infrastructure::read(&[root], &Disk).map(|_| ()).unwrap_err();
        refused.replace(&path.display().to_string(), "FILE").split(". It takes").next().unwrap().to_owned()
    };
    let broken = fs::read("tests/plans/broken/plan.json").unwrap();
    let cases: [(&str, &[u8]); 11] = [
        ("nothing", b""),
        ("words", b"resource aws_iam_role"),
        ("cut off", b"{\"format_version\": \"1.2\","),
        ("other", b"{\"hello\": 1}"),
        ("two", b"{\"Version\": \"2012-10-17\", \"Statement\": []} {}"),
        ("future", b"{\"format_version\": \"2.0\", \"resource_changes\": []}"),
        ("past", b"{\"version\": 3, \"serial\": 1, \"modules\": []}"),
        ("broken off", &broken),
        ("bytes", b"\x00\xff\xfe"),
        ("no zip", b"PK\x03\x04 and nothing else"),
        ("another zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ];
    let said: Vec<String> =
        cases.iter().map(|(name, content)| format!("{name}: {}", refusal(content))).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    nothing: `FILE` is nothing that can be checked: it is empty: what wrote it has failed
    words: `FILE` is nothing that can be checked: it is no JSON
    cut off: FILE:1:25: this is no JSON: EOF while parsing a value
    other: `FILE` is nothing that can be checked: it is JSON of another kind
    two: `FILE` is nothing that can be checked: there is something after its JSON
    future: `FILE` has format_version 2.0, of which nothing is known: 1.x is read, which Terraform 1.1 and later and OpenTofu print
    past: `FILE` is a state of version 3: 4 is read, which Terraform keeps since 0.12
    broken off: `FILE` is the plan of a run that broke off, and does not say what will be there: mend what `terraform plan` reports and make it again, or give the folder with the configuration
    bytes: `FILE` is nothing that can be checked: it is neither text nor a plan file
    no zip: `FILE` is broken: Missing end of central directory
    another zip: `FILE` is a zip, and no plan file: it has no `tfplan` and no `tfconfig/modules.json`
    ");
}

#[test]
fn accounts_as_iam_prints_them_and_policies_alone() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        Root { folder: path, settings: Settings::default() }
    };
    let details = write(
        "details",
        r#"{"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [{
            "RoleName": "switch-role", "RoleId": "AROAEXAMPLEEXAMPLE123", "Path": "/",
            "Arn": "arn:aws:iam::222222222222:role/switch-role",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}]}"#,
    );
    let policy = write(
        "policy",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}"#,
    );
    let all = Infrastructure::read(&[details, policy], &Disk).unwrap();
    assert!(text(&all).starts_with("222222222222 role /switch-role"), "{}", text(&all));
    let said: Vec<String> = all
        .problems
        .iter()
        .map(|problem| format!("{}: {}", all.sources.position(problem.place).line, problem.message))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"1: Add a Resource or NotResource element to the policy statement.");
}

#[test]
fn what_is_there_stays_where_terraform_does_not_touch_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("details.json");
    let details = r#"{"RoleDetailList": [{
        "RoleName": "switch-role", "RoleId": "AROAEXAMPLEEXAMPLE123", "Path": "/",
        "Arn": "arn:aws:iam::222222222222:role/switch-role",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "AttachedManagedPolicies": [
            {"PolicyName": "read", "PolicyArn": "arn:aws:iam::222222222222:policy/read"},
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
        "RolePolicyList": [{"PolicyName": "by-hand", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}]}]}"#;
    fs::write(&path, details).unwrap();
    let roots = [path, "tests/plans/applied".into()];
    let roots = roots.map(|folder| Root { folder, settings: Settings::default() });
    let all = Infrastructure::read(&roots, &Disk).unwrap();
    let role = &all.estate.accounts[&"222222222222".parse().unwrap()].roles["switch-role"];
    assert_eq!(role.identity.id, "AROAEXAMPLEEXAMPLE123");
    assert_eq!(role.identity.attached.len(), 2);
    assert!(role.identity.inline.contains_key("by-hand"));
    assert!(role.trust.text().contains("aws:PrincipalArn"));
    let notes: Vec<&str> = all.notes.iter().map(|note| note.message.as_str()).collect();
    assert!(!notes.iter().any(|note| note.contains("another role")), "{notes:?}");
}

#[test]
fn the_same_is_found_in_all_of_them() {
    let found = |all: &Infrastructure| {
        let report = Report::of(all, &[]);
        let line = |finding: &Finding| format!("{} {}", finding.check.id, shown(all, &finding.sentence));
        let mut lines: Vec<String> = report.all_findings().map(line).collect();
        lines.sort();
        (lines, report.patch(all).len())
    };
    for (root, inputs) in [
        ("seed", ["plan.json", "plan.tfplan"]),
        ("modules", ["plan.json", "plan.tfplan"]),
        ("applied", ["state.json", "pulled.json"]),
    ] {
        let (expected, _) = found(&read(root));
        for input in inputs {
            let (lines, edits) = found(&read(&format!("{root}/{input}")));
            assert_eq!(lines, expected, "{root}/{input}");
            // What is printed of a plan or a state is not edited.
            assert!(edits == 0 || input.ends_with(".tfplan"), "{root}/{input}");
        }
    }
    assert!(!found(&read("modules")).0.is_empty());
}

/// Values that stand where something else is expected.
fn odd(index: usize) -> Json {
    use serde_json::json;
    let odd = [
        json!(null),
        json!(true),
        json!(-1.5),
        json!(""),
        json!("module.x[\"y"),
        json!("aws_iam_role.task.arn"),
        json!("${x}"),
        json!([]),
        json!([null, true, "x"]),
        json!({}),
        json!({ "references": ["aws_iam_role.task.arn", "var.x", "module.task[\"orders\"].arn"] }),
        json!({ "constant_value": { "a": [1] } }),
    ];
    odd[index % odd.len()].clone()
}

/// Replaces the value with this number, counted from the root.
fn replace(value: &mut Json, number: &mut usize, with: &Json) {
    if *number == 0 {
        *value = with.clone();
        *number = usize::MAX;
        return;
    }
    *number -= 1;
    let inner: Vec<&mut Json> = match value {
        Json::Array(elements) => elements.iter_mut().collect(),
        Json::Object(members) => members.values_mut().collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    };
    for value in inner {
        if *number == usize::MAX {
            return;
        }
        replace(value, number, with);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 200, failure_persistence: None, ..Default::default() })]

    /// Plans and states with something in them that nobody expects are read or refused.
    #[test]
    fn anything_may_stand_anywhere(
        seed in proptest::sample::select(vec![
            "seed/plan.json", "modules/plan.json", "holes/plan.json", "applied/change.json", "applied/state.json",
            "applied/pulled.json",
        ]),
        changes in proptest::collection::vec((0..2000_usize, 0..20_usize), 1..4),
    ) {
        let text = fs::read_to_string(Path::new("tests/plans").join(seed)).unwrap();
        let mut json: Json = serde_json::from_str(&text).unwrap();
        for (mut number, with) in changes {
            replace(&mut json, &mut number, &odd(with));
        }
        let files = Memory(json.to_string());
        let root = Root { folder: "plan.json".into(), settings: Settings::default() };
        if let Ok(all) = Infrastructure::read(&[root], &files) {
            proptest::prop_assert!(Report::of(&all, &[]).patch(&all).is_empty());
        }
    }
}

/// One file.
struct Memory(String);

impl Files for Memory {
    fn read(&self, path: &Path) -> Result<String, String> {
        if path == Path::new("plan.json") { Ok(self.0.clone()) } else { Err("it is not there".to_owned()) }
    }

    fn list(&self, _: &Path) -> Result<Vec<String>, String> {
        Err("there are no folders".to_owned())
    }
}
