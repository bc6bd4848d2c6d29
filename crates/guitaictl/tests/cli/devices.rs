//! Which ports are listened to, decided without the window.

use crate::shop::Shop;

const PORT: &str = "serial:/dev/ttyGUITAI0";

#[test]
fn what_is_decided_about_a_port_stays_until_it_is_decided_otherwise() {
    let shop = Shop::real();
    shop.json(&["--training", "init"]);
    let choice = |arguments: &[&str]| {
        let listed = shop.json(&[&["--training", "devices"], arguments].concat());
        let ports = listed["ports"].as_array().expect("ports").clone();
        ports.into_iter().find(|port| port["id"] == PORT).map(|port| port["choice"].clone())
    };
    assert_eq!(choice(&[]), None);

    assert_eq!(choice(&["--always", PORT]).expect("named"), "always");
    assert_eq!(choice(&[]).expect("kept"), "always");
    assert_eq!(choice(&["--never", PORT]).expect("named"), "never");
    assert_eq!(choice(&["--by-itself", PORT]), None, "nothing is there, and nothing is decided");
}

#[test]
fn one_decision_at_a_time() {
    let shop = Shop::real();
    shop.json(&["--training", "init"]);

    assert_eq!(shop.run(&["--training", "devices", "--always", PORT, "--never", PORT]).exit, 2);
}
