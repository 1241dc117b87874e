//! `rolecall policy conform`: cases as JSON lines on standard input, answers as JSON lines on standard output, so that
//! any set of cases, and any other evaluator, can be held against this one.

mod answer;
mod case;
mod lines;
mod principal;
mod scalar;

use std::io::{self, BufWriter, Write};

use self::lines::{Line, Lines};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = r#"Examples:
  rolecall policy conform < cases.jsonl > answers.jsonl

  echo '{"id": 1, "op": "evaluate",
         "request": {"principal": {"type": "aws", "arn": "arn:aws:iam::111111111111:user/ana"},
                     "action": "dynamodb:GetItem",
                     "resource": {"arn": "arn:aws:dynamodb:eu-west-1:111111111111:table/t", "account": "111111111111"},
                     "context": {}},
         "policies": {"identity": [{"Version": "2012-10-17", "Statement":
             {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}]}}' |
      tr -d '\n' | rolecall policy conform

One object a line; the answer carries its `id`. `op` is `evaluate` or `validate`; to anything else the answer is
{"id": …, "error": "unsupported"}, and to a line that cannot be read {"id": …, "error": "what is wrong with it"}.

In `request`: `principal` with a `type` of aws (`arn`, and `role_arn` and `unique_id` of a role's session), service (`id`),
federated (`id`), anonymous or other; `action`; `resource` with `arn` and `account`; `context`, a text for a key with one
value, a list for one with several, null for one whose value is not known.
In `policies`: `identity`, `session`, `boundary`, `vpce`, each a list of documents; `resource`, one document, for a role
its trust policy; `scp` and `rcp`, lists of {"id": …, "policies": […]}, a level each, without RCPFullAWSAccess.
A layer that is null or absent does not apply; one that is [] applies and allows nothing.

The answer: `decision` (Allowed, ImplicitlyDenied, ExplicitlyDenied), `checks` in AWS's order, and `message`, AWS's text
of the denial. What cannot be decided is answered ImplicitlyDenied with "undecided": true.

To `validate`: `policy_type` (identity, resource, trust, scp, rcp, session, boundary, vpce or any) and the document, as
`policy` or as `policy_text`. The answer: `valid`, `findings`, and `aws_error`, what AWS would answer on saving it."#;

/// Answer cases given as JSON lines
///
/// Reads one case a line from standard input and writes one answer a line to standard output, in the same order. A bad
/// line gets an answer that says what is wrong with it, and the next one is read.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) fn run(_: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let mut lines = Lines::new(io::stdin().lock());
    match answer_all(&mut lines, &mut BufWriter::with_capacity(1 << 16, out.result())) {
        // Whoever reads the answers may have seen enough (`| head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Success),
        result => Ok(result.map(|()| Exit::Success)?),
    }
}

fn answer_all(lines: &mut Lines<impl io::Read>, out: &mut impl Write) -> io::Result<()> {
    loop {
        // Somebody may wait for the answers before asking on.
        if !lines.has_one() {
            out.flush()?;
        }
        match lines.next()? {
            Line::End => return out.flush(),
            Line::Empty => {}
            Line::TooLong => answer::refuse(out, None, "the line is too long")?,
            Line::Text(text) => case::answer(text, out)?,
        }
    }
}

#[cfg(test)]
mod tests;
