//! The names an expression may use beside those of its module.

use crate::value::Value;

/// In which instance of a module an expression stands, and what is bound around it.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) instance: usize,
    /// `each`, `count`, what a `for` or a `dynamic` binds; the innermost last.
    names: Vec<(String, Value)>,
    /// The element of the splat around it.
    pub(super) item: Option<Value>,
    /// Whether nothing may be referred to or called: in the default of a variable.
    pub(super) is_constant: bool,
}

impl Scope {
    pub(super) fn of(instance: usize) -> Self {
        Self { instance, names: Vec::new(), item: None, is_constant: false }
    }

    pub(super) fn constant(instance: usize) -> Self {
        Self { is_constant: true, ..Self::of(instance) }
    }

    pub(super) fn with(&self, name: &str, value: Value) -> Self {
        let mut scope = self.clone();
        scope.names.push((name.to_owned(), value));
        scope
    }

    pub(super) fn with_item(&self, item: Value) -> Self {
        Self { item: Some(item), ..self.clone() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}
