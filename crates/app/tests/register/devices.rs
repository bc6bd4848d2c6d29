//! What devices tell: scans that are followed, scans that are only tried, devices that come and go.

use guitai_app::view::{HealthLevel, MethodView};
use guitai_devices::lines::{Choice, LineSettings, Refusal};
use guitai_devices::{Device, DeviceId, Event, Kind, Scan, ScanText};
use guitai_sandbox::{TRAINEE, Verb};
use guitai_tests::TestRegister;

use crate::support::{books_agree, is_completed, screen};

const ID: &str = "serial:0403:6001:A50285BI";

fn told(desk: &mut TestRegister, event: Event) {
    let now = desk.now();
    desk.register_mut().device_told(event, now.steady_ms, now);
    desk.settle();
}

fn here(desk: &mut TestRegister) {
    let device = Device { id: DeviceId(ID.to_owned()), kind: Kind::Serial, name: "Zebra\tDS2208".to_owned() };
    told(desk, Event::Here(device));
}

fn read(desk: &mut TestRegister, text: &str) {
    let scan = Scan { device: DeviceId(ID.to_owned()), text: ScanText::new(text.to_owned()) };
    told(desk, Event::Scan(scan));
}

fn phone(desk: &mut TestRegister) -> String {
    let now = desk.true_ms();
    desk.world.payment_code(TRAINEE, now)
}

#[test]
fn a_device_charges_and_stands_on_the_timeline_in_both_languages() {
    let mut desk = TestRegister::open();
    here(&mut desk);
    let sale = desk.arm("18.50");
    let code = phone(&mut desk);

    read(&mut desk, &code);
    desk.pass_ms(500);

    assert!(is_completed(&desk, &sale));
    let view = desk.register().sale_view(sale.as_str()).expect("readable");
    let details = view.timeline.into_iter().flat_map(|entry| entry.details);
    let device = details.into_iter().find(|detail| detail.name == "device").expect("the device");
    let said = device.said.expect("words");
    assert_eq!(device.value, "serial:ZebraDS2208", "what cannot be printed is dropped");
    assert_eq!(
        (said.zh.as_str(), said.en.as_str()),
        ("串口扫码枪 ZebraDS2208", "serial scanner ZebraDS2208")
    );
    books_agree(&mut desk);
}

#[test]
fn a_code_that_broke_off_charges_nothing_and_is_said() {
    let mut desk = TestRegister::open();
    here(&mut desk);
    desk.arm("18.50");

    told(&mut desk, Event::Broken(DeviceId(ID.to_owned())));

    assert_eq!((desk.notice().as_str(), screen(&desk)), ("S-02", "armed"));
}

#[test]
fn a_receipt_read_by_a_device_is_opened_in_the_window() {
    let mut desk = TestRegister::open();
    here(&mut desk);
    let sale = desk.charge("18.50");
    desk.pass_ms(500);
    let receipt = desk.sale(&sale).receipt_no.expect("a receipt");
    assert_eq!(desk.view().devices.read, None, "the keyboard answers by itself");

    read(&mut desk, &receipt);
    let opened = desk.view().devices.read.expect("a scan");
    read(&mut desk, "6901234567892");
    let next = desk.view().devices.read.expect("a scan");

    assert_eq!(opened.sale, Some(sale.to_string()));
    assert_eq!((next.serial, next.sale), (opened.serial + 1, None));
}

#[test]
fn while_scanners_are_tried_no_scan_charges_and_no_digit_is_shown() {
    let mut desk = TestRegister::open();
    here(&mut desk);
    let sale = desk.arm("18.50");
    desk.register_mut().test_scanners(true);
    let code = phone(&mut desk);

    read(&mut desk, &code);
    let tested = desk.view().devices.tested.expect("what was read");
    let shown = serde_json::to_string(&desk.view()).expect("a view");
    desk.scan(&code);
    told(&mut desk, Event::Broken(DeviceId(ID.to_owned())));
    desk.pass_ms(2_000);

    assert_eq!((tested.characters, tested.method, tested.good), (18, Some(MethodView::WechatPay), true));
    assert_eq!(tested.what.code, "S-20");
    let leaked = (0..=14).map(|at| &code[at..at + 4]).find(|digits| shown.contains(digits));
    assert_eq!(leaked, None, "{shown}");
    assert_eq!(desk.view().devices.tested.expect("the last").what.code, "S-24");
    assert_eq!(desk.count_sent(Verb::Pay), 0);
    assert!(desk.payments(&sale).is_empty());
    assert_eq!((screen(&desk), desk.view().notice), ("armed", None));

    desk.register_mut().test_scanners(false);
    read(&mut desk, &code);
    desk.pass_ms(500);
    assert!(is_completed(&desk, &sale), "a code that was only tried is as good as before");
}

#[test]
fn a_device_that_is_pulled_out_is_named_until_it_is_back() {
    let mut desk = TestRegister::open();
    here(&mut desk);
    assert_eq!(desk.view().devices.rows[0].level, HealthLevel::Good);

    told(&mut desk, Event::Gone(DeviceId(ID.to_owned())));
    let row = desk.view().devices.rows.remove(0);
    assert_eq!((row.level, row.message.code.as_str()), (HealthLevel::Warning, "H-11"));

    here(&mut desk);
    assert_eq!(desk.view().devices.rows[0].level, HealthLevel::Good);
    told(&mut desk, Event::Gone(DeviceId("serial:never:seen".to_owned())));
    assert_eq!(desk.view().devices.rows.len(), 1);
}

#[test]
fn what_was_learned_of_a_scanner_and_what_a_person_decided_outlive_a_restart() {
    let mut desk = TestRegister::open();
    let mut learned = LineSettings::new(DeviceId(ID.to_owned()));
    learned.habits.lengths.insert(18);
    told(&mut desk, Event::Learned(learned.clone()));
    desk.restart();
    assert_eq!(desk.register().lines().expect("readable"), [learned.clone()]);

    let now = desk.now();
    let chosen = desk.register_mut().choose_line(&learned.device, Choice::Never, now).expect("kept");
    desk.restart();

    assert_eq!(chosen, LineSettings { choice: Choice::Never, ..learned }, "what was learned stays");
    assert_eq!(desk.register().lines().expect("readable"), [chosen]);
    books_agree(&mut desk);
}

#[test]
fn a_scanner_that_cannot_be_used_says_what_to_do() {
    for (why, code) in [(Refusal::Permission, "H-12"), (Refusal::Busy, "H-13"), (Refusal::Other, "H-14")] {
        let mut desk = TestRegister::open();
        let device = Device { id: DeviceId(ID.to_owned()), kind: Kind::Serial, name: "Zebra".to_owned() };

        told(&mut desk, Event::Refused { device, why });

        let row = desk.view().devices.rows.remove(0);
        assert_eq!((row.level, row.message.code.as_str()), (HealthLevel::Bad, code));
    }
}
