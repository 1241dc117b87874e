//! Where the first credentials come from, in each place that rolecall runs in: an EKS pod (IRSA, Pod Identity), an ECS
//! task, an EC2 instance, a GitHub Actions job. A server plays what AWS has there, and STS.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_rolecall");
const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";
const TOKEN: &str = "the-token-of-the-pod";

/// A machine with a home of one's own, and a server.
struct Place {
    server: SocketAddr,
    home: TempDir,
}

impl Place {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap());
            }
        });
        Self { server, home: TempDir::new().unwrap() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(BINARY);
        command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.home.path());
        command.env("TMPDIR", self.home.path()).env("AWS_ENDPOINT_URL_STS", self.url("/"));
        command.env("AWS_REGION", "eu-west-1").envs(variables.iter().copied());
        command.output().unwrap()
    }
}

/// Where credentials are found.
struct Found {
    name: &'static str,
    variables: Vec<(&'static str, String)>,
    kind: &'static str,
    key: &'static str,
}

fn in_each_place(place: &Place) -> [Found; 3] {
    let without_instance = ("AWS_EC2_METADATA_DISABLED", "true".to_owned());
    let token = place.file("token", TOKEN);
    [
        // https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
        Found {
            name: "IRSA",
            variables: vec![
                ("AWS_WEB_IDENTITY_TOKEN_FILE", token.clone()),
                ("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/pod".to_owned()),
                without_instance.clone(),
            ],
            kind: "web-identity",
            key: "ASIAPOD",
        },
        // https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html; its agent is at 169.254.170.23
        Found {
            name: "Pod Identity",
            variables: vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", place.url("/v1/credentials")),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token),
                without_instance,
            ],
            kind: "container",
            key: "ASIACONTAINER",
        },
        // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
        Found {
            name: "an instance",
            variables: vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", place.url("/"))],
            kind: "instance",
            key: "ASIAINSTANCE",
        },
    ]
}

/// Found there; and a role assumed with them, whose program sees nothing of the place any more.
#[test]
fn each_place() {
    let place = Place::new();
    for Found { name, variables, kind, key } in in_each_place(&place) {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let json = |output: Output| -> Value {
            serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("{name}: {error}: {output:?}"))
        };
        let me = json(place.run(&["whoami", "--json"], &variables));
        assert_eq!((&me["accessKeyId"], &me["path"][0]["kind"]), (&key.into(), &kind.into()), "{name}: {me}");
        let exec = ["exec", "--role-arn", ROLE, "--", BINARY, "whoami", "--json"];
        let program = json(place.run(&exec, &variables));
        assert_eq!(
            (&program["accessKeyId"], &program["path"][0]["kind"]),
            (&"ASIAROLE".into(), &"container".into()),
            "{name}: {program}"
        );
    }
}

/// The steps that follow have the variables, the log has none of their values.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
#[test]
fn a_github_job() {
    let place = Place::new();
    let [Found { mut variables, .. }, ..] = in_each_place(&place);
    let file = place.file("github-env", "BEFORE=1\n");
    variables.push(("GITHUB_ENV", file.clone()));
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ran = place.run(&["credentials", "--format", "github", "--role-arn", ROLE], &variables);
    assert_eq!(
        String::from_utf8(ran.stdout).unwrap(),
        "::add-mask::ASIAROLE\n::add-mask::the-secret\n::add-mask::the-session\n"
    );
    assert_eq!(
        fs::read_to_string(file).unwrap(),
        "BEFORE=1\nAWS_ACCESS_KEY_ID=ASIAROLE\nAWS_SECRET_ACCESS_KEY=the-secret\nAWS_SESSION_TOKEN=the-session\n\
         AWS_CREDENTIAL_EXPIRATION=2099-01-01T00:00:00Z\nAWS_REGION=eu-west-1\nAWS_DEFAULT_REGION=eu-west-1\n"
    );
    let without = &variables[..variables.len() - 1];
    let ran = place.run(&["credentials", "--format", "github", "--role-arn", ROLE], without);
    assert_eq!((ran.status.code(), ran.stdout), (Some(2), Vec::new()));
}

fn answer(mut stream: TcpStream) {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    let (head, body) = loop {
        let read = stream.read(&mut buffer).unwrap();
        request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().unwrap() {
                break (head, body);
            }
        }
        if read == 0 {
            return;
        }
    };
    let (status, body) = play(head, body);
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 21600\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
}

/// The instance metadata service (version 2), a container's endpoint, and STS.
fn play(head: &str, body: &str) -> (u16, String) {
    let target = head.lines().next().and_then(|line| line.strip_suffix(" HTTP/1.1")).unwrap_or_default();
    let header = |name: &str, value: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.any(|(key, found)| key.eq_ignore_ascii_case(name) && found == value)
    };
    let keys = |id: &str| {
        format!(
            r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"{id}","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z","AccountId":"111111111111"}}"#
        )
    };
    let given = |what: &str, id: &str, secret: &str, token: &str| {
        format!(
            "<{what}Response><{what}Result><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{secret}\
             </SecretAccessKey><SessionToken>{token}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
             </Credentials></{what}Result></{what}Response>"
        )
    };
    match target {
        "PUT /latest/api/token" => (200, "the-token-of-the-instance".to_owned()),
        "GET /v1/credentials" if header("authorization", TOKEN) => (200, keys("ASIACONTAINER")),
        _ if target.starts_with("GET /latest/meta-data/iam/security-credentials") => {
            if !header("x-aws-ec2-metadata-token", "the-token-of-the-instance") {
                return (401, String::new());
            }
            // Those with more in them are newer than some instances: they do without.
            if target.contains("security-credentials-extended") {
                (404, String::new())
            } else if target.ends_with("/profile-role") {
                (200, keys("ASIAINSTANCE"))
            } else {
                (200, "profile-role".to_owned())
            }
        }
        "POST /" if body.contains("Action=AssumeRoleWithWebIdentity") && body.contains(TOKEN) => {
            (200, given("AssumeRoleWithWebIdentity", "ASIAPOD", "s", "t"))
        }
        "POST /" if body.contains("Action=AssumeRole&") => {
            (200, given("AssumeRole", "ASIAROLE", "the-secret", "the-session"))
        }
        "POST /" if body.contains("Action=GetCallerIdentity") => (
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111111111111:assumed-role/x/y</Arn>\
             <UserId>AROAX:y</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
                .to_owned(),
        ),
        _ => (404, String::new()),
    }
}
