//! The entries of a zip, inflated within limits: a small file must not become a large one.

use std::collections::BTreeMap;

use rawzip::{CompressionMethod, ZipArchive};

/// The most entries that are looked at.
const MOST: usize = 50_000;
/// The most that one entry may come to, and all of them together, in bytes.
const LARGEST: usize = 64 << 20;
const LARGEST_IN_ALL: usize = 256 << 20;

/// The entries that are wanted, by name.
///
/// # Errors
/// What is wrong with it, to come after its name.
pub(super) fn entries(
    bytes: &[u8],
    is_wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let broken = |error: rawzip::Error| format!("is broken: {error}");
    let archive = ZipArchive::from_slice(bytes).map_err(broken)?;
    let mut found = BTreeMap::new();
    let (mut count, mut total) = (0, 0);
    let mut all = archive.entries();
    while let Some(entry) = all.next_entry().map_err(broken)? {
        count += 1;
        if count > MOST {
            return Err(format!("has more than {MOST} entries"));
        }
        let Ok(name) = std::str::from_utf8(entry.file_path().as_bytes()).map(str::to_owned) else { continue };
        if !is_wanted(&name) || entry.is_dir() {
            continue;
        }
        let held = archive.get_entry(entry.wayfinder()).map_err(broken)?;
        let limit = LARGEST.min(LARGEST_IN_ALL - total);
        let too_large =
            || format!("becomes too large with `{name}` in it: {} MiB are read", LARGEST_IN_ALL >> 20);
        let content = match entry.compression_method() {
            CompressionMethod::STORE if held.data().len() > limit => return Err(too_large()),
            CompressionMethod::STORE => held.data().to_vec(),
            CompressionMethod::DEFLATE => {
                use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};
                decompress_to_vec_with_limit(held.data(), limit).map_err(|error| {
                    if error.status == TINFLStatus::HasMoreOutput {
                        too_large()
                    } else {
                        format!("is broken: `{name}` in it cannot be inflated")
                    }
                })?
            }
            _ => return Err(format!("has `{name}` compressed in a way that Terraform does not use")),
        };
        total += content.len();
        let verification =
            rawzip::ZipVerification { crc: rawzip::crc32(&content), uncompressed_size: content.len() as u64 };
        held.claim_verifier()
            .valid(verification)
            .map_err(|_| format!("is broken: `{name}` in it is damaged"))?;
        if found.insert(name.clone(), content).is_some() {
            return Err(format!("is broken: `{name}` is in it twice"));
        }
    }
    Ok(found)
}
