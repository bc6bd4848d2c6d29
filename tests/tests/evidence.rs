//! One sale as a file for a dispute: whoever has nothing but Python checks it, and finds whatever was altered.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use guitai_app::evidence;
use guitai_app::view::Key;
use guitai_db::Watch;
use guitai_domain::{SaleId, Timestamp};
use guitai_sandbox::{Fault, Verb};
use guitai_tests::TestRegister;
use serde_json::Value;

/// A sale with a lost answer and a query, another one before it, and one behind it.
fn day() -> (TestRegister, SaleId) {
    let mut desk = TestRegister::open();
    desk.charge("7");
    desk.pass_ms(3_000);
    desk.press(Key::Enter);
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(20_000);
    desk.press(Key::Enter);
    desk.arm("1");
    desk.press(Key::Cash);
    desk.press(Key::Enter);
    desk.run_until_idle();
    (desk, sale)
}

fn make(desk: &TestRegister, sale: &str) -> String {
    evidence::make(&desk.path(), sale, Timestamp(desk.true_ms()), &Watch::default()).expect("evidence")
}

fn check(evidence: &str, journal: Option<&Path>) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("evidence.json");
    std::fs::write(&file, evidence).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/check_evidence.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(file).args(journal).output().expect("python3 is there")
}

fn journal_of(desk: &TestRegister) -> PathBuf {
    desk.path()
}

#[test]
fn anybody_with_python_can_check_a_sale_and_its_place_in_the_journal() {
    let (desk, sale) = day();
    let text = make(&desk, sale.as_str());
    let evidence: Value = serde_json::from_str(&text).expect("JSON");

    for journal in [None, Some(journal_of(&desk))] {
        let output = check(&text, journal.as_deref());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("as they were sealed"));
    }
    assert_eq!(evidence["sale"]["amount"], "18.50");
    assert_eq!(evidence["sale"]["state"], "completed");
    let head = desk.register().db().head();
    assert_eq!(evidence["chain"]["head_seq"], head.seq);
    let entries = evidence["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), desk.facts(&sale).len(), "every entry of the sale");
    let answered: Vec<&Value> = entries.iter().filter(|entry| entry["kind"] == "provider.answered").collect();
    assert!(answered.len() >= 2, "the lost call and the query");
    let last = answered.last().expect("an answer");
    assert_eq!(last["says"]["reply"]["status"], 200, "what was answered is shown: {last:#}");
    assert!(last["says"]["request"].is_object());
    let receipt = evidence["sale"]["receipt_no"].as_str().expect("a receipt");
    assert_eq!(make(&desk, receipt), text, "the receipt's number names it as well");
    assert!(evidence::make(&desk.path(), "S000", Timestamp(0), &Watch::default()).is_err());
}

#[test]
fn whatever_is_altered_in_the_file_is_found() {
    let (desk, sale) = day();
    let text = make(&desk, sale.as_str());
    let whole: Value = serde_json::from_str(&text).expect("JSON");
    type Alter = fn(&mut Value);
    let alterations: [(&str, Alter); 13] = [
        ("a body", |file| replace(&mut file["entries"][0]["body"], "1850", "1851")),
        ("a time", |file| file["entries"][1]["at_ms"] = 5.into()),
        ("an actor", |file| file["entries"][1]["actor"] = "nobody".into()),
        ("a kind", |file| file["entries"][0]["kind"] = "sale.voided".into()),
        ("a hash", |file| file["entries"][2]["hash"] = "00".repeat(32).into()),
        ("a hash before", |file| file["entries"][2]["prev"] = "00".repeat(32).into()),
        ("a number", |file| file["entries"][2]["seq"] = 99.into()),
        ("a till", |file| file["entries"][0]["till"] = "AAAAAA".into()),
        ("an epoch", |file| file["entries"][0]["epoch"] = "AAAAA".into()),
        ("an amount in words", |file| file["sale"]["amount"] = "1.00".into()),
        ("a state in words", |file| file["sale"]["state"] = "voided".into()),
        ("an entry left out", |file| drop(file["entries"].as_array_mut().expect("entries").remove(3))),
        ("an answer as shown", |file| {
            let entries = file["entries"].as_array_mut().expect("entries").iter_mut();
            let answered = entries.rev().find(|entry| entry["says"]["reply"].is_object());
            answered.expect("an answer")["says"]["reply"]["status"] = 500.into();
        }),
    ];
    for (what, alter) in alterations {
        let mut altered = whole.clone();
        alter(&mut altered);
        assert_ne!(altered, whole, "{what} is altered");

        let output = check(&altered.to_string(), None);

        assert_eq!(output.status.code(), Some(1), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn with_the_journal_beside_it_a_forged_file_is_found_too() {
    let (desk, sale) = day();
    let text = make(&desk, sale.as_str());
    let mut shorter: Value = serde_json::from_str(&text).expect("JSON");
    // Left out so that the file alone still holds together.
    let entries = shorter["entries"].as_array_mut().expect("entries");
    let at = entries.iter().position(|entry| entry["kind"] == "provider.answered").expect("an answer");
    entries.truncate(at + 1);
    entries.remove(at);
    shorter["chain"]["entries_of_sale"] = at.into();
    shorter["sale"]["state"] = "open".into();
    let shorter = shorter.to_string();

    assert!(check(&shorter, None).status.success(), "the file alone does not show it");
    assert_eq!(check(&shorter, Some(&journal_of(&desk))).status.code(), Some(1), "the journal does");
    let elsewhere = TestRegister::with_seed(9);
    assert_eq!(check(&text, Some(&elsewhere.path())).status.code(), Some(1), "nor is it in another till's");
    assert!(check(&text, Some(&journal_of(&desk))).status.success());
}

fn replace(value: &mut Value, from: &str, to: &str) {
    *value = value.as_str().expect("text").replace(from, to).into();
}
