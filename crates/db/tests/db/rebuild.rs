//! The tables are what the journal makes of them, always.

use std::fs;
use std::path::Path;

use guitai_db::{Damage, Fact, WriteError};
use guitai_domain::payment::State;
use guitai_domain::{Fen, Method};
use proptest::prelude::*;
use rusqlite::Connection;

use crate::day::{deeds, live};
use crate::shop::{Shop, TODAY, paid_in_cash, reopen};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn after_any_day_the_tables_can_be_rebuilt_and_nothing_changes(day in deeds(80)) {
        let mut shop = Shop::new();
        let tally = live(&mut shop, &day);
        let (head, report) = (shop.db.head(), shop.db.day_report(TODAY).expect("a report"));
        let open = shop.db.unfinished_payments().expect("readable");

        prop_assert!(shop.db.tables_agree().expect("readable"), "before");
        prop_assert_eq!(shop.db.rebuild().expect("rebuilt"), head.seq, "every entry is read");
        prop_assert!(shop.db.tables_agree().expect("readable"), "after");

        prop_assert_eq!(shop.db.day_report(TODAY).expect("a report"), report.clone());
        prop_assert_eq!(shop.db.unfinished_payments().expect("readable"), open);
        prop_assert_eq!(shop.db.head(), head, "a rebuild writes no entry");
        prop_assert_eq!(shop.db.verify().expect("readable").broken_at, None);
        let part = |method| report.by_method.iter().find(|part| part.method == method)
            .map_or((0, 0), |part| (part.count, part.total.0));
        prop_assert_eq!(part(Method::Cash), tally.cash, "the report counts what was taken");
        prop_assert_eq!(part(Method::WechatPay), tally.wechat);
        let by_hour: i64 = report.by_hour.iter().map(|part| part.total.0).sum();
        prop_assert_eq!(by_hour, tally.cash.1 + tally.wechat.1, "both ways of counting agree");
    }

    #[test]
    fn a_rebuild_after_a_new_start_finds_the_same(day in deeds(40)) {
        let mut shop = Shop::new();
        live(&mut shop, &day);
        let report = shop.db.day_report(TODAY).expect("a report");
        let path = shop.path();
        drop(shop.db);

        let mut again = reopen(&path);
        again.rebuild().expect("rebuilt");

        prop_assert_eq!(again.day_report(TODAY).expect("a report"), report);
    }
}

#[test]
fn a_derived_row_that_somebody_altered_no_longer_agrees_and_a_rebuild_mends_it() {
    let altered = [
        "UPDATE sale SET amount_fen = amount_fen + 1",
        "UPDATE sale SET given_fen = 0",
        "UPDATE sale SET business_date = '2026-11-20'",
        "UPDATE payment SET state = 'captured'",
        "UPDATE payment SET provider_ref = 'x'",
        "UPDATE setting SET value = 'someone else'",
        "DELETE FROM payment",
        "DELETE FROM setting",
        "INSERT INTO setting (name, value) VALUES ('confirm_above_fen', '99999999')",
    ];
    for attack in altered {
        let mut shop = Shop::new();
        shop.write(&[Fact::SettingChanged { name: "shop_name".to_owned(), value: "小店".to_owned() }])
            .expect("a setting");
        let sale = shop.open_sale(Fen(900));
        let payment = shop.send_payment(&sale, Fen(900)).expect("a payment");
        shop.move_payment(&payment, &sale, State::NotSent).expect("moved");
        shop.write(&[paid_in_cash(&sale, Fen(900), 1)]).expect("cash");
        assert!(shop.db.tables_agree().expect("readable"), "before {attack}");

        assert!(shop.back_door().execute(attack, []).expect("altered") > 0, "{attack} changes something");

        assert!(!shop.db.tables_agree().expect("readable"), "{attack} must be noticed");
        assert!(!shop.db.tables_agree().expect("readable"), "looking changes nothing");
        shop.db.rebuild().expect("rebuilt");
        assert!(shop.db.tables_agree().expect("readable"), "the journal is the truth after {attack}");
    }
}

/// Rows whose keys are out of order can be read and not be found.
#[test]
fn a_rebuild_leaves_no_row_behind_that_a_damaged_tree_hides() {
    for bit in 0..7 {
        for row in [0, 5, 11] {
            let mut shop = Shop::new();
            let sales: Vec<_> = (0..12).map(|number| shop.open_sale(Fen(100 + number))).collect();
            for (count, sale) in (1..).zip(&sales[..6]) {
                shop.write(&[paid_in_cash(sale, Fen(99 + i64::from(count)), count)]).expect("cash");
            }
            let (path, report) = (shop.path(), shop.db.day_report(TODAY).expect("a report"));
            let Shop { folder: _folder, db, .. } = shop;
            drop(db);
            flip_in_key(&path, sales[row].as_str(), bit);
            let mut again = reopen(&path);

            let rebuilt = again.rebuild();

            assert!(rebuilt.is_ok(), "bit {bit} of row {row}: {rebuilt:?}");
            assert!(again.tables_agree().expect("readable"), "bit {bit} of row {row}");
            assert_eq!(again.day_report(TODAY).expect("a report"), report, "bit {bit} of row {row}");
            again.quick_check().expect("sound");
        }
    }
}

/// Flips a bit of a key in the table of sales, in the file itself.
fn flip_in_key(path: &Path, key: &str, bit: u32) {
    let conn = Connection::open(path).expect("the file opens");
    let root: usize = conn
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'sale'", [], |row| row.get(0))
        .expect("its page");
    let size: usize = conn.pragma_query_value(None, "page_size", |row| row.get(0)).expect("a size");
    drop(conn);
    let mut file = fs::read(path).expect("the file");
    let page = &mut file[(root - 1) * size..root * size];
    let at = page.windows(key.len()).position(|bytes| bytes == key.as_bytes()).expect("the key");
    page[at] ^= 1 << bit;
    fs::write(path, file).expect("written");
}

#[test]
fn a_rebuild_that_would_cost_the_journal_a_page_is_refused_and_changes_nothing() {
    let mut shop = Shop::new();
    for number in 0..200 {
        shop.open_sale(Fen(100 + number));
    }
    let path = shop.path();
    let Shop { folder: _folder, db, .. } = shop;
    drop(db);
    // The tree of sales claims a page of the journal, or of its index, as its own.
    let whole = fs::read(&path).expect("the file");
    for journal in ["journal", "journal_of_sale"] {
        let (from, to) = (last_child_of(&path, journal), last_child_of(&path, "sale"));
        let mut file = whole.clone();
        file.copy_within(from..from + 4, to);
        fs::write(&path, &file).expect("written");
        let mut again = reopen(&path);
        let entries = again.entries_from(1, u32::MAX).expect("the journal is whole");
        let last = entries.last().and_then(|entry| entry.fact.sale()).expect("a sale").to_owned();

        let rebuilt = again.rebuild();

        assert!(matches!(rebuilt, Err(WriteError::Damaged(Damage::Corrupt(_)))), "{journal}: {rebuilt:?}");
        assert_eq!(again.entries_from(1, u32::MAX).expect("readable"), entries, "{journal}");
        assert_eq!(again.entries_of_sale(&last).expect("readable").len(), 1, "{journal}");
        assert_eq!(again.verify().expect("readable").broken_at, None, "{journal}");
        drop(again);
        fs::write(&path, &whole).expect("written");
    }
}

/// Where in the file the root of a table or index names its last page.
fn last_child_of(path: &Path, table: &str) -> usize {
    let conn = Connection::open(path).expect("the file opens");
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let root: usize = conn.query_row(sql, [table], |row| row.get(0)).expect("its page");
    let size: usize = conn.pragma_query_value(None, "page_size", |row| row.get(0)).expect("a size");
    (root - 1) * size + 8
}
