//! What the demo prints.

use std::net::SocketAddr;

use rolecall_local::{Entry, Handle};

use super::breaks::Link;
use super::stage::{Outcome, SWITCH_ROLE, TASK_ROLE};
use crate::failure::Failure;
use crate::out::Out;

const PICTURE: &str = " \
account 111111111111                            account 222222222222
┌───────────────────────────────┐               ┌────────────────────────────────────────┐
│ ECS ──trust──▶ task role ─────┼──AssumeRole──▶│ switch-role ──permission──▶ DynamoDB   │
│                identity policy│               │ trust policy  identity policy   orders │
└───────────────────────────────┘               └────────────────────────────────────────┘";

/// Tells the story, with what the local AWS wrote down meanwhile.
pub(super) struct Story<'a> {
    out: &'a mut Out,
    handle: Handle,
    /// The last journal entry that has been told or passed over.
    told: u64,
}

impl<'a> Story<'a> {
    pub(super) fn new(out: &'a mut Out, handle: Handle) -> Self {
        Self { out, handle, told: 0 }
    }

    pub(super) fn opening(&mut self, address: SocketAddr) -> Result<(), Failure> {
        self.out.line("A task in one AWS account uses DynamoDB in another.\n")?;
        self.out.line(PICTURE)?;
        self.out
            .line(format_args!("\nBoth accounts are in a local AWS on http://{address}. Made in them, as examples/dynamodb-across-accounts/seed has it:\n"))?;
        Ok(())
    }

    pub(super) fn made(&mut self, account: &str, what: &str, how: &str) -> Result<(), Failure> {
        Ok(self.out.line(format_args!("  {account}  {what:<29} {how}"))?)
    }

    /// Passes over what has been written down so far.
    pub(super) fn forget(&mut self) {
        self.told = self.handle.journal_after(self.told).last().map_or(self.told, |entry| entry.number);
    }

    /// The path as it should be. Says whether it worked.
    pub(super) fn whole_path(&mut self, outcome: &Outcome) -> Result<bool, Failure> {
        self.out
            .line("\nThe task runs:\n\n  rolecall local task --role …:role/my-fargate-task-role -- \\")?;
        self.out.line("      rolecall exec --role-arn …:role/switch-role -- list-tables --limit 100\n")?;
        self.decisions(|_| true)?;
        self.out.line(format_args!("\n  {}", outcome.text.replace('\n', "\n  ")))?;
        self.out.line("\nNow it is broken, one link at a time, and mended again.")?;
        Ok(outcome.worked)
    }

    /// A broken path. Says whether it was refused for the reason it was broken by.
    pub(super) fn broken(&mut self, link: &Link, outcome: &Outcome) -> Result<bool, Failure> {
        self.out.line(format_args!("\n── {}\n", link.title))?;
        let refusals = self.decisions(|entry| entry.refused)?;
        let as_expected = refusals.iter().any(|message| message.contains(link.telling)) && !outcome.worked;
        if !as_expected {
            self.out.line(format_args!(
                "\n  This is not the refusal that was to come. The task said: {}",
                outcome.text
            ))?;
        }
        Ok(as_expected)
    }

    /// All links mended. Says whether it works again.
    pub(super) fn mended(&mut self, outcome: &Outcome) -> Result<bool, Failure> {
        self.out.line("\n── Everything mended\n")?;
        self.out.line(format_args!("  {}", outcome.text.replace('\n', "\n  ")))?;
        Ok(outcome.worked)
    }

    /// Who called what, and what was decided; gives the messages of refusals.
    fn decisions(&mut self, shown: impl Fn(&Entry) -> bool) -> Result<Vec<String>, Failure> {
        let mut refusals = Vec::new();
        for entry in self.handle.journal_after(self.told) {
            self.told = entry.number;
            // Calls that nothing has to allow, and what the stage itself does, are not part of the path.
            let of_the_path = entry.explanation.is_some()
                && !entry.caller.as_deref().unwrap_or_default().ends_with(":root");
            if !of_the_path || !shown(&entry) {
                continue;
            }
            let who = entry.caller.as_deref().unwrap_or("?");
            let outcome = if entry.refused { "refused" } else { "allowed" };
            self.out.line(format_args!("  {outcome}  {:<19} by {who}", entry.action))?;
            if let Some(message) = entry.message.as_deref().filter(|_| entry.refused) {
                self.out.line(format_args!("    {message}"))?;
                refusals.push(message.to_owned());
            }
            for line in entry.explanation.as_deref().unwrap_or_default().lines().skip(1) {
                self.out.line(format_args!("    {}", line.trim_end()))?;
            }
        }
        Ok(refusals)
    }

    /// How to point other programs at it.
    pub(super) fn keep(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let port = address.port();
        self.out.line(format_args!(
            "
It stays until Ctrl-C. Point other programs at it:

  the AWS CLI as the administrator of an account
      rolecall local exec --port {port} --account 222222222222 --region eu-west-1 -- aws dynamodb list-tables

  boto3 as the task, in the switch role
      rolecall local task --port {port} --region eu-west-1 --role {TASK_ROLE} -- \\
          rolecall exec --role-arn {SWITCH_ROLE} -- \\
          python3 -c \"import boto3; print(boto3.client('dynamodb').list_tables(Limit=100)['TableNames'])\"

  Terraform, with no provider settings
      rolecall local exec --port {port} --account 111111111111 --region eu-west-1 -- terraform apply

  anything else
      export AWS_ENDPOINT_URL=http://{address} AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
      export AWS_ACCESS_KEY_ID=222222222222 AWS_SECRET_ACCESS_KEY=any    # that account's root

  what was asked, and why it was refused
      rolecall local log --port {port} --refused
"
        ))?;
        Ok(())
    }
}
