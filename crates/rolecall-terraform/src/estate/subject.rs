//! What has a policy, and where that is written: the way back from an answer of the engine to a line of a file.

use std::collections::{BTreeMap, HashMap};

use rolecall_iam::{ConditionEntry, Span, Statement};

use crate::document::Document;
use crate::place::Place;

/// A policy document, by what it is the policy of.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Subject {
    /// The trust policy of the role with this ARN.
    Trust(String),
    /// An inline policy of the user, group or role with this ARN, by its name.
    Inline(String, String),
    /// The managed policy with this ARN.
    Managed(String),
    /// The policy on the resource with this ARN.
    Resource(String),
    /// The control policy of an organisation with this ARN.
    Control(String),
}

/// A document, and the resource whose argument it is.
#[derive(Clone, Debug)]
pub struct Written {
    /// `module.a.aws_iam_role.task`
    pub address: String,
    /// The header of that block.
    pub header: Place,
    /// All of that block.
    pub block: Place,
    /// The document.
    pub document: Document,
}

impl Written {
    /// Where the principals of a statement are named, or else the statement, or else the block.
    pub fn principals(&self, statement: &Statement) -> Place {
        self.span(statement.principal_span(), statement)
    }

    /// Where this principal of a statement is named.
    pub fn principal(&self, statement: &Statement, name: &str) -> Place {
        let place = statement.principal_span().and_then(|span| self.place_in(span, name));
        place.unwrap_or_else(|| self.principals(statement))
    }

    /// Where this resource of a statement is named: the end of it, which tells it from others.
    pub fn resource(&self, statement: &Statement, name: &str) -> Place {
        let quoted = format!("\"{name}\"");
        self.place_in(statement.span, &quoted).unwrap_or_else(|| self.actions(statement))
    }

    /// Where the last part of a resource's or a principal's name was written, if that is elsewhere than its beginning: what a
    /// template puts together comes from variables and calls.
    pub fn last_part(&self, statement: &Statement, name: &str) -> Option<Place> {
        let (start, end) = self.find(statement.span, &format!("\"{name}\""))?;
        let (first, last) = (self.document.place_of(start)?, self.document.place_of(end.checked_sub(1)?)?);
        let is_near = first.file == last.file && last.start.abs_diff(first.start) < 200;
        (!is_near).then(|| self.document.place_between(self.document.piece_start(end - 1)?, end)).flatten()
    }

    /// Where a text was written that stands in a stretch of the document.
    fn place_in(&self, span: Span, name: &str) -> Option<Place> {
        let (start, end) = self.find(span, name)?;
        self.document.place_between(start, end)
    }

    /// Where a text stands in a stretch of the document, without quotes around it.
    fn find(&self, span: Span, name: &str) -> Option<(usize, usize)> {
        let text = self.document.policy.text();
        let found = text.get(span.start..span.end)?.find(name)?;
        let quote = usize::from(name.starts_with('"'));
        Some((span.start + found + quote, span.start + found + name.len() - quote))
    }

    /// Where its last statement begins.
    pub(crate) fn last_statement(&self) -> Option<Place> {
        let last = self.document.policy.document().statements.last()?;
        self.document.place_of(last.span.start)
    }

    /// Where the actions of a statement are named, or else the statement, or else the block.
    pub fn actions(&self, statement: &Statement) -> Place {
        self.span(statement.action_span(), statement)
    }

    /// Where the values of a statement's condition stand, or else the statement, or else the block.
    pub fn condition(&self, statement: &Statement, entry: ConditionEntry<'_>) -> Place {
        self.span(Some(entry.span()), statement)
    }

    fn span(&self, span: Option<Span>, statement: &Statement) -> Place {
        let place = |span: Span| self.document.place_between(span.start, span.end);
        span.and_then(place).or_else(|| place(statement.span)).unwrap_or(self.header)
    }
}

/// Where something is declared.
#[derive(Clone, Debug)]
pub struct Declared {
    /// `module.a.aws_iam_role.task`
    pub address: String,
    /// The header of the block.
    pub header: Place,
    /// All of the block.
    pub block: Place,
    /// Which provider makes it, as the root module calls it.
    pub provider: String,
    /// Which of the root modules it is of, by its number.
    pub root: usize,
    /// Whether it is not known if there is one, or how many.
    pub is_uncertain: bool,
}

/// An output of a module that a root module calls: how something of the module is named in the root.
#[derive(Clone, Debug)]
pub struct Output {
    /// Which of the root modules, by its number.
    pub root: usize,
    /// `module.a["b"].`
    pub call: String,
    /// The block that calls the module.
    pub block: Place,
    /// `module.a["b"].role_arn`
    pub expression: String,
    /// What it comes to.
    pub text: String,
}

/// Where a statement is written that is in the policies of several.
pub(super) fn shared(documents: &BTreeMap<Subject, Written>) -> HashMap<Place, Vec<String>> {
    let mut all: HashMap<Place, Vec<String>> = HashMap::new();
    for (subject, written) in documents {
        for statement in &written.document.policy.document().statements {
            let Some(place) = written.document.place_of(statement.span.start) else { continue };
            let of = all.entry(place).or_default();
            let arn = subject.arn();
            if !of.iter().any(|known| known == arn) {
                of.push(arn.to_owned());
            }
        }
    }
    all.retain(|_, of| of.len() > 1);
    all
}

impl Subject {
    /// The ARN of what it is the policy of.
    pub fn arn(&self) -> &str {
        match self {
            Self::Trust(arn)
            | Self::Inline(arn, _)
            | Self::Managed(arn)
            | Self::Resource(arn)
            | Self::Control(arn) => arn,
        }
    }
}
