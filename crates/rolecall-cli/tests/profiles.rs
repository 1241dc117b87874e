//! The built binary with profiles of the shared configuration files, against an STS that runs in the test and writes down
//! what it is asked.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_rolecall");

/// Profiles as people write them: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>, and aws-vault's keys.
const CONFIG: &str = "\
[profile base]
region = eu-west-1
services = here

[services here]
sts =
  endpoint_url = STS

[profile common]
source_profile = base
services = here
region = eu-central-1

[profile first]
include_profile = common
services = here
role_arn = arn:aws:iam::222222222222:role/first
role_session_name = me
duration_seconds = 1800
mfa_serial = arn:aws:iam::111111111111:mfa/me
mfa_process = printf 'x' >> HOME/codes; echo 123456
session_tags = team=blue, cost = 7
transitive_session_tags = team
source_identity = alice

[profile second]
role_arn = arn:aws:iam::333333333333:role/second
source_profile = first
external_id = partner-4711
services = here
region = eu-west-1

[profile asks]
role_arn = arn:aws:iam::222222222222:role/first
source_profile = base
mfa_serial = GAHT12345678
endpoint_url = STS
region = eu-west-1

[profile fips]
source_profile = base
role_arn = arn:aws:iam::222222222222:role/first
use_fips_endpoint = true
endpoint_url = STS
region = eu-west-1
";

const CREDENTIALS: &str = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n";

/// An STS that gives everybody everything and remembers it, and a home of one's own.
struct Bench {
    asked: Arc<Mutex<Vec<String>>>,
    home: TempDir,
}

impl Bench {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &written);
            }
        });
        let home = TempDir::new().unwrap();
        let files = home.path().join(".aws");
        fs::create_dir(&files).unwrap();
        let config = CONFIG.replace("STS", &url).replace("HOME", home.path().to_str().unwrap());
        fs::write(files.join("config"), config).unwrap();
        fs::write(files.join("credentials"), CREDENTIALS).unwrap();
        Self { asked, home }
    }

    /// The binary, with nothing of the developer's.
    fn rolecall(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.home.path());
        command.env("TMPDIR", self.home.path()).env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.rolecall(arguments).output().unwrap()
    }

    /// What STS was asked: the key that signed, and the parameters. Then it forgets.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>) {
    let (mut request, mut buffer) = (String::new(), [0; 4096]);
    let (head, body) = loop {
        let read = stream.read(&mut buffer).unwrap();
        request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().unwrap() {
                break (head, body);
            }
        }
        assert_ne!(read, 0, "the request breaks off: {request}");
    };
    let signed = head.split("Credential=").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let body = body.replace("&Version=2011-06-15", "").replace("%3A", ":").replace("%2F", "/");
    let action =
        body.split('=').nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(format!("{signed} {}", body.trim_start_matches("Action=")));
    let number = asked.lock().unwrap().len();
    let xml = match action.as_str() {
        "GetCallerIdentity" => "<Arn>arn:aws:iam::111111111111:user/bob</Arn><UserId>AIDAX</UserId>\
             <Account>111111111111</Account>"
            .to_owned(),
        _ => format!(
            "<Credentials><AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>the-secret</SecretAccessKey>\
             <SessionToken>the-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        ),
    };
    let xml = format!("<{action}Response><{action}Result>{xml}</{action}Result></{action}Response>");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}", xml.len());
    write!(stream, "{head}\r\nConnection: close\r\n\r\n{xml}").unwrap();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Each hop with all that its profile says: one code for the user's session, which then assumes the roles. STS is where the
/// profile's `services` section says: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
#[test]
fn a_profile_runs_with_all_it_says() {
    let bench = Bench::new();
    let output = bench.run(&["exec", "--profile", "second", "--session-name", "mine", "--", "env"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    insta::assert_snapshot!(bench.asked().join("\n"), @r#"
    AKIABASE GetSessionToken&SerialNumber=arn:aws:iam::111111111111:mfa/me&TokenCode=123456
    ASIA1 AssumeRole&RoleArn=arn:aws:iam::222222222222:role/first&RoleSessionName=me&DurationSeconds=1800&Tags.member.1.Key=team&Tags.member.1.Value=blue&Tags.member.2.Key=cost&Tags.member.2.Value=7&TransitiveTagKeys.member.1=team&SourceIdentity=alice
    ASIA2 AssumeRole&RoleArn=arn:aws:iam::333333333333:role/second&RoleSessionName=mine&ExternalId=partner-4711
    "#);
    let environment = text(&output.stdout);
    assert!(environment.contains("AWS_REGION=eu-west-1\n"), "{environment}");
    assert!(!environment.contains("AWS_PROFILE"), "{environment}");
    assert_eq!(fs::read_to_string(bench.home.path().join("codes")).unwrap(), "x", "one code is asked for");
}

/// Each place that a role's profile can start from: who signs the first AssumeRole, and what was asked before it.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[test]
fn where_a_profile_starts() {
    let bench = Bench::new();
    let url = fs::read_to_string(bench.home.path().join(".aws/config")).unwrap();
    let url = url.lines().find_map(|line| line.trim().strip_prefix("endpoint_url = ")).unwrap().to_owned();
    let token = bench.home.path().join("token");
    fs::write(&token, "a.b.c").unwrap();
    let role = "role_arn = arn:aws:iam::222222222222:role/x\n";
    let keys = "aws_access_key_id = AKIAOWN\naws_secret_access_key = s\n";
    let process =
        r#"credential_process = echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'"#;
    let identity = format!("{role}web_identity_token_file = {}\n", token.display());
    for (what, profiles, first) in [
        ("its own keys", format!("[profile it]\n{role}source_profile = it\n{keys}"), "AKIAOWN AssumeRole&"),
        (
            "a program of its own",
            format!("[profile it]\n{role}source_profile = it\n{process}\n"),
            "AKIAPROCESS AssumeRole&",
        ),
        (
            "another's program",
            format!("[profile it]\n{role}source_profile = p\n[profile p]\n{process}\n"),
            "AKIAPROCESS AssumeRole&",
        ),
        (
            "the environment",
            format!("[profile it]\n{role}credential_source = environment\n"),
            "AKIAENV AssumeRole&",
        ),
        (
            "another's web identity",
            format!("[profile it]\n{role}source_profile = w\n[profile w]\n{identity}"),
            " AssumeRoleWithWebIdentity&",
        ),
        ("a web identity with its role", format!("[profile it]\n{identity}"), " AssumeRoleWithWebIdentity&"),
    ] {
        let config = bench.home.path().join("config");
        fs::write(&config, format!("{profiles}[default]\nregion = eu-west-1\n")).unwrap();
        let mut command = bench.rolecall(&["whoami", "--profile", "it", "--json"]);
        command.env("AWS_CONFIG_FILE", config).env("AWS_ENDPOINT_URL", &url).env("AWS_REGION", "eu-west-1");
        command.env("AWS_ACCESS_KEY_ID", "AKIAENV").env("AWS_SECRET_ACCESS_KEY", "env-secret");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{what}: {output:?}");
        let asked = bench.asked();
        assert!(asked[0].starts_with(first), "{what}: {asked:?}");
        // The last asks who it is, as the role.
        assert!(asked.last().unwrap().starts_with("ASIA"), "{what}: {asked:?}");
    }
}

/// A region that only an included profile says.
#[test]
fn the_region_of_an_included_profile() {
    let output = Bench::new().run(&["exec", "--profile", "first", "--", "env"]);
    assert!(text(&output.stdout).contains("AWS_REGION=eu-central-1\n"), "{output:?}");
}

/// What is used: a profile that is asked for, whatever is in the environment; keys in the environment before AWS_PROFILE.
#[test]
fn which_profile_it_is() {
    let bench = Bench::new();
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAENV"), ("AWS_SECRET_ACCESS_KEY", "env-secret")];
    let role = "arn:aws:iam::222222222222:role/first";
    let both = [keys[0], keys[1], ("AWS_PROFILE", "base")];
    for (arguments, variables, signed) in [
        (&["--profile", "base", "--role-arn", role][..], &keys[..], "AKIABASE"),
        (&["--role-arn", role], &both, "AKIAENV"),
        (&["--role-arn", role], &[("AWS_PROFILE", "base")], "AKIABASE"),
        (&[], &[("AWS_PROFILE", "second")], "AKIABASE"),
    ] {
        let mut command = bench.rolecall(&[&["exec"], arguments, &["--", "true"]].concat());
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let asked = bench.asked();
        assert_eq!(asked[0].split(' ').next(), Some(signed), "{arguments:?} {variables:?}: {output:?}");
    }
}

/// What cannot be: `--fips` and what says the same are taken to where they are refused together with an endpoint of one's
/// own: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
#[test]
fn fips_and_dual_stack() {
    let bench = Bench::new();
    let refused = |arguments: &[&str], variable: Option<(&str, &str)>| {
        let mut command = bench.rolecall(&[&["exec"], arguments, &["--", "true"]].concat());
        let output = command.envs(variable).output().unwrap();
        text(&output.stderr)
    };
    let second = ["--profile", "base", "--role-arn", "arn:aws:iam::222222222222:role/first"];
    for (arguments, variable, said) in [
        (&["--profile", "fips"][..], None, "FIPS and custom endpoint are not supported"),
        (&[&second[..], &["--fips"]].concat(), None, "FIPS and custom endpoint are not supported"),
        (&second, Some(("AWS_USE_FIPS_ENDPOINT", "true")), "FIPS and custom endpoint are not supported"),
        (&[&second[..], &["--dual-stack"]].concat(), None, "Dualstack and custom endpoint are not supported"),
        (
            &second,
            Some(("AWS_USE_DUALSTACK_ENDPOINT", "true")),
            "Dualstack and custom endpoint are not supported",
        ),
        (&second, None, ""),
    ] {
        let stderr = refused(arguments, variable);
        assert!(stderr.contains(said) && stderr.is_empty() == said.is_empty(), "{arguments:?}: {stderr}");
    }
}

#[test]
fn codes() {
    let bench = Bench::new();
    // `setsid`: no terminal to ask at.
    let arguments = ["-w", BINARY, "credentials", "--profile", "asks", "--format", "process"];
    let same = bench.rolecall(&[]);
    let environment: Vec<_> = same.get_envs().filter_map(|(name, value)| Some((name, value?))).collect();
    let run = |more: &[&str]| {
        let mut command = Command::new("setsid");
        command.args(arguments).args(more).env_clear().envs(environment.clone()).stdin(Stdio::null());
        command.output().unwrap()
    };
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(120), "{output:?}");
    insta::assert_snapshot!(text(&output.stderr), @r#"
    error: assuming `arn:aws:iam::222222222222:role/first`: nobody gave a code of the MFA device `GAHT12345678`
      caused by: there is no terminal to ask for a code of `GAHT12345678`: give `--token-code`, or name a program that prints it as `mfa_process` in the profile
    "#);
    assert_eq!(bench.asked(), [""; 0]);
    let output = run(&["--token-code", "654321"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(bench.asked()[0].contains("GetSessionToken&SerialNumber=GAHT12345678&TokenCode=654321"));
    assert!(!text(&output.stderr).contains("654321"));
}

/// At a terminal, which `script` makes: the code is asked for there, whatever standard output is; the program then has it
/// for itself.
#[test]
fn a_code_is_asked_for_at_the_terminal() {
    let bench = Bench::new();
    let same = bench.rolecall(&[]);
    let line = format!("{BINARY} exec --profile asks -- sh -c 'read line; echo got $line'");
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env_clear();
    script.envs(same.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut shown = BufReader::new(script.stdout.take().unwrap());
    let mut prompt = Vec::new();
    shown.read_until(b':', &mut prompt).unwrap();
    let mut keyboard = script.stdin.take().unwrap();
    keyboard.write_all(b"123456\nhello\n").unwrap();
    let mut rest = String::new();
    shown.read_to_string(&mut rest).unwrap();
    assert!(script.wait().unwrap().success(), "{rest}");
    assert_eq!(text(&prompt), "MFA code for GAHT12345678:");
    assert!(rest.contains("got hello"), "{rest}");
    assert!(bench.asked()[0].contains("SerialNumber=GAHT12345678&TokenCode=123456"));
}

/// A profile whose program is this one is not where this one starts: the program inherits AWS_PROFILE, and two such profiles
/// may name each other.
#[test]
fn a_profile_does_not_run_itself_for_ever() {
    let bench = Bench::new();
    let role = "arn:aws:iam::222222222222:role/first";
    let config = bench.home.path().join("config");
    let process = |name: &str, more: &str| {
        format!(
            "[profile {name}]\nregion = eu-west-1\ncredential_process = {BINARY} credentials --format process --role-arn {role}{more}\n"
        )
    };
    let profiles = [
        process("orders", ""),
        process("own", " --profile own"),
        process("a", " --profile b"),
        process("b", " --profile a"),
        format!("[profile from]\nregion = eu-west-1\nrole_arn = {role}\nsource_profile = orders\n"),
    ];
    fs::write(&config, profiles.concat()).unwrap();
    for (command, profile, said) in [
        ("credentials", "orders", "profile `orders` gets its credentials from this command"),
        ("whoami", "orders", "profile `orders` gets its credentials from this command"),
        ("credentials", "from", "profile `from` gets its credentials from this command"),
        ("credentials", "own", "profile `own` gets its credentials from this command"),
        ("credentials", "a", "has started itself again and again"),
    ] {
        // Only Linux says by whom a process was started.
        if profile == "a" && cfg!(not(target_os = "linux")) {
            continue;
        }
        let mut command = bench.rolecall(&[command, "--role-arn", role]);
        let output = command.env("AWS_CONFIG_FILE", &config).env("AWS_PROFILE", profile).output().unwrap();
        let stderr = text(&output.stderr);
        assert!(!output.status.success() && stderr.contains(said), "{profile}: {stderr}");
    }
    assert_eq!(bench.asked(), [""; 0]);
}

/// Each says what is wrong, and the next command to try.
#[test]
fn mistakes() {
    let bench = Bench::new();
    let said = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = bench.rolecall(arguments).envs(variables.iter().copied()).output().unwrap();
        let home = bench.home.path().to_str().unwrap().to_owned();
        format!("{}\n{}", output.status.code().unwrap(), text(&output.stderr).replace(&home, "~"))
    };
    insta::assert_snapshot!(said(&["exec", "--", "true"], &[]), @r#"
    2
    error: no role is given

    hint: give `--role-arn arn:aws:iam::ACCOUNT:role/NAME`, or `--profile NAME` of a profile with a role_arn: asks, fips, first, second
    "#);
    insta::assert_snapshot!(said(&["credentials", "--profile", "base"], &[]), @r#"
    2
    error: no role is given, and profile `base` names none

    hint: give `--role-arn arn:aws:iam::ACCOUNT:role/NAME`, or `--profile NAME` of a profile with a role_arn: asks, fips, first, second
    "#);
    insta::assert_snapshot!(said(&["exec", "--profile", "secnd", "--", "true"], &[]), @r#"
    2
    error: there is no profile `secnd`; there are: asks, base, common, fips, first, second

    hint: profiles are read from `~/.aws/config` and `~/.aws/credentials`

    hint: `rolecall whoami --explain --offline` shows what each says, with its lines
    "#);
    for arguments in [
        &["serve", "--config", "x", "--profile", "first"][..],
        &["serve", "--config", "x", "--duration", "1h"],
        &["credentials", "--socket", "x", "--role", "y", "--duration", "1h"],
        &["whoami", "--profile", "base", "--duration", "1h"],
        &["whoami", "--offline"],
    ] {
        assert!(said(arguments, &[]).starts_with("2\nerror: "), "{arguments:?}: {}", said(arguments, &[]));
    }
    let keys = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_PROFILE", "first")];
    insta::assert_snapshot!(said(&["exec", "--", "true"], &keys), @r#"
    2
    error: no role is given

    hint: AWS_PROFILE is `first`, but AWS_ACCESS_KEY_ID in the environment comes first; `--profile first` uses it

    hint: give `--role-arn arn:aws:iam::ACCOUNT:role/NAME`, or `--profile NAME` of a profile with a role_arn: asks, fips, first, second
    "#);
}

/// Where it is said, and nothing that is secret.
#[test]
fn explained() {
    let bench = Bench::new();
    let output = bench.run(&["whoami", "--explain", "--offline", "--profile", "second"]);
    let home = bench.home.path().to_str().unwrap();
    insta::assert_snapshot!(text(&output.stdout).replace(home, "~"), @r#"
    Where rolecall looked, in this order (that of the AWS SDK for Rust):
      absent    environment   not looked at, as --profile is given
      taken     profile       profile `second`, role_arn arn:aws:iam::333333333333:role/second at ~/.aws/config:27
                  profile `second`
                    role_arn = arn:aws:iam::333333333333:role/second  (~/.aws/config:27)
                    source_profile = first  (~/.aws/config:28)
                    external_id = (not shown)  (~/.aws/config:29)
                    region = eu-west-1  (~/.aws/config:31)
                  profile `first`
                    include_profile = common  (~/.aws/config:15; no SDK reads it)
                    role_arn = arn:aws:iam::222222222222:role/first  (~/.aws/config:17)
                    role_session_name = me  (~/.aws/config:18)
                    duration_seconds = 1800  (~/.aws/config:19; the SDK for Rust does not read it)
                    mfa_serial = arn:aws:iam::111111111111:mfa/me  (~/.aws/config:20; the SDK for Rust does not read it)
                    mfa_process = (not shown)  (~/.aws/config:21; no SDK reads it)
                    session_tags = team=blue, cost = 7  (~/.aws/config:22; no SDK reads it)
                    transitive_session_tags = team  (~/.aws/config:23; no SDK reads it)
                    source_identity = alice  (~/.aws/config:24; no SDK reads it)
                  profile `common`
                    source_profile = base  (~/.aws/config:10)
                    region = eu-central-1  (~/.aws/config:12)
                  profile `base`
                    aws_access_key_id = AKIABASE  (~/.aws/credentials:2)
                    aws_secret_access_key = (not shown)  (~/.aws/credentials:3)
                    region = eu-west-1  (~/.aws/config:2)
      absent    web-identity  AWS_WEB_IDENTITY_TOKEN_FILE is not set
      absent    container     AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set
      absent    instance      AWS_EC2_METADATA_DISABLED is set
    What an SDK takes here, with AWS_PROFILE=second:
      Rust             profile `second`, role_arn arn:aws:iam::333333333333:role/second at ~/.aws/config:27
      Python, AWS CLI  profile `second`, role_arn arn:aws:iam::333333333333:role/second at ~/.aws/config:27
      JavaScript v3    profile `second`, role_arn arn:aws:iam::333333333333:role/second at ~/.aws/config:27
      Go v2            profile `second`, role_arn arn:aws:iam::333333333333:role/second at ~/.aws/config:27
      Java v2          profile `second`, role_arn arn:aws:iam::333333333333:role/second at ~/.aws/config:27
    "#);
    assert_eq!(bench.asked(), [""; 0], "AWS is not asked");
    let output = bench.run(&["whoami", "--explain", "--json", "--profile", "second"]);
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(all["schema"], "rolecall/whoami/1");
    assert_eq!(all["explain"]["places"][1]["state"], "taken");
    assert_eq!(all["explain"]["profiles"][0]["key"], "role_arn");
    assert_eq!(all["explain"]["sdks"][0]["sdk"], "rolecall");
    for secret in ["base-secret", "partner-4711", "the-secret", "the-token", "echo 123456"] {
        assert!(!text(&output.stdout).contains(secret), "{secret}");
    }
}

/// A role of `roles.toml` by its profile alone.
#[test]
fn a_served_profile() {
    let bench = Bench::new();
    let roles = bench.home.path().join("roles.toml");
    fs::write(&roles, "[role.orders]\nprofile = \"second\"\n").unwrap();
    let mut command = bench.rolecall(&["serve", "--json", "--listen", "127.0.0.1:0", "--config"]);
    let command = command.arg(&roles).arg("--token-dir").arg(bench.home.path().join("tokens"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(said["roles"][0]["roleArn"], "arn:aws:iam::333333333333:role/second");
    assert_eq!(said["roles"][0]["environment"]["AWS_REGION"], "eu-west-1");
}
