//! A message's code is what a person says on the telephone: it must not mean two things.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The same words, once as a banner and once on the health page with what to check.
const SAID_IN_TWO_PLACES: [&str; 1] = ["O-03"];

/// Every `say("X-00", ..)` under `folder`, with its file.
fn codes_said(folder: &Path, said: &mut BTreeMap<String, BTreeSet<PathBuf>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            codes_said(&path, said);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            let source = fs::read_to_string(&path).expect("a source file");
            for after in source.split("say(").skip(1) {
                if let Some(code) = code_at_the_start(after) {
                    said.entry(code).or_default().insert(path.clone());
                }
            }
        }
    }
}

fn code_at_the_start(source: &str) -> Option<String> {
    let (code, _) = source.trim_start().strip_prefix('"')?.split_once('"')?;
    let (letter, number) = code.split_once('-')?;
    let is_code =
        letter.len() == 1 && number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit());
    is_code.then(|| code.to_owned())
}

#[test]
fn a_code_is_said_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut said = BTreeMap::new();
    for room in ["crates/app/src", "crates/guitaictl/src", "src-tauri/src"] {
        codes_said(&root.join(room), &mut said);
    }

    assert!(said.len() > 100, "{}", said.len());
    let twice: Vec<_> = said
        .iter()
        .filter(|(code, files)| files.len() > 1 && !SAID_IN_TWO_PLACES.contains(&code.as_str()))
        .collect();
    assert!(twice.is_empty(), "{twice:#?}");
}
