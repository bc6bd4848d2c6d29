//! The machine that damages a till's files bites: without the audit some damage would be shown as if it were true.

use guitai_tests::prove::{Order, rot};

#[test]
fn without_the_audit_some_damage_would_be_shown_as_true() {
    let order = Order { count: 150, seed: 1 };

    let wrong = rot::wrong_without_audit(order).expect("no panic");

    assert!(wrong > 0, "the audit is what keeps these from being shown");
    rot::run(order).expect("with it none is");
}
