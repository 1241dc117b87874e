//! Calls of functions: those that look at files, or at how their arguments fail; all others are in [`crate::function`].

use std::path::{Path, PathBuf};

use super::fileset::Fileset;
use super::{Evaluated, Evaluator, failure};
use crate::aws;
use crate::evaluate::scope::Scope;
use crate::files::clean;
use crate::function;
use crate::hcl::{self, Expression};
use crate::place::Place;
use crate::value::{Kind, Text, Value};

fn wrong_call(name: &str, why: &str, place: Place) -> super::Failure {
    failure(format!("{name}: {why}"), place)
}

impl Evaluator<'_> {
    pub(super) fn function(
        &self,
        name: &str,
        arguments: &[Expression],
        is_expanded: bool,
        scope: &Scope,
        place: Place,
    ) -> Evaluated {
        if scope.is_constant {
            return Err(failure("no function can be called here", place));
        }
        let name = name.strip_prefix("core::").unwrap_or(name);
        match name {
            "try" => {
                let mut last = failure("`try` needs an argument", place);
                for argument in arguments {
                    match self.evaluate(argument, scope) {
                        Ok(value) => return Ok(value),
                        Err(failure) if failure.is_static => return Err(failure),
                        Err(failure) => last = failure,
                    }
                }
                return Err(last);
            }
            "can" => {
                let value = arguments.first().map(|argument| self.evaluate(argument, scope));
                return Ok(match value {
                    Some(Err(failure)) if failure.is_static => return Err(failure),
                    Some(Ok(Value { kind: Kind::Unknown(unknown), .. })) => Kind::Unknown(unknown).into(),
                    Some(value) => Value::from(value.is_ok()),
                    None => Value::from(false),
                });
            }
            _ => {}
        }
        self.more_text(place)?;
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.evaluate(argument, scope)?);
        }
        if is_expanded && let Some(last) = values.pop() {
            match (last.elements(), last.first_unknown()) {
                (Some(elements), _) => values.extend(elements.iter().cloned()),
                (None, Some(unknown)) => return Ok(Value::unknown(format!("{name}({}...)", unknown.0))),
                (None, None) => return Err(failure("`...` follows a list or set", place)),
            }
        }
        match name {
            "file" | "templatefile" | "fileexists" | "filebase64" | "fileset" | "filemd5" | "filesha1"
            | "filesha256" | "filesha512" | "filebase64sha256" | "filebase64sha512" | "abspath"
            | "pathexpand" | "templatestring" => self.of_files(name, &values, scope, place),
            _ if name.starts_with("provider::") => match aws::call(name, &values) {
                Some(value) => value.map_err(|why| wrong_call(name, &why, place)),
                None => Ok(Value::unknown(format!("{name}(…)"))),
            },
            _ => {
                let value =
                    function::call(name, &values, place).map_err(|why| wrong_call(name, &why, place))?;
                self.of_length(value, place)
            }
        }
    }

    fn of_files(&self, name: &str, values: &[Value], scope: &Scope, place: Place) -> Evaluated {
        let wrong = |why: &str| failure(format!("{name}: {why}"), place);
        let first = values.first().ok_or_else(|| wrong("an argument is missing"))?;
        if let Some(unknown) = first.first_unknown() {
            return Ok(Value::unknown(format!("{name}({})", unknown.0)));
        }
        let text = first.as_known_text().ok_or_else(|| wrong("the first argument is a text"))?;
        let path = self.path(&text);
        let is_read = !matches!(name, "abspath" | "pathexpand" | "templatestring");
        if is_read && let Some(unknown) = self.outside(name, &text, &path, place) {
            return Ok(unknown);
        }
        let read = || self.files.read(&path).map_err(|why| wrong(&why));
        match name {
            "file" => {
                let text = read()?;
                let file = self.sources.borrow_mut().add(&path, text.as_str());
                let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
                Ok(Text::written(text, Place { file, start: 0, end }).into())
            }
            "fileset" => {
                let pattern = values.get(1).ok_or_else(|| wrong("the pattern is missing"))?;
                let Some(pattern) = pattern.as_known_text() else {
                    return Ok(Value::unknown(format!("fileset({text:?}, …)")));
                };
                match super::fileset::fileset(&path, &pattern, self.files).map_err(|why| wrong(&why))? {
                    Fileset::Found(found) => {
                        Ok(Kind::Set(found.into_iter().map(Value::from).collect()).into())
                    }
                    Fileset::Unknown(why) => {
                        self.note(format!("{name}: {why}"), place);
                        Ok(Value::unknown(format!("{name}({text:?}, {pattern:?})")))
                    }
                }
            }
            "fileexists" => Ok(Value::from(self.files.read(&path).is_ok())),
            "templatefile" => {
                let text = read()?;
                let file = self.sources.borrow_mut().add(&path, text.as_str());
                let parts =
                    hcl::template(&text, file).map_err(|problem| failure(problem.message, problem.place))?;
                let none = Value::object([]);
                self.template_file(&parts, values.get(1).unwrap_or(&none), scope, place)
            }
            "templatestring" => {
                let parts = self.parse_template(first, place)?;
                let none = Value::object([]);
                self.template_file(&parts, values.get(1).unwrap_or(&none), scope, place)
            }
            "filemd5" | "filesha1" | "filesha256" | "filesha512" | "filebase64" | "filebase64sha256"
            | "filebase64sha512" => match self.files.read(&path) {
                Ok(text) => {
                    let of_text = match name {
                        "filebase64" => "base64encode",
                        _ => name.trim_start_matches("file"),
                    };
                    function::call(of_text, &[Value::from(text)], place).map_err(|why| wrong(&why))
                }
                // It may be there and no text.
                Err(_) => Ok(Value::unknown(format!("{name}({text:?})"))),
            },
            "abspath" if path.is_absolute() => Ok(Value::from(path.to_string_lossy().into_owned())),
            "pathexpand" if !text.starts_with('~') => Ok(Value::from(text)),
            _ => Ok(Value::unknown(format!("{name}({text:?})"))),
        }
    }

    /// The value of a function of a file that is not read: unknown, and not an error that `try` would catch, as Terraform
    /// does read it. It is not said what is there, nor whether.
    fn outside(&self, name: &str, text: &str, path: &Path, place: Place) -> Option<Value> {
        // Terraform takes it for the home of whoever runs it.
        let why = match text.starts_with('~') {
            true => Some(format!("`{text}` is in somebody's home, and is not read")),
            false => self.files.outside(path),
        };
        self.note(format!("{name}: {}: what it gives is unknown", why?), place);
        Some(Value::unknown(format!("{name}({text:?})")))
    }

    /// Terraform's paths begin at the folder it is started in: the root module's.
    fn path(&self, text: &str) -> PathBuf {
        let path = Path::new(text);
        if path.is_absolute() || path.starts_with(self.root_folder()) {
            return clean(path);
        }
        clean(&self.root_folder().join(path))
    }
}
