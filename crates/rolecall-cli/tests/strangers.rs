//! `rolecall check` on what strangers wrote: what it does not read, run or print.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use insta::assert_snapshot;
use tempfile::TempDir;

const PROVIDER: &str = "provider \"aws\" {\n  allowed_account_ids = [\"111111111111\"]\n}\n";

/// A role with this expression as its trust policy.
fn role(trust: &str) -> String {
    format!(
        "{PROVIDER}resource \"aws_iam_role\" \"r\" {{\n  name               = \"r\"\n  assume_role_policy = {trust}\n}}\n"
    )
}

/// A trust policy in HCL for this principal.
fn trust(principal: &str) -> String {
    format!(
        "jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", \
         Principal = {principal} }}] }})"
    )
}

const SERVICE: &str = r#"{ Service = "ec2.amazonaws.com" }"#;
const SECRET: &str = "hunter22secret";

/// A folder that has this layout, without links in its path.
fn folder(files: &[(&str, &str)]) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().canonicalize().unwrap();
    write(&path, files);
    (folder, path)
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn rolecall(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.arg("check").args(arguments).current_dir(folder).env_remove("TF_WORKSPACE").output().unwrap()
}

/// Standard output, standard error and the exit code, without the path of the folder.
fn told(folder: &Path, arguments: &[&str]) -> String {
    let out = rolecall(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let said = format!("{}{}=> {}", text(&out.stdout), text(&out.stderr), out.status.code().unwrap());
    said.replace(folder.to_str().unwrap(), "HERE")
}

fn git(folder: &Path, arguments: &[&str]) {
    let author =
        ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
    let out = Command::new("git").arg("-C").arg(folder).args(author).args(arguments).output().unwrap();
    assert!(out.status.success(), "{out:?}");
}

/// A repository `repo` with these files in a commit.
fn repository(files: &[(&str, &str)]) -> (TempDir, std::path::PathBuf) {
    let (kept, path) = folder(&[]);
    let path = path.join("repo");
    write(&path, files);
    git(&path, &["init", "-q"]);
    git(&path, &["add", "-A"]);
    git(&path, &["commit", "-qm", "base"]);
    (kept, path)
}

#[test]
fn nothing_outside_of_the_repository_is_read() {
    let (_kept, path) = repository(&[("infra/main.tf", "")]);
    let outside = path.parent().unwrap().join("credentials");
    fs::write(&outside, format!("{SECRET}\n")).unwrap();
    fs::write(path.join(".git/config.local"), SECRET).unwrap();
    symlink(&outside, path.join("infra/link")).unwrap();
    symlink(path.parent().unwrap(), path.join("infra/above")).unwrap();
    let ways = [
        outside.to_str().unwrap(),
        "../../credentials",
        "${path.module}/../../credentials",
        "link",
        "above/credentials",
        "../.git/config.local",
        "~/.aws/credentials",
        "/proc/self/environ",
    ];
    for way in ways {
        for call in ["file(\"WAY\")", "try(file(\"WAY\"), \"nothing\")", "templatefile(\"WAY\", {})"] {
            let call = call.replace("WAY", way);
            let principal = format!("{{ AWS = \"arn:aws:iam::111111111111:role/${{trimspace({call})}}\" }}");
            fs::write(path.join("infra/main.tf"), role(&trust(&principal))).unwrap();
            for format in ["text", "json", "markdown", "sarif"] {
                let said = told(&path, &["infra", "--format", format]);
                assert!(!said.contains(SECRET) && !said.contains("PATH="), "{call}: {said}");
                assert!(!said.contains("role/nothing"), "it is unknown, and no error to catch: {said}");
            }
            let said = told(&path, &["infra"]);
            assert!(said.contains("what it gives is unknown"), "{call}: {said}");
        }
    }
    // Nor whether it is there.
    let asked = format!("fileexists(\"{}\") ? \"yes\" : \"no\"", outside.display());
    let principal = format!("{{ AWS = \"arn:aws:iam::111111111111:role/${{{asked}}}\" }}");
    fs::write(path.join("infra/main.tf"), role(&trust(&principal))).unwrap();
    let said = told(&path, &["infra"]);
    assert!(!said.contains("role/yes") && !said.contains("role/no"), "{said}");
    fs::write(path.join("infra/main.tf"), role("file(\"link\")")).unwrap();
    assert_snapshot!(told(&path, &["infra"]), @r"
    1 account, 1 role, 0 links: 0 errors, 0 warnings, 0 undecided
    note: file: `infra/link` is a link that leads out of `HERE`, and is not read: what it gives is unknown
    => 0
    ");
}

/// What is good Terraform, wherever it is checked from.
#[test]
fn what_is_of_the_repository_is_read() {
    let main = format!(
        "module \"r\" {{\n  source = \"../modules/r\"\n}}\n{}",
        role("file(\"${path.module}/../policies/trust.json\")")
    );
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;
    let module = role(&trust(SERVICE)).replace("\"r\"", "\"of-module\"").replace(PROVIDER, "");
    let files = [
        ("infra/workload/main.tf", main.as_str()),
        ("infra/modules/r/main.tf", &module),
        ("infra/policies/trust.json", policy),
    ];
    let reads = |at: &Path, path: &str| {
        let said = told(at, &[path]);
        assert!(said.contains("1 account, 2 roles") && !said.contains("not read"), "{path}: {said}");
    };
    let (_kept, path) = repository(&files);
    reads(&path, "infra/workload");
    reads(&path, path.join("infra/workload").to_str().unwrap());
    reads(&path.join("infra/workload"), ".");
    // Through a link to the repository.
    let link = path.parent().unwrap().join("link");
    symlink(&path, &link).unwrap();
    reads(link.parent().unwrap(), "link/infra/workload");
    reads(&link, "infra/workload");
    // Without git, from above.
    let (_other, plain) = folder(&files);
    reads(&plain, "infra/workload");
    reads(&plain, "./infra/workload");
    // A folder that is a link, without git.
    let link = plain.parent().unwrap().join(format!("{}-link", plain.file_name().unwrap().to_str().unwrap()));
    symlink(&plain, &link).unwrap();
    reads(&link, "infra/workload");
    fs::remove_file(link).unwrap();
    // From elsewhere it is not known what belongs to it.
    let said = told(Path::new("/"), &[plain.join("infra/workload").to_str().unwrap()]);
    assert!(said.contains("is not in") && said.contains("problem: the module"), "{said}");
    // A file of values may be anywhere, as it is named by whoever runs it.
    let (_values, values) = folder(&[("some.tfvars", "")]);
    let said = told(&path, &["infra/workload", "--var-file", values.join("some.tfvars").to_str().unwrap()]);
    assert!(said.contains("1 account, 2 roles"), "{said}");
}

#[test]
fn a_link_in_place_of_the_folder_that_is_checked() {
    let (_kept, path) = repository(&[("README.md", "")]);
    symlink("..", path.join("infra")).unwrap();
    let said = told(&path, &["infra"]);
    assert!(said.contains("is a link that leads out of the repository") && said.ends_with("=> 3"), "{said}");
}

/// An estate.toml is read where it is named, and where there is nothing else: not instead of what is to be checked.
#[test]
fn an_estate_beside_configuration() {
    let (_kept, path) =
        repository(&[("infra/live/main.tf", &role(&trust("{ AWS = \"*\" }"))), ("infra/estate.toml", "")]);
    let said = told(&path, &["infra"]);
    assert!(said.contains("error[RC021]"), "{said}");
}

/// <https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository>
#[test]
fn no_repository_in_the_repository_is_asked() {
    let closed = role(&trust(SERVICE));
    let (_kept, path) = repository(&[("infra/main.tf", &closed)]);
    // Whoever takes `infra` for a repository runs what its configuration says, and believes its branches.
    let evidence = path.parent().unwrap().join("run");
    let config = format!(
        "[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tworktree = .\n[extensions]\n\tpartialClone = evil\n\
         [remote \"evil\"]\n\turl = .\n\tpromisor = true\n\tuploadpack = touch {}; false #\n",
        evidence.display()
    );
    let fake = [
        ("infra/HEAD", "ref: refs/heads/main\n"),
        ("infra/config", config.as_str()),
        ("infra/objects/info/.keep", ""),
        ("infra/refs/heads/main", "1111111111111111111111111111111111111111\n"),
        ("infra/main.tf", &role(&trust("{ AWS = \"*\" }"))),
    ];
    write(&path, &fake);
    for (at, what) in [(path.clone(), "infra"), (path.join("infra"), ".")] {
        let said = told(&at, &[what, "--diff", "main"]);
        assert!(said.contains("any AWS account: sts:AssumeRole") && said.ends_with("=> 1"), "{said}");
        assert!(!evidence.exists());
    }
    // Without the repository around it there is none at all.
    fs::remove_dir_all(path.join(".git")).unwrap();
    let said = told(&path, &["infra", "--diff", "main"]);
    assert!(said.contains("what is checked is in no git repository") && said.ends_with("=> 3"), "{said}");
    assert!(!evidence.exists());
}

#[test]
fn each_side_of_a_difference_has_its_own_values_and_roots() {
    let main = format!("{}variable \"who\" {{}}\n", role(&trust("{ AWS = var.who }")));
    let ours = "who = \"arn:aws:iam::111111111111:root\"\n";
    let (_kept, path) = repository(&[("infra/live/main.tf", &main), ("infra/live/terraform.tfvars", ours)]);
    write(&path, &[("infra/live/terraform.tfvars", "who = \"*\"\n")]);
    let said = told(&path, &["infra", "--diff", "HEAD"]);
    assert!(said.contains("any AWS account: sts:AssumeRole") && said.ends_with("=> 1"), "{said}");
    // A root that is new, beside one that is as it was.
    write(&path, &[("infra/live/terraform.tfvars", ours)]);
    let other = role(&trust("{ AWS = \"*\" }")).replace("\"r\"", "\"other\"");
    write(&path, &[("infra/other/main.tf", &other)]);
    let said = told(&path, &["infra", "--diff", "HEAD"]);
    assert!(
        said.contains("any AWS account: sts:AssumeRole on arn:aws:iam::111111111111:role/other"),
        "{said}"
    );
    // The folder itself may be new.
    let said = told(&path, &["infra/other", "--diff", "HEAD"]);
    assert!(said.contains("has nothing to compare with") && said.ends_with("=> 1"), "{said}");
    // Links in the revision are followed in the revision.
    write(&path, &[("shared/main.tf", &role(&trust(SERVICE)))]);
    fs::create_dir_all(path.join("linked")).unwrap();
    symlink("../shared/main.tf", path.join("linked/main.tf")).unwrap();
    git(&path, &["add", "-A"]);
    git(&path, &["commit", "-qm", "linked"]);
    assert_snapshot!(told(&path, &["linked", "--diff", "HEAD"]), @r"
    Both allow the same, as far as they name it.
    => 0
    ");
}

#[test]
fn nothing_without_an_end_is_read() {
    let (_kept, path) = folder(&[]);
    let fifo = |name: &str| {
        assert!(Command::new("mkfifo").arg(path.join(name)).status().unwrap().success());
    };
    fifo("pipe");
    write(&path, &[("main.tf", &role("file(\"pipe\")"))]);
    let said = told(&path, &["."]);
    assert!(said.contains("`pipe` cannot be read: it is no regular file"), "{said}");
    // Folders that lead to themselves.
    for name in ["a", "b", "c", "d"] {
        symlink(".", path.join(name)).unwrap();
    }
    write(
        &path,
        &[(
            "main.tf",
            &role(&trust(
                "{ AWS = [for it in fileset(path.module, \"**\") : \"arn:aws:iam::111111111111:role/${it}\"] }",
            )),
        )],
    );
    assert!(told(&path, &["."]).contains("1 account, 1 role"));
    fs::remove_file(path.join("main.tf")).unwrap();
    write(&path, &[("live/main.tf", &role(&trust(SERVICE)))]);
    assert!(told(&path, &["."]).contains("1 account, 1 role"));
    fifo("live/x.tf");
    assert!(told(&path, &["."]).ends_with("it is no regular file\n=> 3"));
}

/// A role that lacks a permission, for `--fix`.
const LACKING: &str = r#"provider "aws" {
  allowed_account_ids = ["111111111111"]
}
provider "aws" {
  alias               = "other"
  allowed_account_ids = ["222222222222"]
}
resource "aws_iam_role" "a" {
  name               = "a"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role" "b" {
  provider           = aws.other
  name               = "b"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.a.arn } }] })
}
resource "aws_iam_role_policy" "b" {
  provider = aws.other
  role     = aws_iam_role.b.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
"#;

#[test]
fn no_link_is_patched() {
    let (_kept, path) = folder(&[("shared/all.tf", LACKING)]);
    fs::create_dir(path.join("live")).unwrap();
    symlink("../shared/all.tf", path.join("live/main.tf")).unwrap();
    let said = told(&path, &["live", "--fix"]);
    assert!(said.contains("`live/main.tf` is not patched: it is a link"), "{said}");
    assert_eq!(fs::read_to_string(path.join("shared/all.tf")).unwrap(), LACKING);
    let said = told(&path, &["shared", "--fix"]);
    assert!(said.contains("patched shared/all.tf") && said.ends_with("=> 0"), "{said}");
}

#[test]
fn a_patch_has_the_ends_of_lines_of_its_file() {
    let (_kept, path) = folder(&[("main.tf", &LACKING.replace('\n', "\r\n"))]);
    assert!(told(&path, &[".", "--fix"]).ends_with("=> 0"));
    let text = fs::read_to_string(path.join("main.tf")).unwrap();
    assert!(text.len() > LACKING.len() + 100);
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
#[test]
fn no_line_is_a_command_of_a_pipeline() {
    let command = "\n::stop-commands::x\n##[add-mask]y\u{9b}31m\n";
    let named = "arn:aws:iam::111111111111:role/x\\n::stop-commands::x\\n##[add-mask]y\\u009b31m";
    let main = role(&trust(&format!("{{ AWS = \"{named}\" }}")));
    let toml = "[[expect]]\nname = \"x\\n::stop-commands::x\"\nfrom = \"arn:aws:iam::111111111111:role/r\"\n\
                deny = [\"s3:GetObject\"]\non = \"*\"\n";
    let (_kept, path) = folder(&[("main.tf", &main), ("rolecall.toml", toml)]);
    let check = |arguments: &[&str]| {
        let said = told(&path, arguments);
        assert!(said.len() > 50, "{said}");
        for line in said.lines() {
            let is_ours = ["::error ", "::warning ", "  ::: "].iter().any(|it| line.starts_with(it));
            assert!(!line.trim_start().starts_with("::") || is_ours, "{arguments:?}: {line}");
            assert!(!line.contains("##[") || is_ours, "{arguments:?}: {line}");
            assert!(!line.contains('\u{9b}'), "{arguments:?}: {line}");
        }
    };
    for format in ["text", "markdown", "github", "junit", "sarif", "json"] {
        check(&[".", "--format", format]);
    }
    fs::write(path.join(format!("x{command}.tf")), [0xff]).unwrap();
    check(&["."]);
}

#[test]
fn secrets_of_what_cannot_be_read() {
    let cases = [
        ("main.tf", format!("variable \"t\" {{\n  sensitive = true\n  default = \"{SECRET}\n}}\n")),
        ("main.tf", format!("variable \"t\" {{ sensitive = true, default = \"{SECRET}\" }}\n")),
        (
            "main.tf.json",
            format!("{{\"variable\":{{\"t\":{{\"sensitive\":true,\"default\":\"{SECRET}\"}}}} oops"),
        ),
        (
            "main.tf",
            format!(
                "provider \"aws\" {{\n  assume_role = [{{ role_arn = var.no, external_id = \"{SECRET}\" }}]\n}}\n"
            ),
        ),
        (
            "main.tf",
            role(&trust(&format!(
                "{{ AWS = \"*\" }}, Condition = {{ StringEquals = {{ \"sts:ExternalId\" = \"{SECRET}\", \"sts:ExternalId\" = local.no }} }}"
            ))),
        ),
    ];
    for (name, text) in cases {
        let (_kept, path) = folder(&[(name, &text)]);
        for format in ["text", "json", "markdown", "github"] {
            let said = told(&path, &[".", "--format", format]);
            assert!(!said.contains(SECRET), "{text}: {said}");
        }
    }
}

#[test]
fn a_baseline_hides_nobody_new() {
    let others = |who: &str| role(&trust(&format!("{{ AWS = [{who}] }}")));
    let toml =
        "[[expect]]\nnobody_else_can = \"sts:AssumeRole\"\non = \"arn:aws:iam::111111111111:role/r\"\n";
    let known = "\"arn:aws:iam::222222222222:root\"";
    let (_kept, path) = folder(&[("main.tf", &others(known)), ("rolecall.toml", toml)]);
    told(&path, &[".", "--write-baseline", "base.json"]);
    assert!(told(&path, &[".", "--baseline", "base.json"]).ends_with("=> 0"));
    write(&path, &[("main.tf", &others(&format!("{known}, \"arn:aws:iam::999999999999:root\"")))]);
    let said = told(&path, &[".", "--baseline", "base.json"]);
    assert!(said.contains("999999999999") && said.contains("[RC000]") && said.ends_with("=> 2"), "{said}");
    // Nor a key that is given twice elsewhere.
    let twice = |name: &str| {
        role(&trust(&format!(
            "{SERVICE}, Condition = {{}}, Condition = {{ Bool = {{ \"aws:SecureTransport\" = \"true\" }} }}"
        )))
        .replace(PROVIDER, "")
        .replace("\"r\"", name)
    };
    write(&path, &[("main.tf", PROVIDER), ("a.tf", &twice("\"a\"")), ("rolecall.toml", "")]);
    told(&path, &[".", "--write-baseline", "base.json"]);
    assert!(told(&path, &[".", "--baseline", "base.json"]).ends_with("=> 0"));
    write(&path, &[("b.tf", &twice("\"b\""))]);
    assert!(told(&path, &[".", "--baseline", "base.json"]).contains("error[RC015]"));
}

#[test]
fn terraform_is_not_started_where_it_would_read_or_run_what_is_not_the_users() {
    let unknown = "provider::aws::trim_iam_role_path(\"a\")";
    let program =
        "infra/.terraform/providers/registry.terraform.io/evil/aws/1.0.0/linux_amd64/terraform-provider-aws";
    for (trust, brought, because) in [
        ("file(\"/etc/hostname\")", None, "Terraform reads whatever is named"),
        ("templatefile(\"${path.module}/../../x\", {})", None, "Terraform reads whatever is named"),
        (unknown, Some(program), "is in the repository, and would be run"),
        // The program is there, and whoever runs this has put it there.
        (unknown, None, "needs Terraform 1.11 or later"),
    ] {
        let mut files = vec![("infra/main.tf", role(trust))];
        files.extend(brought.map(|path| (path, String::new())));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let (kept, path) = repository(&files);
        write(&path, &[(program, "")]);
        let fake = kept.path().join("terraform");
        write(kept.path(), &[("terraform", "#!/bin/sh\nenv > \"$HOME/started\"\n")]);
        fs::set_permissions(&fake, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let search = format!("{}:/usr/local/bin:/usr/bin:/bin", kept.path().display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        command.args(["check", "infra", "--resolve"]).current_dir(&path).env_remove("TF_WORKSPACE");
        command.env("PATH", search).env("HOME", kept.path()).env("GITHUB_TOKEN", SECRET).env("TF_VAR_a", "b");
        let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
        assert!(said.contains(because), "{trust}: {said}");
        let started = fs::read_to_string(kept.path().join("started"));
        assert_eq!(started.is_ok(), because.starts_with("needs"), "{trust}: {said}");
        let found = started.unwrap_or_default();
        assert!(!found.contains(SECRET) && found.is_empty() != found.contains("TF_VAR_a=b"), "{found}");
    }
}
