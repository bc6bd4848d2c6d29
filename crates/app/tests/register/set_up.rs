//! A till without a provider, and one that gets its provider later.

use guitai_app::view::CounterView;
use guitai_app::{Register, training};
use guitai_db::SaleState;
use guitai_domain::payment::State;
use guitai_sandbox::{Fault, Verb};
use guitai_tests::TestRegister;

use crate::support::screen;

fn reopen_without_provider(desk: &TestRegister) -> Register {
    let db = guitai_db::Db::open(&desk.path(), guitai_db::Mode::Training, b"the secret beside the file");
    Register::open(db.expect("opens"), None, [3; 32], "cashier", desk.now()).expect("a register")
}

#[test]
fn a_payment_in_doubt_stays_on_the_screen_while_the_settings_are_locked_and_goes_on_once_they_open() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(1_000);
    let now = desk.now();
    let mut register = reopen_without_provider(&desk);

    let view = register.till_view(now);
    assert!(matches!(view.counter, CounterView::InDoubt { .. }), "do not charge again: {:?}", view.counter);
    assert_eq!(view.in_doubt, 1, "it is counted");
    assert!(!view.provider_ready);

    let connector = training::settings(training::IN_PROCESS).expect("settings").connector();
    register.use_connector(Some(connector), now);
    assert!(
        register.take_effects().iter().any(|effect| matches!(effect, guitai_app::Effect::Call { .. })),
        "the provider is asked at once"
    );
    let row = register.db().payments_of_sale(sale.as_str()).expect("readable").remove(0);
    assert!(matches!(row.state, State::InDoubt { .. }));
}

#[test]
fn without_a_provider_cash_is_taken_and_codes_are_refused() {
    let desk = TestRegister::open();
    let now = desk.now();
    let mut register = reopen_without_provider(&desk);

    for key in guitai_tests::keys_of("5") {
        register.press(key, now);
    }
    register.press(guitai_app::view::Key::Enter, now);
    register.scan("134567890123456789", 0, "usb", now);
    assert_eq!(register.till_view(now).notice.expect("a notice").message.code, "K-90");
    register.press(guitai_app::view::Key::Cash, now);
    register.press(guitai_app::view::Key::Enter, now);

    let sale = register.db().last_completed_sale().expect("readable").expect("a sale");
    assert_eq!(sale.state, SaleState::Completed);
    assert_eq!(screen(&desk), "idle", "the other register was not asked");
}

#[test]
fn a_set_up_that_was_cut_short_is_done_again() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = guitai_app::folder::Folder::new(root.path(), guitai_db::Mode::Training);
    let lock = folder.lock().expect("the folder");
    for half in ["till.db.new", "till.db.new-wal", "device.key"] {
        std::fs::write(folder.path().join(half), "half of it").expect("what a dying till leaves");
    }

    let db = folder.open_or_create(&lock).expect("a till");

    let till = db.identity().till;
    drop(db);
    assert_eq!(
        folder.open_or_create(&lock).expect("opens").identity().till,
        till,
        "the same till from here on"
    );
    assert!(!folder.path().join("till.db.new").exists());
}

#[test]
fn settings_that_open_while_the_disk_refuses_do_not_leave_a_payment_unasked() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    // Sent, and the till dies before it hears anything: the restart has something to write.
    let first = desk.charge("18.50");
    let mut now = desk.now();
    let mut register = reopen_without_provider(&desk);
    assert_eq!(register.db().payments_of_sale(first.as_str()).expect("readable")[0].state, State::Sent);

    let held = desk.hold_the_file();
    let connector = training::settings(training::IN_PROCESS).expect("settings").connector();
    register.use_connector(Some(connector), now);
    assert_eq!(register.till_view(now).notice.expect("a notice").message.code, "D-03");
    drop(held);
    now.steady_ms += 10_000;
    now.wall = now.wall.plus_ms(10_000);
    register.wake(now);

    let asked = register.take_effects();
    assert!(
        asked.iter().any(|effect| matches!(effect, guitai_app::Effect::Call { .. })),
        "once the disk writes again the provider is asked: {asked:?}"
    );
}
