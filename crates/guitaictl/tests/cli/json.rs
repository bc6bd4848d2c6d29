//! The names scripts rely on. A change here is a change for every integrator.

use guitai_db::{Fact, Mode};
use serde_json::Value;

use crate::shop::Shop;

#[test]
fn field_names_are_stable() {
    let shop = Shop::real();
    let made = shop.json(&["--training", "init"]);
    let mut shown = format!("init\n{}", names(&made));
    let mut show = |title: &str, value: &Value| shown += &format!("\n{title}\n{}", names(value));
    let ask = |arguments: &[&str]| shop.json(&[&["--training"], arguments].concat());
    let charged = ask(&["charge", "12.50", "--training-wallet"]);
    let receipt = charged["receiptNo"].as_str().expect("a receipt").to_owned();
    show("charge", &charged);
    show("cash", &ask(&["cash", "1"]));
    show("history", &ask(&["history"]));
    show("show", &ask(&["show", &receipt]));
    let file = shop.root().join("evidence.json");
    show("evidence", &ask(&["evidence", &receipt, "--out", file.to_str().expect("text")]));
    show("reprint", &ask(&["reprint", &receipt]));
    show("report", &ask(&["report"]));
    show("verify", &ask(&["verify"]));
    show("rebuild", &ask(&["rebuild"]));
    let copy = shop.root().join("copy.db");
    show("backup", &ask(&["backup", copy.to_str().expect("text")]));
    let file =
        std::path::PathBuf::from(made["settings"]["dataFolder"].as_str().expect("a folder")).join("till.db");
    std::fs::remove_file(&file).expect("gone");
    show("restore", &ask(&["restore", "--from", copy.to_str().expect("text")]));
    std::fs::remove_file(file.with_file_name("device.key")).expect("gone");
    show("adopt", &ask(&["adopt"]));
    show("test-provider", &ask(&["test-provider"]));
    show("health", &ask(&["health"]));
    show("devices", &ask(&["devices", "--always", "serial:/dev/ttyGUITAI0"]));
    show("wallet", &ask(&["wallet"]));
    let lost = ["charge", "1", "--training-wallet", "--trouble", "answer-lost", "--wait", "0"];
    assert_eq!(shop.run(&[&["--training"][..], &lost].concat()).exit, 4);
    show("resolve", &ask(&["resolve"]));
    let late = |amount: &str| {
        let lost = ["charge", amount, "--training-wallet", "--trouble", "answer-lost", "--wait", "1"];
        let run = shop.run(&[&["--training", "--json"][..], &lost].concat());
        let text = |name: &str| run.json()[name].as_str().expect("text").to_owned();
        shop.write_in(
            Mode::Training,
            0,
            &[Fact::PaymentSetAside { payment: text("payment"), sale: text("sale") }],
        );
        assert_eq!(shop.run(&["--training", "resolve"]).exit, 4);
        text("payment")
    };
    let payment = late("2");
    show("desk", &ask(&["desk"]));
    show("book", &ask(&["book", &payment]));
    let payment = late("3");
    show("give-back", &shop.run(&["--training", "--json", "give-back", &payment, "--wait", "0"]).json());
    let open = "S70000090000000000026FQ8N52";
    let opened =
        Fact::SaleOpened { sale: open.to_owned(), amount_fen: 500, business_date: "2026-11-21".to_owned() };
    shop.write_in(Mode::Training, 0, &[opened]);
    show("void", &ask(&["void", open]));
    let pin = shop.run_with_input(&["--training", "--json", "pin"], b"280614\n");
    show("pin", &pin.json());
    show("confirm-clock", &shop.run_with_pin(&["--training", "--json", "confirm-clock"], "280614").json());
    show("error", &shop.run(&["--training", "--json", "cash", "x"]).json());
    show("usage error", &shop.run(&["--training", "--json", "cash"]).json());

    let expected = include_str!("json.txt").replace("\r\n", "\n");
    assert_eq!(shown.trim(), expected.trim(), "tests/cli/json.txt and docs/guitaictl.md tell the names");
}

/// Every path in a value, one a line: `rows[].sale`.
fn names(value: &Value) -> String {
    let mut found = Vec::new();
    collect(value, String::new(), &mut found);
    found.sort();
    found.dedup();
    found.iter().map(|name| format!("  {name}\n")).collect()
}

fn collect(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                collect(value, format!("{path}{dot}{name}"), found);
            }
        }
        Value::Array(values) if values.is_empty() => found.push(format!("{path}[]")),
        Value::Array(values) => {
            for value in values {
                collect(value, format!("{path}[]"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => found.push(path),
    }
}
