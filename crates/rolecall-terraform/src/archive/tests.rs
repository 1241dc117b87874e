//! Zips that are broken, or made to do harm.

use std::io::Write as _;

use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::saved::Saved;
use super::zip::entries;
use crate::evaluate::Given;
use crate::value::Value;

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in files {
        let method = CompressionMethod::DEFLATE;
        let (mut entry, config) = archive.new_file(*name).compression_method(method).start().unwrap();
        entry.write_all(&miniz_oxide::deflate::compress_to_vec(content, 6)).unwrap();
        let mut counted = config.wrap(std::io::sink());
        counted.write_all(content).unwrap();
        let (_, descriptor) = counted.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

#[test]
fn what_is_wanted_is_inflated() {
    let bytes = zip(&[("tfplan", b"a"), ("tfconfig/m-/main.tf", b"b"), ("tfstate", b"c")]);
    let found = entries(&bytes, |name| name != "tfstate").unwrap();
    assert_eq!(found["tfplan"], b"a");
    assert_eq!(found["tfconfig/m-/main.tf"], b"b");
    assert_eq!(found.len(), 2);
}

#[test]
fn a_bomb_does_not_go_off() {
    let zeros = vec![0; 65 << 20];
    let bytes = zip(&[("tfconfig/m-/main.tf", &zeros)]);
    assert!(bytes.len() < 1 << 20);
    let refused = entries(&bytes, |_| true).unwrap_err();
    assert_eq!(refused, "becomes too large with `tfconfig/m-/main.tf` in it: 256 MiB are read");
    // What is not wanted is not inflated.
    assert!(entries(&bytes, |_| false).unwrap().is_empty());
}

#[test]
fn what_is_damaged_is_said() {
    let twice = zip(&[("tfplan", b"a"), ("tfplan", b"b")]);
    assert_eq!(entries(&twice, |_| true).unwrap_err(), "is broken: `tfplan` is in it twice");
    let bytes = zip(&[("tfplan", b"something that is long enough")]);
    // Whatever is cut off or turned over, it is read or refused.
    for index in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[index] ^= 0x55;
        drop(entries(&damaged, |_| true));
        drop(entries(&bytes[..index], |_| true));
    }
    assert!(entries(&bytes[..bytes.len() - 8], |_| true).is_err());
}

/// `variables = { "name": msgpack }`, as Protocol Buffers have it.
fn plan(version: u8, name: &str, packed: &[u8]) -> Vec<u8> {
    let field = |number: u8, content: &[u8]| {
        let mut field = vec![number << 3 | 2, u8::try_from(content.len()).unwrap()];
        field.extend(content);
        field
    };
    let value = field(1, packed);
    let pair = [field(1, name.as_bytes()), field(2, &value)].concat();
    [vec![8, version], field(2, &pair), field(13, &field(3, b"staging"))].concat()
}

fn text(value: &Value) -> String {
    match value.elements() {
        Some(elements) => format!("{:?}", elements.iter().map(text).collect::<Vec<_>>()),
        None => value.to_text().map_or("null".to_owned(), |text| text.to_string()),
    }
}

#[test]
fn variables_and_the_workspace_are_in_the_plan() {
    // Each with its type before it, as cty has a value that may be of any type.
    let cases: [(&[u8], &str); 6] = [
        (b"\x92\xc4\x08\"string\"\xa5value", "value"),
        (b"\x92\xc4\x08\"number\"\x07", "7"),
        (b"\x92\xc4\x06\"bool\"\xc3", "true"),
        (b"\x92\xc4\x11[\"list\",\"string\"]\x92\xa1a\xa1b", r#"["a", "b"]"#),
        (b"\x92\xc4\x08\"string\"\xc0", "null"),
        (b"\x92\xc4\x08\"string\"\xd4\x00\x00", "⟨var.x⟩"),
    ];
    for (packed, expected) in cases {
        let saved = Saved::read(&plan(3, "x", packed)).unwrap();
        assert_eq!(saved.workspace.as_deref(), Some("staging"));
        let Given::Value(value) = &saved.variables["x"] else { panic!("{saved:?}") };
        assert_eq!(text(value), expected);
    }
    let refused = Saved::read(&plan(4, "x", b"\xc0")).unwrap_err();
    assert_eq!(
        refused,
        "has a plan of version 4, of which nothing is known: print it with `terraform show -json`"
    );
    let whole = plan(3, "x", cases[0].0);
    for end in 3..whole.len() {
        drop(Saved::read(&whole[..end]));
    }
    assert!(Saved::read(&[0xff; 20]).is_err());
}
