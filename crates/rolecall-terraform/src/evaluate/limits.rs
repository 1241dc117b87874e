//! How much is evaluated: no input exhausts the stack or the memory, or takes without end. No configuration that Terraform
//! can work with comes near.

use std::cell::Cell;

use super::{Evaluator, Failure, failure};
use crate::place::Place;
use crate::value::{Kind, Value};

/// Expressions in expressions, and references that lead to further ones. A level takes up to six kilobytes of stack where
/// nothing is optimised, and a thread has two megabytes.
const DEEPEST: usize = 300;
/// Elements that are gone through, in all.
const MOST_STEPS: usize = 2_000_000;
/// An instance is as much as so many elements.
const INSTANCE: usize = 20;
/// An instance of a module, with all that is in it.
const MODULE: usize = 200;
/// Parts of one value, with those of its parts.
const LARGEST: usize = 1_000_000;
/// Bytes of one text that is filled in.
pub(super) const LONGEST: usize = 10_000_000;
/// Bytes of all texts that are made.
const MOST_TEXT: usize = 250_000_000;

/// What was used.
#[derive(Debug, Default)]
pub(super) struct Used {
    depth: Cell<usize>,
    steps: Cell<usize>,
    text: Cell<usize>,
}

impl Evaluator<'_> {
    /// Evaluates something one level deeper.
    pub(super) fn deeper<T>(
        &self,
        place: Place,
        evaluate: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let depth = self.used.depth.get();
        if depth >= DEEPEST {
            return Err(failure("this leads through too many others", place));
        }
        self.used.depth.set(depth + 1);
        let result = evaluate();
        self.used.depth.set(depth);
        result
    }

    /// Elements that are about to be gone through.
    pub(super) fn steps(&self, count: usize, place: Place) -> Result<(), Failure> {
        let steps = self.used.steps.get().saturating_add(count);
        if steps > MOST_STEPS {
            return Err(failure("there are too many elements in all", place));
        }
        self.used.steps.set(steps);
        Ok(())
    }

    /// A text that was made.
    pub(super) fn of_length(&self, value: Value, place: Place) -> Result<Value, Failure> {
        if let Kind::Text(text) = &value.kind {
            self.used.text.set(self.used.text.get().saturating_add(text.length()));
            self.more_text(place)?;
        }
        Ok(value)
    }

    /// Whether another text may be made: once there is too much, not even its parts are.
    pub(super) fn more_text(&self, place: Place) -> Result<(), Failure> {
        match self.used.text.get() > MOST_TEXT {
            true => Err(failure("there is too much text in all", place)),
            false => Ok(()),
        }
    }

    /// Instances that are about to be made.
    pub(super) fn instances(&self, count: usize, place: Place) -> Result<(), Failure> {
        let made = self.steps(count.saturating_mul(INSTANCE), place);
        made.map_err(|_| failure("there are too many instances in all", place))
    }

    /// An instance of a module that is about to be made.
    pub(super) fn module_instance(&self, place: Place) -> Result<(), Failure> {
        self.steps(MODULE, place).map_err(|_| failure("there are too many instances in all", place))
    }

    /// A value that others may be made of.
    pub(super) fn of_size(value: Value, place: Place) -> Result<Value, Failure> {
        if value.is_larger_than(LARGEST) {
            return Err(failure("this is too large", place));
        }
        Ok(value)
    }
}
