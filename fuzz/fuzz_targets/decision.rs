//! No policies and no request end the process; the decision is the same with and without its trace; a deny of everything
//! is never allowed; and what is allowed is explained without a denial.

#![no_main]

use rolecall_iam::{
    Attached, Context, Decision, Layers, Policy, Principal, Request, RoleSession, Source, decide, decision,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let principal = choices.principal();
    let context = choices.context();
    let (action, resource) = (choices.of(ACTIONS).to_owned(), choices.of(RESOURCES).to_owned());
    let request = Request {
        principal: &principal,
        action: &action,
        resource: &resource,
        owner: choices.of(&["111111111111", "222222222222", ""]).parse().ok(),
        context: &context,
        session_policies: None,
    };
    let policies: Vec<Policy> = (0..7).map(|_| choices.policy()).collect();
    let attach = |at: usize| Attached { source: Source::Given(at), policy: &policies[at] };
    let applies = choices.byte();
    let list = |at: usize| (applies >> at & 1 == 1).then(|| vec![attach(at)]);
    let layers = Layers {
        resource_control: list(0).map(|level| vec![level]),
        service_control: list(1).map(|level| vec![Vec::new(), level]).filter(|_| applies > 7),
        endpoint: list(2),
        resource: list(3).map(|_| attach(3)),
        resource_decides: applies >> 7 == 1,
        identity: list(4),
        boundary: list(5),
        session: list(6),
    };
    let verdict = decide(&request, &layers);
    assert_eq!(verdict.decision, decision(&request, &layers));
    assert!(!verdict.explain(&request).is_empty());
    assert_eq!(verdict.denial(&request, true).is_none(), verdict.decision == Decision::Allowed);

    let everything = Policy::lenient(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
    );
    let denied = Attached { source: Source::Given(9), policy: &everything };
    let layers =
        Layers { identity: Some(layers.identity.into_iter().flatten().chain([denied]).collect()), ..layers };
    assert_eq!(decision(&request, &layers), Decision::ExplicitlyDenied);
});

const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/r/s";
const ACTIONS: &[&str] = &["dynamodb:GetItem", "sts:AssumeRole", "kms:Decrypt", "s3:GetObject", "", ":", "a"];
const RESOURCES: &[&str] = &[
    "arn:aws:dynamodb:eu-west-1:111111111111:table/t",
    "arn:aws:iam::222222222222:role/r",
    "arn:aws:kms:eu-west-1:111111111111:key/k",
    "arn:aws:s3:::b/é/:*",
    "*",
    "",
    "arn:aws:s3:::",
];
const TEXTS: &[&str] = &[
    "*",
    "?",
    "a",
    "arn:aws:dynamodb:*:*:table/*",
    "arn:aws:s3:::b/${aws:k}",
    "${aws:k, 'd'}",
    "${*}",
    "${",
    "111111111111",
    SESSION,
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:iam::111111111111:user/u",
    "AROAEXAMPLEEXAMPLE12",
    "dynamodb:*",
    "dynamodb:Get?tem",
    "true",
    "false",
    "5",
    "-0.50",
    "2026-01-01T00:00:00Z",
    "2026",
    "10.0.0.0/8",
    "::/0",
    "QQ==",
    "é",
    "",
    "arn:aws:iam::111111111111:root",
    "ecs-tasks.amazonaws.com",
    "arn:*",
    "arn:aws:s3:::*/*/*x",
];
const KEYS: &[&str] = &["aws:k", "AWS:K", "aws:TagKeys", "aws:PrincipalArn", "sts:ExternalId", "none"];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotLike",
    "StringLike",
    "StringEqualsIgnoreCase",
    "NumericLessThan",
    "NumericNotEquals",
    "DateGreaterThan",
    "DateNotEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnLike",
    "ArnNotEquals",
    "Null",
    "StringIs",
];

/// The bytes, taken for choices; a text that is none of those at hand is made of the bytes themselves.
struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn of(&mut self, choices: &[&'a str]) -> &'a str {
        let at = usize::from(self.byte());
        if at < 240 {
            return choices[at % choices.len()];
        }
        let (text, rest) = self.0.split_at(self.0.len().min(at - 236));
        self.0 = rest;
        std::str::from_utf8(text).unwrap_or("\u{fffd}")
    }

    fn context(&mut self) -> Context {
        let mut context = Context::new();
        for _ in 0..self.byte() % 4 {
            let key = self.of(KEYS);
            match self.byte() % 4 {
                0 => context.insert_unknown(key),
                1 => context.insert_many(key, Vec::<String>::new()),
                2 => context.insert_many(key, [self.of(TEXTS), self.of(TEXTS)]),
                _ => context.insert(key, self.of(TEXTS)),
            }
        }
        context
    }

    fn principal(&mut self) -> Principal {
        let account = "111111111111".parse().unwrap();
        match self.byte() % 7 {
            0 => Principal::Root(account),
            1 => Principal::Anonymous,
            2 => Principal::Service(self.of(TEXTS).to_owned()),
            3 => Principal::Federated(self.of(TEXTS).to_owned()),
            4 => Principal::FederatedUser { account, arn: self.of(TEXTS).to_owned() },
            5 => Principal::User {
                account,
                arn: "arn:aws:iam::111111111111:user/u".to_owned(),
                name: "u".to_owned(),
                id: self.of(TEXTS).to_owned(),
            },
            _ => Principal::RoleSession(RoleSession {
                account,
                role_arn: self.of(&["arn:aws:iam::111111111111:role/r", ""]).to_owned(),
                role_name: "r".to_owned(),
                role_id: self.of(&["AROAEXAMPLEEXAMPLE12", ""]).to_owned(),
                session_name: "s".to_owned(),
            }),
        }
    }

    fn policy(&mut self) -> Policy {
        let version = self.of(&["2012-10-17", "2008-10-17"]);
        let statements: Vec<String> = (0..self.byte() % 4).map(|_| self.statement()).collect();
        Policy::lenient(&format!(r#"{{"Version":{version:?},"Statement":[{}]}}"#, statements.join(",")))
    }

    fn statement(&mut self) -> String {
        let mut members = vec![format!(r#""Effect":{:?}"#, self.of(&["Allow", "Deny", "allow"]))];
        let list = |choices: &mut Self| {
            let texts: Vec<String> =
                (0..1 + choices.byte() % 2).map(|_| format!("{:?}", choices.of(TEXTS))).collect();
            format!("[{}]", texts.join(","))
        };
        let form = self.byte();
        let not = |bit: u8| if form >> bit & 1 == 1 { "Not" } else { "" };
        members.push(format!(r#""{}Action":{}"#, not(0), list(self)));
        if form & 0b100 == 0 {
            members.push(format!(r#""{}Resource":{}"#, not(1), list(self)));
        }
        if form & 0b1000 == 0 {
            let kind = self.of(&["AWS", "AWS", "Service", "Federated", "CanonicalUser"]);
            members.push(format!(r#""{}Principal":{{{kind:?}:{}}}"#, not(4), list(self)));
        }
        if form & 0b10_0000 != 0 {
            let set = self.of(&["", "", "ForAllValues:", "ForAnyValue:"]);
            let if_exists = self.of(&["", "", "IfExists"]);
            let operator = format!("{set}{}{if_exists}", self.of(OPERATORS));
            members.push(format!(r#""Condition":{{{operator:?}:{{{:?}:{}}}}}"#, self.of(KEYS), list(self)));
        }
        format!("{{{}}}", members.join(","))
    }
}
