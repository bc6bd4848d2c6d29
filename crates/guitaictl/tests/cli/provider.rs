//! Real settings: checked, sealed, tested, used. The provider is a sandbox on this computer.

use std::fs;
use std::path::PathBuf;

use guitai_sandbox::MERCHANT;
use serde_json::json;

use crate::shop::{PASSPHRASE, Run, Server, Shop};

/// A private key that belongs to another certificate.
const OTHER_PRIVATE_KEY: &str = include_str!("../../../sandbox/keys/forger_key.pem");

#[test]
fn a_wrong_settings_file_is_refused_and_no_till_is_made() {
    let shop = Shop::real();
    let cases: [(&str, Option<&str>, &str); 16] = [
        ("kind", Some("alipay"), "K-02"),
        ("kind", None, "K-02"),
        ("mchid", None, "K-03"),
        ("mchid", Some("19 00 00"), "K-04"),
        ("appid", Some("wx#1"), "K-05"),
        ("store_code", Some("店"), "K-05"),
        ("merchant_certificate", Some("-----BEGIN CERTIFICATE-----"), "K-06"),
        ("merchant_private_key", Some("not a key"), "K-07"),
        ("merchant_private_key", Some(OTHER_PRIVATE_KEY), "K-08"),
        ("apiv3_key", Some("too short"), "K-09"),
        ("public_key", Some("not a key"), "K-11"),
        ("public_key_id", Some("0114232134"), "K-12"),
        ("public_key_id", None, "K-03"),
        ("hosts", Some("https://example.com"), "K-14"),
        ("hosts", Some("https://api.mch.weixin.qq.com"), "K-13"),
        ("a_field_nobody_knows", Some("x"), "K-01"),
    ];

    for (field, value, code) in cases {
        let file = settings_file(&shop, "http://127.0.0.1:9", &[(field, value)]);
        let run = init(&shop, &file, &[]);

        run.refused(8, code);
        assert!(!shop.folder().exists(), "{field}: {run:?}");
        assert!(!run.out.contains(MERCHANT.apiv3_key) && !run.err.contains(MERCHANT.apiv3_key), "{field}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let shop = Shop::real();

    let run = init(&shop, &shop.root().join("nowhere.toml"), &[]);

    run.refused(2, "C-03");
    assert!(run.json()["error"]["zh"].as_str().expect("words").contains("nowhere.toml"));
}

#[test]
fn training_takes_no_settings() {
    let shop = Shop::real();
    let file = settings_file(&shop, "http://127.0.0.1:9", &[]);

    init(&shop, &file, &["--training"]).refused(2, "C-05");

    assert!(!shop.root().join("training").exists());
}

#[test]
fn a_real_till_is_set_up_tested_and_charges() {
    let server = Server::start();
    let shop = Shop::real();
    let file = settings_file(&shop, &server.url(), &[]);

    let made = init(&shop, &file, &["--shop", "街角小店", "--till", "2号台"]);
    let charge = |passphrase| {
        shop.run_with_passphrase(&["--json", "charge", "2", "--code-stdin"], passphrase, &server.scan())
    };

    assert_eq!(made.exit, 0, "{made:?}");
    assert_eq!(made.json()["test"]["passed"], true);
    assert_eq!(made.json()["settings"]["shopName"], "街角小店");
    assert_eq!(made.json()["settings"]["training"], false);
    let sealed = fs::read_to_string(shop.folder().join("provider.sealed")).expect("the sealed file");
    assert!(!sealed.contains(MERCHANT.apiv3_key) && !sealed.contains(MERCHANT.mchid));
    charge("wrong horse battery").refused(8, "K-96");
    charge("").refused(8, "K-95");
    assert_eq!(shop.sales(), 0, "locked settings charge nothing");
    let paid = charge(PASSPHRASE);
    assert_eq!(paid.exit, 0, "{paid:?}");
    assert_eq!(shop.run(&["cash", "1"]).exit, 0, "cash needs no settings");
}

#[test]
fn new_settings_take_the_place_of_old_ones_and_wrong_ones_do_not() {
    let server = Server::start();
    let shop = Shop::real();
    assert_eq!(shop.run(&["init"]).exit, 0);
    shop.run(&["--json", "test-provider"]).refused(8, "K-94");
    let right = settings_file(&shop, &server.url(), &[]);
    let path = right.to_str().expect("text").to_owned();

    let stored = shop.run_with_passphrase(&["--json", "provider", &path], PASSPHRASE, b"");
    assert_eq!(stored.exit, 0, "{stored:?}");
    settings_file(&shop, &server.url(), &[("apiv3_key", Some("too short"))]);
    shop.run_with_passphrase(&["--json", "provider", &path], PASSPHRASE, b"").refused(8, "K-09");

    let tested = shop.run_with_passphrase(&["--json", "test-provider"], PASSPHRASE, b"");
    assert_eq!(tested.exit, 0, "the old settings stay: {tested:?}");
    assert_eq!(shop.run_with_input(&["pin"], b"280614\n").exit, 0);
    settings_file(&shop, &server.url(), &[("mchid", Some("1900007777"))]);
    let another = shop.run_with_passphrase(&["--json", "provider", &path], PASSPHRASE, b"280614\n");
    assert_eq!(another.exit, 8, "another merchant's number does not fit the key: {another:?}");
    assert_eq!(another.json()["test"]["passed"], false);
}

#[test]
fn a_provider_that_cannot_be_reached_is_told_apart_from_wrong_settings() {
    let mut server = Server::start();
    let shop = Shop::real();
    let file = settings_file(&shop, &server.url(), &[]);
    let scan = server.scan();
    server.stop();

    let made = init(&shop, &file, &[]);
    let tested = shop.run_with_passphrase(&["--json", "test-provider"], PASSPHRASE, b"");
    let charged = shop.run_with_passphrase(&["--json", "charge", "2", "--code-stdin"], PASSPHRASE, &scan);
    let health = shop.run_with_passphrase(&["--json", "health"], PASSPHRASE, b"");

    assert_eq!(made.exit, 10, "set up, but not tested: {made:?}");
    assert_eq!(tested.exit, 10, "{tested:?}");
    assert_eq!((charged.exit, &charged.json()["state"]), (10, &"not_sent".into()), "{charged:?}");
    assert_eq!(health.exit, 9, "{health:?}");
    assert_eq!(health.json()["checks"][0]["level"], "bad", "{health:?}");
    assert_eq!(shop.json(&["resolve"])["inDoubt"], 0, "nothing left the till");
}

#[test]
fn the_training_wallet_pays_no_real_till() {
    let shop = Shop::real();
    assert_eq!(shop.run(&["init"]).exit, 0);

    shop.run(&["--json", "charge", "1", "--training-wallet"]).refused(2, "C-06");
    shop.run(&["--json", "wallet"]).refused(2, "C-06");
}

fn init(shop: &Shop, file: &std::path::Path, more: &[&str]) -> Run {
    let file = file.to_str().expect("text");
    shop.run_with_passphrase(&[&["--json", "init", "--provider", file], more].concat(), PASSPHRASE, b"")
}

/// The sandbox's settings as a shop's file, with some fields changed or left out.
fn settings_file(shop: &Shop, host: &str, changes: &[(&str, Option<&str>)]) -> PathBuf {
    let mut fields = vec![
        ("kind", "wechat_pay_v3"),
        ("mchid", MERCHANT.mchid),
        ("appid", MERCHANT.appid),
        ("merchant_certificate", MERCHANT.certificate_pem),
        ("merchant_private_key", MERCHANT.private_key_pem),
        ("apiv3_key", MERCHANT.apiv3_key),
        ("public_key_id", MERCHANT.public_key_id),
        ("public_key", MERCHANT.public_key_pem),
        ("hosts", host),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.extend(value.map(|value| (*name, value)));
    }
    let lines: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| match name {
            "hosts" => format!("hosts = [{}]", json!(value)),
            _ => format!("{name} = {}", json!(value)),
        })
        .collect();
    let path = shop.root().join("settings.toml");
    fs::write(&path, lines.join("\n")).expect("the file");
    path
}

#[test]
fn other_settings_take_the_managers_pin_and_are_on_record_before_they_are_used() {
    let shop = Shop::real();
    let file = settings_file(&shop, "http://127.0.0.1:9", &[]);
    assert_eq!(init(&shop, &file, &["--no-test"]).exit, 0);
    let file = file.to_str().expect("a path");
    let import = ["--json", "provider", file, "--no-test"];
    let merchants = |shop: &Shop| -> Vec<String> {
        let database = shop.database();
        let mut rows =
            database.prepare("SELECT body FROM journal WHERE kind = 'provider.changed'").expect("sql");
        let rows = rows.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("bodies")
    };
    assert_eq!(merchants(&shop).len(), 1, "the first set-up");

    // Nobody has set a PIN: that comes first.
    shop.run_with_passphrase(&import, PASSPHRASE, b"280614\n").refused(11, "M-09");
    assert_eq!(shop.run_with_input(&["pin"], b"280614\n").exit, 0);
    shop.run_with_passphrase(&import, PASSPHRASE, b"").refused(11, "C-38");
    shop.run_with_passphrase(&import, PASSPHRASE, b"135790\n").refused(11, "M-03");
    assert_eq!(merchants(&shop).len(), 1, "nothing was changed");
    let taken = shop.run_with_passphrase(&import, PASSPHRASE, b"280614\n");
    assert_eq!(taken.exit, 0, "{taken:?}");
}

#[test]
fn taking_the_sealed_file_away_makes_no_till_a_new_one() {
    let shop = Shop::real();
    let file = settings_file(&shop, "http://127.0.0.1:9", &[]);
    assert_eq!(init(&shop, &file, &["--no-test"]).exit, 0);
    fs::remove_file(shop.folder().join("provider.sealed")).expect("taken away");

    let import = ["--json", "provider", file.to_str().expect("a path"), "--no-test"];
    shop.run_with_passphrase(&import, PASSPHRASE, b"280614\n").refused(11, "M-09");

    assert!(!shop.folder().join("provider.sealed").exists());
}

#[test]
fn a_lost_pin_is_replaced_with_the_merchants_own_settings_and_no_others() {
    let shop = Shop::real();
    let file = settings_file(&shop, "http://127.0.0.1:9", &[]);
    assert_eq!(init(&shop, &file, &["--no-test"]).exit, 0);
    assert_eq!(shop.run_with_input(&["pin"], b"280614\n").exit, 0);
    let lost = ["--json", "pin", "--lost", file.to_str().expect("a path")];

    settings_file(&shop, "http://127.0.0.1:9", &[("mchid", Some("1900007777"))]);
    shop.run_with_input(&lost, b"135790\n").refused(11, "M-12");
    settings_file(&shop, "http://127.0.0.1:9", &[]);
    assert_eq!(shop.run_with_input(&lost, b"135790\n").exit, 0);

    shop.run_with_pin_and_input(&["--json", "pin"], "280614", b"246801\n").refused(11, "M-03");
    assert_eq!(shop.run_with_pin_and_input(&["pin"], "135790", b"246801\n").exit, 0);
}
