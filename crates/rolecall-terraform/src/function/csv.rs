//! `csvdecode`. By hand: the ready readers take quotes in the middle of a field, which Go, and so Terraform, refuses.

use super::{Call, Outcome, known_text};
use crate::value::Value;

/// <https://developer.hashicorp.com/terraform/language/functions/csvdecode>, RFC 4180.
pub(super) fn csvdecode(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    let mut rows = rows(&known_text(text)?)?.into_iter();
    let header = rows.next().ok_or("there is no line with names")?;
    if let Some(name) =
        header.iter().enumerate().find(|(at, name)| header.iter().take(*at).any(|x| x == *name))
    {
        return Err(format!("two columns are called {}", name.1).into());
    }
    let objects = rows.map(|row| {
        if row.len() != header.len() {
            return Err(format!("a line has {} fields, the first has {}", row.len(), header.len()).into());
        }
        let members = header.iter().cloned().zip(row.into_iter().map(Value::from));
        Ok(Value::object(members))
    });
    Ok(Value::list(objects.collect::<Outcome<Vec<_>>>()?))
}

fn rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let text = text.replace("\r\n", "\n");
    let mut rows = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        // Empty lines are passed over.
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            continue;
        }
        let mut row = Vec::new();
        loop {
            let field;
            (field, rest) = read_field(rest)?;
            row.push(field);
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
            } else {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                break;
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// A field, and what stands from its end.
fn read_field(text: &str) -> Result<(String, &str), String> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let (field, rest) = text.split_at_checked(end).unwrap_or_default();
        if field.contains('"') {
            return Err("a quote stands within a field that has none around it".to_owned());
        }
        return Ok((field.to_owned(), rest));
    };
    let mut field = String::new();
    loop {
        let (before, after) = rest.split_once('"').ok_or("a quote is not closed")?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None if after.is_empty() || after.starts_with([',', '\n']) => return Ok((field, after)),
            None => return Err("something stands after a closing quote".to_owned()),
        }
    }
}
