//! DynamoDB tables: what a local AWS needs to make them.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table>

use super::Builder;
use crate::evaluate::Resource;
use crate::value::Value;

/// A table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// `module.a.aws_dynamodb_table.orders`
    pub address: String,
    /// The account it is in.
    pub account: String,
    /// The Region it is in.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Its keys.
    pub keys: Keys,
    /// The attributes that keys are made of: name and type (`S`, `N` or `B`).
    pub attributes: Vec<(String, String)>,
    /// Its secondary indexes.
    pub indexes: Vec<Index>,
}

/// The names of the attributes that are the key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Keys {
    /// The partition key.
    pub hash: String,
    /// The sort key.
    pub range: Option<String>,
}

/// A secondary index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it has the partition key of its table: a local secondary index.
    pub is_local: bool,
    /// Its keys.
    pub keys: Keys,
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection: String,
    /// What else it has, of `INCLUDE`.
    pub included: Vec<String>,
}

impl Builder {
    /// Takes in a table of which all that it is made of is known.
    pub(super) fn table(&mut self, resource: &Resource) {
        if resource.name.kind != "aws_dynamodb_table" || resource.is_uncertain {
            return;
        }
        if let Some(table) = self.read_table(resource) {
            self.all.tables.push(table);
        }
    }

    fn read_table(&mut self, resource: &Resource) -> Option<Table> {
        let known = |value: Option<Value>| value?.as_known_text();
        let keys = |value: &Value| {
            let hash = known(value.member("hash_key"))?;
            Some(Keys { hash, range: known(value.member("range_key")) })
        };
        let blocks = |name: &str| resource.get(name).and_then(|it| Some(it.elements()?.to_vec()));
        let of_table = keys(&resource.value)?;
        let attributes = blocks("attribute")?;
        let attributes =
            attributes.iter().map(|it| Some((known(it.member("name"))?, known(it.member("type"))?)));
        let mut indexes = Vec::new();
        for (kind, is_local) in [("global_secondary_index", false), ("local_secondary_index", true)] {
            for block in blocks(kind).unwrap_or_default() {
                let range = known(block.member("range_key"));
                let keys = match is_local {
                    true => Keys { hash: of_table.hash.clone(), range },
                    false => Keys { hash: known(block.member("hash_key"))?, range },
                };
                let included =
                    block.member("non_key_attributes").and_then(|it| Some(it.elements()?.to_vec()));
                let included = included.unwrap_or_default().into_iter().map(|it| it.as_known_text());
                indexes.push(Index {
                    name: known(block.member("name"))?,
                    is_local,
                    keys,
                    projection: known(block.member("projection_type")).unwrap_or_else(|| "ALL".to_owned()),
                    included: included.collect::<Option<_>>()?,
                });
            }
        }
        let region = known(resource.get("region")).or_else(|| resource.provider.region.as_known())?;
        Some(Table {
            address: resource.address.clone(),
            account: self.text(&resource.provider.account),
            region,
            name: known(resource.get("name"))?,
            keys: of_table,
            attributes: attributes.collect::<Option<_>>()?,
            indexes,
        })
    }
}
