//! Override files: what they say replaces what the same blocks say elsewhere.
//!
//! <https://developer.hashicorp.com/terraform/language/files/override#merging-behavior>

use crate::hcl::{Block, Body};

/// Merges a file of overrides.
pub(super) fn apply(body: &mut Body, overriding: Body) {
    for block in overriding.blocks {
        if block.kind == "locals" {
            // Value by value, in whatever block it stands.
            for known in body.blocks.iter_mut().filter(|known| known.kind == "locals") {
                known.body.attributes.retain(|known| block.body.attribute(&known.name).is_none());
            }
            body.blocks.push(block);
            continue;
        }
        match body.blocks.iter_mut().find(|known| is_same(known, &block)) {
            Some(known) => replace(known, block),
            // Terraform refuses one that overrides nothing; it says so itself.
            None => body.blocks.push(block),
        }
    }
}

fn is_same(one: &Block, other: &Block) -> bool {
    let alias =
        |block: &Block| block.body.attribute("alias").and_then(|alias| super::load::literal(&alias.value));
    let labels = |block: &Block| block.labels.iter().map(|label| label.text.clone()).collect::<Vec<_>>();
    one.kind == other.kind
        && labels(one) == labels(other)
        && (one.kind != "provider" || alias(one) == alias(other))
}

/// Arguments one by one; nested blocks all of a kind together.
fn replace(known: &mut Block, by: Block) {
    for attribute in by.body.attributes {
        known.body.attributes.retain(|known| known.name != attribute.name);
        known.body.attributes.push(attribute);
    }
    let kinds: Vec<String> = by.body.blocks.iter().map(nested_kind).collect();
    if known.kind != "terraform" {
        known.body.blocks.retain(|block| !kinds.contains(&nested_kind(block)));
    }
    known.body.blocks.extend(by.body.blocks);
}

/// A `dynamic` block is of the kind that it makes.
fn nested_kind(block: &Block) -> String {
    match (block.kind.as_str(), block.labels.first()) {
        ("dynamic", Some(label)) => label.text.clone(),
        (kind, _) => kind.to_owned(),
    }
}
