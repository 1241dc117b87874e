//! `rolecall policy conform`: cases as JSON lines on standard input, answers as JSON lines on standard output, so that
//! any set of cases, and any other evaluator, can be held against this one.

mod answer;
mod case;
mod lines;
mod principal;
mod scalar;

use std::io::{self, BufWriter, Write};
use std::num::NonZero;
use std::thread;

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

One object a line; the answer carries its `id`. `op` is `evaluate` or `validate`; to anything
else the answer is {"id": …, "error": "unsupported"}, and to a line that cannot be read {"id":
…, "error": "what is wrong with it"}.

In `request`: `principal` with a `type` of aws (`arn`, and `role_arn` and `unique_id` of a
role's session), service (`id`), federated (`id`), anonymous or other; `action`; `resource`
with `arn` and `account`; `context`, a text for a key with one value, a list for one with
several, null for one whose value is not known. In `policies`: `identity`, `session`,
`boundary`, `vpce`, each a list of documents; `resource`, one document, for a role its trust
policy; `scp` and `rcp`, lists of {"id": …, "policies": […]}, a level each, without
RCPFullAWSAccess. A layer that is null or absent does not apply; one that is [] applies and
allows nothing.

The answer: `decision` (Allowed, ImplicitlyDenied, ExplicitlyDenied), `checks` in AWS's order,
and `message`, AWS's text of the denial. What cannot be decided is answered ImplicitlyDenied
with "undecided": true.

To `validate`: `policy_type` (identity, resource, trust, scp, rcp, session, boundary, vpce or
any) and the document, as `policy` or as `policy_text`. The answer: `valid`, `findings`, and
`aws_error`, what AWS would answer on saving it."#;

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
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut batch = Vec::new();
    loop {
        let waits = !lines.has_one();
        if waits || batch.len() >= BATCH {
            answer_batch(&mut batch, threads, out)?;
        }
        // Somebody may wait for the answers before asking on.
        if waits {
            out.flush()?;
        }
        match lines.next()? {
            Line::End => return answer_batch(&mut batch, threads, out).and_then(|()| out.flush()),
            Line::Empty => {}
            Line::TooLong => {
                answer_batch(&mut batch, threads, out)?;
                answer::refuse(out, None, "the line is too long")?;
            }
            Line::Text(text) => batch.push(text.to_vec()),
        }
    }
}

/// As many lines as are answered together, at most.
const BATCH: usize = 1024;

/// So few that another thread is not worth its while.
const FEW: usize = 32;

/// Answers the lines in their order, each thread a part of them, and forgets them.
fn answer_batch(batch: &mut Vec<Vec<u8>>, threads: usize, out: &mut impl Write) -> io::Result<()> {
    let answers = |lines: &[Vec<u8>]| -> io::Result<Vec<u8>> {
        let mut answers = Vec::new();
        for line in lines {
            case::answer(line, &mut answers)?;
        }
        Ok(answers)
    };
    let mut parts = batch.chunks(batch.len().div_ceil(threads).max(FEW));
    let Some(first) = parts.next() else { return Ok(()) };
    thread::scope(|scope| {
        let others: Vec<_> = parts.map(|lines| scope.spawn(move || answers(lines))).collect();
        out.write_all(&answers(first)?)?;
        for other in others {
            let ended = |_| io::Error::other("a thread ended before its answers were there");
            out.write_all(&other.join().map_err(ended)??)?;
        }
        Ok::<_, io::Error>(())
    })?;
    batch.clear();
    Ok(())
}

#[cfg(test)]
mod tests;
