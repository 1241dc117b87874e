//! JUnit's XML: a test case for each expectation and for each check.
//!
//! <https://github.com/testmoapp/junitxml>

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use rolecall_terraform::check::CHECKS;

use super::told::{Expected, Found, State, Told};
use crate::failure::Failure;

type Xml = Writer<Vec<u8>>;

/// What became of a test case.
enum Became {
    Passed,
    Failed(String),
    /// Undecided.
    Error(String),
    /// Accepted.
    Skipped(String),
}

/// The whole file.
pub(super) fn report(told: &Told) -> Result<String, Failure> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let expectations: Vec<_> = told.expectations.iter().map(expectation).collect();
    let checks: Vec<_> = CHECKS
        .iter()
        .filter(|check| check.id != "RC000")
        .map(|check| {
            let of = told.findings.iter().filter(|found| found.check.id == check.id);
            (format!("{} {}", check.id, check.name), became(&of.collect::<Vec<_>>()))
        })
        .collect();
    xml.create_element("testsuites").with_attribute(("name", "rolecall check")).write_inner_content(
        |xml| {
            suite(xml, "expectations", &expectations)?;
            suite(xml, "checks", &checks)
        },
    )?;
    let mut text = String::from_utf8_lossy(&xml.into_inner()).into_owned();
    text.push('\n');
    Ok(text)
}

fn expectation(expected: &Expected) -> (String, Became) {
    let why = expected.failures.join("\n");
    let became = match expected.state {
        State::Holds => Became::Passed,
        State::Fails => Became::Failed(why),
        State::Undecided => Became::Error(why),
        State::Accepted => Became::Skipped(expected.state.words().to_owned()),
    };
    (expected.name.clone(), became)
}

/// A check fails by what fails the command; what does not is passed over.
fn became(found: &[&Found]) -> Became {
    let told = |found: &[&&Found]| found.iter().map(|found| one(found)).collect::<Vec<_>>().join("\n\n");
    let of = |test: fn(&Found) -> bool| found.iter().filter(|it| it.fails && test(it)).collect::<Vec<_>>();
    let (failed, open) = (of(|it| !it.is_open()), of(Found::is_open));
    if !failed.is_empty() {
        return Became::Failed(told(&failed));
    }
    if !open.is_empty() {
        return Became::Error(told(&open));
    }
    match found.iter().filter(|found| !found.counts()).count() {
        0 => Became::Passed,
        accepted => Became::Skipped(format!("{accepted} found and accepted")),
    }
}

fn one(found: &Found) -> String {
    let mut lines = vec![found.sentence.clone()];
    lines.extend(found.spots.iter().map(|spot| format!("{}:{}: {}", spot.file, spot.line, spot.text)));
    lines.extend(found.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}

fn suite(xml: &mut Xml, name: &str, cases: &[(String, Became)]) -> std::io::Result<()> {
    let count = |test: fn(&Became) -> bool| cases.iter().filter(|(_, it)| test(it)).count().to_string();
    xml.create_element("testsuite")
        .with_attribute(("name", name))
        .with_attribute(("tests", cases.len().to_string().as_str()))
        .with_attribute(("failures", count(|it| matches!(it, Became::Failed(_))).as_str()))
        .with_attribute(("errors", count(|it| matches!(it, Became::Error(_))).as_str()))
        .with_attribute(("skipped", count(|it| matches!(it, Became::Skipped(_))).as_str()))
        .write_inner_content(|xml| cases.iter().try_for_each(|(of, became)| case(xml, name, of, became)))?;
    Ok(())
}

fn case(xml: &mut Xml, suite: &str, name: &str, became: &Became) -> std::io::Result<()> {
    let name = allowed(name);
    let case = xml
        .create_element("testcase")
        .with_attribute(("classname", format!("rolecall.{suite}").as_str()))
        .with_attribute(("name", name.as_str()));
    let (element, text) = match became {
        Became::Passed => {
            case.write_empty()?;
            return Ok(());
        }
        Became::Failed(text) => ("failure", text),
        Became::Error(text) => ("error", text),
        Became::Skipped(text) => ("skipped", text),
    };
    let text = allowed(text);
    let first = text.lines().next().unwrap_or_default().to_owned();
    case.write_inner_content(|xml| {
        let element = xml.create_element(element).with_attribute(("message", first.as_str()));
        element.write_text_content(BytesText::new(&text))?;
        Ok(())
    })?;
    Ok(())
}

/// Without what XML cannot have. <https://www.w3.org/TR/xml/#charsets>
fn allowed(text: &str) -> String {
    let is_allowed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    text.chars()
        .map(|c| if is_allowed(c) && c != '\u{fffe}' && c != '\u{ffff}' { c } else { '\u{fffd}' })
        .collect()
}
