//! A copy is believed only after it was read back.

use std::fs;

use guitai_db::{Damage, Db, Mode};
use guitai_domain::Fen;
use proptest::prelude::*;

use crate::day::{deeds, live};
use crate::shop::{DEVICE, Shop, TODAY, drop_triggers};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_copy_says_what_the_file_says(day in deeds(40)) {
        let mut shop = Shop::new();
        live(&mut shop, &day);
        let to = shop.folder.path().join("copy.db");

        let verified = shop.db.backup(&to).expect("a good copy");

        prop_assert_eq!((verified.head, verified.broken_at), (shop.db.head(), None));
        prop_assert!(!shop.folder.path().join("copy.db-wal").exists(), "one file holds everything");
        let copy = Db::open(&to, Mode::Real, DEVICE).expect("the copy opens");
        let count = u32::try_from(shop.db.head().seq).expect("few entries");
        prop_assert_eq!(copy.entries_from(1, count).expect("entries"), shop.db.entries_from(1, count).expect("entries"));
        prop_assert_eq!(copy.day_report(TODAY).expect("a report"), shop.db.day_report(TODAY).expect("a report"));
        prop_assert!(copy.tables_agree().expect("readable"));
    }
}

#[test]
fn a_backup_never_writes_over_a_file() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(1));
    let to = shop.folder.path().join("copy.db");
    fs::write(&to, "the backup of yesterday").expect("a file");

    assert!(matches!(shop.db.backup(&to), Err(Damage::Disk(_))));
    assert_eq!(fs::read(&to).expect("the file"), b"the backup of yesterday");
}

#[test]
fn a_copy_of_an_altered_journal_is_not_believed() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(1));
    shop.open_sale(Fen(2));
    let door = shop.back_door();
    drop_triggers(&door);
    door.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 1", []).expect("altered");

    let copied = shop.db.backup(&shop.folder.path().join("copy.db"));

    assert!(matches!(copied, Err(Damage::Corrupt(ref what)) if what.contains("entry 1")), "{copied:?}");
}

#[test]
fn a_copy_that_ends_too_soon_is_not_believed() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(1));
    shop.open_sale(Fen(2));
    let door = shop.back_door();
    drop_triggers(&door);
    door.execute("DELETE FROM journal WHERE seq = 2", []).expect("cut");

    let copied = shop.db.backup(&shop.folder.path().join("copy.db"));

    assert!(matches!(copied, Err(Damage::Corrupt(ref what)) if what.contains("not complete")), "{copied:?}");
}

#[test]
fn a_copy_cut_in_the_middle_does_not_open_as_a_sound_file() {
    let mut shop = Shop::new();
    for amount in 1..200 {
        shop.open_sale(Fen(amount));
    }
    let to = shop.folder.path().join("copy.db");
    shop.db.backup(&to).expect("a good copy");
    let whole = fs::read(&to).expect("the copy");

    for keep in [whole.len() / 4, whole.len() / 2, whole.len() - 4_096] {
        fs::write(&to, &whole[..keep]).expect("a cut copy");

        let sound = Db::open(&to, Mode::Real, DEVICE).is_ok_and(|db| {
            db.quick_check().is_ok()
                && db.verify().is_ok_and(|found| found.broken_at.is_none() && found.head == shop.db.head())
        });

        assert!(!sound, "{keep} of {} bytes", whole.len());
    }
}
