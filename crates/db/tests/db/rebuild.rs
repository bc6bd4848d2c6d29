//! The tables are what the journal makes of them, always.

use guitai_db::Fact;
use guitai_domain::payment::State;
use guitai_domain::{Fen, Method};
use proptest::prelude::*;

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
