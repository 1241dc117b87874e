//! What HCL says, before anybody asks what it comes to.

use crate::place::Place;

/// Attributes and blocks, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// `name = value`, duplicates and all.
    pub attributes: Vec<Attribute>,
    /// `kind "label" { … }`
    pub blocks: Vec<Block>,
}

/// `name = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub name_place: Place,
    /// The value.
    pub value: Expression,
}

/// `kind "label" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `resource`, `statement`, …
    pub kind: String,
    /// What stands between the kind and the brace.
    pub labels: Vec<Label>,
    /// What stands between the braces.
    pub body: Body,
    /// Kind and labels.
    pub header: Place,
    /// All of it, to the closing brace.
    pub place: Place,
}

/// A label of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Without its quotes.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// An expression, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: Box<Kind>,
    /// Where it stands.
    pub place: Place,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, `true`, `12`
    Literal(Literal),
    /// `"…"` or a heredoc.
    Template(Vec<Part>),
    /// The first name of a reference: `var`, `local`, `aws_iam_role`, or what a `for` binds.
    Name(String),
    /// `of.name`
    Attribute(Expression, String),
    /// `of[key]`; `of.0` too.
    Index(Expression, Expression),
    /// `of[*]…` or `of.*…`: `each`, in which [`Kind::Item`] stands for an element.
    Splat {
        /// What the elements are of.
        of: Expression,
        /// What is made of each.
        each: Expression,
    },
    /// The element in a splat.
    Item,
    /// `name(arguments)`; with `...` the last argument is a list of further ones.
    Call {
        /// The function's name, with its `provider::…::` where it has one.
        name: String,
        /// In order.
        arguments: Vec<Expression>,
        /// Whether `...` stands after the last.
        is_expanded: bool,
    },
    /// `!a`, `-a`
    Unary(Unary, Expression),
    /// `a + b`
    Binary(Binary, Expression, Expression),
    /// `condition ? yes : no`
    Conditional(Expression, Expression, Expression),
    /// `[a, b]`
    Tuple(Vec<Expression>),
    /// `{ a = b }`, duplicates and all.
    Object(Vec<Item>),
    /// `[for …]` or `{for …}`
    For(ForExpression),
    /// `(a)`: a key in parentheses is no name.
    Parentheses(Expression),
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// As it is written.
    Number(String),
}

/// `key = value` of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The key; a bare [`Kind::Name`] is a text.
    pub key: Expression,
    /// The value.
    pub value: Expression,
}

/// `for key, value in collection : result if condition`
#[derive(Clone, Debug, PartialEq)]
pub struct ForExpression {
    /// What the key is bound to, where it is.
    pub key: Option<String>,
    /// What the value is bound to.
    pub value: String,
    /// What is gone through.
    pub collection: Expression,
    /// In braces: the key of the result.
    pub result_key: Option<Expression>,
    /// The result.
    pub result: Expression,
    /// With `...`: values with the same key come together.
    pub is_grouped: bool,
    /// Which are taken.
    pub condition: Option<Expression>,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unary {
    /// `!`
    Not,
    /// `-`
    Negate,
}

/// An operator between its operands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text, and where it stands. Where the text was written with escapes it is shorter than its place.
    Text(String, Place),
    /// `${value}`
    Value(Expression),
    /// `%{ if condition } … %{ else } … %{ endif }`
    If {
        /// Which of the two.
        condition: Expression,
        /// If it holds.
        then: Vec<Self>,
        /// If not.
        otherwise: Vec<Self>,
    },
    /// `%{ for key, value in collection } … %{ endfor }`
    For {
        /// What the key is bound to, where it is.
        key: Option<String>,
        /// What the value is bound to.
        value: String,
        /// What is gone through.
        collection: Expression,
        /// What is repeated.
        body: Vec<Self>,
    },
}

impl Expression {
    pub(crate) fn new(kind: Kind, place: Place) -> Self {
        Self { kind: Box::new(kind), place }
    }
}

impl Body {
    /// The attribute with this name: of two, the last, as Terraform has it in objects. (In a body Terraform refuses two.)
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().rev().find(|attribute| attribute.name == name)
    }

    /// The blocks of this kind.
    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}
