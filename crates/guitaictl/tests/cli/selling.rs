//! Money comes in, or does not, or nobody knows yet.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use guitai_sandbox::{Behaviour, Fault, Refusal, Verb, WalletChange};
use serde_json::Value;

use crate::shop::{Run, Server, Shop};

#[test]
fn a_wallet_pays_and_the_sale_is_on_record() {
    let shop = Shop::training();

    let paid = shop.json(&["charge", "12.5", "--training-wallet"]);

    assert_eq!(paid["state"], "captured");
    assert_eq!(paid["amount"], "12.50");
    assert_eq!(paid["final"], true);
    let row = &shop.json(&["history"])["rows"][0];
    assert_eq!(row["receiptNo"], paid["receiptNo"]);
    assert_eq!(row["state"], "completed");
}

#[test]
fn cash_gives_change() {
    let shop = Shop::training();

    let paid = shop.json(&["cash", "12.5", "--given", "20"]);
    let exact = shop.json(&["cash", "0.01"]);

    assert_eq!((&paid["given"], &paid["change"]), (&"20.00".into(), &"7.50".into()));
    assert_eq!((&exact["given"], &exact["change"]), (&"0.01".into(), &"0.00".into()));
    assert_eq!(shop.json(&["report"])["netTotal"], "12.51");
}

#[test]
fn a_wrong_amount_is_refused_and_leaves_no_trace() {
    let shop = Shop::training();
    let amounts = [
        ("", "A-01"),
        ("abc", "A-02"),
        ("-1", "A-02"),
        ("1.2.3", "A-02"),
        ("1e3", "A-02"),
        ("１２", "A-02"),
        ("1.234", "A-03"),
        ("99999999", "A-04"),
        ("0", "A-05"),
        ("0.00", "A-05"),
    ];

    for (amount, code) in amounts {
        shop.run(&["--json", "charge", amount, "--training-wallet"]).refused(2, code);
        shop.run(&["--json", "cash", amount]).refused(2, code);
    }
    shop.run(&["--json", "cash", "10", "--given", "9.99"]).refused(2, "A-07");
    shop.run(&["--json", "cash", "10", "--given", "-20"]).refused(2, "A-02");

    assert_eq!(shop.sales(), 0);
}

#[test]
fn what_is_no_payment_code_is_refused_and_leaves_no_trace() {
    let server = Server::start();
    let shop = Shop::beside(&server);
    let half = server.scan()[..9].to_vec();
    let scans: [(&[u8], &str); 9] = [
        (b"", "S-02"),
        (b"\n", "S-02"),
        (&half, "S-02"),
        (b"13456789012345678\n", "S-02"),
        (b"6901234567892\n", "S-03"),
        (b"96385074\n", "S-03"),
        (b"https://example.com/pay\n", "S-04"),
        (b"20261121-7K3QZX-0001\n", "S-04"),
        (b"\xff\xfe13456789\n", "S-04"),
    ];

    for (scan, code) in scans {
        shop.run_with_input(&["--json", "charge", "1", "--code-stdin"], scan).refused(2, code);
    }
    shop.run_with_input(&["--json", "charge", "1", "--code-stdin"], b"2812345678901234\n").refused(8, "K-90");

    assert_eq!(shop.sales(), 0);
    assert!(server.sandbox.books().orders.is_empty(), "nothing reached the provider");
}

#[test]
fn a_code_from_standard_input_is_charged_and_never_shown_or_kept() {
    let server = Server::start();
    let shop = Shop::beside(&server);
    let scan = server.scan();
    let code = String::from_utf8(scan[..18].to_vec()).expect("digits");

    let run = shop.run_with_input(&["--json", "charge", "3.21", "--code-stdin"], &scan);
    let again = shop.run_with_input(&["--json", "charge", "3.21", "--code-stdin"], &scan);
    let shown = shop.run(&["show", run.json()["receiptNo"].as_str().expect("a receipt")]);

    assert_eq!(run.exit, 0, "{run:?}");
    again.refused(2, "S-05");
    assert_eq!(server.sandbox.books().orders.len(), 1, "another run of the program does not send it again");
    let secrets =
        [vec![code, guitai_sandbox::MERCHANT.apiv3_key.to_owned()], server.sandbox.openids()].concat();
    for secret in &secrets {
        for text in [&run.out, &run.err, &again.out, &again.err, &shown.out, &shown.err] {
            assert!(!text.contains(secret.as_str()), "printed");
        }
        for file in files_in(shop.root()) {
            let content = fs::read(&file).expect("a file");
            let found = content.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!found, "kept in {}", file.display());
        }
    }
}

#[test]
fn a_code_in_a_picture_is_charged_and_a_picture_without_one_opens_no_sale() {
    let server = Server::start();
    let shop = Shop::beside(&server);
    let picture = |name: &str, code: &[u8]| {
        let symbol = qrcode::QrCode::new(code).expect("a symbol");
        let file = shop.root().join(name);
        symbol.render::<image::Luma<u8>>().build().save(&file).expect("a picture");
        file.display().to_string()
    };
    let screenshot = picture("wallet.png", &server.scan()[..18]);
    let link = picture("link.png", b"https://example.com");

    shop.run(&["--json", "charge", "3.21", "--picture", &link]).refused(2, "S-04");
    shop.run(&["--json", "charge", "3.21", "--picture", "nowhere.png"]).refused(2, "C-03");
    assert!(server.sandbox.books().orders.is_empty(), "nothing reached the provider");
    assert_eq!(shop.sales(), 0);

    let paid = shop.json(&["charge", "3.21", "--picture", &screenshot]);
    assert_eq!(paid["state"], "captured");
    let timeline = shop.run(&["show", paid["receiptNo"].as_str().expect("a receipt")]).out;
    assert!(timeline.contains("图片"), "{timeline}");
}

#[test]
fn a_wallet_that_does_not_pay_ends_in_not_charged() {
    for behaviour in ["not-enough", "code-expired", "code-invalid", "card-not-supported", "risk"] {
        let shop = Shop::training();
        assert_eq!(shop.run(&["wallet", "--behaviour", behaviour]).exit, 0);
        let run = shop.run(&["--json", "charge", "5", "--training-wallet"]);

        assert_eq!(run.exit, 3, "{behaviour}: {run:?}");
        assert_eq!(run.json()["state"], "declined", "{behaviour}");
        let newest = &shop.json(&["history"])["rows"][0];
        assert_eq!(newest["state"], "voided", "{behaviour}: nobody is at the counter to try again");
        assert_eq!(shop.json(&["report"])["netTotal"], "0.00");
    }
}

#[test]
fn a_lost_answer_is_in_doubt_until_resolve_asks_again() {
    let shop = Shop::training();
    let balance = shop.json(&["wallet"])["balance"].clone();

    let run = shop.run(&[
        "--json",
        "charge",
        "8.88",
        "--training-wallet",
        "--trouble",
        "answer-lost",
        "--wait",
        "1",
    ]);
    let doubt = shop.json(&["history", "--state", "in-doubt"]);
    let resolved = shop.run(&["--json", "resolve"]);
    let again = shop.json(&["resolve"]);

    assert_eq!(run.exit, 4, "silence is not a decline: {run:?}");
    assert_eq!((&run.json()["final"], &run.json()["message"]["code"]), (&false.into(), &"C-10".into()));
    assert_eq!(doubt["count"], 1);
    assert_eq!(resolved.exit, 0, "{resolved:?}");
    assert_eq!(resolved.json()["payments"][0]["payment"], run.json()["payment"], "the same payment");
    assert_eq!(resolved.json()["payments"][0]["state"], "captured");
    assert!(again["payments"].as_array().expect("a list").is_empty());
    let wallet = shop.json(&["wallet"]);
    assert_eq!(balance, "10000.00");
    assert_eq!(wallet["balance"], "9991.12", "the customer paid once");
}

#[test]
fn an_answer_that_proves_nothing_is_in_doubt() {
    for trouble in ["request-lost", "slow", "forged", "wrong-amount", "server-error", "captive-portal"] {
        let shop = Shop::training();
        let run =
            shop.run(&["charge", "1", "--training-wallet", "--trouble", trouble, "--wait", "0", "--json"]);
        assert_eq!(run.exit, 4, "{trouble}: {run:?}");
        assert_eq!(
            (&run.json()["final"], &run.json()["receiptNo"]),
            (&false.into(), &Value::Null),
            "{trouble}"
        );
    }
}

#[test]
fn without_a_network_nothing_leaves_the_till() {
    let shop = Shop::training();

    let run = shop.run(&["charge", "1", "--training-wallet", "--trouble", "no-network", "--json"]);

    assert_eq!(run.exit, 10, "{run:?}");
    assert_eq!(run.json()["state"], "not_sent");
    assert_eq!(shop.json(&["resolve"])["inDoubt"], 0);
}

#[test]
fn the_customers_password_is_waited_for_across_runs() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["wallet", "--behaviour", "asks-password"]).exit, 0);

    for (answer, exit, state) in [("right", 0, "captured"), ("cancel", 3, "declined")] {
        let run = shop.run(&["--json", "charge", "66", "--training-wallet", "--wait", "1"]);
        assert_eq!((run.exit, &run.json()["state"]), (4, &"awaiting_payer".into()), "{run:?}");
        assert_eq!(shop.json(&["wallet"])["asking"]["amount"], "66.00");
        assert_eq!(shop.run(&["wallet", "--password", answer]).exit, 0);

        let resolved = shop.run(&["--json", "resolve", "--wait", "1"]);

        assert_eq!(resolved.exit, exit, "{answer}: {resolved:?}");
        assert_eq!(
            resolved.json()["payments"].as_array().expect("a list").last().expect("one")["state"],
            state
        );
    }
    assert_eq!(shop.json(&["history", "--state", "open"])["count"], 0, "no sale is left open");
}

#[test]
fn a_payment_the_provider_leaves_unpaid_is_taken_back() {
    let server = Server::start();
    let shop = Shop::beside(&server);
    let behaviour = Some(Behaviour::Refuse(Refusal::BankError));
    server.sandbox.set_wallet(WalletChange { behaviour, ..WalletChange::default() });
    let scan = server.scan();
    let charged = shop.run_with_input(&["--json", "charge", "66", "--code-stdin", "--wait", "0"], &scan);
    assert_eq!(charged.exit, 4, "{charged:?}");
    // As if the till had been off for most of the customer's window. The provider wants its own 15 seconds still.
    shop.database()
        .execute("UPDATE payment SET sent_at_ms = sent_at_ms - 39000", [])
        .expect("the derived table is no journal");

    let run = shop.run(&["--json", "resolve", "--wait", "120"]);

    assert_eq!(run.exit, 5, "{run:?}");
    assert_eq!(run.json()["payments"][0]["state"], "reversed");
    assert_eq!(server.sandbox.wallet().balance_fen, 1_000_000, "the customer has the money");
    shop.run(&["--json", "history"]).refused(7, "D-04");
    assert_eq!(shop.run(&["rebuild"]).exit, 0, "the payment is as old as the journal says");
    assert_eq!(shop.json(&["history", "--state", "voided"])["count"], 1);
}

#[test]
fn each_change_is_said_on_the_way_and_only_the_result_on_standard_output() {
    let server = Server::start();
    let shop = Shop::beside(&server);
    server.sandbox.inject(Fault::DropAnswer, Verb::Pay, 1);

    let run = shop.run_with_input(&["--json", "charge", "1", "--code-stdin"], &server.scan());

    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(run.out.lines().count(), 1);
    let states: Vec<&str> = run.err.lines().filter_map(|line| line.split("  ").nth(1)).collect();
    assert_eq!(states, ["sent", "in_doubt", "captured"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_the_payment_to_resolve() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["wallet", "--behaviour", "asks-password"]).exit, 0);
    let mut child = shop.command(&["charge", "66", "--training-wallet"]).spawn().expect("the program runs");
    let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("awaiting_payer") {
        line.clear();
        assert_ne!(err.read_line(&mut line).expect("a line"), 0, "it waits for the customer");
    }

    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    let rest: Vec<String> = err.lines().map(|line| line.expect("a line")).collect();
    let run = Run::of(child.wait_with_output().expect("the program ends"));

    assert!(kill.success());
    assert_eq!(run.exit, 4, "{run:?}");
    assert!(rest.iter().any(|line| line.starts_with("C-11")), "{rest:?}");
    assert_eq!(shop.json(&["history", "--state", "in-doubt"])["count"], 1);
}

fn files_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// A file that takes nothing, and a pipe whose reader is gone, in place of standard output and standard error.
#[cfg(target_os = "linux")]
#[test]
fn the_moneys_own_exit_code_stands_whatever_happens_to_the_output() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    for json in [&[][..], &["--json"]] {
        let shop = Shop::training();
        let run = |arguments: &[&str]| {
            let mut command = shop.command(&[json, arguments].concat());
            command.stdout(full()).stderr(full()).status().expect("the program runs").code()
        };

        assert_eq!(run(&["charge", "5", "--training-wallet"]), Some(0), "captured is captured");
        assert_eq!(run(&["cash", "3"]), Some(0));
        assert_eq!(run(&["resolve"]), Some(0));
        let receipt = shop.json(&["history"])["rows"][0]["receiptNo"].as_str().expect("a receipt").to_owned();
        assert_eq!(run(&["reprint", &receipt]), Some(0));
        assert_eq!(run(&["void", "S0"]), Some(2), "an error keeps its code as well");
        assert_eq!(run(&["history"]), Some(1), "what only prints has not done its work");

        assert_eq!(shop.run(&["wallet", "--behaviour", "not-enough"]).exit, 0);
        assert_eq!(run(&["charge", "5", "--training-wallet"]), Some(3));
    }
}
