//! What the tests of this room share: the published vectors, a shop and its provider.

/// A file of the vectors folder.
pub(crate) fn vector(name: &str) -> String {
    let path = format!("{}/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
