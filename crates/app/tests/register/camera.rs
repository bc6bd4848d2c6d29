//! When the camera may look, and when it does.

use guitai_app::view::{CameraUse, Key, SettingChange};
use guitai_tests::TestRegister;

fn change(desk: &mut TestRegister, change: SettingChange) -> Result<(), String> {
    let now = desk.now();
    desk.register_mut().change_setting(&change, now).map_err(|refused| refused.message.code)
}

fn camera(desk: &TestRegister) -> CameraUse {
    desk.view().camera
}

#[test]
fn no_camera_is_opened_until_a_person_has_switched_it_on() {
    let mut desk = TestRegister::open();
    desk.arm("18.50");
    assert_eq!(camera(&desk), CameraUse::Off);

    change(&mut desk, SettingChange::CameraOn(true)).expect("switched on");

    assert_eq!(camera(&desk), CameraUse::Looking, "at once: the phone is being held up");
    change(&mut desk, SettingChange::CameraOn(false)).expect("switched off");
    assert_eq!(camera(&desk), CameraUse::Off);
}

#[test]
fn the_camera_looks_only_while_a_code_is_awaited() {
    let mut desk = TestRegister::open();
    change(&mut desk, SettingChange::CameraOn(true)).expect("switched on");

    assert_eq!(camera(&desk), CameraUse::Resting, "nothing is to be paid");
    desk.type_amount("18.50");
    assert_eq!(camera(&desk), CameraUse::Resting, "the amount does not stand yet");
    desk.press(Key::Enter);
    assert_eq!(camera(&desk), CameraUse::Looking);
    desk.scan_phone();
    assert_eq!(camera(&desk), CameraUse::Resting, "one charge at a time");
    desk.run_until_idle();
    assert_eq!(camera(&desk), CameraUse::Resting, "and none after it is paid");
}

#[test]
fn the_test_page_tries_a_camera_that_is_switched_on() {
    let mut desk = TestRegister::open();
    desk.register_mut().test_scanners(true);
    assert_eq!(camera(&desk), CameraUse::Off);

    change(&mut desk, SettingChange::CameraOn(true)).expect("switched on");
    assert_eq!(camera(&desk), CameraUse::Looking);
    desk.register_mut().test_scanners(false);

    assert_eq!(camera(&desk), CameraUse::Resting, "the page is closed");
}

#[test]
fn a_chosen_camera_stays_chosen_while_it_is_off() {
    let mut desk = TestRegister::open();
    let id = "camera:046d:0825:usb-1-2";

    change(&mut desk, SettingChange::Camera(id.to_owned())).expect("chosen");
    change(&mut desk, SettingChange::CameraOn(true)).expect("switched on");
    change(&mut desk, SettingChange::CameraOn(false)).expect("switched off");

    assert_eq!(desk.register().camera_chosen(), id);
    let settings = desk.register().settings_view();
    assert_eq!((settings.camera_on, settings.camera.as_str()), (false, id));
}

#[test]
fn only_cameras_can_be_chosen() {
    let mut desk = TestRegister::open();
    let long = format!("camera:{}", "x".repeat(300));

    for wrong in ["", "off", "serial:0403:6001:A1", "camera:a\nb", "camera:../../etc", &long] {
        assert_eq!(
            change(&mut desk, SettingChange::Camera(wrong.to_owned())),
            Err("K-88".to_owned()),
            "{wrong}"
        );
    }
    assert_eq!(desk.register().camera_chosen(), "auto");
}
