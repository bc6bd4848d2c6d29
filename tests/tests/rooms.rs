//! Who may import whom. An import that is not in this table is the sign that something sits in the wrong room.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Each room and the rooms it may import. Adding a line here is a decision about the product, not about a test.
const RULE: [(&str, &[&str]); 9] = [
    ("guitai-domain", &[]),
    ("guitai-sandbox", &[]),
    ("guitai-connectors", &["guitai-domain"]),
    ("guitai-db", &["guitai-domain"]),
    ("guitai-devices", &[]),
    ("guitai-app", &["guitai-connectors", "guitai-db", "guitai-devices", "guitai-domain", "guitai-sandbox"]),
    // Both doors to the register name its modes, amounts and states.
    ("guitaictl", &["guitai-app", "guitai-db", "guitai-domain"]),
    // The window shows what the camera sees: pictures do not pass through the register.
    ("guitai", &["guitai-app", "guitai-db", "guitai-devices", "guitai-domain"]),
    ("xtask", &[]),
];

/// What stands in `tests/` looks at the product from outside: these may be imported there, and the doors may not.
const LOOKED_AT: [&str; 9] = [
    "guitai-app",
    "guitai-codes",
    "guitai-connectors",
    "guitai-db",
    "guitai-devices",
    "guitai-domain",
    "guitai-sandbox",
    "guitai-test-disk",
    "guitai-tests",
];

/// Imports only for a room's own tests, beyond what the room itself may import.
const FOR_TESTS: [(&str, &[&str]); 3] = [
    ("guitai-app", &["guitai-tests"]),
    ("guitaictl", &["guitai-sandbox", "guitai-tests"]),
    ("guitai", &["guitai-sandbox", "guitai-tests"]),
];

struct Room {
    name: String,
    in_tests: bool,
    imports: Vec<(String, bool)>,
}

fn rooms() -> Vec<Room> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| Room {
            name: text(&package["name"]),
            in_tests: text(&package["manifest_path"]).replace('\\', "/").contains("/tests/"),
            imports: package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                // Ours are those with a path.
                .filter(|dependency| dependency["path"].is_string())
                .map(|dependency| (text(&dependency["name"]), dependency["kind"].as_str() == Some("dev")))
                .collect(),
        })
        .collect()
}

fn allowed(table: &[(&str, &'static [&'static str])], name: &str) -> &'static [&'static str] {
    table.iter().find(|(room, _)| *room == name).map_or(&[], |(_, rooms)| rooms)
}

#[test]
fn every_room_is_in_the_table() {
    let known: BTreeSet<String> = RULE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let found: BTreeSet<String> =
        rooms().into_iter().filter(|room| !room.in_tests).map(|room| room.name).collect();

    assert_eq!(found, known, "a room that is new or gone belongs into the table above, with its imports");
}

#[test]
fn no_room_imports_another_that_it_must_not_know() {
    let mut seen = 0;
    for room in rooms() {
        for (import, for_tests) in &room.imports {
            seen += 1;
            let import = import.as_str();
            let may = (room.in_tests && LOOKED_AT.contains(&import))
                || allowed(&RULE, &room.name).contains(&import)
                || (*for_tests && allowed(&FOR_TESTS, &room.name).contains(&import));
            assert!(may, "{} must not import {import}", room.name);
        }
    }
    assert!(seen >= 10, "the imports were read: {seen}");
}

#[test]
fn the_rule_itself_keeps_to_the_design() {
    for (room, imports) in RULE {
        for import in imports {
            assert!(!["guitai", "guitaictl", "xtask"].contains(import), "{room}: nothing imports {import}");
        }
    }
    assert!(allowed(&RULE, "guitai-domain").is_empty(), "the domain knows nobody");
    assert!(allowed(&RULE, "guitai-sandbox").is_empty(), "the other side shares no code with the till");
}
