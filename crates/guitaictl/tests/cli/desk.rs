//! The desk from a script: what waits, late money, and sales that nobody pays.

use guitai_db::Fact;
use serde_json::Value;

use crate::shop::Shop;

/// A payment whose answer was lost; nobody waits for it any more. Returns the payment's and the sale's id.
pub fn set_aside(shop: &Shop, amount: &str) -> (String, String) {
    let lost = ["charge", amount, "--training-wallet", "--trouble", "answer-lost", "--wait", "1", "--json"];
    let run = shop.run(&lost);
    assert_eq!(run.exit, 4, "{run:?}");
    let text = |name: &str| run.json()[name].as_str().expect("text").to_owned();
    let (payment, sale) = (text("payment"), text("sale"));
    shop.write(&[Fact::PaymentSetAside { payment: payment.clone(), sale: sale.clone() }]);
    (payment, sale)
}

/// The same, and its money was found.
pub fn late(shop: &Shop, amount: &str) -> (String, String) {
    let (payment, sale) = set_aside(shop, amount);
    let run = shop.run(&["--json", "resolve"]);
    assert_eq!(run.exit, 4, "somebody must decide: {run:?}");
    let found = &run.json()["payments"][0];
    assert_eq!((&found["state"], &found["message"]["code"]), (&"paid_late".into(), &"C-34".into()));
    (payment, sale)
}

fn acts(row: &Value) -> Vec<&str> {
    let acts = row["acts"].as_array().expect("a list").iter();
    acts.filter(|act| act["enabled"] == true).map(|act| act["act"].as_str().expect("a name")).collect()
}

#[test]
fn the_desk_lists_what_waits_and_what_can_be_done() {
    let shop = Shop::training();
    assert!(shop.json(&["desk"])["rows"].as_array().expect("a list").is_empty());
    assert!(shop.run(&["desk", "--lang", "en"]).out.contains("No payment is in doubt"));
    let (payment, sale) = late(&shop, "8.88");

    let view = shop.json(&["desk"]);

    let row = &view["rows"][0];
    assert_eq!(view["rows"].as_array().expect("a list").len(), 1);
    assert_eq!((&row["payment"], &row["sale"]), (&payment.clone().into(), &sale.into()));
    assert_eq!((&row["amount"], &row["doing"]), (&"8.88".into(), &"paidLate".into()));
    assert_eq!(acts(row), ["book", "giveBack", "askNow"]);
    for (language, said) in [("zh", "平台已收款"), ("en", "The provider has the money")] {
        let text = shop.run(&["desk", "--lang", language]).out;
        assert!(text.contains(&payment) && text.contains(said) && text.contains("give-back"), "{text}");
    }
}

#[test]
fn late_money_is_booked_once() {
    let shop = Shop::training();
    let (payment, _) = late(&shop, "8.88");

    let booked = shop.json(&["book", &payment]);

    assert_eq!((&booked["state"], &booked["final"]), (&"captured".into(), &true.into()));
    assert_eq!(shop.json(&["history"])["rows"][0]["receiptNo"], booked["receiptNo"]);
    let report = shop.json(&["report"]);
    assert_eq!((&report["netTotal"], &report["late"]["bookedTotal"]), (&"8.88".into(), &"8.88".into()));
    let text = shop.run(&["report", "--lang", "en"]).out;
    assert!(text.contains("Late, booked  1  ￥8.88") && !text.contains("undecided"), "{text}");
    shop.run(&["--json", "book", &payment]).refused(2, "W-08");
    shop.run(&["--json", "give-back", &payment]).refused(2, "W-08");
    assert!(shop.json(&["desk"])["rows"].as_array().expect("a list").is_empty());
}

#[test]
fn late_money_is_given_back_and_a_script_hears_when_the_provider_has_confirmed_it() {
    let shop = Shop::training();
    let (payment, sale) = late(&shop, "8.88");

    let asked = shop.run(&["--json", "give-back", &payment, "--wait", "0"]);
    assert_eq!((asked.exit, &asked.json()["final"]), (4, &false.into()), "not confirmed yet: {asked:?}");
    shop.run(&["--json", "book", &payment]).refused(2, "W-04");
    shop.run(&["--json", "give-back", &payment]).refused(2, "W-04");
    // The provider reverses nothing before its fifteen seconds are over.
    let resolved = shop.run(&["--json", "resolve"]);

    assert_eq!(resolved.exit, 5, "{resolved:?}");
    assert_eq!(resolved.json()["payments"][0]["state"], "reversed");
    assert_eq!(shop.json(&["wallet"])["balance"], "10000.00", "the customer has the money");
    assert_eq!(shop.json(&["show", &sale])["row"]["state"], "voided");
    assert_eq!(shop.json(&["report"])["late"]["returnedTotal"], "8.88");
}

#[test]
fn giving_back_waits_for_the_provider_and_ends_well() {
    let shop = Shop::training();
    let (payment, _) = late(&shop, "8.88");

    let run = shop.run(&["--json", "give-back", &payment]);

    assert_eq!((run.exit, &run.json()["state"]), (0, &"reversed".into()), "{run:?}");
    assert_eq!(shop.json(&["wallet"])["balance"], "10000.00");
}

#[test]
fn what_is_not_on_the_desk_is_not_decided_about() {
    let shop = Shop::training();
    let paid = shop.json(&["charge", "5", "--training-wallet"]);
    let payment = paid["payment"].as_str().expect("an id");

    for command in ["book", "give-back"] {
        shop.run(&["--json", command, payment]).refused(2, "W-08");
        shop.run(&["--json", command, "P0000000000000000000000000000000"]).refused(2, "W-08");
        shop.run(&["--json", command, "' OR 1=1 --"]).refused(2, "W-08");
    }

    assert_eq!(shop.json(&["report"])["netTotal"], "5.00");
}

#[test]
fn a_sale_nobody_pays_is_given_up_and_one_that_may_be_paid_is_not() {
    let shop = Shop::training();
    let open = "S70000090000000000026FQ8N52";
    let business_date = shop.json(&["report"])["businessDate"].as_str().expect("a date").to_owned();
    shop.write(&[Fact::SaleOpened { sale: open.to_owned(), amount_fen: 500, business_date }]);
    assert_eq!(shop.json(&["history", "--state", "open"])["count"], 1);

    assert_eq!(shop.json(&["void", open])["message"]["code"], "C-35");

    assert_eq!(shop.json(&["history", "--state", "voided"])["count"], 1);
    shop.run(&["--json", "void", open]).refused(2, "S-09");
    shop.run(&["--json", "void", "S0000000000000000"]).refused(2, "S-08");
    let paid = shop.json(&["cash", "1"]);
    shop.run(&["--json", "void", paid["sale"].as_str().expect("an id")]).refused(2, "S-09");
    let (_, sale) = set_aside(&shop, "3");
    shop.run(&["--json", "void", &sale]).refused(4, "W-20");
    let (_, sale) = late(&shop, "4");
    shop.run(&["--json", "void", &sale]).refused(4, "W-20");
    assert_eq!(shop.json(&["report"])["netTotal"], "1.00");
}
