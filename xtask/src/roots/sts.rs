//! Just enough of STS for the provider to start: whose access key it is. An access key is named after its account.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

pub(crate) struct Server {
    pub(crate) url: String,
}

impl Server {
    /// Serves until the process ends.
    pub(crate) fn start() -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let url = format!("http://{}", listener.local_addr().map_err(|error| error.to_string())?);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(&stream));
            }
        });
        Ok(Self { url })
    }
}

/// One request for each connection.
fn serve(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut account, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if let Some((_, credential)) = line.split_once("Credential=") {
            account = credential.split('/').next()?.to_owned();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = answer(&String::from_utf8_lossy(&body), &account)?;
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    )
    .ok()
}

fn answer(body: &str, account: &str) -> Option<String> {
    let field = |name: &str| body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let action = field("Action")?;
    let result = match action {
        "AssumeRole" => {
            let account = field("RoleArn")?.replace("%3A", ":").split(':').nth(4)?.to_owned();
            format!(
                "<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/r/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId>\
                 </AssumedRoleUser><Credentials><AccessKeyId>{account}</AccessKeyId><SecretAccessKey>x</SecretAccessKey>\
                 <SessionToken>x</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            )
        }
        _ => format!(
            "<Account>{account}</Account><Arn>arn:aws:iam::{account}:user/u</Arn><UserId>AIDA</UserId>"
        ),
    };
    Some(format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    ))
}
